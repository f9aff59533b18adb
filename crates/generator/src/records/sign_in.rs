//! One sign-in of any kind, before any envelope.

use std::borrow::Cow;

use crate::guid::Guid;
use crate::random::Random;
use crate::tenant::addresses::Endpoint;
use crate::tenant::apps::{App, Resource};
use crate::tenant::devices::{Agent, Device};
use crate::tenant::people::{Kind, User};
use crate::tenant::workloads::Workload;

/// Which of the sign-in logs an event belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SignInKind {
    Interactive,
    NonInteractive,
    ServicePrincipal,
    ManagedIdentity,
}

impl SignInKind {
    /// The diagnostic settings' category.
    pub(crate) fn category(self) -> &'static str {
        match self {
            Self::Interactive => "SignInLogs",
            Self::NonInteractive => "NonInteractiveUserSignInLogs",
            Self::ServicePrincipal => "ServicePrincipalSignInLogs",
            Self::ManagedIdentity => "ManagedIdentitySignInLogs",
        }
    }

    /// Whether a program signs in by itself.
    pub(crate) fn is_workload(self) -> bool {
        matches!(self, Self::ServicePrincipal | Self::ManagedIdentity)
    }
}

/// Who signs in.
#[derive(Debug, Clone)]
pub(crate) enum Identity<'t> {
    /// A person.
    User(&'t User),
    /// A program of the tenant.
    Workload(&'t Workload),
    /// A program that came during the window: display name, application id, object id, key id.
    Program { name: Cow<'t, str>, app_id: Guid, object_id: Guid, key_id: Guid },
}

/// How the second factor went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecondFactor {
    /// Not asked for.
    None,
    /// Answered on the phone.
    Done,
    /// Contained in the token already.
    InToken,
}

/// One sign-in.
#[derive(Debug, Clone)]
pub(crate) struct SignIn<'t> {
    pub(crate) id: Guid,
    pub(crate) correlation_id: Guid,
    /// `sessionId` of Graph; NIL when there is none.
    pub(crate) session_id: Guid,
    /// `uniqueTokenIdentifier`, by which Microsoft 365 logs name the session's token.
    pub(crate) token_id: Guid,
    pub(crate) kind: SignInKind,
    pub(crate) identity: Identity<'t>,
    pub(crate) app_id: Cow<'t, str>,
    pub(crate) app_name: Cow<'t, str>,
    pub(crate) resource: Resource,
    pub(crate) from: Endpoint,
    pub(crate) device: &'t Device,
    pub(crate) agent: Agent,
    /// `Browser`, `Mobile Apps and Desktop clients`, `IMAP4`, …
    pub(crate) client: &'static str,
    /// `incomingTokenType`: `none`, `primaryRefreshToken`, `refreshToken`, …
    pub(crate) incoming_token: &'static str,
    /// `none`, `deviceCode`, `ropc`, ….
    pub(crate) protocol: &'static str,
    pub(crate) result: u32,
    pub(crate) second_factor: SecondFactor,
    /// `none`, `low`, `medium`, `high`.
    pub(crate) risk: &'static str,
    /// Names of the risk detections behind it.
    pub(crate) risk_events: &'static [&'static str],
    pub(crate) processing_milliseconds: u64,
}

/// A program on the computer or phone, as `clientAppUsed` has it.
pub(crate) const DESKTOP_CLIENT: &str = "Mobile Apps and Desktop clients";

impl<'t> SignIn<'t> {
    /// A sign-in of `user` that succeeds in the browser of the laptop, to be changed where it differs.
    pub(crate) fn of(user: &'t User, app: &'t App, from: Endpoint, random: &mut Random) -> Self {
        Self {
            id: random.guid(),
            correlation_id: random.guid(),
            session_id: random.guid(),
            token_id: random.guid(),
            kind: SignInKind::Interactive,
            identity: Identity::User(user),
            app_id: app.id.into(),
            app_name: app.name.into(),
            resource: app.resource,
            from,
            device: &user.laptop,
            agent: Agent::Browser,
            client: "Browser",
            incoming_token: "none",
            protocol: "none",
            result: 0,
            second_factor: SecondFactor::None,
            risk: "none",
            risk_events: &[],
            processing_milliseconds: 60 + random.below(600),
        }
    }

    /// A renewal of a token by a program on the same device.
    pub(crate) fn non_interactive(self, app: &'t App, random: &mut Random) -> Self {
        Self {
            id: random.guid(),
            correlation_id: random.guid(),
            kind: SignInKind::NonInteractive,
            app_id: app.id.into(),
            app_name: app.name.into(),
            resource: app.resource,
            agent: Agent::Broker,
            client: DESKTOP_CLIENT,
            incoming_token: "primaryRefreshToken",
            ..self
        }
    }

    /// A sign-in of a program for `resource`.
    pub(crate) fn of_program(
        identity: Identity<'t>,
        resource: Resource,
        from: Endpoint,
        device: &'t Device,
        random: &mut Random,
    ) -> Self {
        let (app_id, app_name, managed): (String, Cow<'t, str>, bool) = match &identity {
            Identity::Workload(workload) => {
                (workload.app_id.to_string(), workload.name.as_str().into(), workload.managed)
            }
            Identity::Program { app_id, name, .. } => (app_id.to_string(), name.clone(), false),
            Identity::User(user) => (String::new(), user.display_name.as_str().into(), false),
        };
        Self {
            id: random.guid(),
            correlation_id: random.guid(),
            session_id: Guid::NIL,
            token_id: random.guid(),
            kind: if managed { SignInKind::ManagedIdentity } else { SignInKind::ServicePrincipal },
            identity,
            app_id: app_id.into(),
            app_name,
            resource,
            from,
            device,
            agent: Agent::Program(""),
            client: "",
            incoming_token: "none",
            protocol: "none",
            result: 0,
            second_factor: SecondFactor::None,
            risk: "none",
            risk_events: &[],
            processing_milliseconds: 20 + random.below(200),
        }
    }

    /// The person who signs in, if it is one.
    pub(crate) fn user(&self) -> Option<&'t User> {
        match self.identity {
            Identity::User(user) => Some(user),
            _ => None,
        }
    }

    /// Whether the account is somebody else's directory's.
    pub(crate) fn is_guest(&self) -> bool {
        self.user().is_some_and(|user| user.kind == Kind::Guest)
    }

    /// `success`, `failure` or `notApplied`.
    pub(crate) fn conditional_access(&self) -> &'static str {
        match (self.result, self.second_factor) {
            (50074 | 50076 | 53003, _) => "failure",
            (0, SecondFactor::Done | SecondFactor::InToken) => "success",
            _ => "notApplied",
        }
    }

    /// Whether a protocol is used that knows only names and passwords.
    pub(crate) fn is_legacy(&self) -> bool {
        matches!(self.client, "IMAP4" | "POP3" | "Authenticated SMTP" | "Exchange ActiveSync")
    }

    /// Which factors the sign-in had to show.
    pub(crate) fn requirement(&self) -> &'static str {
        match self.second_factor {
            SecondFactor::None if !matches!(self.result, 50074 | 50076) => "singleFactorAuthentication",
            _ => "multiFactorAuthentication",
        }
    }

    /// Whether the password was wrong, expired or of no use.
    pub(crate) fn has_failed_password(&self) -> bool {
        matches!(self.result, 50034 | 50053 | 50055 | 50057 | 50126)
    }
}

/// The text of a result code (<https://learn.microsoft.com/entra/identity-platform/reference-error-codes>).
pub(crate) fn failure_reason(code: u32) -> &'static str {
    match code {
        0 => "",
        50034 => "The user account does not exist in the directory.",
        50053 => {
            "Account is locked because user tried to sign in too many times with an incorrect user ID or password."
        }
        50055 => "Invalid password, entered expired password.",
        50057 => "User account is disabled. The account has been disabled by an administrator.",
        50058 => "Session information is not sufficient for single-sign-on.",
        50074 => "User did not pass the MFA challenge.",
        50076 => {
            "Due to a configuration change made by your administrator, or because you moved to a new location, you must use \
             multi-factor authentication to access the resource."
        }
        50126 => "Invalid username or password or Invalid on-premise username or password.",
        50140 => "This error occurred due to 'Keep me signed in' interrupt when the user was signing-in.",
        53003 => "Access has been blocked by Conditional Access policies.",
        65001 => "The user or administrator has not consented to use the application.",
        500_121 => "Authentication failed during strong authentication request.",
        7_000_222 => "The provided client secret keys for the app are expired.",
        _ => "Other.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_in_use_has_its_own_text() {
        for code in [50034, 50053, 50055, 50057, 50058, 50074, 50076, 50126, 50140, 53003, 65001, 500_121, 7_000_222] {
            assert!(failure_reason(code).len() > 10, "{code}");
        }
    }
}
