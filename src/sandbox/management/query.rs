//! The filter of a Resource Graph query: `where` with `and`, `or`, `=~` and `in~`, as far as clients of the sandbox use
//! them (<https://learn.microsoft.com/azure/governance/resource-graph/concepts/query-language>).

/// A filter on the columns of a resource.
#[derive(Debug)]
pub(super) enum Filter {
    /// The column has one of these values, in any case.
    In(String, Vec<String>),
    And(Vec<Filter>),
    Or(Vec<Filter>),
}

impl Filter {
    /// Parses the filter of a query: the text between `where` and the next `|`. `None` if it is not supported.
    pub(super) fn of_query(query: &str) -> Option<Filter> {
        let mut steps = query.split('|').map(str::trim);
        steps.next().filter(|table| *table == "resources")?;
        let text = steps.next()?.strip_prefix("where ")?;
        let mut words = words(text)?.into_iter().peekable();
        let filter = either(&mut words)?;
        words.next().is_none().then_some(filter)
    }

    /// True if a resource with these columns passes the filter.
    pub(super) fn is_met(&self, column: &dyn Fn(&str) -> String) -> bool {
        match self {
            Filter::In(name, values) => values.iter().any(|value| value.eq_ignore_ascii_case(&column(name))),
            Filter::And(all) => all.iter().all(|one| one.is_met(column)),
            Filter::Or(any) => any.iter().any(|one| one.is_met(column)),
        }
    }
}

type Words = std::iter::Peekable<std::vec::IntoIter<String>>;

fn either(words: &mut Words) -> Option<Filter> {
    let mut any = vec![both(words)?];
    while words.next_if(|word| word == "or").is_some() {
        any.push(both(words)?);
    }
    Some(Filter::Or(any))
}

fn both(words: &mut Words) -> Option<Filter> {
    let mut all = vec![one(words)?];
    while words.next_if(|word| word == "and").is_some() {
        all.push(one(words)?);
    }
    Some(Filter::And(all))
}

fn one(words: &mut Words) -> Option<Filter> {
    let first = words.next()?;
    if first == "(" {
        let inner = either(words)?;
        return (words.next()? == ")").then_some(inner);
    }
    let first = match first.as_str() {
        "tostring" => {
            words.next_if(|word| word == "(")?;
            let name = words.next()?;
            words.next_if(|word| word == ")")?;
            name
        }
        _ => first,
    };
    let literal = |word: String| word.strip_prefix('\'').map(str::to_owned);
    let values = match words.next()?.as_str() {
        "=~" => vec![literal(words.next()?)?],
        "in~" => {
            words.next_if(|word| word == "(")?;
            let mut values = vec![literal(words.next()?)?];
            while words.next_if(|word| word == ",").is_some() {
                values.push(literal(words.next()?)?);
            }
            words.next_if(|word| word == ")")?;
            values
        }
        _ => return None,
    };
    Some(Filter::In(first, values))
}

/// Splits a filter into words. A literal keeps its opening quote.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '(' | ')' | ',' => rest.split_at(1),
            '\'' => rest.split_at(1 + rest[1..].find('\'')?),
            _ => rest.split_at(rest.find([' ', '(', ')', ',', '\'']).unwrap_or(rest.len())),
        };
        words.push(word.to_owned());
        let after = if first == '\'' { &after[1..] } else { after };
        rest = after.trim_start();
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_is_evaluated_and_other_queries_are_refused() {
        let query = "resources | where name =~ 'My-App' or (type in~ ('a/b', 'c/d') and name =~ 'v') | project id";
        let filter = Filter::of_query(query).unwrap();
        let met = |kind: &str, name: &str| {
            filter.is_met(&|column| if column == "type" { kind.to_owned() } else { name.to_owned() })
        };
        assert!(met("x/y", "my-app") && met("C/D", "v") && !met("x/y", "v") && !met("c/d", "w"));
        for other in [
            "",
            "resources",
            "resources | where name has 'x'",
            "vaults | where name =~ 'x'",
            "resources | where name =~ 'x",
        ] {
            assert!(Filter::of_query(other).is_none(), "{other}");
        }
    }
}
