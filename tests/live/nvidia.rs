//! The boards of the catalogue against NVIDIA's own Go modules: go-nvml for placements, go-nvlib for names.
//!
//! go-nvml's tables of A100 and A30 agree with what drivers print; those of its other boards do not, and are not asked.

use std::io::Write;
use std::process::{Command, Stdio};

use platform::catalog::boards::{self, Board, Mig, Profile};
use serde_json::{Value, json};

use crate::lab;

fn ask(question: &str, input: &Value) -> Value {
    let mut child = Command::new(lab::binary("nvidia-mig"))
        .arg(question)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle starts");
    let mut stdin = child.stdin.take().expect("it has a pipe");
    stdin
        .write_all(input.to_string().as_bytes())
        .expect("it reads the question");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "nvidia-mig {question}: {output:?}");
    serde_json::from_slice(&output.stdout).expect("it answers in JSON")
}

#[test]
fn placements_are_those_of_go_nvml() {
    let answer = ask("placements", &Value::Null);
    let answer = answer.as_object().unwrap();
    assert_eq!(
        answer.keys().collect::<Vec<_>>(),
        ["a100-40gb", "a100-80gb", "a30-24gb"],
        "boards asked"
    );
    for (id, theirs) in answer {
        let board = boards::board(id).unwrap().unwrap();
        let theirs = theirs.as_array().unwrap();
        assert_eq!(theirs.len(), board.profiles().len(), "profiles of `{id}`");
        for theirs in theirs {
            let name = theirs["name"].as_str().unwrap();
            let ours = board
                .profile(name)
                .unwrap_or_else(|| panic!("`{id}` has no `{name}`"));
            let places: Vec<[u32; 2]> = ours.placements.iter().map(|p| [p.start, p.size]).collect();
            assert_eq!(
                theirs["placements"],
                json!(places),
                "placements of `{name}` on `{id}`"
            );
            assert_eq!(
                theirs["maxInstances"], ours.max_instances,
                "count of `{name}` on `{id}`"
            );
            assert_eq!(
                theirs["multiprocessors"],
                json!(ours.multiprocessors),
                "`{name}` on `{id}`"
            );
            let memory = ours.memory_mib.map_or(theirs["memoryMib"].clone(), Value::from);
            assert_eq!(theirs["memoryMib"], memory, "memory of `{name}` on `{id}`");
        }
    }
}

#[test]
fn names_are_those_of_go_nvlib() {
    let mut requests = Vec::new();
    let mut expected = Vec::new();
    for board in boards::boards().unwrap() {
        let Some(mig) = &board.mig else { continue };
        let product = u64::from(board.memory_gb);
        // The product's memory, what drivers leave of it, the early boards of 189 GiB, and sizes that nobody sells.
        for total_mib in [product * 1024, product * 1024 - 900, 189 * 1024, 100_000, 8_191] {
            let names = board.names_with(total_mib);
            for profile in &mig.profiles {
                requests.push(request(board, mig, profile, total_mib));
                expected.push(names[&profile.name].clone());
            }
        }
    }
    assert!(requests.len() > 400, "{} names are asked for", requests.len());
    let answer = ask("names", &json!(requests));
    for ((request, ours), theirs) in requests.iter().zip(&expected).zip(answer.as_array().unwrap()) {
        assert_eq!(theirs, ours, "{request}");
    }
    assert_eq!(answer, json!(expected), "as many names as requests");
}

/// What the driver says of a profile: an instance has a little less memory than its share of the units.
fn request(board: &Board, mig: &Mig, profile: &Profile, total_mib: u64) -> Value {
    let share = total_mib * u64::from(profile.memory_units) / u64::from(mig.memory_units);
    json!({
        "gpuInstance": gpu_instance(board, profile),
        "computeInstance": match profile.compute_slices { 7 => 4, slices => slices - 1 },
        "memoryMib": share - share / 50,
        "totalMib": total_mib,
    })
}

/// The number of a profile in go-nvml, `NVML_GPU_INSTANCE_PROFILE_*` of nvml.h.
fn gpu_instance(board: &Board, profile: &Profile) -> u32 {
    let variant = profile.name.find(['+', '-']).map_or("", |at| &profile.name[at..]);
    let smallest = board.profiles()[0].memory_units;
    match (profile.compute_slices, variant) {
        (1, "") if profile.memory_units > smallest => 9,
        (1, "") => 0,
        (2, "") => 1,
        (3, "") => 2,
        (4, "") => 3,
        (7, "") => 4,
        (1, "+me") => 7,
        (2, "+me") => 8,
        (1, "+gfx") => 10,
        (2, "+gfx") => 11,
        (4, "+gfx") => 12,
        (1, "-me") => 13,
        (2, "-me") => 14,
        (1, "+me.all") => 15,
        (2, "+me.all") => 16,
        other => panic!("{other:?} of `{}` is no profile of nvml.h", board.id),
    }
}
