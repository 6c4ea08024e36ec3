"""Reads one secret with DefaultAzureCredential, as in the documentation of the Python SDK.

Its last line on stdout is JSON: the value or the exception. An exception is not caught, so stderr has its traceback.
"""

import json
import os
import sys

from azure.core.exceptions import AzureError
from azure.identity import DefaultAzureCredential
from azure.keyvault.secrets import SecretClient

try:
    client = SecretClient(vault_url=os.environ["AZURE_KEYVAULT_URL"], credential=DefaultAzureCredential())
    print(json.dumps({"value": client.get_secret(sys.argv[1]).value}))
except (AzureError, ValueError) as error:
    status = getattr(error, "status_code", None)
    print(json.dumps({"error": type(error).__name__, "status": status, "text": str(error)}))
    raise
