//! `buildschema`: which types the values of dynamics have, down all properties and elements.

use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::DataType;

use super::definition::Aggregate;
use super::groups::{grow, selected, take_first};
use crate::Type::Dynamic;
use crate::column::{Strings, written_nullable};
use crate::dynamic::{ArrayWriter, BagWriter, Kind, MAX_DEPTH, elements, entries, kind, unquote, write_quoted};
use crate::signature::fixed;
use crate::{Arg, GroupState, number};

/// What stands for the name of an array's elements.
const INDEXER: &str = "`indexer`";

pub(super) static BUILDSCHEMA: Aggregate = Aggregate::new(
    "buildschema",
    |args| fixed(args, &[Dynamic], 1, Dynamic),
    |_, _| Box::new(Schemas::default()),
    |_| vec![DataType::Utf8View],
);

/// The names of scalar types, in the order of their first value, and the properties, if there are any.
#[derive(Debug, Default, Clone)]
struct Schema {
    scalars: Vec<String>,
    properties: Option<Vec<(String, Schema)>>,
}

impl Schema {
    fn add(&mut self, json: &str, depth: usize) {
        if depth == 0 {
            return;
        }
        match kind(json) {
            Kind::Null => {}
            Kind::Bag => {
                self.properties.get_or_insert_default();
                entries(json).for_each(|(name, value)| self.property(&unquote(name)).add(value, depth - 1));
            }
            Kind::Array => {
                let items = self.property(INDEXER);
                elements(json).for_each(|item| items.add(item, depth - 1));
            }
            Kind::Bool => self.scalar("bool"),
            Kind::String => self.scalar("string"),
            Kind::Number if number::parse_long(json.trim()).is_some() => self.scalar("long"),
            Kind::Number => self.scalar("double"),
        }
    }

    fn scalar(&mut self, name: &str) {
        if !self.scalars.iter().any(|known| known == name) {
            self.scalars.push(name.to_owned());
        }
    }

    fn property(&mut self, name: &str) -> &mut Schema {
        let properties = self.properties.get_or_insert_default();
        let place = properties.iter().position(|(known, _)| known == name).unwrap_or_else(|| {
            properties.push((name.to_owned(), Schema::default()));
            properties.len() - 1
        });
        &mut properties[place].1
    }

    /// Takes in a schema in its text form: names are types, bags are properties, arrays are several of both.
    fn add_schema(&mut self, json: &str, depth: usize) {
        if depth == 0 {
            return;
        }
        match kind(json) {
            Kind::String => self.scalar(&unquote(json)),
            Kind::Bag => {
                self.properties.get_or_insert_default();
                entries(json).for_each(|(name, value)| self.property(&unquote(name)).add_schema(value, depth - 1));
            }
            Kind::Array => elements(json).for_each(|item| self.add_schema(item, depth - 1)),
            _ => {}
        }
    }

    /// A type's name, a bag, an array of several of them, or `null` where nothing is known.
    fn write(&self, out: &mut String) {
        match (self.scalars.as_slice(), &self.properties) {
            ([], None) => out.push_str("null"),
            ([], Some(properties)) => write_properties(out, properties),
            ([scalar], None) => write_quoted(out, scalar),
            (scalars, properties) => {
                let mut array = ArrayWriter::new(out);
                scalars.iter().for_each(|scalar| array.push_text(scalar));
                if let Some(properties) = properties {
                    write_properties(array.element(), properties);
                }
                array.end();
            }
        }
    }
}

fn write_properties(out: &mut String, properties: &[(String, Schema)]) {
    let mut bag = BagWriter::new(out);
    let mut text = String::new();
    for (name, schema) in properties {
        text.clear();
        schema.write(&mut text);
        bag.push(name, &text);
    }
    bag.end();
}

#[derive(Debug, Default)]
struct Schemas {
    groups: Vec<Schema>,
}

impl GroupState for Schemas {
    fn update(&mut self, args: &[ArrayRef], groups: &[usize], filter: Option<&BooleanArray>, n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let values = Strings::of(&Arg::Array(args[0].clone()));
        for (row, group) in selected(groups, filter) {
            if let Some(json) = values.get(row) {
                self.groups[group].add(json, MAX_DEPTH);
            }
        }
    }

    fn merge(&mut self, partial: &[ArrayRef], groups: &[usize], n_groups: usize) {
        grow(&mut self.groups, n_groups);
        let schemas = Strings::of(&Arg::Array(partial[0].clone()));
        for (row, group) in groups.iter().enumerate() {
            self.groups[*group].add_schema(schemas.text(row), 2 * MAX_DEPTH);
        }
    }

    fn partial(&mut self, n: usize) -> Vec<ArrayRef> {
        vec![self.finish(n)]
    }

    fn finish(&mut self, n: usize) -> ArrayRef {
        let taken = take_first(&mut self.groups, n);
        written_nullable(n, |group, out| {
            taken[group].write(out);
            out != "null"
        })
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.groups.iter().map(held).sum::<usize>()
    }
}

fn held(schema: &Schema) -> usize {
    let properties = schema.properties.iter().flatten();
    size_of::<Schema>() + properties.map(|(name, schema)| name.len() + held(schema)).sum::<usize>()
}
