//! Finds suggestions for a secret that was not found: similar names, and whether it is deleted.

use crate::token::AccessToken;

use super::Vault;
use super::reference::SecretName;

/// The maximum number of names to compare.
const NAMES_LIMIT: usize = 1000;
/// The minimum similarity of two names, at most 1: a letter or two differ.
const ALIKE: f64 = 0.8;
/// The maximum number of suggestions.
const MOST: usize = 3;

/// The suggestions for a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimilarNames {
    /// Similar names, the most similar first.
    pub near: Vec<String>,
    /// True if the secret is deleted and can be recovered.
    pub deleted: bool,
}

/// Whether the vault's names may be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Untried,
    /// Listing was forbidden before.
    Refused,
}

/// Finds suggestions for secrets that were not found, with the token's permissions. A request that fails adds nothing.
pub fn suggest(vault: &Vault<'_>, token: &AccessToken, secrets: &[SecretName], list: List) -> Vec<SimilarNames> {
    let deleted: Vec<bool> = secrets.iter().map(|secret| vault.is_deleted(secret, token)).collect();
    let listed = list == List::Untried && deleted.contains(&false);
    let names = if listed { vault.names(token, NAMES_LIMIT) } else { Vec::new() };
    let suggestions = |(secret, deleted): (&SecretName, bool)| match deleted {
        true => SimilarNames { near: Vec::new(), deleted },
        false => SimilarNames { near: near(secret.as_str(), &names), deleted },
    };
    secrets.iter().zip(deleted).map(suggestions).collect()
}

/// Returns the most similar names, the best first.
pub fn near(wanted: &str, names: &[String]) -> Vec<String> {
    let wanted = wanted.to_ascii_lowercase();
    let rated = names.iter().map(|name| (strsim::jaro_winkler(&wanted, &name.to_ascii_lowercase()), name));
    let mut near: Vec<(f64, &String)> = rated.filter(|(likeness, _)| *likeness > ALIKE).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.into_iter().take(MOST).map(|(_, name)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_are_sorted_and_others_omitted() {
        let names = ["ApiKey2", "Api-Key", "DatabasePassword", "ApiKeyOld", "ApiKeys"].map(str::to_owned).to_vec();
        assert_eq!(near("apikey", &names), ["ApiKey2", "ApiKeys", "Api-Key"]);
    }
}
