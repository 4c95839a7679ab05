//! The pure core from end to end, on the shipped example.

use platform::model::{self, Report};
use platform::{plan, render, spec, tree::Tree};

fn tree_of(text: &str) -> Result<Tree, Vec<spec::Finding>> {
    let checked = spec::read("platform.yaml", text.as_bytes());
    let mut report = Report::new(&checked);
    let plan = checked
        .spec
        .as_ref()
        .and_then(|spec| model::build(spec, &mut report))
        .and_then(|model| plan::build(model, &mut report));
    let mut findings: Vec<_> = checked.findings.iter().cloned().collect();
    findings.extend(report.into_findings().into_sorted());
    match plan {
        Some(plan) if findings.is_empty() => {
            Ok(render::render(&plan, text.as_bytes()).expect("the plan renders"))
        }
        _ => Err(findings),
    }
}

#[test]
fn the_example_renders_the_documented_tree() {
    let example = include_str!("../examples/gpu-tenancy.yaml");
    let tree = tree_of(example).expect("the example is valid");
    for (path, file) in tree.iter() {
        println!("=== {path}\n{}", String::from_utf8_lossy(&file.bytes));
    }
    for path in [
        ".platform/lock.yaml",
        "clusters/fra1/60-tenants.yaml",
        "gpu/fra1/node-plan.yaml",
        "tenants/fra1/team-a/quota.yaml",
    ] {
        assert!(tree.get(path).is_some(), "{path} is rendered");
    }
}
