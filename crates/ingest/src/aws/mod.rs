//! Logs of Amazon Web Services.

mod cloud_trail;

pub(crate) use cloud_trail::CloudTrailDecoder;
