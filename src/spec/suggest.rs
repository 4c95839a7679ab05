//! "Did you mean": the nearest allowed word.

/// The candidate nearest to what was typed, when it is near enough to be a slip of the fingers.
pub fn did_you_mean<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if typed.len() > 128 {
        return None;
    }
    let folded = typed.to_lowercase().replace('_', "-");
    let candidates: Vec<&str> = candidates.into_iter().collect();
    // A beginning, such as `h100` of `h100-80gb`, says more than what is spelt alike, such as `v100`.
    let begun = candidates
        .iter()
        .filter(|c| folded.len() >= 3 && c.to_lowercase().starts_with(&folded));
    if let Some(nearest) = begun.min_by_key(|candidate| (candidate.len(), **candidate)) {
        return Some(nearest);
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

    #[test]
    fn a_beginning_is_nearer_than_what_is_spelt_alike() {
        let boards = ["h100-94gb", "h100-80gb", "v100"];
        assert_eq!(did_you_mean("h100", boards), Some("h100-80gb"));
        assert_eq!(did_you_mean("x100", boards), Some("v100"));
    }
}
