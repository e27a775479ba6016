"""What hostile input costs, counted: signatures, candidates, comparisons (docs/limits.md)."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import random
import ssl
from typing import TYPE_CHECKING

import certpath
import hostile_graphs
import pytest
from certpath import IntermediatePool, Policy, TrustStore, Verifier
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from support import handshake, pki

if TYPE_CHECKING:
    from pathlib import Path

LEAF, INTERMEDIATE, ROOT = pki.three()
CHAIN = [LEAF.der, INTERMEDIATE.der]
BARE: list[type[x509.ExtensionType]] = [x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier]

EDGES = 200_000
SIGNATURES = 100
COMPARISONS = 1 << 20
OCTETS = 1 << 25
JUDGEMENTS = 4_096


def work_of(verdict: certpath.Verdict) -> dict[str, int]:
    """The counts of a search, each within its budget."""
    work = verdict.work
    assert work is not None
    assert work["edges_tried"] <= EDGES
    assert work["signature_checks"] <= SIGNATURES
    # What a path would add beyond the budget is counted before it is refused, and the verdict names it.
    of = {finding.facts.get("of") for finding in verdict.findings}
    assert work["name_comparisons"] <= COMPARISONS or "name_comparisons" in of
    # What goes beyond the limit is not done, and counts for one.
    assert work["octets"] <= OCTETS + (verdict.status == "budget" or not work["complete"])
    assert work["judgements"] <= JUDGEMENTS
    return work


@functools.cache
def namesakes(count: int) -> list[bytes]:
    """So many self-signed CAs of one name, with few keys and nothing to tell them apart."""
    return [
        pki.issue("Namesake", own_key=pki.key("p256", f"namesake {number % 150}"), ca=True, without=BARE).der
        for number in range(count)
    ]


class TestNamesakes:
    """10,000 issuers of one name, none of which has signed the end entity."""

    leaf = pki.issue(
        "leaf", issuer_name=pki.names("Namesake"), signer=pki.key("p256", "nobody"), without=BARE
    )

    def test_trusted_as_ssl_would(self) -> None:
        """OpenSSL takes the first of them, and so one signature is checked."""
        verifier = Verifier(TrustStore.from_der(namesakes(10_000)))
        assert verifier.check([self.leaf.der], pki.HOST, at=pki.AT).verify_code == 7
        assert verifier.signature_checks == 1

    @pytest.mark.parametrize("policy", [Policy.webpki(), Policy.rfc5280(), Policy.cabf()], ids=str)
    def test_trusted_in_a_search(self, policy: Policy) -> None:
        """A hundred signatures, then it is over; and not one more the second time."""
        verifier = Verifier(TrustStore.from_der(namesakes(10_000)), policy=policy)
        for _ in range(2):
            verdict = verifier.check([self.leaf.der], pki.HOST, at=pki.AT)
            assert verdict.status == "budget"
            assert work_of(verdict)["signature_checks"] == SIGNATURES
            assert verifier.signature_checks <= SIGNATURES + 1

    def test_presented_and_in_the_pool(self) -> None:
        """The same for what is not trusted."""
        pool = IntermediatePool.from_der(namesakes(10_000))
        verifier = Verifier(ROOT.store, policy=Policy.webpki(), pool=pool)
        verdict = verifier.check([self.leaf.der, *namesakes(10_000)[:900]], pki.HOST, at=pki.AT)
        assert verdict.status == "budget"
        assert work_of(verdict)["signature_checks"] == SIGNATURES

    def test_what_has_not_signed_leads_nowhere(self) -> None:
        """Four levels, four impostors at each: they are tried, but nothing is built upon them."""
        chain, presented = [ROOT], []
        for level in range(4, 0, -1):
            chain.append(pki.issue(f"Level {level}", chain[-1], ca=True, without=BARE))
            impostors = [
                pki.issue(
                    f"Level {level}",
                    chain[-2],
                    own_key=pki.key("p256", f"impostor {number}"),
                    ca=True,
                    without=BARE,
                )
                for number in range(4)
            ]
            presented += [*impostors, chain[-1]]
        leaf = pki.issue("leaf", chain[-1], without=BARE)
        verdict = Verifier(ROOT.store, policy=Policy.webpki()).check(
            [leaf.der, *(one.der for one in presented)], pki.HOST, at=pki.AT
        )
        assert verdict.ok
        work = work_of(verdict)
        # Five candidates at each level, and the anchor above the last.
        assert (work["edges_tried"], work["signature_checks"]) == (21, 21)


class TestGraphs:
    """Layers of CAs any of which may have issued any below, so that there are millions of paths."""

    def outcome(self, graph: hostile_graphs.Graph) -> hostile_graphs.Outcome:
        outcome = hostile_graphs.run(graph)
        assert outcome.octets <= hostile_graphs.LARGEST
        return outcome

    @pytest.mark.parametrize("policy", ["webpki", "rfc5280", "cabf"])
    def test_a_large_end_entity_below_six_layers_of_sixteen(self, policy: str) -> None:
        """Its 5,000 names are looked at again and again: half a thousand paths, and it is over."""
        graph = hostile_graphs.Graph(6, 16, leaf_names=5_000, policy=policy)
        outcome = self.outcome(graph)
        assert outcome.status == "budget"
        work = outcome.work
        assert work is not None
        assert work["judgements"] <= OCTETS // 60_000
        assert work["edges_tried"] <= 2_000

    @pytest.mark.parametrize("all_paths", [False, True])
    def test_small_certificates_are_no_cheaper(self, all_paths: bool) -> None:
        """A path costs something however small it is."""
        outcome = self.outcome(hostile_graphs.Graph(6, 16, all_paths=all_paths, stores=2))
        assert outcome.status == "budget"
        assert outcome.work is not None
        assert outcome.work["judgements"] <= JUDGEMENTS

    def test_good_paths_cost_a_proof_each(self) -> None:
        """All are asked for, and all are good: those found stand, and the verdict says there are more."""
        outcome = self.outcome(
            hostile_graphs.Graph(4, 16, fault="nothing", all_paths=True, leaf_names=30, name="0.a.test")
        )
        assert outcome.status == "ok"
        work = outcome.work
        assert work is not None
        assert not work["complete"]
        assert work["octets"] <= OCTETS + 1
        assert 100 < work["judgements"] <= JUDGEMENTS
        assert work["proofs"] <= work["judgements"]

    def test_names_compared_once_are_not_compared_again(self) -> None:
        """Three layers of eight constrained CAs: each pair of certificates counts once, not each path."""
        graph = hostile_graphs.Graph(3, 8, leaf_names=30, subtrees=30, keys="layer")
        work = self.outcome(graph).work
        assert work is not None
        # 31 names of the end entity below 24 CAs, and one name of each CA below all above.
        assert work["name_comparisons"] <= 30 * (31 * 24 + 24 * 24)

    def test_namesakes_in_every_order_as_ssl_would(self) -> None:
        """Six CAs of one name, 60 kB each: webpki would try them in 720 orders, so it is not asked."""
        graph = hostile_graphs.Graph(
            6, 1, one_name=True, identifiers=1, ca_names=2_000, fault="nothing", name="", policy="ssl"
        )
        graphs = [graph, dataclasses.replace(graph, one_name=False)]
        assert [self.outcome(one).status for one in graphs] == ["budget", "ok"]

    def test_long_names_below_long_constraints_as_ssl_would(self) -> None:
        """Ninety CAs, a name and a constraint of 10,000 octets each: few comparisons, but long ones."""
        graph = hostile_graphs.Graph(
            90, 1, "one", subtrees=1, form="directory", size=10_000, fault="nothing", name="", policy="ssl"
        )
        assert self.outcome(graph).status == "budget"

    @pytest.mark.parametrize("policy", ["webpki", "rfc5280", "cabf"])
    def test_graphs_at_random(self, policy: str) -> None:
        """Whatever they are like, the counts stay below their limits."""
        chance = random.Random(policy)
        graph = hostile_graphs.Graph(policy=policy)
        for _ in range(8):
            graph = hostile_graphs.mutated(graph, chance)
            outcome = self.outcome(graph)
            if (work := outcome.work) is None:
                # Nothing was searched: too many certificates, or a name that is not one.
                assert outcome.status in {"budget", "input_error"}
                continue
            assert work["octets"] <= OCTETS + 1
            assert work["judgements"] <= JUDGEMENTS
            assert work["proofs"] <= 6 * work["judgements"]
            assert work["edges_tried"] <= EDGES
            assert work["signature_checks"] <= SIGNATURES


class TestDepth:
    def test_a_tower_as_ssl_would(self) -> None:
        """Three hundred levels: no more signatures than a path may have edges, 101."""
        chain = [ROOT]
        for number in range(300):
            chain.append(pki.issue(f"level {number}", chain[-1], own_key=LEAF.key, ca=True))
        leaf = pki.issue("leaf", chain[-1])
        presented = [leaf.der, *(one.der for one in reversed(chain[1:]))]
        verifier = Verifier(ROOT.store)
        assert verifier.check(presented, pki.HOST, at=pki.AT).verify_code == 22
        assert verifier.signature_checks <= 101
        search = Verifier(ROOT.store, policy=Policy.webpki())
        assert not (verdict := search.check(presented, pki.HOST, at=pki.AT)).ok
        assert work_of(verdict)["signature_checks"] <= certpath.Policy.webpki().max_depth + 1


class TestNameConstraints:
    def constrained(self, levels: int, subtrees: int, alternatives: int, more: bytes = b"") -> list[bytes]:
        """A tower of CAs that all constrain, and an end entity of many names."""
        bases = b"".join(
            pki.tlv(0x30, pki.tlv(0x82, b"n%d%s.test" % (number, more))) for number in range(subtrees)
        )
        constraints = pki.raw(x509.NameConstraints.oid, pki.tlv(0x30, pki.tlv(0xA1, bases)))
        chain = [ROOT]
        for number in range(levels):
            chain.append(
                pki.issue(f"constrained {number}", chain[-1], ca=True, extensions=[(constraints, True)])
            )
        names = pki.tlv(
            0x30, b"".join(pki.tlv(0x82, b"h%d.example" % number) for number in range(alternatives))
        )
        leaf = pki.issue(
            "many",
            chain[-1],
            extensions=[(pki.raw(x509.SubjectAlternativeName.oid, names), False)],
        )
        return [leaf.der, *(one.der for one in reversed(chain[1:]))]

    @pytest.mark.parametrize(("subtrees", "over"), [(60, False), (400, True)])
    def test_a_search_counts_before_it_compares(self, subtrees: int, over: bool) -> None:
        """Three levels times 1,000 names: below all budgets (that of webpki is 250,000), or above ours."""
        verifier = Verifier(ROOT.store, policy=Policy.webpki())
        verdict = verifier.check(self.constrained(3, subtrees, 1_000), at=pki.AT)
        assert (verdict.status == "budget") == over
        assert work_of(verdict)["name_comparisons"] >= 3 * subtrees * 1_000

    @pytest.mark.parametrize(
        ("levels", "subtrees", "over"), [(5, 300, False), (5, 900, True), (1, 1_100, True)]
    )
    def test_as_ssl_would(self, levels: int, subtrees: int, over: bool) -> None:
        """2^20 for one certificate and one set of constraints, 2^21 for a path."""
        verdict = Verifier(ROOT.store).check(self.constrained(levels, subtrees, 1_000), at=pki.AT)
        names = [finding.name for finding in verdict.findings]
        assert ("name_constraint_budget" in names) == over
        assert (verdict.status == "budget") == (over or "budget_exhausted" in names)

    @pytest.mark.parametrize("policy", [Policy.ssl(), Policy.webpki()], ids=str)
    @pytest.mark.parametrize(("alternatives", "over"), [(400, False), (1_000, True)])
    def test_a_long_constraint_counts_with_its_octets(
        self, alternatives: int, over: bool, policy: Policy
    ) -> None:
        """A base of 40,000 octets above an end entity without any: few comparisons, but long ones."""
        chain = self.constrained(1, 1, alternatives, b"a" * 40_000)
        verdict = Verifier(ROOT.store, policy=policy).check(chain, at=pki.AT)
        assert (verdict.status == "budget") == over, verdict.explain()

    def test_a_megabyte_of_names_under_one_constraint(self) -> None:
        """50,000 names cost 50,000 comparisons; webpki's two-octet lengths refuse the certificate."""
        verifier = Verifier(ROOT.store, policy=Policy.webpki())
        verdict = verifier.check(self.constrained(1, 1, 50_000), "h1.example", at=pki.AT)
        assert 50_000 <= work_of(verdict)["name_comparisons"] < 50_100
        assert not verdict.ok


def rsa_key(bits: int, exponent: int) -> rsa.RSAPrivateKey:
    """A key with this exponent."""
    while True:
        numbers = rsa.generate_private_key(65537, bits).private_numbers()
        p, q = numbers.p, numbers.q
        if math.gcd(exponent, (p - 1) * (q - 1)) == 1:
            break
    d = pow(exponent, -1, (p - 1) * (q - 1))
    public = rsa.RSAPublicNumbers(exponent, p * q)
    return rsa.RSAPrivateNumbers(
        p, q, d, d % (p - 1), d % (q - 1), rsa.rsa_crt_iqmp(p, q), public
    ).private_key()


def integer(number: int) -> bytes:
    return pki.tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def forged_root(modulus_bits: int, exponent: int) -> bytes:
    """A CA whose RSA key has such a modulus; nobody has the private one."""
    modulus = (1 << modulus_bits) - (1 << modulus_bits // 2) - 1
    parts = pki.elements(pki.inside(ROOT.der))
    fields = pki.elements(pki.inside(parts[0]))
    algorithm = pki.tlv(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    key = pki.tlv(0x30, integer(modulus) + integer(exponent))
    fields[6] = pki.tlv(0x30, algorithm + pki.tlv(0x03, b"\0" + key))
    # Without extensions, of which the key identifier would not fit any more.
    tbs = pki.tlv(0x30, b"".join([fields[0], *fields[1:7], pki.tlv(0xA3, pki.tlv(0x30, ca_extensions()))]))
    return pki.tlv(0x30, tbs + parts[1] + parts[2])


def ca_extensions() -> bytes:
    return bytes.fromhex("300f0603551d130101ff040530030101ff") + bytes.fromhex(
        "300e0603551d0f0101ff040403020106"
    )


class TestRsa:
    @pytest.mark.parametrize(
        ("bits", "exponent"),
        [
            (2048, 3),
            (2048, 2**33 - 9),
            (2048, 2**33 + 17),
            (2048, 2**64 + 13),
            (2048, (1 << 2000) + 1),
            (4096, 2**40 + 15),
            (4096, 2**65 + 131),
        ],
        ids=lambda number: f"{number.bit_length()} bits" if number > 5000 else str(number),
    )
    def test_exponents(self, bits: int, exponent: int) -> None:
        """Beyond 33 bits nothing can be checked here; beyond OpenSSL's own limits the signature is bad."""
        root = pki.issue("exponent", own_key=rsa_key(bits, exponent), ca=True)
        leaf = pki.issue("leaf", root)
        theirs = handshake.handshake([leaf], [root])
        ours = Verifier(root.store).check([leaf.der], pki.HOST, at=pki.AT)
        if theirs is not None:
            assert ours.verify_code == getattr(theirs, "verify_code", None)
        elif exponent.bit_length() <= 33:
            assert ours.ok
        else:
            assert (ours.status, ours.verify_code) == ("unsupported", 76)

    @pytest.mark.parametrize(
        ("bits", "code"), [(8_192, 7), (8_200, 76), (16_384, 76), (16_392, 7), (100_000, 7)]
    )
    def test_moduli(self, bits: int, code: int) -> None:
        """The library computes with 8,192 bits at the most, OpenSSL with 16,384."""
        root = forged_root(bits, 65537)
        leaf = pki.issue("leaf", issuer_name=ROOT.certificate.subject, signer=pki.key("rsa2048"))
        # Its own signature, by another kind of key, makes it no root.
        partial = Policy.ssl(ssl.VERIFY_X509_PARTIAL_CHAIN)
        verdict = Verifier(TrustStore.from_der(root), policy=partial).check([leaf.der], pki.HOST, at=pki.AT)
        assert verdict.verify_code == code, verdict.explain()


class TestCrls:
    def large(self, count: int) -> bytes:
        """A CRL of so many entries, the last of which is the end entity."""
        serials = range(1 << 40, (1 << 40) + count - 1)
        listed = [*(serial.to_bytes(6, "big") for serial in serials)]
        number = LEAF.certificate.serial_number
        listed.append(number.to_bytes(number.bit_length() // 8 + 1, "big"))
        date = pki.tlv(0x17, b"250301000000Z")
        entries = b"".join(pki.tlv(0x30, pki.tlv(0x02, serial) + date) for serial in listed)
        parts = pki.elements(pki.inside(pki.crl(INTERMEDIATE)))
        fields = pki.elements(pki.inside(parts[0]))
        fields.insert(5, pki.tlv(0x30, entries))
        tbs = pki.tlv(0x30, b"".join(fields))
        signed = pki.signature(tbs, INTERMEDIATE.key, hashes.SHA256())
        return pki.tlv(0x30, tbs + parts[1] + pki.tlv(0x03, b"\0" + signed))

    @pytest.mark.parametrize(
        "policy", [Policy.ssl(crl_check="leaf"), Policy.webpki(crl_check="leaf")], ids=str
    )
    def test_a_million_and_a_half_of_entries(self, policy: Policy) -> None:
        """They are read once, and their signature is checked once, however many ask."""
        verifier = Verifier(ROOT.store, policy=policy, crls=self.large(1_500_000))
        other = pki.issue("leaf", INTERMEDIATE)
        for _ in range(20):
            assert verifier.check(CHAIN, pki.HOST, at=pki.AT).revoked
            assert verifier.check([other.der, INTERMEDIATE.der], pki.HOST, at=pki.AT).ok
        # Two end entities, the intermediate, the CRL.
        assert verifier.signature_checks == 4

    def test_many_crls_of_one_issuer(self) -> None:
        """The best is chosen before any signature is checked."""
        crls = [pki.crl(INTERMEDIATE, last_update=pki.at(2020, 1, 1 + number % 28)) for number in range(300)]
        verifier = Verifier(ROOT.store, policy=Policy.ssl(crl_check="leaf"), crls=crls)
        assert verifier.check(CHAIN, pki.HOST, at=pki.AT).ok
        assert verifier.signature_checks == 3


class TestPemBombs:
    @pytest.mark.parametrize(
        ("block", "count"),
        [
            ("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", 50_000),
            ("-----BEGIN NOTHING-----\nAAAA\n-----END NOTHING-----\n", 50_000),
            ("-----BEGIN CERTIFICATE-----\n", 100_000),
            ("-----END CERTIFICATE-----\n", 100_000),
            ("-----BEGIN TRUSTED CERTIFICATE-----\nMAA=\n-----END TRUSTED CERTIFICATE-----\n", 20_000),
            ("-" * 1_000_000, 3),
            ("-----BEGIN CERTIFICATE-----\n" + "A" * 3_000_000, 1),
        ],
        ids=range(7),
    )
    def test_blocks_of_nothing(self, block: str, count: int) -> None:
        """Megabytes of PEM without a certificate are no chain, no store and no pool."""
        text = block * count
        verifier = Verifier(ROOT.store)
        verdict = verifier.check(text, at=pki.AT)
        assert verdict.status in {"unparseable", "no_certificate", "budget"}
        assert verifier.signature_checks == 0
        for make in (TrustStore.from_pem, IntermediatePool.from_pem):
            with pytest.raises(ValueError):
                make(text)

    def test_one_certificate_over_and_over(self) -> None:
        """20,000 copies in a store are one anchor, in a chain too many."""
        text = ROOT.pem * 20_000
        assert len(TrustStore.from_pem(text)) == 1
        verdict = Verifier(ROOT.store).check(text, at=pki.AT)
        assert verdict.findings[0].facts == {"limit": 1000, "presented": 20_000}


class TestLimbo:
    @pytest.mark.parametrize(
        "policy", [Policy.ssl(), Policy.webpki(), Policy.rfc5280(), Policy.cabf()], ids=str
    )
    def test_denial_of_service(self, policy: Policy, shared: Path) -> None:
        """What wants to keep a verifier busy: within the budgets under every policy."""
        text = (shared / "conformance" / "limbo-dev.json").read_text(encoding="utf-8")
        cases = [
            case
            for case in json.loads(text)["testcases"]
            if case["id"].startswith("pathological::") or "denial-of-service" in (case["features"] or [])
        ]
        assert cases
        for case in cases:
            store = TrustStore.from_pem("".join(case["trusted_certs"]))
            verifier = Verifier(store, policy=policy)
            chain = case["peer_certificate"] + "".join(case["untrusted_intermediates"])
            verdict = verifier.check(chain, at=pki.AT)
            assert verifier.signature_checks <= 101
            if policy.preset != "ssl":
                work_of(verdict)
