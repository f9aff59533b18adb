//! Pipelines deploy on working days, and build a test environment in the morning that they take down at night.

use chrono::{DateTime, TimeDelta, Utc};

use crate::acts::azure_operation::{Caller, Operation, azure_operation};
use crate::acts::sign_in::sign_in;
use crate::engine::{Behavior, Mark, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::{Identity, SignIn};
use crate::tenant::Tenant;
use crate::tenant::apps::MANAGEMENT_API;
use crate::tenant::azure::{AzureResource, ResourceKind, TEST_GROUP};
use crate::tenant::calendar::jitter;
use crate::tenant::devices::UNREGISTERED_LINUX;
use crate::tenant::workloads::Workload;
use crate::truth::ENVIRONMENT_TEARDOWN;

/// Deployment pipelines: one actor a pipeline.
pub(super) struct DeploymentPipelines;

/// What happens.
const DEPLOYMENT: u32 = 0;
const BUILD: u32 = 1;
const TEARDOWN: u32 = 2;

/// Deployments of a pipeline on a working day, in thousandths. An assumption.
pub(crate) const DEPLOYMENTS: u64 = 1_600;
/// What workloads of this purpose are called.
const PURPOSE: &str = "deploy-pipeline";

fn pipelines(tenant: &Tenant) -> impl Iterator<Item = &Workload> {
    tenant.workloads.iter().filter(|workload| workload.name.starts_with(PURPOSE))
}

impl Behavior for DeploymentPipelines {
    fn name(&self) -> &'static str {
        "deployment pipelines"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        pipelines(tenant).count() as u32
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        if tenant.is_free(day) {
            return;
        }
        for _ in 0..random.round(DEPLOYMENTS) {
            let minutes = random.between(7 * 60, 20 * 60);
            plan.at(jitter(tenant.day(day) + TimeDelta::minutes(minutes), 600, random), DEPLOYMENT, 0);
        }
        if actor == 0 {
            plan.at(jitter(tenant.day(day) + TimeDelta::hours(5), 300, random), BUILD, 0);
            plan.at(jitter(tenant.day(day) + TimeDelta::hours(21), 300, random), TEARDOWN, 0);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let Some(pipeline) = pipelines(tenant).nth(moment.actor as usize) else { return };
        let identity = Identity::Workload(pipeline);
        if moment.step == TEARDOWN {
            traces.mark(Mark::Ordinary(ENVIRONMENT_TEARDOWN));
        }
        let event = SignIn::of_program(identity, MANAGEMENT_API, pipeline.endpoint, &UNREGISTERED_LINUX, random);
        sign_in(moment.time, event, random, traces);
        let time = moment.time + TimeDelta::seconds(3);
        match moment.step {
            DEPLOYMENT => {
                let group = random.below(TEST_GROUP as u64) as usize;
                deploy(tenant, pipeline, group, time, random, traces);
            }
            BUILD => deploy(tenant, pipeline, TEST_GROUP, time, random, traces),
            _ => tear_down(tenant, pipeline, time, random, traces),
        }
    }
}

/// What writes and deletes a resource of `kind`.
fn operations(kind: ResourceKind) -> (&'static str, &'static str) {
    match kind {
        ResourceKind::Machine => {
            ("MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE", "MICROSOFT.COMPUTE/VIRTUALMACHINES/DELETE")
        }
        ResourceKind::Disk => ("MICROSOFT.COMPUTE/DISKS/WRITE", "MICROSOFT.COMPUTE/DISKS/DELETE"),
        ResourceKind::Store => ("MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE", "MICROSOFT.STORAGE/STORAGEACCOUNTS/DELETE"),
        ResourceKind::KeyVault => ("MICROSOFT.KEYVAULT/VAULTS/WRITE", "MICROSOFT.KEYVAULT/VAULTS/DELETE"),
        ResourceKind::RecoveryVault => {
            ("MICROSOFT.RECOVERYSERVICES/VAULTS/WRITE", "MICROSOFT.RECOVERYSERVICES/VAULTS/DELETE")
        }
        ResourceKind::Database => ("MICROSOFT.SQL/SERVERS/WRITE", "MICROSOFT.SQL/SERVERS/DELETE"),
        ResourceKind::Website => ("MICROSOFT.WEB/SITES/WRITE", "MICROSOFT.WEB/SITES/DELETE"),
        ResourceKind::Network => {
            ("MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/WRITE", "MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/DELETE")
        }
    }
}

fn caller<'t>(pipeline: &Workload) -> Caller<'t> {
    Caller::Program { object_id: pipeline.object_id, app_id: pipeline.app_id, ip: pipeline.endpoint.ip }
}

fn resources(tenant: &Tenant, group: usize) -> impl Iterator<Item = &AzureResource> {
    // Key vaults and backups aren't part of deployments.
    let deployed = |kind| !matches!(kind, ResourceKind::KeyVault | ResourceKind::RecoveryVault);
    tenant.resources.iter().filter(move |resource| resource.group == group && deployed(resource.kind))
}

fn deploy<'t>(
    tenant: &'t Tenant,
    pipeline: &Workload,
    group: usize,
    mut time: DateTime<Utc>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    let deployment = format!(
        "{}/PROVIDERS/MICROSOFT.RESOURCES/DEPLOYMENTS/RELEASE-{}",
        tenant.resource_group_id(group),
        random.below(90_000) + 10_000
    );
    for name in ["MICROSOFT.RESOURCES/DEPLOYMENTS/VALIDATE/ACTION", "MICROSOFT.RESOURCES/DEPLOYMENTS/WRITE"] {
        let operation = Operation::new(caller(pipeline), name, deployment.clone());
        time = azure_operation(tenant, time, &operation, random, traces) + TimeDelta::seconds(2);
    }
    for resource in resources(tenant, group).take(4) {
        let operation = Operation::new(caller(pipeline), operations(resource.kind).0, tenant.resource_id(resource));
        let operation = Operation { seconds: random.between(3, 40), ..operation };
        time = azure_operation(tenant, time, &operation, random, traces) + TimeDelta::seconds(1);
    }
    if let Some(store) = resources(tenant, group).find(|resource| resource.kind == ResourceKind::Store) {
        let name = "MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION";
        let operation = Operation::new(caller(pipeline), name, tenant.resource_id(store));
        azure_operation(tenant, time, &Operation { seconds: 0, ..operation }, random, traces);
    }
}

fn tear_down<'t>(
    tenant: &'t Tenant,
    pipeline: &Workload,
    mut time: DateTime<Utc>,
    random: &mut Random,
    traces: &mut Traces<'t>,
) {
    for resource in resources(tenant, TEST_GROUP) {
        let operation = Operation::new(caller(pipeline), operations(resource.kind).1, tenant.resource_id(resource));
        let operation = Operation { seconds: random.between(4, 60), ..operation };
        time = azure_operation(tenant, time, &operation, random, traces) + TimeDelta::seconds(2);
    }
}
