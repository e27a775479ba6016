//! Certificates whose signatures are good, made from octets that nobody has signed.
//!
//! A mutant of a real certificate fails for its signature, and whatever else is wrong with it is never
//! decisive. So most mutants are signed again: with Ed25519, the keys of which come from fixed seeds.

use aws_lc_rs::signature::{ED25519 as ED25519_KEY, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::der::{self, sequence, tlv};

const ED25519: &[u8] = &[0x30, 5, 6, 3, 0x2b, 0x65, 0x70];

/// 2026-06-01T00:00:00Z.
pub const AT: i64 = 1_780_272_000;

/// UTCTimes of the right form, before and after 1970, for days and hours that do not exist.
pub const IMPOSSIBLE_DATES: [&[u8; 13]; 6] = [
    b"550100883619Z",
    b"550101240000Z",
    b"690229000000Z",
    b"200001000000Z",
    b"201301000000Z",
    b"210229000000Z",
];

fn pair(number: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap()
}

/// The SubjectPublicKeyInfo of a key.
pub fn spki(number: u8) -> Vec<u8> {
    let key = [&[0], pair(number).public_key().as_ref()].concat();
    sequence(&[ED25519, &tlv(3, &key)])
}

/// `tbs` with a signature by a key.
pub fn sign(tbs: &[u8], key: u8) -> Vec<u8> {
    let signature = [&[0], pair(key).sign(tbs).as_ref()].concat();
    sequence(&[tbs, ED25519, &tlv(3, &signature)])
}

/// Where the fields of a TBSCertificate are that a signer has to change: as (start, end) in its contents.
struct Fields<'a> {
    pieces: Vec<&'a [u8]>,
    /// The serial number's place; that of the algorithm is the next.
    serial: usize,
}

impl<'a> Fields<'a> {
    fn of(certificate: &'a [u8]) -> Option<Self> {
        let (_, contents, _) = der::element(certificate).filter(|(tag, ..)| *tag == 0x30)?;
        let (_, tbs, _) = der::element(contents).filter(|(tag, ..)| *tag == 0x30)?;
        let pieces = der::split(tbs);
        let serial = usize::from(pieces.first()?.first() == Some(&0xa0));
        (pieces.len() >= serial + 6).then_some(Self { pieces, serial })
    }
}

/// The names, key and name constraints of a certificate as webpki wants them of a trust anchor.
pub struct Anchor<'a> {
    pub subject: &'a [u8],
    pub spki: &'a [u8],
    pub name_constraints: Option<&'a [u8]>,
}

/// Reads a trust anchor without judging it.
pub fn anchor(certificate: &[u8]) -> Option<Anchor<'_>> {
    let fields = Fields::of(certificate)?;
    let contents = |index: usize| Some(der::element(fields.pieces.get(index)?)?.1);
    let name_constraints =
        extension(certificate, &[0x55, 0x1d, 0x1e]).and_then(|value| Some(der::element(value)?.1));
    Some(Anchor {
        subject: contents(fields.serial + 4)?,
        spki: contents(fields.serial + 5)?,
        name_constraints,
    })
}

/// The value of the first extension with this OID.
pub fn extension<'a>(certificate: &'a [u8], oid: &[u8]) -> Option<&'a [u8]> {
    let fields = Fields::of(certificate)?;
    let explicit = fields.pieces.iter().find(|piece| piece.first() == Some(&0xa3))?;
    let (_, list, _) = der::element(der::element(explicit)?.1)?;
    for piece in der::split(list) {
        let parts = der::split(der::element(piece)?.1);
        if der::element(parts.first()?)?.1 == oid {
            return Some(der::element(parts.last()?)?.1);
        }
    }
    None
}

/// A chain with keys and signatures that fit: each certificate gets a key of its own, is signed by that of
/// the next, and, if `relinked`, is issued under the subject of the next. What is not a certificate stays.
pub fn seal(chain: &[&[u8]], relinked: bool) -> Vec<Vec<u8>> {
    let subjects: Vec<Option<Vec<u8>>> = chain
        .iter()
        .map(|certificate| Fields::of(certificate).map(|fields| fields.pieces[fields.serial + 4].to_vec()))
        .collect();
    let mut sealed = Vec::new();
    for (index, certificate) in chain.iter().enumerate() {
        let Some(fields) = Fields::of(certificate) else {
            sealed.push(certificate.to_vec());
            continue;
        };
        let last = index + 1 == chain.len();
        let own = u8::try_from(index % 200).unwrap() + 1;
        let (signer, above) = if last { (own, index) } else { (own % 200 + 1, index + 1) };
        let mut parts: Vec<Vec<u8>> = fields.pieces.iter().map(|piece| piece.to_vec()).collect();
        parts[fields.serial + 1] = ED25519.to_vec();
        parts[fields.serial + 5] = spki(own);
        if relinked && let Some(subject) = &subjects[above] {
            parts[fields.serial + 2].clone_from(subject);
        }
        sealed.push(sign(&tlv(0x30, &parts.concat()), signer));
    }
    sealed
}

/// The key of the issuer of the end entity of a chain that was sealed.
pub const ISSUER: u8 = 2;

/// The fields of the BasicOCSPResponse in an OCSPResponse, what is signed first.
fn basic(response: &[u8]) -> Option<Vec<&[u8]>> {
    let (_, contents, _) = der::element(response)?;
    let (_, explicit, _) = der::element(der::split(contents).get(1)?)?;
    let (_, bytes, _) = der::element(explicit)?;
    let (_, octets, _) = der::element(der::split(bytes).get(1)?)?;
    let (_, basic, _) = der::element(octets)?;
    Some(der::split(basic))
}

/// A successful OCSPResponse with this BasicOCSPResponse.
fn successful(basic: &[&[u8]]) -> Vec<u8> {
    let kind = tlv(6, &[0x2b, 6, 1, 5, 5, 7, 48, 1, 1]);
    let bytes = sequence(&[&kind, &tlv(4, &sequence(basic))]);
    sequence(&[&[0x0a, 1, 0], &tlv(0xa0, &bytes)])
}

/// An OCSP response with this tbsResponseData, signed by a key, and with certificates, if there are any.
pub fn response(tbs: &[u8], key: u8, certificates: &[u8]) -> Vec<u8> {
    let signature = tlv(3, &[&[0], pair(key).sign(tbs).as_ref()].concat());
    let held = if certificates.is_empty() { Vec::new() } else { tlv(0xa0, &tlv(0x30, certificates)) };
    successful(&[tbs, ED25519, &signature, &held])
}

/// An OCSP response signed again by a key.
pub fn seal_response(response: &[u8], key: u8) -> Option<Vec<u8>> {
    let parts = basic(response)?;
    let (tbs, rest) = (*parts.first()?, parts.get(3..).unwrap_or_default().concat());
    let signature = tlv(3, &[&[0], pair(key).sign(tbs).as_ref()].concat());
    Some(successful(&[tbs, ED25519, &signature, &rest]))
}

/// Whether one of the first keys has signed an OCSP response.
pub fn has_signed_response(response: &[u8]) -> bool {
    let Some(parts) = basic(response) else { return false };
    let [tbs, algorithm, signature, ..] = parts.as_slice() else { return false };
    let Some((3, [0, signature @ ..], _)) = der::element(signature) else { return false };
    let is_by = |key: u8| {
        UnparsedPublicKey::new(&ED25519_KEY, pair(key).public_key().as_ref()).verify(tbs, signature).is_ok()
    };
    der::element(algorithm).is_some_and(|(_, contents, _)| contents == &ED25519[2..]) && (1..=3).any(is_by)
}

/// A CRL signed again by a key, under `issuer` if there is one.
pub fn seal_crl(crl: &[u8], key: u8, issuer: Option<&[u8]>) -> Option<Vec<u8>> {
    let (_, contents, _) = der::element(crl).filter(|(tag, ..)| *tag == 0x30)?;
    let (_, tbs, _) = der::element(contents).filter(|(tag, ..)| *tag == 0x30)?;
    let mut parts: Vec<&[u8]> = der::split(tbs);
    let algorithm = usize::from(parts.first()?.first() == Some(&0x02));
    *parts.get_mut(algorithm)? = ED25519;
    let name = parts.get_mut(algorithm + 1)?;
    *name = issuer.unwrap_or(name);
    Some(sign(&tlv(0x30, &parts.concat()), key))
}

/// The subject of a certificate, as an element.
pub fn subject(certificate: &[u8]) -> Option<&[u8]> {
    let fields = Fields::of(certificate)?;
    fields.pieces.get(fields.serial + 4).copied()
}

/// The contents of the serial number.
pub fn serial(certificate: &[u8]) -> Option<&[u8]> {
    let fields = Fields::of(certificate)?;
    Some(der::element(fields.pieces.get(fields.serial)?)?.1)
}

/// A Name of one common name.
pub fn name(common_name: &str) -> Vec<u8> {
    let attribute = sequence(&[&tlv(6, &[0x55, 4, 3]), &tlv(0x0c, common_name.as_bytes())]);
    sequence(&[&tlv(0x31, &attribute)])
}

/// An extension by the last arcs of its OID below id-ce.
pub fn id_ce(arc: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let flag: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    sequence(&[&tlv(6, &[0x55, 0x1d, arc]), flag, &tlv(4, value)])
}

/// basicConstraints and keyUsage of a CA.
pub fn ca_extensions() -> Vec<u8> {
    [id_ce(0x13, true, &sequence(&[&[1, 1, 0xff]])), id_ce(0x0f, true, &[3, 2, 1, 0x06])].concat()
}

/// keyUsage and extendedKeyUsage of a server.
pub fn server_extensions() -> Vec<u8> {
    let purpose = sequence(&[&tlv(6, &[0x2b, 6, 1, 5, 5, 7, 3, 1])]);
    [id_ce(0x0f, true, &[3, 2, 7, 0x80]), id_ce(0x25, false, &purpose)].concat()
}

/// A certificate, valid from 2020 to 2049, with extensions that are DER already; to be sealed.
pub fn certificate(subject: &[u8], issuer: &[u8], serial: u8, extensions: &[u8]) -> Vec<u8> {
    let validity = sequence(&[&tlv(0x17, b"200101000000Z"), &tlv(0x17, b"490101000000Z")]);
    let tbs = sequence(&[
        &tlv(0xa0, &[2, 1, 2]),
        &tlv(2, &[serial]),
        ED25519,
        issuer,
        &validity,
        subject,
        &spki(1),
        &tlv(0xa3, &sequence(&[extensions])),
    ]);
    sign(&tbs, 1)
}

/// A CRL of 2026 that lists serial numbers; to be sealed.
pub fn crl(issuer: &[u8], serials: &[u8]) -> Vec<u8> {
    let entries: Vec<u8> = serials
        .iter()
        .flat_map(|&serial| sequence(&[&tlv(2, &[serial]), &tlv(0x17, b"250301000000Z")]))
        .collect();
    let number = id_ce(0x14, false, &[2, 1, 7]);
    let tbs = sequence(&[
        &tlv(2, &[1]),
        ED25519,
        issuer,
        &tlv(0x17, b"260101000000Z"),
        &tlv(0x17, b"270101000000Z"),
        &tlv(0x30, &entries),
        &tlv(0xa0, &sequence(&[&number])),
    ]);
    sign(&tbs, 1)
}

/// A certificate with other octets in the place of some, of the same length.
pub fn with_octets(der: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = der.windows(old.len()).position(|octets| octets == old).expect("they are there");
    [&der[..at], new, &der[at + old.len()..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_with_lengths_as_ber_has_them_is_opened() {
        let certificate = certificate(&name("root"), &name("root"), 1, &ca_extensions());
        let sound = anchor(&certificate).unwrap();
        // The algorithm's length in eight octets, as nobody in his right mind would write it.
        let (_, contents, _) = der::element(&certificate).unwrap();
        let (_, tbs, _) = der::element(contents).unwrap();
        let mut pieces: Vec<Vec<u8>> = der::split(tbs).into_iter().map(<[u8]>::to_vec).collect();
        pieces[2] = [&[0x30, 0x88, 0, 0, 0, 0, 0, 0, 0, 5], &ED25519[2..]].concat();
        let odd = sign(&tlv(0x30, &pieces.concat()), 1);
        assert!(certpath::Certificate::parse(&odd).is_ok());
        let odd = anchor(&odd).unwrap();
        assert_eq!((odd.subject, odd.spki), (sound.subject, sound.spki));
    }

    #[test]
    fn lengths_that_no_number_holds_are_none() {
        assert!(der::element(&[[4, 0x89, 1].as_slice(), &[0; 8], &[0; 9]].concat()).is_none());
        assert!(der::element(&[4, 0x80, 0, 0]).is_none());
        assert_eq!(der::element(&[4, 0x85, 0, 0, 0, 0, 1, 7, 8]), Some((4, &[7][..], &[8][..])));
    }
}
