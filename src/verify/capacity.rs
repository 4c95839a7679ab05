//! Do the nodes of a pool advertise at least what is promised?

use std::collections::BTreeMap;

use serde_json::Value;

use super::report::Finding;
use crate::units::parse_milli;

/// Judges the nodes of a pool.
pub(super) fn judge(
    pool: &str,
    selector: &str,
    promised: &BTreeMap<String, u64>,
    nodes: &[Value],
) -> Finding {
    if nodes.is_empty() {
        return Finding::not_assessed(format!("no node of pool `{pool}` matches `{selector}`"));
    }
    let advertised = |resource: &str| -> i128 {
        let amounts = nodes.iter().filter_map(|node| {
            let amount = node["status"]["allocatable"][resource].as_str()?;
            parse_milli(amount)
        });
        amounts.fold(0i128, i128::saturating_add) / 1000
    };
    let short: Vec<String> = promised
        .iter()
        .map(|(resource, count)| (resource, *count, advertised(resource)))
        .filter(|(_, count, found)| *found < i128::from(*count))
        .map(|(resource, count, found)| {
            format!(
                "{} nodes advertise {found} of `{resource}`, promised are {count}",
                nodes.len()
            )
        })
        .collect();
    if short.is_empty() {
        Finding::satisfied(format!("{} nodes advertise what is promised", nodes.len()))
    } else {
        Finding::not_satisfied(short.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Status;
    use serde_json::json;

    #[test]
    fn what_is_promised_must_be_advertised() {
        let node = |count: &str| json!({"status": {"allocatable": {"nvidia.com/gpu": count}}});
        let promised = BTreeMap::from([("nvidia.com/gpu".to_owned(), 4u64)]);
        for (nodes, status, text) in [
            (
                vec![node("2"), node("2")],
                Status::Satisfied,
                "2 nodes advertise what is promised",
            ),
            (
                vec![node("2"), json!({}), node("rubbish")],
                Status::NotSatisfied,
                "3 nodes advertise 2 of `nvidia.com/gpu`, promised are 4",
            ),
            (
                vec![],
                Status::NotAssessed,
                "no node of pool `p` matches `gpu-type=p`",
            ),
        ] {
            let finding = judge("p", "gpu-type=p", &promised, &nodes);
            assert_eq!(
                (finding.status, finding.found.as_str()),
                (status, text),
                "{nodes:?}"
            );
        }
    }
}
