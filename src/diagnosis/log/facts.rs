//! Reads facts from a log, such as the identity, the vault and the action, to fill in the commands of a finding.
//!
//! Only IDs, addresses, paths and names are accepted, because users copy the commands into a shell.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::credential::{IdKind, ManagedIdentityId};
use crate::diagnosis::classify::OtherService;
use crate::diagnosis::context::{AZ, AZD, Context, POWERSHELL, Tool};
use crate::diagnosis::table::{
    Row, aadsts, federation, identity, is_vault_answer, network, other_programs, sign_in, unauthorized, vault,
};
use crate::entra::cloud::{CLOUDS, Cloud};
use crate::host::{Host, HostKind};
use crate::token::Claims;
use crate::token::identity::{Identity, Origin};
use crate::vault::url::{Suffixes, VaultUrl};

/// The lines around an error.
pub(super) struct Excerpt<'a> {
    /// The line with the error and the lines after it.
    pub(super) after: &'a str,
    /// The lines before it, which often name the request.
    pub(super) before: &'a str,
    /// The text of the failure, unless it is one of a chain, in which other credentials name their tools.
    pub(super) own: &'a str,
    /// The host that the request was sent to.
    pub(super) endpoint: Option<String>,
}

/// Creates the context of an error from its excerpt, and from `here` for facts that are not in it.
pub(super) fn context(row: &Row, excerpt: &Excerpt<'_>, here: &Context, suffixes: &Suffixes) -> Context {
    let value_of = |keys: &[&str]| excerpt.value(keys);
    let claims = Claims {
        oid: value_of(&["oid=", "object id '", "object id: ", "objectId: "]),
        appid: value_of(&[
            "appid=",
            "Application with identifier '",
            "use the application with ID '",
            "for app '",
            "to app '",
        ]),
        ..Claims::default()
    };
    // An identity's resource ID is not a client ID, even where a program uses it as one.
    let is_resource = |id: &String| id.starts_with("/subscriptions/");
    let misused_id = claims.appid.clone().filter(is_resource);
    let client_id = claims.appid.clone().filter(|id| !is_resource(id));
    let identity = claims.oid.is_some().then(|| Identity::from_claims(claims, Origin::Other));
    let assertion = assertion(excerpt);
    let requested_identity =
        value_of(&["client_id=", "clientId=", "mi_res_id="]).filter(|_| identity::ROWS.contains(&row));
    let requested_identity = requested_identity.or(misused_id).map(|value| {
        let kind = if value.starts_with('/') { IdKind::Resource } else { IdKind::Client };
        ManagedIdentityId { kind, value, source: None }
    });
    // An error of another cloud is not about the vault of these settings.
    let cloud = excerpt.find(cloud_in).or(here.named_cloud);
    // Nor is a network failure of a host that it does not name.
    let is_of_unknown_host = network::ROWS.contains(&row) && excerpt.endpoint.is_none();
    let own_vault = here.vault.clone().filter(|vault| cloud.is_none() || vault.cloud() == cloud);
    let own_vault = own_vault.filter(|_| !is_of_unknown_host);
    Context {
        host: host(excerpt, assertion.as_ref())
            .filter(|host| host.kind != here.host.kind)
            .unwrap_or_else(|| here.host.clone()),
        client_id: client_id.clone().or(here.client_id.clone()),
        vault: excerpt.find(|text| vault_in(text, suffixes)).or(own_vault),
        named_cloud: cloud,
        vault_tenant: tenant(row, excerpt).or(here.vault_tenant.clone()),
        secret: secret(row, excerpt).or(here.secret.clone()),
        refused_application: client_id.clone().filter(|_| here.in_log && identity.is_none()),
        identity: identity.or(here.identity.clone()),
        requested_identity: requested_identity.or(here.requested_identity.clone()),
        client_address: value_of(&["Client address: ", "Client address:"]).or(here.client_address.clone()),
        // Without its closing quote, the name of the vault is cut off.
        resource: value_of(&["Resource: "]).filter(|id| !id.ends_with(' ')).or(here.resource.clone()),
        action: action(excerpt).or(here.action.clone()),
        assertion: assertion.or(here.assertion.clone()),
        resource_tenant: resource_tenant(row, excerpt).or(here.resource_tenant.clone()),
        stored_secret: set_secret(row, excerpt).or(here.stored_secret),
        claims: excerpt.find(claims_challenge).or(here.claims.clone()),
        endpoint: excerpt.endpoint.clone().or(here.endpoint.clone()),
        tool: tool(excerpt.after).or_else(|| tool(excerpt.own)).or(here.tool),
        ..here.clone()
    }
}

/// Returns facts of the excerpt as lines.
pub(super) fn details(row: &Row, excerpt: &Excerpt<'_>, context: &Context) -> Vec<String> {
    let mut details = Vec::new();
    // A row can cover a range of codes.
    details.extend(aadsts::link_for_range(row, crate::entra::aadsts_code(excerpt.after)));
    let mut add = |message: &str, value: Option<&str>| details.extend(value.map(|value| format!("{message} {value}")));
    if let (true, Some(claims)) = (is_of_federation(row), &context.assertion) {
        add("issuer:", claims.iss.as_deref());
        add("subject:", claims.sub.as_deref());
        add("audience:", claims.aud.as_deref());
        if ["AADSTS70021", "AADSTS700213", "AADSTS7002137"].contains(&row.code) {
            add("note:", claims.sub.as_deref().and_then(federation::subject_note).as_deref());
        }
    }
    details.extend(hidden_reason(excerpt.after).map(str::to_owned));
    details.extend(unknown_caller(row, context));
    let mut add = |message: &str, value: Option<&str>| details.extend(value.map(|value| format!("{message} {value}")));
    if ["AADSTS500011", "AADSTS50001"].contains(&row.code) {
        let audience = excerpt.value(&["resource principal named ", "application named "]);
        add("audience:", audience.as_deref());
        details.extend(audience.as_deref().and_then(other_cloud));
    } else if *row != *network::CLOCK_SKEW && (network::ROWS.contains(&row) || excerpt.endpoint.is_some()) {
        add("host:", context.endpoint.as_deref());
    } else if row.code == "AADSTS700016" && misuses_resource_id(context) {
        details
            .push("this is the resource ID of a managed identity; AZURE_CLIENT_ID requires its client ID".to_owned());
    } else if *row == *vault::SECRET_NOT_FOUND {
        add("secret:", context.secret.as_deref());
    } else if [vault::FORBIDDEN, vault::FORBIDDEN_ACTION].contains(&row) {
        add("action:", context.action.as_deref());
        add("role:", (*row == *vault::FORBIDDEN_ACTION).then(|| vault::role(context)));
    } else if [vault::FORBIDDEN_FIREWALL, other_programs::FORBIDDEN_PERIMETER].contains(&row) {
        add("address:", context.client_address.as_deref());
    } else if *row == *unauthorized::WRONG_TENANT {
        add("the vault's tenant:", issuer(excerpt.after, "Expected one of").as_deref());
        add("the token's tenant:", issuer(excerpt.after, "found").as_deref());
    } else if *row == *identity::MANAGED_IDENTITY_UNAVAILABLE && names_no_request(excerpt) {
        details.push(
            "if the program requested an identity: that one is not assigned (the log does not show it)".to_owned(),
        );
    } else if *row == *other_programs::OTHER_SERVICE_FORBIDDEN {
        details.extend(other_service(excerpt));
    } else if *row == *other_programs::OTHER_SERVICE_TENANT {
        add("the tenant of the resource:", context.resource_tenant.as_deref());
    } else if *row == *other_programs::SECRET_NAME_INVALID {
        details.extend(context.secret_name().map(|name| format!("did you mean {name}?")));
    } else if *row == *identity::IDENTITY_ID_NOT_SUPPORTED && excerpt.after.contains("by the detected managed identity")
    {
        details.push("this host supports no identity ID; no request was sent to Entra ID".to_owned());
    } else if *row == *federation::FEDERATION_INCOMPLETE && excerpt.after.contains("token from the filesystem") {
        let injected =
            "AZURE_FEDERATED_TOKEN_FILE was not injected: the pod lacks the label, or the webhook was not running";
        details.push(injected.to_owned());
    } else if *row == *sign_in::SIGN_IN_REFUSED {
        details.extend(crate::entra::aadsts_code(excerpt.after).map(aadsts::link));
    }
    details
}

/// True if the metadata service has no such identity, and the text does not quote the request.
fn names_no_request(excerpt: &Excerpt<'_>) -> bool {
    excerpt.after.contains("Identity not found") && !excerpt.own.contains("resource=")
}

/// Names the service that refused, the roles of that service, and what the answer rules out.
fn other_service(excerpt: &Excerpt<'_>) -> Vec<String> {
    let service = [excerpt.after, excerpt.own, excerpt.before].into_iter().find_map(OtherService::of_text);
    let lines = service.map(|service| [format!("answered by: {}", service.name), format!("roles: {}", service.roles)]);
    // The service writes who was refused only after it has accepted a token.
    let text = excerpt.after.to_ascii_lowercase();
    let has_token = ["principal", "aad token", "identity(object id"].iter().any(|word| text.contains(word));
    let signed_in = has_token.then(|| "ruled out: the sign-in, which succeeded".to_owned());
    lines.into_iter().flatten().chain(signed_in).collect()
}

/// Says that a log does not contain the object ID that the commands of a row need.
fn unknown_caller(row: &Row, context: &Context) -> Option<String> {
    let needs_caller = [vault::FORBIDDEN, vault::FORBIDDEN_ACTION, vault::FORBIDDEN_ACCESS_POLICY].contains(&row);
    (needs_caller && context.in_log && context.identity.is_none()).then(|| match &context.refused_application {
        Some(application) => format!("caller: application {application}; the log does not show its object ID"),
        None => "caller: the log does not show it".to_owned(),
    })
}

/// True if the program used an identity's resource ID as a client ID.
fn misuses_resource_id(context: &Context) -> bool {
    context.requested_identity.as_ref().is_some_and(|id| id.kind == IdKind::Resource)
}

/// Returns what a library's message hides.
pub(super) fn hidden_reason(text: &str) -> Option<&'static str> {
    text.contains("Please run 'az login' from a command prompt")
        .then_some("the library for JavaScript prints this for an expired sign-in, too")
}

impl Excerpt<'_> {
    /// Returns the value after the first key that occurs, first in the lines after the error, then in those before it.
    fn value(&self, keys: &[&str]) -> Option<String> {
        self.find(|text| keys.iter().find_map(|key| value_after(text, key)))
    }

    fn find<T>(&self, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        read(self.after).or_else(|| read(self.before))
    }
}

/// Returns the quoted text or the word after a key.
fn value_after(text: &str, key: &str) -> Option<String> {
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

/// Returns the claims of the assertion in an Entra ID error, in its old or its new wording.
fn assertion(excerpt: &Excerpt<'_>) -> Option<Claims> {
    let value_of = |keys: &[&str]| excerpt.value(keys);
    let claims = Claims {
        iss: value_of(&["Assertion Issuer: ", "assertion issuer '", "issuer is '"]),
        sub: value_of(&["Assertion Subject: ", "assertion subject '", "subject is '"]),
        aud: value_of(&["Assertion Audience: ", "assertion audience '", "audience is '"]),
        ..Claims::default()
    };
    (claims != Claims::default()).then_some(claims)
}

fn is_of_federation(row: &Row) -> bool {
    let codes = ["AADSTS70021", "AADSTS700211", "AADSTS700212", "AADSTS700213", "AADSTS700021", "AADSTS7002138"];
    codes.contains(&row.code)
}

/// Returns the claims (JSON) of a challenge that a tool prints as an option of its own sign-in.
fn claims_challenge(text: &str) -> Option<String> {
    let option = ["--claims-challenge ", "-ClaimsChallenge "];
    let (_, after) = option.iter().find_map(|option| text.split_once(option))?;
    let after = after.trim_start_matches(['\'', '"']);
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
    let end = after.find(|c| !is_base64(c)).unwrap_or(after.len());
    let claims = String::from_utf8(STANDARD.decode(&after[..end]).ok()?).ok()?;
    serde_json::from_str::<serde_json::Map<_, _>>(&claims).ok().map(|_| claims)
}

/// Returns the first vault in a text: its host, also that of a private link, or as Key Vault writes it
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

/// Returns the cloud of a vault or authority in a text, except the public cloud.
fn cloud_in(text: &str) -> Option<&'static Cloud> {
    CLOUDS.iter().skip(1).find(|cloud| text.contains(cloud.vault_suffix) || text.contains(cloud.authority))
}

/// Returns the requested secret: `NAME`, or `NAME/VERSION` from its URL.
fn secret(row: &Row, excerpt: &Excerpt<'_>) -> Option<String> {
    if *row == *other_programs::SECRET_NAME_INVALID {
        // The closest valid name: Key Vault accepts 1 to 127 letters, digits and dashes.
        let near = excerpt.value(&["invalid name: "])?.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
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
    let named = [
        "(name/id) ",
        "objectName:",
        "objectName: ",
        "value of secret ",
        "Secret \"",
        "secret '",
        "secret named ",
        "\"secretName\":\"",
    ];
    let is_name = |name: &String| {
        let name = name.split('/').next().unwrap_or_default();
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    excerpt.value(&named).filter(is_name).or_else(|| excerpt.find(address))
}

/// Returns the vault's tenant from an error of this row. A token that the vault accepted is from that tenant.
fn tenant(row: &Row, excerpt: &Excerpt<'_>) -> Option<String> {
    if *row == *unauthorized::WRONG_TENANT {
        return issuer(excerpt.after, "Expected one of");
    }
    if *row == *sign_in::TENANT_NOT_ALLOWED {
        return excerpt.value(&["acquire tokens for tenant "]);
    }
    if row.code.starts_with("AADSTS") {
        return excerpt.value(&["az login --tenant "]);
    }
    let issuer = is_vault_answer(row).then(|| value_after(excerpt.after, "iss=https://sts.windows.net/")).flatten();
    issuer.map(|tenant| tenant.trim_end_matches('/').to_owned())
}

/// Returns the variable with a secret that an incomplete environment has.
fn set_secret(row: &Row, excerpt: &Excerpt<'_>) -> Option<&'static str> {
    let (_, set) =
        excerpt.after.split_once("variables are set: ").filter(|_| *row == *sign_in::ENVIRONMENT_INCOMPLETE)?;
    let line = set.split(". ").next().unwrap_or(set);
    sign_in::SECRETS.into_iter().find(|variable| line.contains(variable))
}

/// Returns the tenant of the subscription that Azure Resource Manager names in its refusal of a token.
fn resource_tenant(row: &Row, excerpt: &Excerpt<'_>) -> Option<String> {
    (*row == *other_programs::OTHER_SERVICE_TENANT).then(|| issuer(excerpt.after, "must match the tenant"))?
}

/// Returns the tenant of the first issuer after `key`: `https://sts.windows.net/TENANT/`.
fn issuer(text: &str, key: &str) -> Option<String> {
    let (_, after) = text.split_once(key)?;
    value_after(after, "https://sts.windows.net/").map(|tenant| tenant.trim_end_matches('/').to_owned())
}

/// Returns the refused action: `Microsoft.KeyVault/vaults/secrets/getSecret/action`, or `secrets/get` of an access policy.
fn action(excerpt: &Excerpt<'_>) -> Option<String> {
    let policy = |text: &str| {
        let (_, after) = text.split_once("does not have ")?;
        let (permission, _) = after.split_once(" permission")?;
        let (kind, verb) = permission.split_once(' ')?;
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
        (is_word(kind) && is_word(verb)).then(|| format!("{kind}/{verb}"))
    };
    excerpt.value(&["Action: "]).or_else(|| policy(excerpt.after))
}

/// Bytes of a text in which a tool is named.
const TOOL_REACH: usize = 600;

/// Returns the tool that a text names.
fn tool(text: &str) -> Option<Tool> {
    const TOOLS: [(&str, Tool); 4] =
        [("azd", AZD), ("azure developer cli", AZD), ("powershell", POWERSHELL), ("connect-azaccount", POWERSHELL)];
    let line = text.get(..TOOL_REACH).unwrap_or(text).to_ascii_lowercase();
    let tool = TOOLS.iter().find(|(word, _)| line.contains(word)).map(|(_, tool)| *tool);
    tool.or_else(|| line.contains("azure cli").then_some(AZ))
}

/// Returns the platform that wrote the log, if it is recognizable.
fn host(excerpt: &Excerpt<'_>, assertion: Option<&Claims>) -> Option<Host> {
    let subject = assertion.and_then(|claims| claims.sub.as_deref()).unwrap_or_default();
    let has = |marks: &[&str]| marks.iter().any(|mark| excerpt.after.contains(mark) || excerpt.before.contains(mark));
    let kind = if subject.starts_with("system:serviceaccount:")
        || has(&["kubelet", "MountVolume", "secrets-store", "external-secrets.io", "service account token"])
    {
        HostKind::Kubernetes
    } else if subject.starts_with("repo:")
        || has(&["token.actions.githubusercontent.com", "ACTIONS_ID_TOKEN_REQUEST", "federated token from GitHub"])
    {
        HostKind::GithubActions
    } else if subject.starts_with("sc://")
        || subject.starts_with("/eid1/")
        || has(&["##[error]", "##[section]", "##vso["])
    {
        HostKind::AzurePipelines
    } else if has(&[
        "'configuration.secrets'",
        "Microsoft.App/containerApps",
        "Unable to get value using Managed identity",
    ]) {
        HostKind::ContainerApp
    } else {
        return None;
    };
    Some(Host::of_kind(kind))
}

/// Suggests the audience of the cloud with this domain if the audience is wrong.
fn other_cloud(audience: &str) -> Option<String> {
    let domain = audience.trim_end_matches('/').rsplit('.').next()?;
    let cloud = CLOUDS.iter().find(|cloud| match domain {
        "us" => cloud.name == "AzureUSGovernment",
        other => cloud.vault_suffix.ends_with(&format!(".{other}")),
    })?;
    let resource = cloud.vault_resource();
    (audience != resource).then(|| format!("vaults in {} use the audience {resource}", cloud.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::table::service;
    use crate::entra::cloud::PUBLIC;

    fn context_of(row: &Row, text: &str) -> Context {
        let here = Context::default();
        context(
            row,
            &Excerpt { after: text, before: "", own: "", endpoint: None },
            &here,
            &Suffixes { cloud: PUBLIC, extra: None },
        )
    }

    #[test]
    fn shell_syntax_is_not_a_fact() {
        for text in ["oid=$(reboot)", "oid=a`b`;", "oid=<x>", "oid=", "Resource: '/subscriptions/$(x)'"] {
            let context = context_of(vault::FORBIDDEN, text);
            assert_eq!((context.identity, context.resource), (None, None), "{text}");
        }
    }

    #[test]
    fn a_vault_that_accepted_a_token_is_in_its_tenant() {
        let text = "Caller: appid=a;oid=b;iss=https://sts.windows.net/contoso/";
        for row in [vault::FORBIDDEN, unauthorized::SESSION_REVOKED, service::THROTTLED] {
            assert_eq!(context_of(row, text).vault_tenant.as_deref(), Some("contoso"), "{row:?}");
        }
        assert_eq!(context_of(sign_in::SIGN_IN_REFUSED, text).vault_tenant, None);
    }

    #[test]
    fn a_quoted_value_can_contain_spaces() {
        assert_eq!(context_of(vault::FORBIDDEN, "Resource: '/subscriptions/s/vaults/my-va\n").resource, None);
        let context = context_of(vault::FORBIDDEN, "Resource: '/subscriptions/s/resourceGroups/g (1)/x' Assignment: y");
        assert_eq!(context.resource.as_deref(), Some("/subscriptions/s/resourceGroups/g (1)/x"));
    }

    #[test]
    fn a_secret_is_found_by_name_or_url() {
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
            assert_eq!(context_of(vault::SECRET_NOT_FOUND, text).secret.as_deref(), secret, "{text}");
        }
    }

    #[test]
    fn a_vault_is_found_by_host_and_private_link() {
        for text in [
            "https://my-vault.vault.azure.net/secrets",
            "Get \"https://my-vault.privatelink.vaultcore.azure.net/\"",
            "Vault: my-vault;location=westeurope",
            "on key vault 'my-vault;location=x'",
        ] {
            assert_eq!(
                context_of(vault::FORBIDDEN, text).vault.expect(text).host(),
                "my-vault.vault.azure.net",
                "{text}"
            );
        }
    }

    #[test]
    fn the_right_audience_is_suggested() {
        assert!(other_cloud("https://vault.microsoftazure.us").unwrap().ends_with("https://vault.usgovcloudapi.net"));
        assert!(other_cloud("https://vault.azure.us/").unwrap().contains("AzureUSGovernment"));
        assert_eq!(other_cloud("https://vault.azure.net"), None);
    }
}
