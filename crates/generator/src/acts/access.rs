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
