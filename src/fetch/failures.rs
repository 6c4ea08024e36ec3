//! Reports the failures of several secrets as one error.

use std::collections::HashSet;
use std::mem::{Discriminant, discriminant};

use crate::error::{Error, Several};
use crate::http::error::NetworkErrorKind;
use crate::vault::error::VaultErrorKind;
use crate::vault::secret_bundle::SecretBundle;
use crate::vault::url::VaultUrl;

use super::secret_request::SecretRequest;

/// The index of a secret, and why it was not fetched.
pub(super) type Failed = (usize, Error);

/// Combines all failures, and names every secret that has no value. `uses` has each request with the index of its secret.
pub(super) fn combine<'a>(
    mut failed: Vec<Failed>,
    found: &[Option<SecretBundle>],
    distinct: &[&SecretRequest],
    uses: impl Iterator<Item = (usize, &'a SecretRequest)>,
) -> Error {
    let mut places: Vec<Vec<String>> = vec![Vec::new(); distinct.len()];
    uses.for_each(|(index, request)| places[index].extend(request.place.clone()));
    failed.sort_by_key(|(index, _)| *index);
    for (index, error) in &mut failed {
        if let Error::Vault(denied) = error {
            denied.places = places[*index].clone();
        }
    }
    let several_vaults = distinct.iter().any(|request| request.vault != distinct[0].vault);
    let name = |index: usize| {
        let vault = several_vaults.then(|| distinct[index].vault.name().to_owned());
        let details: Vec<_> = places[index].iter().cloned().chain(vault).collect();
        let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
        format!("{}{details}", distinct[index].secret)
    };
    let was_requested: HashSet<usize> =
        failed.iter().filter(|(_, error)| !matches!(error, Error::NoToken(_))).map(|(index, _)| *index).collect();
    let missing = (0..distinct.len()).filter(|index| found[*index].is_none());
    let not_asked: Vec<_> = missing.filter(|index| !was_requested.contains(index)).map(name).collect();
    let none_was_requested = not_asked.len() == distinct.len();
    let mut reported: Vec<SharedCause> = Vec::new();
    let (mut errors, mut alike) = (Vec::new(), Vec::new());
    for (index, error) in failed {
        match SharedCause::of(&error) {
            Some(cause) if reported.contains(&cause) => {
                if let SharedCause::Network(..) = cause {
                    alike.push(name(index));
                }
            }
            cause => {
                reported.extend(cause);
                errors.push(error);
            }
        }
    }
    let one_tells_all = errors.len() == 1 && alike.is_empty() && (not_asked.is_empty() || none_was_requested);
    if one_tells_all { errors.remove(0) } else { Error::Several(Several { errors, alike, not_asked }) }
}

/// The cause of an error that names no secret, so that it is reported once.
#[derive(PartialEq)]
enum SharedCause {
    /// A vault, or a proxy on the way to it, cannot be reached.
    Network(String, Discriminant<NetworkErrorKind>),
    /// There is no token for the tenant of this vault.
    NoToken(Option<VaultUrl>),
}

impl SharedCause {
    fn of(error: &Error) -> Option<Self> {
        match error {
            Error::NoToken(none) => Some(SharedCause::NoToken(none.vault.clone())),
            Error::Vault(denied) => match &denied.error.kind {
                VaultErrorKind::Network(error) => {
                    Some(SharedCause::Network(error.host.clone(), discriminant(&error.kind)))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

/// Returns true if the vault or the token is at fault, so that every other secret of the vault would fail as well.
pub(super) fn ends_vault(error: &Error) -> bool {
    use NetworkErrorKind::{
        BeyondProxy, Certificate, CertificateName, Connect, HandshakeCut, Name, NoRoute, ProxyClosed, ProxyRefused,
        Tls, WebPage,
    };
    let Error::Vault(denied) = error else { return false };
    match &denied.error.kind {
        VaultErrorKind::Unauthorized(_) => true,
        VaultErrorKind::Network(error) => {
            matches!(
                error.kind,
                Name | Connect(_)
                    | NoRoute(_)
                    | ProxyRefused(_)
                    | ProxyClosed
                    | BeyondProxy(_)
                    | Certificate(_)
                    | CertificateName
                    | Tls(_)
                    | HandshakeCut(_)
                    | WebPage(_)
            )
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::args::AzureOptions;
    use crate::env::Env;
    use crate::settings::{Settings, config::Config};
    use crate::time::deadline::Stopwatch;

    /// The time limit of the command has passed when failures are combined.
    #[test]
    fn many_failures_are_combined_in_linear_time() {
        const COUNT: usize = 100_000;
        let env: Env = [("AZFOB_VAULT", "my-vault")].into_iter().collect();
        let settings = Settings::resolve(&AzureOptions::default(), &env, Config::default()).unwrap();
        let request = SecretRequest::parse("REF", "ApiKey", &settings).unwrap();
        let failed =
            (0..COUNT).map(|index| (index, Error::Write { to: "a".to_owned(), reason: "b".to_owned() })).collect();
        let watch = Stopwatch::start();
        let combined =
            combine(failed, &vec![None; COUNT], &vec![&request; COUNT], (0..COUNT).map(|index| (index, &request)));
        assert!(matches!(combined, Error::Several(several) if several.errors.len() == COUNT));
        assert!(watch.elapsed() < Duration::from_secs(20), "{:?}", watch.elapsed());
    }
}
