//! 4776: a domain controller checks NTLM credentials.

use super::{Layout, Windows};
use crate::random::Random;
use crate::tenant::computers::{Account, Computer};

static NTLM_CHECK: Layout = Layout::security(
    4776,
    &[
        ("PackageName", Some("MICROSOFT_AUTHENTICATION_PACKAGE_V1_0")),
        ("TargetUserName", None),
        ("Workstation", None),
        ("Status", None),
    ],
);

/// The password was right.
pub(crate) const RIGHT: &str = "0x0";

/// `controller` checks the credentials of `account` at the computer named `workstation`, with result `status`.
pub(crate) fn ntlm_check<'t>(
    controller: &'t Computer,
    account: Account<'t>,
    (workstation, status): (&'t str, &'static str),
    random: &mut Random,
) -> Windows<'t> {
    let values = vec![account.name.into(), workstation.into(), status.into()];
    Windows { failed: status != RIGHT, ..NTLM_CHECK.event(controller, values, random) }
}
