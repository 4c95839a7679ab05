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
    /// How sure the placements of its profiles are, the least sure of them; `None` for a board without placements.
    pub fn placement_confidence(&self) -> Option<Confidence> {
        let figures = self.evidence.iter();
        let told = figures.filter(|evidence| evidence.figures.iter().any(|figure| figure == PLACEMENTS));
        told.map(|evidence| evidence.confidence).max()
    }

    /// The sentence to print beside a layout of the board; `None` where its placements were seen or are published.
    pub fn caveat(&self) -> Option<String> {
        (self.placement_confidence()? == Confidence::C).then(|| {
            format!(
                "the placements of board `{}` are derived from boards like it, not seen on one: compare them with \
                 `nvidia-smi mig -lgipp` on a node before you rely on its layout",
                self.id
            )
        })
    }
}
