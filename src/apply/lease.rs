//! The lock of a cluster: two applies of different specs must not mix.

use std::time::{Duration, Instant};

use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::inventory::{NAME, NAMESPACE};
use crate::edge::cluster::{Call, Cluster, ClusterError, Pace, Stop};

/// A lock that was not renewed for this long belongs to a process that is gone.
const LIFETIME: Duration = Duration::from_secs(20);
/// How often it is renewed.
const RENEWAL: Duration = Duration::from_secs(5);
/// How long a second run waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// The lock while it is held.
pub(super) struct Lease {
    cluster: Cluster,
    holder: String,
    renewal: tokio::task::JoinHandle<()>,
}

fn path() -> String {
    format!("/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases")
}

fn lease(holder: &str, version: Option<&str>) -> Value {
    let now = format!("{:.6}", Timestamp::now());
    let mut lease = json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": {
            "holderIdentity": holder,
            "leaseDurationSeconds": LIFETIME.as_secs(),
            "acquireTime": now,
            "renewTime": now,
        },
    });
    if let Some(version) = version {
        lease["metadata"]["resourceVersion"] = version.into();
    }
    lease
}

/// Whether a lease may be taken: nobody holds it, or its holder has not moved while we watched.
///
/// Only durations are compared, never the clocks of two machines.
fn free(lease: &Value, unmoved: Duration) -> bool {
    let holder = lease["spec"]["holderIdentity"].as_str().unwrap_or_default();
    let seconds = lease["spec"]["leaseDurationSeconds"].as_u64();
    let lifetime = Duration::from_secs(seconds.unwrap_or(0).min(LIFETIME.as_secs()));
    holder.is_empty() || unmoved > lifetime
}

/// Who holds a lease, and since when.
fn described(lease: Option<&Value>) -> String {
    let text = |key: &str| {
        lease
            .and_then(|lease| lease["spec"][key].as_str())
            .unwrap_or("somebody")
    };
    format!("`{}` since {}", text("holderIdentity"), text("acquireTime"))
}

impl Lease {
    /// Takes the lock; waits a while for another run, which `say` hears about once, then returns its holder.
    pub(super) async fn take(
        cluster: &Cluster,
        stop: &Stop,
        holder: &str,
        say: &dyn Fn(&str),
    ) -> Result<Result<Self, String>, ClusterError> {
        let mut told = false;
        let mut seen: Option<(Value, Instant)> = None;
        let deadline = cluster.deadline().within(PATIENCE);
        let mut pace = Pace::new("waiting for the lock of the cluster", deadline, stop);
        let one = format!("{}/{NAME}", path());
        loop {
            let found = cluster.find(&one).await?;
            if let Some(found) = &found
                && seen.as_ref().is_none_or(|(spec, _)| *spec != found["spec"])
            {
                seen = Some((found["spec"].clone(), Instant::now()));
            }
            let unmoved = seen.as_ref().map_or(Duration::ZERO, |(_, at)| at.elapsed());
            let call = match &found {
                None => Some(Call::post(path(), lease(holder, None))),
                Some(found) if free(found, unmoved) => {
                    let version = found["metadata"]["resourceVersion"].as_str();
                    Some(Call::put(one.as_str(), lease(holder, version)))
                }
                Some(_) => None,
            };
            let busy = call.is_none();
            if let Some(call) = call {
                match cluster.call(&call).await {
                    Ok(_) => break,
                    // somebody was faster
                    Err(error) if error.refusal().is_some_and(|refusal| refusal.code == 409) => {}
                    Err(error) => return Err(error),
                }
            }
            if !told && busy {
                told = true;
                say(&described(found.as_ref()));
            }
            match pace.next().await {
                Ok(()) => {}
                Err(ClusterError::Deadline { .. }) => return Ok(Err(described(found.as_ref()))),
                Err(error) => return Err(error),
            }
        }
        Ok(Ok(Self {
            cluster: cluster.clone(),
            holder: holder.to_owned(),
            renewal: tokio::spawn(renew(cluster.clone(), holder.to_owned())),
        }))
    }

    /// Gives the lock back; a failure is harmless, for the lock ends by itself.
    pub(super) async fn release(self) {
        self.renewal.abort();
        let one = format!("{}/{NAME}", path());
        if let Ok(Some(found)) = self.cluster.find(&one).await
            && found["spec"]["holderIdentity"] == self.holder.as_str()
        {
            let version = found["metadata"]["resourceVersion"].as_str();
            let _ = self.cluster.call(&Call::put(one, lease("", version))).await;
        }
    }
}

async fn renew(cluster: Cluster, holder: String) {
    let one = format!("{}/{NAME}", path());
    let mut ticks = tokio::time::interval(RENEWAL);
    loop {
        ticks.tick().await;
        if let Ok(Some(mut found)) = cluster.find(&one).await
            && found["spec"]["holderIdentity"] == holder.as_str()
        {
            found["spec"]["renewTime"] = format!("{:.6}", Timestamp::now()).into();
            // The next tick tries again; a lost lock is noticed by whoever takes it.
            let _ = cluster.call(&Call::put(one.as_str(), found)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_free_when_nobody_holds_it_or_its_holder_stands_still() {
        let held = lease("a", None);
        let ended = lease("", None);
        let long = LIFETIME + Duration::from_secs(1);
        for (lease, unmoved, expected) in [
            (&held, Duration::ZERO, false),
            (&held, LIFETIME, false),
            (&held, long, true),
            (&ended, Duration::ZERO, true),
            (&json!({}), Duration::ZERO, true),
        ] {
            assert_eq!(free(lease, unmoved), expected, "{lease} after {unmoved:?}");
        }
    }
}
