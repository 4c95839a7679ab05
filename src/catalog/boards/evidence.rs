//! How sure the figures of a board are, and what a person should hear of it.

use serde::Deserialize;

use super::Board;

/// The figure that decides what fits on a GPU.
const PLACEMENTS: &str = "profiles.placements";

/// How sure some figures of a board are.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The figures, by their key in the file.
    pub figures: Vec<String>,
    /// The profiles it speaks of; empty for all.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// The tier.
    pub confidence: Confidence,
    /// Short names of the sources.
    pub sources: Vec<String>,
}

/// How sure a figure is, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Confidence {
    /// Seen in raw driver output of this board.
    A,
    /// Published by the vendor, or an independent table that agrees with it.
    B,
    /// Derived from the family of boards, unverified.
    C,
}

impl Board {
    /// How sure the table of placements is; `None` for a board without placements. Single profiles may be less sure.
    pub fn placement_confidence(&self) -> Option<Confidence> {
        self.confidence(PLACEMENTS, None)
    }

    /// How sure the placements of one profile are; `None` for a profile without evidence.
    pub fn profile_confidence(&self, profile: &str) -> Option<Confidence> {
        self.confidence(PLACEMENTS, Some(profile))
    }

    /// The sentence to print beside a layout of the board; `None` where its placements were seen or are published.
    pub fn caveat(&self) -> Option<String> {
        let profiles = self.profiles().iter();
        let least = profiles
            .filter_map(|profile| self.profile_confidence(&profile.name))
            .max();
        (least? == Confidence::C).then(|| {
            format!(
                "the placements of board `{}` are derived from boards like it, not seen on one: compare them with \
                 `nvidia-smi mig -lgipp` on a node before you rely on its layout",
                self.id
            )
        })
    }

    /// The least sure evidence of a figure: of one profile when an entry names it, else of all.
    pub(super) fn confidence(&self, figure: &str, profile: Option<&str>) -> Option<Confidence> {
        let told = || {
            self.evidence
                .iter()
                .filter(|entry| entry.figures.iter().any(|key| key == figure))
        };
        let names = |entry: &&Evidence| entry.profiles.iter().any(|name| Some(name.as_str()) == profile);
        let own = told().filter(names).map(|entry| entry.confidence).max();
        let all = told()
            .filter(|entry| entry.profiles.is_empty())
            .map(|entry| entry.confidence);
        own.or_else(|| all.max())
    }
}
