//! Reading a file that a person named.

use std::fs::{File, FileType};
use std::io::Read;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

use super::error::{DiskError, io_at};

/// Reads a regular file of at most `max_bytes`; a symbolic link to one is followed.
///
/// Anything else (directory, named pipe, device, socket) is an error at once: a pipe is never waited for. The bound
/// holds for what is read, not for what the file system announced, so that a growing file is caught too.
pub fn read_bounded(path: &Path, max_bytes: u64) -> Result<Vec<u8>, DiskError> {
    // NONBLOCK: opening a named pipe without a writer would otherwise wait for ever.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let descriptor = rustix::fs::open(path, flags, Mode::empty()).map_err(io_at("opened", path))?;
    let file = File::from(descriptor);
    let metadata = file.metadata().map_err(io_at("read", path))?;
    if !metadata.is_file() {
        return Err(DiskError::NotAFile {
            path: path.to_owned(),
            found: kind_name(metadata.file_type()),
        });
    }
    let mut bytes = Vec::new();
    file.take(max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(io_at("read", path))?;
    if bytes.len() as u64 > max_bytes {
        return Err(DiskError::TooLarge {
            path: path.to_owned(),
            limit: max_bytes,
        });
    }
    Ok(bytes)
}

/// A file type in words, with its article.
pub(crate) fn kind_name(kind: FileType) -> &'static str {
    match kind {
        k if k.is_dir() => "a directory",
        k if k.is_symlink() => "a symbolic link",
        k if k.is_fifo() => "a named pipe",
        k if k.is_socket() => "a socket",
        k if k.is_block_device() || k.is_char_device() => "a device",
        _ => "a file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_within_the_bound_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("ten"), b"0123456789").unwrap();
        std::os::unix::fs::symlink("ten", at("link")).unwrap();
        std::os::unix::fs::symlink("nowhere", at("dangling")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            at("pipe"),
            rustix::fs::FileType::Fifo,
            Mode::from_raw_mode(0o600),
            0,
        )
        .unwrap();
        for (name, limit, wanted) in [
            ("ten", 10, Ok(10)),
            ("ten", u64::MAX, Ok(10)),
            ("link", 10, Ok(10)),
            ("ten", 9, Err("larger than 9 bytes")),
            ("ten", 0, Err("larger than 0 bytes")),
            (".", 10, Err("a directory")),
            ("pipe", 10, Err("a named pipe")),
            ("dangling", 10, Err("No such file")),
            ("absent", 10, Err("No such file")),
        ] {
            match (read_bounded(&at(name), limit), wanted) {
                (Ok(bytes), Ok(length)) => assert_eq!(bytes.len(), length, "{name} within {limit}"),
                (Err(error), Err(text)) => {
                    assert!(error.to_string().contains(text), "{name} within {limit}: {error}")
                }
                (got, wanted) => panic!("{name} within {limit}: got {got:?}, wanted {wanted:?}"),
            }
        }
        let device = read_bounded(Path::new("/dev/null"), 10).unwrap_err();
        assert!(device.to_string().contains("a device"), "{device}");
    }
}
