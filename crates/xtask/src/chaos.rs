//! Kills the service under load, tears its log, fills its disk; what was acknowledged must be there, once.

use std::path::PathBuf;
use std::time::Duration;

use trials::{ChaosOptions, chaos as make_chaos};

use crate::project::{cargo, root, run, target_dir};

const USAGE: &str =
    "usage: cargo xtask chaos [--kills 200] [--senders 4] [--seed N] [--minutes 20] [--postgres] [--vedette FILE]";

/// `chaos [options]`.
pub(crate) fn chaos(args: &[String]) -> Result<(), String> {
    let mut options = parse(args)?;
    if options.vedette.as_os_str().is_empty() {
        run(cargo().args(["build", "--locked", "--package", "vedette"]).current_dir(root()))?;
        options.vedette = target_dir().join("debug/vedette");
    }
    let _ = std::fs::remove_dir_all(&options.folder);
    let report = make_chaos(&options)?;
    print!("{report}");
    Ok(())
}

fn parse(args: &[String]) -> Result<ChaosOptions, String> {
    let mut options = ChaosOptions {
        vedette: PathBuf::new(),
        folder: target_dir().join("chaos"),
        kills: 200,
        senders: 4,
        seed: 1,
        time: Duration::from_secs(20 * 60),
        back_within: Duration::from_secs(5),
        has_postgres: false,
    };
    let mut rest = args.iter();
    while let Some(flag) = rest.next() {
        if flag == "--postgres" {
            options.has_postgres = true;
            continue;
        }
        let value = rest.next().ok_or(USAGE)?;
        let number = || value.parse::<u64>().map_err(|_| format!("`{value}` is no number\n{USAGE}"));
        match flag.as_str() {
            "--kills" => options.kills = usize::try_from(number()?).map_err(|error| error.to_string())?,
            "--senders" => options.senders = number()?,
            "--seed" => options.seed = number()?,
            "--minutes" => options.time = Duration::from_secs(60 * number()?),
            "--vedette" => options.vedette = PathBuf::from(value),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(options)
}
