//! Statements, functions, declarations, types and names.

use super::Expr;
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

/// What `evaluate plugin(…) : (*, name:type)` declares of its output.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputSchema {
    /// It begins with `*`: the columns of the input come first.
    pub keeps_input: bool,
    /// The columns declared.
    pub columns: Vec<ColumnDeclaration>,
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
