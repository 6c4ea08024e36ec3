//! Resource IDs (<https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules>).

use std::fmt;

/// The ID of a resource: `/subscriptions/ID/resourceGroups/GROUP/providers/NAMESPACE/TYPE/NAME`, and further types and names.
#[derive(Clone, Debug)]
pub struct ResourceId(String);

impl ResourceId {
    /// Parses an ID. `None` if the text is not one, or has characters that no name has.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('/');
        let parts: Vec<&str> = text.split('/').collect();
        let fits = |c: char| c.is_alphanumeric() || "-_.()".contains(c);
        let is_id = parts.len() >= 9
            && parts.len() % 2 == 1
            && parts[0].is_empty()
            && parts[1].eq_ignore_ascii_case("subscriptions")
            && parts[3].eq_ignore_ascii_case("resourceGroups")
            && parts[5].eq_ignore_ascii_case("providers")
            && parts[1..].iter().all(|part| !part.is_empty() && part.chars().all(fits) && !part.starts_with('.'));
        is_id.then(|| ResourceId(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn subscription(&self) -> &str {
        self.part(2)
    }

    pub fn resource_group(&self) -> &str {
        self.part(4)
    }

    /// Returns the name of the resource: the last part.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the type in lower case: `microsoft.web/sites`, `microsoft.web/sites/slots`.
    pub fn kind(&self) -> String {
        let types = self.0.split('/').skip(7).step_by(2);
        types.fold(self.part(6).to_ascii_lowercase(), |kind, part| kind + "/" + &part.to_ascii_lowercase())
    }

    fn part(&self, index: usize) -> &str {
        self.0.split('/').nth(index).unwrap_or_default()
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_an_id_are_read() {
        let slot = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/my-app/slots/blue/";
        let id = ResourceId::parse(slot).unwrap();
        assert_eq!((id.subscription(), id.resource_group(), id.name()), ("s", "g", "blue"));
        assert_eq!(id.kind(), "microsoft.web/sites/slots");
        for text in [
            "my-app",
            "/subscriptions/s/resourceGroups/g",
            "/a/s/resourceGroups/g/providers/n/t/x",
            "/subscriptions/s/resourceGroups/g/providers/n/t/..",
            "/subscriptions/s/resourceGroups/g/providers/n/t/a'b",
        ] {
            assert!(ResourceId::parse(text).is_none(), "{text}");
        }
    }
}
