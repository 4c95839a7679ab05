//! The faces of what GPUs can hold, in whole numbers: every inequality that all layouts obey and none implies.

use super::pattern::Counts;

/// `weights · counts <= most` for every layout; as a point of the plane of weights it is `weights / most`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Row {
    /// One factor for each coordinate, not negative.
    pub weights: Counts,
    /// The right side, at least 1.
    pub most: u32,
}

/// A ray of the cone `{(x, t) : x >= 0, t >= 0, most · t >= weights · x}` and the rows that it meets with equality.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ray {
    at: Vec<i64>,
    tight: u128,
}

/// The vertices `x = weights / most` of `{x >= 0 : row.weights · x <= row.most for all rows}` that no other vertex
/// exceeds everywhere, in order.
///
/// Of layouts (each a row with `most` 1) they are the faces of what a GPU can hold, and of these faces they are the
/// layouts again. `None` when there are more than 128 rows and coordinates or a number grows out of its type; then
/// nothing is lost but strength of bounds. Source: Motzkin, Raiffa, Thompson and Thrall 1953, double description.
pub(super) fn vertices(rows: &[Row]) -> Option<Vec<Row>> {
    let n = rows.first()?.weights.len();
    if n + 1 + rows.len() > 128 {
        return None;
    }
    let mut rays: Vec<Ray> = (0..=n).map(|i| axis(i, n)).collect();
    // Rows that cut off much first: fewer rays on the way.
    let mut order: Vec<&Row> = rows.iter().collect();
    order.sort_by_key(|row| std::cmp::Reverse(row.weights.iter().map(|w| u64::from(*w)).sum::<u64>()));
    for (index, row) in order.into_iter().enumerate() {
        rays = cut(&rays, row, 1 << (n + 1 + index), n)?;
    }
    let mut vertices = Vec::new();
    for ray in rays.iter().filter(|ray| ray.at[n] > 0) {
        let weights = ray.at[..n].iter().map(|x| u32::try_from(*x).ok());
        vertices.push(Row {
            weights: weights.collect::<Option<_>>()?,
            most: u32::try_from(ray.at[n]).ok()?,
        });
    }
    let mut kept: Vec<Row> = vertices
        .iter()
        .filter(|row| !exceeded(row, &vertices))
        .cloned()
        .collect();
    kept.sort();
    Some(kept)
}

fn exceeded(row: &Row, all: &[Row]) -> bool {
    let least = |a: &Row, b: &Row| {
        let mut pairs = a.weights.iter().zip(&b.weights);
        pairs.all(|(x, y)| u64::from(*x) * u64::from(b.most) <= u64::from(*y) * u64::from(a.most))
    };
    all.iter().any(|other| other != row && least(row, other))
}

fn axis(i: usize, n: usize) -> Ray {
    let mut at = vec![0; n + 1];
    at[i] = 1;
    let tight = (0..=n).filter(|j| *j != i).fold(0, |tight, j| tight | 1 << j);
    Ray { at, tight }
}

/// The rays of the part of a cone that one more row leaves; `bit` is the row's place in [`Ray::tight`].
fn cut(rays: &[Ray], row: &Row, bit: u128, n: usize) -> Option<Vec<Ray>> {
    let slack = |ray: &Ray| -> Option<i64> {
        let mut sum = ray.at[n].checked_mul(i64::from(row.most))?;
        for (x, weight) in ray.at.iter().zip(&row.weights) {
            sum = sum.checked_sub(x.checked_mul(i64::from(*weight))?)?;
        }
        Some(sum)
    };
    let (mut next, mut inside, mut outside) = (Vec::new(), Vec::new(), Vec::new());
    for ray in rays {
        let slack = slack(ray)?;
        match slack.signum() {
            1 => inside.push((ray, slack)),
            -1 => outside.push((ray, slack)),
            _ => next.push(Ray {
                tight: ray.tight | bit,
                ..ray.clone()
            }),
        }
    }
    for (a, far) in &inside {
        for (b, near) in &outside {
            let common = a.tight & b.tight;
            let is_edge = common.count_ones() as usize + 1 >= n
                && !rays
                    .iter()
                    .any(|ray| ray.tight & common == common && ray != *a && ray != *b);
            if is_edge {
                next.push(Ray {
                    at: between(&a.at, *far, &b.at, *near)?,
                    tight: common | bit,
                });
            }
        }
    }
    next.extend(inside.into_iter().map(|(ray, _)| ray.clone()));
    Some(next)
}

/// The ray of the plane spanned by two where the slack is zero; `far > 0 > near`.
fn between(a: &[i64], far: i64, b: &[i64], near: i64) -> Option<Vec<i64>> {
    let mix = |(x, y): (&i64, &i64)| x.checked_mul(-near)?.checked_add(y.checked_mul(far)?);
    let at = a.iter().zip(b).map(mix).collect::<Option<Vec<i64>>>()?;
    let divisor = at.iter().fold(0, |divisor, x| gcd(divisor, *x)).max(1);
    Some(at.into_iter().map(|x| x / divisor).collect())
}

fn gcd(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
