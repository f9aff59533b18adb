//! How much of each folder of samples must be placed: one line a folder, raised as decoders are added.

/// A folder of the public samples.
#[derive(Debug)]
pub struct Folder {
    /// Its name.
    pub name: &'static str,
    /// Subfolders that hold no logs of a format that is read.
    pub leave_out: &'static [&'static str],
    /// Least share of its log records that are in the right tables.
    pub placed: f64,
    /// Least share of the compared field values that are the same as those of independent parsers.
    pub agreement: f64,
}

/// The folders. `lanl-auth` holds authentications in a research format of its own.
pub const FOLDERS: [Folder; 7] = [
    Folder { name: "entra", leave_out: &[], placed: 0.98, agreement: 0.99 },
    Folder { name: "o365", leave_out: &[], placed: 0.99, agreement: 0.97 },
    Folder { name: "windows", leave_out: &["lanl-auth"], placed: 0.99, agreement: 0.0 },
    Folder { name: "defender", leave_out: &[], placed: 0.98, agreement: 0.98 },
    Folder { name: "cef", leave_out: &[], placed: 0.98, agreement: 0.97 },
    Folder { name: "aws", leave_out: &[], placed: 1.0, agreement: 0.0 },
    Folder { name: "bloodhound", leave_out: &[], placed: 1.0, agreement: 0.0 },
];
