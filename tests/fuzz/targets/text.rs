//! Short texts: times, tenants, scopes, authorities, selections, patterns and terminal output.
#![no_main]

use azfob::testing::Glob;
use azfob::testing::Selection;
use azfob::testing::Timestamp;
use azfob::testing::{Authority, Scope, TenantId, aadsts_code};
use azfob::testing::{Secret, is_invisible, register_fetched, register_secret, sanitize, sanitize_line, tsv};

libfuzzer_sys::fuzz_target!(|text: &str| {
    for time in [Timestamp::from_text(text), Timestamp::from_http_date(text)].into_iter().flatten() {
        let _ = (time.rfc3339(), time.date(), time.relative_to(Timestamp(1_700_000_000)));
    }
    if let Ok(tenant) = TenantId::parse(text) {
        assert!(TenantId::parse(tenant.as_str()).is_ok());
    }
    let _ = (Scope::parse(text).map(|scope| scope.resource().to_owned()), Authority::parse(text), aadsts_code(text));
    let _ = Selection::parse(text);
    if let Some(glob) = Glob::parse(text) {
        let _ = glob.matches("DatabaseConnectionString");
    }
    assert!(!sanitize_line(text).chars().any(is_invisible));
    let cleaned = sanitize(text);
    assert!(!cleaned.chars().any(|c| c != '\n' && c != '\t' && is_invisible(c)));
    assert!(cleaned.chars().count() < 1_040);
    register_secret("a-secret-of-the-fuzzer's");
    let fetched = Secret::new("a-value-of-the-vault's");
    register_fetched(&fetched);
    let sanitized = sanitize(&format!("{text}{}{text}", fetched.expose()));
    assert!(!sanitized.contains("a-value-of-t") && !sanitized.contains("-the-vault's"));
    for cleaned in [sanitize(&format!("{text}a-secret-of-the-fuzzer's{text}")), sanitize_line(text)] {
        assert!(!cleaned.contains("a-secret-of-") && !cleaned.contains("the-fuzzer's"));
    }
    let line = tsv::line(&[text.to_owned(), String::new(), text.to_owned()]);
    assert_eq!((line.matches('\t').count(), line.matches('\n').count()), (2, 1));
});
