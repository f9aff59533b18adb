//! The tabular operators, a file for each or for a small family.

mod columns;
mod declare;
mod expand;
mod find;
mod graph;
mod join;
mod other;
mod parse;
mod rows;
mod scan;
mod series;
mod sort;
mod source;
mod summarize;
mod top_nested;
mod union;

use super::Parser;
use super::reserved::NamePlace;
use crate::token::TokenKind;
use crate::{Diagnostic, Expr, NamedExpr, Operator, OperatorKind, codes};

/// Operators that may begin a pipeline, `macro` standing for `macro-expand`.
pub(super) const HEAD_WORDS: [&str; 11] = [
    "print",
    "range",
    "datatable",
    "externaldata",
    "external_data",
    "inline_external_table",
    "union",
    "search",
    "find",
    "evaluate",
    "macro",
];

/// Every operator, for the hint at an unknown one.
pub(super) const OPERATORS: [&str; 59] = [
    "as",
    "assert-schema",
    "consume",
    "count",
    "distinct",
    "evaluate",
    "execute-and-cache",
    "extend",
    "facet",
    "filter",
    "find",
    "fork",
    "getschema",
    "graph-mark-components",
    "graph-match",
    "graph-shortest-paths",
    "graph-to-table",
    "graph-where-edges",
    "graph-where-nodes",
    "invoke",
    "join",
    "limit",
    "lookup",
    "macro-expand",
    "make-graph",
    "make-series",
    "mv-apply",
    "mv-expand",
    "mvapply",
    "mvexpand",
    "order",
    "parse",
    "parse-kv",
    "parse-where",
    "partition",
    "partition-by",
    "print",
    "project",
    "project-away",
    "project-by-names",
    "project-keep",
    "project-rename",
    "project-reorder",
    "range",
    "reduce",
    "render",
    "sample",
    "sample-distinct",
    "scan",
    "search",
    "serialize",
    "sort",
    "summarize",
    "take",
    "top",
    "top-hitters",
    "top-nested",
    "union",
    "where",
];

impl Parser<'_> {
    /// The operator here, up to its end; what is left over is reported and skipped.
    pub(super) fn operator(&mut self) -> Operator {
        let start = self.span().start;
        let length = self.operator_word_length();
        let word = self.text_of(crate::Span::new(start, self.token(length.saturating_sub(1)).span.end)).to_owned();
        let errors = self.diagnostics.len();
        let kind = match length {
            0 => self.missing_operator(),
            _ => {
                for _ in 0..length {
                    self.advance();
                }
                self.operator_of(&word, start)
            }
        };
        if self.diagnostics.len() == errors || !self.at_stage_end() {
            self.finish_stage(&word);
        }
        Operator { kind, span: self.span_from(start) }
    }

    /// Number of tokens of the operator's name here: words joined by hyphens without spaces.
    fn operator_word_length(&self) -> usize {
        if !self.at(TokenKind::Ident) {
            return 0;
        }
        let mut length = 1;
        while self.token(length).kind == TokenKind::Minus
            && self.token(length + 1).kind == TokenKind::Ident
            && self.is_adjacent(length - 1)
            && self.is_adjacent(length)
        {
            length += 2;
        }
        length
    }

    fn missing_operator(&mut self) -> OperatorKind {
        self.expected_with_hint("an operator such as `where`", "each `|` is followed by an operator");
        self.skip_stage();
        OperatorKind::Error
    }

    /// Skips the rest of a stage without a message.
    pub(super) fn skip_stage(&mut self) {
        self.skip_until(|kind| {
            use TokenKind::{CloseBrace, CloseBracket, CloseParen, Pipe, Semicolon};
            matches!(kind, Pipe | Semicolon | CloseParen | CloseBracket | CloseBrace)
        });
    }

    fn operator_of(&mut self, word: &str, start: usize) -> OperatorKind {
        match word {
            "where" | "filter" => OperatorKind::Where(self.filter()),
            "extend" | "project" | "serialize" | "print" | "distinct" => self.projection(word),
            "project-away" | "project-keep" | "project-rename" | "project-reorder" | "project-by-names" => {
                self.column_list(word)
            }
            "summarize" => self.summarize(),
            "sort" | "order" => self.sort(),
            "top" => self.top(),
            "take" | "limit" | "sample" | "sample-distinct" | "count" | "getschema" | "consume" | "as" => {
                self.rows(word)
            }
            "join" => self.join(),
            "lookup" => self.lookup(),
            "union" => self.union(),
            "mv-expand" | "mvexpand" => self.mv_expand(word),
            "mv-apply" | "mvapply" => self.mv_apply(),
            "parse" | "parse-where" => self.parse_operator(word),
            "parse-kv" => self.parse_kv(),
            "datatable" | "externaldata" | "external_data" | "range" => self.source(word),
            "make-series" => self.make_series(),
            "scan" => self.scan(),
            "make-graph" => self.make_graph(),
            "graph-match"
            | "graph-shortest-paths"
            | "graph-to-table"
            | "graph-mark-components"
            | "graph-where-nodes"
            | "graph-where-edges" => self.graph(word),
            "evaluate" | "invoke" | "render" => self.plugin(word),
            "search" => self.search(),
            "find" => self.find(),
            _ => self.other(word, start),
        }
    }

    /// The condition of `where`. KQL takes `a = b` as `b` with a name, which is hardly ever meant.
    fn filter(&mut self) -> Expr {
        let start = self.span().start;
        let named = self.named_expression();
        if !named.names.is_empty() {
            let span = crate::Span::new(start, named.expr.span.end.max(start));
            let message = "`=` compares nothing here: it only names the value at its right";
            self.diagnostics
                .push(Diagnostic::warning(codes::ASSIGNED_CONDITION, span, message).with_hint("use `==` to compare"));
        }
        named.expr
    }

    fn other(&mut self, word: &str, start: usize) -> OperatorKind {
        let parts = match word {
            "top-nested" => return self.top_nested(),
            "top-hitters" => return self.top_hitters(),
            "partition" | "partition-by" | "__partitionby" => return self.partition(),
            "fork" => return self.fork(),
            "facet" => return self.facet(),
            "reduce" => return self.reduce(),
            "inline_external_table" => return self.inline_external_table(),
            "assert-schema" => return OperatorKind::AssertSchema(self.column_declarations()),
            "execute-and-cache" => Vec::new(),
            "macro-expand" => return self.macro_expand(),
            _ => return self.unknown_operator(word, start),
        };
        OperatorKind::Other { name: word.to_owned(), parts }
    }

    fn unknown_operator(&mut self, word: &str, start: usize) -> OperatorKind {
        let span = self.span_from(start);
        let mut diagnostic =
            Diagnostic::error(codes::UNKNOWN_OPERATOR, span, format!("expected an operator, found `{word}`"));
        if let Some(near) = nearest(word) {
            diagnostic = diagnostic.with_hint(format!("did you mean `{near}`?"));
        }
        self.report(diagnostic);
        self.skip_stage();
        OperatorKind::Error
    }

    /// `name = expr`, `(a, b) = expr` or `expr`.
    pub(super) fn named_expression(&mut self) -> NamedExpr {
        let list = self.name_list_length();
        let length = self.name_length(0);
        let mut names = Vec::new();
        if list > 0 {
            self.advance();
            self.check_name(NamePlace::NewColumn);
            while let Some(name) = self.try_name() {
                names.push(name);
                self.advance();
                self.check_name(NamePlace::NewColumn);
            }
            self.advance();
        } else if length > 0 && self.token(length).kind == TokenKind::Assign {
            self.check_name(NamePlace::NewColumn);
            names.extend(self.try_name());
            self.advance();
        }
        NamedExpr { names, expr: self.expression() }
    }

    /// One or more of [`Self::named_expression`].
    pub(super) fn named_expressions(&mut self) -> Vec<NamedExpr> {
        self.comma_separated(Self::named_expression)
    }
}

/// The operator that is at most two changes away from `word`, and less than half of it.
fn nearest(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    OPERATORS
        .iter()
        .map(|known| (distance(&lower, known), *known))
        .filter(|(distance, _)| *distance <= 2 && *distance * 2 < lower.len())
        .min()
        .map(|(_, known)| known)
}

/// Levenshtein distance; long words are cut, as they are near to nothing.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.chars().take(30).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(l != *r);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
