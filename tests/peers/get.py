"""Reads one secret with DefaultAzureCredential, as in the documentation of the Python SDK.

Its last line on stdout is JSON: the value or the exception.
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
