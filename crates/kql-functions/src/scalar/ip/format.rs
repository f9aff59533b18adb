//! `format_ipv4` and `format_ipv4_mask`: the network address, of a text or a number.

use std::net::Ipv4Addr;

use arrow::array::ArrayRef;

use super::address::{IPV4_BITS, Network};
use crate::Type::{Long, String as Text};
use crate::column::{Longs, Strings, longs, result_rows, written_strings};
use crate::definition::Definition;
use crate::signature::{accept, count};
use crate::{Arg, ArgumentInfo, EvalContext, FunctionError, Resolved};

pub(super) static FORMAT_IPV4: Definition =
    Definition::new("format_ipv4", |args| resolve(args, 1), |args, resolved, ctx| format(args, resolved, ctx, false));

pub(super) static FORMAT_IPV4_MASK: Definition = Definition::new(
    "format_ipv4_mask",
    |args| resolve(args, 2),
    |args, resolved, ctx| format(args, resolved, ctx, true),
);

/// Numbers are addresses, all else is read as text.
fn resolve(args: &[ArgumentInfo], least: usize) -> Result<Resolved, FunctionError> {
    count(args, least, 2)?;
    let mut parameters = vec![if args[0].ty.is_numeric() { Long } else { Text }];
    if let Some(prefix) = args.get(1) {
        parameters.push(accept(1, prefix.ty, Long)?);
    }
    Ok(Resolved { parameters, result: Text })
}

fn format(args: &[Arg], resolved: &Resolved, ctx: &EvalContext, with_prefix: bool) -> ArrayRef {
    let numbers: Option<Longs> = (resolved.parameters[0] == Long).then(|| longs(&args[0]));
    let texts = numbers.is_none().then(|| Strings::of(&args[0]));
    let prefixes = args.get(1).map(longs);
    let network = |row: usize| -> Option<(u32, u8)> {
        let network = match (&numbers, &texts) {
            (Some(numbers), _) => {
                let bits = u32::try_from(numbers.get(row)?).ok()?;
                Network { bits: bits.into(), prefix: IPV4_BITS, width: IPV4_BITS }
            }
            (None, Some(texts)) => Network::parse_v4(texts.text(row))?,
            (None, None) => return None,
        };
        let given = prefixes.as_ref().map_or(Some(i64::from(IPV4_BITS)), |column| column.get(row))?;
        let given = u8::try_from(given).ok().filter(|prefix| *prefix <= IPV4_BITS)?;
        let prefix = given.min(network.prefix);
        Some((u32::try_from(network.masked(prefix)).ok()?, prefix))
    };
    written_strings(result_rows(args, ctx), |row, out| {
        if let Some((bits, prefix)) = network(row) {
            out.push_str(&Ipv4Addr::from(bits).to_string());
            if with_prefix {
                out.push_str(&format!("/{prefix}"));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::Value::Long;
    use crate::scalar::testing::{check, text};

    #[test]
    fn the_network_is_printed() {
        check("format_ipv4", &[text("192.168.1.1"), Long(24)], text("192.168.1.0"));
        check("format_ipv4", &[text("192.168.1.1/24"), Long(32)], text("192.168.1.0"));
        check("format_ipv4", &[text("192.168.1.1/24"), Long(-1)], text(""));
        check("format_ipv4", &[Long(3_232_235_777)], text("192.168.1.1"));
        check("format_ipv4_mask", &[text("192.168.1.1"), Long(24)], text("192.168.1.0/24"));
        check("format_ipv4_mask", &[Long(3_232_236_031), Long(24)], text("192.168.1.0/24"));
        check("format_ipv4", &[text("x")], text(""));
    }
}
