//! GeneralName (RFC 5280 4.2.1.6): the names of subjectAltName, name constraints,
//! distribution points and key identifiers.

use crate::der::{self, Element, Reader, tag};
use crate::distinguished_name::DistinguishedName;
use crate::oid;

use super::{ip_text, printable};

/// One GeneralName; strings as they stand, not known to have the form they should have.
#[derive(Debug)]
pub(crate) enum GeneralName<'a> {
    Other { type_id: &'a [u8], value: Element<'a> },
    Email(&'a [u8]),
    Dns(&'a [u8]),
    X400,
    Directory(DistinguishedName<'a>),
    EdiParty,
    Uri(&'a [u8]),
    Ip(&'a [u8]),
    RegisteredId(&'a [u8]),
}

impl<'a> GeneralName<'a> {
    pub(crate) fn parse(reader: &mut Reader<'a>) -> Option<Self> {
        let element = reader.any()?;
        let contents = element.contents;
        Some(match element.tag {
            0xa0 => {
                let mut other = Reader::new(contents);
                let type_id = der::oid(other.read(tag::OID)?)?;
                let mut explicit = other.nested(tag::constructed(0))?;
                // Under a tag of its own OpenSSL takes the end of contents, too, for a value: nothing ends there.
                let value =
                    explicit.any().filter(|value| value.is_well_formed() || value.is_end_of_contents())?;
                explicit.end()?;
                other.end()?;
                Self::Other { type_id, value }
            }
            0x81 => Self::Email(contents),
            0x82 => Self::Dns(contents),
            // ORAddress is looked at by nobody: any SEQUENCE will do.
            0xa3 => Self::X400,
            // EXPLICIT, because Name is a CHOICE.
            0xa4 => Self::Directory(DistinguishedName::parse(contents)?),
            0xa5 => {
                edi_party_name(contents)?;
                Self::EdiParty
            }
            0x86 => Self::Uri(contents),
            0x87 => Self::Ip(contents),
            0x88 => Self::RegisteredId(der::oid(contents)?),
            _ => return None,
        })
    }
}

impl GeneralName<'_> {
    /// Its form and its value, for people.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Other { type_id, .. } => format!("othername:{}", oid::dotted(type_id)),
            Self::Email(text) => format!("email:{}", printable(text)),
            Self::Dns(text) => format!("dns:{}", printable(text)),
            Self::X400 => "x400address".to_owned(),
            Self::Directory(name) => format!("dirname:{}", name.text()),
            Self::EdiParty => "edipartyname".to_owned(),
            Self::Uri(text) => format!("uri:{}", printable(text)),
            Self::Ip(octets) => format!("ip:{}", ip_text(octets)),
            Self::RegisteredId(id) => format!("registeredid:{}", oid::dotted(id)),
        }
    }
}

/// RFC 5280 4.2.1.6: an optional nameAssigner under tag 0 and a partyName under tag 1, both DirectoryStrings.
fn edi_party_name(contents: &[u8]) -> Option<()> {
    let mut reader = Reader::new(contents);
    if let Some(assigner) = reader.optional(tag::constructed(0))? {
        directory_string(assigner)?;
    }
    directory_string(reader.read(tag::constructed(1))?)?;
    reader.end()
}

fn directory_string(explicit: &[u8]) -> Option<()> {
    let mut reader = Reader::new(explicit);
    let string = reader.any()?;
    let is_string = matches!(
        string.tag,
        tag::PRINTABLE_STRING | tag::T61_STRING | tag::BMP_STRING | tag::UNIVERSAL_STRING | tag::UTF8_STRING
    );
    reader.end()?;
    is_string.then_some(())
}

/// The names of a GeneralNames whose well-formedness has been checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GeneralNames<'a> {
    contents: &'a [u8],
    count: usize,
}

impl<'a> GeneralNames<'a> {
    /// From the contents of the SEQUENCE OF; `None` if one of the names is broken.
    pub(crate) fn parse(contents: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(contents);
        let mut count = 0;
        while !reader.is_empty() {
            GeneralName::parse(&mut reader)?;
            count += 1;
        }
        Some(Self { contents, count })
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = GeneralName<'a>> + use<'a> {
        let mut reader = Reader::new(self.contents);
        std::iter::from_fn(move || GeneralName::parse(&mut reader))
    }

    /// The first directoryName, the only form that OpenSSL looks at in key identifiers.
    pub(crate) fn directory_name(&self) -> Option<DistinguishedName<'a>> {
        self.iter().find_map(|name| match name {
            GeneralName::Directory(name) => Some(name),
            _ => None,
        })
    }
}
