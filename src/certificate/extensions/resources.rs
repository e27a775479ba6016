//! IP address blocks and AS numbers (RFC 3779): decoded as OpenSSL decodes them, but not compared.

use crate::der::{self, Bits, Reader, tag};

/// What a certificate says of its resources.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Resources {
    /// Whatever the issuer has, in every family.
    Inherited,
    /// Some are listed.
    Listed,
}

/// RFC 3779 2.2.3: families of addresses, each inherited (NULL) or listed.
pub(super) fn ip_addr_blocks(value: &[u8]) -> Option<Resources> {
    let mut families = Reader::new(value).nested(tag::SEQUENCE)?;
    let mut resources = Resources::Inherited;
    while !families.is_empty() {
        let mut family = families.nested(tag::SEQUENCE)?;
        family.read(tag::OCTET_STRING)?;
        if is_listed(&mut family, address)? {
            resources = Resources::Listed;
        }
    }
    Some(resources)
}

/// RFC 3779 3.2.3: AS numbers and routing domain identifiers, each inherited (NULL) or listed.
pub(super) fn autonomous_sys_ids(value: &[u8]) -> Option<Resources> {
    let mut identifiers = Reader::new(value).nested(tag::SEQUENCE)?;
    let mut resources = Resources::Inherited;
    for number in [0, 1] {
        if let Some(choice) = identifiers.optional(tag::constructed(number))?
            && is_listed(&mut Reader::new(choice), number_of_system)?
        {
            resources = Resources::Listed;
        }
    }
    identifiers.end()?;
    Some(resources)
}

/// The last element: NULL, or a list of single values and ranges.
fn is_listed(reader: &mut Reader<'_>, value: fn(&mut Reader<'_>) -> Option<()>) -> Option<bool> {
    if reader.peek() == Some(tag::NULL) {
        reader.read(tag::NULL)?.is_empty().then_some(())?;
        reader.end()?;
        return Some(false);
    }
    let mut list = reader.nested(tag::SEQUENCE)?;
    reader.end()?;
    while !list.is_empty() {
        if list.peek() == Some(tag::SEQUENCE) {
            let mut range = list.nested(tag::SEQUENCE)?;
            value(&mut range)?;
            value(&mut range)?;
            range.end()?;
        } else {
            value(&mut list)?;
        }
    }
    Some(true)
}

fn address(reader: &mut Reader<'_>) -> Option<()> {
    Bits::new(reader.read(tag::BIT_STRING)?).map(|_| ())
}

fn number_of_system(reader: &mut Reader<'_>) -> Option<()> {
    der::integer(reader.read(tag::INTEGER)?).map(|_| ())
}
