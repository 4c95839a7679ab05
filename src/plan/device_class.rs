//! The DRA device classes of a cluster: which there are, and which of them a namespace may take devices of.
//!
//! A quota counts devices by class and sees no selector, so there is one class per board and profile that a team is
//! promised; what the driver brings of its own is closed, but for whole GPUs where they are promised.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::catalog::boards;
use crate::model::{Cluster, Model, Pool, Share};
use crate::spec::Sharing;

/// The driver of NVIDIA GPUs, and the domain of its attributes. Source: kubernetes-sigs/dra-driver-nvidia-gpu.
pub const DRA_DRIVER: &str = "gpu.nvidia.com";
/// The driver's own class of whole GPUs; it has the extended resource `nvidia.com/gpu`.
pub const WHOLE_GPU_CLASS: &str = "gpu.nvidia.com";
/// The classes that the driver's chart brings.
pub const DRIVER_CLASSES: [&str; 3] = [WHOLE_GPU_CLASS, "mig.nvidia.com", "vfio.gpu.nvidia.com"];
/// What a grant, the implicit extended resource and its quota put before the name of a class.
const IMPLICIT: &str = "deviceclass.resource.kubernetes.io/";
/// The longest name of a class whose grant is still a label: 63 characters less `deviceclass.resource.kubernetes.io_`.
const MAX_CLASS_NAME: usize = 28;

/// A device class of ours: MIG instances of one profile of one board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceClass {
    /// Its name, see [`class_name`].
    pub name: String,
    /// The extended resource by which pods ask for it without a claim; no other class of the cluster has it.
    pub resource: String,
    /// Id of the board.
    pub board: String,
    /// The profile as the driver names it.
    pub profile: String,
    /// The product labels of the board, where the cluster has DRA pools of several boards; empty otherwise.
    pub products: Vec<String>,
}

/// The name of the class of a profile of a board: `<board>-<profile>`, with `+` as `.`.
///
/// Above 28 characters its grant would be no label any more; then it is cut, and ends in a digest of the whole.
pub fn class_name(board: &str, profile: &str) -> String {
    let name = format!("{board}-{profile}").replace('+', ".");
    if name.len() <= MAX_CLASS_NAME {
        return name;
    }
    let digest = Sha256::digest(name.as_bytes());
    let digest: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let kept: String = name.chars().take(MAX_CLASS_NAME - 9).collect();
    format!("{}-{digest}", kept.trim_end_matches(['-', '.']))
}

/// The class whose devices a share of a pool is made of; `None` where the device plugin hands them out.
pub fn class_of(pool: &Pool, share: &Share) -> Option<String> {
    if pool.sharing != Sharing::Dra {
        return None;
    }
    match share {
        Share::Profile(profile) => Some(class_name(&pool.board, profile)),
        Share::Whole | Share::Slot => Some(WHOLE_GPU_CLASS.to_owned()),
    }
}

/// The resource whose grant lets a namespace name the class, in claims and as an implicit resource.
pub fn class_grant(class: &str) -> String {
    format!("{IMPLICIT}{class}")
}

/// The quota keys that bound a class: devices of claims, and pods that name it as an implicit extended resource.
///
/// Source: Kubernetes v1.36 `pkg/quota/v1/evaluator/core/resource_claims.go`.
pub fn class_quota_keys(class: &str) -> [String; 2] {
    [
        format!("{class}.deviceclass.resource.k8s.io/devices"),
        format!("requests.{IMPLICIT}{class}"),
    ]
}

/// The classes of a cluster, one per board and profile that somebody is promised, by name.
pub(super) fn device_classes(model: &Model, cluster: usize) -> Vec<DeviceClass> {
    let pools = &model.clusters[cluster].pools;
    let dra: BTreeSet<&str> = dra_pools(&model.clusters[cluster])
        .map(|pool| pool.board.as_str())
        .collect();
    let namespaces = model.teams.iter().flat_map(|team| &team.namespaces);
    let requests = namespaces.flat_map(|namespace| &namespace.gpus);
    let promised: BTreeSet<(&str, &str)> = requests
        .filter(|request| request.cluster == cluster && pools[request.pool].sharing == Sharing::Dra)
        .filter_map(|request| match &request.share {
            Share::Profile(profile) => Some((pools[request.pool].board.as_str(), profile.as_str())),
            Share::Whole | Share::Slot => None,
        })
        .collect();
    let class = |(id, profile): (&str, &str)| {
        let board = boards::board(id).ok().flatten();
        let products = board.filter(|_| dra.len() > 1);
        DeviceClass {
            name: class_name(id, profile),
            resource: Share::Profile(profile.to_owned()).resource(),
            board: id.to_owned(),
            profile: profile.to_owned(),
            products: products
                .map(|board| board.product_labels.values.clone())
                .unwrap_or_default(),
        }
    };
    let mut classes: Vec<DeviceClass> = promised.into_iter().map(class).collect();
    classes.sort_by(|a, b| a.name.cmp(&b.name));
    classes
}

fn dra_pools(cluster: &Cluster) -> impl Iterator<Item = &Pool> {
    cluster.pools.iter().filter(|pool| pool.sharing == Sharing::Dra)
}

#[cfg(test)]
mod tests;
