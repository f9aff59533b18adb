//! Pipelines and the tabular operators.

use super::{ColumnDeclaration, Expr, GraphMatch, GraphTable, Ident, MakeGraph, OutputSchema, Scan, TypeName};
use crate::Span;

/// Operators joined by `|`. The first stage is a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// At least one.
    pub stages: Vec<Operator>,
}

/// One stage of a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    /// What it is.
    pub kind: OperatorKind,
    /// All of it, without the `|`.
    pub span: Span,
}

/// `name = expr`, `(a, b) = expr` or `expr`.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedExpr {
    /// Empty where the name is derived; several for `(a, b) = f(x)`.
    pub names: Vec<Ident>,
    /// The value.
    pub expr: Expr,
}

/// `hint.strategy=shuffle`, `kind=inner`, `withsource=T`, `isfuzzy=true`, …: name as written (with dots), value as an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatorParameter {
    /// Such as `hint.shufflekey`.
    pub name: Ident,
    /// A literal or a name.
    pub value: Expr,
}

/// A column name or a wildcard pattern such as `Target*`.
#[derive(Debug, Clone, PartialEq)]
pub struct NamePattern {
    /// As written; `*` stands for any run of characters.
    pub pattern: String,
    /// Where.
    pub span: Span,
}

/// `expr asc nulls last`.
#[derive(Debug, Clone, PartialEq)]
pub struct SortKey {
    /// `name = expr` is allowed by `top` and `sort` only as an expression.
    pub expr: Expr,
    /// `None` where not written: descending.
    pub ascending: Option<bool>,
    /// `None` where not written.
    pub nulls_first: Option<bool>,
}

/// An item of `project-reorder`.
#[derive(Debug, Clone, PartialEq)]
pub struct ReorderItem {
    /// Which columns.
    pub pattern: NamePattern,
    /// `asc`, `desc`, `granny-asc`, `granny-desc`.
    pub order: Option<String>,
}

/// A condition after `on`.
#[derive(Debug, Clone, PartialEq)]
pub enum JoinCondition {
    /// `on Key`.
    Column(Ident),
    /// `on $left.a == $right.b`, whole expression.
    Expr(Expr),
}

/// An input of `union`, `search in (..)` or `find in (..)`.
#[derive(Debug, Clone, PartialEq)]
pub enum TableReference {
    /// A table name, call or parenthesised pipeline.
    Expr(Expr),
    /// `Sec*`.
    Pattern(NamePattern),
}

/// An item of `mv-expand` and `mv-apply`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpandItem {
    /// `name = `, where given.
    pub name: Option<Ident>,
    /// What is expanded.
    pub expr: Expr,
    /// `to typeof(..)`.
    pub to: Option<TypeName>,
}

/// A part of the pattern of `parse`.
#[derive(Debug, Clone, PartialEq)]
pub enum ParseItem {
    /// `"text"` to match.
    Text(String, Span),
    /// `*`: anything.
    Star(Span),
    /// `name:type`, type string where not given.
    Column {
        /// The new column.
        name: Ident,
        /// Its type.
        ty: Option<TypeName>,
    },
}

/// `parse kind=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ParseKind {
    /// Text items match literally; all columns must convert.
    #[default]
    Simple,
    /// As simple, but a column that does not convert is null.
    Relaxed,
    /// Text items are regular expressions.
    Regex,
}

/// An aggregate of `make-series` with its `default=`.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesAggregate {
    /// The aggregate.
    pub aggregate: NamedExpr,
    /// Value of empty bins.
    pub default: Option<Expr>,
}

/// A level of `top-nested`.
#[derive(Debug, Clone, PartialEq)]
pub struct NestedLevel {
    /// How many values are kept; all where not written.
    pub count: Option<Expr>,
    /// Whose values.
    pub of: NamedExpr,
    /// `with others = x`: what stands for the values that are not kept.
    pub others: Option<Expr>,
    /// The aggregate that ranks the values.
    pub by: NamedExpr,
    /// `None` where not written: descending.
    pub ascending: Option<bool>,
}

/// A sub-query of `fork`.
#[derive(Debug, Clone, PartialEq)]
pub struct ForkLeg {
    /// `name =`, where given.
    pub name: Option<Ident>,
    /// Its stages; the first is not a source.
    pub body: Pipeline,
}

/// An item after `project` of `find`.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundColumn {
    /// A column's name, `*`, `pack(*)` or `pack_all()`.
    pub item: NamedExpr,
    /// `a:long`.
    pub ty: Option<TypeName>,
}

/// The tabular operators. Those that only a later engine runs carry their parts as well.
#[derive(Debug, Clone, PartialEq)]
pub enum OperatorKind {
    /// A table, call, `let` name or parenthesised pipeline at the head.
    Source(Expr),
    /// `where`, `filter`.
    Where(Expr),
    /// `extend`.
    Extend(Vec<NamedExpr>),
    /// `project`. Wildcards are refused here, as KQL does; `project-keep` takes them.
    Project(Vec<NamedExpr>),
    /// `project-away`.
    ProjectAway(Vec<NamePattern>),
    /// `project-keep`.
    ProjectKeep(Vec<NamePattern>),
    /// `project-rename new = old`.
    ProjectRename(Vec<NamedExpr>),
    /// `project-by-names`: kept as expressions.
    ProjectByNames(Vec<Expr>),
    /// `project-reorder`.
    ProjectReorder(Vec<ReorderItem>),
    /// `summarize aggregates by keys`.
    Summarize {
        /// Hints.
        parameters: Vec<OperatorParameter>,
        /// May be empty.
        aggregates: Vec<NamedExpr>,
        /// May be empty.
        by: Vec<NamedExpr>,
    },
    /// `sort by`, `order by`.
    Sort(Vec<SortKey>),
    /// `top n by keys`.
    Top {
        /// How many.
        count: Expr,
        /// At least one key.
        by: Vec<SortKey>,
    },
    /// `take`, `limit`.
    Take(Expr),
    /// `distinct a, b`, `distinct *` (an item of kind Star).
    Distinct(Vec<NamedExpr>),
    /// `count`.
    Count {
        /// `count as Name`.
        name: Option<Ident>,
    },
    /// `join`.
    Join {
        /// `kind=`, hints.
        parameters: Vec<OperatorParameter>,
        /// The right side.
        right: Expr,
        /// After `on`.
        on: Vec<JoinCondition>,
        /// Older `where` in place of `on`.
        filter: Option<Expr>,
    },
    /// `lookup`.
    Lookup {
        /// `kind=`, hints.
        parameters: Vec<OperatorParameter>,
        /// The right side.
        right: Expr,
        /// After `on`.
        on: Vec<JoinCondition>,
    },
    /// `union`, at the head or after a pipe (then the input is its first leg).
    Union {
        /// `kind=`, `withsource=`, `isfuzzy=`, hints.
        parameters: Vec<OperatorParameter>,
        /// The other legs.
        inputs: Vec<TableReference>,
    },
    /// `mv-expand`, `mvexpand`.
    MvExpand {
        /// `kind=`, `bagexpansion=`, `with_itemindex=`.
        parameters: Vec<OperatorParameter>,
        /// At least one.
        items: Vec<ExpandItem>,
        /// `limit n`.
        limit: Option<Expr>,
        /// Written as the old `mvexpand`, which caps at 128 rows a row.
        is_legacy: bool,
    },
    /// `mv-apply items on (pipeline)`.
    MvApply {
        /// `with_itemindex=`.
        parameters: Vec<OperatorParameter>,
        /// At least one.
        items: Vec<ExpandItem>,
        /// `limit n`.
        limit: Option<Expr>,
        /// The stages applied to each expanded row; the first is not a source.
        body: Pipeline,
    },
    /// `parse`, `parse-where`.
    Parse {
        /// `parse-where`.
        is_where: bool,
        /// `kind=`.
        kind: ParseKind,
        /// `flags=`.
        flags: Option<String>,
        /// What is parsed.
        expr: Expr,
        /// The pattern.
        pattern: Vec<ParseItem>,
    },
    /// `parse-kv expr as (a:long, …) with (…)`.
    ParseKv {
        /// What is parsed.
        expr: Expr,
        /// Columns to extract.
        columns: Vec<ColumnDeclaration>,
        /// `pair_delimiter=` and so on.
        parameters: Vec<OperatorParameter>,
    },
    /// `print`.
    Print(Vec<NamedExpr>),
    /// `datatable(a:long)[1, 2]`.
    Datatable {
        /// Columns.
        columns: Vec<ColumnDeclaration>,
        /// Row by row.
        values: Vec<Expr>,
    },
    /// `externaldata(a:long)["uri"] with(format=…)`.
    ExternalData {
        /// Columns.
        columns: Vec<ColumnDeclaration>,
        /// Sources.
        uris: Vec<Expr>,
        /// Properties.
        parameters: Vec<OperatorParameter>,
    },
    /// `range x from a to b step s`.
    Range {
        /// Column name.
        name: Ident,
        /// First value.
        from: Expr,
        /// Inclusive bound.
        to: Expr,
        /// Step.
        step: Expr,
    },
    /// `make-series`.
    MakeSeries {
        /// `kind=`, hints.
        parameters: Vec<OperatorParameter>,
        /// At least one.
        aggregates: Vec<SeriesAggregate>,
        /// The axis after `on`.
        on: NamedExpr,
        /// `from`.
        from: Option<Expr>,
        /// `to`.
        to: Option<Expr>,
        /// `step`.
        step: Option<Expr>,
        /// Old form `in range(a, b, s)`.
        in_range: bool,
        /// Keys.
        by: Vec<NamedExpr>,
    },
    /// `evaluate plugin(…) : (schema)`.
    Evaluate {
        /// Hints.
        parameters: Vec<OperatorParameter>,
        /// The call.
        call: Expr,
        /// Declared output.
        schema: Option<OutputSchema>,
    },
    /// `invoke f(x)`.
    Invoke(Expr),
    /// `render timechart with (…)`.
    Render {
        /// Such as `timechart`.
        visualization: Ident,
        /// Properties.
        parameters: Vec<OperatorParameter>,
    },
    /// `serialize`.
    Serialize(Vec<NamedExpr>),
    /// `sample n`.
    Sample(Expr),
    /// `sample-distinct n of x`.
    SampleDistinct {
        /// How many.
        count: Expr,
        /// Of what.
        of: NamedExpr,
    },
    /// `getschema`.
    GetSchema,
    /// `as name`.
    As {
        /// `hint.materialized=`.
        parameters: Vec<OperatorParameter>,
        /// The name.
        name: Ident,
    },
    /// `consume`.
    Consume,
    /// `search`.
    Search {
        /// `kind=case_sensitive`.
        parameters: Vec<OperatorParameter>,
        /// `in (T1, T2)`.
        tables: Vec<TableReference>,
        /// The predicate; a bare string searches all columns.
        predicate: Expr,
    },
    /// `find`.
    Find {
        /// `withsource=`.
        parameters: Vec<OperatorParameter>,
        /// `in (T1, T2)`.
        tables: Vec<TableReference>,
        /// The predicate.
        predicate: Expr,
        /// `project …`; empty where not given or `project-smart`.
        project: Vec<FoundColumn>,
    },
    /// `top-nested 3 of a by count(), top-nested …`.
    TopNested(Vec<NestedLevel>),
    /// `top-hitters n of x by y`.
    TopHitters {
        /// How many.
        count: Expr,
        /// Whose values.
        of: NamedExpr,
        /// What is summed up; rows are counted where not written.
        by: Option<NamedExpr>,
    },
    /// `partition by Key (stages)`, `partition by Key { pipeline }`.
    Partition {
        /// `hint.strategy=` and other hints.
        parameters: Vec<OperatorParameter>,
        /// The key: a column.
        by: Expr,
        /// Run for each value of the key: a pipeline without a source, or, in braces, with one.
        body: Expr,
        /// The body has a source of its own.
        has_source: bool,
    },
    /// `fork name=(stages) (stages)`.
    Fork(Vec<ForkLeg>),
    /// `facet by a, b with (stages)`.
    Facet {
        /// The columns.
        by: Vec<NamedExpr>,
        /// Applied to the input for one more table.
        body: Option<Pipeline>,
    },
    /// `reduce kind=source by x with threshold=0.1, characters="_"`.
    Reduce {
        /// `kind=`.
        parameters: Vec<OperatorParameter>,
        /// The texts.
        by: NamedExpr,
        /// `threshold=`, `characters=`.
        properties: Vec<OperatorParameter>,
    },
    /// `assert-schema (a:long, b:string)`.
    AssertSchema(Vec<ColumnDeclaration>),
    /// `inline_external_table (a:long) …`: the columns; the rest is skipped.
    InlineExternalTable(Vec<ColumnDeclaration>),
    /// `macro-expand group as scope (statements)`: refused by the engine, which has one database.
    MacroExpand {
        /// The expressions of the statements.
        parts: Vec<Expr>,
    },
    /// `scan`.
    Scan(Box<Scan>),
    /// `make-graph`.
    MakeGraph(Box<MakeGraph>),
    /// `graph-match`.
    GraphMatch(Box<GraphMatch>),
    /// `graph-shortest-paths`.
    GraphShortestPaths(Box<GraphMatch>),
    /// `graph-to-table`: nodes, edges or both.
    GraphToTable(Vec<GraphTable>),
    /// `graph-mark-components`: `kind=`, `with_component_id=`.
    GraphMarkComponents(Vec<OperatorParameter>),
    /// `graph-where-nodes`.
    GraphWhereNodes(Expr),
    /// `graph-where-edges`.
    GraphWhereEdges(Expr),
    /// Operators that are parsed to their end but have no fields of their own yet
    /// (`execute-and-cache`).
    Other {
        /// The operator's word, such as `scan`.
        name: String,
        /// Expressions and pipelines found in it, in order.
        parts: Vec<Expr>,
    },
    /// What could not be parsed; a diagnostic says why.
    Error,
}
