//! Runs over the public samples in the folder that `VEDETTE_SAMPLES` names; skipped when it is unset.
//!
//! [`folders::FOLDERS`] says how much of each folder must be placed, `data/FOLDER.tables.tsv` which tables are the right ones, and
//! `data/FOLDER.fields.tsv` which of our columns is compared with which field of the independent parsers whose results some samples
//! carry. `VEDETTE_PLACED_TABLE=1` with `--nocapture` prints the table for `docs/decoders.md`.

mod agreement;
pub mod folders;
mod placement;
mod right_tables;
mod speed;
mod wrappers;

use std::path::PathBuf;

use folders::{FOLDERS, Folder};
use placement::Placement;

/// The samples, or `None` with a word about it.
fn samples() -> Option<PathBuf> {
    let root = std::env::var_os("VEDETTE_SAMPLES").map(PathBuf::from);
    if root.is_none() {
        eprintln!("skipped: VEDETTE_SAMPLES is not set");
    }
    root
}

/// The folder must be placed, and agree with the other parsers, as far as its line says.
fn check(name: &str) {
    let Some(root) = samples() else { return };
    let folder = FOLDERS.iter().find(|folder| folder.name == name).unwrap();
    let placement = Placement::measure(&root, folder);
    placement.print();
    placement.assert_explained();
    let share = placement.total().share();
    assert!(share >= folder.placed, "{name}: {:.4} of the log records are in the right tables", share);
    let agreement = placement.agreement(folder);
    agreement.print();
    let share = agreement.share();
    assert!(share >= folder.agreement, "{name}: {share:.4} of the compared field values agree");
}

#[test]
fn the_entra_samples_are_placed() {
    check("entra");
}

#[test]
fn the_office_365_samples_are_placed() {
    check("o365");
}

#[test]
fn the_windows_samples_are_placed() {
    check("windows");
}

#[test]
fn the_defender_samples_are_placed() {
    check("defender");
}

#[test]
fn the_cef_samples_are_placed() {
    check("cef");
}

#[test]
fn the_aws_samples_are_placed() {
    check("aws");
}

#[test]
fn the_bloodhound_samples_are_placed() {
    check("bloodhound");
}

#[test]
fn the_table_of_the_documentation_is_printed_when_asked_for() {
    if std::env::var_os("VEDETTE_PLACED_TABLE").is_none() {
        eprintln!("SKIPPED: VEDETTE_PLACED_TABLE is not set");
        return;
    }
    let Some(root) = samples() else { return };
    let measured: Vec<(&Folder, Placement)> =
        FOLDERS.iter().map(|folder| (folder, Placement::measure(&root, folder))).collect();
    println!("{}", placement::markdown(&measured));
}
