//! The facts that a log's words hold: who, where and what, so that commands are filled in as for a live answer.
//!
//! Nothing is taken that a shell could read more into than an id, an address, a path or a name: it ends up in a command
//! that a person pastes.

use crate::credential::{IdKind, ManagedIdentityId};
use crate::diagnosis::context::{AZ, AZD, Context, POWERSHELL, Tool};
use crate::diagnosis::table::{
    Row, aadsts, federation, identity, is_vault_answer, network, other_programs, sign_in, unauthorized, vault,
};
use crate::entra::cloud::{CLOUDS, Cloud};
use crate::host::{Host, HostKind};
use crate::token::Claims;
use crate::token::identity::{Identity, Origin};
use crate::vault::url::{Suffixes, VaultUrl};

/// What stands around an error: its own line and what follows, and the lines before it.
pub(super) struct Excerpt<'a> {
    /// From the beginning of the error's line on.
    pub(super) after: &'a str,
    /// The lines before, which often tell what was asked for.
    pub(super) before: &'a str,
}

/// The case that the words make of `here`: what they do not say is as it is known here.
pub(super) fn context(row: &Row, words: &Excerpt<'_>, here: &Context, suffixes: &Suffixes) -> Context {
    let said = |keys: &[&str]| words.said(keys);
    let claims = Claims {
        oid: said(&["oid=", "object id '", "object id: ", "objectId: "]),
        appid: said(&["appid=", "Application with identifier '", "for app '"]),
        ..Claims::default()
    };
    let client_id = claims.appid.clone();
    let identity = claims.oid.is_some().then(|| Identity::from_claims(claims, Origin::Other));
    let assertion = assertion(words);
    let requested_identity = said(&["client_id=", "clientId=", "mi_res_id="]).filter(|_| identity::ROWS.contains(&row));
    let requested_identity = requested_identity.map(|value| {
        let kind = if value.starts_with('/') { IdKind::Resource } else { IdKind::Client };
        ManagedIdentityId { kind, value, source: None }
    });
    // What is about another cloud is not about the vault that is in use here.
    let cloud = words.find(cloud_in).or(here.named_cloud);
    let ours = here.vault.clone().filter(|vault| cloud.is_none() || vault.cloud() == cloud);
    Context {
        host: host(words, assertion.as_ref())
            .filter(|host| host.kind != here.host.kind)
            .unwrap_or_else(|| here.host.clone()),
        client_id: client_id.or(here.client_id.clone()),
        vault: words.find(|text| vault_in(text, suffixes)).or(ours),
        named_cloud: cloud,
        vault_tenant: tenant(row, words).or(here.vault_tenant.clone()),
        secret: secret(row, words).or(here.secret.clone()),
        identity: identity.or(here.identity.clone()),
        requested_identity: requested_identity.or(here.requested_identity.clone()),
        client_address: said(&["Client address: ", "Client address:"]).or(here.client_address.clone()),
        resource: said(&["Resource: "]).or(here.resource.clone()),
        action: action(words).or(here.action.clone()),
        assertion: assertion.or(here.assertion.clone()),
        endpoint: host_asked(words.after).or(here.endpoint.clone()),
        tool: tool(words.after).or(here.tool),
        ..here.clone()
    }
}

/// What the words say beside the error, a line each.
pub(super) fn details(row: &Row, words: &Excerpt<'_>, context: &Context) -> Vec<String> {
    let mut details = Vec::new();
    // The row of a range leaves open which code it was.
    details.extend(aadsts::link_for_range(row, crate::entra::aadsts_code(words.after)));
    let mut tell = |message: &str, value: Option<&str>| details.extend(value.map(|value| format!("{message} {value}")));
    if let (true, Some(claims)) = (is_of_federation(row), &context.assertion) {
        tell("issuer:", claims.iss.as_deref());
        tell("subject:", claims.sub.as_deref());
        tell("audience:", claims.aud.as_deref());
    }
    if ["AADSTS500011", "AADSTS50001"].contains(&row.code) {
        let audience = words.said(&["resource principal named ", "application named "]);
        details.extend(audience.as_deref().and_then(other_cloud));
    } else if network::ROWS.contains(&row) && *row != *network::CLOCK_SKEW {
        tell("host:", context.endpoint.as_deref());
    } else if *row == *vault::FORBIDDEN {
        tell("action:", context.action.as_deref());
    } else if [vault::FORBIDDEN_FIREWALL, other_programs::FORBIDDEN_PERIMETER].contains(&row) {
        tell("address:", context.client_address.as_deref());
    } else if *row == *unauthorized::WRONG_TENANT {
        tell("the vault's tenant:", issuer(words.after, "Expected one of").as_deref());
        tell("the token's tenant:", issuer(words.after, "found").as_deref());
    } else if *row == *other_programs::SECRET_NAME_INVALID {
        details.extend(context.secret_name().map(|name| format!("did you mean {name}?")));
    } else if *row == *identity::IDENTITY_ID_NOT_SUPPORTED && words.after.contains("by the detected managed identity") {
        details.push("this host takes no id at all; Entra ID was not asked".to_owned());
    } else if *row == *federation::FEDERATION_INCOMPLETE && words.after.contains("token from the filesystem") {
        let injected = "AZURE_FEDERATED_TOKEN_FILE was not injected: the pod has no label, or no webhook saw it start";
        details.push(injected.to_owned());
    } else if *row == *sign_in::SIGN_IN_REFUSED {
        details.extend(crate::entra::aadsts_code(words.after).map(aadsts::link));
    }
    details
}

impl Excerpt<'_> {
    /// The value behind the first of the keys that is there, in what follows or else in what stands before.
    fn said(&self, keys: &[&str]) -> Option<String> {
        self.find(|text| keys.iter().find_map(|key| value(text, key)))
    }

    fn find<T>(&self, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        read(self.after).or_else(|| read(self.before))
    }
}

/// The value behind a key: what is in quotes, or else the word.
fn value(text: &str, key: &str) -> Option<String> {
    text.match_indices(key).find_map(|(at, _)| {
        let after = &text[at + key.len()..];
        let quote = key.chars().next_back().filter(|c| "'\"".contains(*c));
        let inner = after.strip_prefix(['\'', '"']);
        let (word, is_quoted) = match (quote, inner) {
            (Some(quote), _) => (after.split(quote).next()?, true),
            (None, Some(inner)) => (inner.split(['\'', '"']).next()?, true),
            (None, None) => (after.split(|c: char| c.is_whitespace() || ";,'\"&)]}".contains(c)).next()?, false),
        };
        let word = word.trim_end_matches(['.', ':']);
        let safe = |b: u8| b.is_ascii_alphanumeric() || b"-_./:()@|".contains(&b) || (is_quoted && b == b' ');
        (!word.is_empty() && word.len() <= 512 && word.bytes().all(safe)).then(|| word.to_owned())
    })
}

/// What a refusal says of the assertion that was presented, in its older and its newer words.
fn assertion(words: &Excerpt<'_>) -> Option<Claims> {
    let said = |keys: &[&str]| words.said(keys);
    let claims = Claims {
        iss: said(&["Assertion Issuer: ", "assertion issuer '", "issuer is '"]),
        sub: said(&["Assertion Subject: ", "assertion subject '", "subject is '"]),
        aud: said(&["Assertion Audience: ", "assertion audience '", "audience is '"]),
        ..Claims::default()
    };
    (claims != Claims::default()).then_some(claims)
}

fn is_of_federation(row: &Row) -> bool {
    let codes = ["AADSTS70021", "AADSTS700211", "AADSTS700212", "AADSTS700213", "AADSTS700021", "AADSTS7002138"];
    codes.contains(&row.code)
}

/// The first vault that a text names: as a host, also a private link's, or in Key Vault's own words
/// (`Vault: my-vault;location=...`).
fn vault_in(text: &str, suffixes: &Suffixes) -> Option<VaultUrl> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'));
    let mut named = words.filter(|word| word.contains(".vault")).filter_map(|word| {
        let host =
            word.trim_end_matches('.').replace(".privatelink.vaultcore.", ".vault.").replace(".vaultcore.", ".vault.");
        VaultUrl::parse(&host, suffixes).ok()
    });
    let keys = ["Vault: ", "key vault '", "vaultName: ", "keyvaultName: ", "--vault-name "];
    let private = || {
        let (before, after) = text.split_once(".privatelink.vaultcore.")?;
        let name = before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next()?;
        let domain = after.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).next()?.trim_end_matches('.');
        VaultUrl::parse(&format!("{name}.vault.{domain}"), suffixes).ok()
    };
    named.next().or_else(private).or_else(|| {
        keys.iter().find_map(|key| {
            let (_, after) = text.split_once(key)?;
            let name = after.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.')).next()?;
            VaultUrl::parse(name, suffixes).ok()
        })
    })
}

/// The cloud whose vaults or whose authority a text names; the public one needs no name.
fn cloud_in(text: &str) -> Option<&'static Cloud> {
    CLOUDS.iter().skip(1).find(|cloud| text.contains(cloud.vault_suffix) || text.contains(cloud.authority))
}

/// The secret that was asked for: `NAME`, or `NAME/VERSION` as its address has it.
fn secret(row: &Row, words: &Excerpt<'_>) -> Option<String> {
    if *row == *other_programs::SECRET_NAME_INVALID {
        // A name like it that Key Vault takes: 1 to 127 letters, digits and dashes.
        let near = words.said(&["invalid name: "])?.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        return Some(near.trim_matches('-').to_owned()).filter(|name| !name.is_empty());
    }
    let address = |text: &str| {
        let (_, after) = text.split_once(".net/secrets/").or_else(|| text.split_once("/secrets/"))?;
        let path = after.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '/')).next()?;
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let name = parts.next()?;
        let version = parts.next().filter(|part| part.len() == 32);
        Some(version.map_or_else(|| name.to_owned(), |version| format!("{name}/{version}")))
    };
    let named =
        ["(name/id) ", "objectName:", "objectName: ", "value of secret ", "Secret \"", "secret '", "secret named "];
    let is_name = |name: &String| {
        let name = name.split('/').next().unwrap_or_default();
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    words.said(&named).filter(is_name).or_else(|| words.find(address))
}

/// The tenant that the vault is in, as far as a refusal of this row says it: a token that it took is from there.
fn tenant(row: &Row, words: &Excerpt<'_>) -> Option<String> {
    if *row == *unauthorized::WRONG_TENANT {
        return issuer(words.after, "Expected one of");
    }
    if *row == *sign_in::TENANT_NOT_ALLOWED {
        return words.said(&["acquire tokens for tenant "]);
    }
    if row.code.starts_with("AADSTS") {
        return words.said(&["az login --tenant "]);
    }
    let issuer = is_vault_answer(row).then(|| value(words.after, "iss=https://sts.windows.net/")).flatten();
    issuer.map(|tenant| tenant.trim_end_matches('/').to_owned())
}

/// The tenant of the first issuer behind `key`: `https://sts.windows.net/TENANT/`.
fn issuer(text: &str, key: &str) -> Option<String> {
    let (_, after) = text.split_once(key)?;
    value(after, "https://sts.windows.net/").map(|tenant| tenant.trim_end_matches('/').to_owned())
}

/// What was refused: `Microsoft.KeyVault/vaults/secrets/getSecret/action`, or `secrets/get` where a policy lacks it.
fn action(words: &Excerpt<'_>) -> Option<String> {
    let policy = |text: &str| {
        let (_, after) = text.split_once("does not have ")?;
        let (permission, _) = after.split_once(" permission")?;
        let (kind, verb) = permission.split_once(' ')?;
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        (is_word(kind) && is_word(verb)).then(|| format!("{kind}/{verb}"))
    };
    words.said(&["Action: "]).or_else(|| policy(words.after))
}

/// The host on the network that was asked, in each language's own way to say it.
fn host_asked(text: &str) -> Option<String> {
    let keys = [
        "host='",
        "lookup ",
        "ENOTFOUND ",
        "EAI_AGAIN ",
        "Failed to resolve '",
        "UnknownHostException: ",
        "No such host is known. (",
        "known (",
        "connect to host ",
        "Get \"https://",
        "Post \"https://",
        "https://",
    ];
    let is_host =
        |word: &String| word.contains('.') && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
    keys.iter().find_map(|key| {
        let word = value(text, key)?;
        let host = word.split(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
        Some(host).filter(is_host).filter(|host| !host.ends_with("microsoft.com") && !host.ends_with("aka.ms"))
    })
}

/// The tool that a line is about.
fn tool(text: &str) -> Option<Tool> {
    const TOOLS: [(&str, Tool); 4] =
        [("azd", AZD), ("azure developer cli", AZD), ("powershell", POWERSHELL), ("connect-azaccount", POWERSHELL)];
    let line = text.get(..200).unwrap_or(text).to_ascii_lowercase();
    let tool = TOOLS.iter().find(|(word, _)| line.contains(word)).map(|(_, tool)| *tool);
    tool.or_else(|| line.contains("azure cli").then_some(AZ))
}

/// The platform that wrote the log, where its own words stand in it.
fn host(words: &Excerpt<'_>, assertion: Option<&Claims>) -> Option<Host> {
    let subject = assertion.and_then(|claims| claims.sub.as_deref()).unwrap_or_default();
    let has = |marks: &[&str]| marks.iter().any(|mark| words.after.contains(mark) || words.before.contains(mark));
    let kind = if subject.starts_with("system:serviceaccount:")
        || has(&["kubelet", "MountVolume", "secrets-store", "external-secrets.io", "service account token"])
    {
        HostKind::Kubernetes
    } else if subject.starts_with("repo:") || has(&["token.actions.githubusercontent.com", "ACTIONS_ID_TOKEN_REQUEST"])
    {
        HostKind::GithubActions
    } else if subject.starts_with("sc://") || has(&["##[error]", "##[section]", "##vso["]) {
        HostKind::AzurePipelines
    } else {
        return None;
    };
    Some(Host::of_kind(kind))
}

/// What an audience of no cloud was meant to be, by its domain.
fn other_cloud(audience: &str) -> Option<String> {
    let domain = audience.trim_end_matches('/').rsplit('.').next()?;
    let cloud = CLOUDS.iter().find(|cloud| match domain {
        "us" => cloud.name == "AzureUSGovernment",
        other => cloud.vault_suffix.ends_with(&format!(".{other}")),
    })?;
    let resource = cloud.vault_resource();
    (audience != resource).then(|| format!("the audience of the vaults of {} is {resource}", cloud.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::table::service;
    use crate::entra::cloud::PUBLIC;

    fn case_of(row: &Row, text: &str) -> Context {
        let here = Context::default();
        context(row, &Excerpt { after: text, before: "" }, &here, &Suffixes { cloud: PUBLIC, extra: None })
    }

    #[test]
    fn what_could_harm_a_shell_is_not_taken_for_a_fact() {
        for text in ["oid=$(reboot)", "oid=a`b`;", "oid=<x>", "oid=", "Resource: '/subscriptions/$(x)'"] {
            let context = case_of(vault::FORBIDDEN, text);
            assert_eq!((context.identity, context.resource), (None, None), "{text}");
        }
    }

    #[test]
    fn a_vault_that_took_a_token_is_in_the_tokens_tenant() {
        let text = "Caller: appid=a;oid=b;iss=https://sts.windows.net/contoso/";
        for row in [vault::FORBIDDEN, unauthorized::SESSION_REVOKED, service::THROTTLED] {
            assert_eq!(case_of(row, text).vault_tenant.as_deref(), Some("contoso"), "{row:?}");
        }
        assert_eq!(case_of(sign_in::SIGN_IN_REFUSED, text).vault_tenant, None);
    }

    #[test]
    fn a_quoted_value_is_taken_to_its_quote() {
        let context = case_of(vault::FORBIDDEN, "Resource: '/subscriptions/s/resourceGroups/g (1)/x' Assignment: y");
        assert_eq!(context.resource.as_deref(), Some("/subscriptions/s/resourceGroups/g (1)/x"));
    }

    #[test]
    fn a_secret_is_known_by_its_name_or_its_address() {
        for (text, secret) in [
            ("A secret with (name/id) ApiKey was not found", Some("ApiKey")),
            (
                "A secret with (name/id) ApiKey/0123456789abcdef0123456789abcdef was not",
                Some("ApiKey/0123456789abcdef0123456789abcdef"),
            ),
            (
                "GET https://v.vault.azure.net/secrets/A/0123456789abcdef0123456789abcdef?x",
                Some("A/0123456789abcdef0123456789abcdef"),
            ),
            ("objectType:secret, objectName:ApiKey, objectVersion:", Some("ApiKey")),
            ("vaults/my-vault/secrets/apikey'", Some("apikey")),
            ("nothing", None),
        ] {
            assert_eq!(case_of(vault::SECRET_NOT_FOUND, text).secret.as_deref(), secret, "{text}");
        }
    }

    #[test]
    fn a_vault_is_known_by_its_host_also_a_private_links() {
        for text in [
            "https://my-vault.vault.azure.net/secrets",
            "Get \"https://my-vault.privatelink.vaultcore.azure.net/\"",
            "Vault: my-vault;location=westeurope",
            "on key vault 'my-vault;location=x'",
        ] {
            assert_eq!(case_of(vault::FORBIDDEN, text).vault.expect(text).host(), "my-vault.vault.azure.net", "{text}");
        }
    }

    #[test]
    fn a_host_is_known_in_each_languages_words() {
        for text in [
            "HTTPSConnectionPool(host='a.vault.azure.net', port=443)",
            "dial tcp: lookup a.vault.azure.net: no such host",
            "getaddrinfo ENOTFOUND a.vault.azure.net",
            "No such host is known. (a.vault.azure.net:443)",
            "Failed to resolve 'a.vault.azure.net' [A(1)]",
        ] {
            assert_eq!(host_asked(text).as_deref(), Some("a.vault.azure.net"), "{text}");
        }
    }

    #[test]
    fn the_audience_of_no_cloud_is_told_beside_the_right_one() {
        assert!(other_cloud("https://vault.microsoftazure.us").unwrap().ends_with("https://vault.usgovcloudapi.net"));
        assert!(other_cloud("https://vault.azure.us/").unwrap().contains("AzureUSGovernment"));
        assert_eq!(other_cloud("https://vault.azure.net"), None);
    }
}
