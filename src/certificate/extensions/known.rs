//! The extensions that are decoded, how, and whether they may be critical or there twice.

use super::distribution_points::DistributionPoints;
use super::resources;
use super::{
    AuthorityKeyIdentifier, BasicConstraints, Extension, Extensions, KeyPurposes, Malformed, NameConstraints,
};
use crate::certificate::general_name::GeneralNames;
use crate::der::{self, Bits, Reader, tag};
use crate::oid;

pub(super) struct Known {
    pub(super) oid: &'static [u8],
    pub(super) name: &'static str,
    /// Whether it may be critical: whether verification takes it into account.
    pub(super) handled: bool,
    /// Whether it is decoded at first sight, so that a second instance makes the certificate unusable.
    pub(super) unique: bool,
    pub(super) decode: for<'e, 'a> fn(&'e mut Extensions<'a>, &'e Extension<'a>) -> Option<()>,
}

/// What OpenSSL decodes when it looks at a certificate for the first time. Octets after the
/// extension's value are ignored, there and here.
pub(super) static KNOWN: &[Known] = &[
    Known {
        oid: oid::BASIC_CONSTRAINTS,
        name: "basicConstraints",
        handled: true,
        unique: true,
        decode: basic_constraints,
    },
    Known { oid: oid::KEY_USAGE, name: "keyUsage", handled: true, unique: true, decode: key_usage_bits },
    Known {
        oid: oid::SUBJECT_ALT_NAME,
        name: "subjectAltName",
        handled: true,
        unique: true,
        decode: subject_alt_name,
    },
    Known {
        oid: oid::AUTHORITY_KEY_IDENTIFIER,
        name: "authorityKeyIdentifier",
        handled: false,
        unique: true,
        decode: |extensions, extension| {
            extensions.authority_key_identifier = Some(AuthorityKeyIdentifier::parse(extension.value)?);
            Some(())
        },
    },
    Known {
        oid: oid::SUBJECT_KEY_IDENTIFIER,
        name: "subjectKeyIdentifier",
        handled: false,
        unique: true,
        decode: |extensions, extension| {
            extensions.subject_key_identifier = Some(Reader::new(extension.value).read(tag::OCTET_STRING)?);
            Some(())
        },
    },
    Known {
        oid: oid::EXTENDED_KEY_USAGE,
        name: "extendedKeyUsage",
        handled: true,
        unique: true,
        decode: extended_key_usage,
    },
    Known {
        oid: oid::CRL_DISTRIBUTION_POINTS,
        name: "cRLDistributionPoints",
        handled: true,
        unique: true,
        decode: |extensions, extension| {
            extensions.crl_distribution_points = Some(DistributionPoints::parse(extension.value)?);
            Some(())
        },
    },
    Known {
        oid: oid::NAME_CONSTRAINTS,
        name: "nameConstraints",
        handled: true,
        unique: true,
        decode: |extensions, extension| {
            extensions.name_constraints = Some(NameConstraints::parse(extension.value)?);
            Some(())
        },
    },
    Known {
        oid: oid::NETSCAPE_CERT_TYPE,
        name: "nsCertType",
        handled: true,
        unique: true,
        decode: |extensions, extension| {
            let bits = Bits::new(Reader::new(extension.value).read(tag::BIT_STRING)?)?;
            extensions.netscape_cert_type = Some(bits.octet(0));
            Some(())
        },
    },
    Known {
        oid: oid::PROXY_CERT_INFO,
        name: "proxyCertInfo",
        handled: true,
        unique: true,
        decode: proxy_cert_info,
    },
    Known {
        oid: oid::IP_ADDR_BLOCKS,
        name: "ipAddrBlocks",
        handled: true,
        unique: true,
        decode: |extensions, extension| {
            extensions.ip_addr_blocks = Some(resources::ip_addr_blocks(extension.value)?);
            Some(())
        },
    },
    Known {
        oid: oid::AUTONOMOUS_SYS_IDS,
        name: "autonomousSysIds",
        handled: true,
        unique: true,
        decode: |extensions, extension| {
            extensions.autonomous_sys_ids = Some(resources::autonomous_sys_ids(extension.value)?);
            Some(())
        },
    },
    Known {
        oid: oid::FRESHEST_CRL,
        name: "freshestCRL",
        handled: false,
        unique: false,
        decode: |extensions, _| {
            extensions.freshest_crl = true;
            Some(())
        },
    },
    // Looked at by policy processing alone, which decodes them itself.
    Known {
        oid: oid::CERTIFICATE_POLICIES,
        name: "certificatePolicies",
        handled: true,
        unique: false,
        decode: |extensions, extension| {
            extensions.policies.certificate_policies.note(extension.value);
            extensions.limits_policies |= extension.critical;
            Some(())
        },
    },
    Known {
        oid: oid::POLICY_CONSTRAINTS,
        name: "policyConstraints",
        handled: true,
        unique: false,
        decode: |extensions, extension| {
            extensions.policies.constraints.note(extension.value);
            extensions.limits_policies = true;
            Some(())
        },
    },
    Known {
        oid: oid::POLICY_MAPPINGS,
        name: "policyMappings",
        handled: true,
        unique: false,
        decode: |extensions, extension| {
            extensions.policies.mappings.note(extension.value);
            extensions.limits_policies = true;
            Some(())
        },
    },
    Known {
        oid: oid::INHIBIT_ANY_POLICY,
        name: "inhibitAnyPolicy",
        handled: true,
        unique: false,
        decode: |extensions, extension| {
            extensions.policies.inhibit_any.note(extension.value);
            extensions.limits_policies = true;
            Some(())
        },
    },
    Known {
        oid: oid::OCSP_NO_CHECK,
        name: "ocspNoCheck",
        handled: true,
        unique: false,
        decode: as_it_stands,
    },
];

#[expect(clippy::unnecessary_wraps, reason = "has to have the type of the decoders that can fail")]
fn as_it_stands<'a>(_: &mut Extensions<'a>, _: &Extension<'a>) -> Option<()> {
    Some(())
}

fn basic_constraints<'a>(extensions: &mut Extensions<'a>, extension: &Extension<'a>) -> Option<()> {
    let mut reader = Reader::new(extension.value).nested(tag::SEQUENCE)?;
    let ca = match reader.optional(tag::BOOLEAN)? {
        Some(ca) => der::boolean(ca)?,
        None => false,
    };
    let path_length = reader.optional(tag::INTEGER)?;
    reader.end()?;
    let path_length = match path_length {
        Some(contents) => {
            let length = der::integer(contents)?;
            // The constraints count even so: cA is looked at on its own.
            if der::is_negative(length) {
                extensions.malformed.push(Malformed {
                    extension: "basicConstraints",
                    problem: "has a negative pathLenConstraint",
                });
                None
            } else {
                der::small_integer(length)
            }
        }
        None => None,
    };
    extensions.basic_constraints = Some(BasicConstraints { ca, path_length, critical: extension.critical });
    Some(())
}

fn key_usage_bits<'a>(extensions: &mut Extensions<'a>, extension: &Extension<'a>) -> Option<()> {
    let bits = Bits::new(Reader::new(extension.value).read(tag::BIT_STRING)?)?;
    let usage = u16::from(bits.octet(0)) | u16::from(bits.octet(1)) << 8;
    extensions.key_usage = Some(usage);
    if usage == 0 {
        // RFC 5280 4.2.1.3: at least one of the bits must be set.
        extensions.malformed.push(Malformed { extension: "keyUsage", problem: "sets no bit" });
    }
    Some(())
}

fn subject_alt_name<'a>(extensions: &mut Extensions<'a>, extension: &Extension<'a>) -> Option<()> {
    let names = GeneralNames::parse(Reader::new(extension.value).read(tag::SEQUENCE)?)?;
    extensions.subject_alt_name = Some(names);
    extensions.subject_alt_name_critical = extension.critical;
    Some(())
}

fn extended_key_usage<'a>(extensions: &mut Extensions<'a>, extension: &Extension<'a>) -> Option<()> {
    let contents = Reader::new(extension.value).read(tag::SEQUENCE)?;
    let mut reader = Reader::new(contents);
    while !reader.is_empty() {
        der::oid(reader.read(tag::OID)?)?;
    }
    extensions.extended_key_usage = Some(KeyPurposes { contents });
    Some(())
}

/// RFC 3820 3.8: ProxyCertInfo ::= SEQUENCE { pCPathLenConstraint INTEGER OPTIONAL, proxyPolicy }.
fn proxy_cert_info<'a>(extensions: &mut Extensions<'a>, extension: &Extension<'a>) -> Option<()> {
    let mut reader = Reader::new(extension.value).nested(tag::SEQUENCE)?;
    if let Some(path_length) = reader.optional(tag::INTEGER)? {
        der::integer(path_length)?;
    }
    let mut policy = reader.nested(tag::SEQUENCE)?;
    reader.end()?;
    der::oid(policy.read(tag::OID)?)?;
    policy.optional(tag::OCTET_STRING)?;
    policy.end()?;
    extensions.proxy = true;
    Some(())
}
