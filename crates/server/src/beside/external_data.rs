//! External files for queries, if allowed.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use kql_engine::{ExternalError, ExternalRequest, MAX_EXTERNAL_BYTES};
use url::Url;

use super::ExternalAccess;
use super::archive::unpacked;
use super::download::download;

/// Most bytes of files that are kept, so that a rule that runs over many windows does not fetch its list for each.
const MAX_KEPT_BYTES: usize = 2 * MAX_EXTERNAL_BYTES;

/// Files by address and pattern.
type Kept = HashMap<(String, Option<String>), Arc<Vec<Vec<u8>>>>;

/// Reads external files, each once.
#[derive(Debug, Default)]
pub(crate) struct ExternalData {
    access: ExternalAccess,
    kept: Mutex<Kept>,
}

impl ExternalData {
    /// What that access allows.
    pub(crate) fn new(access: ExternalAccess) -> Self {
        Self { access, kept: Mutex::default() }
    }

    /// The file's bytes, unpacked.
    pub(crate) async fn read(&self, request: &ExternalRequest) -> Result<Vec<Vec<u8>>, ExternalError> {
        let key = (request.uri.clone(), request.archive_pattern.clone());
        let known = self.kept().get(&key).cloned();
        if let Some(known) = known {
            let size: usize = known.iter().map(Vec::len).sum();
            return if size > request.max_bytes { Err(ExternalError::too_large(request)) } else { Ok(known.to_vec()) };
        }
        let packed = self.packed(request).await?;
        let files = unpacked(packed, request)?;
        let mut kept = self.kept();
        let held: usize = kept.values().flat_map(|files| files.iter().map(Vec::len)).sum();
        let size: usize = files.iter().map(Vec::len).sum();
        if held + size <= MAX_KEPT_BYTES {
            kept.insert(key, Arc::new(files.clone()));
        }
        Ok(files)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes as they lie there.
    async fn packed(&self, request: &ExternalRequest) -> Result<Vec<u8>, ExternalError> {
        let uri = request.uri.as_str();
        // A key for the storage account may follow the address.
        let plain = uri.split(';').next().unwrap_or(uri);
        let bare = plain.split('?').next().unwrap_or(plain);
        if let Some(path) = [uri, plain, bare].into_iter().find_map(|address| self.access.files.get(address)) {
            return read_file(path, request);
        }
        match Url::parse(plain) {
            Ok(address) if address.scheme() == "https" => {
                let host = address.host_str().unwrap_or_default().to_owned();
                if !self.access.allows_host(&host) {
                    return Err(ExternalError::refused(uri, &host_hint(&host, bare)));
                }
                download(address, &self.access, request).await
            }
            Ok(address) if address.scheme() == "file" => match address.to_file_path() {
                Ok(path) => self.local(&path, request),
                Err(()) => Err(ExternalError::failed(uri, "this is no path of a file")),
            },
            // `C:\lists\a.csv` looks like an address with the scheme `c`.
            Ok(address) if address.scheme().len() > 1 => {
                Err(ExternalError::refused(uri, "only `https:` addresses and local files can be read"))
            }
            _ => self.local(Path::new(plain), request),
        }
    }

    fn local(&self, path: &Path, request: &ExternalRequest) -> Result<Vec<u8>, ExternalError> {
        match self.access.allowed_path(path) {
            Some(path) => read_file(&path, request),
            None => {
                let hint = "allow its folder with `--external-folder DIR`, or under `folders` in `external-data.yaml` of the workspace";
                Err(ExternalError::refused(&request.uri, hint))
            }
        }
    }
}

fn host_hint(host: &str, address: &str) -> String {
    format!(
        "allow it with `--external-host {host}`, or under `hosts` in `external-data.yaml` of the workspace; or answer it from a file \
         with `--external-data {address}=FILE`"
    )
}

fn read_file(path: &Path, request: &ExternalRequest) -> Result<Vec<u8>, ExternalError> {
    let failed = |error: std::io::Error| ExternalError::failed(&request.uri, &error.to_string());
    let size = fs::metadata(path).map_err(failed)?.len();
    if size > request.max_bytes as u64 {
        return Err(ExternalError::too_large(request));
    }
    fs::read(path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(uri: &str) -> ExternalRequest {
        ExternalRequest { uri: uri.to_owned(), archive_pattern: None, max_bytes: 1_000 }
    }

    fn read(access: &ExternalAccess, uri: &str) -> Result<Vec<Vec<u8>>, ExternalError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(ExternalData::new(access.clone()).read(&request(uri)))
    }

    #[test]
    fn nothing_is_allowed_by_default() {
        for uri in ["https://a.example/x.csv?sig=s", "file:///etc/hostname", "/etc/hostname", "abfss://c@a.example/x"] {
            let error = read(&ExternalAccess::default(), uri).expect_err("refused");
            assert!(error.is_refusal && error.hint.is_some(), "{uri}: {error:?}");
        }
    }

    #[test]
    fn files_below_an_allowed_folder_are_read_and_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let inner = folder.path().join("lists");
        fs::create_dir(&inner).expect("created");
        fs::write(inner.join("a.csv"), "x").expect("written");
        fs::write(folder.path().join("secret.csv"), "y").expect("written");
        fs::write(inner.join("large.csv"), vec![b'x'; 2_000]).expect("written");
        let access = ExternalAccess { folders: vec![inner.clone()], ..ExternalAccess::default() };
        let path = |name: &str| inner.join(name).display().to_string();
        assert_eq!(read(&access, &path("a.csv")), Ok(vec![b"x".to_vec()]));
        assert_eq!(read(&access, &format!("file://{}", path("a.csv"))), Ok(vec![b"x".to_vec()]));
        assert!(read(&access, &path("../secret.csv")).expect_err("beside it").is_refusal);
        assert!(read(&access, &path("large.csv")).expect_err("too large").message.contains("1000 bytes"));
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(folder.path().join("secret.csv"), inner.join("link.csv")).expect("linked");
            assert!(read(&access, &path("link.csv")).expect_err("a link out").is_refusal);
        }
    }

    #[test]
    fn an_address_may_be_answered_from_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("list.csv");
        fs::write(&file, "x").expect("written");
        let files = [("https://a.example/list.csv".to_owned(), file)].into();
        let access = ExternalAccess { files, ..ExternalAccess::default() };
        for uri in ["https://a.example/list.csv", "https://a.example/list.csv?sig=s", "https://a.example/list.csv;key"]
        {
            assert_eq!(read(&access, uri), Ok(vec![b"x".to_vec()]), "{uri}");
        }
        assert!(read(&access, "https://a.example/other.csv").is_err());
    }
}
