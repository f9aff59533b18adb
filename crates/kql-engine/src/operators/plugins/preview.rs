//! `preview`: the first rows. Kusto adds a second result table with the number of all rows; a query here has one result.
//!
//! <https://learn.microsoft.com/kusto/query/preview-plugin>

use super::{Arguments, PluginCall, Wanted};
use crate::binder::{Bind, Binder};
use crate::scope::Relation;

impl Binder<'_> {
    /// Up to the number of rows asked for.
    pub(super) fn preview(&mut self, input: Relation, call: &PluginCall<'_>) -> Bind<Relation> {
        let mut args = Arguments::new(call);
        let rows = args.required("NumberOfRows")?;
        args.constant_of(self, rows, "NumberOfRows", Wanted::INTEGER)?;
        args.finish()?;
        let output = self.take(input, rows, call.environment)?;
        self.conformed(output, call)
    }
}
