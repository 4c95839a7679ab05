//! What a card can hold, by trying: instance after instance onto the memory units, at every place that its profile has.
//!
//! It shares the figures of the boards with the product, and none of its code or ideas.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::Advertised;
use super::config::Layout;

/// A card as its board describes it; all else in the file is of no interest here.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Card {
    #[serde(default)]
    product_labels: ProductLabels,
    mig: Option<Mig>,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct ProductLabels {
    #[serde(default)]
    values: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mig {
    compute_slices: u64,
    #[serde(default)]
    engines: BTreeMap<String, u64>,
    profiles: Vec<Profile>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    name: String,
    max_instances: u64,
    compute_slices: u64,
    placements: Vec<Placement>,
    #[serde(default)]
    engines: BTreeMap<String, u64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Placement {
    start: u32,
    size: u32,
}

/// All cards by product label.
pub(crate) fn cards(boards: &Path) -> BTreeMap<String, Card> {
    let mut cards = BTreeMap::new();
    for entry in walkdir::WalkDir::new(boards).sort_by_file_name() {
        let entry = entry.unwrap_or_else(|error| panic!("{}: {error}", boards.display()));
        if entry
            .path()
            .extension()
            .is_none_or(|extension| extension != "yaml")
        {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).expect("a board can be read");
        let card: Card =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", entry.path().display()));
        for product in &card.product_labels.values {
            cards.insert(product.clone(), card.clone());
        }
    }
    cards
}

impl Card {
    /// Whether it can be partitioned.
    pub(super) fn has_mig(&self) -> bool {
        self.mig.is_some()
    }

    /// The resources of these instances on one card, or why the card cannot hold them.
    pub(super) fn hold(&self, layout: &Layout) -> Result<Advertised, String> {
        let mig = self.mig.as_ref().ok_or("the card has no MIG mode")?;
        let mut instances: Vec<&Profile> = Vec::new();
        let mut advertised = Advertised::new();
        for (name, count) in layout {
            let profile = mig
                .profiles
                .iter()
                .find(|profile| profile.name == *name)
                .ok_or_else(|| format!("the card has no profile `{name}`"))?;
            if *count > profile.max_instances {
                let max = profile.max_instances;
                return Err(format!("{count} instances of `{name}`, the card takes {max}"));
            }
            // A `+` is not allowed in the name of a resource; the device plugin writes a dot.
            advertised.insert(format!("nvidia.com/mig-{}", name.replace('+', ".")), *count);
            instances.extend((0..*count).map(|_| profile));
        }
        let slices: u64 = instances.iter().map(|profile| profile.compute_slices).sum();
        let engines = mig.engines.iter().find(|(engine, total)| {
            let used = instances
                .iter()
                .filter_map(|profile| profile.engines.get(*engine));
            used.sum::<u64>() > **total
        });
        if slices > mig.compute_slices {
            return Err(format!(
                "{slices} compute slices, the card has {}",
                mig.compute_slices
            ));
        }
        if let Some((engine, total)) = engines {
            return Err(format!("more than the card's {total} {engine}"));
        }
        // Large ones first, or small ones in the way are found out late.
        instances.sort_by_key(|profile| std::cmp::Reverse(profile.placements.first().map(|at| at.size)));
        if place(&instances, 0) {
            Ok(advertised)
        } else {
            Err(format!("no placement for {layout:?}"))
        }
    }
}

/// Whether all instances find a place beside the units that are taken, one bit each.
fn place(instances: &[&Profile], taken: u64) -> bool {
    let Some((first, rest)) = instances.split_first() else {
        return true;
    };
    first.placements.iter().any(|at| {
        let units = ((1_u64 << at.size) - 1) << at.start;
        taken & units == 0 && place(rest, taken | units)
    })
}
