//! Hosts and domains, as presented and as bases of constraints.
//!
//! The syntax is webpki's: RFC 1034 3.5 as modified by RFC 1123 2.1, and underscores.

use crate::path::name_syntax::is_host_with;

/// A host, in whose labels underscores may stand.
pub(super) fn is_host(name: &[u8]) -> bool {
    is_host_with(b"_", name)
}

/// A host, or a wildcard for the whole first label above two more (RFC 9525 6.3).
pub(in crate::path) fn is_pattern(name: &[u8]) -> bool {
    match name.strip_prefix(b"*.") {
        Some(parent) => name.len() <= 253 && is_host(parent) && parent.contains(&b'.'),
        None => is_host(name),
    }
}

/// A host or, with a leading dot, a domain.
pub(super) fn is_base(base: &[u8]) -> bool {
    base.len() <= 253 && is_host(base.strip_prefix(b".").unwrap_or(base))
}

/// A name, and whether a final dot says that it is complete: it is the same host then (RFC 3986 3.2.2), which
/// excludes it, but another text, which permits nothing.
pub(super) fn split_final_dot(name: &[u8]) -> (&[u8], bool) {
    name.strip_suffix(b".").map_or((name, false), |name| (name, true))
}

/// RFC 5280 4.2.1.10, of URIs and mailboxes: a base with a leading dot covers the hosts below it, any other
/// covers one host.
pub(super) fn covers(base: &[u8], host: &[u8]) -> bool {
    if base.starts_with(b".") {
        host.len() > base.len() && ends_with_ignoring_case(host, base)
    } else {
        host.eq_ignore_ascii_case(base)
    }
}

/// A wildcard name stands for every host it matches (RFC 9525 6.3), so it breaks the constraints as soon as
/// one of them is excluded: `*.example.com` where `www.example.com` is. As in webpki a base with a leading
/// dot is taken for the host of that name, too.
pub(super) fn wildcard_reaches(pattern: &[u8], base: &[u8]) -> bool {
    let Some(parent) = pattern.strip_prefix(b"*") else { return false };
    let base = base.strip_prefix(b".").unwrap_or(base);
    let label = base.len().checked_sub(parent.len()).and_then(|at| base.get(..at));
    // One label more than the parent.
    ends_with_ignoring_case(base, parent)
        && label.is_some_and(|label| !label.is_empty() && !label.contains(&b'.'))
}

fn ends_with_ignoring_case(text: &[u8], end: &[u8]) -> bool {
    let tail = text.len().checked_sub(end.len()).and_then(|at| text.get(at..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_labels_of_letters_digits_hyphens_and_underscores() {
        let long = "a".repeat(63);
        for name in ["a", "localhost", "a.b", "A-B.example", "foo_bar.example", "1.example", "0xa.b1", &long]
        {
            assert!(is_host(name.as_bytes()), "{name}");
        }
        let longer = "a".repeat(64);
        let longest = format!("{}a", "a.".repeat(127));
        for name in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "-a.b",
            "a-.b",
            "a.-b",
            "a b.c",
            "a.b ",
            "192.0.2.1",
            "a.1",
            "*.a.b",
            "bücher.example",
            "a\0.b",
            "a@b",
            "a:1",
            "a%2e.b",
            "[::1]",
            &longer,
            &longest,
        ] {
            assert!(!is_host(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn wildcards_are_whole_labels_above_two_more() {
        assert!(is_pattern(b"*.example.com") && is_pattern(b"www.example.com"));
        for name in ["*", "*.", "*.com", "f*.example.com", "*.*.example.com", "www.*.com", "*example.com"] {
            assert!(!is_pattern(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn bases_are_hosts_or_domains() {
        assert!(is_base(b"example.com") && is_base(b".example.com") && is_base(b".com"));
        for base in ["", ".", "..", "example.com.", "..com", "*.com", "https://a.b", "a.b/", "a.b:1", "a@b.c"]
        {
            assert!(!is_base(base.as_bytes()), "{base}");
        }
    }

    #[test]
    fn wildcards_reach_what_they_match() {
        for (pattern, base, reaches) in [
            ("*.evil.test", "www.evil.test", true),
            ("*.EVIL.test", "www.evil.TEST", true),
            ("*.evil.test", ".www.evil.test", true),
            ("*.evil.test", "a.www.evil.test", false),
            ("*.evil.test", "evil.test", false),
            ("*.evil.test", "wwwevil.test", false),
            ("www.evil.test", "www.evil.test", false),
        ] {
            assert_eq!(wildcard_reaches(pattern.as_bytes(), base.as_bytes()), reaches, "{pattern} {base}");
        }
    }
}
