//! How a file holds what a query reads: hot paths that have a leaf column in it are read there, string columns that it left out
//! read as `""`, all other columns as null.

use std::sync::Arc;

use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion};
use datafusion::error::Result;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::{Column, case, is_null, lit};
use datafusion::physical_expr_adapter::{
    DefaultPhysicalExprAdapterFactory, PhysicalExprAdapter, PhysicalExprAdapterFactory,
};
use schema::ColumnType;

use crate::document_read::{DocumentRead, DocumentReader, ReadAs};
use crate::keyed::by_keys;
use crate::leaf_column::{Absent, Leaf};
use crate::leaf_value::{Form, LeafValue};
use crate::open_snapshots::InUse;
use crate::packed::{PackedColumn, from_packed};

/// Adapts expressions over a table's columns to the columns that one file has.
#[derive(Debug)]
pub(crate) struct LogFileAdapterFactory {
    /// Recognizes reads of hot paths, where the table has any.
    pub(crate) documents: Option<DocumentReader>,
    /// The texts that files may have as numbers.
    pub(crate) packed: &'static [PackedColumn],
    /// A plan, and each stream of it, keeps this factory: the files stay as long as they are read.
    pub(crate) _in_use: Arc<InUse>,
}

/// The adapter of one file.
#[derive(Debug)]
struct LogFileAdapter {
    /// The table's.
    logical: SchemaRef,
    /// The file's.
    physical: SchemaRef,
    documents: Option<DocumentReader>,
    packed: &'static [PackedColumn],
    /// Casts and supplies nulls.
    default: Arc<dyn PhysicalExprAdapter>,
}

impl PhysicalExprAdapterFactory for LogFileAdapterFactory {
    fn create(&self, logical: SchemaRef, physical: SchemaRef) -> Result<Arc<dyn PhysicalExprAdapter>> {
        let relaxed = Arc::new(relaxed(&logical, &physical));
        let default = DefaultPhysicalExprAdapterFactory.create(relaxed, Arc::clone(&physical))?;
        let (documents, packed) = (self.documents, self.packed);
        Ok(Arc::new(LogFileAdapter { logical, physical, documents, packed, default }))
    }
}

/// The table's columns as the default adapter may see them: nullable where the file's column is, because the null
/// is replaced around its cast.
fn relaxed(logical: &Schema, physical: &Schema) -> Schema {
    let fields: Vec<Field> = logical
        .fields()
        .iter()
        .map(|field| {
            // `field_with_name` writes an error with all names where there is none.
            let nullable = physical.column_with_name(field.name()).is_none_or(|(_, stored)| stored.is_nullable());
            field.as_ref().clone().with_nullable(field.is_nullable() || nullable)
        })
        .collect();
    Schema::new_with_metadata(fields, logical.metadata().clone())
}

impl PhysicalExprAdapter for LogFileAdapter {
    fn rewrite(&self, expr: Arc<dyn PhysicalExpr>) -> Result<Arc<dyn PhysicalExpr>> {
        let expr = match &self.documents {
            Some(documents) => from_leaves(expr, documents, |leaf| self.leaf_column(leaf))?,
            None => expr,
        };
        let expr = from_packed(expr, self.packed, &self.physical)?;
        let expr = expr.transform_up(|expr| self.fill(expr)).data()?;
        by_keys(self.default.rewrite(expr)?, &self.physical)
    }
}

impl LogFileAdapter {
    fn leaf_column(&self, leaf: &Leaf) -> Option<StoredLeaf> {
        let (index, field) = self.physical.column_with_name(&leaf.name)?;
        let written = leaf.of_field(field)?;
        Some(StoredLeaf { index, absent: written.absent, survives_text: written.survives_text })
    }

    /// Replaces a never-null column by `""` where the file lacks it, or where the file has a null.
    fn fill(&self, expr: Arc<dyn PhysicalExpr>) -> Result<Transformed<Arc<dyn PhysicalExpr>>> {
        let Some(column) = expr.downcast_ref::<Column>() else { return Ok(Transformed::no(expr)) };
        let Some((_, field)) = self.logical.column_with_name(column.name()) else { return Ok(Transformed::no(expr)) };
        let Some(absent) = absent_value(field) else { return Ok(Transformed::no(expr)) };
        match self.physical.column_with_name(column.name()) {
            None => Ok(Transformed::yes(lit(absent))),
            Some((_, stored)) if stored.is_nullable() => {
                let is_absent = is_null(Arc::clone(&expr))?;
                Ok(Transformed::yes(case(None, vec![(is_absent, lit(absent))], Some(expr))?))
            }
            Some(_) => Ok(Transformed::no(expr)),
        }
    }
}

/// `""` in the column's type; `None` for a column that may be null or has no absent value (the time).
fn absent_value(field: &Field) -> Option<ScalarValue> {
    if field.is_nullable() {
        return None;
    }
    ScalarValue::new_default(field.data_type()).ok().filter(|value| value.try_as_str().is_some())
}

/// Where a leaf column is, and what it shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredLeaf {
    /// The position of its column.
    pub(crate) index: usize,
    pub(crate) absent: Absent,
    /// As in [`crate::leaf_column::LeafColumn`].
    pub(crate) survives_text: bool,
}

/// The expression with reads of hot paths replaced by the leaf columns that there are.
pub(crate) fn from_leaves(
    expr: Arc<dyn PhysicalExpr>,
    documents: &DocumentReader,
    stored: impl Fn(&Leaf) -> Option<StoredLeaf>,
) -> Result<Arc<dyn PhysicalExpr>> {
    let changed = expr.transform_down(|expr| {
        let Some(read) = documents.read(&expr) else { return Ok(Transformed::no(expr)) };
        let Some(leaf) = stored(read.leaf) else { return Ok(Transformed::no(expr)) };
        Ok(match leaf_value(read, leaf)? {
            Some(value) => Transformed::new(value, true, TreeNodeRecursion::Jump),
            None => Transformed::no(expr),
        })
    });
    changed.data()
}

/// What a read gives, from the leaf column; `None` where the read wants another kind of value or the leaf does not tell.
fn leaf_value(read: DocumentRead, stored: StoredLeaf) -> Result<Option<Arc<dyn PhysicalExpr>>> {
    if read.through_text && !stored.survives_text {
        return Ok(None);
    }
    let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(&read.leaf.name, stored.index));
    Ok(Some(match (read.kind, read.leaf.ty) {
        (ReadAs::Json, _) => {
            let form = Form::Json { empty_is_absent: stored.absent == Absent::Empty };
            Arc::new(LeafValue::new(column, form))
        }
        (ReadAs::Text, ColumnType::String) if stored.absent == Absent::Null => {
            let empty = lit(ScalarValue::Utf8View(Some(String::new())));
            case(None, vec![(is_null(Arc::clone(&column))?, empty)], Some(column))?
        }
        (ReadAs::Text, ColumnType::Long | ColumnType::Bool) => Arc::new(LeafValue::new(column, Form::Text)),
        (ReadAs::Text, ColumnType::String) | (ReadAs::Long, ColumnType::Long) | (ReadAs::Bool, ColumnType::Bool) => {
            column
        }
        // No cast of the plan: the engine takes it off a comparison, where it is null beyond 32 bits.
        (ReadAs::Int, ColumnType::Long) => Arc::new(LeafValue::new(column, Form::Int)),
        _ => return Ok(None),
    }))
}
