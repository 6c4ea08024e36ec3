//! `azfob help`: topics and commands, on stdout, with nobody asked.

use azfob::door::{command_line, rows};

use crate::support::{Host, Outcome, Scenario};

fn help(about: &[&str]) -> Outcome {
    Scenario::on(Host::AppService).azfob(["help"].iter().chain(about)).asks_nobody()
}

#[test]
fn each_topic_is_told_in_lines_of_80_columns() {
    for (topic, parts) in [
        ("exit-codes", &["  5  the vault knows who asks, and refuses\n", "azfob explain 5"][..]),
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

/// Every credential of a report is in the topic, under both its names.
#[test]
fn the_credentials_of_the_help_are_those_of_the_chain() {
    let text = help(&["credentials"]).succeeds().text();
    let report = Scenario::on(Host::Nothing).azfob(["diagnose", "-o", "json", "--timeout", "4"]).json();
    let chain: Vec<_> = report["chain"].as_array().expect("a list").iter().map(|line| &line["credential"]).collect();
    assert_eq!(chain.len(), 9);
    let places = chain.iter().map(|name| text.find(&format!("  {} (", name.as_str().expect("text"))).expect("told"));
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn a_command_and_azfob_itself_have_their_long_help() {
    for command in command_line().get_subcommands().filter(|command| !command.is_hide_set()) {
        let name = command.get_name();
        let told = help(&[name]).succeeds().text();
        assert!(told.contains(&format!("Usage: azfob {name}")), "{told}");
    }
    assert!(help(&[]).succeeds().text().contains("Usage: azfob"));
    let _ = help(&["nothing"]).fails(2).tells("exit-codes");
    let _ = Scenario::on(Host::AppService).azfob(["--tenant=x", "help", "get"]).fails(2).tells("means nothing to");
}

/// The rows that the manual names by way of `azfob explain` exist.
#[test]
fn what_the_help_says_to_explain_is_known() {
    for text in ["exit-codes", "credentials", "references"].map(|topic| help(&[topic]).succeeds().text()) {
        for code in text.split("azfob explain ").skip(1).filter_map(|rest| rest.split_whitespace().next()) {
            assert!(code.parse::<u8>().is_ok_and(|code| code <= 8) || rows().any(|row| row.code == code), "{code}");
        }
    }
}
