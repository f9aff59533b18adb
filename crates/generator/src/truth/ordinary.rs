//! Ordinary events that look like an attack, as part of everybody's days.

/// What ordinary life does that resembles an attack: key, the scenario's key, description. `Mark::Ordinary` holds positions
/// in this list.
pub(crate) const ORDINARY_TWINS: [(&str, &str, &str); 12] = [
    ("twin:background-guessing", "password-spray", "guesses from the internet, one or two per address and day"),
    ("twin:vpn", "impossible-travel", "people at home whose VPN leaves in another continent, same managed device"),
    ("twin:business-travel", "impossible-travel", "a flight that takes as long as flights do, same managed device"),
    ("twin:controller-replication", "dcsync", "domain controllers replicating with each other every 15 minutes"),
    ("twin:directory-sync", "dcsync", "Entra Connect reading the directory every 30 minutes"),
    ("twin:sync-client", "mass-download", "sync clients that fetch hundreds of files of one library"),
    ("twin:shared-mailbox", "insider-leaving", "an administrator who gives somebody access to a shared mailbox"),
    (
        "twin:harmless-risk",
        "account-takeover",
        "risk that Identity Protection finds in private browsers and new networks",
    ),
    ("twin:environment-teardown", "ransom-preparation", "a pipeline that takes its test environment down every night"),
    ("twin:legacy-cipher", "kerberoast-to-cloud", "an old application whose tickets have the cipher RC4"),
    ("twin:machine-passwords", "zerologon", "computers that renew the passwords of their accounts themselves"),
    (
        "twin:software-distribution",
        "lateral-movement",
        "software distribution that installs its agent over the network",
    ),
];

/// Positions in [`ORDINARY_TWINS`].
pub(crate) const BACKGROUND_GUESSING: u8 = 0;
/// See [`BACKGROUND_GUESSING`].
pub(crate) const VPN: u8 = 1;
/// See [`BACKGROUND_GUESSING`].
pub(crate) const BUSINESS_TRAVEL: u8 = 2;
/// See [`BACKGROUND_GUESSING`].
pub(crate) const CONTROLLER_REPLICATION: u8 = 3;
/// See [`BACKGROUND_GUESSING`].
pub(crate) const DIRECTORY_SYNC: u8 = 4;
/// See [`BACKGROUND_GUESSING`].
pub(crate) const SYNC_CLIENT: u8 = 5;
/// See [`BACKGROUND_GUESSING`].
pub(crate) const SHARED_MAILBOX: u8 = 6;
/// See [`BACKGROUND_GUESSING`].
pub(crate) const HARMLESS_RISK: u8 = 7;
/// See [`BACKGROUND_GUESSING`].
pub(crate) const ENVIRONMENT_TEARDOWN: u8 = 8;
/// See [`BACKGROUND_GUESSING`].
pub(crate) const LEGACY_CIPHER: u8 = 9;
/// See [`BACKGROUND_GUESSING`].
pub(crate) const MACHINE_PASSWORDS: u8 = 10;
/// See [`BACKGROUND_GUESSING`].
pub(crate) const SOFTWARE_DISTRIBUTION: u8 = 11;
