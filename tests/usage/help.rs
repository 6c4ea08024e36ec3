//! `azfob help`: topics and commands, on stdout and without requests.

use azfob::testing::{Selection, command_line, rows};

use crate::support::{Host, Outcome, Scenario};

fn help(about: &[&str]) -> Outcome {
    Scenario::on(Host::AppService).azfob(["help"].iter().chain(about)).sends_no_request()
}

#[test]
fn short_help_and_prompt_fit_into_80_columns_and_24_lines() {
    let scenario = Scenario::on(Host::Nothing).var("COLUMNS", "80");
    let commands = command_line();
    let shown = commands.get_subcommands().filter(|command| !command.is_hide_set());
    for command in shown.map(|command| vec![command.get_name(), "-h"]).chain([vec!["-h"]]) {
        let text = scenario.azfob(&command).sends_no_request().succeeds().text();
        assert!(text.lines().count() <= 23 && !text.contains("env: "), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let has_azure_options = !["-h", "sandbox", "logout", "completions", "help", "version"].contains(&command[0]);
        assert_eq!(text.contains("Azure options (--vault, "), has_azure_options, "{text}");
    }
}

#[test]
fn help_of_explain_names_the_last_exit_code() {
    let topic = help(&["exit-codes"]).succeeds().text();
    let codes = topic.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()?.parse::<u8>().ok());
    let last = codes.max().unwrap();
    let text = help(&["explain"]).succeeds().text();
    assert!(text.contains(&format!("exit code of azfob (0 to {last})")), "{text}");
}

#[test]
fn topics_fit_80_columns() {
    for (topic, parts) in [
        ("options", &["--vault <NAME|URL>", "--color <WHEN>", "AZFOB_TOKEN_CACHE"][..]),
        ("exit-codes", &["  5  forbidden: the identity lacks permission (403)\n", "azfob explain 5"]),
        ("credentials", &["ManagedIdentityCredential (managed-identity)", "AZURE_TOKEN_CREDENTIALS=prod"]),
        ("references", &["ref+azurekeyvault://VAULT/NAME[/VERSION]", "@Microsoft.KeyVault(SecretUri=...)"]),
    ] {
        let text = help(&[topic]).succeeds().text();
        for part in parts {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

/// The topic and the option's help list every credential with both names in chain order.
#[test]
fn help_lists_credentials_in_chain_order() {
    let topic = help(&["credentials"]).succeeds().text();
    let option = help(&["whoami"]).succeeds().text().split_whitespace().collect::<Vec<_>>().join(" ");
    let option = option.split_once("Use only this credential: ").expect("the option").1;
    let option = option.split_once("or its class name").expect("its end").0;
    let option: Vec<_> = option.split([',', ' ']).filter(|word| !["", "or"].contains(word)).collect();
    let chain = Selection::names();
    let mut rest = topic.as_str();
    let short = chain.split(", ").map(|name| {
        let (_, after) =
            rest.split_once(&format!("\n  {name} (")).unwrap_or_else(|| panic!("{name} is not in {topic}"));
        let (short, after) = after.split_once(')').expect("its short name");
        rest = after;
        short
    });
    assert_eq!(short.collect::<Vec<_>>(), option);
}

/// The help lists all formats that set variables.
#[test]
fn help_lists_formats_of_get() {
    let get = command_line().find_subcommand("get").expect("get").clone();
    let output = get.get_arguments().find(|option| option.get_id() == "output").expect("-o");
    let formats = output.get_possible_values().into_iter().map(|format| format.get_name().to_owned());
    let formats: Vec<_> = formats.filter(|format| !["text", "json"].contains(&format.as_str())).collect();
    let (last, others) = formats.split_last().expect("formats");
    let list = format!("{} and {last}", others.join(", "));
    let refused = Scenario::on(Host::AppService).azfob(["get", "A=B"]).fails(2).stderr;
    for text in [help(&["get"]).succeeds().text(), help(&["references"]).succeeds().text(), refused] {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&list), "{list} is not in {text}");
    }
}

#[test]
fn commands_have_long_help() {
    for command in command_line().get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = command.get_name();
        let printed = help(&[name]).succeeds().text();
        assert!(printed.contains(&format!("Usage: azfob {name}")), "{printed}");
    }
    assert!(help(&[]).succeeds().text().contains("Usage: azfob"));
    let _ = help(&["nothing"]).fails(2).shows("exit-codes");
    let _ = Scenario::on(Host::AppService)
        .azfob(["--tenant=x", "help", "get"])
        .fails(2)
        .shows("`azfob help` does not accept --tenant");
}

/// The codes of `azfob explain` in the manual exist.
#[test]
fn codes_named_in_help_exist() {
    for text in ["options", "exit-codes", "credentials", "references"].map(|topic| help(&[topic]).succeeds().text()) {
        for code in text.split("azfob explain ").skip(1).filter_map(|rest| rest.split_whitespace().next()) {
            assert!(code.parse::<u8>().is_ok_and(|code| code <= 8) || rows().any(|row| row.code == code), "{code}");
        }
    }
}
