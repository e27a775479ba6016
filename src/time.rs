//! Points in time: how certificates write them, and RFC 3339 text.

use crate::der::{Element, tag};

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
pub type UnixSeconds = i64;

/// The years 0 to 9999, which is all that certificates can express (RFC 5280, 4.1.2.5).
pub(crate) const EXPRESSIBLE: std::ops::RangeInclusive<UnixSeconds> = -62_167_219_200..=253_402_300_799;

/// A Time of a certificate or CRL (RFC 5280 4.1.2.5), well-formed or not.
#[derive(Clone, Copy, Debug)]
pub struct Time<'a> {
    tag: u8,
    text: &'a [u8],
    /// `None` if it is not exactly `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`, or no such day exists.
    pub seconds: Option<UnixSeconds>,
}

impl<'a> Time<'a> {
    /// `None` if the element is of neither of the two types.
    pub(crate) fn new(element: Element<'a>) -> Option<Self> {
        let text = element.contents;
        let seconds = match element.tag {
            tag::UTC_TIME => utc_time(text),
            tag::GENERALIZED_TIME => generalized_time(text),
            _ => return None,
        };
        Some(Self { tag: element.tag, text, seconds })
    }

    /// The time and its fraction (`.5`) as OpenSSL prints them, which is more lenient than what it
    /// verifies: without seconds, with a fraction of a GeneralizedTime, with an offset (ossl_asn1_time_to_tm).
    pub fn lenient(&self) -> Option<(UnixSeconds, &'a str)> {
        if let Some(seconds) = self.seconds {
            return Some((seconds, ""));
        }
        let generalized = self.is_generalized();
        let century = if generalized { 4 } else { 2 };
        let (year, rest) = self.text.split_at_checked(century)?;
        let (to_minutes, mut rest) = rest.split_at_checked(8)?;
        let mut seconds: &[u8] = b"00";
        let mut fraction: &[u8] = b"";
        if !matches!(rest.first(), Some(b'Z' | b'+' | b'-')) {
            (seconds, rest) = rest.split_at_checked(2)?;
            if generalized && rest.first() == Some(&b'.') {
                let digits = rest.iter().skip(1).take_while(|octet| octet.is_ascii_digit()).count();
                (fraction, rest) = rest.split_at_checked(1 + digits)?;
                if digits == 0 {
                    return None;
                }
            }
        }
        let offset = offset(rest)?;
        let plain = [year, to_minutes, seconds, b"Z"].concat();
        let local = if generalized { generalized_time(&plain) } else { utc_time(&plain) }?;
        let seconds = local - offset;
        // OPENSSL_gmtime_adj, which an offset goes through, knows these years only.
        let in_range = offset == 0 || (1900..=9999).contains(&civil(seconds).0);
        in_range.then_some((seconds, std::str::from_utf8(fraction).ok()?))
    }

    /// The field as it is written, for complaints.
    pub(crate) fn raw(&self) -> String {
        self.text.escape_ascii().to_string()
    }

    /// Whether it is shorter than the only form that certificates may have, which some releases of OpenSSL do not
    /// decode (asn1_d2i_ex_primitive).
    pub(crate) fn is_too_short(&self) -> bool {
        self.text.len() < if self.is_generalized() { 15 } else { 13 }
    }

    /// Whether it is encoded as a GeneralizedTime.
    pub fn is_generalized(&self) -> bool {
        self.tag == tag::GENERALIZED_TIME
    }
}

fn utc_time(text: &[u8]) -> Option<UnixSeconds> {
    let (year, rest) = text.split_at_checked(2)?;
    let year = digits(year)?;
    // RFC 5280 4.1.2.5.1: two digits mean 1950 to 2049.
    broken_down(if year < 50 { 2000 + year } else { 1900 + year }, rest)
}

fn generalized_time(text: &[u8]) -> Option<UnixSeconds> {
    let (year, rest) = text.split_at_checked(4)?;
    broken_down(digits(year)?, rest)
}

fn broken_down(year: i64, rest: &[u8]) -> Option<UnixSeconds> {
    let [mo, mon, d, day, h, hour, mi, min, s, sec, b'Z'] = rest else {
        return None;
    };
    let month = digits(&[*mo, *mon])?;
    let day = digits(&[*d, *day])?;
    let hour = digits(&[*h, *hour])?;
    let minute = digits(&[*mi, *min])?;
    let second = digits(&[*s, *sec])?;
    if !(1..=12).contains(&month)
        || !(1..=days_in_month(year, month)).contains(&day)
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }
    Some(days_from_civil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second)
}

/// Seconds east of UTC: `Z`, or `+hhmm` and `-hhmm` up to 12:59.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match text {
        b"Z" => return Some(0),
        [sign @ (b'+' | b'-'), h, hour, m, minute] => {
            (if *sign == b'-' { -1 } else { 1 }, digits(&[*h, *hour])?, digits(&[*m, *minute])?)
        }
        _ => return None,
    };
    (hours <= 12 && minutes <= 59).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter()
        .try_fold(0, |value, &octet| octet.is_ascii_digit().then(|| value * 10 + i64::from(octet - b'0')))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar: years are counted from
/// March, so that the leap day is the last of its year, in eras of 400 years.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month, day, hour, minute, second of a point in time.
pub(crate) fn civil(seconds: UnixSeconds) -> (i64, i64, i64, i64, i64, i64) {
    let days = seconds.div_euclid(86_400) + 719_468;
    let second_of_day = seconds.rem_euclid(86_400);
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day, second_of_day / 3_600, second_of_day / 60 % 60, second_of_day % 60)
}

/// The second that RFC 3339 text names; fractions are cut off.
pub(crate) fn parse_rfc3339(text: &str) -> Option<UnixSeconds> {
    const FORM: &[u8; 19] = b"0000-00-00T00:00:00";
    let (clock, mut rest) = text.as_bytes().split_at_checked(FORM.len())?;
    let fits = |(&octet, &form): (&u8, &u8)| match form {
        b'0' => octet.is_ascii_digit(),
        // RFC 3339 5.6 allows both.
        b'T' => matches!(octet, b'T' | b't' | b' '),
        separator => octet == separator,
    };
    if !clock.iter().zip(FORM).all(fits) {
        return None;
    }
    if let [b'.', fraction @ ..] = rest {
        let length = fraction.iter().take_while(|octet| octet.is_ascii_digit()).count();
        rest = fraction.get(length..).filter(|_| length > 0)?;
    }
    let offset = match rest {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), zone @ ..] if zone.len() == 5 && zone.get(2) == Some(&b':') => {
            let (hours, minutes) = (digits(zone.get(..2)?)?, digits(zone.get(3..)?)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 60 + minutes) * if *sign == b'-' { -60 } else { 60 }
        }
        _ => return None,
    };
    let mut short: Vec<u8> = clock.iter().copied().filter(u8::is_ascii_digit).collect();
    // RFC 3339 5.6 has leap seconds; certificates do not (RFC 5280 4.1.2.5).
    let leaps = short.ends_with(b"60");
    if leaps {
        short.truncate(12);
        short.extend(b"59");
    }
    short.push(b'Z');
    Some(generalized_time(&short)? + i64::from(leaps) - offset)
}

/// RFC 3339 text, in UTC.
pub(crate) fn rfc3339(seconds: UnixSeconds) -> String {
    let (year, month, day, hour, minute, second) = civil(seconds);
    if !(0..=9999).contains(&year) {
        return format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
    }
    // Digit by digit: every finding about dates has two of these, and a formatter takes several times as long.
    let mut text = String::with_capacity(20);
    let parts = [
        (year, 1000, '-'),
        (month, 10, '-'),
        (day, 10, 'T'),
        (hour, 10, ':'),
        (minute, 10, ':'),
        (second, 10, 'Z'),
    ];
    for (number, mut place, mark) in parts {
        let number = u32::try_from(number).unwrap_or_default();
        while place > 0 {
            text.extend(char::from_digit(number / place % 10, 10));
            place /= 10;
        }
        text.push(mark);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_formed_times_are_read() {
        assert_eq!(utc_time(b"700101000000Z"), Some(0));
        assert_eq!(utc_time(b"491231235959Z"), Some(2_524_607_999));
        assert_eq!(utc_time(b"500101000000Z"), Some(-631_152_000));
        assert_eq!(generalized_time(b"99991231235959Z"), Some(253_402_300_799));
        assert_eq!(generalized_time(b"20240229120000Z"), Some(1_709_208_000));
    }

    #[test]
    fn text_is_what_a_formatter_writes() {
        for seconds in (-62_200_000_000..=260_000_000_000).step_by(86_399 * 401) {
            let (year, month, day, hour, minute, second) = civil(seconds);
            let formatted = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
            assert_eq!(rfc3339(seconds), formatted);
        }
    }

    #[test]
    fn other_forms_are_not_times() {
        let forms: [&[u8]; 7] = [
            b"2401010000Z",
            b"240101000000",
            b"240101000000+0000",
            b"240230000000Z",
            b"241301000000Z",
            b"240101240000Z",
            b"24010100000aZ",
        ];
        for form in forms {
            assert_eq!(utc_time(form), None);
        }
        assert_eq!(generalized_time(b"20240101000000.5Z"), None);
        assert_eq!(generalized_time(b"20230229120000Z"), None);
    }

    #[test]
    fn times_of_scans_are_read_with_their_zone() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-01-02T05:04:05.123456789+02:00", Some(1_767_323_045)),
            ("2026-01-01T22:34:05-04:30", Some(1_767_323_045)),
            ("2016-12-31 23:59:60z", Some(1_483_228_800)),
            ("2026-01-02T03:04:05", None),
            ("2026-01-02T03:04:05.Z", None),
            ("2026-01-02T03:04:05+2:00", None),
            ("2026-01-02T03:04:05+24:00", None),
            ("2026-02-30T03:04:05Z", None),
            ("26-01-02T03:04:05Z", None),
            ("", None),
        ] {
            assert_eq!(parse_rfc3339(text), seconds, "{text}");
        }
    }

    #[test]
    fn text_and_seconds_are_inverse() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (4_102_444_800, "2100-01-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
    }
}
