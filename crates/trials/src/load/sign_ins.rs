//! Bodies of sign-ins as diagnostic settings export them, made before the clock runs.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::Random;

/// What stands where a record's number will: twelve digits, at the end of its id and of the id of its request.
const PLACE: &[u8] = b"############";
const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const APPLICATIONS: [&str; 4] = ["Azure Portal", "Microsoft Teams", "Office 365 Exchange Online", "Windows Sign In"];
const COUNTRIES: [&str; 8] = ["DE", "US", "FR", "GB", "NL", "ES", "IT", "PL"];

/// A body of records of some 2 KB, whose ids are written anew each time it is sent: the service knows an event that it has seen.
#[derive(Debug, Clone)]
pub(super) struct SignIns {
    pub(super) body: Vec<u8>,
    /// Where the numbers stand, two a record.
    places: Vec<usize>,
}

impl SignIns {
    /// A body of so many records, as a JSON array.
    pub(super) fn new(records: usize, random: &mut Random) -> Self {
        let lines: Vec<String> = (0..records).map(|_| record(random)).collect();
        let body = format!("[{}]", lines.join(",")).into_bytes();
        let mut places = Vec::with_capacity(records * 2);
        let mut at = 0;
        while at + PLACE.len() <= body.len() {
            if body[at..].starts_with(PLACE) {
                places.push(at);
                at += PLACE.len();
            } else {
                at += 1;
            }
        }
        Self { body, places }
    }

    /// Records of the body.
    pub(super) fn records(&self) -> usize {
        self.places.len() / 2
    }

    /// Numbers the records from there on.
    pub(super) fn number(&mut self, first: u64) {
        for (index, places) in self.places.chunks_exact(2).enumerate() {
            let digits = format!("{:012}", (first + index as u64) % 1_000_000_000_000);
            for place in places {
                self.body[*place..*place + PLACE.len()].copy_from_slice(digits.as_bytes());
            }
        }
    }

    /// The records as lines.
    pub(super) fn lines(&self) -> Vec<u8> {
        let text = String::from_utf8_lossy(&self.body);
        let inner = text.trim_start_matches('[').trim_end_matches(']').replace(r#"},{"time":"#, "}\n{\"time\":");
        (inner + "\n").into_bytes()
    }
}

fn record(random: &mut Random) -> String {
    let (user, choice) = (random.between(0, 5000), random.draw());
    let failed = choice.is_multiple_of(12);
    let (code, reason) = if failed { (50126, "Invalid username or password.") } else { (0, "Other.") };
    let address = format!("{}.{}.{}.{}", 20 + user % 70, user % 250, choice % 200, 1 + choice / 256 % 250);
    let country = COUNTRIES[(user % 8) as usize];
    let application = APPLICATIONS[(choice >> 40) as usize % APPLICATIONS.len()];
    let time = time_before_now(random.between(0, 3_600_000));
    let (high, low) = (choice >> 32, choice & 0xFFFF);
    let policy = |index: u32, name: &str, result: &str| {
        format!(
            r#"{{"id":"00000000-0000-0000-0003-{index:012}","displayName":"{name}","enforcedGrantControls":["Mfa"],"enforcedSessionControls":[],"result":"{result}"}}"#
        )
    };
    let policies = [
        policy(1, "Require MFA for all users", "success"),
        policy(2, "Block legacy authentication", "notApplied"),
        policy(3, "Require compliant device", "notApplied"),
    ];
    format!(
        concat!(
            r#"{{"time":"{time}","resourceId":"/tenants/{tenant}/providers/Microsoft.aadiam","operationName":"Sign-in activity","operationVersion":"1.0","category":"SignInLogs","tenantId":"{tenant}","resultType":"{code}","resultDescription":"{reason}","callerIpAddress":"{address}","correlationId":"{high:08x}-{low:04x}-4000-8000-000000000000","identity":"User {user}","location":"{country}","#,
            r#""properties":{{"id":"{high:08x}-{low:04x}-4000-8000-############","createdDateTime":"{time}","userDisplayName":"User {user}","userPrincipalName":"user{user}@contoso.com","userId":"00000000-0000-0000-0000-{user:012}","appId":"00000000-0000-0000-0001-000000000001","appDisplayName":"{application}","ipAddress":"{address}","clientAppUsed":"Browser","userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{browser}.0.0.0 Safari/537.36","conditionalAccessStatus":"success","isInteractive":true,"riskDetail":"none","riskLevelAggregated":"none","riskState":"none","resourceDisplayName":"Microsoft Graph","authenticationRequirement":"multiFactorAuthentication","originalRequestId":"{high:08x}-{low:04x}-4000-8000-############","#,
            r#""status":{{"errorCode":{code},"failureReason":"{reason}"}},"deviceDetail":{{"displayName":"CONTOSO-{user:05}","operatingSystem":"Windows10","browser":"Edge {browser}.0.0","isCompliant":true,"trustType":"Azure AD joined"}},"location":{{"city":"City {city}","countryOrRegion":"{country}","geoCoordinates":{{"latitude":50.1,"longitude":8.6}}}},"appliedConditionalAccessPolicies":[{policies}]}}}}"#,
        ),
        time = time,
        tenant = TENANT,
        code = code,
        reason = reason,
        address = address,
        high = high,
        low = low,
        user = user,
        country = country,
        application = application,
        browser = 100 + user % 40,
        city = user % 900,
        policies = policies.join(","),
    )
}

/// A time so many milliseconds ago, as exports write it.
pub(super) fn time_before_now(milliseconds: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let at = (now.as_millis() as u64).saturating_sub(milliseconds);
    let (days, of_day) = (at / 86_400_000, at % 86_400_000);
    // Civil date from days since 1970: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3_600_000, of_day / 60_000 % 60, of_day / 1000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}0000Z", of_day % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_have_two_kilobytes_and_ids_of_their_own() {
        let mut body = SignIns::new(10, &mut Random::new(1));
        body.number(5);
        let records: Vec<serde_json::Value> = serde_json::from_slice(&body.body).expect("JSON");
        assert_eq!((records.len(), body.records()), (10, 10));
        let size = body.body.len() / 10;
        assert!((1800..2300).contains(&size), "{size}");
        assert!(records[3]["properties"]["id"].as_str().expect("an id").ends_with("-000000000008"));
        let lines = String::from_utf8(body.lines()).expect("UTF-8");
        assert_eq!(lines.lines().filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count(), 10);
    }

    #[test]
    fn times_are_of_now() {
        let year: u32 = time_before_now(0)[..4].parse().expect("a year");
        assert!(year >= 2024, "{year}");
        assert_eq!(time_before_now(0).len(), "2026-01-05T08:00:00.0000000Z".len());
    }
}
