//! 4688: a program starts.

use super::{Layout, Session, Windows};
use crate::random::Random;
use crate::records::Field;

static PROCESS_CREATED: Layout = Layout::security(
    4688,
    &[
        ("SubjectUserSid", None),
        ("SubjectUserName", None),
        ("SubjectDomainName", None),
        ("SubjectLogonId", None),
        ("NewProcessId", None),
        ("NewProcessName", None),
        ("TokenElevationType", Some("%%1936")),
        ("ProcessId", None),
        ("CommandLine", None),
        ("TargetUserSid", Some("S-1-0-0")),
        ("TargetUserName", Some("-")),
        ("TargetDomainName", Some("-")),
        ("TargetLogonId", Some("0x0")),
        ("ParentProcessName", None),
        ("MandatoryLabel", Some("S-1-16-12288")),
    ],
);

/// In `session`, `parent` starts `program` with `command_line`.
pub(crate) fn process_created<'t>(
    session: &Session<'t>,
    (program, command_line, parent): (Field<'t>, Field<'t>, Field<'t>),
    random: &mut Random,
) -> Windows<'t> {
    let mut values = session.subject();
    let mut process = || Field::Hex(0x800 + 4 * random.below(6_000));
    let (new, old) = (process(), process());
    values.extend([new, program, old, command_line, parent]);
    PROCESS_CREATED.event(session.host, values, random)
}
