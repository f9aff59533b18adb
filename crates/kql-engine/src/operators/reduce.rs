//! `reduce`: patterns that many texts have in common.
//!
//! Vaarandi's clustering of log lines ("A Data Clustering Algorithm for Mining Patterns From Event Logs", 2003), which Kusto's
//! page names: words that occur often at their place stay, the others become `*`; patterns of enough texts are groups.

use std::collections::HashMap;

use arrow::array::ArrayRef;
use kql_functions::{Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind};

use super::filter::row_of;
use crate::binder::{Bind, Binder};
use crate::computed::{Rows, Watch, array_of};
use crate::diagnostics as codes;
use crate::environment::Environment;
use crate::naming::Names;
use crate::scope::Relation;
use crate::typed::Typed;

/// The share of the rows that a word or pattern must have, unless told otherwise.
const DEFAULT_THRESHOLD: f64 = 0.1;
/// Fewest texts of a group.
const MIN_SUPPORT: usize = 2;
/// Most words of a text that are told apart; the rest of it is one word.
const MAX_WORDS: usize = 200;
/// The group of texts that fit no pattern.
const OTHERS: &str = "others";
/// The name of the texts among the columns; no query can write it.
const TEXT: &str = "\u{1}text";

/// How texts are grouped.
struct Rule {
    threshold: f64,
    separators: Vec<char>,
}

/// Texts of one pattern.
struct Group {
    pattern: String,
    count: i64,
    representative: String,
}

impl Binder<'_> {
    /// A row for each pattern; with `kind=source` each row with its pattern.
    pub(super) fn reduce(
        &mut self,
        input: Relation,
        parameters: &[ast::OperatorParameter],
        by: &ast::NamedExpr,
        properties: &[ast::OperatorParameter],
        environment: &Environment,
    ) -> Bind<Relation> {
        let keeps_rows = keeps_rows(parameters)?;
        let rule = self.reduce_rule(properties, environment)?;
        let text = self.scalar(&by.expr, row_of(&input, environment))?;
        if text.ty != Type::String {
            let message = format!("`reduce` takes a string, not a {}", text.ty.name());
            return Err(Diagnostic::error(codes::TYPE_MISMATCH, by.expr.span, message).into());
        }
        let mut columns: Vec<(String, Typed, bool)> = Vec::new();
        if keeps_rows {
            columns.extend(input.visible().map(|column| (column.name.clone(), Typed::column(column), false)));
        }
        let mut names = Names::taken(columns.iter().map(|(name, ..)| name.as_str()));
        let mut output: Vec<(String, Type)> = columns.iter().map(|(name, value, _)| (name.clone(), value.ty)).collect();
        columns.push((TEXT.to_owned(), text, false));
        let result = [("Pattern", Type::String), ("Count", Type::Long), ("Representative", Type::String)];
        output.extend(result.map(|(name, ty)| (names.fresh(name), ty)));
        let input = self.project(input, columns)?;
        self.computed(vec![input], &output, |rows, watch| reduced(&rows[0], &rule, keeps_rows, watch))
    }

    fn reduce_rule(&mut self, properties: &[ast::OperatorParameter], environment: &Environment) -> Bind<Rule> {
        let mut rule = Rule { threshold: DEFAULT_THRESHOLD, separators: Vec::new() };
        for property in properties {
            let name = property.name.name.as_str();
            let span = property.value.span;
            let value = self.scalar_alone(&property.value, environment)?;
            match (name, value.constant.map(|value| (value.cast(Type::Real), value))) {
                ("threshold", Some((Value::Real(threshold), _))) if (0.0..=1.0).contains(&threshold) => {
                    rule.threshold = threshold;
                }
                ("characters", Some((_, Value::String(text)))) => rule.separators = text.chars().collect(),
                ("threshold" | "characters", _) => {
                    let wanted = if name == "threshold" { "a number from 0 to 1" } else { "a string" };
                    let message = format!("`{name}` of `reduce` takes {wanted}");
                    return Err(Diagnostic::error(codes::INVALID_USE, span, message).into());
                }
                _ => {
                    let known = ["threshold", "characters"];
                    let span = property.name.span;
                    return Err(codes::unknown(codes::INVALID_USE, span, "property of `reduce`", name, known).into());
                }
            }
        }
        Ok(rule)
    }
}

fn keeps_rows(parameters: &[ast::OperatorParameter]) -> Bind<bool> {
    let Some(kind) = parameters.iter().find(|parameter| parameter.name.name == "kind") else { return Ok(false) };
    match &kind.value.kind {
        ExprKind::Name(name) if name == "source" => Ok(true),
        _ => {
            let message = "the only kind of `reduce` is `source`";
            Err(Diagnostic::error(codes::INVALID_USE, kind.value.span, message).into())
        }
    }
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part<'t> {
    Word(&'t str),
    Separator(char),
}

impl Rule {
    /// Words and what separates them.
    fn parts<'t>(&self, text: &'t str) -> Vec<Part<'t>> {
        let is_separator = |c: char| !c.is_alphanumeric() || self.separators.contains(&c);
        let mut parts = Vec::new();
        let mut start = 0;
        let mut words = 0;
        for (at, c) in text.char_indices().filter(|(_, c)| is_separator(*c)) {
            if start < at {
                words += 1;
                parts.push(Part::Word(&text[start..at]));
            }
            if words >= MAX_WORDS {
                start = at;
                break;
            }
            parts.push(Part::Separator(c));
            start = at + c.len_utf8();
        }
        if start < text.len() {
            parts.push(Part::Word(&text[start..]));
        }
        parts
    }

    /// The text with `*` for words that are rare at their place; a separator that the query names goes with them.
    fn pattern(&self, parts: &[Part<'_>], is_frequent: impl Fn(usize, &str) -> bool) -> String {
        let mut pattern = String::new();
        let mut place = 0;
        for part in parts {
            match part {
                Part::Word(word) => {
                    if is_frequent(place, word) {
                        pattern.push_str(word);
                    } else {
                        while pattern.chars().next_back().is_some_and(|c| self.separators.contains(&c)) {
                            pattern.pop();
                        }
                        if !pattern.ends_with('*') {
                            pattern.push('*');
                        }
                    }
                    place += 1;
                }
                Part::Separator(c) if pattern.ends_with('*') && self.separators.contains(c) => {}
                Part::Separator(c) => pattern.push(*c),
            }
        }
        pattern
    }
}

/// The groups of all rows, the largest first, or for each row its group.
fn reduced(rows: &Rows, rule: &Rule, keeps_rows: bool, watch: Watch) -> Bind<Vec<ArrayRef>> {
    let text = rows.columns.len() - 1;
    let texts: Vec<String> = (0..rows.len())
        .map(|row| match rows.value(text, row) {
            Value::String(text) => text,
            _ => String::new(),
        })
        .collect();
    let (groups, of_row) = groups(&texts, rule, watch)?;
    let chosen: Vec<&Group> = match keeps_rows {
        true => of_row.iter().map(|group| &groups[*group]).collect(),
        false => groups.iter().filter(|group| group.count > 0).collect(),
    };
    let column = |ty, value: &dyn Fn(&Group) -> Value| {
        array_of(ty, &chosen.iter().map(|group| value(group)).collect::<Vec<Value>>())
    };
    let mut arrays: Vec<ArrayRef> = rows.arrays[..text].to_vec();
    arrays.push(column(Type::String, &|group| Value::String(group.pattern.clone()))?);
    arrays.push(column(Type::Long, &|group| Value::Long(group.count))?);
    arrays.push(column(Type::String, &|group| Value::String(group.representative.clone()))?);
    Ok(arrays)
}

/// The groups, and the group of each text.
fn groups(texts: &[String], rule: &Rule, watch: Watch) -> Bind<(Vec<Group>, Vec<usize>)> {
    let support = support(rule.threshold, texts.len());
    let mut words: HashMap<(usize, &str), usize> = HashMap::new();
    for text in texts {
        watch.check()?;
        let only_words = rule.parts(text).into_iter().filter_map(|part| match part {
            Part::Word(word) => Some(word),
            Part::Separator(_) => None,
        });
        for (place, word) in only_words.enumerate() {
            *words.entry((place, word)).or_default() += 1;
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut of_row = Vec::with_capacity(texts.len());
    for text in texts {
        watch.check()?;
        let is_frequent = |place, word: &str| words.get(&(place, word)).is_some_and(|count| *count >= support);
        let pattern = rule.pattern(&rule.parts(text), is_frequent);
        let group = *known.entry(pattern).or_insert_with_key(|pattern| {
            groups.push(Group { pattern: pattern.clone(), count: 0, representative: text.clone() });
            groups.len() - 1
        });
        groups[group].count += 1;
        of_row.push(group);
    }
    Ok(with_others(groups, of_row, support))
}

/// Rows that a pattern needs.
fn support(threshold: f64, rows: usize) -> usize {
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of rows"
    )]
    let share = (threshold * rows as f64).ceil() as usize;
    share.max(MIN_SUPPORT)
}

/// Groups that are too small, or that are nothing but `*`, become one; the largest group comes first.
fn with_others(groups: Vec<Group>, of_row: Vec<usize>, support: usize) -> (Vec<Group>, Vec<usize>) {
    let mut kept: Vec<(usize, Group)> = Vec::new();
    let mut others = Group { pattern: OTHERS.to_owned(), count: 0, representative: String::new() };
    for (index, group) in groups.into_iter().enumerate() {
        let is_large = usize::try_from(group.count).is_ok_and(|count| count >= support);
        if is_large && group.pattern.chars().any(char::is_alphanumeric) {
            kept.push((index, group));
        } else {
            others.count += group.count;
        }
    }
    kept.sort_by_key(|(_, group)| std::cmp::Reverse(group.count));
    let places: HashMap<usize, usize> = kept.iter().enumerate().map(|(place, (index, _))| (*index, place)).collect();
    let last = kept.len();
    let of_row = of_row.into_iter().map(|group| places.get(&group).copied().unwrap_or(last)).collect();
    let mut groups: Vec<Group> = kept.into_iter().map(|(_, group)| group).collect();
    groups.push(others);
    (groups, of_row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CancelToken;

    fn patterns(texts: &[&str], rule: &Rule) -> Vec<(String, i64)> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let (groups, _) = groups(&texts, rule, Watch::new(None, &CancelToken::default())).ok().unwrap();
        groups.into_iter().filter(|group| group.count > 0).map(|group| (group.pattern, group.count)).collect()
    }

    #[test]
    fn rare_words_become_stars_and_rare_patterns_become_others() {
        let rule = Rule { threshold: DEFAULT_THRESHOLD, separators: Vec::new() };
        let texts = ["user ann in", "user bob in", "user cid in", "lonely"];
        assert_eq!(patterns(&texts, &rule), [("user * in".to_owned(), 3), ("others".to_owned(), 1)]);
    }

    #[test]
    fn named_separators_go_with_the_star() {
        let rule = Rule { threshold: DEFAULT_THRESHOLD, separators: vec!['Z'] };
        assert_eq!(patterns(&["fooZ1", "fooZ2", "fooZ3"], &rule), [("foo*".to_owned(), 3)]);
    }
}
