//! A request to the web that goes through the proxy.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::engine::Traces;
use crate::random::Random;
use crate::records::{Field, Log, Record, Row};
use crate::tenant::addresses;
use crate::tenant::cloud_apps::{CLOUD_APPS, CloudApp, Policy};
use crate::tenant::devices::{Agent, user_agent};
use crate::tenant::people::DEPARTMENTS;
use crate::tenant::sites::SITES;
use crate::tenant::workday::{Place, Workday};

/// What is asked for.
pub(crate) struct Request<'a> {
    pub(crate) app: &'a CloudApp,
    /// The server's address, where it isn't one of the known applications'.
    pub(crate) server: Option<IpAddr>,
    /// `GET` or `POST`.
    pub(crate) method: &'static str,
    /// Below the host, with the slash.
    pub(crate) path: String,
    /// Bytes sent and received.
    pub(crate) sent: u64,
    pub(crate) received: u64,
}

/// The proxy's sender name.
pub(crate) const PROXY: &str = "nss01";
/// Bytes above which a `POST` counts as the upload of a file.
const UPLOAD: u64 = 100_000;

/// The laptop of `workday` makes `request` at `time`.
pub(crate) fn web_request<'t>(
    time: DateTime<Utc>,
    workday: &Workday<'t>,
    request: &Request,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let (user, app) = (workday.user, request.app);
    let upload = request.method == "POST" && request.sent >= UPLOAD;
    let reason = match app.policy {
        Policy::Block => "Not allowed to browse this category",
        Policy::NoUpload if upload => "Not allowed to upload files",
        _ => "Allowed",
    };
    let blocked = reason != "Allowed";
    let number = CLOUD_APPS.iter().position(|known| known == app).unwrap_or(CLOUD_APPS.len());
    let location = match workday.place {
        Place::Office => SITES[user.site].place.city,
        _ => "Road Warrior",
    };
    let id = (random.bits() >> 12) as i64;
    let fields = vec![
        ("act", Field::from(if blocked { "Blocked" } else { "Allowed" })),
        ("reason", reason.into()),
        ("app", "HTTPS".into()),
        ("dhost", app.host.into()),
        ("dst", request.server.unwrap_or(addresses::cloud_app(number)).into()),
        ("dpt", 443.into()),
        ("src", workday.inner_ip().into()),
        ("sourceTranslatedAddress", workday.endpoint().ip.into()),
        ("shost", user.laptop.name.as_str().into()),
        ("in", (if blocked { 12_800 } else { request.received as i64 }).into()),
        ("out", (request.sent as i64).into()),
        ("request", format!("{}{}", app.host, request.path).into()),
        ("outcome", if blocked { "403" } else { "200" }.into()),
        ("requestClientApplication", user_agent(user.laptop.platform, Agent::Browser, time).into()),
        ("requestMethod", request.method.into()),
        ("suser", user.upn.as_str().into()),
        ("spriv", location.into()),
        ("externalId", id.into()),
        ("destinationServiceName", app.name.into()),
        ("cat", app.category.into()),
        ("deviceDirection", 1.into()),
        ("cn1", (if blocked { 60 } else { 0 }).into()),
        ("cn1Label", "riskscore".into()),
        ("cs1", DEPARTMENTS[user.department].into()),
        ("cs1Label", "dept".into()),
        ("cs2", app.category.into()),
        ("cs2Label", "urlcat".into()),
        ("rt", time.timestamp_millis().into()),
    ];
    let row = Row { log: Log::Proxy, id: id.to_string().into(), fields };
    traces.push(time, TimeDelta::seconds(random.between(2, 90)), Record::Row(row));
}
