"""Clients of the world, each making one exchange with a server; run in a process of its own.

    python uses.py NAME KIND < JSON

KIND is ``plain`` (`ssl` itself), ``context`` (a `certpath.SSLContext`, handed over) or ``injected``
(`inject_into_ssl()` first). Standard input has the root's file and the ports by case; standard output
becomes the outcome of each case, how often certpath was asked, and what the injection did not reach.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Callable  # noqa: TC003 - a NamedTuple is made of it
from typing import Any, NamedTuple

import certpath


def library(name: str) -> Any:
    """A package that need not be there for the type checker."""
    return importlib.import_module(name)


class Given(NamedTuple):
    """What a client is given: the root's file, a port on localhost, and a context if it takes one."""

    root: str
    port: int
    context: Any

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/"


REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def run(main: Callable[[], Any], runner: Callable[[Any], Any] = asyncio.run) -> object:
    """The result of a coroutine, within a minute."""

    async def limited() -> object:
        return await asyncio.wait_for(main(), 60)

    return runner(limited())


def streams(given: Given, runner: Callable[[Any], Any] = asyncio.run) -> object:
    async def talk() -> bytes:
        reader, writer = await asyncio.open_connection("localhost", given.port, ssl=given.context)
        writer.write(REQUEST)
        answer = await reader.read()
        writer.close()
        return answer[-2:]

    return run(talk, runner)


def by_uvloop(given: Given) -> object:
    return streams(given, library("uvloop").run)


def by_trio(given: Given) -> object:
    trio = library("trio")

    async def talk() -> bytes:
        stream = await trio.open_ssl_over_tcp_stream(
            "localhost", given.port, ssl_context=given.context, https_compatible=True
        )
        async with stream:
            await stream.send_all(REQUEST)
            return b"".join([part async for part in stream])[-2:]

    return trio.run(talk)


def by_anyio(backend: str) -> Callable[[Given], object]:
    def use(given: Given) -> object:
        anyio = library("anyio")

        async def talk() -> bytes:
            stream = await anyio.connect_tcp(
                "localhost", given.port, ssl_context=given.context, tls_standard_compatible=False
            )
            async with stream:
                await stream.send(REQUEST)
                return b"".join([part async for part in stream])[-2:]

        return anyio.run(talk, backend=backend)

    return use


def by_websockets(given: Given) -> object:
    client = library("websockets.asyncio.client")

    async def talk() -> object:
        async with client.connect(f"wss://localhost:{given.port}/", ssl=given.context, proxy=None) as end:
            await end.send("ok")
            return await end.recv()

    return run(talk)


def by_websockets_in_threads(given: Given) -> object:
    client = library("websockets.sync.client")
    with client.connect(f"wss://localhost:{given.port}/", ssl=given.context, proxy=None) as end:
        end.send("ok")
        return end.recv()


def by_tornado(given: Given, **keywords: Any) -> object:
    httpclient = library("tornado.httpclient")

    async def get() -> object:
        client = httpclient.AsyncHTTPClient(force_instance=True)
        return (await client.fetch(given.url, **(keywords or {"ssl_options": given.context}))).body

    return run(get)


def by_tornado_itself(given: Given) -> object:
    return by_tornado(given, ca_certs=given.root)


def by_tornado_websocket(given: Given) -> object:
    websocket, httpclient = library("tornado.websocket"), library("tornado.httpclient")

    async def talk() -> object:
        request = httpclient.HTTPRequest(f"wss://localhost:{given.port}/", ssl_options=given.context)
        end = await websocket.websocket_connect(request)
        await end.write_message("ok")
        answer = await end.read_message()
        end.close()
        return answer

    return run(talk)


def by_urllib(given: Given) -> object:
    import urllib.request

    with urllib.request.urlopen(given.url, context=given.context, timeout=60) as response:  # noqa: S310 - https
        return response.read()


def by_requests(given: Given) -> object:
    return library("requests").get(given.url, verify=given.root, timeout=60).content


def by_httpx(given: Given) -> object:
    return library("httpx").get(given.url, verify=given.context, timeout=60).content


def by_aiohttp(given: Given) -> object:
    aiohttp = library("aiohttp")

    async def get() -> object:
        async with aiohttp.ClientSession() as session, session.get(given.url, ssl=given.context) as response:
            return await response.read()

    return run(get)


def with_truststore(given: Given) -> object:
    """Its context has the anchors of the system: the root, by way of an environment variable."""
    truststore = library("truststore")
    os.environ.update(SSL_CERT_FILE=given.root, SSL_CERT_DIR="/nowhere")
    context = truststore.SSLContext(library("ssl").PROTOCOL_TLS_CLIENT)
    return by_urllib(given._replace(context=context))


def by_redis(given: Given) -> object:
    redis = library("redis")
    keywords = {"ssl": True, "ssl_ca_certs": given.root, "retry": None, "socket_timeout": 60}
    with contextlib.closing(redis.Redis("localhost", given.port, **keywords)) as client:
        return b"ok" if client.ping() else b""


def by_redis_in_asyncio(given: Given) -> object:
    redis = library("redis.asyncio")

    async def talk() -> object:
        client = redis.Redis(host="localhost", port=given.port, ssl=True, ssl_ca_certs=given.root, retry=None)
        try:
            return b"ok" if await client.ping() else b""
        finally:
            await client.aclose()

    return run(talk)


def by_asyncpg(given: Given) -> object:
    asyncpg = library("asyncpg")

    async def query() -> object:
        connection = await asyncpg.connect(
            host="localhost", port=given.port, user="postgres", database="postgres", ssl=given.context
        )
        try:
            return (await connection.fetchval("select 'ok'")).encode()
        finally:
            await connection.close()

    return run(query)


def by_boto3(given: Given) -> object:
    boto3, config = library("boto3"), library("botocore.config")
    client = boto3.client(
        "s3",
        endpoint_url=given.url.rstrip("/"),
        verify=given.root,
        aws_access_key_id="a",
        aws_secret_access_key="b",
        region_name="us-east-1",
        config=config.Config(retries={"max_attempts": 0}),
    )
    return client.list_buckets()["Buckets"][0]["Name"].encode()


def by_pymongo(given: Given) -> object:
    pymongo = library("pymongo")
    client = pymongo.MongoClient(
        "localhost", given.port, tls=True, tlsCAFile=given.root, serverSelectionTimeoutMS=5000,
        directConnection=True,
    )  # fmt: skip
    with client:
        return b"ok" if client.admin.command("ping")["ok"] else b""


def by_paho(given: Given) -> object:
    mqtt = library("paho.mqtt.client")
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.tls_set_context(given.context)
    answers: list[object] = []
    client.on_connect = lambda *given: answers.append(given[3])
    client.connect("localhost", given.port)
    for _ in range(60):
        if answers:
            break
        client.loop(timeout=1.0)
    client.disconnect()
    return b"ok" if answers else b""


def by_aiosmtplib(given: Given) -> object:
    aiosmtplib = library("aiosmtplib")

    async def talk() -> object:
        client = aiosmtplib.SMTP(
            hostname="localhost", port=given.port, start_tls=True, tls_context=given.context, timeout=60
        )
        async with client:
            return b"ok" if (await client.noop()).code == 250 else b""

    return run(talk)


def by_pip(given: Given) -> object:
    """What it trusts comes from the environment, through the truststore that it brings along."""
    main = library("pip._internal.cli.main").main
    os.environ.update(SSL_CERT_FILE=given.root, SSL_CERT_DIR="/nowhere")
    log = os.path.join(folder := tempfile.mkdtemp(), "log")  # noqa: PTH118 - as the command takes it
    code = main([
        "download", "--quiet", "--no-cache-dir", "--disable-pip-version-check", "--retries", "0", "--no-deps",
        "--log", log, "--dest", folder, "--index-url", f"{given.url}simple/", "demonstration",
    ])  # fmt: skip
    if code == 0 and any(name.endswith(".whl") for name in os.listdir(folder)):  # noqa: PTH208 - as above
        return b"ok"
    with open(log, encoding="utf-8") as lines:  # noqa: PTH123 - as above
        raise RuntimeError(lines.read())


class Use(NamedTuple):
    """A client: what the server has to speak, whether it takes a context, and what comes before all else."""

    server: str
    client: Callable[[Given], object]
    takes_context: bool = True
    first: str = ""


GEVENT = "import gevent.monkey; gevent.monkey.patch_all()"
EVENTLET = "import warnings; warnings.simplefilter('ignore'); import eventlet; eventlet.monkey_patch()"

USES = {
    "uvloop": Use("http", by_uvloop),
    "trio": Use("http", by_trio),
    "anyio on asyncio": Use("http", by_anyio("asyncio")),
    "anyio on trio": Use("http", by_anyio("trio")),
    "websockets": Use("websocket", by_websockets),
    "websockets, threads": Use("websocket", by_websockets_in_threads),
    "tornado": Use("http", by_tornado),
    "tornado, its own context": Use("http", by_tornado_itself, takes_context=False),
    "tornado, websocket": Use("websocket", by_tornado_websocket),
    "gevent, urllib": Use("http", by_urllib, first=GEVENT),
    "gevent, requests": Use("http", by_requests, takes_context=False, first=GEVENT),
    "eventlet, urllib": Use("http", by_urllib, first=EVENTLET),
    "eventlet, requests": Use("http", by_requests, takes_context=False, first=EVENTLET),
    "requests": Use("http", by_requests, takes_context=False),
    "httpx": Use("http", by_httpx),
    "aiohttp": Use("http", by_aiohttp),
    "truststore": Use("http", with_truststore, takes_context=False),
    "redis": Use("redis", by_redis, takes_context=False),
    "redis, asyncio": Use("redis", by_redis_in_asyncio, takes_context=False),
    "asyncpg": Use("postgres", by_asyncpg),
    "boto3": Use("http", by_boto3, takes_context=False),
    "pymongo": Use("mongo", by_pymongo, takes_context=False),
    "paho-mqtt": Use("mqtt", by_paho),
    "aiosmtplib": Use("smtp", by_aiosmtplib),
    "pip, truststore": Use("http", by_pip, takes_context=False),
}


def message_of(error: BaseException) -> str | None:
    """The message of the verification that has failed, wherever it is below an exception."""
    pending: list[object] = [error]
    seen: list[object] = []
    while pending:
        one = pending.pop(0)
        if any(one is known for known in seen):
            continue
        seen.append(one)
        if message := getattr(one, "verify_message", None):
            return str(message)
        if isinstance(one, BaseException):
            pending += [one.__cause__, one.__context__, *one.args, *vars(one).values()]
            pending += getattr(one, "exceptions", ())
        elif isinstance(one, (list, tuple)):
            pending += one
    # Some libraries keep nothing but the text.
    _, _, text = str(error).partition("certificate verify failed: ")
    for end in (" (", " - skipping", "')", '")'):
        text = text.partition(end)[0]
    return text or None


def outcome(client: Callable[[Given], object], given: Given) -> str:
    """``ok``, the message of the verification, or what else went wrong."""
    try:
        answer = client(given)
    except Exception as error:  # noqa: BLE001 - every library has its own
        message = message_of(error)
        return f"{type(error).__name__}: {error}"[-300:] if message is None else message.rstrip(". ")
    return "ok" if answer in {b"ok", "ok"} else f"answered {answer!r}"


def main() -> None:
    """One client, all cases."""
    name, kind = sys.argv[1:]
    use = USES[name]
    exec(use.first)  # noqa: S102 - written above
    if kind == "injected":
        certpath.inject_into_ssl()
    judged: list[int] = []
    ours: Any = certpath.SSLContext
    judge = ours._judge

    def counting(*given: Any) -> Any:
        judged.append(1)
        return judge(*given)

    ours._judge = counting
    settings = json.load(sys.stdin)
    module: Any = certpath if kind == "context" else library("ssl")
    outcomes = {}
    for case, port in settings["ports"].items():
        context = module.create_default_context(cafile=settings["root"])
        outcomes[case] = outcome(use.client, Given(settings["root"], port, context))
    missed = [f"{one.kind} {one.place}" for one in certpath.injection_report()]
    result = json.dumps({"outcomes": outcomes, "judged": len(judged), "missed": missed})
    print(f"\n{result}", flush=True)
    # Event loops and threads of libraries are nobody's business any more.
    os._exit(0)


if __name__ == "__main__":
    main()
