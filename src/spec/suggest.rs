//! "Did you mean": the nearest allowed word.

/// The candidate nearest to what was typed, when it is near enough to be a slip of the fingers.
pub fn did_you_mean<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if typed.len() > 128 {
        return None;
    }
    let folded = typed.to_lowercase().replace('_', "-");
    let candidates: Vec<&str> = candidates.into_iter().collect();
    // A beginning that only one candidate has, such as `h100` of `h100-80gb`.
    let mut begun = candidates
        .iter()
        .filter(|c| folded.len() >= 3 && c.to_lowercase().starts_with(&folded));
    if let (Some(only), None) = (begun.next(), begun.next()) {
        return Some(only);
    }
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let distance = strsim::damerau_levenshtein(&folded, &candidate.to_lowercase());
            let allowed = (candidate.len().max(3) / 3).min(3);
            (distance <= allowed).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        for (typed, expected) in [
            ("temas", Some("teams")),
            ("clusterz", Some("clusters")),
            ("Teams", Some("teams")),
            ("kubernetes", None),
            ("clus", Some("clusters")),
            ("x", None),
        ] {
            assert_eq!(
                did_you_mean(typed, ["clusters", "teams", "policy"]),
                expected,
                "{typed}"
            );
        }
    }
}
