//! The invented organisation: everything that the events are about.

pub(crate) mod addresses;
pub(crate) mod apps;
pub(crate) mod azure;
pub(crate) mod calendar;
pub(crate) mod cloud_apps;
pub(crate) mod computers;
pub(crate) mod devices;
pub(crate) mod directory;
pub(crate) mod files;
pub(crate) mod groups;
pub(crate) mod letters;
pub(crate) mod people;
pub(crate) mod profiles;
pub(crate) mod roles;
pub(crate) mod sites;
pub(crate) mod workday;
pub(crate) mod workloads;

use crate::GenerateOptions;
use crate::guid::Guid;
use crate::random::Random;
use crate::scenarios::Story;
use azure::AzureResource;
use computers::Computer;
use groups::Group;
use people::{Kind, User};
use roles::RoleAssignment;
use workloads::Workload;

/// The organisation.
#[derive(Debug)]
pub(crate) struct Tenant {
    pub(crate) options: GenerateOptions,
    pub(crate) tenant_id: Guid,
    pub(crate) workspace_id: Guid,
    pub(crate) subscription_id: Guid,
    /// The conditional access policy.
    pub(crate) policy_id: Guid,
    pub(crate) users: Vec<User>,
    pub(crate) workloads: Vec<Workload>,
    /// The servers, then the laptops in the order of their owners.
    pub(crate) computers: Vec<Computer>,
    pub(crate) groups: Vec<Group>,
    pub(crate) roles: Vec<RoleAssignment>,
    /// What the subscription holds.
    pub(crate) resources: Vec<AzureResource>,
    /// The attacks and their benign twins, with their players.
    pub(crate) stories: Vec<Story>,
}

impl Tenant {
    /// Invents the organisation for `options`.
    pub(crate) fn invent(options: &GenerateOptions) -> Self {
        let mut random = Random::stream(options.seed, "tenant", 0);
        let users = people::invent(options);
        let workloads = workloads::invent(options, users.len() as u32);
        let mut tenant = Self {
            options: options.clone(),
            tenant_id: random.guid(),
            workspace_id: random.guid(),
            subscription_id: random.guid(),
            policy_id: random.guid(),
            groups: groups::invent(options),
            roles: roles::invent(options, &users, &workloads),
            workloads,
            computers: computers::invent(options, &users),
            resources: azure::invent(options),
            users,
            stories: Vec::new(),
        };
        tenant.stories = crate::scenarios::cast(&tenant);
        tenant
    }

    /// A stream of chance of this tenant.
    pub(crate) fn random(&self, name: &str, index: u64) -> Random {
        Random::stream(self.options.seed, name, index)
    }

    /// The tenant's own identifier of something that has a name everywhere, such as an API's service principal.
    pub(crate) fn random_id(&self, name: &str) -> Guid {
        Random::stream(self.options.seed, name, 0).guid()
    }

    /// The account with number `number`.
    pub(crate) fn user(&self, number: u32) -> &User {
        &self.users[number as usize]
    }

    /// All accounts of `kind`.
    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &User> {
        self.users.iter().filter(move |user| user.kind == kind)
    }
}
