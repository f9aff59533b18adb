//! Changes of devices.

use super::DEVICE_REGISTRATION;
use crate::random::Random;
use crate::records::{Audit, Initiator, Target, listed, quoted};
use crate::tenant::Tenant;
use crate::tenant::devices::Device;
use crate::tenant::people::User;

/// A device is registered and gets its owner and user: three records of one request.
pub(crate) fn registered<'t>(
    tenant: &Tenant,
    by: Initiator<'t>,
    user: &User,
    device: &Device,
    random: &mut Random,
) -> [Audit<'t>; 3] {
    let target = |modified| Target::named("Device", device.id, &device.name, modified);
    let modified = vec![
        ("AccountEnabled", Some("[]".into()), Some("[true]".into())),
        ("DeviceId", Some("[]".into()), listed(&device.id.to_string())),
        ("DeviceOSType", Some("[]".into()), listed(device.platform.operating_system())),
        ("DisplayName", Some("[]".into()), listed(&device.name)),
        ("Included Updated Properties", None, quoted("AccountEnabled, DeviceId, DeviceOSType, DisplayName")),
    ];
    let service = tenant.service(DEVICE_REGISTRATION);
    let register = Audit::new(("Register device", "Device", "Add"), by, vec![target(modified)], random);
    let owner = ("Add registered owner to device", "Device", "Assign");
    let user_of = ("Add registered users to device", "Device", "Assign");
    let mut assign = |operation| {
        let targets = vec![Target::user(user, Vec::new()), target(Vec::new())];
        Audit::new(operation, service.clone(), targets, random)
    };
    let (owner, user_of) = (assign(owner), assign(user_of));
    let request = register.correlation_id;
    [
        register.logged_by(DEVICE_REGISTRATION, ""),
        owner.in_request(request, random),
        user_of.in_request(request, random),
    ]
}

/// A management service writes down a device's state.
pub(crate) fn updated<'t>(by: Initiator<'t>, device: &Device, random: &mut Random) -> Audit<'t> {
    let modified = vec![
        ("IsCompliant", Some("[true]".into()), Some("[true]".into())),
        ("Included Updated Properties", None, quoted("IsCompliant")),
    ];
    let target = Target::named("Device", device.id, &device.name, modified);
    Audit::new(("Update device", "Device", "Update"), by, vec![target], random)
}
