//! Every check: its code, its name, its message, and what kind of trouble it is about.

macro_rules! checks {
    ($($(#[$doc:meta])* $variant:ident, $code:expr, $name:literal, $message:literal;)*) => {
        /// Everything that can fail, in OpenSSL's codes and words where it has any.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum Check {
            $($(#[$doc])* #[allow(missing_docs, reason = "the name and message say it")] $variant,)*
        }

        impl Check {
            /// Every check there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// OpenSSL's verify code; `None` where OpenSSL fails before it has one.
            pub const fn code(self) -> Option<i32> {
                match self { $(Self::$variant => $code,)* }
            }

            /// The stable identifier.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// OpenSSL's text for the code.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $message,)* }
            }
        }
    };
}

checks! {
    // Input that never reaches OpenSSL's verification.
    Unparseable, None, "unparseable", "certificate cannot be parsed";
    NoCertificate, None, "no_certificate", "no certificate";
    InputError, None, "input_error", "not a chain and a name";
    /// A limit of docs/limits.md was reached.
    Budget, Some(1), "budget_exhausted", "unspecified certificate verification error";
    /// OpenSSL's internal errors, which a chain can provoke.
    Unspecified, Some(1), "unspecified", "unspecified certificate verification error";

    // Building the path.
    IssuerCertificateNotFound, Some(2), "issuer_certificate_not_found", "unable to get issuer certificate";
    SelfSignedLeaf, Some(18), "self_signed", "self-signed certificate";
    SelfSignedInChain, Some(19), "self_signed_in_chain", "self-signed certificate in certificate chain";
    IssuerNotFound, Some(20), "issuer_not_found", "unable to get local issuer certificate";
    ChainTooLong, Some(22), "chain_too_long", "certificate chain too long";
    Rejected, Some(28), "rejected", "certificate rejected";

    // Extensions, purposes, strength.
    PathLengthExceeded, Some(25), "path_length_exceeded", "path length constraint exceeded";
    InvalidPurpose, Some(26), "invalid_purpose", "unsuitable certificate purpose";
    KeyUsageNoCertSign, Some(32), "key_usage_no_cert_sign", "key usage does not include certificate signing";
    UnhandledCriticalExtension, Some(34), "unhandled_critical_extension", "unhandled critical extension";
    /// The poison of RFC 6962 3.1, understood: the one thing that no certificate may have.
    Precertificate, Some(34), "precertificate", "unhandled critical extension";
    CaAsLeaf, Some(37), "ca_as_leaf", "invalid non-CA certificate (has CA markings)";
    ProxyCertificate, Some(40), "proxy_certificate", "proxy certificates not allowed, please set the appropriate flag";
    InvalidExtension, Some(41), "invalid_extension", "invalid or inconsistent certificate extension";
    InvalidPolicyExtension, Some(42), "invalid_policy_extension", "invalid or inconsistent certificate policy extension";
    NoExplicitPolicy, Some(43), "no_explicit_policy", "no explicit policy";
    UnnestedResource, Some(46), "unnested_resource", "RFC 3779 resource not subset of parent's resources";
    LeafKeyTooWeak, Some(66), "leaf_key_too_weak", "EE certificate key too weak";
    CaKeyTooWeak, Some(67), "ca_key_too_weak", "CA certificate key too weak";
    DigestTooWeak, Some(68), "digest_too_weak", "CA signature digest algorithm too weak";
    AlgorithmNotSupported, Some(76), "algorithm_not_supported", "Cannot find certificate signature algorithm";
    AlgorithmNotAllowed, Some(76), "algorithm_not_allowed", "Cannot find certificate signature algorithm";
    SignatureAlgorithmMismatch, Some(78), "signature_algorithm_mismatch", "cert info signature and signature algorithm mismatch";
    InvalidCa, Some(79), "invalid_ca", "invalid CA certificate";
    ExplicitCurveParameters, Some(94), "explicit_curve_parameters", "Certificate public key has explicit ECC parameters";

    // X509_V_FLAG_X509_STRICT.
    PathLengthOnNonCa, Some(80), "path_length_on_non_ca", "Path length invalid for non-CA cert";
    PathLengthWithoutCertSign, Some(81), "path_length_without_cert_sign", "Path length given without key usage keyCertSign";
    CertSignOnNonCa, Some(82), "cert_sign_on_non_ca", "Key usage keyCertSign invalid for non-CA cert";
    IssuerEmpty, Some(83), "issuer_empty", "Issuer name empty";
    SubjectEmpty, Some(84), "subject_empty", "Subject name empty";
    AuthorityKeyIdentifierMissing, Some(85), "authority_key_identifier_missing", "Missing Authority Key Identifier";
    SubjectKeyIdentifierMissing, Some(86), "subject_key_identifier_missing", "Missing Subject Key Identifier";
    SubjectAltNameEmpty, Some(87), "subject_alt_name_empty", "Empty Subject Alternative Name extension";
    SubjectAltNameNotCritical, Some(88), "subject_alt_name_not_critical", "Subject empty and Subject Alt Name extension not critical";
    BasicConstraintsNotCritical, Some(89), "basic_constraints_not_critical", "Basic Constraints of CA cert not marked critical";
    CaKeyUsageMissing, Some(92), "ca_key_usage_missing", "CA cert does not include key usage extension";
    ExtensionsNeedVersion3, Some(93), "extensions_need_version_3", "Using cert extension requires at least X509v3";

    // The identity.
    HostnameMismatch, Some(62), "hostname_mismatch", "hostname mismatch";
    IpAddressMismatch, Some(64), "ip_address_mismatch", "IP address mismatch";

    // Revocation.
    CrlNotFound, Some(3), "crl_not_found", "unable to get certificate CRL";
    CrlSignatureInvalid, Some(8), "crl_signature_invalid", "CRL signature failure";
    CrlNotYetValid, Some(11), "crl_not_yet_valid", "CRL is not yet valid";
    CrlExpired, Some(12), "crl_expired", "CRL has expired";
    CrlLastUpdateInvalid, Some(15), "crl_last_update_invalid", "format error in CRL's lastUpdate field";
    CrlNextUpdateInvalid, Some(16), "crl_next_update_invalid", "format error in CRL's nextUpdate field";
    Revoked, Some(23), "revoked", "certificate revoked";
    KeyUsageNoCrlSign, Some(35), "key_usage_no_crl_sign", "key usage does not include CRL signing";
    UnhandledCriticalCrlExtension, Some(36), "unhandled_critical_crl_extension", "unhandled critical CRL extension";
    CrlScope, Some(44), "crl_scope", "different CRL scope";
    /// A CRL that cannot be judged here.
    CrlNotSupported, Some(3), "crl_not_supported", "unable to get certificate CRL";

    // Suite B.
    SuiteBVersion, Some(56), "suite_b_version", "Suite B: certificate version invalid";
    SuiteBAlgorithm, Some(57), "suite_b_algorithm", "Suite B: invalid public key algorithm";
    SuiteBCurve, Some(58), "suite_b_curve", "Suite B: invalid ECC curve";
    SuiteBSignatureAlgorithm, Some(59), "suite_b_signature_algorithm", "Suite B: invalid signature algorithm";
    SuiteBLevel, Some(60), "suite_b_level", "Suite B: curve not allowed for this LOS";
    SuiteBWeakerSigner, Some(61), "suite_b_weaker_signer", "Suite B: cannot sign P-384 with P-256";

    // Signatures and dates.
    SignatureInvalid, Some(7), "signature_invalid", "certificate signature failure";
    NotYetValid, Some(9), "not_yet_valid", "certificate is not yet valid";
    Expired, Some(10), "expired", "certificate has expired";
    NotBeforeInvalid, Some(13), "not_before_invalid", "format error in certificate's notBefore field";
    NotAfterInvalid, Some(14), "not_after_invalid", "format error in certificate's notAfter field";

    // Name constraints.
    PermittedSubtreeViolation, Some(47), "permitted_subtree_violation", "permitted subtree violation";
    ExcludedSubtreeViolation, Some(48), "excluded_subtree_violation", "excluded subtree violation";
    SubtreeBounds, Some(49), "subtree_bounds", "name constraints minimum and maximum not supported";
    UnsupportedConstraintType, Some(51), "unsupported_constraint_type", "unsupported name constraint type";
    UnsupportedNameSyntax, Some(53), "unsupported_name_syntax", "unsupported or invalid name syntax";
    /// More names times constraints than NAME_CHECK_MAX.
    NameConstraintBudget, Some(1), "name_constraint_budget", "unspecified certificate verification error";

    /// A verify flag whose effect is not implemented would bear on this chain.
    FlagNotSupported, Some(1), "flag_not_supported", "unspecified certificate verification error";

    // What webpki refuses and OpenSSL lets through (docs/parity.md).
    ProofRefused, Some(20), "proof_refused", "unable to get local issuer certificate";
    ProofVersion, Some(93), "proof_version", "Using cert extension requires at least X509v3";
    ProofPathLength, Some(25), "proof_path_length", "path length constraint exceeded";
    ProofTooDeep, Some(22), "proof_too_deep", "certificate chain too long";
    ProofCriticalExtension, Some(34), "proof_critical_extension", "unhandled critical extension";
    ProofNameConstraints, Some(51), "proof_name_constraints", "unsupported name constraint type";
    ProofPurpose, Some(26), "proof_purpose", "unsuitable certificate purpose";
    ProofEncoding, Some(41), "proof_encoding", "invalid or inconsistent certificate extension";
    ProofTime, Some(10), "proof_time", "certificate has expired";

    // Identities that `ssl` does not know.
    EmailMismatch, Some(63), "email_mismatch", "email address mismatch";
    UriMismatch, Some(62), "uri_mismatch", "hostname mismatch";

    // RFC 5280, rule by rule; the numbers of the sections are at the rules (src/path/profile).
    VersionNotThree, Some(93), "version_not_three", "Using cert extension requires at least X509v3";
    SerialNotPositive, Some(28), "serial_not_positive", "certificate rejected";
    SerialTooLong, Some(28), "serial_too_long", "certificate rejected";
    NotBeforeEncoding, Some(13), "not_before_encoding", "format error in certificate's notBefore field";
    NotAfterEncoding, Some(14), "not_after_encoding", "format error in certificate's notAfter field";
    DuplicateExtension, Some(41), "duplicate_extension", "invalid or inconsistent certificate extension";
    AuthorityKeyIdentifierCritical, Some(90), "authority_key_identifier_critical", "Authority Key Identifier marked critical";
    SubjectKeyIdentifierCritical, Some(91), "subject_key_identifier_critical", "Subject Key Identifier marked critical";
    PolicyConstraintsNotCritical, Some(42), "policy_constraints_not_critical", "invalid or inconsistent certificate policy extension";
    InhibitAnyPolicyNotCritical, Some(42), "inhibit_any_policy_not_critical", "invalid or inconsistent certificate policy extension";
    SubjectAltNameSyntax, Some(53), "subject_alt_name_syntax", "unsupported or invalid name syntax";
    NameConstraintsOnNonCa, Some(41), "name_constraints_on_non_ca", "invalid or inconsistent certificate extension";
    NameConstraintsNotCritical, Some(41), "name_constraints_not_critical", "invalid or inconsistent certificate extension";
    NameConstraintsEmpty, Some(41), "name_constraints_empty", "invalid or inconsistent certificate extension";
    NameConstraintSyntax, Some(52), "name_constraint_syntax", "unsupported or invalid name constraint syntax";
    ExtendedKeyUsageEmpty, Some(41), "extended_key_usage_empty", "invalid or inconsistent certificate extension";
    InformationAccessSyntax, Some(41), "information_access_syntax", "invalid or inconsistent certificate extension";
    DistributionPointsEmpty, Some(41), "distribution_points_empty", "invalid or inconsistent certificate extension";

    // The Baseline Requirements of the CA/Browser Forum.
    SubjectAltNameMissing, Some(87), "subject_alt_name_missing", "Empty Subject Alternative Name extension";
    SubjectAltNameCritical, Some(28), "subject_alt_name_critical", "certificate rejected";
    SubjectAltNameForm, Some(53), "subject_alt_name_form", "unsupported or invalid name syntax";
    CommonNameNotInSubjectAltName, Some(28), "common_name_not_in_subject_alt_name", "certificate rejected";
    ExtendedKeyUsageMissing, Some(26), "extended_key_usage_missing", "unsuitable certificate purpose";
    ExtendedKeyUsageAny, Some(26), "extended_key_usage_any", "unsuitable certificate purpose";
    ExtendedKeyUsageCritical, Some(26), "extended_key_usage_critical", "unsuitable certificate purpose";
    ExtendedKeyUsageOnRoot, Some(26), "extended_key_usage_on_root", "unsuitable certificate purpose";
    AuthorityKeyIdentifierForm, Some(28), "authority_key_identifier_form", "certificate rejected";
    AuthorityKeyIdentifierMismatch, Some(30), "authority_key_identifier_mismatch", "authority and subject key identifier mismatch";
    CrlSignOnNonCa, Some(28), "crl_sign_on_non_ca", "certificate rejected";
    KeyNotPermitted, Some(28), "key_not_permitted", "certificate rejected";
    RsaModulusNotMultipleOf8, Some(28), "rsa_modulus_not_multiple_of_8", "certificate rejected";
    RsaExponentNotPermitted, Some(28), "rsa_exponent_not_permitted", "certificate rejected";
    SignatureAlgorithmNotPermitted, Some(76), "signature_algorithm_not_permitted", "Cannot find certificate signature algorithm";

    // The CRL profile of RFC 5280 5.
    CrlVersion, Some(54), "crl_version", "CRL path validation error";
    CrlAlgorithmMismatch, Some(54), "crl_algorithm_mismatch", "CRL path validation error";
    CrlNextUpdateMissing, Some(54), "crl_next_update_missing", "CRL path validation error";
    CrlTimeEncoding, Some(54), "crl_time_encoding", "CRL path validation error";
    CrlNumberMissing, Some(54), "crl_number_missing", "CRL path validation error";
    CrlNumberCritical, Some(54), "crl_number_critical", "CRL path validation error";
    CrlNumberInvalid, Some(54), "crl_number_invalid", "CRL path validation error";
    CrlAuthorityKeyIdentifierMissing, Some(54), "crl_authority_key_identifier_missing", "CRL path validation error";
    CrlDuplicateExtension, Some(54), "crl_duplicate_extension", "CRL path validation error";
    CrlDistributionPointNotCritical, Some(54), "crl_distribution_point_not_critical", "CRL path validation error";
    CrlEntryInvalid, Some(54), "crl_entry_invalid", "CRL path validation error";
}

/// What kind of trouble a check is about; see the precedence in docs/verdict.md.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Class {
    /// No path, or a limit reached before one was found.
    Building,
    Signature,
    Revocation,
    Time,
    /// CA markings, path length, constraints, extensions.
    Chain,
    Strength,
    Purpose,
    /// A rule of a strict profile.
    Profile,
    Name,
}

impl Check {
    /// The kind of trouble, in the order in which it is reported under the searching policies.
    pub(crate) fn class(self) -> Class {
        use Check as C;
        match self {
            C::Unparseable | C::NoCertificate | C::InputError | C::Budget | C::Unspecified => Class::Building,
            C::IssuerCertificateNotFound | C::SelfSignedLeaf | C::SelfSignedInChain => Class::Building,
            C::IssuerNotFound | C::ChainTooLong => Class::Building,
            C::ProofRefused | C::NameConstraintBudget => Class::Building,
            C::SignatureInvalid | C::AlgorithmNotSupported | C::SignatureAlgorithmMismatch => {
                Class::Signature
            }
            C::NotYetValid | C::Expired | C::NotBeforeInvalid | C::NotAfterInvalid | C::ProofTime => {
                Class::Time
            }
            C::LeafKeyTooWeak | C::CaKeyTooWeak | C::DigestTooWeak | C::AlgorithmNotAllowed => {
                Class::Strength
            }
            C::InvalidPurpose | C::ProofPurpose => Class::Purpose,
            C::HostnameMismatch | C::IpAddressMismatch | C::EmailMismatch | C::UriMismatch => Class::Name,
            check if check.name().starts_with("crl_") && check != C::CrlSignOnNonCa => Class::Revocation,
            C::Revoked | C::KeyUsageNoCrlSign | C::UnhandledCriticalCrlExtension => Class::Revocation,
            check if (check as usize) >= C::VersionNotThree as usize => Class::Profile,
            _ => Class::Chain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_checks_are_unique() {
        for (index, check) in Check::ALL.iter().enumerate() {
            assert!(!Check::ALL[index + 1..].iter().any(|other| other.name() == check.name()), "{check:?}");
        }
    }

    #[test]
    fn one_code_has_one_text() {
        for check in Check::ALL.iter().filter(|check| check.code().is_some()) {
            for other in Check::ALL.iter().filter(|other| other.code() == check.code()) {
                assert_eq!(check.text(), other.text());
            }
        }
    }
}
