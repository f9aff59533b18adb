//! The numbers and rests that a plan asks for, from what one file has.

use std::sync::Arc;

use arrow::datatypes::Schema;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};

use super::no_rests::NoRests;
use super::packed_column::PackedColumn;
use super::packed_text::{PackedText, Part};

/// The expression with numbers and rests of the texts of the file's columns replaced by what the file has of them.
pub(crate) fn from_packed(
    expr: Arc<dyn PhysicalExpr>,
    columns: &[PackedColumn],
    file: &Schema,
) -> Result<Arc<dyn PhysicalExpr>> {
    if columns.is_empty() {
        return Ok(expr);
    }
    let changed = expr.transform_down(|expr| {
        let Some((part, text)) = asked(&expr) else { return Ok(Transformed::no(expr)) };
        let packed = columns.iter().find(|packed| packed.column == text);
        let Some((packed, stored)) = packed.and_then(|packed| Some((packed, packed.stored_in(file)?))) else {
            return Ok(Transformed::no(expr));
        };
        let value: Arc<dyn PhysicalExpr> = match (part, stored.rests) {
            (Part::Number, _) => Arc::new(Column::new(&packed.numbers, stored.numbers)),
            (_, Some(rests)) => Arc::new(Column::new(&packed.rests, rests)),
            (_, None) => Arc::new(NoRests),
        };
        Ok(Transformed::new(value, true, TreeNodeRecursion::Jump))
    });
    changed.data()
}

/// The part that is asked for, and the column of whose texts.
fn asked(expr: &Arc<dyn PhysicalExpr>) -> Option<(Part, &str)> {
    let call = expr.downcast_ref::<ScalarFunctionExpr>()?;
    let part = call.fun().inner().downcast_ref::<PackedText>()?.part();
    match call.args() {
        [text] if part != Part::Text => Some((part, text.downcast_ref::<Column>()?.name())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field};
    use datafusion::config::ConfigOptions;
    use datafusion::logical_expr::ScalarUDF;

    use super::*;
    use crate::packed::packed_columns;

    fn part_of(part: Part, column: &str) -> Arc<dyn PhysicalExpr> {
        let function = Arc::new(ScalarUDF::from(PackedText::new(part)));
        let field = Arc::new(Field::new("part", function.return_type(&[DataType::Utf8View]).unwrap(), true));
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(column, 0));
        Arc::new(ScalarFunctionExpr::new("part", function, vec![column], field, Arc::new(ConfigOptions::new())))
    }

    #[test]
    fn numbers_and_rests_are_read_where_a_file_has_them() {
        let columns = packed_columns(schema::table("SigninLogs").expect("built in"));
        let packed = columns.iter().find(|packed| packed.column == "IPAddress").expect("is packed");
        let text = Field::new("IPAddress", DataType::Utf8, false);
        let read = |part, fields: Vec<Field>| {
            from_packed(part_of(part, "IPAddress"), columns, &Schema::new(fields)).unwrap().to_string()
        };
        let (numbers, rests) = packed.fields(true);
        let with_rests = vec![text.clone(), numbers, rests.expect("there are some")];
        assert_eq!(read(Part::Number, with_rests.clone()), format!("{}@1", packed.numbers));
        assert_eq!(read(Part::Rest, with_rests), format!("{}@2", packed.rests));
        let without = vec![text.clone(), packed.fields(false).0];
        assert_eq!(read(Part::Number, without.clone()), format!("{}@1", packed.numbers));
        assert_eq!(read(Part::Rest, without), "no_rests");
        assert_eq!(read(Part::Number, vec![text]), "part(IPAddress@0)", "made of the text");
    }

    #[test]
    fn numbers_of_other_columns_are_made_of_their_texts() {
        let columns = packed_columns(schema::table("SigninLogs").expect("built in"));
        let file = Schema::new(vec![columns[0].fields(false).0]);
        let read = from_packed(part_of(Part::Number, "UserPrincipalName"), columns, &file).unwrap();
        assert_eq!(read.to_string(), "part(UserPrincipalName@0)");
    }
}
