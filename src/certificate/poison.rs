//! Precertificates: what a log has before there is a certificate (RFC 6962 3.1).

use crate::der::{self, Reader, tag};
use crate::oid;

use super::Certificate;
use super::extensions::extension;

impl Certificate<'_> {
    /// Whether the critical poison is there, which keeps every TLS client from accepting it.
    pub(crate) fn is_poisoned(&self) -> bool {
        self.extensions.poison == Some(true)
    }

    /// The same certificate without the poison, as logs put it into what they sign (RFC 6962 3.2); its
    /// signature is that of the precertificate, which it does not bear.
    pub(crate) fn without_poison(&self) -> Option<Vec<u8>> {
        let mut outer = Reader::new(self.der()).nested(tag::SEQUENCE)?;
        let mut tbs = outer.nested(tag::SEQUENCE)?;
        let mut fields = Vec::with_capacity(self.der().len());
        while !tbs.is_empty() {
            let field = tbs.any()?;
            if field.tag == tag::constructed(3) {
                let mut kept = Vec::with_capacity(field.contents.len());
                let mut list = Reader::new(field.contents).nested(tag::SEQUENCE)?;
                while !list.is_empty() {
                    let before = list.rest();
                    let is_poison = extension(&mut list)?.oid == oid::PRECERT_POISON;
                    if !is_poison {
                        kept.extend_from_slice(before.get(..before.len() - list.rest().len())?);
                    }
                }
                // An empty SEQUENCE of extensions is none (RFC 5280 4.1: SIZE (1..MAX)).
                if !kept.is_empty() {
                    let mut sequence = Vec::with_capacity(kept.len() + 4);
                    der::push_element(&mut sequence, tag::SEQUENCE, &kept);
                    der::push_element(&mut fields, tag::constructed(3), &sequence);
                }
            } else {
                fields.extend_from_slice(field.whole);
            }
        }
        let mut contents = Vec::with_capacity(self.der().len());
        der::push_element(&mut contents, tag::SEQUENCE, &fields);
        contents.extend_from_slice(outer.rest());
        let mut certificate = Vec::with_capacity(contents.len() + 4);
        der::push_element(&mut certificate, tag::SEQUENCE, &contents);
        Some(certificate)
    }
}
