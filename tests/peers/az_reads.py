"""Compares what the real az and `azfob diagnose --for` read from the emulated Azure Resource Manager.

    azfob sandbox --as service-principal --workload KIND [--fault FAULT] -- python az_reads.py AZ KIND
"""

import json
import os
import subprocess
import sys

AZ, KIND = sys.argv[1:3]
GROUP = "my-group"
SHOW = {
    "app-service": ["webapp", "identity", "show"],
    "functions": ["functionapp", "identity", "show"],
    "virtual-machine": ["vm", "identity", "show"],
}


def az(*words):
    """Returns the JSON that az prints."""
    ended = subprocess.run([AZ, *words, "--output", "json"], capture_output=True, text=True, timeout=120)
    if ended.returncode:
        sys.exit(f"    UNEXPECTED: az {' '.join(words[:3])}: {ended.stderr.strip()}")
    return json.loads(ended.stdout or "null")


def azfob(*words):
    """Returns the JSON that azfob prints."""
    ended = subprocess.run(["azfob", *words, "-o", "json"], capture_output=True, text=True, timeout=120)
    return json.loads(ended.stdout)


def check(what, theirs, ours):
    """Compares an answer of az with that of azfob."""
    print(f"    {'' if theirs == ours else 'UNEXPECTED: '}{what}: az {theirs}, azfob {ours}")
    return theirs == ours


def main():
    login = ["--service-principal", "--username", os.environ["AZURE_CLIENT_ID"], "--tenant", os.environ["AZURE_TENANT_ID"]]
    az("login", *login, f"--password={os.environ['AZURE_CLIENT_SECRET']}")
    identity = az(*SHOW[KIND], "--name", "my-app", "--resource-group", GROUP)
    vault = az("keyvault", "show", "--name", os.environ["AZFOB_VAULT"])
    scope = f"{vault['id']}/secrets/ApiKey"
    object_id = identity["principalId"]
    options = ["--scope", scope, "--include-inherited", "--include-groups", "--assignee-object-id", object_id]
    roles = az("role", "assignment", "list", *options, "--fill-principal-name", "false")
    names = [role["roleDefinitionName"] for role in roles]

    me = azfob("whoami", "--for", "my-app")["identities"]
    report = azfob("diagnose", "--for", "my-app", "--secret", "ApiKey")
    access = next(check["message"] for check in report["vault"]["checks"] if check["check"] == "access")
    theirs = sorted([object_id, *(one["clientId"] for one in (identity["userAssignedIdentities"] or {}).values())])
    ours = sorted([me[0]["objectId"], *(one["clientId"] for one in me[1:])])
    allows = "Key Vault Secrets User" in names
    results = [
        check("identities", theirs, ours),
        check("tenant of the vault", vault["properties"]["tenantId"], report["vault"]["tenantId"]),
        check(f"roles {names} allow secrets/get", allows, access.startswith("role ")),
    ]
    sys.exit(0 if all(results) else 1)


main()
