//! Plans as bytes: what KQL adds to DataFusion's own wire format, so that a plan can run on another node.
//!
//! Functions travel as their name and what they were made with; nothing in a plan is a handle or a closure.

use std::sync::{Arc, LazyLock};

use datafusion::common::internal_err;
use datafusion::common::tree_node::TreeNode;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::physical_plan::parquet::ParquetRowSelection;
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF, WindowUDF};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr_common::physical_expr::proto_decode::PhysicalExprDecodeCtx;
use datafusion::physical_expr_common::physical_expr::proto_encode::PhysicalExprEncodeCtx;
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::bytes::{
    physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec,
};
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};
use kql_functions::dynamic::Step;
use kql_functions::key_values::{PairReader, PairSyntax};
use kql_functions::string_ops::StringOp;
use kql_functions::{ArgumentInfo, Resolved, Type};
use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::first_rows::FirstRowsExec;
use crate::functions::any_text::AnyText;
use crate::functions::arg_extreme::ArgExtremeUdf;
use crate::functions::expand::{ExpandUdf, Expansion};
use crate::functions::json_path::JsonPath;
use crate::functions::kernel::{Kernel, KernelUdf};
use crate::functions::kql_aggregate::KqlAggregateUdf;
use crate::functions::kql_scalar::KqlScalarUdf;
use crate::functions::parse_pairs::ParsePairs;
use crate::functions::parse_text::ParseText;
use crate::functions::row_function::RowFunctionUdf;
use crate::functions::same_text::SameText;
use crate::functions::series_aggregate::{SeriesBins, SeriesUdf};
use crate::functions::series_result::SeriesResult;
use crate::functions::series_text::SeriesText;
use crate::functions::ticks::TicksOfStored;
use crate::shared_groups::SharedGroupsExec;
use crate::shared_union::SharedUnionExec;
use crate::text_memos::PerText;
use crate::text_partners::TextPartnersExec;
use crate::time_window_join::TimeWindowJoinExec;
use crate::wide_union_exec::WideUnionData;

/// What a join by time begins with; the hash join that it stands for follows. Other nodes are JSON.
const TIME_WINDOW_JOIN: u8 = b'T';
/// What first rows of all rows begin with; a node with the keys follows.
const FIRST_ROWS: u8 = b'F';
/// What first rows of a partition begin with, likewise.
const FIRST_ROWS_OF_PARTITION: u8 = b'P';
/// What groups in one table begin with; the aggregation follows.
const SHARED_GROUPS: u8 = b'G';

/// What a shared union begins with; its legs follow, and after a zero byte, which is not in them, a plan with its columns.
const SHARED_UNION: u8 = b'U';

/// What a search for partners begins with; the semi join that it stands for follows.
const TEXT_PARTNERS: u8 = b'S';

/// A scalar function of a plan, as data.
#[derive(Debug, Serialize, Deserialize)]
enum Scalar {
    Path(Vec<Step>),
    Ticks,
    Kernel(Kernel),
    Function { name: String, resolved: Resolved, now: i64, wanted: u64, as_lists: bool },
    Expand { expansion: Expansion, limit: usize },
    Parse { regex: String, groups: usize },
    ParsePairs { syntax: PairSyntax, keys: Vec<String> },
    AnyText(StringOp),
    SeriesText,
    SeriesResult(usize),
    SameText { text: String, is_negated: bool },
}

/// An aggregate of a plan, as data.
#[derive(Debug, Serialize, Deserialize)]
enum Aggregate {
    Function { name: String, args: Vec<ArgumentInfo>, resolved: Resolved },
    ArgExtreme { key: Type, values: Vec<Type>, fields: Vec<usize>, is_max: bool },
    Series { aggregate: Box<Aggregate>, bins: SeriesBins },
    Own { name: String },
}

/// Encodes and decodes physical plans of KQL queries.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlanCodec;

impl PlanCodec {
    /// The plan as bytes. An error where it holds a node that has no wire format, such as the scan of a part of a file: it would be read
    /// whole.
    pub fn encode(plan: Arc<dyn ExecutionPlan>) -> Result<Vec<u8>> {
        if plan.exists(|node| Ok(reads_part_of_file(node)))? {
            return internal_err!("the scan of a part of a file has no wire format");
        }
        Ok(physical_plan_to_bytes_with_extension_codec(plan, &PlanCodec)?.to_vec())
    }

    /// The plan that was encoded.
    pub fn decode(bytes: &[u8], context: &TaskContext) -> Result<Arc<dyn ExecutionPlan>> {
        physical_plan_from_bytes_with_extension_codec(bytes, context, &PlanCodec)
    }
}

fn reads_part_of_file(node: &Arc<dyn ExecutionPlan>) -> bool {
    let source = node.downcast_ref::<DataSourceExec>().map(|scan| scan.data_source().as_ref());
    let Some(scan) = source.and_then(|source| source.downcast_ref::<FileScanConfig>()) else { return false };
    let mut files = scan.file_groups.iter().flat_map(|group| group.files());
    files.any(|file| file.extension::<ParquetRowSelection>().is_some())
}

impl Scalar {
    fn of(udf: &ScalarUDF) -> Option<Self> {
        let inner = udf.inner();
        if let Some(path) = inner.downcast_ref::<JsonPath>() {
            return Some(Scalar::Path(path.path().to_vec()));
        }
        if inner.downcast_ref::<TicksOfStored>().is_some() {
            return Some(Scalar::Ticks);
        }
        if let Some(kernel) = inner.downcast_ref::<KernelUdf>() {
            return Some(Scalar::Kernel(kernel.kernel()));
        }
        if let Some(function) = inner.downcast_ref::<KqlScalarUdf>() {
            let (name, resolved, now) = function.parts();
            let (name, resolved) = (name.to_owned(), resolved.clone());
            let (wanted, as_lists) = (function.wanted(), function.as_lists());
            return Some(Scalar::Function { name, resolved, now, wanted, as_lists });
        }
        if let Some(expand) = inner.downcast_ref::<ExpandUdf>() {
            let (expansion, limit) = expand.parts();
            return Some(Scalar::Expand { expansion, limit });
        }
        if let Some(pairs) = inner.downcast_ref::<ParsePairs>() {
            let (syntax, keys) = pairs.reader().parts();
            return Some(Scalar::ParsePairs { syntax: syntax.clone(), keys: keys.to_vec() });
        }
        if let Some(any) = inner.downcast_ref::<AnyText>() {
            return Some(Scalar::AnyText(any.op()));
        }
        if inner.downcast_ref::<SeriesText>().is_some() {
            return Some(Scalar::SeriesText);
        }
        if let Some(result) = inner.downcast_ref::<SeriesResult>() {
            return Some(Scalar::SeriesResult(result.index()));
        }
        if let Some(same) = inner.downcast_ref::<SameText>() {
            let (text, is_negated) = same.parts();
            return Some(Scalar::SameText { text: text.to_owned(), is_negated });
        }
        let (regex, groups) = inner.downcast_ref::<ParseText>()?.parts();
        Some(Scalar::Parse { regex: regex.to_owned(), groups })
    }

    fn function(self) -> Result<ScalarUDF> {
        Ok(match self {
            Scalar::Path(path) => JsonPath::new(path, false).into(),
            Scalar::Ticks => TicksOfStored::new().into(),
            Scalar::Kernel(kernel) => KernelUdf::new(kernel).into(),
            Scalar::Function { name, resolved, now, wanted, as_lists } => match kql_functions::scalar(&name) {
                Some(function) => {
                    KqlScalarUdf::new(function, resolved, now).with_wanted(wanted).with_lists(as_lists).into()
                }
                None => return internal_err!("plan calls the unknown function `{name}`"),
            },
            Scalar::Expand { expansion, limit } => ExpandUdf::new(expansion, limit).into(),
            Scalar::ParsePairs { syntax, keys } => match PairReader::new(syntax, keys) {
                Ok(reader) => ParsePairs::new(reader).into(),
                Err(error) => return internal_err!("plan holds a bad pattern: {error}"),
            },
            Scalar::AnyText(op) => AnyText::new(op).into(),
            Scalar::SeriesText => SeriesText::new().into(),
            Scalar::SeriesResult(index) => SeriesResult::new(index).into(),
            Scalar::SameText { text, is_negated } => SameText::new(text, is_negated).into(),
            Scalar::Parse { regex, groups } => match Regex::new(&regex) {
                Ok(regex) => ParseText::new(regex, groups).into(),
                Err(error) => return internal_err!("plan holds the bad pattern `{regex}`: {error}"),
            },
        })
    }
}

impl Aggregate {
    fn of(udf: &AggregateUDF) -> Option<Self> {
        let inner = udf.inner();
        if let Some(function) = inner.downcast_ref::<KqlAggregateUdf>() {
            let (name, args, resolved) = function.parts();
            return Some(Aggregate::Function {
                name: name.to_owned(),
                args: args.to_vec(),
                resolved: resolved.clone(),
            });
        }
        if let Some(series) = inner.downcast_ref::<SeriesUdf>() {
            let (aggregate, bins) = series.parts();
            let own = || Aggregate::Own { name: aggregate.name().to_owned() };
            let aggregate = Box::new(Aggregate::of(aggregate).unwrap_or_else(own));
            return Some(Aggregate::Series { aggregate, bins: bins.clone() });
        }
        let udf = inner.downcast_ref::<ArgExtremeUdf>()?;
        let (key, values, is_max) = udf.parts();
        Some(Aggregate::ArgExtreme { key, values: values.to_vec(), fields: udf.fields().to_vec(), is_max })
    }

    fn function(self) -> Result<Arc<AggregateUDF>> {
        Ok(Arc::new(match self {
            Aggregate::Own { name } => return own_aggregate(&name),
            Aggregate::Series { aggregate, bins } => SeriesUdf::new(aggregate.function()?, bins).into(),
            Aggregate::Function { name, args, resolved } => match kql_functions::aggregate(&name) {
                Some(function) => KqlAggregateUdf::new(function, args, resolved).into(),
                None => return internal_err!("plan calls the unknown aggregate `{name}`"),
            },
            Aggregate::ArgExtreme { key, values, fields, is_max } => {
                ArgExtremeUdf::new(key, values, is_max).with_fields(fields).into()
            }
        }))
    }
}

fn write(value: &impl Serialize, buffer: &mut Vec<u8>) -> Result<()> {
    serde_json::to_writer(buffer, value).map_err(|error| DataFusionError::External(Box::new(error)))
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| DataFusionError::External(Box::new(error)))
}

/// DataFusion's own functions, which plans hold beside KQL's.
fn own_scalar(name: &str) -> Result<Arc<ScalarUDF>> {
    static ALL: LazyLock<Vec<Arc<ScalarUDF>>> = LazyLock::new(datafusion::functions::all_default_functions);
    let found = ALL.iter().find(|function| function.name() == name);
    found.cloned().ok_or_else(|| unknown("function", name))
}

fn own_aggregate(name: &str) -> Result<Arc<AggregateUDF>> {
    static ALL: LazyLock<Vec<Arc<AggregateUDF>>> =
        LazyLock::new(datafusion::functions_aggregate::all_default_aggregate_functions);
    let found = ALL.iter().find(|function| function.name() == name);
    found.cloned().ok_or_else(|| unknown("aggregate", name))
}

fn own_window(name: &str) -> Result<Arc<WindowUDF>> {
    static ALL: LazyLock<Vec<Arc<WindowUDF>>> =
        LazyLock::new(datafusion::functions_window::all_default_window_functions);
    let found = ALL.iter().find(|function| function.name() == name);
    found.cloned().ok_or_else(|| unknown("window function", name))
}

fn unknown(what: &str, name: &str) -> DataFusionError {
    DataFusionError::Internal(format!("plan calls the unknown {what} `{name}`"))
}

impl PhysicalExtensionCodec for PlanCodec {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let Some((kind, bare)) = bytes.split_first() else { return internal_err!("plan holds a node of no kind") };
        match *kind {
            TIME_WINDOW_JOIN => {
                let join = PlanCodec::decode(bare, context)?;
                return Ok(Arc::new(TimeWindowJoinExec::of_bare_join(&join, inputs)?));
            }
            FIRST_ROWS | FIRST_ROWS_OF_PARTITION => {
                let keys = PlanCodec::decode(bare, context)?;
                return Ok(Arc::new(FirstRowsExec::of_bare(&keys, inputs, *kind == FIRST_ROWS)?));
            }
            SHARED_GROUPS => {
                let groups = PlanCodec::decode(bare, context)?;
                return Ok(Arc::new(SharedGroupsExec::of_bare(&groups, inputs)?));
            }
            SHARED_UNION => {
                let Some(end) = bare.iter().position(|byte| *byte == 0) else {
                    return internal_err!("plan holds a shared union without columns");
                };
                let schema = PlanCodec::decode(&bare[end + 1..], context)?;
                return Ok(Arc::new(SharedUnionExec::of_parts(read(&bare[..end])?, &schema, inputs)?));
            }
            TEXT_PARTNERS => {
                let join = PlanCodec::decode(bare, context)?;
                return Ok(Arc::new(TextPartnersExec::of_bare(&join, inputs)?));
            }
            _ => {}
        }
        Ok(Arc::new(read::<WideUnionData>(bytes)?.over(inputs)))
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        buffer: &mut Vec<u8>,
        _: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        if let Some(join) = node.downcast_ref::<TimeWindowJoinExec>() {
            buffer.push(TIME_WINDOW_JOIN);
            buffer.extend(PlanCodec::encode(join.bare_join()?)?);
            return Ok(());
        }
        if let Some(rows) = node.downcast_ref::<FirstRowsExec>() {
            buffer.push(if rows.is_final() { FIRST_ROWS } else { FIRST_ROWS_OF_PARTITION });
            buffer.extend(PlanCodec::encode(rows.bare()?)?);
            return Ok(());
        }
        if let Some(groups) = node.downcast_ref::<SharedGroupsExec>() {
            buffer.push(SHARED_GROUPS);
            buffer.extend(PlanCodec::encode(groups.bare()?)?);
            return Ok(());
        }
        if let Some(partners) = node.downcast_ref::<TextPartnersExec>() {
            buffer.push(TEXT_PARTNERS);
            buffer.extend(PlanCodec::encode(partners.bare()?)?);
            return Ok(());
        }
        if let Some(union) = node.downcast_ref::<SharedUnionExec>() {
            let (legs, schema) = union.parts();
            buffer.push(SHARED_UNION);
            write(&legs, buffer)?;
            buffer.push(0);
            buffer.extend(PlanCodec::encode(schema)?);
            return Ok(());
        }
        write(&WideUnionData::try_from(node.as_ref())?, buffer)
    }

    /// An expression per text travels as the expression it computes.
    fn try_encode_expr(
        &self,
        expr: &Arc<dyn PhysicalExpr>,
        _: &mut Vec<u8>,
        _: &PhysicalExprEncodeCtx<'_>,
    ) -> Result<()> {
        match expr.downcast_ref::<PerText>() {
            Some(_) => Ok(()),
            None => internal_err!("the expression `{expr}` has no wire format"),
        }
    }

    fn try_decode_expr(
        &self,
        _: &[u8],
        inputs: &[Arc<dyn PhysicalExpr>],
        _: &PhysicalExprDecodeCtx<'_>,
    ) -> Result<Arc<dyn PhysicalExpr>> {
        match inputs {
            [whole] => Ok(Arc::new(PerText::new(Arc::clone(whole))?)),
            _ => internal_err!("plan holds an unknown expression"),
        }
    }

    fn try_encode_udf(&self, node: &ScalarUDF, buffer: &mut Vec<u8>) -> Result<()> {
        Scalar::of(node).map_or(Ok(()), |function| write(&function, buffer))
    }

    fn try_decode_udf(&self, name: &str, bytes: &[u8]) -> Result<Arc<ScalarUDF>> {
        if bytes.is_empty() {
            return own_scalar(name);
        }
        Ok(Arc::new(read::<Scalar>(bytes)?.function()?))
    }

    fn try_encode_udaf(&self, node: &AggregateUDF, buffer: &mut Vec<u8>) -> Result<()> {
        Aggregate::of(node).map_or(Ok(()), |function| write(&function, buffer))
    }

    fn try_decode_udaf(&self, name: &str, bytes: &[u8]) -> Result<Arc<AggregateUDF>> {
        if bytes.is_empty() {
            return own_aggregate(name);
        }
        read::<Aggregate>(bytes)?.function()
    }

    fn try_encode_udwf(&self, node: &WindowUDF, buffer: &mut Vec<u8>) -> Result<()> {
        node.inner().downcast_ref::<RowFunctionUdf>().map_or(Ok(()), |function| write(&function.parts(), buffer))
    }

    fn try_decode_udwf(&self, name: &str, bytes: &[u8]) -> Result<Arc<WindowUDF>> {
        if bytes.is_empty() {
            return own_window(name);
        }
        let (function, arguments) = read(bytes)?;
        Ok(Arc::new(RowFunctionUdf::new(function, arguments).into()))
    }
}
