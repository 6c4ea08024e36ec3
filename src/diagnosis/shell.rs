//! The shell that commands are pasted into: its quoting, and its syntax for what a fix needs.

use crate::env::{self, Env};

/// A shell, as far as its syntax differs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shell {
    #[default]
    Posix,
    /// Git Bash and similar shells on Windows, which turn `/subscriptions/...` into a Windows path
    /// (<https://github.com/Azure/azure-cli/issues/14299>).
    Msys,
    /// PowerShell, assumed for every other terminal on Windows.
    PowerShell,
}

impl Shell {
    /// Detects the shell from the variables it sets.
    pub fn detect(env: &Env) -> Self {
        match env.has(env::MSYSTEM) {
            true => Shell::Msys,
            false if cfg!(windows) => Shell::PowerShell,
            false => Shell::Posix,
        }
    }

    /// Selects what this shell needs.
    pub(super) fn select<T>(self, posix: T, powershell: T) -> T {
        if self == Shell::PowerShell { powershell } else { posix }
    }

    /// Quotes a word if needed.
    pub fn quote(self, text: &str) -> String {
        if is_plain(text) { text.to_owned() } else { self.quoted(text) }
    }

    fn quoted(self, text: &str) -> String {
        // https://learn.microsoft.com/powershell/module/microsoft.powershell.core/about/about_quoting_rules
        format!("'{}'", text.replace('\'', self.select(r"'\''", "''")))
    }

    /// Quotes JSON as one argument of `az`. Windows PowerShell passes on double quotes only if they are escaped
    /// (<https://learn.microsoft.com/cli/azure/use-azure-cli-successfully-quoting>).
    pub(super) fn quote_json(self, json: &str) -> String {
        self.quote(&json.replace('"', self.select("\"", "\\\"")))
    }

    /// Keeps Git Bash from converting a command's Azure resource IDs into Windows paths.
    pub(super) fn with_paths(self, command: String) -> String {
        if self == Shell::Msys { format!("MSYS_NO_PATHCONV=1 {command}") } else { command }
    }

    /// Sets a variable to a value.
    pub(super) fn set(self, name: &str, value: &str) -> String {
        self.select(format!("export {name}={}", self.quote(value)), format!("$env:{name} = {}", self.quoted(value)))
    }

    /// Sets a variable to a command's output.
    pub(super) fn set_to_output(self, name: &str, command: &str) -> String {
        format!("{}{}", self.select(format!("export {name}="), format!("$env:{name} = ")), output_of(command))
    }

    /// Appends an entry to a list variable.
    pub(super) fn append(self, name: &str, separator: &str, entry: &str) -> String {
        self.select(
            format!("export {name}=\"${name}{separator}{}\"", escaped(entry)),
            format!("$env:{name} = \"$env:{name}{separator}\" + {}", self.quoted(entry)),
        )
    }

    pub(super) fn unset(self, name: &str) -> String {
        self.select(format!("unset {name}"), format!("Remove-Item Env:{name}"))
    }

    /// Prompts for a variable's value without echoing it.
    pub(super) fn prompt_for(self, name: &str) -> String {
        self.select(
            // `read -s` is not POSIX.
            format!("stty -echo; read -r {name}; stty echo; export {name}"),
            format!("$env:{name} = [Net.NetworkCredential]::new('', (Read-Host -AsSecureString '{name}')).Password"),
        )
    }

    /// Prompts for a variable's value.
    pub(super) fn ask_for(self, name: &str, prompt: &str) -> String {
        self.select(format!("printf '{prompt}: '; read -r {name}"), format!("$env:{name} = Read-Host '{prompt}'"))
    }

    /// Expands a variable as one word.
    pub(super) fn value_of(self, name: &str) -> String {
        self.select(format!("\"${name}\""), format!("\"$env:{name}\""))
    }

    /// Measures a command's run time.
    pub(super) fn time(self, command: &str) -> String {
        self.select(format!("time {command}"), format!("Measure-Command {{ {command} }}"))
    }

    /// Returns the name of curl: in Windows PowerShell, `curl` is an alias of another command.
    pub(super) fn curl(self) -> &'static str {
        self.select("curl", "curl.exe")
    }

    pub(super) fn null_device(self) -> &'static str {
        self.select("/dev/null", "NUL")
    }
}

/// Substitutes a command's output as one word, with the same syntax in every shell.
pub(super) fn output_of(command: &str) -> String {
    format!("\"$({command})\"")
}

/// True if a word needs no quotes in any shell.
pub(in crate::diagnosis) fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('@')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./:@=".contains(&b))
}

/// Escapes a text for double quotes in a POSIX shell.
fn escaped(text: &str) -> String {
    let special = ['"', '\\', '$', '`'];
    text.chars().flat_map(|c| special.contains(&c).then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_special_characters_are_quoted() {
        assert_eq!(Shell::Posix.quote("my-vault"), "my-vault");
        assert_eq!(Shell::Posix.quote("a b'c$(x)"), r"'a b'\''c$(x)'");
        assert_eq!(Shell::Msys.quote("a'b"), r"'a'\''b'");
        assert_eq!(Shell::PowerShell.quote("a b'c$(x)"), "'a b''c$(x)'");
        // Unquoted, PowerShell splats it.
        assert_eq!(Shell::PowerShell.quote("@a"), "'@a'");
    }

    #[test]
    fn variables_are_set_in_each_shells_syntax() {
        assert_eq!(Shell::Msys.set("A", "b"), "export A=b");
        assert_eq!(Shell::PowerShell.set("A", "b c"), "$env:A = 'b c'");
        assert_eq!(Shell::PowerShell.unset("A"), "Remove-Item Env:A");
        assert_eq!(Shell::Posix.append("PATH", ":", "/a b/$c"), "export PATH=\"$PATH:/a b/\\$c\"");
        assert_eq!(Shell::PowerShell.append("PATH", ";", r"C:\it's"), r#"$env:PATH = "$env:PATH;" + 'C:\it''s'"#);
    }
}
