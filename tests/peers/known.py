"""Known differences of peers from azfob: by peer, host and fault (`*` for all), with the result and the reason."""

NO_ANSWER = -2  # not within the limit
NOT_THERE = None  # not run: the peer does not support this host

_JOB = "DefaultAzureCredential has no credential for it; azfob uses the token of the job"
_ASSERTION = "its chain continues after a refused assertion"
_NO_AZ = "az needs a user to sign in"

# The SDKs request the challenge of the vault before they sign in, so these fail in the same way on every host.
BEFORE_SIGN_IN = ("unreachable", "proxy-refuses", "tls-intercepted")

_NO_RETRY = "it does not retry, although the service finds its key at the next request"
_ITS_OWN_API = "it supports only its own API version; azfob tries the one that the vault names"
KNOWN = {
    ("python", "github-actions", "*"): (3, _JOB),
    ("python", "azure-pipelines", "*"): (3, _JOB),
    ("javascript", "github-actions", "*"): (3, _JOB),
    ("javascript", "azure-pipelines", "*"): (3, _JOB),
    ("javascript", "service-fabric", "*"): (3, "it does not compare the thumbprint, so it trusts no certificate of a cluster"),
    ("javascript", "azure-cli", "slow-az"): (NO_ANSWER, "it waits for az without a time limit"),
    ("javascript", "workload-identity", "expired-assertion"): (3, _ASSERTION),
    ("javascript", "workload-identity", "clock-skew"): (3, _ASSERTION),
    ("python", "app-service", "signing-key-once"): (4, _NO_RETRY),
    ("javascript", "app-service", "signing-key-once"): (4, _NO_RETRY),
    ("python", "app-service", "old-api"): (1, _ITS_OWN_API),
    ("javascript", "app-service", "old-api"): (7, _ITS_OWN_API),
    ("az", "app-service", "signing-key-once"): (4, _NO_RETRY),
    ("az", "app-service", "old-api"): (1, _ITS_OWN_API),
    ("az", "imds", "not-imds"): (1, "it parses the page as JSON and ends with a traceback"),
    ("az", "azure-cli", "*"): (NOT_THERE, _NO_AZ),
    ("az", "nothing", "*"): (NOT_THERE, _NO_AZ),
    ("az", "github-actions", "*"): (NOT_THERE, "it cannot request the token of the job"),
    ("az", "azure-pipelines", "*"): (NOT_THERE, "it cannot request the token of the job"),
    ("az", "cloud-shell", "*"): (NOT_THERE, "it uses localhost:50342 and ignores MSI_ENDPOINT"),
}

# The rows that `azfob diagnose --log` gives what a peer prints, where `azfob diagnose` gives another: by peer, host and fault,
# with the row (None for no finding) and the reason.
LOGS = {}
