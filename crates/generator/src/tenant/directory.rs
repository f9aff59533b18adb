//! The on-premises Active Directory domain and its servers.

/// The domain's NetBIOS name.
pub(crate) const NETBIOS: &str = "TAILWIND";
/// The domain's DNS name.
pub(crate) const DNS: &str = "corp.tailwind.example";
/// The Kerberos realm.
pub(crate) const REALM: &str = "CORP.TAILWIND.EXAMPLE";
/// The domain's security identifier, without an account's relative part.
pub(crate) const DOMAIN_SID: &str = "S-1-5-21-2853104417-1390456120-3017448856";
/// `objectGUID` of the domain's root, the object that replication asks for.
pub(crate) const ROOT_GUID: &str = "5f4c1b52-8d0e-4c36-9a57-0d1c8be7a1f0";
/// The account with which Entra Connect reads the directory, replication rights included.
pub(crate) const SYNC_ACCOUNT: &str = "MSOL_4a1d0c77be92";
/// Relative identifier of [`SYNC_ACCOUNT`].
pub(crate) const SYNC_RID: u32 = 1110;
/// The account that scans every host for weaknesses.
pub(crate) const SCANNER_ACCOUNT: &str = "svc-vulnscan";
/// Relative identifier of [`SCANNER_ACCOUNT`].
pub(crate) const SCANNER_RID: u32 = 1111;
/// The account that backs every host up.
pub(crate) const BACKUP_ACCOUNT: &str = "svc-backup";
/// Relative identifier of [`BACKUP_ACCOUNT`].
pub(crate) const BACKUP_RID: u32 = 1112;
/// The accounts under which services of the domain run, with their relative identifiers; all have service names, so anybody
/// can ask for their tickets.
pub(crate) static SERVICE_ACCOUNTS: [(&str, u32); 6] = [
    ("svc-reports", 1113),
    ("svc-sql", 1114),
    ("svc-web", 1115),
    ("svc-share", 1116),
    ("svc-deploy", 1117),
    ("svc-archive", 1118),
];
/// The account of an old application that speaks nothing better than RC4.
pub(crate) const LEGACY_ACCOUNT: &str = "svc-oldledger";
/// Relative identifier of [`LEGACY_ACCOUNT`].
pub(crate) const LEGACY_RID: u32 = 1119;

/// A server of the domain.
#[derive(Debug, PartialEq)]
pub(crate) struct Server {
    /// Name without the domain.
    pub(crate) name: &'static str,
    pub(crate) ip: &'static str,
    /// Relative identifier of its computer account.
    pub(crate) rid: u32,
}

/// The domain controllers: one in America, one in Europe.
pub(crate) static CONTROLLERS: [Server; 2] =
    [Server { name: "DC01", ip: "10.10.0.5", rid: 1001 }, Server { name: "DC02", ip: "10.11.0.5", rid: 1002 }];
/// Where Entra Connect runs.
pub(crate) static SYNC_SERVER: Server = Server { name: "SYNC01", ip: "10.10.0.15", rid: 1103 };
/// Where the scanner runs.
pub(crate) static SCANNER: Server = Server { name: "SCAN01", ip: "10.10.0.40", rid: 1104 };
/// File and print servers.
pub(crate) static MEMBER_SERVERS: [Server; 3] = [
    Server { name: "FS01", ip: "10.10.0.20", rid: 1105 },
    Server { name: "FS02", ip: "10.11.0.20", rid: 1106 },
    Server { name: "PRT01", ip: "10.10.0.21", rid: 1107 },
];
/// Where administrators work from.
pub(crate) static JUMP_HOST: Server = Server { name: "JUMP01", ip: "10.10.0.30", rid: 1108 };
/// Where backups are made.
pub(crate) static BACKUP_SERVER: Server = Server { name: "BACKUP01", ip: "10.10.0.45", rid: 1109 };
/// Where scheduled programs run: software distribution, reports, the old application.
pub(crate) static APP_SERVERS: [Server; 2] =
    [Server { name: "CM01", ip: "10.10.0.50", rid: 1130 }, Server { name: "APP01", ip: "10.11.0.50", rid: 1131 }];

/// All servers, in the order of their numbers: controllers come first.
pub(crate) fn servers() -> impl Iterator<Item = &'static Server> {
    CONTROLLERS
        .iter()
        .chain([&SYNC_SERVER, &SCANNER])
        .chain(&MEMBER_SERVERS)
        .chain([&JUMP_HOST, &BACKUP_SERVER])
        .chain(&APP_SERVERS)
}

impl Server {
    /// The server's full name.
    pub(crate) fn host(&self) -> String {
        host(self.name)
    }

    /// The name of its computer account.
    pub(crate) fn account(&self) -> String {
        format!("{}$", self.name)
    }
}

/// The full name of computer `name`.
pub(crate) fn host(name: &str) -> String {
    format!("{name}.{DNS}")
}

/// The security identifier of the account with relative identifier `rid`.
pub(crate) fn sid(rid: u32) -> String {
    format!("{DOMAIN_SID}-{rid}")
}

/// First relative identifier of the laptops' computer accounts.
const FIRST_LAPTOP_RID: u32 = 100_001;

/// The relative identifier of the laptop of account `number`.
pub(crate) fn laptop_rid(number: u32) -> u32 {
    FIRST_LAPTOP_RID + number
}
