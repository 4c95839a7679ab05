//! Which kubeconfig files are read, and which context is used: only the one that was named.

use std::path::PathBuf;

use kube::config::{Config, KubeConfigOptions, Kubeconfig};

use super::ClusterError;

/// Where kubeconfig files may lie; the caller takes these from flags and environment.
#[derive(Debug, Clone, Default)]
pub struct Kubeconfigs {
    /// `--kubeconfig`: if given, only this file, and it must exist.
    pub flag: Option<PathBuf>,
    /// The paths in `KUBECONFIG`, in order: merged, the first one wins, missing ones are skipped.
    pub environment: Vec<PathBuf>,
    /// The user's home directory, for `~/.kube/config`.
    pub home: Option<PathBuf>,
}

/// A context that was found, before anything is sent.
#[derive(Debug, Clone)]
pub struct Target {
    /// The context.
    pub context: String,
    /// URL of the API server.
    pub server: String,
    /// The kubeconfig's name of the user; empty when the context names none.
    pub user: String,
    kubeconfig: Kubeconfig,
}

impl Kubeconfigs {
    /// Finds a context by name; neither the current context nor a pod's own identity is ever used instead.
    pub fn find(&self, context: &str) -> Result<Target, ClusterError> {
        let kubeconfig = self.read()?;
        let Some(named) = kubeconfig.contexts.iter().find(|named| named.name == context) else {
            let mut present: Vec<String> = kubeconfig
                .contexts
                .iter()
                .map(|named| format!("`{}`", named.name))
                .collect();
            present.sort();
            let present = if present.is_empty() {
                "none".to_owned()
            } else {
                present.join(", ")
            };
            return Err(ClusterError::NoContext {
                wanted: context.to_owned(),
                present,
            });
        };
        let unusable = |cause: String| ClusterError::Unusable {
            context: context.to_owned(),
            cause,
        };
        let found = named
            .context
            .clone()
            .ok_or_else(|| unusable("it is empty".to_owned()))?;
        let cluster = kubeconfig
            .clusters
            .iter()
            .find(|named| named.name == found.cluster)
            .and_then(|named| named.cluster.as_ref());
        let cluster =
            cluster.ok_or_else(|| unusable(format!("its cluster `{}` is not there", found.cluster)))?;
        let server = cluster.server.clone().unwrap_or_default();
        if !server.starts_with("https://") {
            let cause =
                format!("its server `{server}` is not an https:// URL: tokens would travel in the clear");
            return Err(unusable(cause));
        }
        let user = found.user.unwrap_or_default();
        if !user.is_empty() && !kubeconfig.auth_infos.iter().any(|named| named.name == user) {
            // kube would go on as nobody, and the server's answer would be misleading
            return Err(unusable(format!("its user `{user}` is not there")));
        }
        Ok(Target {
            context: context.to_owned(),
            server,
            user,
            kubeconfig,
        })
    }

    /// The names of all contexts, none when the files cannot be read; nothing is sent and no plug-in runs.
    pub fn contexts(&self) -> Vec<String> {
        let contexts = self
            .read()
            .map(|kubeconfig| kubeconfig.contexts)
            .unwrap_or_default();
        contexts.into_iter().map(|named| named.name).collect()
    }

    fn read(&self) -> Result<Kubeconfig, ClusterError> {
        let listed = || -> Vec<PathBuf> {
            let paths = self
                .environment
                .iter()
                .filter(|path| !path.as_os_str().is_empty());
            paths.cloned().collect()
        };
        let (paths, must_exist) = match &self.flag {
            Some(path) => (vec![path.clone()], true),
            None if !listed().is_empty() => (listed(), false),
            None => (
                self.home.iter().map(|home| home.join(".kube/config")).collect(),
                false,
            ),
        };
        let mut merged: Option<Kubeconfig> = None;
        for path in &paths {
            if !must_exist && !path.exists() {
                continue;
            }
            let bad = |cause: kube::config::KubeconfigError| ClusterError::Kubeconfig {
                path: path.display().to_string(),
                cause: cause.to_string(),
            };
            let next = Kubeconfig::read_from(path).map_err(bad)?;
            merged = Some(match merged {
                Some(first) => first.merge(next).map_err(bad)?,
                None => next,
            });
        }
        merged.ok_or_else(|| {
            let tried: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
            ClusterError::NoKubeconfig {
                tried: if tried.is_empty() {
                    "`~/.kube/config`".to_owned()
                } else {
                    tried.join(", ")
                },
            }
        })
    }
}

impl Target {
    /// The client configuration of exactly this context.
    pub(super) async fn config(&self) -> Result<Config, ClusterError> {
        let options = KubeConfigOptions {
            context: Some(self.context.clone()),
            ..KubeConfigOptions::default()
        };
        Config::from_custom_kubeconfig(self.kubeconfig.clone(), &options)
            .await
            .map_err(|cause| ClusterError::Unusable {
                context: self.context.clone(),
                cause: cause.to_string(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(contexts: &[(&str, &str)]) -> String {
        let entries = |what: &str| -> String {
            let line = |(name, server): &(&str, &str)| match what {
                "contexts" => format!("- {{name: {name}, context: {{cluster: {name}, user: {name}}}}}\n"),
                "clusters" => format!("- {{name: {name}, cluster: {{server: '{server}'}}}}\n"),
                _ => format!("- {{name: {name}, user: {{token: t}}}}\n"),
            };
            contexts.iter().map(line).collect()
        };
        let first = contexts.first().map(|c| c.0).unwrap_or_default();
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: '{first}'\ncontexts:\n{}clusters:\n{}users:\n{}",
            entries("contexts"),
            entries("clusters"),
            entries("users")
        )
    }

    #[test]
    fn only_the_named_context_is_used_and_lists_are_merged() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        std::fs::write(
            path("a"),
            file(&[("one", "https://a:1"), ("plain", "http://a:2")]),
        )
        .expect("written");
        std::fs::write(path("b"), file(&[("one", "https://b:1"), ("two", "https://b:2")])).expect("written");
        std::fs::write(path("bad"), "contexts: [").expect("written");
        std::fs::create_dir_all(path("home/.kube")).expect("made");
        std::fs::write(path("home/.kube/config"), file(&[("home", "https://h:1")])).expect("written");
        let list = |names: &[&str]| Kubeconfigs {
            flag: None,
            environment: names.iter().map(|name| path(name)).collect(),
            home: Some(path("home")),
        };
        let server = |sources: &Kubeconfigs, context: &str| {
            sources
                .find(context)
                .map(|target| target.server)
                .map_err(|error| (error.exit_code(), error.to_string()))
        };
        let both = list(&["missing", "a", "b"]);
        assert_eq!(server(&both, "one"), Ok("https://a:1".into()), "the first wins");
        assert_eq!(server(&both, "two"), Ok("https://b:2".into()), "both are read");
        assert_eq!(server(&list(&[]), "home"), Ok("https://h:1".into()), "home");
        let flag = Kubeconfigs {
            flag: Some(path("b")),
            ..both.clone()
        };
        assert_eq!(
            server(&flag, "one"),
            Ok("https://b:1".into()),
            "the flag stands alone"
        );
        for (sources, context, part) in [
            (&both, "fra1", "it has `one`, `plain`, `two`"),
            (
                &both,
                "home",
                "context `home` does not exist in the kubeconfig; it has",
            ),
            (&both, "plain", "not an https:// URL"),
            (&list(&["missing"]), "one", "no kubeconfig: none of"),
            (&list(&["bad"]), "one", "cannot be used"),
            (
                &Kubeconfigs {
                    flag: Some(path("missing")),
                    ..both.clone()
                },
                "one",
                "cannot be used",
            ),
            (&Kubeconfigs::default(), "one", "none of `~/.kube/config` exists"),
        ] {
            let (code, text) = server(sources, context).expect_err(part);
            assert!(text.contains(part), "{part:?} in {text:?}");
            assert_eq!(code, 6, "{text}");
        }
    }
}
