//! Exit codes, as the README documents them.

use std::process::ExitCode;

/// All was read, all rules ran.
pub(crate) const SUCCESS: u8 = 0;
/// The command failed, or `--fail-on` found an incident.
pub(crate) const FAILURE_CODE: u8 = 1;
/// Some files could not be read.
pub(crate) const UNREADABLE_FILES: u8 = 2;
/// Some rules failed.
pub(crate) const FAILED_RULES: u8 = 3;

/// The command failed.
pub(crate) const FAILURE: ExitCode = ExitCode::FAILURE;

/// The text at the end of `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0  all was read, all rules ran
  1  the command failed, or --fail-on found an incident
  2  some files could not be read; or wrong usage
  3  some rules failed";
