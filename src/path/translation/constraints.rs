//! Name constraints in translation.

use crate::certificate::GeneralName;
use crate::der::{self, Element, Reader, tag};
use crate::path::name_syntax::malformed_base;
use crate::policy::Exception;

use super::Terms;

/// The tags of rfc822Name, directoryName and uniformResourceIdentifier: the forms of `name_forms`.
const FORMS_BEYOND_WEBPKI: [u8; 3] = [tag::context(1), tag::constructed(4), tag::context(6)];

/// Whether the exceptions have anything to do with constraints.
pub(super) fn is_concerned(terms: &Terms<'_>) -> bool {
    terms.has(Exception::NameForms) || terms.has(Exception::SubtreeMinimum)
}

/// The contents of nameConstraints as webpki is to see them. `None` if what would be taken out is nothing that
/// anybody could have judged.
pub(in crate::path) fn translated(contents: &[u8], terms: &Terms<'_>) -> Option<Vec<u8>> {
    let mut contents = contents.to_vec();
    if terms.has(Exception::SubtreeMinimum) {
        contents = without_minimum(&contents)?;
    }
    if terms.has(Exception::NameForms) {
        contents = without_forms(&contents)?;
    }
    Some(contents)
}

/// The same subtrees, without a minimum of 0 that is written down: it is the default (RFC 5280 4.2.1.10), which
/// DER leaves out (X.690 11.5).
fn without_minimum(contents: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(contents.len());
    let mut reader = Reader::new(contents);
    while !reader.is_empty() {
        let list = reader.any()?;
        let mut kept = Vec::with_capacity(list.contents.len());
        let mut subtrees = Reader::new(list.contents);
        let mut changed = false;
        while !subtrees.is_empty() {
            let subtree = subtrees.any()?;
            match base_above_zero(&subtree) {
                Some(base) => {
                    der::push_element(&mut kept, tag::SEQUENCE, base.whole);
                    changed = true;
                }
                None => kept.extend_from_slice(subtree.whole),
            }
        }
        if changed {
            list.is_shortest().then_some(())?;
            der::push_element(&mut out, list.tag, &kept);
        } else {
            out.extend_from_slice(list.whole);
        }
    }
    Some(out)
}

/// The base of a subtree that has nothing behind it but a minimum of 0, all of it as DER has it.
fn base_above_zero<'a>(subtree: &Element<'a>) -> Option<Element<'a>> {
    if subtree.tag != tag::SEQUENCE || !subtree.is_shortest() {
        return None;
    }
    let mut fields = Reader::new(subtree.contents);
    let base = fields.any()?;
    (fields.rest() == [tag::context(0), 1, 0]).then_some(base)
}

/// Whether a set of constraints has a minimum of 0 that is written down.
pub(in crate::path) fn has_minimum(contents: &[u8]) -> bool {
    let mut reader = Reader::new(contents);
    while let Some(list) = reader.any() {
        let mut subtrees = Reader::new(list.contents);
        while let Some(subtree) = subtrees.any() {
            if base_above_zero(&subtree).is_some() {
                return true;
            }
        }
    }
    false
}

/// Name constraints without the subtrees of the forms that webpki does not judge; empty if nothing is left.
/// `None` if one of these is not written as RFC 5280 4.2.1.10 wants it, which nobody could have judged.
fn without_forms(constraints: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(constraints.len());
    let mut reader = Reader::new(constraints);
    while !reader.is_empty() {
        let list = reader.any().filter(Element::is_shortest)?;
        let mut kept = Vec::with_capacity(list.contents.len());
        let mut subtrees = Reader::new(list.contents);
        while !subtrees.is_empty() {
            let subtree = subtrees.element(tag::SEQUENCE)?;
            let mut fields = Reader::new(subtree.contents);
            let base = fields.any()?;
            // Neither minimum nor maximum: DER leaves out the former, RFC 5280 the latter. With one, webpki is to
            // see the subtree.
            if !FORMS_BEYOND_WEBPKI.contains(&base.tag) || !fields.is_empty() {
                kept.extend_from_slice(subtree.whole);
                continue;
            }
            let parsed = GeneralName::parse(&mut Reader::new(base.whole))?;
            let sound = subtree.is_shortest() && base.is_shortest() && malformed_base(&parsed).is_none();
            sound.then_some(())?;
        }
        // A list that has been empty before stays, for webpki to see.
        if !kept.is_empty() || list.contents.is_empty() {
            der::push_element(&mut out, list.tag, &kept);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(subtree: &[u8]) -> Vec<u8> {
        let mut inner = Vec::new();
        der::push_element(&mut inner, tag::SEQUENCE, subtree);
        let mut out = Vec::new();
        der::push_element(&mut out, tag::constructed(1), &inner);
        out
    }

    #[test]
    fn only_a_minimum_of_zero_is_taken_out() {
        let base: &[u8] = &[0x82, 1, b'a'];
        let plain = list(base);
        let zero = list(&[base, &[0x80, 1, 0]].concat());
        assert!(has_minimum(&zero) && !has_minimum(&plain));
        assert_eq!(without_minimum(&zero), Some(plain.clone()));
        assert_eq!(without_minimum(&plain), Some(plain.clone()));
        for rest in [
            &[0x80, 1, 1][..],
            &[0x81, 1, 0],
            &[0x80, 1, 0, 0x81, 1, 5],
            &[0x80, 2, 0, 0],
            &[0x80, 0x81, 1, 0],
            &[0x80, 0],
        ] {
            let other = list(&[base, rest].concat());
            assert!(!has_minimum(&other), "{rest:02x?}");
            assert_eq!(without_minimum(&other), Some(other.clone()), "{rest:02x?}");
        }
        // Nothing is mended on the way.
        let long = [&[0xa1, 0x81, 8, 0x30, 6][..], base, &[0x80, 1, 0]].concat();
        assert_eq!(without_minimum(&long), None);
    }

    #[test]
    fn of_the_forms_that_webpki_does_not_judge_only_sound_subtrees_are_taken_out() {
        let mailbox: &[u8] = &[0x81, 6, b'a', b'.', b't', b'e', b's', b't'];
        let host: &[u8] = &[0x82, 6, b'a', b'.', b't', b'e', b's', b't'];
        assert_eq!(without_forms(&list(mailbox)), Some(Vec::new()));
        assert_eq!(without_forms(&list(host)), Some(list(host)));
        let both = [list(host), list(mailbox)].concat();
        assert_eq!(without_forms(&both), Some(list(host)));
        // With bounds they are webpki's to refuse.
        for bounds in [&[0x80, 1, 0][..], &[0x80, 1, 1], &[0x81, 1, 2], &[0x80, 1, 0, 0x81, 1, 2]] {
            let bounded = list(&[mailbox, bounds].concat());
            assert_eq!(without_forms(&bounded), Some(bounded.clone()), "{bounds:02x?}");
        }
        for unsound in [&[0x81, 0][..], &[0x81, 0x81, 1, b'a'], &[0x86, 0]] {
            let unsound = list(unsound);
            assert_eq!(without_forms(&unsound), None, "{unsound:02x?}");
        }
    }
}
