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

/// No names of what is read.
const NO_OPERANDS: &[&str] = &[
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

/// No names of new columns.
const NO_NEW_COLUMNS: &[&str] = &["false", "kind", "true", "with_source", "withsource"];

/// No names of variables.
const NO_VARIABLES: &[&str] = &[
    "accumulate",
    "as",
    "by",
    "contains",
    "datatable",
    "earliest",
    "externaldata",
    "false",
    "find",
    "has",
    "in",
    "invoke",
    "kind",
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
    "true",
    "verbose",
    "viewers",
    "where",
    "with_source",
    "withsource",
];

/// No names of members.
const NO_MEMBERS: &[&str] = &[
    "accumulate",
    "as",
    "by",
    "contains",
    "datatable",
    "earliest",
    "externaldata",
    "false",
    "find",
    "has",
    "in",
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
    "true",
    "verbose",
    "viewers",
    "where",
];

/// Whether the word has to stand in brackets there.
fn is_reserved(word: &str, place: NamePlace) -> bool {
    let more = match place {
        NamePlace::Operand => NO_OPERANDS,
        NamePlace::NewColumn => NO_NEW_COLUMNS,
        NamePlace::Variable => NO_VARIABLES,
        NamePlace::Member => NO_MEMBERS,
    };
    NOWHERE.contains(&word) || more.contains(&word)
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
