#!/bin/sh
# Signs in to the real Azure CLI as the host allows, and reads one secret with it.
#     get-az.sh AZ SECRET
set -eu
az=$1 secret=$2
login="$az login --allow-no-subscriptions --output none"
if [ -n "${AZURE_FEDERATED_TOKEN_FILE-}" ]; then
    $login --service-principal --username "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" \
        --federated-token "$(cat "$AZURE_FEDERATED_TOKEN_FILE")"
elif [ -n "${AZURE_CLIENT_SECRET-}" ]; then
    $login --service-principal --username "$AZURE_CLIENT_ID" --tenant "$AZURE_TENANT_ID" \
        --password="$AZURE_CLIENT_SECRET"
else
    $login --identity
fi
exec "$az" keyvault secret show --vault-name "$AZFOB_VAULT" --name "$secret" --query value --output tsv
