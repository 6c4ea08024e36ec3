//! Tests of the vault: its challenge, its pages and its errors.

use super::*;

#[test]
fn anonymous_request_gets_challenge() {
    let sandbox = Sandbox::start(on_app_service()).unwrap();
    let answer = get(&sandbox, VAULT, "/secrets/ApiKey?api-version=7.4", "");
    assert_eq!(answer.status, 401);
    let challenge = format!(
        "www-authenticate: bearer authorization=\"https://{LOGIN}/{}\", resource=\"https://vault.azure.net\"",
        names::TENANT_ID
    );
    assert!(answer.head.contains(&challenge), "{}", answer.head);
    assert!(answer.head.contains("addr=203.0.113.25;") && answer.head.contains("\r\ndate: "));
    assert!(answer.json()["error"]["message"].as_str().unwrap().starts_with("AKV10000"));
}

#[test]
fn managed_identity_reads_secret_and_requests_are_recorded() {
    let sandbox = Sandbox::start(on_app_service()).unwrap();
    let answer = secret(&sandbox, "/secrets/apikey/?api-version=7.4").json();
    assert_eq!(answer["value"], "sandbox-api-key-of-february");
    assert!(answer["id"].as_str().unwrap().starts_with("https://my-vault.vault.azure.net/secrets/ApiKey/"));
    let requests = sandbox.requests();
    let seen: Vec<String> = requests.iter().map(|request| format!("{request:?}")).collect();
    assert_eq!(
        seen,
        [
            "GET identity/MSI/token -> 200 with credential",
            "GET my-vault.vault.azure.net/secrets/apikey/ -> 200 with credential"
        ]
    );
    let secrets_in_use = sandbox.secrets_in_use();
    let token = requests[1].header("authorization").unwrap();
    assert!(secrets_in_use.iter().filter(|text| token.contains(text.as_str())).count() == 2);
    assert!(secrets_in_use.contains(&"sandbox-api-key-of-february".to_owned()));
    assert!(secrets_in_use.contains(&variable(&sandbox, "IDENTITY_HEADER")));
    assert_eq!(sandbox.tunnels(), [VAULT]);
    let head = secret(&sandbox, "/secrets/ApiKey?api-version=7.4").head;
    for header in
        ["pragma: no-cache", "expires: -1", "x-ms-keyvault-rbac-assignment-id: ", "x-ms-keyvault-rbac-cache: "]
    {
        assert!(head.contains(header), "{header} is not in {head}");
    }
}

#[test]
fn page_has_25_items_and_a_link() {
    let plan = SandboxPlan { secrets: numbered_secrets(30), ..on_app_service() };
    let sandbox = Sandbox::start(plan).unwrap();
    let first = secret(&sandbox, "/secrets?api-version=7.4").json();
    assert_eq!(first["value"].as_array().unwrap().len(), 25);
    let next = |page: &Value| {
        let link = page["nextLink"].as_str().unwrap();
        let rest =
            link.strip_prefix("https://my-vault.vault.azure.net:443/secrets?api-version=7.4&$skiptoken=").unwrap();
        assert!(!rest.contains("secret-00025") && !rest.contains("maxresults"), "the link is opaque: {rest}");
        format!("/secrets?api-version=7.4&$skiptoken={rest}")
    };
    let empty = secret(&sandbox, &next(&first)).json();
    assert_eq!(empty["value"].as_array().unwrap().len(), 0, "an empty page may have a next one");
    let last = secret(&sandbox, &next(&empty)).json();
    assert_eq!(last["value"].as_array().unwrap().len(), 5);
    assert!(last["nextLink"].is_null());
    let requested = secret(&sandbox, "/secrets?api-version=7.4&maxresults=10").json();
    assert!(requested["nextLink"].as_str().unwrap().ends_with("&maxresults=10"));
    assert_eq!(secret(&sandbox, "/secrets?api-version=7.4&$skiptoken=secret-00025").status, 400);
    assert_eq!(secret(&sandbox, "/secrets?api-version=7.4&maxresults=26").status, 400);
}

#[test]
fn vault_lists_10_000_secrets() {
    let plan = SandboxPlan { secrets: numbered_secrets(10_000), ..on_app_service() };
    let sandbox = Sandbox::start(plan).unwrap();
    let authorization = bearer(&sandbox);
    let mut stream = connect(&sandbox, VAULT).unwrap();
    let mut target = "/secrets?api-version=7.4".to_owned();
    let (mut names, mut pages) = (0, 0);
    loop {
        write!(stream, "GET {target} HTTP/1.1\r\nHost: {VAULT}\r\n{authorization}\r\n").unwrap();
        let page = read_one(&mut stream);
        names += page["value"].as_array().unwrap().len();
        pages += 1;
        let Some(next) = page["nextLink"].as_str() else {
            break;
        };
        target = next.strip_prefix("https://my-vault.vault.azure.net:443").unwrap().to_owned();
    }
    assert_eq!((names, pages), (10_000, 401));
    assert_eq!(sandbox.tunnels().len(), 1);
}

/// Reads one reply of a connection that stays open.
fn read_one(stream: &mut impl Read) -> Value {
    let mut bytes = Vec::new();
    loop {
        let mut chunk = [0; 16 << 10];
        let count = stream.read(&mut chunk).unwrap();
        assert!(count > 0, "closed");
        bytes.extend_from_slice(&chunk[..count]);
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        if body.len() == length.parse::<usize>().unwrap() {
            return serde_json::from_str(body).unwrap();
        }
    }
}

#[test]
fn invalid_requests_get_error_codes() {
    let sandbox = Sandbox::start(on_app_service()).unwrap();
    for (target, status, code) in [
        ("/secrets/ApiKey", 400, "BadParameter"),
        ("/secrets/ApiKey?api-version=6", 400, "BadParameter"),
        ("/secrets/Api_Key?api-version=7.4", 400, "BadParameter"),
        ("/secrets/Nope?api-version=7.4", 404, "SecretNotFound"),
        ("/deletedsecrets/ApiKey?api-version=7.4", 404, "SecretNotFound"),
    ] {
        let answer = secret(&sandbox, target);
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (status, Some(code)), "{target}");
    }
}

#[test]
fn managed_secret_is_a_certificate_without_its_key() {
    let sandbox = Sandbox::start(on_app_service()).unwrap();
    let list = secret(&sandbox, "/certificates?api-version=7.4").json();
    assert_eq!(list["value"].as_array().unwrap().len(), 1);
    let item = &list["value"][0];
    assert_eq!(item["id"], "https://my-vault.vault.azure.net/certificates/TlsCertificate");
    assert!(item["x5t"].as_str().unwrap().len() == 27 && item.get("policy").is_none() && item.get("cer").is_none());
    let bundle = secret(&sandbox, "/certificates/tlscertificate/?api-version=7.4").json();
    assert_eq!((&bundle["x5t"], &bundle["attributes"]["exp"]), (&item["x5t"], &item["attributes"]["exp"]));
    assert_eq!(bundle["policy"]["x509_props"]["subject"], "CN=app.contoso.example");
    assert!(bundle["sid"].as_str().unwrap().starts_with("https://my-vault.vault.azure.net/secrets/TlsCertificate/"));
    assert!(bundle.get("value").is_none() && !bundle.to_string().contains("PRIVATE KEY"));
    let version = bundle["id"].as_str().unwrap().rsplit('/').next().unwrap();
    let same = secret(&sandbox, &format!("/certificates/TlsCertificate/{version}?api-version=7.4")).json();
    assert_eq!(same["cer"], bundle["cer"]);
    for missing in ["ApiKey", "TlsCertificate/0"] {
        let answer = secret(&sandbox, &format!("/certificates/{missing}?api-version=7.4"));
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (404, &"CertificateNotFound".into()));
    }
    let refused = Sandbox::start(on_app_service().fault(Fault::SecretsUser)).unwrap();
    let answer = secret(&refused, "/certificates?api-version=7.4");
    assert!(
        answer.status == 403 && answer.json()["error"]["message"].as_str().unwrap().contains("/certificates/read'")
    );
}
