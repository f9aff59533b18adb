//! One million sign-ins: ingest rate, and the top-failures query as a whole process with a warm cache.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::project::{cargo, root, run, target_dir};

const QUERY: &str = "SigninLogs | where ResultType != '0' | summarize count() by UserPrincipalName | top 10 by count_";
/// The same question to a peer on plain Parquet of the same rows; used when its Python package is installed.
const PEER: &str = "\
import sys, duckdb
con = duckdb.connect(); con.execute('set threads to 2')
print(con.execute(f\"select UserPrincipalName, count(*) c from read_parquet('{sys.argv[1]}/**/*.parquet', union_by_name=true) \
where ResultType <> '0' group by 1 order by 2 desc limit 10\").fetchall())
";
const ROUNDS: usize = 7;
const USERS: u64 = 5_000;

/// `bench sign-ins [--rows N]`.
pub(crate) fn bench(args: &[String]) -> Result<(), String> {
    let rows = match args {
        [] => 1_000_000,
        [flag, value] if flag == "--rows" => value.parse().map_err(|_| format!("`{value}` is no number of rows"))?,
        _ => return Err("usage: cargo xtask bench sign-ins [--rows N]".to_owned()),
    };
    run(cargo().args(["build", "--release", "--locked", "--package", "vedette"]).current_dir(root()))?;
    let vedette = target_dir().join("release/vedette");
    let folder = target_dir().join("bench-sign-ins");
    let (input, workspace) = (folder.join("sign-ins.ndjson"), folder.join("workspace"));
    if workspace.exists() {
        fs::remove_dir_all(&workspace)
            .map_err(|error| format!("failed to empty `{}`: {error}", workspace.display()))?;
    }
    fs::create_dir_all(&folder).map_err(|error| format!("failed to create `{}`: {error}", folder.display()))?;
    let bytes =
        write_sign_ins(&input, rows).map_err(|error| format!("failed to write `{}`: {error}", input.display()))?;

    let started = Instant::now();
    run(Command::new(&vedette).arg("ingest").arg(&input).arg("--workspace").arg(&workspace).stdout(Stdio::null()))?;
    let ingest = started.elapsed();
    println!(
        "ingest: {rows} rows, {:.0} MB in {:.1} s = {:.0} MB/s",
        megabytes(bytes),
        ingest.as_secs_f64(),
        megabytes(bytes) / ingest.as_secs_f64()
    );

    let ours = median(|| {
        run(Command::new(&vedette).arg("query").arg(QUERY).arg("--workspace").arg(&workspace).stdout(Stdio::null()))
    })?;
    println!("query, whole process, median of {ROUNDS}: {:.0} ms", ours.as_secs_f64() * 1000.0);
    let table = workspace.join("tables/SigninLogs");
    match median(|| {
        run(Command::new("python3").args(["-c", PEER]).arg(&table).stdout(Stdio::null()).stderr(Stdio::null()))
    }) {
        Ok(peer) => println!(
            "DuckDB on the same files, whole process: {:.0} ms; ratio {:.2}",
            peer.as_secs_f64() * 1000.0,
            ours.as_secs_f64() / peer.as_secs_f64()
        ),
        Err(_) => println!("DuckDB: not installed (`pip install duckdb`), no ratio"),
    }
    Ok(())
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn median(mut round: impl FnMut() -> Result<(), String>) -> Result<Duration, String> {
    round()?; // warms the cache
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        round()?;
        times.push(started.elapsed());
    }
    times.sort();
    Ok(times[ROUNDS / 2])
}

/// Sign-ins in the diagnostic settings envelope over 14 days; the same rows for the same count.
fn write_sign_ins(path: &Path, rows: u64) -> std::io::Result<u64> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut written = 0;
    for row in 0..rows {
        let line = sign_in(row, rows, &mut state);
        written += line.len() as u64;
        out.write_all(line.as_bytes())?;
    }
    out.flush()?;
    Ok(written)
}

/// A step of splitmix64: enough for spread, not for secrets.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn sign_in(row: u64, rows: u64, state: &mut u64) -> String {
    const FAILURES: [(u32, &str); 4] = [
        (50126, "Invalid username or password"),
        (50053, "Account is locked"),
        (50057, "User account is disabled"),
        (50140, "Keep me signed in interrupt"),
    ];
    let random = next(state);
    // Squared, so that few users make most of the rows.
    let user = ((random % USERS) * (random % USERS)) / USERS;
    let (code, reason) = if random >> 60 == 0 { FAILURES[(random >> 32) as usize % 4] } else { (0, "Other.") };
    let second = row * (14 * 86_400) / rows;
    let (day, time) = (1 + second / 86_400, second % 86_400);
    let stamp =
        format!("2026-01-{day:02}T{:02}:{:02}:{:02}.{:03}4567Z", time / 3600, time / 60 % 60, time % 60, random % 1000);
    let (id, correlation) = (next(state), next(state));
    let address = format!("203.0.{}.{}", random >> 20 & 255, random >> 28 & 255);
    let app = random >> 40 & 63;
    format!(
        concat!(
            r#"{{"time":"{stamp}","resourceId":"/tenants/11111111-2222-3333-4444-555555555555/providers/Microsoft.aadiam","operationName":"Sign-in activity","operationVersion":"1.0","category":"SignInLogs","tenantId":"11111111-2222-3333-4444-555555555555","resultType":"{code}","resultSignature":"None","resultDescription":"{reason}","durationMs":0,"callerIpAddress":"{address}","correlationId":"{correlation:016x}","identity":"User {user}","Level":4,"location":"DE","#,
            r#""properties":{{"id":"{id:016x}","createdDateTime":"{stamp}","userDisplayName":"User {user}","userPrincipalName":"user{user}@tailwind.example","userId":"00000000-0000-0000-0000-{user:012}","appId":"00000000-0000-0000-0001-{app:012}","appDisplayName":"Application {app}","ipAddress":"{address}","clientAppUsed":"Browser","userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/1{app}.0","correlationId":"{correlation:016x}","conditionalAccessStatus":"notApplied","isInteractive":true,"riskLevelDuringSignIn":"none","riskState":"none","#,
            r#""status":{{"errorCode":{code},"failureReason":"{reason}"}},"deviceDetail":{{"deviceId":"","operatingSystem":"Windows 10","browser":"Chrome 1{app}.0"}},"location":{{"city":"Berlin","state":"Berlin","countryOrRegion":"DE","geoCoordinates":{{"latitude":52.5,"longitude":13.4}}}}}}}}"#,
            "\n"
        ),
        stamp = stamp,
        code = code,
        reason = reason,
        address = address,
        correlation = correlation,
        user = user,
        id = id,
        app = app,
    )
}
