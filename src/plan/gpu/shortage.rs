//! A demand that needs more GPUs than there are, in a sentence that a person can check on paper.

use std::fmt;

use super::{Bound, Layout};

/// A demand that needs more GPUs than there are; `Display` says why in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DoesNotFit {
    /// Id of the board.
    pub board: String,
    /// Instances per profile, without zeros.
    pub demand: Layout,
    /// The fewest GPUs that hold the demand, beside the pinned ones.
    pub needed: u64,
    /// GPUs that there are, beside the pinned ones.
    pub available: u32,
    /// GPUs with a fixed layout; what they hold of the demand is not in `demand`.
    pub pinned: u32,
    /// The simplest proof that the GPUs do not suffice; one that proves `needed` may be less simple.
    pub bound: Bound,
}

impl DoesNotFit {
    /// The same beside so many pinned GPUs.
    #[must_use]
    pub fn beside(mut self, pinned: u32) -> Self {
        self.pinned = pinned;
        self
    }
}

impl fmt::Display for DoesNotFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bound {
            weights,
            most_per_gpu,
            demand,
            ..
        } = &self.bound;
        let names: Vec<&str> = weights.keys().map(String::as_str).collect();
        match names.as_slice() {
            [name] => write!(f, "a GPU holds at most {} {name}; ", in_words(*most_per_gpu))?,
            _ if weights.values().all(|weight| *weight == 1) => {
                let most = in_words(*most_per_gpu);
                write!(f, "a GPU holds at most {most} of {{{}}}; ", names.join(", "))?;
            }
            _ => {
                let mut counted: Vec<(&String, &u32)> = weights.iter().collect();
                counted.sort_by_key(|(name, weight)| (std::cmp::Reverse(**weight), *name));
                let counted = counted.iter().map(|(name, weight)| format!("{name} as {weight}"));
                let counted = list(counted.collect());
                write!(f, "counting {counted}, a GPU holds at most {most_per_gpu}; ")?;
            }
        }
        match self.pinned {
            0 => {}
            n => write!(f, "beside {n} pinned GPU{} ", plural(n.into()))?,
        }
        let hold = u64::from(self.available).saturating_mul(*most_per_gpu);
        let verb = if self.available == 1 { "holds" } else { "hold" };
        write!(
            f,
            "you need {demand} on {} GPU{}, which {verb} {hold}",
            self.available,
            plural(self.available.into())
        )
    }
}

/// A number up to ten in words.
pub(in crate::plan) fn in_words(number: u64) -> String {
    const WORDS: [&str; 11] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    let word = usize::try_from(number).ok().and_then(|number| WORDS.get(number));
    word.map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

fn list(items: Vec<String>) -> String {
    match items.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn plural(n: u64) -> &'static str {
    if n == 1 { "" } else { "s" }
}
