//! Where the service listens.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::ConfigError;

/// Plain HTTP.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HttpConfig {
    /// Address and port; empty for none. `127.0.0.1:8080`: nobody else's until told otherwise.
    pub(crate) listen: String,
    /// The address by which clients reach the service, such as `https://vedette.example.org`; what stands in links and discovery documents. Without
    /// it the `Host` of each request is used.
    pub(crate) public_url: Option<String>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8080".to_owned(), public_url: None }
    }
}

impl HttpConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        check_address("http.listen", &self.listen)?;
        let Some(url) = &self.public_url else { return Ok(()) };
        let parsed = url::Url::parse(url).ok().filter(|parsed| matches!(parsed.scheme(), "http" | "https"));
        match parsed {
            Some(_) if !url.ends_with('/') => Ok(()),
            _ => Err(ConfigError::new(
                "http.public_url",
                format!("`{url}` is no http or https address without a slash at its end"),
            )),
        }
    }
}

/// HTTP over TLS.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct HttpsConfig {
    /// Address and port; empty for none.
    pub(crate) listen: String,
    /// The certificate chain, PEM. Read again at SIGHUP.
    pub(crate) certificate: PathBuf,
    /// Its key, PEM.
    pub(crate) key: PathBuf,
}

impl HttpsConfig {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        check_address("https.listen", &self.listen)?;
        if self.listen.is_empty() {
            return Ok(());
        }
        for (place, file) in [("https.certificate", &self.certificate), ("https.key", &self.key)] {
            if !file.is_file() {
                let hint = "`vedette tls init` makes a certificate and its key";
                return Err(ConfigError::new(place, format!("no file `{}`\nhint: {hint}", file.display())));
            }
        }
        Ok(())
    }
}

pub(super) fn check_address(place: &str, address: &str) -> Result<(), ConfigError> {
    if address.is_empty() || address.parse::<SocketAddr>().is_ok() {
        return Ok(());
    }
    let hint = "an address and a port, such as `127.0.0.1:8080` or `[::]:8443`";
    Err(ConfigError::new(place, format!("`{address}` is no address to listen on\nhint: {hint}")))
}
