//! Lets the attacks and their played twins happen when their time has come.

use crate::engine::{Behavior, Mark, Moment, Plan, Traces};
use crate::random::Random;
use crate::scenarios::Scene;
use crate::tenant::Tenant;

/// The stories of the tenant: an actor each.
pub(super) struct Stories;

/// Step of the benign twin; the attack's steps are its stages.
const TWIN: u32 = u32::MAX;

impl Behavior for Stories {
    fn name(&self) -> &'static str {
        "stories"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.stories.len() as u32
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, _: &mut Random, plan: &mut Plan) {
        let story = &tenant.stories[actor as usize];
        for (stage, time) in (0..).zip(&story.stage_times) {
            if tenant.day_of(*time) == day {
                plan.at(*time, stage, 0);
            }
        }
        if story.scenario.play_twin.is_some() && tenant.day_of(story.twin_time) == day {
            plan.at(story.twin_time, TWIN, 0);
        }
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let story = &tenant.stories[moment.actor as usize];
        let number = moment.actor as u16;
        let mut scene = Scene { tenant, story, time: moment.time, random, traces };
        if moment.step == TWIN {
            scene.traces.mark(Mark::Twin { story: number });
            if let Some(play) = story.scenario.play_twin {
                play(&mut scene);
            }
        } else {
            scene.traces.mark(Mark::Attack { story: number, stage: moment.step as u8 });
            (story.scenario.play)(&mut scene, moment.step as usize);
        }
    }
}
