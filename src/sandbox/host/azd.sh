#!/bin/sh
# The Azure Developer CLI of the azfob sandbox: a few commands, answered from files. It is signed in to nothing real.
PATH=/usr/bin:/bin
folder=@FOLDER@

print_error() { printf '{"error":"fetching token: %s"%s}\n' "$1" "$2" >&2; exit 1; }
fail() {
  format=$1; shift
  text=$(printf "$format" "$@")
  if [ -n "$reason" ]; then print_error "failed to authenticate:\\n($reason) $text" ''; fi
  print_error "$text" ',"suggestion":"reauthentication required, run `azd auth login` to acquire a new token."'
}
refuse() { printf 'azd of the azfob sandbox: %s\n' "$1" >&2; exit 2; }
require_login() { if [ -f "$folder/refusal.txt" ]; then cat "$folder/refusal.txt" >&2; exit 1; fi; }

if [ -f "$folder/slow" ]; then exec sleep 600; fi
if [ -f "$folder/garbage" ]; then echo Welcome; exit; fi

command=
while [ $# -gt 0 ]; do
  case $1 in -*) break ;; esac
  command="$command${command:+ }$1"
  shift
done

output='' resource='' tenant='' check='' reason=''
while [ $# -gt 0 ]; do
  case $1 in
  --no-prompt | --debug | --use-device-code | --managed-identity) shift; continue ;;
  --check-status) check=yes; shift; continue ;;
  --*=*) name=${1%%=*} value=${1#*=}; shift ;;
  *)
    [ $# -ge 2 ] || refuse "flag needs an argument: $1"
    name=$1 value=$2; shift 2 ;;
  esac
  case $name in
  --output | -o) output=$value ;;
  --scope) resource=${value%/.default} ;;
  --tenant-id) tenant=$value ;;
  --claims | --client-id | --cwd | -C) ;;
  *) refuse "unknown flag: $name" ;;
  esac
done

case $command in
version) echo 'azd version 1.24.1 (commit 0000000000000000000000000000000000000000)' ;;
'auth login')
  if [ -n "$check" ]; then
    if [ -f "$folder/refusal.txt" ]; then echo 'Not logged in, run `azd auth login` to login to Azure.'; exit 1; fi
  else
    rm -f "$folder/refusal.txt"
  fi
  echo 'Logged in to Azure.' ;;
'auth logout') cat "$folder/signed-out.txt" >"$folder/refusal.txt" ;;
'auth token')
  require_login
  case $resource in
  '') number=0 ;;
@RESOURCES@  *) reason=invalid_resource; fail @UNKNOWN_RESOURCE@ "$resource" ;;
  esac
  case $tenant in
  '') tenant=default ;;
@TENANTS@  *) reason=invalid_tenant; fail @UNKNOWN_TENANT@ "$tenant" ;;
  esac
  case $output in
  json) cat "$folder/$tenant.$number.json" ;;
  '') cat "$folder/$tenant.$number.token" ;;
  *) refuse "unsupported format '$output'" ;;
  esac ;;
*) refuse "it has 'auth token', 'auth login', 'auth logout' and 'version', not '$command'" ;;
esac
