//! `vedette tls init`: a certificate authority of one's own and a certificate of it, for those who have none.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

use crate::Error;

/// Years that the authority is good for.
const AUTHORITY_YEARS: i64 = 10;
/// Days that the certificate is good for; Apple's clients refuse more than 825.
const CERTIFICATE_DAYS: i64 = 820;
/// Names that every certificate bears.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// What to make.
#[derive(Debug, Clone)]
pub struct TlsInitRequest {
    /// Where the files go.
    pub folder: PathBuf,
    /// DNS names and addresses beside those of this machine itself.
    pub names: Vec<String>,
    /// The time from which the certificates are good.
    pub now: DateTime<Utc>,
}

/// The files that were made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The authority's certificate, which clients must trust.
    pub authority: PathBuf,
    /// The service's certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Makes `ca.pem`, `certificate.pem` and `key.pem` in a folder. The authority's own key is not kept: nobody can make further
/// certificates with it.
///
/// # Errors
/// When one of the files exists, a name is none, or the files cannot be written.
pub fn tls_init(request: &TlsInitRequest) -> Result<TlsFiles, Error> {
    let files = TlsFiles {
        authority: request.folder.join("ca.pem"),
        certificate: request.folder.join("certificate.pem"),
        key: request.folder.join("key.pem"),
    };
    for file in [&files.authority, &files.certificate, &files.key] {
        if file.exists() {
            return Err(Error::new(format!("`{}` exists", file.display()))
                .with_hint("remove it, or choose another folder with `--out`"));
        }
    }
    let failed = |error: rcgen::Error| Error::new(format!("certificates cannot be made: {error}"));
    let authority_key = KeyPair::generate().map_err(failed)?;
    let authority = authority_params(request.now);
    let authority_certificate = authority.self_signed(&authority_key).map_err(failed)?;
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().map_err(failed)?;
    let certificate = certificate_params(request).map_err(failed)?.signed_by(&key, &issuer).map_err(failed)?;
    fs::create_dir_all(&request.folder).map_err(|error| cannot_write(&request.folder, &error))?;
    write(&files.key, &key.serialize_pem(), 0o600)?;
    write(&files.certificate, &certificate.pem(), 0o644)?;
    write(&files.authority, &authority_certificate.pem(), 0o644)?;
    Ok(files)
}

fn authority_params(now: DateTime<Utc>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = named("Vedette local authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_validity(&mut params, now, TimeDelta::days(AUTHORITY_YEARS * 365));
    params
}

fn certificate_params(request: &TlsInitRequest) -> Result<CertificateParams, rcgen::Error> {
    let mut names: Vec<String> = LOCAL_NAMES.map(str::to_owned).to_vec();
    names.extend(request.names.iter().filter(|name| !LOCAL_NAMES.contains(&name.as_str())).cloned());
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = named("Vedette");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    set_validity(&mut params, request.now, TimeDelta::days(CERTIFICATE_DAYS));
    Ok(params)
}

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

fn set_validity(params: &mut CertificateParams, now: DateTime<Utc>, length: TimeDelta) {
    // A day back, for clients whose clocks are behind.
    let (from, until) = (now - TimeDelta::days(1), now + length);
    let day = |time: DateTime<Utc>| date_time_ymd(time.year(), month(time), u8::try_from(time.day()).unwrap_or(1));
    (params.not_before, params.not_after) = (day(from), day(until));
}

fn month(time: DateTime<Utc>) -> u8 {
    u8::try_from(time.month()).unwrap_or(1)
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), Error> {
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(|error| cannot_write(path, &error))
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Error {
    Error::new(format!("cannot write `{}`: {error}", path.display()))
}
