//! Changes of groups' members.

use crate::random::Random;
use crate::records::{Audit, Initiator, Target, quoted};
use crate::tenant::groups::Group;
use crate::tenant::people::User;

/// `user` becomes a member of `group`, or is no longer one.
pub(crate) fn member_changed<'t>(
    by: Initiator<'t>,
    (group, user): (&Group, &User),
    joins: bool,
    random: &mut Random,
) -> Audit<'t> {
    let id = group.id.to_string();
    let set = |text: &str| if joins { (None, quoted(text)) } else { (quoted(text), None) };
    let ((old_id, new_id), (old_name, new_name)) = (set(&id), set(&group.name));
    let modified = vec![
        ("Group.ObjectID", old_id, new_id),
        ("Group.DisplayName", old_name, new_name),
        ("Group.WellKnownObjectName", None, None),
    ];
    let operation = match joins {
        true => ("Add member to group", "GroupManagement", "Assign"),
        false => ("Remove member from group", "GroupManagement", "Unassign"),
    };
    let targets = vec![Target::user(user, modified), Target::named("Group", group.id, &group.name, Vec::new())];
    Audit::new(operation, by, targets, random)
}
