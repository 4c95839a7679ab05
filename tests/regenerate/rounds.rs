//! A small platform in a real repository: its render, edits of its files, and merges through the library.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use platform::edge::env::GitNames;
use platform::edge::git::{
    MergeOutcome, MergeRequest, Request, Session, Sources, abort_merge, commit_render, continue_merge,
};
use platform::lock::{LOCK_PATH, Lock, Source};
use platform::tree::{File, Tree, sha256_hex};
use platform::units::RelPath;

type Files = BTreeMap<String, String>;

/// An edit by hand; numbers choose modulo what there is.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    Insert { file: u16, line: u16 },
    Replace { file: u16, line: u16 },
    Remove { file: u16, line: u16 },
    Delete { file: u16 },
    Own { team: u16 },
}

/// A change of the spec; numbers choose modulo what there is.
#[derive(Debug, Clone)]
pub(crate) enum SpecChange {
    Number { team: u16, key: u16 },
    Group { team: u16 },
    Add,
    Remove { team: u16 },
    Rename { team: u16 },
}

/// What becomes of conflicts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Resolution {
    /// Both sides stay, the markers go.
    Both,
    Ours,
    Theirs,
    Abort,
}

/// Edits, then a change of the spec, then a merge.
#[derive(Debug, Clone)]
pub(crate) struct Round {
    pub(crate) edits: Vec<Edit>,
    pub(crate) changes: Vec<SpecChange>,
    pub(crate) resolution: Resolution,
}

/// What a merge has left: the work tree, and the conflicts with the user's side as the index has it.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) files: Files,
    pub(crate) conflicts: BTreeMap<String, Option<String>>,
}

#[derive(Debug, Clone)]
struct Team {
    number: u32,
    name: String,
    group: u32,
    values: [u32; KEYS],
}

const KEYS: usize = 6;

/// The repository, the spec, and the last render that the branch contains.
pub(crate) struct Platform {
    folder: tempfile::TempDir,
    teams: Vec<Team>,
    before: Vec<Team>,
    counter: u32,
    pub(crate) rendered: Files,
}

impl Platform {
    pub(crate) fn new() -> Self {
        let mut platform = Self {
            folder: tempfile::tempdir().unwrap(),
            teams: Vec::new(),
            before: Vec::new(),
            counter: 0,
            rendered: Files::new(),
        };
        platform.change(&[SpecChange::Add, SpecChange::Add, SpecChange::Add]);
        platform.rendered = platform.render();
        let tree = tree(&platform.rendered);
        let spec = (RelPath::parse("platform.yaml").unwrap(), platform.spec());
        commit_render(&Request {
            dir: &platform.dir(),
            branch: "main",
            tree: &tree,
            seeded: &[spec],
            message: "first",
            time: 1_795_000_000,
            names: &names(),
            wait: WAIT,
        })
        .unwrap();
        platform
    }

    fn dir(&self) -> PathBuf {
        self.folder.path().join("d")
    }

    fn next(&mut self) -> u32 {
        self.counter += 1;
        self.counter
    }

    fn spec(&self) -> Vec<u8> {
        format!("{:?}\n", self.teams).into_bytes()
    }

    /// All files of the work tree.
    pub(crate) fn files(&self) -> Files {
        let seen = super::snapshot::files(&self.dir());
        let text = |bytes| String::from_utf8(bytes).unwrap();
        seen.into_iter()
            .map(|(path, seen)| (path, text(seen.bytes)))
            .collect()
    }

    /// Edits the work tree and commits.
    pub(crate) fn edit(&mut self, edits: &[Edit]) {
        for edit in edits {
            let generated: Vec<String> = self
                .rendered
                .keys()
                .filter(|path| *path != LOCK_PATH)
                .cloned()
                .collect();
            let there: Vec<&String> = generated
                .iter()
                .filter(|path| self.dir().join(path).is_file())
                .collect();
            let number = self.next();
            let hand = format!("hand {number}");
            match edit {
                Edit::Own { team } => {
                    let team = &self.teams[usize::from(*team) % self.teams.len()].name;
                    let folder = self.dir().join(format!("tenants/fra1/{team}"));
                    std::fs::create_dir_all(&folder).unwrap();
                    std::fs::write(folder.join(format!("own-{number}.yaml")), format!("{hand}\n")).unwrap();
                }
                _ if there.is_empty() => {}
                Edit::Delete { file } => {
                    std::fs::remove_file(self.dir().join(there[usize::from(*file) % there.len()])).unwrap();
                }
                Edit::Insert { file, line } | Edit::Replace { file, line } | Edit::Remove { file, line } => {
                    let path = self.dir().join(there[usize::from(*file) % there.len()]);
                    let text = std::fs::read_to_string(&path).unwrap();
                    let mut lines: Vec<&str> = text.lines().collect();
                    if lines.is_empty() {
                        continue;
                    }
                    let at = usize::from(*line) % lines.len();
                    match edit {
                        Edit::Insert { .. } => lines.insert(at, &hand),
                        Edit::Replace { .. } => lines[at] = &hand,
                        _ => drop(lines.remove(at)),
                    }
                    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
                    std::fs::write(path, text).unwrap();
                }
            }
        }
        let repository = git2::Repository::open(self.dir()).unwrap();
        let mut index = repository.index().unwrap();
        index.add_all(["*"], git2::IndexAddOption::DEFAULT, None).unwrap();
        index.update_all(["*"], None).unwrap();
        index.write().unwrap();
        let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
        let person = git2::Signature::new("P", "p@example.com", &git2::Time::new(1_795_000_000, 0)).unwrap();
        let head = repository.head().unwrap().peel_to_commit().unwrap();
        repository
            .commit(Some("HEAD"), &person, &person, "by hand", &tree, &[&head])
            .unwrap();
    }

    /// Changes the spec; returns the folders that have another name.
    pub(crate) fn change(&mut self, changes: &[SpecChange]) -> Vec<(String, String)> {
        self.before.clone_from(&self.teams);
        for change in changes {
            let number = self.next();
            let count = self.teams.len();
            let chosen = |team: u16| usize::from(team) % count;
            match change {
                SpecChange::Add => self.teams.push(Team {
                    number,
                    name: format!("team-{number}"),
                    group: number,
                    values: [number; KEYS],
                }),
                SpecChange::Remove { team } if count > 1 => drop(self.teams.remove(chosen(*team))),
                SpecChange::Remove { .. } => {}
                SpecChange::Number { team, key } => {
                    self.teams[chosen(*team)].values[usize::from(*key) % KEYS] = number;
                }
                SpecChange::Group { team } => self.teams[chosen(*team)].group = number,
                SpecChange::Rename { team } => self.teams[chosen(*team)].name = format!("team-{number}"),
            }
        }
        let folder = |team: &Team| format!("tenants/fra1/{}", team.name);
        let pairs = self.before.iter().filter_map(|old| {
            let new = self
                .teams
                .iter()
                .find(|new| new.number == old.number && new.name != old.name)?;
            Some((folder(old), folder(new)))
        });
        pairs.collect()
    }

    /// The files of the spec; every line of a file occurs once in it, and each value once in a life.
    pub(crate) fn render(&self) -> Files {
        let mut files = Files::new();
        let names: String = self
            .teams
            .iter()
            .map(|team| format!("- {}\n", team.name))
            .collect();
        files.insert(
            "tenants/fra1/kustomization.yaml".to_owned(),
            format!("resources:\n{names}"),
        );
        for team in &self.teams {
            let mut quota = format!("# quota\nnamespace: {}\nhard:\n", team.name);
            for (key, value) in team.values.iter().enumerate() {
                quota.push_str(&format!("# key {key}\n# of the quota {key}\n{key}: {value}\n"));
            }
            let role = format!(
                "# role\nnamespace: {}\nrules:\n- a\n- b\nsubjects:\n- {}\n",
                team.name, team.group
            );
            files.insert(format!("tenants/fra1/{}/quota.yaml", team.name), quota);
            files.insert(format!("tenants/fra1/{}/role.yaml", team.name), role);
        }
        let digests = files
            .iter()
            .map(|(path, text)| (path.clone(), sha256_hex(text.as_bytes())));
        let spec = Source {
            path: "platform.yaml".to_owned(),
            sha256: sha256_hex(&self.spec()),
        };
        let lock = Lock::new(spec, BTreeMap::new(), digests.collect())
            .to_text()
            .unwrap();
        files.insert(LOCK_PATH.to_owned(), lock);
        files
    }

    /// Merges the render of the spec.
    pub(crate) fn merge(&self, renames: &[(String, String)]) -> Outcome {
        let session = Session::begin(&self.dir(), WAIT).unwrap();
        let last = session.last_render().unwrap();
        let before = std::fs::read(self.dir().join("platform.yaml")).unwrap();
        let sources = Sources {
            spec: self.spec(),
            ..Sources::default()
        };
        let render = tree(&self.render());
        let request = MergeRequest {
            last: &last,
            rebuilt: None,
            render: &render,
            removed: None,
            spec_before: &before,
            sources: &sources,
            renames,
            message: "again",
            time: 1_795_000_000,
            names: &names(),
        };
        let outcome = session.merge(&request).unwrap();
        let mut conflicts = BTreeMap::new();
        let repository = git2::Repository::open(self.dir()).unwrap();
        for conflict in repository.index().unwrap().conflicts().unwrap() {
            let conflict = conflict.unwrap();
            let side = conflict.our.as_ref().or(conflict.their.as_ref()).unwrap();
            let path = String::from_utf8(side.path.clone()).unwrap();
            let blob = conflict
                .our
                .map(|ours| repository.find_blob(ours.id).unwrap().content().to_vec());
            conflicts.insert(path, blob.map(|bytes| String::from_utf8(bytes).unwrap()));
        }
        let is_conflict = matches!(outcome, MergeOutcome::Conflicts(_));
        assert_eq!(
            is_conflict,
            !conflicts.is_empty(),
            "the index says what the outcome says"
        );
        Outcome {
            files: self.files(),
            conflicts,
        }
    }

    /// Ends a merge with conflicts.
    pub(crate) fn resolve(&mut self, how: Resolution, outcome: &Outcome, ours: &Files, theirs: Files) {
        if let Resolution::Abort = how {
            let kept = abort_merge(&self.dir(), WAIT).unwrap();
            assert!(kept.is_empty(), "nothing was changed since: {kept:?}");
            assert_eq!(&self.files(), ours, "every file is as before");
            self.teams.clone_from(&self.before);
            return;
        }
        for (path, kept) in &outcome.conflicts {
            let place = self.dir().join(path);
            let marked = outcome.files.get(path).cloned().unwrap_or_default();
            let is_marker = |line: &str| {
                ["<<<<<<<", "=======", ">>>>>>>"]
                    .iter()
                    .any(|mark| line.starts_with(mark))
            };
            let text = match how {
                Resolution::Ours => kept.clone(),
                Resolution::Theirs => theirs.get(path).cloned(),
                _ => Some(
                    marked
                        .lines()
                        .filter(|line| !is_marker(line))
                        .map(|line| format!("{line}\n"))
                        .collect(),
                ),
            };
            match text {
                Some(text) => std::fs::write(place, text).unwrap(),
                None => std::fs::remove_file(place).unwrap(),
            }
            // What has no markers is decided by adding it; a file that goes is decided by its absence.
            let repository = git2::Repository::open(self.dir()).unwrap();
            let mut index = repository.index().unwrap();
            if self.dir().join(path).exists() {
                index.add_path(path.as_ref()).unwrap();
                index.write().unwrap();
            }
        }
        continue_merge(&self.dir(), &names(), 1_795_000_000, WAIT).unwrap();
        self.rendered = theirs;
    }

    /// That nothing is uncommitted, and that `platform/rendered` is a commit of its own.
    pub(crate) fn assert_clean(&self) {
        let repository = git2::Repository::open(self.dir()).unwrap();
        let mut options = git2::StatusOptions::new();
        options.include_untracked(true);
        let statuses = repository.statuses(Some(&mut options)).unwrap();
        let paths: Vec<_> = statuses
            .iter()
            .map(|entry| format!("{:?} {:?}", entry.path(), entry.status()))
            .collect();
        assert!(paths.is_empty(), "everything is committed: {paths:?}");
        assert_eq!(
            repository.state(),
            git2::RepositoryState::Clean,
            "no merge is left"
        );
    }
}

const WAIT: Duration = Duration::from_secs(60);

fn names() -> GitNames {
    let text = |text: &str| Some(text.to_owned());
    GitNames {
        author_name: text("A"),
        author_email: text("a@example.com"),
        committer_name: text("A"),
        committer_email: text("a@example.com"),
    }
}

fn tree(files: &Files) -> Tree {
    let mut tree = Tree::default();
    for (path, text) in files {
        let file = File {
            bytes: text.as_bytes().to_vec(),
            origin: "test",
        };
        assert!(
            tree.insert(RelPath::parse(path).unwrap(), file).is_none(),
            "`{path}` occurs once"
        );
    }
    tree
}
