//! The names of columns that a query does not name itself.

use std::collections::HashSet;

use kql_syntax::{Expr, ExprKind, Literal, OperatorKind};

/// Functions whose result is named as their first argument.
const NAMED_AS_ARGUMENT: &[&str] = &[
    "abs",
    "acos",
    "asin",
    "atan",
    "atan2",
    "bin",
    "bin_at",
    "bin_auto",
    "passthrough",
    "binary_and",
    "binary_not",
    "binary_or",
    "binary_shift_left",
    "binary_shift_right",
    "binary_xor",
    "ceiling",
    "cos",
    "exp",
    "exp10",
    "exp2",
    "floor",
    "format_bytes",
    "format_datetime",
    "format_timespan",
    "gamma",
    "log",
    "log10",
    "log2",
    "loggamma",
    "parse_csv",
    "parse_json",
    "parse_xml",
    "parsejson",
    "pow",
    "round",
    "series_fill_backward",
    "series_fill_const",
    "series_fill_forward",
    "series_fill_linear",
    "series_fir",
    "series_iir",
    "series_outliers",
    "sin",
    "split",
    "sqrt",
    "startofday",
    "tan",
    "tobool",
    "toboolean",
    "todatetime",
    "todecimal",
    "todouble",
    "todynamic",
    "toguid",
    "tohex",
    "toint",
    "tolong",
    "toobject",
    "toreal",
    "tostring",
    "totime",
    "totimespan",
    "take_anyif",
    "binary_all_or",
    "binary_all_and",
    "binary_all_xor",
    "bitset_count_ones",
    "erf",
    "erfc",
    "rand",
];

/// Aggregates and functions whose result is named by a prefix and their first argument.
const PREFIXES: &[(&str, &str)] = &[
    ("sum", "sum"),
    ("sumif", "sumif"),
    ("cnt", "cnt"),
    ("count", "count"),
    ("countif", "countif"),
    ("dcount", "dcount"),
    ("dcountif", "dcountif"),
    ("hll", "hll"),
    ("hll_if", "hll_if"),
    ("min", "min"),
    ("minif", "minif"),
    ("max", "max"),
    ("maxif", "maxif"),
    ("avg", "avg"),
    ("avgif", "avgif"),
    ("make_list", "list"),
    ("makelist", "list"),
    ("make_list_if", "list"),
    ("make_list_with_nulls", "list"),
    ("make_set", "set"),
    ("makeset", "set"),
    ("make_set_if", "set"),
    ("make_bag", "bag"),
    ("make_bag_if", "bag"),
    ("make_dictionary", "dictionary"),
    ("buildschema", "schema"),
    ("count_distinct", "count_distinct"),
    ("count_distinctif", "count_distinctif"),
    ("stdev", "stdev"),
    ("stdevif", "stdevif"),
    ("stdevp", "stdevp"),
    ("variance", "variance"),
    ("varianceif", "varianceif"),
    ("variancep", "variancep"),
    ("variancepif", "variancepif"),
    ("anyif", "anyif"),
    ("any", "any"),
    ("gettype", "type"),
    ("strlen", "strlen"),
    ("string_size", "string_size"),
    ("tdigest", "tdigest"),
    ("tdigest_merge", "merge_tdigests"),
    ("merge_tdigest", "merge_tdigests"),
    ("hll_merge", "hll_merge"),
    ("percentiles_array", "percentiles"),
    ("percentilesw_array", "percentiles"),
    ("covariance", "covariance"),
    ("covarianceif", "covarianceif"),
    ("covariancep", "covariancep"),
    ("covariancepif", "covariancepif"),
    ("percentile_tdigest", "percentile_tdigest"),
    ("percentiles_array_tdigest", "percentile_tdigest"),
    ("dcount_hll", "dcount_hll"),
    ("repeat", "repeat"),
    ("treepath", "tree"),
];

/// The name that an expression gives its column, if it gives one.
pub(crate) fn derived(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Member { base, name } => match (&base.kind, derived(base)) {
            (ExprKind::Name(side), _) if side == "$left" || side == "$right" => Some(name.name.clone()),
            (_, Some(base)) => Some(format!("{base}_{}", name.name)),
            (_, None) => Some(name.name.clone()),
        },
        ExprKind::Index { base, index } => {
            let selector = match &index.kind {
                ExprKind::Literal(Literal::String(text)) => Some(text.clone()),
                ExprKind::Literal(Literal::Long(Some(text)) | Literal::Int(Some(text))) => Some(text.clone()),
                _ => None,
            };
            match (derived(base), selector) {
                (Some(base), Some(selector)) => Some(format!("{base}_{selector}")),
                (Some(base), None) => Some(format!("{base}_")),
                (None, selector) => selector,
            }
        }
        ExprKind::Call { name, args } => derived_from_call(&name.name, args),
        ExprKind::List(items) if items.len() == 1 => derived(&items[0]),
        ExprKind::Pipeline(pipeline) => match pipeline.stages.as_slice() {
            [stage] => match &stage.kind {
                OperatorKind::Source(inner) => derived(inner),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

fn derived_from_call(name: &str, args: &[kql_syntax::Argument]) -> Option<String> {
    let first = args.first().map(|arg| &arg.value);
    if NAMED_AS_ARGUMENT.contains(&name)
        && let Some(given) = args.first().and_then(|arg| arg.name.as_ref())
    {
        return Some(given.name.clone());
    }
    if NAMED_AS_ARGUMENT.contains(&name) {
        return first.and_then(derived);
    }
    if name == "column_ifexists" || name == "columnifexists" {
        return match first.map(|expr| &expr.kind) {
            Some(ExprKind::Literal(Literal::String(text))) => Some(text.clone()),
            _ => first.and_then(derived),
        };
    }
    if name.starts_with("covariance") {
        let names: Vec<String> = args.iter().take(2).filter_map(|arg| derived(&arg.value)).collect();
        return Some(format!("{name}_{}", names.join("_")));
    }
    if let ("percentile" | "percentilew", [value, .., rank]) = (name, args)
        && let ExprKind::Literal(Literal::Long(Some(rank)) | Literal::Real(Some(rank))) = &rank.value.kind
    {
        let value = derived(&value.value).unwrap_or_default();
        return Some(format!("percentile_{value}_{}", rank.replace('.', "_")));
    }
    if (name == "make_datetime" || name == "make_timespan") && args.len() == 1 {
        return first.and_then(derived);
    }
    let (_, prefix) = PREFIXES.iter().find(|(function, _)| *function == name)?;
    let argument = first.and_then(derived).unwrap_or_default();
    Some(format!("{prefix}_{argument}"))
}

/// Keeps a list's names apart: a derived name that is taken gets a number, an absent one becomes `Column1`.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: HashSet<String>,
    /// Those of them that the query gave.
    given: HashSet<String>,
}

impl Names {
    /// Names that are already there.
    pub fn taken<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { taken: names.into_iter().map(str::to_owned).collect(), given: HashSet::new() }
    }

    /// Whether the name is in use.
    pub fn has(&self, name: &str) -> bool {
        self.taken.contains(name)
    }

    /// Whether the query gave the name.
    pub fn is_given(&self, name: &str) -> bool {
        self.given.contains(name)
    }

    /// Takes a name that the query gives, with a number behind it if a derived name is in its place.
    pub fn give(&mut self, name: &str) -> String {
        self.given.insert(name.to_owned());
        self.fresh(name)
    }

    /// Takes a name as it is.
    pub fn take(&mut self, name: &str) -> String {
        self.taken.insert(name.to_owned());
        name.to_owned()
    }

    /// Takes a name, with the first free number behind it if it is in use.
    pub fn fresh(&mut self, name: &str) -> String {
        if !self.has(name) {
            return self.take(name);
        }
        self.numbered(name)
    }

    /// Takes the name with the first free number from 1 behind it.
    pub fn numbered(&mut self, name: &str) -> String {
        let mut number = 1_usize;
        loop {
            let candidate = format!("{name}{number}");
            if !self.has(&candidate) {
                return self.take(&candidate);
            }
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_use_get_numbers() {
        let mut names = Names::taken(["a", "a1"]);
        assert_eq!(names.fresh("a"), "a2");
        assert_eq!(names.fresh("b"), "b");
        assert_eq!(names.numbered("Column"), "Column1");
        assert_eq!(names.numbered("Column"), "Column2");
    }
}
