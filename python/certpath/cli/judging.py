"""Who judges, and the judgement: options to a verifier, chains to rows."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from certpath import CtLogs, IntermediatePool, TrustStore, Verifier
from certpath._certpath import _merge as _merge_stores
from certpath.cli.inputs import Unjudged
from certpath.cli.options import REVOCATION_SETS, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from certpath import RevocationSet, Verdict
    from certpath._certpath import Status
    from certpath.cli.inputs import Presented
    from certpath.cli.options import Options

__all__ = ["Row", "judge", "load_store", "load_stores", "make_verifier"]

_BUILT_IN = {
    "mozilla": TrustStore.mozilla,
    "chrome": TrustStore.chrome,
    "microsoft": TrustStore.microsoft,
    "system": TrustStore.system,
}
_SHOWN = 10
# Chains that are judged together, and octets of them with which there are enough.
_AT_ONCE, _OCTETS_AT_ONCE = 256, 16 << 20


@dataclass(frozen=True)
class Row:
    """One line of the results: a file and what was found out about its chain."""

    file: str
    verdict: Verdict
    """For a file that holds no chain: the verdict on an empty one."""
    unjudged: Unjudged | None = None
    """Why there was no chain to judge."""

    @property
    def ok(self) -> bool:
        """The chain is accepted."""
        return self.verdict.ok

    @property
    def status(self) -> Status:
        """The verdict's status, or why the chain was not judged."""
        return self.verdict.status if self.unjudged is None else self.unjudged.status

    @property
    def message(self) -> str:
        """What `ssl` would say, or why there was nothing to judge."""
        return self.verdict.verify_message if self.unjudged is None else self.unjudged.complaint

    @property
    def reason(self) -> str:
        """The name of the main finding; the status where there is none."""
        if self.unjudged is None and self.verdict.findings:
            return self.verdict.findings[0].name
        return self.status

    @property
    def complaint(self) -> str | None:
        """What the user should hear about the file itself, as opposed to its chain."""
        if self.unjudged is not None:
            return self.unjudged.complaint
        if self.status in {"unparseable", "no_certificate", "input_error"}:
            return self.verdict.findings[0].detail
        return None

    @property
    def misplaced(self) -> str | None:
        """That another certificate of the file speaks for the name, where the first does not."""
        for finding in self.verdict.findings if self.unjudged is None else ():
            if finding.name.endswith("_mismatch") and "number" in finding.facts:
                name, number = self.verdict.name, finding.facts["number"]
                return (
                    f"the certificate for {name} is number {number} of the file; the end entity comes first"
                )
        if self.unjudged is None and "ca_first" in self.verdict.deployment:
            return (
                "the first certificate is a CA, and an end entity comes after it; the end entity comes first"
            )
        return None

    @property
    def sent(self) -> str | None:
        """What is wrong with the chain as it was sent; ``None`` if nothing is."""
        faults = self.verdict.deployment if self.unjudged is None else ()
        return ", ".join(faults).replace("_", " ") or None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form: ``file`` and the keys of `Verdict.to_dict`."""
        fields = {"file": self.file, **self.verdict.to_dict()}
        if self.unjudged is not None:
            fields.update(status=self.status, verify_message=self.message, findings=[])
        return fields


def judge(verifier: Verifier, chains: Iterable[Presented], options: Options) -> Iterator[Row]:
    """A row for each of the `chains`, in order, on all cores."""
    waiting: list[Presented] = []
    octets = 0
    for presented in chains:
        waiting.append(presented)
        octets += 0 if isinstance(presented.chain, Unjudged) else sum(map(len, presented.chain))
        if len(waiting) == _AT_ONCE or octets > _OCTETS_AT_ONCE:
            yield from _judge(verifier, waiting, options)
            waiting, octets = [], 0
    yield from _judge(verifier, waiting, options)


def _judge(verifier: Verifier, presented: Sequence[Presented], options: Options) -> Iterator[Row]:
    verdicts = verifier.check_many(
        [[] if isinstance(one.chain, Unjudged) else one.chain for one in presented],
        options.name,
        at=options.at,
        threads=options.scan.threads,
        memory=options.scan.memory,
    )
    for one, verdict in zip(presented, verdicts, strict=True):
        yield Row(one.file, verdict, one.chain if isinstance(one.chain, Unjudged) else None)


def make_verifier(options: Options, *, warn: Callable[[str], None]) -> Verifier:
    """The verifier that `options` ask for; `warn` hears about certificates that were left out.

    Raises `UsageError` if roots or revocation lists cannot be read.
    """
    stores, make = load_stores(options, warn=warn)
    return make(stores)


def load_stores(
    options: Options, *, warn: Callable[[str], None]
) -> tuple[list[TrustStore], Callable[[Sequence[TrustStore]], Verifier]]:
    """The stores that `options` name, and what makes a verifier as they ask for it, with whatever stores.

    Raises `UsageError` as `make_verifier` does, and so does the latter if stores are too many or of one name.
    """
    is_verbose = options.loudness == "verbose"
    stores = [load_store(roots, warn, shown=None if is_verbose else _SHOWN) for roots in options.roots]
    for store in stores if is_verbose else ():
        version = ", ".join(str(one) for one in (store.version, store.date) if one is not None)
        warn(f"roots {store.name}: {len(store)} certificates{version and f', {version}'}")
    crls = _load_crls(options.crls, stores[0])
    more: dict[str, Any] = {
        "ct_logs": None if options.ct_logs is None else _load_ct_logs(options.ct_logs),
        "revocation_sets": [_load_set(kind, path) for kind, path in options.revocation_sets],
    }
    searches = options.policy.preset != "ssl"
    pool = None if options.intermediates is None else _load_pool(options.intermediates, warn)

    def make(stores: Sequence[TrustStore]) -> Verifier:
        if not searches:
            return Verifier(_merge(stores), policy=options.policy, crls=crls, **more)
        try:
            return Verifier(stores, pool=pool, policy=options.policy, crls=crls, **more)
        except ValueError as error:  # two stores of one name, or more than there is room for
            raise UsageError(f"--roots: {error}") from None

    return stores, make


@contextlib.contextmanager
def _named_if_wrong(option: str, value: str | Path) -> Iterator[None]:
    """What cannot be read is a `UsageError` that names the option and its value."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise UsageError(f"{option} {value}: {error}") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{option} {value}: {_reason(error).removeprefix(f'{value}: ')}") from None


def _load_pool(path: str, warn: Callable[[str], None]) -> IntermediatePool:
    with _named_if_wrong("--intermediates", path):
        pool = IntermediatePool.from_path(path)
    for sentence in pool.skipped:
        warn(f"--intermediates {path}: left out: {sentence}")
    return pool


def _load_set(kind: str, path: Path) -> RevocationSet:
    read, _ = REVOCATION_SETS[kind]
    with _named_if_wrong(f"--{kind}", path):
        return read(path)


def _load_ct_logs(path: Path) -> CtLogs:
    with _named_if_wrong("--ct-logs", path):
        return CtLogs.from_path(path)


def load_store(roots: str, warn: Callable[[str], None], *, shown: int | None = _SHOWN) -> TrustStore:
    """The store that `roots` names; `warn` hears of so many entries that were left out (``None``: of all).

    Raises `UsageError` if it cannot be read.
    """
    with _named_if_wrong("--roots", roots):
        if roots in _BUILT_IN:
            store = _BUILT_IN[roots]()
        else:
            name, path = _named(roots)
            store = TrustStore.from_path(path, name=name)
    # A programme's list may have hundreds of entries that are not trust anchors.
    for sentence in store.skipped[:shown]:
        warn(f"--roots {roots}: left out: {sentence}")
    if shown is not None and len(store.skipped) > shown:
        warn(f"--roots {roots}: left out: {len(store.skipped) - shown} more (-v names them)")
    return store


def _named(roots: str) -> tuple[str | None, str]:
    """``NAME=PATH``, unless there is a file of that very name."""
    name, equals, path = roots.partition("=")
    if equals and name and path and "/" not in name and os.sep not in name and not Path(roots).exists():
        return name, path
    return None, roots


def _merge(stores: Sequence[TrustStore]) -> TrustStore:
    """One store with the anchors of all, in order: OpenSSL knows no more than one."""
    if len(stores) == 1:
        return stores[0]
    merged = stores[0]
    for store in stores[1:]:
        merged = _merge_stores(merged, store, f"{merged.name}+{store.name}")
    return merged


def _load_crls(paths: Sequence[Path], store: TrustStore) -> list[bytes]:
    """The contents of the files; every file is tried by itself, so that an error can name it."""
    contents = []
    for path in paths:
        try:
            data = path.read_bytes()
            Verifier(store, crls=data)
        except (OSError, ValueError) as error:
            raise UsageError(f"--crl {path}: {_reason(error).removeprefix('crls: item 0: ')}") from None
        contents.append(data)
    return contents


def _reason(error: OSError | ValueError) -> str:
    """What went wrong, without the number and path that `OSError` puts around it."""
    return str(getattr(error, "strerror", None) or error.args[0])
