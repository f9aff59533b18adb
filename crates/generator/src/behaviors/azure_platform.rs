//! What Azure does by itself: policies look at resources, machines scale with the load.

use chrono::TimeDelta;

use crate::acts::azure_operation::{Caller, Operation, azure_operation};
use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::tenant::Tenant;
use crate::tenant::azure::ResourceKind;
use crate::tenant::calendar::jitter;

/// Azure's own operations: one actor a resource.
pub(super) struct AzurePlatform;

/// What happens.
const POLICY: u32 = 0;
const SCALE_OUT: u32 = 1;
const SCALE_IN: u32 = 2;

/// Looks of the policies at a resource, a day, in thousandths. An assumption.
pub(crate) const POLICIES: u64 = 1_500;

impl Behavior for AzurePlatform {
    fn name(&self) -> &'static str {
        "azure platform"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.resources.len() as u32
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        for _ in 0..random.round(POLICIES) {
            plan.at(jitter(tenant.day(day), 86_400, random), POLICY, 0);
        }
        let scales = tenant.resources[actor as usize].kind == ResourceKind::Website && !tenant.is_free(day);
        for (step, hour) in [(SCALE_OUT, 7), (SCALE_IN, 18)] {
            if scales {
                plan.at(jitter(tenant.day(day) + TimeDelta::hours(hour), 3_600, random), step, 0);
            }
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let resource = &tenant.resources[moment.actor as usize];
        let (category, name) = match moment.step {
            POLICY => ("Policy", "MICROSOFT.AUTHORIZATION/POLICIES/AUDITIFNOTEXISTS/ACTION"),
            SCALE_OUT => ("Autoscale", "MICROSOFT.INSIGHTS/AUTOSCALESETTINGS/SCALEUP/ACTION"),
            _ => ("Autoscale", "MICROSOFT.INSIGHTS/AUTOSCALESETTINGS/SCALEDOWN/ACTION"),
        };
        let operation = Operation::new(Caller::Platform, name, tenant.resource_id(resource));
        azure_operation(tenant, moment.time, &Operation { category, seconds: 0, ..operation }, random, traces);
    }
}
