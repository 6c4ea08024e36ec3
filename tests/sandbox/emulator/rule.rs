//! Tests of the actions of rules.

use super::*;

#[test]
fn each_action_reaches_the_client() {
    let rule = |path: &str, action: Action| Rule::new(VAULT, path, action);
    let plan = on_app_service()
        .rule(rule("/secrets/a", Action::json(503, "{}").header("Retry-After", "1")).times(1))
        .rule(rule("/secrets/b", Action::Close))
        .rule(rule("/secrets/c", Action::CutOff { status: 200, body: b"0123456789".to_vec(), after: 4 }))
        .rule(rule("/secrets/d", Action::Raw(b"nonsense".to_vec())))
        .rule(rule(
            "/secrets/e",
            Action::Trickle { status: 200, body: b"ab".to_vec(), pause: Duration::from_millis(1) },
        ))
        .rule(rule("/secrets/f", Action::Late(Duration::from_millis(1))));
    let sandbox = Sandbox::start(plan).unwrap();
    let ask = |name: &str| get(&sandbox, VAULT, &format!("/secrets/{name}?api-version=7.4"), "");
    let first = ask("a");
    assert!(first.status == 503 && first.head.contains("\r\nretry-after: 1"), "{}", first.head);
    assert_eq!(ask("a").status, 401);
    assert_eq!(ask("b").head, "");
    let cut = ask("c");
    assert!(cut.head.contains("content-length: 10") && cut.body == "0123");
    assert_eq!(ask("d").head, "nonsense");
    assert_eq!(ask("e").body, "ab");
    assert_eq!(ask("f").status, 401);
    let statuses: Vec<_> = sandbox.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [Some(503), Some(401), None, Some(200), None, Some(200), Some(401)]);
}
