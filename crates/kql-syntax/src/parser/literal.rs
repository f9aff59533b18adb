//! Literals.

mod dynamic;

use super::Parser;
use super::types::type_of;
use crate::lexer::string_value;
use crate::token::TokenKind;
use crate::{Diagnostic, ExprKind, Literal, Span, TypeName, codes};

impl Parser<'_> {
    /// The literal here, if one stands here.
    pub(super) fn try_literal(&mut self) -> Option<ExprKind> {
        let token = self.token(0);
        let text = self.text_of(token.span);
        let literal = match token.kind {
            TokenKind::Long => Literal::Long(Some(text.to_owned())),
            TokenKind::Real => Literal::Real(Some(text.to_owned())),
            TokenKind::TimeSpan => Literal::TimeSpan(Some(text.to_owned())),
            TokenKind::String => return Some(ExprKind::Literal(Literal::String(self.string()))),
            TokenKind::TypedLiteral => self.typed_literal(text, token.span),
            TokenKind::Ident => match text {
                "true" | "TRUE" | "True" => Literal::Bool(Some(true)),
                "false" | "FALSE" | "False" => Literal::Bool(Some(false)),
                "dynamic" if self.token(1).kind == TokenKind::OpenParen => {
                    return Some(ExprKind::Literal(Literal::Dynamic(self.dynamic())));
                }
                _ => return None,
            },
            _ => return None,
        };
        self.advance();
        Some(ExprKind::Literal(literal))
    }

    /// One or more adjacent string literals, joined.
    pub(super) fn string(&mut self) -> String {
        let mut joined = String::new();
        while self.at(TokenKind::String) {
            let span = self.span();
            let (value, bad) = string_value(self.text_of(span));
            if let Some((offset, escape)) = bad {
                let place = Span::new(span.start + offset, span.start + offset + escape.len());
                let hint = "write `\\\\` for a backslash, or put `@` before the string";
                let message = format!("expected an escape such as `\\n`, found `{escape}`");
                self.diagnostics.push(Diagnostic::error(codes::BAD_ESCAPE, place, message).with_hint(hint));
            }
            joined.push_str(&value);
            self.advance();
        }
        joined
    }

    /// `int(5)`, `datetime(2024-01-01)` and so on.
    fn typed_literal(&mut self, text: &str, span: Span) -> Literal {
        let (name, inside) = text.split_once('(').unwrap_or((text, ""));
        let inside = unquoted(inside.strip_suffix(')').unwrap_or(inside).trim());
        let value = (!inside.is_empty() && inside != "null").then(|| inside.to_owned());
        let ty = type_of(name.trim()).unwrap_or(TypeName::String);
        if value.as_deref().is_some_and(|value| !fits(ty, value)) {
            let message = format!("expected a value of type `{}`, found `{inside}`", name.trim());
            let hint = format!("`{0}(…)` holds a literal; use `to{0}(…)` to convert a value", name.trim());
            self.report(Diagnostic::error(codes::BAD_LITERAL, span, message).with_hint(hint));
        }
        match ty {
            TypeName::Bool => Literal::Bool(value.map(|value| value.eq_ignore_ascii_case("true") || value == "1")),
            TypeName::Int => Literal::Int(value),
            TypeName::Long => Literal::Long(value),
            TypeName::Real => Literal::Real(value),
            TypeName::Decimal => Literal::Decimal(value),
            TypeName::Guid => Literal::Guid(value),
            TypeName::DateTime => Literal::DateTime(value),
            TypeName::TimeSpan | TypeName::String | TypeName::Dynamic => Literal::TimeSpan(value),
        }
    }
}

fn unquoted(text: &str) -> &str {
    ['"', '\''].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(text)
}

/// Whether the text has the shape of the type. Datetimes and timespans have too many forms to be checked here.
fn fits(ty: TypeName, value: &str) -> bool {
    let unsigned = value.strip_prefix(['-', '+']).unwrap_or(value);
    match ty {
        TypeName::Bool => ["true", "false", "0", "1"].contains(&value.to_ascii_lowercase().as_str()),
        TypeName::Int | TypeName::Long => {
            let hexadecimal = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"));
            let digits = hexadecimal.unwrap_or(unsigned);
            !digits.is_empty()
                && digits
                    .bytes()
                    .all(|b| if hexadecimal.is_some() { b.is_ascii_hexdigit() } else { b.is_ascii_digit() })
        }
        TypeName::Real | TypeName::Decimal => value.parse::<f64>().is_ok(),
        TypeName::Guid => value.bytes().filter(u8::is_ascii_hexdigit).count() == 32,
        TypeName::DateTime | TypeName::TimeSpan | TypeName::String | TypeName::Dynamic => !value.is_empty(),
    }
}
