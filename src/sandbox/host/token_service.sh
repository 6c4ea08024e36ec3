#!/bin/sh
# The token service of Visual Studio of the azfob sandbox. It prints tokens from files. It is signed in to nothing real.
PATH=/usr/bin:/bin
folder=@FOLDER@

fail() {
  format=$1; shift
  printf "TS003: Error, TS004: Unable to get access token.  '$format'\n" "$@" >&2
  exit 1
}

if [ -f "$folder/slow" ]; then exec sleep 600; fi
if [ -f "$folder/garbage" ]; then echo Welcome; exit; fi

config='' resource='' tenant=''
while [ $# -ge 2 ]; do
  case $1 in
  --serviceHubConfig) config=$2 ;;
  --resource) resource=$2 ;;
  --tenant) tenant=$2 ;;
  *) echo "TS003: Error, unknown option $1" >&2; exit 1 ;;
  esac
  shift 2
done
# Visual Studio registers this option, with the path in quotes.
if [ ! -f "$config" ]; then
  printf "TS003: Error, Service hub config file '%s' does not exist.\n" "$config" >&2
  exit 1
fi
if [ -f "$folder/refusal.txt" ]; then cat "$folder/refusal.txt" >&2; exit 1; fi
case $resource in
'') echo 'TS003: Error, the resource is missing.' >&2; exit 1 ;;
@RESOURCES@  *) fail @UNKNOWN_RESOURCE@ "$resource" ;;
esac
case $tenant in
'') tenant=default ;;
@TENANTS@  *) fail @UNKNOWN_TENANT@ "$tenant" ;;
esac
cat "$folder/$tenant.$number.json"
