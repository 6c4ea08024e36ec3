//! What there is in the place of a secret that was not found: names near it, and whether it was deleted.

use crate::token::AccessToken;

use super::Vault;
use super::reference::SecretName;

/// How many names are compared with one that was not found, at the most.
const NAMES_LIMIT: usize = 1000;
/// How alike two names have to be, of 1: a letter or two in a word.
const ALIKE: f64 = 0.8;
/// How many near names are worth telling.
const MOST: usize = 3;

/// What there is in the place of a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimilarNames {
    /// Names near it, the nearest first.
    pub near: Vec<String>,
    /// Whether it lies among the deleted ones, from where it can be recovered.
    pub deleted: bool,
}

/// Whether the list of the vault's names may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// It may be tried.
    Untried,
    /// It was refused before.
    Refused,
}

/// Looks suggestions secrets that were not found, by whoever the token speaks for. What is refused, or comes too late, is simply
/// not seen.
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

/// The names that are nearest to one, the nearest first.
fn near(wanted: &str, names: &[String]) -> Vec<String> {
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
    fn the_nearest_name_comes_first_and_a_stranger_not_at_all() {
        let names = ["ApiKey2", "Api-Key", "DatabasePassword", "ApiKeyOld", "ApiKeys"].map(str::to_owned).to_vec();
        assert_eq!(near("apikey", &names), ["ApiKey2", "ApiKeys", "Api-Key"]);
    }
}
