//! Every check: its code, its name, its message, what kind of trouble it is about, its facts and what would mend it.
//!
//! Longer than 500 lines: one table, a row a check. The tables of docs/verdict.md are made from it (.ci/manual.py).

macro_rules! checks {
    ($(
        $(#[$doc:meta])* $variant:ident, $class:ident, $code:expr, $name:literal, $message:literal,
        $facts:literal, $who:ident, $rule:literal, $text:literal;
    )*) => {
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

            /// The keys of its facts, in words; those in brackets are not always there.
            pub const fn facts(self) -> &'static str {
                match self { $(Self::$variant => $facts,)* }
            }

            /// What would mend it.
            pub const fn remedy(self) -> Remedy {
                match self { $(Self::$variant => Remedy { who: Who::$who, rule: $rule, text: $text },)* }
            }

            /// The kind of trouble.
            pub(crate) const fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }
        }
    };
}

/// Who can mend what is wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Who {
    /// Whoever runs the server, or presents the chain otherwise.
    Server,
    /// Whoever issues the certificates, or asks for new ones.
    Issuer,
    /// Whoever judges.
    Verifier,
}

impl Who {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Issuer => "issuer",
            Self::Verifier => "verifier",
        }
    }
}

/// What would mend it, in a sentence or two. Words in braces are facts of the finding, or one of these: `which`, the
/// certificate concerned; `issuer`, who has issued it; `strict`, the way around a rule of VERIFY_X509_STRICT, where that is
/// what is asked for. What needs more than a sentence is in python/certpath/_remedies.py.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Remedy {
    /// Who can do it.
    pub who: Who,
    /// The rule that the finding is a breach of.
    pub rule: &'static str,
    /// What to do.
    pub text: &'static str,
}

// A row: variant, class, OpenSSL's code, name, OpenSSL's text; the keys of the facts, in words, those in brackets not always
// there; who can mend it, the rule, and how. Headings are those of docs/verdict.md.
checks! {
    // ### Input
    // It never reaches OpenSSL's verification.
    Unparseable, Building, None, "unparseable", "certificate cannot be parsed",
        "`position` in the chain, `problem`",
        Server, "RFC 5280, 4.1",
        "Certificate number {position_from_1} of the chain cannot be read ({problem}): put the file in its place that the issuer has delivered, in PEM or DER.";
    NoCertificate, Building, None, "no_certificate", "no certificate",
        "",
        Server, "RFC 8446, 4.4.2",
        "There is no certificate. Send the server's certificate and behind it the intermediates.";
    InputError, Building, None, "input_error", "not a chain and a name",
        "[`argument`]: `name` where that is what is wrong; `problem`",
        Verifier, "RFC 9525, 3",
        "Hand in a chain and a name: {problem}.";
    /// A limit of docs/limits.md was reached.
    Budget, Building, Some(1), "budget_exhausted", "unspecified certificate verification error",
        "`limit`, `presented` (certificates); `limit`, `of` (what a search counts); or `reason`, [`webpki`]",
        Server, "docs/limits.md",
        "Send the server's certificate and the intermediates above it, and nothing else: a limit was reached before a verdict was.";
    /// OpenSSL's internal errors, which a chain can provoke.
    Unspecified, Building, Some(1), "unspecified", "unspecified certificate verification error",
        "`public_key`, `found`, [`problems`]; or `constrained_by_depth`",
        Issuer, "RFC 5280, 4.2",
        "Have {which} reissued: something in it cannot be read or compared.";

    // ### Building the path
    IssuerCertificateNotFound, Building, Some(2), "issuer_certificate_not_found", "unable to get issuer certificate",
        "`issuer`, [`problems`]",
        Verifier, "RFC 5280, 6.1",
        "{which} is in the store, but is not a root. Add its issuer {issuer} to the store, or let any certificate of the store end a path: --policy ssl-partial, VERIFY_X509_PARTIAL_CHAIN.";
    SelfSignedLeaf, Building, Some(18), "self_signed", "self-signed certificate",
        "[`problems`]",
        Server, "RFC 5280, 6.1",
        "The server sends a certificate that nobody but itself has signed. Have one issued by a CA that the clients trust, and send it with the CA's intermediates.";
    SelfSignedInChain, Building, Some(19), "self_signed_in_chain", "self-signed certificate in certificate chain",
        "[`problems`]",
        Verifier, "RFC 5280, 6.1.1(d)",
        "The chain ends at the root {which}, which is not in the store. If it is to be trusted, add it to the store: --roots FILE, load_verify_locations.";
    IssuerNotFound, Building, Some(20), "issuer_not_found", "unable to get local issuer certificate",
        "`issuer`, [`problems`]: what is malformed in the certificate, which may be why nothing fits",
        Server, "RFC 8446, 4.4.2",
        "The server does not send the certificate of {issuer}. Append it to the file after the certificate that it has issued.";
    ChainTooLong, Building, Some(22), "chain_too_long", "certificate chain too long",
        "`max_depth`, [`problems`]",
        Server, "RFC 5280, 6.1.4(l)",
        "More than {max_depth} certificates stand between the server's and the root. Use a certificate of a CA nearer to the root, or raise max_depth.";
    Rejected, Chain, Some(28), "rejected", "certificate rejected",
        "[`problems`]. The store's certificate carries trust settings (a `TRUSTED CERTIFICATE` block) that reject this use",
        Verifier, "OpenSSL, X509_check_trust",
        "The store's own settings reject {which} for this purpose. Store it as a plain CERTIFICATE block: openssl x509 -clrtrust -clrreject.";

    // ### Extensions, purposes, strength
    PathLengthExceeded, Chain, Some(25), "path_length_exceeded", "path length constraint exceeded",
        "`limit`, `found`",
        Issuer, "RFC 5280, 4.2.1.9",
        "{which} allows {limit} CAs below it, and has {found}. Have the certificate issued by a CA that may have issued it, or the CA reissued with a longer pathLenConstraint.";
    InvalidPurpose, Purpose, Some(26), "invalid_purpose", "unsuitable certificate purpose",
        "`expected`, `found`; or `problems`",
        Issuer, "RFC 5280, 4.2.1.12",
        "Have {which} reissued for the purpose {expected}.";
    KeyUsageNoCertSign, Chain, Some(32), "key_usage_no_cert_sign", "key usage does not include certificate signing",
        "",
        Issuer, "RFC 5280, 4.2.1.3",
        "Have {which} reissued with keyCertSign in its keyUsage: it issues certificates.";
    UnhandledCriticalExtension, Chain, Some(34), "unhandled_critical_extension", "unhandled critical extension",
        "`extension`, its OID",
        Issuer, "RFC 5280, 4.2",
        "Have {which} reissued without the critical extension {extension}, or with that extension not critical.";
    /// The poison of RFC 6962 3.1, understood: the one thing that no certificate may have.
    Precertificate, Precertificate, Some(34), "precertificate", "unhandled critical extension",
        "`extension`, the OID of the poison",
        Server, "RFC 6962, 3.1",
        "This is a precertificate, which is for certificate logs alone. Send the final certificate of the same serial number, which the issuer has delivered.";
    CaAsLeaf, Chain, Some(37), "ca_as_leaf", "invalid non-CA certificate (has CA markings)",
        "`reason`, `webpki`, `extension`",
        Issuer, "RFC 5280, 4.2.1.9",
        "The server's own certificate says cA TRUE. Have it issued anew as an end entity: basicConstraints CA:FALSE.";
    ProxyCertificate, Chain, Some(40), "proxy_certificate", "proxy certificates not allowed, please set the appropriate flag",
        "",
        Server, "RFC 3820, 4",
        "Send a certificate of a CA in place of the proxy certificate.";
    InvalidExtension, Chain, Some(41), "invalid_extension", "invalid or inconsistent certificate extension",
        "`reason`; or `problems`",
        Issuer, "RFC 5280, 4.2",
        "Have {which} reissued: one of its extensions is malformed.";
    InvalidPolicyExtension, Chain, Some(42), "invalid_policy_extension", "invalid or inconsistent certificate policy extension",
        "",
        Issuer, "RFC 5280, 4.2.1.4",
        "Have {which} reissued with certificatePolicies, policyMappings and policyConstraints as RFC 5280 has them.";
    NoExplicitPolicy, Chain, Some(43), "no_explicit_policy", "no explicit policy",
        "`expected` (the acceptable policies), `found` (those of the path), under the searching policies",
        Issuer, "RFC 5280, 6.1.5(g)",
        "Have the certificates of the path issued under one of the acceptable policies, or accept those that they have: initial_policies.";
    UnnestedResource, Chain, Some(46), "unnested_resource", "RFC 3779 resource not subset of parent's resources",
        "[`unsupported`]: what is not compared here",
        Issuer, "RFC 3779, 2.3 and 3.3",
        "Have {which} reissued without addresses and AS numbers, or with those alone that its issuer has.";
    LeafKeyTooWeak, Strength, Some(66), "leaf_key_too_weak", "EE certificate key too weak",
        "`public_key`, [`bits`], `security_bits` or `found`, `minimum` in security bits; under the knob min_rsa_bits `bits`, `minimum`",
        Server, "OpenSSL, SSL_CTX_set_security_level",
        "Make a new key, P-256 or RSA with 2048 bits or more, and have a certificate issued for it.";
    CaKeyTooWeak, Strength, Some(67), "ca_key_too_weak", "CA certificate key too weak",
        "`public_key`, [`bits`], `security_bits` or `found`, `minimum` in security bits; under the knob min_rsa_bits `bits`, `minimum`",
        Issuer, "OpenSSL, SSL_CTX_set_security_level",
        "The key of the CA {which} is too weak. Have the certificate issued by a CA with P-256 or RSA of 2048 bits or more.";
    DigestTooWeak, Strength, Some(68), "digest_too_weak", "CA signature digest algorithm too weak",
        "`algorithm`, [`security_bits`], `minimum`",
        Issuer, "OpenSSL, SSL_CTX_set_security_level",
        "{which} is signed with {algorithm}. Have it reissued with SHA-256 or better.";
    AlgorithmNotSupported, Signature, Some(76), "algorithm_not_supported", "Cannot find certificate signature algorithm",
        "`algorithm`, `issuer`; or `public_key`",
        Issuer, "docs/signatures.md",
        "Have the certificates issued with RSA, ECDSA on P-256, P-384 or P-521, or Ed25519: what is used here cannot be checked.";
    AlgorithmNotAllowed, Strength, Some(76), "algorithm_not_allowed", "Cannot find certificate signature algorithm",
        "`algorithm`",
        Issuer, "Policy, signature_algorithms",
        "Have {which} reissued with one of the allowed signature algorithms, or allow {algorithm}.";
    SignatureAlgorithmMismatch, Signature, Some(78), "signature_algorithm_mismatch", "cert info signature and signature algorithm mismatch",
        "",
        Issuer, "RFC 5280, 4.1.1.2",
        "Have {which} reissued: it names two different signature algorithms.";
    InvalidCa, Chain, Some(79), "invalid_ca", "invalid CA certificate",
        "`found`",
        Issuer, "RFC 5280, 4.2.1.9",
        "{which} has issued a certificate and is not a CA. Have the certificate issued by a CA, or the CA's own reissued with basicConstraints CA:TRUE (critical) and keyCertSign.";
    ExplicitCurveParameters, Chain, Some(94), "explicit_curve_parameters", "Certificate public key has explicit ECC parameters",
        "",
        Issuer, "RFC 5480, 2.1.1",
        "Have {which} reissued for a key that names its curve, such as P-256: openssl ecparam -param_enc named_curve.";

    // ### With `VERIFY_X509_STRICT`
    PathLengthOnNonCa, Chain, Some(80), "path_length_on_non_ca", "Path length invalid for non-CA cert",
        "",
        Issuer, "RFC 5280, 4.2.1.9",
        "Have {which} reissued without a pathLenConstraint: it is not a CA{strict}.";
    PathLengthWithoutCertSign, Chain, Some(81), "path_length_without_cert_sign", "Path length given without key usage keyCertSign",
        "",
        Issuer, "RFC 5280, 4.2.1.9",
        "Have {which} reissued with keyCertSign in its keyUsage, or without a pathLenConstraint{strict}.";
    CertSignOnNonCa, Chain, Some(82), "cert_sign_on_non_ca", "Key usage keyCertSign invalid for non-CA cert",
        "",
        Issuer, "RFC 5280, 4.2.1.3",
        "Have {which} reissued without keyCertSign: it is not a CA{strict}.";
    IssuerEmpty, Chain, Some(83), "issuer_empty", "Issuer name empty",
        "",
        Issuer, "RFC 5280, 4.1.2.4",
        "Have {which} issued by a CA that has a name{strict}.";
    SubjectEmpty, Chain, Some(84), "subject_empty", "Subject name empty",
        "",
        Issuer, "RFC 5280, 4.1.2.6",
        "Have {which} reissued with a subject, or with its names in a critical subjectAltName{strict}.";
    AuthorityKeyIdentifierMissing, Chain, Some(85), "authority_key_identifier_missing", "Missing Authority Key Identifier",
        "",
        Issuer, "RFC 5280, 4.2.1.1",
        "Have {which} reissued with an authorityKeyIdentifier{strict}.";
    SubjectKeyIdentifierMissing, Chain, Some(86), "subject_key_identifier_missing", "Missing Subject Key Identifier",
        "",
        Issuer, "RFC 5280, 4.2.1.2",
        "Have {which} reissued with a subjectKeyIdentifier{strict}.";
    SubjectAltNameEmpty, Chain, Some(87), "subject_alt_name_empty", "Empty Subject Alternative Name extension",
        "",
        Issuer, "RFC 5280, 4.2.1.6",
        "Have {which} reissued with names in its subjectAltName, or without the extension{strict}.";
    SubjectAltNameNotCritical, Chain, Some(88), "subject_alt_name_not_critical", "Subject empty and Subject Alt Name extension not critical",
        "",
        Issuer, "RFC 5280, 4.2.1.6",
        "Have {which} reissued with a critical subjectAltName, or with a subject{strict}.";
    BasicConstraintsNotCritical, Chain, Some(89), "basic_constraints_not_critical", "Basic Constraints of CA cert not marked critical",
        "",
        Issuer, "RFC 5280, 4.2.1.9",
        "Have the CA certificate {which} reissued with critical basicConstraints{strict}.";
    CaKeyUsageMissing, Chain, Some(92), "ca_key_usage_missing", "CA cert does not include key usage extension",
        "",
        Issuer, "RFC 5280, 4.2.1.3",
        "Have the CA certificate {which} reissued with keyUsage keyCertSign, cRLSign (critical){strict}.";
    ExtensionsNeedVersion3, Chain, Some(93), "extensions_need_version_3", "Using cert extension requires at least X509v3",
        "",
        Issuer, "RFC 5280, 4.1.2.1",
        "Have {which} reissued as version 3: it has extensions{strict}.";
    AuthorityKeyIdentifierEmpty, Chain, Some(102), "authority_key_identifier_empty", "Empty Authority Key Identifier",
        "",
        Issuer, "RFC 5280, 4.2.1.1",
        "Have {which} reissued with the key's identifier in its authorityKeyIdentifier{strict}.";
    AuthorityKeyIdentifierUnpaired, Chain, Some(103), "authority_key_identifier_unpaired", "Authority Key Identifier issuer and serial number must be paired",
        "",
        Issuer, "RFC 5280, 4.2.1.1",
        "Have {which} reissued with issuer and serial number in its authorityKeyIdentifier, or neither{strict}.";

    // ### The name
    HostnameMismatch, Name, Some(62), "hostname_mismatch", "hostname mismatch",
        "`expected`, `presented`: names of the end entity, the first 20 of them; [`number`]: which certificate of the chain, counted from 1, speaks for the name",
        Server, "RFC 9525, 6",
        "Have a certificate issued that has {expected} among the DNS names of its subjectAltName, or ask for one of the names that it has.";
    IpAddressMismatch, Name, Some(64), "ip_address_mismatch", "IP address mismatch",
        "`expected`, `presented`, [`number`]",
        Server, "RFC 9525, 6.4",
        "Have a certificate issued with the address {expected} in its subjectAltName, or ask for the server by one of the names that it has.";

    // ### Revocation
    CrlNotFound, Revocation, Some(3), "crl_not_found", "unable to get certificate CRL",
        "`issuer`, `crls`: how many there are in all; [`uncovered_reasons`]: if there are CRLs, but the distribution points confine them to some reasons for revocation, those left open (RFC 5280 4.2.1.13)",
        Verifier, "RFC 5280, 6.3.3",
        "There is no revocation list of {issuer}. Obtain it and hand it in, --crl FILE, or judge without: no --crl-check.";
    CrlSignatureInvalid, Revocation, Some(8), "crl_signature_invalid", "CRL signature failure",
        "`crl_issuer`, [`this_update`], [`next_update`]",
        Verifier, "RFC 5280, 6.3.3(g)",
        "The revocation list of {crl_issuer} is not signed by the CA of that name. Obtain the issuer's current revocation list and hand it in.";
    CrlNotYetValid, Revocation, Some(11), "crl_not_yet_valid", "CRL is not yet valid",
        "`crl_issuer`, [`this_update`], [`next_update`]",
        Verifier, "RFC 5280, 5.1.2.4",
        "The revocation list of {crl_issuer} is from later than the time of judgement. Set the clock right, or hand in an older list.";
    CrlExpired, Revocation, Some(12), "crl_expired", "CRL has expired",
        "`crl_issuer`, [`this_update`], [`next_update`]",
        Verifier, "RFC 5280, 5.1.2.5",
        "The revocation list of {crl_issuer} is out of date. Obtain the issuer's current revocation list and hand it in.";
    CrlLastUpdateInvalid, Revocation, Some(15), "crl_last_update_invalid", "format error in CRL's lastUpdate field",
        "`crl_issuer`, [`this_update`], [`next_update`]",
        Issuer, "RFC 5280, 5.1.2.4",
        "The revocation list of {crl_issuer} has a malformed thisUpdate. Have it issued anew.";
    CrlNextUpdateInvalid, Revocation, Some(16), "crl_next_update_invalid", "format error in CRL's nextUpdate field",
        "`crl_issuer`, [`this_update`], [`next_update`]",
        Issuer, "RFC 5280, 5.1.2.5",
        "The revocation list of {crl_issuer} has a malformed nextUpdate. Have it issued anew.";
    Revoked, Revocation, Some(23), "revoked", "certificate revoked",
        "[`crl_issuer`], [`this_update`], [`next_update`], [`revoked_at`], [`reason`]; of a revocation set [`set`], which one, and [`listed`], by what; of an OCSP response [`by`], that it is one",
        Server, "RFC 5280, 6.3",
        "The issuer has revoked {which}. Make a new key and have a new certificate issued for it; this one stays revoked.";
    KeyUsageNoCrlSign, Revocation, Some(35), "key_usage_no_crl_sign", "key usage does not include CRL signing",
        "`crl_issuer`, [`this_update`], [`next_update`]",
        Issuer, "RFC 5280, 4.2.1.3",
        "Have the certificate of {crl_issuer} reissued with cRLSign in its keyUsage.";
    UnhandledCriticalCrlExtension, Revocation, Some(36), "unhandled_critical_crl_extension", "unhandled critical CRL extension",
        "`crl_issuer`, [`this_update`], [`next_update`]",
        Issuer, "RFC 5280, 5.2",
        "The revocation list of {crl_issuer} has a critical extension that is not known. Have one issued without it.";
    CrlScope, Revocation, Some(44), "crl_scope", "different CRL scope",
        "`crl_issuer`, [`this_update`], [`next_update`], `scope_field`, which field of the CRL's issuing distribution point excludes the certificate; if the names do not meet, both sides: `crl_distribution_point`, `certificate_distribution_points`",
        Verifier, "RFC 5280, 5.2.5",
        "The revocation list of {crl_issuer} is not about this certificate. Hand in the list that the certificate's cRLDistributionPoints name.";
    /// The certificate that has signed the CRL is not on the path, and has no valid one to the same trust anchor.
    CrlIssuerPath, Revocation, Some(54), "crl_issuer_path", "CRL path validation error",
        "`crl_issuer`, [`this_update`], [`next_update`], [`reason`]: what is wrong with the path of its issuer",
        Verifier, "RFC 5280, 6.3.3(f)",
        "The signer of the revocation list of {crl_issuer} has no valid path to the same trust anchor. Hand in its certificates: --intermediates.";
    /// A CRL that cannot be judged here.
    CrlNotSupported, Revocation, Some(3), "crl_not_supported", "unable to get certificate CRL",
        "`unsupported`, [`crl_issuer`], [`this_update`], [`next_update`], [`reason`]",
        Verifier, "RFC 5280, 5.2.4",
        "This revocation list cannot be used here ({unsupported}). Obtain the issuer's current revocation list and hand it in, complete and direct.";
    OcspVerificationFailed, Revocation, Some(74), "ocsp_verification_failed", "OCSP verification failed",
        "",
        Verifier, "RFC 6960",
        "No OCSP response can be handed in here. Take the flags for OCSP away.";

    // ### Suite B
    SuiteBVersion, Chain, Some(56), "suite_b_version", "Suite B: certificate version invalid",
        "",
        Issuer, "RFC 5759, 3",
        "Have {which} reissued as version 3, or judge without Suite B.";
    SuiteBAlgorithm, Chain, Some(57), "suite_b_algorithm", "Suite B: invalid public key algorithm",
        "",
        Issuer, "RFC 5759, 3.1",
        "Have {which} reissued for a key on P-256 or P-384, or judge without Suite B.";
    SuiteBCurve, Chain, Some(58), "suite_b_curve", "Suite B: invalid ECC curve",
        "",
        Issuer, "RFC 5759, 3.1",
        "Have {which} reissued for a key on P-256 or P-384, or judge without Suite B.";
    SuiteBSignatureAlgorithm, Chain, Some(59), "suite_b_signature_algorithm", "Suite B: invalid signature algorithm",
        "",
        Issuer, "RFC 5759, 3.2",
        "Have {which} reissued with ECDSA and SHA-256 or SHA-384, or judge without Suite B.";
    SuiteBLevel, Chain, Some(60), "suite_b_level", "Suite B: curve not allowed for this LOS",
        "",
        Issuer, "RFC 6460, 3",
        "Have {which} reissued for a key on the curve of the level asked for, or ask for the other level of Suite B.";
    SuiteBWeakerSigner, Chain, Some(61), "suite_b_weaker_signer", "Suite B: cannot sign P-384 with P-256",
        "",
        Issuer, "RFC 5759, 3.2",
        "Have the certificate with the P-384 key issued by a CA with a P-384 key.";

    // ### Root programmes
    // What they say of their anchors: about the end entity's notBefore, its SCTs, the time of judgement.
    DistrustedAfter, Programme, Some(27), "distrusted_after", "certificate not trusted",
        "`source`, the programme; `date`; `not_before` of the end entity, which is later",
        Server, "RFC 5937, 2",
        "{source} trusts nothing that {which} vouches for if it was issued after {date}, and this certificate is of {not_before}. Get one from a CA that the programme trusts without a date.";
    DistrustedUntil, Programme, Some(27), "distrusted_until", "certificate not trusted",
        "`source`; `date`; `not_before` of the end entity, which is not later",
        Server, "RFC 5937, 2",
        "{source} trusts what {which} vouches for only if it was issued after {date}, and this certificate is of {not_before}. Get a new one.";
    SctNotAfter, Programme, Some(27), "sct_not_after", "certificate not trusted",
        "`source`; `date`; `not_before` of the end entity; [`sct_earliest`], the earliest timestamp that counts, or that there is not one; without a list of logs [`stands_for_scts`], what stands in",
        Server, "RFC 5937, 2",
        "{source} trusts nothing that {which} vouches for if it was logged after {date}, and this certificate is of {not_before}. Get one from a CA that the programme trusts without a date.";
    SctAllAfter, Programme, Some(27), "sct_all_after", "certificate not trusted",
        "`source`; `date`; `not_before`; [`sct_earliest`]; [`stands_for_scts`]",
        Server, "RFC 5937, 2",
        "{source} trusts what {which} vouches for only if it was logged after {date}, and this certificate is of {not_before}. Get a new one.";
    AnchorDisabled, Programme, Some(27), "anchor_disabled", "certificate not trusted",
        "`source`; `date`; `at`",
        Server, "RFC 5937, 2",
        "{source} has disabled {which} from {date} on. Get a certificate from a CA that the programme trusts.";
    AnchorNames, Programme, Some(27), "anchor_names", "certificate not trusted",
        "`source`; `permitted`, the domains; `presented`, the first name outside of them",
        Server, "RFC 5937, 2",
        "{source} trusts {which} for {permitted} alone, and the certificate has {presented}. Get one from a CA that the programme trusts for this name.";
    AnchorPurpose, ProgrammePurpose, Some(27), "anchor_purpose", "certificate not trusted",
        "`source`; `expected`; `trusted_for`, the extended key usages",
        Server, "RFC 5937, 2",
        "{source} does not trust {which} for the purpose {expected}. Get a certificate from a CA that the programme trusts for it.";
    BrowserVersion, Programme, Some(27), "browser_version", "certificate not trusted",
        "`source`; `before`, the first version for which the conditions hold no longer",
        Server, "RFC 5937, 2",
        "{source} trusts {which} in versions before {before} alone. Get a certificate from a CA that the programme trusts today.";

    // ### Signatures and dates
    SignatureInvalid, Signature, Some(7), "signature_invalid", "certificate signature failure",
        "`algorithm`, `issuer`",
        Server, "RFC 5280, 6.1.3(a)(1)",
        "The signature on {which} is not that of {issuer}. Send the certificates as the issuer has delivered them: one of them is damaged, or of another CA of the same name.";
    NotYetValid, Time, Some(9), "not_yet_valid", "certificate is not yet valid",
        "`not_before`, `at`",
        Server, "RFC 5280, 4.1.2.5",
        "{which} is valid from {not_before} on, and it is judged as of {at}. Set the clock right, or wait.";
    Expired, Time, Some(10), "expired", "certificate has expired",
        "`not_after`, `at`",
        Server, "RFC 5280, 4.1.2.5",
        "{which} was valid until {not_after}. Have it renewed.";
    NotBeforeInvalid, Time, Some(13), "not_before_invalid", "format error in certificate's notBefore field",
        "`not_before`, as it is written",
        Issuer, "RFC 5280, 4.1.2.5",
        "Have {which} reissued: its notBefore is not a time ({not_before}).";
    NotAfterInvalid, Time, Some(14), "not_after_invalid", "format error in certificate's notAfter field",
        "`not_after`, as it is written",
        Issuer, "RFC 5280, 4.1.2.5",
        "Have {which} reissued: its notAfter is not a time ({not_after}).";

    // ### Name constraints
    PermittedSubtreeViolation, Chain, Some(47), "permitted_subtree_violation", "permitted subtree violation",
        "`name`, `constrained_by_depth`",
        Issuer, "RFC 5280, 4.2.1.10",
        "The CA at depth {constrained_by_depth} may not issue for {name}. Have the certificate issued without that name, or by a CA that may issue for it.";
    ExcludedSubtreeViolation, Chain, Some(48), "excluded_subtree_violation", "excluded subtree violation",
        "`name`, `constrained_by_depth`",
        Issuer, "RFC 5280, 4.2.1.10",
        "The CA at depth {constrained_by_depth} is barred from issuing for {name}. Have the certificate issued without that name, or by another CA.";
    SubtreeBounds, Chain, Some(49), "subtree_bounds", "name constraints minimum and maximum not supported",
        "`name`, `constrained_by_depth`",
        Issuer, "RFC 5280, 4.2.1.10",
        "Have the CA reissued with nameConstraints without minimum and maximum.";
    UnsupportedConstraintType, Chain, Some(51), "unsupported_constraint_type", "unsupported name constraint type",
        "`name`, `constrained_by_depth`",
        Issuer, "RFC 5280, 4.2.1.10",
        "Have the CA reissued without constraints on a form of name that cannot be compared, or the certificate without names of that form ({name}).";
    UnsupportedNameSyntax, Chain, Some(53), "unsupported_name_syntax", "unsupported or invalid name syntax",
        "`name`, `constrained_by_depth`",
        Issuer, "RFC 5280, 4.2.1.10",
        "Have the certificate reissued without the name {name}: it cannot be read, so nobody can tell whether the CA may issue for it.";
    /// More names times constraints than NAME_CHECK_MAX.
    NameConstraintBudget, Building, Some(1), "name_constraint_budget", "unspecified certificate verification error",
        "`constrained_by_depth`",
        Issuer, "docs/limits.md",
        "Have the certificate reissued with fewer names, or the CA with fewer nameConstraints.";

    // ### What only certpath refuses
    // docs/parity.md has the reasons.
    /// A verify flag whose effect is not implemented would bear on this chain.
    FlagNotSupported, Chain, Some(1), "flag_not_supported", "unspecified certificate verification error",
        "`flag`",
        Verifier, "docs/parity.md",
        "Take the flag {flag} away: what it asks for is not implemented, and nothing is ignored.";

    ProofRefused, Building, Some(20), "proof_refused", "unable to get local issuer certificate",
        "`reason`, in words; `webpki`, its own word, if it was asked; [`field`]",
        Issuer, "docs/parity.md",
        "Have the path's certificates reissued: {reason}.";
    ProofVersion, Chain, Some(93), "proof_version", "Using cert extension requires at least X509v3",
        "`reason`, `webpki`, `field`",
        Issuer, "RFC 5280, 4.1.2.1",
        "Have {which} reissued as version 3: {reason}.";
    ProofPathLength, Chain, Some(25), "proof_path_length", "path length constraint exceeded",
        "`reason`, `webpki`, `extension`",
        Issuer, "RFC 5280, 4.2.1.9",
        "Have the CA reissued with a longer pathLenConstraint: {reason}.";
    ProofTooDeep, Chain, Some(22), "proof_too_deep", "certificate chain too long",
        "`reason`, `webpki`, `found`, how many intermediates",
        Server, "docs/limits.md",
        "Send a chain with fewer intermediates, six at the most: there are {found}.";
    ProofCriticalExtension, Chain, Some(34), "proof_critical_extension", "unhandled critical extension",
        "`reason`, `webpki`, `extension`",
        Issuer, "RFC 5280, 4.2",
        "Have {which} reissued: {reason}.";
    ProofNameConstraints, Chain, Some(51), "proof_name_constraints", "unsupported name constraint type",
        "`reason`, `webpki`, `extension`, [`name`, `base`], `constrained_by_depth`",
        Issuer, "RFC 5280, 4.2.1.10",
        "Have the certificate reissued with names that can be compared with the CA's nameConstraints: {reason}.";
    ProofPurpose, Purpose, Some(26), "proof_purpose", "unsuitable certificate purpose",
        "`reason`, `webpki`, [`extension`]",
        Issuer, "RFC 5280, 4.2.1.12",
        "Have {which} reissued with a purpose in its extendedKeyUsage: {reason}.";
    ProofEncoding, Chain, Some(41), "proof_encoding", "invalid or inconsistent certificate extension",
        "`reason`, `webpki`, [`field` or `extension`]",
        Issuer, "RFC 5280, 4.1 (DER)",
        "Have {which} reissued in DER to the letter: {reason}.";
    ProofTime, Time, Some(10), "proof_time", "certificate has expired",
        "`reason`, `webpki`, [`field`]",
        Server, "RFC 5280, 4.1.2.5",
        "Have the certificates renewed: {reason}.";

    // ### Mailboxes and URIs
    // Identities that `ssl` does not know.
    EmailMismatch, Name, Some(63), "email_mismatch", "email address mismatch",
        "`expected`, `presented`, [`number`]",
        Server, "RFC 5280, 7.5",
        "Have a certificate issued that has the mailbox {expected} in its subjectAltName, or ask for one that it has.";
    UriMismatch, Name, Some(62), "uri_mismatch", "hostname mismatch",
        "`expected`, `presented`, [`number`]",
        Server, "RFC 5280, 7.4",
        "Have a certificate issued that has the URI {expected} in its subjectAltName, or ask for one that it has.";

    // ### The rules of RFC 5280
    VersionNotThree, Profile, Some(93), "version_not_three", "Using cert extension requires at least X509v3",
        "`version`",
        Issuer, "RFC 5280, 4.1.2.1",
        "Have {which} reissued as version 3; it is version {version}.";
    SerialNotPositive, Profile, Some(28), "serial_not_positive", "certificate rejected",
        "`serial`, in hexadecimal",
        Issuer, "RFC 5280, 4.1.2.2",
        "Have {which} reissued with a positive serial number; it is {serial}.";
    SerialTooLong, Profile, Some(28), "serial_too_long", "certificate rejected",
        "`octets`",
        Issuer, "RFC 5280, 4.1.2.2",
        "Have {which} reissued with a serial number of 20 octets at the most; it has {octets}.";
    NotBeforeEncoding, Profile, Some(13), "not_before_encoding", "format error in certificate's notBefore field",
        "`found`",
        Issuer, "RFC 5280, 4.1.2.5",
        "Have {which} reissued with notBefore as UTCTime up to 2049, GeneralizedTime from 2050 on; found {found}.";
    NotAfterEncoding, Profile, Some(14), "not_after_encoding", "format error in certificate's notAfter field",
        "`found`",
        Issuer, "RFC 5280, 4.1.2.5",
        "Have {which} reissued with notAfter as UTCTime up to 2049, GeneralizedTime from 2050 on; found {found}.";
    UniqueIdentifiers, Profile, Some(41), "unique_identifiers", "invalid or inconsistent certificate extension",
        "",
        Issuer, "RFC 5280, 4.1.2.8",
        "Have {which} reissued without issuerUniqueID and subjectUniqueID.";
    DuplicateExtension, Profile, Some(41), "duplicate_extension", "invalid or inconsistent certificate extension",
        "`extension`, its OID",
        Issuer, "RFC 5280, 4.2",
        "Have {which} reissued with the extension {extension} only once.";
    AuthorityKeyIdentifierCritical, Profile, Some(90), "authority_key_identifier_critical", "Authority Key Identifier marked critical",
        "",
        Issuer, "RFC 5280, 4.2.1.1",
        "Have {which} reissued with its authorityKeyIdentifier not critical.";
    SubjectKeyIdentifierCritical, Profile, Some(91), "subject_key_identifier_critical", "Subject Key Identifier marked critical",
        "",
        Issuer, "RFC 5280, 4.2.1.2",
        "Have {which} reissued with its subjectKeyIdentifier not critical.";
    PolicyConstraintsNotCritical, Profile, Some(42), "policy_constraints_not_critical", "invalid or inconsistent certificate policy extension",
        "",
        Issuer, "RFC 5280, 4.2.1.11",
        "Have {which} reissued with critical policyConstraints.";
    InhibitAnyPolicyNotCritical, Profile, Some(42), "inhibit_any_policy_not_critical", "invalid or inconsistent certificate policy extension",
        "",
        Issuer, "RFC 5280, 4.2.1.14",
        "Have {which} reissued with a critical inhibitAnyPolicy.";
    SubjectAltNameSyntax, Profile, Some(53), "subject_alt_name_syntax", "unsupported or invalid name syntax",
        "`name`",
        Issuer, "RFC 5280, 4.2.1.6",
        "Have {which} reissued without {name}, or with that name as its form is written.";
    NameConstraintsOnNonCa, Profile, Some(41), "name_constraints_on_non_ca", "invalid or inconsistent certificate extension",
        "",
        Issuer, "RFC 5280, 4.2.1.10",
        "Have {which} reissued without nameConstraints: it is not a CA.";
    NameConstraintsNotCritical, Profile, Some(41), "name_constraints_not_critical", "invalid or inconsistent certificate extension",
        "",
        Issuer, "RFC 5280, 4.2.1.10",
        "Have the CA certificate {which} reissued with critical nameConstraints.";
    NameConstraintsEmpty, Profile, Some(41), "name_constraints_empty", "invalid or inconsistent certificate extension",
        "",
        Issuer, "RFC 5280, 4.2.1.10",
        "Have the CA certificate {which} reissued with subtrees in its nameConstraints, or without the extension.";
    NameConstraintSyntax, Profile, Some(52), "name_constraint_syntax", "unsupported or invalid name constraint syntax",
        "`base`; [`name`, `constrained_by_depth`]: under every searching policy, where a name would have to be compared with it",
        Issuer, "RFC 5280, 4.2.1.10",
        "Have the CA reissued with a constraint that can be read in place of {base}.";
    ExtendedKeyUsageEmpty, Profile, Some(41), "extended_key_usage_empty", "invalid or inconsistent certificate extension",
        "",
        Issuer, "RFC 5280, 4.2.1.12",
        "Have {which} reissued with a purpose in its extendedKeyUsage, or without the extension.";
    InformationAccessSyntax, Profile, Some(41), "information_access_syntax", "invalid or inconsistent certificate extension",
        "4.2.2.1 and 4.2.2.2; `extension`, its name",
        Issuer, "RFC 5280, 4.2.2",
        "Have {which} reissued with a well-formed {extension}, or without it.";
    DistributionPointsEmpty, Profile, Some(41), "distribution_points_empty", "invalid or inconsistent certificate extension",
        "",
        Issuer, "RFC 5280, 4.2.1.13",
        "Have {which} reissued with a place in each of its cRLDistributionPoints.";

    // ### The Baseline Requirements
    LifetimeTooLong, Profile, Some(28), "lifetime_too_long", "certificate rejected",
        "`days`, `maximum`, `since`: the day from which this maximum is in force for the notBefore",
        Issuer, "CA/B BR 6.3.2",
        "Have {which} reissued for {maximum} days at the most, which is the rule from {since} on; it is valid for {days}.";
    SubjectAltNameMissing, Profile, Some(87), "subject_alt_name_missing", "Empty Subject Alternative Name extension",
        "",
        Issuer, "CA/B BR 7.1.2.7.12",
        "Have {which} reissued with the server's names in a subjectAltName.";
    SubjectAltNameCritical, Profile, Some(28), "subject_alt_name_critical", "certificate rejected",
        "",
        Issuer, "CA/B BR 7.1.2.7.12",
        "Have {which} reissued with its subjectAltName not critical: it has a subject.";
    SubjectAltNameForm, Profile, Some(53), "subject_alt_name_form", "unsupported or invalid name syntax",
        "`name`",
        Issuer, "CA/B BR 7.1.2.7.12",
        "Have {which} reissued with DNS names and IP addresses alone, without {name}.";
    CommonNameNotInSubjectAltName, Profile, Some(28), "common_name_not_in_subject_alt_name", "certificate rejected",
        "`common_name`",
        Issuer, "CA/B BR 7.1.4.3",
        "Have {which} reissued with {common_name} in its subjectAltName, or without the commonName.";
    ExtendedKeyUsageMissing, PurposeRule, Some(26), "extended_key_usage_missing", "unsuitable certificate purpose",
        "",
        Issuer, "CA/B BR 7.1.2.7.6",
        "Have {which} reissued with extendedKeyUsage serverAuth.";
    ExtendedKeyUsageAny, PurposeRule, Some(26), "extended_key_usage_any", "unsuitable certificate purpose",
        "",
        Issuer, "CA/B BR 7.1.2.7.10",
        "Have {which} reissued without anyExtendedKeyUsage.";
    ExtendedKeyUsageCritical, PurposeRule, Some(26), "extended_key_usage_critical", "unsuitable certificate purpose",
        "",
        Issuer, "CA/B BR 7.1.2.7.6",
        "Have {which} reissued with its extendedKeyUsage not critical.";
    ExtendedKeyUsageOnRoot, PurposeRule, Some(26), "extended_key_usage_on_root", "unsuitable certificate purpose",
        "",
        Issuer, "CA/B BR 7.1.2.1.2",
        "Have the root {which} reissued without extendedKeyUsage, or trust another one.";
    AuthorityKeyIdentifierForm, Profile, Some(28), "authority_key_identifier_form", "certificate rejected",
        "7.1.2.11.1 (and 7.1.2.1.3 for roots)",
        Issuer, "CA/B BR 7.1.2.11.1",
        "Have {which} reissued with the key's identifier alone in its authorityKeyIdentifier.";
    AuthorityKeyIdentifierMismatch, Profile, Some(30), "authority_key_identifier_mismatch", "authority and subject key identifier mismatch",
        "",
        Issuer, "CA/B BR 7.1.2.1.3",
        "Have the root {which} reissued with the same key identifier for subject and authority.";
    CrlSignOnNonCa, Profile, Some(28), "crl_sign_on_non_ca", "certificate rejected",
        "",
        Issuer, "CA/B BR 7.1.2.7.11",
        "Have {which} reissued without cRLSign in its keyUsage: it is not a CA.";
    KeyNotPermitted, Profile, Some(28), "key_not_permitted", "certificate rejected",
        "`public_key`",
        Issuer, "CA/B BR 7.1.3.1",
        "Have {which} reissued for an RSA key, or one on P-256, P-384 or P-521; it has {public_key}.";
    RsaModulusNotMultipleOf8, Profile, Some(28), "rsa_modulus_not_multiple_of_8", "certificate rejected",
        "`bits`",
        Issuer, "CA/B BR 6.1.5",
        "Have {which} reissued for an RSA key whose length is a multiple of 8; it has {bits} bits.";
    RsaExponentNotPermitted, Profile, Some(28), "rsa_exponent_not_permitted", "certificate rejected",
        "`exponent`, in hexadecimal",
        Issuer, "CA/B BR 6.1.6",
        "Have {which} reissued for an RSA key with the exponent 65537; it has 0x{exponent}.";
    SignatureAlgorithmNotPermitted, Profile, Some(76), "signature_algorithm_not_permitted", "Cannot find certificate signature algorithm",
        "`algorithm`",
        Issuer, "CA/B BR 7.1.3.2",
        "Have {which} reissued with RSA or ECDSA and SHA-256, SHA-384 or SHA-512; it has {algorithm}.";

    /// The TLS feature of the end entity asks for an OCSP response, and none that counts came.
    StaplingMissing, Profile, Some(28), "stapling_missing", "certificate rejected",
        "RFC 7633 4.3.3; `found`: why what came does not count, or that the responder does not know the certificate",
        Server, "RFC 7633, 4.3.3",
        "{which} asks its server for a stapled OCSP response ({found}). Turn stapling on, and have the server fetch the response in time.";

    // ### The CRL profile
    CrlVersion, Revocation, Some(54), "crl_version", "CRL path validation error",
        "`crl_issuer`, `this_update`, [`next_update`]",
        Issuer, "RFC 5280, 5.1.2.1",
        "Have the revocation list of {crl_issuer} issued as version 2.";
    CrlAlgorithmMismatch, Revocation, Some(54), "crl_algorithm_mismatch", "CRL path validation error",
        "`crl_issuer`, `this_update`, [`next_update`]",
        Issuer, "RFC 5280, 5.1.1.2",
        "Have the revocation list of {crl_issuer} issued anew: it names two different signature algorithms.";
    CrlNextUpdateMissing, Revocation, Some(54), "crl_next_update_missing", "CRL path validation error",
        "`crl_issuer`, `this_update`, [`next_update`]",
        Issuer, "RFC 5280, 5.1.2.5",
        "Have the revocation list of {crl_issuer} issued with a nextUpdate.";
    CrlTimeEncoding, Revocation, Some(54), "crl_time_encoding", "CRL path validation error",
        "`crl_issuer`, `this_update`, [`next_update`]",
        Issuer, "RFC 5280, 5.1.2.4 and 5.1.2.5",
        "Have the revocation list of {crl_issuer} issued with UTCTime up to 2049, GeneralizedTime from 2050 on.";
    CrlNumberMissing, Revocation, Some(54), "crl_number_missing", "CRL path validation error",
        "`crl_issuer`, `this_update`, [`next_update`]",
        Issuer, "RFC 5280, 5.2.3",
        "Have the revocation list of {crl_issuer} issued with a cRLNumber.";
    CrlNumberCritical, Revocation, Some(54), "crl_number_critical", "CRL path validation error",
        "`crl_issuer`, `this_update`, [`next_update`]",
        Issuer, "RFC 5280, 5.2.3",
        "Have the revocation list of {crl_issuer} issued with its cRLNumber not critical.";
    CrlNumberInvalid, Revocation, Some(54), "crl_number_invalid", "CRL path validation error",
        "`crl_issuer`, `this_update`, [`next_update`]",
        Issuer, "RFC 5280, 5.2.3",
        "Have the revocation list of {crl_issuer} issued with a cRLNumber of 20 octets at the most, not negative.";
    CrlAuthorityKeyIdentifierMissing, Revocation, Some(54), "crl_authority_key_identifier_missing", "CRL path validation error",
        "`crl_issuer`, `this_update`, [`next_update`]",
        Issuer, "RFC 5280, 5.2.1",
        "Have the revocation list of {crl_issuer} issued with an authorityKeyIdentifier.";
    CrlDuplicateExtension, Revocation, Some(54), "crl_duplicate_extension", "CRL path validation error",
        "`crl_issuer`, `this_update`, [`next_update`]",
        Issuer, "RFC 5280, 4.2",
        "Have the revocation list of {crl_issuer} issued with each extension only once.";
    CrlDistributionPointNotCritical, Revocation, Some(54), "crl_distribution_point_not_critical", "CRL path validation error",
        "`crl_issuer`, `this_update`, [`next_update`]",
        Issuer, "RFC 5280, 5.2.5",
        "Have the revocation list of {crl_issuer} issued with a critical issuingDistributionPoint.";
    CrlEntryInvalid, Revocation, Some(54), "crl_entry_invalid", "CRL path validation error",
        "`crl_issuer`, `this_update`, [`next_update`]",
        Issuer, "RFC 5280, 5.1.2.6 and 5.3.1",
        "Have the revocation list of {crl_issuer} issued anew: one of its entries is malformed.";
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
