//! Why a bundle cannot be read, and what to do about it.

use std::fmt;

use super::{Content, Wanted};

/// Why a bundle cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BundleError {
    /// Nothing at all, or white space.
    Empty,
    /// Neither a PEM block nor a DER SEQUENCE.
    NeitherPemNorDer,
    /// A DER element that is cut short, or octets after the last one.
    BrokenDer {
        /// Where the broken element starts.
        offset: usize,
    },
    /// A PEM block that is damaged, or that nobody could be sure of.
    BrokenPem {
        /// The line of what is wrong, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// Something else than what belongs there.
    Instead {
        /// What there is.
        found: Vec<Content>,
        /// What there should be.
        wanted: Wanted,
    },
    /// PEM blocks, but none of the wanted kind.
    NothingFound(Wanted),
    /// Both, where only one kind is asked for.
    Misplaced {
        /// What does not belong there.
        found: Content,
        /// The line of the first one, if it is a PEM block.
        line: Option<usize>,
    },
    /// PKCS#7, which has no order, and no single certificate that could be the end entity.
    NoOrder {
        /// How many certificates there are.
        certificates: usize,
        /// How many of them have issued no other.
        ends: usize,
    },
    /// PKCS#7 of several certificates, of which the one of this number, from 1, cannot be parsed.
    UnreadableMember(usize),
}

impl fmt::Display for BundleError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("no data"),
            Self::NeitherPemNorDer => formatter.write_str("neither PEM nor DER"),
            Self::BrokenDer { offset } => write!(formatter, "malformed DER at offset {offset}"),
            Self::BrokenPem { line, problem } => {
                write!(formatter, "damaged PEM block at line {line}: {problem}")
            }
            Self::Instead { found, wanted } => {
                let kinds: Vec<String> = found.iter().map(Content::what).collect();
                write!(formatter, "{}, not {}", kinds.join(" and "), wanted.what())?;
                match found.first().and_then(Content::advice) {
                    Some(advice) => write!(formatter, ": {advice}"),
                    None => Ok(()),
                }
            }
            Self::NothingFound(Wanted::Certificate) => formatter.write_str("no certificate found"),
            Self::NothingFound(Wanted::Crl) => formatter.write_str("no CRL found"),
            Self::Misplaced { found, line } => {
                formatter.write_str(&found.what())?;
                if let Some(line) = line {
                    write!(formatter, " at line {line}")?;
                }
                formatter.write_str(" does not belong here")?;
                found.advice().map_or(Ok(()), |advice| write!(formatter, ": {advice}"))
            }
            Self::NoOrder { certificates, ends } => write!(
                formatter,
                "PKCS#7 of {certificates} certificates, which have no order there, and {ends} of them have issued no \
                 other: which one is meant? Hand in PEM with the end entity first (openssl pkcs7 -print_certs)"
            ),
            Self::UnreadableMember(number) => write!(
                formatter,
                "PKCS#7 with several certificates, of which number {number} cannot be parsed: which one is meant? \
                 Hand in PEM with the end entity first (openssl pkcs7 -print_certs)"
            ),
        }
    }
}

impl std::error::Error for BundleError {}

impl BundleError {
    /// What to say behind the name of a file.
    pub fn of_file(&self) -> String {
        match self {
            Self::Empty => "is empty".to_owned(),
            Self::NeitherPemNorDer | Self::Instead { .. } => format!("is {self}"),
            other => other.to_string(),
        }
    }

    /// Whether it was meant to be certificates and is damaged or in doubt, rather than something else.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Empty | Self::Instead { .. } | Self::NothingFound(_) => false,
            Self::NeitherPemNorDer
            | Self::BrokenDer { .. }
            | Self::BrokenPem { .. }
            | Self::Misplaced { .. }
            | Self::NoOrder { .. }
            | Self::UnreadableMember(_) => true,
        }
    }
}
