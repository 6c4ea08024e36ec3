"""A program of somebody else's: reads one secret by DefaultAzureCredential, as the SDK's documentation shows it.

Its last line on stdout is JSON: the value, or what was raised.
"""

import json
import os
import sys

from azure.core.exceptions import AzureError
from azure.identity import DefaultAzureCredential
from azure.keyvault.secrets import SecretClient

try:
    client = SecretClient(vault_url=os.environ["AZURE_KEYVAULT_URL"], credential=DefaultAzureCredential())
    answer = {"value": client.get_secret(sys.argv[1]).value}
except (AzureError, ValueError) as error:
    answer = {"error": type(error).__name__, "status": getattr(error, "status_code", None), "text": str(error)}
print(json.dumps(answer))
