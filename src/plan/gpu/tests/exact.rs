//! A proof by computation that the bound is the optimum: on every board, for every demand.
//!
//! A set of layouts has the integer decomposition property when each whole demand that k GPUs hold in the linear
//! relaxation lies on k whole GPUs. Then the fewest GPUs are the optimum of the relaxation rounded up, for every
//! demand, and rounding the relaxation's optimum down loses nothing (Baum and Trotter 1981). It holds for every k as
//! soon as it holds for k below the number of coordinates (Bruns, Gubeladze and Trung 1997, theorem 1.3.3), so that
//! finitely many demands tell.

use super::facets::{Row, vertices};
use super::space::Space;
use super::*;

#[test]
fn as_many_gpus_as_the_bound_says_hold_every_demand() {
    for board in different_boards() {
        let space = Space::new(&board).unwrap();
        let n = space.columns[0].len();
        let faces = faces(&space);
        for gpus in 1..n.max(2) as u32 {
            let mut demands = 0;
            fullest_demands(&faces, n, gpus, &mut |demand| {
                demands += 1;
                let peels = |column: &Vec<u32>| {
                    let rest: Vec<u32> = demand
                        .iter()
                        .zip(column)
                        .map(|(d, c)| d.saturating_sub(*c))
                        .collect();
                    faces.iter().all(|face| slack(face, &rest, gpus - 1) >= 0)
                };
                assert!(
                    space.columns.iter().any(peels),
                    "`{}`: {demand:?} is in the relaxation of {gpus} GPUs and no layout leaves one in that of {}",
                    board.id,
                    gpus - 1
                );
            });
            assert!(demands > 0, "`{}` has demands that fill {gpus} GPUs", board.id);
        }
    }
}

/// The faces of the layouts give the layouts back, so none is missing and none is too much.
#[test]
fn faces_say_the_same_as_the_layouts() {
    for board in different_boards() {
        let space = Space::new(&board).unwrap();
        let faces = faces(&space);
        for (face, column) in faces
            .iter()
            .flat_map(|face| space.columns.iter().map(move |c| (face, c)))
        {
            assert!(
                slack(face, column, 1) >= 0,
                "`{}`: {column:?} breaks {face:?}",
                board.id
            );
        }
        let corners = vertices(&faces).expect("few faces");
        assert!(!corners.is_empty(), "`{}` has corners", board.id);
        for corner in corners {
            assert_eq!(corner.most, 1, "`{}`: corner {corner:?} is whole", board.id);
            assert!(
                space.columns.contains(&corner.weights),
                "`{}`: {corner:?} is a layout",
                board.id
            );
        }
    }
}

#[test]
fn faces_of_a_small_board_are_the_ones_on_paper() {
    let a30 = Space::new(board("a30-24gb")).unwrap();
    let expected = [
        // 1g.6gb, 1g.6gb+me, 2g.12gb, 2g.12gb+me; 4g.24gb lies alone.
        (vec![0, 1, 0, 1], 1),
        (vec![1, 1, 2, 2], 4),
    ];
    let found: Vec<(Vec<u32>, u32)> = faces(&a30)
        .into_iter()
        .map(|face| (face.weights, face.most))
        .collect();
    for face in &expected {
        assert!(found.contains(face), "{face:?} is among {found:?}");
    }
    assert_eq!(a30.alone, [4], "the whole GPU lies alone");
}

fn faces(space: &Space<'_>) -> Vec<Row> {
    let layouts: Vec<Row> = space
        .columns
        .iter()
        .map(|column| Row {
            weights: column.clone(),
            most: 1,
        })
        .collect();
    vertices(&layouts).expect("few layouts")
}

fn slack(face: &Row, demand: &[u32], gpus: u32) -> i64 {
    let weight: u32 = face.weights.iter().zip(demand).map(|(w, d)| w * d).sum();
    i64::from(face.most * gpus) - i64::from(weight)
}

/// Calls `with` on every whole demand that obeys the faces for so many GPUs and that nothing can be added to.
fn fullest_demands(faces: &[Row], n: usize, gpus: u32, with: &mut impl FnMut(&[u32])) {
    let mut slacks: Vec<u32> = faces.iter().map(|face| face.most * gpus).collect();
    descend(faces, &mut slacks, &mut vec![0; n], 0, with);
}

fn descend(
    faces: &[Row],
    slacks: &mut Vec<u32>,
    demand: &mut Vec<u32>,
    at: usize,
    with: &mut impl FnMut(&[u32]),
) {
    if at == demand.len() {
        let grows = |i: &usize| {
            faces
                .iter()
                .zip(&*slacks)
                .all(|(face, slack)| face.weights[*i] <= *slack)
        };
        if !(0..at).any(|i| grows(&i)) {
            with(demand);
        }
        return;
    }
    let rooms = faces
        .iter()
        .zip(&*slacks)
        .filter(|(face, _)| face.weights[at] > 0);
    let most = rooms
        .map(|(face, slack)| slack / face.weights[at])
        .min()
        .expect("a face bounds it");
    // Of the last coordinate only the most can be the fullest.
    let least = if at + 1 == demand.len() { most } else { 0 };
    let before = slacks.clone();
    for count in least..=most {
        demand[at] = count;
        for (i, face) in faces.iter().enumerate() {
            slacks[i] = before[i] - face.weights[at] * count;
        }
        descend(faces, slacks, demand, at + 1, with);
    }
    demand[at] = 0;
    *slacks = before;
}
