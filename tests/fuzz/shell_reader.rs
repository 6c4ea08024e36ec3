//! Parses `export NAME=WORD` lines like a POSIX shell: single quotes, escaped and plain characters.

/// Returns the exported variables in order.
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

/// Returns a word and the text after its line (POSIX, section 2.2: only the quote is special within single quotes).
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
