//! Applications and the resources they ask tokens for. Microsoft's own have their public identifiers.

/// An application or an API, by its application id.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct App {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// The API that it asks tokens for.
    pub(crate) resource: Resource,
}

/// Application id and name of an API.
pub(crate) type Resource = (&'static str, &'static str);

pub(crate) const GRAPH: Resource = ("00000003-0000-0000-c000-000000000000", "Microsoft Graph");
pub(crate) const EXCHANGE_API: Resource = ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online");
pub(crate) const SHAREPOINT_API: Resource = ("00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online");
pub(crate) const DIRECTORY_API: Resource = ("00000002-0000-0000-c000-000000000000", "Windows Azure Active Directory");
pub(crate) const MANAGEMENT_API: Resource =
    ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "Windows Azure Service Management API");

const fn app(id: &'static str, name: &'static str, resource: Resource) -> App {
    App { id, name, resource }
}

pub(crate) static OFFICE_HOME: App = app("4765445b-32c6-49b0-83e6-1d93765276ca", "OfficeHome", GRAPH);
pub(crate) static EXCHANGE: App =
    app("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online", EXCHANGE_API);
pub(crate) static AZURE_PORTAL: App = app("c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure Portal", MANAGEMENT_API);
pub(crate) static AZURE_CLI: App = app("04b07795-8ddb-461a-bbee-02f9e1bf7b46", "Microsoft Azure CLI", MANAGEMENT_API);
pub(crate) static DIRECTORY_POWERSHELL: App =
    app("1b730954-1685-4b74-9bfd-dac224a7b894", "Azure Active Directory PowerShell", DIRECTORY_API);
pub(crate) static GRAPH_POWERSHELL: App =
    app("14d82eec-204b-4c2f-b7e8-296a70dab67e", "Microsoft Graph Command Line Tools", GRAPH);
pub(crate) static OUTLOOK_MOBILE: App = app("27922004-5251-4030-b22d-91ecd9a37ea4", "Outlook Mobile", EXCHANGE_API);
pub(crate) static SYNC_ENGINE: App = app("ab9b8c07-8f02-4f72-87fa-80105867a763", "OneDrive SyncEngine", SHAREPOINT_API);
pub(crate) static DEVICE_REGISTRATION: App = app(
    "29d9ed98-a469-4536-ade2-f981bc1d605e",
    "Microsoft Authentication Broker",
    ("01cb2876-7ebd-4aa4-9cc9-d28bd4d359a9", "Device Registration Service"),
);

/// What people open in a browser, most used first: Microsoft's, then the organisation's other suppliers'.
pub(crate) static BROWSER_APPS: [App; 56] = [
    OFFICE_HOME,
    app("5e3ce6c0-2b1f-4285-8d4b-75ee78787346", "Microsoft Teams Web Client", GRAPH),
    app("00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online", SHAREPOINT_API),
    EXCHANGE,
    app("2793995e-0a7d-40d7-bd35-6968ba142197", "My Apps", GRAPH),
    app("00000009-0000-0000-c000-000000000000", "Power BI Service", GRAPH),
    app("643da31c-7898-4ac8-abe6-03e61291dad5", "Northlight Expenses", DIRECTORY_API),
    app("b737dad2-2f6c-4c65-90e3-ca563267e8b9", "Microsoft Planner", GRAPH),
    app("2087bd82-7206-4c0a-b305-1321a39e5926", "Microsoft To-Do", GRAPH),
    app("05829264-7b49-4e8e-ac58-2cc66c5b4b35", "Brightwater HR", DIRECTORY_API),
    app("c9a559d2-7aab-4f13-a6ed-e7e9c52aec87", "Microsoft Forms", GRAPH),
    app("cf53fce8-def6-4aeb-8d30-b158e7b1cf83", "Microsoft Stream Portal", GRAPH),
    app("97933983-eb84-4742-a313-7e4704b7d45e", "Tallship Travel", DIRECTORY_API),
    app("95de633a-083e-42f5-b444-a4295d8e9314", "Microsoft Whiteboard Services", GRAPH),
    app("2d4d3d8e-2be3-4bef-9f87-7875a61c29de", "OneNote", GRAPH),
    app("22168400-7c55-4dfb-ad81-9cf4954a99e4", "Quillbox Notes", DIRECTORY_API),
    app("89bee1f7-5e6e-4d8a-9f3d-ecd601259da7", "Office365 Shell WCSS-Client", GRAPH),
    app("00000006-0000-0ff1-ce00-000000000000", "Microsoft Office 365 Portal", GRAPH),
    app("51adc1e1-6d4f-47a4-ac15-fba93bc7949a", "Redwood CRM", DIRECTORY_API),
    app("33be1cef-03fb-444b-8fd3-08ca1b4d803f", "OneDrive Web", GRAPH),
    app("8c59ead7-d703-4a27-9e55-c96a0054c8d2", "My Profile", GRAPH),
    app("fcd74118-fc5f-4335-a2b9-db5ce09882ee", "Harborline Payroll", DIRECTORY_API),
    app("bc59ab01-8403-45c6-8796-ac3ef710b3e3", "Outlook Online Add-in App", GRAPH),
    app("1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams", GRAPH),
    app("ada357cb-f200-4a88-a5c9-4fa2bb5a7875", "Kestrel Support Desk", DIRECTORY_API),
    app("d3590ed6-52b3-4102-aeff-aad2292ab01c", "Microsoft Office", GRAPH),
    app("a23b959c-7ce8-4e57-9140-b90eb88a9e97", "Sway", GRAPH),
    app("4eedec22-60b3-4832-a2c3-641f3da6a956", "Lumen Diagrams", DIRECTORY_API),
    app("c1c74fed-04c9-4704-80dc-9f79a2e515cb", "Yammer Web", GRAPH),
    app("996def3d-b36c-4153-8607-a6fd3c01b89f", "Dynamics 365 Business Central", GRAPH),
    app("c565f10a-235b-469b-a2d1-e8836b103148", "Stonebridge Legal", DIRECTORY_API),
    app("cf36b471-5b44-428c-9ce7-313bf84528de", "Microsoft Bing Search", GRAPH),
    app("00000005-0000-0ff1-ce00-000000000000", "Viva Engage", GRAPH),
    app("5223df11-01f1-4176-a264-6a7ea53a58df", "Fernhill Learning", DIRECTORY_API),
    app("ee272b19-4411-433f-8f28-5c13cb6fd407", "Microsoft 365 Support Service", GRAPH),
    app("08e18876-6177-487e-b8b5-cf950c1e598c", "SharePoint Online Web Client Extensibility", GRAPH),
    app("7cfc3c05-6cfa-4428-a2dd-ef34e250767c", "Copperleaf Contracts", DIRECTORY_API),
    app("c4b8c31a-fb44-4c65-9837-a21f55fcabda", "Microsoft Loop", GRAPH),
    app("497effe9-df71-4043-a8bb-14cf78c4b63b", "Exchange Admin Center", GRAPH),
    app("fa0a998b-f850-4691-abb5-9afe2fa98861", "Meridian Surveys", DIRECTORY_API),
    app("499b84ac-1321-427f-aa17-267ca6975798", "Azure DevOps", GRAPH),
    app("26a7ee05-5602-4d76-a7ba-eae8b7b67941", "Windows Search", GRAPH),
    app("46a0904e-9c39-4878-a67d-9c32380cc0aa", "Pinecrest Wiki", DIRECTORY_API),
    app("0a5f63c0-b750-4f38-a71c-4fc0d58b89e2", "Microsoft Mobile Application Management", GRAPH),
    app("e2767865-c3c9-4f09-9f99-6eee6eef861a", "Power BI", GRAPH),
    app("ddd59741-7e1c-4087-a6f2-b7cae1844411", "Silverbirch Design", DIRECTORY_API),
    app("871c010f-5e61-4fb1-83ac-98610a7e9110", "Microsoft Power BI", GRAPH),
    app("199a5c09-e0ca-4e37-8f7c-b05d533e1ea2", "Microsoft Bookings", GRAPH),
    app("e114863f-cd7f-40a0-a83d-1f1621e21eab", "Tidewater Procurement", DIRECTORY_API),
    app("94c63fef-13a3-47bc-8074-75af8c65887a", "Office Delve", GRAPH),
    app("844cca35-0656-46ce-b636-13f48b0eecbd", "Microsoft Stream Mobile Native", GRAPH),
    app("54665275-979d-4581-a0e4-3c6a1c149e8b", "Umbra Passwords", DIRECTORY_API),
    app("fd1a080c-8907-4040-a41c-d5cf7e9a49cf", "Vantage Recruiting", DIRECTORY_API),
    app("b8277499-837c-4a2d-aed4-afe8815cc7c2", "Willow Whiteboard", DIRECTORY_API),
    app("e01f57b6-c59e-4d71-a28b-318a5cbaccfe", "Yarrow Analytics", DIRECTORY_API),
    app("41bf19c9-949d-4352-ac3b-6d0fd52178c5", "Zephyr Project Room", DIRECTORY_API),
];

/// What runs on the laptop and renews its tokens in the background.
pub(crate) static DESKTOP_APPS: [App; 3] = [
    app("1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams", GRAPH),
    app("d3590ed6-52b3-4102-aeff-aad2292ab01c", "Microsoft Office", EXCHANGE_API),
    SYNC_ENGINE,
];

/// What administrators use and nobody else.
pub(crate) static ADMIN_APPS: [App; 3] = [AZURE_PORTAL, GRAPH_POWERSHELL, AZURE_CLI];
