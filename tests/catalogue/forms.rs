//! The forms in which a text reaches a log.

use super::entries::Entry;

/// The text as its program prints it.
pub const BARE: &str = "bare";
/// How many forms there are.
pub const COUNT: usize = 8;
/// The length of a text that a log cuts off.
const CUT: usize = 200;

/// A text in one of its forms.
pub struct Form {
    pub name: &'static str,
    pub text: String,
    /// True if the identifying part can be missing.
    pub is_cut: bool,
}

/// Every form of an entry's text.
pub fn of(entry: &Entry) -> [Form; COUNT] {
    let text = entry.text.as_str();
    let form = |name, text| Form { name, text, is_cut: false };
    [
        form(BARE, text.to_owned()),
        form("trace", in_a_stack_trace(text)),
        form(
            "json",
            format!(
                r#"{{"ts":"2026-11-03T10:15:02.123Z","level":"error","logger":"app","msg":{},"caller":"app/main:42"}}"#,
                serde_json::json!(text)
            ),
        ),
        form(
            "escaped",
            format!(
                "time=2026-11-03T10:15:02Z level=ERROR source=app msg=\"{}\" attempt=3",
                text.replace('\n', "\\n").replace('\t', "\\t")
            ),
        ),
        cut(entry),
        form("quoted", each_line(text, |line| format!("> {line}"))),
        form("docker", each_line(text, |line| format!("2026-11-03T10:15:02.123456789Z {line}"))),
        form(
            "kubernetes",
            each_line(text, |line| {
                format!("[pod/app-7d9c5b6f4-x2k8q/app] 2026-11-03T10:15:02.123456789Z stderr F {line}")
            }),
        ),
    ]
}

fn each_line(text: &str, prefixed: impl Fn(&str) -> String) -> String {
    text.lines().map(|line| prefixed(line) + "\n").collect()
}

fn in_a_stack_trace(text: &str) -> String {
    format!(
        "java.lang.IllegalStateException: Failed to load the application context\n\
         \tat org.example.shop.Application.start(Application.java:87)\n\
         \tat org.example.shop.Application.main(Application.java:21)\n\
         Caused by: java.lang.RuntimeException: {text}\n\
         \tat org.example.shop.Settings.load(Settings.java:133)\n\
         \tat org.example.shop.Settings.<init>(Settings.java:40)\n\
         \t... 12 more\n"
    )
}

fn cut(entry: &Entry) -> Form {
    let text: String = entry.text.chars().take(CUT).collect();
    let has_pattern = entry.pattern.as_deref().is_some_and(|pattern| text.contains(pattern));
    Form { name: "cut", is_cut: text.len() < entry.text.len() && !has_pattern, text }
}
