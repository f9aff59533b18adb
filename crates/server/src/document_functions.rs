//! Which of the engine's functions read documents, told to storage.

use datafusion::logical_expr::ScalarUDF;
use kql_engine::{JsonPath, Kernel, KernelUdf, KqlScalarUdf};
use kql_functions::Type;
use storage::DocumentFunction;

/// What a function of a plan does with a document.
pub(crate) fn document_function(function: &ScalarUDF) -> Option<DocumentFunction> {
    let inner = function.inner();
    if let Some(path) = inner.downcast_ref::<JsonPath>() {
        return Some(DocumentFunction::Path(path.path().to_vec()));
    }
    if let Some(kernel) = inner.downcast_ref::<KernelUdf>() {
        let Kernel::Cast { from: Type::Dynamic, to } = kernel.kernel() else { return None };
        return match to {
            Type::String => Some(DocumentFunction::Text),
            Type::Long => Some(DocumentFunction::Long),
            Type::Int => Some(DocumentFunction::Int),
            Type::Bool => Some(DocumentFunction::Bool),
            _ => None,
        };
    }
    let (name, resolved, _) = inner.downcast_ref::<KqlScalarUdf>()?.parts();
    match (name, resolved.parameters.as_slice()) {
        ("parse_json", [Type::Dynamic]) => Some(DocumentFunction::Same),
        ("parse_json", [Type::String]) => Some(DocumentFunction::Parse),
        _ => None,
    }
}
