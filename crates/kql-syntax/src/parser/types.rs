//! Types and column declarations.

use super::Parser;
use crate::token::TokenKind;
use crate::{ColumnDeclaration, Diagnostic, Ident, OutputSchema, Span, TypeName, codes};

/// The type of a name, aliases resolved.
pub(super) fn type_of(name: &str) -> Option<TypeName> {
    Some(match name {
        "bool" | "boolean" => TypeName::Bool,
        "int" | "int32" => TypeName::Int,
        "long" | "int64" => TypeName::Long,
        "real" | "double" => TypeName::Real,
        "decimal" => TypeName::Decimal,
        "string" => TypeName::String,
        "guid" | "uuid" | "uniqueid" => TypeName::Guid,
        "datetime" | "date" => TypeName::DateTime,
        "timespan" | "time" => TypeName::TimeSpan,
        "dynamic" | "object" => TypeName::Dynamic,
        _ => return None,
    })
}

impl Parser<'_> {
    /// A type; where none stands, `string` and a diagnostic.
    pub(super) fn type_name(&mut self) -> TypeName {
        let word = self.word(0);
        if let Some(ty) = type_of(word) {
            self.advance();
            return ty;
        }
        if word.is_empty() {
            self.expected("a type");
        } else {
            let message = format!("expected a type, found `{word}`");
            let hint = "the types are bool, int, long, real, decimal, string, guid, datetime, timespan and dynamic";
            self.report(Diagnostic::error(codes::UNKNOWN_TYPE, self.span(), message).with_hint(hint));
            self.advance();
        }
        TypeName::String
    }

    /// `name:type`.
    pub(super) fn column_declaration(&mut self) -> ColumnDeclaration {
        let name = self.new_column_name();
        self.expect(TokenKind::Colon);
        ColumnDeclaration { name, ty: self.type_name() }
    }

    /// `(*, a:long, b:string)`; the star can only come first.
    pub(super) fn output_schema(&mut self) -> OutputSchema {
        let mut schema = OutputSchema { keeps_input: false, columns: Vec::new() };
        if !self.expect(TokenKind::OpenParen) {
            return schema;
        }
        schema.keeps_input = self.eat(TokenKind::Star);
        let mut is_more = !schema.keeps_input || self.eat(TokenKind::Comma);
        while is_more && !self.at_stage_end() {
            if !self.at_name() {
                self.expected("a column name");
                break;
            }
            schema.columns.push(self.column_declaration());
            is_more = self.eat(TokenKind::Comma);
        }
        self.close(TokenKind::CloseParen);
        schema
    }

    /// `(a:long, b:string)`; a leading or single `*` is passed over.
    pub(super) fn column_declarations(&mut self) -> Vec<ColumnDeclaration> {
        let mut columns = Vec::new();
        if !self.expect(TokenKind::OpenParen) {
            return columns;
        }
        while !self.at_stage_end() {
            if self.at(TokenKind::Star) {
                self.advance();
            } else if !self.at_name() {
                self.expected("a column name");
                break;
            } else {
                columns.push(self.column_declaration());
            }
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close(TokenKind::CloseParen);
        columns
    }

    /// What is in `typeof( … )`: a type, or columns. A lone type is a column without name.
    pub(super) fn typeof_columns(&mut self) -> Vec<ColumnDeclaration> {
        let mut columns = Vec::new();
        if !self.expect(TokenKind::OpenParen) {
            return columns;
        }
        while !self.at_stage_end() {
            let here = self.span().start;
            if self.eat(TokenKind::Star) {
            } else if self.token(self.name_length(0)).kind == TokenKind::Colon {
                columns.push(self.column_declaration());
            } else {
                let lower = type_of(&self.word(0).to_ascii_lowercase());
                if lower.is_some() {
                    self.advance();
                }
                let ty = lower.unwrap_or_else(|| self.type_name());
                columns
                    .push(ColumnDeclaration { name: Ident { name: String::new(), span: Span::new(here, here) }, ty });
            }
            if !self.eat(TokenKind::Comma) {
                break;
            }
        }
        self.close(TokenKind::CloseParen);
        columns
    }
}
