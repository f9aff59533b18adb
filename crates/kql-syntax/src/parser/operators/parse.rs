//! `parse`, `parse-where` and `parse-kv`.

use crate::parser::Parser;
use crate::parser::types::type_of;
use crate::token::TokenKind;
use crate::{Expr, ExprKind, Literal, OperatorKind, ParseItem, ParseKind};

impl Parser<'_> {
    pub(super) fn parse_operator(&mut self, word: &str) -> OperatorKind {
        let mut kind = ParseKind::Simple;
        let mut flags = None;
        for parameter in self.operator_parameters(&["kind", "flags"]) {
            let value = parameter_text(&parameter.value);
            match (parameter.name.name.as_str(), value.as_str()) {
                ("flags", _) => flags = Some(value),
                ("kind", "regex") => kind = ParseKind::Regex,
                ("kind", "relaxed") => kind = ParseKind::Relaxed,
                ("kind", "simple") => kind = ParseKind::Simple,
                ("kind", _) => {
                    let message = format!("expected `simple`, `regex` or `relaxed`, found `{value}`");
                    self.diagnostics.push(crate::Diagnostic::error(
                        crate::codes::EXPECTED,
                        parameter.value.span,
                        message,
                    ));
                }
                _ => {}
            }
        }
        let expr = self.expression();
        self.expect_word("with");
        let pattern = self.parse_pattern();
        OperatorKind::Parse { is_where: word == "parse-where", kind, flags, expr, pattern }
    }

    fn parse_pattern(&mut self) -> Vec<ParseItem> {
        let mut items = Vec::new();
        loop {
            let span = self.span();
            if self.at(TokenKind::String) {
                let text = self.string();
                items.push(ParseItem::Text(text, self.span_from(span.start)));
            } else if self.eat(TokenKind::Star) {
                items.push(ParseItem::Star(span));
            } else if self.at_name() {
                let name = self.new_column_name();
                let ty = if self.eat(TokenKind::Colon) { Some(self.parse_type()) } else { None };
                items.push(ParseItem::Column { name, ty });
            } else {
                break;
            }
        }
        if items.is_empty() {
            self.expected("a pattern such as `* \"text\" name`");
        }
        items
    }

    fn parse_type(&mut self) -> crate::TypeName {
        // `a:long(…)` cannot be: the lexer's typed literals do not occur here.
        if self.at(TokenKind::TypedLiteral) {
            let text = self.text_of(self.span());
            self.expected("a type");
            self.advance();
            return type_of(text.split('(').next().unwrap_or_default()).unwrap_or(crate::TypeName::String);
        }
        self.type_name()
    }

    pub(super) fn parse_kv(&mut self) -> OperatorKind {
        let expr = self.expression();
        self.expect_word("as");
        let columns = self.column_declarations();
        let parameters = if self.eat_word("with") { self.properties() } else { Vec::new() };
        OperatorKind::ParseKv { expr, columns, parameters }
    }
}

/// The text of a parameter's value.
fn parameter_text(value: &Expr) -> String {
    match &value.kind {
        ExprKind::Name(text) | ExprKind::Literal(Literal::String(text)) => text.clone(),
        _ => String::new(),
    }
}
