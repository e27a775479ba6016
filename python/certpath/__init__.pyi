"""What the package has, for type checkers: ``import certpath as ssl`` has the names of `ssl`, too.

The names of `ssl` are taken over when the package is loaded (_ssl_names.py), as each version has some of its
own; type checkers need them written down. The manual of the verifier is the stub ``_certpath.pyi``.
"""

import sys
from ssl import (
    ALERT_DESCRIPTION_ACCESS_DENIED as ALERT_DESCRIPTION_ACCESS_DENIED,
    ALERT_DESCRIPTION_BAD_CERTIFICATE as ALERT_DESCRIPTION_BAD_CERTIFICATE,
    ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE as ALERT_DESCRIPTION_BAD_CERTIFICATE_HASH_VALUE,
    ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE as ALERT_DESCRIPTION_BAD_CERTIFICATE_STATUS_RESPONSE,
    ALERT_DESCRIPTION_BAD_RECORD_MAC as ALERT_DESCRIPTION_BAD_RECORD_MAC,
    ALERT_DESCRIPTION_CERTIFICATE_EXPIRED as ALERT_DESCRIPTION_CERTIFICATE_EXPIRED,
    ALERT_DESCRIPTION_CERTIFICATE_REVOKED as ALERT_DESCRIPTION_CERTIFICATE_REVOKED,
    ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN as ALERT_DESCRIPTION_CERTIFICATE_UNKNOWN,
    ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE as ALERT_DESCRIPTION_CERTIFICATE_UNOBTAINABLE,
    ALERT_DESCRIPTION_CLOSE_NOTIFY as ALERT_DESCRIPTION_CLOSE_NOTIFY,
    ALERT_DESCRIPTION_DECODE_ERROR as ALERT_DESCRIPTION_DECODE_ERROR,
    ALERT_DESCRIPTION_DECOMPRESSION_FAILURE as ALERT_DESCRIPTION_DECOMPRESSION_FAILURE,
    ALERT_DESCRIPTION_DECRYPT_ERROR as ALERT_DESCRIPTION_DECRYPT_ERROR,
    ALERT_DESCRIPTION_HANDSHAKE_FAILURE as ALERT_DESCRIPTION_HANDSHAKE_FAILURE,
    ALERT_DESCRIPTION_ILLEGAL_PARAMETER as ALERT_DESCRIPTION_ILLEGAL_PARAMETER,
    ALERT_DESCRIPTION_INSUFFICIENT_SECURITY as ALERT_DESCRIPTION_INSUFFICIENT_SECURITY,
    ALERT_DESCRIPTION_INTERNAL_ERROR as ALERT_DESCRIPTION_INTERNAL_ERROR,
    ALERT_DESCRIPTION_NO_RENEGOTIATION as ALERT_DESCRIPTION_NO_RENEGOTIATION,
    ALERT_DESCRIPTION_PROTOCOL_VERSION as ALERT_DESCRIPTION_PROTOCOL_VERSION,
    ALERT_DESCRIPTION_RECORD_OVERFLOW as ALERT_DESCRIPTION_RECORD_OVERFLOW,
    ALERT_DESCRIPTION_UNEXPECTED_MESSAGE as ALERT_DESCRIPTION_UNEXPECTED_MESSAGE,
    ALERT_DESCRIPTION_UNKNOWN_CA as ALERT_DESCRIPTION_UNKNOWN_CA,
    ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY as ALERT_DESCRIPTION_UNKNOWN_PSK_IDENTITY,
    ALERT_DESCRIPTION_UNRECOGNIZED_NAME as ALERT_DESCRIPTION_UNRECOGNIZED_NAME,
    ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE as ALERT_DESCRIPTION_UNSUPPORTED_CERTIFICATE,
    ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION as ALERT_DESCRIPTION_UNSUPPORTED_EXTENSION,
    ALERT_DESCRIPTION_USER_CANCELLED as ALERT_DESCRIPTION_USER_CANCELLED,
    CERT_NONE as CERT_NONE,
    CERT_OPTIONAL as CERT_OPTIONAL,
    CERT_REQUIRED as CERT_REQUIRED,
    CHANNEL_BINDING_TYPES as CHANNEL_BINDING_TYPES,
    HAS_ALPN as HAS_ALPN,
    HAS_ECDH as HAS_ECDH,
    HAS_NEVER_CHECK_COMMON_NAME as HAS_NEVER_CHECK_COMMON_NAME,
    HAS_NPN as HAS_NPN,
    HAS_SNI as HAS_SNI,
    OP_ALL as OP_ALL,
    OP_CIPHER_SERVER_PREFERENCE as OP_CIPHER_SERVER_PREFERENCE,
    OP_ENABLE_MIDDLEBOX_COMPAT as OP_ENABLE_MIDDLEBOX_COMPAT,
    OP_NO_COMPRESSION as OP_NO_COMPRESSION,
    OP_NO_RENEGOTIATION as OP_NO_RENEGOTIATION,
    OP_NO_TICKET as OP_NO_TICKET,
    OP_SINGLE_DH_USE as OP_SINGLE_DH_USE,
    OP_SINGLE_ECDH_USE as OP_SINGLE_ECDH_USE,
    OPENSSL_VERSION as OPENSSL_VERSION,
    OPENSSL_VERSION_INFO as OPENSSL_VERSION_INFO,
    OPENSSL_VERSION_NUMBER as OPENSSL_VERSION_NUMBER,
    PEM_FOOTER as PEM_FOOTER,
    PEM_HEADER as PEM_HEADER,
    PROTOCOL_TLS as PROTOCOL_TLS,
    PROTOCOL_TLS_CLIENT as PROTOCOL_TLS_CLIENT,
    PROTOCOL_TLS_SERVER as PROTOCOL_TLS_SERVER,
    SO_TYPE as SO_TYPE,
    SOL_SOCKET as SOL_SOCKET,
    SSL_ERROR_EOF as SSL_ERROR_EOF,
    SSL_ERROR_INVALID_ERROR_CODE as SSL_ERROR_INVALID_ERROR_CODE,
    SSL_ERROR_SSL as SSL_ERROR_SSL,
    SSL_ERROR_SYSCALL as SSL_ERROR_SYSCALL,
    SSL_ERROR_WANT_CONNECT as SSL_ERROR_WANT_CONNECT,
    SSL_ERROR_WANT_READ as SSL_ERROR_WANT_READ,
    SSL_ERROR_WANT_WRITE as SSL_ERROR_WANT_WRITE,
    SSL_ERROR_WANT_X509_LOOKUP as SSL_ERROR_WANT_X509_LOOKUP,
    SSL_ERROR_ZERO_RETURN as SSL_ERROR_ZERO_RETURN,
    VERIFY_ALLOW_PROXY_CERTS as VERIFY_ALLOW_PROXY_CERTS,
    VERIFY_CRL_CHECK_CHAIN as VERIFY_CRL_CHECK_CHAIN,
    VERIFY_CRL_CHECK_LEAF as VERIFY_CRL_CHECK_LEAF,
    VERIFY_DEFAULT as VERIFY_DEFAULT,
    VERIFY_X509_PARTIAL_CHAIN as VERIFY_X509_PARTIAL_CHAIN,
    VERIFY_X509_STRICT as VERIFY_X509_STRICT,
    VERIFY_X509_TRUSTED_FIRST as VERIFY_X509_TRUSTED_FIRST,
    AlertDescription as AlertDescription,
    CertificateError as CertificateError,
    DefaultVerifyPaths as DefaultVerifyPaths,
    DER_cert_to_PEM_cert as DER_cert_to_PEM_cert,
    HAS_SSLv2 as HAS_SSLv2,
    HAS_SSLv3 as HAS_SSLv3,
    HAS_TLSv1 as HAS_TLSv1,
    HAS_TLSv1_1 as HAS_TLSv1_1,
    HAS_TLSv1_2 as HAS_TLSv1_2,
    HAS_TLSv1_3 as HAS_TLSv1_3,
    MemoryBIO as MemoryBIO,
    OP_NO_SSLv2 as OP_NO_SSLv2,
    OP_NO_SSLv3 as OP_NO_SSLv3,
    OP_NO_TLSv1 as OP_NO_TLSv1,
    OP_NO_TLSv1_1 as OP_NO_TLSv1_1,
    OP_NO_TLSv1_2 as OP_NO_TLSv1_2,
    OP_NO_TLSv1_3 as OP_NO_TLSv1_3,
    Options as Options,
    PEM_cert_to_DER_cert as PEM_cert_to_DER_cert,
    PROTOCOL_SSLv23 as PROTOCOL_SSLv23,
    PROTOCOL_TLSv1 as PROTOCOL_TLSv1,
    PROTOCOL_TLSv1_1 as PROTOCOL_TLSv1_1,
    PROTOCOL_TLSv1_2 as PROTOCOL_TLSv1_2,
    Purpose as Purpose,
    RAND_add as RAND_add,
    RAND_bytes as RAND_bytes,
    RAND_status as RAND_status,
    SSLCertVerificationError as SSLCertVerificationError,
    SSLEOFError as SSLEOFError,
    SSLError as SSLError,
    SSLErrorNumber as SSLErrorNumber,
    SSLSession as SSLSession,
    SSLSyscallError as SSLSyscallError,
    SSLWantReadError as SSLWantReadError,
    SSLWantWriteError as SSLWantWriteError,
    SSLZeroReturnError as SSLZeroReturnError,
    TLSVersion as TLSVersion,
    VerifyFlags as VerifyFlags,
    VerifyMode as VerifyMode,
    cert_time_to_seconds as cert_time_to_seconds,
    get_default_verify_paths as get_default_verify_paths,
    get_protocol_name as get_protocol_name,
    socket_error as socket_error,
)

from certpath._certpath import (
    Certificate as Certificate,
    CertificationPath as CertificationPath,
    CtLogs as CtLogs,
    Finding as Finding,
    IntermediatePool as IntermediatePool,
    Policy as Policy,
    RevocationSet as RevocationSet,
    TrustStore as TrustStore,
    Verdict as Verdict,
    VerdictReader as VerdictReader,
    Verdicts as Verdicts,
    Verifier as Verifier,
    __version__ as __version__,
    canonical_hostname as canonical_hostname,
)
from certpath._context import SSLContext as SSLContext
from certpath._errors import VerificationError as VerificationError, verdict_of as verdict_of
from certpath._functions import (
    _create_unverified_context as _create_unverified_context,
    create_default_context as create_default_context,
    get_server_certificate as get_server_certificate,
    match_hostname as match_hostname,
    wrap_socket as wrap_socket,
)
from certpath._injection import (
    extract_from_ssl as extract_from_ssl,
    inject_into_ssl as inject_into_ssl,
    injection_report as injection_report,
)
from certpath._older_contexts import InjectionWarning as InjectionWarning, Unjudged as Unjudged
from certpath._remedies import Remedy as Remedy
from certpath._sockets import SSLObject as SSLObject, SSLSocket as SSLSocket

if sys.version_info >= (3, 13):
    from ssl import HAS_PSK as HAS_PSK
if sys.version_info >= (3, 15):
    from ssl import HAS_PSK_TLS13 as HAS_PSK_TLS13, get_sigalgs as get_sigalgs
if sys.version_info >= (3, 14):
    from ssl import HAS_PHA as HAS_PHA
if sys.version_info < (3, 12):
    from ssl import RAND_pseudo_bytes as RAND_pseudo_bytes
if sys.platform == "win32":
    from ssl import enum_certificates as enum_certificates, enum_crls as enum_crls
if sys.version_info >= (3, 12):
    from ssl import OP_ENABLE_KTLS as OP_ENABLE_KTLS, OP_LEGACY_SERVER_CONNECT as OP_LEGACY_SERVER_CONNECT
if sys.version_info >= (3, 11) or sys.platform == "linux":
    from ssl import OP_IGNORE_UNEXPECTED_EOF as OP_IGNORE_UNEXPECTED_EOF

# What checks signatures, for people: "aws-lc-rs", and the library that checks eight at once for batches, or why not.
backend: str

_create_default_https_context = create_default_context
_create_stdlib_context = _create_unverified_context
