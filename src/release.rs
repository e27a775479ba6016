//! Releases of OpenSSL: whose verdicts are known, and every rule by which they differ. Nothing else compares
//! versions. docs/parity.md shows the same table (tests/test_docs.py).

use std::fmt;

/// The first two numbers of the releases that have been measured, and the newest of each that has.
const SERIES: [(u32, u32, u32); 7] =
    [(3, 0, 22), (3, 2, 2), (3, 3, 2), (3, 4, 1), (3, 5, 9), (3, 6, 5), (4, 0, 3)];

/// A release of OpenSSL.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Release {
    /// Position in [`SERIES`].
    series: usize,
    patch: u32,
}

impl Default for Release {
    /// The model of everything that no rule mentions.
    fn default() -> Self {
        Self { series: 0, patch: 0 }
    }
}

impl Release {
    /// The series that are known, as in `"3.0"`, oldest first.
    pub fn series() -> impl Iterator<Item = String> {
        SERIES.iter().map(|(major, minor, _)| format!("{major}.{minor}"))
    }

    /// A series, which stands for its newest release that has been measured, or one release of it.
    pub fn named(name: &str) -> Option<Self> {
        SERIES.iter().enumerate().find_map(|(series, &(major, minor, newest))| {
            let rest = name.strip_prefix(&format!("{major}.{minor}"))?;
            let patch = match rest.strip_prefix('.') {
                None if rest.is_empty() => newest,
                // As it is written: no sign, no zero in front.
                Some(digits) => digits.parse::<u32>().ok().filter(|patch| patch.to_string() == digits)?,
                None => return None,
            };
            Some(Self { series, patch })
        })
    }

    /// What a library of this version is taken for: if its series is not known, for the newest measured one that
    /// is not newer. LibreSSL calls itself 2.0 here, AWS-LC 1.1: they are taken for 3.0.0.
    pub fn of_library(major: u32, minor: u32, patch: u32) -> Self {
        let is_older = |known: &(u32, u32, u32)| (known.0, known.1) <= (major, minor);
        let Some(series) = SERIES.iter().rposition(is_older) else { return Self::default() };
        let (known_major, known_minor, newest) = SERIES.get(series).copied().unwrap_or_default();
        let patch = if (known_major, known_minor) == (major, minor) {
            patch
        } else if series + 1 == SERIES.len() {
            newest
        } else {
            // Between two series: what the older one began with.
            0
        };
        Self { series, patch }
    }

    /// Whether a rule holds for this release.
    pub fn follows(self, rule: Rule) -> bool {
        let since = rule.since().get(self.series).copied().flatten();
        since.is_some_and(|since| self.patch >= since)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor, _) = SERIES.get(self.series).copied().unwrap_or_default();
        write!(formatter, "{major}.{minor}.{}", self.patch)
    }
}

/// For each series the first release that has a rule, as far as has been measured.
type Since = [Option<u32>; SERIES.len()];

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident, $name:literal, $since:expr;)*) => {
        /// Something that some releases do and others do not.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Rule {
            $($(#[$doc])* $variant,)*
        }

        impl Rule {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            const fn since(self) -> Since {
                match self { $(Self::$variant => $since,)* }
            }
        }
    };
}

const ALWAYS: Option<u32> = Some(0);

// Where a release in between has not been measured, the rule is said to begin with the first that has been: before
// it, what either behaviour refuses is refused.
rules! {
    /// A certificate or CRL with a UTCTime of less than 13 octets, or a GeneralizedTime of less than 15, does not parse.
    ShortTimesUnparseable, "short_times_unparseable", [None, None, ALWAYS, ALWAYS, ALWAYS, ALWAYS, ALWAYS];
    /// A length of zero in the long form is read at the end of what it stands in, too. Not in 3.0.20, 3.5.6 and 4.0.0.
    LongFormOfNothingRead, "long_form_of_nothing_read",
        [Some(21), Some(3), Some(3), Some(2), Some(7), ALWAYS, Some(1)];
    /// Both signature algorithms of a CRL have to be the same. Not in 3.0.20, 3.5.6 and 4.0.1.
    CrlAlgorithmsCompared, "crl_algorithms_compared",
        [Some(21), Some(3), Some(3), Some(2), Some(7), ALWAYS, Some(2)];
    /// ECDSA with SHA-3 is a signature algorithm, and whoever has an elliptic curve may have used it.
    EcdsaWithSha3Known, "ecdsa_with_sha3_known", [None, ALWAYS, ALWAYS, ALWAYS, ALWAYS, ALWAYS, ALWAYS];
    /// So are ML-DSA and SLH-DSA (RFC 9881, RFC 9909), with keys of their own.
    PostQuantumKnown, "post_quantum_known", [None, None, None, None, ALWAYS, ALWAYS, ALWAYS];
    /// IPv4 addresses are four decimal numbers without signs, blanks or leading zeros (a2i_IPADDRESS).
    StrictAddresses, "strict_addresses", [None, None, None, ALWAYS, ALWAYS, ALWAYS, ALWAYS];
    /// A delta CRL is never taken for a complete one. Not in 3.0.20, 3.5.6 and 4.0.1.
    DeltaCrlsPassedOver, "delta_crls_passed_over", [Some(22), None, None, None, Some(9), Some(5), Some(3)];
    /// A CRL with an issuingDistributionPoint that says nothing is not one (RFC 5280 5.2.5 forbids it).
    EmptyScopesUnusable, "empty_scopes_unusable", [None, None, None, None, ALWAYS, ALWAYS, ALWAYS];
    /// Hosts of URIs below constraints are found by OSSL_parse_url.
    UrisParsed, "uris_parsed", [None, None, None, None, ALWAYS, ALWAYS, ALWAYS];
    /// What comes before an @ in such a URI is the user only within the authority. Not in 3.5.5.
    UriUsersBounded, "uri_users_bounded", [None, None, None, None, Some(6), Some(5), ALWAYS];
    /// The scheme of such a URI is one of RFC 3986 3.1. Not in 3.5.6 and 4.0.1.
    UriSchemesChecked, "uri_schemes_checked", [None, None, None, None, Some(9), Some(5), Some(3)];
    /// No CRL is asked about a self-signed certificate.
    SelfSignedNotRevoked, "self_signed_not_revoked", [None, None, None, None, None, Some(5), ALWAYS];
    /// A certificate that was sent is compared with those of the path, and looked into for that, before its name is asked for.
    CandidatesComparedFirst, "candidates_compared_first", [None, None, None, None, Some(4), Some(5), ALWAYS];
    /// The flags 0x400000 and 0x800000 ask for OCSP responses, which `ssl` cannot hand over.
    OcspAsked, "ocsp_asked", [None, None, None, None, None, ALWAYS, ALWAYS];
    /// Under X509_STRICT, basicConstraints and the subjectAltName of an empty subject need not be critical.
    CriticalityNotAsked, "criticality_not_asked", [None, None, None, None, None, None, ALWAYS];
    /// Under X509_STRICT, an authorityKeyIdentifier must not be empty, and has issuer and serial number or neither,
    /// but need not have a key identifier.
    AuthorityKeyIdentifierForms, "authority_key_identifier_forms", [None, None, None, None, None, None, ALWAYS];
    /// The text of code 9 mentions the clock.
    ClockInNotYetValid, "clock_in_not_yet_valid", [None, None, None, None, None, ALWAYS, ALWAYS];
}

impl Rule {
    /// For each series in the order of [`Release::series`], the first release that has the rule.
    pub fn first_releases(self) -> Vec<Option<String>> {
        let series = Release::series();
        let since = self.since();
        series.zip(since).map(|(series, patch)| patch.map(|patch| format!("{series}.{patch}"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_series_and_releases_of_them() {
        for (name, shown) in [("3.0", "3.0.22"), ("3.0.19", "3.0.19"), ("3.5.4", "3.5.4"), ("4.0", "4.0.3")] {
            assert_eq!(Release::named(name).map(|release| release.to_string()).as_deref(), Some(shown));
        }
        for name in
            ["", "3", "3.", "3.0.", "3.1", "3.00", "3.0.01", "3.0.+1", "3.0.1.1", "3.0x", "5.0", " 3.0"]
        {
            assert_eq!(Release::named(name), None, "{name:?}");
        }
    }

    #[test]
    fn an_unknown_library_is_taken_for_the_nearest_that_is_not_newer() {
        for (version, expected) in [
            ((1, 1, 1), "3.0.0"),
            ((2, 0, 0), "3.0.0"),
            ((3, 0, 19), "3.0.19"),
            ((3, 0, 99), "3.0.99"),
            ((3, 1, 4), "3.0.0"),
            ((3, 7, 1), "3.6.0"),
            ((4, 0, 0), "4.0.0"),
            ((4, 1, 0), "4.0.3"),
            ((9, 9, 9), "4.0.3"),
        ] {
            assert_eq!(Release::of_library(version.0, version.1, version.2).to_string(), expected);
        }
    }

    #[test]
    fn series_stand_in_order() {
        assert!(SERIES.is_sorted());
        for (name, release) in Release::series().zip(SERIES) {
            assert_eq!(Release::named(&name), Some(Release::of_library(release.0, release.1, release.2)));
        }
    }

    #[test]
    fn no_rule_is_the_models() {
        for &rule in Rule::ALL {
            assert!(!Release::default().follows(rule), "{}", rule.name());
            assert!(Release::named("4.0").unwrap().follows(rule), "{}", rule.name());
        }
        let passes_over = |name| Release::named(name).unwrap().follows(Rule::DeltaCrlsPassedOver);
        assert!(passes_over("3.0.22") && passes_over("3.5") && !passes_over("3.0.19") && !passes_over("3.4"));
    }
}
