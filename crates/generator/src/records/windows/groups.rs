//! Members of groups: 4728 of global groups, 4732 of local ones.

use super::{Layout, Session, Windows};
use crate::random::Random;
use crate::records::Field;
use crate::tenant::computers::Account;

macro_rules! member_added {
    ($event_id:literal) => {
        Layout::security(
            $event_id,
            &[
                ("MemberName", None),
                ("MemberSid", None),
                ("TargetUserName", None),
                ("TargetDomainName", None),
                ("TargetSid", None),
                ("SubjectUserSid", None),
                ("SubjectUserName", None),
                ("SubjectDomainName", None),
                ("SubjectLogonId", None),
                ("PrivilegeList", Some("-")),
                ("MembershipExpirationTime", Some("-")),
            ],
        )
    };
}

static GLOBAL: Layout = member_added!(4728);
static LOCAL: Layout = member_added!(4732);

/// In `session`, `member` (called `full_name` in the directory) is put into `group`, which is `local` or global.
pub(crate) fn member_added<'t>(
    session: &Session<'t>,
    (member, full_name): (Account<'t>, &str),
    (group, local): (Account<'t>, bool),
    random: &mut Random,
) -> Windows<'t> {
    let mut values =
        vec![Field::from(format!("CN={full_name},OU=Staff,DC=corp,DC=tailwind,DC=example")), member.sid_field()];
    values.extend(group.target_fields());
    values.extend(session.subject());
    (if local { &LOCAL } else { &GLOBAL }).event(session.host, values, random)
}
