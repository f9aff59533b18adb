//! `vedette tokens`, `vedette users` and `vedette clients`.

use std::io::{self, BufRead};
use std::process::ExitCode;

use chrono::{TimeDelta, Utc};
use server::{AccessListing, AccessManager, Config, Error};

use crate::args::{ClientsCommand, StateArg, TokensCommand, UsersCommand};
use crate::output;
use crate::output::table;

/// Runs `vedette tokens`.
pub(crate) fn tokens(command: TokensCommand) -> Result<ExitCode, Error> {
    let now = Utc::now();
    match command {
        // The secret alone, so that a script can take it as it is.
        TokensCommand::Create { name, roles, expires, state } => {
            output::text(&format!("{}\n", open(state)?.create_token(&name, &roles, expires, now)?.secret))?;
        }
        TokensCommand::List { state } => print(&open(state)?.tokens()?)?,
        TokensCommand::Rotate { id, overlap, state } => {
            output::text(&format!("{}\n", open(state)?.rotate_token(&id, hours(overlap), now)?.secret))?;
        }
        TokensCommand::Revoke { id, state } => open(state)?.revoke_token(&id, now)?,
        TokensCommand::SharedKeys { workspace_id, state } => {
            let (primary, secondary) = open(state)?.make_shared_keys(&workspace_id, now)?;
            output::text(&format!("primary {primary}\nsecondary {secondary}\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `vedette users`.
pub(crate) fn users(command: UsersCommand) -> Result<ExitCode, Error> {
    match command {
        UsersCommand::Create { name, roles, no_password, state } => {
            let manager = open(state)?;
            let password = if no_password { None } else { Some(password()?) };
            output::text(&format!("{}\n", manager.create_user(&name, password.as_deref(), &roles, Utc::now())?))?;
        }
        UsersCommand::List { state } => print(&open(state)?.users()?)?,
        UsersCommand::SetPassword { name, state } => {
            let manager = open(state)?;
            manager.set_password(&name, &password()?)?;
        }
        UsersCommand::Disable { name, state } => open(state)?.set_user_disabled(&name, true)?,
        UsersCommand::Enable { name, state } => open(state)?.set_user_disabled(&name, false)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `vedette clients`.
pub(crate) fn clients(command: ClientsCommand) -> Result<ExitCode, Error> {
    let now = Utc::now();
    match command {
        ClientsCommand::Create { name, id, roles, state } => {
            let given = open(state)?.create_client(&name, id, &roles, now)?;
            output::text(&format!("id {}\nsecret {}\n", given.id, given.secret))?;
        }
        ClientsCommand::List { state } => print(&open(state)?.clients()?)?,
        ClientsCommand::Rotate { id, overlap, state } => {
            output::text(&format!("{}\n", open(state)?.rotate_client(&id, hours(overlap), now)?.secret))?;
        }
        ClientsCommand::Delete { id, state } => open(state)?.delete_client(&id)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn open(state: StateArg) -> Result<AccessManager, Error> {
    let config =
        Config::load(state.config.as_deref(), state.workspace).map_err(|error| Error::new(error.to_string()))?;
    AccessManager::open(&config)
}

fn hours(hours: u16) -> TimeDelta {
    TimeDelta::hours(i64::from(hours))
}

fn password() -> Result<String, Error> {
    let mut line = String::new();
    let read = io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| Error::new(format!("cannot read the password: {error}")))?;
    if read == 0 {
        return Err(
            Error::new("no password on the standard input").with_hint("give it as the first line: `< password.txt`")
        );
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn print(listing: &AccessListing) -> Result<(), Error> {
    let mut shown = table::new(listing.header);
    for row in &listing.rows {
        shown.add_row(row.iter().map(|text| table::cell(text)));
    }
    output::text(&format!("{shown}\n"))
}
