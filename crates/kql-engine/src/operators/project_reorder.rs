//! `project-reorder`.

use std::cmp::Ordering;

use kql_syntax::ReorderItem;

use crate::binder::{Bind, Binder};
use crate::diagnostics as codes;
use crate::scope::{Relation, ScopeColumn, matches_pattern};

impl Binder<'_> {
    /// Moves columns to the front; the others follow as they were.
    pub(super) fn project_reorder(&mut self, mut input: Relation, items: &[ReorderItem]) -> Bind<Relation> {
        let mut rest = std::mem::take(&mut input.columns);
        let mut front: Vec<ScopeColumn> = Vec::new();
        for item in items {
            let pattern = &item.pattern.pattern;
            let is_plain = !pattern.contains('*');
            // A column that another item names in full is not caught by a pattern.
            let is_named_elsewhere =
                |column: &ScopeColumn| items.iter().any(|other| other.pattern.pattern == column.name);
            let (mut matched, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|column| {
                if is_plain {
                    column.name == *pattern
                } else {
                    !column.hidden && !is_named_elsewhere(column) && matches_pattern(pattern, &column.name)
                }
            });
            rest = others;
            if matched.is_empty() && is_plain && !front.iter().any(|column| column.name == *pattern) {
                let known = rest.iter().map(|column| column.name.as_str());
                return Err(codes::unknown(codes::UNKNOWN_NAME, item.pattern.span, "column", pattern, known).into());
            }
            match item.order.as_deref() {
                Some("asc") => matched.sort_by(|a, b| a.name.cmp(&b.name)),
                Some("desc") => matched.sort_by(|a, b| b.name.cmp(&a.name)),
                Some("granny-asc") => matched.sort_by(|a, b| natural(&a.name, &b.name)),
                Some("granny-desc") => matched.sort_by(|a, b| natural(&b.name, &a.name)),
                _ => {}
            }
            front.extend(matched);
        }
        front.extend(rest);
        input.columns = front;
        Ok(input)
    }
}

/// Orders `a2` before `a10`: runs of digits compare as numbers.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.chars().peekable(), b.chars().peekable());
    loop {
        match (a.peek().copied(), b.peek().copied()) {
            (None, None) => return Ordering::Equal,
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let order = digits(&mut a).cmp(&digits(&mut b));
                if order.is_ne() {
                    return order;
                }
            }
            (Some(x), Some(y)) => {
                let order = x.to_lowercase().cmp(y.to_lowercase());
                if order.is_ne() {
                    return order;
                }
                a.next();
                b.next();
            }
        }
    }
}

fn digits(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> u128 {
    let mut value = 0_u128;
    while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
        value = value.saturating_mul(10).saturating_add(u128::from(digit));
        chars.next();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        assert_eq!(natural("a2", "a10"), Ordering::Less);
        assert_eq!(natural("a100", "a20"), Ordering::Greater);
        assert_eq!(natural("a", "a1"), Ordering::Less);
    }
}
