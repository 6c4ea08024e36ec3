"""Known differences of peers from azfob: by peer, host and fault (`*` for all), with the result and the reason."""

NO_ANSWER = -2  # not within the limit
NOT_THERE = None  # not run: the peer does not support this host

_JOB = "DefaultAzureCredential has no credential for it; azfob uses the token of the job"
_ASSERTION = "its chain continues after a refused assertion"
_NO_AZ = "az needs a user to sign in"
_BINDING = "its chain does not use the token proxy (azure-sdk-for-go#26399)"

# The SDKs request the challenge of the vault before they sign in, so these fail in the same way on every host.
BEFORE_SIGN_IN = ("unreachable", "proxy-refuses", "tls-intercepted")

_NO_RETRY = "it does not retry, although the service finds its key at the next request"
_ITS_OWN_API = "it supports only its own API version; azfob tries the one that the vault names"
KNOWN = {
    ("python", "github-actions", "*"): (3, _JOB),
    ("python", "azure-pipelines", "*"): (3, _JOB),
    ("javascript", "github-actions", "*"): (3, _JOB),
    ("javascript", "azure-pipelines", "*"): (3, _JOB),
    ("python", "gitlab", "*"): (NOT_THERE, _JOB),
    ("python", "circleci", "*"): (NOT_THERE, _JOB),
    ("python", "buildkite", "*"): (NOT_THERE, _JOB),
    ("javascript", "gitlab", "*"): (NOT_THERE, _JOB),
    ("javascript", "circleci", "*"): (NOT_THERE, _JOB),
    ("javascript", "buildkite", "*"): (NOT_THERE, _JOB),
    ("az", "gitlab", "*"): (NOT_THERE, _NO_AZ),
    ("az", "circleci", "*"): (NOT_THERE, _NO_AZ),
    ("az", "buildkite", "*"): (NOT_THERE, _NO_AZ),
    ("python", "identity-binding", "*"): (4, _BINDING),
    ("javascript", "identity-binding", "*"): (3, _BINDING),
    ("python", "workload-identity", "no-annotation"): (1, "it raises a ValueError for the missing client ID"),
    ("javascript", "service-fabric", "*"): (3, "it does not compare the thumbprint, so it trusts no certificate of a cluster"),
    ("javascript", "azure-cli", "slow-tool"): (NO_ANSWER, "it waits for az without a time limit"),
    ("javascript", "workload-identity", "expired-assertion"): (3, _ASSERTION),
    ("javascript", "workload-identity", "clock-skew"): (3, _ASSERTION),
    ("javascript", "workload-identity", "no-service-account"): (3, _ASSERTION),
    ("javascript", "workload-identity", "other-identity"): (3, _ASSERTION),
    ("javascript", "workload-identity", "no-federation"): (3, _ASSERTION),
    ("javascript", "workload-identity", "issuer-slash"): (3, _ASSERTION),
    ("javascript", "workload-identity", "subject-case"): (3, _ASSERTION),
    ("javascript", "workload-identity", "other-namespace"): (3, _ASSERTION),
    ("javascript", "workload-identity", "other-audience"): (3, _ASSERTION),
    ("python", "*", "signing-key-once"): (4, _NO_RETRY),
    ("javascript", "*", "signing-key-once"): (4, _NO_RETRY),
    ("python", "*", "old-api"): (1, _ITS_OWN_API),
    ("javascript", "*", "old-api"): (7, _ITS_OWN_API),
    ("az", "*", "signing-key-once"): (4, _NO_RETRY),
    ("az", "*", "old-api"): (1, _ITS_OWN_API),
    ("az", "imds", "not-imds"): (1, "it parses the page as JSON and ends with a traceback"),
    ("az", "azure-cli", "*"): (NOT_THERE, _NO_AZ),
    ("az", "nothing", "*"): (NOT_THERE, _NO_AZ),
    ("az", "github-actions", "*"): (NOT_THERE, "it cannot request the token of the job"),
    ("az", "azure-pipelines", "*"): (NOT_THERE, "it cannot request the token of the job"),
    ("az", "azure-powershell", "*"): (NOT_THERE, _NO_AZ),
    ("az", "azure-developer-cli", "*"): (NOT_THERE, _NO_AZ),
    ("az", "visual-studio", "*"): (NOT_THERE, _NO_AZ),
    ("az", "browser", "*"): (NOT_THERE, _NO_AZ),
    ("python", "visual-studio", "*"): (NOT_THERE, "only .NET has the credential"),
    ("javascript", "visual-studio", "*"): (NOT_THERE, "only .NET has the credential"),
    ("javascript", "azure-powershell", "slow-tool"): (NO_ANSWER, "it waits for pwsh without a time limit"),
    ("javascript", "azure-developer-cli", "slow-tool"): (NO_ANSWER, "it waits for azd without a time limit"),
    ("az", "cloud-shell", "*"): (NOT_THERE, "it uses localhost:50342 and ignores MSI_ENDPOINT"),
}

_UNSUPPORTED = "the SDK does not support it"
_NO_IMDS = "it requests a token at 169.254.169.254, which the sandbox does not emulate"
_NO_KIND = "its error has no status"
_NO_CLAIMS = "it does not use the claims of the challenge"
_LONG_RETRIES = "it retries for longer than the limit"
_NO_VARIABLES = "its credential is created with the variables that are missing"
KNOWN |= {
    ("rust", "app-service", "no-identity"): (NOT_THERE, _NO_IMDS),
    ("rust", "functions", "no-identity"): (NOT_THERE, _NO_IMDS),
    ("rust", "container-apps", "no-identity"): (NOT_THERE, _NO_IMDS),
    ("rust", "arc", "no-identity"): (NOT_THERE, _NO_IMDS),
    ("rust", "service-principal", "no-identity"): (NOT_THERE, _NO_VARIABLES),
    ("rust", "azure-pipelines", "no-identity"): (NOT_THERE, _NO_VARIABLES),
    ("rust", "azure-cli", "expired-login"): (1, _NO_KIND),
    ("rust", "azure-cli", "mfa"): (1, _NO_KIND),
    ("rust", "azure-cli", "no-identity"): (1, _NO_KIND),
    ("rust", "azure-cli", "slow-tool"): (NO_ANSWER, "it waits for az without a time limit"),
    ("rust", "azure-cli", "shadowed"): (0, "the program does not read the client secret on this host"),
    ("rust", "azure-cli", "guest"): (4, "it does not request a token of the vault's tenant"),
    ("rust", "azure-cli", "wrong-tenant"): (4, "it does not request a token of the vault's tenant"),
    ("rust", "azure-cli", "no-tool"): (1, _NO_KIND),
    ("rust", "azure-cli", "garbage"): (1, _NO_KIND),
    ("rust", "azure-developer-cli", "expired-login"): (1, _NO_KIND),
    ("rust", "azure-developer-cli", "mfa"): (1, _NO_KIND),
    ("rust", "azure-developer-cli", "no-identity"): (1, _NO_KIND),
    ("rust", "azure-developer-cli", "no-tool"): (1, _NO_KIND),
    ("rust", "azure-developer-cli", "garbage"): (1, _NO_KIND),
    ("rust", "azure-developer-cli", "slow-tool"): (NO_ANSWER, "it waits for azd without a time limit"),
    ("rust", "azure-developer-cli", "guest"): (4, "it does not request a token of the vault's tenant"),
    ("rust", "azure-developer-cli", "wrong-tenant"): (4, "it does not request a token of the vault's tenant"),
    ("rust", "browser", "*"): (1, _NO_KIND),
    ("rust", "workload-identity", "no-identity"): (1, _NO_KIND),
    ("rust", "nothing", "*"): (1, _NO_KIND),
    ("rust", "*", "multiple-identities"): (1, _NO_KIND),
    ("rust", "*", "old-api"): (1, _ITS_OWN_API),
    ("rust", "*", "signing-key-once"): (4, _NO_RETRY),
    ("rust", "*", "revoked"): (4, _NO_CLAIMS),
    ("rust", "*", "proxy-refuses"): (NO_ANSWER, _LONG_RETRIES),
    ("rust", "*", "throttled"): (NO_ANSWER, _LONG_RETRIES),
    ("rust", "*", "tls-intercepted"): (NO_ANSWER, _LONG_RETRIES),
    ("rust", "*", "unreachable"): (NO_ANSWER, _LONG_RETRIES),
    ("python", "azure-cli", "revoked"): (3, _NO_CLAIMS),
    ("python", "azure-powershell", "revoked"): (3, _NO_CLAIMS),
    ("python", "azure-ml", "no-identity"): (4, "it takes the placeholder in MSI_ENDPOINT for a URL"),
    ("javascript", "azure-ml", "expired-login"): (3, "its chain continues"),
    ("javascript", "workload-identity", "revoked"): (4, _NO_CLAIMS),
    ("javascript", "service-principal", "revoked"): (4, _NO_CLAIMS),
    ("rust", "azure-powershell", "*"): (NOT_THERE, _UNSUPPORTED),
    ("rust", "visual-studio", "*"): (NOT_THERE, _UNSUPPORTED),
    ("rust", "imds", "*"): (NOT_THERE, _NO_IMDS),
    ("rust", "github-actions", "*"): (NOT_THERE, _UNSUPPORTED),
    ("rust", "azure-ml", "*"): (NOT_THERE, _UNSUPPORTED),
    ("rust", "cloud-shell", "*"): (NOT_THERE, _UNSUPPORTED),
    ("rust", "service-fabric", "*"): (NOT_THERE, _UNSUPPORTED),
}

# The rows that `azfob diagnose --log` gives what a peer prints, where `azfob diagnose` gives another: by peer, host and fault,
# with the row (None for no finding) and the reason.
_TENANT = "it refuses to request a token of another tenant; azfob requests one"
_HIDDEN = "the SDK does not print the reason"
_CHAIN = "the whole chain failed, and the reason of one member is not the reason of the chain"
_SUGGESTION = "the SDK takes azd's suggestion to sign in for a claims challenge"
_HOST = "the text does not say on which host the program ran"
_CRASH = "az ends with a traceback"
_NO_SETTINGS = "the SDK does not name the variables that are missing"
_GATEWAY = "the SDK does not say that a proxy answered 502"
LOGS = {
    # The peer does something else than azfob.
    ("python", "github-actions", "*"): ("credential-unavailable", _JOB),
    ("python", "azure-pipelines", "*"): ("credential-unavailable", _JOB),
    ("javascript", "github-actions", "*"): ("credential-unavailable", _JOB),
    ("javascript", "azure-pipelines", "*"): ("credential-unavailable", _JOB),
    ("python", "identity-binding", "*"): ("identity-binding-not-used", _BINDING),
    ("javascript", "identity-binding", "*"): ("identity-binding-not-used", _BINDING),
    ("python", "workload-identity", "not-injected"): ("credential-unavailable", _HOST),
    ("javascript", "workload-identity", "not-injected"): ("credential-unavailable", _HOST),
    ("javascript", "workload-identity", "no-annotation"): ("credential-unavailable", _HOST),
    ("javascript", "github-actions", "unreachable"): ("not-recognized", _GATEWAY),
    ("javascript", "azure-pipelines", "unreachable"): ("not-recognized", _GATEWAY),
    ("javascript", "service-fabric", "unreachable"): ("not-recognized", _GATEWAY),
    ("javascript", "service-fabric", "*"): ("credential-unavailable", KNOWN["javascript", "service-fabric", "*"][1]),
    ("*", "*", "old-api"): ("api-version", _ITS_OWN_API),
    ("*", "*", "signing-key-once"): ("signing-key-unresolved", _NO_RETRY),
    ("python", "service-principal", "wrong-tenant"): ("tenant-not-allowed", _TENANT),
    ("python", "workload-identity", "wrong-tenant"): ("tenant-not-allowed", _TENANT),
    ("python", "azure-cli", "wrong-tenant"): ("tenant-not-allowed", _TENANT),
    ("python", "*", "guest"): ("tenant-not-allowed", _TENANT),
    ("javascript", "service-principal", "wrong-tenant"): ("tenant-not-allowed", _TENANT),
    ("javascript", "service-principal", "guest"): ("tenant-not-allowed", _TENANT),
    ("python", "azure-cli", "revoked"): ("claims-challenge", "it cannot give az the claims of the challenge"),
    ("python", "azure-powershell", "revoked"): ("claims-challenge", "it cannot give PowerShell the claims of the challenge"),
    # The text says less than azfob diagnose finds.
    ("*", "*", "wrong-tenant"): ("wrong-tenant", "the error does not say whose token it was"),
    ("*", "*", "guest"): ("wrong-tenant", "the error does not say whose token it was"),
    ("*", "*", "clock-skew"): ("token-expired", "the error does not say the time of this machine"),
    ("rust", "workload-identity", "clock-skew"): ("AADSTS700024", "the error does not say the time of this machine"),
    ("rust", "azure-pipelines", "clock-skew"): ("AADSTS700024", "the error does not say the time of this machine"),
    ("python", "workload-identity", "clock-skew"): ("AADSTS700024", "the error does not say the time of this machine"),
    ("javascript", "workload-identity", "clock-skew"): ("AADSTS700024", "the error does not say the time of this machine"),
    ("az", "*", "clock-skew"): (None, "Azure Resource Manager refuses the token, and does not say why"),
    ("*", "*", "soft-deleted"): ("secret-not-found", "the vault answers as for a secret that never existed"),
    ("*", "*", "shadowed"): ("forbidden-rbac", "the error does not say that az is signed in too"),
    ("python", "app-service", "no-identity"): ("credential-unavailable", _HOST),
    ("python", "functions", "no-identity"): ("credential-unavailable", _HOST),
    ("python", "container-apps", "no-identity"): ("credential-unavailable", _HOST),
    ("python", "workload-identity", "no-identity"): ("credential-unavailable", _HOST),
    ("javascript", "app-service", "no-identity"): ("credential-unavailable", _HOST),
    ("javascript", "functions", "no-identity"): ("credential-unavailable", _HOST),
    ("javascript", "container-apps", "no-identity"): ("credential-unavailable", _HOST),
    ("javascript", "workload-identity", "no-identity"): ("credential-unavailable", _HOST),
    ("*", "azure-cli", "no-identity"): ("credential-unavailable", "the whole chain failed; its fix is az login too"),
    ("*", "azure-powershell", "no-identity"): ("credential-unavailable", _CHAIN),
    ("*", "azure-powershell", "no-module"): ("credential-unavailable", _CHAIN),
    ("*", "azure-developer-cli", "no-identity"): ("credential-unavailable", _CHAIN),
    ("python", "azure-powershell", "expired-login"): ("developer-tool-not-started", _HIDDEN),
    ("python", "azure-powershell", "mfa"): ("developer-tool-not-started", _HIDDEN),
    ("python", "azure-powershell", "wrong-tenant"): ("developer-tool-not-started", _HIDDEN),
    ("python", "azure-powershell", "slow-tool"): ("developer-tool-not-started", _HIDDEN),
    ("python", "azure-developer-cli", "slow-tool"): ("developer-tool-not-started", _HIDDEN),
    ("javascript", "azure-developer-cli", "expired-login"): ("claims-challenge", _SUGGESTION),
    ("javascript", "azure-developer-cli", "mfa"): ("claims-challenge", _SUGGESTION),
    ("javascript", "azure-developer-cli", "wrong-tenant"): ("claims-challenge", _SUGGESTION),
    ("javascript", "azure-developer-cli", "garbage"): ("credential-unavailable", _HIDDEN),
    ("javascript", "azure-cli", "garbage"): ("credential-unavailable", _HIDDEN),
    ("python", "service-principal", "no-identity"): ("credential-unavailable", _NO_SETTINGS),
    ("javascript", "service-principal", "no-identity"): ("credential-unavailable", _NO_SETTINGS),
    ("python", "azure-cli", "slow-tool"): ("developer-tool-not-started", _HIDDEN),
    ("javascript", "azure-cli", "expired-login"): ("credential-unavailable", _HIDDEN),
    ("javascript", "azure-cli", "mfa"): ("credential-unavailable", _HIDDEN),
    ("javascript", "azure-ml", "no-identity"): ("credential-unavailable", _HIDDEN),
    ("python", "azure-ml", "expired-login"): ("credential-unavailable", _HIDDEN),
    ("python", "imds", "not-imds"): ("credential-unavailable", _HIDDEN),
    ("rust", "*", "multiple-identities"): ("identity-not-assigned", "the SDK replaces the text of the answer by its own"),
    ("javascript", "imds", "not-imds"): ("credential-unavailable", "the page is not on the line of the credential"),
    ("javascript", "*", "unreachable"): ("not-recognized", _GATEWAY),
    ("az", "app-service", "no-identity"): ("developer-tool-failed", _CRASH),
    ("az", "imds", "not-imds"): ("developer-tool-failed", _CRASH),
    ("az", "*", "tls-intercepted"): (None, "az prints neither the host nor a name of Azure"),
}
