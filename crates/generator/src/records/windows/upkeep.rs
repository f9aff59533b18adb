//! 1102: the Security log is cleared.

use super::{Channel, Layout, Session, Windows};
use crate::random::Random;

static LOG_CLEARED: Layout = Layout {
    event_id: 1102,
    channel: Channel::Security,
    provider: "Microsoft-Windows-Eventlog",
    fields: &[
        ("SubjectUserSid", None),
        ("SubjectUserName", None),
        ("SubjectDomainName", None),
        ("SubjectLogonId", None),
    ],
};

/// The log is cleared in `session`.
pub(crate) fn log_cleared<'t>(session: &Session<'t>, random: &mut Random) -> Windows<'t> {
    LOG_CLEARED.event(session.host, session.subject(), random)
}
