//! `search` and `find`.

use crate::parser::Parser;
use crate::token::TokenKind;
use crate::{Expr, ExprKind, FoundColumn, OperatorKind, TableReference};

impl Parser<'_> {
    pub(super) fn search(&mut self) -> OperatorKind {
        let parameters = self.operator_parameters(&["kind", "withsource"]);
        let tables = self.searched_tables();
        OperatorKind::Search { parameters, tables, predicate: self.search_predicate() }
    }

    pub(super) fn find(&mut self) -> OperatorKind {
        let parameters = self.operator_parameters(&["withsource", "datascope"]);
        let tables = self.searched_tables();
        self.eat_word("where");
        let predicate = self.search_predicate();
        let mut project = Vec::new();
        if let Some(length) = self.find_projection() {
            for _ in 0..length {
                self.advance();
            }
            project = if length == 1 { self.comma_separated(Self::found_column) } else { Vec::new() };
        }
        OperatorKind::Find { parameters, tables, predicate, project }
    }

    /// Number of tokens of `project` or `project-smart` here.
    fn find_projection(&self) -> Option<usize> {
        let is_smart = self.token(1).kind == TokenKind::Minus && self.word(2) == "smart";
        self.at_word("project").then_some(if is_smart { 3 } else { 1 })
    }

    /// A column with its type (`a:long`), `*`, `pack(*)` or `pack_all()`.
    fn found_column(&mut self) -> FoundColumn {
        let colons = std::mem::replace(&mut self.allows_colon, false);
        let item = self.named_expression();
        self.allows_colon = colons;
        let ty = if self.eat(TokenKind::Colon) { Some(self.type_name()) } else { None };
        FoundColumn { item, ty }
    }

    fn searched_tables(&mut self) -> Vec<TableReference> {
        if !self.at_word("in") || self.token(1).kind != TokenKind::OpenParen {
            return Vec::new();
        }
        self.advance();
        self.advance();
        let tables = self.table_references();
        self.close(TokenKind::CloseParen);
        tables
    }

    fn search_predicate(&mut self) -> Expr {
        if self.at(TokenKind::Star) && self.is_lone_star() {
            let span = self.advance().span;
            return Expr { kind: ExprKind::Star, span };
        }
        let colons = std::mem::replace(&mut self.allows_colon, true);
        let predicate = self.expression();
        self.allows_colon = colons;
        predicate
    }

    fn is_lone_star(&self) -> bool {
        matches!(self.token(1).kind, TokenKind::Pipe | TokenKind::CloseParen | TokenKind::Semicolon | TokenKind::End)
    }
}
