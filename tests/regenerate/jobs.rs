//! Four kinds of run that are disturbed, and what an undisturbed one comes to.

use std::process::Output;

use super::place::{Place, copy, words};
use super::snapshot;

/// What is run, and what lies there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    /// Edits, a renamed team, an uncommitted spec: merged.
    Clean,
    /// The same with an edit of a changed line: a conflict.
    Conflict,
    /// That conflict, resolved.
    Continue,
    /// That conflict, given up.
    Abort,
}

pub(crate) const JOBS: [Job; 4] = [Job::Clean, Job::Conflict, Job::Continue, Job::Abort];

impl Job {
    pub(crate) fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Clean | Self::Conflict => &["regenerate", "--allow-loosen"],
            Self::Continue => &["regenerate", "--continue"],
            Self::Abort => &["regenerate", "--abort"],
        }
    }

    pub(crate) fn exit(self) -> i32 {
        match self {
            Self::Conflict => 3,
            Self::Clean | Self::Continue | Self::Abort => 0,
        }
    }

    /// A repository in which the job can be run.
    pub(crate) fn place(self) -> Place {
        let place = Place::with_repository();
        let quota = |team: &str| format!("main/tenants/fra1/{team}/quota.yaml");
        place.replace(&quota("team-b"), "apiVersion", "# by hand\napiVersion");
        place.write("main/tenants/fra1/team-b/own.yaml", "own\n");
        if self != Self::Clean {
            place.replace(&quota("team-a"), "pods: \"100\"", "pods: \"105\"");
        }
        place.git("main", &["add", "-A"]);
        place.git("main", &["commit", "-q", "-m", "by hand"]);
        for (from, to) in [
            ("pods: 100, storage: 1Ti", "pods: 101, storage: 1Ti"),
            ("- name: team-b\n", "- name: team-x\n"),
        ] {
            place.replace("main/platform.yaml", from, to);
        }
        if matches!(self, Self::Continue | Self::Abort) {
            let output = Self::Conflict.run(&place, &[]);
            let code = output.status.code();
            assert_eq!(code, Some(3), "a conflict to end: {}", words(&output));
        }
        if self == Self::Continue {
            let path = "tenants/fra1/team-a/quota.yaml";
            place.git("main", &["checkout", "-q", "--ours", path]);
        }
        place
    }

    pub(crate) fn run(self, place: &Place, environment: &[(&str, &str)]) -> Output {
        let mut command = place.platform("main", self.arguments());
        command.envs(environment.iter().copied()).output().unwrap()
    }

    /// Runs the job again after a fault.
    pub(crate) fn converge(self, place: &Place, when: &str) {
        let output = self.run(place, &[]);
        let said = words(&output);
        // A conflict that was complete before the fault waits: that is what the run was to reach. What was ended
        // completely before the fault cannot be ended again.
        let done = match self {
            Self::Conflict => said.contains("waits for its conflicts"),
            Self::Continue | Self::Abort => said.contains("waits for anything"),
            Self::Clean => false,
        };
        assert!(
            done || output.status.code() == Some(self.exit()),
            "{when}, the next run: {said}"
        );
    }
}

/// What a run has come to: branches, index, work tree, and whether Git sees a merge.
pub(crate) fn result(place: &Place) -> String {
    let merging = place.path("main/.git/MERGE_HEAD").exists();
    let mut state = format!("merging: {merging}\n");
    for arguments in [
        &["rev-parse", "HEAD", "platform/rendered"][..],
        &["status", "--porcelain"],
        &["ls-files", "-s"],
    ] {
        state.push_str(&place.git("main", arguments));
    }
    for (path, seen) in snapshot::files(&place.path("main")) {
        let id = git2::Oid::hash_object(git2::ObjectType::Blob, &seen.bytes).unwrap();
        state.push_str(&format!("{path} {:o} {id}\n", seen.mode));
    }
    state
}

/// That Git finds nothing wrong, and that the branch is the former one or the new one.
pub(crate) fn assert_whole(place: &Place, head: &str, wanted: &Place, when: &str) {
    let fsck = place.try_git("main", &["fsck", "--strict", "--no-dangling"]);
    assert!(fsck.status.success(), "{when}: {}", words(&fsck));
    let now = place.tip("main", "HEAD");
    assert!(
        now == head || now == wanted.tip("main", "HEAD"),
        "{when}: HEAD is old or new, not `{now}`"
    );
}

/// That no staging directory, lock or journal of a run is left.
pub(crate) fn assert_nothing_left(place: &Place, when: &str) {
    let all = walkdir::WalkDir::new(place.path("main")).into_iter();
    let left: Vec<_> = all
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.contains("platform-tmp") || (name.ends_with(".lock") && name != "platform.lock")
        })
        .collect();
    assert!(left.is_empty(), "{when}: left over: {left:?}");
}

/// A copy of a start, so that each fault begins with the same bytes.
pub(crate) fn again(start: &Place) -> Place {
    let place = Place::empty();
    copy(&start.path("main"), &place.path("main"));
    place
}

/// What a run that nobody disturbs makes of a start.
pub(crate) fn undisturbed(job: Job, start: &Place) -> Place {
    let place = again(start);
    let output = job.run(&place, &[]);
    let code = output.status.code();
    assert_eq!(code, Some(job.exit()), "{job:?}: {}", words(&output));
    place
}
