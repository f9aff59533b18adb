//! `externaldata`: rows of files outside. The catalog decides what may be read.

use kql_functions::Value;
use kql_syntax::{self as ast, Diagnostic, ExprKind, Literal, Span};

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::expression::column_type;
use crate::external::{ExternalQuestion, Format, Source};
use crate::scope::Relation;

/// What stands in `with (…)`.
#[derive(Debug, Default)]
struct Properties {
    format: Option<Format>,
    skip_first: bool,
    mapping: Option<String>,
    archive_pattern: Option<String>,
}

impl Binder<'_> {
    /// The rows of external files, in the columns that the query declares.
    pub(crate) fn externaldata(
        &mut self,
        columns: &[ast::ColumnDeclaration],
        uris: &[ast::Expr],
        parameters: &[ast::OperatorParameter],
        span: Span,
        environment: &Environment,
    ) -> Bind<Relation> {
        let declared: Vec<_> = columns.iter().map(|c| (c.name.name.clone(), column_type(c.ty))).collect();
        if declared.is_empty() || uris.is_empty() {
            let message = "`externaldata` needs a column and a file";
            return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
        }
        let properties = self.external_properties(parameters, environment)?;
        let mut sources = Vec::with_capacity(uris.len());
        for uri in uris {
            let text = self.external_text(uri, environment)?;
            let format = match properties.format {
                Some(format) => format,
                None => Format::of_uri(&text).map_err(|_| bad_format(&text, true, uri.span))?,
            };
            sources.push(Source { uri: text, span: uri.span, format });
        }
        let scope = declared.iter().map(|(name, ty)| self.new_column(name, *ty)).collect();
        let question = ExternalQuestion {
            sources,
            columns: declared,
            scope,
            skip_first: properties.skip_first,
            mapping: properties.mapping,
            archive_pattern: properties.archive_pattern,
        };
        if let Some(format) = question.sources.first().map(|source| source.format)
            && let Err(problem) = question.mappings(format)
        {
            return Err(Diagnostic::error(codes::INVALID_USE, span, problem).into());
        }
        Ok(self.ask_external(question)?.relation()?)
    }

    fn external_properties(
        &mut self,
        parameters: &[ast::OperatorParameter],
        environment: &Environment,
    ) -> Bind<Properties> {
        let mut found = Properties::default();
        for parameter in parameters {
            let (name, value) = (&parameter.name, &parameter.value);
            match name.name.to_ascii_lowercase().as_str() {
                "format" => {
                    let text = self.external_text(value, environment)?;
                    let format = Format::named(&text);
                    found.format = Some(format.map_err(|is_known| bad_format(&text, is_known, value.span))?);
                }
                "ignorefirstrecord" => found.skip_first = flag(value)?,
                "ingestionmapping" => found.mapping = Some(self.external_text(value, environment)?),
                "zippattern" => found.archive_pattern = Some(self.external_text(value, environment)?),
                _ => {
                    let what = format!("externaldata with ({}=…)", name.name);
                    return Err(codes::unsupported(codes::UNSUPPORTED_FORM, name.span, &what).into());
                }
            }
        }
        Ok(found)
    }

    /// A constant text, or a bare word.
    fn external_text(&mut self, expr: &ast::Expr, environment: &Environment) -> Bind<String> {
        if let ExprKind::Name(name) = &expr.kind
            && environment.get(name).is_none()
        {
            return Ok(name.clone());
        }
        match self.scalar_alone(expr, environment)?.constant {
            Some(Value::String(text) | Value::Dynamic(text)) => Ok(text),
            _ => {
                let message = "this is not a constant string";
                Err(Diagnostic::error(codes::NOT_CONSTANT, expr.span, message).into())
            }
        }
    }
}

fn flag(value: &ast::Expr) -> Bind<bool> {
    let text = match &value.kind {
        ExprKind::Literal(Literal::Bool(Some(value))) => return Ok(*value),
        ExprKind::Literal(Literal::String(text)) | ExprKind::Name(text) => text.as_str(),
        _ => "",
    };
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return Ok(text.eq_ignore_ascii_case("true"));
    }
    Err(Diagnostic::error(codes::TYPE_MISMATCH, value.span, "expected `true` or `false`").into())
}

fn bad_format(text: &str, is_known: bool, span: Span) -> Diagnostic {
    if is_known {
        return codes::unsupported(codes::UNSUPPORTED_FORM, span, &format!("externaldata of format {text}"));
    }
    Diagnostic::error(codes::INVALID_USE, span, format!("no format is named `{text}`"))
        .with_hint("formats are csv, tsv, psv, scsv, sohsv, txt, raw, json, multijson")
}
