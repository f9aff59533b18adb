//! Measures whole processes of the release build.

mod sign_ins;

/// `bench NAME [options]`.
pub(crate) fn bench(args: &[String]) -> Result<(), String> {
    match args.first().map(String::as_str) {
        Some("sign-ins") => sign_ins::bench(&args[1..]),
        Some(other) => Err(format!("no bench `{other}`\nhint: there is sign-ins")),
        None => Err("`bench` needs a name\nhint: there is sign-ins".to_owned()),
    }
}
