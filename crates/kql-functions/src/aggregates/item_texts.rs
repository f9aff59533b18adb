//! Texts of items gathered by groups, in the order in which they come, in one buffer.

use std::sync::Arc;

use arrow::array::{ArrayRef, StringViewArray, make_view};
use arrow::buffer::{Buffer, ScalarBuffer};

/// Most bytes of a buffer of a result, unless one text alone is longer: offsets in an array of texts have 32 bits.
const BUFFER_BYTES: usize = 1 << 30;
/// Most bytes of one text of a result, for the same reason.
const TEXT_BYTES: usize = i32::MAX as usize;

/// Items as they came. They are put together by group once, when results are made.
#[derive(Debug, Default)]
pub(super) struct ItemTexts {
    text: String,
    items: Vec<Item>,
}

/// A part of the text, after that of the item before.
#[derive(Debug, Clone, Copy)]
struct Item {
    group: u32,
    length: u32,
}

/// A text of the result: in which buffer, where the next item goes, and how long it is.
#[derive(Debug, Clone, Copy)]
struct Slot {
    buffer: u32,
    at: usize,
    length: usize,
}

impl ItemTexts {
    /// Appends what `write` appends as an item of a group.
    #[inline]
    pub(super) fn push(&mut self, group: usize, write: impl FnOnce(&mut String)) {
        let before = self.text.len();
        write(&mut self.text);
        let length = u32::try_from(self.text.len() - before);
        let (Ok(length), Ok(group)) = (length, u32::try_from(group)) else {
            self.text.truncate(before);
            return;
        };
        self.items.push(Item { group, length });
    }

    /// For each of the first `n` groups its items, with commas between and brackets around, which are then dropped and the
    /// rest renumbered from 0. Null where that is longer than a text can be.
    pub(super) fn take(&mut self, n: usize, [open, close]: [u8; 2]) -> ArrayRef {
        let (mut slots, mut buffers) = self.slots(n);
        let starts: Vec<(u32, usize)> = slots.iter().map(|slot| (slot.buffer, slot.at)).collect();
        // After the bracket; each item is followed by a comma, the last of which the other bracket takes the place of.
        slots.iter_mut().for_each(|slot| slot.at += 1);
        let mut from = 0;
        for Item { group, length } in &self.items {
            let item = &self.text.as_bytes()[from..from + *length as usize];
            from += item.len();
            let Some(slot) = slots.get_mut(*group as usize).filter(|slot| slot.length <= TEXT_BYTES) else { continue };
            let text = &mut buffers[slot.buffer as usize][slot.at..=slot.at + item.len()];
            text[..item.len()].copy_from_slice(item);
            text[item.len()] = b',';
            slot.at += item.len() + 1;
        }
        for (slot, (buffer, start)) in slots.iter().zip(&starts) {
            if slot.length <= TEXT_BYTES {
                let text = &mut buffers[*buffer as usize][*start..*start + slot.length];
                (text[0], text[slot.length - 1]) = (open, close);
            }
        }
        self.drop_first(n);
        let views = slots.iter().zip(&starts).map(|(slot, (buffer, start))| {
            let length = if slot.length <= TEXT_BYTES { slot.length } else { 0 };
            let text = &buffers[*buffer as usize][*start..*start + length];
            make_view(text, *buffer, u32::try_from(*start).unwrap_or(0))
        });
        let views: ScalarBuffer<u128> = views.collect();
        let is_short = |slot: &Slot| slot.length <= TEXT_BYTES;
        let nulls = if slots.iter().all(is_short) { None } else { Some(slots.iter().map(is_short).collect()) };
        let buffers = buffers.into_iter().map(Buffer::from_vec).collect::<Vec<_>>();
        // Items are whole texts, so that no character is cut.
        match StringViewArray::try_new(views, buffers, nulls) {
            Ok(texts) => Arc::new(texts),
            Err(_) => Arc::new(StringViewArray::new_null(n)),
        }
    }

    /// Where the texts of the first `n` groups go, and the buffers for them.
    fn slots(&self, n: usize) -> (Vec<Slot>, Vec<Vec<u8>>) {
        let mut slots = vec![Slot { buffer: 0, at: 0, length: 1 }; n];
        for item in &self.items {
            if let Some(slot) = slots.get_mut(item.group as usize) {
                slot.length += item.length as usize + 1;
            }
        }
        let mut sizes = vec![0_usize];
        for slot in &mut slots {
            // Brackets around, and a comma less than there are items.
            slot.length = slot.length.max(2);
            let length = if slot.length <= TEXT_BYTES { slot.length } else { 0 };
            if sizes.last().is_some_and(|size| *size > 0 && size + length > BUFFER_BYTES) {
                sizes.push(0);
            }
            slot.buffer = u32::try_from(sizes.len() - 1).unwrap_or(u32::MAX);
            if let Some(size) = sizes.last_mut() {
                slot.at = *size;
                *size += length;
            }
        }
        (slots, sizes.into_iter().map(|size| vec![0; size]).collect())
    }

    fn drop_first(&mut self, n: usize) {
        if self.items.iter().all(|item| (item.group as usize) < n) {
            *self = ItemTexts::default();
            return;
        }
        let first = u32::try_from(n).unwrap_or(u32::MAX);
        let all = std::mem::take(self);
        let mut from = 0;
        for Item { group, length } in all.items {
            let text = &all.text[from..from + length as usize];
            from += length as usize;
            if group >= first {
                self.text.push_str(text);
                self.items.push(Item { group: group - first, length });
            }
        }
    }

    /// Bytes held.
    pub(super) fn size(&self) -> usize {
        self.text.capacity() + self.items.capacity() * size_of::<Item>()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(array: &ArrayRef) -> Vec<String> {
        let texts = array.as_any().downcast_ref::<StringViewArray>().unwrap();
        texts.iter().map(|text| text.unwrap().to_owned()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn items_stand_in_their_groups_in_order(
            items in prop::collection::vec((0_usize..5, "[a-zé]{0,9}"), 0..60),
            first in 0_usize..6,
        ) {
            let mut gathered = ItemTexts::default();
            let mut expected: Vec<Vec<String>> = vec![Vec::new(); 5];
            for (group, text) in &items {
                gathered.push(*group, |out| out.push_str(text));
                expected[*group].push(text.clone());
            }
            let expected: Vec<String> = expected.iter().map(|items| format!("[{}]", items.join(","))).collect();
            let mut found = texts(&gathered.take(first, *b"[]"));
            found.truncate(5);
            found.extend(texts(&gathered.take(5_usize.saturating_sub(first), *b"[]")));
            prop_assert_eq!(found, expected);
        }
    }
}
