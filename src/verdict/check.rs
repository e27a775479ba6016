//! Every check: its code, its name, its message, and what kind of trouble it is about.

macro_rules! checks {
    ($($(#[$doc:meta])* $variant:ident, $class:ident, $code:expr, $name:literal, $message:literal;)*) => {
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

            /// The kind of trouble.
            pub(crate) const fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }
        }
    };
}

checks! {
    // Input that never reaches OpenSSL's verification.
    Unparseable, Building, None, "unparseable", "certificate cannot be parsed";
    NoCertificate, Building, None, "no_certificate", "no certificate";
    InputError, Building, None, "input_error", "not a chain and a name";
    /// A limit of docs/limits.md was reached.
    Budget, Building, Some(1), "budget_exhausted", "unspecified certificate verification error";
    /// OpenSSL's internal errors, which a chain can provoke.
    Unspecified, Building, Some(1), "unspecified", "unspecified certificate verification error";

    // Building the path.
    IssuerCertificateNotFound, Building, Some(2), "issuer_certificate_not_found", "unable to get issuer certificate";
    SelfSignedLeaf, Building, Some(18), "self_signed", "self-signed certificate";
    SelfSignedInChain, Building, Some(19), "self_signed_in_chain", "self-signed certificate in certificate chain";
    IssuerNotFound, Building, Some(20), "issuer_not_found", "unable to get local issuer certificate";
    ChainTooLong, Building, Some(22), "chain_too_long", "certificate chain too long";
    Rejected, Chain, Some(28), "rejected", "certificate rejected";

    // Extensions, purposes, strength.
    PathLengthExceeded, Chain, Some(25), "path_length_exceeded", "path length constraint exceeded";
    InvalidPurpose, Purpose, Some(26), "invalid_purpose", "unsuitable certificate purpose";
    KeyUsageNoCertSign, Chain, Some(32), "key_usage_no_cert_sign", "key usage does not include certificate signing";
    UnhandledCriticalExtension, Chain, Some(34), "unhandled_critical_extension", "unhandled critical extension";
    /// The poison of RFC 6962 3.1, understood: the one thing that no certificate may have.
    Precertificate, Precertificate, Some(34), "precertificate", "unhandled critical extension";
    CaAsLeaf, Chain, Some(37), "ca_as_leaf", "invalid non-CA certificate (has CA markings)";
    ProxyCertificate, Chain, Some(40), "proxy_certificate", "proxy certificates not allowed, please set the appropriate flag";
    InvalidExtension, Chain, Some(41), "invalid_extension", "invalid or inconsistent certificate extension";
    InvalidPolicyExtension, Chain, Some(42), "invalid_policy_extension", "invalid or inconsistent certificate policy extension";
    NoExplicitPolicy, Chain, Some(43), "no_explicit_policy", "no explicit policy";
    UnnestedResource, Chain, Some(46), "unnested_resource", "RFC 3779 resource not subset of parent's resources";
    LeafKeyTooWeak, Strength, Some(66), "leaf_key_too_weak", "EE certificate key too weak";
    CaKeyTooWeak, Strength, Some(67), "ca_key_too_weak", "CA certificate key too weak";
    DigestTooWeak, Strength, Some(68), "digest_too_weak", "CA signature digest algorithm too weak";
    AlgorithmNotSupported, Signature, Some(76), "algorithm_not_supported", "Cannot find certificate signature algorithm";
    AlgorithmNotAllowed, Strength, Some(76), "algorithm_not_allowed", "Cannot find certificate signature algorithm";
    SignatureAlgorithmMismatch, Signature, Some(78), "signature_algorithm_mismatch", "cert info signature and signature algorithm mismatch";
    InvalidCa, Chain, Some(79), "invalid_ca", "invalid CA certificate";
    ExplicitCurveParameters, Chain, Some(94), "explicit_curve_parameters", "Certificate public key has explicit ECC parameters";

    // X509_V_FLAG_X509_STRICT.
    PathLengthOnNonCa, Chain, Some(80), "path_length_on_non_ca", "Path length invalid for non-CA cert";
    PathLengthWithoutCertSign, Chain, Some(81), "path_length_without_cert_sign", "Path length given without key usage keyCertSign";
    CertSignOnNonCa, Chain, Some(82), "cert_sign_on_non_ca", "Key usage keyCertSign invalid for non-CA cert";
    IssuerEmpty, Chain, Some(83), "issuer_empty", "Issuer name empty";
    SubjectEmpty, Chain, Some(84), "subject_empty", "Subject name empty";
    AuthorityKeyIdentifierMissing, Chain, Some(85), "authority_key_identifier_missing", "Missing Authority Key Identifier";
    SubjectKeyIdentifierMissing, Chain, Some(86), "subject_key_identifier_missing", "Missing Subject Key Identifier";
    SubjectAltNameEmpty, Chain, Some(87), "subject_alt_name_empty", "Empty Subject Alternative Name extension";
    SubjectAltNameNotCritical, Chain, Some(88), "subject_alt_name_not_critical", "Subject empty and Subject Alt Name extension not critical";
    BasicConstraintsNotCritical, Chain, Some(89), "basic_constraints_not_critical", "Basic Constraints of CA cert not marked critical";
    CaKeyUsageMissing, Chain, Some(92), "ca_key_usage_missing", "CA cert does not include key usage extension";
    ExtensionsNeedVersion3, Chain, Some(93), "extensions_need_version_3", "Using cert extension requires at least X509v3";
    AuthorityKeyIdentifierEmpty, Chain, Some(102), "authority_key_identifier_empty", "Empty Authority Key Identifier";
    AuthorityKeyIdentifierUnpaired, Chain, Some(103), "authority_key_identifier_unpaired", "Authority Key Identifier issuer and serial number must be paired";

    // The identity.
    HostnameMismatch, Name, Some(62), "hostname_mismatch", "hostname mismatch";
    IpAddressMismatch, Name, Some(64), "ip_address_mismatch", "IP address mismatch";

    // Revocation.
    CrlNotFound, Revocation, Some(3), "crl_not_found", "unable to get certificate CRL";
    CrlSignatureInvalid, Revocation, Some(8), "crl_signature_invalid", "CRL signature failure";
    CrlNotYetValid, Revocation, Some(11), "crl_not_yet_valid", "CRL is not yet valid";
    CrlExpired, Revocation, Some(12), "crl_expired", "CRL has expired";
    CrlLastUpdateInvalid, Revocation, Some(15), "crl_last_update_invalid", "format error in CRL's lastUpdate field";
    CrlNextUpdateInvalid, Revocation, Some(16), "crl_next_update_invalid", "format error in CRL's nextUpdate field";
    Revoked, Revocation, Some(23), "revoked", "certificate revoked";
    KeyUsageNoCrlSign, Revocation, Some(35), "key_usage_no_crl_sign", "key usage does not include CRL signing";
    UnhandledCriticalCrlExtension, Revocation, Some(36), "unhandled_critical_crl_extension", "unhandled critical CRL extension";
    CrlScope, Revocation, Some(44), "crl_scope", "different CRL scope";
    /// The certificate that has signed the CRL is not on the path, and has no valid one to the same trust anchor.
    CrlIssuerPath, Revocation, Some(54), "crl_issuer_path", "CRL path validation error";
    /// A CRL that cannot be judged here.
    CrlNotSupported, Revocation, Some(3), "crl_not_supported", "unable to get certificate CRL";
    OcspVerificationFailed, Revocation, Some(74), "ocsp_verification_failed", "OCSP verification failed";

    // Suite B.
    SuiteBVersion, Chain, Some(56), "suite_b_version", "Suite B: certificate version invalid";
    SuiteBAlgorithm, Chain, Some(57), "suite_b_algorithm", "Suite B: invalid public key algorithm";
    SuiteBCurve, Chain, Some(58), "suite_b_curve", "Suite B: invalid ECC curve";
    SuiteBSignatureAlgorithm, Chain, Some(59), "suite_b_signature_algorithm", "Suite B: invalid signature algorithm";
    SuiteBLevel, Chain, Some(60), "suite_b_level", "Suite B: curve not allowed for this LOS";
    SuiteBWeakerSigner, Chain, Some(61), "suite_b_weaker_signer", "Suite B: cannot sign P-384 with P-256";

    // What a root programme says of its anchor. The end entity's notBefore, its SCTs, the time of judgement:
    DistrustedAfter, Programme, Some(27), "distrusted_after", "certificate not trusted";
    DistrustedUntil, Programme, Some(27), "distrusted_until", "certificate not trusted";
    SctNotAfter, Programme, Some(27), "sct_not_after", "certificate not trusted";
    SctAllAfter, Programme, Some(27), "sct_all_after", "certificate not trusted";
    AnchorDisabled, Programme, Some(27), "anchor_disabled", "certificate not trusted";
    AnchorNames, Programme, Some(27), "anchor_names", "certificate not trusted";
    AnchorPurpose, ProgrammePurpose, Some(27), "anchor_purpose", "certificate not trusted";
    BrowserVersion, Programme, Some(27), "browser_version", "certificate not trusted";

    // Signatures and dates.
    SignatureInvalid, Signature, Some(7), "signature_invalid", "certificate signature failure";
    NotYetValid, Time, Some(9), "not_yet_valid", "certificate is not yet valid";
    Expired, Time, Some(10), "expired", "certificate has expired";
    NotBeforeInvalid, Time, Some(13), "not_before_invalid", "format error in certificate's notBefore field";
    NotAfterInvalid, Time, Some(14), "not_after_invalid", "format error in certificate's notAfter field";

    // Name constraints.
    PermittedSubtreeViolation, Chain, Some(47), "permitted_subtree_violation", "permitted subtree violation";
    ExcludedSubtreeViolation, Chain, Some(48), "excluded_subtree_violation", "excluded subtree violation";
    SubtreeBounds, Chain, Some(49), "subtree_bounds", "name constraints minimum and maximum not supported";
    UnsupportedConstraintType, Chain, Some(51), "unsupported_constraint_type", "unsupported name constraint type";
    UnsupportedNameSyntax, Chain, Some(53), "unsupported_name_syntax", "unsupported or invalid name syntax";
    /// More names times constraints than NAME_CHECK_MAX.
    NameConstraintBudget, Building, Some(1), "name_constraint_budget", "unspecified certificate verification error";

    /// A verify flag whose effect is not implemented would bear on this chain.
    FlagNotSupported, Chain, Some(1), "flag_not_supported", "unspecified certificate verification error";

    // What webpki refuses and OpenSSL lets through (docs/parity.md).
    ProofRefused, Building, Some(20), "proof_refused", "unable to get local issuer certificate";
    ProofVersion, Chain, Some(93), "proof_version", "Using cert extension requires at least X509v3";
    ProofPathLength, Chain, Some(25), "proof_path_length", "path length constraint exceeded";
    ProofTooDeep, Chain, Some(22), "proof_too_deep", "certificate chain too long";
    ProofCriticalExtension, Chain, Some(34), "proof_critical_extension", "unhandled critical extension";
    ProofNameConstraints, Chain, Some(51), "proof_name_constraints", "unsupported name constraint type";
    ProofPurpose, Purpose, Some(26), "proof_purpose", "unsuitable certificate purpose";
    ProofEncoding, Chain, Some(41), "proof_encoding", "invalid or inconsistent certificate extension";
    ProofTime, Time, Some(10), "proof_time", "certificate has expired";

    // Identities that `ssl` does not know.
    EmailMismatch, Name, Some(63), "email_mismatch", "email address mismatch";
    UriMismatch, Name, Some(62), "uri_mismatch", "hostname mismatch";

    // RFC 5280, rule by rule; the numbers of the sections are at the rules (src/path/profile).
    VersionNotThree, Profile, Some(93), "version_not_three", "Using cert extension requires at least X509v3";
    SerialNotPositive, Profile, Some(28), "serial_not_positive", "certificate rejected";
    SerialTooLong, Profile, Some(28), "serial_too_long", "certificate rejected";
    NotBeforeEncoding, Profile, Some(13), "not_before_encoding", "format error in certificate's notBefore field";
    NotAfterEncoding, Profile, Some(14), "not_after_encoding", "format error in certificate's notAfter field";
    UniqueIdentifiers, Profile, Some(41), "unique_identifiers", "invalid or inconsistent certificate extension";
    DuplicateExtension, Profile, Some(41), "duplicate_extension", "invalid or inconsistent certificate extension";
    AuthorityKeyIdentifierCritical, Profile, Some(90), "authority_key_identifier_critical", "Authority Key Identifier marked critical";
    SubjectKeyIdentifierCritical, Profile, Some(91), "subject_key_identifier_critical", "Subject Key Identifier marked critical";
    PolicyConstraintsNotCritical, Profile, Some(42), "policy_constraints_not_critical", "invalid or inconsistent certificate policy extension";
    InhibitAnyPolicyNotCritical, Profile, Some(42), "inhibit_any_policy_not_critical", "invalid or inconsistent certificate policy extension";
    SubjectAltNameSyntax, Profile, Some(53), "subject_alt_name_syntax", "unsupported or invalid name syntax";
    NameConstraintsOnNonCa, Profile, Some(41), "name_constraints_on_non_ca", "invalid or inconsistent certificate extension";
    NameConstraintsNotCritical, Profile, Some(41), "name_constraints_not_critical", "invalid or inconsistent certificate extension";
    NameConstraintsEmpty, Profile, Some(41), "name_constraints_empty", "invalid or inconsistent certificate extension";
    NameConstraintSyntax, Profile, Some(52), "name_constraint_syntax", "unsupported or invalid name constraint syntax";
    ExtendedKeyUsageEmpty, Profile, Some(41), "extended_key_usage_empty", "invalid or inconsistent certificate extension";
    InformationAccessSyntax, Profile, Some(41), "information_access_syntax", "invalid or inconsistent certificate extension";
    DistributionPointsEmpty, Profile, Some(41), "distribution_points_empty", "invalid or inconsistent certificate extension";

    // The Baseline Requirements of the CA/Browser Forum.
    LifetimeTooLong, Profile, Some(28), "lifetime_too_long", "certificate rejected";
    SubjectAltNameMissing, Profile, Some(87), "subject_alt_name_missing", "Empty Subject Alternative Name extension";
    SubjectAltNameCritical, Profile, Some(28), "subject_alt_name_critical", "certificate rejected";
    SubjectAltNameForm, Profile, Some(53), "subject_alt_name_form", "unsupported or invalid name syntax";
    CommonNameNotInSubjectAltName, Profile, Some(28), "common_name_not_in_subject_alt_name", "certificate rejected";
    ExtendedKeyUsageMissing, PurposeRule, Some(26), "extended_key_usage_missing", "unsuitable certificate purpose";
    ExtendedKeyUsageAny, PurposeRule, Some(26), "extended_key_usage_any", "unsuitable certificate purpose";
    ExtendedKeyUsageCritical, PurposeRule, Some(26), "extended_key_usage_critical", "unsuitable certificate purpose";
    ExtendedKeyUsageOnRoot, PurposeRule, Some(26), "extended_key_usage_on_root", "unsuitable certificate purpose";
    AuthorityKeyIdentifierForm, Profile, Some(28), "authority_key_identifier_form", "certificate rejected";
    AuthorityKeyIdentifierMismatch, Profile, Some(30), "authority_key_identifier_mismatch", "authority and subject key identifier mismatch";
    CrlSignOnNonCa, Profile, Some(28), "crl_sign_on_non_ca", "certificate rejected";
    KeyNotPermitted, Profile, Some(28), "key_not_permitted", "certificate rejected";
    RsaModulusNotMultipleOf8, Profile, Some(28), "rsa_modulus_not_multiple_of_8", "certificate rejected";
    RsaExponentNotPermitted, Profile, Some(28), "rsa_exponent_not_permitted", "certificate rejected";
    SignatureAlgorithmNotPermitted, Profile, Some(76), "signature_algorithm_not_permitted", "Cannot find certificate signature algorithm";

    /// The TLS feature of the end entity asks for an OCSP response, and none that counts came.
    StaplingMissing, Profile, Some(28), "stapling_missing", "certificate rejected";

    // The CRL profile of RFC 5280 5.
    CrlVersion, Revocation, Some(54), "crl_version", "CRL path validation error";
    CrlAlgorithmMismatch, Revocation, Some(54), "crl_algorithm_mismatch", "CRL path validation error";
    CrlNextUpdateMissing, Revocation, Some(54), "crl_next_update_missing", "CRL path validation error";
    CrlTimeEncoding, Revocation, Some(54), "crl_time_encoding", "CRL path validation error";
    CrlNumberMissing, Revocation, Some(54), "crl_number_missing", "CRL path validation error";
    CrlNumberCritical, Revocation, Some(54), "crl_number_critical", "CRL path validation error";
    CrlNumberInvalid, Revocation, Some(54), "crl_number_invalid", "CRL path validation error";
    CrlAuthorityKeyIdentifierMissing, Revocation, Some(54), "crl_authority_key_identifier_missing", "CRL path validation error";
    CrlDuplicateExtension, Revocation, Some(54), "crl_duplicate_extension", "CRL path validation error";
    CrlDistributionPointNotCritical, Revocation, Some(54), "crl_distribution_point_not_critical", "CRL path validation error";
    CrlEntryInvalid, Revocation, Some(54), "crl_entry_invalid", "CRL path validation error";
}

/// What kind of trouble a check is about, in the order in which the searching policies report it (docs/verdict.md).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Class {
    /// No path, or a limit reached before one was found.
    Building,
    Signature,
    Revocation,
    Time,
    /// CA markings, path length, constraints, extensions.
    Chain,
    /// The poison of RFC 6962 3.1 says nothing against the path.
    Precertificate,
    Strength,
    Purpose,
    /// What a root programme says of the anchor that the path ends in.
    Programme,
    /// The same about purposes.
    ProgrammePurpose,
    /// A rule of a strict profile.
    Profile,
    /// A rule of a strict profile about purposes.
    PurposeRule,
    Name,
}

/// The answer of a verdict that a failed check makes a no.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answer {
    Chain,
    Time,
    Purpose,
    Name,
    Revoked,
}

impl Class {
    /// The place in the order of reports; what has the same place is reported in the order of the checks.
    pub(crate) const fn precedence(self) -> u8 {
        match self {
            Self::Building => 0,
            Self::Signature => 1,
            Self::Revocation => 2,
            Self::Time => 3,
            Self::Chain | Self::Precertificate => 4,
            Self::Strength => 5,
            Self::Purpose => 6,
            Self::Programme | Self::ProgrammePurpose => 7,
            Self::Profile | Self::PurposeRule => 8,
            Self::Name => 9,
        }
    }
}

impl Check {
    /// What it makes a no, if anything but the verdict itself.
    pub(crate) const fn denies(self) -> Option<Answer> {
        match (self, self.class()) {
            // That a list is missing or cannot be used leaves the path unproven; that the certificate is
            // revoked is said of the certificate.
            (Self::Revoked, _) => Some(Answer::Revoked),
            (_, Class::Precertificate) => None,
            (_, Class::Time) => Some(Answer::Time),
            (_, Class::Purpose | Class::PurposeRule | Class::ProgrammePurpose) => Some(Answer::Purpose),
            (_, Class::Name) => Some(Answer::Name),
            (
                _,
                Class::Building
                | Class::Signature
                | Class::Revocation
                | Class::Chain
                | Class::Strength
                | Class::Programme
                | Class::Profile,
            ) => Some(Answer::Chain),
        }
    }

    /// Whether the check is not OpenSSL's, under `Policy.ssl`: what it lets through, or has no limit for.
    pub(crate) const fn is_stricter(self) -> bool {
        self.is_unsupported()
            || matches!(self.class(), Class::Programme | Class::ProgrammePurpose)
            || matches!(
                self,
                Self::Budget
                    | Self::CaAsLeaf
                    | Self::InvalidExtension
                    | Self::ProofRefused
                    | Self::ProofVersion
                    | Self::ProofPathLength
                    | Self::ProofTooDeep
                    | Self::ProofCriticalExtension
                    | Self::ProofNameConstraints
                    | Self::ProofPurpose
                    | Self::ProofEncoding
                    | Self::ProofTime
            )
    }

    /// Whether the check was not failed but could not be made here.
    pub(crate) const fn is_unsupported(self) -> bool {
        matches!(self, Self::AlgorithmNotSupported | Self::CrlNotSupported | Self::FlagNotSupported)
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

    /// The checks of a class, in the order of the table.
    fn of(class: Class) -> Vec<Check> {
        Check::ALL.iter().copied().filter(|check| check.class() == class).collect()
    }

    #[test]
    fn classes_hold_what_they_are_about() {
        use Check as C;
        let building = [
            C::Unparseable,
            C::NoCertificate,
            C::InputError,
            C::Budget,
            C::Unspecified,
            C::IssuerCertificateNotFound,
            C::SelfSignedLeaf,
            C::SelfSignedInChain,
            C::IssuerNotFound,
            C::ChainTooLong,
            C::NameConstraintBudget,
            C::ProofRefused,
        ];
        assert_eq!(of(Class::Building), building);
        let signature = [C::AlgorithmNotSupported, C::SignatureAlgorithmMismatch, C::SignatureInvalid];
        assert_eq!(of(Class::Signature), signature);
        let time = [C::NotYetValid, C::Expired, C::NotBeforeInvalid, C::NotAfterInvalid, C::ProofTime];
        assert_eq!(of(Class::Time), time);
        assert_eq!(of(Class::Precertificate), [C::Precertificate]);
        let strength = [C::LeafKeyTooWeak, C::CaKeyTooWeak, C::DigestTooWeak, C::AlgorithmNotAllowed];
        assert_eq!(of(Class::Strength), strength);
        assert_eq!(of(Class::Purpose), [C::InvalidPurpose, C::ProofPurpose]);
        let purpose_rules = [
            C::ExtendedKeyUsageMissing,
            C::ExtendedKeyUsageAny,
            C::ExtendedKeyUsageCritical,
            C::ExtendedKeyUsageOnRoot,
        ];
        assert_eq!(of(Class::PurposeRule), purpose_rules);
        let programme = [
            C::DistrustedAfter,
            C::DistrustedUntil,
            C::SctNotAfter,
            C::SctAllAfter,
            C::AnchorDisabled,
            C::AnchorNames,
            C::BrowserVersion,
        ];
        assert_eq!(of(Class::Programme), programme);
        assert_eq!(of(Class::ProgrammePurpose), [C::AnchorPurpose]);
        let names = [C::HostnameMismatch, C::IpAddressMismatch, C::EmailMismatch, C::UriMismatch];
        assert_eq!(of(Class::Name), names);
        for check in Check::ALL {
            let name = check.name();
            // cRLSign is a bit of a certificate's key usage.
            let about_lists = matches!(check, C::Revoked | C::OcspVerificationFailed)
                || name.contains("crl") && *check != C::CrlSignOnNonCa;
            assert_eq!(check.class() == Class::Revocation, about_lists, "{name}");
        }
    }

    #[test]
    fn a_check_of_purposes_denies_the_purpose_whoever_made_it() {
        let codes = Check::ALL.iter().filter(|check| check.code() == Some(26));
        for check in codes {
            assert_eq!(check.denies(), Some(Answer::Purpose), "{check:?}");
        }
    }

    #[test]
    fn the_order_of_reports_is_that_of_the_classes() {
        let classes = [
            Class::Building,
            Class::Signature,
            Class::Revocation,
            Class::Time,
            Class::Chain,
            Class::Strength,
            Class::Purpose,
            Class::Programme,
            Class::Profile,
            Class::Name,
        ];
        assert!(classes.is_sorted_by_key(|class| class.precedence()));
        assert_eq!(Class::PurposeRule.precedence(), Class::Profile.precedence());
        assert_eq!(Class::ProgrammePurpose.precedence(), Class::Programme.precedence());
        assert_eq!(Class::Precertificate.precedence(), Class::Chain.precedence());
    }
}
