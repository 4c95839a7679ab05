//! The document `GpuPlan`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::change::between;
use crate::plan::gpu::Layouts;
use crate::plan::view::{Live, MoveView, PoolView, Surroundings, pool_view};
use crate::plan::{Assessment, Plan};
use crate::render::gpu::mig_parted::config_name;
use crate::spec::Finding;

/// Where the present layouts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum From {
    /// Nothing is there.
    #[default]
    Nothing,
    /// The node plans beside the spec.
    Commit,
    /// The plan of another spec.
    File,
    /// The nodes themselves.
    Cluster,
}

/// What is there before the change.
#[derive(Default)]
pub(super) struct Sight {
    /// Where it comes from.
    pub(super) from: From,
    /// The layouts.
    pub(super) layouts: Layouts,
    /// The plan before, where there is one.
    pub(super) former: Option<Plan>,
    /// What was seen of the nodes, by cluster and pool.
    pub(super) live: BTreeMap<(String, String), Live>,
    /// What contradicts the spec on the clusters.
    pub(super) findings: Vec<Finding>,
    /// What should be known of the clusters.
    pub(super) notes: Vec<Finding>,
}

/// `platform gpu plan -o json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    api_version: &'static str,
    kind: &'static str,
    /// Name of the platform; none where the spec is not valid.
    pub(super) name: Option<String>,
    pub(super) from: From,
    pub(super) clusters: Vec<ClusterView>,
    notes: Vec<FindingView>,
    #[serde(serialize_with = "views")]
    pub(super) findings: Vec<Finding>,
}

/// One cluster.
#[derive(Serialize)]
pub(super) struct ClusterView {
    pub(super) name: String,
    pub(super) pools: Vec<PoolView>,
}

/// A finding with all six fields always there.
#[derive(Serialize)]
pub(super) struct FindingView {
    file: String,
    line: u64,
    column: u64,
    code: &'static str,
    pub(super) message: String,
    hint: Option<String>,
}

impl FindingView {
    fn of(finding: &Finding) -> Self {
        Self {
            file: finding.file.clone(),
            line: finding.line,
            column: finding.column,
            code: finding.code,
            message: finding.message.clone(),
            hint: finding.hint.clone(),
        }
    }
}

fn views<S: serde::Serializer>(findings: &[Finding], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(FindingView::of))
}

impl Document {
    fn new(name: Option<String>, from: From) -> Self {
        Self {
            api_version: "tenancy.platform/v1alpha1",
            kind: "GpuPlan",
            name,
            from,
            clusters: Vec::new(),
            notes: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The document of a spec that cannot be planned at all.
    pub(super) fn invalid(findings: &[Finding]) -> Self {
        Self {
            findings: findings.to_vec(),
            ..Self::new(None, From::Nothing)
        }
    }

    /// The notes, each in one line.
    pub(super) fn notes(&self) -> impl Iterator<Item = &FindingView> {
        self.notes.iter()
    }
}

/// The document of everything that was assessed, or of the one cluster that is named.
pub(super) fn document(assessment: &Assessment, sight: &Sight, named: Option<&str>) -> Document {
    let mut document = Document::new(Some(assessment.name.to_string()), sight.from);
    let moves = moves(assessment, sight.former.as_ref());
    for (name, context) in &assessment.clusters {
        if named.is_some_and(|named| named != name.as_str()) {
            continue;
        }
        let pools = assessment.pools.iter().filter(|pool| pool.cluster == *name);
        let pools = pools.map(|assessed| {
            let key = (name.to_string(), assessed.pool.name.to_string());
            let present = sight.layouts.get(&key);
            let around = Surroundings {
                context,
                // A layout means nothing on another board.
                present: present.filter(|present| present.board == assessed.pool.board),
                moves: moves.get(&key).map_or(&[][..], Vec::as_slice),
                former_teams: &former_teams(sight.former.as_ref(), &key),
                live: sight.live.get(&key),
                config_name: &config_name,
            };
            pool_view(assessed, around)
        });
        document.clusters.push(ClusterView {
            name: name.to_string(),
            pools: pools.collect(),
        });
    }
    let notes = assessment.notes.iter().chain(&sight.notes);
    document.notes = notes.map(FindingView::of).collect();
    let mut findings = assessment.findings.clone();
    findings.extend(sight.findings.iter().cloned());
    findings.sort();
    findings.dedup();
    document.findings = findings;
    document
}

type Moves = BTreeMap<(String, String), Vec<MoveView>>;

/// What moves between teams, by cluster and pool.
fn moves(assessment: &Assessment, former: Option<&Plan>) -> Moves {
    let (Some(former), Some(plan)) = (former, &assessment.plan) else {
        return Moves::new();
    };
    let view = |moved: crate::plan::change::Move| MoveView {
        resource: moved.resource,
        count: moved.count,
        tightens: moved.from.clone(),
        loosens: moved.to.clone(),
        from: moved.from,
        to: moved.to,
    };
    let pools = between(Some(former), plan).pools.into_iter();
    pools
        .map(|pool| {
            (
                (pool.cluster, pool.pool),
                pool.moves.into_iter().map(view).collect(),
            )
        })
        .collect()
}

/// The teams that the former plan promises something of a pool.
fn former_teams(former: Option<&Plan>, (cluster, pool): &(String, String)) -> Vec<String> {
    let tenants = former
        .and_then(|plan| plan.cluster(cluster))
        .map_or(&[][..], |cluster| cluster.tenants.as_slice());
    let promised = tenants.iter().filter(|tenant| {
        let mut promises = tenant.promises.iter();
        promises.any(|promise| promise.pool.as_str() == pool)
    });
    promised.map(|tenant| tenant.team.to_string()).collect()
}
