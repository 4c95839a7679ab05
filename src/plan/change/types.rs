//! What differs between two plans, item by item.

use serde::Serialize;

/// Whether something is there now that was not, or the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// It was not there before, or was less.
    Gained,
    /// It is there no longer, or is less.
    Lost,
}

/// What a change of a control means for the protection of the tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It permits more than before.
    Loosened,
    /// It permits less than before.
    Tightened,
    /// It is another one, neither stricter nor wider.
    Changed,
}

/// A control that is another one now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ControlChange {
    /// What it means.
    pub verdict: Verdict,
    /// Which control, such as `policy.mode`.
    pub control: &'static str,
    /// What of it, such as the id of a policy.
    pub subject: String,
    /// What it was; `-` where there was nothing.
    pub before: String,
    /// What it is; `-` where there is nothing.
    pub after: String,
}

/// What happened to a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TeamChange {
    /// Its name, the new one where it was renamed.
    pub team: String,
    /// What happened.
    pub what: TeamEvent,
    /// Its former name, where it was renamed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formerly: Option<String>,
    /// What is meant in particular, one text each, such as `namespace gained: team-a-dev`.
    pub details: Vec<String>,
}

/// The kinds of change of a team, each at most once per team; only a renamed team may have a second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TeamEvent {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has another name; its groups, owners and clusters may differ as well.
    Renamed,
    /// Its quotas are zero now, and nothing of it is deleted.
    Frozen,
    /// Its quotas are as promised again.
    Unfrozen,
    /// Something of it is another.
    Touched,
}

/// Where a tenant's change happens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The cluster.
    pub cluster: String,
    /// The team, by its new name.
    pub team: String,
    /// The namespace.
    pub namespace: String,
}

/// What a grant entitles to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum GrantKind {
    /// Requests of an extended resource.
    Resource,
    /// The nodes of a pool.
    Pool,
    /// A group works in the namespace.
    Member,
    /// A group owns the team.
    Owner,
}

/// A grant of a namespace that came or went.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct GrantChange {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// Which way.
    pub direction: Direction,
    /// What for.
    pub kind: GrantKind,
    /// Its name: the resource, the pool or the group.
    pub name: String,
}

/// A limit of a namespace that is another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct QuotaChange {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// Which way.
    pub direction: Direction,
    /// What is limited: `cpu`, `memory`, `pods`, `storage` or an extended resource.
    pub what: String,
    /// The former limit; none where the namespace is new.
    pub before: Option<String>,
    /// The limit now, `unlimited` without one; none where the namespace is gone.
    pub after: Option<String>,
}

/// A secret that a namespace may read now, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct SecretChange {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// Which way.
    pub direction: Direction,
    /// The backend's name in the spec.
    pub backend: String,
    /// API path of the secret.
    pub path: String,
}

/// Consecutive nodes of a pool, by their index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NodeRange {
    /// The first.
    pub first: u32,
    /// How many, at least 1.
    pub nodes: u32,
}

/// Promised GPUs that one team loses and another gains in the same pool: the one is tightened, the other loosened.
///
/// It is capacity and no control, so that nobody has to allow it; but it is always said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// The extended resource.
    pub resource: String,
    /// How many.
    pub count: u64,
    /// The team that loses them, by its new name.
    pub from: String,
    /// The team that gains them.
    pub to: String,
}

/// What happened to a pool or a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Existence {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It was there and is.
    Changed,
}

/// A pool that is another one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolChange {
    /// The cluster.
    pub cluster: String,
    /// The pool.
    pub pool: String,
    /// What happened.
    pub what: Existence,
    /// What differs, one text each, such as `nodes: 4 → 6`.
    pub details: Vec<String>,
    /// GPUs whose MIG layout or MIG mode differs: each is emptied and rebuilt. Those of nodes that were not in the pool
    /// do not count.
    pub gpus_rebuilt: u64,
    /// The nodes with at least one such GPU, in order.
    pub nodes_affected: Vec<NodeRange>,
    /// What moves between teams.
    pub moves: Vec<Move>,
}

/// A cluster that came, went or is reached in another way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ClusterChange {
    /// Its name.
    pub cluster: String,
    /// What happened.
    pub what: Existence,
    /// What differs, one text each.
    pub details: Vec<String>,
}

/// What a change of the spec means, before anything is written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Change {
    /// Whether nothing was there before; then nothing is loosened.
    pub first: bool,
    /// The clusters, by name.
    pub clusters: Vec<ClusterChange>,
    /// The pools, by cluster and name.
    pub pools: Vec<PoolChange>,
    /// The teams, by name.
    pub teams: Vec<TeamChange>,
    /// The controls: loosened, tightened, changed.
    pub controls: Vec<ControlChange>,
    /// The grants, by place.
    pub grants: Vec<GrantChange>,
    /// The quotas, by place.
    pub quotas: Vec<QuotaChange>,
    /// The secrets, by place.
    pub secrets: Vec<SecretChange>,
}

impl Change {
    /// Whether both plans mean the same.
    pub fn is_empty(&self) -> bool {
        let Self {
            first: _,
            clusters,
            pools,
            teams,
            controls,
            grants,
            quotas,
            secrets,
        } = self;
        clusters.is_empty()
            && pools.is_empty()
            && teams.is_empty()
            && controls.is_empty()
            && grants.is_empty()
            && quotas.is_empty()
            && secrets.is_empty()
    }

    /// The controls that permit more than before.
    pub fn loosens(&self) -> impl Iterator<Item = &ControlChange> {
        self.controls
            .iter()
            .filter(|control| control.verdict == Verdict::Loosened)
    }
}
