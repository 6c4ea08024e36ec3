//! Runs each fuzz target with the stable compiler, on its seeds and on changes of them. The inputs are the same in every run;
//! `tests/fuzz/run` searches further.

#![allow(
    unused_attributes,
    clippy::duplicate_mod,
    reason = "the targets are programs, and share readers with other tests"
)]

use std::fs;
use std::io::Write;
use std::path::Path;

/// The number of changed inputs of each target.
const CHANGED: usize = 400;
/// Bytes that have a meaning to some format.
const MARKS: &[u8] = b"\0\n\r\t \"#$%&'(),-./0:;=@[\\]`{}|~\x1b\x7f\x80\xc3\xff";

/// Stands for libFuzzer's macro: a function that reads the input as libFuzzer does.
macro_rules! fuzz_target {
    (|$input:ident: &[u8]| $body:block) => {
        pub(crate) fn run(bytes: &[u8]) {
            let $input = bytes;
            $body
        }
    };
    (|$input:ident: $type:ty| $body:block) => {
        pub(crate) fn run(bytes: &[u8]) {
            let unstructured = arbitrary::Unstructured::new(bytes);
            let Ok($input) = <$type as arbitrary::Arbitrary>::arbitrary_take_rest(unstructured) else { return };
            $body
        }
    };
}
pub(crate) use fuzz_target;

macro_rules! targets {
    ($($name:ident $path:literal)*) => {
        const TARGETS: &[&str] = &[$(stringify!($name)),*];
        $(
            #[path = $path]
            mod $name;

            #[test]
            fn $name() {
                run(stringify!($name), $name::run);
            }
        )*
    };
}

targets! {
    browser "fuzz/targets/browser.rs"
    bundle "fuzz/targets/bundle.rs"
    certificate "fuzz/targets/certificate.rs"
    challenge "fuzz/targets/challenge.rs"
    claims "fuzz/targets/claims.rs"
    config "fuzz/targets/config.rs"
    error_body "fuzz/targets/error_body.rs"
    inject "fuzz/targets/inject.rs"
    log "fuzz/targets/log.rs"
    mask "fuzz/targets/mask.rs"
    page "fuzz/targets/page.rs"
    reference "fuzz/targets/reference.rs"
    sandbox "fuzz/targets/sandbox.rs"
    secrets_file "fuzz/targets/secrets_file.rs"
    text "fuzz/targets/text.rs"
    tool_output "fuzz/targets/tool_output.rs"
    variables "fuzz/targets/variables.rs"
    vault_url "fuzz/targets/vault_url.rs"
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz")
}

/// Runs a target on its seeds, and on as many changes of them as a few tenths of a second allow.
fn run(target: &str, check: fn(&[u8])) {
    let mut folders = vec![folder().join("seeds").join(target)];
    let mut count = CHANGED;
    if target == "certificate" {
        folders.push(folder().join("../keys"));
        // Opening an encrypted file takes thousands of hashes.
        count = 40;
    }
    let mut paths: Vec<_> = folders.iter().flat_map(|path| fs::read_dir(path).expect("seeds").flatten()).collect();
    paths.sort_by_key(fs::DirEntry::file_name);
    let seeds: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path.path()).expect("a seed")).collect();
    let mut random = Random(7);
    let changed = (0..count).map(|number| random.change(&seeds[number % seeds.len()], &seeds));
    for input in seeds.iter().cloned().chain(changed) {
        // libFuzzer's input of a failure, if the target panics.
        let shown = OnPanic(target, &input);
        check(&input);
        drop(shown);
    }
}

/// Shows the input that a target fails on.
struct OnPanic<'a>(&'a str, &'a [u8]);

impl Drop for OnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let path = std::env::temp_dir().join(format!("azfob-fuzz-{}", self.0));
            let kept = fs::write(&path, self.1).map_or_else(|error| error.to_string(), |()| path.display().to_string());
            let _ = writeln!(std::io::stderr(), "the input of {} is in {kept}", self.0);
        }
    }
}

/// A random number generator with the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % limit.max(1)
    }

    /// Changes a seed in one to four places.
    fn change(&mut self, seed: &[u8], all: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let start = self.below(bytes.len() + 1);
            let end = (start + self.below(9)).min(bytes.len());
            let other = &all[self.below(all.len())];
            let from = self.below(other.len() + 1);
            let insert = match self.below(5) {
                0 => Vec::new(),
                1 => vec![MARKS[self.below(MARKS.len())]; 1 + self.below(3)],
                2 => vec![u8::try_from(self.below(256)).expect("a byte")],
                3 => bytes[start..end].repeat(2),
                _ => other[from..(from + self.below(30)).min(other.len())].to_vec(),
            };
            bytes.splice(start..end, insert);
        }
        bytes
    }
}

#[test]
fn each_target_is_run_here_and_built_for_libfuzzer() {
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    let mut files: Vec<_> = fs::read_dir(folder().join("targets"))
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    assert_eq!(files, TARGETS);
    for target in TARGETS {
        assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
        assert!(
            fs::read_dir(folder().join("seeds").join(target)).is_ok_and(|mut seeds| seeds.next().is_some()),
            "{target}"
        );
    }
}
