//! What no accepted end entity under a searching policy may show beside the constraints above it, told in the
//! simplest way there is: no finer than needed to tell an evasion from none.

use certpath::Policy;

use crate::{der, forge};

const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// Ends the run if a URI, a mailbox or a commonName of the end entity has got past a constraint.
pub(super) fn hold(path: &[&[u8]], policy: &Policy) {
    let Some((leaf, issuers)) = path.split_first() else { return };
    if !policy.searches() {
        return;
    }
    for issuer in issuers {
        let Some((_, lists, _)) = forge::extension(issuer, NAME_CONSTRAINTS).and_then(der::element) else {
            continue;
        };
        for (tag, list, _) in der::split(lists).into_iter().filter_map(der::element) {
            let bases: Vec<(u8, &[u8])> = der::split(list)
                .into_iter()
                .filter_map(|subtree| der::element(der::element(subtree)?.1))
                .map(|(form, base, _)| (form, base))
                .collect();
            for (form, name) in names(leaf, policy) {
                let mut of_form = bases.iter().filter(|base| base.0 == form).peekable();
                if of_form.peek().is_none() {
                    continue;
                }
                let covered = of_form.any(|(_, base)| covers(base, &name, form));
                let way = if tag == 0xa0 { "permitted" } else { "excluded" };
                assert_eq!(
                    covered,
                    tag == 0xa0,
                    "false accept: {} with {way} {form:02x}, path {path:02x?}",
                    name.escape_ascii()
                );
            }
        }
    }
}

/// Hosts by the form that constrains them: of URIs, of mailboxes with their local part, of commonNames.
fn names(leaf: &[u8], policy: &Policy) -> Vec<(u8, Vec<u8>)> {
    let list = forge::extension(leaf, ALTERNATIVE_NAMES).and_then(der::element);
    let elements: Vec<_> = list.map(|(_, names, _)| der::split(names)).unwrap_or_default();
    let elements: Vec<_> = elements.into_iter().filter_map(der::element).collect();
    let mut found = Vec::new();
    for (tag, text, _) in &elements {
        match tag {
            0x86 => {
                let start = text.windows(3).position(|octets| octets == b"://").map_or(0, |at| at + 3);
                let rest = text.get(start..).unwrap_or_default();
                let authority = rest.split(|octet| b"/?#\\".contains(octet)).next().unwrap_or_default();
                let host = authority.rsplit(|&octet| octet == b'@').next().unwrap_or_default();
                found.push((0x86, plain(host.split(|&octet| octet == b':').next().unwrap_or_default())));
            }
            0x81 => found.push((0x81, plain(text))),
            _ => {}
        }
    }
    if policy.hostname_checks_common_name && !elements.iter().any(|(tag, ..)| *tag == 0x82) {
        found.extend(common_names(leaf).into_iter().map(|text| (0x82, plain(&text))));
    }
    found
}

/// Those that look like hosts, in strings of one octet a character.
fn common_names(leaf: &[u8]) -> Vec<Vec<u8>> {
    let Some(subject) = forge::anchor(leaf).map(|leaf| leaf.subject) else { return Vec::new() };
    let attributes =
        der::split(subject).into_iter().filter_map(der::element).flat_map(|rdn| der::split(rdn.1));
    let mut found = Vec::new();
    for attribute in attributes.filter_map(der::element) {
        let parts: Vec<_> = der::split(attribute.1).into_iter().filter_map(der::element).collect();
        if let [(6, COMMON_NAME, _), (0x0c | 0x13 | 0x14 | 0x16, text, _)] = parts.as_slice() {
            let host = |octet: &u8| octet.is_ascii_alphanumeric() || b"*-_.".contains(octet);
            let number = text
                .rsplit(|&octet| octet == b'.')
                .next()
                .is_some_and(|last| last.iter().all(u8::is_ascii_digit));
            if !text.is_empty() && text.iter().all(host) && !text.starts_with(b".") && !number {
                found.push(text.to_vec());
            }
        }
    }
    found
}

fn plain(text: &[u8]) -> Vec<u8> {
    text.strip_suffix(b".").unwrap_or(text).to_ascii_lowercase()
}

fn covers(base: &[u8], name: &[u8], form: u8) -> bool {
    let base = base.to_ascii_lowercase();
    let below = |host: &[u8], base: &[u8]| host.len() > base.len() && host.ends_with(base);
    let host = name.rsplit(|&octet| octet == b'@').next().unwrap_or_default();
    match form {
        0x82 if base.is_empty() => true,
        0x82 => name == base || below(name, &[b".", base.strip_prefix(b".").unwrap_or(&base)].concat()),
        0x81 if base.starts_with(b"@") => host == &base[1..],
        // Local parts keep their case, which is not looked at here.
        0x81 if base.contains(&b'@') => name == base,
        _ if base.starts_with(b".") => below(host, &base),
        _ => host == base,
    }
}

#[cfg(test)]
mod tests {
    use crate::Target;
    use crate::der::{sequence, tlv};
    use crate::forge;

    /// What the target says of constraints of the intermediate and a subjectAltName, or of a commonName alone.
    fn said(settings: u8, way: u8, form: u8, base: &[u8], name: &[u8]) -> &'static str {
        let constraints = sequence(&[&tlv(way, &sequence(&[&tlv(form, base)]))]);
        let (alternative, subject) = match form {
            0x82 => {
                (sequence(&[&tlv(0x87, &[192, 0, 2, 1])]), forge::name(std::str::from_utf8(name).unwrap()))
            }
            form => (sequence(&[&tlv(form, name)]), forge::name("leaf")),
        };
        let input = [&[settings], constraints.as_slice(), &alternative, &subject].concat();
        (Target::find("name_constraints").unwrap().run)(&input)
    }

    #[test]
    fn constraints_are_evaded_by_ssl_alone() {
        for (way, form, base, name) in [
            (0xa0, 0x86, &b".good.test"[..], &b"https://evil.test?.good.test"[..]),
            (0xa1, 0x86, b"evil.test", b"https://evil.test#x"),
            (0xa1, 0x86, b"evil.test", b"https://evil.test./"),
            (0xa1, 0x81, b"evil.test", b"a@evil.test."),
            (0xa1, 0x82, b"evil.test", b"*.evil.test"),
            (0xa0, 0x82, b"good.test", b"localhost"),
        ] {
            let said_by = |settings| said(settings, way, form, base, name);
            assert_ne!(said_by(0x10), "refused", "{}", name.escape_ascii());
            assert_eq!(said_by(0x14), "refused", "{}", name.escape_ascii());
        }
        assert_eq!(said(0x14, 0xa0, 0x86, b".good.test", b"https://www.good.test?x"), "name_forms");
    }

    #[test]
    #[should_panic(expected = "false accept")]
    fn under_other_policies_it_would_be_a_false_accept() {
        let ca = forge::id_ce(0x1e, true, &sequence(&[&tlv(0xa1, &sequence(&[&tlv(0x86, b"evil.test")]))]));
        let leaf = forge::id_ce(0x11, false, &sequence(&[&tlv(0x86, b"https://evil.test?x")]));
        let name = forge::name("CA");
        let path = [forge::certificate(&name, &name, 1, &leaf), forge::certificate(&name, &name, 2, &ca)];
        super::hold(&[&path[0], &path[1]], &certpath::Policy::webpki());
    }
}
