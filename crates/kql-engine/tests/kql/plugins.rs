//! No plugin panics or fails inside, whatever its table and arguments are.

use kql_engine::{Engine, EngineOptions, QueryError, QueryOptions};

use crate::tables::{NOW, catalog, ticks};

/// Plugins with arguments that suit the tables below.
const CALLS: &[(&str, &[&str])] = &[
    ("active_users_count", &["id", "t", "datetime(2020-01-01)", "datetime(2020-02-01)", "8d", "1d", "3", "7d", "s"]),
    ("activity_counts_metrics", &["id", "t", "datetime(2020-01-01)", "datetime(2020-02-01)", "1d", "s"]),
    ("activity_engagement", &["id", "t", "datetime(2020-01-01)", "datetime(2020-02-01)", "1d", "7d", "s"]),
    ("activity_metrics", &["id", "t", "datetime(2020-01-01)", "datetime(2020-02-01)", "1d", "s"]),
    ("autocluster", &["0.5", "'~'", "5", "'*'"]),
    ("bag_unpack", &["d", "'p_'", "'keep_source'", "dynamic(['a'])"]),
    ("basket", &["0.1", "'~'", "3", "'*'"]),
    ("diffpatterns", &["s", "'a'", "'b'", "'~'", "0.05", "3"]),
    (
        "funnel_sequence_completion",
        &["id", "t", "datetime(2020-01-01)", "datetime(2020-02-01)", "7d", "s", "dynamic(['a'])", "dynamic([1h])"],
    ),
    ("ipv4_lookup", &["T", "s", "s", "id", "true"]),
    ("ipv6_lookup", &["T", "s", "s", "true"]),
    ("narrow", &[]),
    (
        "new_activity_metrics",
        &["id", "t", "datetime(2020-01-01)", "datetime(2020-02-01)", "1d", "datetime(2020-01-01)", "s", "T"],
    ),
    ("pivot", &["s", "sum(r)", "id"]),
    ("preview", &["3"]),
    ("rolling_percentile", &["r", "50", "t", "1d", "3", "s"]),
    ("rows_near", &["b", "2", "3"]),
    ("sequence_detect", &["t", "1d", "2d", "s == 'a'", "b", "id"]),
    ("session_count", &["id", "t", "datetime(2020-01-01)", "datetime(2020-02-01)", "1d", "2d", "s"]),
    ("sliding_window_counts", &["id", "t", "datetime(2020-01-01)", "datetime(2020-02-01)", "3d", "1d", "s"]),
];

/// What stands in the place of each argument in turn.
const ODD: &[&str] = &[
    "id",
    "d",
    "s",
    "t",
    "r",
    "b",
    "0",
    "-1",
    "1.5",
    "9223372036854775807",
    "real(nan)",
    "''",
    "'week'",
    "0s",
    "1tick",
    "timespan(10675199.02:48:05)",
    "datetime(0001-01-01)",
    "datetime(9999-12-31)",
    "datetime(null)",
    "long(null)",
    "dynamic(null)",
    "dynamic([])",
    "true",
    "T",
    "id > 2",
];

/// No row, a row of nulls, rows of extremes.
const TABLES: &[&str] = &[
    "",
    "long(null), dynamic(null), '', datetime(null), real(null), bool(null)",
    "1, dynamic({'a': 1, '': [2]}), 'a', datetime(2020-01-01), 1.5, true",
    "9223372036854775807, dynamic({'a': 1}), 'a', datetime(9999-12-31), real(nan), true, \
     -9223372036854775807, dynamic([1, {}]), '10.0.0.1/8', datetime(0001-01-01), real(+inf), false, \
     0, dynamic('x'), '::1', datetime(2020-01-02), 0.0, bool(null)",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_plugin_panics_on_odd_tables_and_arguments() {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    let options = QueryOptions::new(ticks(NOW));
    for (plugin, args) in CALLS {
        let given = args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>();
        let replaced = (0..args.len()).flat_map(|at| {
            let given = given.clone();
            ODD.iter().map(move |odd| {
                let mut given = given.clone();
                (*odd).clone_into(&mut given[at]);
                given
            })
        });
        let calls: Vec<Vec<String>> = std::iter::once(given.clone()).chain(replaced).collect();
        for (number, call) in calls.iter().enumerate() {
            // Every argument is replaced once; the table takes turns, and all tables meet the arguments as they are.
            let tables = if number == 0 { TABLES } else { &TABLES[number % TABLES.len()..=number % TABLES.len()] };
            for rows in tables {
                let table = format!("datatable(id:long, d:dynamic, s:string, t:datetime, r:real, b:bool)[{rows}]");
                let query = format!("let T = {table}; T | evaluate {plugin}({})", call.join(", "));
                match engine.query(&query, &catalog(), &options).await {
                    Ok(_) => {}
                    Err(QueryError::Invalid(problems)) => {
                        assert!(problems.iter().all(|problem| problem.code != "KQL199"), "{query}: {problems:?}");
                    }
                    Err(error) => panic!("{query}: {error}"),
                }
            }
        }
    }
}
