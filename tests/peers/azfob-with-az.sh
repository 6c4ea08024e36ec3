#!/bin/sh
# Runs azfob with the real Azure CLI, signed in as a service principal and then signed out, in a sandbox of that host.
#     azfob-with-az.sh FOLDER_OF_AZ SECRET VALUE
set -eu
PATH=$1:$PATH secret=$2 value=$3
failed=0
check() {
    if [ "$2" = "$3" ]; then
        echo "    $1: $3"
    else
        echo "    UNEXPECTED: $1: expected $2, got $3"
        failed=1
    fi
}

az login --allow-no-subscriptions --output none --service-principal --username "$AZURE_CLIENT_ID" \
    --tenant "$AZURE_TENANT_ID" --password="$AZURE_CLIENT_SECRET"
# From here on, only az knows the client secret.
unset AZURE_CLIENT_SECRET AZURE_CLIENT_ID AZURE_TENANT_ID
check 'signed in, az selected by name' "$value" "$(azfob get --credential azure-cli "$secret")"
check 'signed in, selected by the chain' "$value" "$(azfob get "$secret")"
whoami=$(azfob whoami --output tsv 2>/dev/null || azfob whoami --output json)
case $whoami in *AzureCliCredential*) credential=AzureCliCredential ;; *) credential=$whoami ;; esac
check 'signed in, whoami' AzureCliCredential "$credential"

az logout
code=0
message=$(azfob get "$secret" 2>&1) || code=$?
check 'signed out, exit code' 3 "$code"
case $message in *'az login'*) advice='az login' ;; *) advice=$message ;; esac
check 'signed out, advice' 'az login' "$advice"
exit $failed
