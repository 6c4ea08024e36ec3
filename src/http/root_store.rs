//! Reads the system's trusted roots, no further than a connection needs.
//!
//! A bundle holds some 140 roots, and reading them all takes longer than everything else before the first byte is sent.
//! So azfob searches the bundle's text for the root that a server's chain names, and tries only that. If it does not
//! lead to trust, the whole store is read and decides: the result and the error are the same as without the search.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls_native_certs::{CertificateResult, load_certs_from_paths};

use crate::bounded_file;
use crate::env::{self, Env};

use super::certificate;

const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
const END: &[u8] = b"-----END CERTIFICATE-----";
/// This many characters of base64 hold a certificate's first 96 bytes, which include the beginning of its issuer.
const INTO_THE_ISSUER: usize = 128;
/// This many hold it up to its subject, unless its names are long.
const UP_TO_THE_SUBJECT: usize = 512;

/// The largest certificate file that is read. A system's bundle has about 200 KB.
const STORE_LIMIT: u64 = 16 << 20;

/// The file that `SSL_CERT_FILE` names cannot be used, so no server could be trusted.
#[derive(Debug, thiserror::Error)]
#[error("{} {}: {reason}", env::SSL_CERT_FILE, .path.display())]
pub struct UnusableStore {
    path: PathBuf,
    reason: String,
}

/// Reads the file of `SSL_CERT_FILE`, and checks that it has a certificate.
fn read_named(path: &Path) -> Result<Vec<u8>, UnusableStore> {
    let unusable = |reason: String| UnusableStore { path: path.to_owned(), reason };
    let mut text = bounded_file::read(path, STORE_LIMIT).map_err(|unread| unusable(unread.to_string()))?;
    if certificates(&text).next().is_none() {
        return Err(unusable("it contains no PEM certificate".to_owned()));
    }
    let is_root = |der: CertificateDer<'static>| RootCertStore::empty().add(der).is_ok();
    let is_usable = certificates(&text).map(whole).any(is_root);
    // The library's own reader decides what PEM is.
    if !is_usable && !load_certs_from_paths(Some(path), None).certs.into_iter().any(is_root) {
        return Err(unusable("none of its certificates can be read".to_owned()));
    }
    // Moved, not copied: it is large.
    Ok(std::mem::take(&mut *text))
}

/// A verifier for a set of roots; `None` for the empty set.
pub(super) type Verifier = Option<Arc<WebPkiServerVerifier>>;

pub(super) struct AllRoots {
    pub(super) verifier: Verifier,
    /// True for the roots in the binary, used if the system has no store.
    pub(super) is_bundled: bool,
}

/// The sources of the roots, and what was read from them.
pub(super) struct Roots {
    file: Option<PathBuf>,
    folders: Vec<PathBuf>,
    /// True if variables name them.
    named: bool,
    provider: Arc<CryptoProvider>,
    bundle: OnceLock<Vec<u8>>,
    /// The issuers that were searched for, each set with what was found.
    searched: Mutex<Vec<(Vec<Vec<u8>>, Verifier)>>,
    all_roots: OnceLock<AllRoots>,
}

impl Roots {
    /// Uses `SSL_CERT_FILE` and `SSL_CERT_DIR`, or else the system's store. Reads only a named file.
    ///
    /// # Errors
    /// The file cannot be read, or has no certificate.
    pub(super) fn new(env: &Env, provider: Arc<CryptoProvider>) -> Result<Self, UnusableStore> {
        let file = env.get_os(env::SSL_CERT_FILE).map(PathBuf::from);
        let folders = env.get_os(env::SSL_CERT_DIR).map(|list| std::env::split_paths(list).collect::<Vec<_>>());
        let named = file.is_some() || folders.is_some();
        let folders = folders.unwrap_or_default().into_iter().filter(|folder| !folder.as_os_str().is_empty());
        let bundle = match &file {
            Some(path) => OnceLock::from(read_named(path)?),
            None => OnceLock::new(),
        };
        Ok(Roots {
            file,
            folders: folders.collect(),
            named,
            provider,
            bundle,
            searched: Mutex::default(),
            all_roots: OnceLock::new(),
        })
    }

    /// Returns a verifier for the roots in the bundle that these certificates name as issuers, or `None` if there are
    /// none. Searches once for the same issuers: most connections are to the same server.
    pub(super) fn named_by<'a>(&self, chain: impl Iterator<Item = &'a CertificateDer<'a>>) -> Verifier {
        let issuers: Vec<&[u8]> = chain.filter_map(|certificate| certificate::issuer_name(certificate)).collect();
        // Locked during the search: connections that are opened at the same time wait for the first.
        let mut searched = self.searched.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, verifier)) = searched.iter().find(|(earlier, _)| *earlier == issuers) {
            return verifier.clone();
        }
        let verifier = self.search(&issuers);
        searched.push((issuers.into_iter().map(<[u8]>::to_vec).collect(), verifier.clone()));
        verifier
    }

    fn search(&self, issuers: &[&[u8]]) -> Verifier {
        let bundle =
            self.bundle.get_or_init(|| if self.named { Vec::new() } else { read_system().unwrap_or_default() });
        // A root is its own issuer, so comparing the beginning of the issuer leaves few candidates. Other certificates
        // are left to the whole store.
        let begins = |text: &&[u8]| {
            let start = decode(text, INTO_THE_ISSUER);
            let issuer = certificate::begin_of_issuer(&start).unwrap_or_default();
            issuers.iter().any(|name| name.starts_with(issuer) || issuer.starts_with(name))
        };
        let named = certificates(bundle).filter(begins).filter(|text| {
            let subject = |der: &[u8]| certificate::subject_name(der).map(|name| issuers.contains(&name));
            let start = subject(&decode(text, UP_TO_THE_SUBJECT));
            start.or_else(|| subject(&decode(text, usize::MAX))).unwrap_or(false)
        });
        verifier(named.map(whole), &self.provider)
    }

    /// Returns all roots. If the system has no store and no variable names one, these are Mozilla's roots in the
    /// binary.
    pub(super) fn all_roots(&self) -> &AllRoots {
        self.all_roots.get_or_init(|| {
            let found = self.read_all();
            for problem in &found.errors {
                log::warn!(target: "azfob", "reading the trusted certificates: {problem}");
            }
            let verifier = verifier(found.certs.into_iter(), &self.provider);
            if self.named || verifier.is_some() {
                return AllRoots { verifier, is_bundled: false };
            }
            log::info!(target: "azfob", "this machine has no trusted root certificates: azfob uses its built-in roots");
            AllRoots { verifier: build(bundled_roots(), &self.provider), is_bundled: true }
        })
    }

    fn read_all(&self) -> CertificateResult {
        if self.named { read(self.file.as_deref(), &self.folders) } else { system_store() }
    }
}

/// Returns a verifier for only the certificates in a PEM text.
pub(super) fn only(pem: &[u8], provider: &Arc<CryptoProvider>) -> Verifier {
    verifier(certificates(pem).map(whole), provider)
}

fn whole(text: &[u8]) -> CertificateDer<'static> {
    CertificateDer::from(decode(text, usize::MAX))
}

fn verifier(certificates: impl Iterator<Item = CertificateDer<'static>>, provider: &Arc<CryptoProvider>) -> Verifier {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    build(roots, provider)
}

/// The library fails for an empty set.
fn build(roots: RootCertStore, provider: &Arc<CryptoProvider>) -> Verifier {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build().ok()
}

/// Returns Mozilla's roots, from the binary.
fn bundled_roots() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}

/// Reads the file that holds most of the system's roots.
fn read_system() -> Option<Vec<u8>> {
    let mut text = bounded_file::read(&system_bundle()?, STORE_LIMIT).ok()?;
    Some(std::mem::take(&mut *text))
}

fn read(file: Option<&Path>, folders: &[PathBuf]) -> CertificateResult {
    let mut folders = folders.iter().map(PathBuf::as_path);
    // The first folder is read with the file: the library removes duplicates.
    let mut found = load_certs_from_paths(file, folders.next());
    for folder in folders {
        let more = load_certs_from_paths(None, Some(folder));
        found.certs.extend(more.certs);
        found.errors.extend(more.errors);
    }
    found
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roots").field("file", &self.file).field("folders", &self.folders).finish_non_exhaustive()
    }
}

/// Returns OpenSSL's bundle. Windows and macOS have a store and no bundle.
#[cfg(all(unix, not(target_os = "macos")))]
fn system_bundle() -> Option<PathBuf> {
    openssl_probe::probe().cert_file
}

#[cfg(all(unix, not(target_os = "macos")))]
fn system_store() -> CertificateResult {
    let found = openssl_probe::probe();
    read(found.cert_file.as_deref(), &found.cert_dir)
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn system_bundle() -> Option<PathBuf> {
    None
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn system_store() -> CertificateResult {
    rustls_native_certs::load_native_certs()
}

/// Returns the base64 of each certificate in a PEM file, including line breaks.
fn certificates(pem: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (begin, end) = (memmem::Finder::new(BEGIN), memmem::Finder::new(END));
    let mut rest = pem;
    std::iter::from_fn(move || {
        let start = begin.find(rest)? + BEGIN.len();
        let length = end.find(&rest[start..])?;
        let text = &rest[start..start + length];
        rest = &rest[start + length + END.len()..];
        Some(text)
    })
}

/// Decodes the first `characters` of base64. Returns nothing if it is malformed.
fn decode(text: &[u8], characters: usize) -> Vec<u8> {
    let mut compact: Vec<u8> = Vec::with_capacity(characters.min(text.len()));
    let mut rest = text;
    while compact.len() < characters && !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest[..end].trim_ascii();
        compact.extend_from_slice(&line[..line.len().min(characters - compact.len())]);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    STANDARD.decode(compact).unwrap_or_default()
}

#[cfg(feature = "sandbox")]
#[cfg(test)]
mod tests {
    use std::fs;

    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
    use rustls::client::danger::ServerCertVerifier;
    use rustls::pki_types::{ServerName, UnixTime};

    use super::*;

    fn provider() -> Arc<CryptoProvider> {
        Arc::new(rustls::crypto::ring::default_provider())
    }

    type TestAuthority = CertifiedIssuer<'static, KeyPair>;

    fn authority(name: &str) -> TestAuthority {
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, name);
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
    }

    fn server(of: &TestAuthority) -> CertificateDer<'static> {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec!["a.example".to_owned()]).unwrap();
        parameters.signed_by(&key, of).unwrap().der().clone()
    }

    fn trusts(verifier: &Verifier, certificate: &CertificateDer<'_>) -> bool {
        let name = ServerName::try_from("a.example").unwrap();
        let verify =
            |v: &Arc<WebPkiServerVerifier>| v.verify_server_cert(certificate, &[], &name, &[], UnixTime::now());
        verifier.as_ref().map(verify).is_some_and(|result| result.is_ok())
    }

    /// Returns a PEM file of these authorities with lines of `width` characters.
    fn pem(authorities: &[&TestAuthority], width: usize, end: &str) -> String {
        let one = |authority: &&TestAuthority| {
            let text = STANDARD.encode(authority.der());
            let lines: Vec<_> = text.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
            format!(
                "# a name in words{end}-----BEGIN CERTIFICATE-----{end}{}{end}-----END CERTIFICATE-----{end}",
                lines.join(end)
            )
        };
        authorities.iter().map(one).collect()
    }

    fn roots(variable: &str, path: &Path) -> Roots {
        named(variable, path).unwrap()
    }

    fn named(variable: &str, path: &Path) -> Result<Roots, UnusableStore> {
        Roots::new(&[(variable, path)].into_iter().collect(), provider())
    }

    #[test]
    fn named_root_is_found_in_every_form_of_bundle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bundle.pem");
        let long = "x".repeat(700);
        for name in ["Contoso Root", long.as_str()] {
            let (one, other, mine) = (authority("One"), authority("Other"), authority(name));
            let certificate = server(&mine);
            for (width, end) in [(64, "\n"), (64, "\r\n"), (76, "\n"), (100_000, "\n"), (1, "\n"), (61, " \n")] {
                fs::write(&path, pem(&[&one, &mine, &other], width, end)).unwrap();
                let roots = roots("SSL_CERT_FILE", &path);
                let named = roots.named_by(std::iter::once(&certificate));
                assert!(trusts(&named, &certificate), "{width} {end:?}");
                assert!(!trusts(&named, &server(&other)), "the others are not read");
                let again = roots.named_by(std::iter::once(&server(&mine)));
                assert!(named.zip(again).is_some_and(|(one, other)| Arc::ptr_eq(&one, &other)), "searched once");
                assert!(trusts(&roots.named_by(std::iter::once(&server(&one))), &server(&one)));
                assert!(roots.all_roots.get().is_none());
            }
        }
    }

    #[test]
    fn whole_store_decides_without_named_root() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bundle.pem");
        let (one, mine) = (authority("One"), authority("Mine"));
        let certificate = server(&mine);
        let whole = pem(&[&one, &mine], 64, "\n");
        fs::write(&path, &whole).unwrap();
        // A folder is not searched but read whole.
        let alone = roots("SSL_CERT_DIR", folder.path());
        assert!(alone.named_by(std::iter::once(&certificate)).is_none());
        assert!(trusts(&alone.all_roots().verifier, &certificate));
        // Malformed certificates in a bundle are skipped.
        for text in ["-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n"] {
            fs::write(&path, format!("{whole}{text}")).unwrap();
            assert!(trusts(&roots("SSL_CERT_FILE", &path).named_by(std::iter::once(&certificate)), &certificate));
        }
        fs::write(&path, pem(&[&one], 64, "\n")).unwrap();
        let other = roots("SSL_CERT_FILE", &path);
        assert!(!trusts(&other.named_by(std::iter::once(&certificate)), &certificate));
        assert!(!trusts(&other.all_roots().verifier, &certificate), "a store that was named has no stand-in");
        let empty = tempfile::tempdir().unwrap();
        assert!(roots("SSL_CERT_DIR", empty.path()).all_roots().verifier.is_none(), "nor has an empty folder");
    }

    #[test]
    fn named_file_without_certificate_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bundle.pem");
        assert!(named("SSL_CERT_FILE", &path).is_err());
        for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nMIIB"] {
            fs::write(&path, text).unwrap();
            let message = named("SSL_CERT_FILE", &path).unwrap_err().to_string();
            assert!(message.ends_with("bundle.pem: it contains no PEM certificate"), "{message}");
        }
    }

    #[test]
    fn bundled_roots_include_azures_authorities() {
        // <https://learn.microsoft.com/azure/security/fundamentals/azure-ca-details>
        let subjects = bundled_roots().subjects();
        for name in ["DigiCert Global Root G2", "Microsoft RSA Root Certificate Authority 2017"] {
            let has = |subject: &&rustls::DistinguishedName| memmem::find(subject.as_ref(), name.as_bytes()).is_some();
            assert!(subjects.iter().find(has).is_some(), "{name}");
        }
    }

    #[test]
    fn empty_variable_names_no_store() {
        let env = [("SSL_CERT_FILE", ""), ("SSL_CERT_DIR", "")].into_iter().collect();
        let roots = Roots::new(&env, provider()).unwrap();
        assert!(!roots.named && roots.all_roots().verifier.is_some());
    }
}
