//! The fixed names and IDs of the emulated Azure, so that tests can check for them.
//!
//! None of them is secret, and none exists in the real Azure: the GUIDs follow the patterns of Microsoft's
//! documentation.

/// Default name of the vault.
pub const VAULT_NAME: &str = "my-vault";
/// Tenant of all resources and identities.
pub const TENANT_ID: &str = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
/// Display name of that tenant, as in the message of AADSTS500011.
pub const TENANT_NAME: &str = "Contoso";
/// Tenant of the vault under the faults `wrong-tenant` and `guest`.
pub const OTHER_TENANT_ID: &str = "bbbbcccc-1111-dddd-2222-eeee3333ffff";
/// Subscription of all resources.
pub const SUBSCRIPTION_ID: &str = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e";
/// Display name of that subscription.
pub const SUBSCRIPTION_NAME: &str = "Contoso Sandbox";
/// Resource group of all resources.
pub const RESOURCE_GROUP: &str = "my-group";
/// Role assignment that grants access to the vault.
pub const ROLE_ASSIGNMENT_ID: &str = "55556666-ffff-7777-aaaa-8888bbbb9999";
/// Deny assignment of the fault `deny-assignment`.
pub const DENY_ASSIGNMENT_ID: &str = "66667777-aaaa-8888-bbbb-9999cccc0000";
/// Secret that the role is assigned on under the fault `other-secret`.
pub const OTHER_SECRET: &str = "TlsCertificate";
/// Group that has the role under the fault `group-role`.
pub const GROUP_OBJECT_ID: &str = "ffffffff-5555-6666-7777-aaaaaaaaaaaa";
/// Application that the access policy names under the fault `policy-application`.
pub const OTHER_APPLICATION_ID: &str = "44445555-eeee-6666-ffff-7777aaaa8889";
/// Region of all resources.
pub const REGION: &str = "westeurope";
/// Name of the App Service, Functions or Container Apps app.
pub const APP_NAME: &str = "my-app";
/// Name of the virtual machine.
pub const VM_NAME: &str = "my-vm";
/// Client address that the vault reports, as behind a NAT. It is an example address of RFC 5737, so that no report
/// looks like one about a real network.
pub const CLIENT_ADDRESS: &str = "203.0.113.25";

/// Object ID of the host's system-assigned identity.
pub const SYSTEM_OBJECT_ID: &str = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb";
/// Client ID of the host's system-assigned identity.
pub const SYSTEM_CLIENT_ID: &str = "00001111-aaaa-2222-bbbb-3333cccc4444";
/// Name of the user-assigned identity.
pub const USER_ASSIGNED_NAME: &str = "my-identity";
/// Object ID of the user-assigned identity.
pub const USER_ASSIGNED_OBJECT_ID: &str = "bbbbbbbb-1111-2222-3333-cccccccccccc";
/// Client ID of the user-assigned identity.
pub const USER_ASSIGNED_CLIENT_ID: &str = "11112222-bbbb-3333-cccc-4444dddd5555";
/// Resource ID of the user-assigned identity.
pub const USER_ASSIGNED_RESOURCE_ID: &str = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourcegroups/my-group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/my-identity";
/// Name of the second user-assigned identity, which exists under the fault `multiple-identities`.
pub const SECOND_USER_ASSIGNED_NAME: &str = "my-other-identity";
/// Object ID of the second user-assigned identity.
pub const SECOND_USER_ASSIGNED_OBJECT_ID: &str = "cccccccc-2222-3333-4444-dddddddddddd";
/// Client ID of the second user-assigned identity.
pub const SECOND_USER_ASSIGNED_CLIENT_ID: &str = "22223333-cccc-4444-dddd-5555eeee6666";

/// Client ID of the service principal.
pub const SERVICE_PRINCIPAL_CLIENT_ID: &str = "33334444-dddd-5555-eeee-6666ffff7777";
/// Object ID of the service principal.
pub const SERVICE_PRINCIPAL_OBJECT_ID: &str = "dddddddd-3333-4444-5555-eeeeeeeeeeee";

/// Object ID of the user signed in to `az`.
pub const USER_OBJECT_ID: &str = "eeeeeeee-4444-5555-6666-ffffffffffff";
/// Sign-in name of that user.
pub const USER_PRINCIPAL_NAME: &str = "alex@contoso.example";
/// Domain of the tenant.
pub const TENANT_DOMAIN: &str = "contoso.example";
/// Display name of that user.
pub const USER_NAME: &str = "Alex Example";
/// Client ID of the Azure CLI, which is the `appid` in its users' tokens
/// (<https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in>).
pub const AZURE_CLI_CLIENT_ID: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// Application ID of Key Vault, an alternative to the audience `https://vault.azure.net`.
pub const KEY_VAULT_APPLICATION_ID: &str = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093";

/// Password of that user, for the sign-in without multi-factor authentication.
pub const USER_PASSWORD: &str = "sandbox-password-of-alex";

/// Name of the Service Fabric cluster.
pub const CLUSTER_NAME: &str = "my-cluster";
/// Name of the Azure Machine Learning workspace.
pub const WORKSPACE_NAME: &str = "my-workspace";

/// Host of the token service of GitHub Actions, as on real runners.
pub const GITHUB_RUNNER_HOST: &str = "run-actions-1-azure-eastus.actions.githubusercontent.com";
/// Host of Azure DevOps.
pub const AZURE_DEVOPS_HOST: &str = "dev.azure.com";
/// Issuer of the federated token of a GitHub Actions job.
pub const GITHUB_ISSUER: &str = "https://token.actions.githubusercontent.com";
/// Subject of that token.
pub const GITHUB_SUBJECT: &str = "repo:contoso/my-repository:ref:refs/heads/main";
/// Subject of that token with the IDs of owner and repository, as GitHub writes it for repositories created, renamed or
/// transferred after 15 July 2026 (<https://docs.github.com/actions/reference/security/oidc>).
pub const GITHUB_IMMUTABLE_SUBJECT: &str = "repo:contoso@9876543/my-repository@123456789:ref:refs/heads/main";
/// Issuer of the federated token of an Azure Pipelines job.
pub const AZURE_PIPELINES_ISSUER: &str = "https://vstoken.dev.azure.com/cccccccc-dddd-eeee-ffff-000011112222";
/// Subject of that token.
pub const AZURE_PIPELINES_SUBJECT: &str = "sc://contoso/my-project/my-connection";
/// Issuer and subject of the token of a service connection that uses Entra ID's issuer
/// (<https://learn.microsoft.com/azure/devops/pipelines/release/troubleshoot-workload-identity>).
pub const AZURE_PIPELINES_ENTRA_ISSUER: &str =
    "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0";
/// Holds the tenant and an application of Azure DevOps as base64url, then the organization and the service connection.
pub const AZURE_PIPELINES_ENTRA_SUBJECT: &str = "/eid1/c/pub/t/u7uqqgAAzMwREd3dIiLu7g/a/rISbSSETf0KqFyZ8ppdXmA/sc/cccccccc-dddd-eeee-ffff-000011112222/44445555-eeee-6666-ffff-7777aaaa8888";
/// Service connection of that job.
pub const SERVICE_CONNECTION_ID: &str = "44445555-eeee-6666-ffff-7777aaaa8888";

/// Issuer of the federated token of a GitLab job.
pub const GITLAB_ISSUER: &str = "https://gitlab.com";
/// Subject of that token.
pub const GITLAB_SUBJECT: &str = "project_path:contoso/my-project:ref_type:branch:ref:main";
/// Organization of a CircleCI job.
pub const CIRCLECI_ORGANIZATION: &str = "66667777-aaaa-8888-bbbb-9999cccc0000";
/// Issuer of the federated token of a CircleCI job.
pub const CIRCLECI_ISSUER: &str = "https://oidc.circleci.com/org/66667777-aaaa-8888-bbbb-9999cccc0000";
/// Subject of that token.
pub const CIRCLECI_SUBJECT: &str = "org/66667777-aaaa-8888-bbbb-9999cccc0000/project/77778888-bbbb-9999-cccc-0000dddd1111/user/88889999-cccc-0000-dddd-1111eeee2222";
/// Issuer of the federated token of a Buildkite job.
pub const BUILDKITE_ISSUER: &str = "https://agent.buildkite.com";
/// Subject of that token: the UUID of the pipeline.
pub const BUILDKITE_SUBJECT: &str = "99990000-dddd-1111-eeee-2222ffff3333";

/// Issuer of the projected service account token.
pub const FEDERATED_ISSUER: &str =
    "https://westeurope.oic.prod-aks.azure.example/aaaabbbb-0000-cccc-1111-dddd2222eeee/";
/// Subject of the projected service account token.
pub const FEDERATED_SUBJECT: &str = "system:serviceaccount:my-namespace:my-service-account";
/// The identity binding of the cluster.
pub const IDENTITY_BINDING: &str = "mybinding";
/// Audience of the projected service account token of a pod with an AKS identity binding
/// (<https://learn.microsoft.com/azure/aks/workload-identity-overview>).
pub const BINDING_AUDIENCE: &str = "api://AKSIdentityBinding";
/// Name of the cluster's token proxy in TLS. AKS makes it of a digest in base32, 53 characters with the first letter.
pub const TOKEN_PROXY_NAME: &str = "a1h6kq2v9dm3pc0s8t4rje7b5ofgnuil1h6kq2v9dm3pc0s8t4rje.ests.aks";
/// Namespace in that subject.
pub const NAMESPACE: &str = "my-namespace";
/// Service account in that subject.
pub const SERVICE_ACCOUNT: &str = "my-service-account";
/// Name of the pod.
pub const POD_NAME: &str = "my-pod";
/// Subject of the federated credential under the fault `subject-case`.
pub const FEDERATED_SUBJECT_IN_ANOTHER_CASE: &str = "system:serviceaccount:my-namespace:My-service-account";
/// Subject of the federated credential under the fault `other-namespace`.
pub const FEDERATED_SUBJECT_OF_ANOTHER_NAMESPACE: &str = "system:serviceaccount:default:my-service-account";
/// Name of the federated credential.
pub const FEDERATED_CREDENTIAL: &str = "my-credential";
/// Audience of the pod's token under the fault `other-audience`.
pub const OTHER_AUDIENCE: &str = "https://kubernetes.default.svc";
/// Host of the cluster's API server.
pub const API_SERVER: &str = "my-cluster.hcp.westeurope.azmk8s.example";
/// Audience of federated tokens in the public cloud.
pub const FEDERATED_AUDIENCE: &str = "api://AzureADTokenExchange";
