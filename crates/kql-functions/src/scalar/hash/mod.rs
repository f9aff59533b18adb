//! Hashes.

mod digest;
mod xxhash;

use crate::ScalarFunction;

pub(super) fn functions() -> Vec<&'static dyn ScalarFunction> {
    vec![&digest::HASH_MD5, &digest::HASH_SHA1, &digest::HASH_SHA256, &xxhash::HASH]
}
