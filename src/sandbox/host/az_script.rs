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

const SHELL: &str = r#"#!/bin/sh
# The Azure CLI of the azfob sandbox: a few commands, answered from files. It is signed in to nothing real.
PATH=/usr/bin:/bin
folder=@FOLDER@

fail() { format=$1; shift; printf "ERROR: $format\n" "$@" >&2; exit 1; }
refuse() { printf 'az of the azfob sandbox: %s\n' "$1" >&2; exit 2; }
require_login() { if [ -f "$folder/refusal.txt" ]; then cat "$folder/refusal.txt" >&2; exit 1; fi; }

if [ -f "$folder/slow" ]; then exec sleep 600; fi

command=
while [ $# -gt 0 ]; do
  case $1 in -*) break ;; esac
  command="$command${command:+ }$1"
  shift
done

output=json query= resource= tenant= subscription=
while [ $# -gt 0 ]; do
  case $1 in
  --only-show-errors | --verbose | --debug | --identity | -i | --use-device-code | --allow-no-subscriptions)
    shift; continue ;;
  --version | -v) command=version; shift; continue ;;
  --*=*) name=${1%%=*} value=${1#*=}; shift ;;
  *)
    [ $# -ge 2 ] || refuse "argument $1: expected one argument"
    name=$1 value=$2; shift 2 ;;
  esac
  case $name in
  --output | -o) output=$value ;;
  --query) query=$value ;;
  --resource) resource=$value ;;
  --scope) resource=${value%/.default} ;;
  --tenant | -t) tenant=$value ;;
  --subscription | -s) subscription=$value ;;
  --client-id | --object-id | --resource-id | --username | -u) ;;
  *) refuse "unrecognized arguments: $name" ;;
  esac
done

case $command in
version) cat "$folder/version.json" ;;
login) rm -f "$folder/refusal.txt"; cat "$folder/accounts.json" ;;
logout) cat "$folder/signed-out.txt" >"$folder/refusal.txt" ;;
'account show') require_login; cat "$folder/account.json" ;;
'account list') require_login; cat "$folder/accounts.json" ;;
'account get-access-token')
  if [ -n "$tenant" ] && [ -n "$subscription" ]; then
    fail 'Please specify only one of subscription and tenant, not both'
  fi
  require_login
  case $resource in
  '') number=0 ;;
@RESOURCES@  *) fail @UNKNOWN_RESOURCE@ "$resource" ;;
  esac
  case $tenant in
  '') tenant=default ;;
@TENANTS@  *) fail @UNKNOWN_TENANT@ "$tenant" ;;
  esac
  case "$query $output" in
  ' json' | ' jsonc') cat "$folder/$tenant.$number.json" ;;
  'accessToken tsv') cat "$folder/$tenant.$number.token" ;;
  ' none') ;;
  *) refuse 'it prints JSON, or --query accessToken -o tsv' ;;
  esac ;;
*) refuse "it has 'account get-access-token', 'account show', 'account list', 'login', 'logout' and 'version', not '$command'" ;;
esac
"#;

const BATCH: &str = r#"@echo off
rem The Azure CLI of the azfob sandbox: a few commands, answered from files. It is signed in to nothing real.
setlocal EnableExtensions DisableDelayedExpansion
set "folder=%~dp0..\az"
if exist "%folder%\slow" goto slow
set "command="
set "output=json"
set "query="
set "resource="
set "tenant="
set "subscription="
:words
if "%~1"=="" goto run
set "word=%~1"
if "%word:~0,1%"=="-" goto options
if defined command (set "command=%command% %word%") else set "command=%word%"
shift
goto words
:options
if "%~1"=="" goto run
for %%o in (--only-show-errors --verbose --debug --identity -i --use-device-code --allow-no-subscriptions) do if "%~1"=="%%o" goto flag
for %%o in (--version -v) do if "%~1"=="%%o" set "command=version"
for %%o in (--version -v) do if "%~1"=="%%o" goto flag
set "name="
for %%o in (--output -o) do if "%~1"=="%%o" set "name=output"
for %%o in (--query) do if "%~1"=="%%o" set "name=query"
for %%o in (--resource --scope) do if "%~1"=="%%o" set "name=resource"
for %%o in (--tenant -t) do if "%~1"=="%%o" set "name=tenant"
for %%o in (--subscription -s) do if "%~1"=="%%o" set "name=subscription"
for %%o in (--client-id --object-id --resource-id --username -u) do if "%~1"=="%%o" set "name=other"
if not defined name goto unrecognized
if "%~2"=="" goto novalue
set "%name%=%~2"
if "%~1"=="--scope" set "resource=%resource:/.default=%"
shift
:flag
shift
goto options
:unrecognized
>&2 echo az of the azfob sandbox: unrecognized arguments: %~1
exit /b 2
:novalue
>&2 echo az of the azfob sandbox: argument %~1: expected one argument
exit /b 2
:run
if "%command%"=="version" goto version
if "%command%"=="login" goto login
if "%command%"=="logout" goto logout
if "%command%"=="account show" goto show
if "%command%"=="account list" goto list
if "%command%"=="account get-access-token" goto token
>&2 echo az of the azfob sandbox: it has 'account get-access-token', 'account show', 'account list', 'login', 'logout' and 'version', not '%command%'
exit /b 2
:version
type "%folder%\version.json"
exit /b 0
:login
del "%folder%\refusal.txt" 2>nul
type "%folder%\accounts.json"
exit /b 0
:logout
copy /y "%folder%\signed-out.txt" "%folder%\refusal.txt" >nul
exit /b 0
:show
if exist "%folder%\refusal.txt" goto refused
type "%folder%\account.json"
exit /b 0
:list
if exist "%folder%\refusal.txt" goto refused
type "%folder%\accounts.json"
exit /b 0
:refused
type "%folder%\refusal.txt" >&2
exit /b 1
:slow
%SystemRoot%\System32\ping.exe -n 600 127.0.0.1 >nul
exit /b 1
:token
if defined tenant if defined subscription goto both
if exist "%folder%\refusal.txt" goto refused
set "number="
if not defined resource set "number=0"
@RESOURCES@if not defined number goto noresource
set "file="
if not defined tenant set "file=default"
@TENANTS@if not defined file goto notenant
set "form=%query% %output%"
if "%form%"==" none" exit /b 0
set "name="
if "%form%"=="accessToken tsv" set "name=%file%.%number%.token"
for %%f in (json jsonc) do if "%form%"==" %%f" set "name=%file%.%number%.json"
if not defined name goto noform
type "%folder%\%name%"
exit /b 0
:noform
>&2 echo az of the azfob sandbox: it prints JSON, or --query accessToken -o tsv
exit /b 2
:both
>&2 echo ERROR: Please specify only one of subscription and tenant, not both
exit /b 1
:noresource
>&2 echo ERROR: @UNKNOWN_RESOURCE@
exit /b 1
:notenant
>&2 echo ERROR: @UNKNOWN_TENANT@
exit /b 1
"#;

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
