//! Graphs: made of tables, searched for patterns, turned back into tables.

mod build;
mod components;
mod conditions;
mod found;
mod matcher;
mod pattern;
mod property_graph;
mod search;
mod shortest;

pub(crate) use build::{NodeTable, Parts, build};
pub(crate) use components::{strong, weak};
pub(crate) use conditions::Conditions;
pub(crate) use matcher::Cycles;
pub(crate) use pattern::{
    Collected, Collecting, Focus, Named, NodeValue, Origin, Pattern, PatternEdge, PatternScope, Slot,
};
pub(crate) use property_graph::{PropertyGraph, Topology};
pub(crate) use search::{Search, Wanted};
