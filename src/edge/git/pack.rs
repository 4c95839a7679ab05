//! Writing many objects as one pack.
//!
//! libgit2 could do it, but holds every object twice on the way, searches for deltas on one core, syncs nothing unless
//! a configuration says so, and writes through a memory map, where a full disk is a signal and not an error. The
//! format is small: a header, each object deflated, a checksum. Source: `git help gitformat-pack`.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use rayon::prelude::*;
use sha1::{Digest, Sha1};

use super::error::GitError;
use super::pack_index::{Indexed, index_bytes};
use crate::edge::disk::{effect, io_at};

/// An object id.
pub(super) type Id = [u8; 20];

/// The types of object that we write, with their numbers in a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Commit = 1,
    Tree = 2,
    Blob = 3,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
        }
    }
}

/// One object to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object<'a> {
    pub(super) id: Id,
    pub(super) kind: Kind,
    pub(super) bytes: &'a [u8],
}

/// The id that Git gives to an object.
pub(super) fn object_id(kind: Kind, bytes: &[u8]) -> Id {
    let mut hasher = Sha1::new();
    hasher.update(format!("{} {}\0", kind.name(), bytes.len()));
    hasher.update(bytes);
    hasher.finalize().into()
}

/// An id in lower-case hexadecimal.
pub(super) fn hex(id: &Id) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Level 1: rendered YAML shrinks to a third with it, and higher levels take longer than writing the bytes saved.
///
/// It is fixed, not taken from `core.compression`, so that the same render gives the same pack everywhere.
const LEVEL: u32 = 1;

/// Objects that one task deflates; their order and bytes do not depend on who does it.
const PER_TASK: usize = 64;

/// Tasks whose output is in memory at once: 64 × 64 files of 1 KiB are about 2 MiB deflated.
const TASKS_AT_ONCE: usize = 64;

/// The largest offset that the small form of an index holds.
const MAX_BYTES: u64 = 1 << 31;

/// Writes `pack-<checksum>.pack` and `.idx` into a directory, both synced; returns the name without its ending.
///
/// Objects are stored whole, in the given order; each id must occur once.
pub(super) fn write_pack(directory: &Path, objects: &[Object<'_>]) -> Result<String, GitError> {
    let path = directory.join("pack");
    let failed = |cause: std::io::Error| io_at("written", &path)(cause);
    effect().map_err(failed)?;
    let mut out = Hashed {
        file: File::create_new(&path).map_err(failed)?,
        hasher: Sha1::new(),
        written: 0,
    };
    let count = u32::try_from(objects.len()).map_err(|_| GitError::TooLarge)?;
    out.write(b"PACK\0\0\0\x02").map_err(failed)?;
    out.write(&count.to_be_bytes()).map_err(failed)?;
    let mut indexed = Vec::with_capacity(objects.len());
    for batch in objects.chunks(PER_TASK * TASKS_AT_ONCE) {
        let packed: Vec<Packed> = batch
            .par_chunks(PER_TASK)
            .map(pack_some)
            .collect::<Result<_, _>>()
            .map_err(failed)?;
        let lengths_and_checks = packed.iter().flat_map(|some| &some.objects);
        let mut offset = out.written;
        for (object, &(length, check)) in batch.iter().zip(lengths_and_checks) {
            let short = u32::try_from(offset).map_err(|_| GitError::TooLarge)?;
            indexed.push(Indexed {
                id: object.id,
                check,
                offset: short,
            });
            offset += length;
        }
        if offset > MAX_BYTES {
            return Err(GitError::TooLarge);
        }
        for some in &packed {
            effect().map_err(failed)?;
            out.write(&some.bytes).map_err(failed)?;
        }
    }
    let checksum: Id = out.hasher.finalize().into();
    out.file.write_all(&checksum).map_err(failed)?;
    effect().map_err(failed)?;
    out.file.sync_all().map_err(failed)?;
    let name = format!("pack-{}", hex(&checksum));
    finish(&path, &directory.join(format!("{name}.pack")))?;

    let path = directory.join("idx");
    let failed = |cause: std::io::Error| io_at("written", &path)(cause);
    effect().map_err(failed)?;
    let mut file = File::create_new(&path).map_err(failed)?;
    file.write_all(&index_bytes(indexed, &checksum))
        .and_then(|()| file.sync_all())
        .map_err(failed)?;
    finish(&path, &directory.join(format!("{name}.idx")))?;
    Ok(name)
}

/// Gives a finished file its name and takes away the right to write, as Git does with packs.
fn finish(from: &Path, to: &Path) -> Result<(), GitError> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(from, std::fs::Permissions::from_mode(0o444))
        .and_then(|()| std::fs::rename(from, to))
        .map_err(io_at("written", to))?;
    Ok(())
}

struct Hashed {
    file: File,
    hasher: Sha1,
    written: u64,
}

impl Hashed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.file.write_all(bytes)?;
        self.hasher.update(bytes);
        self.written += bytes.len() as u64;
        Ok(())
    }
}

/// The deflated form of some neighbouring objects: their bytes, and length and checksum of each.
struct Packed {
    bytes: Vec<u8>,
    objects: Vec<(u64, u32)>,
}

fn pack_some(objects: &[Object<'_>]) -> std::io::Result<Packed> {
    let mut deflate = Compress::new(Compression::new(LEVEL), true);
    let mut packed = Packed {
        bytes: Vec::new(),
        objects: Vec::with_capacity(objects.len()),
    };
    for object in objects {
        let start = packed.bytes.len();
        push_header(&mut packed.bytes, object.kind, object.bytes.len());
        deflate.reset();
        let header = packed.bytes.len();
        loop {
            let read = usize::try_from(deflate.total_in()).unwrap_or(usize::MAX);
            let rest = object.bytes.get(read..).unwrap_or_default();
            packed.bytes.reserve(rest.len() / 2 + 64);
            match deflate.compress_vec(rest, &mut packed.bytes, FlushCompress::Finish) {
                Ok(Status::StreamEnd) => break,
                Ok(Status::Ok | Status::BufError) => {}
                Err(error) => return Err(std::io::Error::other(error)),
            }
        }
        debug_assert!(packed.bytes.len() > header, "a deflate stream is never empty");
        let mut crc = Crc::new();
        crc.update(packed.bytes.get(start..).unwrap_or_default());
        packed
            .objects
            .push(((packed.bytes.len() - start) as u64, crc.sum()));
    }
    Ok(packed)
}

/// Type and size: four bits of the size in the first byte, then seven in each.
fn push_header(out: &mut Vec<u8>, kind: Kind, size: usize) {
    let mut rest = size >> 4;
    let first = ((kind as u8) << 4) | (size & 15) as u8;
    out.push(if rest == 0 { first } else { first | 0x80 });
    while rest > 0 {
        let seven = (rest & 127) as u8;
        rest >>= 7;
        out.push(if rest == 0 { seven } else { seven | 0x80 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_git() {
        let wanted = git2::Oid::hash_object(git2::ObjectType::Blob, b"hello\n")
            .unwrap()
            .to_string();
        assert_eq!(
            hex(&object_id(Kind::Blob, b"hello\n")),
            wanted,
            "as libgit2 computes it"
        );
    }

    #[test]
    fn libgit2_reads_every_object_back_whatever_the_number_of_threads() {
        let folder = tempfile::tempdir().unwrap();
        let texts: Vec<Vec<u8>> = [0, 1, 15, 16, 17, 2047, 2048, 70_000]
            .into_iter()
            .chain(100..5000)
            .map(|length| {
                (0..length as u32)
                    .map(|i| (i.wrapping_mul(i) % 251) as u8)
                    .collect()
            })
            .collect();
        let mut objects: Vec<Object<'_>> = texts
            .iter()
            .map(|bytes| Object {
                id: object_id(Kind::Blob, bytes),
                kind: Kind::Blob,
                bytes,
            })
            .collect();
        objects.sort_by_key(|object| object.id);
        objects.dedup_by_key(|object| object.id);
        let mut names = Vec::new();
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let directory = folder.path().join(threads.to_string());
            std::fs::create_dir(&directory).unwrap();
            names.push(pool.install(|| write_pack(&directory, &objects)).unwrap());
        }
        assert_eq!(
            names[0], names[1],
            "the pack is the same with one thread and with three"
        );
        let repository = git2::Repository::init(folder.path().join("repository")).unwrap();
        for ending in ["pack", "idx"] {
            let name = format!("{}.{ending}", names[0]);
            let to = repository.path().join("objects/pack").join(&name);
            std::fs::copy(folder.path().join("1").join(&name), to).unwrap();
        }
        let odb = repository.odb().unwrap();
        for object in &objects {
            let read = odb.read(git2::Oid::from_bytes(&object.id).unwrap()).unwrap();
            assert_eq!(read.data(), object.bytes, "{} bytes", object.bytes.len());
        }
    }
}
