//! `Policy::webpki()` beside webpki alone, on the same generated input: it never accepts what webpki
//! refuses outside the named exceptions, and never refuses what webpki accepts but by a listed rule.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, and says what it has compared"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use certpath::{CrlSet, Policy, ReferenceIdentity, TrustStore, Verdict, Verifier};
use pki_types::{CertificateDer, ServerName, UnixTime};

/// How many inputs are compared: CERTPATH_PROPERTY_INPUTS, or enough for every day.
fn inputs() -> u64 {
    std::env::var("CERTPATH_PROPERTY_INPUTS").ok().and_then(|text| text.parse().ok()).unwrap_or(2_000)
}

/// 2026-06-01T00:00:00Z.
const AT: i64 = 1_780_272_000;
const HOST: &str = "www.example.test";

/// The rules by which `Policy::webpki()` refuses what webpki accepts; docs/parity.md lists them.
const STRICTER: &[&str] = &[
    // The trust anchor's own dates and extensions, of which webpki sees name, key and constraints.
    "expired",
    "not_yet_valid",
    "invalid_ca",
    "path_length_exceeded",
    // keyUsage of the end entity, extendedKeyUsage of the anchor.
    "invalid_purpose",
    // Known extensions that do not decode.
    "invalid_extension",
    // An anchor's unknown critical extensions.
    "unhandled_critical_extension",
];

/// xorshift64*: enough for choices, and the same everywhere.
struct Choices(u64);

impl Choices {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// Once in `n` times.
    fn once_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(n).unwrap()).unwrap()
    }
}

fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match contents.len() {
        length @ 0..=0x7f => out.push(u8::try_from(length).unwrap()),
        length @ 0x80..=0xff => out.extend([0x81, u8::try_from(length).unwrap()]),
        length => {
            out.push(0x82);
            out.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
    }
    out.extend(contents);
    out
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let mut parts = vec![element(6, oid)];
    if critical {
        parts.push(element(1, &[0xff]));
    }
    parts.push(element(4, value));
    sequence(&parts)
}

fn name(common_name: &str) -> Vec<u8> {
    let attribute = sequence(&[element(6, &[0x55, 4, 3]), element(0x0c, common_name.as_bytes())]);
    sequence(&[element(0x31, &attribute)])
}

struct Key {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Key {
    fn new() -> Self {
        Self {
            pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            random: SystemRandom::new(),
        }
    }

    fn spki(&self) -> Vec<u8> {
        let ec = element(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]);
        let p256 = element(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
        let point = [&[0], self.pair.public_key().as_ref()].concat();
        sequence(&[sequence(&[ec, p256]), element(3, &point)])
    }
}

/// What a certificate says; most of them are sound.
struct Shape {
    subject: String,
    issuer: String,
    ca: Option<bool>,
    path_length: Option<u8>,
    usage: Option<u8>,
    purposes: Option<Vec<&'static [u8]>>,
    names: Vec<(u8, Vec<u8>)>,
    permitted: Vec<(u8, Vec<u8>)>,
    excluded: Vec<(u8, Vec<u8>)>,
    from: &'static str,
    until: &'static str,
    version: u8,
    unknown_critical: bool,
    malformed_key_identifier: bool,
}

const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
const ANY_PURPOSE: &[u8] = &[0x55, 0x1d, 0x25, 0];
const KEY_CERT_SIGN: u8 = 0x04;
const DIGITAL_SIGNATURE: u8 = 0x80;

impl Shape {
    fn sound(subject: &str, issuer: &str, ca: bool) -> Self {
        Self {
            subject: subject.to_owned(),
            issuer: issuer.to_owned(),
            ca: Some(ca),
            path_length: None,
            usage: Some(if ca { KEY_CERT_SIGN } else { DIGITAL_SIGNATURE }),
            purposes: if ca { None } else { Some(vec![SERVER_AUTH]) },
            names: if ca { Vec::new() } else { vec![(0x82, HOST.into())] },
            permitted: Vec::new(),
            excluded: Vec::new(),
            from: "200101000000Z",
            until: "490101000000Z",
            version: 2,
            unknown_critical: false,
            malformed_key_identifier: false,
        }
    }

    /// Something odd, wrong or merely unusual.
    fn twist(&mut self, choices: &mut Choices) {
        let bases: [(u8, &[u8]); 8] = [
            (0x82, b"example.test"),
            (0x82, b"other.test"),
            (0x82, b"www.example.test"),
            (0x82, b""),
            (0x81, b"example.test"),
            (0x86, b"example.test"),
            (0x87, &[192, 0, 2, 0, 255, 255, 255, 0]),
            (0x82, b".example.test"),
        ];
        let (form, base) = bases[choices.below(bases.len())];
        match choices.below(20) {
            0 => self.ca = Some(!self.ca.unwrap_or(false)),
            1 => self.ca = None,
            2 => self.path_length = Some(u8::try_from(choices.below(3)).unwrap()),
            3 => self.usage = None,
            4 => self.usage = Some([KEY_CERT_SIGN, DIGITAL_SIGNATURE, 0x08, 0x02][choices.below(4)]),
            5 => self.purposes = None,
            6 => {
                let purposes = [SERVER_AUTH, CLIENT_AUTH, ANY_PURPOSE];
                self.purposes = Some((0..choices.below(3)).map(|index| purposes[index]).collect());
            }
            7 => self.purposes = Some(vec![CLIENT_AUTH]),
            8 | 9 => self.permitted.push((form, base.into())),
            10 | 11 => self.excluded.push((form, base.into())),
            12 => self.until = "250101000000Z",
            13 => self.from = "270101000000Z",
            14 => self.version = 0,
            15 => self.unknown_critical = true,
            16 => self.malformed_key_identifier = true,
            17 => self.names.push((0x81, b"user@example.test".to_vec())),
            18 => self.names = vec![(0x82, b"*.example.test".to_vec())],
            _ => self.subject = self.issuer.clone(),
        }
    }

    fn extensions(&self) -> Vec<u8> {
        let mut list = Vec::new();
        if let Some(ca) = self.ca {
            let mut parts = if ca { vec![element(1, &[0xff])] } else { Vec::new() };
            parts.extend(self.path_length.map(|length| element(2, &[length])));
            list.push(extension(&[0x55, 0x1d, 0x13], true, &sequence(&parts)));
        }
        if let Some(usage) = self.usage {
            let unused = u8::try_from(usage.trailing_zeros()).unwrap();
            list.push(extension(&[0x55, 0x1d, 0x0f], true, &element(3, &[unused, usage])));
        }
        if let Some(purposes) = &self.purposes {
            let purposes: Vec<_> = purposes.iter().map(|purpose| element(6, purpose)).collect();
            list.push(extension(&[0x55, 0x1d, 0x25], false, &sequence(&purposes)));
        }
        if !self.names.is_empty() {
            let names: Vec<_> = self.names.iter().map(|(tag, text)| element(*tag, text)).collect();
            list.push(extension(&[0x55, 0x1d, 0x11], false, &sequence(&names)));
        }
        if !self.permitted.is_empty() || !self.excluded.is_empty() {
            let subtrees = |tag: u8, bases: &[(u8, Vec<u8>)]| {
                let trees: Vec<_> =
                    bases.iter().map(|(form, base)| sequence(&[element(*form, base)])).collect();
                if bases.is_empty() { Vec::new() } else { element(tag, &trees.concat()) }
            };
            let value = sequence(&[subtrees(0xa0, &self.permitted), subtrees(0xa1, &self.excluded)]);
            list.push(extension(&[0x55, 0x1d, 0x1e], true, &value));
        }
        if self.unknown_critical {
            list.push(extension(&[0x2b, 6, 1, 4, 1, 0x83, 0xb3, 0x3a, 1], true, &[5, 0]));
        }
        if self.malformed_key_identifier {
            list.push(extension(&[0x55, 0x1d, 0x23], false, b"not DER"));
        }
        sequence(&list)
    }

    fn sign(&self, own: &Key, signer: &Key, serial: u16) -> Vec<u8> {
        let algorithm = sequence(&[element(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])]);
        let serial = [&[1], serial.to_be_bytes().as_slice()].concat();
        let mut parts = Vec::new();
        if self.version > 0 {
            parts.push(element(0xa0, &element(2, &[self.version])));
        }
        parts.extend([
            element(2, &serial),
            algorithm.clone(),
            name(&self.issuer),
            sequence(&[element(0x17, self.from.as_bytes()), element(0x17, self.until.as_bytes())]),
            name(&self.subject),
            own.spki(),
            element(0xa3, &self.extensions()),
        ]);
        let tbs = sequence(&parts);
        let signature = signer.pair.sign(&signer.random, &tbs).unwrap();
        sequence(&[tbs, algorithm, element(3, &[&[0], signature.as_ref()].concat())])
    }
}

/// End entity, intermediates, trust anchor.
struct Input {
    leaf: Vec<u8>,
    intermediates: Vec<Vec<u8>>,
    anchor: Vec<u8>,
}

fn generate(choices: &mut Choices, keys: &[Key]) -> Input {
    let depth = choices.below(4);
    let label = |level: usize| if level == 0 { HOST.to_owned() } else { format!("CA {level}") };
    let mut certificates = Vec::new();
    // From the anchor down; each is issued under the name that the one above has really got.
    let mut above: Option<String> = None;
    for level in (0..=depth + 1).rev() {
        let issuer = above.clone().unwrap_or_else(|| label(level));
        let mut shape = Shape::sound(&label(level), &issuer, level > 0);
        while choices.once_in(4) {
            shape.twist(choices);
        }
        if level > depth {
            // webpki's reader of anchors wants fields in order that its path validation does not use.
            shape.version = 2;
        }
        if choices.once_in(30) {
            shape.issuer = shape.issuer.to_uppercase();
        }
        let signer = if level > depth { level } else { level + 1 };
        let signer = if choices.once_in(40) { 7 } else { signer };
        let serial = u16::try_from(choices.below(60_000)).unwrap();
        certificates.push(shape.sign(&keys[level], &keys[signer], serial));
        above = Some(shape.subject);
    }
    let anchor = certificates.remove(0);
    let leaf = certificates.pop().unwrap();
    if choices.once_in(5) {
        certificates.reverse();
    }
    Input { leaf, intermediates: certificates, anchor }
}

/// What webpki says by itself.
fn alone(input: &Input) -> Result<(), String> {
    let word = |error: webpki::Error| format!("{error:?}");
    let leaf = CertificateDer::from(input.leaf.as_slice());
    let leaf = webpki::EndEntityCert::try_from(&leaf).map_err(word)?;
    let anchor = CertificateDer::from(input.anchor.as_slice());
    let anchors = [webpki::anchor_from_trusted_cert(&anchor).map_err(word)?];
    let intermediates: Vec<_> =
        input.intermediates.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(AT).unwrap()));
    let usage = webpki::KeyUsage::server_auth();
    leaf.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, &anchors, &intermediates, at, usage, None, None)
        .map_err(word)?;
    leaf.verify_is_valid_for_subject_name(&ServerName::try_from(HOST).unwrap()).map_err(word)
}

/// What we say.
fn ours(input: &Input) -> Verdict {
    let store = TrustStore::from_der([input.anchor.as_slice()], "anchor").unwrap();
    let verifier = Verifier::new(Arc::new(store), Policy::webpki(), CrlSet::default());
    let chain: Vec<&[u8]> =
        std::iter::once(&input.leaf).chain(&input.intermediates).map(Vec::as_slice).collect();
    verifier.check(&chain, Some(&ReferenceIdentity::parse(HOST).unwrap()), AT)
}

#[test]
fn agrees_with_webpki_alone_but_for_exceptions_and_listed_rules() {
    let keys: Vec<Key> = (0..8).map(|_| Key::new()).collect();
    let mut choices = Choices(0x5eed_0000_0000_0001);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for number in 0..inputs() {
        let input = generate(&mut choices, &keys);
        let (webpki, verdict) = (alone(&input), ours(&input));
        let outcome = match (&webpki, verdict.is_ok()) {
            (Ok(()), true) => "both accept".to_owned(),
            (Err(_), false) => "both refuse".to_owned(),
            (Err(error), true) => {
                assert!(!verdict.exceptions.is_empty(), "input {number}: accepted although {error}");
                format!(
                    "exception {}",
                    verdict.exceptions.iter().map(|one| one.name()).collect::<Vec<_>>().join(" ")
                )
            }
            (Ok(()), false) => {
                let main = verdict.findings.first().expect("a refusal has a finding");
                assert!(STRICTER.contains(&main.check.name()), "input {number}: {}", main.detail());
                format!("stricter {}", main.check.name())
            }
        };
        *counts.entry(outcome).or_default() += 1;
    }
    println!("{counts:#?}");
    assert!(counts.get("both accept").is_some_and(|&count| count > 100), "{counts:?}");
}

#[test]
fn every_rule_that_is_stricter_is_listed() {
    let listed = include_str!("../docs/parity.md");
    for rule in STRICTER {
        assert!(listed.contains(&format!("`{rule}`")), "docs/parity.md lacks {rule}");
    }
}
