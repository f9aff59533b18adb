//! Checks queries against a catalog, without running them.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use kql_engine::{Catalog, Checked, Engine, QueryError, QueryOptions, Stage};
use kql_syntax::{Diagnostic, LocatedDiagnostic, Severity, Span};
use serde::Serialize;
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::listed_tables::listed_tables;
use super::source::KqlSource;
use crate::beside::Beside;
use crate::catalog::CheckCatalog;
use crate::engine::engine;
use crate::query::OutputColumn;
use crate::ticks::to_ticks;
use crate::{Error, ExternalAccess, Session};

/// Stack of the threads that check: queries may be long and nested.
const STACK_BYTES: usize = 16 << 20;
/// Code of a defect of this program.
const DEFECT: &str = "KQL199";

/// What queries are checked against: the built-in tables, if nothing is given.
#[derive(Debug, Clone, Default)]
pub struct CheckOptions {
    /// A workspace: its tables, stored functions and watchlists.
    pub workspace: Option<PathBuf>,
    /// A JSON file with tables, in place of the built-in ones.
    pub tables: Option<PathBuf>,
    /// Folders with stored functions.
    pub functions: Vec<PathBuf>,
    /// Folders with watchlists.
    pub watchlists: Vec<PathBuf>,
    /// A query is right that the engine answers, although Microsoft's language service refuses it.
    pub is_lenient: bool,
}

/// What was found out about a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckedQuery {
    /// Where the query stands.
    pub source: String,
    /// Whether it could run, here and as Microsoft's language service has it.
    pub ok: bool,
    /// The stage that failed, or the last one: `parse`, `bind` or `plan`.
    pub stage: &'static str,
    /// What was found; `start` and `end` are byte offsets into the query.
    pub diagnostics: Vec<LocatedDiagnostic>,
    /// The columns of its result.
    pub columns: Vec<OutputColumn>,
    /// The diagnostics for people.
    #[serde(skip)]
    pub rendered: Vec<String>,
}

impl CheckedQuery {
    /// How many warnings there are.
    pub fn warnings(&self) -> usize {
        self.diagnostics.iter().filter(|found| found.diagnostic.severity == Severity::Warning).count()
    }
}

/// How a query would be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanText {
    /// The logical plan, optimized.
    pub logical: String,
    /// The physical plan.
    pub physical: String,
}

/// Checks queries.
pub struct KqlChecker {
    runtime: Runtime,
    engine: Engine,
    catalog: Arc<dyn Catalog>,
    options: QueryOptions,
    is_lenient: bool,
    // The tables of a workspace are read through it.
    _session: Option<Session>,
}

impl KqlChecker {
    /// A checker; `now()` is the clock's.
    pub fn new(options: &CheckOptions) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .thread_stack_size(STACK_BYTES)
            .build()
            .map_err(|error| Error::new(format!("failed to start threads: {error}")))?;
        let engine = engine()?;
        let mut beside = match &options.workspace {
            Some(workspace) => Beside::of_workspace(workspace, &ExternalAccess::default())?,
            None => Beside::default(),
        };
        for folder in &options.functions {
            require_folder(folder)?;
            beside.functions.read(folder)?;
        }
        for folder in &options.watchlists {
            require_folder(folder)?;
            beside.watchlists.find(folder)?;
        }
        let tables = options.tables.as_deref().map(listed_tables).transpose()?;
        let (session, catalog) = match &options.workspace {
            Some(workspace) if tables.is_none() => {
                let session = Session::open(workspace)?;
                let catalog = session.catalog_with(beside)?;
                (Some(session), Arc::new(catalog) as Arc<dyn Catalog>)
            }
            _ => (None, Arc::new(CheckCatalog::new(tables, beside)) as Arc<dyn Catalog>),
        };
        let is_lenient = options.is_lenient;
        let options = QueryOptions::new(to_ticks(Utc::now()));
        Ok(Self { runtime, engine, catalog, options, is_lenient, _session: session })
    }

    /// Checks queries, side by side; the answers are in their order.
    pub fn check_all(&self, sources: &[KqlSource]) -> Vec<CheckedQuery> {
        let tasks: Vec<JoinHandle<Checked>> = sources.iter().map(|source| self.start(&source.text)).collect();
        tasks.into_iter().zip(sources).map(|(task, source)| self.finish(task, source)).collect()
    }

    fn start(&self, text: &str) -> JoinHandle<Checked> {
        let (engine, catalog, options) = (self.engine.clone(), Arc::clone(&self.catalog), self.options.clone());
        let text = text.to_owned();
        self.runtime.spawn(async move { engine.check_plan(&text, catalog.as_ref(), &options).await })
    }

    fn finish(&self, task: JoinHandle<Checked>, source: &KqlSource) -> CheckedQuery {
        let checked = self.runtime.block_on(task).unwrap_or_else(|error| {
            let message = format!("checking the query failed, a defect of this program: {error}");
            let found = Diagnostic::error(DEFECT, Span::default(), message);
            Checked { stage: Stage::Bind, diagnostics: vec![found], columns: Vec::new() }
        });
        let is_refused = checked.has_tolerated() && !self.is_lenient;
        let stage = if is_refused { checked.stage.min(Stage::Bind) } else { checked.stage };
        let columns = checked.columns.iter();
        CheckedQuery {
            source: source.name.clone(),
            ok: checked.is_ok() && !is_refused,
            stage: stage.name(),
            columns: columns.map(|c| OutputColumn { name: c.name.clone(), ty: c.ty.name().to_owned() }).collect(),
            rendered: checked.diagnostics.iter().map(|found| source.render(found)).collect(),
            diagnostics: checked.diagnostics.into_iter().map(|found| found.located(&source.text)).collect(),
        }
    }

    /// How a query would be run.
    pub fn explain(&self, source: &KqlSource) -> Result<PlanText, Error> {
        let (engine, catalog, options) = (self.engine.clone(), Arc::clone(&self.catalog), self.options.clone());
        let text = source.text.clone();
        let task = self.runtime.spawn(async move { engine.explain(&text, catalog.as_ref(), &options).await });
        let failed = |error: String| Error::new(format!("query cannot be planned\n{error}"));
        match self.runtime.block_on(task) {
            Ok(Ok(plans)) => Ok(PlanText { logical: plans.logical, physical: plans.physical }),
            Ok(Err(QueryError::Invalid(found))) => {
                let rendered: Vec<String> = found.iter().map(|found| source.render(found)).collect();
                Err(failed(rendered.join("\n")))
            }
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(error) => Err(failed(error.to_string())),
        }
    }
}

fn require_folder(folder: &std::path::Path) -> Result<(), Error> {
    if folder.is_dir() {
        return Ok(());
    }
    Err(Error::new(format!("failed to read `{}`: no such folder", folder.display())))
}
