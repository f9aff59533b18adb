//! Plugins that find values that often come together.

mod autocluster;
mod basket;
mod closed_sets;
mod diffpatterns;
mod table;
