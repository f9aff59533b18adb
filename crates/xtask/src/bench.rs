//! Measures the release build.

mod ingest;
pub(crate) mod queries;
mod rules;
mod sign_ins;

/// `bench NAME [options]`.
pub(crate) fn bench(args: &[String]) -> Result<(), String> {
    match args.first().map(String::as_str) {
        Some("ingest") => ingest::bench(&args[1..]),
        Some("queries") => queries::bench(&args[1..]),
        Some("rules") => rules::bench(&args[1..]),
        Some("sign-ins") => sign_ins::bench(&args[1..]),
        Some(other) => Err(format!("no bench `{other}`\nhint: there are ingest, queries, rules, sign-ins")),
        None => Err("`bench` needs a name\nhint: there are ingest, queries, rules, sign-ins".to_owned()),
    }
}
