mod errors;
mod limits;
mod properties;
mod trees;
