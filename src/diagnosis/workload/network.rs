//! Decides whether the vault's network rules let a workload connect
//! (<https://learn.microsoft.com/azure/key-vault/general/network-security>).

use std::net::IpAddr;

use crate::azure_resource_manager::error::ManagementError;
use crate::azure_resource_manager::vault::{PerimeterRules, VaultSettings};
use crate::azure_resource_manager::workload::Network;
use crate::error::exit_code;

use super::super::context::Context;
use super::super::table::{Row, other_programs, vault};
use super::step::{Step, StepRefusal};

/// Applies the vault's rules to the workload's addresses and subnet. `subscription` is that of the workload.
pub(super) fn step(
    from: &Result<Network, ManagementError>,
    subscription: Option<&str>,
    settings: &VaultSettings,
    perimeter: &Result<Option<PerimeterRules>, ManagementError>,
    context: &Context,
) -> Step {
    let perimeter = match perimeter {
        Ok(perimeter) => perimeter.as_ref(),
        Err(error) => return Step::NotKnown(format!("the network security perimeter: {error}")),
    };
    let rules = &settings.properties;
    if perimeter.is_none() && !rules.restricts_network() {
        return Step::Allowed("the vault firewall allows all networks".to_owned());
    }
    let from = match from {
        Ok(from) => from,
        Err(error) => return Step::NotKnown(format!("the workload's network: {error}")),
    };
    if from.subnet.is_some() && rules.has_private_endpoint() {
        let reason = "it is not known whether the workload's virtual network reaches the private endpoint";
        return Step::NotKnown(reason.to_owned());
    }
    let refused = |row: &'static Row, message: &str, details: Vec<String>, context: Context| {
        let message = message.to_owned();
        Step::Refused(Box::new(StepRefusal { row, message, details, context, exit_code: exit_code::FORBIDDEN }))
    };
    if let Some(perimeter) = perimeter {
        // A rule for a subscription allows its managed identities.
        return match subscription.is_some_and(|id| perimeter.allows_subscription(id)) {
            true => Step::Allowed("the network security perimeter allows the workload's subscription".to_owned()),
            false => addresses(
                from,
                "network security perimeter",
                other_programs::FORBIDDEN_PERIMETER,
                |address| perimeter.allows_address(address),
                context,
            ),
        };
    }
    if rules.is_private() {
        let message = match from.subnet {
            None => "the workload has no virtual network, and the vault has no public access",
            Some(_) => "the vault has neither public access nor an approved private endpoint",
        };
        return refused(vault::FORBIDDEN_PRIVATE_LINK, message, Vec::new(), context.clone());
    }
    let firewall = rules.network_acls.clone().unwrap_or_default();
    if from.subnet.as_ref().is_some_and(|subnet| firewall.allows_subnet(subnet)) {
        return Step::Allowed("the vault firewall allows the workload's subnet".to_owned());
    }
    if from.has_service_endpoint {
        let message = "the vault firewall does not allow the workload's subnet";
        let detail =
            "its service endpoint Microsoft.KeyVault hides the public address, so only a rule for the subnet applies";
        return refused(vault::FORBIDDEN_FIREWALL, message, vec![detail.to_owned()], context.clone());
    }
    addresses(from, "vault firewall", vault::FORBIDDEN_FIREWALL, |address| firewall.allows_address(address), context)
}

/// Decides by the outbound addresses.
fn addresses(
    from: &Network,
    what: &str,
    row: &'static Row,
    allows: impl Fn(IpAddr) -> bool,
    context: &Context,
) -> Step {
    if from.all_through_subnet {
        let reason = "the workload connects through its virtual network, with an unknown address";
        return Step::NotKnown(reason.to_owned());
    }
    if from.addresses.is_empty() {
        return Step::NotKnown("the workload's outbound addresses are not known".to_owned());
    }
    let refused: Vec<String> =
        from.addresses.iter().filter(|address| !allows(**address)).map(ToString::to_string).collect();
    if refused.is_empty() {
        return Step::Allowed(format!("the {what} allows all outbound addresses of the workload"));
    }
    let (count, total) = (refused.len(), from.addresses.len());
    Step::Refused(Box::new(StepRefusal {
        row,
        message: format!("the {what} does not allow the workload's outbound addresses"),
        details: vec![format!("not allowed: {} ({count} of {total})", refused.join(", "))],
        context: Context { client_address: Some(refused.join(" ")), ..context.clone() },
        exit_code: exit_code::FORBIDDEN,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(vault: &str, network: &Network) -> &'static str {
        let settings = serde_json::from_str(&format!(r#"{{"properties":{{{vault}}}}}"#)).unwrap();
        match step(&Ok(network.clone()), None, &settings, &Ok(None), &Context::default()) {
            Step::Allowed(_) => "allowed",
            Step::Refused(refusal) => refusal.row.code,
            _ => "not known",
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
