//! The bag of certificates and CRLs in PKCS#7 and CMS (RFC 5652, 5.1). No signature over anything is looked at.

use std::collections::HashMap;

use crate::certificate::Certificate;
use crate::der::tag;

use super::ber::Elements;

/// 1.2.840.113549.1.7.2.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];

/// What is in it.
#[derive(Debug, Default)]
pub(super) struct Bag<'a> {
    pub(super) certificates: Vec<&'a [u8]>,
    pub(super) crls: Vec<&'a [u8]>,
    /// Attribute certificates, and kinds that nobody has defined.
    pub(super) others: usize,
}

/// Why there is no bag.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum NoBag {
    /// Encrypted, or data without certificates by its type.
    OtherType,
    Malformed,
}

/// The bag in the contents of a ContentInfo.
pub(super) fn bag(contents: &[u8]) -> Result<Bag<'_>, NoBag> {
    let mut info = Elements::new(contents);
    let kind = info.next().filter(|element| element.tag == tag::OID).ok_or(NoBag::Malformed)?;
    if kind.contents != SIGNED_DATA {
        return Err(NoBag::OtherType);
    }
    signed_data(info).ok_or(NoBag::Malformed)
}

fn signed_data(mut info: Elements<'_>) -> Option<Bag<'_>> {
    let mut explicit = info.nested(tag::constructed(0))?;
    let mut data = explicit.nested(tag::SEQUENCE)?;
    if !explicit.is_empty() || !info.is_empty() {
        return None;
    }
    data.next().filter(|version| version.tag == tag::INTEGER)?;
    data.next().filter(|algorithms| algorithms.tag == tag::SET)?;
    data.next().filter(|content| content.tag == tag::SEQUENCE)?;
    let mut bag = Bag::default();
    while !data.is_empty() {
        let part = data.next()?;
        let mut members = Elements::new(part.contents);
        match part.tag {
            0xa0 | 0xa1 => {
                let list = if part.tag == 0xa0 { &mut bag.certificates } else { &mut bag.crls };
                while !members.is_empty() {
                    let member = members.next()?;
                    if member.tag == tag::SEQUENCE { list.push(member.whole) } else { bag.others += 1 }
                }
            }
            tag::SET => {} // the signers
            _ => return None,
        }
    }
    Some(bag)
}

/// The certificates of a bag, which has no order, with the end entity first: the only one that has issued no other.
///
/// # Errors
///
/// How many have issued none, if that is not one; or that one of several cannot be parsed.
pub(super) fn end_entity_first(mut certificates: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, Unordered> {
    let mut seen = std::collections::HashSet::new();
    certificates.retain(|der| seen.insert(der.clone()));
    if certificates.len() < 2 {
        return Ok(certificates);
    }
    let parsed: Vec<Certificate<'_>> = certificates
        .iter()
        .enumerate()
        .map(|(number, der)| Certificate::parse(der).map_err(|_| Unordered::Unparseable(number)))
        .collect::<Result<_, _>>()?;
    let mut issued: HashMap<&[u8], usize> = HashMap::new();
    for one in &parsed {
        *issued.entry(one.issuer.canonical()).or_default() += 1;
    }
    let has_issued_another = |one: &Certificate<'_>| {
        let itself = usize::from(one.issuer.canonical() == one.subject.canonical());
        issued.get(one.subject.canonical()).copied().unwrap_or(0) > itself
    };
    let mut ends = parsed.iter().enumerate().filter(|(_, one)| !has_issued_another(one));
    let (first, more) = (ends.next().map(|(position, _)| position), ends.count());
    match (first, more) {
        (Some(position), 0) => {
            drop(parsed);
            certificates.get_mut(..=position).unwrap_or_default().rotate_right(1);
            Ok(certificates)
        }
        (first, more) => Err(Unordered::EndEntities(usize::from(first.is_some()) + more)),
    }
}

/// Why a bag is not a chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unordered {
    /// So many that could be the end entity.
    EndEntities(usize),
    /// The certificate of this number, from 0, cannot be parsed.
    Unparseable(usize),
}
