//! Tests for every row of the table.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::*;
use crate::credential::{IdKind, ManagedIdentityId};
use crate::diagnosis::context::Context;
use crate::diagnosis::context::{AZ, System};
use crate::diagnosis::fix_command::{Effect, FixCommand};
use crate::diagnosis::shell::Shell;
#[cfg(unix)]
use crate::diagnosis::shell::is_plain;
use crate::entra::cloud::PUBLIC;
use crate::env::Source;
use crate::host::{Host, HostKind};
use crate::token::Claims;
use crate::token::identity::{Identity, Origin};
use crate::vault::url::{Suffixes, VaultUrl};

const KINDS: [HostKind; 24] = [
    HostKind::AppService,
    HostKind::FunctionApp,
    HostKind::ContainerApp,
    HostKind::ContainerAppJob,
    HostKind::ContainerInstance,
    HostKind::Identity,
    HostKind::Kubernetes,
    HostKind::VirtualMachine,
    HostKind::Machine,
    HostKind::ServiceFabric,
    HostKind::CloudShell,
    HostKind::AzureMl,
    HostKind::AzureArc,
    HostKind::GithubActions,
    HostKind::AzurePipelines,
    HostKind::GitLab,
    HostKind::Jenkins,
    HostKind::CircleCi,
    HostKind::Bitbucket,
    HostKind::Buildkite,
    HostKind::OtherCi,
    HostKind::Codespaces,
    HostKind::Wsl,
    HostKind::Container,
];

const SURROUNDINGS: [(Shell, System); 6] = [
    (Shell::Posix, System::Debian),
    (Shell::Posix, System::Fedora),
    (Shell::Posix, System::Alpine),
    (Shell::Posix, System::MacOs),
    (Shell::Msys, System::Windows),
    (Shell::PowerShell, System::Windows),
];

/// A context with every field set, and characters that a shell interprets.
fn full(kind: HostKind, shell: Shell, system: System) -> Context {
    let host = Host {
        name: Some("my-host".into()),
        resource_group: Some("it's a group".into()),
        namespace: Some("my-namespace".into()),
        ..Host::of_kind(kind)
    };
    let claims = Claims { oid: Some("o-1".into()), appid: Some("a-1".into()), ..Claims::default() };
    let assertion = Claims {
        iss: Some("https://issuer.example/".into()),
        sub: Some("repo:contoso/it's:ref:refs/heads/main".into()),
        aud: Some("api://AzureADTokenExchange".into()),
        ..Claims::default()
    };
    Context {
        client_id: Some("c-1".into()),
        vault: VaultUrl::parse("my-vault", &Suffixes { cloud: PUBLIC, extra: None }).ok(),
        vault_tenant: Some("t-1".into()),
        secret: Some("ApiKey/0123".into()),
        identity: Some(Identity::from_claims(claims, Origin::ManagedIdentity)),
        requested_identity: Some(ManagedIdentityId {
            kind: IdKind::Client,
            value: "i-1".into(),
            source: Some(Source::Option("--client-id")),
        }),
        credential: Some("AzureCliCredential"),
        client_address: Some("203.0.113.9".into()),
        resource: Some("/subscriptions/s/resourceGroups/g (1)/providers/p/vaults/my-vault/secrets/ApiKey".into()),
        assertion: Some(assertion),
        endpoint: Some("my-vault.vault.azure.net".into()),
        proxy: Some("proxy.example:3128".into()),
        tool: Some(AZ),
        az_is_missing: true,
        tool_folder: Some("/opt/it's here".into()),
        private_address: Some("10.0.0.4".parse().unwrap()),
        zone_unlinked: true,
        host,
        shell,
        system,
        ..Context::default()
    }
}

/// Every kind of host in each shell, with every field set, in a log without a caller, and with none.
fn contexts() -> impl Iterator<Item = Context> {
    KINDS.into_iter().flat_map(|kind| {
        SURROUNDINGS.into_iter().flat_map(move |(shell, system)| {
            let host = Host::of_kind(kind);
            let of_log = Context { identity: None, in_log: true, ..full(kind, shell, system) };
            [full(kind, shell, system), of_log, Context { host, shell, system, ..Context::default() }]
        })
    })
}

#[test]
fn documented_rows_keep_their_words_and_come_first() {
    let words: Vec<_> = rows().take(4).map(|r| (r.error, r.cause, r.fix)).collect();
    assert_eq!(
        words,
        [
            (
                "ManagedIdentityCredential authentication unavailable",
                "Identity not enabled",
                "Enable managed identity on the resource"
            ),
            ("403 Forbidden", "Missing RBAC role", "Assign Key Vault Secrets User role"),
            ("SecretNotFound", "Wrong vault URL or secret name", "Verify vault URL and secret name"),
            (
                "CredentialUnavailableError",
                "No valid credential in chain",
                "Ensure az login locally or identity enabled in Azure"
            ),
        ]
    );
}

#[test]
fn codes_are_unique_and_rows_have_sources() {
    let mut codes: Vec<_> = rows().map(|r| r.code).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), rows().count());
    assert!(rows().all(|r| r.source.starts_with("https://")));
}

/// Every command of every row in every context, once for each shell. Each row has commands in each context.
static COMMANDS: LazyLock<Vec<(Shell, &'static Row, FixCommand)>> = LazyLock::new(|| {
    let mut all = Vec::new();
    let mut seen = HashSet::new();
    for context in contexts() {
        for row in rows() {
            let commands = (row.commands)(&context);
            let place = (context.host.kind, context.shell, context.system, context.vault.is_some());
            assert!(!commands.is_empty(), "{}: {place:?}", row.code);
            let new = commands.into_iter().filter(|command| {
                let kind = (context.shell as u8, std::mem::discriminant(&command.effect));
                seen.insert((kind, row.code, command.text.clone(), command.note))
            });
            all.extend(new.map(|command| (context.shell, row, command)));
        }
    }
    all
});

#[test]
fn rows_have_commands_in_every_context() {
    assert!(COMMANDS.len() > rows().count());
}

/// No command moves a vault to another tenant or opens it to the public network.
#[test]
fn shared_changes_have_a_note_and_never_weaken_the_vault() {
    for (.., FixCommand { text, effect, note }) in &*COMMANDS {
        assert!(note.is_some() || *effect != Effect::Shared, "{text}");
        let note = note.unwrap_or_default();
        assert!(note.len() <= 66, "longer than a line of a report: {note}");
        assert!(!text.contains("properties.tenantId=") && !text.contains("--public-network-access"), "{text}");
        assert!(!text.contains('#'), "a comment is on its own line: {text}");
        let verbs = ["create", "assign ", "set-policy", "update", " delete", "recover ", "restart", "patch", "reset"];
        let writes = verbs.iter().any(|verb| text.contains(verb));
        let of_tools = text.starts_with("az config") || text.starts_with("az upgrade") || text.contains("sudo ");
        assert!(!writes || of_tools || *effect != Effect::ReadOnly, "{text} is read-only?");
    }
}

#[test]
fn commands_contain_no_placeholder() {
    let placeholders = ["your-", "your_", "<", "...", "xxxx", "placeholder", "example.com", "todo"];
    for (_, row, FixCommand { text, .. }) in &*COMMANDS {
        let lower = text.to_lowercase().replace("</dev/null", "");
        assert_eq!(placeholders.into_iter().find(|part| lower.contains(part)), None, "{}: {text}", row.code);
        assert!(!text.contains('\n') && !text.contains("  "), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn commands_parse_in_a_posix_shell() {
    use std::io::Write;
    use std::process::{Command as Process, Stdio};
    let posix = COMMANDS.iter().filter(|(shell, ..)| *shell != Shell::PowerShell);
    let texts: Vec<&str> = posix.map(|(.., command)| command.text.as_str()).collect();
    #[allow(clippy::disallowed_methods, reason = "the shell itself parses the commands")]
    let mut shell = Process::new("sh").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    shell.stdin.take().unwrap().write_all(texts.join("\n").as_bytes()).unwrap();
    let output = shell.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The shells of this machine read a broken command as the same programs with the same arguments.
#[cfg(unix)]
#[test]
fn broken_commands_run_alike_in_every_shell() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // Each program appends its arguments to the log, in one write, and prints one word.
    let program = "#!/bin/sh\nline=$(printf '%s|' \"${0##*/}\" \"$@\")\nprintf '%s\\n' \"$line\" >>\"$LOG\"\necho x\n";
    let posix = COMMANDS.iter().filter(|(shell, ..)| *shell == Shell::Posix);
    let mut texts: Vec<String> =
        posix.map(|(.., command)| command.text.clone()).filter(|text| text.len() > 30).collect();
    texts.sort_unstable();
    texts.dedup();
    let names = texts.iter().flat_map(|text| text.split([' ', '(', ';', '"', '\''])).filter(|word| is_plain(word));
    for name in names.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()) && !word.contains('/')) {
        if ["time", "read", "export", "unset", "then", "fi", "do", "if"].contains(&name) || path(name).exists() {
            continue;
        }
        std::fs::write(path(name), program).unwrap();
        std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    for (shell, eval) in [
        ("bash", "for c in \"$@\"; do (eval \"$c\"); echo = $? >>$LOG; done"),
        ("dash", "for c in \"$@\"; do (eval \"$c\"); echo = $? >>$LOG; done"),
        ("zsh", "for c in \"$@\"; do (eval \"$c\"); echo = $? >>$LOG; done"),
        ("fish", "for c in $argv; eval $c; echo = $status >>$LOG; end"),
    ] {
        let found = std::env::split_paths("/usr/local/bin:/usr/bin:/bin").map(|folder| folder.join(shell));
        let Some(program) = found.into_iter().find(|program| program.exists()) else {
            assert!(option_env!("AZFOB_STRICT") != Some("1"), "{shell} is missing");
            // libtest captures what the print macros write.
            let line = format!("not tested: broken commands in {shell} ({shell} is missing)\n");
            let _ = std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes());
            continue;
        };
        let run = |commands: &[String]| {
            let log = path("log");
            let _ = std::fs::remove_file(&log);
            #[allow(clippy::disallowed_methods, reason = "the shell itself runs the commands")]
            let mut process = std::process::Command::new(&program);
            process.args(["-c", eval]);
            // fish has no name for the script.
            process.args((shell != "fish").then_some("script")).args(commands);
            process.env_clear().env("PATH", format!("{}:/usr/bin:/bin", folder.path().display()));
            process.env("HOME", folder.path()).env("LOG", &log).current_dir(folder.path());
            assert!(!process.stdin(std::process::Stdio::null()).output().unwrap().stdout.is_empty(), "{shell}");
            let log = std::fs::read_to_string(&log).unwrap();
            let ended = |command: &str| command.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
            // The programs of a pipeline start in any order.
            log.split("\n= ").map(ended).collect::<Vec<_>>()
        };
        let broken: Vec<_> = texts.iter().map(|text| Shell::Posix.break_lines(text, 30, 0).join("\n  ")).collect();
        let (expected, got) = (run(&texts), run(&broken));
        assert_eq!(expected.len(), texts.len() + 1, "{shell} ran all commands");
        for (number, text) in texts.iter().enumerate() {
            assert_eq!(got[number], expected[number], "{shell}: {text}");
        }
    }
}

#[test]
fn commands_for_powershell_have_its_syntax() {
    let posix = ["export ", "unset ", "sudo ", "&&", "||", "</", "2>/dev", "awk ", "grep -L", "stty ", "=\"$("];
    for (_, row, FixCommand { text, .. }) in COMMANDS.iter().filter(|(shell, ..)| *shell == Shell::PowerShell) {
        powershell::read(text).unwrap_or_else(|problem| panic!("{}: {problem}: {text}", row.code));
        // A verb of az, not the builtin of a shell.
        let bare = powershell::outside_quotes(text).replace("az container export ", "");
        assert_eq!(posix.into_iter().find(|word| bare.contains(word)), None, "{}: {text}", row.code);
    }
}

/// A parser of the PowerShell syntax that the commands use
/// (<https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules>).
mod powershell {
    /// Checks that the strings, subexpressions and brackets of a command are closed.
    pub(super) fn read(text: &str) -> Result<(), String> {
        let mut open: Vec<char> = Vec::new();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match (open.last().copied(), c) {
                // In a string, a doubled quote is a quote.
                (Some('\''), '\'') | (Some('"'), '"') if chars.next_if_eq(&c).is_some() => {}
                (Some('\''), '\'') | (Some('"'), '"') => drop(open.pop()),
                (Some('\''), _) => {}
                (_, '`') => drop(chars.next()),
                (Some('"'), '$') if chars.next_if_eq(&'(').is_some() => open.push(')'),
                (Some('"'), _) => {}
                (_, '(') => open.push(')'),
                (_, '{') => open.push('}'),
                (_, '[') => open.push(']'),
                (_, '\'' | '"') => open.push(c),
                (_, ')' | '}' | ']') if open.pop() != Some(c) => return Err(format!("unexpected {c}")),
                _ => {}
            }
        }
        if open.is_empty() { Ok(()) } else { Err(format!("{open:?} missing")) }
    }

    pub(super) fn outside_quotes(text: &str) -> String {
        text.split('\'').step_by(2).collect()
    }

    #[test]
    fn unclosed_strings_and_brackets_are_errors() {
        for good in ["a 'it''s'", "a \"$(b \"c\" 'd')\"", "f { $true }"] {
            assert!(read(good).is_ok(), "{good}");
        }
        for bad in ["a 'it'\\''s'", "a \"$(b", "f { $true", "a )"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
