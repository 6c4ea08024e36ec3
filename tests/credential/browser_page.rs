//! The pages that azfob shows after a sign-in, in a real browser: headless Chromium, driven by its DevTools protocol
//! (<https://chromedevtools.github.io/devtools-protocol/>). Elsewhere curl plays the browser.
//!
//! The whole sandbox is in a network namespace of its own where that is possible, so that Chromium reaches nothing else.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{can_unshare, install, report_missing};

/// Names of Chromium and of Chrome, which has the same protocol.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// The options that keep it from asking, and from sending anything of its own.
const OPTIONS: &str = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
                       --disable-component-update --disable-sync --ignore-certificate-errors --remote-debugging-pipe";
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether the pages may run scripts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scripts {
    On,
    Off,
}

#[test]
fn page_after_sign_in_is_shown() {
    let Some(chromium) = chromium() else { return };
    for scripts in [Scripts::On, Scripts::Off] {
        let mut sign_in = SignIn::start(&chromium, None, scripts);
        sign_in.check_page("You are signed in. You can close this window.");
        let (code, stdout, stderr) = sign_in.end();
        assert_eq!((code, stdout.as_str()), (Some(0), "sandbox-api-key-of-february"), "{stderr}");
    }
}

#[test]
fn page_after_refusal_is_shown() {
    let Some(chromium) = chromium() else { return };
    for (fault, scripts, text) in [
        (
            "consent-required",
            Scripts::On,
            "azfob could not sign you in: AADSTS65001: The user or administrator has not",
        ),
        (
            "consent-required",
            Scripts::Off,
            "azfob could not sign you in: AADSTS65001: The user or administrator has not",
        ),
        ("sign-in-cancelled", Scripts::On, "azfob could not sign you in: Entra ID answered 'access_denied'"),
    ] {
        let mut sign_in = SignIn::start(&chromium, Some(fault), scripts);
        sign_in.check_page(text);
        let (code, stdout, stderr) = sign_in.end();
        assert_eq!((code, stdout.as_str()), (Some(4), ""), "{stderr}");
    }
}

#[test]
fn page_after_response_to_another_sign_in_is_shown() {
    let Some(chromium) = chromium() else { return };
    let mut sign_in = SignIn::start(&chromium, Some("wrong-state"), Scripts::On);
    sign_in.check_page("azfob does not wait for this response. Open the address that azfob shows in the terminal.");
    sign_in.stop();
}

/// Returns the browser's program, or reports that it is missing.
fn chromium() -> Option<String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut files = NAMES.iter().flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)));
    let found = files.find(|file| file.is_file()).map(|file| file.to_string_lossy().into_owned());
    if found.is_none() {
        report_missing("chromium", "the page after a sign-in with a browser");
    }
    found
}

/// A sign-in of azfob, and the browser in which it happens.
struct SignIn {
    azfob: Child,
    page: DevTools,
    /// The code that Entra ID gave to the browser, if it gave one.
    code: Option<String>,
    folder: TempDir,
}

impl SignIn {
    /// Starts the sandbox and azfob in it, and opens the sign-in page in a new browser.
    fn start(chromium: &str, fault: Option<&str>, scripts: Scripts) -> SignIn {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        fs::create_dir(path("home")).expect("a folder in it");
        let pipes = Command::new("mkfifo").args([path("to"), path("from")]).status().expect("mkfifo");
        assert!(pipes.success());
        // Opened for both directions, so that opening does not wait for the browser.
        let open = |name: &str| OpenOptions::new().read(true).write(true).open(path(name)).expect("a pipe");
        let (to, from) = (open("to"), open("from"));
        let no_scripts = if scripts == Scripts::Off { "--blink-settings=scriptEnabled=false" } else { "" };
        // The sandbox's proxy is Chromium's. The profile is new, and so is every file that it writes.
        let browser = format!(
            "cd {folder} && printf '%s\\n' \"$1\" >part && mv part address\n\
             HOME=$PWD/home exec {chromium} {OPTIONS} {no_scripts} --user-data-dir=\"$PWD/profile\" \
             --proxy-server=\"$HTTPS_PROXY\" about:blank 3<to 4>from",
            folder = folder.path().display()
        );
        install(folder.path(), "browser", &browser);

        let azfob = env!("CARGO_BIN_EXE_azfob");
        let as_user: &[&str] = if rustix::process::geteuid().is_root() { &[] } else { &["--map-root-user"] };
        let isolate = [&["--net"][..], as_user, &["sh", "-c", "ip link set lo up && exec \"$@\"", "sh"]].concat();
        let is_isolated =
            can_unshare(Command::new("unshare").args(&isolate).arg("true"), "a browser without a network");
        let mut command = if is_isolated { Command::new("unshare") } else { Command::new("env") };
        command.args(if is_isolated { &isolate[..] } else { &[] }).args([azfob, "sandbox", "--as", "browser"]);
        command.args(fault.iter().flat_map(|fault| ["--fault", fault]));
        command.args(["--", "env", &format!("BROWSER={}", path("browser"))]);
        command.args([azfob, "get", "ApiKey", "--interactive", "--timeout", "90"]);
        command.env_clear().env("HOME", path("home")).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let azfob = command.spawn().expect("azfob runs");

        let mut page = DevTools::attach(to, from);
        let address = fs::read_to_string(path("address")).expect("the address");
        page.call("Page.navigate", &json!({ "url": address.trim_end() }));
        let mut sign_in = SignIn { azfob, page, code: None, folder };
        if scripts == Scripts::Off {
            sign_in.submit_by_hand();
        }
        sign_in
    }

    /// Clicks on the button that the sign-in page shows without scripts.
    fn submit_by_hand(&mut self) {
        self.page.wait_for("Page.loadEventFired", |_| true);
        let root = self.page.call("DOM.getDocument", &json!({}))["root"]["nodeId"].clone();
        let query = json!({ "nodeId": root, "selector": "input[type=submit]" });
        let button = self.page.call("DOM.querySelector", &query)["nodeId"].clone();
        let corners = self.page.call("DOM.getBoxModel", &json!({ "nodeId": button }))["model"]["content"].clone();
        let at = |first: usize, second: usize| {
            let number = |index: usize| corners[index].as_f64().expect("a coordinate");
            f64::midpoint(number(first), number(second))
        };
        for kind in ["mousePressed", "mouseReleased"] {
            let click = json!({ "type": kind, "x": at(0, 2), "y": at(1, 5), "button": "left", "clickCount": 1 });
            self.page.call("Input.dispatchMouseEvent", &click);
        }
    }

    /// Waits for azfob's page. It shows the text, has no secret in its source, its address or the history, and loads
    /// nothing.
    fn check_page(&mut self, text: &str) {
        let posted = self.page.wait_for("Network.requestWillBeSent", |request| {
            request["request"]["url"].as_str().is_some_and(|url| url.starts_with("http://localhost:"))
        });
        assert_eq!(posted["request"]["method"], "POST");
        let form = posted["request"]["postData"].as_str().expect("a form").to_owned();
        let field = |name: &str| {
            let mut pairs = form_urlencoded::parse(form.as_bytes());
            pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        self.code = field("code");
        let frame = posted["frameId"].clone();
        self.page.wait_for("Page.frameNavigated", |event| {
            event["frame"]["id"] == frame
                && event["frame"]["url"].as_str().is_some_and(|url| url.starts_with("http://localhost:"))
        });
        self.page.wait_for("Page.loadEventFired", |_| true);

        let tree = self.page.call("Accessibility.getFullAXTree", &json!({}));
        let is_text = |node: &&Value| node["role"]["value"] == "StaticText";
        let nodes = tree["nodes"].as_array().expect("nodes");
        let shown: String = nodes.iter().filter(is_text).filter_map(|node| node["name"]["value"].as_str()).collect();
        assert!(shown.starts_with(text), "{shown}");
        let document = self.page.call("DOM.getDocument", &json!({}))["root"]["nodeId"].clone();
        let source = self.page.call("DOM.getOuterHTML", &json!({ "nodeId": document }))["outerHTML"].to_string();
        let history = self.page.call("Page.getNavigationHistory", &json!({}));
        let last = history["entries"].as_array().and_then(|entries| entries.last()).expect("an entry");
        let address = last["url"].as_str().expect("an address");
        assert!(address.starts_with("http://localhost:") && !address.contains('?'), "{address}");
        let state = field("state").expect("a state");
        for secret in self.code.iter().chain([&state]) {
            assert!(!source.contains(secret), "{source}");
            assert!(!address.contains(secret), "{address}");
        }
        if let Some(code) = &self.code {
            assert!(!history.to_string().contains(code), "{history}");
        }
        let loaded = self.page.seen("Network.requestWillBeSent");
        let of_page = |request: &&Value| request["documentURL"].as_str().is_some_and(|url| url.starts_with("http://l"));
        let is_document = |request: &&Value| request["type"] == "Document";
        let others: Vec<_> = loaded.iter().filter(of_page).filter(|request| !is_document(request)).collect();
        assert!(others.is_empty(), "{others:?}");
    }

    /// Waits for azfob and closes the browser. Returns azfob's exit code, its output and its messages.
    fn end(self) -> (Option<i32>, String, String) {
        let SignIn { azfob, mut page, code, folder } = self;
        page.close();
        let output = azfob.wait_with_output().expect("azfob ends");
        if let Some(code) = code {
            assert_eq!(files_with(&folder.path().join("profile"), &code), [""; 0]);
        }
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    /// Closes the browser, and does not wait for azfob's sign-in.
    fn stop(mut self) {
        self.page.close();
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.azfob), rustix::process::Signal::TERM)
            .expect("azfob runs");
        self.azfob.wait().expect("azfob ends");
    }
}

/// Returns the files below a folder that contain a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => files_with(&path, text),
            // Sockets and pipes cannot be read.
            false => {
                let bytes = if path.is_file() { fs::read(&path).unwrap_or_default() } else { Vec::new() };
                let found = memchr::memmem::find(&bytes, text.as_bytes()).is_some();
                found.then(|| path.display().to_string()).into_iter().collect()
            }
        })
        .collect()
}

/// A page of the browser. Messages are JSON that ends with a null byte.
struct DevTools {
    to: File,
    inbox: Receiver<Value>,
    /// Events that were not waited for, in order, and all events so far.
    events: VecDeque<Value>,
    all: Vec<Value>,
    session: Option<Value>,
    calls: u64,
}

impl DevTools {
    /// Waits for the browser and attaches to its page.
    fn attach(to: File, from: File) -> DevTools {
        let (sender, inbox) = mpsc::channel();
        std::thread::spawn(move || {
            for message in BufReader::new(from).split(0) {
                let Ok(message) = message.map(|bytes| serde_json::from_slice(&bytes).expect("JSON")) else { return };
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let (events, all) = (VecDeque::new(), Vec::new());
        let mut tools = DevTools { to, inbox, events, all, session: None, calls: 0 };
        let targets = tools.call("Target.getTargets", &json!({}));
        let targets = targets["targetInfos"].as_array().expect("targets");
        let page = targets.iter().find(|target| target["type"] == "page").expect("a page")["targetId"].clone();
        let attached = tools.call("Target.attachToTarget", &json!({ "targetId": page, "flatten": true }));
        tools.session = Some(attached["sessionId"].clone());
        for domain in ["Page.enable", "Network.enable", "DOM.enable", "Accessibility.enable"] {
            tools.call(domain, &json!({}));
        }
        tools
    }

    /// Calls a method and returns its result.
    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = session.clone();
        }
        self.to.write_all(format!("{message}\0").as_bytes()).expect("the browser reads");
        loop {
            let message = self.receive(method);
            if message["id"] == self.calls {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.keep(message);
        }
    }

    /// Returns the parameters of the next event of this kind.
    fn wait_for(&mut self, event: &str, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            while let Some(message) = self.events.pop_front() {
                if message["method"] == event && fits(&message["params"]) {
                    return message["params"].clone();
                }
            }
            let message = self.receive(event);
            self.keep(message);
        }
    }

    /// Returns the parameters of all events of this kind so far.
    fn seen(&self, event: &str) -> Vec<Value> {
        self.all.iter().filter(|message| message["method"] == event).map(|message| message["params"].clone()).collect()
    }

    fn receive(&mut self, what: &str) -> Value {
        self.inbox.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("the browser did not answer: {what}"))
    }

    fn keep(&mut self, message: Value) {
        self.all.push(message.clone());
        self.events.push_back(message);
    }

    /// Closes the browser, which writes its files.
    fn close(&mut self) {
        self.session = None;
        self.call("Browser.close", &json!({}));
    }
}
