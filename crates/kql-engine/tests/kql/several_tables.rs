//! Queries that give several tables: the first is the result, the others stand beside it.

use kql_engine::{Engine, EngineOptions, QueryOptions, QueryResult};
use serde_json::{Value as Json, json};

use crate::tables::{NOW, catalog, ticks};

async fn result(query: &str) -> QueryResult {
    let engine = Engine::new(&EngineOptions { threads: 2, ..EngineOptions::default() }).expect("an engine");
    engine.query(query, &catalog(), &QueryOptions::new(ticks(NOW))).await.expect(query)
}

/// Names, column names and rows of all tables.
async fn tables(query: &str) -> Json {
    let result = result(query).await;
    let columns: Vec<&str> = result.columns.iter().map(|column| column.name.as_str()).collect();
    let mut tables = vec![json!([columns, result.rows_json().collect::<Vec<_>>()])];
    for table in &result.more {
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        tables.push(json!([table.name, columns, table.rows_json().collect::<Vec<_>>()]));
    }
    Json::from(tables)
}

#[tokio::test]
async fn each_statement_gives_a_table() {
    let found = tables("let x = 5; print a = x; print b = x + 1").await;
    assert_eq!(found, json!([[["a"], [[5]]], ["Result_1", ["b"], [[6]]]]));
}

#[tokio::test]
async fn fork_gives_a_table_for_each_sub_query() {
    let found =
        tables("range x from 1 to 4 step 1 | fork (count) big = (where x > 2 | project x) (take 0 | as none)").await;
    assert_eq!(found, json!([[["Count"], [[4]]], ["big", ["x"], [[3], [4]]], ["none", ["x"], []]]));
}

#[tokio::test]
async fn facet_gives_its_sub_query_and_a_table_for_each_column() {
    let found = tables("datatable(a:string, b:long)['x', 1, 'x', 1] | facet by a, b with (project b | take 1)").await;
    let expected = json!([[["b"], [[1]]], ["a", ["a", "count_a"], [["x", 2]]], ["b", ["b", "count_b"], [[1, 2]]]]);
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_sample_is_random_and_no_larger_than_asked() {
    assert_eq!(result("range x from 1 to 100 step 1 | sample 7").await.row_count(), 7);
    assert_eq!(result("range x from 1 to 3 step 1 | sample 7").await.row_count(), 3);
}
