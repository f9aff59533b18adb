//! `dynamic( … )`: JSON with KQL's strings and literals, normalized to JSON text.

use crate::ast::TYPED_MEMBER;
use crate::json;
use crate::lexer::string_value;
use crate::parser::Parser;
use crate::token::TokenKind;

impl Parser<'_> {
    /// The JSON text of the dynamic literal here; `None` for `dynamic(null)`.
    pub(super) fn dynamic(&mut self) -> Option<String> {
        self.advance();
        self.expect(TokenKind::OpenParen);
        let mut out = String::new();
        self.dynamic_value(&mut out);
        self.close(TokenKind::CloseParen);
        (out != "null").then_some(out)
    }

    fn dynamic_value(&mut self, out: &mut String) {
        let token = self.token(0);
        let text = self.text_of(token.span);
        match token.kind {
            TokenKind::OpenBrace if self.at_placeholder() => {
                self.placeholder();
                out.push_str("null");
            }
            TokenKind::OpenBracket => self.dynamic_list(out, TokenKind::CloseBracket, Self::dynamic_value),
            TokenKind::OpenBrace => self.dynamic_list(out, TokenKind::CloseBrace, Self::dynamic_property),
            TokenKind::String => json::push_string(out, &self.string()),
            TokenKind::Minus | TokenKind::Plus => self.dynamic_signed(out),
            TokenKind::Long | TokenKind::Real => {
                json::push_number(out, text, false);
                self.advance();
            }
            TokenKind::TimeSpan => {
                json::push_string(out, &format!("{TYPED_MEMBER}timespan {text}"));
                self.advance();
            }
            TokenKind::TypedLiteral => self.dynamic_typed(out, text),
            TokenKind::Ident => self.dynamic_word(out, text),
            _ => {
                self.expected("a JSON value");
                out.push_str("null");
            }
        }
    }

    fn dynamic_word(&mut self, out: &mut String, word: &str) {
        match word.to_ascii_lowercase().as_str() {
            lower @ ("true" | "false" | "null") => out.push_str(lower),
            "dynamic" if self.token(1).kind == TokenKind::OpenParen => {
                let value = self.nested(Self::dynamic).flatten();
                out.push_str(value.as_deref().unwrap_or("null"));
                return;
            }
            _ => {
                self.expected("a JSON value");
                out.push_str("null");
            }
        }
        self.advance();
    }

    fn dynamic_signed(&mut self, out: &mut String) {
        let is_negative = self.advance().kind == TokenKind::Minus;
        let text = self.text_of(self.span());
        match self.kind() {
            TokenKind::Long | TokenKind::Real => json::push_number(out, text, is_negative),
            TokenKind::TimeSpan => {
                let sign = if is_negative { "-" } else { "" };
                json::push_string(out, &format!("{TYPED_MEMBER}timespan {sign}{text}"));
            }
            _ => {
                self.expected("a number");
                out.push_str("null");
                return;
            }
        }
        self.advance();
    }

    /// `datetime(2024-01-01)` and its kin: the text in the parentheses as a string, marked where it is none; numbers as numbers.
    fn dynamic_typed(&mut self, out: &mut String, text: &str) {
        let (name, inside) = text.split_once('(').unwrap_or((text, ""));
        let inside = inside.strip_suffix(')').unwrap_or(inside).trim();
        let is_number = matches!(name.trim(), "int" | "int32" | "long" | "int64" | "real" | "double")
            && inside.parse::<f64>().is_ok_and(f64::is_finite);
        if inside == "null" {
            out.push_str("null");
        } else if is_number {
            let unsigned = inside.trim_start_matches(['-', '+']);
            json::push_number(out, unsigned, inside.starts_with('-'));
            if matches!(name.trim(), "real" | "double") && !unsigned.contains(['.', 'e', 'E', 'x', 'X']) {
                out.push_str(".0");
            }
        } else if matches!(name.trim(), "bool" | "boolean") {
            out.push_str(if inside.eq_ignore_ascii_case("true") || inside == "1" { "true" } else { "false" });
        } else {
            let text = inside.trim_matches(['"', '\'']);
            match name.trim() {
                "datetime" | "date" => json::push_string(out, &format!("{TYPED_MEMBER}datetime {text}")),
                "timespan" | "time" => json::push_string(out, &format!("{TYPED_MEMBER}timespan {text}")),
                _ => json::push_string(out, text),
            }
        }
        self.advance();
    }

    fn dynamic_list(&mut self, out: &mut String, close: TokenKind, item: impl Fn(&mut Self, &mut String)) {
        let (left, right) = if close == TokenKind::CloseBrace { ('{', '}') } else { ('[', ']') };
        self.advance();
        out.push(left);
        let mut is_first = true;
        while !self.at_stage_end() {
            if !is_first {
                out.push(',');
            }
            is_first = false;
            if self.nested(|parser| item(parser, out)).is_none() {
                out.push_str("null");
            }
            if !self.eat(TokenKind::Comma) {
                break;
            }
            if self.at(close) {
                self.expected("a JSON value");
            }
        }
        out.push(right);
        self.close(close);
    }

    fn dynamic_property(&mut self, out: &mut String) {
        let token = self.token(0);
        let text = self.text_of(token.span);
        match token.kind {
            TokenKind::String => json::push_string(out, &string_value(text).0),
            TokenKind::Ident | TokenKind::Long => {
                self.expected_with_hint("a property name in quotes", "names of properties in `dynamic(…)` are strings");
                json::push_string(out, text);
            }
            _ => {
                self.expected("a property name");
                out.push_str("\"\":null");
                return;
            }
        }
        self.advance();
        out.push(':');
        self.expect(TokenKind::Colon);
        self.dynamic_value(out);
    }
}
