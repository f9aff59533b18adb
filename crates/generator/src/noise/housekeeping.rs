//! What the services do by themselves: Exchange's maintenance in bursts, service principals around the clock.

use chrono::TimeDelta;
use serde_json::json;

use crate::addresses;
use crate::apps::{WORKLOAD_RESOURCES, WORKLOADS};
use crate::events::Events;
use crate::people::{DOMAIN, Device};
use crate::sign_ins::{SecondFactor, SignIn, SignInKind};
use crate::tenant::{Tenant, jitter};
use crate::unified_audit::{Head, UnifiedRecord};

/// Records of one burst of mailbox maintenance, of which there is one every second day.
const BURST: u64 = 80;
/// Service principals: one for so many users.
const USERS_PER_WORKLOAD: u32 = 16;
/// Hours between two sign-ins of a service principal.
const WORKLOAD_HOURS: i64 = 2;

/// Adds the services' own records.
pub(crate) fn add(tenant: &Tenant, events: &mut Events) {
    mailbox_maintenance(tenant, events);
    for number in 0..(tenant.options.users / USERS_PER_WORKLOAD).max(1) {
        workload(tenant, number, events);
    }
}

fn mailbox_maintenance(tenant: &Tenant, events: &mut Events) {
    const SYSTEM: &str = "NT AUTHORITY\\SYSTEM (Microsoft.Exchange.ServiceHost)";
    let mut random = tenant.random("mailbox maintenance", 0);
    for day in (0..tenant.options.days).step_by(2) {
        let start = tenant.day(day) + TimeDelta::minutes(random.between(0, 23 * 60));
        for _ in 0..BURST {
            let time = jitter(start, 90, &mut random);
            let object = format!(
                "EURPR01A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/{DOMAIN}/{}",
                random.guid()
            );
            let head = Head {
                time,
                operation: "Set-Mailbox",
                record_type: "ExchangeAdmin",
                workload: "Exchange",
                user_id: SYSTEM,
                user_key: SYSTEM,
                user_type: 3,
                result: Some("True"),
                client_ip: None,
                object_id: Some(&object),
            };
            let body = json!({
                "AppId": "", "ClientAppId": "", "ExternalAccess": true, "OrganizationName": DOMAIN,
                "OriginatingServer": "AM0PR01MB0001 (15.20.9478.004)",
                "Parameters": [{"Name": "Force", "Value": "True"}, {"Name": "Arbitration", "Value": "True"}],
            });
            events.unified_audit.push(UnifiedRecord::new(tenant, &head, body, &mut random));
        }
    }
}

fn workload(tenant: &Tenant, number: u32, events: &mut Events) {
    let mut random = tenant.random("workload", u64::from(number));
    let round = number as usize / WORKLOADS.len();
    let stem = WORKLOADS[number as usize % WORKLOADS.len()];
    let name = if round == 0 { stem.to_owned() } else { format!("{stem}-{}", round + 1) };
    let (app_id, object_id) = (random.guid(), random.guid());
    let minute = random.between(0, 59);
    for hour in (0..i64::from(tenant.options.days) * 24).step_by(WORKLOAD_HOURS as usize) {
        let time = jitter(tenant.options.start + TimeDelta::minutes(hour * 60 + minute), 20, &mut random);
        // The first workload's secret runs out in the middle of the time, and a new one is set half a day later.
        let middle = i64::from(tenant.options.days) * 12;
        let expired = number == 0 && (middle..middle + 12).contains(&hour);
        events.sign_ins.push(SignIn {
            time,
            id: random.guid(),
            correlation_id: random.guid(),
            kind: SignInKind::ServicePrincipal,
            principal: [name.clone(), String::new(), object_id.clone()],
            guest: false,
            app_id: app_id.clone(),
            app_name: name.clone(),
            resource: WORKLOAD_RESOURCES[number as usize % WORKLOAD_RESOURCES.len()],
            from: addresses::cloud(number),
            device: Device {
                id: String::new(),
                name: String::new(),
                operating_system: "",
                browser: "",
                user_agent: "",
            },
            client: "",
            result: if expired { 7_000_222 } else { 0 },
            second_factor: SecondFactor::None,
            processing_milliseconds: 0,
            export_delay_seconds: random.between(60, 240),
            mark: "",
        });
    }
}
