//! 4662: an object of the directory is accessed; here the domain's root, by replication.

use super::{Layout, Session, Windows};
use crate::random::Random;
use crate::records::Field;
use crate::tenant::directory::ROOT_GUID;

static DIRECTORY_ACCESS: Layout = Layout::security(
    4662,
    &[
        ("SubjectUserSid", None),
        ("SubjectUserName", None),
        ("SubjectDomainName", None),
        ("SubjectLogonId", None),
        ("ObjectServer", Some("DS")),
        ("ObjectType", Some("%{19195a5b-6da0-11d0-afd3-00c04fd930c9}")),
        ("ObjectName", None),
        ("OperationType", Some("Object Access")),
        ("HandleId", Some("0x0")),
        ("AccessList", Some("%%7688\r\n\t\t\t\t")),
        ("AccessMask", Some("0x100")),
        ("Properties", None),
        ("AdditionalInfo", Some("-")),
        ("AdditionalInfo2", Some("")),
    ],
);

/// A control access right of replication (MS-ADTS 5.1.3.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReplicationRight {
    /// DS-Replication-Get-Changes.
    Changes,
    /// DS-Replication-Get-Changes-All: secrets too.
    ChangesAll,
    /// DS-Replication-Get-Changes-In-Filtered-Set.
    FilteredSet,
}

impl ReplicationRight {
    /// `Properties` of the event; the class is domainDNS.
    fn properties(self) -> &'static str {
        match self {
            Self::Changes => {
                "%%7688\r\n\t\t{1131f6aa-9c07-11d1-f79f-00c04fc2dcd2}\r\n\t{19195a5b-6da0-11d0-afd3-00c04fd930c9}\r\n"
            }
            Self::ChangesAll => {
                "%%7688\r\n\t\t{1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}\r\n\t{19195a5b-6da0-11d0-afd3-00c04fd930c9}\r\n"
            }
            Self::FilteredSet => {
                "%%7688\r\n\t\t{89e95b76-444d-4c62-991a-0facbeda640c}\r\n\t{19195a5b-6da0-11d0-afd3-00c04fd930c9}\r\n"
            }
        }
    }
}

/// In `session`, on a controller, the directory is replicated with `right`.
pub(crate) fn replication<'t>(session: &Session<'t>, right: ReplicationRight, random: &mut Random) -> Windows<'t> {
    let mut values = session.subject();
    values.push(Field::from(format!("%{{{ROOT_GUID}}}")));
    values.push(right.properties().into());
    DIRECTORY_ACCESS.event(session.host, values, random)
}
