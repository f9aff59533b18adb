//! `vedette manifest`.

use std::process::ExitCode;

use serde_json::{Map, Value};
use server::{Error, ManifestDetail};

use crate::args::{Manifest, ManifestFormat, RowsFormat};
use crate::output;

pub(crate) fn run(args: &Manifest) -> Result<ExitCode, Error> {
    let workspace = &args.workspace.workspace;
    match args.format {
        ManifestFormat::Table => {
            output::rows::print(&server::manifest(workspace, ManifestDetail::Short)?, RowsFormat::Table)?;
        }
        ManifestFormat::Csv => {
            output::rows::print(&server::manifest(workspace, ManifestDetail::Full)?, RowsFormat::Csv)?;
        }
        ManifestFormat::Json => {
            let manifest = server::manifest(workspace, ManifestDetail::Full)?;
            let names = || manifest.columns.iter().map(|column| column.name.clone());
            let files: Vec<Map<String, Value>> = manifest.rows.iter().map(|row| names().zip(row).collect()).collect();
            output::json(&files)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
