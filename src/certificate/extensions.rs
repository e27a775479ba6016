//! The extensions that path validation looks at (RFC 5280 4.2), decoded as far as OpenSSL
//! decodes them: what it cannot decode makes the certificate unfit to issue or be issued.

mod distribution_points;
mod known;
mod name_constraints;
mod resources;

use crate::der::{self, Reader, tag};
use crate::distinguished_name::DistinguishedName;
use crate::oid;

use super::general_name::{GeneralName, GeneralNames};

use distribution_points::DistributionPoints;
pub(crate) use distribution_points::{
    ALL_REASONS, DistributionPoint, DistributionPointName, reason_flags, reason_name,
};
use known::KNOWN;
pub(crate) use name_constraints::{NameConstraints, Subtree};
pub(crate) use resources::{ResourceKind, Resources};

/// One extension as it stands in the certificate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extension<'a> {
    pub(crate) oid: &'a [u8],
    pub(crate) critical: bool,
    pub(crate) value: &'a [u8],
}

/// What the extensions of a certificate say.
#[derive(Debug, Default)]
pub(crate) struct Extensions<'a> {
    /// The contents of the SEQUENCE OF Extension.
    list: &'a [u8],
    pub(crate) count: usize,
    pub(crate) basic_constraints: Option<BasicConstraints>,
    /// The bits of KeyUsage, as the `KU_` constants.
    pub(crate) key_usage: Option<u16>,
    pub(crate) extended_key_usage: Option<KeyPurposes<'a>>,
    pub(crate) netscape_cert_type: Option<u8>,
    pub(crate) subject_key_identifier: Option<&'a [u8]>,
    pub(crate) authority_key_identifier: Option<AuthorityKeyIdentifier<'a>>,
    pub(crate) subject_alt_name: Option<GeneralNames<'a>>,
    pub(crate) subject_alt_name_critical: bool,
    pub(crate) name_constraints: Option<NameConstraints<'a>>,
    pub(crate) crl_distribution_points: Option<DistributionPoints<'a>>,
    pub(crate) proxy: bool,
    pub(crate) freshest_crl: bool,
    /// The four extensions about policies, not decoded.
    pub(crate) policies: PolicyValues<'a>,
    /// One of them bears on others than the policies of this certificate, or is critical.
    pub(crate) limits_policies: bool,
    /// RFC 3779: IP address blocks and AS numbers.
    pub(crate) ip_addr_blocks: Option<Resources<'a>>,
    pub(crate) autonomous_sys_ids: Option<Resources<'a>>,
    /// The first critical extension that nothing here understands.
    pub(crate) unknown_critical: Option<&'a [u8]>,
    /// The same, the poison of precertificates aside.
    pub(crate) unknown_critical_beside_poison: Option<&'a [u8]>,
    /// Whether the first poison (RFC 6962 3.1) is critical; `None` if there is none.
    pub(crate) poison: Option<bool>,
    /// Known extensions that do not decode, or occur more than once, or contradict each other.
    pub(crate) malformed: Vec<Malformed>,
    /// One of them does not decode for what may be a length of zero in the long form, which some releases of OpenSSL read
    /// wherever it stands ([`crate::Rule::LongFormOfNothingRead`]).
    pub(crate) read_otherwise: bool,
}

/// The values of the extensions about policies, which policy processing alone decodes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PolicyValues<'a> {
    pub(crate) certificate_policies: Occurrence<'a>,
    pub(crate) mappings: Occurrence<'a>,
    pub(crate) constraints: Occurrence<'a>,
    pub(crate) inhibit_any: Occurrence<'a>,
}

/// How often an extension is there, and its value.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Occurrence<'a> {
    #[default]
    Absent,
    Once(&'a [u8]),
    Repeated,
}

impl<'a> Occurrence<'a> {
    fn note(&mut self, value: &'a [u8]) {
        *self = if matches!(self, Self::Absent) { Self::Once(value) } else { Self::Repeated };
    }
}

/// A known extension that cannot be used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Malformed {
    pub(crate) extension: &'static str,
    pub(crate) problem: &'static str,
}

/// Bits of KeyUsage (RFC 5280 4.2.1.3): first octet low, second octet high.
pub(crate) mod key_usage {
    pub(crate) const DIGITAL_SIGNATURE: u16 = 0x80;
    pub(crate) const KEY_ENCIPHERMENT: u16 = 0x20;
    pub(crate) const KEY_AGREEMENT: u16 = 0x08;
    pub(crate) const KEY_CERT_SIGN: u16 = 0x04;
    pub(crate) const CRL_SIGN: u16 = 0x02;

    /// Names in bit order.
    pub(crate) const NAMES: [(u16, &str); 9] = [
        (DIGITAL_SIGNATURE, "digitalSignature"),
        (0x40, "nonRepudiation"),
        (KEY_ENCIPHERMENT, "keyEncipherment"),
        (0x10, "dataEncipherment"),
        (KEY_AGREEMENT, "keyAgreement"),
        (KEY_CERT_SIGN, "keyCertSign"),
        (CRL_SIGN, "cRLSign"),
        (0x01, "encipherOnly"),
        (0x8000, "decipherOnly"),
    ];
}

/// Bits of the Netscape certificate type.
pub(crate) mod netscape {
    pub(crate) const SSL_CLIENT: u8 = 0x80;
    pub(crate) const SSL_SERVER: u8 = 0x40;
    pub(crate) const SSL_CA: u8 = 0x04;
    pub(crate) const ANY_CA: u8 = 0x07;
}

/// RFC 5280 4.2.1.9.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BasicConstraints {
    pub(crate) ca: bool,
    /// `None` if absent, or too big for 64 bits, which OpenSSL takes for absent.
    pub(crate) path_length: Option<i64>,
    pub(crate) critical: bool,
}

/// The key purposes of extendedKeyUsage (RFC 5280 4.2.1.12), well-formed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyPurposes<'a> {
    contents: &'a [u8],
}

impl<'a> KeyPurposes<'a> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut reader = Reader::new(self.contents);
        std::iter::from_fn(move || reader.read(tag::OID))
    }
}

/// RFC 5280 4.2.1.1.
#[derive(Debug)]
pub(crate) struct AuthorityKeyIdentifier<'a> {
    pub(crate) key_id: Option<&'a [u8]>,
    /// Whether there is an authorityCertIssuer, in whatever form.
    pub(crate) names_issuer: bool,
    pub(crate) issuer: Option<DistinguishedName<'a>>,
    pub(crate) serial: Option<&'a [u8]>,
}

impl<'a> AuthorityKeyIdentifier<'a> {
    /// How much is compared where somebody is asked whether this means him.
    pub(crate) fn octets(&self) -> usize {
        let issuer = self.issuer.as_ref().map_or(0, |issuer| issuer.der().len());
        issuer + self.key_id.map_or(0, <[u8]>::len) + self.serial.map_or(0, <[u8]>::len)
    }

    /// From the extension's value.
    pub(crate) fn parse(value: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(value).nested(tag::SEQUENCE)?;
        let key_id = reader.optional(tag::context(0))?;
        let names = reader.optional(tag::constructed(1))?;
        let issuer = match names {
            Some(names) => GeneralNames::parse(names)?.directory_name(),
            None => None,
        };
        let serial = match reader.optional(tag::context(2))? {
            Some(serial) => Some(der::integer(serial)?),
            None => None,
        };
        reader.end()?;
        Some(Self { key_id, names_issuer: names.is_some(), issuer, serial })
    }
}

impl<'a> Extensions<'a> {
    /// From the contents of the SEQUENCE OF Extension; `None` if the frame of one is broken.
    pub(super) fn parse(list: &'a [u8]) -> Option<Self> {
        let mut extensions = Self { list, ..Self::default() };
        let mut reader = Reader::new(list);
        let mut seen = 0u32;
        while !reader.is_empty() {
            let extension = extension(&mut reader)?;
            extensions.count += 1;
            if let Some(index) = KNOWN.iter().position(|known| known.oid == extension.oid) {
                let bit = 1u32 << index;
                if seen & bit == 0 {
                    seen |= bit;
                    extensions.decode(index, &extension)?;
                    continue;
                }
                let known = KNOWN.get(index)?;
                if extension.critical && !known.handled {
                    extensions.note_unknown_critical(extension.oid);
                }
                if known.unique {
                    // RFC 5280 4.2: not more than one instance of an extension.
                    extensions.refuse(index, "occurs more than once");
                    extensions.forget(extension.oid);
                } else {
                    (known.decode)(&mut extensions, &extension)?;
                }
                continue;
            }
            if extension.oid == oid::PRECERT_POISON {
                extensions.poison.get_or_insert(extension.critical);
            }
            if extension.critical {
                extensions.note_unknown_critical(extension.oid);
            }
        }
        extensions.check_proxy();
        Some(extensions)
    }

    /// All extensions, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Extension<'a>> + use<'a> {
        let mut reader = Reader::new(self.list);
        std::iter::from_fn(move || extension(&mut reader))
    }

    /// The subjectAltName entries; none without the extension.
    pub(crate) fn alternative_names(&self) -> impl Iterator<Item = GeneralName<'a>> + use<'a> {
        self.subject_alt_name.into_iter().flat_map(|names| names.iter())
    }

    /// The distribution points; none without the extension.
    pub(crate) fn distribution_points(&self) -> impl Iterator<Item = DistributionPoint<'a>> + use<'a> {
        self.crl_distribution_points.into_iter().flat_map(|points| points.iter())
    }

    /// The value of the first extension with this OID.
    pub(crate) fn find(&self, oid: &[u8]) -> Option<Extension<'a>> {
        self.iter().find(|extension| extension.oid == oid)
    }

    fn refuse(&mut self, index: usize, problem: &'static str) {
        let extension = KNOWN.get(index).map_or("", |known| known.name);
        self.malformed.push(Malformed { extension, problem });
    }

    fn note_unknown_critical(&mut self, extension: &'a [u8]) {
        self.unknown_critical.get_or_insert(extension);
        if extension != oid::PRECERT_POISON {
            self.unknown_critical_beside_poison.get_or_insert(extension);
        }
    }

    /// X509_get_ext_d2i gives none of several instances, so none of them says anything.
    fn forget(&mut self, oid: &[u8]) {
        match oid {
            oid::BASIC_CONSTRAINTS => self.basic_constraints = None,
            oid::KEY_USAGE => self.key_usage = None,
            oid::SUBJECT_ALT_NAME => {
                self.subject_alt_name = None;
                self.subject_alt_name_critical = false;
            }
            oid::AUTHORITY_KEY_IDENTIFIER => self.authority_key_identifier = None,
            oid::SUBJECT_KEY_IDENTIFIER => self.subject_key_identifier = None,
            oid::EXTENDED_KEY_USAGE => self.extended_key_usage = None,
            oid::CRL_DISTRIBUTION_POINTS => self.crl_distribution_points = None,
            oid::NAME_CONSTRAINTS => self.name_constraints = None,
            oid::NETSCAPE_CERT_TYPE => self.netscape_cert_type = None,
            oid::PROXY_CERT_INFO => self.proxy = false,
            oid::IP_ADDR_BLOCKS => self.ip_addr_blocks = None,
            oid::AUTONOMOUS_SYS_IDS => self.autonomous_sys_ids = None,
            _ => {}
        }
    }

    /// `None` if it does not decode here but may do so in OpenSSL, which reads BER: to take it for malformed would
    /// be to pass over a certificate that OpenSSL obeys.
    fn decode(&mut self, index: usize, extension: &Extension<'a>) -> Option<()> {
        let known = KNOWN.get(index)?;
        if extension.critical && !known.handled {
            self.note_unknown_critical(extension.oid);
        }
        if (known.decode)(self, extension).is_none() {
            if der::may_be_ber(extension.value, context_tags(extension.oid)) {
                return None;
            }
            self.read_otherwise |= der::may_hold_nothing_in_the_long_form(extension.value);
            self.refuse(index, "does not decode");
        }
        Some(())
    }

    /// RFC 3820: a proxy certificate is not a CA and has no alternative names.
    fn check_proxy(&mut self) {
        let contradiction = self.proxy
            && (self.basic_constraints.is_some_and(|constraints| constraints.ca)
                || self.find(oid::SUBJECT_ALT_NAME).is_some()
                || self.find(oid::ISSUER_ALT_NAME).is_some());
        if contradiction {
            self.malformed
                .push(Malformed { extension: "proxyCertInfo", problem: "contradicts other extensions" });
        }
    }
}

/// The context-specific tags that stand in a known extension, by depth.
fn context_tags(oid: &[u8]) -> fn(usize) -> &'static [u8] {
    /// Those of GeneralName, and of what surrounds one.
    const NAMES: &[u8] = &[0xa0, 0x81, 0x82, 0xa3, 0xa4, 0xa5, 0x86, 0x87, 0x88];
    match oid {
        oid::SUBJECT_ALT_NAME => |_| NAMES,
        oid::AUTHORITY_KEY_IDENTIFIER => |depth| if depth == 1 { &[0x80, 0xa1, 0x82] } else { NAMES },
        oid::NAME_CONSTRAINTS => |depth| if depth == 1 { &[0xa0, 0xa1] } else { NAMES },
        oid::CRL_DISTRIBUTION_POINTS => |depth| match depth {
            2 => &[0xa0, 0x81, 0xa2],
            3 => &[0xa0, 0xa1, 0x81, 0x82, 0xa3, 0xa4, 0xa5, 0x86, 0x87, 0x88],
            _ => NAMES,
        },
        oid::AUTONOMOUS_SYS_IDS => |_| &[0xa0, 0xa1],
        _ => |_| &[],
    }
}

/// The name of an extension that is decoded here, as RFC 5280 has it.
pub(crate) fn extension_name(oid: &[u8]) -> Option<&'static str> {
    KNOWN.iter().find(|known| known.oid == oid).map(|known| known.name)
}

/// Reads one Extension (RFC 5280 4.1, and 5.1 for CRLs and their entries).
pub(crate) fn extension<'a>(reader: &mut Reader<'a>) -> Option<Extension<'a>> {
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let oid = der::oid(sequence.read(tag::OID)?)?;
    let critical = match sequence.optional(tag::BOOLEAN)? {
        Some(critical) => der::boolean(critical)?,
        None => false,
    };
    let value = sequence.read(tag::OCTET_STRING)?;
    sequence.end()?;
    Some(Extension { oid, critical, value })
}
