//! Other Azure services: the hosts and words by which an answer shows that one of them, and not Key Vault, refused.

/// An Azure service that takes tokens of Entra ID.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::diagnosis) struct OtherService {
    /// Its name in Microsoft's documentation.
    pub(in crate::diagnosis) name: &'static str,
    /// The domains of its hosts.
    domains: &'static [&'static str],
    /// Words of its own error messages, in lower case.
    words: &'static [&'static str],
    /// The roles that grant access to its data.
    pub(in crate::diagnosis) roles: &'static str,
    /// True if it answers 401 to the first request of a client.
    pub(super) challenges: bool,
}

const OTHER_SERVICES: [OtherService; 12] = [
    OtherService {
        name: "Azure Storage",
        domains: &[
            "blob.core.windows.net",
            "dfs.core.windows.net",
            "queue.core.windows.net",
            "table.core.windows.net",
            "file.core.windows.net",
            "blob.core.usgovcloudapi.net",
            "blob.core.chinacloudapi.cn",
        ],
        words: &["authorizationpermissionmismatch", "is not authorized to perform this operation"],
        roles: "Storage Blob Data Reader or Contributor (queues, tables and files have their own data roles)",
        challenges: false,
    },
    OtherService {
        name: "Azure Service Bus or Event Hubs",
        domains: &["servicebus.windows.net", "servicebus.usgovcloudapi.net", "servicebus.chinacloudapi.cn"],
        words: &["' claim(s) are required to perform this operation"],
        roles: "Azure Service Bus Data Receiver or Sender, or Azure Event Hubs Data Receiver or Sender",
        challenges: false,
    },
    OtherService {
        name: "Azure App Configuration",
        domains: &["azconfig.io", "azconfig.azure.us", "azconfig.azure.cn"],
        words: &["azure.data.appconfiguration", "azure app configuration", "appconfigurationpropertysource"],
        roles: "App Configuration Data Reader or Owner",
        challenges: false,
    },
    OtherService {
        name: "Azure Cosmos DB",
        domains: &["documents.azure.com", "documents.azure.us", "documents.azure.cn"],
        words: &["microsoft.documentdb/", "by aad token in data plane"],
        roles: "Cosmos DB Built-in Data Reader or Contributor, with az cosmosdb sql role assignment create",
        challenges: false,
    },
    OtherService {
        name: "Azure Container Registry",
        domains: &["azurecr.io", "azurecr.us", "azurecr.cn"],
        words: &[],
        roles: "AcrPull or AcrPush",
        challenges: true,
    },
    OtherService {
        name: "Azure AI services (OpenAI, Foundry, ...)",
        domains: &[
            "openai.azure.com",
            "cognitiveservices.azure.com",
            "services.ai.azure.com",
            "cognitive.microsoft.com",
        ],
        words: &["microsoft.cognitiveservices/", "principal does not have access to api/operation"],
        roles: "Cognitive Services OpenAI User, Cognitive Services User or Azure AI User",
        challenges: false,
    },
    OtherService {
        name: "Azure AI Search",
        domains: &["search.windows.net"],
        words: &["microsoft.search/"],
        roles: "Search Index Data Reader or Contributor, or Search Service Contributor",
        challenges: false,
    },
    OtherService {
        name: "Azure Machine Learning",
        domains: &["api.azureml.ms"],
        words: &["microsoft.machinelearningservices/"],
        roles: "AzureML Data Scientist",
        challenges: false,
    },
    OtherService {
        name: "Azure Monitor",
        domains: &["ingest.monitor.azure.com", "api.loganalytics.io", "livediagnostics.monitor.azure.com"],
        words: &["microsoft.insights/"],
        roles: "Monitoring Metrics Publisher to send, Log Analytics Reader to query",
        challenges: false,
    },
    OtherService {
        name: "Azure Event Grid",
        domains: &["eventgrid.azure.net"],
        words: &["microsoft.eventgrid/"],
        roles: "EventGrid Data Sender or Receiver",
        challenges: false,
    },
    OtherService {
        name: "Azure SignalR Service or Web PubSub",
        domains: &["service.signalr.net", "webpubsub.azure.com"],
        words: &["microsoft.signalrservice/"],
        roles: "SignalR App Server or Web PubSub Service Owner",
        challenges: false,
    },
    OtherService {
        name: "Azure Data Explorer",
        domains: &["kusto.windows.net"],
        words: &["kusto.data.exceptions"],
        roles: "Viewer or User of the database in Azure Data Explorer",
        challenges: false,
    },
];

impl OtherService {
    /// Returns the service behind a host.
    pub(super) fn of_host(host: &str) -> Option<&'static Self> {
        let is_in =
            |domain: &&str| host.strip_suffix(*domain).is_some_and(|name| name.is_empty() || name.ends_with('.'));
        OTHER_SERVICES.iter().find(|service| service.domains.iter().any(is_in))
    }

    /// Returns the service that a text names by its own words, or by a host in it.
    pub(in crate::diagnosis) fn of_text(text: &str) -> Option<&'static Self> {
        let lower = text.to_ascii_lowercase();
        let in_words = |service: &&OtherService| service.words.iter().any(|word| lower.contains(word));
        let hosts = lower.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'));
        let of_hosts =
            hosts.filter(|word| word.contains('.')).find_map(|word| Self::of_host(word.trim_end_matches('.')));
        OTHER_SERVICES.iter().find(in_words).or(of_hosts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_known_by_host_or_words() {
        for (text, name) in [
            ("GET https://contoso.blob.core.windows.net/velero", "Azure Storage"),
            ("Resource: 'sb://contoso.servicebus.windows.net/orders'.", "Azure Service Bus or Event Hubs"),
            ("action [Microsoft.DocumentDB/databaseAccounts/readMetadata]", "Azure Cosmos DB"),
            ("contoso.azurecr.io/shop:1", "Azure Container Registry"),
        ] {
            assert_eq!(OtherService::of_text(text).map(|service| service.name), Some(name), "{text}");
        }
        assert_eq!(OtherService::of_text("https://my-vault.vault.azure.net and notazurecr.io"), None);
    }
}
