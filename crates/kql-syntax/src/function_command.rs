//! `.create function` and its kin: how functions are kept as text outside of queries.

use crate::lexer::lex;
use crate::token::{Token, TokenKind};
use crate::{Diagnostic, Function, LetValue, Parse, Severity, Span, StatementKind, codes, parse};

/// A function that stands alone, with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedFunction {
    /// Its name.
    pub name: String,
    /// Parameters and body; spans are into [`NamedFunction::text`].
    pub function: Function,
    /// The text that was parsed: the function as a `let` statement.
    pub text: String,
    /// Its parameters, without parentheses.
    pub parameters: String,
    /// What stands between its braces.
    pub body: String,
}

impl NamedFunction {
    /// A function of its parts: `a:long, T:(*)` and what stands between the braces.
    ///
    /// # Errors
    /// The text that was parsed and what is wrong with it, as its spans say.
    pub fn parse(name: &str, parameters: &str, body: &str) -> Result<Self, (String, Vec<Diagnostic>)> {
        // The brace stands on a line of its own, as the body may end in a comment.
        let text = format!("let stored_function = ({parameters}) {{\n{body}\n}};");
        let Parse { mut query, diagnostics } = parse(&text);
        let errors: Vec<Diagnostic> =
            diagnostics.into_iter().filter(|found| found.severity == Severity::Error).collect();
        if !errors.is_empty() {
            return Err((text, errors));
        }
        let only = if query.statements.len() == 1 { query.statements.pop() } else { None };
        match only.map(|statement| statement.kind) {
            Some(StatementKind::Let { value: LetValue::Function(function), .. }) => {
                let (parameters, body) = (parameters.trim().to_owned(), body.trim().to_owned());
                Ok(Self { name: name.to_owned(), function, text, parameters, body })
            }
            _ => {
                let message = format!("`{name}` is not one function: its braces do not match");
                Err((text, vec![Diagnostic::error(codes::UNEXPECTED, Span::default(), message)]))
            }
        }
    }

    /// The function that a management command makes: `.create function with (folder='x') Name(a:long) { body }`, also with
    /// `.alter`, `.create-or-alter` and `ifnotexists`.
    ///
    /// # Errors
    /// As of [`NamedFunction::parse`].
    pub fn parse_command(text: &str) -> Result<Self, (String, Vec<Diagnostic>)> {
        let expected = |what: &str| {
            let message = format!("expected {what} in the command that makes a function");
            let hint = "such a command is `.create-or-alter function Name(parameter:type) { body }`";
            (text.to_owned(), vec![Diagnostic::error(codes::EXPECTED, Span::default(), message).with_hint(hint)])
        };
        let lexed = lex(text);
        let mut command = Command { text, tokens: &lexed.tokens };
        if !command.head() {
            return Err(expected("`.create-or-alter function`"));
        }
        if command.word("with") {
            command.advance();
            command
                .brackets(TokenKind::OpenParen, TokenKind::CloseParen)
                .ok_or_else(|| expected("`(` after `with`"))?;
        }
        let name = command.name().ok_or_else(|| expected("the function's name"))?;
        let parameters = command.brackets(TokenKind::OpenParen, TokenKind::CloseParen);
        let parameters = parameters.ok_or_else(|| expected("the parameters in parentheses"))?;
        let body = command.brackets(TokenKind::OpenBrace, TokenKind::CloseBrace);
        let body = body.ok_or_else(|| expected("the body in braces"))?;
        if command.kind() != TokenKind::End {
            return Err(expected("nothing after the body"));
        }
        Self::parse(&name, parameters, body)
    }
}

/// The tokens of a command that are still to be read.
struct Command<'t> {
    text: &'t str,
    tokens: &'t [Token],
}

impl<'t> Command<'t> {
    fn kind(&self) -> TokenKind {
        self.tokens.first().map_or(TokenKind::End, |token| token.kind)
    }

    fn advance(&mut self) {
        self.tokens = self.tokens.get(1..).unwrap_or_default();
    }

    fn slice(&self, span: Span) -> &'t str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    fn word(&self, word: &str) -> bool {
        self.tokens.first().is_some_and(|token| token.kind == TokenKind::Ident && self.slice(token.span) == word)
    }

    /// `.create-or-alter function ifnotexists`, whose first part may be several tokens.
    fn head(&mut self) -> bool {
        if self.kind() != TokenKind::Dot {
            return false;
        }
        while !self.word("function") {
            if !matches!(self.kind(), TokenKind::Dot | TokenKind::Ident | TokenKind::Minus) {
                return false;
            }
            self.advance();
        }
        self.advance();
        if self.word("ifnotexists") {
            self.advance();
        }
        true
    }

    /// `Name`, `['a name']`, `"a name"`.
    fn name(&mut self) -> Option<String> {
        let bracketed = self.kind() == TokenKind::OpenBracket;
        if bracketed {
            self.advance();
        }
        let token = *self.tokens.first()?;
        let text = self.slice(token.span);
        let name = match token.kind {
            TokenKind::Ident => text,
            TokenKind::String => text.trim_matches(['"', '\'']),
            _ => return None,
        };
        self.advance();
        if bracketed {
            self.advance();
        }
        Some(name.to_owned())
    }

    /// What stands between two brackets that belong together.
    fn brackets(&mut self, open: TokenKind, close: TokenKind) -> Option<&'t str> {
        if self.kind() != open {
            return None;
        }
        let start = self.tokens.first()?.span.end;
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.first().copied() {
            self.advance();
            if token.kind == open {
                depth += 1;
            } else if token.kind == close {
                depth -= 1;
                if depth == 0 {
                    return self.text.get(start..token.span.start);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_give_name_parameters_and_body() {
        let text = ".create-or-alter function with (docstring='a ) b', folder=\"x\") Recent(since:timespan=1d, T:(*)) {\n\
                    let limit = ago(since); // }\n T | where TimeGenerated > limit\n// the end\n}";
        let made = NamedFunction::parse_command(text).expect("a function");
        assert_eq!(made.name, "Recent");
        assert_eq!(made.function.parameters.len(), 2);
        assert_eq!(made.function.body.len(), 2);
        let plain = NamedFunction::parse_command(".create function ifnotexists ['my f']() { print 1 }").expect("one");
        assert_eq!((plain.name.as_str(), plain.function.parameters.len()), ("my f", 0));
    }

    #[test]
    fn what_is_no_function_is_refused() {
        for text in ["print 1", ".drop table T", ".create function F() { print 1", ".create function F { print 1 }"] {
            assert!(NamedFunction::parse_command(text).is_err(), "{text}");
        }
        assert!(NamedFunction::parse("f", "", "print 1 }; let g = () { print 2").is_err());
        assert!(NamedFunction::parse("f", "a:nothing", "print a").is_err());
    }
}
