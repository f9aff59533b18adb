//! Tickets of the domain controllers: 4768, 4769, 4771.

use std::net::IpAddr;

use super::{Layout, Windows, port};
use crate::random::Random;
use crate::records::Field;
use crate::tenant::computers::{Account, Computer};
use crate::tenant::directory::REALM;

static TICKET_GRANTING: Layout = Layout::security(
    4768,
    &[
        ("TargetUserName", None),
        ("TargetDomainName", Some(REALM)),
        ("TargetSid", None),
        ("ServiceName", Some("krbtgt")),
        ("ServiceSid", None),
        ("TicketOptions", Some("0x40810010")),
        ("Status", Some("0x0")),
        ("TicketEncryptionType", Some("0x12")),
        ("PreAuthType", Some("2")),
        ("IpAddress", None),
        ("IpPort", None),
        ("CertIssuerName", Some("")),
        ("CertSerialNumber", Some("")),
        ("CertThumbprint", Some("")),
    ],
);

static SERVICE_TICKET: Layout = Layout::security(
    4769,
    &[
        ("TargetUserName", None),
        ("TargetDomainName", Some(REALM)),
        ("ServiceName", None),
        ("ServiceSid", None),
        ("TicketOptions", None),
        ("TicketEncryptionType", None),
        ("IpAddress", None),
        ("IpPort", None),
        ("Status", Some("0x0")),
        ("LogonGuid", None),
        ("TransmittedServices", Some("-")),
    ],
);

static REFUSED_TICKET: Layout = Layout::security(
    4771,
    &[
        ("TargetUserName", None),
        ("TargetSid", None),
        ("ServiceName", Some("krbtgt/TAILWIND")),
        ("TicketOptions", Some("0x40810010")),
        ("Status", None),
        ("PreAuthType", Some("2")),
        ("IpAddress", None),
        ("IpPort", None),
        ("CertIssuerName", Some("")),
        ("CertSerialNumber", Some("")),
        ("CertThumbprint", Some("")),
    ],
);

/// Relative identifier of krbtgt (MS-ADTS 6.1.1.6).
const KRBTGT_RID: u32 = 502;

/// A ticket's cipher and the options it was asked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cipher {
    /// AES256, as everything asks today.
    Aes,
    /// RC4, as an old application asks.
    Rc4,
    /// RC4, as tools ask that want to guess the password.
    Rc4Forced,
}

/// 4768: `controller` gives `account` a ticket-granting ticket at `ip`.
pub(crate) fn ticket_granting<'t>(
    controller: &'t Computer,
    account: Account<'t>,
    ip: IpAddr,
    random: &mut Random,
) -> Windows<'t> {
    let values =
        vec![account.name.into(), account.sid_field(), Field::Sid(KRBTGT_RID), Field::MappedIp(ip), port(random)];
    TICKET_GRANTING.event(controller, values, random)
}

/// 4769: `controller` gives `account` a ticket for `service` at `ip`.
pub(crate) fn service_ticket<'t>(
    controller: &'t Computer,
    account: Account<'t>,
    (service, cipher, ip): (Account<'t>, Cipher, IpAddr),
    random: &mut Random,
) -> Windows<'t> {
    let (options, cipher) = match cipher {
        Cipher::Aes => ("0x40810000", "0x12"),
        Cipher::Rc4 => ("0x40810000", "0x17"),
        Cipher::Rc4Forced => ("0x40800000", "0x17"),
    };
    let values = vec![
        Field::AtRealm(account.name),
        service.name.into(),
        service.sid_field(),
        options.into(),
        cipher.into(),
        Field::MappedIp(ip),
        port(random),
        Field::Braced(random.guid()),
    ];
    SERVICE_TICKET.event(controller, values, random)
}

/// A wrong password.
pub(crate) const WRONG_PASSWORD: &str = "0x18";
/// The account is locked, disabled or expired.
pub(crate) const REVOKED: &str = "0x12";

/// 4771: `controller` refuses `account` a ticket at `ip`.
pub(crate) fn refused_ticket<'t>(
    controller: &'t Computer,
    account: Account<'t>,
    (ip, status): (IpAddr, &'static str),
    random: &mut Random,
) -> Windows<'t> {
    let values = vec![account.name.into(), account.sid_field(), status.into(), Field::MappedIp(ip), port(random)];
    Windows { failed: true, ..REFUSED_TICKET.event(controller, values, random) }
}
