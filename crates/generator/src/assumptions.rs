//! What is not known of real tenants and had to be assumed: every such number has a name in the code and is listed here.

use serde::Serialize;

use crate::acts::sign_in;
use crate::behaviors::domain::{
    administration as domain_administration, batch_jobs, endpoint_activity, network_access, software_distribution,
    workstations,
};
use crate::behaviors::{
    administration, application_owners, azure_administration, azure_platform, compliance, deployment_pipelines,
    directory_sync, files, harmless_risk, internet, mail, new_telephones, privileged_roles, secret_reads, sessions,
    sync_clients, teams, web, workload_sign_ins,
};
use crate::tenant::{files as tenant_files, letters, people, workday, workloads};

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

/// Value and meaning.
type Item = (String, &'static str);

/// What a part of the generator assumes: the part's name and its items.
type Area = (&'static str, fn() -> Vec<Item>);

/// All assumptions, by area.
pub fn assumptions() -> Vec<Assumption> {
    let areas: [Area; 8] = [
        ("people", people),
        ("sign-ins", sign_ins),
        ("directory", directory),
        ("programs and Azure", programs),
        ("mail", mail),
        ("files, Teams, web", files_and_web),
        ("domain", domain),
        ("endpoints", endpoints),
    ];
    let of = |(area, items): Area| items().into_iter().map(move |(value, meaning)| Assumption { area, value, meaning });
    areas.into_iter().flat_map(of).collect()
}

fn people() -> Vec<Item> {
    vec![
        (percent(people::JOINS), "of the employees join in 30 days"),
        (percent(people::LEAVES), "of the employees leave in 30 days"),
        (percent(people::MOVES), "of the employees change departments in 30 days"),
        (percent(people::AWAY), "of the employees begin a leave of up to 12 days in 30 days"),
        (percent(people::TRAVELS), "of the employees begin a business trip of 3 to 6 days in 30 days"),
        (people::DAYS_TO_NEW_APP.to_string(), "days until a person takes up another application"),
        (percent(workday::WEEKDAY), "of the people work on a weekday"),
        (percent(workday::FREE_DAY), "of the people work on a weekend day or holiday"),
        (percent(workday::OFFICE), "of the working days are spent in the office"),
    ]
}

fn sign_ins() -> Vec<Item> {
    vec![
        (
            thousandths(sessions::FURTHER_APPS),
            "interactive sign-ins beside the morning's, of a middling person and day",
        ),
        (thousandths(sessions::RENEWALS), "renewals of tokens by the laptop's programs, of a middling person and day"),
        (thousandths(sessions::PHONE_RENEWALS), "renewals of tokens by the telephone, of a middling person and day"),
        (percent(sessions::NO_SESSION), "of the mornings begin without a usable session (50058)"),
        (percent(sessions::MISTYPED), "of the mornings begin with one to three mistyped passwords (50126)"),
        (percent(sessions::EXPIRED), "of the mornings begin with an expired password (50055)"),
        (percent(sessions::SECOND_FACTOR_ASKED), "of the mornings outside trusted networks ask for a second factor"),
        (percent(sessions::KEEP_SIGNED_IN), "of the mornings ask whether to stay signed in (50140)"),
        (percent(sessions::PRIVATE), "of the further sign-ins of people who use one come from a private browser"),
        (sessions::LEGACY_SIGN_INS.to_string(), "sign-ins of an old mail program on a working day"),
        (percent(internet::TRIED), "of the accounts are tried by somebody on the internet on a day"),
        (percent(sign_in::SEEN_TWICE), "of the interactive sign-ins are in the unified audit too"),
    ]
}

fn directory() -> Vec<Item> {
    vec![
        (administration::PASSWORDS.to_string(), "passwords reset on a working day for 1,000 accounts"),
        (administration::ACCESSES.to_string(), "changes of access on a working day for 1,000 accounts"),
        (thousandths(administration::POLICIES), "policies edited on an administrator's working day"),
        (thousandths(privileged_roles::ACTIVATIONS), "roles activated on an administrator's working day"),
        (application_owners::SECRET_DAYS.to_string(), "days that the secret of a program lives"),
        (per_ten_thousand(application_owners::REGISTRATIONS), "applications registered on an owner's working day"),
        (per_ten_thousand(new_telephones::TELEPHONES), "new telephones on a person's working day"),
        (per_ten_thousand(harmless_risk::DETECTIONS), "harmless risk detections on a person's working day"),
        (percent(harmless_risk::MEDIUM), "of those are of medium level"),
        (directory_sync::SYNCHRONIZED.to_string(), "accounts written by Entra Connect a day for 1,000"),
        (directory_sync::DEVICE_STATES.to_string(), "states of devices written a day for 1,000 accounts"),
        (directory_sync::PROVISIONED.to_string(), "accounts looked at by provisioning a day for 1,000"),
    ]
}

fn programs() -> Vec<Item> {
    vec![
        (percent(workloads::MANAGED), "of the programs are managed identities"),
        (percent(workloads::EXPIRES), "of the programs have a secret that expires unnoticed"),
        (workload_sign_ins::REQUESTS.to_string(), "requests to Microsoft Graph after a program's sign-in, at most"),
        (thousandths(secret_reads::READS), "reads of a secret a day"),
        (thousandths(azure_administration::VISITS), "visits to the Azure portal on a working day"),
        (percent(azure_administration::REFUSED), "of the operations in Azure are refused"),
        (percent(azure_administration::ROLES), "of the operations in Azure assign a role"),
        (thousandths(azure_platform::POLICIES), "looks of policies at a resource a day"),
        (thousandths(deployment_pipelines::DEPLOYMENTS), "deployments of a pipeline on a working day"),
        (thousandths(compliance::PAGES), "pages of the compliance center that a middling administrator opens a day"),
    ]
}

fn mail() -> Vec<Item> {
    vec![
        (thousandths(letters::LETTERS), "letters from outside for a middling person and weekday"),
        (thousandths(mail::READS), "records of reading for a middling person and day, each of some minutes"),
        (thousandths(mail::SENDS), "letters sent by a middling person a day"),
        (thousandths(mail::MOVES), "records of moving letters for a middling person and day"),
        (percent(mail::RULES), "of the working days have a new inbox rule"),
        (percent(mail::NOTES), "of the working days have a new out-of-office note"),
        (percent(mail::CLICKS), "of the delivered links are clicked"),
        (percent(mail::STOPPED), "of the clicks are stopped by Safe Links"),
        (percent(compliance::MAILBOXES), "of an administrator's working days have a setting of a mailbox"),
        (percent(compliance::PERMISSIONS), "of an administrator's working days have a permission on a mailbox"),
    ]
}

fn files_and_web() -> Vec<Item> {
    vec![
        (thousandths(files::OPERATIONS), "file operations beside downloads, of a middling person and day"),
        (percent(files::DOWNLOAD_DAYS), "of the working days have downloads"),
        (format!("{} %", thousandths(sync_clients::BURSTS)), "of the working days have a burst of a sync client"),
        (tenant_files::SHARED_FILES.to_string(), "files of a team's or project's site"),
        (tenant_files::PERSONAL_FILES.to_string(), "files of a middling OneDrive"),
        (thousandths(teams::ACTS), "acts in Teams that the audit shows, of a middling person and day"),
        (thousandths(web::REQUESTS), "requests that the proxy logs of a middling person and day"),
        (percent(web::FAVORITES), "of the requests go to the person's own favorites"),
        (percent(web::UPLOADS), "of the requests send something of size"),
    ]
}

/// Shares that follow from Los Alamos' mix are no assumptions; how they come about is.
fn domain() -> Vec<Item> {
    vec![
        (thousandths(network_access::CONNECTIONS), "connections to servers of a middling person and working day"),
        (thousandths(network_access::POLICY_RENEWALS), "connections of a laptop and working day for its policies"),
        (percent(network_access::NEW_TICKET), "of the connections need a new ticket"),
        (percent(network_access::SHARE_SHOWN), "of the connections to file servers are audited by share"),
        (thousandths(batch_jobs::JOBS), "batch logons of servers for an account and day"),
        (
            percent(domain_administration::ON_JUMP_HOST),
            "of an administrator's working days are spent on the jump host too",
        ),
        (percent(domain_administration::NEW_TASK), "of those end with a new scheduled task"),
    ]
}

fn endpoints() -> Vec<Item> {
    vec![
        (percent(workstations::FRESH), "of the mornings begin with a logon, the others unlock"),
        (thousandths(workstations::UNLOCKS), "unlocks later in the working day"),
        (percent(workstations::MISTYPED), "of the working days begin with a mistyped password at the laptop"),
        (format!("{} %", thousandths(workstations::LOCKED_OUT)), "of the working days have an account locked out"),
        (thousandths(endpoint_activity::PROGRAMS), "reported starts of programs of a middling person and working day"),
        (thousandths(endpoint_activity::CONNECTIONS), "reported connections of a middling person and working day"),
        (software_distribution::INSTALLATIONS.to_string(), "installations of software a day for 1,000 accounts"),
    ]
}

fn per_ten_thousand(value: u64) -> String {
    format!("{value} in 10,000")
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
        assert!(assumptions().len() > 60);
    }
}
