//! The only reader of the clock.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Why a time cannot be given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClockError {
    /// `SOURCE_DATE_EPOCH` is not a time.
    #[error(
        "`SOURCE_DATE_EPOCH` is `{}`: allowed are whole seconds since 1970, from 0 to 253402300799",
        .0.escape_debug()
    )]
    SourceDateEpoch(String),
    /// The machine's clock stands before 1970 or after 9999.
    #[error("the clock of this machine is not between the years 1970 and 9999")]
    Nonsense,
}

/// The last second of the year 9999, beyond which date formats differ.
const LAST_SECOND: i64 = 253_402_300_799;

/// Now, in whole seconds since 1970 UTC.
pub fn now() -> Result<i64, ClockError> {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(|_| ClockError::Nonsense)?;
    match i64::try_from(since.as_secs()) {
        Ok(seconds) if seconds <= LAST_SECOND => Ok(seconds),
        _ => Err(ClockError::Nonsense),
    }
}

/// Today as `YYYY-MM-DD`, UTC.
pub fn today() -> Result<String, ClockError> {
    now().map(date)
}

/// The day of a time in seconds since 1970 UTC.
///
/// Source: the proleptic Gregorian calendar, counted in eras of 400 years from 1 March of year 0.
fn date(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A point on the steady clock, for deadlines and durations.
pub fn steady() -> Instant {
    Instant::now()
}

/// The time to write into commits and documents: `SOURCE_DATE_EPOCH` when given, else now.
///
/// Source: reproducible-builds.org/specs/source-date-epoch.
pub fn document_time(source_date_epoch: Option<&str>) -> Result<i64, ClockError> {
    let Some(text) = source_date_epoch else {
        return now();
    };
    match text.parse::<i64>() {
        Ok(seconds) if (0..=LAST_SECOND).contains(&seconds) => Ok(seconds),
        _ => Err(ClockError::SourceDateEpoch(text.chars().take(40).collect())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_400, "2000-02-29"),
            (1_795_391_999, "2026-11-22"),
            (1_795_392_000, "2026-11-23"),
            (4_107_542_399, "2100-02-28"),
            (LAST_SECOND, "9999-12-31"),
        ] {
            assert_eq!(date(seconds), day, "{seconds}");
        }
    }

    #[test]
    fn source_date_epoch_wins_and_is_checked() {
        for (text, seconds) in [
            ("0", Some(0)),
            ("1795000000", Some(1_795_000_000)),
            ("253402300799", Some(LAST_SECOND)),
            ("253402300800", None),
            ("-1", None),
            ("", None),
            ("1e9", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(document_time(Some(text)).ok(), seconds, "{text:?}");
        }
        let (before, between, after) = (now().unwrap(), document_time(None).unwrap(), now().unwrap());
        assert!(
            before <= between && between <= after,
            "without it, the clock is read"
        );
    }
}
