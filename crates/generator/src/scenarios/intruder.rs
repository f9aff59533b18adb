//! What several attackers do alike once they have somebody's password or session.

use chrono::TimeDelta;

use super::Scene;
use crate::acts::access::Access;
use crate::acts::mailbox::mail_read;
use crate::acts::mailbox_setting::mailbox_setting;
use crate::acts::product_alert::{Detection, Evidence, ProductAlert, product_alert};
use crate::acts::risk_detection::{self, RiskState, risk_detection};
use crate::records::{SecondFactor, SignIn};
use crate::tenant::addresses::Endpoint;
use crate::tenant::apps::App;
use crate::tenant::devices::{Agent, Device};
use crate::tenant::letters::recent;
use crate::tenant::people::User;
use crate::tenant::workday::Session;

/// Somebody at a computer of their own with the account of `user`.
#[derive(Clone, Copy)]
pub(super) struct Intruder<'t> {
    pub(super) user: &'t User,
    pub(super) from: Endpoint,
    pub(super) device: &'static Device,
    /// The session that is used from sign-in to sign-in.
    pub(super) session: Session,
}

impl<'t> Intruder<'t> {
    /// The intruder of a story, with the same session in all stages.
    pub(super) fn of(scene: &Scene<'_, 't>, user: &'t User, from: Endpoint, device: &'static Device) -> Self {
        let mut random = scene.story.random("session");
        Self { user, from, device, session: Session { session_id: random.guid(), token_id: random.guid() } }
    }

    /// A sign-in to `app`, to be changed where it differs.
    pub(super) fn event(&self, scene: &mut Scene<'_, 't>, app: &'static App) -> SignIn<'t> {
        let Session { session_id, token_id } = self.session;
        let event = SignIn::of(self.user, app, self.from, scene.random);
        SignIn { session_id, token_id, device: self.device, ..event }
    }

    /// Signs in to `app` with a second factor as `second_factor` says.
    pub(super) fn sign_in(&self, scene: &mut Scene<'_, 't>, app: &'static App, second_factor: SecondFactor) {
        let event = self.event(scene, app);
        scene.sign_in(SignIn { second_factor, ..event });
    }

    /// How mailbox and files see the intruder.
    pub(super) fn access(&self) -> Access<'t> {
        let platform = self.device.platform;
        Access { user: self.user, from: self.from, platform, agent: Agent::Browser, session: Some(self.session) }
    }

    /// Reads the newest `count` letters.
    pub(super) fn read_mail(&self, scene: &mut Scene<'_, 't>, count: usize) {
        let letters = recent(scene.tenant, self.user, scene.time, 6, count);
        for some in letters.chunks(9) {
            let messages = some.iter().map(|letter| (letter.network_id, letter.sender.1)).collect();
            mail_read(scene.tenant, scene.time, self.access(), messages, scene.random, scene.traces);
            scene.wait(140);
        }
    }

    /// Makes a rule called `name` that hides mail about payments.
    pub(super) fn hide_mail(&self, scene: &mut Scene<'_, 't>, name: &str) {
        let parameters = vec![
            ("AlwaysDeleteOutlookRulesBlob", "False".into()),
            ("Force", "False".into()),
            ("Name", name.into()),
            ("SubjectOrBodyContainsWords", "invoice;payment;bank".into()),
            ("MoveToFolder", "RSS Feeds".into()),
            ("MarkAsRead", "True".into()),
            ("StopProcessingRules", "True".into()),
        ];
        let setting = ("New-InboxRule", self.user, parameters);
        mailbox_setting(scene.tenant, scene.time, self.access(), setting, scene.random, scene.traces);
    }
}

/// A product raises `detection` about `evidence` in `minutes`.
pub(super) fn alert<'t>(
    scene: &mut Scene<'_, 't>,
    detection: &'static Detection,
    minutes: i64,
    description: String,
    evidence: Vec<Evidence<'t>>,
) {
    let alert = ProductAlert { detection, description, began: scene.time, ended: scene.time, evidence };
    product_alert(scene.time + TimeDelta::minutes(minutes), &alert, scene.random, scene.traces);
}

/// Identity Protection finds `kind` in `event` of this moment, `minutes` later.
pub(super) fn risk<'t>(scene: &mut Scene<'_, 't>, event: &SignIn<'t>, kind: &'static str, minutes: i64) {
    let detection =
        risk_detection::Detection { kind, level: "medium", state: RiskState::AtRisk, after_minutes: minutes };
    risk_detection(scene.tenant, scene.time, event, detection, scene.random, scene.traces);
}
