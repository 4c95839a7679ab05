//! Names of what a run puts on disk before it is finished, and who may remove them.

use rustix::process::{Pid, getpid, test_kill_process};

/// The name of a temporary thing of this process: the prefix and the process id.
pub(crate) fn leftover_name(prefix: &str) -> String {
    format!("{prefix}{}", getpid().as_raw_nonzero())
}

/// Whether a name is one that [`leftover_name`] gave to a process that no longer runs, or to this one earlier.
///
/// Call it only under the run lock: then no live run of ours can own the name, and a foreign process that has been
/// given the same id since only means that the leftover stays until it ends.
pub(crate) fn is_dead_leftover(name: &str, prefix: &str) -> bool {
    let Some(pid) = name
        .strip_prefix(prefix)
        .and_then(|rest| rest.parse::<i32>().ok())
    else {
        return false;
    };
    match Pid::from_raw(pid) {
        Some(pid) if pid == getpid() => true,
        Some(pid) => matches!(test_kill_process(pid), Err(rustix::io::Errno::SRCH)),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_dead_processes_are_leftovers() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let dead = child.id();
        child.wait().unwrap();
        for (name, leftover) in [
            (leftover_name(".x-"), true),
            (format!(".x-{dead}"), true),
            (".x-1".to_owned(), false),
            (".x-".to_owned(), false),
            (".x-0".to_owned(), false),
            (".x-12 ".to_owned(), false),
            (".y-12".to_owned(), false),
        ] {
            assert_eq!(is_dead_leftover(&name, ".x-"), leftover, "{name}");
        }
    }
}
