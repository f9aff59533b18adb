//! Words, names and texts of a management command.

use kql_functions::Type;

use crate::answer::WireColumn;
use crate::failure::Failure;

/// Most columns that a command may list: more than any table can have, so that their number is refused with the table.
const MAX_COLUMNS: usize = 10_000;

/// One piece of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// `.show`, `T`, `create-merge`.
    Word(String),
    /// `['a b']`: a name that is no keyword.
    Quoted(String),
    /// A string literal, its quotes taken off.
    Text(String),
    /// `(`, `,`, `:`, `=`, `;`, `|` and all else.
    Mark(char),
}

/// Reads a command from its start.
pub(super) struct Reader {
    tokens: Vec<(Token, usize)>,
    at: usize,
}

impl Reader {
    /// Splits a command; an error where a text has no end.
    pub fn new(text: &str) -> Result<Self, Failure> {
        let mut lexer = Lexer { text, at: 0 };
        let mut tokens = Vec::new();
        while let Some(start) = lexer.skip_blanks() {
            let token = lexer.token().ok_or_else(|| {
                Failure::bad_request(format!(
                    "Syntax error: SYN0001: a text that begins at character {start} has no end"
                ))
            })?;
            let is_pipe = token == Token::Mark('|');
            tokens.push((token, start));
            // What follows is a query, which has its own reader.
            if is_pipe {
                break;
            }
        }
        Ok(Self { tokens, at: 0 })
    }

    fn peek(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).map(|(token, _)| token)
    }

    /// The next word, in lower case.
    pub fn word(&mut self) -> Option<String> {
        let Some(Token::Word(word)) = self.peek(0) else { return None };
        let word = word.to_ascii_lowercase();
        self.at += 1;
        Some(word)
    }

    /// Whether this word or mark comes next.
    pub fn is(&self, wanted: &str) -> bool {
        self.is_ahead(0, wanted)
    }

    /// Whether this word or mark comes after so many others.
    pub fn is_ahead(&self, ahead: usize, wanted: &str) -> bool {
        match self.peek(ahead) {
            Some(Token::Word(word)) => word.eq_ignore_ascii_case(wanted),
            Some(Token::Mark(mark)) => wanted.len() == mark.len_utf8() && wanted.starts_with(*mark),
            _ => false,
        }
    }

    /// Passes this word or mark, if it comes next.
    pub fn eat(&mut self, wanted: &str) -> bool {
        let is_next = self.is(wanted);
        self.at += usize::from(is_next);
        is_next
    }

    /// Whether the command is over: a `;` at its end does not count.
    pub fn is_end(&self) -> bool {
        self.tokens[self.at..].iter().all(|(token, _)| *token == Token::Mark(';')) || self.is("|")
    }

    /// A name, quoted or not.
    pub fn name(&mut self) -> Option<String> {
        let (Token::Word(name) | Token::Quoted(name) | Token::Text(name)) = self.peek(0)? else { return None };
        let name = name.clone();
        self.at += 1;
        Some(name)
    }

    /// `(a, b)`.
    pub fn names(&mut self) -> Option<Vec<String>> {
        self.eat("(").then_some(())?;
        let mut names = vec![self.name()?];
        while self.eat(",") {
            names.push(self.name()?);
        }
        self.eat(")").then_some(names)
    }

    /// A string literal.
    pub fn string(&mut self) -> Option<String> {
        let Token::Text(text) = self.peek(0)? else { return None };
        let text = text.clone();
        self.at += 1;
        Some(text)
    }

    /// String literals side by side, which are one text.
    pub fn joined_strings(&mut self) -> Option<String> {
        let mut text = self.string()?;
        while let Some(more) = self.string() {
            text.push_str(&more);
        }
        Some(text)
    }

    /// `(a:string, b:long)`.
    pub fn columns(&mut self) -> Option<Vec<WireColumn>> {
        self.eat("(").then_some(())?;
        let mut columns = Vec::new();
        loop {
            let name = self.name()?;
            self.eat(":").then_some(())?;
            let ty = type_of(&self.name()?)?;
            columns.push(WireColumn { name, ty });
            if columns.len() > MAX_COLUMNS {
                return None;
            }
            if !self.eat(",") {
                break;
            }
        }
        self.eat(")").then_some(columns)
    }

    /// Passes `with (folder="x", …)`: what it says is for people.
    pub fn properties(&mut self) {
        if !(self.is("with") && self.is_ahead(1, "(")) {
            return;
        }
        while self.at < self.tokens.len() {
            let is_last = self.is(")");
            self.at += 1;
            if is_last {
                return;
            }
        }
    }

    /// What follows behind a `|`; nothing where the command is over, `None` where something else follows.
    pub fn rest(&self, text: &str) -> Option<Option<String>> {
        match self.tokens.get(self.at) {
            Some((Token::Mark('|'), start)) => Some(text.get(*start..).map(str::to_owned)),
            _ => self.is_end().then_some(None),
        }
    }

    /// The next token as it can be shown.
    pub fn token(&self) -> Option<String> {
        Some(match self.peek(0)? {
            Token::Word(text) | Token::Quoted(text) | Token::Text(text) => text.clone(),
            Token::Mark(mark) => mark.to_string(),
        })
    }

    /// The first words: what a command is called, three at most.
    pub fn leading_words(&self) -> String {
        let words = self.tokens.iter().map_while(|(token, _)| match token {
            Token::Word(word) => Some(word.chars().take(64).collect::<String>()),
            _ => None,
        });
        words.take(3).collect::<Vec<_>>().join(" ")
    }
}

/// The type of a column in a command: KQL's names, their aliases and .NET's.
fn type_of(name: &str) -> Option<Type> {
    let lower = name.to_ascii_lowercase();
    Some(match lower.strip_prefix("system.").unwrap_or(&lower) {
        "bool" | "boolean" | "sbyte" => Type::Bool,
        "int" | "int32" => Type::Int,
        "long" | "int64" => Type::Long,
        "real" | "double" => Type::Real,
        "decimal" | "data.sqltypes.sqldecimal" => Type::Decimal,
        "string" => Type::String,
        "guid" | "uuid" | "uniqueid" => Type::Guid,
        "datetime" | "date" => Type::DateTime,
        "timespan" | "time" => Type::TimeSpan,
        "dynamic" | "object" => Type::Dynamic,
        _ => return None,
    })
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn left(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Passes blanks and comments; where the next token begins, if there is one.
    fn skip_blanks(&mut self) -> Option<usize> {
        loop {
            let left = self.left();
            self.at += left.len() - left.trim_start().len();
            if !self.left().starts_with("//") {
                return (self.at < self.text.len()).then_some(self.at);
            }
            self.at += self.left().find('\n').unwrap_or(self.left().len());
        }
    }

    fn token(&mut self) -> Option<Token> {
        if let Some(text) = self.literal() {
            return text.map(Token::Text);
        }
        let left = self.left();
        let first = left.chars().next()?;
        if first == '[' {
            self.at += 1;
            self.skip_blanks()?;
            let name = self.literal()??;
            self.skip_blanks()?;
            self.left().starts_with(']').then_some(())?;
            self.at += 1;
            return Some(Token::Quoted(name));
        }
        // A word may begin with a dot and have hyphens and dots in it, as `.create-merge` and `System.Object`.
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '$' | '*');
        let length = left.find(|c| !is_word(c)).unwrap_or(left.len());
        if length > 0 {
            let word = left[..length].to_owned();
            self.at += length;
            return Some(Token::Word(word));
        }
        self.at += first.len_utf8();
        Some(Token::Mark(first))
    }

    /// A string literal: nothing where none begins here, `Some(None)` where it has no end.
    fn literal(&mut self) -> Option<Option<String>> {
        let left = self.left();
        for fence in ["```", "~~~"] {
            if let Some(inner) = left.strip_prefix(fence) {
                return Some(inner.find(fence).map(|end| {
                    let text = inner[..end].to_owned();
                    self.at += 2 * fence.len() + end;
                    text
                }));
            }
        }
        let verbatim = left.strip_prefix('@').or_else(|| left.strip_prefix("h@"));
        let body =
            verbatim.or_else(|| left.strip_prefix('h').filter(|rest| rest.starts_with(['\'', '"']))).unwrap_or(left);
        let quote = body.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let start = self.at + (left.len() - body.len()) + 1;
        let mut text = String::new();
        let mut chars = self.text[start..].char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c == quote {
                // A doubled quote of a verbatim text stands for itself.
                if verbatim.is_some() && chars.next_if(|(_, next)| *next == quote).is_some() {
                    text.push(quote);
                    continue;
                }
                self.at = start + at + 1;
                return Some(Some(text));
            }
            match (c, verbatim.is_some()) {
                ('\\', false) => match chars.next() {
                    Some((_, next)) => text.push(escaped(next)),
                    None => break,
                },
                _ => text.push(c),
            }
        }
        Some(None)
    }
}

fn escaped(c: char) -> char {
    match c {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }
}
