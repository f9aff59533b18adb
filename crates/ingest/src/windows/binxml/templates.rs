//! The templates that were met in a chunk, by the places of their definitions.

use std::sync::Arc;

use super::data_template::DataTemplate;
use super::definition::Definition;
use super::head_template::HeadTemplate;
use crate::limits::EVTX_DEFINITION_BYTES;

/// Templates of one kind; `None` for a definition that is none.
type Known<T> = Vec<(usize, Option<Arc<T>>)>;

/// The templates of a chunk, each made once.
#[derive(Debug, Default)]
pub struct Templates {
    heads: Known<HeadTemplate>,
    data: Known<DataTemplate>,
    user_data: Known<DataTemplate>,
    /// Bytes of definitions that may still be read: they may overlap, so a small hostile chunk can hold a lot of them.
    left: usize,
}

impl Templates {
    /// For another chunk.
    pub fn clear(&mut self) {
        self.heads.clear();
        self.data.clear();
        self.user_data.clear();
        self.left = EVTX_DEFINITION_BYTES;
    }

    /// The template around an event whose definition is at this place.
    pub fn head(&mut self, chunk: &[u8], place: usize) -> Option<Arc<HeadTemplate>> {
        known(&mut self.heads, place, || HeadTemplate::of(Definition::read(chunk, place, &mut self.left)?))
    }

    /// The template of an event's data, which stand within `UserData` or in an element of their own template.
    pub fn data(&mut self, chunk: &[u8], place: usize, in_user_data: bool) -> Option<Arc<DataTemplate>> {
        let templates = if in_user_data { &mut self.user_data } else { &mut self.data };
        known(templates, place, || DataTemplate::of(Definition::read(chunk, place, &mut self.left)?, in_user_data))
    }
}

fn known<T>(templates: &mut Known<T>, place: usize, make: impl FnOnce() -> Option<T>) -> Option<Arc<T>> {
    if let Some((_, template)) = templates.iter().find(|(known, _)| *known == place) {
        return template.clone();
    }
    let template = make().map(Arc::new);
    templates.push((place, template.clone()));
    template
}
