//! Limits of the parser, so that no text can exhaust memory or the stack.

/// Longest query text in bytes; the longest public rule is a fiftieth of it.
pub const MAX_TEXT_BYTES: usize = 1 << 20;

/// Deepest nesting of brackets, calls and pipelines.
pub const MAX_NESTING: usize = 200;

/// Longest left-leaning chain (`a + b + …`, `a.b.c…`); `and` and `or` are balanced and have no limit.
pub const MAX_CHAIN: usize = 400;

/// Most diagnostics of one parse.
pub const MAX_DIAGNOSTICS: usize = 100;

/// Number of terms from which a chain of `and` or `or` becomes a balanced tree instead of a left-leaning one.
pub const BALANCE_FROM: usize = 32;
