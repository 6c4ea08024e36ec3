//! The files of a release: each is parsed, each script is valid for its shell, and what can run here is run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::recipes::{scenario, script, text, yaml};
use crate::support::{Host, Scenario, install, report_missing};

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> String {
    fs::read_to_string(top().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Returns every file below a folder.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(top().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(path.to_str().unwrap()) } else { vec![path] }).collect()
}

/// Collects the scripts of a workflow or pipeline.
fn scripts(node: &Value, found: &mut Vec<String>) {
    match node {
        Value::Object(mapping) => {
            for (key, value) in mapping {
                match value.as_str().filter(|_| ["run", "script", "bash", "inlineScript"].contains(&key.as_str())) {
                    Some(script) => found.push(script.to_owned()),
                    None => scripts(value, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|one| scripts(one, found)),
        _ => {}
    }
}

/// Asserts that a shell parses a script.
fn assert_shell_parses(shell: &str, script: &str, place: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("script");
    fs::write(&file, script).unwrap();
    let read = Command::new(shell).arg("-n").arg(&file).output().unwrap();
    assert!(read.status.success(), "{place}: {}\n{script}", text(&read.stderr));
}

/// The unit tests of the published crate read `tests/keys`, and nothing else of the repository that it lacks.
#[test]
fn published_crate_holds_what_its_unit_tests_read() {
    let listed = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .current_dir(top())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", text(&listed.stderr));
    let listed = text(&listed.stdout);
    let tests: Vec<_> = listed.lines().filter(|file| file.starts_with("tests")).collect();
    let keys = files("tests/keys");
    assert_eq!(tests.len(), keys.len(), "{tests:?}");
    assert!(tests.iter().all(|file| file.starts_with("tests/keys")), "{tests:?}");
    for source in files("src") {
        let code = fs::read_to_string(&source).unwrap();
        let keys = code.matches("../tests/keys/").count();
        assert_eq!(code.matches("../tests/").count(), keys, "{} includes what the crate lacks", source.display());
    }
}

#[test]
fn workflows_and_scripts_parse() {
    let mut read_scripts = 0;
    for file in files(".github").into_iter().chain(files("packaging")) {
        if file.extension().is_none_or(|ending| ending != "yml") {
            continue;
        }
        let mut found = Vec::new();
        yaml(&fs::read_to_string(&file).unwrap()).iter().for_each(|document| scripts(document, &mut found));
        for script in found {
            // An expression in a script allows code injection; a variable does not.
            assert!(!script.contains("${{"), "{}: {script}", file.display());
            assert_shell_parses("bash", &script, &file.display().to_string());
            read_scripts += 1;
        }
    }
    assert!(read_scripts > 10, "{read_scripts}");
    for folder in ["packaging", "tests", ".ci"] {
        for file in files(folder) {
            let Ok(script) = fs::read_to_string(&file) else { continue };
            let first = script.lines().next().unwrap_or_default();
            match first {
                "#!/bin/sh" => assert_shell_parses("sh", &script, &file.display().to_string()),
                "#!/usr/bin/env bash" => assert_shell_parses("bash", &script, &file.display().to_string()),
                _ => {}
            }
        }
    }
}

/// The targets of a release.
fn targets() -> Vec<String> {
    let workflow = yaml(&read(".github/workflows/release.yml")).remove(0);
    let matrix = workflow["jobs"]["build"]["strategy"]["matrix"]["include"].clone();
    matrix.as_array().unwrap().iter().map(|one| one["target"].as_str().unwrap().to_owned()).collect()
}

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(top().join(program)).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// A release with placeholder binaries: archives and checksums.
fn release(folder: &Path) {
    for target in targets() {
        let name = if target.contains("windows") { "azfob.exe" } else { "azfob" };
        install(folder, name, "echo installed");
        let binary = folder.join(name);
        if target.contains("windows") && Command::new("zip").arg("-h").stdout(Stdio::null()).status().is_err() {
            report_missing("zip", "the archive for Windows");
            fs::write(folder.join(format!("azfob-{target}.zip")), "zip is not installed here").unwrap();
        } else {
            let packed = run("packaging/archive", &[&target, binary.to_str().unwrap(), folder.to_str().unwrap()]);
            assert!(packed.status.success(), "{}", text(&packed.stderr));
        }
        fs::remove_file(binary).unwrap();
    }
    let sums = "cd \"$1\" && if command -v sha256sum >/dev/null; then sha256sum -- *; else shasum -a 256 -- *; fi >../sums \
                && mv ../sums SHA256SUMS";
    assert!(Command::new("/bin/sh").args(["-c", sums, "sh"]).arg(folder).status().unwrap().success());
}

#[test]
fn the_installers_default_to_the_release_of_their_commit() {
    let version = env!("CARGO_PKG_VERSION");
    let action = yaml(&read(".github/actions/get-secrets/action.yml")).remove(0);
    assert_eq!(action["inputs"]["version"]["default"], version);
    let template = yaml(&read("packaging/azure-pipelines/azfob.yml")).remove(0);
    let parameters = template["parameters"].as_array().unwrap();
    let parameter = parameters.iter().find(|parameter| parameter["name"] == "version").unwrap();
    assert_eq!(parameter["default"], version);
}

#[cfg(target_os = "linux")]
#[test]
fn the_same_files_give_the_same_archive() {
    use std::os::unix::fs::PermissionsExt;
    for target in ["x86_64-unknown-linux-musl", "x86_64-pc-windows-msvc"] {
        let [first, second] = [0o022, 0o077].map(|mask: u32| {
            let folder = tempfile::tempdir().unwrap();
            install(folder.path(), "azfob", "echo installed");
            let binary = folder.path().join("azfob");
            fs::set_permissions(&binary, fs::Permissions::from_mode(0o777 & !mask)).unwrap();
            let script = format!("umask {mask:o} && exec packaging/archive \"$@\"");
            let binary = binary.to_str().unwrap();
            let arguments = ["-c", &script, "sh", target, binary, folder.path().to_str().unwrap()];
            let packed = Command::new("sh").args(arguments).current_dir(top()).output().unwrap();
            if target.contains("windows") && Command::new("zip").arg("-h").stdout(Stdio::null()).status().is_err() {
                crate::support::report_missing("zip", "the archive for Windows");
                return Vec::new();
            }
            assert!(packed.status.success(), "{}", text(&packed.stderr));
            let ending = if target.contains("windows") { "zip" } else { "tar.gz" };
            fs::read(folder.path().join(format!("azfob-{target}.{ending}"))).unwrap()
        });
        assert!(first == second, "{target}");
    }
}

#[test]
fn release_notes_are_the_dated_section_of_the_changelog() {
    let folder = tempfile::tempdir().unwrap();
    let packaging = folder.path().join("packaging");
    fs::create_dir(&packaging).unwrap();
    fs::copy(top().join("packaging/notes"), packaging.join("notes")).unwrap();
    for (heading, wanted) in [
        ("## 0.1.0 - 2027-01-31", Ok("- one\n")),
        ("## 0.1.0 (unreleased)", Err("has no date")),
        ("## 0.1.0", Err("has no date")),
        ("## 0x1.0 - 2027-01-31", Err("has no section for 0.1.0")),
        ("## 0.1.0-rc.1 - 2027-01-31", Err("has no section for 0.1.0")),
    ] {
        let changelog =
            format!("# Changelog\n\n## 0.2.0 (unreleased)\n- two\n{heading}\n- one\n## 0.0.9 - 2026-01-01\n- zero\n");
        fs::write(folder.path().join("CHANGELOG.md"), changelog).unwrap();
        let notes = Command::new("sh").arg(packaging.join("notes")).arg("v0.1.0").output().unwrap();
        match wanted {
            Ok(section) => {
                assert_eq!((text(&notes.stdout).as_str(), notes.status.success()), (section, true), "{heading}")
            }
            Err(message) => {
                assert!(!notes.status.success() && text(&notes.stderr).contains(message), "{heading}");
            }
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_image_has_a_folder_for_temporary_files() {
    let folder = tempfile::tempdir().unwrap();
    install(folder.path(), "azfob", "echo installed");
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let packed = run("packaging/image", &[&path("azfob"), &path("root.tar")]);
    assert!(packed.status.success(), "{}", text(&packed.stderr));
    let listed = Command::new("tar").args(["tvf", &path("root.tar")]).output().unwrap();
    let listed = text(&listed.stdout);
    assert!(listed.contains("drwxrwxrwt 0/0") && listed.contains("-rwxr-xr-x 0/0"), "{listed}");
}

/// The install script of the action and of the template.
fn installers() -> [String; 2] {
    let action = yaml(&read(".github/actions/get-secrets/action.yml")).remove(0);
    let template = yaml(&read("packaging/azure-pipelines/azfob.yml")).remove(0);
    let script = |value: &Value| value.as_str().unwrap().to_owned();
    [script(&action["runs"]["steps"][0]["run"]), script(&template["steps"][0]["bash"])]
}

/// A runner without azfob, which downloads the release from a folder.
fn runner(folder: &Path) -> Scenario {
    let scenario = scenario(Host::Nothing);
    fs::remove_file(scenario.bin().join("azfob")).unwrap();
    let curl = format!(
        "for word in \"$@\"; do case $word in https://github.com/azfob/azfob/releases/*/*) cp '{}'/\"${{word##*/}}\" . ;; esac; done",
        folder.display()
    );
    scenario.program("curl", &curl)
}

#[test]
fn install_script_verifies_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    fs::create_dir(&dist).unwrap();
    release(&dist);
    let [of_action, of_template] = installers();
    assert_eq!(of_action, of_template);
    let variables = |more: &[(&str, String)]| -> Vec<(String, String)> {
        let always = [("VERSION", "v0.1.0".to_owned()), ("TMPDIR", folder.path().display().to_string())];
        always.iter().chain(more).map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    };
    let shell = ["/bin/bash", "--noprofile", "--norc", "-eo", "pipefail"];

    let runner = runner(&dist);
    let file = folder.path().join("github_path");
    let more = variables(&[("GITHUB_PATH", file.display().to_string())]);
    script(&runner, &runner.sandbox(), &shell, &of_action, &more);
    let added = fs::read_to_string(&file).unwrap();
    let started = Command::new(Path::new(added.trim()).join("azfob")).output().unwrap();
    assert_eq!(text(&started.stdout), "installed\n");

    let output = script(&runner, &runner.sandbox(), &shell, &of_template, &variables(&[]));
    let added = text(&output.stdout);
    let (_, added) = added.trim().rsplit_once("##vso[task.prependpath]").unwrap();
    assert!(Path::new(added).join("azfob").exists(), "{added}");

    // Git's bash on Windows uses other folder names.
    let runner = runner.program("cygpath", "[ \"$1\" = -m ] && echo \"C:$2\"");
    fs::remove_file(&file).unwrap();
    script(&runner, &runner.sandbox(), &shell, &of_action, &more);
    assert!(fs::read_to_string(&file).unwrap().starts_with("C:/"));

    // One changed character of a checksum.
    let sums = fs::read_to_string(dist.join("SHA256SUMS")).unwrap();
    let other: String =
        sums.lines().map(|line| format!("{}{}\n", if &line[..1] == "0" { "1" } else { "0" }, &line[1..])).collect();
    fs::write(dist.join("SHA256SUMS"), other).unwrap();
    fs::remove_file(&file).unwrap();
    let output = crate::recipes::attempt(&runner, &runner.sandbox(), &shell, &of_action, &more);
    assert!(!output.status.success() && !file.exists(), "{}", text(&output.stderr));
}

#[test]
fn manifests_match_release() {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    fs::create_dir(&dist).unwrap();
    release(&dist);
    let sums = dist.join("SHA256SUMS");
    let out = folder.path().join("manifests");
    let made = run("packaging/manifests", &["v0.1.0", sums.to_str().unwrap(), out.to_str().unwrap()]);
    assert!(made.status.success(), "{}", text(&made.stderr));

    let formula = fs::read_to_string(out.join("homebrew/azfob.rb")).unwrap();
    let installer = fs::read_to_string(out.join("winget/azfob.azfob.installer.yaml")).unwrap();
    for line in fs::read_to_string(&sums).unwrap().lines() {
        let (sum, file) = line.split_once("  ").unwrap();
        let url = format!("https://github.com/azfob/azfob/releases/download/v0.1.0/{file}");
        match file.ends_with(".zip") {
            false => assert!(formula.contains(&format!("url \"{url}\"\n      sha256 \"{sum}\"")), "{formula}"),
            true => {
                let windows = &yaml(&installer)[0]["Installers"][0];
                assert_eq!(
                    (&windows["InstallerUrl"], &windows["InstallerSha256"]),
                    (&url.into(), &sum.to_uppercase().into())
                );
            }
        }
    }
    let opened = formula.lines().filter(|l| l.ends_with(" do") || l.starts_with("class") || l.contains("def ")).count();
    assert_eq!(opened, formula.lines().filter(|line| line.trim() == "end").count());
    for part in ["", ".installer", ".locale.en-US"] {
        let manifest = yaml(&fs::read_to_string(out.join(format!("winget/azfob.azfob{part}.yaml"))).unwrap()).remove(0);
        assert_eq!(
            (&manifest["PackageIdentifier"], &manifest["PackageVersion"]),
            (&"azfob.azfob".into(), &"0.1.0".into())
        );
    }

    // A release with a missing file gets no manifests.
    fs::write(&sums, "").unwrap();
    let made =
        run("packaging/manifests", &["v0.1.0", sums.to_str().unwrap(), folder.path().join("x").to_str().unwrap()]);
    assert!(!made.status.success() && text(&made.stderr).contains("has no azfob-"));
}

#[test]
fn packaged_files_exist() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let package = manifest["package"].as_table().unwrap();
    for key in ["repository", "homepage", "documentation"] {
        assert!(package[key].as_str().unwrap().starts_with("https://github.com/azfob/azfob"), "{key}");
    }
    let metadata = &package["metadata"];
    let of_deb = metadata["deb"]["assets"].as_array().unwrap().iter().map(|asset| asset[0].as_str().unwrap());
    let of_rpm = metadata["generate-rpm"]["assets"].as_array().unwrap().iter();
    let of_rpm = of_rpm.map(|asset| asset["source"].as_str().unwrap());
    for source in of_deb.chain(of_rpm).filter(|source| *source != "target/release/azfob") {
        assert!(top().join(source.replace("*.1", "azfob.1")).exists(), "{source}");
    }
    // cargo-binstall expects the file names of packaging/archive.
    let binstall = &metadata["binstall"];
    let url = binstall["pkg-url"].as_str().unwrap();
    assert_eq!(url, "{ repo }/releases/download/v{ version }/azfob-{ target }{ archive-suffix }");
    assert_eq!(binstall["bin-dir"].as_str().unwrap(), "azfob-{ target }/{ bin }{ binary-ext }");
    let zipped: Vec<_> = binstall["overrides"].as_table().unwrap().keys().cloned().collect();
    let windows: Vec<_> = targets().into_iter().filter(|target| target.contains("windows")).collect();
    assert_eq!(zipped, windows);
}
