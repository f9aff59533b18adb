//! From where, with what and in which session somebody works in Microsoft 365.

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::json::Json;
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::addresses::Endpoint;
use crate::tenant::devices::{Agent, Platform, user_agent};
use crate::tenant::people::User;
use crate::tenant::workday::{Session, Workday};

/// A client at work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Access<'t> {
    pub(crate) user: &'t User,
    pub(crate) from: Endpoint,
    pub(crate) platform: Platform,
    pub(crate) agent: Agent,
    /// None when its sign-in lies before the window: logs may name no session that no log shows.
    pub(crate) session: Option<Session>,
}

impl<'t> Access<'t> {
    /// The laptop's browser on an ordinary day.
    pub(crate) fn of(tenant: &Tenant, workday: &Workday<'t>) -> Self {
        let user = workday.user;
        let session = tenant.holds(workday.begins).then(|| workday.session(tenant));
        Self { user, from: workday.endpoint(), platform: user.laptop.platform, agent: Agent::Browser, session }
    }

    /// Its address.
    pub(crate) fn ip(&self) -> IpAddr {
        self.from.ip
    }

    /// Its user agent at `time`.
    pub(crate) fn user_agent(&self, time: DateTime<Utc>) -> String {
        user_agent(self.platform, self.agent, time)
    }

    /// A port of the client's.
    pub(crate) fn port(random: &mut Random) -> u16 {
        random.between(1_025, 65_000) as u16
    }

    /// Adds `AppAccessContext`, by which a record names session and token.
    pub(crate) fn push_context(&self, json: &mut Json) {
        if let Some(Session { session_id, token_id }) = self.session {
            json.object("AppAccessContext", |json| {
                json.plain("AADSessionId", session_id);
                json.plain_with("UniqueTokenId", |text| token_id.push_token(text));
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::Value;

    use crate::testing::generated;
    use crate::{Envelope, GenerateOptions, ScenarioChoice};

    fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
        value.pointer(path).and_then(Value::as_str)
    }

    /// The values at `path` of `records`, each once.
    fn values<'a>(records: &'a [Value], path: &str) -> HashSet<&'a str> {
        records.iter().filter_map(|record| text(record, path)).collect()
    }

    #[test]
    fn what_microsoft_365_names_is_in_the_other_logs() {
        let scenarios = ["phishing-token-theft", "insider-leaving", "mass-download"];
        let options = GenerateOptions {
            users: 150,
            days: 6,
            scenarios: ScenarioChoice::Only(scenarios.map(str::to_owned).to_vec()),
            envelope: Envelope::Diagnostic,
            on_premises_permille: 0,
            ..GenerateOptions::default()
        };
        let tenant = generated(&options);
        let sign_ins = tenant.json("entra/");
        let audit = tenant.json("o365/");
        let pairs = [
            (values(&audit, "/AppAccessContext/AADSessionId"), values(&sign_ins, "/properties/sessionId")),
            (values(&audit, "/AppAccessContext/UniqueTokenId"), values(&sign_ins, "/properties/uniqueTokenIdentifier")),
            (values(&audit, "/IntraSystemId"), values(&sign_ins, "/properties/id")),
        ];
        for (index, (named, known)) in pairs.iter().enumerate() {
            assert!(
                named.len() > 40 && (index == 2 || named.is_subset(known)),
                "{index}: {:?}",
                named.difference(known).next()
            );
        }
        let mail = tenant.json("defender/EmailEvents");
        let known = values(&mail, "/properties/InternetMessageId");
        let read = audit.iter().filter_map(|record| record.pointer("/Folders/0/FolderItems")?.as_array()).flatten();
        let read: HashSet<&str> = read.filter_map(|item| text(item, "/InternetMessageId")).collect();
        assert!(read.len() > 100 && read.is_subset(&known));
        for table in ["defender/UrlClickEvents", "defender/EmailUrlInfo", "defender/EmailAttachmentInfo"] {
            let rows = tenant.json(table);
            let named = values(&rows, "/properties/NetworkMessageId");
            assert!(named.len() > 3 && named.is_subset(&values(&mail, "/properties/NetworkMessageId")), "{table}");
        }
        let apps = tenant.json("defender/CloudAppEvents");
        let named = values(&apps, "/properties/RawEventData/Id");
        assert!(named.len() > 100 && named.is_subset(&values(&audit, "/Id")));
    }
}
