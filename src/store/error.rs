//! Why a store cannot be made.

use std::fmt;
use std::io;

use super::ListError;
use crate::bundle::BundleError;

/// Why a store cannot be made.
#[derive(Debug)]
pub enum StoreError {
    /// The bundle cannot be read.
    Bundle(BundleError),
    /// A file or directory cannot be read.
    Io(io::Error),
    /// There is no certificate in it; with what was left out on the way.
    Empty(Vec<String>),
    /// A root programme's list is damaged, of another version, or names a certificate that is not there.
    List(ListError),
    /// One of several certificates cannot be parsed.
    Unparseable {
        /// Its position in the input, from 0.
        index: usize,
        /// What is wrong with it.
        problem: String,
    },
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundle(error) => error.fmt(formatter),
            Self::Io(error) => error.fmt(formatter),
            Self::Empty(skipped) if skipped.is_empty() => {
                formatter.write_str("no certificate found: a trust store cannot be empty")
            }
            Self::Empty(skipped) => {
                // A folder may hold thousands of other files; the first few tell what it is.
                let shown: Vec<_> = skipped.iter().take(3).map(String::as_str).collect();
                let more = skipped.len() - shown.len();
                let more = if more > 0 { format!("; and {more} more") } else { String::new() };
                write!(
                    formatter,
                    "no certificate found: a trust store cannot be empty ({}{more})",
                    shown.join("; ")
                )
            }
            Self::List(ListError { what, place, problem }) => write!(formatter, "{what}, {place}: {problem}"),
            Self::Unparseable { index, problem } => write!(formatter, "certificate {index}: {problem}"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bundle(error) => Some(error),
            Self::Io(error) => Some(error),
            Self::Empty(_) | Self::List(_) | Self::Unparseable { .. } => None,
        }
    }
}

impl From<BundleError> for StoreError {
    fn from(error: BundleError) -> Self {
        Self::Bundle(error)
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
