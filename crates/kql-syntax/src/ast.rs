//! The tree that the parser makes: what was written, with the place of each part.
//!
//! Literals keep their text (`2h`, `2024-01-01`): their value is a matter of types, which this
//! crate does not know. A tabular expression is an [`Expr`] whose kind is
//! [`ExprKind::Pipeline`]; a bare table name is [`ExprKind::Name`].

use crate::Span;

/// A query text: statements separated by `;`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// In the order written. The last expression statement is the result.
    pub statements: Vec<Statement>,
}

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// What it is.
    pub kind: StatementKind,
    /// All of it, without the `;`.
    pub span: Span,
}

/// The kinds of statement.
#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    /// `let name = value`.
    Let {
        /// The name bound.
        name: Ident,
        /// What it is bound to.
        value: LetValue,
    },
    /// `set option = value` or `set option`.
    Set {
        /// The option.
        name: Ident,
        /// Its value.
        value: Option<Expr>,
    },
    /// `declare query_parameters(a:long = 1, ...)`.
    DeclareParameters(Vec<Parameter>),
    /// `alias database x = cluster(..).database(..)`, `restrict access to (..)`, `declare pattern ..`: kept as text.
    Unsupported {
        /// The leading word or words, such as `alias database`.
        name: String,
    },
    /// A tabular or scalar expression.
    Expression(Expr),
}

/// The right side of a `let`.
#[derive(Debug, Clone, PartialEq)]
pub enum LetValue {
    /// A scalar or tabular expression.
    Expr(Expr),
    /// `(a:long, T:(x:string)) { ... }`, `view () { ... }`.
    Function(Function),
}

/// A user-defined function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Declared with `view`: wildcards of `union` reach it.
    pub is_view: bool,
    /// Tabular parameters first.
    pub parameters: Vec<Parameter>,
    /// `let` statements, then one expression.
    pub body: Vec<Statement>,
    /// All of it.
    pub span: Span,
}

/// A parameter of a function or of the query.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: ParameterType,
    /// Default value.
    pub default: Option<Expr>,
}

/// The type of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum ParameterType {
    /// `x:long`.
    Scalar(TypeName),
    /// `T:(x:long, y:string)`.
    Table(Vec<ColumnDeclaration>),
    /// `T:(*)`.
    AnyTable,
}

/// `name:type`.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDeclaration {
    /// Column name.
    pub name: Ident,
    /// Column type.
    pub ty: TypeName,
}

/// A scalar type as written; aliases (`boolean`, `int64`, `date`, `time`, `uuid`, `object`, `double`…) are resolved by the parser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TypeName {
    /// `bool`, `boolean`.
    Bool,
    /// `int`, `int32`.
    Int,
    /// `long`, `int64`.
    Long,
    /// `real`, `double`.
    Real,
    /// `decimal`.
    Decimal,
    /// `string`.
    String,
    /// `guid`, `uuid`, `uniqueid`.
    Guid,
    /// `datetime`, `date`.
    DateTime,
    /// `timespan`, `time`.
    TimeSpan,
    /// `dynamic`, `object`.
    Dynamic,
}

/// A name with its place. Quoting (`['a b']`, `["a b"]`) is already taken off.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Ident {
    /// The name.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// An expression, scalar or tabular.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// All of it.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    /// A literal.
    Literal(Literal),
    /// A column, table, `let` name or `$left`/`$right`.
    Name(String),
    /// `a.b`, also `a.['b c']`.
    Member {
        /// `a`.
        base: Box<Expr>,
        /// `b`.
        name: Ident,
    },
    /// `a[0]`, `a["b"]`.
    Index {
        /// `a`.
        base: Box<Expr>,
        /// What is in the brackets.
        index: Box<Expr>,
    },
    /// `f(x, y=z)`; also `database("x").T` as `Member` of a call. In `cluster("c").database("d")`
    /// the second call has the first as its first argument, named [`crate::QUALIFIER`].
    Call {
        /// `f`.
        name: Ident,
        /// In the order written.
        args: Vec<Argument>,
    },
    /// `-x`, `+x`.
    Unary {
        /// Which.
        op: UnaryOp,
        /// `x`.
        operand: Box<Expr>,
    },
    /// `a + b`, `a has b`, `a and b`, …
    Binary {
        /// Which.
        op: BinaryOp,
        /// Where the operator stands.
        op_span: Span,
        /// `a`.
        left: Box<Expr>,
        /// `b`.
        right: Box<Expr>,
    },
    /// `a in (b, c)`, `a has_any (list)`, …
    In {
        /// Which.
        op: InOp,
        /// `a`.
        value: Box<Expr>,
        /// What is in the parentheses, in order; a tabular expression is one item.
        items: Vec<Expr>,
    },
    /// `x between (a .. b)`.
    Between {
        /// `!between`.
        negated: bool,
        /// `x`.
        value: Box<Expr>,
        /// `a`, inclusive.
        low: Box<Expr>,
        /// `b`, inclusive.
        high: Box<Expr>,
    },
    /// `*` as an argument or in `where * has "x"`.
    Star,
    /// `typeof(long)`; in some calls `typeof(a:long, b:string)`.
    TypeOf(Vec<ColumnDeclaration>),
    /// `source | op | op`.
    Pipeline(Pipeline),
    /// `(name, name)` at the left of `=` or in `on`, and other bracketed lists: only where the grammar allows.
    List(Vec<Expr>),
    /// What could not be parsed; a diagnostic says why.
    Error,
}

/// A literal with its text.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `true`, `bool(null)` as `None`.
    Bool(Option<bool>),
    /// `int(5)`.
    Int(Option<String>),
    /// `5`, `0x1F`, `long(5)`.
    Long(Option<String>),
    /// `1.5`, `1e3`, `real(nan)`.
    Real(Option<String>),
    /// `decimal(1.5)`.
    Decimal(Option<String>),
    /// Adjacent literals are already joined, escapes resolved.
    String(String),
    /// `datetime(2024-01-01)`: what is in the parentheses, trimmed, quotes taken off.
    DateTime(Option<String>),
    /// `2h`, `1tick`, `time(1.00:00:00)`, `timespan(2)`: the text without the wrapper.
    TimeSpan(Option<String>),
    /// `guid(…)`.
    Guid(Option<String>),
    /// `dynamic(…)`: valid JSON text; `None` for `dynamic(null)`. KQL's own literals inside (`datetime(..)`, `1d`) are kept as strings.
    Dynamic(Option<String>),
}

/// One argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// `name=`, where given.
    pub name: Option<Ident>,
    /// The value.
    pub value: Expr,
}

/// Operators with one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-`.
    Negate,
    /// `+`.
    Plus,
}

/// Operators with two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the KQL operator of its name; `Not…` is the `!` form, `…Cs` the `_cs` form")]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `=~`.
    EqualIgnoreCase,
    /// `!~`.
    NotEqualIgnoreCase,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Has,
    NotHas,
    HasCs,
    NotHasCs,
    HasPrefix,
    NotHasPrefix,
    HasPrefixCs,
    NotHasPrefixCs,
    HasSuffix,
    NotHasSuffix,
    HasSuffixCs,
    NotHasSuffixCs,
    Contains,
    NotContains,
    ContainsCs,
    NotContainsCs,
    StartsWith,
    NotStartsWith,
    StartsWithCs,
    NotStartsWithCs,
    EndsWith,
    NotEndsWith,
    EndsWithCs,
    NotEndsWithCs,
    MatchesRegex,
    /// `a like b` (old SQL form).
    Like,
    NotLike,
    /// `col : "text"` of `search`: has, case-insensitive.
    Colon,
}

/// Operators with a list at the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(
    missing_docs,
    reason = "each is the KQL operator of its name; `Not…` is the `!` form, `IgnoreCase` the `~` form"
)]
pub enum InOp {
    In,
    NotIn,
    InIgnoreCase,
    NotInIgnoreCase,
    HasAny,
    NotHasAny,
    HasAll,
}

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

/// The tabular operators. Those that only a later engine runs carry their parts as well.
#[derive(Debug, Clone, PartialEq)]
pub enum OperatorKind {
    /// A table, call, `let` name or parenthesised pipeline at the head.
    Source(Expr),
    /// `where`, `filter`.
    Where(Expr),
    /// `extend`.
    Extend(Vec<NamedExpr>),
    /// `project`; an item may be a wildcard pattern written as `Name("a*")`.
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
        schema: Option<Vec<ColumnDeclaration>>,
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
    As(Ident),
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
        /// `project …`, as written.
        project: Vec<NamedExpr>,
    },
    /// Operators that are parsed to their end but have no fields of their own yet
    /// (`scan`, `partition`, `fork`, `facet`, `reduce`, `top-nested`, `top-hitters`, `make-graph`, `graph-…`, `assert-schema`, `execute-and-cache`…).
    Other {
        /// The operator's word, such as `scan`.
        name: String,
        /// Expressions and pipelines found in it, in order.
        parts: Vec<Expr>,
    },
    /// What could not be parsed; a diagnostic says why.
    Error,
}
