//! What the nodes of a pool advertise.

use std::collections::BTreeMap;

use super::gpu::GpuState;
use super::types::PoolPlan;
use crate::model::Share;

impl PoolPlan {
    /// What its nodes advertise once the plan is realised: resource → count, without zeros.
    ///
    /// Spares and what else is promised to nobody are included; so are reserved GPUs of pools without MIG instances,
    /// which nothing hides.
    pub fn capacity(&self) -> BTreeMap<String, u64> {
        let pool = &self.pool;
        let mut capacity: BTreeMap<String, u64> = BTreeMap::new();
        let mut add = |share: &Share, count: u64| {
            if count > 0 {
                *capacity.entry(share.resource()).or_default() += count;
            }
        };
        let Some(layout) = self.layout() else {
            let share = match pool.replicas {
                0 | 1 => Share::Whole,
                _ => Share::Slot,
            };
            add(&share, u64::from(pool.gpus()) * u64::from(pool.replicas.max(1)));
            return capacity;
        };
        for group in &layout.groups {
            for gpu in &group.gpus {
                match gpu {
                    GpuState::Whole => add(&Share::Whole, u64::from(group.nodes)),
                    GpuState::Mig(instances) => instances.iter().for_each(|(profile, count)| {
                        add(
                            &Share::Profile(profile.clone()),
                            u64::from(*count) * u64::from(group.nodes),
                        );
                    }),
                }
            }
        }
        capacity
    }
}
