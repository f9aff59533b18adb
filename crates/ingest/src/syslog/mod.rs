//! Lines of text: syslog of RFC 3164, RFC 5424 and the forms that servers write to files, with CEF anywhere in them.

mod decoder;
mod header;
mod line;
mod names;
mod time;

pub use decoder::SyslogDecoder;
pub use header::SyslogHeader;
pub use line::LogLine;
pub use time::SyslogTime;
pub(crate) use time::named_month_time;
