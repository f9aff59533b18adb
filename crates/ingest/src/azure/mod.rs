//! Azure: the activity log of subscriptions and the directory, and the logs of resources.

mod activity;
mod resource_id;
mod resource_log;
mod storage;

use crate::decoder::Decoder;

pub use activity::ActivityDecoder;
use resource_log::ResourceLogDecoder;
use storage::StorageDecoder;

/// Decoders of Azure's records. The one of resource logs takes any record of a resource, so it comes after those of other products.
pub(crate) fn decoders() -> Vec<Box<dyn Decoder>> {
    vec![Box::new(ActivityDecoder::new()), Box::new(StorageDecoder::new()), Box::new(ResourceLogDecoder::new())]
}
