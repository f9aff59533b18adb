//! Words that are names only in brackets, as Microsoft's parser has them (`KS228`): `['first']`.

use super::Parser;
use crate::token::TokenKind;
use crate::{Diagnostic, Ident, codes};

/// Where a name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::parser) enum NamePlace {
    /// A column or variable that is read.
    Operand,
    /// A column that is made: `first = 1`, `datatable(first:long)`.
    NewColumn,
    /// What `let` names.
    Variable,
    /// Behind a dot.
    Member,
}

/// Never names.
const NOWHERE: &[&str] = &[
    "__contextual_datatable",
    "__crossCluster",
    "__crossDB",
    "__executeAndCache",
    "__id",
    "__isFuzzy",
    "__noWithSource",
    "__packedColumn",
    "__projectAway",
    "__sourceColumnIndex",
    "and",
    "anomalychart",
    "areachart",
    "asc",
    "bagexpansion",
    "barchart",
    "between",
    "boolean",
    "byte",
    "cachingpolicy",
    "callout",
    "cancel",
    "card",
    "char",
    "columnchart",
    "contains_cs",
    "containscs",
    "cycles",
    "dataexport",
    "datascope",
    "date",
    "datetime",
    "decimal",
    "decodeblocks",
    "desc",
    "double",
    "dynamic",
    "encodingpolicy",
    "endswith",
    "endswith_cs",
    "expandoutput",
    "extent_tags_retention",
    "external_data",
    "first",
    "flags",
    "float",
    "force_remote",
    "harddelete",
    "hardretention",
    "has_all",
    "has_any",
    "has_cs",
    "hasprefix",
    "hasprefix_cs",
    "hassuffix",
    "hassuffix_cs",
    "hotcache",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "isfuzzy",
    "journal",
    "ladderchart",
    "last",
    "like",
    "likecs",
    "linechart",
    "long",
    "missing",
    "nooptimization",
    "notcontains",
    "notcontainscs",
    "notlike",
    "notlikecs",
    "or",
    "others",
    "pathformat",
    "piechart",
    "pivotchart",
    "project",
    "queries",
    "query_results",
    "real",
    "relaxed",
    "restricted_view_access",
    "row_level_security",
    "rowstore",
    "rowstore_references",
    "rowstore_sealinfo",
    "rowstorepolicy",
    "rowstores",
    "scatterchart",
    "seal",
    "seals",
    "shards",
    "simple",
    "softdelete",
    "softretention",
    "stackedareachart",
    "startswith",
    "startswith_cs",
    "statistics",
    "storedqueryresultcontainers",
    "string",
    "tablepurge",
    "time",
    "timechart",
    "timeline",
    "timepivot",
    "timespan",
    "treemap",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "ulong",
    "union",
    "uniqueid",
    "unrestrictedviewers",
    "views",
    "with_itemindex",
    "with_match_id",
    "with_step_name",
    "writeaheadlog",
];

/// Words that begin or join parts of a query: names of new columns only.
const QUERY_WORDS: &[&str] = &[
    "accumulate",
    "as",
    "by",
    "datatable",
    "earliest",
    "externaldata",
    "find",
    "invoke",
    "latest",
    "materialize",
    "mdm",
    "of",
    "print",
    "sample",
    "search",
    "set",
    "sql",
    "title",
    "to",
    "toscalar",
    "totable",
    "verbose",
    "viewers",
    "where",
];

/// Operators, which an expression reads as such.
const OPERATORS: &[&str] = &["contains", "has", "in"];

/// Literals, which an expression reads as such.
const LITERALS: &[&str] = &["false", "true"];

/// Parameters of operators.
const PARAMETERS: &[&str] = &["kind", "with_source", "withsource"];

/// Whether the word has to stand in brackets there.
fn is_reserved(word: &str, place: NamePlace) -> bool {
    let more: &[&[&str]] = match place {
        NamePlace::Operand => &[QUERY_WORDS],
        NamePlace::NewColumn => &[LITERALS, PARAMETERS],
        NamePlace::Variable => &[QUERY_WORDS, OPERATORS, LITERALS, PARAMETERS],
        NamePlace::Member => &[QUERY_WORDS, OPERATORS, LITERALS],
    };
    NOWHERE.contains(&word) || more.iter().any(|words| words.contains(&word))
}

impl Parser<'_> {
    /// Reports the word here if it is no name in this place; quoted names always are.
    pub(in crate::parser) fn check_name(&mut self, place: NamePlace) {
        if !self.at(TokenKind::Ident) || !is_reserved(self.word(0), place) {
            return;
        }
        let word = self.word(0).to_owned();
        let message = format!("`{word}` is a keyword, not a name");
        let hint = format!("write it as `['{word}']`");
        self.report(Diagnostic::error(codes::RESERVED_NAME, self.span(), message).with_hint(hint));
    }

    /// The name of a column that is made here; where none stands, an empty one and a diagnostic.
    pub(in crate::parser) fn new_column_name(&mut self) -> Ident {
        self.check_name(NamePlace::NewColumn);
        self.name("a column name")
    }
}
