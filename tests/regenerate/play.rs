//! Playing a history: each step, and what holds after every regenerate whatever the history is about.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use super::history::{Expect, Fact, History, Step};
use super::place::{Place, words};
use super::snapshot::Snapshot;

/// Plays a history to its end.
pub(crate) fn play(history: &History) {
    let mut player = Player {
        place: Place::with_repository(),
        here: "main".to_owned(),
        before_conflict: None,
        number: 0,
    };
    for step in &history.steps {
        player.number += 1;
        player.step(step);
    }
    player.number += 1;
    player.expect(&history.then);
}

struct Player {
    place: Place,
    here: String,
    before_conflict: Option<Snapshot>,
    number: usize,
}

impl Player {
    fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.here)
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Write { file, text } => self.place.write(&self.file(file), text),
            Step::Append { file, text } => {
                let path = self.place.path(&self.file(file));
                let former = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
                std::fs::write(path, former + text).unwrap();
            }
            Step::Replace { file, from, to } => self.place.replace(&self.file(file), from, to),
            Step::Spec { from, to } => self.place.replace(&self.file("platform.yaml"), from, to),
            Step::Delete(name) => {
                let path = self.place.path(&self.file(name));
                match path.is_dir() {
                    true => std::fs::remove_dir_all(path).unwrap(),
                    false => std::fs::remove_file(path).unwrap(),
                }
            }
            Step::Rename { from, to } => {
                let to = self.place.path(&self.file(to));
                std::fs::create_dir_all(to.parent().unwrap()).unwrap();
                std::fs::rename(self.place.path(&self.file(from)), to).unwrap();
            }
            Step::Link { file, to } => {
                let path = self.place.path(&self.file(file));
                let _ = std::fs::remove_file(&path);
                std::os::unix::fs::symlink(to, path).unwrap();
            }
            Step::Executable(file) => {
                let path = self.place.path(&self.file(file));
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
            }
            Step::Crlf(file) => {
                let path = self.place.path(&self.file(file));
                let text = std::fs::read_to_string(&path).unwrap();
                std::fs::write(path, text.replace('\n', "\r\n")).unwrap();
            }
            Step::Commit(message) => {
                self.git(&["add", "-A"], true);
                self.git(&["commit", "-q", "-m", message], true);
            }
            Step::Git(line) => self.git_line(line, true),
            Step::GitFails(line) => self.git_line(line, false),
            Step::In(name) => self.here.clone_from(name),
            Step::Regenerate {
                args,
                exit,
                says,
                hides,
            } => self.regenerate(args, *exit, says, hides),
            Step::Expect(expect) => self.expect(expect),
        }
    }

    fn git_line(&self, line: &str, good: bool) {
        let line = line.replace(
            "$PLACE",
            self.place.path("").to_str().unwrap().trim_end_matches('/'),
        );
        self.git(&line.split(' ').collect::<Vec<_>>(), good);
    }

    fn git(&self, arguments: &[&str], good: bool) {
        let output = self.place.try_git(&self.here, arguments);
        assert_eq!(
            output.status.success(),
            good,
            "step {}: git {arguments:?}: {}",
            self.number,
            words(&output)
        );
    }

    fn regenerate(&mut self, args: &[String], exit: i32, says: &[String], hides: &[String]) {
        let at = format!("step {}", self.number);
        let before = Snapshot::take(&self.place, &self.here);
        let arguments: Vec<&str> = ["regenerate"]
            .into_iter()
            .chain(args.iter().map(String::as_str))
            .collect();
        let output = self.place.platform(&self.here, &arguments).output().unwrap();
        let said = words(&output);
        assert_eq!(output.status.code(), Some(exit), "{at}: {arguments:?}: {said}");
        for text in says {
            assert!(said.contains(text), "{at}: `{text}` is not said: {said}");
        }
        for text in hides {
            assert!(!said.contains(text), "{at}: `{text}` is said: {said}");
        }
        let after = Snapshot::take(&self.place, &self.here);
        self.git(&["fsck", "--strict", "--no-dangling"], true);
        let is = |name: &str| args.iter().any(|arg| arg == name);
        let looks = is("--check") || is("--diff") || is("--dry-run");
        if looks || !matches!(exit, 0 | 3) {
            assert_eq!(after.contents(), before.contents(), "{at}: no file was touched");
            assert_eq!(after.index, before.index, "{at}: the index was not touched");
            assert_eq!(after.references, before.references, "{at}: no branch was touched");
            return;
        }
        assert_eq!(
            after.touched_in_vain(&before),
            [""; 0],
            "{at}: only files that change are touched"
        );
        if is("--abort") {
            let wanted = self.before_conflict.take().unwrap();
            let (now, then) = (after.contents(), wanted.contents());
            let all = now.keys().chain(then.keys());
            let differ: Vec<_> = all.filter(|path| now.get(*path) != then.get(*path)).collect();
            assert!(
                differ.is_empty(),
                "{at}: files as before the merge, not {differ:?}"
            );
            assert_eq!(after.index, wanted.index, "{at}: the index as before the merge");
            return;
        }
        let merging = self.place.path(&self.file(".git/MERGE_HEAD")).exists();
        let open = self.conflicts();
        let status = self.status();
        if exit == 3 {
            assert!(
                merging && !open.is_empty(),
                "{at}: Git sees the merge: {status:?}"
            );
            self.before_conflict = Some(before);
            return;
        }
        assert!(!merging && open.is_empty(), "{at}: nothing is open: {status:?}");
        let changed: Vec<_> = status.iter().filter(|line| !line.starts_with("??")).collect();
        if !is("--continue") {
            assert!(changed.is_empty(), "{at}: everything is committed: {changed:?}");
            self.assert_render(&at);
        }
    }

    /// That `platform/rendered`, where there is one, is exactly what the spec renders to over that render's own layouts.
    fn assert_render(&self, at: &str) {
        let spec = std::fs::read_to_string(self.place.path(&self.file("platform.yaml"))).unwrap();
        let spec = spec.replace("\r\n", "\n");
        if self.place.tip(&self.here, "platform/rendered").is_empty() {
            return;
        }
        let plan = platform::plan::decide_from(
            "platform.yaml",
            spec.as_bytes(),
            &Default::default(),
            &self.place.node_plans(&self.here, "platform/rendered"),
            Default::default(),
        );
        let plan = plan.unwrap();
        let wanted: BTreeMap<String, String> = platform::render::render(&plan, spec.as_bytes())
            .unwrap()
            .iter()
            .map(|(path, file)| {
                let id = git2::Oid::hash_object(git2::ObjectType::Blob, &file.bytes).unwrap();
                (path.to_string(), format!("100644 blob {id}"))
            })
            .collect();
        let listed = self
            .place
            .git(&self.here, &["ls-tree", "-r", "platform/rendered"]);
        let found: BTreeMap<String, String> = listed
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(entry, path)| (path.to_owned(), entry.to_owned()))
            .collect();
        assert_eq!(found, wanted, "{at}: `platform/rendered` is exactly the render");
    }

    fn status(&self) -> Vec<String> {
        let text = self.place.git(&self.here, &["status", "--porcelain"]);
        text.lines().map(ToOwned::to_owned).collect()
    }

    /// The files with conflicts in the index, each with its stages.
    fn conflicts(&self) -> BTreeMap<String, String> {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for line in self.place.git(&self.here, &["ls-files", "-u"]).lines() {
            let (entry, path) = line.split_once('\t').unwrap();
            found
                .entry(path.to_owned())
                .or_default()
                .extend(entry.chars().last());
        }
        found
    }

    fn expect(&self, expect: &Expect) {
        let at = format!("step {}", self.number);
        assert_eq!(self.conflicts(), expect.conflicts, "{at}: conflicts");
        if let Some(status) = &expect.status {
            assert_eq!(&self.status(), status, "{at}: status");
        }
        for (name, fact) in &expect.files {
            let path = self.place.path(&self.file(name));
            match fact {
                Fact::Word(word) if word == "absent" => {
                    assert!(path.symlink_metadata().is_err(), "{at}: `{name}` must be absent");
                }
                Fact::Word(word) if word == "rendered" => {
                    let found = std::fs::read_to_string(&path)
                        .unwrap_or_else(|error| panic!("{at}: {name}: {error}"));
                    let wanted = self
                        .place
                        .git(&self.here, &["show", &format!("platform/rendered:{name}")]);
                    assert_eq!(found, wanted, "{at}: `{name}` must be as rendered");
                }
                Fact::Word(word) if word == "executable" => {
                    let line = self.place.git(&self.here, &["ls-files", "-s", name]);
                    let on_disk = path.metadata().unwrap().permissions().mode() & 0o111;
                    assert!(
                        line.starts_with("100755") && on_disk != 0,
                        "{at}: `{name}`: {line}"
                    );
                }
                Fact::Word(word) => panic!("{at}: `{word}` is no fact"),
                Fact::Text { contains, lacks } => {
                    let found = std::fs::read(&path).unwrap_or_else(|error| panic!("{at}: {name}: {error}"));
                    let found = String::from_utf8_lossy(&found);
                    for text in contains {
                        assert!(found.contains(text), "{at}: `{name}` lacks `{text}`:\n{found}");
                    }
                    for text in lacks {
                        assert!(!found.contains(text), "{at}: `{name}` has `{text}`:\n{found}");
                    }
                }
            }
        }
    }
}
