//! The service's certificate.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::config::{ConfigError, HttpsConfig};

/// A certificate that can be read again while the service runs.
#[derive(Debug)]
pub(crate) struct Certificate {
    files: (PathBuf, PathBuf),
    key: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads the files of a configuration.
    pub(crate) fn read(config: &HttpsConfig) -> Result<Self, ConfigError> {
        let files = (config.certificate.clone(), config.key.clone());
        let key = certified_key(&files)?;
        Ok(Self { files, key: RwLock::new(key) })
    }

    /// Reads the files again; keeps what it has where they cannot be used.
    pub(crate) fn reload(&self) -> Result<(), ConfigError> {
        let key = certified_key(&self.files)?;
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = key;
        Ok(())
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.key.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// TLS 1.2 and 1.3 with that certificate, without client certificates.
pub(crate) fn server_config(certificate: Arc<Certificate>) -> Result<Arc<ServerConfig>, ConfigError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ConfigError::new("https", error.to_string()))?;
    let mut config = versions.with_no_client_auth().with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn certified_key((certificate, key): &(PathBuf, PathBuf)) -> Result<Arc<CertifiedKey>, ConfigError> {
    let read = |place: &str, path: &PathBuf| {
        fs::read(path).map_err(|error| ConfigError::new(place, format!("cannot read `{}`: {error}", path.display())))
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read("https.certificate", certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable("https.certificate", certificate, &error.to_string()))?;
    if chain.is_empty() {
        return Err(unusable("https.certificate", certificate, "it holds no certificate"));
    }
    let private = PrivateKeyDer::from_pem_slice(&read("https.key", key)?)
        .map_err(|error| unusable("https.key", key, &error.to_string()))?;
    let certified = CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider());
    certified.map(Arc::new).map_err(|error| unusable("https.key", key, &error.to_string()))
}

fn unusable(place: &str, path: &std::path::Path, reason: &str) -> ConfigError {
    ConfigError::new(place, format!("`{}` cannot be used: {reason}", path.display()))
}
