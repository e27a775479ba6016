"""For every finding: who can mend it, the rule that it is about, and what to do.

The rows follow the tables of docs/verdict.md. Words in braces are facts of the finding, or one of these:
``which``, the certificate concerned; ``issuer``, who has issued it; ``strict``, the way around a rule of
VERIFY_X509_STRICT, where that is what is asked for. What needs more than a sentence is in ``remedies``.

Longer than 500 lines: one table, a row a finding.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

__all__ = ["FAULTS", "ISSUER", "SERVER", "TABLE", "VERIFIER", "Who"]

Who: TypeAlias = Literal["server", "issuer", "verifier"]

SERVER: Who = "server"
"""Whoever runs the server, or presents the chain otherwise."""
ISSUER: Who = "issuer"
"""Whoever issues the certificates, or asks for new ones."""
VERIFIER: Who = "verifier"
"""Whoever judges: certpath's caller."""

_CRL = "Obtain the issuer's current revocation list and hand it in"

TABLE: dict[str, tuple[Who, str, str]] = {
    # Input
    "unparseable": (
        SERVER,
        "RFC 5280, 4.1",
        "Certificate number {position_from_1} of the chain cannot be read ({problem}): put the file in its place that the issuer has delivered, in PEM or DER.",
    ),
    "no_certificate": (
        SERVER,
        "RFC 8446, 4.4.2",
        "There is no certificate. Send the server's certificate and behind it the intermediates.",
    ),
    "input_error": (VERIFIER, "RFC 9525, 3", "Hand in a chain and a name: {problem}."),
    "budget_exhausted": (
        SERVER,
        "docs/limits.md",
        "Send the server's certificate and the intermediates above it, and nothing else: a limit was reached before a verdict was.",
    ),
    "unspecified": (
        ISSUER,
        "RFC 5280, 4.2",
        "Have {which} reissued: something in it cannot be read or compared.",
    ),
    # Building the path
    "issuer_certificate_not_found": (
        VERIFIER,
        "RFC 5280, 6.1",
        "{which} is in the store, but is not a root. Add its issuer {issuer} to the store, or let any certificate of the store end a path: --policy ssl-partial, VERIFY_X509_PARTIAL_CHAIN.",
    ),
    "self_signed": (
        SERVER,
        "RFC 5280, 6.1",
        "The server sends a certificate that nobody but itself has signed. Have one issued by a CA that the clients trust, and send it with the CA's intermediates.",
    ),
    "self_signed_in_chain": (
        VERIFIER,
        "RFC 5280, 6.1.1(d)",
        "The chain ends at the root {which}, which is not in the store. If it is to be trusted, add it to the store: --roots FILE, load_verify_locations.",
    ),
    "issuer_not_found": (
        SERVER,
        "RFC 8446, 4.4.2",
        "The server does not send the certificate of {issuer}. Append it to the file after the certificate that it has issued.",
    ),
    "chain_too_long": (
        SERVER,
        "RFC 5280, 6.1.4(l)",
        "More than {max_depth} certificates stand between the server's and the root. Use a certificate of a CA nearer to the root, or raise max_depth.",
    ),
    "rejected": (
        VERIFIER,
        "OpenSSL, X509_check_trust",
        "The store's own settings reject {which} for this purpose. Store it as a plain CERTIFICATE block: openssl x509 -clrtrust -clrreject.",
    ),
    # Extensions, purposes, strength
    "path_length_exceeded": (
        ISSUER,
        "RFC 5280, 4.2.1.9",
        "{which} allows {limit} CAs below it, and has {found}. Have the certificate issued by a CA that may have issued it, or the CA reissued with a longer pathLenConstraint.",
    ),
    "invalid_purpose": (
        ISSUER,
        "RFC 5280, 4.2.1.12",
        "Have {which} reissued for the purpose {expected}.",
    ),
    "key_usage_no_cert_sign": (
        ISSUER,
        "RFC 5280, 4.2.1.3",
        "Have {which} reissued with keyCertSign in its keyUsage: it issues certificates.",
    ),
    "unhandled_critical_extension": (
        ISSUER,
        "RFC 5280, 4.2",
        "Have {which} reissued without the critical extension {extension}, or with that extension not critical.",
    ),
    "precertificate": (
        SERVER,
        "RFC 6962, 3.1",
        "This is a precertificate, which is for certificate logs alone. Send the final certificate of the same serial number, which the issuer has delivered.",
    ),
    "ca_as_leaf": (
        ISSUER,
        "RFC 5280, 4.2.1.9",
        "The server's own certificate says cA TRUE. Have it issued anew as an end entity: basicConstraints CA:FALSE.",
    ),
    "proxy_certificate": (
        SERVER,
        "RFC 3820, 4",
        "Send a certificate of a CA in place of the proxy certificate.",
    ),
    "invalid_extension": (
        ISSUER,
        "RFC 5280, 4.2",
        "Have {which} reissued: one of its extensions is malformed.",
    ),
    "invalid_policy_extension": (
        ISSUER,
        "RFC 5280, 4.2.1.4",
        "Have {which} reissued with certificatePolicies, policyMappings and policyConstraints as RFC 5280 has them.",
    ),
    "no_explicit_policy": (
        ISSUER,
        "RFC 5280, 6.1.5(g)",
        "Have the certificates of the path issued under one of the acceptable policies, or accept those that they have: initial_policies.",
    ),
    "unnested_resource": (
        ISSUER,
        "RFC 3779, 2.3 and 3.3",
        "Have {which} reissued without addresses and AS numbers, or with those alone that its issuer has.",
    ),
    "leaf_key_too_weak": (
        SERVER,
        "OpenSSL, SSL_CTX_set_security_level",
        "Make a new key, P-256 or RSA with 2048 bits or more, and have a certificate issued for it.",
    ),
    "ca_key_too_weak": (
        ISSUER,
        "OpenSSL, SSL_CTX_set_security_level",
        "The key of the CA {which} is too weak. Have the certificate issued by a CA with P-256 or RSA of 2048 bits or more.",
    ),
    "digest_too_weak": (
        ISSUER,
        "OpenSSL, SSL_CTX_set_security_level",
        "{which} is signed with {algorithm}. Have it reissued with SHA-256 or better.",
    ),
    "algorithm_not_supported": (
        ISSUER,
        "docs/signatures.md",
        "Have the certificates issued with RSA, ECDSA on P-256, P-384 or P-521, or Ed25519: what is used here cannot be checked.",
    ),
    "algorithm_not_allowed": (
        ISSUER,
        "Policy, signature_algorithms",
        "Have {which} reissued with one of the allowed signature algorithms, or allow {algorithm}.",
    ),
    "signature_algorithm_mismatch": (
        ISSUER,
        "RFC 5280, 4.1.1.2",
        "Have {which} reissued: it names two different signature algorithms.",
    ),
    "invalid_ca": (
        ISSUER,
        "RFC 5280, 4.2.1.9",
        "{which} has issued a certificate and is not a CA. Have the certificate issued by a CA, or the CA's own reissued with basicConstraints CA:TRUE (critical) and keyCertSign.",
    ),
    "explicit_curve_parameters": (
        ISSUER,
        "RFC 5480, 2.1.1",
        "Have {which} reissued for a key that names its curve, such as P-256: openssl ecparam -param_enc named_curve.",
    ),
    # With VERIFY_X509_STRICT
    "path_length_on_non_ca": (
        ISSUER,
        "RFC 5280, 4.2.1.9",
        "Have {which} reissued without a pathLenConstraint: it is not a CA{strict}.",
    ),
    "path_length_without_cert_sign": (
        ISSUER,
        "RFC 5280, 4.2.1.9",
        "Have {which} reissued with keyCertSign in its keyUsage, or without a pathLenConstraint{strict}.",
    ),
    "cert_sign_on_non_ca": (
        ISSUER,
        "RFC 5280, 4.2.1.3",
        "Have {which} reissued without keyCertSign: it is not a CA{strict}.",
    ),
    "issuer_empty": (
        ISSUER,
        "RFC 5280, 4.1.2.4",
        "Have {which} issued by a CA that has a name{strict}.",
    ),
    "subject_empty": (
        ISSUER,
        "RFC 5280, 4.1.2.6",
        "Have {which} reissued with a subject, or with its names in a critical subjectAltName{strict}.",
    ),
    "authority_key_identifier_missing": (
        ISSUER,
        "RFC 5280, 4.2.1.1",
        "Have {which} reissued with an authorityKeyIdentifier{strict}.",
    ),
    "subject_key_identifier_missing": (
        ISSUER,
        "RFC 5280, 4.2.1.2",
        "Have {which} reissued with a subjectKeyIdentifier{strict}.",
    ),
    "subject_alt_name_empty": (
        ISSUER,
        "RFC 5280, 4.2.1.6",
        "Have {which} reissued with names in its subjectAltName, or without the extension{strict}.",
    ),
    "subject_alt_name_not_critical": (
        ISSUER,
        "RFC 5280, 4.2.1.6",
        "Have {which} reissued with a critical subjectAltName, or with a subject{strict}.",
    ),
    "basic_constraints_not_critical": (
        ISSUER,
        "RFC 5280, 4.2.1.9",
        "Have the CA certificate {which} reissued with critical basicConstraints{strict}.",
    ),
    "ca_key_usage_missing": (
        ISSUER,
        "RFC 5280, 4.2.1.3",
        "Have the CA certificate {which} reissued with keyUsage keyCertSign, cRLSign (critical){strict}.",
    ),
    "extensions_need_version_3": (
        ISSUER,
        "RFC 5280, 4.1.2.1",
        "Have {which} reissued as version 3: it has extensions{strict}.",
    ),
    "authority_key_identifier_empty": (
        ISSUER,
        "RFC 5280, 4.2.1.1",
        "Have {which} reissued with the key's identifier in its authorityKeyIdentifier{strict}.",
    ),
    "authority_key_identifier_unpaired": (
        ISSUER,
        "RFC 5280, 4.2.1.1",
        "Have {which} reissued with issuer and serial number in its authorityKeyIdentifier, or neither{strict}.",
    ),
    # The name
    "hostname_mismatch": (
        SERVER,
        "RFC 9525, 6",
        "Have a certificate issued that has {expected} among the DNS names of its subjectAltName, or ask for one of the names that it has.",
    ),
    "ip_address_mismatch": (
        SERVER,
        "RFC 9525, 6.4",
        "Have a certificate issued with the address {expected} in its subjectAltName, or ask for the server by one of the names that it has.",
    ),
    # Revocation
    "crl_not_found": (
        VERIFIER,
        "RFC 5280, 6.3.3",
        "There is no revocation list of {issuer}. Obtain it and hand it in, --crl FILE, or judge without: no --crl-check.",
    ),
    "crl_signature_invalid": (
        VERIFIER,
        "RFC 5280, 6.3.3(g)",
        f"The revocation list of {{crl_issuer}} is not signed by the CA of that name. {_CRL}.",
    ),
    "crl_not_yet_valid": (
        VERIFIER,
        "RFC 5280, 5.1.2.4",
        "The revocation list of {crl_issuer} is from later than the time of judgement. Set the clock right, or hand in an older list.",
    ),
    "crl_expired": (
        VERIFIER,
        "RFC 5280, 5.1.2.5",
        f"The revocation list of {{crl_issuer}} is out of date. {_CRL}.",
    ),
    "crl_last_update_invalid": (
        ISSUER,
        "RFC 5280, 5.1.2.4",
        "The revocation list of {crl_issuer} has a malformed thisUpdate. Have it issued anew.",
    ),
    "crl_next_update_invalid": (
        ISSUER,
        "RFC 5280, 5.1.2.5",
        "The revocation list of {crl_issuer} has a malformed nextUpdate. Have it issued anew.",
    ),
    "revoked": (
        SERVER,
        "RFC 5280, 6.3",
        "The issuer has revoked {which}. Make a new key and have a new certificate issued for it; this one stays revoked.",
    ),
    "key_usage_no_crl_sign": (
        ISSUER,
        "RFC 5280, 4.2.1.3",
        "Have the certificate of {crl_issuer} reissued with cRLSign in its keyUsage.",
    ),
    "unhandled_critical_crl_extension": (
        ISSUER,
        "RFC 5280, 5.2",
        "The revocation list of {crl_issuer} has a critical extension that is not known. Have one issued without it.",
    ),
    "crl_scope": (
        VERIFIER,
        "RFC 5280, 5.2.5",
        "The revocation list of {crl_issuer} is not about this certificate. Hand in the list that the certificate's cRLDistributionPoints name.",
    ),
    "crl_issuer_path": (
        VERIFIER,
        "RFC 5280, 6.3.3(f)",
        "The signer of the revocation list of {crl_issuer} has no valid path to the same trust anchor. Hand in its certificates: --intermediates.",
    ),
    "crl_not_supported": (
        VERIFIER,
        "RFC 5280, 5.2.4",
        f"This revocation list cannot be used here ({{unsupported}}). {_CRL}, complete and direct.",
    ),
    "ocsp_verification_failed": (
        VERIFIER,
        "RFC 6960",
        "No OCSP response can be handed in here. Take the flags for OCSP away.",
    ),
    # Suite B
    "suite_b_version": (
        ISSUER,
        "RFC 5759, 3",
        "Have {which} reissued as version 3, or judge without Suite B.",
    ),
    "suite_b_algorithm": (
        ISSUER,
        "RFC 5759, 3.1",
        "Have {which} reissued for a key on P-256 or P-384, or judge without Suite B.",
    ),
    "suite_b_curve": (
        ISSUER,
        "RFC 5759, 3.1",
        "Have {which} reissued for a key on P-256 or P-384, or judge without Suite B.",
    ),
    "suite_b_signature_algorithm": (
        ISSUER,
        "RFC 5759, 3.2",
        "Have {which} reissued with ECDSA and SHA-256 or SHA-384, or judge without Suite B.",
    ),
    "suite_b_level": (
        ISSUER,
        "RFC 6460, 3",
        "Have {which} reissued for a key on the curve of the level asked for, or ask for the other level of Suite B.",
    ),
    "suite_b_weaker_signer": (
        ISSUER,
        "RFC 5759, 3.2",
        "Have the certificate with the P-384 key issued by a CA with a P-384 key.",
    ),
    # What root programmes say of their anchors
    "distrusted_after": (
        SERVER,
        "RFC 5937, 2",
        "{source} trusts nothing that {which} vouches for if it was issued after {date}, and this certificate is of {not_before}. Get one from a CA that the programme trusts without a date.",
    ),
    "distrusted_until": (
        SERVER,
        "RFC 5937, 2",
        "{source} trusts what {which} vouches for only if it was issued after {date}, and this certificate is of {not_before}. Get a new one.",
    ),
    "sct_not_after": (
        SERVER,
        "RFC 5937, 2",
        "{source} trusts nothing that {which} vouches for if it was logged after {date}, and this certificate is of {not_before}. Get one from a CA that the programme trusts without a date.",
    ),
    "sct_all_after": (
        SERVER,
        "RFC 5937, 2",
        "{source} trusts what {which} vouches for only if it was logged after {date}, and this certificate is of {not_before}. Get a new one.",
    ),
    "anchor_disabled": (
        SERVER,
        "RFC 5937, 2",
        "{source} has disabled {which} from {date} on. Get a certificate from a CA that the programme trusts.",
    ),
    "anchor_names": (
        SERVER,
        "RFC 5937, 2",
        "{source} trusts {which} for {permitted} alone, and the certificate has {presented}. Get one from a CA that the programme trusts for this name.",
    ),
    "anchor_purpose": (
        SERVER,
        "RFC 5937, 2",
        "{source} does not trust {which} for the purpose {expected}. Get a certificate from a CA that the programme trusts for it.",
    ),
    "browser_version": (
        SERVER,
        "RFC 5937, 2",
        "{source} trusts {which} in versions before {before} alone. Get a certificate from a CA that the programme trusts today.",
    ),
    # Signatures and dates
    "signature_invalid": (
        SERVER,
        "RFC 5280, 6.1.3(a)(1)",
        "The signature on {which} is not that of {issuer}. Send the certificates as the issuer has delivered them: one of them is damaged, or of another CA of the same name.",
    ),
    "not_yet_valid": (
        SERVER,
        "RFC 5280, 4.1.2.5",
        "{which} is valid from {not_before} on, and it is judged as of {at}. Set the clock right, or wait.",
    ),
    "expired": (
        SERVER,
        "RFC 5280, 4.1.2.5",
        "{which} was valid until {not_after}. Have it renewed.",
    ),
    "not_before_invalid": (
        ISSUER,
        "RFC 5280, 4.1.2.5",
        "Have {which} reissued: its notBefore is not a time ({not_before}).",
    ),
    "not_after_invalid": (
        ISSUER,
        "RFC 5280, 4.1.2.5",
        "Have {which} reissued: its notAfter is not a time ({not_after}).",
    ),
    # Name constraints
    "permitted_subtree_violation": (
        ISSUER,
        "RFC 5280, 4.2.1.10",
        "The CA at depth {constrained_by_depth} may not issue for {name}. Have the certificate issued without that name, or by a CA that may issue for it.",
    ),
    "excluded_subtree_violation": (
        ISSUER,
        "RFC 5280, 4.2.1.10",
        "The CA at depth {constrained_by_depth} is barred from issuing for {name}. Have the certificate issued without that name, or by another CA.",
    ),
    "subtree_bounds": (
        ISSUER,
        "RFC 5280, 4.2.1.10",
        "Have the CA reissued with nameConstraints without minimum and maximum.",
    ),
    "unsupported_constraint_type": (
        ISSUER,
        "RFC 5280, 4.2.1.10",
        "Have the CA reissued without constraints on a form of name that cannot be compared, or the certificate without names of that form ({name}).",
    ),
    "unsupported_name_syntax": (
        ISSUER,
        "RFC 5280, 4.2.1.10",
        "Have the certificate reissued without the name {name}: it cannot be read, so nobody can tell whether the CA may issue for it.",
    ),
    "name_constraint_budget": (
        ISSUER,
        "docs/limits.md",
        "Have the certificate reissued with fewer names, or the CA with fewer nameConstraints.",
    ),
    # What only certpath refuses
    "flag_not_supported": (
        VERIFIER,
        "docs/parity.md",
        "Take the flag {flag} away: what it asks for is not implemented, and nothing is ignored.",
    ),
    "proof_refused": (ISSUER, "docs/parity.md", "Have the path's certificates reissued: {reason}."),
    "proof_version": (ISSUER, "RFC 5280, 4.1.2.1", "Have {which} reissued as version 3: {reason}."),
    "proof_path_length": (
        ISSUER,
        "RFC 5280, 4.2.1.9",
        "Have the CA reissued with a longer pathLenConstraint: {reason}.",
    ),
    "proof_too_deep": (
        SERVER,
        "docs/limits.md",
        "Send a chain with fewer intermediates, six at the most: there are {found}.",
    ),
    "proof_critical_extension": (ISSUER, "RFC 5280, 4.2", "Have {which} reissued: {reason}."),
    "proof_name_constraints": (
        ISSUER,
        "RFC 5280, 4.2.1.10",
        "Have the certificate reissued with names that can be compared with the CA's nameConstraints: {reason}.",
    ),
    "proof_purpose": (
        ISSUER,
        "RFC 5280, 4.2.1.12",
        "Have {which} reissued with a purpose in its extendedKeyUsage: {reason}.",
    ),
    "proof_encoding": (
        ISSUER,
        "RFC 5280, 4.1 (DER)",
        "Have {which} reissued in DER to the letter: {reason}.",
    ),
    "proof_time": (SERVER, "RFC 5280, 4.1.2.5", "Have the certificates renewed: {reason}."),
    # Mailboxes and URIs
    "email_mismatch": (
        SERVER,
        "RFC 5280, 7.5",
        "Have a certificate issued that has the mailbox {expected} in its subjectAltName, or ask for one that it has.",
    ),
    "uri_mismatch": (
        SERVER,
        "RFC 5280, 7.4",
        "Have a certificate issued that has the URI {expected} in its subjectAltName, or ask for one that it has.",
    ),
    # The rules of RFC 5280
    "version_not_three": (
        ISSUER,
        "RFC 5280, 4.1.2.1",
        "Have {which} reissued as version 3; it is version {version}.",
    ),
    "serial_not_positive": (
        ISSUER,
        "RFC 5280, 4.1.2.2",
        "Have {which} reissued with a positive serial number; it is {serial}.",
    ),
    "serial_too_long": (
        ISSUER,
        "RFC 5280, 4.1.2.2",
        "Have {which} reissued with a serial number of 20 octets at the most; it has {octets}.",
    ),
    "not_before_encoding": (
        ISSUER,
        "RFC 5280, 4.1.2.5",
        "Have {which} reissued with notBefore as UTCTime up to 2049, GeneralizedTime from 2050 on; found {found}.",
    ),
    "not_after_encoding": (
        ISSUER,
        "RFC 5280, 4.1.2.5",
        "Have {which} reissued with notAfter as UTCTime up to 2049, GeneralizedTime from 2050 on; found {found}.",
    ),
    "lifetime_too_long": (
        ISSUER,
        "CA/B BR 6.3.2",
        "Have {which} reissued for {maximum} days at the most, which is the rule from {since} on; it is valid for {days}.",
    ),
    "unique_identifiers": (
        ISSUER,
        "RFC 5280, 4.1.2.8",
        "Have {which} reissued without issuerUniqueID and subjectUniqueID.",
    ),
    "duplicate_extension": (
        ISSUER,
        "RFC 5280, 4.2",
        "Have {which} reissued with the extension {extension} only once.",
    ),
    "authority_key_identifier_critical": (
        ISSUER,
        "RFC 5280, 4.2.1.1",
        "Have {which} reissued with its authorityKeyIdentifier not critical.",
    ),
    "subject_key_identifier_critical": (
        ISSUER,
        "RFC 5280, 4.2.1.2",
        "Have {which} reissued with its subjectKeyIdentifier not critical.",
    ),
    "policy_constraints_not_critical": (
        ISSUER,
        "RFC 5280, 4.2.1.11",
        "Have {which} reissued with critical policyConstraints.",
    ),
    "inhibit_any_policy_not_critical": (
        ISSUER,
        "RFC 5280, 4.2.1.14",
        "Have {which} reissued with a critical inhibitAnyPolicy.",
    ),
    "subject_alt_name_syntax": (
        ISSUER,
        "RFC 5280, 4.2.1.6",
        "Have {which} reissued without {name}, or with that name as its form is written.",
    ),
    "name_constraints_on_non_ca": (
        ISSUER,
        "RFC 5280, 4.2.1.10",
        "Have {which} reissued without nameConstraints: it is not a CA.",
    ),
    "name_constraints_not_critical": (
        ISSUER,
        "RFC 5280, 4.2.1.10",
        "Have the CA certificate {which} reissued with critical nameConstraints.",
    ),
    "name_constraints_empty": (
        ISSUER,
        "RFC 5280, 4.2.1.10",
        "Have the CA certificate {which} reissued with subtrees in its nameConstraints, or without the extension.",
    ),
    "name_constraint_syntax": (
        ISSUER,
        "RFC 5280, 4.2.1.10",
        "Have the CA reissued with a constraint that can be read in place of {base}.",
    ),
    "extended_key_usage_empty": (
        ISSUER,
        "RFC 5280, 4.2.1.12",
        "Have {which} reissued with a purpose in its extendedKeyUsage, or without the extension.",
    ),
    "information_access_syntax": (
        ISSUER,
        "RFC 5280, 4.2.2",
        "Have {which} reissued with a well-formed {extension}, or without it.",
    ),
    "distribution_points_empty": (
        ISSUER,
        "RFC 5280, 4.2.1.13",
        "Have {which} reissued with a place in each of its cRLDistributionPoints.",
    ),
    # The Baseline Requirements
    "subject_alt_name_missing": (
        ISSUER,
        "CA/B BR 7.1.2.7.12",
        "Have {which} reissued with the server's names in a subjectAltName.",
    ),
    "subject_alt_name_critical": (
        ISSUER,
        "CA/B BR 7.1.2.7.12",
        "Have {which} reissued with its subjectAltName not critical: it has a subject.",
    ),
    "subject_alt_name_form": (
        ISSUER,
        "CA/B BR 7.1.2.7.12",
        "Have {which} reissued with DNS names and IP addresses alone, without {name}.",
    ),
    "common_name_not_in_subject_alt_name": (
        ISSUER,
        "CA/B BR 7.1.4.3",
        "Have {which} reissued with {common_name} in its subjectAltName, or without the commonName.",
    ),
    "extended_key_usage_missing": (
        ISSUER,
        "CA/B BR 7.1.2.7.6",
        "Have {which} reissued with extendedKeyUsage serverAuth.",
    ),
    "extended_key_usage_any": (
        ISSUER,
        "CA/B BR 7.1.2.7.10",
        "Have {which} reissued without anyExtendedKeyUsage.",
    ),
    "extended_key_usage_critical": (
        ISSUER,
        "CA/B BR 7.1.2.7.6",
        "Have {which} reissued with its extendedKeyUsage not critical.",
    ),
    "extended_key_usage_on_root": (
        ISSUER,
        "CA/B BR 7.1.2.1.2",
        "Have the root {which} reissued without extendedKeyUsage, or trust another one.",
    ),
    "authority_key_identifier_form": (
        ISSUER,
        "CA/B BR 7.1.2.11.1",
        "Have {which} reissued with the key's identifier alone in its authorityKeyIdentifier.",
    ),
    "authority_key_identifier_mismatch": (
        ISSUER,
        "CA/B BR 7.1.2.1.3",
        "Have the root {which} reissued with the same key identifier for subject and authority.",
    ),
    "crl_sign_on_non_ca": (
        ISSUER,
        "CA/B BR 7.1.2.7.11",
        "Have {which} reissued without cRLSign in its keyUsage: it is not a CA.",
    ),
    "key_not_permitted": (
        ISSUER,
        "CA/B BR 7.1.3.1",
        "Have {which} reissued for an RSA key, or one on P-256, P-384 or P-521; it has {public_key}.",
    ),
    "rsa_modulus_not_multiple_of_8": (
        ISSUER,
        "CA/B BR 6.1.5",
        "Have {which} reissued for an RSA key whose length is a multiple of 8; it has {bits} bits.",
    ),
    "rsa_exponent_not_permitted": (
        ISSUER,
        "CA/B BR 6.1.6",
        "Have {which} reissued for an RSA key with the exponent 65537; it has 0x{exponent}.",
    ),
    "signature_algorithm_not_permitted": (
        ISSUER,
        "CA/B BR 7.1.3.2",
        "Have {which} reissued with RSA or ECDSA and SHA-256, SHA-384 or SHA-512; it has {algorithm}.",
    ),
    "stapling_missing": (
        SERVER,
        "RFC 7633, 4.3.3",
        "{which} asks its server for a stapled OCSP response ({found}). Turn stapling on, and have the server fetch the response in time.",
    ),
    # The CRL profile
    "crl_version": (
        ISSUER,
        "RFC 5280, 5.1.2.1",
        "Have the revocation list of {crl_issuer} issued as version 2.",
    ),
    "crl_algorithm_mismatch": (
        ISSUER,
        "RFC 5280, 5.1.1.2",
        "Have the revocation list of {crl_issuer} issued anew: it names two different signature algorithms.",
    ),
    "crl_next_update_missing": (
        ISSUER,
        "RFC 5280, 5.1.2.5",
        "Have the revocation list of {crl_issuer} issued with a nextUpdate.",
    ),
    "crl_time_encoding": (
        ISSUER,
        "RFC 5280, 5.1.2.4 and 5.1.2.5",
        "Have the revocation list of {crl_issuer} issued with UTCTime up to 2049, GeneralizedTime from 2050 on.",
    ),
    "crl_number_missing": (
        ISSUER,
        "RFC 5280, 5.2.3",
        "Have the revocation list of {crl_issuer} issued with a cRLNumber.",
    ),
    "crl_number_critical": (
        ISSUER,
        "RFC 5280, 5.2.3",
        "Have the revocation list of {crl_issuer} issued with its cRLNumber not critical.",
    ),
    "crl_number_invalid": (
        ISSUER,
        "RFC 5280, 5.2.3",
        "Have the revocation list of {crl_issuer} issued with a cRLNumber of 20 octets at the most, not negative.",
    ),
    "crl_authority_key_identifier_missing": (
        ISSUER,
        "RFC 5280, 5.2.1",
        "Have the revocation list of {crl_issuer} issued with an authorityKeyIdentifier.",
    ),
    "crl_duplicate_extension": (
        ISSUER,
        "RFC 5280, 4.2",
        "Have the revocation list of {crl_issuer} issued with each extension only once.",
    ),
    "crl_distribution_point_not_critical": (
        ISSUER,
        "RFC 5280, 5.2.5",
        "Have the revocation list of {crl_issuer} issued with a critical issuingDistributionPoint.",
    ),
    "crl_entry_invalid": (
        ISSUER,
        "RFC 5280, 5.1.2.6 and 5.3.1",
        "Have the revocation list of {crl_issuer} issued anew: one of its entries is malformed.",
    ),
}
"""By the name of the finding."""

FAULTS: dict[str, tuple[Who, str, str]] = {
    "missing_intermediate": (
        SERVER,
        "RFC 8446, 4.4.2",
        "The server does not send all intermediates. Append those that are missing to the file after its certificate.",
    ),
    "ca_first": (
        SERVER,
        "RFC 8446, 4.4.2",
        "A CA's certificate comes first. Put the server's own certificate first, then its issuer's, and so on.",
    ),
    "wrong_order": (
        SERVER,
        "RFC 8446, 4.4.2",
        "The certificates are in the wrong order. Put the server's own first, and behind each the one that has issued it.",
    ),
    "duplicate": (SERVER, "RFC 8446, 4.4.2", "A certificate is sent twice. Send each only once."),
    "unrelated": (
        SERVER,
        "RFC 8446, 4.4.2",
        "Certificates are sent that have issued none of the others. Leave them out.",
    ),
    "unparseable": (
        SERVER,
        "RFC 5280, 4.1",
        "One of the certificates sent cannot be read. Leave it out, or put the issuer's file in its place.",
    ),
    "root_sent": (
        SERVER,
        "RFC 8446, 4.4.2",
        "The root is sent, too. Leave it out: who trusts it has it, and who does not gains nothing by it.",
    ),
}
"""By the word of `Verdict.deployment`."""
