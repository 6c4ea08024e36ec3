//! The sandbox's developer tools, each a POSIX shell script and a batch file with the commands that credentials and users
//! need.
//!
//! They print prepared files, connect to nothing, and never use an argument as a path.

use std::path::Path;

use crate::sandbox::names;

/// The two scripts of a tool.
pub(super) struct ToolScript {
    pub(super) shell: &'static str,
    pub(super) batch: &'static str,
}

/// The data of the scripts.
pub(super) struct ScriptData<'a> {
    /// Folder of the prepared answers: `TENANT.N.json` for resource number N, and others.
    pub(super) folder: &'a Path,
    /// Resources with tokens.
    pub(super) resources: Vec<String>,
    /// Tenants with tokens.
    pub(super) tenants: &'static [&'static str],
    /// Message for any other tenant, with `%s` for the tenant.
    pub(super) unknown_tenant: &'static str,
    /// Message for the vault's tenant if the user is not a guest in it.
    pub(super) no_guest: Option<String>,
    /// Message for any other resource, with `%s` for the resource.
    pub(super) unknown_resource: String,
}

impl ToolScript {
    /// Returns the name and the text of the file for PATH.
    pub(super) fn file(&self, program: &str, data: &ScriptData<'_>) -> (String, String) {
        if cfg!(windows) {
            (format!("{program}.cmd"), data.batch(self.batch))
        } else {
            (program.to_owned(), data.shell(self.shell))
        }
    }
}

impl ScriptData<'_> {
    fn shell(&self, script: &str) -> String {
        let resources = self.resources.iter().enumerate();
        let resources: String =
            resources.map(|(number, resource)| format!("  {}) number={number} ;;\n", quoted(resource))).collect();
        let tenants: String = self.tenants.iter().map(|tenant| format!("  {tenant}) ;;\n")).collect();
        let no_guest = self
            .no_guest
            .as_deref()
            .map_or_else(String::new, |text| format!("  {}) fail '%s' {} ;;\n", names::OTHER_TENANT_ID, quoted(text)));
        script
            .replace("@FOLDER@", &quoted(&self.folder.to_string_lossy()))
            .replace("@RESOURCES@", &resources)
            .replace("@TENANTS@", &(tenants + &no_guest))
            .replace("@UNKNOWN_TENANT@", &quoted(self.unknown_tenant))
            .replace("@UNKNOWN_RESOURCE@", &quoted(&self.unknown_resource))
    }

    fn batch(&self, script: &str) -> String {
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
            format!("if /i \"%tenant%\"==\"{}\" set \"message={text}\"& goto fail\n", names::OTHER_TENANT_ID)
        });
        let text = |pattern: &str, name: &str| pattern.replace("%s", &format!("%{name}%"));
        script
            .replace("@RESOURCES@", &resources)
            .replace("@TENANTS@", &(tenants + &no_guest))
            .replace("@UNKNOWN_TENANT@", &text(self.unknown_tenant, "tenant"))
            .replace("@UNKNOWN_RESOURCE@", &text(&self.unknown_resource, "resource"))
            .replace('\n', "\r\n")
    }

    /// Fills the template of a PowerShell module.
    pub(super) fn powershell(&self, module: &str) -> String {
        let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
        let case = |text: &str, value: String| format!("        {} {{ {value} }}\n", literal(text));
        let resources = self.resources.iter().enumerate();
        let resources: String = resources.map(|(number, resource)| case(resource, number.to_string())).collect();
        let tenants: String = self.tenants.iter().map(|tenant| case(tenant, literal(tenant))).collect();
        let no_guest = self.no_guest.as_deref();
        let no_guest =
            no_guest.map(|text| case(names::OTHER_TENANT_ID, format!("throw {}", literal(text)))).unwrap_or_default();
        let pattern = |text: &str| literal(&text.replace("%s", "{0}"));
        module
            .replace("@RESOURCES@", &resources)
            .replace("@TENANTS@", &(tenants + &no_guest))
            .replace("@UNKNOWN_TENANT@", &pattern(self.unknown_tenant))
            .replace("@UNKNOWN_RESOURCE@", &pattern(&self.unknown_resource))
            .replace('\n', "\r\n")
    }
}

/// Quotes a text as one word of a POSIX shell.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const SCRIPTS: [ToolScript; 4] = [
        ToolScript { shell: include_str!("az.sh"), batch: include_str!("az.cmd") },
        ToolScript { shell: include_str!("azd.sh"), batch: include_str!("azd.cmd") },
        ToolScript { shell: include_str!("token_service.sh"), batch: include_str!("token_service.cmd") },
        ToolScript { shell: include_str!("pwsh.sh"), batch: include_str!("pwsh.cmd") },
    ];

    fn data() -> ScriptData<'static> {
        ScriptData {
            folder: Path::new("/tmp/a b"),
            resources: vec!["https://vault.azure.net".into()],
            tenants: &[names::TENANT_ID],
            unknown_tenant: "Tenant '%s' not found",
            no_guest: Some("no guest".into()),
            unknown_resource: "no %s".into(),
        }
    }

    #[test]
    fn quoted_text_is_one_shell_word() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }

    #[test]
    fn scripts_have_no_placeholder_left() {
        let texts = SCRIPTS.iter().flat_map(|script| [data().shell(script.shell), data().batch(script.batch)]);
        let module = data().powershell(include_str!("az_accounts.psm1"));
        for text in texts.chain([module]) {
            for placeholder in ["@FOLDER@", "@RESOURCES@", "@TENANTS@", "@UNKNOWN_TENANT@", "@UNKNOWN_RESOURCE@"] {
                assert!(!text.contains(placeholder), "{placeholder}:\n{text}");
            }
            // The batch file of PowerShell has no data: its module does.
            assert!(text.contains("powershell.exe") || text.contains("https://vault.azure.net"), "{text}");
        }
    }

    #[test]
    fn both_scripts_accept_the_same_options() {
        let options = |script: &'static str| -> BTreeSet<&str> {
            let words = script.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
            let is_option = |word: &str| match word.strip_prefix('-') {
                Some(short) if short.len() == 1 => !["-", "d", "f", "n"].contains(&short),
                Some(long) => long.len() > 3 && long.starts_with('-'),
                None => false,
            };
            words.filter(|word| is_option(word)).collect()
        };
        for script in &SCRIPTS[..3] {
            assert_eq!(options(script.shell), options(script.batch));
        }
        assert!(options(SCRIPTS[0].batch).contains("--only-show-errors"));
    }
}
