//! `--decode pem`, `--decode pfx` and `--part`: OpenSSL writes what azfob reads, and reads what azfob writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, Weak};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use crate::support::{Host, Outcome, Scenario, SecretSpec, report_missing};

const PASSWORD: &str = "opensesame";

/// Keys and certificates of an OpenSSL on this machine.
struct Pki(TempDir);

/// The algorithms of keys that Key Vault supports, with OpenSSL's options.
const KEYS: [(&str, &[&str]); 3] = [
    ("rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    ("p256", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ("p384", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
];

impl Pki {
    /// Returns the keys and certificates: a root, an intermediate CA, and a leaf for each kind of key. Tests that run at
    /// the same time share them; the last one removes them.
    fn get(not_tested: &str) -> Option<Arc<Self>> {
        static SHARED: Mutex<Weak<Pki>> = Mutex::new(Weak::new());
        if Command::new("openssl").arg("version").output().is_err() {
            report_missing("openssl", not_tested);
            return None;
        }
        let mut shared = SHARED.lock().expect("no panic");
        Some(shared.upgrade().unwrap_or_else(|| {
            let pki = Arc::new(Pki(tempfile::tempdir().unwrap()));
            pki.create();
            *shared = Arc::downgrade(&pki);
            pki
        }))
    }

    fn create(&self) {
        let p256 = KEYS[1].1;
        for (name, options) in KEYS.into_iter().chain([("root", p256), ("ca", p256), ("other", p256)]) {
            self.openssl([&["genpkey", "-out", &format!("{name}.key")], options].concat());
        }
        fs::write(self.path("ca.cnf"), "basicConstraints=critical,CA:TRUE\n").unwrap();
        fs::write(self.path("leaf.cnf"), "subjectAltName=DNS:app.contoso.example\n").unwrap();
        self.openssl("req -x509 -key root.key -out root.crt -days 30 -subj /CN=root".split(' ').collect());
        for (name, issuer, extensions) in [
            ("ca", "root", "ca.cnf"),
            ("rsa", "ca", "leaf.cnf"),
            ("p256", "ca", "leaf.cnf"),
            ("p384", "ca", "leaf.cnf"),
            ("other", "root", "leaf.cnf"),
        ] {
            let request = format!("req -new -key {name}.key -out {name}.csr -subj /O=Contoso/CN={name}");
            self.openssl(request.split(' ').collect());
            let sign = format!(
                "x509 -req -in {name}.csr -CA {issuer}.crt -CAkey {issuer}.key -CAcreateserial -days 30 -extfile \
                 {extensions} -out {name}.crt"
            );
            self.openssl(sign.split(' ').collect());
        }
        fs::write(self.path("chain.pem"), self.read("root.crt") + &self.read("ca.crt")).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs OpenSSL in the folder, and returns its stdout.
    fn openssl(&self, arguments: Vec<&str>) -> Vec<u8> {
        self.try_openssl(&arguments).unwrap_or_else(|error| panic!("openssl {}: {error}", arguments.join(" ")))
    }

    fn try_openssl(&self, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let output = Command::new("openssl").args(arguments).current_dir(self.0.path()).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(output.stdout) } else { Err(error) }
    }

    /// Returns a PFX in base64 of a key, its certificate and the chain, root first.
    fn pfx(&self, key: &str, options: &[&str]) -> Result<String, String> {
        let (key, certificate) = (format!("{key}.key"), format!("{key}.crt"));
        let export = ["pkcs12", "-export", "-inkey", &key, "-in", &certificate, "-certfile", "chain.pem"];
        self.try_openssl(&[&export[..], options].concat()).map(|pfx| STANDARD.encode(pfx))
    }

    /// Returns the key as PKCS#8 text, the form of azfob.
    fn pkcs8(&self, key: &str) -> String {
        let key = format!("{key}.key");
        String::from_utf8(self.openssl(vec!["pkcs8", "-topk8", "-nocrypt", "-in", &key])).unwrap()
    }

    /// Returns the certificates of a key without text around them, the leaf first.
    fn certificates(&self, key: &str) -> [String; 3] {
        [self.read(&format!("{key}.crt")), self.read("ca.crt"), self.read("root.crt")]
    }
}

fn scenario(value: &str) -> Scenario {
    Scenario::on(Host::AppService).secret("app", value)
}

fn get(value: &str, arguments: &[&str]) -> Outcome {
    scenario(value).azfob([&["get", "app"], arguments].concat())
}

#[test]
fn every_pfx_of_openssl_becomes_pem_with_the_leaf_first() {
    let Some(pki) = Pki::get("PFX files to PEM") else { return };
    let forms: [(&str, &[&str], Option<&str>); 5] = [
        ("AES-256, no password", &["-passout", "pass:"], None),
        ("AES-256, a password", &["-passout", "pass:opensesame"], Some(PASSWORD)),
        ("no encryption", &["-keypbe", "NONE", "-certpbe", "NONE", "-passout", "pass:"], None),
        ("neither encryption nor MAC", &["-keypbe", "NONE", "-certpbe", "NONE", "-nomac", "-passout", "pass:"], None),
        (
            "3DES",
            &["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "SHA1", "-passout", "pass:"],
            None,
        ),
    ];
    for (key, _) in KEYS {
        let expected = pki.pkcs8(key) + &pki.certificates(key).concat();
        for (form, options, password) in forms {
            let value = pki.pfx(key, options).unwrap_or_else(|error| panic!("{form}: {error}"));
            let scenario = scenario(&value).var("AZFOB_PFX_PASSWORD", password.unwrap_or("not needed"));
            assert_eq!(scenario.azfob(["get", "app", "--decode", "pem"]).succeeds().text(), expected, "{key}, {form}");
        }
    }
    // RC2 and 3DES, the default of OpenSSL 1 and of older versions of Windows.
    match pki.pfx("rsa", &["-legacy", "-passout", "pass:opensesame"]) {
        Err(_) => report_missing("the legacy provider of openssl", "a PFX under RC2 and 3DES"),
        Ok(value) => {
            let scenario = scenario(&value).var("AZFOB_PFX_PASSWORD", PASSWORD);
            let expected = pki.pkcs8("rsa") + &pki.certificates("rsa").concat();
            assert_eq!(scenario.azfob(["get", "app", "--decode", "pem"]).succeeds().text(), expected);
        }
    }
}

#[test]
fn pem_of_any_order_and_key_form_becomes_sorted_pem_with_pkcs8() {
    let Some(pki) = Pki::get("PEM in any order") else { return };
    for (key, _) in KEYS {
        let [leaf, ca, root] = pki.certificates(key);
        let file = format!("{key}.key");
        let traditional = String::from_utf8(pki.openssl(vec!["pkey", "-traditional", "-in", &file])).unwrap();
        assert!(traditional.starts_with("-----BEGIN RSA") || traditional.starts_with("-----BEGIN EC"), "{traditional}");
        let encrypt = ["pkcs8", "-topk8", "-passout", "pass:opensesame", "-in", &file];
        let encrypted = String::from_utf8(pki.openssl(encrypt.to_vec())).unwrap();
        for value in [
            [root.as_str(), &ca, &leaf, &traditional].concat(),
            [&ca, "Bag Attributes\n  friendlyName: a\n", &leaf, &pki.pkcs8(key), &root].concat(),
            [&traditional, &leaf, &ca, &root].map(|text| text.replace('\n', "\r\n")).concat(),
            // The same certificate twice.
            [&leaf, &ca, &encrypted, &root, &ca, &leaf].map(String::as_str).concat(),
        ] {
            let scenario = scenario(&value).var("AZFOB_PFX_PASSWORD", PASSWORD);
            let text = scenario.azfob(["get", "app", "--decode", "pem"]).succeeds().text();
            assert_eq!(text, pki.pkcs8(key) + &leaf + &ca + &root, "{key}");
        }
    }
}

#[test]
fn openssl_reads_a_written_pfx() {
    let Some(pki) = Pki::get("PFX files that azfob writes") else { return };
    for (key, _) in KEYS {
        let pem = pki.certificates(key).concat() + &pki.pkcs8(key);
        let stored = [pem, pki.pfx(key, &["-passout", "pass:"]).unwrap()];
        for (value, password) in stored.iter().flat_map(|value| [(value, ""), (value, PASSWORD)]) {
            let scenario = scenario(value).var("AZFOB_PFX_PASSWORD", password);
            let written = scenario.azfob(["get", "app", "--decode", "pfx", "--out-file", "app.pfx"]);
            written.succeeds().prints("");
            let path = scenario.work().join("app.pfx");
            assert_private(&path);
            let path = path.to_str().unwrap();
            let password = format!("pass:{password}");
            let read = |options: &[&str]| {
                let open = ["pkcs12", "-in", path, "-nodes", "-passin", &password];
                without_attributes(&pki.openssl([&open[..], options].concat()))
            };
            assert_eq!(read(&["-nocerts"]), pki.pkcs8(key));
            assert_eq!(read(&["-nokeys", "-clcerts"]), pki.certificates(key)[0]);
            assert_eq!(read(&["-nokeys", "-cacerts"]), pki.certificates(key)[1..].concat());
            assert!(pki.try_openssl(&["pkcs12", "-in", path, "-nodes", "-passin", "pass:wrong"]).is_err());
            // azfob reads its own file.
            let again = Scenario::on(Host::AppService).secret("app", &STANDARD.encode(fs::read(path).unwrap()));
            let again = again.var("AZFOB_PFX_PASSWORD", PASSWORD).azfob(["get", "app", "--part", "cert"]);
            assert_eq!(again.succeeds().text(), pki.certificates(key)[0]);
        }
    }
}

/// Removes OpenSSL's lines between the PEM sections.
fn without_attributes(output: &[u8]) -> String {
    let text = std::str::from_utf8(output).unwrap();
    let mut is_inside = false;
    let lines = text.lines().filter(|line| {
        let is_edge = line.starts_with("-----");
        is_inside = line.starts_with("-----BEGIN") || (is_inside && !is_edge);
        is_inside || is_edge
    });
    lines.map(|line| format!("{line}\n")).collect()
}

fn assert_private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    #[cfg(not(unix))]
    assert!(path.is_file());
}

#[test]
fn each_part_goes_to_stdout_or_its_own_file() {
    let Some(pki) = Pki::get("parts of certificates") else { return };
    let value = pki.pfx("p256", &["-passout", "pass:"]).unwrap();
    let [leaf, ca, root] = pki.certificates("p256");
    let key = pki.pkcs8("p256");
    for (part, expected) in [
        ("key", key.clone()),
        ("cert", leaf.clone()),
        ("chain", ca.clone() + &root),
        ("fullchain", leaf.clone() + &ca + &root),
        ("all", key.clone() + &leaf + &ca + &root),
    ] {
        assert_eq!(get(&value, &["--part", part]).succeeds().text(), expected);
        assert_eq!(get(&value, &["--decode", "pem", "--part", part]).succeeds().text(), expected);
    }
    assert_eq!(get(&value, &["--part", "cert", "--part", "key"]).succeeds().text(), leaf.clone() + &key);

    let scenario = scenario(&value);
    let files = ["--part", "key", "--out-file", "app.key", "--part", "fullchain", "--out-file", "app.crt"];
    let outcome = scenario.azfob([&["get", "app"], &files[..]].concat()).succeeds().prints("");
    let reads = outcome.requests.iter().filter(|request| request.path.starts_with("/secrets/app")).count();
    assert_eq!(reads, 1, "one request for all files");
    let file = |name: &str| fs::read_to_string(scenario.work().join(name)).unwrap();
    assert_eq!((file("app.key"), file("app.crt")), (key, leaf + &ca + &root));
    assert_private(&scenario.work().join("app.key"));

    // The files exist: none of them is replaced without --force, and no request is sent.
    fs::remove_file(scenario.work().join("app.key")).unwrap();
    let again = scenario.azfob([&["get", "app"], &files[..]].concat()).fails(1).sends_no_request();
    again.shows("app.crt could not be written: the file exists (use --force to replace it)");
    assert!(!scenario.work().join("app.key").exists());
    scenario.azfob([&["get", "app", "--force"], &files[..]].concat()).succeeds();
    let listed = fs::read_dir(scenario.work()).unwrap().count();
    assert_eq!(listed, 2, "no temporary file is left");

    // Two names of one file.
    let twice = [
        "get",
        "app",
        "--force",
        "--part",
        "key",
        "--out-file",
        "app.key",
        "--part",
        "cert",
        "--out-file",
        "./app.key",
    ];
    scenario.azfob(twice).has_usage_error(&["--out-file './app.key': it is given twice"]).sends_no_request();

    // OpenSSL accepts the parts as a server's files.
    fs::write(pki.path("leaf.pem"), file("app.crt")).unwrap();
    fs::write(pki.path("parts.key"), file("app.key")).unwrap();
    pki.openssl("verify -CAfile root.crt -untrusted leaf.pem leaf.pem".split(' ').collect());
    let of_key = pki.openssl("pkey -in parts.key -pubout".split(' ').collect());
    assert_eq!(of_key, pki.openssl("x509 -in leaf.pem -noout -pubkey".split(' ').collect()));
}

#[test]
fn certificates_without_a_key_have_their_parts() {
    let Some(pki) = Pki::get("certificates without a key") else { return };
    let [leaf, ca, root] = pki.certificates("rsa");
    let bundle = [root.as_str(), &leaf, &ca].concat();
    assert_eq!(get(&bundle, &["--part", "cert"]).succeeds().text(), leaf);
    assert_eq!(get(&bundle, &["--part", "chain"]).succeeds().text(), ca.clone() + &root);
    let key = pki.pkcs8("rsa");
    assert_eq!(get(&key, &["--part", "key"]).succeeds().text(), key);
    // An unrelated certificate is the last one.
    let other = pki.read("other.crt");
    let value = [other.as_str(), &root, &key, &leaf, &ca].concat();
    assert_eq!(get(&value, &["--part", "all"]).succeeds().text(), [key.as_str(), &leaf, &ca, &root, &other].concat());
    let alone = get(&[key.as_str(), &leaf].concat(), &["--part", "chain"]);
    alone.succeeds_with_messages().prints("").shows("note: 'app' has no certificates of issuers: the chain is empty");
}

#[test]
fn unusable_values_are_explained_without_their_content() {
    let Some(pki) = Pki::get("values that are no certificates") else { return };
    let [leaf, ca, root] = pki.certificates("p256");
    let (key, other_key) = (pki.pkcs8("p256"), pki.pkcs8("other"));
    let secret = key.lines().nth(1).unwrap();
    let pfx = pki.pfx("p256", &["-passout", "pass:opensesame"]).unwrap();
    let legacy =
        pki.pfx("p256", &["-keypbe", "PBE-SHA1-3DES", "-certpbe", "NONE", "-passout", "pass:opensesame"]).unwrap();
    let encrypted = pki.openssl("pkcs8 -topk8 -passout pass:opensesame -in p256.key".split(' ').collect());
    let encrypted = String::from_utf8(encrypted).unwrap() + &leaf;
    let damaged = key.replace(&secret[10..20], "AAAAAAAAAA") + &leaf;
    for (value, arguments, password, reason) in [
        ("Server=tcp:sql;Password=hunter2hunter2", "--decode pem", "", "it is neither PEM nor PKCS#12"),
        ("aHVudGVyMmh1bnRlcjI=", "--decode pem", "", "it is neither PEM nor PKCS#12"),
        ("aHVudGVyMmh1bnRlcjI=", "--decode pfx", "", "it is neither PEM nor PKCS#12"),
        (&pfx, "--decode pem", "", "it is encrypted, and no password is set (AZFOB_PFX_PASSWORD)"),
        (&pfx, "--decode pfx", "sesame", "the password is wrong (AZFOB_PFX_PASSWORD)"),
        (&legacy, "--part key", "sesame", "the password is wrong (AZFOB_PFX_PASSWORD)"),
        (&encrypted, "--part key", "", "it is encrypted, and no password is set (AZFOB_PFX_PASSWORD)"),
        (&encrypted, "--part key", "sesame", "the password is wrong (AZFOB_PFX_PASSWORD)"),
        (&leaf, "--decode pem", "", "it contains no private key"),
        (&leaf, "--decode pfx", "", "it contains no private key"),
        (&key, "--decode pem", "", "it contains no certificate"),
        (&key, "--decode pfx", "", "it contains no certificate"),
        (&[&*key, &ca].concat(), "--decode pem", "", "none of its certificates matches its private key"),
        (&[&*key, &other_key, &leaf].concat(), "--decode pem", "", "it contains several private keys"),
        (
            &[&*leaf, &pki.read("rsa.crt"), &ca, &root].concat(),
            "--part cert",
            "",
            "more than one of its certificates can be the leaf",
        ),
        (&[&*key, &leaf[..leaf.len() / 2]].concat(), "--decode pem", "", "its PEM is malformed"),
        (&damaged, "--decode pem", "", ""),
    ] {
        let scenario = scenario(value).var("AZFOB_PFX_PASSWORD", password);
        let arguments = [&["get", "app"], &arguments.split(' ').collect::<Vec<_>>()[..]].concat();
        let outcome = scenario.azfob(&arguments).fails(1);
        outcome.shows("error: 'app' cannot be converted as a certificate: ").shows(reason).never_shows(&secret[20..40]);
        let to_file = [&arguments[..], &["--out-file", "f"]].concat();
        scenario.azfob(to_file).fails(1);
        assert!(!scenario.work().join("f").exists(), "{reason}");
    }
}

#[test]
fn wrong_combinations_are_usage_errors() {
    let usage = |arguments: &str, reason: &str| {
        let arguments: Vec<_> = arguments.split(' ').collect();
        scenario("v").azfob(arguments).fails(2).sends_no_request().shows(reason);
    };
    usage("get app B --decode pem", "--decode: expected only one REF");
    usage("get app B --part key", "--part: expected only one REF");
    usage("get --match a* --part key", "--part: expected only one REF");
    usage("get app --part key -o json", "--part: works only with -o text");
    usage("get app --part key --decode pfx", "--part: works only with --decode pem");
    usage("get app --part key --decode base64", "--part: works only with --decode pem");
    usage("get app --part nothing", "[possible values: key, cert, chain, fullchain, all]");
    usage("get app --out-file a --out-file b", "--out-file: expected one for each --part, in the same order");
    usage("get app --part key --part cert --out-file a", "--out-file: expected one for each --part");
    usage("get app --part key --out-file a --out-file b", "--out-file: expected one for each --part");
    usage("get app --part key --part cert --out-file a --out-file a", "--out-file 'a': it is given twice");
    usage("get app B --out-file a --out-file b", "--out-file: expected one for each --part");
}

#[test]
fn certificate_of_key_vault_is_noted_and_converted() {
    let Some(pki) = Pki::get("notes about certificates") else { return };
    let value = pki.pfx("rsa", &["-passout", "pass:"]).unwrap();
    let pfx = SecretSpec::new("app", &value).content_type("application/x-pkcs12").managed();
    let scenario = Scenario::on(Host::AppService).secret_spec(pfx);
    let outcome = scenario.azfob(["get", "app"]).succeeds_with_messages().prints(&value);
    outcome.shows("'app' is a PFX certificate in base64").shows("use --decode pem for PEM");
    scenario.azfob(["get", "app", "--decode", "pem"]).succeeds();
    scenario.azfob(["get", "https://my-vault.vault.azure.net/certificates/app", "--part", "key"]).succeeds();
    scenario.azfob(["get", "gone", "--part", "key", "--out-file", "f", "--allow-missing"]).succeeds_with_messages();
    assert!(!scenario.work().join("f").exists());
    // The certificate of the sandbox.
    let text = Scenario::on(Host::AppService).azfob(["get", "TlsCertificate", "--part", "fullchain"]).succeeds().text();
    assert_eq!(text.matches("-----BEGIN CERTIFICATE-----").count(), 2, "{text}");
}
