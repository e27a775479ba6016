"""The rules by which releases of OpenSSL differ: one case each, under every release and beside live `ssl`."""

from __future__ import annotations

import json
import pickle
import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import certpath
import pytest
from certpath import _certpath
from certpath.cli import main
from certpath.cli.options import POLICIES
from crosscheck.verdicts import follows
from cryptography import x509
from support import pki
from support.defects import CA, LEAF, ROOT, delta
from support.handshake import Unpresentable, handshake

if TYPE_CHECKING:
    from collections.abc import Callable

IS_OPENSSL = ssl.OPENSSL_VERSION.startswith("OpenSSL") and ssl.OPENSSL_VERSION_INFO >= (3,)
EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
VERSIONS = certpath.Policy.OPENSSL_VERSIONS
SINCE = dict(_certpath._openssl_rules())
PARTIAL_CHAIN = 0x80000
DEFAULT, STRICT, CRL_CHECK, OCSP_CHECK, OCSP_CHECK_ALL = 0x8000, 0x8020, 0x4, 0x400000, 0x800000
NOT_FOUND = (3, "unable to get certificate CRL")
ECDSA_WITH_SHA256 = pki.tlv(0x30, pki.oid("1.2.840.10045.4.3.2"))
BEYOND = {"long_form_of_nothing_read", "ecdsa_with_sha3_known", "post_quantum_known"}
UNREADABLE = (None, "certificate cannot be parsed")


class Subject(NamedTuple):
    """What is judged; code and text before the rule and from then on, ``None`` for acceptance."""

    chain: list[pki.Entity]
    before: tuple[int | None, str] | None
    after: tuple[int | None, str] | None
    host: str = pki.HOST
    flags: int = DEFAULT
    crls: tuple[bytes, ...] = ()
    anchor: pki.Entity = ROOT


def _mismatch(kind: str, host: str) -> str:
    return f"{kind} mismatch, certificate is not valid for '{host}'."


def _loose_address(host: str = "192.0.2.01") -> Subject:
    before = (64, _mismatch("IP address", host))
    return Subject([LEAF, CA], before, (62, _mismatch("Hostname", host)), host=host)


def _loose_address_of_the_certificate() -> Subject:
    leaf = pki.issue("leaf", CA, host="192.0.2.1")
    host = " 192.0.2.1"
    return Subject([leaf, CA], None, (62, _mismatch("Hostname", host)), host=host)


def _newer_delta() -> Subject:
    lists = pki.crl(CA), delta(LEAF, last_update=pki.at(2021))
    return Subject([LEAF, CA], (23, "certificate revoked"), None, flags=DEFAULT | CRL_CHECK, crls=lists)


def _lone_delta() -> Subject:
    before = (23, "certificate revoked")
    return Subject([LEAF, CA], before, NOT_FOUND, flags=DEFAULT | CRL_CHECK, crls=(delta(LEAF),))


def _scoped(fields: str) -> Subject:
    """A CRL that revokes, with these fields in its issuingDistributionPoint."""
    point = pki.raw("2.5.29.28", pki.tlv(0x30, bytes.fromhex(fields)))
    revoked = [(LEAF.certificate.serial_number, None)]
    lists = (pki.crl(CA, revoked, extensions=[(point, True)]),)
    return Subject([LEAF, CA], (23, "certificate revoked"), NOT_FOUND, flags=DEFAULT | CRL_CHECK, crls=lists)


SAID = {
    47: "permitted subtree violation",
    48: "excluded subtree violation",
    53: "unsupported or invalid name syntax",
}


def _uri(uri: str, before: int | None, after: int | None, *, excluded: bool = False) -> Subject:
    """An end entity with this URI, below a CA for or against .test alone."""
    subtrees = [x509.UniformResourceIdentifier(".test")]
    constraints = x509.NameConstraints(*((None, subtrees) if excluded else (subtrees, None)))
    ca = pki.issue("CA", ROOT, ca=True, extensions=[(constraints, True)])
    names = pki.tlv(0x82, pki.HOST.encode()) + pki.tlv(0x86, uri.encode())
    value = pki.raw("2.5.29.17", pki.tlv(0x30, names))
    leaf = pki.issue("leaf", ca, host=None, extensions=[(value, False)])
    was, is_now = (None if code is None else (code, SAID[code]) for code in (before, after))
    return Subject([leaf, ca], was, is_now)


def _future() -> Subject:
    words = "certificate is not yet valid"
    leaf = pki.issue("leaf", CA, not_before=pki.at(2040))
    return Subject([leaf, CA], (9, words), (9, f"{words} or the system clock is incorrect"))


def _short_times(not_before: str, not_after: str) -> Subject:
    fields = pki.fields(LEAF.der)
    times = (pki.tlv(0x17 if len(time) < 14 else 0x18, time.encode()) for time in (not_before, not_after))
    fields[4] = pki.tlv(0x30, b"".join(times))
    leaf = pki.signed(b"".join(fields), LEAF, CA.key)
    code, field = (13, "notBefore") if not_before != "200101000000Z" else (14, "notAfter")
    return Subject([leaf, CA], (code, f"format error in certificate's {field} field"), UNREADABLE)


def _signed_list(fields: list[bytes]) -> bytes:
    """A CRL of the CA with these fields of its TBSCertList."""
    tbs = pki.tlv(0x30, b"".join(fields))
    value = pki.tlv(0x03, b"\0" + pki.signature(tbs, CA.key, pki.SHA256))
    return pki.tlv(0x30, tbs + ECDSA_WITH_SHA256 + value)


def _other_algorithm_inside(*, revokes: bool) -> Subject:
    """A CRL that says ecdsa-with-SHA384 in what is signed, and beside its signature what is true."""
    fields = pki.fields(pki.crl(CA, [(LEAF.certificate.serial_number, None)] if revokes else []))
    fields[1] = ECDSA_WITH_SHA256[:-1] + b"\x03"
    before = (23, "certificate revoked") if revokes else None
    lists = (_signed_list(fields),)
    return Subject([LEAF, CA], before, (8, "CRL signature failure"), flags=DEFAULT | CRL_CHECK, crls=lists)


def _nothing_in_the_long_form(of: str) -> Subject:
    """The authorityKeyIdentifier of an end entity, or of a CA beside its sound twin, ends with ``81 00``."""
    value = bytes.fromhex("308100" if of == "leaf" else "3003808100")
    extensions = [(pki.raw("2.5.29.35", value), False)]
    after = (41, "invalid or inconsistent certificate extension")
    if of == "leaf":
        leaf = pki.issue("leaf", CA, extensions=extensions)
        return Subject([leaf, CA], (20, "unable to get local issuer certificate"), after)
    twin = pki.issue("CA", ROOT, own_key=CA.key, ca=True, extensions=extensions)
    return Subject([pki.issue("leaf", CA), twin, CA], None, after)


def _pinned(algorithm: str, key: bytes | None = None) -> Subject:
    """An end entity that is trusted as such, said to be signed with that algorithm by a CA that was sent."""
    said = pki.tlv(0x30, pki.oid(f"2.16.840.1.101.3.4.3.{algorithm}"))
    fields = pki.fields(LEAF.der)
    fields[2] = said
    leaf = pki.signed(b"".join(fields), LEAF, CA.key, algorithm=said)
    ca = CA
    if key is not None:
        fields = pki.fields(CA.der)
        fields[6] = pki.tlv(0x30, said + pki.tlv(0x03, b"\0" + key))
        ca = pki.signed(b"".join(fields), CA, ROOT.key)
    after = (76, "Cannot find certificate signature algorithm")
    return Subject([leaf, ca], None, after, flags=DEFAULT | PARTIAL_CHAIN, anchor=leaf)


def _self_signed() -> Subject:
    leaf = pki.issue("itself")
    return Subject([leaf], NOT_FOUND, None, flags=DEFAULT | CRL_CHECK, anchor=leaf)


def _revoked_by_itself() -> Subject:
    root = pki.issue("Root", own_key=ROOT.key, ca=True)
    lists = pki.crl(CA), pki.crl(ROOT, [(root.certificate.serial_number, None)])
    before = (23, "certificate revoked")
    return Subject([LEAF, CA], before, None, flags=DEFAULT | 0xC, crls=lists, anchor=root)


def _ocsp(flags: int, *crls: bytes) -> Subject:
    return Subject([LEAF, CA], None, (74, "OCSP verification failed"), flags=DEFAULT | flags, crls=crls)


def _foreign_list() -> Subject:
    """A CRL by a key without a certificate; of its issuer a twin was sent, too, before the next CA."""
    upper = pki.issue("Upper CA", ROOT, ca=True)
    keys = [pki.key(slot=slot) for slot in ("CA", "twin", "foreign")]
    ca, twin, foreign = (pki.issue("CA", upper, own_key=own, ca=True) for own in keys)
    chain = [pki.issue("leaf", ca), ca, twin, upper]
    before = (54, "CRL path validation error")
    return Subject(chain, before, NOT_FOUND, flags=DEFAULT | CRL_CHECK | 0x1000, crls=(pki.crl(foreign),))


def _not_critical() -> Subject:
    words = "Basic Constraints of CA cert not marked critical"
    ca = pki.issue("CA", ROOT, ca=True, extensions=[(x509.BasicConstraints(ca=True, path_length=0), False)])
    return Subject([pki.issue("leaf", ca), ca], (89, words), None, flags=STRICT)


def _nameless() -> Subject:
    words = "Subject empty and Subject Alt Name extension not critical"
    return Subject([pki.issue(x509.Name([]), CA), CA], (88, words), None, flags=STRICT)


def _identified(form: str) -> Subject:
    """By an authorityKeyIdentifier of certain parts: key identifier, issuer, serial number."""
    digest = x509.SubjectKeyIdentifier.from_public_key(CA.key.public_key()).digest
    name = pki.tlv(0xA4, ROOT.certificate.subject.public_bytes())
    serial = CA.certificate.serial_number
    parts = {
        "key": pki.tlv(0x80, digest),
        "issuer": pki.tlv(0xA1, name),
        "host": pki.tlv(0xA1, pki.tlv(0x82, b"ca.test")),
        "serial": pki.tlv(0x82, serial.to_bytes(serial.bit_length() // 8 + 1, "big")),
    }
    value = pki.tlv(0x30, b"".join(parts[part] for part in form.split()))
    extension = pki.raw("2.5.29.35", value)
    leaf = pki.issue("leaf", CA, extensions=[(extension, False)])
    before = None if "key" in form else (85, "Missing Authority Key Identifier")
    after: tuple[int, str] | None = None
    if not form:
        after = (102, "Empty Authority Key Identifier")
    elif "serial" not in form:
        after = (103, "Authority Key Identifier issuer and serial number must be paired")
    return Subject([leaf, CA], before, after, flags=STRICT)


CASES: dict[str, tuple[str, Callable[[], Subject]]] = {
    "address with a leading zero": ("strict_addresses", _loose_address),
    "address with a sign": ("strict_addresses", lambda: _loose_address("+192.0.2.1")),
    "address within IPv6": ("strict_addresses", lambda: _loose_address("::ffff:192.0.2.01")),
    "address of the certificate after a blank": ("strict_addresses", _loose_address_of_the_certificate),
    "CRL of two algorithms": ("crl_algorithms_compared", lambda: _other_algorithm_inside(revokes=False)),
    "CRL of two algorithms that revokes": (
        "crl_algorithms_compared",
        lambda: _other_algorithm_inside(revokes=True),
    ),
    "nothing in the long form": ("long_form_of_nothing_read", lambda: _nothing_in_the_long_form("leaf")),
    "nothing in the long form beside a twin": (
        "long_form_of_nothing_read",
        lambda: _nothing_in_the_long_form("CA"),
    ),
    "pinned, ECDSA with SHA3-224": ("ecdsa_with_sha3_known", lambda: _pinned("9")),
    "pinned, ECDSA with SHA3-512": ("ecdsa_with_sha3_known", lambda: _pinned("12")),
    "pinned, ML-DSA-44": ("post_quantum_known", lambda: _pinned("17", b"1" * 1312)),
    "pinned, SLH-DSA-SHAKE-256f": ("post_quantum_known", lambda: _pinned("31", b"1" * 64)),
    "newer delta": ("delta_crls_passed_over", _newer_delta),
    "delta alone": ("delta_crls_passed_over", _lone_delta),
    "not yet valid": ("clock_in_not_yet_valid", _future),
    "no seconds": ("short_times_unparseable", lambda: _short_times("200101000000Z", "4901010000Z")),
    "no letter at the end": (
        "short_times_unparseable",
        lambda: _short_times("200101000000", "490101000000Z"),
    ),
    "letters": ("short_times_unparseable", lambda: _short_times("soon", "490101000000Z")),
    "long form without a second": (
        "short_times_unparseable",
        lambda: _short_times("200101000000Z", "2049010100000Z"),
    ),
    "CRL for a self-signed certificate": ("self_signed_not_revoked", _self_signed),
    "root on its own CRL": ("self_signed_not_revoked", _revoked_by_itself),
    "CRL of another key beside a twin": ("candidates_compared_first", _foreign_list),
    "OCSP": ("ocsp_asked", lambda: _ocsp(OCSP_CHECK)),
    "OCSP for all": ("ocsp_asked", lambda: _ocsp(OCSP_CHECK | OCSP_CHECK_ALL)),
    "OCSP for all, CRL for one": (
        "ocsp_asked",
        lambda: _ocsp(OCSP_CHECK | OCSP_CHECK_ALL | CRL_CHECK, pki.crl(CA)),
    ),
    "basicConstraints not critical": ("criticality_not_asked", _not_critical),
    "subjectAltName not critical": ("criticality_not_asked", _nameless),
    "empty scope": ("empty_scopes_unusable", lambda: _scoped("")),
    "scope without content": ("empty_scopes_unusable", lambda: _scoped("810100820100840100850100")),
    "query behind a host": ("uris_parsed", lambda: _uri("http://host.test?q", 47, None)),
    "port that is not one": ("uris_parsed", lambda: _uri("http://host.test:x", None, 53)),
    "port that is too large": ("uris_parsed", lambda: _uri("http://host.test:65536/", None, 53)),
    "no scheme": ("uris_parsed", lambda: _uri("://host.test", None, 53)),
    "user and password": ("uris_parsed", lambda: _uri("http://u:p@host.test", 47, None)),
    "excluded behind a user": ("uris_parsed", lambda: _uri("http://u:p@host.test", None, 48, excluded=True)),
    "excluded before a query": ("uris_parsed", lambda: _uri("http://host.test?q", None, 48, excluded=True)),
    "no user in a fragment": ("uri_users_bounded", lambda: _uri("http://host.test#@other.bad", 47, None)),
    "no host in a query": ("uri_users_bounded", lambda: _uri("http://other.bad?@host.test", None, 47)),
    "scheme with a backtick": ("uri_schemes_checked", lambda: _uri("htt`p://host.test", None, 53)),
    "scheme of a digit": ("uri_schemes_checked", lambda: _uri("1http://host.test", None, 53)),
    "scheme with an underscore": ("uri_schemes_checked", lambda: _uri("h_ttp://host.test", None, 53)),
    "empty identifier": ("authority_key_identifier_forms", lambda: _identified("")),
    "issuer without serial": ("authority_key_identifier_forms", lambda: _identified("issuer")),
    "key and issuer": ("authority_key_identifier_forms", lambda: _identified("key issuer")),
    "key and issuer of another form": ("authority_key_identifier_forms", lambda: _identified("key host")),
    "issuer and serial": ("authority_key_identifier_forms", lambda: _identified("issuer serial")),
}


def _judged(subject: Subject, openssl: str | None) -> certpath.Verdict:
    policy = certpath.Policy.ssl(subject.flags)
    if openssl is not None:
        policy = policy.replace(openssl=openssl)
    verifier = certpath.Verifier(subject.anchor.store, policy=policy, crls=subject.crls or None)
    return verifier.check([one.der for one in subject.chain], subject.host)


def _said(verdict: certpath.Verdict) -> tuple[int | None, str] | None:
    return None if verdict.ok else (verdict.verify_code, verdict.verify_message)


class TestRules:
    def test_every_rule_has_a_case(self) -> None:
        """No rule without one, and no case of a rule that is gone."""
        assert {rule for rule, _ in CASES.values()} == SINCE.keys()
        for since in SINCE.values():
            assert len(since) == len(VERSIONS)
            assert any(since)

    @pytest.mark.parametrize("name", CASES)
    def test_holds_from_its_release_on(self, name: str) -> None:
        """The verdict under every release that can be asked for, and the same once it has been pickled."""
        rule, made = CASES[name]
        subject = made()
        assert subject.before != subject.after
        asked = {"3.0.0": False}
        for version, since in zip(VERSIONS, SINCE[rule], strict=True):
            newest = int((certpath.Policy.ssl(openssl=version).openssl or "").rpartition(".")[2])
            asked[version] = since is not None and int(since.rpartition(".")[2]) <= newest
            if since is not None:
                asked[since] = True
                first = int(since.rpartition(".")[2])
                asked |= {f"{version}.{patch}": False for patch in range(first)}
        for version, holds in asked.items():
            verdict = _judged(subject, version)
            assert _said(verdict) == (subject.after if holds else subject.before), version
            again = pickle.loads(pickle.dumps(verdict))  # noqa: S301 (our own)
            assert (again.to_dict(), again.explain()) == (verdict.to_dict(), verdict.explain())

    @pytest.mark.skipif(
        not IS_OPENSSL, reason="only OpenSSL from 3.0 on has the codes and words that are promised"
    )
    @pytest.mark.parametrize("name", CASES)
    def test_is_that_of_the_openssl_that_is_there(self, name: str) -> None:
        """Nobody has said which: it is that of this interpreter's `ssl`, or a stricter one that is listed."""
        rule, made = CASES[name]
        subject = made()
        ours = _judged(subject, None)
        try:
            refusal = handshake(
                subject.chain, [subject.anchor], host=subject.host, flags=subject.flags, crls=subject.crls
            )
        except Unpresentable:
            assert ours.status == "unparseable"
            return
        assert refusal is None or isinstance(refusal, ssl.SSLCertVerificationError)
        if rule in BEYOND and follows(rule):
            # What that OpenSSL reads is not read here.
            assert _said(ours) == subject.after
            return
        theirs = None if refusal is None else (refusal.verify_code, refusal.verify_message)
        assert _said(ours) == theirs


class TestTimesOfLists:
    """A CRL with a time that is too short is not one where certificates with one are not."""

    @pytest.mark.parametrize("field", ["thisUpdate", "nextUpdate", "revocationDate"])
    @pytest.mark.parametrize("short", ["", "2501010000Z", "250101000000"])
    def test_no_verifier_is_made_with_it(self, field: str, short: str) -> None:
        """ValueError that names the list; to older releases and to the searching policies it is a list."""
        fields = pki.fields(pki.crl(CA, [(LEAF.certificate.serial_number + 1, None)]))
        time = pki.tlv(0x17, short.encode())
        if field == "revocationDate":
            serial, _, *others = pki.elements(pki.inside(pki.inside(fields[5])))
            fields[5] = pki.tlv(0x30, pki.tlv(0x30, b"".join([serial, time, *others])))
        else:
            fields[3 if field == "thisUpdate" else 4] = time
        lists = [pki.crl(CA), _signed_list(fields)]
        for version in VERSIONS:
            policy = certpath.Policy.ssl(DEFAULT | CRL_CHECK, openssl=version)
            if version in ("3.0", "3.2"):
                certpath.Verifier(ROOT.store, policy=policy, crls=lists)
                continue
            with pytest.raises(ValueError, match=r"crls: list 1: OpenSSL \S+ does not read it: a time"):
                certpath.Verifier(ROOT.store, policy=policy, crls=lists)
        certpath.Verifier(ROOT.store, policy="webpki", crls=lists)


class TestTimesOfAnchors:
    def test_an_anchor_that_cannot_be_read_is_passed_over(self) -> None:
        """By a context that cannot read it, whatever the flags say of dates."""
        fields = pki.fields(ROOT.der)
        fields[4] = pki.tlv(0x30, pki.tlv(0x17, b"2001010000Z") + pki.tlv(0x17, b"490101000000Z"))
        anchor = pki.signed(b"".join(fields), ROOT, ROOT.key)
        no_time = DEFAULT | 0x200000
        for version in VERSIONS:
            policy = certpath.Policy.ssl(no_time, openssl=version)
            verdict = certpath.Verifier(anchor.store, policy=policy).check([LEAF.der, CA.der], pki.HOST)
            expected = 0 if version in ("3.0", "3.2") else 20
            assert verdict.verify_code == expected, version
            both = certpath.TrustStore.from_der([anchor.der, ROOT.der])
            verdict = certpath.Verifier(both, policy=policy).check([LEAF.der, CA.der], pki.HOST)
            assert verdict.ok, version


class TestPolicy:
    def test_the_default_is_the_openssl_that_is_there(self) -> None:
        """The newest known that is not newer; what is older than all of them is taken for the oldest."""
        major, minor, _, patch, _ = ssl.OPENSSL_VERSION_INFO
        expected = certpath.Policy.ssl().openssl
        if f"{major}.{minor}" in VERSIONS:
            assert expected == f"{major}.{minor}.{patch}"
        else:
            assert expected is not None
            assert expected.rpartition(".")[0] in VERSIONS
        verifiers = [
            certpath.Verifier(ROOT.store),
            certpath.Verifier(ROOT.store, policy="ssl"),
            certpath.Verifier(ROOT.store, policy=certpath.Policy.ssl(0x88020)),
        ]
        assert {verifier.policy.openssl for verifier in verifiers} == {expected}
        context = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=ROOT.der)
        assert context.verifier().policy.openssl == expected
        assert "openssl" not in repr(certpath.Policy.ssl())

    @pytest.mark.parametrize("version", ["3.0.0", "3.0.19", "3.5.4", "4.0.0"])
    def test_a_version_is_kept(self, version: str) -> None:
        """Through repr, pickle, replace and comparison."""
        policy = certpath.Policy.ssl(0x88020, openssl=version)
        assert policy.openssl == version
        assert eval(repr(policy), {"Policy": certpath.Policy}) == policy  # noqa: S307 (what we have printed)
        assert pickle.loads(pickle.dumps(policy)) == policy  # noqa: S301 (our own)
        assert b"openssl" in pickle.dumps(certpath.Policy.ssl()), "elsewhere another may be the default"
        others = [policy.replace(openssl=other) for other in VERSIONS]
        assert policy not in others
        assert [other.replace(openssl=version) for other in others] == [policy] * len(others)

    def test_a_series_is_the_newest_release_of_it(self) -> None:
        """That has been measured."""
        for version in VERSIONS:
            named = certpath.Policy.ssl(openssl=version)
            assert named.openssl is not None
            assert named.openssl.startswith(f"{version}.")
            assert certpath.Policy.ssl(openssl=named.openssl) == named

    @pytest.mark.parametrize(
        "version", ["1.1.1", "3", "3.0.", "3.0.019", "3.0.-1", "3.0.19.1", "3.7", "5.0", "", "LibreSSL"]
    )
    def test_an_unknown_version_is_refused(self, version: str) -> None:
        """With the names of the known ones."""
        with pytest.raises(ValueError, match=re.escape(f"known are {', '.join(VERSIONS)},")):
            certpath.Policy.ssl(openssl=version)

    @pytest.mark.parametrize("version", [3.0, None, (3, 0), b"3.0"])
    def test_what_is_no_text_is_refused(self, version: object) -> None:
        """By its type."""
        with pytest.raises(TypeError, match="openssl must be a str, not"):
            certpath.Policy.ssl(openssl=version)  # type: ignore[arg-type]

    @pytest.mark.parametrize("preset", ["webpki", "rfc5280", "cabf"])
    def test_searching_policies_have_none(self, preset: str) -> None:
        """They do not go by OpenSSL, so their verdicts are the same everywhere."""
        policy = getattr(certpath.Policy, preset)()
        assert policy.openssl is None
        with pytest.raises(TypeError, match=r"Policy\.ssl"):
            policy.replace(openssl="3.5")
        future = _future()
        verdict = certpath.Verifier(ROOT.store, policy=policy).check(
            [one.der for one in future.chain], pki.HOST
        )
        assert ("not_yet_valid", "certificate is not yet valid") in {
            (finding.name, finding.message) for finding in verdict.findings
        }


class TestCommandLine:
    """``certpath check --openssl``."""

    CHECK = ("check", str(EXAMPLES / "chains" / "good-rsa.pem"), "--roots", str(EXAMPLES / "roots.pem"))

    @pytest.mark.parametrize("policy", POLICIES)
    @pytest.mark.parametrize("version", VERSIONS)
    def test_it_chooses_the_release(
        self, policy: str, version: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What `Policy.ssl(openssl=…)` says, in the rows and in the summary; given twice, it is an error."""
        words = [*self.CHECK, "--at", "2020-01-01", "--policy", policy, "--openssl", version]
        assert main([*words, "-o", "jsonl"]) == 1
        said = capsys.readouterr()
        chosen = certpath.Policy.ssl(POLICIES[policy][0], openssl=version)
        text = "certificate is not yet valid"
        if version >= "3.6":
            text += " or the system clock is incorrect"
        assert json.loads(said.out)["verify_message"] == text
        is_other = chosen.openssl != certpath.Policy.ssl().openssl
        assert (f"policy ssl of OpenSSL {chosen.openssl}, " in said.err) == is_other
        assert main([*words, "--openssl", version]) == 2

    @pytest.mark.parametrize(
        ("words", "searching"),
        [
            (["--policy", "webpki"], "webpki"),
            (["--policy", "rfc5280"], "rfc5280"),
            (["--policy", "cabf"], "cabf"),
            # Scans search unless told otherwise.
            (["--format", "zgrab"], "webpki"),
        ],
    )
    def test_it_is_refused_where_it_means_nothing(
        self, words: list[str], searching: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """No option is taken and ignored."""
        assert main([*self.CHECK, *words, "--openssl", "3.5"]) == 2
        expected = f"--openssl needs one of --policy ssl, ssl-partial, ssl-strict: {searching} is the same"
        assert expected in capsys.readouterr().err
