//! Sites and the files in them: the same file has the same name and identifiers whoever opens it, without being kept anywhere.

use std::fmt::Write as _;

use super::Tenant;
use super::people::{DEPARTMENTS, SHAREPOINT, User};
use crate::guid::Guid;
use crate::random::Random;

/// Where files lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Library {
    /// The OneDrive of an account, by its number.
    Personal(u32),
    /// The site of a department, as an index into [`DEPARTMENTS`].
    Team(u8),
    /// The site of a project, by number.
    Project(u32),
}

/// A file, by its place in its library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileRef {
    pub(crate) library: Library,
    pub(crate) index: u32,
}

/// What is known of a file.
#[derive(Debug)]
pub(crate) struct FileFacts {
    pub(crate) name: String,
    pub(crate) extension: &'static str,
    /// Below the site.
    pub(crate) folder: String,
    pub(crate) id: Guid,
    pub(crate) bytes: u64,
}

/// Identifiers of a site and of its document library.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LibraryIds {
    pub(crate) site: Guid,
    pub(crate) web: Guid,
    pub(crate) list: Guid,
}

/// Accounts for which there is one project site more.
const USERS_PER_PROJECT: u32 = 20;
/// Files of a team's or project's site.
pub(crate) const SHARED_FILES: u64 = 4_000;
/// Files of a OneDrive in the middle; they are heavy-tailed.
pub(crate) const PERSONAL_FILES: u64 = 450;

const TOPICS: [&str; 24] = [
    "Budget",
    "Forecast",
    "Offer",
    "Contract",
    "Minutes",
    "Roadmap",
    "Report",
    "Invoice",
    "Plan",
    "Review",
    "Handbook",
    "Survey",
    "Agenda",
    "Checklist",
    "Proposal",
    "Timeline",
    "Price list",
    "Org chart",
    "Onboarding",
    "Risk register",
    "Test results",
    "Customer list",
    "Specification",
    "Presentation",
];
const FOLDERS: [&str; 10] = [
    "General",
    "Archive",
    "Drafts",
    "Customers",
    "Meetings",
    "Reports",
    "Templates",
    "Suppliers",
    "Planning",
    "Final versions",
];
const EXTENSIONS: [(&str, u64); 7] =
    [("docx", 32), ("xlsx", 28), ("pdf", 18), ("pptx", 12), ("png", 5), ("csv", 3), ("zip", 2)];

impl Library {
    /// Appends the site's address, with the slash at its end.
    pub(crate) fn push_url(self, tenant: &Tenant, text: &mut String) {
        let _ = match self {
            Self::Personal(number) => {
                let folder = tenant.user(number).one_drive();
                write!(text, "https://{SHAREPOINT}-my.sharepoint.com/personal/{folder}/")
            }
            Self::Team(department) => {
                let name = DEPARTMENTS[usize::from(department)].replace(' ', "");
                write!(text, "https://{SHAREPOINT}.sharepoint.com/sites/{name}/")
            }
            Self::Project(number) => {
                write!(text, "https://{SHAREPOINT}.sharepoint.com/sites/Project{:03}/", number + 1)
            }
        };
    }

    /// Whether it is a OneDrive.
    pub(crate) fn is_personal(self) -> bool {
        matches!(self, Self::Personal(_))
    }

    fn key(self) -> u64 {
        match self {
            Self::Personal(number) => u64::from(number) << 2,
            Self::Team(department) => u64::from(department) << 2 | 1,
            Self::Project(number) => u64::from(number) << 2 | 2,
        }
    }

    /// Its identifiers.
    pub(crate) fn ids(self, tenant: &Tenant) -> LibraryIds {
        let mut random = tenant.random("library", self.key());
        LibraryIds { site: random.guid(), web: random.guid(), list: random.guid() }
    }

    /// How many files it holds.
    pub(crate) fn files(self, tenant: &Tenant) -> u64 {
        let mut random = tenant.random("library size", self.key());
        match self {
            Self::Personal(_) => (random.heavy() * PERSONAL_FILES / 1000).max(20),
            _ => SHARED_FILES,
        }
    }

    /// One of its files; some are opened far more often than others.
    pub(crate) fn pick(self, tenant: &Tenant, random: &mut Random) -> FileRef {
        let files = self.files(tenant);
        // The product of two draws is small more often than not.
        let index = random.below(files) * random.below(1000) / 1000;
        FileRef { library: self, index: index as u32 }
    }
}

impl FileRef {
    /// What is known of the file.
    pub(crate) fn facts(self, tenant: &Tenant) -> FileFacts {
        let mut random = Random::substream(tenant.options.seed, "file", self.library.key(), u64::from(self.index));
        let (topic, number) = (*random.pick(&TOPICS), random.between(100, 999));
        let extension = EXTENSIONS[random.weighted(&EXTENSIONS.map(|(_, weight)| weight))].0;
        let base = if self.library.is_personal() { "Documents" } else { "Shared Documents" };
        let folder = match random.below(3) {
            0 => base.to_owned(),
            1 => format!("{base}/{}", random.pick(&FOLDERS)),
            _ => format!("{base}/{}/{}", random.pick(&FOLDERS), 2020 + self.index % 7),
        };
        FileFacts {
            // The place in the library keeps names apart.
            name: format!("{topic} {number}-{}.{extension}", self.index),
            extension,
            folder,
            id: random.guid(),
            bytes: random.heavy() * 180,
        }
    }
}

impl User {
    /// The libraries the account works in on `day`: the department's and some projects'.
    pub(crate) fn library(&self, tenant: &Tenant, day: i64, random: &mut Random) -> Library {
        match random.weighted(&[45, 35, 20]) {
            0 if self.is_employee() => Library::Personal(self.number),
            1 => Library::Team(self.team(day)),
            _ => project(tenant, self.number + 7 * random.below(3) as u32),
        }
    }

    /// The department's number on `day`.
    pub(crate) fn team(&self, day: i64) -> u8 {
        let moved = self.moves.is_some_and(|moves| day >= moves);
        (if moved { self.next_department() } else { self.department }) as u8
    }
}

/// Project `number`, counted round.
pub(crate) fn project(tenant: &Tenant, number: u32) -> Library {
    Library::Project(number % (tenant.options.users / USERS_PER_PROJECT).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::GenerateOptions;
    use std::collections::BTreeSet;

    #[test]
    fn a_file_is_the_same_whoever_asks_and_no_two_have_one_name() {
        let tenant = Tenant::invent(&GenerateOptions::default());
        let file = |index| FileRef { library: Library::Team(3), index }.facts(&tenant);
        assert_eq!(file(7).id, file(7).id);
        let names: BTreeSet<String> = (0..500).map(|index| file(index).name).collect();
        let ids: BTreeSet<Guid> = (0..500).map(|index| file(index).id).collect();
        assert_eq!((names.len(), ids.len()), (500, 500));
        let mut url = String::new();
        Library::Team(5).push_url(&tenant, &mut url);
        assert_eq!(url, "https://tailwind.sharepoint.com/sites/HumanResources/");
    }
}
