//! What test queries may name beside stored tables: stored functions, watchlists, external files.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, TimestampMicrosecondArray};
use futures::future::{BoxFuture, ready};
use kql_engine::{
    Catalog, CatalogColumn, CatalogTable, ExternalError, ExternalRequest, StoredFunction, Surroundings, TableMap,
};
use kql_functions::Type;

/// Stored functions: name, parameters, body.
const FUNCTIONS: [(&str, &str, &str); 8] = [
    ("RecentSignins", "since:timespan=1h", "SigninLogs | where TimeGenerated >= ago(since)"),
    ("OfUser", "T:(UserPrincipalName:string), user:string", "T | where UserPrincipalName =~ user"),
    ("Doubled", "x:long", "x * 2"),
    ("Quadrupled", "x:long", "Doubled(Doubled(x))"),
    ("Loop", "", "Loop() | take 1"),
    ("Shadowed", "", "Shadowed | extend seen = true"),
    ("Wrong", "", "SigninLogs | project NoSuchColumn"),
    ("Damaged", "", "SigninLogs | project ("),
];

/// External files: name and text.
const FILES: [(&str, &str); 6] = [
    ("https://files.example/users.csv", "name,age,born,tags\nann,33,1990-01-02,\"[1,2]\"\n\"b,c\",x,,plain\nshort\n"),
    ("https://files.example/lines.txt", "one\n\ntwo\r\n"),
    ("https://files.example/rows.json", "{\"a\":1,\"b\":{\"c\":\"x\"}}\n{\"a\":\"2\",\"b\":null}\n"),
    ("https://files.example/array.json", "[{\"a\":1},\n {\"a\":2.5}]"),
    ("https://files.example/damaged.json", "{\"a\":1}\n{\"a\":"),
    ("https://files.example/tabs.tsv", "a\t\"b\"\n"),
];

/// Stored tables and what else a query may name.
#[derive(Debug, Clone)]
pub struct TestCatalog {
    /// The stored tables.
    pub tables: TableMap,
}

impl Catalog for TestCatalog {
    fn table(&self, name: &str) -> Option<CatalogTable> {
        let shadowed = || CatalogTable::empty("Shadowed", vec![CatalogColumn::new("x", Type::Long)]);
        self.tables.table(name).or_else(|| (name == "Shadowed").then(shadowed))
    }

    fn table_names(&self) -> Vec<String> {
        self.tables.table_names()
    }

    fn surroundings(&self) -> &dyn Surroundings {
        self
    }
}

impl Surroundings for TestCatalog {
    fn function(&self, name: &str) -> Option<Result<Arc<StoredFunction>, String>> {
        let (name, parameters, body) = FUNCTIONS.into_iter().find(|(known, ..)| *known == name)?;
        Some(StoredFunction::parse(name, parameters, body).map(Arc::new))
    }

    fn function_names(&self) -> Vec<String> {
        FUNCTIONS.iter().map(|(name, ..)| (*name).to_owned()).collect()
    }

    fn watchlist(&self, alias: &str) -> Option<Result<CatalogTable, String>> {
        let column = CatalogColumn::new;
        let columns = vec![
            column("_DTItemId", Type::String),
            column("LastUpdatedTimeUTC", Type::DateTime),
            column("SearchKey", Type::String),
            column("Name", Type::String),
            column("Tier", Type::String),
        ];
        let texts = |texts: [&str; 2]| -> ArrayRef { Arc::new(StringArray::from(texts.to_vec())) };
        let times = TimestampMicrosecondArray::from(vec![1_718_400_000_000_000; 2]).with_timezone("UTC");
        let arrays =
            vec![texts(["i1", "i2"]), Arc::new(times), texts(["ann", "bob"]), texts(["Ann", "Bob"]), texts(["0", "1"])];
        let table = CatalogTable::in_memory("Watchlist", columns, arrays).map_err(|error| error.to_string());
        (alias == "VIPUsers").then_some(table)
    }

    fn watchlist_aliases(&self) -> Vec<String> {
        vec!["VIPUsers".to_owned()]
    }

    fn external<'a>(&'a self, request: &'a ExternalRequest) -> BoxFuture<'a, Result<Vec<Vec<u8>>, ExternalError>> {
        let file = FILES.into_iter().find(|(name, _)| *name == request.uri);
        let outcome = match file {
            Some((_, text)) => Ok(vec![text.as_bytes().to_vec()]),
            None => Err(ExternalError::refused(&request.uri, "allow it")),
        };
        Box::pin(ready(outcome))
    }
}
