//! The az commands of the recipes for one-time setup.

use std::fs;
use std::path::Path;

use super::{blocks, scenario, script};
use crate::support::Host;

/// Every `az` command of the recipes parses in a shell, its JSON is valid, and it has the subject and audience that
/// Entra ID compares.
#[test]
fn az_commands_parse() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes");
    let az = "printf '%s\\n' \"$@\" >>\"$HOME/asked\"; echo end >>\"$HOME/asked\"; echo https://answered";
    let scenario = scenario(Host::Nothing).program("az", az);
    let sandbox = scenario.sandbox();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let blocks = blocks_of(&name);
        for block in blocks.iter().filter(|block| block.starts_with("az ")) {
            script(&scenario, &sandbox, &["/bin/sh", "-e"], block, &[]);
        }
    }
    let requested = scenario.recorded("asked");
    assert_eq!(requested.matches("federated-credential\ncreate\n").count(), 6, "{requested}");
    assert_eq!(requested.matches("role\nassignment\ncreate\n").count(), 1, "{requested}");
    let mut rest = requested.as_str();
    let mut read = 0;
    while let Some((_, behind)) = rest.split_once("--parameters\n") {
        let (json, after) = behind.split_once("\nend\n").unwrap();
        let parameters: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(parameters["audiences"][0], "api://AzureADTokenExchange");
        assert!(parameters["issuer"].as_str().unwrap().starts_with("https://") && parameters["subject"].is_string());
        rest = after;
        read += 1;
    }
    assert_eq!(read, 5);
}

fn blocks_of(name: &str) -> Vec<String> {
    let file = format!("docs/recipes/{name}");
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file)).unwrap();
    if !text.contains("```") {
        return Vec::new();
    }
    blocks(&file).into_iter().filter(|(language, _)| language == "sh").map(|(_, text)| text).collect()
}
