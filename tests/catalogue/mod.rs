//! The catalogue: error texts of other programs, taken from their sources, and the row that azfob must give each.
//!
//! `AZFOB_REFRESH=1 cargo test catalogue` writes the lists of what azfob gets wrong. README.md says how to add a text.

mod entries;
mod forms;
mod live;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use azfob::Env;
use azfob::testing::{Context, PUBLIC, Suffixes, read_log, rows};

use entries::{Entry, Row};

/// Separates a text from its answer in a list of wrong answers.
const ARROW: &str = " => ";

/// The row for an error whose reason has no row.
const NOT_RECOGNIZED: &str = "not-recognized";
/// The rows that only name the component.
const GENERAL: [&str; 2] = [NOT_RECOGNIZED, "forbidden"];

static HERE: LazyLock<Context> = LazyLock::new(|| Context::detect(&Env::default()));

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/catalogue")
}

/// What azfob recognizes in a text.
struct Answer {
    rows: Vec<&'static str>,
    /// The commands and the details of the first finding.
    advice: String,
}

fn answer(text: &str) -> Answer {
    let found = read_log(text, &HERE, &Suffixes { cloud: PUBLIC, extra: None });
    let advice = found.first().map(|first| {
        let commands = first.finding.commands.iter().map(|command| command.text.as_str());
        commands.chain(first.finding.details.iter().map(String::as_str)).collect::<Vec<_>>().join("\n")
    });
    Answer { rows: found.iter().map(|r| r.finding.row.code).collect(), advice: advice.unwrap_or_default() }
}

impl Answer {
    fn rows(&self) -> String {
        if self.rows.is_empty() { "nothing".to_owned() } else { self.rows.join("+") }
    }
}

/// The wrong answers to an entry, each with the forms of the text that get it.
fn wrong_answers(entry: &Entry) -> BTreeMap<String, Vec<&'static str>> {
    let mut wrong: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for form in forms::of(entry) {
        let answer = answer(&form.text);
        let is_right = match &entry.row {
            Row::Code(code) => answer.rows == [code.as_str()],
            Row::None => answer.rows.is_empty(),
            Row::Missing => answer.rows.is_empty() || answer.rows == [NOT_RECOGNIZED],
        };
        // Without its pattern, a text still shows which component prints it.
        let is_enough = form.is_cut
            && (answer.rows.is_empty()
                || answer.rows.iter().eq(entry.cut.as_deref().as_slice())
                || GENERAL.iter().any(|row| answer.rows == [*row]));
        if !is_right && !is_enough {
            wrong.entry(answer.rows()).or_default().push(form.name);
        } else if form.name == forms::BARE {
            let missing = entry.facts.values().filter(|fact| !answer.advice.contains(fact.as_str()));
            let harmful = entry.never.iter().filter(|text| answer.advice.contains(text.as_str()));
            let missing = missing.map(|fact| format!("no {fact}"));
            let harmful = harmful.map(|text| format!("contains {text}"));
            wrong.extend(missing.chain(harmful).map(|fact| (fact, vec!["facts"])));
        }
    }
    wrong
}

/// Returns the entries with wrong answers by ID. The work is divided among all cores.
fn wrong(entries: &[Entry]) -> BTreeMap<String, String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let wrong_in = |entries: &[Entry]| -> Vec<(String, String)> {
        let wrong = entries.iter().map(|entry| (entry.id.clone(), wrong_answers(entry)));
        let names = |forms: Vec<&str>| if forms.len() == forms::COUNT { "all".to_owned() } else { forms.join(",") };
        let line = |(answer, forms): (String, _)| format!("{}: {answer}", names(forms));
        wrong
            .filter(|(_, wrong)| !wrong.is_empty())
            .map(|(id, wrong)| (id, wrong.into_iter().map(line).collect::<Vec<_>>().join("; ")))
            .collect()
    };
    std::thread::scope(|scope| {
        let shares = entries.chunks(entries.len().div_ceil(cores));
        let shares: Vec<_> = shares.map(|share| scope.spawn(move || wrong_in(share))).collect();
        shares.into_iter().flat_map(|share| share.join().unwrap()).collect()
    })
}

/// Asserts that a list names exactly the wrong entries. A list can only become shorter.
fn assert_listed(wrong: &BTreeMap<String, String>, list: &str) {
    let path = folder().join(list);
    if std::env::var_os("AZFOB_REFRESH").is_some() {
        let lines: String = wrong.iter().map(|(id, answers)| format!("{id}{ARROW}{answers}\n")).collect();
        std::fs::write(&path, lines).unwrap();
    }
    let listed = std::fs::read_to_string(&path).unwrap();
    let listed: BTreeSet<&str> = listed.lines().map(|line| line.rsplit_once(ARROW).unwrap().0).collect();
    let new: Vec<_> = wrong.iter().filter(|(id, _)| !listed.contains(id.as_str())).collect();
    assert!(new.is_empty(), "wrong, and not in {list}: {new:#?}");
    let right: Vec<_> = listed.into_iter().filter(|id| !wrong.contains_key(*id)).collect();
    assert!(right.is_empty(), "right or gone, remove from {list}: {right:#?}");
}

#[test]
fn each_text_is_recognized_as_its_row() {
    assert_listed(&wrong(&entries::all(&folder())), "not-yet.txt");
}

/// The same words give the same row if azfob itself gets them.
#[test]
fn a_live_answer_gives_the_row_of_its_text() {
    let entries = entries::all(&folder());
    let wrong = entries.iter().filter_map(|entry| {
        let (Row::Code(code), Some(live)) = (&entry.row, live::row(entry)) else { return None };
        (code != live).then(|| (entry.id.clone(), live.to_owned()))
    });
    assert_listed(&wrong.collect(), "live-not-yet.txt");
}

#[test]
fn ordinary_lines_give_no_finding() {
    let text = std::fs::read_to_string(folder().join("ordinary.txt")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with("##")).collect();
    assert!(lines.len() >= 300, "{} lines", lines.len());
    let wrong = lines.iter().map(|line| (line, answer(line))).filter(|(_, answer)| !answer.rows.is_empty());
    assert_listed(&wrong.map(|(line, answer)| ((*line).to_owned(), answer.rows())).collect(), "ordinary-not-yet.txt");
}

#[test]
fn the_catalogue_is_complete_and_its_rows_exist() {
    let entries = entries::all(&folder());
    let projects: BTreeSet<&str> = entries.iter().map(|entry| entry.project.as_str()).collect();
    assert!(entries.len() >= 600, "{} texts", entries.len());
    assert!(projects.len() >= 25, "{} projects", projects.len());
    let codes: BTreeSet<&str> = rows().map(|row| row.code).collect();
    let mut texts = BTreeMap::new();
    for entry in &entries {
        if let Row::Code(code) = &entry.row {
            assert!(codes.contains(code.as_str()), "{}: there is no row {code}", entry.id);
        }
        if let Some(other) = texts.insert(&entry.text, &entry.id) {
            panic!("{} has the text of {other}", entry.id);
        }
    }
}
