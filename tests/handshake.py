"""What the standard library's `ssl` says about a chain: a TLS handshake in memory."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pki

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["handshake", "verified_chain"]


def handshake(
    chain: Sequence[pki.Entity], trusted: Sequence[pki.Entity], **settings: Any
) -> ssl.SSLError | None:
    """Present `chain`; the exception of the side that verifies, ``None`` if it is content.

    The settings are those of `shake`.
    """
    return shake(chain, trusted, **settings)[0]


def verified_chain(chain: Sequence[pki.Entity], trusted: Sequence[pki.Entity]) -> list[Any]:
    """The certificate objects of `ssl` itself, after a successful handshake."""
    refusal, side = shake(chain, trusted)
    assert refusal is None
    found: list[Any] = side._sslobj.get_verified_chain()  # type: ignore[attr-defined]
    return found


def shake(
    chain: Sequence[pki.Entity],
    trusted: Sequence[pki.Entity],
    *,
    host: str | None = pki.HOST,
    flags: int | None = None,
    verifier_is_server: bool = False,
    crls: Sequence[bytes] = (),
) -> tuple[ssl.SSLError | None, ssl.SSLObject]:
    """Present `chain` to a side that verifies it: that side's exception, if any, and the side.

    `flags` of ``None`` are those that a plain context starts with; `host` is for clients only.
    """
    roles = [ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER]
    verifying = ssl.SSLContext(roles[verifier_is_server])
    verifying.check_hostname = host is not None and not verifier_is_server
    verifying.verify_mode = ssl.CERT_REQUIRED
    verifying.load_verify_locations(cadata=b"".join(one.der for one in trusted))
    if flags is not None:
        verifying.verify_flags = ssl.VerifyFlags(flags)
    presenting = ssl.SSLContext(roles[not verifier_is_server])
    presenting.check_hostname = False
    presenting.verify_mode = ssl.CERT_NONE
    # Whatever it is told to present, it shall.
    presenting.set_ciphers("ALL:@SECLEVEL=0")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "chain.pem")
        file.write_text(chain[0].key_pem + pki.chain_pem(chain))
        presenting.load_cert_chain(file)
        if verifier_is_server:
            own = pki.three()[0]
            file.write_text(own.key_pem + own.pem)
            verifying.load_cert_chain(file)
        if crls:
            file.write_text("".join(map(pki.crl_pem, crls)))
            verifying.load_verify_locations(cafile=file)
    to_verifier, to_presenter = ssl.MemoryBIO(), ssl.MemoryBIO()
    name = None if verifier_is_server else host
    sides = [
        verifying.wrap_bio(to_verifier, to_presenter, server_side=verifier_is_server, server_hostname=name),
        presenting.wrap_bio(to_presenter, to_verifier, server_side=not verifier_is_server),
    ]
    for _ in range(10):
        refusals = [_step(side) for side in sides]
        if isinstance(refusals[0], ssl.SSLWantReadError) or refusals[0] is None:
            if refusals == [None, None]:
                return None, sides[0]
            continue
        return refusals[0], sides[0]
    raise AssertionError(f"the handshake does not end: {sides}")


def _step(side: ssl.SSLObject) -> ssl.SSLError | None:
    try:
        side.do_handshake()
    except ssl.SSLError as error:
        return error
    return None
