//! Plays source-controller for Git repositories: commits are published as it would publish them, without any remote.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::Cluster;
use super::users::User;

/// Archives by path, as the server gives them out.
type Archives = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// Git repositories in a folder, and the server on loopback from which controllers fetch their commits.
#[derive(Debug)]
pub(crate) struct SourceStandIn {
    folder: PathBuf,
    address: SocketAddr,
    archives: Archives,
}

impl SourceStandIn {
    /// Starts the server; it ends with the test binary.
    pub(crate) fn start(folder: &Path) -> SourceStandIn {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port on loopback");
        let address = listener.local_addr().expect("a bound address");
        let archives = Archives::default();
        let served = Arc::clone(&archives);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that goes away is its own matter: it says so, and asks again.
                let _ = answer(stream, &served);
            }
        });
        SourceStandIn {
            folder: folder.to_path_buf(),
            address,
            archives,
        }
    }

    /// Commits exactly the content of a folder to a repository, and returns the revision as Flux writes it.
    pub(crate) fn commit(&self, repository: &str, content: &Path, message: &str) -> String {
        let in_content = |arguments: &[&str]| {
            let directory = format!("--git-dir={}", self.git_directory(repository));
            let tree = format!("--work-tree={}", content.display());
            git(&[&[directory.as_str(), tree.as_str()], arguments].concat())
        };
        in_content(&["init", "--quiet", "--initial-branch=main"]);
        in_content(&["add", "--all"]);
        in_content(&["commit", "--quiet", "--allow-empty", "--message", message]);
        let commit = String::from_utf8(in_content(&["rev-parse", "HEAD"])).expect("a commit is text");
        format!("main@sha1:{}", commit.trim())
    }

    /// Publishes a revision of a repository as the artifact of an existing GitRepository object.
    pub(crate) fn publish(
        &self,
        cluster: &Cluster,
        (namespace, name): (&str, &str),
        repository: &str,
        revision: &str,
    ) {
        let commit = revision.rsplit(':').next().expect("branch@algorithm:commit");
        let directory = format!("--git-dir={}", self.git_directory(repository));
        // Of the tree, not of the commit: otherwise Git adds a header that only archives of Git have.
        let tree = format!("{commit}^{{tree}}");
        let archive = git(&[directory.as_str(), "archive", "--format=tar.gz", &tree]);
        let path = format!("gitrepository/{namespace}/{name}/{commit}.tar.gz");
        let digest: String = Sha256::digest(&archive)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        // When it was makes no difference to anybody who reads it.
        let time = "2026-01-01T00:00:00Z";
        let generation = cluster.ok(
            User::Root,
            &[
                "-n",
                namespace,
                "get",
                "gitrepository",
                name,
                "-o",
                "jsonpath={.metadata.generation}",
            ],
        );
        let generation: u64 = generation.parse().expect("a generation is a number");
        let status = json!({"status": {
            "observedGeneration": generation,
            "artifact": {
                "url": format!("http://{}/{path}", self.address),
                "path": path,
                "revision": revision,
                "digest": format!("sha256:{digest}"),
                "size": archive.len(),
                "lastUpdateTime": time,
            },
            "conditions": [{
                "type": "Ready",
                "status": "True",
                "reason": "Succeeded",
                "message": format!("stored artifact for revision '{revision}'"),
                "observedGeneration": generation,
                "lastTransitionTime": time,
            }],
        }});
        self.archives
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(format!("/{path}"), archive);
        let status = status.to_string();
        let patch = ["patch", "gitrepository", name, "--subresource=status"];
        let patch = [
            &["-n", namespace],
            patch.as_slice(),
            &["--type=merge", "-p", &status],
        ]
        .concat();
        cluster.ok(User::Root, &patch);
    }

    fn git_directory(&self, repository: &str) -> String {
        self.folder
            .join(format!("{repository}.git"))
            .display()
            .to_string()
    }
}

/// Answers one GET and closes the connection.
fn answer(mut stream: TcpStream, archives: &Archives) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    // The headers are read, or closing would cut off the answer.
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let archive = archives
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(path)
        .cloned();
    let status = if archive.is_some() {
        "200 OK"
    } else {
        "404 Not Found"
    };
    let body = archive.unwrap_or_default();
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/gzip\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    stream.write_all(&body)
}

/// Runs Git with a fixed identity and nothing of the person's own settings, and returns what it printed.
fn git(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("git")
        .args(["-c", "user.name=lab", "-c", "user.email=lab@example.com"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .unwrap_or_else(|error| panic!("`git` cannot be run: {error}"));
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}
