//! A tenant played live into a folder or to an address.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use generator::{Clock, FolderSink, GenerateOptions, LiveFolder, Rate};

use super::generate::summary;
use super::http_receiver::HttpReceiver;
use crate::Error;

/// Where a tenant is played to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlayTarget {
    /// A folder whose files grow.
    Folder(PathBuf),
    /// An address that takes posts.
    Address(String),
}

impl From<&str> for PlayTarget {
    fn from(text: &str) -> Self {
        if text.contains("://") { Self::Address(text.to_owned()) } else { Self::Folder(text.into()) }
    }
}

/// Plays a tenant and says what was played. The truth file goes into the folder played to, or into `truth` where an address is
/// played to and it is named.
pub fn play(options: &GenerateOptions, rate: Rate, target: &PlayTarget, truth: Option<&Path>) -> Result<String, Error> {
    let mut clock = SystemClock { begun: Instant::now() };
    match target {
        PlayTarget::Folder(path) => {
            let mut folder = LiveFolder::open(path)?;
            let told = generator::play(options, rate, &mut clock, &mut folder)?;
            folder.write_truth(&told)?;
            Ok(summary(&told, &format!("played into `{}`", path.display())))
        }
        PlayTarget::Address(address) => {
            let mut receiver = HttpReceiver::new(address)?;
            let folder = truth.map(FolderSink::open).transpose()?;
            let mut told = generator::play(options, rate, &mut clock, &mut receiver)?;
            // No file holds what was posted.
            told.files.clear();
            folder.map_or(Ok(()), |folder| folder.write_truth(&told))?;
            Ok(summary(&told, &format!("played to `{address}`")))
        }
    }
}

/// The machine's own time.
struct SystemClock {
    begun: Instant,
}

impl Clock for SystemClock {
    fn wait_until(&mut self, passed: Duration) {
        std::thread::sleep(passed.saturating_sub(self.begun.elapsed()));
    }
}
