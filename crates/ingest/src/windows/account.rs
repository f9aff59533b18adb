//! Which account an event of the log Security is about.

use super::event::WindowsEvent;

/// The accounts of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accounts<'e> {
    /// Who did it.
    pub subject: Option<Account<'e>>,
    /// To whom it was done, or who logged on.
    pub target: Option<Account<'e>>,
    /// The one that the column Account names.
    pub main: Option<Account<'e>>,
}

/// An account as the event names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account<'e> {
    /// Domain or computer; `None` where the event has no such field.
    pub domain: Option<&'e str>,
    /// User or computer name.
    pub name: &'e str,
}

impl Account<'_> {
    /// Appends `DOMAIN\name`; with an empty domain `\name`, as Log Analytics writes it, and without the field `name`.
    pub fn push_qualified_name(&self, text: &mut String) {
        if let Some(domain) = self.domain {
            text.push_str(domain);
            text.push('\\');
        }
        text.push_str(self.name);
    }

    /// `Machine` for computer accounts, else `User`.
    pub fn account_type(&self) -> &'static str {
        let name = self.name.split('@').next().unwrap_or_default();
        if name.ends_with('$') { "Machine" } else { "User" }
    }
}

/// Finds the accounts: in events about a logon or a ticket, the column Account is the account that logs on; in others, the one that
/// acted.
pub fn accounts<'e>(event: &'e WindowsEvent) -> Accounts<'e> {
    let find = |name: &str, domain: &str| {
        Some(Account { name: event.data.get(name).filter(|name| !name.is_empty())?, domain: event.data.get(domain) })
    };
    let subject = find("SubjectUserName", "SubjectDomainName");
    let target = find("TargetUserName", "TargetDomainName");
    let main = if is_logon_event(event.event_id) { target.or(subject) } else { subject.or(target) };
    Accounts { subject, target, main: main.or_else(|| find("AccountName", "AccountDomain")) }
}

/// Logons, logoffs, Kerberos and NTLM authentications, sessions.
fn is_logon_event(event_id: i64) -> bool {
    matches!(event_id, 4624..=4627 | 4634 | 4647..=4649 | 4675 | 4768..=4777 | 4800..=4803 | 4820..=4824 | 4964)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_qualified_as_far_as_the_event_says() {
        let account = |domain, name| {
            let mut text = String::new();
            Account { domain, name }.push_qualified_name(&mut text);
            text
        };
        assert_eq!(account(Some("CONTOSO"), "anna"), "CONTOSO\\anna");
        assert_eq!(account(Some(""), "ADMINISTRATOR"), "\\ADMINISTRATOR");
        assert_eq!(account(None, "anna"), "anna");
    }

    #[test]
    fn a_dollar_sign_marks_a_computer() {
        let account_type = |name| Account { domain: None, name }.account_type();
        assert_eq!(account_type("DC01$"), "Machine");
        assert_eq!(account_type("DC01$@CONTOSO.LOCAL"), "Machine");
        assert_eq!(account_type("anna"), "User");
    }
}
