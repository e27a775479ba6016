//! Policies: what a path has to satisfy.

use std::fmt;

use crate::oid::{self, purpose};
use crate::release::{Release, Rule};
use crate::signature::Scheme;

/// OpenSSL's X509_V_FLAG bits, which are `ssl.VerifyFlags`.
pub(crate) mod flag {
    pub(crate) const USE_CHECK_TIME: u64 = 0x2;
    pub(crate) const CRL_CHECK: u64 = 0x4;
    pub(crate) const CRL_CHECK_ALL: u64 = 0x8;
    pub(crate) const IGNORE_CRITICAL: u64 = 0x10;
    pub(crate) const X509_STRICT: u64 = 0x20;
    pub(crate) const ALLOW_PROXY_CERTS: u64 = 0x40;
    pub(crate) const POLICY_CHECK: u64 = 0x80;
    pub(crate) const EXPLICIT_POLICY: u64 = 0x100;
    pub(crate) const INHIBIT_ANY: u64 = 0x200;
    pub(crate) const INHIBIT_MAP: u64 = 0x400;
    pub(crate) const TRUSTED_FIRST: u64 = 0x8000;
    pub(crate) const EXTENDED_CRL_SUPPORT: u64 = 0x1000;
    pub(crate) const USE_DELTAS: u64 = 0x2000;
    pub(crate) const CHECK_SS_SIGNATURE: u64 = 0x4000;
    pub(crate) const SUITEB_128_ONLY: u64 = 0x1_0000;
    pub(crate) const SUITEB_192: u64 = 0x2_0000;
    pub(crate) const PARTIAL_CHAIN: u64 = 0x8_0000;
    pub(crate) const NO_CHECK_TIME: u64 = 0x20_0000;
    pub(crate) const OCSP_RESP_CHECK: u64 = 0x40_0000;
    pub(crate) const OCSP_RESP_CHECK_ALL: u64 = 0x80_0000;
}

/// Names of extended key usages beside those of TLS (RFC 5280 4.2.1.12), and what people call e-mail.
const PURPOSES: [(&str, &str); 5] = [
    ("codeSigning", purpose::CODE_SIGNING),
    ("email", purpose::EMAIL_PROTECTION),
    ("emailProtection", purpose::EMAIL_PROTECTION),
    ("timeStamping", purpose::TIME_STAMPING),
    ("OCSPSigning", purpose::OCSP_SIGNING),
];

/// What the end entity is to be used for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Purpose {
    /// TLS server (id-kp-serverAuth).
    Server,
    /// TLS client (id-kp-clientAuth).
    Client,
    /// Not checked.
    Any,
    /// An extended key usage of its own, by the contents octets of its OID.
    Eku(Vec<u8>),
}

impl Purpose {
    /// `"server"`, `"client"`, `"any"`, the name of an extended key usage (RFC 5280 4.2.1.12), or a dotted OID.
    ///
    /// # Errors
    ///
    /// If it is not one of these.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        Ok(match text {
            "server" | "serverAuth" => Self::Server,
            "client" | "clientAuth" => Self::Client,
            "any" => Self::Any,
            other => {
                let dotted =
                    PURPOSES.iter().find(|(name, _)| *name == other).map_or(other, |(_, dotted)| dotted);
                Self::Eku(oid::from_dotted(dotted).ok_or_else(|| {
                    let known: Vec<_> = PURPOSES.iter().map(|(name, _)| format!("'{name}'")).collect();
                    PolicyError(format!(
                        "purpose must be 'server', 'client', 'any' or a dotted OID, not {other:?}; names of OIDs: {}",
                        known.join(", ")
                    ))
                })?)
            }
        })
    }

    /// The inverse of [`Purpose::parse`].
    pub fn text(&self) -> String {
        match self {
            Self::Server => "server".to_owned(),
            Self::Client => "client".to_owned(),
            Self::Any => "any".to_owned(),
            Self::Eku(oid) => oid::dotted(oid),
        }
    }
}

/// A case in which webpki cannot judge and the native model decides. They are told in this order.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Exception {
    /// Path of length 1: the end entity itself is in the store.
    PinnedLeaf,
    /// An end entity with cA TRUE.
    CaLeaf,
    /// Self-issued CAs are not counted for path length, and are exempt from name constraints.
    SelfIssued,
    /// Constraints on directoryName, rfc822Name and URI.
    NameForms,
    /// Names equal only after RFC 5280 7.1 comparison.
    CanonicalDn,
    /// Versions 1, 2 and 4.
    Version,
    /// issuerUniqueID and subjectUniqueID.
    UniqueIds,
    /// Critical extensions that the native model processes, or is told to ignore.
    CriticalExtensions,
    /// A pathLenConstraint beyond 255.
    PathLength,
    /// A minimum of 0 in nameConstraints that is written down.
    SubtreeMinimum,
    /// Dates before 1970, and dates that do not count.
    Dates,
    /// A CA, by name and key, that is on the path more than once.
    RepeatedCa,
    /// More than six intermediates.
    DeepPath,
    /// A dNSName that is not a DNS name, below constraints on DNS names.
    DnsSyntax,
}

impl Exception {
    /// All of them; the closed list of DESIGN.
    pub const ALL: [Self; 14] = [
        Self::PinnedLeaf,
        Self::CaLeaf,
        Self::SelfIssued,
        Self::NameForms,
        Self::CanonicalDn,
        Self::Version,
        Self::UniqueIds,
        Self::CriticalExtensions,
        Self::PathLength,
        Self::SubtreeMinimum,
        Self::Dates,
        Self::RepeatedCa,
        Self::DeepPath,
        Self::DnsSyntax,
    ];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PinnedLeaf => "pinned_leaf",
            Self::CaLeaf => "ca_leaf",
            Self::SelfIssued => "self_issued",
            Self::NameForms => "name_forms",
            Self::CanonicalDn => "canonical_dn",
            Self::Version => "version",
            Self::UniqueIds => "unique_ids",
            Self::CriticalExtensions => "critical_extensions",
            Self::PathLength => "path_length",
            Self::SubtreeMinimum => "subtree_minimum",
            Self::Dates => "dates",
            Self::RepeatedCa => "repeated_ca",
            Self::DeepPath => "deep_path",
            Self::DnsSyntax => "dns_syntax",
        }
    }

    /// The inverse of [`Exception::name`].
    ///
    /// # Errors
    ///
    /// If there is no exception of that name.
    pub fn parse(name: &str) -> Result<Self, PolicyError> {
        Self::ALL.into_iter().find(|exception| exception.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|exception| exception.name()).collect();
            PolicyError(format!("allow: unknown exception {name:?}; known are {}", known.join(", ")))
        })
    }
}

/// Which rules a policy starts from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Preset {
    /// The verdicts of the standard library: OpenSSL's one path and its checks.
    Ssl,
    /// Any path that webpki proves.
    Webpki,
    /// Any path on which every rule of RFC 5280 holds.
    Rfc5280,
    /// Any path on which every rule of the CA/Browser Forum's Baseline Requirements holds.
    Cabf,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Ssl, Self::Webpki, Self::Rfc5280, Self::Cabf];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ssl => "ssl",
            Self::Webpki => "webpki",
            Self::Rfc5280 => "rfc5280",
            Self::Cabf => "cabf",
        }
    }
}

/// Why a policy cannot be made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyError(String);

impl fmt::Display for PolicyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for PolicyError {}

/// What a path has to satisfy. Made by a preset, then changed field by field and checked.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Policy {
    /// Where it comes from.
    pub preset: Preset,
    /// Whose verdicts these are; the searching policies keep to the first.
    pub openssl: Release,
    /// OpenSSL's verify flags, as given.
    pub flags: u64,
    /// Whether somebody has said, by flags or by name, if CRLs are to be asked. If not, they are where there are any.
    pub crl_check_said: bool,
    /// What the end entity is for.
    pub purpose: Purpose,
    /// OpenSSL's security level, 0 to 5.
    pub security_level: u8,
    /// Fall back to commonName if there is no dNSName.
    pub hostname_checks_common_name: bool,
    /// Certificates between end entity and trust anchor.
    pub max_depth: usize,
    /// Whether dates count.
    pub check_time: bool,
    /// Smallest RSA modulus, in bits.
    pub min_rsa_bits: Option<u32>,
    /// The only signature algorithms allowed, by OpenSSL's long names.
    pub signature_algorithms: Option<Vec<&'static str>>,
    /// Exceptions in which the native model may decide.
    pub allow: Vec<Exception>,
    /// The user-initial-policy-set (RFC 5280 6.1.1 (c)), by the contents octets of the OIDs; `None`: any policy.
    pub initial_policies: Option<Vec<Vec<u8>>>,
    /// initial-explicit-policy (RFC 5280 6.1.1 (f)).
    pub require_explicit_policy: bool,
    /// initial-policy-mapping-inhibit (RFC 5280 6.1.1 (e)).
    pub inhibit_policy_mapping: bool,
    /// initial-any-policy-inhibit (RFC 5280 6.1.1 (g)).
    pub inhibit_any_policy: bool,
}

impl Policy {
    /// OpenSSL's own limit (X509_VERIFY_PARAM's depth).
    pub const MAX_DEPTH: usize = 100;
    /// webpki proves paths of at most six certificates between end entity and trust anchor
    /// (MAX_SUB_CA_COUNT in its verify_cert.rs), so a search need not go further.
    pub const MAX_PROVEN_DEPTH: usize = 6;
    /// OpenSSL's highest security level.
    pub const MAX_SECURITY_LEVEL: u8 = 5;

    /// The verdicts of the standard library: what a context starts with. The flags say all about CRLs.
    pub fn ssl(flags: u64) -> Self {
        Self {
            preset: Preset::Ssl,
            openssl: Release::default(),
            flags,
            crl_check_said: true,
            purpose: Purpose::Server,
            // CPython's default cipher string carries @SECLEVEL=2 since 3.10.
            security_level: 2,
            hostname_checks_common_name: true,
            max_depth: Self::MAX_DEPTH,
            check_time: true,
            min_rsa_bits: None,
            signature_algorithms: None,
            allow: Exception::ALL.to_vec(),
            initial_policies: None,
            require_explicit_policy: false,
            inhibit_policy_mapping: false,
            inhibit_any_policy: false,
        }
    }

    /// Any path that passes: full search, RFC 5280's path validation, no fallback to commonName.
    pub fn webpki() -> Self {
        Self::searching(Preset::Webpki)
    }

    /// The same search with every rule that RFC 5280 lays down for certificates and CRLs.
    pub fn rfc5280() -> Self {
        Self::searching(Preset::Rfc5280)
    }

    /// The same search with the rules of the CA/Browser Forum's Baseline Requirements.
    pub fn cabf() -> Self {
        Self::searching(Preset::Cabf)
    }

    /// What a preset starts from.
    pub fn of(preset: Preset) -> Self {
        match preset {
            Preset::Ssl => Self { crl_check_said: false, ..Self::ssl(flag::TRUSTED_FIRST) },
            searching => Self::searching(searching),
        }
    }

    fn searching(preset: Preset) -> Self {
        Self {
            preset,
            crl_check_said: false,
            hostname_checks_common_name: false,
            max_depth: Self::MAX_PROVEN_DEPTH,
            ..Self::ssl(0)
        }
    }

    /// Whether CRLs are asked, for the end entity at least. CRL_CHECK_ALL does nothing on its own.
    pub fn asks_crls(&self) -> bool {
        self.has(flag::CRL_CHECK)
    }

    /// The same policy beside CRLs, or none: what is handed in counts unless somebody has said otherwise.
    #[must_use]
    pub(crate) fn with_crls_asked(mut self, any: bool) -> Self {
        if any && !self.crl_check_said {
            self.flags |= flag::CRL_CHECK;
            self.crl_check_said = true;
        }
        self
    }

    /// Whether all paths are searched, rather than OpenSSL's one path judged.
    pub fn searches(&self) -> bool {
        self.preset != Preset::Ssl
    }

    /// The known name of a signature algorithm.
    ///
    /// # Errors
    ///
    /// If it is unknown, with the list of the known ones.
    pub fn signature_algorithm(name: &str) -> Result<&'static str, PolicyError> {
        Scheme::by_name(name).map(|scheme| scheme.name).ok_or_else(|| {
            let known: Vec<_> = Scheme::names().collect();
            PolicyError(format!("signature_algorithms: unknown {name:?}; known are {}", known.join(", ")))
        })
    }

    /// Whether a rule holds that not every release of OpenSSL has.
    pub(crate) fn follows(&self, rule: Rule) -> bool {
        self.openssl.follows(rule)
    }

    /// Whether an extended key usage is one for the purpose. For servers OpenSSL takes the two "server gated
    /// cryptography" purposes of old as well; RFC 5280 4.2.1.12 and CA/B BR 7.1.2.7.10 know serverAuth.
    pub(crate) fn takes(&self, key_purpose: &[u8]) -> bool {
        match &self.purpose {
            Purpose::Server if self.searches() => key_purpose == oid::SERVER_AUTH,
            Purpose::Server => {
                [oid::SERVER_AUTH, oid::MICROSOFT_SGC, oid::NETSCAPE_SGC].contains(&key_purpose)
            }
            Purpose::Client => key_purpose == oid::CLIENT_AUTH,
            Purpose::Any => true,
            Purpose::Eku(wanted) => key_purpose == wanted.as_slice(),
        }
    }

    pub(crate) fn has(&self, bits: u64) -> bool {
        self.flags & bits != 0
    }

    pub(crate) fn allows(&self, exception: Exception) -> bool {
        self.allow.contains(&exception)
    }

    /// Whether dates count, by knob and by flags (USE_CHECK_TIME has the last word in OpenSSL).
    pub(crate) fn checks_time(&self) -> bool {
        self.has(flag::USE_CHECK_TIME) || (self.check_time && !self.has(flag::NO_CHECK_TIME))
    }

    /// X509_VERIFY_PARAM_set_flags turns policy processing on with any of the policy bits, and so does any of the knobs.
    pub(crate) fn processes_policies(&self) -> bool {
        self.has(flag::POLICY_CHECK | flag::EXPLICIT_POLICY | flag::INHIBIT_ANY | flag::INHIBIT_MAP)
            || self.initial_policies.is_some()
            || self.require_explicit_policy
            || self.inhibit_policy_mapping
            || self.inhibit_any_policy
    }

    /// The user-initial-policy-set; `None`: any policy. Under `ssl` nobody can name one, and OpenSSL takes that for
    /// none rather than for any.
    pub(crate) fn acceptable_policies(&self) -> Option<&[Vec<u8>]> {
        if !self.searches() {
            return Some(&[]);
        }
        let policies = self.initial_policies.as_deref()?;
        policies.iter().all(|policy| policy != oid::ANY_POLICY).then_some(policies)
    }

    /// Whether some policy has to be valid for the path (RFC 5280 6.1.2 (d)).
    pub(crate) fn requires_explicit_policy(&self) -> bool {
        self.require_explicit_policy || self.has(flag::EXPLICIT_POLICY)
    }

    /// Whether no policy may be mapped to another (RFC 5280 6.1.2 (f)).
    pub(crate) fn inhibits_policy_mapping(&self) -> bool {
        self.inhibit_policy_mapping || self.has(flag::INHIBIT_MAP)
    }

    /// Whether anyPolicy stands for no other (RFC 5280 6.1.2 (e)).
    pub(crate) fn inhibits_any_policy(&self) -> bool {
        self.inhibit_any_policy || self.has(flag::INHIBIT_ANY)
    }

    /// An acceptable policy, by its dotted OID.
    ///
    /// # Errors
    ///
    /// If the text is not a dotted OID.
    pub fn policy_identifier(text: &str) -> Result<Vec<u8>, PolicyError> {
        oid::from_dotted(text).ok_or_else(|| {
            PolicyError(format!(
                "initial_policies: {text:?} is not a dotted OID; write one such as '2.23.140.1.2.1', or leave \
                 initial_policies out for any policy"
            ))
        })
    }

    /// The least security bits of a key or digest at this level (OpenSSL's minbits_table).
    pub(crate) fn min_security_bits(&self) -> Option<u32> {
        match self.security_level {
            0 => None,
            1 => Some(80),
            2 => Some(112),
            3 => Some(128),
            4 => Some(192),
            _ => Some(256),
        }
    }
}
