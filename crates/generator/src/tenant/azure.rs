//! What the organisation has in Azure: a subscription with its resource groups, machines, stores and vaults.

use super::Tenant;
use crate::GenerateOptions;
use crate::random::Random;

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResourceKind {
    Machine,
    Disk,
    Store,
    KeyVault,
    RecoveryVault,
    Database,
    Website,
    Network,
}

impl ResourceKind {
    /// Provider and type, as resource ids and operations have them.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Machine => "Microsoft.Compute/virtualMachines",
            Self::Disk => "Microsoft.Compute/disks",
            Self::Store => "Microsoft.Storage/storageAccounts",
            Self::KeyVault => "Microsoft.KeyVault/vaults",
            Self::RecoveryVault => "Microsoft.RecoveryServices/vaults",
            Self::Database => "Microsoft.Sql/servers",
            Self::Website => "Microsoft.Web/sites",
            Self::Network => "Microsoft.Network/networkSecurityGroups",
        }
    }
}

/// A resource.
#[derive(Debug)]
pub(crate) struct AzureResource {
    pub(crate) kind: ResourceKind,
    /// Index into [`GROUPS`].
    pub(crate) group: usize,
    pub(crate) name: String,
}

/// The resource groups. The last is what pipelines build for tests and take down at night.
pub(crate) const GROUPS: [&str; 5] = ["rg-erp-prod", "rg-web-prod", "rg-data-prod", "rg-shared", "rg-ci-test"];
/// Index of the test environment in [`GROUPS`].
pub(crate) const TEST_GROUP: usize = 4;

/// Accounts for each virtual machine.
const USERS_PER_MACHINE: u32 = 25;

/// Invents the resources of `options`.
pub(super) fn invent(options: &GenerateOptions) -> Vec<AzureResource> {
    let mut random = Random::stream(options.seed, "azure", 0);
    let mut resources = Vec::new();
    let mut add = |kind, group, name: String| resources.push(AzureResource { kind, group, name });
    for number in 1..=(options.users / USERS_PER_MACHINE).max(8) {
        let group = number as usize % TEST_GROUP;
        let name = format!("vm-{}-{number:02}", ["erp", "web", "data", "infra"][group]);
        add(ResourceKind::Disk, group, format!("{name}-os"));
        add(ResourceKind::Machine, group, name);
    }
    for (group, short) in ["erp", "web", "data", "shared"].into_iter().enumerate() {
        let suffix = random.code(4).to_lowercase();
        add(ResourceKind::Store, group, format!("st{short}{suffix}"));
        add(ResourceKind::KeyVault, group, format!("kv-{short}-{suffix}"));
        add(ResourceKind::RecoveryVault, group, format!("rsv-{short}"));
        add(ResourceKind::Network, group, format!("nsg-{short}"));
        add(ResourceKind::Database, group, format!("sql-{short}-{suffix}"));
        add(ResourceKind::Website, group, format!("app-{short}-{suffix}"));
    }
    for (number, kind) in [
        ResourceKind::Machine,
        ResourceKind::Disk,
        ResourceKind::Machine,
        ResourceKind::Disk,
        ResourceKind::Store,
        ResourceKind::Website,
        ResourceKind::Network,
    ]
    .into_iter()
    .enumerate()
    {
        add(kind, TEST_GROUP, format!("ci-{number}-{}", random.code(4).to_lowercase()));
    }
    resources
}

impl Tenant {
    /// The resource's full id, in the capitals of the diagnostic settings.
    pub(crate) fn resource_id(&self, resource: &AzureResource) -> String {
        let group = self.resource_group_id(resource.group);
        format!(
            "{group}/PROVIDERS/{}/{}",
            resource.kind.path().to_ascii_uppercase(),
            resource.name.to_ascii_uppercase()
        )
    }

    /// The full id of resource group `group` of [`GROUPS`].
    pub(crate) fn resource_group_id(&self, group: usize) -> String {
        format!("{}/RESOURCEGROUPS/{}", self.subscription_resource_id(), GROUPS[group].to_ascii_uppercase())
    }

    /// The full id of the subscription.
    pub(crate) fn subscription_resource_id(&self) -> String {
        format!("/SUBSCRIPTIONS/{}", self.subscription_id.to_string().to_ascii_uppercase())
    }

    /// The resources of `kind`.
    pub(crate) fn resources_of(&self, kind: ResourceKind) -> impl Iterator<Item = &AzureResource> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }
}
