//! The sandbox's `az`, a POSIX shell script or a batch file with the commands that credentials and users need.
//!
//! It prints prepared files, connects to nothing, and never uses an argument as a path.

use std::path::Path;

use crate::sandbox::names;

/// The data of the script.
pub(super) struct AzScript<'a> {
    /// Folder of the prepared answers: `TENANT.N.json` and `TENANT.N.token` for resource number N, and others.
    pub(super) folder: &'a Path,
    /// Resources with tokens.
    pub(super) resources: &'a [String],
    /// Tenants with tokens.
    pub(super) tenants: &'a [&'a str],
    /// Message for any other tenant, with `%s` for the tenant.
    pub(super) unknown_tenant: &'a str,
    /// Message for the vault's tenant if the user is not a guest in it.
    pub(super) no_guest: Option<String>,
    /// Message for any other resource, with `%s` for the resource.
    pub(super) unknown_resource: &'a str,
}

impl AzScript<'_> {
    /// Returns the files to put on PATH, with their names.
    pub(super) fn programs(&self) -> Vec<(&'static str, String)> {
        if cfg!(windows) { vec![("az.cmd", self.batch())] } else { vec![("az", self.shell())] }
    }

    fn shell(&self) -> String {
        let resources = self.resources.iter().enumerate();
        let resources: String =
            resources.map(|(number, resource)| format!("  {}) number={number} ;;\n", quoted(resource))).collect();
        let tenants: String = self.tenants.iter().map(|tenant| format!("  {tenant}) ;;\n")).collect();
        let no_guest = self
            .no_guest
            .as_deref()
            .map_or_else(String::new, |text| format!("  {}) fail '%s' {} ;;\n", names::OTHER_TENANT_ID, quoted(text)));
        SHELL
            .replace("@FOLDER@", &quoted(&self.folder.to_string_lossy()))
            .replace("@RESOURCES@", &resources)
            .replace("@TENANTS@", &(tenants + &no_guest))
            .replace("@UNKNOWN_TENANT@", &quoted(self.unknown_tenant))
            .replace("@UNKNOWN_RESOURCE@", &quoted(self.unknown_resource))
    }

    fn batch(&self) -> String {
        let resources = self.resources.iter().enumerate();
        let resources: String = resources
            .map(|(number, resource)| format!("if \"%resource%\"==\"{resource}\" set \"number={number}\"\n"))
            .collect();
        let tenants: String = self
            .tenants
            .iter()
            .map(|tenant| format!("if /i \"%tenant%\"==\"{tenant}\" set \"file={tenant}\"\n"))
            .collect();
        let no_guest = self.no_guest.as_deref().map_or_else(String::new, |text| {
            let tenant = names::OTHER_TENANT_ID;
            format!(
                "if /i \"%tenant%\"==\"{tenant}\" >&2 echo ERROR: {text}\nif /i \"%tenant%\"==\"{tenant}\" exit /b 1\n"
            )
        });
        let text = |pattern: &str, name: &str| pattern.replace("%s", &format!("%{name}%"));
        BATCH
            .replace("@RESOURCES@", &resources)
            .replace("@TENANTS@", &(tenants + &no_guest))
            .replace("@UNKNOWN_TENANT@", &text(self.unknown_tenant, "tenant"))
            .replace("@UNKNOWN_RESOURCE@", &text(self.unknown_resource, "resource"))
            .replace('\n', "\r\n")
    }
}

/// Quotes a text as one word of a POSIX shell.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

const SHELL: &str = include_str!("az.sh");
const BATCH: &str = include_str!("az.cmd");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn quoted_text_is_one_shell_word() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn both_scripts_have_no_placeholder_left() {
        let commands = AzScript {
            folder: Path::new("/tmp/a b"),
            resources: &["https://vault.azure.net".into()],
            tenants: &[names::TENANT_ID],
            unknown_tenant: "Tenant '%s' not found",
            no_guest: Some("no guest".into()),
            unknown_resource: "no %s",
        };
        for text in [commands.shell(), commands.batch()] {
            for placeholder in ["@FOLDER@", "@RESOURCES@", "@TENANTS@", "@UNKNOWN_TENANT@", "@UNKNOWN_RESOURCE@"] {
                assert!(!text.contains(placeholder), "{placeholder}");
            }
            assert!(text.contains("https://vault.azure.net") && text.contains("no guest"));
        }
    }

    #[test]
    fn both_scripts_accept_the_same_options() {
        let options = |script: &'static str| -> BTreeSet<&str> {
            let words = script.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            let is_option = |word: &str| match word.strip_prefix('-') {
                Some(short) if short.len() == 1 => !["-", "f", "n"].contains(&short),
                Some(long) => long.len() > 3 && long.starts_with('-'),
                None => false,
            };
            words.filter(|word| is_option(word)).collect()
        };
        assert_eq!(options(SHELL), options(BATCH));
        assert!(options(BATCH).contains("--only-show-errors"));
    }
}
