//! The configurations of NVIDIA's components, for every valid spec: against their schemas and the strict readers.

#![allow(clippy::unwrap_used, reason = "a test helper that cannot go on has failed")]

mod support;

use platform::render::{self, gpu::audit, read_back};
use serde_json::{Value, json};
use support::{decide, files};

const MIG: &str = include_str!("../schemas/mig-parted-config.schema.json");
const PLUGIN: &str = include_str!("../schemas/device-plugin-config.schema.json");

fn validator(schema: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
}

#[test]
fn every_rendered_configuration_is_sound() {
    let (mig, plugin) = (validator(MIG), validator(PLUGIN));
    let (mut checked, mut audited) = (0, 0);
    for folder in ["tests/specs/valid", "examples"] {
        for path in files(folder, "yaml") {
            let bytes = std::fs::read(&path).unwrap();
            let plan = decide("spec.yaml", &bytes).unwrap_or_else(|f| panic!("{}: {f:#?}", path.display()));
            let tree = render::render(&plan, &bytes).unwrap();
            for cluster in &plan.clusters {
                let (total, problems) = audit(cluster, &tree);
                assert_eq!(problems, Vec::<String>::new(), "{}", path.display());
                audited += total;
            }
            for (name, file) in tree.iter() {
                let validator = match name.as_str().rsplit('/').next() {
                    Some("mig-parted-config.yaml") => &mig,
                    Some("device-plugin-config.yaml") => &plugin,
                    _ => continue,
                };
                for map in read_back(name.as_str(), &file.bytes).unwrap() {
                    for (key, text) in map["data"].as_object().unwrap() {
                        let inner = read_back(key, text.as_str().unwrap().as_bytes()).unwrap();
                        let errors: Vec<String> =
                            validator.iter_errors(&inner[0]).map(|e| e.to_string()).collect();
                        assert!(
                            errors.is_empty(),
                            "{}: {name} `{key}`: {errors:?}",
                            path.display()
                        );
                        checked += 1;
                    }
                }
            }
        }
    }
    assert!(
        checked > 20 && checked == audited,
        "{checked} by schema, {audited} by the readers"
    );
}

#[test]
fn the_schemas_refuse_what_the_vendors_ignore() {
    let plugin = json!({"version": "v1", "flags": {"migStrategy": "mixed"}, "sharing": {"mps": {
        "renameByDefault": true, "failRequestsGreaterThanOne": true,
        "resources": [{"name": "nvidia.com/gpu", "replicas": 2}],
    }}});
    let mig = json!({"version": "v1", "mig-configs": {
        "all-disabled": [{"devices": "all", "mig-enabled": false}],
        "t-1": [{"devices": [0], "mig-enabled": true, "mig-devices": {"1g.10gb+me": 1}}],
    }});
    let entry = "/mig-configs/t-1/0";
    let resource = "/sharing/mps/resources/0";
    for (schema, good, pointer, key, value) in [
        (PLUGIN, &plugin, "/flags", "renameByDefault", json!(true)),
        (PLUGIN, &plugin, "/sharing", "timeSlicing", json!({})),
        (PLUGIN, &plugin, "/sharing/mps", "renameByDefault", json!(false)),
        (PLUGIN, &plugin, resource, "devices", json!("all")),
        (PLUGIN, &plugin, resource, "rename", json!("x")),
        (PLUGIN, &plugin, resource, "replicas", json!(1)),
        (PLUGIN, &plugin, resource, "name", json!("gpu")),
        (MIG, &mig, "", "extra", json!(1)),
        (
            MIG,
            &mig,
            "/mig-configs",
            "all-1g.10gb+me",
            json!([{"devices": "all", "mig-enabled": false}]),
        ),
        (MIG, &mig, entry, "device-filter", json!("0x233010DE")),
        (MIG, &mig, entry, "devices", json!([0, 0])),
        (MIG, &mig, entry, "mig-enabled", json!(false)),
        (MIG, &mig, entry, "mig-devices", Value::Null),
        (MIG, &mig, entry, "mig-devices", json!({"1g.10gb": 0})),
        (MIG, &mig, entry, "mig-devices", json!({"1c.2g.10gb": 1})),
    ] {
        let validator = validator(schema);
        assert!(validator.is_valid(good), "the document itself is sound");
        let mut wrong = good.clone();
        wrong.pointer_mut(pointer).unwrap()[key] = value.clone();
        assert!(
            !validator.is_valid(&wrong),
            "`{key}: {value}` at `{pointer}` is refused"
        );
    }
}
