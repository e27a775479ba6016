//! The public suffix list: below which names strangers register theirs.

use std::sync::OnceLock;

use publicsuffix::{List, Psl};

/// ICANN's suffixes and private registries' alike, made by data/renew.py from the crate psl. Parsed once in a process.
fn list() -> Option<&'static List> {
    static LIST: OnceLock<List> = OnceLock::new();
    if let Some(list) = LIST.get() {
        return Some(list);
    }
    // Made before the cell is locked: a child that is forked meanwhile would wait for a thread that it does not have.
    let made = include_str!("../../data/public_suffixes/rules.txt").parse().ok()?;
    Some(LIST.get_or_init(|| made))
}

/// The longest public suffix at the end of a name in small letters; `None` if it has no labels. Where no rule is known it
/// is the last label: the list's own rule `*`.
pub(super) fn public_suffix(name: &[u8]) -> Option<&[u8]> {
    list()?.suffix(name).map(|suffix| suffix.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every rule, what stands above and below it, wildcards and their exceptions among them, as the crate that the list is
    /// from has compiled it.
    #[test]
    fn suffixes_are_those_of_the_compiled_list() {
        let rules = include_str!("../../data/public_suffixes/rules.txt")
            .lines()
            .filter(|line| !line.starts_with("//"));
        let mut known = 0;
        for rule in rules {
            let name = rule.trim_start_matches('!').replace('*', "any");
            let above = name.split_once('.').map_or("", |(_, above)| above);
            for name in [
                &name,
                above,
                &format!("a.{name}"),
                &format!("b.a.{name}"),
                &format!("{name}."),
                &format!("x{name}"),
            ] {
                let compiled = psl::suffix(name.as_bytes()).map(|suffix| suffix.as_bytes());
                assert_eq!(public_suffix(name.as_bytes()), compiled, "{name}");
            }
            known += 1;
        }
        assert!(known > 10_000);
        for name in
            ["", ".", "..", "a..com", ".com", "unheard-of", "a.unheard-of", "*.ck", "\u{fc}.de", "COM"]
        {
            let compiled = psl::suffix(name.as_bytes()).map(|suffix| suffix.as_bytes());
            assert_eq!(public_suffix(name.as_bytes()), compiled, "{name}");
        }
    }

    #[test]
    fn private_registries_and_exceptions_count() {
        let suffix =
            |name: &'static str| public_suffix(name.as_bytes()).map(|suffix| str::from_utf8(suffix).unwrap());
        assert_eq!(suffix("s3.amazonaws.com"), Some("s3.amazonaws.com"));
        assert_eq!(suffix("www.example.co.uk"), Some("co.uk"));
        assert_eq!(suffix("a.b.ck"), Some("b.ck"));
        assert_eq!(suffix("www.ck"), Some("ck"));
        assert_eq!(suffix("xn--fiqs8s"), Some("xn--fiqs8s"));
        assert_eq!(suffix("a.xn--55qx5d.cn"), Some("xn--55qx5d.cn"));
    }
}
