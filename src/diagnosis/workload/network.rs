//! Decides whether the vault's network rules let a workload connect
//! (<https://learn.microsoft.com/azure/key-vault/general/network-security>).

use crate::azure_resource_manager::error::ManagementError;
use crate::azure_resource_manager::vault::VaultSettings;
use crate::azure_resource_manager::workload::Network;
use crate::error::exit_code;

use super::super::context::Context;
use super::super::table::{Row, vault};
use super::step::{Refusal, Step};

/// Applies the vault's rules to the workload's addresses and subnet.
pub(super) fn step(
    from: &Result<Network, ManagementError>,
    settings: &VaultSettings,
    has_enforced_perimeter: &Result<bool, ManagementError>,
    context: &Context,
) -> Step {
    match has_enforced_perimeter {
        Ok(true) => return Step::NotKnown("an enforced network security perimeter decides".to_owned()),
        Err(error) => return Step::NotKnown(format!("the network security perimeter: {error}")),
        Ok(false) => {}
    }
    let refused = |row: &'static Row, message: &str, details: Vec<String>, context: Context| {
        let message = message.to_owned();
        Step::Refused(Box::new(Refusal { row, message, details, context, exit_code: exit_code::FORBIDDEN }))
    };
    let rules = &settings.properties;
    if !rules.restricts_network() {
        return Step::Allowed("the vault firewall allows all networks".to_owned());
    }
    let from = match from {
        Ok(from) => from,
        Err(error) => return Step::NotKnown(format!("the workload's network: {error}")),
    };
    let may_be_private = from.subnet.is_some() && rules.has_private_endpoint();
    let private = || {
        Step::NotKnown("it is not known whether the workload's virtual network reaches the private endpoint".to_owned())
    };
    if rules.is_private() {
        let message = match from.subnet {
            None => "the workload has no virtual network, and the vault has no public access",
            Some(_) => "the vault has neither public access nor an approved private endpoint",
        };
        let refuse = || refused(vault::FORBIDDEN_PRIVATE_LINK, message, Vec::new(), context.clone());
        return if may_be_private { private() } else { refuse() };
    }
    let firewall = rules.network_acls.as_ref().cloned().unwrap_or_default();
    if from.subnet.as_ref().is_some_and(|subnet| firewall.allows_subnet(subnet)) {
        return Step::Allowed("the vault firewall allows the workload's subnet".to_owned());
    }
    let refused_addresses: Vec<String> =
        from.addresses.iter().filter(|address| !firewall.allows_address(**address)).map(ToString::to_string).collect();
    match () {
        () if may_be_private => private(),
        () if from.has_service_endpoint => {
            let message = "the vault firewall does not allow the workload's subnet";
            let detail =
                "the subnet has the service endpoint Microsoft.KeyVault, so rules for public addresses do not apply";
            refused(vault::FORBIDDEN_FIREWALL, message, vec![detail.to_owned()], context.clone())
        }
        () if from.all_through_subnet => {
            Step::NotKnown("the workload connects through its virtual network, with an unknown address".to_owned())
        }
        () if from.addresses.is_empty() => Step::NotKnown("the workload's outbound addresses are not known".to_owned()),
        () if refused_addresses.is_empty() => {
            Step::Allowed("the vault firewall allows all outbound addresses of the workload".to_owned())
        }
        () => {
            let total = from.addresses.len();
            let message = "the vault firewall does not allow the workload's outbound addresses";
            let detail =
                format!("not allowed: {} ({} of {total})", refused_addresses.join(", "), refused_addresses.len());
            let context = Context { client_address: Some(refused_addresses.join(" ")), ..context.clone() };
            refused(vault::FORBIDDEN_FIREWALL, message, vec![detail], context)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(vault: &str, network: &Network) -> &'static str {
        let settings = serde_json::from_str(&format!(r#"{{"properties":{{{vault}}}}}"#)).unwrap();
        match step(&Ok(network.clone()), &settings, &Ok(false), &Context::default()) {
            Step::Allowed(_) => "allowed",
            Step::Refused(refusal) => refusal.row.code,
            Step::NotKnown(_) => "not known",
        }
    }

    #[test]
    fn rules_apply_to_addresses_and_subnet() {
        let at = |addresses: &[&str], subnet: Option<&str>, all_through_subnet| Network {
            addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
            subnet: subnet.map(str::to_owned),
            all_through_subnet,
            ..Network::default()
        };
        let public = at(&["203.0.113.4", "203.0.113.5"], None, false);
        let half = at(&["203.0.113.4", "198.51.100.1"], None, false);
        let routed = at(&["203.0.113.4"], Some("/S"), true);
        let endpoint_of_subnet = Network { has_service_endpoint: true, ..public.clone() };
        let closed = r#""networkAcls":{"defaultAction":"Deny","ipRules":[{"value":"203.0.113.0/24"}],"virtualNetworkRules":[{"id":"/s"}]}"#;
        let empty = r#""networkAcls":{"defaultAction":"Deny"}"#;
        let endpoint = r#""privateEndpointConnections":[{"properties":{"privateLinkServiceConnectionState":{"status":"Approved"}}}]"#;
        let private = r#""publicNetworkAccess":"Disabled""#;
        for (vault, network, expected) in [
            ("", &public, "allowed"),
            (r#""networkAcls":{"defaultAction":"Allow"}"#, &public, "allowed"),
            (closed, &public, "allowed"),
            (closed, &half, "forbidden-firewall"),
            (closed, &routed, "allowed"),
            (empty, &public, "forbidden-firewall"),
            (empty, &routed, "not known"),
            (empty, &Network::default(), "not known"),
            (closed, &endpoint_of_subnet, "forbidden-firewall"),
            (private, &public, "forbidden-private-link"),
            (private, &routed, "forbidden-private-link"),
            (&format!("{private},{endpoint}"), &routed, "not known"),
            (&format!("{private},{endpoint}"), &public, "forbidden-private-link"),
        ] {
            assert_eq!(outcome(vault, network), expected, "{vault} {network:?}");
        }
    }
}
