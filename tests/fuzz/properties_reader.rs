//! A reader of Java property files, as `java.util.Properties.load` describes it
//! (<https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html>).

const BLANKS: [char; 3] = [' ', '\t', '\u{c}'];

/// The keys and values of a file, in order. `None` if an escape is malformed.
pub(crate) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut lines = text.split('\n').map(|line| line.trim_start_matches(BLANKS));
    let mut pairs = Vec::new();
    while let Some(first) = lines.next() {
        if first.is_empty() || first.starts_with(['#', '!']) {
            continue;
        }
        let mut line = first.to_owned();
        while ends_in_escape(&line) {
            line.pop();
            line.push_str(lines.next().unwrap_or_default());
        }
        let end = key_end(&line);
        let rest = line[end..].trim_start_matches(BLANKS);
        let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start_matches(BLANKS);
        pairs.push((decoded(&line[..end])?, decoded(value)?));
    }
    Some(pairs)
}

fn ends_in_escape(line: &str) -> bool {
    line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1
}

fn key_end(line: &str) -> usize {
    let mut is_escaped = false;
    let ends = |(_, letter): &(usize, char)| {
        let ends = !is_escaped && (BLANKS.contains(letter) || ['=', ':'].contains(letter));
        is_escaped = *letter == '\\' && !is_escaped;
        ends
    };
    line.char_indices().find(ends).map_or(line.len(), |(at, _)| at)
}

fn decoded(text: &str) -> Option<String> {
    let (mut units, mut letters) = (Vec::new(), text.chars());
    while let Some(letter) = letters.next() {
        let letter = match letter {
            '\\' => match letters.next()? {
                'u' => {
                    let digits: String = letters.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4)?);
                    continue;
                }
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'f' => '\u{c}',
                other => other,
            },
            letter => letter,
        };
        units.extend(letter.encode_utf16(&mut [0; 2]).iter());
    }
    String::from_utf16(&units).ok()
}
