//! What is in the memory of `run --mask`, and which processes can read it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::{Host, Scenario, report_missing};

const VALUE: &str = "kR7.one-value+that/stands_nowhere=else~2026";
const USER: u32 = 65534;

/// Runs a command under azfob and inspects azfob while the command waits.
fn watched<T>(mut azfob: Command, look: impl FnOnce(&Child) -> T) -> T {
    azfob.args(["--", "/bin/sh", "-c", "echo $$; read line"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = azfob.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.trim().parse::<u32>().is_ok(), "«{line}»");
    let seen = look(&child);
    drop(child.stdin.take());
    child.wait().unwrap();
    seen
}

/// Returns all writable memory of a process, or none if the system denies access.
fn memory_of(child: &Child) -> Option<Vec<u8>> {
    let folder = Path::new("/proc").join(child.id().to_string());
    let opened = fs::read_to_string(folder.join("maps")).and_then(|maps| Ok((maps, File::open(folder.join("mem"))?)));
    let (maps, memory) = match opened {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return None,
        opened => opened.unwrap(),
    };
    let mut all = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split_once(' ').unwrap().0.split_once('-').unwrap();
        let (from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        let mut piece = vec![0; usize::try_from(to - from).unwrap()];
        if memory.read_exact_at(&mut piece, from).is_ok() {
            all.append(&mut piece);
        }
    }
    assert!(!all.is_empty());
    Some(all)
}

fn times(memory: &[u8], text: &str) -> usize {
    memchr::memmem::find_iter(memory, text).count()
}

/// Without root the memory is unreadable, which proves as much.
#[test]
fn masked_run_keeps_no_text_of_value_and_no_token() {
    for host in [Host::AppService, Host::ServicePrincipal, Host::AzureCli] {
        let scenario = Scenario::on(host).secret("Planted", VALUE);
        let sandbox = scenario.sandbox();
        let mut azfob = scenario.command(&sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
        azfob.args(["run", "--mask", "-e", "X=Planted"]);
        let Some(memory) = watched(azfob, memory_of) else {
            return report_missing("the right to read another process's memory", "what is left in the memory of azfob");
        };
        let tokens: Vec<String> = sandbox.secrets_in_use().into_iter().filter(|text| text != VALUE).collect();
        assert_eq!(times(&memory, VALUE), 0, "the value");
        assert_eq!(times(&memory, "Bearer eyJ"), 0, "a header");
        assert_eq!(times(&memory, "eyJ"), 0, "a token");
        // The client secret is in the environment with which azfob was started.
        let secret = sandbox.variables().iter().find(|(name, _)| name == "AZURE_CLIENT_SECRET");
        for token in tokens.iter().filter(|text| text.len() > 100 && secret.is_none_or(|(_, s)| s != text.as_str())) {
            assert_eq!(times(&memory, &token[..40]), 0, "a part of a token");
        }
    }
}

/// The `/proc` files of a process whose memory is protected belong to root; those of the command to its user.
#[test]
fn memory_is_not_readable_by_other_programs() {
    let mut azfob = Command::new(env!("CARGO_BIN_EXE_azfob"));
    azfob.env_clear().args(["run", "--mask"]).current_dir("/");
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if is_root {
        azfob.uid(USER);
    }
    let owner = |id: u32| fs::metadata(format!("/proc/{id}/environ")).unwrap().uid();
    let (own, command) = watched(azfob, |child| {
        let children = format!("/proc/{0}/task/{0}/children", child.id());
        let command = fs::read_to_string(children).unwrap_or_default();
        (owner(child.id()), command.split_whitespace().next().map(|id| owner(id.parse().unwrap())))
    });
    assert_eq!(own, 0);
    match command {
        Some(command) => assert_ne!(command, 0),
        None => report_missing("the kernel's list of child processes", "who may read the memory of the command"),
    }
}
