//! A sign-in: in Entra's log, and for some results in the unified audit.

use chrono::{DateTime, TimeDelta, Utc};

use super::office::office;
use crate::engine::Traces;
use crate::json::Json;
use crate::random::Random;
use crate::records::{Office, Record, RecordType, SignIn, SignInKind};
use crate::tenant::devices::{browser, user_agent};

/// Interactive sign-ins in 1,000 that the unified audit shows too.
pub(crate) const SEEN_TWICE: u64 = 560;

/// `sign_in` happens at `time`.
pub(crate) fn sign_in<'t>(time: DateTime<Utc>, sign_in: SignIn<'t>, random: &mut Random, traces: &mut Traces<'t>) {
    // Interrupts are no sign-ins to the unified audit.
    let seen = sign_in.result == 0 || sign_in.has_failed_password();
    let mirrored = sign_in.kind == SignInKind::Interactive && seen && random.chance(SEEN_TWICE);
    if mirrored && let Some(record) = logged_in(time, &sign_in, random) {
        office(time, record, random, traces);
    }
    traces.push(time, TimeDelta::seconds(random.between(60, 240)), Record::SignIn(Box::new(sign_in)));
}

/// The unified audit's view of an interactive sign-in.
fn logged_in<'t>(time: DateTime<Utc>, sign_in: &SignIn<'t>, random: &mut Random) -> Option<Office<'t>> {
    let user = sign_in.user()?;
    let failed = sign_in.has_failed_password();
    let operation = if failed { "UserLoginFailed" } else { "UserLoggedIn" };
    let key = user.object_id.to_string();
    let record = Office::new(operation, RecordType::AzureActiveDirectoryStsLogon, user.upn.as_str(), key, random);
    let (platform, agent, resource, result) =
        (sign_in.device.platform, sign_in.agent, sign_in.resource, sign_in.result);
    let (ip, app_id) = (sign_in.from.ip, sign_in.app_id.clone());
    let (correlation_id, id) = (sign_in.correlation_id, sign_in.id);
    let record = record.with_late_body(move |tenant, json| {
        let key = user.object_id.to_string();
        json.value("AzureActiveDirectoryEventType", 1);
        json.array("ExtendedProperties", |list| {
            let agent = user_agent(platform, agent, time);
            properties(
                list,
                &[("ResultStatusDetail", "Success"), ("UserAgent", &agent), ("RequestType", "Login:login")],
            );
        });
        json.array("ModifiedProperties", |_| {});
        json.array("Actor", |list| {
            for (id, kind) in [(key.as_str(), 0), (&user.upn, 5)] {
                list.item_object(|json| {
                    json.text("ID", id);
                    json.value("Type", kind);
                });
            }
        });
        json.plain("ActorContextId", tenant.tenant_id);
        json.plain("ActorIpAddress", ip);
        json.plain("InterSystemsId", correlation_id);
        json.plain("IntraSystemId", id);
        json.text("SupportTicketId", "");
        json.array("Target", |list| {
            list.item_object(|json| {
                json.text("ID", resource.0);
                json.value("Type", 0);
            });
        });
        json.plain("TargetContextId", tenant.tenant_id);
        json.text("ApplicationId", &app_id);
        json.array("DeviceProperties", |list| {
            let browser = browser(platform, agent, time);
            let browser = browser.split(' ').next().unwrap_or_default();
            properties(list, &[("OS", platform.operating_system()), ("BrowserType", browser)]);
        });
        json.plain("ErrorNumber", result);
        if failed {
            json.text("LogonError", logon_error(result));
        }
    });
    Some(Office {
        result: Some("Success"),
        client_ip: Some(sign_in.from.ip),
        object_id: Some(sign_in.resource.0.into()),
        ..record
    })
}

/// A list of names and values, as the unified audit has them.
fn properties(list: &mut Json, pairs: &[(&str, &str)]) {
    for (name, value) in pairs {
        list.item_object(|json| {
            json.text("Name", name);
            json.text("Value", value);
        });
    }
}

/// The unified audit's name of a result code.
fn logon_error(result: u32) -> &'static str {
    match result {
        50053 => "IdsLocked",
        50055 => "InvalidPasswordExpiredPassword",
        50057 => "UserDisabled",
        _ => "InvalidUserNameOrPassword",
    }
}
