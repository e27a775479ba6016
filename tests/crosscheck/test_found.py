"""What the crosscheck has found and is mended, each with its smallest case."""

from __future__ import annotations

import dataclasses

import pytest
from certpath import Policy, TrustStore, Verifier
from support import pki

from crosscheck import cases, openssl
from crosscheck.certificates import STRANGER, TWISTS, Plan, ca, end_entity
from crosscheck.extensions import OIDS, VALUES, Extension
from crosscheck.keys import Key
from crosscheck.revocation import RevocationList
from crosscheck.verdicts import IS_OPENSSL_3, compare, follows, our_verdict

pytestmark = pytest.mark.skipif(not IS_OPENSSL_3, reason="the verdicts are those of OpenSSL 3")

LEAF_KEY, CA_KEY = Key("p256", 1), Key("p256", 2)
LEAF = end_entity(["dns www.example.test"], "leaf", LEAF_KEY, "CA 1", CA_KEY)
CA = ca("CA 1", CA_KEY, "CA 1", CA_KEY)
BUILT = LEAF.build()
TRUSTED = (CA.build(),)


def case(*lists: RevocationList, flags: int = 0x8004) -> cases.Case:
    """The leaf alone, sent to somebody who trusts its issuer and has these lists."""
    settings = cases.Settings(flags=flags)
    return cases.Case((BUILT,), LEAF_KEY.pem, TRUSTED, tuple(one.build() for one in lists), settings)


class TestDeltaLists:
    """OpenSSL 3.0 takes a delta CRL for a complete one, and for the better one if it is newer; we passed
    over it, so that a certificate revoked there only was accepted. Later releases pass over it, too.
    """

    PASSED_OVER = follows("delta_crls_passed_over")

    COMPLETE = RevocationList(CA.subject, CA_KEY, "good")
    REVOKING = RevocationList(CA.subject, CA_KEY, "delta", (LEAF.serial,), newer=True)

    def test_the_newer_one_revokes(self) -> None:
        """False accept before."""
        assert str(compare(case(self.COMPLETE))) == "accepted"
        for lists in ([self.COMPLETE, self.REVOKING], [self.REVOKING, self.COMPLETE]):
            assert str(compare(case(*lists))) == ("accepted" if self.PASSED_OVER else "refused: 23")

    def test_extended_support_leaves_it_aside(self) -> None:
        """The one flag under which OpenSSL does not look at it."""
        assert str(compare(case(self.COMPLETE, self.REVOKING, flags=0x9004))) == "accepted"
        assert str(compare(case(self.REVOKING, flags=0x9004))) == "refused: 3"

    def test_it_proves_nothing_by_itself(self) -> None:
        """`ssl` is content with it, also where there is no complete list, or one that says otherwise."""
        silent = self.REVOKING._replace(revoked=())
        revoking = self.COMPLETE._replace(revoked=(LEAF.serial,))
        assert str(compare(case(self.COMPLETE, silent))) == "accepted"
        for lists, later in (([silent], "refused: 3"), ([revoking, silent], "refused: 23")):
            expected = later if self.PASSED_OVER else "stricter: crl_not_supported"
            assert str(compare(case(*lists))) == expected


class TestReasonsOfDistributionPoints:
    """A point that covers some reasons for revocation leaves the others open, until further lists cover
    them; we were content with the first list.
    """

    COMPLETE = RevocationList(CA.subject, CA_KEY, "good")
    THIS, OTHER = (RevocationList(CA.subject, CA_KEY, kind) for kind in ("this point", "another point"))

    @staticmethod
    def pointing(points: str, *lists: RevocationList, flags: int = 0x8004) -> cases.Case:
        leaf = end_entity(["dns www.example.test"], "leaf", LEAF_KEY, "CA 1", CA_KEY)
        value = VALUES["cRLDistributionPoints"][points]
        leaf.replace(Extension(OIDS["cRLDistributionPoints"], critical=False, value=value))
        return dataclasses.replace(case(*lists, flags=flags), chain=(leaf.build(),))

    @pytest.mark.parametrize("flags", [0x8004, 0x9004], ids=hex)
    def test_what_one_point_leaves_open_stays_open(self, flags: int) -> None:
        """False accept before."""
        for lists in ([self.COMPLETE], [self.THIS], [self.COMPLETE, self.THIS]):
            assert str(compare(self.pointing("reasons", *lists, flags=flags))) == "refused: 3"

    @pytest.mark.parametrize("flags", [0x8004, 0x9004], ids=hex)
    def test_lists_complete_each_other(self, flags: int) -> None:
        """One for each point will do, and each can revoke."""
        points = "reasons shared out"
        this, other = self.THIS, self.OTHER
        revoked = (LEAF.serial,)
        for lists, outcome in (
            ([this], "refused: 3"),
            ([other], "refused: 3"),
            ([self.COMPLETE], "refused: 3"),
            ([this, other], "accepted"),
            ([other, this], "accepted"),
            ([self.COMPLETE, other], "accepted"),
            ([this, other._replace(revoked=revoked)], "refused: 23"),
            ([this._replace(revoked=revoked), other], "refused: 23"),
        ):
            assert str(compare(self.pointing(points, *lists, flags=flags))) == outcome, lists

    def test_a_search_goes_point_by_point(self) -> None:
        """RFC 5280 6.3.3: a list without a scope fits every point; what no point has stays open."""
        for points, lists, code in (
            ("reasons shared out", [self.COMPLETE], None),
            ("reasons shared out", [self.COMPLETE._replace(revoked=(LEAF.serial,))], 23),
            ("reasons shared out", [self.THIS], 3),
            ("reasons shared out", [self.THIS, self.OTHER], None),
            ("reasons", [self.COMPLETE], 3),
        ):
            hostile = self.pointing(points, *lists)
            store = TrustStore.from_der(hostile.trusted)
            verifier = Verifier(store, policy=Policy.webpki(crl_check="leaf"), crls=hostile.crls)
            verdict = verifier.check(hostile.chain, "www.example.test")
            assert (verdict.ok, verdict.verify_code or None) == (code is None, code)

    def test_what_is_open_is_told(self) -> None:
        """By the names of RFC 5280."""
        verdict = our_verdict(self.pointing("reasons", self.COMPLETE))
        assert verdict is not None
        assert verdict.findings[0].facts["uncovered_reasons"] == (
            "cACompromise, affiliationChanged, superseded, cessationOfOperation, certificateHold, "
            "privilegeWithdrawn, aACompromise"
        )


class TestIssuersOfListsOffThePath:
    """Under 0x1000 OpenSSL looks for them among what was sent, and asks for their own path."""

    SIGNER = ca("CA 1", STRANGER, "CA 1", CA_KEY)
    FOREIGN = RevocationList(CA.subject, STRANGER, "good")

    def sent(self, plan: Plan, *lists: RevocationList, host: str | None = None) -> cases.Case:
        """The leaf and the signer of lists."""
        found = case(*lists, flags=0x9004)
        settings = dataclasses.replace(found.settings, host=host)
        return dataclasses.replace(found, chain=(BUILT, plan.build()), settings=settings)

    def test_nobody_has_signed_it(self) -> None:
        """With the flag as without: whose key it was is not known."""
        for flags in (0x8004, 0x9004):
            assert str(compare(case(self.FOREIGN, flags=flags))) == "refused: 3"

    def test_a_signer_that_was_sent_speaks(self) -> None:
        """It has a path to the same root; and what it lists is revoked."""
        assert str(compare(self.sent(self.SIGNER, self.FOREIGN))) == "accepted"
        revoking = self.FOREIGN._replace(revoked=(LEAF.serial,))
        assert str(compare(self.sent(self.SIGNER, revoking))) == "refused: 23"

    def test_its_path_is_judged_as_any_other(self) -> None:
        """With the host name, too, which it does not bear; with dates and signatures."""
        assert str(compare(self.sent(self.SIGNER, self.FOREIGN, host="www.example.test"))) == "refused: 54"
        expired = dataclasses.replace(self.SIGNER, dates=("150101000000Z", "200101000000Z"))
        forged = dataclasses.replace(self.SIGNER, damaged_signature=True)
        for plan in (expired, forged):
            found = self.sent(plan, self.FOREIGN)
            assert str(compare(found)) == "refused: 54"
            verdict = our_verdict(found)
            assert verdict is not None
            assert verdict.findings[0].facts["reason"]


class TestIssuersThatWereNotLookedInto:
    """OpenSSL reads the extensions of a certificate when it first needs them. Under 0x1000 one that was sent,
    and that the path did without, has no subjectKeyIdentifier when the issuer of a CRL is looked for: it may
    be that of any CRL in its name, whoever's key has signed it. We compared key identifiers, and took another
    CRL or none.
    """

    KINDS = ("ed25519", "p256", "rsa2048")
    FLAGS = (0x8004, 0x800C, 0x9004, 0x900C, 0x8900C, 0x9014, 0x901C)

    @staticmethod
    def hierarchy(kind: str) -> list[Plan]:
        """Leaf, two CAs and the root."""
        keys = [Key(kind, number) for number in range(3)]
        plans = [end_entity(["dns www.example.test"], "leaf", LEAF_KEY, "CA 1", keys[0])]
        for number, upper in enumerate((1, 2, 2)):
            plans.append(ca(f"CA {number + 1}", keys[number], f"CA {upper + 1}", keys[upper]))
        for number, plan in enumerate(plans):
            plan.serial = 0x1000 + number
        return plans

    @staticmethod
    def of(plan: Plan, kind: str = "good", *, newer: bool = False) -> RevocationList:
        return RevocationList(plan.subject, plan.key, kind, newer=newer)

    @pytest.mark.parametrize("flags", [0x9004, 0x9014], ids=hex)
    def test_one_that_the_path_did_without_stands_for_any(self, flags: int) -> None:
        """The root was sent, too, and the list by its key is not the better one; with 0x10 a false accept."""
        foreign = self.of(CA, "of another key")
        for kind, alone in (
            ("unknown critical", "accepted" if flags & 0x10 else "refused: 36"),
            ("expired", "refused: 12"),
        ):
            judged = case(self.of(CA, kind), foreign, flags=flags)
            assert str(compare(judged)) == alone
            judged = dataclasses.replace(judged, chain=(BUILT, *TRUSTED))
            # Its own path is asked about the host name, too, which it does not bear.
            assert str(compare(judged)) == "refused: 54"
            anywhere = dataclasses.replace(judged.settings, host=None)
            assert str(compare(dataclasses.replace(judged, settings=anywhere))) == "refused: 8"

    @pytest.mark.parametrize("kind", KINDS)
    def test_its_own_path_is_asked_for(self, kind: str) -> None:
        """54 as well where the path needs a list of its own."""
        _, lower, upper, root = plans = self.hierarchy(kind)
        built = [plan.build() for plan in plans]
        lists = [self.of(lower), self.of(upper), self.of(root, "of another key")]
        for sent, outcomes in (
            (built[:3], {0x800C: "refused: 3", 0x900C: "refused: 3"}),
            (built, {0x800C: "refused: 3", 0x900C: "refused: 54"}),
        ):
            for flags, outcome in outcomes.items():
                told = cases.Settings(flags=flags)
                crls = tuple(one.build() for one in lists)
                judged = cases.Case(tuple(sent), LEAF_KEY.pem, (built[3],), crls, told)
                assert str(compare(judged)) == outcome, (len(sent), hex(flags))

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("depth", range(3))
    def test_wherever_it_stands(self, kind: str, depth: int) -> None:
        """Lists of another key, without identifiers, for some reasons; the issuer sent or not, or twice."""
        plans = self.hierarchy(kind)
        issuer = plans[depth + 1]
        twin = ca(f"CA {depth + 1}", Key(kind, 7), "CA 3", plans[3].key)
        twin.serial = 0x2000
        built = [plan.build() for plan in plans]
        outcomes = set()
        for sent in (
            built[:3],
            built,
            [built[0], built[3], *built[1:3]],
            [*built[:3], twin.build()],
            [built[0], twin.build(), *built[1:]],
            [*built, built[depth + 1]],
        ):
            for kinds in (
                ["of another key"],
                ["good", "of another key"],
                ["expired", "of another key"],
                ["unknown critical", "of another key"],
                ["some reasons", "of another key"],
                ["another point", "of another key"],
                ["of another key", "without identifiers"],
                ["forged"],
            ):
                own = [self.of(issuer, one, newer=one == "of another key") for one in kinds]
                own.append(RevocationList(issuer.subject, twin.key, "good"))
                lists = [*own, *(self.of(plan) for plan in plans[1:] if plan is not issuer)]
                for flags in self.FLAGS:
                    told = cases.Settings(flags=flags)
                    crls = tuple(one.build() for one in lists)
                    judged = cases.Case(tuple(sent), LEAF_KEY.pem, (built[3],), crls, told)
                    theirs = openssl.verdict(
                        judged.chain,
                        judged.trusted,
                        judged.crls,
                        openssl.Settings(**dataclasses.asdict(told)),
                    )
                    ours = our_verdict(judged)
                    assert ours is not None
                    assert ours.verify_code == theirs, (kinds, hex(flags), ours.explain())
                    outcomes.add(theirs)
        assert outcomes >= {0, 3, 8}


class TestPinnedUnderOcspFlags:
    """Under 0xC00000 releases with OCSP ask neither for a response nor for a CRL where there is no issuer; we
    asked for the CRL, and refused for want of it.
    """

    FLAGS = 0xC88004

    def test_beside_ssl(self) -> None:
        """A pinned end entity; before them the flags say nothing, and the CRL is asked."""
        pinned = dataclasses.replace(case(flags=self.FLAGS), trusted=(BUILT,))
        expected = "stricter: flag_not_supported" if follows("ocsp_asked") else "refused: 3"
        assert str(compare(pinned)) == expected

    @pytest.mark.parametrize("version", ["3.5", "3.6", "4.0"])
    def test_offline(self, version: str) -> None:
        policy = Policy.ssl(self.FLAGS, openssl=version)
        verdict = Verifier(TrustStore.from_der((BUILT,)), policy=policy).check((BUILT,), "www.example.test")
        found = [finding.name for finding in verdict.findings]
        assert found == ["crl_not_found" if version == "3.5" else "flag_not_supported"]


class TestDeltasBesideTheirBase:
    """Under 0x2000, if list or certificate say that there are some."""

    BASE = RevocationList(CA.subject, CA_KEY, "newest delta elsewhere")
    DELTA = RevocationList(CA.subject, CA_KEY, "second delta")

    def test_a_delta_speaks_beside_its_base(self) -> None:
        """What it lists is revoked, what it removes is not."""
        serial = (LEAF.serial,)
        for flags, base, delta, outcome in (
            (0xB004, (), (), "accepted"),
            (0xB004, (), serial, "refused: 23"),
            (0xB004, serial, (), "refused: 23"),
            (0x9004, (), serial, "accepted"),
        ):
            lists = (self.BASE._replace(revoked=base), self.DELTA._replace(revoked=delta))
            assert str(compare(case(*lists, flags=flags))) == outcome, (hex(flags), base, delta)
        removing = self.DELTA._replace(kind="second delta, removing", revoked=serial)
        assert str(compare(case(self.BASE._replace(revoked=serial), removing, flags=0xB004))) == "accepted"


class TestKeysThatAreNone:
    """At security level 0 nobody has looked at the end entity's key, and we accepted."""

    @pytest.mark.parametrize("name", ["key of no bits", "key of garbage", "key without parameters"])
    @pytest.mark.parametrize("level", [0, 1, 2])
    @pytest.mark.parametrize("pinned", [False, True])
    def test_refused_at_every_level(self, name: str, level: int, *, pinned: bool) -> None:
        """With 66, or the code 1 of what OpenSSL cannot decode; a handshake does not get that far."""
        (twist,) = (twist for twist in TWISTS["key"] if twist.name == name)
        leaf = end_entity(["dns www.example.test"], "leaf", LEAF_KEY, "CA 1", CA_KEY)
        twist.apply(leaf)
        built = leaf.build()
        settings = cases.Settings(flags=0x88000, security_level=level)
        trusted = (built,) if pinned else TRUSTED
        broken = cases.Case((built,), LEAF_KEY.pem, trusted, settings=settings)
        assert compare(broken).kind == "not judged"
        verdict = our_verdict(broken)
        assert verdict is not None
        assert not verdict.ok
        assert [finding.code for finding in verdict.findings].count(66 if level else 1) == 1


class TestExtensionsThatOccurTwice:
    """None of the instances counts for OpenSSL; the first did here, if the end entity was pinned."""

    @staticmethod
    def pinned(name: str, common_name: str = "leaf") -> cases.Case:
        (twist,) = (twist for twist in TWISTS["twice"] if twist.name == f"{name} twice")
        leaf = end_entity(["dns www.example.test"], common_name, LEAF_KEY, None, LEAF_KEY)
        twist.apply(leaf)
        built = leaf.build()
        return cases.Case((built,), LEAF_KEY.pem, (built,), settings=cases.Settings(flags=0x88000))

    def test_names_are_none(self) -> None:
        """The code was that of the malformed extension."""
        assert str(compare(self.pinned("subjectAltName"))) == "refused: 62"
        assert str(compare(self.pinned("subjectAltName", "host"))) == "stricter: invalid_extension"

    @pytest.mark.parametrize("name", ["proxyCertInfo", "extendedKeyUsage", "keyUsage", "nsCertType"])
    def test_others_say_nothing(self, name: str) -> None:
        """Refused all the same, for being there twice."""
        assert str(compare(self.pinned(name))) == "stricter: invalid_extension"


def test_times_without_seconds_are_compared() -> None:
    """OpenSSL takes the issuer that expires last if none is valid, and reads times leniently for that; we
    took the one whose time is well-formed. 0x2 makes it 1970, when none is valid.
    """
    key = Key("p256", 3)
    issuer = ca("CA 1", CA_KEY, "CA 2", key)
    issuer.dates = (issuer.dates[0], "4901010000Z")
    twin = ca("CA 1", CA_KEY, "CA 1", CA_KEY)
    chain = (BUILT, issuer.build(), twin.build())
    trusted = (ca("CA 2", key, "CA 2", key).build(),)
    settings = cases.Settings(flags=0x8002)
    unreadable = follows("short_times_unparseable")
    expected = "not judged: chain unreadable" if unreadable else "refused: 9"
    assert str(compare(cases.Case(chain, LEAF_KEY.pem, trusted, settings=settings))) == expected


class TestKeysThatDoNotDecode:
    """OpenSSL gives up, without a code for it, where it needs a key and cannot decode it. At security level 0
    nothing had asked for the key before, and what was found instead was told: another name, another purpose.
    """

    ROOT = pki.issue("root", ca=True)
    INNER = pki.issue("inner", ROOT, ca=True)
    CAS = (INNER, pki.issue("lower", INNER, ca=True))

    @staticmethod
    def undecodable(entity: pki.Entity, signer: pki.Entity) -> bytes:
        """With the key of a curve that does not exist."""

        def change(parts: list[bytes]) -> None:
            parts[6] = parts[6].replace(bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030177"))

        return pki.patched(entity, signer.key, change).der

    @pytest.mark.parametrize("flags", [0x8000, 0x8020, 0x88000])
    @pytest.mark.parametrize("level", [0, 1])
    @pytest.mark.parametrize("host", [pki.HOST, "other.test"])
    def test_are_told_as_openssl_tells_them(self, host: str, level: int, flags: int) -> None:
        """Wherever on the path they are, and however the path ends."""
        root, inner, lower = (one.der for one in (self.ROOT, *self.CAS))
        below_root, below_inner, below_lower = (
            self.undecodable(pki.issue("leaf", issuer), issuer) for issuer in (self.ROOT, *self.CAS)
        )
        alone = pki.issue("alone")
        own = self.undecodable(alone, alone)
        ca = self.undecodable(self.CAS[0], self.ROOT)
        leaf = pki.issue("leaf", self.CAS[0]).der
        for chain, trusted in [
            ([below_root], [root]),
            ([below_inner, inner], [root]),
            ([below_inner], [inner, root]),
            ([below_inner, inner], [below_inner]),
            ([below_lower, lower, inner], [root]),
            ([below_inner], [root]),
            ([below_inner, inner], [own]),
            ([own], [root]),
            ([own], [own, root]),
            ([leaf, ca], [root]),
            ([leaf], [ca]),
            ([leaf], [ca, root]),
        ]:
            told = openssl.Settings(host=host, flags=flags, security_level=level)
            theirs = openssl.verdict(chain, trusted, (), told)
            policy = Policy.ssl(flags, security_level=level)
            verdict = Verifier(TrustStore.from_der(trusted), policy=policy).check(chain, host)
            assert verdict.verify_code == theirs, verdict.explain()
            assert [finding.name for finding in verdict.findings].count("unspecified") <= 1

    @pytest.mark.parametrize("parameters", ["0500", "06032b6570", "3000"])
    def test_are_passed_over_for_a_twin(self, parameters: str) -> None:
        """RFC 8410 3 lets Ed25519 keys have no parameters, and OpenSSL decodes none that has some."""
        own = Key("ed25519", 1)
        sound, odd = (ca("CA 1", own, "CA 2", CA_KEY) for _ in range(2))
        _, bits = pki.elements(pki.inside(own.info))
        algorithm = pki.tlv(0x30, bytes.fromhex("06032b6570" + parameters))
        odd.info = pki.tlv(0x30, algorithm + bits)
        leaf = end_entity([f"dns {pki.HOST}"], "leaf", LEAF_KEY, "CA 1", own).build()
        root = ca("CA 2", CA_KEY, "CA 2", CA_KEY).build()
        for chain in (
            [leaf, odd.build(), sound.build()],
            [leaf, sound.build(), odd.build()],
            [leaf, odd.build()],
        ):
            theirs = openssl.verdict(chain, [root], (), openssl.Settings())
            verdict = Verifier(TrustStore.from_der([root]), policy=Policy.ssl()).check(chain, pki.HOST)
            assert verdict.verify_code == theirs, verdict.explain()
