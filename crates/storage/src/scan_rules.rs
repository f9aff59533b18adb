//! What makes scans of our tables quicker once a plan is made.

use std::sync::Arc;

use datafusion::logical_expr::ScalarUDF;
use datafusion::physical_optimizer::PhysicalOptimizerRule;

use crate::asked_predicates::AskedPredicates;
use crate::even_scans::EvenScans;
use crate::keyed::{KeyedTest, KeyedTests, TestFor};
use crate::packed::{PackedText, PackedTexts, Part};
use crate::proven_conditions::ProvenConditions;

/// Rules of physical plans that change how a workspace's tables are scanned, never what a plan answers. They belong after all rules that look at
/// the columns or the order of scans.
pub fn scan_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    vec![
        Arc::new(EvenScans),
        Arc::new(ProvenConditions),
        Arc::new(PackedTexts),
        Arc::new(KeyedTests),
        Arc::new(AskedPredicates),
    ]
}

/// The functions that [`scan_rules`] put into plans: who decodes a plan looks them up by name.
pub fn scan_functions() -> Vec<Arc<ScalarUDF>> {
    let packed = [Part::Number, Part::Rest, Part::Text].map(|part| ScalarUDF::from(PackedText::new(part)));
    let keyed = [TestFor::Column, TestFor::Rows].map(|is_for| ScalarUDF::from(KeyedTest::new(is_for)));
    packed.into_iter().chain(keyed).map(Arc::new).collect()
}
