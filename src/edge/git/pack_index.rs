//! The index of a pack, version 2. Source: `git help gitformat-pack`.

use sha1::{Digest, Sha1};

use super::pack::Id;

/// Where one object lies in a pack.
pub(super) struct Indexed {
    pub(super) id: Id,
    /// CRC-32 of its packed bytes.
    pub(super) check: u32,
    /// From the beginning of the pack, below 2 GiB.
    pub(super) offset: u32,
}

/// The bytes of the index file: fan-out, ids, checks, offsets, and two checksums.
pub(super) fn index_bytes(mut objects: Vec<Indexed>, pack_checksum: &Id) -> Vec<u8> {
    objects.sort_unstable_by_key(|object| object.id);
    let mut out = Vec::with_capacity(8 + 1024 + objects.len() * 28 + 40);
    out.extend_from_slice(b"\xfftOc\0\0\0\x02");
    for first_byte in 0..=u8::MAX {
        let up_to = objects.partition_point(|object| object.id[0] <= first_byte);
        out.extend_from_slice(&(up_to as u32).to_be_bytes());
    }
    objects
        .iter()
        .for_each(|object| out.extend_from_slice(&object.id));
    objects
        .iter()
        .for_each(|object| out.extend_from_slice(&object.check.to_be_bytes()));
    objects
        .iter()
        .for_each(|object| out.extend_from_slice(&object.offset.to_be_bytes()));
    out.extend_from_slice(pack_checksum);
    let checksum: Id = Sha1::digest(&out).into();
    out.extend_from_slice(&checksum);
    out
}
