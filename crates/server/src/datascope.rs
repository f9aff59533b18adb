//! Whether a query asks for archived rows: by Kusto's request property, which every client can also put into the text as a `set` statement.
//!
//! <https://learn.microsoft.com/kusto/query/set-statement>

use api::kusto::{DATASCOPE, includes_archive};
use kql_syntax::{ExprKind, Literal, Query, StatementKind};

/// What the `set` statements of a query say; the last counts, `None` where there are none.
///
/// # Errors
/// Names a value that there is not.
pub(crate) fn archive_set_in(query: &Query) -> Result<Option<bool>, String> {
    let mut set = None;
    for statement in &query.statements {
        let StatementKind::Set { name, value } = &statement.kind else { continue };
        if !name.name.eq_ignore_ascii_case(DATASCOPE) {
            continue;
        }
        let text = match value.as_ref().map(|value| &value.kind) {
            Some(ExprKind::Literal(Literal::String(text))) => text.as_str(),
            _ => "",
        };
        let known = includes_archive(text);
        set = Some(known.ok_or_else(|| format!("`set {DATASCOPE}` is `'all'`, `'default'` or `'hotcache'`"))?);
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_asks_for_archived_rows_by_a_set_statement() {
        for (text, expected) in [
            ("T", Ok(None)),
            ("set notruncation; T", Ok(None)),
            ("set query_datascope = 'all'; T", Ok(Some(true))),
            ("set Query_DataScope=\"ALL\"; let x = 1; T", Ok(Some(true))),
            ("set query_datascope='hotcache'; T", Ok(Some(false))),
            ("set query_datascope='all'; set query_datascope='default'; T", Ok(Some(false))),
            ("T | where Text == 'set query_datascope = all'", Ok(None)),
        ] {
            assert_eq!(archive_set_in(&kql_syntax::parse(text).query), expected, "{text}");
        }
        for text in ["set query_datascope = 'some'; T", "set query_datascope; T", "set query_datascope = 1; T"] {
            archive_set_in(&kql_syntax::parse(text).query).expect_err(text);
        }
    }
}
