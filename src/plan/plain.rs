//! Whole GPUs and shared slots: a count against a count, in the same words as MIG instances.

use std::collections::BTreeMap;

use super::fixes;
use super::gpu::in_words;
use super::infeasible::{Fix, FixKind, Infeasible};
use super::pool::Demand;
use crate::model::Share;
use crate::spec::Sharing;

impl Demand<'_> {
    /// That whole GPUs and shared slots suffice: a count against a count.
    pub(super) fn require_plain(&self) -> Result<(), Box<Infeasible>> {
        let pool = self.pool;
        let free = pool.gpus().saturating_sub(pool.reserve);
        let (share, what, gpus, per_gpu) = match pool.sharing {
            _ if pool.partitioned => (Share::Whole, "whole GPUs", pool.whole_gpus, 1),
            Sharing::TimeSlicing | Sharing::Mps => (Share::Slot, "shared slots", free, pool.replicas.max(1)),
            Sharing::Mig | Sharing::Whole | Sharing::Dra => (Share::Whole, "whole GPUs", free, 1),
        };
        let wanted = self.promised.get(&share.resource()).copied().unwrap_or(0);
        let hold = u64::from(gpus) * u64::from(per_gpu);
        if wanted <= hold {
            return Ok(());
        }
        let sentence = match share {
            Share::Slot => {
                let (plural, verb) = if gpus == 1 { ("", "holds") } else { ("s", "hold") };
                format!(
                    "a GPU holds at most {} {what}; you need {wanted} on {gpus} GPU{plural}, which {verb} {hold}",
                    in_words(per_gpu.into())
                )
            }
            _ => format!(
                "you need {wanted} {what}; there {} {hold}",
                if hold == 1 { "is" } else { "are" }
            ),
        };
        Err(Box::new(Infeasible {
            place: self.place(|asked| *asked == share),
            message: format!("demand on pool `{}` does not fit: {sentence}", pool.name),
            sentence,
            weights: BTreeMap::from([(share.resource(), 1)]),
            most_per_gpu: per_gpu.into(),
            needed: wanted.div_ceil(per_gpu.into()),
            available: gpus,
            fixes: self.plain_fixes(&share, what, wanted - hold, per_gpu),
        }))
    }

    /// What would help where so many whole GPUs or slots are missing.
    fn plain_fixes(&self, share: &Share, what: &str, missing: u64, per_gpu: u32) -> Vec<Fix> {
        let pool = self.pool;
        let is_mig = pool.partitioned;
        let gpus = u32::try_from(missing.div_ceil(per_gpu.into())).unwrap_or(u32::MAX);
        let mut fixes = Vec::new();
        if let Some(to) = pool.whole_gpus.checked_add(gpus).filter(|_| is_mig)
            && self.fits_beside(to)
        {
            let from = pool.whole_gpus;
            fixes.push(Fix {
                text: format!("set `wholeGpus: {to}` instead of {from} in pool `{}`", pool.name),
                kind: FixKind::KeepMore {
                    key: "wholeGpus",
                    from,
                    to,
                },
            });
        }
        if let Some(to) = pool.reserve.checked_sub(gpus).filter(|_| !is_mig) {
            let from = pool.reserve;
            fixes.push(Fix {
                text: format!(
                    "keep {to} instead of {} in reserve in pool `{}`",
                    fixes::gpus(from),
                    pool.name
                ),
                kind: FixKind::KeepFewer {
                    key: "reserve",
                    from,
                    to,
                },
            });
        }
        let asks = self
            .requests
            .iter()
            .rev()
            .filter(|request| request.share == *share);
        let fewer = asks.filter_map(|ask| {
            let (team, from) = (self.team(ask), ask.count);
            let to = u32::try_from(u64::from(from).checked_sub(missing)?).ok()?;
            let text = match to {
                0 => format!("drop the {from} {what} of team `{team}`"),
                _ => format!("ask for {to} instead of {from} {what} for team `{team}`"),
            };
            let (team, what) = (team.to_owned(), share.resource());
            let kind = FixKind::Fewer { team, what, from, to };
            Some(Fix { text, kind })
        });
        fixes.extend(fewer.take(3));
        let mut add = fixes::add_gpus(pool, gpus);
        if is_mig {
            let whole = u64::from(pool.whole_gpus) + u64::from(gpus);
            add.push_str(&format!(" and set `wholeGpus: {whole}`"));
        }
        fixes.push(Fix {
            text: add,
            kind: FixKind::AddGpus(gpus),
        });
        fixes
    }
}
