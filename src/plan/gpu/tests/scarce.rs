//! A board on which media engines are scarce.

use super::*;

/// A board of twelve units with the figures of the RTX PRO 6000: every media engine can be the limit.
pub(super) fn board() -> boards::Board {
    let engines = |all: u32, flow: u32| boards::Engines {
        decoders: all,
        encoders: all,
        jpeg: all,
        optical_flow: flow,
    };
    let mut board = super::board("h100-80gb").clone();
    board.id = "scarce".to_owned();
    let mig = board.mig.as_mut().unwrap();
    mig.compute_slices = 4;
    mig.memory_units = 12;
    mig.engines = engines(4, 1);
    let profile = mig.profiles[0].clone();
    mig.profiles = [
        ("1g.24gb", 1, 4, engines(1, 0)),
        ("1g.24gb+me", 1, 1, engines(1, 1)),
        ("1g.24gb+gfx", 1, 4, engines(1, 0)),
        ("1g.24gb+me.all", 1, 1, engines(4, 1)),
        ("1g.24gb-me", 1, 4, engines(0, 0)),
        ("2g.48gb", 2, 2, engines(2, 0)),
        ("2g.48gb+gfx", 2, 2, engines(2, 0)),
        ("2g.48gb+me.all", 2, 1, engines(4, 1)),
        ("2g.48gb-me", 2, 2, engines(0, 0)),
        ("4g.96gb", 4, 1, engines(4, 1)),
        ("4g.96gb+gfx", 4, 1, engines(4, 1)),
    ]
    .map(|(name, slices, max_instances, engines)| boards::Profile {
        name: name.to_owned(),
        resource: format!("nvidia.com/mig-{}", name.replace('+', ".")),
        memory_gb: 24 * slices,
        compute_slices: slices,
        memory_units: 3 * slices,
        max_instances,
        placements: (0..4 / slices)
            .map(|n| boards::Placement {
                start: n * 3 * slices,
                size: 3 * slices,
            })
            .collect(),
        engines,
        ..profile.clone()
    })
    .to_vec();
    board
}
