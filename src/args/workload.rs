//! The options of `azfob diagnose` and `azfob whoami` for a workload in Azure.

use clap::Args as ClapArgs;
use clap::builder::NonEmptyStringValueParser;

/// The workload, instead of this machine.
#[derive(Debug, Default, ClapArgs)]
pub struct WorkloadArgs {
    /// Workload in Azure to examine from here: name, resource ID or pod/NAMESPACE/NAME
    ///
    /// App Service, Functions, container app or job, container instance, virtual machine or scale set, or the client ID or object ID of an identity. azfob reads it through Azure Resource Manager with your sign-in, and a pod with kubectl. It changes nothing and reads no secret's value
    #[arg(id = "for", long, value_name = "APP", value_parser = NonEmptyStringValueParser::new())]
    pub name: Option<String>,

    /// ID of the subscription to search for the app and the vault; requires --for
    #[arg(long, value_name = "ID", requires = "for")]
    pub subscription: Option<String>,
}
