"""Where a peer is known to end otherwise than azfob: by peer, host and fault (`*` for every one), how, and why."""

NO_ANSWER = -2  # not within the limit
NOT_THERE = None  # not asked: the peer does not know this host

_JOB = "DefaultAzureCredential has no credential for it; azfob takes the job's token"
_ASSERTION = "any refusal of an assertion lets its chain go on"
_NO_AZ = "there az is a person's, and no host to sign in on"

# The SDKs ask the vault for its challenge before they sign in: here they come no further, whatever the host.
BEFORE_SIGN_IN = ("unreachable", "proxy-refuses", "tls-intercepted")

_ONE_TRY = "it does not ask again, though the service finds its key at the next request"
_ITS_OWN_API = "it asks for its own version of the API alone; azfob tries the one that the vault names"
KNOWN = {
    ("python", "github-actions", "*"): (3, _JOB),
    ("python", "azure-pipelines", "*"): (3, _JOB),
    ("javascript", "github-actions", "*"): (3, _JOB),
    ("javascript", "azure-pipelines", "*"): (3, _JOB),
    ("javascript", "service-fabric", "*"): (3, "it does not compare the thumbprint, so it trusts no cluster's certificate"),
    ("javascript", "azure-cli", "slow-az"): (NO_ANSWER, "it waits for az without end"),
    ("javascript", "workload-identity", "expired-assertion"): (3, _ASSERTION),
    ("javascript", "workload-identity", "clock-skew"): (3, _ASSERTION),
    ("python", "app-service", "signing-key-once"): (4, _ONE_TRY),
    ("javascript", "app-service", "signing-key-once"): (4, _ONE_TRY),
    ("python", "app-service", "old-api"): (1, _ITS_OWN_API),
    ("javascript", "app-service", "old-api"): (7, _ITS_OWN_API),
    ("az", "app-service", "signing-key-once"): (4, _ONE_TRY),
    ("az", "app-service", "old-api"): (1, _ITS_OWN_API),
    ("az", "imds", "imds-impostor"): (1, "it takes the page for JSON, and ends in a traceback"),
    ("az", "azure-cli", "*"): (NOT_THERE, _NO_AZ),
    ("az", "nothing", "*"): (NOT_THERE, _NO_AZ),
    ("az", "github-actions", "*"): (NOT_THERE, "the job's token has to be fetched for it"),
    ("az", "azure-pipelines", "*"): (NOT_THERE, "the job's token has to be fetched for it"),
    ("az", "cloud-shell", "*"): (NOT_THERE, "it asks localhost:50342, whatever MSI_ENDPOINT says"),
}
