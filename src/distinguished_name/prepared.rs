//! Names in the form in which RFC 5280 7.1 compares them: strings prepared as RFC 4518 says, of whatever
//! type, with the tables of RFC 3454.

use stringprep::tables;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::der::{Reader, push_element, tag};
use crate::oid;

use super::{Attribute, DistinguishedName, attribute, utf8};

impl DistinguishedName<'_> {
    /// The form in which names that are equal by RFC 5280 7.1 are equal octets, and a name within a subtree
    /// starts with its base. `None` if that cannot be told: then the name is equal to none and to any.
    pub(crate) fn prepared(&self) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(self.rdns.len());
        let mut reader = Reader::new(self.rdns);
        while let Some(mut set) = reader.nested(tag::SET) {
            let mut attributes = Vec::new();
            while let Some(attribute) = attribute(&mut set, 0) {
                let mut pair = Vec::with_capacity(attribute.value.len() + 16);
                push_element(&mut pair, tag::OID, attribute.oid);
                prepare_value(&attribute, &mut pair)?;
                let mut sequence = Vec::with_capacity(pair.len() + 4);
                push_element(&mut sequence, tag::SEQUENCE, &pair);
                attributes.push(sequence);
            }
            // X.501 9.3: an RDN has an attribute at least.
            if attributes.is_empty() {
                return None;
            }
            // It is a set: neither order nor repetition counts.
            attributes.sort();
            attributes.dedup();
            push_element(&mut out, tag::SET, &attributes.concat());
        }
        Some(out)
    }
}

/// Appends an attribute's value as it is compared. Only character strings can be, and the one type that is
/// made of bits (RFC 4519 2.40).
fn prepare_value(attribute: &Attribute<'_>, out: &mut Vec<u8>) -> Option<()> {
    if attribute.tag == tag::BIT_STRING {
        return (attribute.oid == oid::X500_UNIQUE_IDENTIFIER)
            .then(|| push_element(out, tag::BIT_STRING, attribute.value));
    }
    let ascii = attribute.value.is_ascii();
    match attribute.tag {
        tag::UTF8_STRING | tag::BMP_STRING | tag::UNIVERSAL_STRING => {}
        // Beyond ASCII nobody knows what these octets mean: T.61, Latin-1 or UTF-8.
        tag::T61_STRING
        | tag::PRINTABLE_STRING
        | tag::IA5_STRING
        | tag::NUMERIC_STRING
        | tag::VISIBLE_STRING
            if ascii => {}
        _ => return None,
    }
    let text = utf8(attribute.tag, attribute.value)?;
    // RFC 5280 7.3: domain components are in A-labels.
    if attribute.oid == oid::DOMAIN_COMPONENT && !text.is_ascii() {
        return None;
    }
    push_element(out, tag::UTF8_STRING, prepare(&text)?.as_bytes());
    Some(())
}

/// A text with characters that stand for others replaced by those: full-width letters and digits, digits in circles.
pub(crate) fn compatibility_form(text: &str) -> String {
    text.nfkc().collect()
}

/// RFC 4518 2 for caseIgnoreMatch: map, normalise, prohibit, and what spaces there are that mean nothing.
/// `None` where a character is prohibited.
fn prepare(text: &str) -> Option<String> {
    if text.is_ascii() {
        let mapped = text.chars().filter_map(map).map(|character| character.to_ascii_lowercase());
        return Some(without_insignificant_spaces(mapped));
    }
    // Before the newer tables of the normalisation can make something else of it.
    if text.chars().any(|character| tables::unassigned_code_point(character) || is_blank_letter(character)) {
        return None;
    }
    let mapped = text.chars().filter_map(map).flat_map(tables::case_fold_for_nfkc);
    let normalised: String = mapped.nfkc().collect();
    // RFC 4518 2.4.
    if normalised.chars().any(is_prohibited) || normalised.chars().next().is_some_and(is_combining_mark) {
        return None;
    }
    Some(without_insignificant_spaces(normalised.chars()))
}

/// RFC 4518 2.2, but for case: `None` for what is mapped to nothing.
fn map(character: char) -> Option<char> {
    match character {
        '\u{9}'..='\u{d}' | '\u{85}' => Some(' '),
        // Separators, all but U+200B.
        ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{2028}' | '\u{2029}' => Some(' '),
        '\u{202f}' | '\u{205f}' | '\u{3000}' => Some(' '),
        // Hyphens and joiners that are not seen, variation selectors, U+FFFC.
        '\u{ad}' | '\u{34f}' | '\u{1806}' | '\u{180b}'..='\u{180e}' | '\u{fe00}'..='\u{fe0f}' => None,
        // Controls and formats.
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{6dd}' | '\u{70f}' => None,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2063}' => None,
        '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' => None,
        '\u{1d173}'..='\u{1d17a}' | '\u{e0001}' | '\u{e0020}'..='\u{e007f}' => None,
        _ => Some(character),
    }
}

/// RFC 4518 2.4: unassigned in Unicode 3.2, deprecated, of private use, no character, U+FFFD.
fn is_prohibited(character: char) -> bool {
    tables::unassigned_code_point(character)
        || tables::change_display_properties_or_deprecated(character)
        || tables::private_use(character)
        || tables::non_character_code_point(character)
        || character == char::REPLACEMENT_CHARACTER
}

/// Letters and symbols that show nothing: RFC 4518 keeps them apart from their absence, no reader does.
fn is_blank_letter(character: char) -> bool {
    matches!(
        character,
        '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
    )
}

/// RFC 4518 2.6.1, but that inner spaces become one instead of two and outer ones none instead of one. A
/// space with a combining mark on it is not one of them.
fn without_insignificant_spaces(text: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut text = text.peekable();
    let mut pending = false;
    while let Some(character) = text.next() {
        if character == ' ' && !text.peek().copied().is_some_and(is_combining_mark) {
            pending = true;
            continue;
        }
        if pending && !out.is_empty() {
            out.push(' ');
        }
        pending = false;
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(text: &str) -> String {
        prepare(text).expect(text)
    }

    #[test]
    fn what_is_not_seen_does_not_count() {
        for text in [
            "\u{c9}vil Corp",
            "\u{e9}VIL CORP",
            "E\u{301}vil Corp",
            "e\u{301}vil\u{a0}corp",
            "\u{c9}vil\u{3000}Corp",
            "\u{c9}vil \t\u{2003}\r\nCorp ",
            "\u{2028}\u{c9}vil\u{85}Corp\u{202f}",
            "\u{c9}\u{ad}vil C\u{200b}o\u{200d}r\u{feff}p",
            "\u{c9}v\u{2060}il Co\u{34f}r\u{180e}p\u{fe0f}",
            "\u{c9}vil\u{200e} \u{202e}Corp\u{202c}",
            "\u{c9}v\u{0}il C\u{7f}orp\u{9f}",
            "\u{ff25}\u{301}\u{ff56}\u{ff49}\u{ff4c} \u{ff23}orp",
            "\u{c9}\u{2173}\u{131}l Corp".replace("\u{2173}\u{131}", "vi").as_str(),
            "\u{1d404}\u{301}vil \u{24b8}orp",
            "\u{c9}v\u{e0069}il Corp",
        ] {
            assert_eq!(prepared(text), "\u{e9}vil corp", "{text:?}");
        }
        assert_eq!(prepared(" Some\u{b}\t CA\0 "), "some ca");
        assert_eq!(prepared(" \u{a0} "), "");
    }

    #[test]
    fn case_is_folded_as_the_tables_say() {
        for (one, other) in [
            ("Stra\u{df}e", "STRASSE"),
            ("\u{3a3}\u{3a3}", "\u{3c3}\u{3c2}"),
            ("\u{130}", "i\u{307}"),
            ("\u{fb01}", "FI"),
            ("\u{212a}", "k"),
            ("\u{17f}", "S"),
            ("\u{1c4}", "\u{1c6}"),
            ("\u{3371}", "HPA"),
            ("\u{410}", "\u{430}"),
            ("\u{ac00}", "\u{1100}\u{1161}"),
        ] {
            assert_eq!(prepared(one), prepared(other), "{one} {other}");
        }
        // Neither are letters of another alphabet, nor is the dotless i another i.
        assert_ne!(prepared("\u{430}"), prepared("a"));
        assert_ne!(prepared("ev\u{131}l"), prepared("evil"));
        assert_ne!(prepared("e vil"), prepared("evil"));
    }

    #[test]
    fn spaces_under_a_mark_are_no_spaces() {
        assert_eq!(prepared("O\u{b4}Brien"), "o \u{301}brien");
        assert_ne!(prepared("a  \u{301}"), prepared("a \u{301}"));
    }

    #[test]
    fn what_is_prohibited_cannot_be_prepared() {
        for text in [
            "\u{301}a",
            "\u{ad}\u{301}a",
            "a\u{e000}",
            "a\u{fffd}",
            "a\u{ffff}",
            "a\u{fdd0}",
            "a\u{1e9e}",
            "a\u{1f600}",
            "a\u{2066}b",
            "a\u{61c}",
            "a\u{2064}",
            "a\u{115f}",
            "a\u{3164}",
            "a\u{ffa0}",
            "a\u{17b4}",
            "a\u{2800}",
            "a\u{f0000}",
            "a\u{10fffd}",
            "a\u{221}",
        ] {
            assert_eq!(prepare(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_is_prepared_stays_as_it_is() {
        for character in ('\0'..'\u{30000}').filter(|one| !tables::unassigned_code_point(*one)) {
            if let Some(once) = prepare(&format!("x{character}y")) {
                assert_eq!(prepare(&once), Some(once.clone()), "{character:?}");
            }
        }
    }
}
