"""Certificate policies under the searching policies: RFC 5280 6.1, beside its tree as it is written there."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from support import pki

if TYPE_CHECKING:
    from cryptography import x509

ANY = "2.5.29.32.0"
NAMED = [f"1.3.9999.{number}" for number in range(1, 5)]


@dataclass
class Said:
    """What one certificate says of policies."""

    policies: list[str] | None = None
    mappings: list[tuple[str, str]] = field(default_factory=list)
    require_explicit: int | None = None
    inhibit_mapping: int | None = None
    inhibit_any: int | None = None
    self_issued: bool = False

    def extensions(self) -> list[tuple[x509.ExtensionType, bool]]:
        """The same as extensions, none of them critical."""
        found: list[tuple[x509.ExtensionType, bool]] = []
        if self.policies is not None:
            policies = b"".join(pki.tlv(0x30, pki.oid(policy)) for policy in self.policies)
            found.append((pki.raw("2.5.29.32", pki.tlv(0x30, policies)), False))
        if self.mappings:
            pairs = b"".join(
                pki.tlv(0x30, pki.oid(issuer) + pki.oid(subject)) for issuer, subject in self.mappings
            )
            found.append((pki.raw("2.5.29.33", pki.tlv(0x30, pairs)), False))
        limits = [(0x80, self.require_explicit), (0x81, self.inhibit_mapping)]
        constraints = b"".join(pki.tlv(tag, bytes([skip])) for tag, skip in limits if skip is not None)
        if constraints:
            found.append((pki.raw("2.5.29.36", pki.tlv(0x30, constraints)), False))
        if self.inhibit_any is not None:
            found.append((pki.raw("2.5.29.54", pki.tlv(0x02, bytes([self.inhibit_any]))), False))
        return found


def chain(said: list[Said]) -> tuple[list[pki.Entity], pki.Entity]:
    """End entity first, and the trust anchor; what they say, end entity last, as RFC 5280 counts."""
    root = above = pki.issue("Root", ca=True)
    path = []
    for index, one in enumerate(said):
        last = index == len(said) - 1
        subject: Any = above.certificate.subject if one.self_issued and not last else f"CA {index}"
        # A key of its own for each, self-issued ones too.
        own = pki.key("p256", f"policies {index}")
        above = pki.issue(subject, above, own_key=own, ca=not last, extensions=one.extensions())
        path.append(above)
    return path[::-1], root


def judge(said: list[Said], **knobs: Any) -> certpath.Verdict:
    """Our verdict."""
    presented, root = chain(said)
    policy = certpath.Policy.webpki(**knobs)
    return certpath.Verifier(root.store, policy=policy).check([one.der for one in presented], at=pki.AT)


@dataclass(eq=False)
class Node:
    """A node of RFC 5280's valid_policy_tree."""

    policy: str
    expected: set[str]
    parent: Node | None
    depth: int
    children: list[Node] = field(default_factory=list)


def grow(parent: Node, policy: str, expected: set[str]) -> Node:
    """A child."""
    node = Node(policy, expected, parent, parent.depth + 1)
    parent.children.append(node)
    return node


def level(root: Node, depth: int) -> list[Node]:
    """All nodes of a depth."""
    nodes = [root]
    for _ in range(depth):
        nodes = [child for node in nodes for child in node.children]
    return nodes


def prune(root: Node, depth: int) -> Node | None:
    """6.1.3 (d)(3): nodes of less depth without children go."""
    for above in range(depth - 1, -1, -1):
        for node in level(root, above):
            if not node.children:
                if node.parent is None:
                    return None
                node.parent.children.remove(node)
    return root


def drop(node: Node) -> None:
    """A node and what is below it."""
    assert node.parent is not None
    node.parent.children.remove(node)


def by_the_tree(  # noqa: C901, PLR0912, PLR0915 (as long as RFC 5280 6.1.3 to 6.1.5)
    said: list[Said], initial: set[str] | None, *, explicit: bool, no_mapping: bool, no_any: bool
) -> tuple[bool, set[str]]:
    """RFC 5280 6.1.2 to 6.1.5, policies alone, letter for letter: whether it is valid; its policies."""
    length = len(said)
    root: Node | None = Node(ANY, {ANY}, None, 0)
    explicit_policy = 0 if explicit else length + 1
    mapping = 0 if no_mapping else length + 1
    inhibit = 0 if no_any else length + 1
    for index, one in enumerate(said, start=1):
        own = one.self_issued and index < length
        if one.policies is not None and root is not None:
            for policy in [policy for policy in one.policies if policy != ANY]:
                parents = [node for node in level(root, index - 1) if policy in node.expected]
                if not parents:
                    parents = [node for node in level(root, index - 1) if node.policy == ANY]
                for parent in parents:
                    grow(parent, policy, {policy})
            if ANY in one.policies and (inhibit > 0 or own):
                for node in level(root, index - 1):
                    present = {child.policy for child in node.children}
                    for policy in sorted(node.expected - present):
                        grow(node, policy, {policy})
            root = prune(root, index)
        if one.policies is None:
            root = None
        if explicit_policy == 0 and root is None:
            return False, set()
        if index == length:
            break
        if one.mappings:
            mapped: dict[str, set[str]] = {}
            for issuer, subject in one.mappings:
                mapped.setdefault(issuer, set()).add(subject)
            for issuer, subjects in mapped.items() if root is not None else ():
                assert root is not None
                nodes = level(root, index)
                if mapping > 0:
                    named = [node for node in nodes if node.policy == issuer]
                    for node in named:
                        node.expected = subjects
                    for node in [] if named else [node for node in nodes if node.policy == ANY]:
                        assert node.parent is not None
                        grow(node.parent, issuer, subjects)
                else:
                    for node in [node for node in nodes if node.policy == issuer]:
                        drop(node)
                    if (root := prune(root, index)) is None:
                        break
        if not own:
            explicit_policy, mapping, inhibit = (max(n - 1, 0) for n in (explicit_policy, mapping, inhibit))
        if one.require_explicit is not None:
            explicit_policy = min(explicit_policy, one.require_explicit)
        if one.inhibit_mapping is not None:
            mapping = min(mapping, one.inhibit_mapping)
        if one.inhibit_any is not None:
            inhibit = min(inhibit, one.inhibit_any)
    explicit_policy = max(explicit_policy - 1, 0)
    if said[-1].require_explicit == 0:
        explicit_policy = 0
    valid: set[str] = set()
    if root is not None:
        nodes = [child for depth in range(length) for node in level(root, depth) for child in node.children]
        below_any = [node for node in nodes if node.parent is not None and node.parent.policy == ANY]
        valid = {node.policy for node in below_any if node.policy != ANY}
        if any(node.policy == ANY for node in level(root, length)):
            valid.add(ANY)
        if initial is not None:
            valid = set(initial) if ANY in valid else valid & initial
    return explicit_policy > 0 or bool(valid), valid


def random_said(source: random.Random, *, last: bool) -> Said:
    """What a certificate may say."""
    said = Said(self_issued=not last and source.random() < 0.15)
    if source.random() < 0.93:
        said.policies = source.sample(NAMED, source.choice([0, 1, 1, 2, 3]))
        if not said.policies or source.random() < 0.35:
            said.policies.append(ANY)
    if not last and source.random() < 0.5:
        pairs = [(source.choice(NAMED), source.choice(NAMED)) for _ in range(source.choice([1, 2, 3, 4]))]
        said.mappings = sorted(set(pairs))
    if source.random() < 0.25:
        said.require_explicit = source.choice([0, 0, 1, 2])
    if source.random() < 0.15:
        said.inhibit_mapping = source.choice([0, 1])
    if source.random() < 0.15:
        said.inhibit_any = source.choice([0, 1])
    return said


@pytest.mark.parametrize("seed", range(8))
def test_the_graph_says_what_the_tree_says(seed: int) -> None:
    """Verdict and valid policies are those of RFC 5280's own algorithm, whatever the certificates say."""
    source = random.Random(seed)
    accepted = 0
    for _ in range(20):
        length = source.choice([1, 2, 2, 3, 3, 4])
        said = [random_said(source, last=index == length - 1) for index in range(length)]
        initial = set(source.sample(NAMED, source.choice([1, 2]))) if source.random() < 0.5 else None
        switches = [source.random() < chance for chance in (0.5, 0.1, 0.1)]
        ok, valid = by_the_tree(
            said, initial, explicit=switches[0], no_mapping=switches[1], no_any=switches[2]
        )
        verdict = judge(
            said,
            initial_policies=initial,
            require_explicit_policy=switches[0],
            inhibit_policy_mapping=switches[1],
            inhibit_any_policy=switches[2],
        )
        told = f"{said} {initial} {switches}: {verdict.explain()}"
        assert verdict.ok == ok, told
        if ok:
            accepted += 1
            assert set(verdict.policies) == valid, told
        else:
            assert [finding.name for finding in verdict.findings] == ["no_explicit_policy"], told
    assert 2 <= accepted <= 18


@pytest.mark.parametrize("seed", range(4))
def test_where_nothing_is_asked_the_tree_says_it_too(seed: int) -> None:
    """Certificates that state policies and nothing else are read without a graph."""
    source = random.Random(seed)
    stated = 0
    for _ in range(12):
        length = source.choice([1, 2, 2, 3])
        choices = [None, [ANY], [ANY], [*NAMED[:2], ANY], NAMED[:2], NAMED[1:3], NAMED[:1]]
        said = [Said(source.choice(choices)) for _ in range(length)]
        ok, valid = by_the_tree(said, None, explicit=False, no_mapping=False, no_any=False)
        verdict = judge(said)
        assert ok
        assert verdict.ok
        assert set(verdict.policies) == valid, f"{said}"
        stated += bool(valid)
    assert 2 <= stated <= 11


def test_constraints_count_whether_critical_or_not() -> None:
    """A CA that asks for explicit policies is obeyed, though webpki does not see what is not critical."""
    verdict = judge([Said(require_explicit=0), Said()])
    assert (verdict.status, verdict.verify_code) == ("invalid", 43)
    assert judge([Said([ANY], require_explicit=0), Said([NAMED[0]])]).policies == (NAMED[0],)


def test_the_path_tells_its_policies() -> None:
    """In the words of the trust anchor's domain, in Python, JSON and as a column."""
    said = [Said([NAMED[0]], [(NAMED[0], NAMED[1])]), Said([NAMED[1]])]
    presented, root = chain(said)
    verifier = certpath.Verifier(root.store, policy=certpath.Policy.webpki(initial_policies=NAMED))
    path = verifier.verify([one.der for one in presented], at=pki.AT)
    assert path.policies == path.verdict.policies == (NAMED[0],)
    assert json.loads(path.verdict.to_json())["policies"] == [NAMED[0]]
    pyarrow = pytest.importorskip("pyarrow")
    verdicts = verifier.check_many([[one.der for one in presented]], [None], at=pki.AT)
    assert pyarrow.table(verdicts)["policies"].to_pylist() == [[NAMED[0]]]
    as_ssl = certpath.Verifier(root.store, policy=certpath.Policy.ssl())
    assert as_ssl.verify([one.der for one in presented], at=pki.AT).policies == ()


def test_a_path_for_any_policy_says_so() -> None:
    """anyPolicy all the way; named ones are those that were asked for."""
    said = [Said([ANY]), Said([ANY])]
    assert judge(said).policies == (ANY,)
    assert judge(said, initial_policies=NAMED[:2]).policies == tuple(NAMED[:2])
    assert judge(said, initial_policies=[NAMED[0], ANY]).policies == (ANY,)
    assert judge(said, inhibit_any_policy=True).policies == ()
    assert judge(said, inhibit_any_policy=True, require_explicit_policy=True).verify_code == 43


def test_the_finding_says_what_was_expected_and_found() -> None:
    """The acceptable policies, and those of the path."""
    verdict = judge(
        [Said([NAMED[0]]), Said([NAMED[0]])], initial_policies=[NAMED[1]], require_explicit_policy=True
    )
    [finding] = verdict.findings
    assert finding.facts == {"expected": [NAMED[1]], "found": [NAMED[0]]}
    assert verdict.policies == ()


@pytest.mark.parametrize(
    "extension",
    [
        (pki.raw("2.5.29.33", pki.tlv(0x30, pki.tlv(0x30, pki.oid(ANY) + pki.oid(NAMED[0])))), False),
        (pki.raw("2.5.29.33", pki.tlv(0x30, pki.tlv(0x30, pki.oid(NAMED[0]) + pki.oid(ANY)))), False),
        (pki.raw("2.5.29.33", pki.tlv(0x30, b"")), False),
        (pki.raw("2.5.29.36", pki.tlv(0x30, b"")), False),
        (pki.raw("2.5.29.36", pki.tlv(0x30, pki.tlv(0x80, b"\xff"))), False),
        (pki.raw("2.5.29.54", pki.tlv(0x02, b"\x80")), False),
        (pki.raw("2.5.29.32", pki.tlv(0x30, pki.tlv(0x30, pki.oid(ANY)) * 2)), True),
    ],
)
def test_what_cannot_be_obeyed_is_refused(extension: tuple[x509.ExtensionType, bool]) -> None:
    """Policy extensions that limit others and contradict RFC 5280, whether or not policies are asked for."""
    root = pki.issue("Root", ca=True)
    ca = pki.issue("CA", root, ca=True, extensions=[extension])
    leaf = pki.issue("leaf", ca)
    policy = certpath.Policy.webpki()
    verdict = certpath.Verifier(root.store, policy=policy).check([leaf.der, ca.der], at=pki.AT)
    assert verdict.findings[0].name == "invalid_policy_extension"
    assert verdict.findings[0].depth == 1


def test_the_anchor_limits_nothing() -> None:
    """RFC 5280 6.1: the trust anchor is not part of the path."""
    root = pki.issue("Root", ca=True, extensions=Said([NAMED[0]], require_explicit=0).extensions())
    leaf = pki.issue("leaf", root)
    verifier = certpath.Verifier(root.store, policy=certpath.Policy.webpki())
    assert verifier.check([leaf.der], at=pki.AT).ok


def test_a_pinned_end_entity_keeps_what_is_asked() -> None:
    """Being its own anchor does not give it a policy."""
    for policies, ok in [(None, False), ([NAMED[0]], True), ([NAMED[1]], False)]:
        leaf = pki.issue("pinned", extensions=Said(policies).extensions())
        policy = certpath.Policy.webpki(initial_policies=[NAMED[0]], require_explicit_policy=True)
        assert certpath.Verifier(leaf.store, policy=policy).check([leaf.der], at=pki.AT).ok == ok


def test_a_cross_product_of_a_thousand_nodes_stays_a_graph() -> None:
    """Each CA maps each of many policies to each: a tree would have 24 to the sixth nodes (CVE-2023-0464)."""
    many = [f"1.3.9999.2.{number}" for number in range(24)]
    said = [Said(many, [(one, other) for one in many for other in many]) for _ in range(6)]
    verdict = judge([*said, Said(many)], require_explicit_policy=True)
    assert verdict.ok
    assert set(verdict.policies) == set(many)
    assert verdict.work is not None
    plain = judge([Said(many) for _ in range(7)])
    assert plain.work is not None
    # 64 octets for each policy and mapping, and what the longer certificates cost anyway.
    assert verdict.work["octets"] < plain.work["octets"] + 6 * 24 * 24 * 300


def test_a_graph_that_costs_too_much_ends_as_a_budget() -> None:
    """Thousands of policies, carried on by anyPolicy: what the nodes cost is counted."""
    many = [f"1.3.9999.3.{number}" for number in range(3000)]
    said = [Said([*many, ANY]) for _ in range(6)]
    verdict = judge([*said, Said([ANY])], require_explicit_policy=True, initial_policies=many[:1])
    assert verdict.status in {"ok", "budget"}
    assert verdict.work is not None
    assert verdict.work["octets"] <= 1 << 25 or verdict.status == "budget"


class TestKnobs:
    @pytest.mark.parametrize(
        ("knobs", "error", "text"),
        [
            ({"initial_policies": []}, ValueError, "initial_policies is empty"),
            ({"initial_policies": ["dv"]}, ValueError, 'initial_policies: "dv" is not a dotted OID'),
            ({"initial_policies": ["1"]}, ValueError, 'initial_policies: "1" is not a dotted OID'),
            ({"initial_policies": ["3.1"]}, ValueError, "initial_policies"),
            ({"initial_policies": ["2.5..29"]}, ValueError, "initial_policies"),
            ({"initial_policies": [""]}, ValueError, "initial_policies"),
            (
                {"initial_policies": "2.5.29.32.0"},
                TypeError,
                "initial_policies must be an iterable of str, not str",
            ),
            ({"initial_policies": 5}, TypeError, "initial_policies must be an iterable of str"),
            ({"initial_policies": [5]}, TypeError, "initial_policies must be an iterable of str"),
            ({"initial_policies": [b"2.5"]}, TypeError, "initial_policies must be an iterable of str"),
            ({"require_explicit_policy": 1}, TypeError, "require_explicit_policy must be a bool, not int"),
            ({"inhibit_policy_mapping": None}, TypeError, "inhibit_policy_mapping must be a bool"),
            ({"inhibit_any_policy": "yes"}, TypeError, "inhibit_any_policy must be a bool, not str"),
        ],
    )
    def test_a_wrong_value_is_told_with_the_knob(
        self, knobs: dict[str, Any], error: type[Exception], text: str
    ) -> None:
        """Each preset that searches; and a knob is never half set."""
        for preset in (certpath.Policy.webpki, certpath.Policy.rfc5280, certpath.Policy.cabf):
            with pytest.raises(error, match=text.replace(".", r"\.")):
                preset(**knobs)
        with pytest.raises(error):
            certpath.Policy.webpki().replace(**knobs)

    @pytest.mark.parametrize(
        "knob",
        ["initial_policies", "require_explicit_policy", "inhibit_policy_mapping", "inhibit_any_policy"],
    )
    def test_ssl_has_flags_instead(self, knob: str) -> None:
        """What cannot be said under `ssl` is not taken and ignored."""
        knobs: dict[str, Any] = {knob: [NAMED[0]] if knob == "initial_policies" else True}
        with pytest.raises(TypeError, match=f"Policy.ssl has no {knob}"):
            certpath.Policy.ssl(**knobs)
        with pytest.raises(TypeError, match=knob):
            certpath.Policy.ssl().replace(**knobs)

    def test_a_policy_says_and_keeps_its_knobs(self) -> None:
        """Properties, text, equality and pickles."""
        import pickle

        policy = certpath.Policy.rfc5280(
            initial_policies=[NAMED[1], NAMED[0], NAMED[1]],
            require_explicit_policy=True,
            inhibit_any_policy=True,
        )
        assert policy.initial_policies == (NAMED[0], NAMED[1])
        assert (policy.require_explicit_policy, policy.inhibit_policy_mapping) == (True, False)
        assert policy.inhibit_any_policy
        assert pickle.loads(pickle.dumps(policy)) == policy  # noqa: S301
        assert policy != certpath.Policy.rfc5280()
        assert eval(repr(policy), {"Policy": certpath.Policy}) == policy  # noqa: S307
        assert policy.replace(initial_policies=None).initial_policies is None
