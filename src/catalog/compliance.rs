//! The control catalogues of the world outside. Data: `blueprints/compliance/<id>.yaml`.

use serde::Deserialize;

use super::BLUEPRINTS;

/// A control catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Unique, and the stem of its file.
    pub id: String,
    /// The name that a person knows it by.
    pub title: String,
    /// Where its text is published.
    pub source: String,
}

/// The ids of all catalogues, in order.
pub fn ids() -> Vec<&'static str> {
    let files = BLUEPRINTS
        .get_dir("compliance")
        .into_iter()
        .flat_map(include_dir::Dir::files);
    let mut ids: Vec<&str> = files
        .filter_map(|file| file.path().file_stem()?.to_str())
        .collect();
    ids.sort_unstable();
    ids
}

/// The catalogue of an id; `None` when there is none or its file is not one.
pub fn catalogue(id: &str) -> Option<Catalogue> {
    let known = ids().into_iter().find(|known| *known == id)?;
    serde_saphyr::from_str(super::text(&format!("compliance/{known}.yaml"))?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_the_catalogue_that_its_name_says() {
        assert!(ids().len() >= 6, "only {:?}", ids());
        for id in ids() {
            let catalogue = catalogue(id).unwrap_or_else(|| panic!("{id} can be read"));
            assert_eq!(catalogue.id, id, "id and name of the file");
            assert!(catalogue.source.starts_with("https://"), "{id} has a source");
        }
        assert_eq!(catalogue("../boards/t4"), None, "only ids");
    }
}
