//! What a written record says, read back from its text, whatever its envelope.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};

use super::csv_line;

/// A record, as far as the report measures it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seen<'a> {
    /// When it happened, if the record says so in a form that is known.
    pub(super) time: Option<DateTime<Utc>>,
    pub(super) what: What<'a>,
}

/// What a record is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum What<'a> {
    /// A sign-in of a person.
    SignIn(SignInSeen<'a>),
    /// A sign-in of a program, by its name.
    Workload(Cow<'a, str>),
    /// A record of the unified audit.
    Office(OfficeSeen<'a>),
    /// A Windows event.
    Windows { event_id: i64, logon_type: i64, kerberos: bool },
    /// Something else.
    Other,
}

/// A sign-in of a person.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SignInSeen<'a> {
    pub(super) interactive: bool,
    pub(super) user: Cow<'a, str>,
    pub(super) app: Cow<'a, str>,
    pub(super) code: i64,
    pub(super) client: Cow<'a, str>,
    pub(super) two_factors: bool,
    /// Whether the device has an id.
    pub(super) known_device: bool,
}

/// A record of the unified audit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OfficeSeen<'a> {
    /// Bits of the record's id.
    pub(super) id: u64,
    pub(super) user: Cow<'a, str>,
    pub(super) workload: Cow<'a, str>,
    pub(super) operation: Cow<'a, str>,
}

/// Reads a record of JSON or a line of CEF; nothing when it is neither.
pub(super) fn line(text: &str) -> Option<Seen<'_>> {
    if !text.starts_with('{') {
        return cef(text);
    }
    serde_json::from_str::<Fields>(text).ok().map(Fields::seen)
}

/// Of CEF only the time is of use: `start` or `rt`, in milliseconds since 1970.
fn cef(text: &str) -> Option<Seen<'_>> {
    text.contains("CEF:").then_some(())?;
    let after = |key: &str| text.find(key).map(|at| &text[at + key.len()..]);
    let digits = after(" start=").or_else(|| after(" rt=")).or_else(|| after("|rt=")).or_else(|| after("|start="));
    let end = |text: &str| text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let milliseconds = digits.and_then(|text| text[..end(text)].parse().ok());
    Some(Seen { time: milliseconds.and_then(DateTime::from_timestamp_millis), what: What::Other })
}

/// Reads a record of CSV under the names of `header`.
pub(super) fn csv<'a>(text: &'a str, header: &[String]) -> Option<Seen<'a>> {
    let fields = csv_line::fields(text);
    if fields.len() != header.len() {
        return None;
    }
    let field = |name: &str| {
        let position = header.iter().position(|known| known == name)?;
        Some(fields[position].clone())
    };
    if let Some(audit) = field("AuditData") {
        return serde_json::from_str::<Fields>(&audit).ok().map(|fields| fields.seen().into_owned());
    }
    let text = |name: &str| field(name).unwrap_or_default();
    let time = field("CreatedDateTime [UTC]").or_else(|| field("TimeGenerated [UTC]"));
    let time = time.and_then(|time| NaiveDateTime::parse_from_str(&time, PORTAL_TIME).ok()).map(|time| time.and_utc());
    let user = text("UserPrincipalName");
    if user.is_empty() {
        return Some(Seen { time, what: What::Other });
    }
    let sign_in = SignInSeen {
        interactive: text("IsInteractive") == "true",
        user,
        app: text("AppDisplayName"),
        code: text("ResultType").parse().unwrap_or_default(),
        client: text("ClientAppUsed"),
        two_factors: text("AuthenticationRequirement") == TWO_FACTORS,
        known_device: serde_json::from_str::<Device>(&text("DeviceDetail")).is_ok_and(|device| device.is_known()),
    };
    Some(Seen { time, what: What::SignIn(sign_in) })
}

/// The moment in the portal's CSV.
const PORTAL_TIME: &str = "%m/%d/%Y, %I:%M:%S%.f %p";
const TWO_FACTORS: &str = "multiFactorAuthentication";

/// A value of which no more is known than that it may be a text or a number.
#[derive(Debug, Clone, Default)]
enum Scalar<'a> {
    #[default]
    None,
    Text(Cow<'a, str>),
    Number(i64),
}

impl<'a> Scalar<'a> {
    fn text(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string().into(),
            Self::None => "".into(),
        }
    }

    fn number(&self) -> Option<i64> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => Some(*number),
            Self::None => None,
        }
    }

    fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }

    fn is_filled(&self) -> bool {
        matches!(self, Self::Text(text) if !text.is_empty())
    }

    /// A moment with a zone, or without one, which means UTC.
    fn time(&self) -> Option<DateTime<Utc>> {
        let Self::Text(text) = self else { return None };
        let zoned = DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
        zoned.or_else(|| Some(text.parse::<NaiveDateTime>().ok()?.and_utc()))
    }
}

/// Reads any value: texts and numbers are kept, a map becomes `T`.
struct Lenient;

macro_rules! scalar_visitor {
    () => {
        type Value = Scalar<'de>;
        fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
            formatter.write_str("any value")
        }
        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Scalar::Text(text.into()))
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Scalar::Text(text.to_owned().into()))
        }
        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Scalar::Number(number))
        }
        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Scalar::Number(number as i64))
        }
    };
}

impl<'de> Visitor<'de> for Lenient {
    scalar_visitor!();
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Number(i64::from(value)))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Scalar::None)
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::None)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        IgnoredAny::deserialize(MapAccessDeserializer::new(map)).map(|_| Scalar::None)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::None)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient)
    }
}

/// An object, or nothing where something else stands.
#[derive(Debug, Default)]
struct Inner<T>(Option<Box<T>>);

struct InnerVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for InnerVisitor<T> {
    type Value = Inner<T>;
    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("any value")
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Inner(None))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Inner(None))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Inner(None))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Inner(None))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Inner(None))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Inner(None))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Inner(None))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| Inner(Some(Box::new(value))))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Inner<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(InnerVisitor(std::marker::PhantomData))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Device<'a> {
    #[serde(borrow)]
    device_id: Scalar<'a>,
}

impl Device<'_> {
    fn is_known(&self) -> bool {
        self.device_id.is_filled()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status<'a> {
    #[serde(borrow)]
    error_code: Scalar<'a>,
}

/// The fields of all envelopes that matter here, on whatever level they stand.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Fields<'a> {
    #[serde(borrow)]
    category: Scalar<'a>,
    #[serde(borrow)]
    properties: Inner<Fields<'a>>,
    // Sign-ins of diagnostic settings and Graph.
    #[serde(rename = "createdDateTime", borrow)]
    created: Scalar<'a>,
    #[serde(rename = "isInteractive", borrow)]
    is_interactive: Scalar<'a>,
    #[serde(rename = "userPrincipalName", borrow)]
    upn: Scalar<'a>,
    #[serde(rename = "servicePrincipalName", borrow)]
    service_principal: Scalar<'a>,
    #[serde(rename = "appDisplayName", borrow)]
    app: Scalar<'a>,
    #[serde(rename = "clientAppUsed", borrow)]
    client: Scalar<'a>,
    #[serde(rename = "authenticationRequirement", borrow)]
    requirement: Scalar<'a>,
    #[serde(borrow)]
    status: Inner<Status<'a>>,
    #[serde(rename = "deviceDetail", borrow)]
    device: Inner<Device<'a>>,
    // Unified audit.
    #[serde(rename = "CreationTime", borrow)]
    creation: Scalar<'a>,
    #[serde(rename = "Id", borrow)]
    id: Scalar<'a>,
    #[serde(rename = "Operation", borrow)]
    operation: Scalar<'a>,
    #[serde(rename = "Workload", borrow)]
    workload: Scalar<'a>,
    #[serde(rename = "UserId", borrow)]
    user_id: Scalar<'a>,
    // Windows events of NXLog, Winlogbeat.
    #[serde(rename = "@timestamp", borrow)]
    stamp: Scalar<'a>,
    #[serde(alias = "event_id", rename = "EventID", borrow)]
    event_id: Scalar<'a>,
    #[serde(rename = "LogonType", borrow)]
    logon_type: Scalar<'a>,
    #[serde(rename = "AuthenticationPackageName", borrow)]
    package: Scalar<'a>,
    #[serde(borrow)]
    winlog: Inner<Fields<'a>>,
    #[serde(borrow)]
    event_data: Inner<Fields<'a>>,
    // Times of everything else.
    #[serde(rename = "Timestamp", borrow)]
    hunting_time: Scalar<'a>,
    #[serde(rename = "TimeGenerated", borrow)]
    generated: Scalar<'a>,
    #[serde(rename = "activityDateTime", borrow)]
    activity: Scalar<'a>,
    #[serde(borrow)]
    time: Scalar<'a>,
}

impl<'a> Fields<'a> {
    fn seen(mut self) -> Seen<'a> {
        if self.creation.is_some() && self.operation.is_some() {
            return self.office();
        }
        if let Some(winlog) = self.winlog.0.take() {
            let data = winlog.event_data.0.unwrap_or_default();
            return windows(&self.stamp, &winlog.event_id, &data);
        }
        if self.event_id.is_some() {
            return windows(&self.stamp, &self.event_id, &self);
        }
        let category = std::mem::take(&mut self.category).text();
        let outer_time = self.time.time();
        let fields = self.properties.0.take().map_or(self, |inner| *inner);
        let is_sign_in = fields.created.is_some() && fields.app.is_some() && fields.status.0.is_some();
        // Objects of a directory were created long ago; that is no event.
        let created = fields.created.time().filter(|_| is_sign_in);
        let times = [&fields.activity, &fields.hunting_time, &fields.generated];
        let time = created.or_else(|| times.into_iter().find_map(Scalar::time)).or(outer_time);
        let what = if is_sign_in { fields.sign_in(&category) } else { What::Other };
        Seen { time, what }
    }

    fn sign_in(self, category: &str) -> What<'a> {
        if !self.upn.is_filled() {
            let name = if self.service_principal.is_filled() { self.service_principal } else { self.app };
            return What::Workload(name.text());
        }
        let interactive = match category {
            "" => self.is_interactive.number() != Some(0),
            _ => category == "SignInLogs",
        };
        What::SignIn(SignInSeen {
            interactive,
            user: self.upn.text(),
            app: self.app.text(),
            code: self.status.0.and_then(|status| status.error_code.number()).unwrap_or_default(),
            client: self.client.text(),
            two_factors: self.requirement.text() == TWO_FACTORS,
            known_device: self.device.0.is_some_and(|device| device.is_known()),
        })
    }

    fn office(self) -> Seen<'a> {
        let time = self.creation.time();
        let id = id_bits(&self.id.text());
        let (user, workload, operation) = (self.user_id.text(), self.workload.text(), self.operation.text());
        Seen { time, what: What::Office(OfficeSeen { id, user, workload, operation }) }
    }
}

fn windows<'a>(time: &Scalar, event_id: &Scalar, data: &Fields) -> Seen<'a> {
    let kerberos = matches!(&data.package, Scalar::Text(package) if package == "Kerberos");
    let number = |scalar: &Scalar| scalar.number().unwrap_or_default();
    let (event_id, logon_type) = (number(event_id), number(&data.logon_type));
    Seen { time: time.time(), what: What::Windows { event_id, logon_type, kerberos } }
}

/// The last 64 bits of a GUID's text, of which the lowest 48 are random.
fn id_bits(id: &str) -> u64 {
    let digits = id.bytes().filter_map(|byte| char::from(byte).to_digit(16));
    digits.fold(0, |bits, digit| bits << 4 | u64::from(digit))
}

impl Seen<'_> {
    fn into_owned<'b>(self) -> Seen<'b> {
        let owned = |text: Cow<str>| Cow::Owned(text.into_owned());
        let what = match self.what {
            What::Office(office) => What::Office(OfficeSeen {
                id: office.id,
                user: owned(office.user),
                workload: owned(office.workload),
                operation: owned(office.operation),
            }),
            What::Windows { event_id, logon_type, kerberos } => What::Windows { event_id, logon_type, kerberos },
            _ => What::Other,
        };
        Seen { time: self.time, what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<DateTime<Utc>> {
        text.parse().ok()
    }

    #[test]
    fn sign_ins_are_read_back_from_all_envelopes() {
        let fields = r#""createdDateTime":"2026-01-05T09:00:00.1234567+00:00","userPrincipalName":"Ann@tailwind.example",
            "appDisplayName":"My Apps","clientAppUsed":"IMAP4","isInteractive":true,"status":{"errorCode":50126,"x":[{}]},
            "authenticationRequirement":"multiFactorAuthentication","deviceDetail":{"deviceId":"d"}"#;
        let expected = SignInSeen {
            interactive: true,
            user: "Ann@tailwind.example".into(),
            app: "My Apps".into(),
            code: 50126,
            client: "IMAP4".into(),
            two_factors: true,
            known_device: true,
        };
        let diagnostic = format!(r#"{{"category":"SignInLogs","time":"x","properties":{{{fields}}}}}"#);
        for text in [format!("{{{fields}}}"), diagnostic] {
            let seen = line(&text).expect("a record");
            assert_eq!(seen.what, What::SignIn(expected.clone()));
            assert_eq!(seen.time, at("2026-01-05T09:00:00.1234567Z"));
        }
        let header: Vec<String> = "CreatedDateTime [UTC],UserPrincipalName,AppDisplayName,ClientAppUsed,ResultType,\
                                   IsInteractive,AuthenticationRequirement,DeviceDetail"
            .split(',')
            .map(str::to_owned)
            .collect();
        let row = "\"1/5/2026, 9:00:00.123 AM\",Ann@tailwind.example,My Apps,IMAP4,50126,true,\
                   multiFactorAuthentication,\"{\"\"deviceId\"\":\"\"d\"\"}\"\r\n";
        let seen = csv(row, &header).expect("a record");
        assert_eq!((seen.what, seen.time), (What::SignIn(expected), at("2026-01-05T09:00:00.123Z")));
        assert_eq!(csv("one,two", &header), None);
    }

    #[test]
    fn other_logs_are_read_back_too() {
        fn what(text: &str) -> Option<(What<'_>, Option<DateTime<Utc>>)> {
            line(text).map(|seen| (seen.what, seen.time))
        }
        let windows = |time| (What::Windows { event_id: 4624, logon_type: 3, kerberos: true }, at(time));
        let data = r#""LogonType":"3","AuthenticationPackageName":"Kerberos""#;
        let nxlog = format!(r#"{{"EventID":4624,{data},"@timestamp":"2026-01-05T09:00:00.000Z"}}"#);
        let beat =
            format!(r#"{{"@timestamp":"2026-01-05T09:00:00Z","winlog":{{"event_id":4624,"event_data":{{{data}}}}}}}"#);
        assert_eq!(what(&nxlog), Some(windows("2026-01-05T09:00:00Z")));
        assert_eq!(what(&beat), Some(windows("2026-01-05T09:00:00Z")));
        let hunting = r#"{"category":"AdvancedHunting-DeviceInfo","properties":{"Timestamp":"2026-01-05T09:00:00Z"}}"#;
        assert_eq!(what(hunting), Some((What::Other, at("2026-01-05T09:00:00Z"))));
        let cef = "<134>Jan  5 09:00:00 nss01 CEF:0|a|b|c|d|e|3|act=Allowed rt=1767603600000 x=y";
        assert_eq!(what(cef), Some((What::Other, at("2026-01-05T09:00:00Z"))));
        let object =
            r#"{"id":"1","createdDateTime":"2020-01-05T09:00:00Z","userPrincipalName":"ann@tailwind.example"}"#;
        assert_eq!(what(object), Some((What::Other, None)));
        assert_eq!(what("nothing"), None);
        assert_eq!(what("{\"half"), None);
        let office = r#"{"CreationTime":"2026-01-05T09:00:00","Id":"00000000-0000-4000-8000-0000000000ff","Operation":"o","UserId":null,"Workload":"w"}"#;
        let (what, _) = what(office).expect("a record");
        let expected =
            OfficeSeen { id: 0x8000_0000_0000_00ff, user: "".into(), workload: "w".into(), operation: "o".into() };
        assert_eq!(what, What::Office(expected));
    }
}
