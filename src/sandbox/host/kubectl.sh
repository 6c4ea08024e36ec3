#!/bin/sh
# The kubectl of the azfob sandbox: it shows a pod and its service account from files. It is connected to no cluster.
PATH=/usr/bin:/bin
folder=@FOLDER@

missing() { printf 'Error from server (NotFound): %s "%s" not found\n' "$1" "$2" >&2; exit 1; }
refuse() { printf 'error: the kubectl of the azfob sandbox has no %s\n' "$1" >&2; exit 1; }

words= namespace=default output= raw=
while [ $# -gt 0 ]; do
  case $1 in
  --namespace | -n) namespace=$2; shift ;;
  --output | -o) output=$2; shift ;;
  --raw) raw=$2; shift ;;
  --request-timeout) shift ;;
  --namespace=*) namespace=${1#*=} ;;
  --output=*) output=${1#*=} ;;
  --request-timeout=*) ;;
  --minify) ;;
  -*) refuse "option $1" ;;
  *) words="$words${words:+ }$1" ;;
  esac
  shift
done

show() {
  case $1 in
  pods/@POD@) cat "$folder/pod.json" ;;
  serviceaccounts/@ACCOUNT@)
    [ -f "$folder/serviceaccount.json" ] || missing serviceaccounts @ACCOUNT@
    cat "$folder/serviceaccount.json" ;;
  *) missing "${1%/*}" "${1#*/}" ;;
  esac
}

case $words in
get)
  case $raw in
  /.well-known/openid-configuration) cat "$folder/discovery.json" ;;
  /api/v1/namespaces/@NAMESPACE@/*) show "${raw#/api/v1/namespaces/@NAMESPACE@/}" ;;
  /api/v1/namespaces/*/pods/*) missing pods "${raw##*/}" ;;
  /api/v1/namespaces/*/serviceaccounts/*) missing serviceaccounts "${raw##*/}" ;;
  *) missing '' "$raw" ;;
  esac ;;
'get pods')
  if [ "$namespace" != @NAMESPACE@ ]; then
    printf 'No resources found in %s namespace.\n' "$namespace" >&2
    exit 0
  fi
  [ "$output" = name ] || refuse "output '$output' of pods"
  echo pod/@POD@ ;;
'get pod '* | 'get serviceaccount '*)
  [ "$output" = json ] || refuse "output '$output' of objects"
  kind=${words#get }
  [ "$namespace" = @NAMESPACE@ ] || missing namespaces "$namespace"
  show "${kind%% *}s/${words##* }" ;;
'config view') printf 'https://%s:443' @SERVER@ ;;
*) refuse "command '$words'" ;;
esac
