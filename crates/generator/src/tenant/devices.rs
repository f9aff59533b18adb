//! Laptops, telephones and browsers, and what they tell logs of themselves. Programs age: their versions rise by the month.

use chrono::{DateTime, Datelike, Utc};

use crate::guid::Guid;

/// What kind of thing signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Platform {
    /// Edge on Windows.
    WindowsEdge,
    /// Chrome on Windows.
    WindowsChrome,
    /// Firefox on Windows.
    WindowsFirefox,
    /// Safari on an iPhone.
    IPhone,
    /// Chrome on Android.
    Android,
    /// A program on Linux.
    Linux,
    /// Nothing is known.
    Unknown,
}

/// A computer or phone as sign-in logs describe it.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    /// Entra device id, [`Guid::NIL`] when the device isn't registered.
    pub(crate) id: Guid,
    /// Name without the domain, empty when the device isn't registered.
    pub(crate) name: String,
    pub(crate) platform: Platform,
}

/// A browser in private mode, or a stranger's: nothing that identifies it.
pub(crate) static PRIVATE_EDGE: Device = unregistered(Platform::WindowsEdge);
/// See [`PRIVATE_EDGE`].
pub(crate) static UNREGISTERED_CHROME: Device = unregistered(Platform::WindowsChrome);
/// See [`PRIVATE_EDGE`].
pub(crate) static UNREGISTERED_FIREFOX: Device = unregistered(Platform::WindowsFirefox);
/// A program on a server.
pub(crate) static UNREGISTERED_LINUX: Device = unregistered(Platform::Linux);
/// A device that says nothing of itself.
pub(crate) static UNKNOWN_DEVICE: Device = unregistered(Platform::Unknown);

const fn unregistered(platform: Platform) -> Device {
    Device { id: Guid::NIL, name: String::new(), platform }
}

impl Device {
    /// Whether the directory knows the device.
    pub(crate) fn is_registered(&self) -> bool {
        self.id != Guid::NIL
    }
}

impl Platform {
    /// `operatingSystem` of sign-in logs.
    pub(crate) fn operating_system(self) -> &'static str {
        match self {
            Self::WindowsEdge | Self::WindowsChrome | Self::WindowsFirefox => "Windows 11",
            Self::IPhone => "Ios 18.7",
            Self::Android => "Android 15",
            Self::Linux => "Linux",
            Self::Unknown => "",
        }
    }
}

/// With which program something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agent {
    /// The platform's browser.
    Browser,
    /// The token broker of Windows.
    Broker,
    /// A mail program of old, with name and password.
    LegacyMail,
    /// OneDrive's sync client.
    Sync,
    /// A program with this user agent.
    Program(&'static str),
}

/// Months since January 2026, when Chrome and Edge were at version 143.
fn months(time: DateTime<Utc>) -> i32 {
    (time.year() - 2026) * 12 + time.month0() as i32
}

/// The version of Chrome and Edge at `time`.
fn chromium(time: DateTime<Utc>) -> i32 {
    143 + months(time)
}

/// Name and version as the sign-in logs' `browser` has them.
pub(crate) fn browser(platform: Platform, agent: Agent, time: DateTime<Utc>) -> String {
    match (agent, platform) {
        (Agent::Broker, _) => "Rich Client 4.67.1.0".into(),
        (Agent::LegacyMail, _) => "Rich Client 5.1.9.0".into(),
        (Agent::Sync, _) => "Rich Client 4.66.2.0".into(),
        (Agent::Program(_), _) | (_, Platform::Linux | Platform::Unknown) => String::new(),
        (Agent::Browser, Platform::WindowsEdge) => format!("Edge {}.0.0", chromium(time)),
        (Agent::Browser, Platform::WindowsChrome) => format!("Chrome {}.0.0", chromium(time)),
        (Agent::Browser, Platform::WindowsFirefox) => format!("Firefox {}.0", chromium(time) + 3),
        (Agent::Browser, Platform::IPhone) => "Mobile Safari 18.7".into(),
        (Agent::Browser, Platform::Android) => format!("Chrome Mobile {}.0.0", chromium(time)),
    }
}

/// The user agent that requests carry.
pub(crate) fn user_agent(platform: Platform, agent: Agent, time: DateTime<Utc>) -> String {
    const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
    const KHTML: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
    let version = chromium(time);
    match (agent, platform) {
        (Agent::Program(name), _) => name.into(),
        (Agent::Broker, _) => "Windows-AzureAD-Authentication-Provider/1.0".into(),
        (Agent::LegacyMail, _) => "BAV2ROPC".into(),
        (Agent::Sync, _) => "Microsoft SkyDriveSync 25.222.1112.0002 ship; Windows NT 10.0 (26100)".into(),
        (Agent::Browser, Platform::WindowsEdge) => {
            format!("{WINDOWS} {KHTML} Chrome/{version}.0.0.0 Safari/537.36 Edg/{version}.0.0.0")
        }
        (Agent::Browser, Platform::WindowsChrome) => format!("{WINDOWS} {KHTML} Chrome/{version}.0.0.0 Safari/537.36"),
        (Agent::Browser, Platform::WindowsFirefox) => {
            let version = version + 3;
            format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{version}.0) Gecko/20100101 Firefox/{version}.0")
        }
        (Agent::Browser, Platform::IPhone) => {
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
                .into()
        }
        (Agent::Browser, Platform::Android) => {
            format!("Mozilla/5.0 (Linux; Android 15; Pixel 9) {KHTML} Chrome/{version}.0.0.0 Mobile Safari/537.36")
        }
        (Agent::Browser, Platform::Linux) => "curl/8.5.0".into(),
        (Agent::Browser, Platform::Unknown) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_grow_older() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        let browser = |time| browser(Platform::WindowsEdge, Agent::Browser, at(time));
        assert_eq!(browser("2026-01-05T00:00:00Z"), "Edge 143.0.0");
        assert_eq!(browser("2027-02-01T00:00:00Z"), "Edge 156.0.0");
    }
}
