"""certpath beside gevent and eventlet, in every order of importing, patching and injecting.

Each case is a process of its own, because patching is for good.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.authority import Authority

PATCH = {
    "gevent": "import gevent.monkey; gevent.monkey.patch_all()",
    "eventlet": "import eventlet; eventlet.monkey_patch()",
}
STEPS = {"import": "import certpath", "inject": "import certpath; certpath.inject_into_ssl()"}
ORDERS = [
    ("import", "patch"),
    ("patch", "import"),
    ("import", "patch", "inject"),
    ("patch", "inject"),
    ("inject", "patch"),
]

# A server on loopback sends "hello" to whoever completes a handshake; the client says what became of it.
USE = """
import socket, ssl, sys, threading
root, expired, good = sys.argv[1:4]
module = ssl if "inject" in sys.argv[4] else certpath

def serve(listener, leaf, ended):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf)
    try:
        with context.wrap_socket(listener.accept()[0], server_side=True) as end:
            end.sendall(b"hello")
            ended.append(end.recv(10))
    except OSError as error:
        ended.append(type(error).__name__)

def outcome(leaf, **changes):
    listener, ended = socket.create_server(("127.0.0.1", 0)), []
    thread = threading.Thread(target=serve, args=(listener, leaf, ended))
    thread.start()
    context = module.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(root)
    context.options |= ssl.OP_NO_COMPRESSION
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for name, value in changes.items():
        setattr(context, name, value)
    seen = []
    context._msg_callback = lambda *message: seen.append(message)
    assert isinstance(context, certpath.SSLContext) or "inject" in sys.argv[4], type(context)
    sock = socket.create_connection(listener.getsockname())
    try:
        end = context.wrap_socket(sock, server_hostname="localhost")
        got = end.recv(10)
    except ssl.SSLCertVerificationError as error:
        got = error.verify_code
        # The peer need not wait for the collector.
        thread.join(20)
        assert not thread.is_alive()
    sock.close()
    if got == b"hello":
        end.close()
    thread.join(20)
    assert seen
    return got

def refused_client(leaf):
    listener = socket.create_server(("127.0.0.1", 0))
    context = module.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(good)
    context.load_verify_locations(root)
    context.verify_mode = ssl.CERT_REQUIRED

    def connect():
        client = module.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname = False
        client.verify_mode = ssl.CERT_NONE
        client.load_cert_chain(leaf)
        try:
            with client.wrap_socket(socket.create_connection(listener.getsockname())) as end:
                end.recv(1)
        except OSError:
            pass

    thread = threading.Thread(target=connect)
    thread.start()
    try:
        context.wrap_socket(listener.accept()[0], server_side=True)
    except ssl.SSLCertVerificationError as error:
        return error.verify_code, error.verdict.verify_code
    finally:
        thread.join(20)

assert refused_client(expired) == (10, 10), "client"
assert outcome(good) == b"hello", "good"
assert outcome(expired) == 10, "expired"
assert outcome(expired, check_hostname=False, verify_mode=ssl.CERT_NONE) == b"hello", "CERT_NONE"
assert type(module.create_default_context(cafile=root)).__mro__, "default"
print("fine")
"""


@pytest.mark.parametrize("library", PATCH)
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_connections_are_judged_in_any_order(
    authority: Authority, library: str, order: tuple[str, ...]
) -> None:
    """Good chains pass, expired ones are refused with their code, CERT_NONE is obeyed; callbacks work.

    A client that is refused has its verdict, too.
    """
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    steps = [PATCH[library] if step == "patch" else STEPS[step] for step in order]
    program = "import warnings; warnings.simplefilter('ignore')\n" + "\n".join([*steps, USE])
    run = subprocess.run(  # noqa: S603 - our own program
        [
            sys.executable,
            "-c",
            program,
            authority.root_file,
            authority.chain_file("expired"),
            authority.chain_file("good"),
            "-".join(order),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert run.stdout == "fine\n", run.stderr
