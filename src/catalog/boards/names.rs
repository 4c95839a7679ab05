//! What drivers and nodes call the profiles of a board.

use std::collections::BTreeMap;

use super::{Board, SHARED_SUFFIX, WHOLE_GPU};

/// The number of gigabytes in a profile's name, from the memory units of its instances and of the GPU, and the total
/// memory of the GPU in GiB, rounded up.
///
/// The instance's share of the GPU is rounded up to eighths, and that share of the total to whole gigabytes, halves
/// up. So the names follow the total memory that the driver reports, and differ between drivers and early boards.
/// Source: NVIDIA/go-nvlib v0.13.0 `pkg/nvlib/device/mig_profile.go`, `getMigMemorySizeGB`.
pub fn profile_memory_gb(instance_memory_units: u32, memory_units: u32, total_gib: u32) -> u32 {
    let eighths = (u64::from(instance_memory_units) * 8).div_ceil(u64::from(memory_units.max(1)));
    let memory = eighths.saturating_mul(u64::from(total_gib)).saturating_add(4) / 8;
    u32::try_from(memory).unwrap_or(u32::MAX)
}

/// The extended resource of a profile with `mig.strategy: mixed`; `+` becomes `.`. Source: NVIDIA k8s-device-plugin.
pub fn mig_resource(profile: &str) -> String {
    format!("nvidia.com/mig-{}", profile.replace('+', "."))
}

impl Board {
    /// What the driver calls each profile on a GPU with this total memory in MiB, as the node label
    /// `nvidia.com/gpu.memory` has it: the name in the catalogue → the name on the node.
    ///
    /// Some drivers deviate from the formula: names in [`Board::name_aliases`] are the same profiles too.
    pub fn names_with(&self, total_mib: u64) -> BTreeMap<String, String> {
        let Some(mig) = &self.mig else {
            return BTreeMap::new();
        };
        let total_gib = u32::try_from(total_mib.div_ceil(1024)).unwrap_or(u32::MAX);
        let names = mig.profiles.iter().map(|profile| {
            let memory_gb = profile_memory_gb(profile.memory_units, mig.memory_units, total_gib);
            let variant = profile.name.find(['+', '-']).map_or("", |at| &profile.name[at..]);
            let name = format!("{}g.{memory_gb}gb{variant}", profile.compute_slices);
            (profile.name.clone(), name)
        });
        names.collect()
    }

    /// The other names that some drivers give to a profile; empty for most.
    pub fn name_aliases(&self, profile: &str) -> &[String] {
        let mig = self.mig.as_ref();
        mig.and_then(|mig| mig.name_aliases.get(profile))
            .map_or(&[], Vec::as_slice)
    }

    /// Every extended resource a node with this board could ever advertise, sorted: the whole GPU, each MIG profile
    /// under each of its names, and the shared form of each. A quota that omits one of them leaves it unlimited.
    pub fn resources(&self) -> Vec<String> {
        let planned = self.profiles().iter().map(|profile| profile.resource.clone());
        let aliases = self
            .mig
            .iter()
            .flat_map(|mig| mig.name_aliases.values().flatten());
        let unplanned = self.unplanned_mig.iter();
        let published = unplanned
            .clone()
            .flat_map(|mig| mig.profiles.iter().map(|profile| profile.resource.clone()));
        let contradicting = unplanned.flat_map(|mig| &mig.other_names);
        let mut names: Vec<String> = [WHOLE_GPU.to_owned()]
            .into_iter()
            .chain(planned)
            .chain(published)
            .chain(aliases.chain(contradicting).map(|name| mig_resource(name)))
            .flat_map(|name| [format!("{name}{SHARED_SUFFIX}"), name])
            .collect();
        names.sort();
        names.dedup();
        names
    }
}
