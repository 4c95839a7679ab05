//! Kyverno's admission controller, installed without helm, and when its policies are in force.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::lab::supervisor::Process;
use crate::lab::users::User;
use crate::lab::wait::poll;
use crate::lab::{Cluster, binaries, crds, ports};

/// Where [`wait_enforced`] asks its own policies; nothing else may live in it.
const CANARY: &str = "lab-canary";

/// The webhook configuration into which Kyverno writes the rules of all policies.
const WEBHOOKS: &str = "kyverno-resource-validating-webhook-cfg";

/// Installs what the controller needs, starts it and returns when a policy is enforced.
pub(crate) fn start(cluster: &Cluster) {
    install(cluster);
    let run = &cluster.run;
    let port = ports::free();
    let mut arguments = vec![
        format!("--kubeconfig={}", run.path(&User::Kyverno.file()).display()),
        // With this it registers URLs instead of a Service; the port belongs into it.
        format!("--serverIP=127.0.0.1:{port}"),
        "--webhookServerHost=127.0.0.1".to_string(),
        format!("--webhookServerPort={port}"),
        "--disableMetrics=true".to_string(),
        // It listens here all the same, by default on port 8000 of all interfaces.
        "--metricsHost=127.0.0.1".to_string(),
        format!("--metricsPort={}", ports::free()),
        "--controllerRuntimeMetricsAddress=0".to_string(),
    ];
    arguments.extend(CHART_ARGUMENTS.iter().map(ToString::to_string));
    let mut process = Process::new("kyverno", &binaries::path("kyverno"), arguments);
    process.env = CHART_ENVIRONMENT
        .iter()
        .map(|(key, value)| ((*key).to_string(), (*value).to_string()))
        .collect();
    process
        .env
        .insert("TUF_ROOT".to_string(), run.path("tuf").display().to_string());
    run.start(process);
    run.ready("kyverno", Duration::from_secs(120), || {
        // The webhooks are registered shortly before their server has its certificate: ask them.
        let get = cluster.kubectl(
            User::Root,
            &["get", "validatingwebhookconfigurations", WEBHOOKS],
            None,
        );
        let ask = ["create", "--dry-run=server", "-f", "-"];
        let ask = || cluster.kubectl(User::Root, &ask, Some(&canary_policy(CANARY)));
        (get.status.success() && ask().status.success()).then_some(())
    });
    wait_enforced(cluster, &[]);
}

/// The arguments that charts/kyverno of the pinned version gives by default, where they differ from the binary's.
const CHART_ARGUMENTS: &[&str] = &[
    "--caSecretName=kyverno-svc.kyverno.svc.kyverno-tls-ca",
    "--tlsSecretName=kyverno-svc.kyverno.svc.kyverno-tls-pair",
    "--backgroundServiceAccountName=system:serviceaccount:kyverno:kyverno-background-controller",
    "--reportsServiceAccountName=system:serviceaccount:kyverno:kyverno-reports-controller",
    "--generateValidatingAdmissionPolicy=true",
    "--maxAdmissionReports=1000",
    "--maxAPICallResponseLength=2000000",
    "--omitEvents=PolicyApplied,PolicySkipped",
    "--registryCredentialHelpers=default,google,amazon,azure,github",
    "--loggingFormat=text",
    "--v=2",
];

const CHART_ENVIRONMENT: &[(&str, &str)] = &[
    ("INIT_CONFIG", "kyverno"),
    ("METRICS_CONFIG", "kyverno-metrics"),
    ("KYVERNO_NAMESPACE", "kyverno"),
    ("KYVERNO_POD_NAME", "kyverno-0"),
    ("KYVERNO_SERVICEACCOUNT_NAME", "kyverno-admission-controller"),
    ("KYVERNO_ROLE_NAME", "kyverno:admission-controller"),
    ("KYVERNO_SVC", "kyverno-svc"),
    ("KYVERNO_DEPLOYMENT", "kyverno-admission-controller"),
];

fn install(cluster: &Cluster) {
    crds::install(cluster, &[&crds::KYVERNO]);
    cluster.apply(User::Root, include_str!("kyverno.yaml"));
    cluster.namespace(CANARY, &[]);
}

/// Waits until Kyverno enforces these ValidatingPolicies and every change of a policy made before this call.
///
/// A policy is `ready` before it is enforced: its webhook rule still has to reach the API server, and the engine has to
/// load it. Neither can be seen from outside, so a policy of our own is sent after them through the same queues, and
/// when it denies, what was sent before it is in force too. It is new each time, because an old one denies at once.
pub(crate) fn wait_enforced(cluster: &Cluster, policies: &[&str]) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let canary = format!("{CANARY}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    cluster.apply(User::Root, &canary_policy(&canary));
    let deadline = Duration::from_secs(60);
    let mut states = BTreeMap::new();
    let all_served = poll(deadline, || {
        states = policies
            .iter()
            .copied()
            .chain([canary.as_str()])
            .map(|name| (name.to_string(), state(cluster, name)))
            .collect();
        states.values().all(|state| state == "served").then_some(())
    });
    assert!(
        all_served.is_some(),
        "Kyverno does not serve all policies after {deadline:?}: {states:#?}"
    );
    cluster.wait_denied(&canary, || {
        let request = [
            "-n",
            CANARY,
            "create",
            "configmap",
            canary.as_str(),
            "--dry-run=server",
        ];
        cluster.kubectl(User::Root, &request, None)
    });
    cluster.ok(
        User::Root,
        &["delete", "validatingpolicies.policies.kyverno.io", &canary],
    );
}

/// Returns `served`, or what keeps a policy from being served.
fn state(cluster: &Cluster, policy: &str) -> String {
    let get = |resource: &str, name: &str| -> Result<Value, String> {
        let output = cluster.kubectl(User::Root, &["get", resource, name, "-o", "json"], None);
        serde_json::from_str(&output.stdout).map_err(|_| output.stderr)
    };
    let served = || -> Result<(), String> {
        let object = get("validatingpolicies.policies.kyverno.io", policy)?;
        if object["status"]["conditionStatus"]["ready"] != true {
            return Err(format!("not ready: {}", object["status"]));
        }
        // Kyverno turned it into a ValidatingAdmissionPolicy and takes it out of its own webhook.
        if object["status"]["generated"] == true {
            return Ok(());
        }
        let webhooks = get("validatingwebhookconfigurations", WEBHOOKS)?;
        let urls = webhooks["webhooks"].as_array().into_iter().flatten();
        // The path ends with the names of all policies of this webhook.
        let named = urls
            .filter_map(|webhook| webhook["clientConfig"]["url"].as_str())
            .any(|url| url.split('/').any(|part| part == policy));
        if named {
            Ok(())
        } else {
            Err("ready, but in no webhook".to_string())
        }
    };
    served().err().unwrap_or_else(|| "served".to_string())
}

/// A policy with a selector of its own, and so with a webhook of its own: it changes nothing for the others.
fn canary_policy(name: &str) -> String {
    format!(
        "apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: {{name: {name}}}
spec:
  validationActions: [Deny]
  evaluation: {{background: {{enabled: false}}}}
  matchConstraints:
    namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {CANARY}}}}}
    resourceRules:
      - {{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}}
  validations:
    - {{expression: object.metadata.name != '{name}', message: this policy is enforced}}
"
    )
}
