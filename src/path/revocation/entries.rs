//! The entries of a CRL (RFC 5280 5.3): whom they revoke, why, and whose certificates those are.

use super::Crl;
use crate::certificate::{Extension, GeneralName, GeneralNames, extension};
use crate::der::{self, Reader, tag};
use crate::distinguished_name::DistinguishedName;
use crate::oid;
use crate::policy::Policy;
use crate::time::{Time, UnixSeconds};

/// What an entry says of a certificate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) removed: bool,
    pub(super) reason: Option<i64>,
    pub(super) date: Option<UnixSeconds>,
}

const REMOVE_FROM_CRL: i64 = 8;

impl Crl<'_> {
    /// crl_set_issuers: walks over the entries once: their frames, critical extensions that nothing here understands,
    /// whom they revoke, and whose certificates those are.
    pub(super) fn read_entries(&mut self) -> Option<()> {
        let mut reader = Reader::new(self.entries);
        while !reader.is_empty() {
            let start = self.entries.len() - reader.rest().len();
            let (serial, date, extensions) = entry(&mut reader)?;
            self.index.push((serial, start));
            self.has_too_short_time |= date.is_too_short();
            let mut extensions = Reader::new(extensions);
            let mut seen = Vec::new();
            while !extensions.is_empty() {
                let Extension { oid, critical, value } = extension(&mut extensions)?;
                match oid {
                    oid::CRL_REASON => {
                        once(&mut seen, oid)?;
                        der::integer(Reader::new(value).read(tag::ENUMERATED)?)?;
                        self.unknown_critical |= critical;
                    }
                    oid::CERTIFICATE_ISSUER => {
                        once(&mut seen, oid)?;
                        let names = GeneralNames::parse(Reader::new(value).read(tag::SEQUENCE)?)?;
                        self.certificate_issuers.push((start, names));
                    }
                    _ => self.unknown_critical |= critical,
                }
            }
        }
        // Equal serial numbers stay in their order: OpenSSL's sort is a stable one.
        self.index.sort_unstable();
        Some(())
    }

    /// What the list says of a certificate, by serial number and issuer.
    ///
    /// Of several entries OpenSSL obeys the first (def_crl_lookup). A searching policy does not let one that takes the
    /// certificate off the list stand in front of another that has it.
    pub(super) fn find(
        &self,
        serial: &[u8],
        issuer: &DistinguishedName<'_>,
        policy: &Policy,
    ) -> Option<Entry> {
        let position = self.index.partition_point(|(listed, _)| *listed < serial);
        let of_serial = self.index.get(position..)?.iter().take_while(|(listed, _)| *listed == serial);
        // Many entries may share one long certificateIssuer: it is looked through once.
        let mut last = None;
        let of_issuer = of_serial.filter(|(_, start)| {
            let current = self.certificate_issuer(*start);
            match last {
                Some((known, concerned)) if known == current => concerned,
                _ => {
                    let concerned = self.concerns(current, issuer);
                    last = Some((current, concerned));
                    concerned
                }
            }
        });
        let mut entries = of_issuer.filter_map(|(_, start)| {
            let (_, date, extensions) = entry(&mut Reader::new(self.entries.get(*start..)?))?;
            let mut reason = None;
            let mut extensions = Reader::new(extensions);
            while let Some(Extension { oid, value, .. }) = extension(&mut extensions) {
                if oid == oid::CRL_REASON {
                    reason = Reader::new(value).read(tag::ENUMERATED).and_then(der::small_integer);
                }
            }
            Some(Entry { removed: reason == Some(REMOVE_FROM_CRL), reason, date: date.seconds })
        });
        let first = entries.next()?;
        if first.removed && policy.searches() {
            return Some(entries.find(|entry| !entry.removed).unwrap_or(first));
        }
        Some(first)
    }

    /// The certificateIssuer that holds for the entry that starts there: its own, or that of the entry before
    /// (RFC 5280 5.3.3).
    fn certificate_issuer(&self, start: usize) -> Option<usize> {
        self.certificate_issuers.partition_point(|(from, _)| *from <= start).checked_sub(1)
    }

    /// crl_revoked_issuer_match: whether entries under this certificateIssuer are about certificates of this issuer.
    /// Before the first of them the CRL's issuer is meant.
    fn concerns(&self, current: Option<usize>, issuer: &DistinguishedName<'_>) -> bool {
        match current.and_then(|current| self.certificate_issuers.get(current)) {
            Some((_, names)) => names.iter().any(|name| match name {
                GeneralName::Directory(name) => name == *issuer,
                _ => false,
            }),
            None => self.issuer == *issuer,
        }
    }
}

/// `None` the second time.
pub(super) fn once<'a>(seen: &mut Vec<&'a [u8]>, oid: &'a [u8]) -> Option<()> {
    if seen.contains(&oid) {
        return None;
    }
    seen.push(oid);
    Some(())
}

/// Serial number, revocation date, contents of the extensions.
pub(super) fn entry<'a>(reader: &mut Reader<'a>) -> Option<(&'a [u8], Time<'a>, &'a [u8])> {
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let serial = der::integer(sequence.read(tag::INTEGER)?)?;
    let date = sequence.any().and_then(Time::new)?;
    let extensions = sequence.optional(tag::SEQUENCE)?.unwrap_or(&[]);
    sequence.end()?;
    Some((serial, date, extensions))
}
