//! Sign-ins as diagnostic settings export them: the same rows for the same count.
//!
//! 15 days from 2026-01-01; about 5,000 users of whom few make most of the rows, 10,000 user agents, 200,000 addresses, 40 countries,
//! 80 applications, 8 % failures; no two rows have the same time.

use std::io::{self, Write};

/// Days that the rows cover.
pub(super) const DAYS: u64 = 15;

const USERS: u64 = 5_000;
const ADDRESSES: u64 = 200_000;
const AGENTS: u64 = 10_000;
/// Addresses that try many users.
const SPRAYERS: u64 = 50;
const DAY_MICROSECONDS: u64 = 86_400_000_000;

const TENANT: &str = "11111111-2222-3333-4444-555555555555";

/// With how many of a thousand sign-ins end so.
const RESULTS: [(u32, &str, u64); 12] = [
    (50126, "Error validating credentials due to invalid username or password.", 30),
    (50053, "The account is locked, you've tried to sign in too many times.", 8),
    (50074, "Strong Authentication is required.", 12),
    (50140, "This error occurred due to 'Keep me signed in' interrupt.", 10),
    (53003, "Access has been blocked by Conditional Access policies.", 6),
    (50057, "The user account is disabled.", 3),
    (50055, "The password is expired.", 3),
    (500_121, "Authentication failed during strong authentication request.", 3),
    (50158, "External security challenge was not satisfied.", 2),
    (65001, "The user or administrator has not consented to use the application.", 1),
    (70043, "The refresh token has expired or is invalid.", 1),
    (0, "Other.", 921),
];

const COUNTRIES: [&str; 40] = [
    "DE", "US", "FR", "GB", "NL", "ES", "IT", "PL", "AT", "CH", "BE", "SE", "DK", "NO", "FI", "IE", "PT", "CZ", "HU",
    "RO", "GR", "BG", "HR", "SK", "SI", "EE", "LV", "LT", "LU", "CA", "MX", "BR", "AR", "IN", "JP", "KR", "SG", "AU",
    "NZ", "ZA",
];

const APPLICATIONS: [&str; 8] = [
    "Azure Portal",
    "Microsoft Teams",
    "Office 365 Exchange Online",
    "Office 365 SharePoint Online",
    "Microsoft Authentication Broker",
    "Windows Sign In",
    "Microsoft Office",
    "Azure Active Directory PowerShell",
];

const SYSTEMS: [&str; 5] = ["Windows10", "Windows11", "MacOs", "Ios", "Android"];

/// A step of splitmix64: enough for spread, not for secrets.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// What one sign-in draws.
struct SignIn {
    time: String,
    user: u64,
    address: u64,
    country: &'static str,
    agent: u64,
    application: u64,
    code: u32,
    reason: &'static str,
    random: u64,
    id: (u64, u64),
    correlation: (u64, u64),
}

/// Writes the rows of one day, of `rows` in all days; gives the bytes.
pub(super) fn write_day(out: &mut impl Write, day: u64, rows: u64) -> io::Result<u64> {
    let of_day = rows / DAYS + u64::from(day < rows % DAYS);
    let mut state = 0x5EED_0000 + day;
    let mut written = 0;
    for row in 0..of_day {
        let line = line(&sign_in(day, row, of_day, &mut state));
        written += line.len() as u64;
        out.write_all(line.as_bytes())?;
    }
    Ok(written)
}

fn sign_in(day: u64, row: u64, of_day: u64, state: &mut u64) -> SignIn {
    let random = next(state);
    // Squared, so that few users make most of the rows.
    let user = ((random % USERS) * ((random >> 13) % USERS)) / USERS;
    let mut draw = (next(state) >> 7) % 1000;
    let (code, reason, _) = RESULTS
        .into_iter()
        .find(|(.., share)| {
            let hit = draw < *share;
            draw = draw.wrapping_sub(*share);
            hit
        })
        .unwrap_or(RESULTS[11]);
    let choice = next(state);
    // Each user has few addresses and one country; one sign-in in two hundred comes from elsewhere, some failures from a sprayer.
    let is_sprayed = matches!(code, 50126 | 50053) && choice.is_multiple_of(4);
    let is_elsewhere = choice.is_multiple_of(200);
    let address = match (is_sprayed, is_elsewhere) {
        (true, _) => (choice >> 20) % SPRAYERS,
        (_, true) => SPRAYERS + (choice >> 20) % (ADDRESSES - SPRAYERS),
        _ => SPRAYERS + (user * 37 + (choice >> 20) % 30) % (ADDRESSES - SPRAYERS),
    };
    let home = (user * user / 7) % 17;
    let country = COUNTRIES[if is_elsewhere { (choice >> 40) % 40 } else { home } as usize];
    let agent =
        if choice.is_multiple_of(50) { (choice >> 9) % AGENTS } else { (user * 3 + (choice >> 9) % 3) % AGENTS };
    SignIn {
        time: time(day, row, of_day, random),
        user,
        address,
        country,
        agent,
        application: ((choice >> 30) % 80) * ((choice >> 50) % 80) / 80,
        code,
        reason,
        random,
        id: (next(state), next(state)),
        correlation: (next(state), next(state)),
    }
}

/// Rows are dense at noon and sparse at night; each has a stretch of time of its own.
fn time(day: u64, row: u64, of_day: u64, random: u64) -> String {
    let place = |row: u64| {
        let part = row as f64 / of_day as f64;
        ((part + 0.7 * (std::f64::consts::TAU * part).sin() / std::f64::consts::TAU) * DAY_MICROSECONDS as f64) as u64
    };
    let (first, after) = (place(row), place(row + 1));
    let at = (first + random % after.saturating_sub(first).max(1)).min(DAY_MICROSECONDS - 1);
    let (second, micros) = (at / 1_000_000, at % 1_000_000);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("2026-01-{:02}T{hour:02}:{minute:02}:{:02}.{micros:06}0Z", day + 1, second % 60)
}

fn guid((high, low): (u64, u64)) -> String {
    let (a, b, c) = (high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF);
    format!("{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}", low >> 48, low & 0xFFFF_FFFF_FFFF)
}

fn address(number: u64) -> String {
    format!("{}.{}.{}.{}", 20 + number % 70, number / 70 % 250, number / 17_500 % 250, 1 + number % 250)
}

fn agent(number: u64) -> String {
    let (major, build, patch) = (100 + number % 40, 4000 + number * 7 % 2900, number * 13 % 200);
    match number % 100 {
        0 => format!("python-requests/2.{}.{}", number / 100 % 33, number / 3300),
        1 => format!("curl/8.{}.{}", number / 100 % 16, number / 1600),
        2 => format!("okhttp/4.{}.{}", number / 100 % 13, number / 1300),
        3 => format!("axios/1.{}.{}", number / 100 % 9, number / 900),
        kind if kind < 60 => format!(
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{major}.0.{build}.{patch} Safari/537.36 Edg/{major}.0.{number}.{patch}"
        ),
        kind if kind < 80 => format!(
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.{number} Safari/605.1.15",
            major % 20
        ),
        _ => format!(
            "Mozilla/5.0 (iPhone; CPU iPhone OS {}_{} like Mac OS X) Mobile/{build}{number} Outlook-iOS/2.0",
            10 + major % 9,
            patch % 9
        ),
    }
}

fn application(number: u64) -> String {
    APPLICATIONS.get(number as usize).map_or_else(|| format!("Contoso Application {number}"), |name| (*name).to_owned())
}

fn policies(sign_in: &SignIn) -> String {
    let names =
        ["Require MFA for all users", "Block legacy authentication", "Require compliant device", "Sign-in risk"];
    let entries = names.iter().enumerate().map(|(index, name)| {
        let result = match (sign_in.code, index) {
            (53003, 2) | (50074, 0) => "failure",
            (_, 0) => "success",
            (_, 3) => "reportOnlyNotApplied",
            _ => "notApplied",
        };
        format!(
            r#"{{"id":"00000000-0000-0000-0003-{index:012}","displayName":"{name}","enforcedGrantControls":["Mfa"],"enforcedSessionControls":[],"result":"{result}","conditionsSatisfied":3,"conditionsNotSatisfied":0}}"#
        )
    });
    entries.collect::<Vec<_>>().join(",")
}

/// The documents of a sign-in: those that are columns of type dynamic, and text that holds JSON.
fn documents(sign_in: &SignIn) -> String {
    let SignIn { user, country, random, code, reason, .. } = sign_in;
    let system = SYSTEMS[(user % 5) as usize];
    let device = if random >> 20 & 7 == 0 { String::new() } else { guid((0xD0_0000_0000 + user, *user)) };
    let trust = if device.is_empty() { "" } else { "Azure AD joined" };
    let mfa = match random >> 30 & 3 {
        0 => r#"{"authMethod":"Mobile app notification","authDetail":""}"#,
        _ => "{}",
    };
    let method = if random >> 30 & 3 == 0 { "Mobile app notification" } else { "Previously satisfied" };
    let (latitude, longitude) = (35.0 + (user % 250) as f64 / 10.0, -5.0 + (user % 370) as f64 / 10.0);
    format!(
        concat!(
            r#""status":{{"errorCode":{code},"failureReason":"{reason}","additionalDetails":"MFA requirement satisfied by claim in the token"}},"#,
            r#""deviceDetail":{{"deviceId":"{device}","displayName":"CONTOSO-{user:05}","operatingSystem":"{system}","browser":"Edge {browser}.0.0","isCompliant":true,"isManaged":true,"trustType":"{trust}"}},"#,
            r#""location":{{"city":"City {city}","state":"State {state}","countryOrRegion":"{country}","geoCoordinates":{{"latitude":{latitude:.1},"longitude":{longitude:.1}}}}},"#,
            r#""mfaDetail":{mfa},"appliedConditionalAccessPolicies":[{policies}],"appliedEventListeners":[],"agent":{{"agentType":"notAgentic","parentAppId":null}},"#,
            r#""tokenProtectionStatusDetails":{{"signInSessionStatus":"unbound","signInSessionStatusCode":1008}},"#,
            r#""authenticationDetails":[{{"authenticationStepDateTime":"{time}","authenticationMethod":"{method}","succeeded":true,"authenticationStepResultDetail":"MFA requirement satisfied by claim in the token","authenticationStepRequirement":"Primary authentication"}}],"#,
            r#""authenticationProcessingDetails":[{{"key":"Root Key Type","value":"Unknown"}},{{"key":"Oauth Scope Info","value":"[\"User.Read\"]"}}],"authenticationRequirementPolicies":[],"networkLocationDetails":[{{"networkType":"namedNetwork","networkNames":["Office"]}}],"sessionLifetimePolicies":[]"#,
        ),
        code = code,
        reason = reason,
        device = device,
        user = user,
        system = system,
        browser = 100 + user % 40,
        trust = trust,
        city = user % 900,
        state = user % 90,
        country = country,
        latitude = latitude,
        longitude = longitude,
        mfa = mfa,
        policies = policies(sign_in),
        time = sign_in.time,
        method = method,
    )
}

fn line(sign_in: &SignIn) -> String {
    let SignIn { time, user, country, code, reason, random, .. } = sign_in;
    let (address, application_name) = (address(sign_in.address), application(sign_in.application));
    let (correlation, id) = (guid(sign_in.correlation), guid(sign_in.id));
    let (kind, risk) = (
        if user.is_multiple_of(20) { "Guest" } else { "Member" },
        if random >> 12 & 2047 == 0 { "high" } else { "none" },
    );
    let domain = ["contoso.com", "Contoso.com", "fabrikam.com", "tailspintoys.com"][(user % 4) as usize];
    format!(
        concat!(
            r#"{{"time":"{time}","resourceId":"/tenants/{tenant}/providers/Microsoft.aadiam","operationName":"Sign-in activity","operationVersion":"1.0","category":"SignInLogs","tenantId":"{tenant}","resultType":"{code}","resultSignature":"None","resultDescription":"{reason}","durationMs":0,"callerIpAddress":"{address}","correlationId":"{correlation}","identity":"User {user}","Level":4,"location":"{country}","#,
            r#""properties":{{"id":"{id}","createdDateTime":"{time}","userDisplayName":"User {user}","userPrincipalName":"user{user}@{domain}","userId":"00000000-0000-0000-0000-{user:012}","appId":"00000000-0000-0000-0001-{app:012}","appDisplayName":"{name}","ipAddress":"{address}","clientAppUsed":"{client}","userAgent":"{agent}","correlationId":"{correlation}","conditionalAccessStatus":"success","isInteractive":true,"riskDetail":"none","riskLevelAggregated":"none","riskLevelDuringSignIn":"{risk}","riskState":"none","riskEventTypes":[],"riskEventTypes_v2":[],"resourceDisplayName":"Microsoft Graph","resourceId":"00000003-0000-0000-c000-000000000000","resourceTenantId":"{tenant}","homeTenantId":"{tenant}","authenticationRequirement":"multiFactorAuthentication","processingTimeInMilliseconds":{took},"uniqueTokenIdentifier":"{token:016x}","userType":"{kind}","crossTenantAccessType":"none","autonomousSystemNumber":3320,"tokenIssuerType":"AzureAD","originalRequestId":"{id}",{documents}}}}}"#,
            "\n"
        ),
        time = time,
        tenant = TENANT,
        code = code,
        reason = reason,
        address = address,
        correlation = correlation,
        user = user,
        country = country,
        id = id,
        domain = domain,
        app = sign_in.application,
        name = application_name,
        client = if random >> 40 & 15 == 0 { "Mobile Apps and Desktop clients" } else { "Browser" },
        agent = agent(sign_in.agent),
        risk = risk,
        took = 50 + random % 400,
        token = sign_in.id.1 ^ sign_in.correlation.0,
        kind = kind,
        documents = documents(sign_in),
    )
}
