//! Rows of a table of networks beside the rows whose address they hold.

use arrow::array::{ArrayRef, AsArray};
use kql_functions::{Network, Type, Value};
use kql_syntax::{self as ast, Diagnostic, ExprKind, Literal};

use super::networks::Networks;
use crate::binder::{Bind, Binder};
use crate::computed::{Rows, Watch};
use crate::diagnostics as codes;
use crate::naming::Names;
use crate::operators::plugins::rows::{bounded, converted, taken};
use crate::operators::plugins::{Arguments, PluginCall, Wanted};
use crate::scope::{Relation, ScopeColumn};

/// Reads an address or a network.
type Parse = fn(&str) -> Option<Network>;

/// The argument that keeps rows without a network.
const RETURN_UNMATCHED: &str = "return_unmatched";
/// Rows between two looks at the clock.
const WATCHED_ROWS: usize = 4_096;

/// What is in the parentheses.
struct Lookup {
    address: ScopeColumn,
    network: ScopeColumn,
    /// Columns of both tables that must be equal, too.
    extra: Vec<(ScopeColumn, ScopeColumn)>,
    keeps_unmatched: bool,
    parse: Parse,
}

impl Binder<'_> {
    /// `ipv4_lookup`: the columns of the rows, then those of the networks but the extra keys.
    pub(in crate::operators::plugins) fn ipv4_lookup(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let table = self.table(args.required("LookupTable")?, call.environment)?;
        let address = args.column("SourceIPv4Key", &input, Wanted::STRING)?;
        let network = args.column("IPv4LookupKey", &table, Wanted::STRING)?;
        let mut extra = Vec::new();
        while args.len() > 1 || args.len() == 1 && args.next_is(|arg| !is_flag(arg)) {
            let expr = args.required("ExtraKey")?;
            let left = args.column_of(expr, "ExtraKey", &input, Wanted::NOT_DYNAMIC)?;
            let right = args.column_of(expr, "ExtraKey", &table, Wanted::NOT_DYNAMIC)?;
            if left.ty != right.ty {
                let message = format!(
                    "`{}` is a {} in one table and a {} in the other",
                    left.name,
                    left.ty.name(),
                    right.ty.name()
                );
                return Err(Diagnostic::error(codes::TYPE_MISMATCH, expr.span, message).into());
            }
            extra.push((left, right));
        }
        let keeps_unmatched = self.keeps_unmatched(&mut args)?;
        args.finish()?;
        let lookup = Lookup { address, network, extra, keeps_unmatched, parse: Network::parse_v4 };
        let output = self.ip_lookup(input, table, &lookup, call, false)?;
        self.conformed(output, call)
    }

    /// `ipv6_lookup`: the columns of the networks, then those of the rows, as the engine of record orders them.
    pub(in crate::operators::plugins) fn ipv6_lookup(
        &mut self,
        input: Relation,
        call: &PluginCall<'_>,
    ) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let table = self.table(args.required("LookupTable")?, call.environment)?;
        let address = args.column("SourceIPv6Key", &input, Wanted::STRING)?;
        let network = args.column("IPv6LookupKey", &table, Wanted::STRING)?;
        let keeps_unmatched = self.keeps_unmatched(&mut args)?;
        args.finish()?;
        let lookup = Lookup { address, network, extra: Vec::new(), keeps_unmatched, parse: Network::parse_v6 };
        let output = self.ip_lookup(input, table, &lookup, call, true)?;
        self.conformed(output, call)
    }

    fn keeps_unmatched(&mut self, args: &mut Arguments<'_>) -> Bind<bool> {
        let value = args.optional_constant(self, RETURN_UNMATCHED, Wanted::BOOL)?;
        Ok(value == Some(Value::Bool(true)))
    }

    fn ip_lookup(
        &mut self,
        input: Relation,
        table: Relation,
        lookup: &Lookup,
        call: &PluginCall<'_>,
        networks_first: bool,
    ) -> Bind<Relation> {
        let left: Vec<ScopeColumn> = input.visible().cloned().collect();
        let is_extra = |column: &ScopeColumn| lookup.extra.iter().any(|(_, right)| right.name == column.name);
        let right: Vec<ScopeColumn> = table.visible().filter(|column| !is_extra(column)).cloned().collect();
        let sides = |first: &[ScopeColumn], second: &[ScopeColumn]| named(&[first, second].concat());
        let columns = if networks_first { sides(&right, &left) } else { sides(&left, &right) };
        // Keys stand behind the columns that are given.
        let left_keys: Vec<ScopeColumn> =
            [&lookup.address].into_iter().chain(lookup.extra.iter().map(|(left, _)| left)).cloned().collect();
        let right_keys: Vec<ScopeColumn> =
            [&lookup.network].into_iter().chain(lookup.extra.iter().map(|(_, right)| right)).cloned().collect();
        let input = self.only(input, &[left.clone(), left_keys].concat())?;
        let table = self.only(table, &[right.clone(), right_keys].concat())?;
        let (name, span) = (call.name, call.span);
        self.computed(vec![input, table], &columns, |inputs, watch| {
            let (rows, networks) = (&inputs[0], &inputs[1]);
            let pairs = pairs(rows, left.len(), networks, right.len(), lookup, watch, name, span)?;
            let (from_rows, from_networks): (Vec<Option<u32>>, Vec<Option<u32>>) =
                pairs.into_iter().map(|(row, network)| (Some(row), network)).unzip();
            let mut arrays = Vec::with_capacity(columns.len());
            for (column, scope) in left.iter().enumerate() {
                arrays.push(taken(&rows.arrays[column], scope.ty, &from_rows)?);
            }
            for (column, scope) in right.iter().enumerate() {
                arrays.push(taken(&networks.arrays[column], scope.ty, &from_networks)?);
            }
            if networks_first {
                arrays.rotate_left(left.len());
            }
            Ok(arrays)
        })
    }
}

/// Names and types, a name that is there already with a number behind it.
pub(super) fn named(columns: &[ScopeColumn]) -> Vec<(String, Type)> {
    let mut names = Names::default();
    columns.iter().map(|column| (names.fresh(&column.name), column.ty)).collect()
}

/// `return_unmatched = …`, or a literal bool.
fn is_flag(arg: &ast::Argument) -> bool {
    match &arg.name {
        Some(name) => name.name.eq_ignore_ascii_case(RETURN_UNMATCHED),
        None => matches!(arg.value.kind, ExprKind::Literal(Literal::Bool(_))),
    }
}

/// Each row with each network that holds its address, by number.
#[expect(clippy::too_many_arguments, reason = "two tables, each with the place of its keys")]
fn pairs(
    rows: &Rows,
    row_keys: usize,
    networks: &Rows,
    network_keys: usize,
    lookup: &Lookup,
    watch: Watch<'_>,
    plugin: &str,
    span: ast::Span,
) -> Bind<Vec<(u32, Option<u32>)>> {
    let texts = networks.arrays[network_keys].as_string_view();
    let parsed =
        (0_u32..).zip(texts.iter()).filter_map(|(row, text)| Some((row, (lookup.parse)(text.unwrap_or_default())?)));
    let known = Networks::new(parsed);
    let extra = |rows: &Rows, keys: usize| -> Bind<Option<arrow::row::Rows>> {
        let columns: Vec<ArrayRef> = rows.arrays[keys + 1..].to_vec();
        if columns.is_empty() { Ok(None) } else { converted(&columns).map(Some) }
    };
    let (row_extra, network_extra) = (extra(rows, row_keys)?, extra(networks, network_keys)?);
    let is_equal = |row: u32, network: u32| match (&row_extra, &network_extra) {
        (Some(a), Some(b)) => a.row(row as usize).data() == b.row(network as usize).data(),
        _ => true,
    };
    let addresses = rows.arrays[row_keys].as_string_view();
    let (mut pairs, mut found) = (Vec::new(), Vec::new());
    for (row, text) in (0_u32..).zip(addresses.iter()) {
        if (row as usize).is_multiple_of(WATCHED_ROWS) {
            watch.check()?;
            bounded(pairs.len(), plugin, span)?;
        }
        found.clear();
        if let Some(address) = (lookup.parse)(text.unwrap_or_default()) {
            known.matches(&address, &mut found);
            found.retain(|network| is_equal(row, *network));
        }
        pairs.extend(found.iter().map(|network| (row, Some(*network))));
        if found.is_empty() && lookup.keeps_unmatched {
            pairs.push((row, None));
        }
    }
    Ok(pairs)
}
