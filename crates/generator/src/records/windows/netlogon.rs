//! 5805 of the System log: a controller refuses a computer's Netlogon session.

use super::{Layout, Windows};
use crate::random::Random;
use crate::tenant::computers::Computer;

static SESSION_REFUSED: Layout = Layout::system(5805, "NETLOGON", &[("param1", None), ("param2", Some("%%5"))]);

/// `controller` refuses a session in the name of the computer `name`.
pub(crate) fn session_refused<'t>(controller: &'t Computer, name: &'t str, random: &mut Random) -> Windows<'t> {
    SESSION_REFUSED.event(controller, vec![name.into()], random)
}
