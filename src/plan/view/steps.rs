//! What a person, or apply, does to bring one node to its layout.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::Pool;
use crate::plan::{GPU_OPERATOR_NAMESPACE, MIG_CONFIG_MAP};
use crate::spec::Sharing;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RolloutStep {
    /// Which one.
    pub step: StepKind,
    /// What it is, and what must hold before the next.
    pub text: String,
    /// The command that does it, or that shows whether it holds.
    pub command: String,
}

/// The steps in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// No new pod lands on the node.
    Cordon,
    /// Nobody uses a GPU of the node.
    WaitForGpuPods,
    /// The MIG manager can find the configuration.
    ConfigPresent,
    /// The MIG manager begins.
    Label,
    /// The MIG manager has finished.
    WaitStateSuccess,
    /// The DRA driver sees the new devices.
    RestartDraPlugin,
    /// The device plugin advertises what was planned.
    AllocatableEqualsPlan,
    /// Pods may land on the node again.
    Uncordon,
}

/// What the steps of a node depend on.
pub(super) struct Node<'a> {
    pub(super) pool: &'a Pool,
    pub(super) context: &'a str,
    pub(super) index: u32,
    pub(super) name: Option<&'a str>,
    pub(super) config: &'a str,
    pub(super) mode_change: &'static str,
    pub(super) allocatable: &'a BTreeMap<String, u64>,
}

/// The steps of one node; a node without a name stands in the commands as `"$NODE"`.
pub(super) fn steps(node: &Node<'_>) -> Vec<RolloutStep> {
    use StepKind::*;
    let kubectl = format!("kubectl --context {}", word(node.context));
    let (target, shown) = match node.name {
        Some(name) => (word(name), format!("node `{name}`")),
        None => (
            "\"$NODE\"".to_owned(),
            format!("node {} of pool `{}`", node.index, node.pool.name),
        ),
    };
    let config = node.config;
    let operator = format!("{kubectl} --namespace {GPU_OPERATOR_NAMESPACE}");
    let numbers: Vec<String> = node
        .allocatable
        .iter()
        .map(|(resource, count)| format!("{resource}: {count}"))
        .collect();
    let numbers = if numbers.is_empty() {
        "no GPU resource at all".to_owned()
    } else {
        numbers.join(", ")
    };
    let mode = match node.mode_change {
        "gpu-reset" => {
            "; MIG mode changes, which resets the GPUs and often needs a reboot of the node: allow for that time"
        }
        "on-demand" => "; MIG mode changes, without a reset on this board",
        _ => "",
    };
    let step = |step, text: String, command: String| RolloutStep { step, text, command };
    let mut steps = vec![
        step(
            Cordon,
            format!("cordon {shown}, so that no new pod lands on it"),
            format!("{kubectl} cordon {target}"),
        ),
        step(
            WaitForGpuPods,
            "wait until no pod with a GPU is left on it: the MIG manager pauses the GPU services of the whole node and does not drain".to_owned(),
            format!("{kubectl} get pods --all-namespaces --field-selector spec.nodeName={target}"),
        ),
        step(
            ConfigPresent,
            format!("the ConfigMap {MIG_CONFIG_MAP} has the configuration {config}"),
            format!("{operator} get configmap {MIG_CONFIG_MAP} --output yaml | grep {config}"),
        ),
        step(
            Label,
            format!("label it with the configuration{mode}"),
            format!("{kubectl} label node {target} --overwrite nvidia.com/mig.config={config}"),
        ),
        step(
            WaitStateSuccess,
            "wait for nvidia.com/mig.config.state=success; it is pending first, and `failed` needs the log of the MIG manager"
                .to_owned(),
            format!(
                "{kubectl} wait node/{target} --timeout=30m --for=jsonpath='{{.metadata.labels.nvidia\\.com/mig\\.config\\.state}}'=success"
            ),
        ),
    ];
    if node.pool.sharing == Sharing::Dra {
        steps.push(step(
            RestartDraPlugin,
            "restart the kubelet plugin of the DRA driver on it, which reads the devices at its start".to_owned(),
            format!(
                "{kubectl} delete pod --all-namespaces --selector app.kubernetes.io/name=nvidia-dra-driver-gpu --field-selector spec.nodeName={target}"
            ),
        ));
    }
    steps.push(step(
        AllocatableEqualsPlan,
        format!("its allocatable equals the plan: {numbers}"),
        format!("{kubectl} get node {target} --output jsonpath='{{.status.allocatable}}'"),
    ));
    steps.push(step(
        Uncordon,
        format!("uncordon {shown}"),
        format!("{kubectl} uncordon {target}"),
    ));
    steps
}

/// A word that the shell takes as it is.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
