//! Applications and the resources they ask tokens for. Microsoft's own have their public identifiers.

/// An application or an API, by its application id.
#[derive(Debug, PartialEq)]
pub(crate) struct App {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    /// The API that it asks tokens for.
    pub(crate) resource: (&'static str, &'static str),
}

const GRAPH: (&str, &str) = ("00000003-0000-0000-c000-000000000000", "Microsoft Graph");
const EXCHANGE_API: (&str, &str) = ("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online");
const SHAREPOINT_API: (&str, &str) = ("00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online");
const DIRECTORY_API: (&str, &str) = ("00000002-0000-0000-c000-000000000000", "Windows Azure Active Directory");
const MANAGEMENT_API: (&str, &str) = ("797f4846-ba00-4fd7-ba43-dac1f8f63013", "Windows Azure Service Management API");

const fn app(id: &'static str, name: &'static str, resource: (&'static str, &'static str)) -> App {
    App { id, name, resource }
}

pub(crate) static OFFICE_HOME: App = app("4765445b-32c6-49b0-83e6-1d93765276ca", "OfficeHome", GRAPH);
pub(crate) static EXCHANGE: App =
    app("00000002-0000-0ff1-ce00-000000000000", "Office 365 Exchange Online", EXCHANGE_API);
pub(crate) static AZURE_PORTAL: App = app("c44b4083-3bb0-49c1-b47d-974e53cbdf3c", "Azure Portal", MANAGEMENT_API);
pub(crate) static DIRECTORY_POWERSHELL: App =
    app("1b730954-1685-4b74-9bfd-dac224a7b894", "Azure Active Directory PowerShell", DIRECTORY_API);
pub(crate) static OUTLOOK_MOBILE: App = app("27922004-5251-4030-b22d-91ecd9a37ea4", "Outlook Mobile", EXCHANGE_API);
pub(crate) static SYNC_ENGINE: App = app("ab9b8c07-8f02-4f72-87fa-80105867a763", "OneDrive SyncEngine", SHAREPOINT_API);

/// What people open in a browser, most used first.
pub(crate) static BROWSER_APPS: [&App; 8] = [
    &OFFICE_HOME,
    &app("5e3ce6c0-2b1f-4285-8d4b-75ee78787346", "Microsoft Teams Web Client", GRAPH),
    &app("00000003-0000-0ff1-ce00-000000000000", "Office 365 SharePoint Online", SHAREPOINT_API),
    &EXCHANGE,
    &app("2793995e-0a7d-40d7-bd35-6968ba142197", "My Apps", DIRECTORY_API),
    &app(
        "871c010f-5e61-4fb1-83ac-98610a7e9110",
        "Microsoft Power BI",
        ("00000009-0000-0000-c000-000000000000", "Power BI Service"),
    ),
    &app("6f1f4a50-9f1c-4c1f-8f0d-3c52a5b7c101", "Northlight Expenses", DIRECTORY_API),
    &app("2b0c3f0e-5a55-4b5e-9d53-0e2f6b7a8c02", "Brightwater HR", DIRECTORY_API),
];

/// What runs on the laptop and renews its tokens in the background.
pub(crate) static DESKTOP_APPS: [&App; 3] = [
    &app("1fec8e78-bce4-4aaf-ab1b-5451cc387264", "Microsoft Teams", GRAPH),
    &app("d3590ed6-52b3-4102-aeff-aad2292ab01c", "Microsoft Office", EXCHANGE_API),
    &SYNC_ENGINE,
];

/// Names of the workloads that sign in as service principals.
pub(crate) const WORKLOADS: [&str; 6] =
    ["backup-vault", "hr-sync", "invoice-import", "monitoring-reader", "deploy-pipeline", "mail-archive"];

/// The API that workloads use.
pub(crate) const WORKLOAD_RESOURCES: [(&str, &str); 3] = [GRAPH, MANAGEMENT_API, EXCHANGE_API];
