//! How the GPUs of a pool are shared, and what a tenant's pod asks for then.

use crate::catalog::boards::{Profile, SHARED_SUFFIX, WHOLE_GPU};

/// How the GPUs of a pool are shared by the device plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// Each pod has whole GPUs.
    Whole,
    /// Each pod has a MIG instance: own memory, own compute, own faults.
    Mig,
    /// Pods take turns on a GPU: no isolation of memory or faults.
    TimeSlicing {
        /// Slots per GPU, at least 2.
        replicas: u32,
    },
    /// Pods run side by side on a GPU under NVIDIA MPS: memory limits, no isolation of faults.
    Mps {
        /// Slots per GPU, at least 2.
        replicas: u32,
    },
}

impl Sharing {
    /// The extended resource a tenant's container asks for.
    ///
    /// With a profile of a MIG pool that is the profile's resource; without one it is a whole GPU (a MIG pool may
    /// have some) or a shared slot. A profile means nothing outside MIG: `None`.
    pub fn resource(self, profile: Option<&Profile>) -> Option<String> {
        match (self, profile) {
            (Self::Mig, Some(profile)) => Some(profile.resource.clone()),
            (Self::Whole | Self::Mig, None) => Some(WHOLE_GPU.to_owned()),
            (Self::TimeSlicing { .. } | Self::Mps { .. }, None) => {
                Some(format!("{WHOLE_GPU}{SHARED_SUFFIX}"))
            }
            (_, Some(_)) => None,
        }
    }
}
