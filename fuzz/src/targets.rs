//! The targets.

mod arrow;
mod beside;
mod bundle;
mod certificate;
mod crl;
mod doors;
mod judgement;
mod lists;
mod name_constraints;
mod names;
mod scan;
mod translation;

/// Something to be fed with octets.
pub struct Target {
    pub name: &'static str,
    /// Octets before the certificates that are settings.
    pub header: usize,
    /// Panics if a promise is broken; else says what came of the input.
    pub run: fn(&[u8]) -> &'static str,
}

/// All of them.
pub static TARGETS: &[Target] = &[
    Target { name: "certificate", header: 0, run: certificate::run },
    Target { name: "bundle", header: 0, run: bundle::run },
    Target { name: "doors", header: 6, run: doors::run },
    Target { name: "crl", header: 1, run: crl::run },
    Target { name: "lists", header: 0, run: lists::run },
    Target { name: "names", header: 1, run: names::run },
    Target { name: "name_constraints", header: 1, run: name_constraints::run },
    Target { name: "judgement", header: 1, run: judgement::run },
    Target { name: "translation", header: 3, run: translation::run },
    Target { name: "scan", header: 3, run: scan::run },
    Target { name: "beside", header: 1, run: beside::run },
    Target { name: "arrow", header: 0, run: arrow::run },
];

impl Target {
    /// The target of a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }
}
