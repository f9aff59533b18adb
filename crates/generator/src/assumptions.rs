//! What is not known of real tenants and had to be assumed: every such number has a name in the code and is listed here.

use serde::Serialize;

use crate::behaviors::{
    administration, application_owners, azure_administration, azure_platform, deployment_pipelines, directory_sync,
    harmless_risk, internet, new_telephones, privileged_roles, secret_reads, sessions,
};
use crate::tenant::{people, workday, workloads};

/// An assumed figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Assumption {
    /// What it is about, such as `sign-ins`.
    pub area: &'static str,
    /// The value with its unit.
    pub value: String,
    /// What it means.
    pub meaning: &'static str,
}

/// All assumptions, by area.
pub fn assumptions() -> Vec<Assumption> {
    let mut list = Vec::new();
    let mut area = |area: &'static str, items: &[(String, &'static str)]| {
        list.extend(items.iter().map(|(value, meaning)| Assumption { area, value: value.clone(), meaning }));
    };
    area(
        "people",
        &[
            (percent(people::JOINS), "of the employees join in 30 days"),
            (percent(people::LEAVES), "of the employees leave in 30 days"),
            (percent(people::MOVES), "of the employees change departments in 30 days"),
            (percent(people::AWAY), "of the employees begin a leave of up to 12 days in 30 days"),
            (percent(people::TRAVELS), "of the employees begin a business trip of 3 to 6 days in 30 days"),
            (people::DAYS_TO_NEW_APP.to_string(), "days until a person takes up another application"),
        ],
    );
    area(
        "working days",
        &[
            (percent(workday::WEEKDAY), "of the people work on a weekday"),
            (percent(workday::FREE_DAY), "of the people work on a weekend day or holiday"),
            (percent(workday::OFFICE), "of the working days are spent in the office"),
        ],
    );
    area(
        "sign-ins",
        &[
            (
                thousandths(sessions::FURTHER_APPS),
                "interactive sign-ins beside the morning's, of a middling person and day",
            ),
            (
                thousandths(sessions::RENEWALS),
                "renewals of tokens by the laptop's programs, of a middling person and day",
            ),
            (
                thousandths(sessions::PHONE_RENEWALS),
                "renewals of tokens by the telephone, of a middling person and day",
            ),
            (percent(sessions::NO_SESSION), "of the mornings begin without a usable session (50058)"),
            (percent(sessions::MISTYPED), "of the mornings begin with one to three mistyped passwords (50126)"),
            (percent(sessions::EXPIRED), "of the mornings begin with an expired password (50055)"),
            (
                percent(sessions::SECOND_FACTOR_ASKED),
                "of the mornings outside trusted networks ask for a second factor",
            ),
            (percent(sessions::KEEP_SIGNED_IN), "of the mornings ask whether to stay signed in (50140)"),
            (percent(sessions::PRIVATE), "of the further sign-ins of people who use one come from a private browser"),
            (percent(internet::TRIED), "of the accounts are tried by somebody on the internet on a day"),
        ],
    );
    area(
        "programs",
        &[
            (percent(workloads::MANAGED), "of the programs are managed identities"),
            (percent(workloads::EXPIRES), "of the programs have a secret that expires unnoticed"),
        ],
    );
    area("domain", &domain_figures());
    area("directory", &directory());
    area("Azure", &azure());
    list
}

fn domain_figures() -> Vec<(String, &'static str)> {
    use crate::behaviors::domain::*;
    vec![
        (percent(workstations::FRESH), "of the working days begin with a logon at the laptop; else it was only locked"),
        (thousandths(workstations::UNLOCKS), "further unlocks of a laptop in a working day"),
        (percent(workstations::MISTYPED), "of the working days have a mistyped password at the laptop"),
        (percent(workstations::LOCKED_OUT), "of the working days have an account locked out"),
        (percent(network_access::SHARE_SHOWN), "of the connections to file servers show the share (5140)"),
        (
            thousandths(endpoint_activity::PROGRAMS),
            "starts of programs that Defender reports, of a middling person and day",
        ),
        (
            thousandths(endpoint_activity::CONNECTIONS),
            "connections that Defender reports, of a middling person and day",
        ),
        (percent(administration::ON_JUMP_HOST), "of the administrators use the jump host on a working day"),
        (
            software_distribution::INSTALLATIONS.to_string(),
            "installations of the software distribution's agent a day, of 1,000 accounts",
        ),
    ]
}

/// Changes and risk in the directory.
fn directory() -> Vec<(String, &'static str)> {
    let daily = |permille: u64| thousandths(permille * 1_000);
    vec![
        (daily(directory_sync::SYNCHRONIZED), "accounts that Entra Connect writes, a day and 1,000 accounts"),
        (daily(directory_sync::DEVICE_STATES), "devices whose state is written, a day and 1,000 accounts"),
        (daily(directory_sync::PROVISIONED), "accounts that provisioning looks at, a day and 1,000 accounts"),
        (daily(administration::PASSWORDS), "passwords reset by the helpdesk, a working day and 1,000 accounts"),
        (daily(administration::ACCESSES), "accesses to applications given, a working day and 1,000 accounts"),
        (thousandths(administration::POLICIES), "edits of conditional access by an administrator and working day"),
        (thousandths(privileged_roles::ACTIVATIONS), "roles activated by who may, a working day"),
        (application_owners::SECRET_DAYS.to_string(), "days that the secret of a program lives"),
        (new_telephones::TELEPHONES.to_string(), "new telephones in 10,000 working days of a person"),
        (harmless_risk::DETECTIONS.to_string(), "risks found where there is none, in 10,000 working days of a person"),
        (percent(harmless_risk::MEDIUM), "of these are of medium level, the others low"),
    ]
}

/// What goes on in Azure.
fn azure() -> Vec<(String, &'static str)> {
    vec![
        (thousandths(azure_administration::VISITS), "visits to the portal by an administrator and working day"),
        (thousandths(deployment_pipelines::DEPLOYMENTS), "deployments of a pipeline and working day"),
        (thousandths(azure_platform::POLICIES), "looks of policies at a resource, a day"),
        (thousandths(secret_reads::READS), "reads of secrets by a managed identity, a day"),
    ]
}

fn percent(permille: u64) -> String {
    format!("{} %", thousandths(permille * 100))
}

/// A number of thousandths without trailing zeros.
fn thousandths(value: u64) -> String {
    let text = format!("{}.{:03}", value / 1_000, value % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_people_write_them() {
        assert_eq!((percent(65), percent(930), percent(3)), ("6.5 %".into(), "93 %".into(), "0.3 %".into()));
        assert_eq!(
            (thousandths(6_900), thousandths(11_000), thousandths(50)),
            ("6.9".into(), "11".into(), "0.05".into())
        );
        assert!(assumptions().len() > 10);
    }
}
