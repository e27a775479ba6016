"""The full search: a path is found exactly when there is one, all of them when asked, in bounded work."""

from __future__ import annotations

import itertools
import operator
import random
import signal
from typing import TYPE_CHECKING, Any, TypeAlias

import certpath
import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from support import pki

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Path: TypeAlias = tuple[bytes, ...]
"""A path by its fingerprints, end entity first."""

WEBPKI = certpath.Policy.webpki()


def store(name: str, *anchors: pki.Entity) -> certpath.TrustStore:
    return certpath.TrustStore.from_der([anchor.der for anchor in anchors], name=name)


def verifier(*stores: certpath.TrustStore, **options: Any) -> certpath.Verifier:
    return certpath.Verifier(stores, **{"policy": WEBPKI, **options})


def chain(*entities: pki.Entity) -> list[bytes]:
    return [entity.der for entity in entities]


def by_fingerprint(paths: Iterable[Sequence[certpath.Certificate]]) -> list[Path]:
    return [tuple(certificate.sha256 for certificate in path) for path in paths]


# Three levels of CAs below the root, two certificates for each, good or with one kind of trouble.

LEVELS = 3
TROUBLES: dict[str, dict[str, Any]] = {
    "expired": {"not_before": pki.at(2020), "not_after": pki.at(2021)},
    "misnamed": {"issuer_name": pki.names("Somebody else")},
    "wrong purpose": {
        "extensions": [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), False)],
    },
    "no CA": {"extensions": [(x509.BasicConstraints(ca=False, path_length=None), True)]},
    "bad signature": {"signer": pki.key("p256", "a stranger")},
    "name constrained": {
        "extensions": [
            (
                x509.NameConstraints(permitted_subtrees=[x509.DNSName("other.test")], excluded_subtrees=None),
                True,
            )
        ],
    },
}


@pytest.fixture(scope="module")
def levels() -> tuple[pki.Entity, list[pki.Entity]]:
    """The root and a sound CA for each level."""
    root = pki.issue("Levels root", ca=True)
    cas = [root]
    for level in range(LEVELS):
        cas.append(pki.issue(f"Level {level}", cas[-1], ca=True))
    return root, cas[1:]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_path_is_found_exactly_when_there_is_one(
    levels: tuple[pki.Entity, list[pki.Entity]], trouble: str
) -> None:
    """In every arrangement of good and bad certificates, and all valid paths are listed."""
    root, cas = levels
    issuers = [root, *cas]
    leaf = pki.issue("leaf of the levels", cas[-1])
    pairs = {
        good: [
            tuple(
                pki.issue(
                    f"Level {level}", issuers[level], own_key=cas[level].key, ca=True,
                    **({} if sound else TROUBLES[trouble]),
                )
                for sound in good
            )
            for level in range(LEVELS)
        ]
        for good in itertools.product([True, False], repeat=2)
    }  # fmt: skip
    judge = verifier(store("root", root))
    for arrangement in itertools.product(pairs, repeat=LEVELS):
        choices = [pairs[good][level] for level, good in enumerate(arrangement)]
        sound = [
            [one for one, good in zip(pair, goods, strict=True) if good]
            for pair, goods in zip(choices, arrangement, strict=True)
        ]
        expected = {
            (leaf.sha256, *(ca.sha256 for ca in reversed(ways)), root.sha256)
            for ways in itertools.product(*sound)
        }
        presented = chain(leaf, *itertools.chain.from_iterable(choices))
        verdict = judge.check(presented, pki.HOST, at=pki.AT)
        assert verdict.ok == bool(expected), (arrangement, str(verdict))
        found = by_fingerprint(judge.paths(presented, pki.HOST, at=pki.AT))
        assert len(found) == len(set(found))
        assert set(found) == expected
        if expected:
            assert verdict.path_sha256 == found[0], "the path of the verdict is the best one"


# Graphs of CAs that sign each other at random.


class Graph:
    """CAs with random cross-certificates, some expired; brute force knows all paths."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        self.count = rng.randint(2, 8)
        self.names = [f"Graph CA {index}" for index in range(self.count)]
        self.roots = [
            pki.issue(name, own_key=self.key(index), ca=True) for index, name in enumerate(self.names)
        ]
        self.edges: dict[int, list[tuple[int, pki.Entity, bool]]] = {index: [] for index in range(self.count)}
        density = rng.choice([0.2, 0.35, 0.5])
        for subject, issuer in itertools.permutations(range(self.count), 2):
            if rng.random() < density:
                current = rng.random() < 0.8
                cross = pki.issue(
                    self.names[subject],
                    self.roots[issuer],
                    own_key=self.key(subject),
                    ca=True,
                    not_after=pki.NOT_AFTER if current else pki.at(2021),
                )
                self.edges[subject].append((issuer, cross, current))
        self.leaf = pki.issue("leaf of the graph", self.roots[0])
        self.trusted = {
            name: sorted(rng.sample(range(self.count), rng.randint(1, min(3, self.count))))
            for name in ("one", "two", "three")
        }
        self.presented = [cross for edges in self.edges.values() for _, cross, _ in edges]
        rng.shuffle(self.presented)

    @staticmethod
    def key(index: int) -> pki.Key:
        """The key of a CA, the same in all its certificates."""
        return pki.key("p256", f"graph {index}")

    def paths(self, anchors: set[int]) -> set[Path]:
        """All simple paths of valid certificates to one of the anchors, by brute force."""
        found: set[Path] = set()

        def walk(ca: int, visited: tuple[int, ...], path: Path) -> None:
            if ca in anchors:
                found.add((*path, self.roots[ca].sha256))
            if len(path) > 6:
                return
            for issuer, cross, current in self.edges[ca]:
                if current and issuer not in visited:
                    walk(issuer, (*visited, issuer), (*path, cross.sha256))

        walk(0, (0,), (self.leaf.sha256,))
        return found

    def stores(self) -> list[certpath.TrustStore]:
        """One store for each choice of trusted CAs."""
        return [
            store(name, *(self.roots[index] for index in chosen)) for name, chosen in self.trusted.items()
        ]


@pytest.mark.parametrize("seed", range(40))
def test_all_paths_of_a_graph_are_those_of_brute_force(seed: int) -> None:
    """Whether the cross-certificates are presented or come from the pool."""
    graph = Graph(seed)
    anchors = set().union(*graph.trusted.values())
    stores = graph.stores()
    presented = verifier(*stores).paths(chain(graph.leaf, *graph.presented), pki.HOST, at=pki.AT)
    assert sorted(by_fingerprint(presented)) == sorted(graph.paths(anchors))
    if graph.presented:
        pool = certpath.IntermediatePool.from_der(chain(*graph.presented))
        lent = verifier(*stores, pool=pool).paths(chain(graph.leaf), pki.HOST, at=pki.AT)
        assert sorted(by_fingerprint(lent)) == sorted(graph.paths(anchors))


@pytest.mark.parametrize("seed", range(40))
def test_the_verdict_per_store_is_that_of_a_verifier_with_this_store_alone(seed: int) -> None:
    """One search, one set of signature checks, the same answers."""
    graph = Graph(seed)
    stores = graph.stores()
    presented = chain(graph.leaf, *graph.presented)
    for name in (pki.HOST, "other.test", None):
        together = verifier(*stores).check(presented, name, at=pki.AT)
        alone = {one.name: verifier(one).check(presented, name, at=pki.AT) for one in stores}
        assert together.stores_now == tuple(one for one, verdict in alone.items() if verdict.has_trusted_path)
        assert all(
            verdict.ok == (verdict.has_trusted_path and name != "other.test") for verdict in alone.values()
        )
        assert together.stores_ever is not None
        assert set(together.stores_ever) == {one for one, verdict in alone.items() if verdict.stores_ever}
        assert together.ok == any(verdict.ok for verdict in alone.values())
        assert together.has_trusted_path == any(verdict.has_trusted_path for verdict in alone.values())
        assert together.had_trusted_path == any(verdict.had_trusted_path for verdict in alone.values())


class TestStores:
    """Many stores in one verifier."""

    def test_names_tell_stores_apart(self) -> None:
        """Two stores of one name, no store and too many are refused."""
        root = pki.issue("Root", ca=True)
        with pytest.raises(ValueError, match='two trust stores have the name "a"'):
            verifier(store("a", root), store("a", root))
        with pytest.raises(ValueError, match="needs a trust store"):
            certpath.Verifier([])
        with pytest.raises(ValueError, match="33 trust stores"):
            verifier(*(store(str(index), root) for index in range(33)))
        with pytest.raises(TypeError, match="TrustStore or an iterable"):
            certpath.Verifier([b""])  # type: ignore[list-item]

    def test_the_order_of_the_stores_is_kept(self) -> None:
        """In stores_now as in `Verifier.stores`."""
        leaf, intermediate, root = pki.three()
        other = pki.issue("Another root", ca=True)
        judge = verifier(store("z", root), store("m", other), store("a", root, other))
        verdict = judge.check(chain(leaf, intermediate), pki.HOST, at=pki.AT)
        assert verdict.stores_now == ("z", "a")
        assert [one.name for one in judge.stores] == ["z", "m", "a"]
        assert verdict.store == "z"

    def test_an_intermediate_may_be_the_anchor_of_one_store_only(self) -> None:
        """The path of the other store goes through it, if it is presented."""
        leaf, intermediate, root = pki.three()
        judge = verifier(store("root", root), store("pinned CA", intermediate))
        verdict = judge.check(chain(leaf, intermediate), pki.HOST, at=pki.AT, all_paths=True)
        assert verdict.stores_now == ("root", "pinned CA")
        assert by_fingerprint(verdict.paths) == [
            (leaf.sha256, intermediate.sha256),
            (leaf.sha256, intermediate.sha256, root.sha256),
        ]
        assert judge.check(chain(leaf), pki.HOST, at=pki.AT).stores_now == ("pinned CA",)

    def test_openssl_judges_by_each_store_on_its_own(self) -> None:
        """`Policy.ssl` with many stores: the verdict of the first that accepts."""
        leaf, intermediate, root = pki.three()
        other = pki.issue("Another root", ca=True)
        judge = certpath.Verifier([store("other", other), store("root", root)])
        verdict = judge.check(chain(leaf, intermediate), pki.HOST, at=pki.AT)
        assert verdict.ok
        assert verdict.stores_now == ("root",)
        assert verdict.store == "root"
        assert verdict.path_sha256[-1] == root.sha256
        assert [one.sha256 for one in verdict.path] == list(verdict.path_sha256)

    def test_ten_times_the_anchors_cost_the_same(self) -> None:
        """Anchors are looked up by name: the work does not depend on how many others there are."""
        leaf, intermediate, root = pki.three()
        others = [pki.issue(f"Root {index}", own_key=pki.key(), ca=True) for index in range(150)]
        works = []
        for anchors in ([root], [*others, root]):
            verdict = verifier(store("s", *anchors)).check(chain(leaf, intermediate), pki.HOST, at=pki.AT)
            assert verdict.ok
            works.append(verdict.work)
        assert works[0] == works[1]


class TestPool:
    """Untrusted certificates that complete a path."""

    def test_the_pool_fills_a_gap_and_says_what_it_lent(self) -> None:
        """`repaired` names the certificates that the server should have sent."""
        leaf, intermediate, root = pki.three()
        pool = certpath.IntermediatePool.from_pem(intermediate.pem)
        judge = verifier(store("root", root), pool=pool)
        verdict = judge.check(chain(leaf), pki.HOST, at=pki.AT)
        assert verdict.ok
        assert verdict.repaired
        assert verdict.repaired_sha256 == (intermediate.sha256,)
        assert verdict.deployment == ("missing_intermediate",)
        assert [one.sha256 for one in verdict.path] == [leaf.sha256, intermediate.sha256, root.sha256]
        sent = judge.check(chain(leaf, intermediate), pki.HOST, at=pki.AT)
        assert sent.ok
        assert not sent.repaired, "what was presented comes first"
        assert sent.deployment == ()

    def test_nothing_of_the_pool_is_trusted(self) -> None:
        """A root in the pool ends no path."""
        leaf, intermediate, root = pki.three()
        other = pki.issue("Another root", ca=True)
        pool = certpath.IntermediatePool.from_der(chain(intermediate, root))
        verdict = verifier(store("other", other), pool=pool).check(chain(leaf), pki.HOST, at=pki.AT)
        assert not verdict.ok
        assert not verdict.has_trusted_path

    def test_it_is_loaded_like_a_store(self, tmp_path: Any) -> None:
        """From PEM, DER, files and folders; each certificate once; never silently empty."""
        leaf, intermediate, root = pki.three()
        (tmp_path / "a.pem").write_text(intermediate.pem + root.pem)
        (tmp_path / "b.der").write_bytes(intermediate.der)
        (tmp_path / "c.txt").write_text("nothing")
        pool = certpath.IntermediatePool.from_path(tmp_path)
        assert [one.sha256 for one in pool] == [intermediate.sha256, root.sha256]
        assert len(pool) == 2
        assert intermediate.der in pool
        assert leaf.der not in pool
        assert len(pool.skipped) == 1
        with pytest.raises(ValueError, match="no certificate found"):
            certpath.IntermediatePool.from_der([])
        with pytest.raises(FileNotFoundError):
            certpath.IntermediatePool.from_path(tmp_path / "missing")

    def test_openssl_has_no_use_for_it(self) -> None:
        """A pool under `Policy.ssl` is refused, not ignored."""
        _, intermediate, root = pki.three()
        pool = certpath.IntermediatePool.from_der(intermediate.der)
        with pytest.raises(ValueError, match=r"Policy\.ssl judges the presented chain alone"):
            certpath.Verifier(root.store, pool=pool)
        with pytest.raises(ValueError, match="all_paths"):
            certpath.Verifier(root.store).check([intermediate.der], all_paths=True)


@pytest.fixture(scope="module")
def namesakes() -> list[pki.Entity]:
    """10,000 CAs of one name, each with a key of its own."""
    keys = [pki.generate("p256") for _ in range(500)]
    root = pki.issue("Root of namesakes", ca=True)
    return [
        pki.issue(
            "Namesake",
            root,
            own_key=keys[index % len(keys)],
            ca=True,
            without=[x509.SubjectKeyIdentifier],
        )
        for index in range(10_000)
    ]


class TestBudgets:
    """Work is bounded, counted, and the status says that a limit was reached."""

    def test_ten_thousand_namesakes_end_at_the_signature_budget(self, namesakes: list[pki.Entity]) -> None:
        """None of them has signed the leaf, and none is excluded by a key identifier."""
        leaf = pki.issue("leaf", namesakes[0], own_key="p256", signer=pki.key("p256", "nobody"))
        pool = certpath.IntermediatePool.from_der(chain(*namesakes))
        judge = verifier(store("other", pki.issue("Another root", ca=True)), pool=pool)
        verdict = judge.check(chain(leaf), pki.HOST, at=pki.AT)
        assert verdict.status == "budget"
        assert verdict.findings[0].name == "budget_exhausted"
        assert verdict.findings[0].facts == {"limit": 100, "of": "signatures"}
        assert verdict.work is not None
        assert verdict.work["signature_checks"] == 100
        assert not verdict.work["complete"]

    def test_the_right_one_of_ten_thousand_is_found_at_once(self, namesakes: list[pki.Entity]) -> None:
        """The key identifier tells it from its namesakes."""
        root = pki.issue("Root of namesakes", ca=True)
        issuer = pki.issue("Namesake", root, own_key="p256", ca=True)
        leaf = pki.issue("leaf", issuer)
        pool = certpath.IntermediatePool.from_der(chain(*namesakes, issuer))
        verdict = verifier(store("root", root), pool=pool).check(chain(leaf), pki.HOST, at=pki.AT)
        assert verdict.ok
        assert verdict.work is not None
        assert verdict.work["signature_checks"] == 2
        assert verdict.work["edges_tried"] == 2

    def loops(self, count: int) -> list[bytes]:
        """An end entity below CAs that all sign each other."""
        keys = [pki.key("p256", f"loop {index}") for index in range(count)]
        cas = [pki.issue(f"Loop {index}", own_key=keys[index], ca=True) for index in range(count)]
        crossed = [
            pki.issue(f"Loop {subject}", cas[issuer], own_key=keys[subject], ca=True)
            for subject, issuer in itertools.permutations(range(count), 2)
        ]
        return chain(pki.issue("leaf", cas[0]), *crossed)

    @pytest.mark.parametrize(("count", "limit"), [(10, "edges"), (12, "signatures")])
    def test_loops_end(self, count: int, limit: str) -> None:
        """CAs none of which is trusted."""
        judge = verifier(store("other", pki.issue("Another root", ca=True)))
        verdict = judge.check(self.loops(count), pki.HOST, at=pki.AT)
        assert verdict.work is not None
        assert verdict.work["edges_tried"] <= 200_000
        assert verdict.work["signature_checks"] <= 100
        assert verdict.status == "budget"
        assert verdict.findings[0].facts["of"] == limit

    @pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")
    def test_a_signal_is_heard_within_a_search(self) -> None:
        """While `check` is at work: `map` calls it from C, where nobody else looks for signals."""

        class HeardError(Exception):
            pass

        def hear(*_: object) -> None:
            raise HeardError

        judge = verifier(store("other", pki.issue("Another root", ca=True)))
        chains = iter([self.loops(10)] * 200)
        former = signal.signal(signal.SIGALRM, hear)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(HeardError):
                list(map(judge.check, chains))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, former)
        assert operator.length_hint(chains) > 0

    def test_name_constraints_do_not_explode(self) -> None:
        """2,048 constraints against 2,048 names are more comparisons than OpenSSL makes."""
        trees = [x509.DNSName(f"t{index}.test") for index in range(2048)]
        constraints = x509.NameConstraints(permitted_subtrees=trees, excluded_subtrees=None)
        root = pki.issue("Constrained root", ca=True, extensions=[(constraints, True)])
        many = x509.SubjectAlternativeName(trees)
        leaf = pki.issue("leaf", root, extensions=[(many, False)])
        verdict = verifier(root.store).check(chain(leaf), "t0.test", at=pki.AT)
        assert verdict.status == "budget"
        assert verdict.findings[0].facts == {"limit": 1 << 20, "of": "name_comparisons"}

    def test_an_accepted_path_outweighs_a_budget(self) -> None:
        """What has been found before the limit stays found."""
        leaf, intermediate, root = pki.three()
        stores = [store("root", root), store("other", pki.issue("Another root", ca=True))]
        namesakes = [
            pki.issue(intermediate.certificate.subject, root, own_key=pki.generate("p256"), ca=True)
            for _ in range(150)
        ]
        verdict = verifier(*stores).check(chain(leaf, *namesakes, intermediate), pki.HOST, at=pki.AT)
        assert verdict.ok
        assert verdict.stores_now == ("root",)
        assert verdict.work is not None
        assert not verdict.work["complete"]


class TestDepth:
    """max_depth: how many certificates may stand between end entity and trust anchor."""

    def test_the_seventh_is_one_too_many(self) -> None:
        """Six can be proven."""
        root = pki.issue("Deep root", ca=True)
        cas = [root]
        for level in range(7):
            cas.append(pki.issue(f"Deep {level}", cas[-1], ca=True))
        for count, fine in [(6, True), (7, False)]:
            leaf = pki.issue("leaf", cas[count])
            presented = chain(leaf, *cas[1 : count + 1])
            verdict = verifier(root.store).check(presented, pki.HOST, at=pki.AT)
            assert verdict.ok == fine
            if not fine:
                assert verdict.findings[0].name == "chain_too_long"

    def test_self_issued_ones_are_not_counted(self) -> None:
        """RFC 5280 6.1.4(l); a CA that has changed its key."""
        root = pki.issue("Root", ca=True)
        old = pki.issue("Rollover", root, own_key=pki.key("p256", "old"), ca=True)
        new = pki.issue("Rollover", old, own_key=pki.key("p256", "new"), ca=True)
        leaf = pki.issue("leaf", new)
        for depth, fine in [(1, True), (0, False)]:
            judge = verifier(root.store, policy=certpath.Policy.webpki(max_depth=depth))
            assert judge.check(chain(leaf, new, old), pki.HOST, at=pki.AT).ok == fine


class TestHostile:
    """Whatever is sent, there is a verdict."""

    @pytest.mark.parametrize("policy", [WEBPKI, certpath.Policy.rfc5280(), certpath.Policy.cabf()])
    def test_flipped_octets(self, policy: certpath.Policy) -> None:
        """Every octet of the intermediate, in turn; nothing but the original is ever accepted."""
        leaf, intermediate, root = pki.three()
        leaf = pki.issue(x509.Name([]), intermediate, extensions=[(pki.sans(pki.HOST), True)])
        judge = verifier(root.store, policy=policy)
        assert judge.check(chain(leaf, intermediate), pki.HOST, at=pki.AT).ok
        for index in range(len(intermediate.der)):
            flipped = bytearray(intermediate.der)
            flipped[index] ^= 0x01
            verdict = judge.check([leaf.der, bytes(flipped)], pki.HOST, at=pki.AT)
            assert not verdict.ok
            assert verdict.to_dict()["status"] in {"invalid", "unsupported", "unparseable"}

    def test_user_information_in_uris(self) -> None:
        """Under URI constraints a URI that could be read in two ways is refused."""
        constraints = x509.NameConstraints(None, [x509.UniformResourceIdentifier("evil.test")])
        root = pki.issue("URI root", ca=True, extensions=[(constraints, True)])
        for uri, fine in [
            ("https://good.test/", True),
            ("https://evil.test/", False),
            ("https://good.test@evil.test/", False),
            ("https://192.0.2.1/", False),
        ]:
            names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)])
            leaf = pki.issue("leaf", root, extensions=[(names, False)])
            verdict = verifier(root.store).check(chain(leaf), at=pki.AT)
            assert verdict.ok == fine, str(verdict)
            assert verdict.exceptions == (("name_forms",) if fine else ())
