//! Defender's inventory of devices: every onboarded computer reports itself about once a day.

use chrono::TimeDelta;

use crate::engine::{Behavior, Moment, Plan, Traces};
use crate::random::Random;
use crate::records::{Field, Log, Record, Row};
use crate::tenant::Tenant;
use crate::tenant::addresses;
use crate::tenant::calendar::jitter;
use crate::tenant::computers::Computer;
use crate::tenant::directory::{self, NETBIOS};
use crate::tenant::people::User;
use crate::tenant::sites::SITES;
use crate::tenant::workday::{Workday, workday};

/// Rows of `DeviceInfo`.
pub(super) struct DeviceInventory;

/// Seconds until a row can be read, at least and at most.
const DELAY: (i64, i64) = (120, 900);
/// Version of the sensor.
const CLIENT: &str = "10.8790.26100.2894";

impl Behavior for DeviceInventory {
    fn name(&self) -> &'static str {
        "device inventory"
    }

    fn actors(&self, tenant: &Tenant) -> u32 {
        tenant.computers.len() as u32
    }

    fn plan(&self, tenant: &Tenant, actor: u32, day: i64, random: &mut Random, plan: &mut Plan) {
        let time = match owner(tenant, actor) {
            // A laptop reports itself soon after it wakes up.
            Some(user) if user.is_employee() => {
                let Some(workday) = workday(tenant, user, day) else { return };
                jitter(workday.begins + TimeDelta::minutes(4), 900, random)
            }
            Some(_) => return,
            None => jitter(tenant.day(day), 86_400, random),
        };
        plan.at(time, 0, (day + 1) as u64);
    }

    fn perform<'t>(&self, tenant: &'t Tenant, moment: &Moment, random: &mut Random, traces: &mut Traces<'t>) {
        let computer = &tenant.computers[moment.actor as usize];
        let user = owner(tenant, moment.actor);
        let workday = user.and_then(|user| workday(tenant, user, moment.data as i64 - 1));
        let report = random.below(1 << 31) as i64;
        let row = Row {
            log: Log::Hunting("DeviceInfo"),
            id: format!("{}/{report}", computer.name).into(),
            fields: fields(computer, user, workday.as_ref(), report),
        };
        let delay = TimeDelta::seconds(random.between(DELAY.0, DELAY.1));
        traces.push(moment.time, delay, Record::Row(row));
    }
}

/// Whose laptop computer `number` is; nobody's, if it is a server.
fn owner(tenant: &Tenant, number: u32) -> Option<&User> {
    let first_laptop = tenant.servers().len();
    tenant.users.get((number as usize).checked_sub(first_laptop)?)
}

fn fields<'t>(
    computer: &'t Computer,
    user: Option<&'t User>,
    workday: Option<&Workday>,
    report: i64,
) -> Vec<(&'static str, Field<'t>)> {
    let laptop = user.is_some();
    let outer = workday.map_or(addresses::office(0), Workday::endpoint);
    let logged_on = user.map_or(Field::Null, |user| logged_on(user).into());
    vec![
        ("DeviceId", Field::DeviceId(computer.key)),
        ("DeviceName", computer.name.as_str().into()),
        ("ClientVersion", CLIENT.into()),
        ("PublicIP", outer.ip.into()),
        ("OSArchitecture", "64-bit".into()),
        ("OSPlatform", if laptop { "Windows11".into() } else { "WindowsServer2022".into() }),
        ("OSBuild", if laptop { 26_100.into() } else { 20_348.into() }),
        ("IsAzureADJoined", laptop.into()),
        ("JoinType", if laptop { "Hybrid Azure AD Join".into() } else { "Domain Join".into() }),
        ("AadDeviceId", user.map_or(Field::Null, |user| user.laptop.id.into())),
        ("LoggedOnUsers", logged_on),
        ("RegistryDeviceTag", Field::Null),
        ("OSVersion", "10.0".into()),
        ("MachineGroup", user.map_or("Servers", |user| SITES[user.site].place.city).into()),
        ("ReportId", report.into()),
        ("OnboardingStatus", "Onboarded".into()),
        ("DeviceCategory", "Endpoint".into()),
        ("DeviceType", if laptop { "Workstation".into() } else { "Server".into() }),
        ("SensorHealthState", "Active".into()),
        ("IsExcluded", false.into()),
        ("ExposureLevel", if laptop { "Low".into() } else { "Medium".into() }),
        ("IsInternetFacing", false.into()),
        ("Vendor", if laptop { "Dell Inc.".into() } else { "VMware, Inc.".into() }),
        ("Model", if laptop { "Latitude 7450".into() } else { "VMware7,1".into() }),
    ]
}

/// The column holds a list as text.
fn logged_on(user: &User) -> String {
    let mut text = String::new();
    crate::json::array(&mut text, |list| {
        list.item_object(|json| {
            json.text("UserName", &user.sam);
            json.text("DomainName", NETBIOS);
            json.text("Sid", &directory::sid(user.rid));
        });
    });
    text
}
