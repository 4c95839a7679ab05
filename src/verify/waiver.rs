//! Has the exception ended?

use super::report::Finding;

/// Judges a waiver on a day; both are `YYYY-MM-DD`, which sorts by time. It holds until the end of its last day, UTC.
pub(super) fn judge(expires: &str, today: &str) -> Finding {
    if today <= expires {
        Finding::satisfied(format!("it ends after {expires}"))
    } else {
        Finding::not_satisfied(format!("it ended on {expires}, today is {today} (UTC)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Status;

    #[test]
    fn a_waiver_holds_on_its_last_day() {
        for (expires, today, status) in [
            ("2027-03-31", "2027-03-30", Status::Satisfied),
            ("2027-03-31", "2027-03-31", Status::Satisfied),
            ("2027-03-31", "2027-04-01", Status::NotSatisfied),
            ("2027-03-31", "2028-01-01", Status::NotSatisfied),
        ] {
            assert_eq!(judge(expires, today).status, status, "{expires} on {today}");
        }
    }
}
