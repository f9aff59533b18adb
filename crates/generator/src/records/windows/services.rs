//! Services and scheduled tasks: 4697, 4698, and 7045 and 7036 of the System log.

use super::{Layout, Session, Windows};
use crate::random::Random;
use crate::records::Field;
use crate::tenant::computers::Computer;

static SERVICE_INSTALLED: Layout = Layout::security(
    4697,
    &[
        ("SubjectUserSid", None),
        ("SubjectUserName", None),
        ("SubjectDomainName", None),
        ("SubjectLogonId", None),
        ("ServiceName", None),
        ("ServiceFileName", None),
        ("ServiceType", Some("0x10")),
        ("ServiceStartType", Some("3")),
        ("ServiceAccount", Some("LocalSystem")),
    ],
);

static TASK_CREATED: Layout = Layout::security(
    4698,
    &[
        ("SubjectUserSid", None),
        ("SubjectUserName", None),
        ("SubjectDomainName", None),
        ("SubjectLogonId", None),
        ("TaskName", None),
        ("TaskContent", None),
    ],
);

/// The System log's provider of events about services.
const MANAGER: &str = "Service Control Manager";

static SERVICE_NOTED: Layout = Layout::system(
    7045,
    MANAGER,
    &[
        ("ServiceName", None),
        ("ImagePath", None),
        ("ServiceType", Some("user mode service")),
        ("StartType", Some("demand start")),
        ("AccountName", Some("LocalSystem")),
    ],
);

static SERVICE_STATE: Layout = Layout::system(7036, MANAGER, &[("param1", None), ("param2", None)]);

/// A service: its name and its program.
pub(crate) type Service<'t> = (Field<'t>, Field<'t>);

/// 4697: `service` is installed in `session`.
pub(crate) fn service_installed<'t>(
    session: &Session<'t>,
    (name, program): Service<'t>,
    random: &mut Random,
) -> Windows<'t> {
    let mut values = session.subject();
    values.extend([name, program]);
    SERVICE_INSTALLED.event(session.host, values, random)
}

/// 7045: the service control manager of `host` notes a new service.
pub(crate) fn service_noted<'t>(host: &'t Computer, (name, program): Service<'t>, random: &mut Random) -> Windows<'t> {
    SERVICE_NOTED.event(host, vec![name, program], random)
}

/// 7036: a service of `host` enters `state`.
pub(crate) fn service_state<'t>(
    host: &'t Computer,
    (name, state): (Field<'t>, &'static str),
    random: &mut Random,
) -> Windows<'t> {
    SERVICE_STATE.event(host, vec![name, state.into()], random)
}

/// 4698: the task `name`, which runs `command`, is created in `session`.
pub(crate) fn task_created<'t>(
    session: &Session<'t>,
    (name, command): (&'t str, &str),
    random: &mut Random,
) -> Windows<'t> {
    let mut values = session.subject();
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<Task version=\"1.2\" \
         xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\r\n  <Actions Context=\"Author\">\r\n    <Exec>\r\n      \
         <Command>{command}</Command>\r\n    </Exec>\r\n  </Actions>\r\n</Task>"
    );
    values.extend([name.into(), content.into()]);
    TASK_CREATED.event(session.host, values, random)
}
