#!/bin/sh
# The Azure CLI of the azfob sandbox: a few commands, answered from files. It is signed in to nothing real.
PATH=/usr/bin:/bin
folder=@FOLDER@

fail() { format=$1; shift; printf "ERROR: $format\n" "$@" >&2; exit 1; }
refuse() { printf 'az of the azfob sandbox: %s\n' "$1" >&2; exit 2; }
require_login() { if [ -f "$folder/refusal.txt" ]; then cat "$folder/refusal.txt" >&2; exit 1; fi; }

if [ -f "$folder/slow" ]; then exec sleep 600; fi
if [ -f "$folder/garbage" ]; then echo Welcome; exit; fi

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
version) exec cat "$folder/version.json" ;;
login) rm -f "$folder/refusal.txt"; cat "$folder/accounts.json" ;;
logout) cat "$folder/signed-out.txt" >"$folder/refusal.txt" ;;
'account show') require_login; exec cat "$folder/account.json" ;;
'account list') require_login; exec cat "$folder/accounts.json" ;;
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
  ' json' | ' jsonc') exec cat "$folder/$tenant.$number.json" ;;
  'accessToken tsv') exec cat "$folder/$tenant.$number.token" ;;
  ' none') ;;
  *) refuse 'it prints JSON, or --query accessToken -o tsv' ;;
  esac ;;
*) refuse "it has 'account get-access-token', 'account show', 'account list', 'login', 'logout' and 'version', not '$command'" ;;
esac
