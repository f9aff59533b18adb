//! Cloud applications as the web proxy sees them: hosts, categories and whether the proxy lets people there.

/// A cloud application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CloudApp {
    pub(crate) name: &'static str,
    pub(crate) host: &'static str,
    /// Category of its addresses, as the proxy names it.
    pub(crate) category: &'static str,
    /// What the proxy does with requests to it.
    pub(crate) policy: Policy,
}

/// What the proxy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    Allow,
    /// Looking is allowed, sending files is not.
    NoUpload,
    Block,
}

const fn app(name: &'static str, host: &'static str, category: &'static str, policy: Policy) -> CloudApp {
    CloudApp { name, host, category, policy }
}

const BUSINESS: &str = "Professional Services";
const STORAGE: &str = "File Host";
const MAIL: &str = "Webmail";
const SOCIAL: &str = "Social Networking";
const AI: &str = "AI & ML Applications";
const NEWS: &str = "News and Media";
const SHOPPING: &str = "Online Shopping";

/// Personal storage to which people may send files, which an insider uses.
pub(crate) static PERSONAL_STORAGE: CloudApp = app("Skyvault", "upload.skyvault.example", STORAGE, Policy::Allow);

/// Everything people go to, most used first.
pub(crate) static CLOUD_APPS: [CloudApp; 44] = [
    app("Exchange Online", "outlook.office365.com", BUSINESS, Policy::Allow),
    app("Microsoft Teams", "teams.microsoft.com", BUSINESS, Policy::Allow),
    app("SharePoint Online", "tailwind.sharepoint.com", BUSINESS, Policy::Allow),
    app("Search Lantern", "www.lantern-search.example", "Web Search", Policy::Allow),
    app("OneDrive for Business", "tailwind-my.sharepoint.com", STORAGE, Policy::Allow),
    app("Northlight Expenses", "app.northlight.example", BUSINESS, Policy::Allow),
    app("Brightwater HR", "hr.brightwater.example", BUSINESS, Policy::Allow),
    app("Redwood CRM", "crm.redwood-crm.example", BUSINESS, Policy::Allow),
    app("Industry Week", "www.industryweek.example", NEWS, Policy::Allow),
    app("Kestrel Support Desk", "desk.kestrel-desk.example", BUSINESS, Policy::Allow),
    app("Tallship Travel", "book.tallship.example", "Travel", Policy::Allow),
    app("Wordsmith Assistant", "chat.wordsmith-ai.example", AI, Policy::NoUpload),
    app("Linkhall", "www.linkhall.example", SOCIAL, Policy::Allow),
    app("Quillbox Notes", "notes.quillbox.example", BUSINESS, Policy::Allow),
    app("Daily Courier", "www.dailycourier.example", NEWS, Policy::Allow),
    app("Harborline Payroll", "pay.harborline.example", BUSINESS, Policy::Allow),
    app("Clipstream", "www.clipstream.example", "Streaming Media", Policy::Allow),
    app("Lumen Diagrams", "draw.lumen-diagrams.example", BUSINESS, Policy::Allow),
    app("Marketrow", "www.marketrow.example", SHOPPING, Policy::Allow),
    PERSONAL_STORAGE,
    app("Codeharbor", "git.codeharbor.example", "Developer Tools", Policy::Allow),
    app("Postmark Private Mail", "mail.postmark-home.example", MAIL, Policy::NoUpload),
    app("Fernhill Learning", "learn.fernhill.example", "Education", Policy::Allow),
    app("Stonebridge Legal", "portal.stonebridge.example", BUSINESS, Policy::Allow),
    app("Parcelway", "track.parcelway.example", SHOPPING, Policy::Allow),
    app("Translate Now", "www.translate-now.example", AI, Policy::Allow),
    app("Copperleaf Contracts", "app.copperleaf.example", BUSINESS, Policy::Allow),
    app("Boxcar Transfer", "send.boxcar-transfer.example", STORAGE, Policy::NoUpload),
    app("Meridian Surveys", "go.meridian-surveys.example", BUSINESS, Policy::Allow),
    app("Pinecrest Wiki", "wiki.pinecrest.example", BUSINESS, Policy::Allow),
    app("Homely", "www.homely.example", SHOPPING, Policy::Allow),
    app("Silverbirch Design", "studio.silverbirch.example", BUSINESS, Policy::Allow),
    app("Tidewater Procurement", "buy.tidewater.example", BUSINESS, Policy::Allow),
    app("Chirpnest", "www.chirpnest.example", SOCIAL, Policy::Allow),
    app("Vantage Recruiting", "jobs.vantage.example", BUSINESS, Policy::Allow),
    app("Willow Whiteboard", "board.willow.example", BUSINESS, Policy::Allow),
    app("Docsmith Converter", "www.docsmith-convert.example", "Web Conversion", Policy::NoUpload),
    app("Yarrow Analytics", "bi.yarrow.example", BUSINESS, Policy::Allow),
    app("Lucky Reels", "www.luckyreels.example", "Gambling", Policy::Block),
    app("Zephyr Project Room", "rooms.zephyr-rooms.example", BUSINESS, Policy::Allow),
    app("Tunnelbird", "get.tunnelbird.example", "Anonymizer", Policy::Block),
    app("Pastecorner", "www.pastecorner.example", STORAGE, Policy::NoUpload),
    app("Swarmshare", "www.swarmshare.example", "Peer-to-Peer Site", Policy::Block),
    app("Umbra Passwords", "vault.umbra.example", BUSINESS, Policy::Allow),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_host_is_reserved_or_microsofts() {
        for app in &CLOUD_APPS {
            let known = [".example", ".office365.com", ".microsoft.com", ".sharepoint.com"];
            assert!(known.iter().any(|end| app.host.ends_with(end)), "{}", app.host);
        }
    }
}
