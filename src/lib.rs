//! certpath: X.509 certification paths judged (RFC 5280, RFC 9525), with reasons.
//!
//! The core knows nothing of Python; the module behind the feature `python` is its only face there.

mod arrow;
mod attribute_types;
mod auxiliary_trust;
mod batch;
mod bundle;
mod certificate;
mod certificate_info;
mod deployment;
mod der;
mod distinguished_name;
mod ingest;
mod name;
mod oid;
mod output;
mod panics;
mod parquet;
mod path;
mod policy;
mod pool;
mod process;
#[cfg(feature = "python")]
mod py;
mod record;
mod release;
mod revocation;
mod row;
mod scan;
mod signature;
mod store;
mod suite_b;
mod tally;
mod time;
mod verdict;
mod verifier;

pub use arrow::{
    CertificateTable, ColumnError, ColumnNames, Columns, LayoutError, SCHEMA_VERSION, Situation,
    Stream as ArrowStream, WantedColumn, WantedColumns, import_batch, record_batch, schema,
};
pub use auxiliary_trust::AuxiliaryTrust;
pub use batch::{Batch, Control, Inquiry, Judged, Memory, Refused, Rows, Workers};
pub use bundle::{
    Bundle, BundleError, Content, Labelled, Medium, Wanted, is_pem, looks_like_certificate, openssl_blocks,
};
pub use certificate::{Certificate, OwnedCertificate, ParseError, PublicKey};
pub use deployment::Deployment;
pub use distinguished_name::DistinguishedName;
pub use ingest::{
    Chunk, Cursor, End, Field, Format, Harvest, Issuers, NameSource, Options as ReadOptions, Position,
    Reader, Source as InputSource, Waiting,
};
pub use name::{NameError, ReferenceIdentity};
pub use output::{Layout, Output, OutputError, Packing, Progress};
pub use parquet::ReadError;
pub use policy::{Exception, Policy, PolicyError, Preset, Purpose};
pub use pool::{IntermediatePool, PoolError};
pub use record::{Leaf, Observations, Record};
pub use release::{Release, Rule};
pub use revocation::{CrlSet, OwnedCrl};
pub use row::{Origin, Presented, Row};
pub use scan::{EncodeName, Scan, Settings as ScanSettings, Sink, Step};
pub use store::{StoreError, TrustStore};
pub use tally::Tally;
pub use time::{Time, UnixSeconds};
pub use verdict::{Check, Concerned, Fact, Finding, NameBy, PathMember, Search, Source, Status, Verdict};
pub use verifier::{MAX_PRESENTED, MAX_STORES, Session, Verifier, VerifierError};
