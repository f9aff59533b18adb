//! Statements.

use super::Parser;
use super::reserved::NamePlace;
use crate::token::TokenKind;
use crate::{
    ColumnDeclaration, Diagnostic, Expr, ExprKind, Function, LetValue, Parameter, ParameterType, Query, Statement,
    StatementKind, codes,
};

impl Parser<'_> {
    /// The whole text.
    pub(super) fn query(&mut self) -> Query {
        if self.at(TokenKind::End) {
            self.report(Diagnostic::error(codes::EMPTY_QUERY, self.span(), "the query is empty"));
            return Query::default();
        }
        let mut statements = Vec::new();
        loop {
            statements.extend(self.statements(TokenKind::End));
            if self.at(TokenKind::End) {
                return Query { statements };
            }
            // A closing bracket that nothing opened.
            let message = format!("expected `;` or the end of the query, found {}", self.found());
            self.report(Diagnostic::error(codes::UNEXPECTED, self.span(), message));
            self.advance();
            self.recover_after_stray_bracket(&mut statements);
        }
    }

    /// Goes on with the pipeline that a stray bracket cut.
    fn recover_after_stray_bracket(&mut self, statements: &mut [Statement]) {
        if !self.at(TokenKind::Pipe) {
            return;
        }
        let Some(StatementKind::Expression(Expr { kind: ExprKind::Pipeline(pipeline), .. })) =
            statements.last_mut().map(|last| &mut last.kind)
        else {
            return;
        };
        self.advance();
        let more = self.stages();
        pipeline.stages.extend(more.stages);
    }

    /// Statements up to `end` or an unmatched bracket.
    pub(super) fn statements(&mut self, end: TokenKind) -> Vec<Statement> {
        let mut statements = Vec::new();
        while !self.at(end) && !self.at(TokenKind::End) {
            if self.at(TokenKind::Semicolon) {
                self.expected("a statement");
                self.advance();
                continue;
            }
            let before = self.position;
            statements.push(self.statement());
            if matches!(self.kind(), TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace) {
                break;
            }
            if !self.at(TokenKind::Semicolon) && !self.at(TokenKind::End) {
                self.after_statement(before);
            }
            self.eat(TokenKind::Semicolon);
        }
        statements
    }

    /// Reports what stands after a statement in place of `;`.
    fn after_statement(&mut self, before: usize) {
        let message = format!("expected `;` or the end of the query, found {}", self.found());
        let mut diagnostic = Diagnostic::error(codes::UNEXPECTED, self.span(), message);
        if self.at_word("let") {
            diagnostic = diagnostic.with_hint("end the statement before with `;`");
        }
        self.report(diagnostic);
        if !self.begins_statement() {
            self.skip_until(|kind| kind == TokenKind::Semicolon);
        }
        if self.position == before {
            self.advance();
        }
    }

    fn begins_statement(&self) -> bool {
        matches!(self.word(0), "let" | "set" | "declare")
    }

    fn statement(&mut self) -> Statement {
        let start = self.span().start;
        let next_is_name = self.name_length(1) > 0;
        let kind = match self.word(0) {
            "let" if next_is_name || self.token(1).kind != TokenKind::Pipe => self.let_statement(),
            "set" if next_is_name => self.set_statement(),
            "declare" if self.word(1) == "query_parameters" => self.declare_statement(),
            "declare" if self.word(1) == "pattern" => self.unsupported_statement("declare pattern"),
            "alias" if self.word(1) == "database" => self.unsupported_statement("alias database"),
            "restrict" if self.word(1) == "access" => self.unsupported_statement("restrict access"),
            _ if self.at(TokenKind::Dot) => self.management_command(),
            _ => StatementKind::Expression(self.expression_or_pipeline()),
        };
        Statement { kind, span: self.span_from(start) }
    }

    fn let_statement(&mut self) -> StatementKind {
        self.advance();
        self.check_name(NamePlace::Variable);
        let name = self.name("a name after `let`");
        self.expect(TokenKind::Assign);
        let value = if self.at_entity_group() {
            LetValue::Expr(self.entity_group())
        } else if self.at_function() {
            LetValue::Function(self.function())
        } else {
            LetValue::Expr(self.expression_or_pipeline())
        };
        StatementKind::Let { name, value }
    }

    fn set_statement(&mut self) -> StatementKind {
        self.advance();
        let name = self.dotted_name();
        let value = self.eat(TokenKind::Assign).then(|| self.expression());
        StatementKind::Set { name, value }
    }

    fn declare_statement(&mut self) -> StatementKind {
        self.advance();
        self.advance();
        StatementKind::DeclareParameters(self.function_parameters())
    }

    fn unsupported_statement(&mut self, name: &str) -> StatementKind {
        self.skip_until(|kind| kind == TokenKind::Semicolon);
        StatementKind::Unsupported { name: name.to_owned() }
    }

    fn management_command(&mut self) -> StatementKind {
        let start = self.span().start;
        self.advance();
        let word = self.word(0);
        let span = crate::Span::new(start, self.span().end);
        let message = format!("expected a query, found the management command `.{word}`");
        self.position -= 1;
        let hint = "only queries run here; management commands begin with a dot";
        self.report(Diagnostic::error(codes::MANAGEMENT_COMMAND, span, message).with_hint(hint));
        self.give_up();
        StatementKind::Unsupported { name: format!(".{word}") }
    }

    /// Whether `( … ) {` or `view ( … ) {` stands here.
    fn at_function(&self) -> bool {
        let mut ahead = usize::from(self.at_word("view"));
        if self.token(ahead).kind != TokenKind::OpenParen {
            return false;
        }
        let mut open = 0usize;
        loop {
            match self.token(ahead).kind {
                TokenKind::OpenParen => open += 1,
                TokenKind::CloseParen => open -= 1,
                TokenKind::End | TokenKind::Semicolon => return false,
                _ => {}
            }
            ahead += 1;
            if open == 0 {
                return self.token(ahead).kind == TokenKind::OpenBrace;
            }
        }
    }

    fn function(&mut self) -> Function {
        let start = self.span().start;
        let is_view = self.eat_word("view");
        let parameters = self.function_parameters();
        self.expect(TokenKind::OpenBrace);
        let body = self.nested(|parser| parser.statements(TokenKind::CloseBrace)).unwrap_or_default();
        self.close(TokenKind::CloseBrace);
        Function { is_view, parameters, body, span: self.span_from(start) }
    }

    fn function_parameters(&mut self) -> Vec<Parameter> {
        self.expect(TokenKind::OpenParen);
        let parameters = if self.at_stage_end() { Vec::new() } else { self.comma_separated(Self::function_parameter) };
        self.close(TokenKind::CloseParen);
        parameters
    }

    fn function_parameter(&mut self) -> Parameter {
        self.check_name(NamePlace::NewColumn);
        let name = self.name("a parameter name");
        self.expect(TokenKind::Colon);
        let ty =
            if self.at(TokenKind::OpenParen) { self.table_type() } else { ParameterType::Scalar(self.type_name()) };
        let default = self.eat(TokenKind::Assign).then(|| self.expression());
        Parameter { name, ty, default }
    }

    fn table_type(&mut self) -> ParameterType {
        let is_any = self.token(1).kind == TokenKind::Star;
        let columns: Vec<ColumnDeclaration> = self.column_declarations();
        if is_any && columns.is_empty() { ParameterType::AnyTable } else { ParameterType::Table(columns) }
    }
}
