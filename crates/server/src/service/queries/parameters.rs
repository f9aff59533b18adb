//! Values of `declare query_parameters`, which come as texts: KQL literals, strings also bare.

use std::collections::HashMap;

use api::Failure;
use kql_functions::Value;
use kql_functions::datetime::parse_datetime;
use kql_functions::decimal::parse_decimal;
use kql_functions::dynamic::parse as parse_json;
use kql_functions::guid::parse_guid;
use kql_functions::number::{parse_long, parse_real};
use kql_functions::timespan::parse_timespan;
use kql_syntax::{ExprKind, Literal, ParameterType, Query, StatementKind, TypeName, parse};

/// The values of the parameters that a query declares. What it does not declare is passed over, as in Kusto.
///
/// # Errors
/// Where a text is no value of its parameter's type.
pub(super) fn values(query: &Query, given: &HashMap<&str, &str>) -> Result<HashMap<String, Value>, Failure> {
    let mut values = HashMap::new();
    for statement in &query.statements {
        let StatementKind::DeclareParameters(parameters) = &statement.kind else { continue };
        for parameter in parameters {
            let (name, ParameterType::Scalar(ty)) = (&parameter.name.name, &parameter.ty) else { continue };
            let Some(text) = given.get(name.as_str()) else { continue };
            let value = value_of(*ty, text).ok_or_else(|| {
                Failure::bad_request(format!("query parameter `{name}` is of type {ty:?}, which `{text}` is not"))
            })?;
            values.insert(name.clone(), value);
        }
    }
    Ok(values)
}

/// The value of a text: a literal of the type, or its text without the literal's wrapper.
fn value_of(ty: TypeName, text: &str) -> Option<Value> {
    let literal = literal_of(text);
    if ty == TypeName::String {
        return Some(Value::String(match literal {
            Some(Literal::String(inner)) => inner,
            _ => text.to_owned(),
        }));
    }
    let inner = match literal {
        Some(
            Literal::Int(inner)
            | Literal::Long(inner)
            | Literal::Real(inner)
            | Literal::Decimal(inner)
            | Literal::DateTime(inner)
            | Literal::TimeSpan(inner)
            | Literal::Guid(inner)
            | Literal::Dynamic(inner),
        ) => inner?,
        Some(Literal::Bool(value)) => value?.to_string(),
        Some(Literal::String(inner)) => inner,
        None => text.trim().to_owned(),
    };
    Some(match ty {
        TypeName::Bool => Value::Bool(match inner.to_ascii_lowercase().as_str() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return None,
        }),
        TypeName::Int => Value::Int(i32::try_from(parse_long(&inner)?).ok()?),
        TypeName::Long => Value::Long(parse_long(&inner)?),
        TypeName::Real => Value::Real(parse_real(&inner)?),
        TypeName::Decimal => Value::Decimal(parse_decimal(&inner)?),
        TypeName::Guid => Value::Guid(parse_guid(&inner)?),
        TypeName::DateTime => Value::DateTime(parse_datetime(&inner)?),
        TypeName::TimeSpan => Value::TimeSpan(parse_timespan(&inner)?),
        TypeName::Dynamic => Value::Dynamic(parse_json(&inner)?.to_owned()),
        TypeName::String => Value::String(inner),
    })
}

/// The literal that a text is, if it is nothing but one.
fn literal_of(text: &str) -> Option<Literal> {
    let parsed = parse(text);
    let [statement] = parsed.query.statements.as_slice() else { return None };
    match (&statement.kind, parsed.diagnostics.is_empty()) {
        (StatementKind::Expression(expr), true) => match &expr.kind {
            ExprKind::Literal(literal) => Some(literal.clone()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_as_literals_or_bare() {
        for (ty, text, expected) in [
            (TypeName::String, "bare 'text'", Value::String("bare 'text'".to_owned())),
            (TypeName::String, "'a\\'b'", Value::String("a'b".to_owned())),
            (TypeName::String, "\"\"", Value::String(String::new())),
            (TypeName::String, "5", Value::String("5".to_owned())),
            (TypeName::Long, "5", Value::Long(5)),
            (TypeName::Long, "long(-5)", Value::Long(-5)),
            (TypeName::Long, "-5", Value::Long(-5)),
            (TypeName::Int, "int(5)", Value::Int(5)),
            (TypeName::Real, "1.5", Value::Real(1.5)),
            (TypeName::Bool, "true", Value::Bool(true)),
            (TypeName::Bool, "True", Value::Bool(true)),
            (TypeName::DateTime, "datetime(2020-01-01)", Value::DateTime(parse_datetime("2020-01-01").unwrap())),
            (TypeName::DateTime, "2020-01-01T00:00:00Z", Value::DateTime(parse_datetime("2020-01-01").unwrap())),
            (TypeName::TimeSpan, "1d", Value::TimeSpan(864_000_000_000)),
            (TypeName::TimeSpan, "1.00:00:00", Value::TimeSpan(864_000_000_000)),
            (TypeName::Dynamic, "dynamic({\"a\":1})", Value::Dynamic("{\"a\":1}".to_owned())),
            (TypeName::Dynamic, "[1,2]", Value::Dynamic("[1,2]".to_owned())),
            (
                TypeName::Guid,
                "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)",
                Value::Guid("74be27de-1e4e-49d9-b579-fe0b331d3642".to_owned()),
            ),
        ] {
            assert_eq!(value_of(ty, text), Some(expected), "{ty:?} {text}");
        }
    }

    #[test]
    fn a_text_cannot_become_more_than_a_value() {
        let injected = "x'; SigninLogs | where UserPrincipalName == '";
        assert_eq!(value_of(TypeName::String, injected), Some(Value::String(injected.to_owned())));
        for (ty, text) in [(TypeName::Long, "1 | take 5"), (TypeName::DateTime, "now()"), (TypeName::Int, "9999999999")]
        {
            assert_eq!(value_of(ty, text), None, "{text}");
        }
        let query = parse("declare query_parameters(n:long); print n").query;
        let failure = values(&query, &HashMap::from([("n", "many")])).unwrap_err();
        assert!(failure.message.contains("`n`") && failure.message.contains("`many`"), "{failure:?}");
        assert!(values(&query, &HashMap::from([("other", "x")])).unwrap().is_empty());
    }
}
