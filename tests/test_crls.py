"""Revocation lists under the searching policies, as RFC 5280 6.3 has them: from both sides."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from support import pki

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Sequence


HELD, GONE = x509.ReasonFlags.certificate_hold, x509.ReasonFlags.remove_from_crl
HERE, THERE = "http://crl.example.test/here", "http://crl.example.test/there"
CAUSES = frozenset(x509.ReasonFlags) - {x509.ReasonFlags.unspecified, GONE}


@dataclasses.dataclass(frozen=True)
class List:
    """A revocation list, to be signed."""

    issuer: pki.Entity
    entries: Sequence[tuple[pki.Entity, x509.ReasonFlags | None]] = ()
    number: int | None = 1
    base: int | None = None
    scope: x509.IssuingDistributionPoint | None = None
    signer: pki.Entity | None = None
    name: x509.Name | None = None
    last_update: datetime.datetime = pki.NOT_BEFORE
    next_update: datetime.datetime = pki.NOT_AFTER
    certificate_issuers: bool = False
    extensions: tuple[x509.ExtensionType, ...] = ()

    def build(self) -> bytes:
        """The DER."""
        signer = self.signer or self.issuer
        builder = x509.CertificateRevocationListBuilder(
            self.name or self.issuer.certificate.subject, self.last_update, self.next_update
        )
        key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())
        builder = builder.add_extension(key_id, critical=False)
        if self.number is not None:
            builder = builder.add_extension(x509.CRLNumber(self.number), critical=False)
        if self.base is not None:
            builder = builder.add_extension(x509.DeltaCRLIndicator(self.base), critical=True)
        if self.scope is not None:
            builder = builder.add_extension(self.scope, critical=True)
        for extension in self.extensions:
            builder = builder.add_extension(extension, critical=True)
        for entity, reason in self.entries:
            entry = x509.RevokedCertificateBuilder(entity.certificate.serial_number, pki.at(2025, 3, 1))
            if reason is not None:
                entry = entry.add_extension(x509.CRLReason(reason), critical=False)
            if self.certificate_issuers:
                names = x509.CertificateIssuer([x509.DirectoryName(entity.certificate.issuer)])
                entry = entry.add_extension(names, critical=True)
            builder = builder.add_revoked_certificate(entry.build())
        key: Any = signer.key
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def scope(
    *names: x509.GeneralName,
    indirect: bool = False,
    reasons: Iterable[x509.ReasonFlags] | None = None,
    **only: bool,
) -> x509.IssuingDistributionPoint:
    """An issuing distribution point."""
    return x509.IssuingDistributionPoint(
        full_name=names or None,
        relative_name=None,
        only_contains_user_certs=only.get("users", False),
        only_contains_ca_certs=only.get("cas", False),
        only_some_reasons=None if reasons is None else frozenset(reasons),
        indirect_crl=indirect,
        only_contains_attribute_certs=False,
    )


def points(
    *uris: str, issuer: pki.Entity | None = None, reasons: Iterable[x509.ReasonFlags] | None = None
) -> tuple[x509.ExtensionType, bool]:
    """Distribution points with one of these names each, or with none."""
    issuers = None if issuer is None else [x509.DirectoryName(issuer.certificate.subject)]
    only = None if reasons is None else frozenset(reasons)
    names: list[list[x509.GeneralName] | None] = [[x509.UniformResourceIdentifier(uri)] for uri in uris] or [
        None
    ]
    return x509.CRLDistributionPoints(
        [x509.DistributionPoint(name, None, only, issuers) for name in names]
    ), False


ROOT = pki.issue("Root", ca=True)
CA = pki.issue("CA", ROOT, ca=True)
LEAF = pki.issue("leaf", CA)
CRL_SIGNER: list[tuple[x509.ExtensionType, bool]] = [(pki.usage("crl_sign"), True)]
URI = x509.UniformResourceIdentifier(HERE)


def own_name(entity: pki.Entity) -> x509.DirectoryName:
    """Its subject, as a distribution point has it."""
    return x509.DirectoryName(entity.certificate.subject)


def judge(
    *lists: List | bytes,
    leaf: pki.Entity = LEAF,
    beside: Sequence[pki.Entity] = (),
    roots: Sequence[pki.Entity] = (ROOT,),
    policy: Any = certpath.Policy.webpki,
    crl_check: Any = "leaf",
    pool: Sequence[pki.Entity] = (),
    **knobs: Any,
) -> certpath.Verdict:
    """Our verdict on the end entity below CA, with these lists and certificates at hand."""
    crls = [one if isinstance(one, bytes) else one.build() for one in lists]
    store = certpath.TrustStore.from_der([root.der for root in roots])
    lent = certpath.IntermediatePool.from_der([one.der for one in pool]) if pool else None
    chosen = policy(crl_check=crl_check, **knobs)
    verifier = certpath.Verifier(store, pool=lent, policy=chosen, crls=crls)
    return verifier.check([one.der for one in (leaf, CA, *beside)], pki.HOST, at=pki.AT)


def main(verdict: certpath.Verdict) -> str:
    """The word for it."""
    return "ok" if verdict.ok else verdict.findings[0].name


class TestScope:
    @pytest.mark.parametrize("policy", [certpath.Policy.webpki, certpath.Policy.rfc5280])
    def test_a_list_that_names_its_issuer_is_in_scope(self, policy: Any) -> None:
        """6.3.3, last paragraph: for a certificate without distribution points. `ssl` has 44."""
        named = scope(own_name(CA))
        assert judge(List(CA, scope=named), policy=policy).ok
        assert main(judge(List(CA, [(LEAF, None)], scope=named), policy=policy)) == "revoked"
        with_uri = scope(URI, own_name(CA))
        assert judge(List(CA, scope=with_uri), policy=policy).ok
        assert judge(List(CA, scope=named), policy=lambda **_: certpath.Policy.ssl(0x8004)).verify_code == 44

    def test_a_list_for_another_point_is_not(self) -> None:
        """The finding tells which field it is, and both sides."""
        verdict = judge(List(CA, scope=scope(URI)))
        assert (main(verdict), verdict.verify_code) == ("crl_scope", 44)
        facts = verdict.findings[0].facts
        assert facts["scope_field"] == "distributionPoint"
        assert facts["crl_distribution_point"] == [f"uri:{HERE}"]
        assert facts["certificate_distribution_points"] == []
        elsewhere = pki.issue("leaf", CA, extensions=[points(THERE)])
        verdict = judge(List(CA, scope=scope(URI)), leaf=elsewhere)
        assert verdict.findings[0].facts["certificate_distribution_points"] == [f"uri:{THERE}"]
        assert main(judge(List(CA, scope=scope(own_name(ROOT))))) == "crl_scope"
        verdict = judge(List(CA, scope=scope(cas=True)))
        assert verdict.findings[0].facts["scope_field"] == "onlyContainsCACerts"

    def test_a_list_out_of_scope_does_not_stand_in_for_one(self) -> None:
        """Nor in the way of one."""
        assert judge(List(CA, scope=scope(URI), number=5), List(CA)).ok
        assert main(judge(List(CA, scope=scope(URI)), List(CA, [(LEAF, None)]))) == "revoked"

    def test_what_ssl_calls_revoked_is_never_accepted(self) -> None:
        """A point without a name, and a list with one: in scope for OpenSSL, not for 6.3.3 (b)(2)(i)."""
        leaf = pki.issue("leaf", CA, extensions=[points(issuer=CA)])
        newer = List(CA, [(leaf, None)], scope=scope(URI), last_update=pki.at(2025))
        assert main(judge(newer, List(CA), leaf=leaf)) == "revoked"
        assert judge(List(CA), leaf=leaf).ok


class TestReasons:
    def test_lists_cover_the_reasons_together(self) -> None:
        """6.3.3 (d), (e) and (l)."""
        some = {x509.ReasonFlags.key_compromise, x509.ReasonFlags.ca_compromise}
        first, second = scope(reasons=some), scope(reasons=CAUSES - some)
        assert judge(List(CA, scope=first), List(CA, scope=second)).ok
        verdict = judge(List(CA, scope=first))
        assert main(verdict) == "crl_not_found"
        assert "superseded" in verdict.findings[0].facts["uncovered_reasons"]  # type: ignore[operator]
        for revoking in (first, second):
            lists = [
                List(CA, [(LEAF, None)] if one is revoking else [], scope=one) for one in (first, second)
            ]
            assert main(judge(*lists)) == "revoked"
            assert main(judge(*reversed(lists))) == "revoked"

    def test_points_confine_the_reasons(self) -> None:
        """A list that belongs to a point covers no more than the point says."""
        some = {x509.ReasonFlags.key_compromise}
        leaf = pki.issue("leaf", CA, extensions=[points(HERE, reasons=some)])
        assert main(judge(List(CA, scope=scope(URI)), leaf=leaf)) == "crl_not_found"

    def test_one_that_cannot_be_used_is_no_part_of_it(self) -> None:
        """An expired half leaves the other one short; and its own trouble is told."""
        some = {x509.ReasonFlags.key_compromise}
        expired = List(CA, scope=scope(reasons=some), next_update=pki.at(2021))
        verdict = judge(List(CA, scope=scope(reasons=CAUSES - some)), expired)
        assert main(verdict) == "crl_expired"


class TestDeltas:
    BASE = List(CA, [(LEAF, HELD)], number=4)
    CLEAN = List(CA, number=4)

    def test_a_delta_adds_and_removes(self) -> None:
        """5.2.4 and 6.3.3 (i) to (k)."""
        assert judge(self.BASE, List(CA, [(LEAF, GONE)], number=5, base=3)).ok
        assert main(judge(self.BASE, List(CA, number=5, base=3))) == "revoked"
        assert main(judge(self.CLEAN, List(CA, [(LEAF, None)], number=5, base=3))) == "revoked"
        assert judge(self.CLEAN, List(CA, number=5, base=3)).ok
        assert judge(self.BASE, List(CA, [(LEAF, GONE)], number=5, base=3), policy=certpath.Policy.rfc5280).ok

    @pytest.mark.parametrize(
        "delta",
        [
            List(CA, [(LEAF, GONE)], number=5, base=5),
            List(CA, [(LEAF, GONE)], number=4, base=3),
            List(CA, [(LEAF, GONE)], number=3, base=2),
            List(CA, [(LEAF, GONE)], number=5, base=3, scope=scope(users=True)),
            List(CA, [(LEAF, GONE)], number=5, base=3, next_update=pki.at(2021)),
            List(CA, [(LEAF, GONE)], number=5, base=3, last_update=pki.at(2048)),
            List(CA, [(LEAF, GONE)], number=5, base=3, signer=ROOT),
            List(CA, [(LEAF, GONE)], number=5, base=3, name=ROOT.certificate.subject),
            List(CA, [(LEAF, GONE)], number=5, extensions=(x509.InhibitAnyPolicy(1),), base=3),
        ],
        ids=[
            "base too new",
            "not newer",
            "older",
            "scope",
            "expired",
            "future",
            "forged",
            "other",
            "critical",
        ],
    )
    def test_one_that_does_not_belong_to_the_base_removes_nothing(self, delta: List) -> None:
        """Number, scope, dates, signature and issuer."""
        assert main(judge(self.BASE, delta)) == "revoked"

    def test_one_without_its_base_still_revokes(self) -> None:
        """OpenSSL takes it for a list like any other; alone it says nothing of the others."""
        assert main(judge(self.CLEAN, List(CA, [(LEAF, None)], number=9, base=8))) == "revoked"
        assert main(judge(List(CA, number=9, base=8))) == "crl_not_found"

    def test_the_newest_counts(self) -> None:
        """Held, and released later; or the other way round."""
        held = List(CA, [(LEAF, HELD)], number=5, base=3, last_update=pki.at(2021))
        released = List(CA, [(LEAF, GONE)], number=6, base=3, last_update=pki.at(2022))
        assert judge(self.BASE, held, released).ok
        again = dataclasses.replace(held, number=7, last_update=pki.at(2023))
        assert main(judge(self.BASE, released, again)) == "revoked"


@functools.cache
def crl_issuer(*, issuer: pki.Entity = ROOT, **changes: Any) -> pki.Entity:
    """A certificate that may sign lists, and nothing else."""
    changes = {"extensions": tuple(CRL_SIGNER), "host": None, **changes}
    return pki.issue(changes.pop("subject", "Lists"), issuer, **changes)


class TestIssuersOffThePath:
    LEAF = pki.issue("leaf", CA, extensions=[points(issuer=crl_issuer())])

    def indirect(self, *entities: pki.Entity, signer: pki.Entity | None = None, **changes: Any) -> List:
        """A list of Lists about the certificates of others."""
        entries = [(entity, None) for entity in entities]
        indirect = scope(own_name(crl_issuer()), indirect=True)
        return dataclasses.replace(
            List(signer or crl_issuer(), entries, scope=indirect, certificate_issuers=True), **changes
        )

    def test_an_indirect_list_speaks_for_others(self) -> None:
        """cRLIssuer and indirectCRL; the certificate may be presented or lent."""
        assert judge(self.indirect(), leaf=self.LEAF, beside=[crl_issuer()]).ok
        assert judge(self.indirect(), leaf=self.LEAF, pool=[crl_issuer()]).ok
        verdict = judge(self.indirect(self.LEAF), leaf=self.LEAF, beside=[crl_issuer()])
        assert main(verdict) == "revoked"
        assert verdict.revoked

    def test_it_speaks_only_where_it_is_asked(self) -> None:
        """(b)(1): not indirect, or not named as the cRLIssuer; and whose entry it is counts."""
        plain = self.indirect(scope=scope(own_name(crl_issuer())))
        assert main(judge(plain, leaf=self.LEAF, beside=[crl_issuer()])) == "crl_scope"
        assert main(judge(self.indirect(), leaf=LEAF, beside=[crl_issuer()])) == "crl_not_found"
        elsewhere = self.indirect(self.LEAF, certificate_issuers=False)
        assert judge(elsewhere, leaf=self.LEAF, beside=[crl_issuer()]).ok

    @pytest.mark.parametrize(
        ("signer", "finding"),
        [
            (crl_issuer(issuer=pki.issue("Other root", ca=True)), "crl_issuer_path"),
            (crl_issuer(not_after=pki.at(2021)), "crl_issuer_path"),
            (crl_issuer(signer=CA.key), "crl_issuer_path"),
            (pki.issue("Lists", ROOT, host=None), "key_usage_no_crl_sign"),
        ],
        ids=["another anchor", "expired", "forged", "no cRLSign"],
    )
    def test_it_needs_a_path_of_its_own(self, signer: pki.Entity, finding: str) -> None:
        """(f): valid, and to the same trust anchor, though another may be trusted as well."""
        roots = [ROOT, pki.issue("Other root", ca=True)]
        lists = self.indirect(signer=signer)
        assert main(judge(lists, leaf=self.LEAF, beside=[signer], roots=roots)) == finding
        assert main(judge(lists, leaf=self.LEAF)) == "crl_not_found"

    def test_it_must_not_be_revoked_itself(self) -> None:
        """Where the whole path is asked about, its own certificates are, too."""
        lists = [self.indirect(), List(ROOT)]
        chosen: dict[str, Any] = {"leaf": self.LEAF, "beside": [crl_issuer()], "crl_check": "chain"}
        assert judge(*lists, **chosen).ok
        lists[1] = List(ROOT, [(crl_issuer(), None)])
        assert main(judge(*lists, **chosen)) == "crl_issuer_path"

    @pytest.mark.parametrize("policy", [certpath.Policy.webpki, certpath.Policy.rfc5280])
    def test_a_ca_may_have_another_key_for_lists(self, policy: Any) -> None:
        """The same name, another key, below the same CA or issued by itself."""
        for above in (ROOT, CA):
            name = CA.certificate.subject
            own = pki.key("p256", "lists of CA")
            keys: Any = {"own_key": own, "extensions": tuple(CRL_SIGNER), "host": None}
            signer = pki.issue(name, above, **keys)
            chosen: dict[str, Any] = {"beside": [signer], "policy": policy}
            assert judge(List(CA, signer=signer), **chosen).ok
            assert main(judge(List(CA, [(LEAF, None)], signer=signer), **chosen)) == "revoked"
            # The list speaks for its own signer, which is asked about where the whole path is.
            whole = [List(CA, signer=signer), List(ROOT)]
            assert judge(*whole, **chosen, crl_check="chain").ok
            whole = [List(CA, [(signer, None)], signer=signer), List(ROOT, [(signer, None)])]
            assert main(judge(*whole, **chosen, crl_check="chain")) == "crl_issuer_path"


class TestWhatIsInTheWay:
    def test_a_forged_list_does_not_hide_a_sound_one(self) -> None:
        """Newer, but not signed by the CA."""
        forged = List(CA, signer=pki.issue("CA", ca=True, own_key=pki.key("p256", "forger")))
        newer = dataclasses.replace(forged, last_update=pki.at(2025))
        same_key_id = bytearray(dataclasses.replace(List(CA), last_update=pki.at(2025)).build())
        same_key_id[-1] ^= 1
        for one in (newer, bytes(same_key_id)):
            assert judge(one, List(CA)).ok
            assert main(judge(one, List(CA, [(LEAF, None)]))) == "revoked"
        assert main(judge(bytes(same_key_id))) == "crl_signature_invalid"

    def test_what_is_listed_is_revoked_whatever_else_is_wrong(self) -> None:
        """A list that breaks the profile of RFC 5280 5 is none to accept by, but it is heard."""
        without_number = List(CA, number=None, last_update=pki.at(2025))
        strict = certpath.Policy.rfc5280
        assert main(judge(without_number, policy=strict)) == "crl_number_missing"
        assert judge(without_number, List(CA), policy=strict).ok
        listed = dataclasses.replace(without_number, entries=[(LEAF, None)])
        assert main(judge(listed, List(CA), policy=strict)) == "revoked"

    def test_ten_thousand_lists_of_one_issuer_end_within_the_budget(self) -> None:
        """All of them newer than the sound one, and none of them signed."""
        forged = bytearray(List(CA, last_update=pki.at(2025)).build())
        many = []
        for number in range(10_000):
            forged[-4:] = number.to_bytes(4, "big")
            many.append(bytes(forged))
        verdict = judge(List(CA), *many)
        assert verdict.status == "budget"
        assert verdict.work is not None
        assert verdict.work["octets"] < (1 << 25) + (1 << 17)
        assert verdict.work["signature_checks"] <= 100
        few = judge(List(CA), *many[:300])
        assert few.ok
