//! The connection to one cluster.

use std::time::Duration;

use http::Response;
use kube::client::Body;
use serde_json::Value;

use super::retry::{self, Failure};
use super::{Call, ClusterError, Deadline, Refusal, Target};

/// The longest that one request may take; the longest admission webhook chain takes less.
const REQUEST_LIMIT: Duration = Duration::from_secs(30);
/// The longest that a connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Objects per page of a list.
const PAGE: &str = "500";

/// One cluster; clones share the connection.
#[derive(Clone)]
pub struct Cluster {
    client: kube::Client,
    server: String,
    context: String,
    deadline: Deadline,
}

impl Cluster {
    /// Prepares the connection; an exec plug-in of the kubeconfig runs here, bounded by the deadline.
    pub async fn connect(target: &Target, deadline: Deadline) -> Result<Self, ClusterError> {
        let mut config = target.config().await?;
        config.connect_timeout = Some(CONNECT_LIMIT);
        config.read_timeout = Some(REQUEST_LIMIT);
        config.write_timeout = Some(REQUEST_LIMIT);
        config.default_retry = false; // fifteen tries with unbounded Retry-After; ours are in `retry`
        let handle = tokio::runtime::Handle::current();
        let build = tokio::task::spawn_blocking(move || {
            let _inside = handle.enter();
            kube::Client::try_from(config)
        });
        let unusable = |cause: String| ClusterError::Unusable {
            context: target.context.clone(),
            cause,
        };
        let client = match tokio::time::timeout(deadline.left(), build).await {
            Err(_late) => {
                return Err(deadline.passed(&format!("credentials of context `{}`", target.context)));
            }
            Ok(Err(panicked)) => return Err(unusable(panicked.to_string())),
            Ok(Ok(Err(cause))) => return Err(unusable(chain(&cause))),
            Ok(Ok(Ok(client))) => client,
        };
        Ok(Self {
            client,
            server: target.server.clone(),
            context: target.context.clone(),
            deadline,
        })
    }

    /// The context that leads here.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// URL of the API server.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// When everything must be over.
    pub fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// The cluster's identity: the UID of the namespace `kube-system`, which no cluster shares with another.
    pub async fn uid(&self) -> Result<String, ClusterError> {
        let namespace = self.call(&Call::get("/api/v1/namespaces/kube-system")).await?;
        let uid = namespace["metadata"]["uid"].as_str();
        uid.map(str::to_owned).ok_or_else(|| ClusterError::NotUnderstood {
            doing: "GET namespace `kube-system`".to_owned(),
            cause: "it has no uid".to_owned(),
        })
    }

    /// Sends a request, again when that may help, and returns the JSON answer.
    pub async fn call(&self, call: &Call) -> Result<Value, ClusterError> {
        let doing = call.doing();
        let mut tries = 0;
        loop {
            tries += 1;
            let limit = self.deadline.within(REQUEST_LIMIT);
            if limit.left().is_zero() {
                return Err(self.deadline.passed(&doing));
            }
            let answer = tokio::time::timeout(limit.left(), self.once(call)).await;
            let (failure, error) = match answer {
                Err(_late) => return Err(limit.passed(&doing)),
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(failed)) => failed,
            };
            match retry::after(failure, tries, self.deadline.left()) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return Err(error),
            }
        }
    }

    /// Reads an object; `None` when it does not exist.
    pub async fn find(&self, path: &str) -> Result<Option<Value>, ClusterError> {
        match self.call(&Call::get(path)).await {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads all objects of a collection, page by page, in the order of the server.
    pub async fn list(&self, path: &str, selector: Option<&str>) -> Result<Vec<Value>, ClusterError> {
        let mut items = Vec::new();
        let mut next = String::new();
        loop {
            let mut call = Call::get(path).with("limit", PAGE);
            if let Some(selector) = selector {
                call = call.with("labelSelector", selector);
            }
            if !next.is_empty() {
                call = call.with("continue", next);
            }
            let mut page = self.call(&call).await?;
            if let Some(found) = page["items"].as_array_mut() {
                items.append(found);
            }
            next = page["metadata"]["continue"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            if next.is_empty() {
                return Ok(items);
            }
        }
    }

    async fn once(&self, call: &Call) -> Result<Value, (Failure, ClusterError)> {
        let doing = call.doing();
        let request = call.request().map_err(|error| (Failure::Other, error))?;
        let response = self
            .client
            .send(request.map(Body::from))
            .await
            .map_err(|error| self.broken(&error))?;
        let status = response.status();
        let wait = retry_after(&response);
        let bytes = response
            .into_body()
            .collect_bytes()
            .await
            .map_err(|error| self.broken(&error))?;
        if !status.is_success() {
            let refusal = Refusal::parse(status.as_u16(), &String::from_utf8_lossy(&bytes));
            return Err((
                Failure::Status(status.as_u16(), wait),
                ClusterError::Refused { doing, refusal },
            ));
        }
        serde_json::from_slice(&bytes).map_err(|cause| {
            (
                Failure::Other,
                ClusterError::NotUnderstood {
                    doing,
                    cause: cause.to_string(),
                },
            )
        })
    }

    fn broken(&self, error: &kube::Error) -> (Failure, ClusterError) {
        let failure = if passes_by_itself(error) {
            Failure::Broken
        } else {
            Failure::Other
        };
        let server = self.server.clone();
        let error = match error {
            kube::Error::Auth(_) => ClusterError::Unusable {
                context: self.context.clone(),
                cause: chain(error),
            },
            _ => ClusterError::Unreachable {
                server,
                cause: chain(error),
            },
        };
        (failure, error)
    }
}

fn retry_after(response: &Response<Body>) -> Option<u64> {
    response.headers().get("retry-after")?.to_str().ok()?.parse().ok()
}

/// Whether a connection was refused or lost, as opposed to a bad certificate or an unknown name.
fn passes_by_itself(error: &(dyn std::error::Error + 'static)) -> bool {
    use std::io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, UnexpectedEof,
    };
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && matches!(
                io.kind(),
                BrokenPipe | ConnectionAborted | ConnectionRefused | ConnectionReset | UnexpectedEof
            )
        {
            return true;
        }
        if error
            .to_string()
            .contains("connection closed before message completed")
        {
            return true;
        }
        next = error.source();
    }
    false
}

/// The texts of an error and its causes, each said once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        match texts.last_mut() {
            // many errors repeat their source in their own text
            Some(last) if last.contains(&text) => {}
            _ => texts.push(text),
        }
        next = error.source();
    }
    let text = texts.join(": ");
    // kube's own wrapper says nothing
    let plain = ["ServiceError: ", "HyperError: "]
        .iter()
        .find_map(|wrapper| text.strip_prefix(wrapper));
    plain.unwrap_or(&text).to_owned()
}
