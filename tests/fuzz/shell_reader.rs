//! A POSIX shell, as far as it reads `export NAME=WORD` lines: single quotes, escaped characters, plain ones.

/// The variables that a text exports, in order.
pub(crate) fn exported(text: &str) -> Vec<(String, String)> {
    let mut variables = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (name, word) = rest.strip_prefix("export ").expect("an export").split_once('=').expect("an assignment");
        let (value, after) = word_of(word);
        variables.push((name.to_owned(), value));
        rest = after;
    }
    variables
}

/// A word, and what follows its line (POSIX, section 2.2: within single quotes nothing has a meaning but the quote).
fn word_of(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let first = rest.chars().next().expect("a word ends with its line");
        rest = &rest[first.len_utf8()..];
        match first {
            '\n' => return (value, rest),
            '\'' => {
                let (quoted, after) = rest.split_once('\'').expect("a quote ends");
                value.push_str(quoted);
                rest = after;
            }
            '\\' => {
                let escaped = rest.chars().next().expect("something is escaped");
                value.push(escaped);
                rest = &rest[escaped.len_utf8()..];
            }
            plain if plain.is_ascii_alphanumeric() => value.push(plain),
            other => panic!("{other:?} has a meaning to a shell"),
        }
    }
}
