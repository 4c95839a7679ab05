//! `platform gpu boards`.

use std::process::ExitCode;

use serde_json::{Value, json};

use crate::catalog::boards::{self, Board};
use crate::cli::args::{Format, Global};
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::plan::gpu;

pub(super) fn run(global: &Global) -> Result<ExitCode, Failure> {
    let boards = boards::boards().map_err(|error| Failure::bug(error.to_string()))?;
    let document = json!({
        "apiVersion": "tenancy.platform/v1alpha1",
        "kind": "GpuBoardList",
        "boards": boards.iter().map(entry).collect::<Vec<_>>(),
    });
    output::document(global, &document, || table(boards, global.output == Format::Wide))?;
    Ok(ExitCode::SUCCESS)
}

fn entry(board: &Board) -> Value {
    json!({
        "id": board.id,
        "title": board.title,
        "architecture": board.architecture,
        "memoryGb": board.memory_gb,
        "mig": readiness(board),
        "maxInstances": most_instances(board),
        "confidence": board.placement_confidence().map(|confidence| format!("{confidence:?}")),
        "reason": board.not_ready(),
        "caveat": board.caveat(),
        "productLabels": board.product_labels.values,
        "productLabelsVerified": board.product_labels.verified,
        "pciIds": board.pci_ids,
    })
}

/// Whether a plan may partition the board: `ready`, `not-ready` or, without MIG, `none`.
pub(super) fn readiness(board: &Board) -> &'static str {
    match (board.not_ready(), &board.mig) {
        (Some(_), _) => "not-ready",
        (None, Some(_)) => "ready",
        (None, None) => "none",
    }
}

/// The most MIG instances on one GPU; of a board that is not ready, as published of one profile; `None` without MIG.
fn most_instances(board: &Board) -> Option<u32> {
    let layouts = gpu::patterns(board).into_iter().map(|p| p.layout.values().sum());
    let published = board.unplanned_mig.iter().flat_map(|mig| &mig.profiles);
    layouts
        .chain(published.map(|profile| profile.max_instances))
        .max()
}

fn table(boards: &[Board], wide: bool) -> String {
    let mut header = vec![
        "BOARD",
        "ARCHITECTURE",
        "MEMORY",
        "INSTANCES",
        "CONFIDENCE",
        "MIG",
    ];
    if wide {
        header.extend(["TITLE", "PRODUCT LABELS", "PCI IDS"]);
    }
    let rows: Vec<Vec<String>> = boards
        .iter()
        .map(|board| {
            let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
            let mut row = vec![
                board.id.clone(),
                board.architecture.clone(),
                format!("{} GB", board.memory_gb),
                or_dash(most_instances(board).map(|most| most.to_string())),
                or_dash(board.placement_confidence().map(|tier| format!("{tier:?}"))),
                readiness(board).to_owned(),
            ];
            if wide {
                let labels = board.product_labels.values.join(", ");
                row.extend([board.title.clone(), labels, board.pci_ids.join(", ")]);
            }
            row
        })
        .collect();
    let reasons = boards.iter().filter_map(|board| {
        let reason = board.not_ready()?;
        Some(format!("{} is not ready for MIG: {reason}\n", board.id))
    });
    let legend = "\nCONFIDENCE of the placements: A seen in driver output, B published, C derived from boards like it.\n";
    output::table(&header, &rows) + legend + &reasons.collect::<String>()
}
