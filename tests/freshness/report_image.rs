//! Draws a report as azfob prints it on a terminal.

use std::path::Path;
use std::process::Stdio;

use crate::support::{Fault, Host, Scenario, Terminal};

const COLUMNS: usize = 100;
const LETTER: f32 = 7.8;
const LINE: usize = 19;
const EDGE: usize = 16;

/// `azfob diagnose` with a missing role.
pub fn diagnose() -> String {
    let scenario = Scenario::on(Host::AppService).fault(Fault::Forbidden);
    let sandbox = scenario.sandbox();
    let (terminal, end) = Terminal::with_columns(COLUMNS as u16);
    let mut command = scenario.command(&sandbox, Path::new(env!("CARGO_BIN_EXE_azfob")));
    command.args(["diagnose", "--color", "always", "--secret", "DatabaseConnectionString"]);
    let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).stdout(end).spawn().unwrap();
    drop(command);
    let shown = terminal.shown();
    assert_eq!(child.wait().unwrap().code(), Some(5));
    draw(&format!("$ azfob diagnose --secret DatabaseConnectionString\n{}", shown.replace('\r', "")))
}

/// Converts text with terminal colors to SVG.
fn draw(shown: &str) -> String {
    let lines: Vec<String> = shown.trim_end().lines().flat_map(wrapped).collect();
    let (width, height) = (COLUMNS as f32 * LETTER + 2.0 * EDGE as f32, lines.len() * LINE + 2 * EDGE);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height}\" \
         viewBox=\"0 0 {width:.0} {height}\" role=\"img\">\n\
         <style>text{{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#d8dee9;white-space:pre}}\
         .bold{{font-weight:bold}}.red{{fill:#ff7b72}}.green{{fill:#7ee787}}.yellow{{fill:#e3b341}}</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#161b22\"/>\n"
    );
    for (number, line) in lines.iter().enumerate() {
        let y = EDGE + number * LINE + 13;
        svg.push_str(&format!("<text x=\"{EDGE}\" y=\"{y}\" xml:space=\"preserve\">{line}</text>\n"));
    }
    svg + "</svg>\n"
}

/// Wraps a line like the terminal, with a span for each style.
fn wrapped(line: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut column = 0;
    let mut classes: Vec<&str> = Vec::new();
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().map(|text| ("", text));
    let styled = parts.map(|part| part.split_once('m').expect("a style ends"));
    for (codes, text) in first.into_iter().chain(styled) {
        for code in codes.split(';').filter(|code| !code.is_empty()) {
            match code {
                "0" => classes.clear(),
                "1" => classes.push("bold"),
                "31" => classes.push("red"),
                "32" => classes.push("green"),
                "33" => classes.push("yellow"),
                other => panic!("unknown style: {other}"),
            }
        }
        let letters: Vec<char> = text.chars().collect();
        let mut rest = letters.as_slice();
        while !rest.is_empty() {
            if column == COLUMNS {
                lines.push(String::new());
                column = 0;
            }
            let (here, after) = rest.split_at(rest.len().min(COLUMNS - column));
            column += here.len();
            rest = after;
            let here = here.iter().collect::<String>().replace('&', "&amp;").replace('<', "&lt;");
            let span = match classes.is_empty() {
                true => here,
                false => format!("<tspan class=\"{}\">{here}</tspan>", classes.join(" ")),
            };
            lines.last_mut().expect("a line").push_str(&span);
        }
    }
    lines
}
