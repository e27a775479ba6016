//! webpki asked about paths that the native model has not seen: what it says by itself, in translation too.

use crate::certificate::Certificate;
use crate::der::{Element, Reader, push_element, tag};
use crate::path::checks::signed;
use crate::policy::{Exception, Policy};
use crate::signature::Signed;
use crate::verdict::{Check, Fact};

use super::{Path, Refusal};
use crate::path::memory::Cost;

/// 2026-06-01.
const AT: i64 = 1_780_272_000;
const ED25519: [u8; 7] = [0x30, 5, 6, 3, 0x2b, 0x65, 0x70];
const SINCE_1955: [&str; 2] = ["550101000000Z", "490101000000Z"];
const USUAL: [&str; 2] = ["200101000000Z", "490101000000Z"];
const EXPIRED: [&str; 2] = ["200101000000Z", "210101000000Z"];

fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    push_element(&mut out, tag, &parts.concat());
    out
}

fn name(number: u8) -> Vec<u8> {
    let attribute = tlv(tag::SEQUENCE, &[&[6, 3, 0x55, 4, 3], &tlv(tag::UTF8_STRING, &[&[b'A' + number]])]);
    tlv(tag::SEQUENCE, &[&tlv(tag::SET, &[&attribute])])
}

fn extension(id: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    tlv(tag::SEQUENCE, &[&[6, 3, 0x55, 0x1d, id], critical, &tlv(tag::OCTET_STRING, &[value])])
}

/// The basicConstraints of a CA.
fn ca(limit: Option<u8>) -> Vec<u8> {
    let limit = limit.map(|limit| vec![2, 1, limit]).unwrap_or_default();
    extension(0x13, true, &tlv(tag::SEQUENCE, &[&[1, 1, 0xff], &limit]))
}

fn host(name: &str) -> Vec<u8> {
    tlv(tag::context(2), &[name.as_bytes()])
}

fn excluded(base: &str) -> Vec<u8> {
    let subtree = tlv(tag::SEQUENCE, &[&host(base)]);
    extension(0x1e, true, &tlv(tag::SEQUENCE, &[&tlv(tag::constructed(1), &[&subtree])]))
}

fn named(name: &str) -> Vec<u8> {
    extension(0x11, false, &tlv(tag::SEQUENCE, &[&host(name)]))
}

/// A certificate that nobody has signed.
fn certificate(subject: u8, issuer: u8, dates: [&str; 2], extensions: &[u8]) -> Vec<u8> {
    with_key(subject, subject, issuer, dates, extensions)
}

/// The same, of a key with its own number.
fn with_key(key: u8, subject: u8, issuer: u8, dates: [&str; 2], extensions: &[u8]) -> Vec<u8> {
    let times = dates.map(|date| tlv(tag::UTC_TIME, &[date.as_bytes()]));
    let key = tlv(tag::BIT_STRING, &[&[0], &[key; 32]]);
    let tbs = tlv(
        tag::SEQUENCE,
        &[
            &[0xa0, 3, 2, 1, 2],
            &[2, 1, subject],
            &ED25519,
            &name(issuer),
            &tlv(tag::SEQUENCE, &[&times.concat()]),
            &name(subject),
            &tlv(tag::SEQUENCE, &[&ED25519, &key]),
            &tlv(tag::constructed(3), &[&tlv(tag::SEQUENCE, &[extensions])]),
        ],
    );
    tlv(tag::SEQUENCE, &[&tbs, &ED25519, &tlv(tag::BIT_STRING, &[&[0; 65]])])
}

/// What webpki says of a path, end entity first, if each of its signatures but that at `forged` is good.
fn asked(path: &[Vec<u8>], forged: Option<usize>) -> Result<Vec<Exception>, Refusal> {
    let parsed: Vec<_> = path.iter().map(|der| Certificate::parse(der).unwrap()).collect();
    let certificates: Vec<_> = parsed.iter().collect();
    let mut edges: Vec<Signed<'_>> = certificates.windows(2).map(|pair| signed(pair[0], pair[1])).collect();
    if let Some(forged) = forged {
        edges[forged].signature = &[];
    }
    let policy = Policy::ssl(0);
    let path = Path { certificates, edges, policy: &policy, at: Some(AT), told: true };
    let mut used = Vec::new();
    path.prove(&mut used, &mut Cost::default()).map(|()| used)
}

/// An end entity below so many CAs and a root; `change` has the number of each and what it says.
fn tower(height: u8, change: impl Fn(u8) -> Option<Vec<u8>>) -> Vec<Vec<u8>> {
    let numbers = 0..=height;
    let mut path: Vec<_> = numbers
        .map(|number| {
            let usual = if number == 0 { named("www.good.test") } else { ca(None) };
            certificate(number, number + 1, USUAL, &change(number).unwrap_or(usual))
        })
        .collect();
    path.push(certificate(height + 1, height + 1, USUAL, &ca(None)));
    path
}

#[test]
fn a_deep_path_is_proven_in_segments() {
    for height in [1, 6, 7, 11, 12, 13, 18, 40] {
        let exceptions = asked(&tower(height, |_| None), None).unwrap();
        assert_eq!(exceptions, if height > 6 { vec![Exception::DeepPath] } else { vec![] }, "{height}");
    }
}

#[test]
fn nothing_but_the_length_of_a_deep_path_is_out_of_sight() {
    const HEIGHT: u8 = 14;
    let purpose = tlv(tag::SEQUENCE, &[&[6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 3]]);
    for number in 1..=HEIGHT {
        let says = |more: Vec<u8>| tower(HEIGHT, |at| (at == number).then(|| more.clone()));
        let check = |path: Vec<Vec<u8>>| asked(&path, None).err().map(|refusal| refusal.check);
        assert_eq!(check(says([ca(None), excluded("bad.test")].concat())), None);
        let good = [ca(None), excluded("good.test")].concat();
        assert_eq!(check(says(good)), Some(Check::ProofNameConstraints), "{number}");
        assert_eq!(check(says(ca(Some(number - 1)))), None, "{number}");
        if number > 1 {
            assert_eq!(check(says(ca(Some(number - 2)))), Some(Check::ProofPathLength), "{number}");
        }
        let other = [ca(None), extension(0x25, false, &purpose)].concat();
        assert_eq!(check(says(other)), Some(Check::ProofPurpose), "{number}");
        assert!(check(says(named("www.good.test"))).is_some(), "{number} is not a CA");
        let plain = tower(HEIGHT, |_| None);
        assert!(asked(&plain, Some(usize::from(number))).is_err(), "signature of {number}");
        let mut expired = plain;
        expired[usize::from(number)] = certificate(number, number + 1, EXPIRED, &ca(None));
        assert_eq!(check(expired), Some(Check::ProofTime), "{number}");
    }
    let mut constrained = tower(HEIGHT, |_| None);
    let root = constrained.len() - 1;
    let extensions = [ca(None), excluded("good.test")].concat();
    constrained[root] = certificate(HEIGHT + 1, HEIGHT + 1, USUAL, &extensions);
    assert!(asked(&constrained, None).is_err(), "the anchor's own constraints");
}

#[test]
fn dates_before_1970_are_shown_as_such_from_then_on() {
    let with = |ca_since: [&str; 2], leaf: [&str; 2]| {
        let end_entity = certificate(0, 1, leaf, &named("www.good.test"));
        let path = [end_entity, certificate(1, 2, ca_since, &ca(None)), certificate(2, 2, USUAL, &ca(None))];
        asked(&path, None).map_err(|refusal| refusal.check)
    };
    assert_eq!(with(SINCE_1955, USUAL), Ok(vec![Exception::Dates]));
    assert_eq!(with(SINCE_1955, EXPIRED), Err(Check::ProofTime));
    assert_eq!(with(["550101000000Z", "210101000000Z"], USUAL), Err(Check::ProofTime));
    assert_eq!(with(["550101000000Z", "650101000000Z"], USUAL), Err(Check::ProofTime));
}

#[test]
fn what_a_translation_leaves_out_is_still_read() {
    let purposes =
        |id: u8| extension(0x25, false, &tlv(tag::SEQUENCE, &[&[6, 8, 0x2b, 6, 1, 5, 5, 7, 3, id]]));
    let with = |between: &[u8]| {
        let path = [
            certificate(0, 1, USUAL, &named("www.good.test")),
            // A CA that has issued itself a certificate for another key, whose names are not shown to webpki.
            with_key(8, 1, 1, USUAL, &[&ca(None), between].concat()),
            certificate(1, 2, USUAL, &ca(Some(0))),
            certificate(2, 2, USUAL, &ca(None)),
        ];
        asked(&path, None).map_err(|refusal| refusal.check)
    };
    assert_eq!(with(&[]), Ok(vec![Exception::SelfIssued]));
    assert_eq!(with(&named("www.other.test")), Ok(vec![Exception::SelfIssued]));
    assert_eq!(with(&purposes(1)), Ok(vec![Exception::SelfIssued]));
    // RFC 5280 4.2: not more than one instance of an extension.
    let twice = [named("www.other.test"), named("www.other.test")].concat();
    assert_eq!(with(&twice), Err(Check::ProofEncoding));
}

#[test]
fn a_pinned_end_entity_is_asked_about() {
    let purpose =
        |id: u8| extension(0x25, false, &tlv(tag::SEQUENCE, &[&[6, 8, 0x2b, 6, 1, 5, 5, 7, 3, id]]));
    let pinned = |dates: [&str; 2], more: &[u8]| {
        let der = certificate(0, 1, dates, &[&named("www.good.test"), more].concat());
        let leaf = Certificate::parse(&der).unwrap();
        let policy = Policy::ssl(0);
        let path =
            Path { certificates: vec![&leaf], edges: vec![], policy: &policy, at: Some(AT), told: true };
        let mut used = Vec::new();
        path.pinned(&mut used, &mut Cost::default()).map(|()| used).map_err(|refusal| refusal.check)
    };
    assert_eq!(pinned(USUAL, &[]), Ok(vec![]));
    assert_eq!(pinned(USUAL, &purpose(1)), Ok(vec![]));
    assert_eq!(pinned(SINCE_1955, &[]), Ok(vec![Exception::Dates]));
    assert_eq!(pinned(EXPIRED, &[]), Err(Check::ProofTime));
    assert_eq!(pinned(USUAL, &purpose(3)), Err(Check::ProofPurpose));
}

/// A certificate with a part of what is signed written otherwise, its fields numbered as in RFC 5280 4.1.
fn with_field(der: &[u8], number: usize, change: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut outer = Reader::new(der).nested(tag::SEQUENCE).unwrap();
    let mut fields = outer.nested(tag::SEQUENCE).unwrap();
    let mut tbs = Vec::new();
    for index in 0.. {
        let Some(field) = fields.any() else { break };
        tbs.extend(if index == number { change(field.whole) } else { field.whole.to_vec() });
    }
    tlv(tag::SEQUENCE, &[&tlv(tag::SEQUENCE, &[&tbs]), outer.rest()])
}

/// With its length in the long form.
fn long(element: &[u8]) -> Vec<u8> {
    [&element[..1], &[0x81], &element[1..]].concat()
}

/// The same of the last element in one.
fn last_long(element: &[u8]) -> Vec<u8> {
    let Element { tag, contents, .. } = Reader::new(element).any().unwrap();
    let mut elements = Reader::new(contents);
    let mut all = Vec::new();
    while let Some(one) = elements.any() {
        all.extend(if elements.is_empty() { long(one.whole) } else { one.whole.to_vec() });
    }
    tlv(tag, &[&all])
}

/// With the first TRUE as 1, which is BER.
fn true_as_1(element: &[u8]) -> Vec<u8> {
    let mut out = element.to_vec();
    let at = out.windows(3).position(|octets| octets == [1, 1, 0xff]).unwrap();
    out[at + 2] = 1;
    out
}

#[test]
fn a_refusal_names_the_certificate_and_the_part_of_it() {
    type Change = fn(&[u8]) -> Vec<u8>;
    let cases: [(&str, usize, Change); 8] = [
        ("version", 0, last_long),
        ("serialNumber", 1, long),
        ("signature", 2, long),
        ("issuer", 3, long),
        ("validity", 4, last_long),
        ("subject", 5, long),
        ("subjectPublicKeyInfo", 6, last_long),
        ("extensions", 7, long),
    ];
    for (part, number, change) in cases {
        for at in 0..3 {
            // Of the anchor webpki is shown the name, the key and the constraints; no key of an end entity is read.
            if (at == 2) != (part == "subjectPublicKeyInfo") && (at, part) != (1, "subjectPublicKeyInfo") {
                continue;
            }
            let mut path = tower(1, |_| None);
            path[at] = with_field(&path[at], number, change);
            assert_eq!(told(&path), (Some(at), Some(("field", part.into()))), "{part} at {at}");
        }
    }
    let mut path = tower(1, |_| None);
    let mut outer = Reader::new(&path[0]).nested(tag::SEQUENCE).unwrap();
    let (signed, algorithm) = (outer.any().unwrap(), outer.any().unwrap());
    path[0] = tlv(tag::SEQUENCE, &[signed.whole, &long(algorithm.whole), outer.rest()]);
    assert_eq!(told(&path), (Some(0), Some(("field", "signatureAlgorithm".into()))));
    let with = |at: u8, extension: Vec<u8>| {
        let more =
            |number: u8| (number == at).then(|| if at == 0 { named("www.good.test") } else { ca(None) });
        tower(1, |number| more(number).map(|usual| [usual, extension.clone()].concat()))
    };
    let empty = tlv(tag::SEQUENCE, &[]);
    let odd_names = extension(0x11, false, &tlv(tag::SEQUENCE, &[&long(&host("www.good.test"))]));
    let subtree = tlv(tag::SEQUENCE, &[&long(&host("bad.test"))]);
    let odd_constraints =
        extension(0x1e, true, &tlv(tag::SEQUENCE, &[&tlv(tag::constructed(1), &[&subtree])]));
    let below = |names: &[u8], constraints: &[u8]| {
        let mut path = tower(1, |at| (at == 0).then(|| names.to_vec()));
        path[2] = certificate(2, 2, USUAL, &[&ca(None), constraints].concat());
        path
    };
    for (path, at, part) in [
        (
            with(0, true_as_1(&extension(0x25, true, &[0x30, 10, 6, 8, 43, 6, 1, 5, 5, 7, 3, 1]))),
            0,
            "extendedKeyUsage",
        ),
        (with(1, true_as_1(&extension(0x0f, true, &[3, 2, 1, 6]))), 1, "keyUsage"),
        (with(1, extension(0x25, false, &empty)), 1, "extendedKeyUsage"),
        (with(1, true_as_1(&extension(0x20, true, &empty))), 1, "certificatePolicies"),
        (with(1, true_as_1(&extension(0x63, true, &empty))), 1, "2.5.29.99"),
        (tower(1, |at| (at == 1).then(|| true_as_1(&ca(None)))), 1, "basicConstraints"),
        (below(&odd_names, &excluded("bad.test")), 0, "subjectAltName"),
        (below(&named("www.good.test"), &odd_constraints), 2, "nameConstraints"),
    ] {
        assert_eq!(told(&path), (Some(at), Some(("extension", part.into()))), "{part} at {at}");
    }
}

/// The certificate and the part that a refusal names.
fn told(path: &[Vec<u8>]) -> (Option<usize>, Option<(&'static str, Fact)>) {
    let Err(refusal) = asked(path, None) else { return (None, None) };
    let part = refusal.facts.iter().find(|(name, _)| matches!(*name, "field" | "extension"));
    (refusal.depth, part.cloned())
}
