//! Who may call what: every route, by every role and by nobody, against `policy.tsv`.

use std::collections::BTreeMap;

use access::{Permission, Role};
use axum::routing::{MethodFilter, on};
use http::Method;

use super::route::Route;
use super::router::all_routes;
use super::testing::TestService;

/// A line a route: method, path, permission. Kept by hand, so that a route's permission is decided twice.
const POLICY: &str = include_str!("policy.tsv");

fn expected() -> BTreeMap<(String, String), String> {
    let lines = POLICY
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let entries = lines.map(|fields| match fields.as_slice() {
        [method, path, permission] => ((path.to_string(), method.to_string()), permission.to_string()),
        other => panic!("a line is method, path and permission: {other:?}"),
    });
    entries.collect()
}

#[test]
fn every_route_is_in_the_policy_with_its_permission() {
    let routes = all_routes().into_iter().map(|route| {
        ((route.spec.path.to_owned(), route.spec.method.to_string()), format!("{:?}", route.spec.permission))
    });
    let routes: BTreeMap<_, _> = routes.collect();
    let expected = expected();
    let line = |((path, method), permission): (&(String, String), &String)| format!("{method}\t{path}\t{permission}");
    let missing: Vec<_> =
        routes.iter().filter(|(route, permission)| expected.get(*route) != Some(*permission)).map(line).collect();
    let gone: Vec<_> =
        expected.iter().filter(|(route, permission)| routes.get(*route) != Some(*permission)).map(line).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "policy.tsv\nlacks:\n{}\nhas too much:\n{}",
        missing.join("\n"),
        gone.join("\n")
    );
}

/// Whether a role may, as the documentation of roles says it: written out, not asked of the code that is tested.
fn may(role: &str, permission: &str) -> bool {
    match permission {
        "Public" => true,
        "SignedIn" => !role.is_empty(),
        "Ingest" => ["Ingest", "Contributor", "Administrator"].contains(&role),
        "Read" => ["Reader", "Responder", "Contributor", "Administrator"].contains(&role),
        "Respond" => ["Responder", "Contributor", "Administrator"].contains(&role),
        "Contribute" => ["Contributor", "Administrator"].contains(&role),
        "Administer" => role == "Administrator",
        other => panic!("no permission `{other}`"),
    }
}

#[tokio::test]
async fn nobody_and_no_role_gets_more_or_less_than_the_policy_says() {
    // Whoever may not never comes to the handler, so these are the real ones.
    let real = TestService::start().await;
    // Whoever may comes to one that only says so: the real ones would do things.
    let stand_ins = all_routes().into_iter().map(|route| {
        let filter = MethodFilter::try_from(route.spec.method.clone()).unwrap();
        Route { handler: on(filter, || async { "inside" }), ..route }
    });
    let inside = TestService::with("", stand_ins.collect()).await;
    let roles = Role::ALL.map(|role| role.name()).into_iter().chain([""]);
    let mut asked = 0;
    for role in roles {
        for ((path, method), permission) in &expected() {
            let path: Vec<_> =
                path.split('/').map(|segment| if segment.starts_with('{') { "x" } else { segment }).collect();
            let (path, method): (_, Method) = (path.join("/"), method.parse().unwrap());
            let refused = if role.is_empty() { 401 } else { 403 };
            if may(role, permission) {
                let answer = inside.call(role, method.clone(), &path, "").await;
                assert_eq!(answer.body.as_ref(), b"inside", "`{role}` may {method} {path}: {}", answer.status);
            } else {
                let answer = real.call(role, method.clone(), &path, "").await;
                assert_eq!(answer.status, refused, "`{role}` may not {method} {path}");
            }
            asked += 1;
        }
    }
    assert_eq!(asked, expected().len() * (Role::ALL.len() + 1));
}

#[test]
fn the_policy_names_every_permission_that_there_is() {
    for permission in [
        Permission::Public,
        Permission::SignedIn,
        Permission::Ingest,
        Permission::Read,
        Permission::Respond,
        Permission::Contribute,
        Permission::Administer,
    ] {
        may("Administrator", &format!("{permission:?}"));
    }
}
