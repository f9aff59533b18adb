//! Changes of conditional access.

use crate::guid::Guid;
use crate::random::Random;
use crate::records::{Audit, Initiator, Target};

/// A policy is edited: which, and its state before and after.
pub(crate) fn updated<'t>(
    by: Initiator<'t>,
    (id, name): (Guid, &str),
    (before, after): (&str, &str),
    random: &mut Random,
) -> Audit<'t> {
    let text = |state: &str| {
        let mut text = String::new();
        crate::json::object(&mut text, |json| {
            json.plain("id", id);
            json.text("displayName", name);
            json.text("state", state);
            json.object("conditions", |json| {
                json.array("clientAppTypes", |list| list.item("all"));
                json.object("users", |json| json.array("includeUsers", |list| list.item("All")));
            });
            json.object("grantControls", |json| {
                json.text("operator", "OR");
                json.array("builtInControls", |list| list.item("mfa"));
            });
        });
        Some(text)
    };
    let modified = vec![("ConditionalAccessPolicy", text(before), text(after))];
    let targets = vec![Target::named("Policy", id, name, modified)];
    let audit = Audit::new(("Update conditional access policy", "Policy", "Update"), by, targets, random);
    audit.logged_by("Conditional Access", "")
}
