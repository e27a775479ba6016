"""Chains and CRLs with one or more elements twisted, signed again, and judged by OpenSSL and by certpath.

A case is made from two numbers, the run's seed and its own, so each can be made again by itself; only keys
and signatures are new in each process.
"""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import functools
import itertools
import multiprocessing
import random
import ssl
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import certpath

from crosscheck import openssl
from crosscheck.hierarchies import (
    CERTIFICATES,
    DONORS,
    EXTENSIONS,
    LISTS,
    Hierarchy,
    Template,
)
from crosscheck.trees import Element, element_at, places, spliced, twist
from crosscheck.verdicts import CANNOT_BE_JUDGED, follows, listed_reasons

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crosscheck.cases import Case, Settings

__all__ = ["BATCH", "Mutant", "Totals", "batch", "compare", "mutant", "our_verdicts", "run"]

BATCH = 500
# X509_V_ERR_UNSPECIFIED and X509_V_ERR_INVALID_EXTENSION: RFC 3779 lists that cannot be compared.
_INCOMPARABLE = {1, 41}
# What comes of an extension or a key that only later releases of OpenSSL read.
_READ_OTHERWISE = {"invalid_extension", "leaf_key_too_weak"}
# What OpenSSL does not ask of delta CRLs, and what it may come to for that; how one is told.


class Mutant(NamedTuple):
    """A case, what it was made of, and what OpenSSL has to be asked."""

    case: Case
    hierarchy: str
    what: str
    may_be_passed_over: bool = False
    """Whether a search could do without what is twisted."""


def _signed(tree: Element, template: Template) -> bytes:
    """The whole of it, under a new signature where there is something to sign."""
    if tree.children is None or len(tree.children) != 3:
        return tree.octets
    tbs, algorithm, signature = tree.children
    if tbs.octets != template.tbs:
        signature = Element(0x03, b"\0" + template.sign(tbs.octets))
    return tree.holding([tbs, algorithm, signature]).octets


def _extension_twisted(
    chance: random.Random, tree: Element, place: tuple[int, ...], new: Sequence[Element]
) -> Element:
    """One more extension, another one in the place of one, one twice, or the other criticality."""
    listed = element_at(tree, place)
    children = list(listed.children or ())
    at = chance.randrange(len(children))
    how = chance.randrange(4)
    if how == 0:
        children.insert(chance.randrange(len(children) + 1), chance.choice(new))
    elif how == 1:
        children.insert(chance.randrange(len(children) + 1), children[at])
    elif how == 2:
        oid = (children[at].children or (children[at],))[0].octets
        same = [one for one in new if one.children and one.children[0].octets == oid]
        children[at] = chance.choice(same or new)
    else:
        parts = list(children[at].children or ())
        if len(parts) == 3:
            del parts[1]
        else:
            parts.insert(1, Element(0x01, chance.choice([b"\xff", b"\0", b"\x01"])))
        children[at] = children[at].holding(parts)
    return spliced(tree, place, [listed.holding(children)])


def _twisted(
    chance: random.Random, template: Template, donors: Sequence[Element], *, of_list: bool
) -> Element:
    """One to three twists, most of them in what is signed."""
    if chance.random() < 0.05:
        return _known_instead(chance, template)
    tree = template.tree
    if template.extensions and chance.random() < (0.4 if of_list else 0.2):
        tree = _extension_twisted(chance, tree, chance.choice(template.extensions), EXTENSIONS()[of_list])
        if chance.random() < 0.7:
            return tree
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        # What was twisted is another tree: its parts are where they are now.
        if tree is not template.tree:
            where = [one for one in places(tree) if one[:1] == (0,)]
        elif template.values and chance.random() < 0.4:
            where = template.values
        else:
            where = template.places
        place = chance.choice(where)
        tree = spliced(tree, place, twist(chance, element_at(tree, place), donors))
        if len(tree.children or ()) != 3:
            break
    return tree


def _mutated(chance: random.Random, template: Template, *, of_list: bool) -> Element:
    """Twisted; where the algorithm inside has changed, the one outside mostly does too."""
    tree = _twisted(chance, template, DONORS(), of_list=of_list)
    inner = _at(tree, template.inner_algorithm)
    if (
        inner is not None
        and len(tree.children or ()) == 3
        and inner.octets != element_at(template.tree, template.inner_algorithm).octets
        and chance.random() < 0.7
    ):
        return spliced(tree, (1,), [inner])
    return tree


@functools.cache
def _identifiers() -> list[list[bytes]]:
    """Signature algorithms, curves, everything. Sorted: their order in OpenSSL is that of its own numbers."""
    kinds = openssl.signature_algorithms(), openssl.curves(), openssl.identifiers()
    return [sorted(set(kind)) for kind in kinds]


def _known_instead(chance: random.Random, template: Template) -> Element:
    """An OID that OpenSSL knows in the place of one, mostly one of the same kind."""
    place = chance.choice(template.identifiers)
    present = element_at(template.tree, place).contents
    kinds = _identifiers()
    of_its_kind = next((kind for kind in kinds if present in kind), kinds[-1])
    chosen = chance.choice(of_its_kind if chance.random() < 0.8 else kinds[-1])
    return spliced(template.tree, place, [Element(0x06, chosen)])


def _at(tree: Element, place: tuple[int, ...]) -> Element | None:
    """What stands there, if the twists have left such a place."""
    try:
        return element_at(tree, place)
    except IndexError:
        return None


def hierarchies() -> list[Hierarchy]:
    """Everything that mutants are made from."""
    return [*CERTIFICATES(), *LISTS()]


def mutant(seed: int, number: int, *, of_list: bool = False) -> Mutant:
    """The mutant with that number."""
    chance = random.Random(f"{seed} {number} {of_list}")
    hierarchy = chance.choice(LISTS() if of_list else CERTIFICATES())
    return (_list_mutant if of_list else _certificate_mutant)(chance, hierarchy)


def _list_mutant(chance: random.Random, hierarchy: Hierarchy) -> Mutant:
    built = [template.der for template in hierarchy.lists]
    at = chance.randrange(len(built))
    template = hierarchy.lists[at]
    built[at] = _signed(_mutated(chance, template, of_list=True), template)
    flags = hierarchy.settings.flags
    for flag, share in ((0x8, 0.1), (0x10, 0.1), (0x1000, 0.1), (0x2000, 0.1)):
        flags |= flag if chance.random() < share else 0
    settings = dataclasses.replace(hierarchy.settings, flags=flags)
    return Mutant(hierarchy.case(crls=tuple(built), settings=settings), hierarchy.name, f"list {at}")


def _certificate_mutant(chance: random.Random, hierarchy: Hierarchy) -> Mutant:
    at = chance.randrange(len(hierarchy.certificates))
    template = hierarchy.certificates[at]
    tree = _mutated(chance, template, of_list=False)
    twisted = {at: _signed(tree, template)}
    subject, own = _at(tree, template.subject), _at(template.tree, template.subject)
    if subject is not None and own is not None and subject.octets != own.octets and chance.random() < 0.7:
        # Whoever it has issued says so.
        for below, other in enumerate(hierarchy.certificates):
            base = tree if below == at else other.tree
            issuer = _at(base, other.issuer)
            if issuer is None or issuer.octets != own.octets or (below == at and chance.random() < 0.3):
                continue
            twisted[below] = _signed(spliced(base, other.issuer, [subject]), other)
    # A sound twin beside it: who passes over one of them comes to the other.
    twin = chance.choice([0, 0, 0, 1, 2]) if at in hierarchy.with_twin else 0

    def built(places: Sequence[int]) -> Iterator[bytes]:
        for place in places:
            sound = hierarchy.certificates[place].der
            if place == at and twin == 1:
                yield sound
            yield twisted.get(place, sound)
            if place == at and twin == 2:
                yield sound

    case = hierarchy.case(tuple(built(hierarchy.presented)), tuple(built(hierarchy.trusted)))
    return Mutant(
        case, hierarchy.name, f"certificate {at}, twin {twin}", twin != 0 or at > min(hierarchy.trusted)
    )


class Breach(NamedTuple):
    """The numbers that make the mutant again, and what it is."""

    seed: int
    number: int
    of_list: bool
    what: str

    def __str__(self) -> str:
        return f"mutant({self.seed}, {self.number}, of_list={self.of_list}): {self.what}"


@dataclasses.dataclass
class Totals:
    """What has been counted, and the first mutant of each kind that breaks the contract."""

    outcomes: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    breaches: dict[str, Breach] = dataclasses.field(default_factory=dict)
    seconds: float = 0.0

    @property
    def mutants(self) -> int:
        """All of them."""
        return sum(self.outcomes.values())

    @property
    def false_accepts(self) -> int:
        """Accepted here, by the same rules or by a search, and refused by OpenSSL."""
        return sum(count for kind, count in self.outcomes.items() if kind.startswith("false accept"))

    def add(self, other: Totals) -> None:
        self.outcomes.update(other.outcomes)
        for kind, where in other.breaches.items():
            self.breaches.setdefault(kind, where)

    def table(self) -> str:
        lines = [f"{'outcome':<72} {'mutants':>9}"]
        lines += [f"{name:<72} {count:>9}" for name, count in sorted(self.outcomes.items())]
        lines.append(f"{'all':<72} {self.mutants:>9}")
        lines.append(f"{'false accepts':<72} {self.false_accepts:>9}")
        lines.append(f"{self.seconds:.0f} seconds")
        return "\n".join(lines)


def our_verdicts(mutants: Sequence[Mutant]) -> list[certpath.Verdict | None]:
    """Of all of them; ``None`` where the store or the lists are refused. Equal verifiers are made once."""
    groups: dict[tuple[object, ...], list[int]] = collections.defaultdict(list)
    for number, one in enumerate(mutants):
        groups[one.case.trusted, one.case.crls, one.case.settings].append(number)
    verdicts: list[certpath.Verdict | None] = [None] * len(mutants)
    for numbers in groups.values():
        case = mutants[numbers[0]].case
        verifier = _verifier(case)
        if verifier is None:
            continue
        chains = [mutants[number].case.chain for number in numbers]
        found = verifier.check_many(chains, [case.settings.name] * len(chains), threads=1)
        for number, verdict in zip(numbers, found, strict=True):
            verdicts[number] = verdict
    return verdicts


def _verifier(case: Case) -> certpath.Verifier | None:
    store = _store(case.trusted)
    if store is None:
        return None
    settings = case.settings
    policy = _policy(settings.flags, settings.security_level, settings.hostname_checks_common_name)
    try:
        return certpath.Verifier(store, policy=policy, crls=case.crls or None)
    except ValueError:
        return None


@functools.lru_cache(512)
def _store(trusted: tuple[bytes, ...]) -> certpath.TrustStore | None:
    try:
        return certpath.TrustStore.from_der(trusted)
    except ValueError:
        return None


@functools.cache
def _policy(flags: int, security_level: int, common_name: bool) -> certpath.Policy:
    return certpath.Policy.ssl(flags, security_level=security_level, hostname_checks_common_name=common_name)


def _holds_nothing_in_the_long_form(case: Case) -> bool:
    """Whether there may be a length of zero in the long form: ``81 00``, ``82 00 00`` and so on."""
    written = [bytes([0x80 + count]) + bytes(count) for count in range(1, 127)]
    return any(length in der for der in (*case.chain, *case.trusted) for length in written)


def compare(theirs: int, ours: certpath.Verdict | None, case: Case) -> str:
    """How the two verdicts compare; a name that ends with ``!`` is a breach of docs/parity.md."""
    if ours is not None and ours.ok:
        return "accepted" if theirs == 0 else f"false accept: {theirs}!"
    if theirs < 0:
        return "does not parse"
    if ours is None or ours.status == "unparseable":
        return "stricter: does not parse here" if theirs == 0 else "refused otherwise: does not parse here"
    main = ours.findings[0].name
    if main == "unnested_resource" and theirs in _INCOMPARABLE:
        # Whatever would have to be compared: lists that are not in canonical form too.
        return f"refused otherwise: {theirs}, here {main}"
    if (
        main in _READ_OTHERWISE
        and follows("long_form_of_nothing_read")
        and _holds_nothing_in_the_long_form(case)
    ):
        return f"refused otherwise: {theirs}, nothing in the long form"
    if main == "digest_too_weak" and theirs == 7 and ssl.OPENSSL_VERSION_INFO >= (3, 2):
        # Parameters of RSASSA-PSS that cannot be read are weak before, and no signature from then on.
        return f"refused otherwise: {theirs}, here {main}"
    # Also where it leads to another finding: OpenSSL passes over an issuer whose key it cannot decode.
    beyond = [finding.name for finding in ours.findings if finding.name in CANNOT_BE_JUDGED]
    if theirs == 0:
        return f"stricter: {main}" + ("" if main in listed_reasons() or beyond else "!")
    if ours.verify_code == theirs:
        return f"refused: {theirs}"
    if beyond:
        return f"refused otherwise: {theirs}, here {beyond[0]}"
    return f"refused with another code: {theirs}, here {main}!"


def batch(seed: int, start: int, count: int, *, of_lists: bool) -> Totals:
    """So many mutants in this process."""
    totals = Totals()
    mutants = [mutant(seed, number, of_list=of_lists) for number in range(start, start + count)]
    for number, (one, ours) in enumerate(zip(mutants, our_verdicts(mutants), strict=True), start):
        case = one.case
        theirs = openssl.verdict(case.chain, case.trusted, case.crls, openssl_settings(case))
        if theirs == openssl.NO_STORE and one.may_be_passed_over and not of_lists:
            # A context passes over anchors that it cannot read.
            trusted = openssl.readable(case.trusted)
            theirs = openssl.verdict(case.chain, trusted, case.crls, openssl_settings(case))
        outcome = compare(theirs, ours, case)
        is_read = ours is not None and ours.status != "unparseable"
        if theirs < 0 and is_read and not one.may_be_passed_over and _is_accepted_by_search(case):
            outcome = f"false accept by a search: {theirs}!"
        kind = outcome.removesuffix("!")
        totals.outcomes[kind] += 1
        if outcome.endswith("!"):
            breach = Breach(seed, number, of_lists, f"{one.hierarchy}, {one.what}")
            totals.breaches.setdefault(kind, breach)
    return totals


def _is_accepted_by_search(case: Case) -> bool:
    """Whether `Policy.webpki` accepts: anchors and pinned end entities are nothing that webpki looks at."""
    store = _store(case.trusted)
    if store is None:
        return False
    try:
        verifier = certpath.Verifier(store, policy=_searching(bool(case.crls)), crls=case.crls or None)
    except ValueError:
        return False
    return verifier.check(case.chain, case.settings.name).ok


@functools.cache
def _searching(with_lists: bool) -> certpath.Policy:
    return certpath.Policy.webpki(crl_check="leaf" if with_lists else None)


def openssl_settings(case: Case) -> openssl.Settings:
    """The case's settings, as OpenSSL is told them."""
    return _told(case.settings)


@functools.cache
def _told(settings: Settings) -> openssl.Settings:
    return openssl.Settings(**dataclasses.asdict(settings))


def run(count: int, lists: int, seed: int, jobs: int = 1, *, progress: bool = False) -> Totals:
    """`count` chains and `lists` CRLs, in batches."""
    began = time.monotonic()
    work = [
        (seed, start, min(BATCH, total - start), of_lists)
        for total, of_lists in ((count, False), (lists, True))
        for start in range(0, total, BATCH)
    ]
    totals = Totals()
    if jobs == 1:
        done: Iterator[Totals] = itertools.starmap(_batch, work)
        _gather(totals, done, len(work), progress=progress)
    else:
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(jobs, mp_context=context) as pool:
            _gather(
                totals, pool.map(_batch, *zip(*work, strict=True), chunksize=4), len(work), progress=progress
            )
    totals.seconds = time.monotonic() - began
    return totals


def _batch(seed: int, start: int, count: int, of_lists: bool) -> Totals:
    return batch(seed, start, count, of_lists=of_lists)


def _gather(totals: Totals, done: Iterator[Totals], batches: int, *, progress: bool) -> None:
    for number, one in enumerate(done, 1):
        totals.add(one)
        if progress and number * 50 // batches != (number - 1) * 50 // batches:
            print(
                f"{number} of {batches} batches, {totals.false_accepts} false accepts",
                file=sys.stderr,
                flush=True,
            )
