//! Arrays and property bags.

mod array_change;
mod array_index_of;
mod array_length;
mod array_slice;
mod array_sort;
mod array_sum;
mod bag_change;
mod bag_keys;
mod bag_zip;
mod extract_json;
mod pack;
mod range;
mod sets;
mod strcat_array;
mod to_json;
mod treepath;
mod zip;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![
        &array_change::ARRAY_CONCAT,
        &array_change::ARRAY_REVERSE,
        &array_change::ARRAY_ROTATE_LEFT,
        &array_change::ARRAY_ROTATE_RIGHT,
        &array_change::ARRAY_SHIFT_LEFT,
        &array_change::ARRAY_SHIFT_RIGHT,
        &array_change::ARRAY_IFF,
        &array_index_of::ARRAY_INDEX_OF,
        &array_length::ARRAY_LENGTH,
        &array_slice::ARRAY_SLICE,
        &array_slice::ARRAY_SPLIT,
        &array_sort::ARRAY_SORT_ASC,
        &array_sort::ARRAY_SORT_DESC,
        &array_sum::ARRAY_SUM,
        &bag_change::BAG_MERGE,
        &bag_change::BAG_REMOVE_KEYS,
        &bag_change::BAG_SET_KEY,
        &bag_keys::BAG_KEYS,
        &bag_zip::BAG_ZIP,
        &bag_keys::BAG_HAS_KEY,
        &extract_json::EXTRACT_JSON,
        &pack::BAG_PACK,
        &pack::PACK_ARRAY,
        &range::RANGE,
        &range::REPEAT,
        &sets::SET_UNION,
        &sets::SET_INTERSECT,
        &sets::SET_DIFFERENCE,
        &sets::SET_HAS_ELEMENT,
        &sets::SET_EQUALS,
        &sets::JACCARD_INDEX,
        &strcat_array::STRCAT_ARRAY,
        &to_json::DYNAMIC_TO_JSON,
        &treepath::TREEPATH,
        &zip::ZIP,
    ]
}
