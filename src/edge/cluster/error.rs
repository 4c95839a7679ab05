//! Why a cluster could not be asked, and what the process exits with.

use super::Refusal;

/// A question to a cluster that got no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusterError {
    /// No kubeconfig file is there.
    #[error("no kubeconfig: none of {tried} exists; set KUBECONFIG or pass --kubeconfig")]
    NoKubeconfig {
        /// The paths that were tried, quoted and joined.
        tried: String,
    },
    /// A kubeconfig file is not usable.
    #[error("kubeconfig `{path}` cannot be used: {cause}")]
    Kubeconfig {
        /// The file.
        path: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The context is in none of the files.
    #[error("context `{wanted}` does not exist in the kubeconfig; it has {present}")]
    NoContext {
        /// The context that was asked for.
        wanted: String,
        /// Those that exist, quoted and joined.
        present: String,
    },
    /// The context exists but does not lead to a client.
    #[error("context `{context}` cannot be used: {cause}")]
    Unusable {
        /// The context.
        context: String,
        /// What is missing.
        cause: String,
    },
    /// No connection, or one that broke.
    #[error("API server `{server}` cannot be reached: {cause}")]
    Unreachable {
        /// URL of the server.
        server: String,
        /// The chain of causes.
        cause: String,
    },
    /// The time is over.
    #[error("{doing}: the deadline of {seconds} s has passed")]
    Deadline {
        /// What was under way.
        doing: String,
        /// The time that was given.
        seconds: u64,
    },
    /// The user asked to stop.
    #[error("interrupted while {doing}")]
    Interrupted {
        /// What was under way.
        doing: String,
    },
    /// The server answered no.
    #[error("{doing}: {refusal}")]
    Refused {
        /// What was asked.
        doing: String,
        /// The answer.
        refusal: Refusal,
    },
    /// The answer is not what the API promises.
    #[error("{doing}: the answer is not understood: {cause}")]
    NotUnderstood {
        /// What was asked.
        doing: String,
        /// What is wrong with the answer.
        cause: String,
    },
    /// This machine cannot run network code.
    #[error("the async runtime cannot start: {cause}")]
    Runtime {
        /// The operating system's answer.
        cause: String,
    },
}

impl ClusterError {
    /// The exit code of a command that ends with this error: 1, 4, 5, 6 or 130.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Refused { refusal, .. } if refusal.is_unauthorized() => 4,
            Self::Refused { .. } => 1,
            Self::Deadline { .. } => 5,
            Self::Interrupted { .. } => 130,
            _ => 6,
        }
    }

    /// The server's answer, when it gave one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// Whether the server answered that the thing does not exist.
    pub fn is_not_found(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.code == 404)
    }

    /// Whether no further question makes sense: the server is gone, time is over or the user wants to stop.
    pub fn is_fatal(&self) -> bool {
        !matches!(self, Self::Refused { .. } | Self::NotUnderstood { .. })
            || self.refusal().is_some_and(|refusal| refusal.code == 401)
    }
}
