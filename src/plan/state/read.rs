//! The bytes of one node plan, and where in them something stands.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_saphyr::Spanned;

use super::NODE_PLAN_CODE;
use super::check::{Place, check};
use crate::plan::NodePlan;
use crate::spec::Finding;

/// Reads one node plan; the finding names its path, the line, and how to get the last one back.
pub fn read_node_plan(path: &str, bytes: &[u8]) -> Result<NodePlan, Box<Finding>> {
    let wrong = |line: u64, column: u64, message: String| {
        Box::new(Finding {
            file: path.to_owned(),
            line,
            column,
            code: NODE_PLAN_CODE,
            message,
            hint: Some(format!(
                "`git checkout -- {path}` takes the committed one back; `platform regenerate --compact` plans as if no \
                 GPU were in use"
            )),
        })
    };
    if let Some(line) = marker(bytes) {
        let mut finding = wrong(
            line,
            1,
            "the node plan has conflict markers of a merge".to_owned(),
        );
        finding.hint = Some(format!(
            "`git checkout --theirs -- {path}` takes the side that is merged in, `--ours` the branch's; then `git add` it"
        ));
        return Err(finding);
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| wrong(0, 0, format!("the node plan is not text: {error}")))?;
    let plan: NodePlan = yaml(text).map_err(|error| {
        let at = error.location();
        let cause = error.to_string();
        let cause = cause.lines().next().unwrap_or_default();
        let cause = cause.split(" at line ").next().unwrap_or(cause).trim();
        wrong(
            at.map_or(0, |at| at.line()),
            at.map_or(0, |at| at.column()),
            format!(
                "the file is not a node plan: {}",
                cause.strip_prefix("error: ").unwrap_or(cause).escape_debug()
            ),
        )
    })?;
    let checked = check(path, &plan);
    checked.map_err(|(place, message)| {
        let (line, column) = place.of(text);
        wrong(line, column, message)
    })?;
    Ok(plan)
}

/// The line of the first marker that a merge of Git has left, from 1.
fn marker(bytes: &[u8]) -> Option<u64> {
    let lines = (1u64..).zip(bytes.split(|byte| *byte == b'\n'));
    let mut found = lines.filter(|(_, line)| line.starts_with(b"<<<<<<< ") || line.starts_with(b">>>>>>> "));
    found.next().map(|(line, _)| line)
}

/// A node plan of a hundred thousand nodes is read, for we wrote it.
fn yaml<T: DeserializeOwned>(text: &str) -> Result<T, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_events: 40_000_000,
            max_nodes: 20_000_000,
            max_aliases: 100,
            max_anchors: 100,
        },
    };
    serde_saphyr::from_str_with_options(text, options)
}

/// Where the parts of a node plan begin.
#[derive(Deserialize)]
struct Places {
    #[serde(default)]
    pools: Vec<PoolPlace>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PoolPlace {
    name: Spanned<String>,
    #[serde(default)]
    mig_configs: Vec<NodesPlace>,
}

#[derive(Deserialize)]
struct NodesPlace {
    first: Spanned<u32>,
}

impl Place {
    /// Line and column in the text; 0 for the whole document.
    fn of(self, text: &str) -> (u64, u64) {
        let places: Option<Places> = yaml(text).ok();
        let pool = |index: usize| places.as_ref().and_then(|places| places.pools.get(index));
        let found = match self {
            Self::Document => None,
            Self::Pool(index) => pool(index).map(|pool| pool.name.referenced),
            Self::Nodes(index, at) => pool(index)
                .and_then(|pool| pool.mig_configs.get(at))
                .map(|nodes| nodes.first.referenced),
        };
        found.map_or((0, 0), |at| (at.line(), at.column()))
    }
}
