//! Where the instances of a profile may lie, drawn with plain characters.

use crate::catalog::boards::Placement;

/// Draws placements over the memory units of a GPU, two characters a unit: `[==][==]....` is a profile of two units
/// that may begin at unit 0 and 2 of six. Placements that overlap stand beside each other, each over all units.
pub(super) fn placements(places: &[Placement], memory_units: u32) -> String {
    let mut rows: Vec<Vec<Placement>> = Vec::new();
    let mut places = places.to_vec();
    places.sort_by_key(|place| place.start);
    for place in places {
        let end = |row: &Vec<Placement>| row.last().map_or(0, |last| last.start + last.size);
        match rows.iter_mut().find(|row| end(row) <= place.start) {
            Some(row) => row.push(place),
            None => rows.push(vec![place]),
        }
    }
    let rows: Vec<String> = rows.iter().map(|row| drawn(row, memory_units)).collect();
    rows.join(" ")
}

fn drawn(row: &[Placement], memory_units: u32) -> String {
    let width = |units: u32| 2 * units as usize;
    let mut line = String::new();
    for place in row {
        line.push_str(&".".repeat(width(place.start).saturating_sub(line.len())));
        let inner = width(place.size).saturating_sub(2);
        line.push_str(&format!("[{}]", "=".repeat(inner)));
    }
    line.push_str(&".".repeat(width(memory_units).saturating_sub(line.len())));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_drawn_once() {
        let places = |list: &[(u32, u32)]| -> Vec<Placement> {
            list.iter()
                .map(|&(start, size)| Placement { start, size })
                .collect()
        };
        for (list, units, expected) in [
            (&[(0, 1), (1, 1), (2, 1)][..], 4, "[][][].."),
            (&[(0, 2), (4, 2)], 8, "[==]....[==]...."),
            (&[(4, 4), (0, 4)], 8, "[======][======]"),
            (&[(4, 4)], 8, "........[======]"),
            (&[(0, 2), (1, 2)], 3, "[==].. ..[==]"),
            (&[], 2, ""),
        ] {
            assert_eq!(
                placements(&places(list), units),
                expected,
                "{list:?} on {units} units"
            );
        }
    }
}
