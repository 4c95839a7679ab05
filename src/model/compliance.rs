//! The control catalogues that a spec reports against.

use super::report::Report;
use crate::catalog::compliance;
use crate::spec::{Spec, Step, did_you_mean};

/// Reports catalogues that are not there, and those that are named twice.
pub(super) fn check(spec: &Spec, report: &mut Report<'_>) {
    let known = compliance::ids();
    for (index, id) in spec.compliance.iter().enumerate() {
        let path = [Step::Key("compliance"), Step::Index(index)];
        let shown: String = id.escape_debug().take(60).collect();
        if !known.contains(&id.as_str()) {
            let hint = did_you_mean(id, known.iter().copied()).map_or_else(
                || format!("catalogues: {}", known.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("catalogue `{shown}` does not exist");
            report.add(&path, "unknown-catalogue", message, Some(hint));
        } else if spec.compliance[..index].contains(id) {
            let message = format!("catalogue `{shown}` is named twice");
            report.add(
                &path,
                "duplicate-name",
                message,
                Some("keep one of the two".to_owned()),
            );
        }
    }
}
