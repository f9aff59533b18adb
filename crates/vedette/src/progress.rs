//! Progress on standard error: a bar on a terminal, plain lines otherwise.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};
use server::Progress;

/// Shows how far a long command is.
pub(crate) struct TerminalProgress {
    bar: Mutex<Option<ProgressBar>>,
    is_terminal: bool,
}

impl TerminalProgress {
    /// Progress on standard error.
    pub(crate) fn new() -> Self {
        Self { bar: Mutex::new(None), is_terminal: std::io::stderr().is_terminal() }
    }

    fn with_bar(&self, change: impl FnOnce(&mut Option<ProgressBar>)) {
        if let Ok(mut bar) = self.bar.lock() {
            change(&mut bar);
        }
    }
}

impl Progress for TerminalProgress {
    fn stage(&self, name: &str, total: u64, unit: server::Unit) {
        if !self.is_terminal {
            // A closed standard error is no reason to stop.
            let _ = writeln!(std::io::stderr(), "{name} …");
            return;
        }
        let template = match unit {
            server::Unit::Bytes => "{msg:20} {wide_bar} {bytes}/{total_bytes} {eta}",
            server::Unit::Items => "{msg:20} {wide_bar} {pos}/{len} {eta}",
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let next = ProgressBar::new(total).with_style(style).with_message(name.to_owned());
        self.with_bar(|bar| {
            if let Some(previous) = bar.replace(next) {
                previous.finish_and_clear();
            }
        });
    }

    fn advance(&self, by: u64) {
        self.with_bar(|bar| {
            if let Some(bar) = bar {
                bar.inc(by);
            }
        });
    }

    fn finish(&self) {
        self.with_bar(|bar| {
            if let Some(bar) = bar.take() {
                bar.finish_and_clear();
            }
        });
    }
}
