#!/bin/sh
# PowerShell of the azfob sandbox, with the module Az.Accounts. It runs no script: it finds what a script of azfob or of Azure
# Identity requests, and answers from files. It is signed in to nothing real.
PATH=/usr/bin:/bin
folder=@FOLDER@

fail() {
  format=$1; shift
  case $form in
  azfob) printf "azfob:thrown $format\n" "$@" ;;
  *) printf "Get-AzAccessToken: $format\n" "$@" >&2 ;;
  esac
  exit 1
}
refuse() { printf 'pwsh of the azfob sandbox: %s\n' "$1" >&2; exit 64; }
require_login() { if [ -f "$folder/refusal.txt" ]; then fail %s "$(cat "$folder/refusal.txt")"; fi; }
require_module() {
  if [ ! -f "$folder/no-module" ]; then return; fi
  case $form in
  azfob) echo azfob:no-module; exit 1 ;;
  azsdk) echo NO_AZ_ACCOUNT_MODULE; exit 0 ;;
  esac
  echo "Import-Module: The specified module 'Az.Accounts' with version '2.2.0' was not loaded because no valid module file was found in any module directory." >&2
  exit 1
}
# Prints the value that the script gives to a name: NAME = 'VALUE' or -NAME "VALUE".
value_of() {
  printf '%s\n' "$script" | sed -n "s/.*$1['\"]\{0,1\}[ =]*['\"]\([^'\"]*\)['\"].*/\1/p" | sed 1q
}
# Prints the value of the variable in: $NAME = $env:VARIABLE
env_of() {
  variable=$(printf '%s\n' "$script" | sed -n "s/.*\\\$$1 = \\\$env:\([A-Za-z0-9_]*\).*/\1/p" | sed 1q)
  if [ -n "$variable" ]; then eval "printf %s \"\${$variable-}\""; fi
}

if [ -f "$folder/slow" ]; then exec sleep 600; fi
if [ -f "$folder/garbage" ]; then echo Welcome; exit; fi

script=''
while [ $# -gt 0 ]; do
  case $1 in
  -NoProfile | -NonInteractive | -NoLogo | '/?' | -Help) shift ;;
  -OutputFormat | -ExecutionPolicy) shift; if [ $# -gt 0 ]; then shift; fi ;;
  -EncodedCommand) script=$(printf %s "${2-}" | base64 -d | tr -d '\000'); break ;;
  -Command | -c) shift; script=$*; break ;;
  -Version | --version) echo 'PowerShell 7.5.4'; exit ;;
  *) refuse "it does not know the argument $1" ;;
  esac
done

case $script in
*azfob:*) form=azfob ;;
*azsdk%*) form=azsdk ;;
*) form=json ;;
esac
case $script in
'') ;;
*Get-AzAccessToken*)
  require_module
  require_login
  resource=$(value_of ResourceUrl) tenant=$(value_of '[Tt]enantId')
  resource=${resource:-$(env_of resource)} tenant=${tenant:-$(env_of tenantId)}
  case $resource in
  '') number=0 ;;
@RESOURCES@  *) fail @UNKNOWN_RESOURCE@ "$resource" ;;
  esac
  case $tenant in
  '') tenant=default ;;
@TENANTS@  *) fail @UNKNOWN_TENANT@ "$tenant" ;;
  esac
  cat "$folder/$tenant.$number.$form" ;;
*Install-Module*) rm -f "$folder/no-module" ;;
*Disconnect-AzAccount*) require_module; cat "$folder/signed-out.txt" >"$folder/refusal.txt" ;;
*Connect-AzAccount*) require_module; rm -f "$folder/refusal.txt"; cat "$folder/account.txt" ;;
*Get-AzContext*) require_module; if [ ! -f "$folder/refusal.txt" ]; then cat "$folder/account.txt"; fi ;;
*Import-Module*) require_module ;;
*) refuse 'it has Get-AzAccessToken, Get-AzContext, Connect-AzAccount, Disconnect-AzAccount and Install-Module' ;;
esac
