//! How fast decoding is; measured when `VEDETTE_MEASURE` is set, with `--nocapture`.

use std::io::Read;
use std::time::Instant;

use chrono::DateTime;
use ingest::measuring::decode_files;
use ingest::{IngestOptions, MemorySink, NoProgress, ingest};

#[test]
fn speed_of_unified_audit() {
    if std::env::var_os("VEDETTE_MEASURE").is_none() {
        eprintln!("SKIPPED: a measurement; VEDETTE_MEASURE is not set");
        return;
    }
    /// Copies of the sample, each with ids of its own.
    const COPIES: usize = 40;
    let Some(root) = super::samples() else { return };
    let path = root.join("o365/invictus/ual-2021-03-23_2021-06-08.ndjson.gz");
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let copies: String = (0..COPIES).map(|copy| text.replace("\"Id\": \"", &format!("\"Id\": \"{copy}-"))).collect();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ual.ndjson"), &copies).unwrap();
    for threads in [1, 2] {
        let options = IngestOptions { threads, ..IngestOptions::new(DateTime::UNIX_EPOCH) };
        let start = Instant::now();
        let report = ingest(&[folder.path().to_owned()], &options, &MemorySink::new(), &NoProgress).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let megabytes = copies.len() as f64 / 1e6;
        eprintln!(
            "{threads} threads: {megabytes:.0} MB, {} rows, {seconds:.2} s, {:.0} MB/s",
            report.tables["OfficeActivity"],
            megabytes / seconds
        );
    }
}

/// A sign-in of diagnostic settings with what real ones have: policies, steps of authentication, details.
fn sign_in(number: usize) -> String {
    let policy = |id: usize| {
        format!(
            r#"{{"id":"00000000-0000-0000-00aa-{id:012}","displayName":"Policy {id} for all users","enforcedGrantControls":["Mfa","RequireCompliantDevice"],"enforcedSessionControls":[],"result":"notApplied","conditionsSatisfied":3,"conditionsNotSatisfied":8}}"#
        )
    };
    let policies: Vec<String> = (0..6).map(policy).collect();
    let stamp = format!("2026-01-{:02}T{:02}:{:02}:08.6816663Z", 1 + number % 28, number % 24, number % 60);
    let user = number % 5000;
    format!(
        concat!(
            r#"{{"time":"{stamp}","resourceId":"/tenants/11111111-2222-3333-4444-555555555555/providers/Microsoft.aadiam","operationName":"Sign-in activity","operationVersion":"1.0","category":"SignInLogs","tenantId":"11111111-2222-3333-4444-555555555555","resultType":"0","resultSignature":"None","durationMs":0,"callerIpAddress":"203.0.113.7","correlationId":"00000000-0000-0000-00bb-{number:012}","identity":"User {user}","Level":4,"location":"DE","#,
            r#""properties":{{"id":"00000000-0000-0000-00cc-{number:012}","createdDateTime":"{stamp}","userDisplayName":"User {user}","userPrincipalName":"user{user}@contoso.com","userId":"00000000-0000-0000-0000-{user:012}","appId":"00000000-0000-0000-0001-{user:012}","appDisplayName":"Office 365 Exchange Online","ipAddress":"203.0.113.7","status":{{"errorCode":0,"failureReason":"Other.","additionalDetails":"MFA requirement satisfied by claim in the token"}},"clientAppUsed":"Browser","userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36","deviceDetail":{{"deviceId":"","displayName":"","operatingSystem":"Windows 10","browser":"Chrome 120.0.0"}},"location":{{"city":"Berlin","state":"Berlin","countryOrRegion":"DE","geoCoordinates":{{"latitude":52.5,"longitude":13.4}}}},"#,
            r#""mfaDetail":{{}},"correlationId":"00000000-0000-0000-00bb-{number:012}","conditionalAccessStatus":"notApplied","appliedConditionalAccessPolicies":[{policies}],"authenticationContextClassReferences":[],"originalRequestId":"00000000-0000-0000-00cc-{number:012}","isInteractive":true,"tokenIssuerName":"","tokenIssuerType":"AzureAD","authenticationProcessingDetails":[{{"key":"Login Hint Present","value":"True"}},{{"key":"Is CAE Token","value":"False"}}],"networkLocationDetails":[],"clientCredentialType":"none","processingTimeInMilliseconds":231,"riskDetail":"none","riskLevelAggregated":"none","riskLevelDuringSignIn":"none","riskState":"none","riskEventTypes":[],"riskEventTypes_v2":[],"resourceDisplayName":"Office 365 Exchange Online","resourceId":"00000002-0000-0ff1-ce00-000000000000","resourceTenantId":"11111111-2222-3333-4444-555555555555","homeTenantId":"11111111-2222-3333-4444-555555555555","authenticationDetails":[{{"authenticationStepDateTime":"{stamp}","authenticationMethod":"Previously satisfied","succeeded":true,"authenticationStepResultDetail":"MFA requirement satisfied by claim in the token","authenticationStepRequirement":"Primary authentication"}}],"authenticationRequirementPolicies":[],"authenticationRequirement":"singleFactorAuthentication","sessionLifetimePolicies":[],"userType":"Member","flaggedForReview":false,"isTenantRestricted":false,"autonomousSystemNumber":3320,"crossTenantAccessType":"none","uniqueTokenIdentifier":"AAAAAAAAAAAAAAAAAAAAAA","incomingTokenType":"none","authenticationProtocol":"none","appServicePrincipalId":null,"resourceServicePrincipalId":"00000000-0000-0000-00dd-000000000001","rngcStatus":0,"globalSecureAccessIpAddress":""}}}}"#,
            "\n"
        ),
        stamp = stamp,
        number = number,
        user = user,
        policies = policies.join(","),
    )
}

#[test]
fn speed_of_sign_ins() {
    if std::env::var_os("VEDETTE_MEASURE").is_none() {
        eprintln!("SKIPPED: a measurement; VEDETTE_MEASURE is not set");
        return;
    }
    const RECORDS: usize = 40_000;
    let content: String = (0..RECORDS).map(sign_in).collect();
    let megabytes = content.len() as f64 / 1e6;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sign-ins.ndjson");
    std::fs::write(&path, content).unwrap();
    for _ in 0..5 {
        let start = Instant::now();
        let measured = decode_files(&[&path]).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!((measured.records, measured.rejected), (RECORDS as u64, 0));
        eprintln!("one thread: {megabytes:.0} MB, {RECORDS} rows, {seconds:.2} s, {:.0} MB/s", megabytes / seconds);
    }
}
