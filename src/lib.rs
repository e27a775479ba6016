//! certpath: X.509 certification paths judged (RFC 5280, RFC 9525), with reasons.
//!
//! The core knows nothing of Python; the module behind the feature `python` is its only face there.

// The alphabet: octets, numbers and times, and what stands for itself.
mod der;
mod oid;
mod panics;
mod process;
mod release;
mod time;

// What is handed in: certificates in their wrappings, names, trust anchors, policies.
mod bundle;
mod certificate;
mod ct;
mod distinguished_name;
mod name;
mod ocsp;
mod policy;
mod revocation_set;
mod signature;
mod store;

// The judgement: a path, its verdict, and what else was seen of the chain.
mod path;
mod record;
mod verdict;
mod verifier;

// Many judgements: rows in, columns out.
mod arrow;
mod batch;
mod ingest;
mod output;
mod parquet;
mod scan;

#[cfg(feature = "python")]
mod py;

pub use arrow::{
    CertificateTable, ColumnError, ColumnNames, Columns, LayoutError, SCHEMA_VERSION, Situation,
    Stream as ArrowStream, WantedColumn, WantedColumns, import_batch, import_schema, record_batch, schema,
};
pub use batch::{Batch, Control, Inquiry, Judged, Memory, Origin, Presented, Refused, Row, Rows, Workers};
pub use bundle::{
    AuxiliaryTrust, Bundle, BundleError, Content, Labelled, Medium, Wanted, is_pem, looks_like_certificate,
    openssl_blocks,
};
pub use certificate::{Certificate, OwnedCertificate, ParseError, PublicKey};
pub use ct::{CtLogs, LogListError, SctSource, SctStatus, Stapled, Timestamp, Transparency};
pub use distinguished_name::DistinguishedName;
pub use ingest::{
    Chunk, Cursor, End, Field, Format, Harvest, Issuers, NameSource, NoChain, Options as ReadOptions,
    Position, Reader, Source as InputSource, Waiting,
};
pub use name::{NameError, ReferenceIdentity};
pub use ocsp::{OcspAnswer, OcspProblem, OcspStatus};
pub use output::{Layout, Output, OutputError, Packing, Progress};
pub use parquet::ReadError;
pub use path::{CrlSet, OwnedCrl};
#[doc(hidden)]
pub use path::{Translation, translations};
pub use policy::{Exception, Policy, PolicyError, Preset, Purpose};
pub use record::{Deployment, Leaf, Observations, Record};
pub use release::{Release, Rule};
pub use revocation_set::{RevocationSet, SetAnswer, SetAnswers, SetError, SetKind};
pub use scan::{Comparison, EncodeName, Scan, Settings as ScanSettings, Sink, Step, Tally};
pub use signature::multibuffer::Multibuffer;
#[doc(hidden)]
pub use signature::trial::{Answer, Trial, Trials};
#[doc(hidden)]
pub use store::read_any as read_any_list;
pub use store::{
    Conditions, Constraints, Dated, IntermediatePool, ListError, Origin as StoreOrigin, PoolError,
    StoreError, TrustStore,
};
pub use time::{Time, UnixSeconds};
pub use verdict::{
    Check, Concerned, Fact, Finding, NameBy, PathMember, Remedy, Search, Source, Status, Verdict, Weakness,
    Who,
};
pub use verifier::{Asked, MAX_PRESENTED, MAX_STORES, Session, Verifier, VerifierError};
