//! By which fields the lists of a kind are merged. Data: `blueprints/merge-keys.yaml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalog;

/// What is known of the fields of a type.
pub(super) type Fields = BTreeMap<String, Rule>;

/// What is known of one field.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    /// A list that is merged by these fields; as a set of texts where there are none.
    by: Option<Vec<String>>,
    /// The type of the field, or of the elements of the list.
    of: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    kinds: BTreeMap<String, String>,
    types: BTreeMap<String, Fields>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let text = catalog::text("merge-keys.yaml").unwrap_or_default();
    serde_saphyr::from_str(text).unwrap_or_default()
});

impl Rule {
    /// The fields that identify an element; `None` where the list is replaced.
    pub(super) fn keys(&self) -> Option<&[String]> {
        self.by.as_deref()
    }

    /// What is known below the field.
    pub(super) fn fields(&self) -> Option<&'static Fields> {
        TABLE.types.get(self.of.as_deref()?)
    }
}

/// What is known of a kind of Kubernetes; at least its metadata.
pub(super) fn of_kind(api_version: &str, kind: &str) -> Option<&'static Fields> {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let known = TABLE.kinds.get(&format!("{group}/{kind}"));
    TABLE.types.get(known.map_or("Object", String::as_str))
}

/// What is known of the spec.
pub(super) fn of_spec() -> Option<&'static Fields> {
    TABLE.types.get("Tenancy")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_is_named_is_there() {
        assert!(TABLE.kinds.len() > 10, "the table can be read");
        let named = TABLE.kinds.values().chain(
            TABLE
                .types
                .values()
                .flatten()
                .filter_map(|(_, rule)| rule.of.as_ref()),
        );
        for name in named {
            assert!(TABLE.types.contains_key(name), "type `{name}`");
        }
        let pod = of_kind("v1", "Pod").unwrap()["spec"].fields().unwrap();
        assert_eq!(
            pod["containers"].keys(),
            Some(&["name".to_owned()][..]),
            "containers"
        );
        assert!(pod.get("tolerations").is_none(), "tolerations are replaced");
        assert!(
            of_kind("example.com/v1", "Pod").unwrap().get("spec").is_none(),
            "another group"
        );
    }
}
