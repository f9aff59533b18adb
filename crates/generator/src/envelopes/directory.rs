//! Objects of the directories as exports of Microsoft Graph and SharpHound have them: a file a kind and snapshot, named by its
//! moment, which is the only time the objects bear.

use super::{Form, FormFraming};
use crate::engine::Trace;
use crate::json;
use crate::records::Record;
use crate::tenant::Tenant;

/// A file of Graph, in the folder of its tenant.
const fn graph(stem: &'static str, kind: &'static str) -> Form {
    Form { stem, extension: ".json", framing: FormFraming::GraphObjects(kind), write }
}

/// A file of SharpHound 6.
const fn sharp_hound(stem: &'static str, kind: &'static str) -> Form {
    Form { stem, extension: ".json", framing: FormFraming::SharpHound(kind), write }
}

/// The forms by the names of [`crate::records::Log::Directory`].
static FORMS: [(&str, Form); 9] = [
    ("EntraUsers", graph("directory/entra/{moment}_users", "users")),
    ("EntraGroups", graph("directory/entra/{moment}_groups", "groups(members())")),
    ("EntraRoles", graph("directory/entra/{moment}_roles", "roleManagement/directory/roleAssignmentScheduleInstances")),
    ("EntraServicePrincipals", graph("directory/entra/{moment}_servicePrincipals", "servicePrincipals")),
    ("EntraDevices", graph("directory/entra/{moment}_devices", "devices(registeredOwners())")),
    ("AdUsers", sharp_hound("directory/ad/{moment}_users", "users")),
    ("AdGroups", sharp_hound("directory/ad/{moment}_groups", "groups")),
    ("AdComputers", sharp_hound("directory/ad/{moment}_computers", "computers")),
    ("AdDomains", sharp_hound("directory/ad/{moment}_domains", "domains")),
];

/// The form of directory log `name`, if it has one of its own.
pub(super) fn form(name: &str) -> Option<&'static Form> {
    FORMS.iter().find(|(known, _)| *known == name).map(|(_, form)| form)
}

fn write(text: &mut String, _: &Tenant, trace: &Trace) {
    let Record::Row(row) = &trace.record else { return };
    json::object(text, |json| {
        for (name, value) in &row.fields {
            value.push_json(json.key(name));
        }
    });
}
