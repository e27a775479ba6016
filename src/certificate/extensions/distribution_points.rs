//! cRLDistributionPoints (RFC 5280 4.2.1.13), and what CRLs share of it.

use crate::der::{Bits, Reader, tag};
use crate::distinguished_name::check_rdn;

use super::super::general_name::GeneralNames;

/// cRLDistributionPoints (RFC 5280 4.2.1.13), well-formed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DistributionPoints<'a> {
    contents: &'a [u8],
}

/// One DistributionPoint.
#[derive(Debug)]
pub(crate) struct DistributionPoint<'a> {
    pub(crate) name: Option<DistributionPointName<'a>>,
    /// Bits of ReasonFlags; all of them if the field is absent.
    pub(crate) reasons: u16,
    pub(crate) crl_issuer: Option<GeneralNames<'a>>,
}

/// The reasons that a CRL can cover: every defined bit of ReasonFlags but `unused`.
pub(crate) const ALL_REASONS: u16 = 0x807f;

/// DistributionPointName, in a certificate or in a CRL's issuing distribution point.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DistributionPointName<'a> {
    Full(GeneralNames<'a>),
    /// The contents of the RelativeDistinguishedName.
    Relative(&'a [u8]),
}

impl<'a> DistributionPointName<'a> {
    /// From the contents of the EXPLICIT `[0]`.
    pub(crate) fn parse(contents: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(contents);
        let choice = reader.any()?;
        reader.end()?;
        match choice.tag {
            0xa0 => Some(Self::Full(GeneralNames::parse(choice.contents)?)),
            0xa1 => {
                check_rdn(choice.contents)?;
                Some(Self::Relative(choice.contents))
            }
            _ => None,
        }
    }
}

/// ReasonFlags as a number, first octet low.
pub(crate) fn reason_flags(contents: &[u8]) -> Option<u16> {
    let bits = Bits::new(contents)?;
    Some((u16::from(bits.octet(0)) | u16::from(bits.octet(1)) << 8) & ALL_REASONS)
}

impl<'a> DistributionPoints<'a> {
    pub(super) fn parse(value: &'a [u8]) -> Option<Self> {
        let contents = Reader::new(value).read(tag::SEQUENCE)?;
        let mut reader = Reader::new(contents);
        while !reader.is_empty() {
            DistributionPoint::parse(&mut reader)?;
        }
        Some(Self { contents })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = DistributionPoint<'a>> + use<'a> {
        let mut reader = Reader::new(self.contents);
        std::iter::from_fn(move || DistributionPoint::parse(&mut reader))
    }
}

impl<'a> DistributionPoint<'a> {
    fn parse(reader: &mut Reader<'a>) -> Option<Self> {
        let mut point = reader.nested(tag::SEQUENCE)?;
        let name = match point.optional(tag::constructed(0))? {
            Some(name) => Some(DistributionPointName::parse(name)?),
            None => None,
        };
        let reasons = match point.optional(tag::context(1))? {
            Some(reasons) => reason_flags(reasons)?,
            None => ALL_REASONS,
        };
        let crl_issuer = match point.optional(tag::constructed(2))? {
            Some(names) => Some(GeneralNames::parse(names)?),
            None => None,
        };
        point.end()?;
        // RFC 5280 4.2.1.13: it must not consist of reasons alone.
        if name.is_none() && crl_issuer.is_none_or(|names| names.is_empty()) {
            return None;
        }
        Some(Self { name, reasons, crl_issuer })
    }
}

/// CRLReason (RFC 5280 5.3.1).
pub(crate) fn reason_name(reason: i64) -> &'static str {
    match reason {
        0 => "unspecified",
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        8 => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => "unknown",
    }
}
