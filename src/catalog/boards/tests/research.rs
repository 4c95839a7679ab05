//! Where the research data lies beside the checkout, every figure is compared with it.

use serde_yaml::Value;

use super::*;

fn data() -> Option<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/mig-profiles.yaml");
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_yaml::from_str(&text).unwrap())
}

fn number(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap_or_else(|| panic!("{value:?} is no number"))).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_sequence().into_iter().flatten();
    list.map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn engines(value: &Value) -> Option<Engines> {
    (!value.is_null()).then(|| Engines {
        decoders: number(&value["dec"]),
        encoders: number(&value["enc"]),
        jpeg: number(&value["jpeg"]),
        optical_flow: number(&value["ofa"]),
    })
}

fn confidence(board: &Board, figure: &str, profile: Option<&str>) -> Confidence {
    let told = board.confidence(figure, profile);
    told.unwrap_or_else(|| panic!("`{figure}` of {profile:?} on `{}` has no evidence", board.id))
}

#[test]
fn the_catalogue_has_every_board_and_every_figure_of_it() {
    let Some(data) = data() else { return };
    let gpus = data["gpus"].as_sequence().unwrap();
    let with_mig = boards()
        .unwrap()
        .iter()
        .filter(|b| b.mig.is_some() || b.unplanned_mig.is_some());
    assert_eq!(with_mig.count(), gpus.len(), "boards with MIG");
    for gpu in gpus {
        let id = gpu["id"].as_str().unwrap();
        let board = board(id)
            .unwrap()
            .unwrap_or_else(|| panic!("there is no board `{id}`"));
        assert_eq!(
            gpu["architecture"],
            board.architecture.as_str(),
            "architecture of `{id}`"
        );
        assert_eq!(
            number(&gpu["total_memory_gb"]),
            board.memory_gb,
            "memory of `{id}`"
        );
        assert_eq!(
            texts(&gpu["product_labels"]),
            board.product_labels.values,
            "labels of `{id}`"
        );
        assert_eq!(
            gpu["product_labels_verified"], board.product_labels.verified,
            "labels of `{id}`"
        );
        let pci: Vec<String> = texts(&gpu["pci_device_ids"])
            .iter()
            .map(|id| format!("10de:{}", id[2..6].to_lowercase()))
            .collect();
        assert_eq!(pci, board.pci_ids, "PCI ids of `{id}`");
        match (&board.mig, &board.unplanned_mig) {
            (Some(mig), None) => planned(gpu, board, mig),
            (None, Some(mig)) => unplanned(gpu, mig),
            _ => panic!("`{id}` has either"),
        }
    }
}

fn planned(gpu: &Value, board: &Board, mig: &Mig) {
    let id = &board.id;
    assert_eq!(gpu["solver_ready"], true, "`{id}`");
    let mode = if mig.mode_change == ModeChange::GpuReset {
        "gpu-reset"
    } else {
        "on-demand"
    };
    assert_eq!(gpu["mode_change"], mode, "mode change of `{id}`");
    let unverified = gpu["mode_change_verified"] == false;
    assert!(
        !unverified || confidence(board, "modeChange", None) == Confidence::C,
        "mode change of `{id}`"
    );
    let tier = board.placement_confidence().map(|tier| format!("{tier:?}"));
    assert_eq!(
        gpu["placement_tier"].as_str(),
        tier.as_deref(),
        "confidence of the placements of `{id}`"
    );
    let count = format!("{:?}", confidence(board, "profiles.maxInstances", None));
    assert_eq!(
        gpu["count_tier"].as_str(),
        Some(count.as_str()),
        "confidence of the counts of `{id}`"
    );
    assert_eq!(
        number(&gpu["compute_slices"]),
        mig.compute_slices,
        "compute slices of `{id}`"
    );
    assert_eq!(
        number(&gpu["memory_units"]),
        mig.memory_units,
        "memory units of `{id}`"
    );
    assert_eq!(engines(&gpu["engine_totals"]), mig.engines, "engines of `{id}`");
    let aliases: BTreeMap<String, Vec<String>> = gpu
        .get("name_aliases")
        .and_then(Value::as_mapping)
        .into_iter()
        .flatten()
        .map(|(name, aliases)| (name.as_str().unwrap().to_owned(), texts(aliases)))
        .collect();
    assert_eq!(aliases, mig.name_aliases, "aliases of `{id}`");
    let profiles = gpu["profiles"].as_sequence().unwrap();
    assert_eq!(profiles.len(), mig.profiles.len(), "profiles of `{id}`");
    for (theirs, ours) in profiles.iter().zip(&mig.profiles) {
        let places: Vec<Placement> = theirs["placements"]
            .as_sequence()
            .unwrap()
            .iter()
            .map(|p| Placement {
                start: number(&p["start"]),
                size: number(&p["size"]),
            })
            .collect();
        let optional = |key: &str| theirs.get(key).map(number);
        let expected = Profile {
            name: theirs["name"].as_str().unwrap().to_owned(),
            resource: theirs["resource"].as_str().unwrap().to_owned(),
            memory_gb: number(&theirs["memory_gb"]),
            compute_slices: number(&theirs["compute_slices"]),
            memory_units: number(&theirs["memory_slices"]),
            max_instances: number(&theirs["max_instances"]),
            placements: places,
            engines: theirs.get("engines").and_then(engines),
            multiprocessors: optional("sm"),
            memory_mib: optional("memory_mib_seen"),
            instance_profile_id: number(&theirs["gi_profile_id"]),
            minimum_driver: theirs.get("min_driver").map(|d| d.as_str().unwrap().to_owned()),
        };
        assert_eq!(expected, *ours, "on `{id}`");
        let seen = confidence(board, "profiles.instanceProfileId", Some(&ours.name)) < Confidence::C;
        assert_eq!(
            theirs["gi_profile_id_verified"], seen,
            "id of `{}` on `{id}`",
            ours.name
        );
    }
}

fn unplanned(gpu: &Value, mig: &UnplannedMig) {
    let id = &gpu["id"];
    assert_eq!(gpu["solver_ready"], false, "{id:?}");
    assert_eq!(
        (&gpu["mode_change"], mig.mode_change),
        (&"on-demand".into(), ModeChange::OnDemand),
        "{id:?}"
    );
    assert_eq!(
        number(&gpu["compute_slices"]),
        mig.compute_slices,
        "compute slices of {id:?}"
    );
    assert_eq!(engines(&gpu["engine_totals"]), mig.engines, "engines of {id:?}");
    let expected: Vec<UnplannedProfile> = gpu["profiles"]
        .as_sequence()
        .unwrap()
        .iter()
        .map(|theirs| UnplannedProfile {
            name: theirs["name"].as_str().unwrap().to_owned(),
            resource: theirs["resource"].as_str().unwrap().to_owned(),
            memory_gb: number(&theirs["memory_gb"]),
            compute_slices: number(&theirs["compute_slices"]),
            max_instances: number(&theirs["max_instances"]),
            engines: engines(&theirs["engines"]),
        })
        .collect();
    assert_eq!(expected, mig.profiles, "profiles of {id:?}");
}
