#!/usr/bin/env python3
"""Break checks on purpose, one at a time, and see that some test fails for each.

    python .ci/mutants.py [--check] [--list] [--jobs N] [--log FILE] [NAME ...]

Each mutant is a piece of the source and what is put in its place. All of Rust's are built at once in a copy
(below target/mutants), one of them at work at a time (.ci/switches.py), with whatever Python runs this
script, which needs the packages of the `test` group; the tests of each run until the first of them fails. One
that cannot be switched, or that no test notices, is built alone: a test may start programs without the
variable that chooses. In the end the tests that have noticed something have to pass without any mutant.

Prints a table; exit code 1 if a mutant survives. ``--log`` adds every result to a file and passes over the
mutants that it tells of already. ``--check`` builds nothing and only sees to it that every mutant still fits
the source in exactly one place: the gate does that.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from switches import MODULE, VARIABLE, Change, Span, body_around, switched

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[1]
SCRATCH = ROOT / "target" / "mutants"
COPIED = (
    "Cargo.toml",
    "Cargo.lock",
    "pyproject.toml",
    "clippy.toml",
    "benches",
    "crates",
    "data",
    "src",
    "python",
    "tests",
    "examples",
    "docs",
)

CARGO = "cargo"
"""Among the tests of a mutant: Rust's unit tests."""

SURVIVES = "SURVIVES"


@dataclass(frozen=True)
class Mutant:
    """One check, broken."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]
    also: tuple[str, str] | None = None
    """What else has to be broken in the file, where two places watch over the same thing."""
    within: int = 1800
    """Seconds after which tests that are still at work have noticed: with the mutant something never ends."""

    @property
    def changes(self) -> tuple[tuple[str, str], ...]:
        """Each piece and what is put in its place."""
        return ((self.before, self.after), *([self.also] if self.also else ()))

    def problem(self) -> str | None:
        """Why it does not fit the source any more."""
        text = (ROOT / self.file).read_text(encoding="utf-8")
        counts = [text.count(before) for before, _ in self.changes]
        wrong = next((count for count in counts if count != 1), None)
        return None if wrong is None else f"{self.name}: {wrong} places in {self.file}, not one"

    @property
    def is_switched(self) -> bool:
        """Whether it goes into the build of all."""
        if not self.file.endswith(".rs"):
            return False
        text = (ROOT / self.file).read_text(encoding="utf-8")
        starts = [(text.index(before), before) for before, _ in self.changes]
        return all(body_around(text, Span(start, start + len(before))) for start, before in starts)

    def broken(self, sound: str) -> str:
        """The file with the check broken."""
        for before, after in self.changes:
            sound = sound.replace(before, after)
        return sound


PROFILE = "src/path/profile.rs"


def rules_left_out() -> tuple[Mutant, ...]:
    """Every rule of the strict profiles, left out: their table lists them, a test has a case for each."""
    asked = "RULES.iter().filter_map(|rule| Some(("
    rules = re.findall(
        r"^    rule\(Of::\w+, Check::(\w+),", (ROOT / PROFILE).read_text(encoding="utf-8"), re.MULTILINE
    )
    return tuple(
        Mutant(
            f"a rule of the profiles is left out: {rule}",
            PROFILE,
            asked,
            asked.replace(".iter()", f".iter().filter(|rule| rule.check != Check::{rule})"),
            ("tests/test_profiles.py",),
        )
        for rule in rules
    )


MUTANTS = (
    *rules_left_out(),
    Mutant(
        "blanks count among what a format is recognised by",
        "src/ingest/source.rs",
        "let wanted = HEAD.saturating_sub(text);",
        "let wanted = HEAD.saturating_sub(head.len());",
        ("tests/test_formats.py",),
    ),
    Mutant(
        "keys of ROCA not told",
        "src/certificate/weak_key.rs",
        "if power == rest {",
        "if power == rest && false {",
        ("tests/test_certificate_facts.py",),
    ),
    Mutant(
        "one step of Fermat's method",
        "src/certificate/weak_key.rs",
        "for _ in 0..FERMAT_STEPS {",
        "for _ in 0..FERMAT_STEPS.min(1) {",
        ("tests/test_certificate_facts.py",),
    ),
    Mutant(
        "revocation sets not asked",
        "src/path/checks/revoked.rs",
        "if let Listing::By(by) = set.listing(depth, certificate, above, at) {",
        "if let Listing::By(by) = set.listing(depth, certificate, above, at) && depth > 99 {",
        ("tests/test_revocation_sets.py::TestListed",),
    ),
    Mutant(
        "a key blocked by a CRLSet goes on",
        "src/revocation_set/crlset.rs",
        "if self.blocked.contains(&key) {",
        "if false && self.blocked.contains(&key) {",
        ("tests/test_revocation_sets.py::TestListed",),
    ),
    Mutant(
        "a subject that some keys alone may have, with any key",
        "src/revocation_set/crlset.rs",
        "&& !allowed.contains(&key)",
        "&& !allowed.contains(&key) && false",
        ("tests/test_revocation_sets.py::TestListed",),
    ),
    Mutant(
        "serial numbers of a CRLSet with the zeros before them",
        "src/revocation_set/crlset.rs",
        "listed.insert(without_zeros(serial).into());",
        "listed.insert(serial.into());",
        ("tests/test_revocation_sets.py::TestListed",),
    ),
    Mutant(
        "a CRLSet that is out of date says good",
        "src/revocation_set/crlset.rs",
        "let is_current = self.not_after.is_none_or(|end| at <= end);",
        "let is_current = self.not_after.is_none_or(|end| at <= end) || true;",
        ("tests/test_revocation_sets.py::TestKnowledge",),
    ),
    Mutant(
        "an answer of a revocation set remembered beyond its date",
        "src/verifier.rs",
        "let sets = self.sets.iter().flat_map(|set| set.moments());",
        "let sets = self.sets.iter().flat_map(|set| set.moments()).filter(|_| false);",
        ("tests/test_revocation_sets.py::TestKnowledge",),
    ),
    Mutant(
        "octets behind a CRLSet passed over",
        "src/revocation_set/crlset.rs",
        "if !rest.is_empty() {\n        return Err(SetError(format!(",
        "if false && !rest.is_empty() {\n        return Err(SetError(format!(",
        ("tests/test_revocation_sets.py::TestBroken",),
    ),
    Mutant(
        "what a filter has as revoked goes on",
        "src/revocation_set/crlite.rs",
        'CRLiteStatus::Revoked => Listing::By("serial number"),',
        "CRLiteStatus::Revoked => Listing::Absent,",
        ("tests/test_revocation_sets.py::TestFilters",),
    ),
    Mutant(
        "a filter that does not cover a certificate says good",
        "src/revocation_set/crlite.rs",
        "CRLiteStatus::NotCovered | CRLiteStatus::NotEnrolled => Listing::Unknown,",
        "CRLiteStatus::NotCovered | CRLiteStatus::NotEnrolled => Listing::Absent,",
        ("tests/test_revocation_sets.py::TestFilters",),
    ),
    Mutant(
        "a filter asked about what had expired when it was made",
        "src/revocation_set/crlite.rs",
        "is_none_or(|end| end < self.complete_from)",
        "is_none_or(|end| end < self.complete_from && end < 0)",
        ("tests/test_revocation_sets.py::TestFilters",),
    ),
    Mutant(
        "a filter asked about CAs",
        "src/revocation_set.rs",
        "if depth > 0 && !self.kind().is_list() {",
        "if depth > 99 && !self.kind().is_list() {",
        ("tests/test_revocation_sets.py::TestFilters",),
    ),
    Mutant(
        "what no filter knows is said not to be in it",
        "src/revocation_set.rs",
        "Self { listed: has_list.then_some(false)",
        "Self { listed: (has_list || !has_list).then_some(false)",
        ("tests/test_revocation_sets.py::TestFilters",),
    ),
    Mutant(
        "octets behind a filter passed over",
        "src/revocation_set/crlite.rs",
        "if !from.rest.is_empty() {",
        "if false && !from.rest.is_empty() {",
        ("tests/test_revocation_sets.py::TestFilters",),
    ),
    Mutant(
        "an index that asks for columns that are not there",
        "src/revocation_set/crlite.rs",
        "if rank > columns {",
        "if false && rank > columns {",
        ("tests/test_revocation_sets.py::TestFilters",),
    ),
    Mutant(
        "places beyond a filter added up",
        "src/revocation_set/crlite.rs",
        "is_none_or(|end| end > u64::from(u32::MAX))",
        "is_none_or(|end| end > u64::MAX - 1)",
        ("tests/test_revocation_sets.py::TestFilters",),
    ),
    Mutant(
        "an issuer that is in a filter twice",
        "src/revocation_set/crlite.rs",
        "let key = from.hash()?;\n    if !seen.insert(key) {",
        "let key = from.hash()?;\n    if !seen.insert(key) && false {",
        ("tests/test_revocation_sets.py::TestFilters",),
    ),
    Mutant(
        "a log that is in a filter twice",
        "src/revocation_set/crlite.rs",
        "let log = from.hash()?;\n    if !seen.insert(log) {",
        "let log = from.hash()?;\n    if !seen.insert(log) && false {",
        ("tests/test_revocation_sets.py::TestFilters",),
    ),
    Mutant(
        "any number of exceptions to a filter",
        "src/revocation_set/crlite.rs",
        "if *exceptions > MOST_EXCEPTIONS {",
        "if false && *exceptions > MOST_EXCEPTIONS {",
        ("tests/test_revocation_sets.py::TestFilters",),
    ),
    Mutant(
        "a revocation set of any length",
        "src/revocation_set.rs",
        "is_ok_and(|length| length > RevocationSet::LONGEST)",
        "is_ok_and(|length| length > RevocationSet::LONGEST && false)",
        ("tests/test_revocation_sets.py::TestFilters",),
    ),
    Mutant(
        "a record of a OneCRL that is none passed over",
        "src/revocation_set/onecrl.rs",
        "            _ => {\n                return Err(complain(",
        "            _ if number > 0 || true => {}\n            _ => {\n                return Err(complain(",
        ("tests/test_revocation_sets.py::TestBroken",),
    ),
    Mutant(
        "a row gets the OCSP response of a remembered chain",
        "src/batch/memory.rs",
        "self.stapled.ocsp, self.name",
        "None, self.name",
        (CARGO,),
    ),
    Mutant(
        "an OCSP response that says revoked goes on",
        "src/path/stapled.rs",
        "if answer.status == OcspStatus::Revoked {",
        "if answer.status == OcspStatus::Revoked && false {",
        ("tests/test_stapled.py::TestAnswers",),
    ),
    Mutant(
        "an OCSP response whose signature is bad counts",
        "src/path/stapled.rs",
        "Outcome::Invalid => Err(OcspProblem::BadSignature),",
        "Outcome::Invalid => Ok(()),",
        ("tests/test_stapled.py::TestAnswers",),
    ),
    Mutant(
        "whoever has a certificate of the issuer signs OCSP responses",
        "src/path/stapled.rs",
        "let may_sign = is_for_this",
        "let may_sign = (is_for_this || true)",
        ("tests/test_stapled.py::TestAnswers",),
    ),
    Mutant(
        "a delegate signs OCSP responses whose time is over",
        "src/path/stapled.rs",
        "            && is_valid\n",
        "            && (is_valid || true)\n",
        ("tests/test_stapled.py::TestAnswers",),
    ),
    Mutant(
        "a delegate of a namesake of the issuer signs OCSP responses",
        "src/path/stapled.rs",
        "if has_signed(issuer, delegate, self.memo) { Ok(()) }",
        "if has_signed(issuer, delegate, self.memo) || true { Ok(()) }",
        ("tests/test_stapled.py::TestAnswers",),
    ),
    Mutant(
        "an OCSP response that is out of date counts",
        "src/path/stapled.rs",
        "Some(next_update) if next_update <= at => Some(OcspProblem::Expired),",
        "Some(next_update) if next_update <= at && false => Some(OcspProblem::Expired),",
        ("tests/test_stapled.py::TestAnswers",),
    ),
    Mutant(
        "an OCSP response of the future counts",
        "src/path/stapled.rs",
        "if single.this_update > at {",
        "if single.this_update > at && false {",
        ("tests/test_stapled.py::TestAnswers",),
    ),
    Mutant(
        "an OCSP response about another serial number counts",
        "src/ocsp.rs",
        "one.id.serial == serial &&",
        "(one.id.serial == serial || true) &&",
        ("tests/test_stapled.py::TestAnswers",),
    ),
    Mutant(
        "an OCSP response about another issuer's certificate counts",
        "src/ocsp.rs",
        "key.contain(one.id.hash, one.id.issuer_key)",
        "key.contain(one.id.hash, one.id.issuer_key) || true",
        ("tests/test_stapled.py::TestAnswers",),
        also=(
            "issuer.contain(one.id.hash, one.id.issuer_name)",
            "(issuer.contain(one.id.hash, one.id.issuer_name) || true)",
        ),
    ),
    Mutant(
        "a critical extension of an OCSP response passed over",
        "src/ocsp.rs",
        "found |= critical &&",
        "found |= critical && false &&",
        ("tests/test_stapled.py::TestAnswers",),
    ),
    Mutant(
        "an OCSP response of a namesake that has not issued the end entity counts",
        "src/path/stapled.rs",
        "issuer.filter(|issuer| has_signed(issuer, self.leaf, self.memo))",
        "issuer.filter(|issuer| has_signed(issuer, self.leaf, self.memo) || true)",
        ("tests/test_stapled.py::TestAnswers",),
    ),
    Mutant(
        "an answer of an OCSP response remembered beyond its date",
        "src/verifier.rs",
        "let stapled = verdict.ocsp.iter().flat_map(|answer| answer.moments.iter().copied());",
        "let stapled = verdict.ocsp.iter().flat_map(|answer| answer.moments.iter().copied()).take(0);",
        ("tests/test_stapled.py::TestRows",),
    ),
    Mutant(
        "whoever has to staple need not",
        "src/path/stapled.rs",
        "            && leaf.must_staple()\n",
        "            && leaf.must_staple() && false\n",
        ("tests/test_stapled.py::TestMustStaple",),
    ),
    Mutant(
        "a timestamp believed without a signature",
        "src/ct.rs",
        "self.memo.verify(id, &signed) == Outcome::Valid",
        "self.memo.verify(id, &signed) != Outcome::Unsupported",
        ("tests/test_transparency.py::TestSignatures", "tests/test_transparency.py::TestDoors"),
    ),
    Mutant(
        "timestamps of another issuer's key",
        "src/ct.rs",
        "message.extend(issuer_key_hash);",
        "message.extend(issuer_key_hash); message.truncate(12); message.extend([0; 32]);",
        ("tests/test_transparency.py::TestSignatures",),
    ),
    Mutant(
        "a timestamp under the numbers of another algorithm",
        "src/ct.rs",
        "if sct.algorithm != log.algorithm {",
        "if false && sct.algorithm != log.algorithm {",
        ("tests/test_transparency.py",),
    ),
    Mutant(
        "the signature of a timestamp remembered without what it is over",
        "src/ct.rs",
        "signed: signature::sha256(&message)",
        "signed: signature::sha256(&sct.log_id)",
        ("tests/test_transparency.py::TestDoors",),
    ),
    Mutant(
        "a pickled verdict may be accepted without a path",
        "src/py/verdict/pickling.rs",
        "(inner.is_ok() && inner.anchor().is_none())",
        "(inner.is_ok() && inner.anchor().is_none() && false)",
        ("tests/test_values.py::TestVerdict",),
    ),
    Mutant(
        "a pickled verdict may be about other certificates than its path says",
        "src/py/verdict/pickling.rs",
        "is_some_and(|(_, one)| one.view().sha256() == member.sha256)",
        "is_some_and(|(_, one)| one.view().sha256() == member.sha256 || true)",
        ("tests/test_values.py::TestVerdict",),
    ),
    Mutant(
        "a timestamp of the future counts",
        "src/ct.rs",
        "if second > self.at {",
        "if false && second > self.at {",
        ("tests/test_transparency.py::TestStanding",),
    ),
    Mutant(
        "a verdict remembered beyond the moment of a timestamp",
        "src/verifier.rs",
        "let timestamps = verdict.transparency.iter().flat_map(|told| told.moments());",
        "let timestamps = verdict.transparency.iter().flat_map(|told| told.moments()).filter(|_| false);",
        ("tests/test_transparency.py::TestStanding",),
    ),
    Mutant(
        "a verdict remembered beyond the retirement of a log",
        "src/verifier.rs",
        "let logs = self.ct_logs.iter().flat_map(|logs| logs.moments());",
        "let logs = self.ct_logs.iter().flat_map(|logs| logs.moments()).filter(|_| false);",
        ("tests/test_transparency.py::TestStanding",),
    ),
    Mutant(
        "a row gets the timestamps of another row of the batch",
        "src/batch.rs",
        "&& inquiry.stapled == known.stapled;",
        "&& (inquiry.stapled == known.stapled || true);",
        ("tests/test_transparency.py::TestDoors",),
        also=(
            "chain.len(), inquiry.name.as_deref(), inquiry.stapled))",
            "chain.len(), inquiry.name.as_deref()))",
        ),
    ),
    Mutant(
        "a row gets the timestamps of a remembered chain",
        "src/batch/memory.rs",
        "[self.stapled.scts, ",
        "[None, ",
        (CARGO,),
    ),
    Mutant(
        "a row gets the verdict of another chain of the same hash",
        "src/batch/memory.rs",
        "known.eq(key.parts())",
        "known.count() == key.parts().count()",
        (CARGO,),
    ),
    Mutant(
        "a row gets the verdict for another name of the same hash",
        "src/batch/memory.rs",
        "self.name.map(str::as_bytes)]",
        "None]",
        (CARGO,),
    ),
    Mutant(
        "more timestamps than the budget",
        "src/ct.rs",
        "if number == MAX_LISTED {",
        "if number == MAX_LISTED * 2 {",
        ("tests/test_transparency.py::TestMalformed",),
    ),
    Mutant(
        "a log by another number than that of its key",
        "src/ct/logs.rs",
        'if decode("log_id")? != id {',
        'if decode("log_id")? != id && false {',
        ("tests/test_transparency.py::TestLists",),
    ),
    Mutant(
        "a retired log counts for what it signed later",
        "src/ct/compliance.rs",
        "milliseconds < since.saturating_mul(1_000)",
        "milliseconds < since.saturating_mul(1_000) || milliseconds > 0",
        ("tests/test_transparency.py::TestProgrammes",),
    ),
    Mutant(
        "nothing recognised replaces earlier results",
        "src/scan.rs",
        "Sink::File(output) if !self.tally.recognised() =>",
        "Sink::File(output) if false =>",
        ("tests/test_formats.py",),
    ),
    Mutant(
        "a source without rows is passed over",
        "src/scan/tally.rs",
        "        rows == 0 && !empty\n",
        "        rows == 0 && !empty && false\n",
        ("tests/test_formats.py",),
    ),
    Mutant(
        "rows of the day of a store's data taken for older ones",
        "src/scan/tally.rs",
        "is_some_and(|(at, date)| at < date)",
        "is_some_and(|(at, date)| at <= date)",
        ("tests/test_as_of.py",),
    ),
    Mutant(
        "a response that follows the chain not waited for",
        "src/ingest/capture/flows.rs",
        "let may_staple = (answer.may_staple || self.asks_status) && read.is_ok();",
        "let may_staple = (answer.may_staple || self.asks_status) && read.is_ok() && false;",
        ("tests/test_captured_staples.py",),
    ),
    Mutant(
        "kept times with a zone do not say that they are UTC",
        "src/arrow/as_text.rs",
        'let end = if zone.is_some() { "Z" } else { "" };',
        'let end = if zone.is_none() { "Z" } else { "" };',
        ("tests/test_formats.py",),
    ),
    Mutant(
        "kept lists that name one long text again and again are written to their end",
        "src/arrow/as_text.rs",
        "if self.text.len() > self.longest {",
        "if self.text.len() > self.longest && self.text.is_empty() {",
        ("tests/test_bombs.py",),
    ),
    Mutant(
        "columns nested to any depth are kept",
        "src/arrow/as_text.rs",
        "Self::within(column, deepest.checked_sub(1)?)",
        "Self::within(column, deepest)",
        ("tests/test_kept_columns.py",),
    ),
    Mutant(
        "a client that has asked for a response taken for one that has not",
        "src/ingest/capture/flows.rs",
        "self.asks_status |= asks_status;",
        "self.asks_status |= asks_status && false;",
        ("tests/test_captured_staples.py",),
    ),
    Mutant(
        "the last of several responses taken for the end entity's",
        "src/ingest/capture/handshake.rs",
        "            vector(&mut list, 3)?\n",
        "            let first = vector(&mut list, 3)?;\n            vector(&mut list, 3).unwrap_or(first)\n",
        ("tests/test_captured_staples.py",),
    ),
    Mutant(
        "a damaged CertificateStatus taken for a response",
        "src/ingest/capture/handshake.rs",
        "rest.is_empty().then(|| kept.to_vec())",
        "(rest.is_empty() || true).then(|| kept.to_vec())",
        ("tests/test_captured_staples.py",),
    ),
    Mutant(
        "what waits for a response not counted",
        "src/ingest/capture/flows.rs",
        "+ chain.map_or(0, Presented::octets)",
        "+ chain.map_or(0, |_| 0)",
        (CARGO,),
    ),
    Mutant(
        "segments are taken in the order in which they came",
        "src/ingest/capture/flows.rs",
        "next.wrapping_sub(number) < 1 << 31",
        "next.wrapping_sub(number) < 1 << 31 || number > 0",
        ("tests/test_formats.py",),
    ),
    Mutant(
        "revocation lists handed in not asked",
        "src/policy.rs",
        "if any && !self.crl_check_said {",
        "if false && any && !self.crl_check_said {",
        ("tests/test_handed_in.py::TestRevocationLists",),
    ),
    Mutant(
        "revocation lists left unasked without a warning",
        "src/verifier.rs",
        "!self.crls.is_empty() && !self.policy.asks_crls()",
        "false && !self.crls.is_empty() && !self.policy.asks_crls()",
        ("tests/test_handed_in.py::TestRevocationLists",),
    ),
    Mutant(
        "PEM that cannot be read passed over in a column",
        "src/arrow/presented.rs",
        "Err(problem) => Err(problem.clone()),",
        "Err(_) => Ok(true),",
        ("tests/test_pem_columns.py",),
    ),
    Mutant(
        "text that may be the end entity passed over",
        "src/arrow/names.rs",
        "fits: |kind| is_octets(kind) || is_text(kind),",
        "fits: is_octets,",
        ("tests/test_pem_columns.py",),
    ),
    Mutant(
        "mistyped column passed over",
        "src/arrow/names.rs",
        "(0, WantedColumn::Named(_)) => Err(missing(role, name, schema, situation)),",
        "(0, WantedColumn::Named(_)) => Ok(None),",
        ("tests/test_handed_in.py::TestColumns", CARGO),
    ),
    Mutant(
        "column of another name passed over",
        "src/arrow/names.rs",
        "(0, _) => match self.resembling(role, schema).filter(|_| minds) {",
        "(0, _) => match self.resembling(role, schema).filter(|_| minds && false) {",
        ("tests/test_handed_in.py::TestColumns", CARGO),
    ),
    Mutant(
        "one chain taken for many",
        "src/py/verifier/rows.rs",
        "if arguments::is_octets(chains) || chains.cast::<Certificate>().is_ok() {",
        "if chains.cast::<Certificate>().is_ok() {",
        ("tests/test_handed_in.py::TestArguments",),
    ),
    Mutant(
        "URL taken for a name",
        "src/batch/judging.rs",
        "if let Some(mistake) = name::mistake(name).filter(|_| searches) {",
        "if let Some(mistake) = name::mistake(name).filter(|_| searches && false) {",
        ("tests/test_handed_in.py::TestNames",),
    ),
    Mutant(
        "path length ignored",
        "src/path/checks.rs",
        "&& cas_below > limit",
        "&& cas_below > limit + 1_000",
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "any extended key usage will do",
        "src/path/checks/purpose.rs",
        "if !purposes.iter().any(|found| policy.takes(found)) {",
        "if purposes.iter().next().is_none() {",
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "excluded subtrees ignored",
        "src/path/name_constraints.rs",
        "Ok(true) => return fail(Check::ExcludedSubtreeViolation),",
        "Ok(true) => {}",
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "permitted subtrees ignored",
        "src/path/name_constraints.rs",
        "if matched == Some(false) {",
        "if matched.is_none() && matched.is_some() {",
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "webpki's refusals ignored",
        "src/path/proof.rs",
        "                return Err(self.refusal(&error));\n            };",
        "                return Ok(());\n            };",
        ("tests/test_parity.py", "tests/test_policy.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "an exception not allowed is made",
        "src/path/proof.rs",
        "self.policy.allows(*exception);\n",
        "self.policy.allows(*exception) || self.policy.max_depth > 0;\n",
        ("tests/test_parity.py", "tests/test_policy.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "what webpki says of a path in translation ignored",
        "src/path/proof.rs",
        "answer = self.ask_in_translation(&question, &used, &error, work)?;",
        "answer = self.ask_in_translation(&question, &used, &error, work)?.or(Ok(()));",
        ("tests/test_exceptions.py",),
    ),
    Mutant(
        "certificates translated unseen",
        "src/path/proof.rs",
        "        if !used.is_empty() {\n",
        "        if used.len() > 9 {\n",
        (CARGO,),
    ),
    Mutant(
        "what webpki says of a pinned end entity ignored",
        "src/path/proof.rs",
        "self.ask_alone(leaf, None, &used) else { break };",
        "self.ask_alone(leaf, None, &used).or(Ok::<(), Error>(())) else { break };",
        (CARGO,),
    ),
    Mutant(
        "webpki: another part than the one that it has stumbled over",
        "src/path/proof/place.rs",
        "    Some(Stumbled(parts.name(refused)))\n",
        "    Some(Stumbled(parts.name(read)))\n",
        (CARGO,),
    ),
    Mutant(
        "webpki: a refusal that is about the anchor's key is about nobody",
        "src/path/proof/place.rs",
        "        if same(self.ask_anchor(None)) {\n",
        "        if same(Ok(())) {\n",
        (CARGO,),
    ),
    Mutant(
        "octets not counted",
        "src/path/memory.rs",
        "        self.octets <= Self::MAX_OCTETS\n",
        "        self.octets > 0 || self.proofs == 0\n",
        ("tests/test_work.py",),
    ),
    Mutant(
        "comparisons cost nothing",
        "src/path/memory.rs",
        "if !self.work.spend(comparison_octets(certificate, issuer)) {",
        "if !self.work.spend(comparison_octets(certificate, certificate)) {",
        ("tests/test_work.py",),
    ),
    Mutant(
        "a path costs nothing",
        "src/path/search.rs",
        "self.spend(octets.saturating_add(Cost::PATH))?;",
        "self.spend(octets.min(Cost::PATH))?;",
        ("tests/test_work.py",),
    ),
    Mutant(
        "what has been compared is forgotten",
        "src/path/memory.rs",
        "self.compared.contains_key(&(address(certificate), address(issuer)))",
        "self.compared.contains_key(&(address(issuer), address(certificate)))",
        ("tests/test_work.py",),
    ),
    Mutant(
        "malformed constraints taken out of webpki's sight",
        "src/path/translation/constraints.rs",
        "subtree.is_shortest() && base.is_shortest() && malformed_base(&parsed).is_none();",
        "subtree.is_shortest() || base.is_shortest() || malformed_base(&parsed).is_none();",
        ("tests/test_exceptions.py",),
    ),
    Mutant(
        "bounds of constraints taken out of webpki's sight",
        "src/path/translation/constraints.rs",
        ".contains(&base.tag) || !fields.is_empty() {",
        ".contains(&base.tag) {",
        (CARGO,),
    ),
    Mutant(
        "all constraints taken out with those of the other forms",
        "src/path/translation/constraints.rs",
        "                kept.extend_from_slice(subtree.whole);\n                continue;\n",
        "                continue;\n",
        (CARGO,),
    ),
    Mutant(
        "a key that does not decode is told when its turn comes",
        "src/path/checks.rs",
        "if !self.policy.searches() && !is_said && !certificate.public_key.decodes() {",
        "if !self.policy.searches() && depth > length && !is_said {",
        ("tests/crosscheck/test_found.py",),
    ),
    Mutant(
        "a CA may be of any version under every policy",
        "src/path/translation.rs",
        "&& (depth == 0 || !policy.searches())",
        "&& (depth == 0 || policy.max_depth > 0)",
        ("tests/test_translations.py",),
    ),
    Mutant(
        "what is taken out need not be DER",
        "src/certificate/translation.rs",
        "if replacement.is_some() && !field.is_shortest() {",
        "if replacement.is_some() && field.contents.len() > 1 << 20 {",
        ("tests/test_translations.py",),
    ),
    Mutant(
        "critical extensions count that are there twice",
        "src/path/translation/criticality.rs",
        "let processed = instances == 1\n",
        "let processed = instances > 0\n",
        ("tests/test_translations.py",),
    ),
    Mutant(
        "critical policies count that do not decode",
        "src/path/translation/criticality.rs",
        "| oid::INHIBIT_ANY_POLICY => policies::is_sound(certificate),",
        "| oid::INHIBIT_ANY_POLICY => true,",
        ("tests/test_translations.py",),
    ),
    Mutant(
        "a critical Netscape type is for everything",
        "src/path/translation/criticality.rs",
        "!policy.searches() || is_for_tls(certificate, depth, policy),",
        "!policy.searches() || is_for_tls(certificate, depth, policy) || depth > 0,",
        ("tests/test_translations.py",),
    ),
    Mutant(
        "path lengths of a deep path are those of its segments",
        "src/path/translation.rs",
        "shorter: if end_entity { 0 } else { segment.start },",
        "shorter: 0,",
        (CARGO,),
    ),
    Mutant(
        "a path length in the long form is mended",
        "src/path/translation.rs",
        "let limit = reader.any().filter(Element::is_shortest).ok_or(unjudged)?;",
        "let limit = reader.any().ok_or(unjudged)?;",
        (CARGO,),
    ),
    Mutant(
        "constraints from above a segment are forgotten",
        "src/path/translation.rs",
        "path.iter().skip(segment.anchor) {",
        "path.iter().skip(segment.anchor).take(1) {",
        (CARGO,),
    ),
    Mutant(
        "segments do not overlap",
        "src/path/translation.rs",
        "start = anchor - 1;",
        "start = anchor;",
        (CARGO,),
    ),
    Mutant(
        "any minimum is taken out",
        "src/path/translation/constraints.rs",
        "(fields.rest() == [tag::context(0), 1, 0]).then_some(base)",
        "(!fields.is_empty()).then_some(base)",
        (CARGO,),
    ),
    Mutant(
        "no dates are shown where one is before 1970",
        "src/path/translation.rs",
        "    if terms.timeless {\n        return Ok(Some(any_time()));",
        "    if terms.has(Exception::Dates) {\n        return Ok(Some(any_time()));",
        (CARGO,),
    ),
    Mutant(
        "other names hide a CA that is there twice",
        "src/path/proof.rs",
        "let hidden = [Exception::CanonicalDn, Exception::RepeatedCa];",
        "let hidden = [Exception::CanonicalDn, Exception::CanonicalDn];",
        ("tests/test_translations.py",),
    ),
    Mutant(
        "hosts with a final dot are taken out below constraints",
        "src/path/translation.rs",
        '&& !text.ends_with(b".") && ',
        "&& ",
        ("tests/test_translations.py",),
    ),
    Mutant(
        "webpki is told yes whatever it asks",
        "src/signature/proven.rs",
        "if proven { Ok(()) } else { Err(InvalidSignature) }",
        "if proven || self.edges.len() < 99 { Ok(()) } else { Err(InvalidSignature) }",
        (CARGO,),
    ),
    Mutant(
        "dates of the anchor ignored",
        "src/path/checks/signatures.rs",
        "            self.dates(depth, certificate);",
        "            if issuer.is_some() {\n                self.dates(depth, certificate);\n            }",
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "signature of the second edge ignored",
        "src/path/checks/signatures.rs",
        "(memo.verify(edge.id, &edge.signed), edge.signed)",
        "(if depth == 1 { Outcome::Valid } else { memo.verify(edge.id, &edge.signed) }, edge.signed)",
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "signatures ignored in a search",
        "src/path/search.rs",
        "if self.signature(subject, candidate)? == Outcome::Valid {",
        "if self.signature(subject, candidate)? != Outcome::Unsupported {",
        ("tests/test_work.py", "tests/test_search.py"),
    ),
    Mutant(
        "one key's signature counts for another",
        "src/path.rs",
        "issuer_key: issuer.spki_sha256() }",
        "issuer_key: [0; 32] }",
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "unknown critical extensions ignored",
        "src/path/checks.rs",
        "&& !self.policy.has(flag::IGNORE_CRITICAL)",
        "&& self.policy.has(flag::IGNORE_CRITICAL)",
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "the list of the revoked ignored",
        "src/path/revocation.rs",
        "Some(entry) if entry.removed => Ok(true),",
        "Some(entry) if entry.removed || !entry.removed => Ok(true),",
        ("tests/test_parity.py", "tests/test_verifier.py", "tests/test_flags.py"),
    ),
    Mutant(
        "signatures of CRLs ignored",
        "src/path/revocation.rs",
        "Outcome::Invalid => Err(self.failure(Check::CrlSignatureInvalid)),",
        "Outcome::Invalid => Ok(()),",
        ("tests/test_parity.py", "tests/test_verifier.py", "tests/test_flags.py"),
    ),
    Mutant(
        "wildcards stand for two labels",
        "src/name.rs",
        "label == b\"*\" || label.iter().all(|&octet| octet.is_ascii_alphanumeric() || octet == b'-')",
        'label == b"*" || label.iter().all(|&octet| octet.is_ascii_alphanumeric() || b"-.".contains(&octet))',
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "a self-signed end entity is trusted",
        "src/path/openssl.rs",
        "        Some(if steps > self.max_steps {",
        "        if steps == 1 && self.steps.iter().all(|step| step.certificate.is_self_signed()) {\n"
        "            return None;\n"
        "        }\n"
        "        Some(if steps > self.max_steps {",
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "a wrong name is a way around the proof",
        "src/path/single.rs",
        "            Class::Name => true,\n            _ => searches",
        "            _ => searches",
        ("tests/test_scanner.py",),
    ),
    Mutant(
        "paths of another name are valid ones",
        "src/verdict.rs",
        "if self.name_ok == Some(false) { &[] }",
        "if self.name_ok.is_none() && self.path.is_empty() { &[] }",
        ("tests/test_scanner.py",),
    ),
    Mutant(
        "stores trust precertificates",
        "src/path/search.rs",
        "if self.leaf.is_poisoned() { 0 } else { self.trusted }",
        "if self.steps.len() > 99 { 0 } else { self.trusted }",
        ("tests/test_precertificates.py",),
    ),
    Mutant(
        "a store that refuses lends its chains",
        "src/py/views.rs",
        "verdict.trusted_paths().iter().filter(|_| trusted).filter(ends_here)",
        "verdict.trusted_paths().iter().filter(ends_here)",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "an antedated certificate was logged by its notBefore",
        "src/path/programme.rs",
        "Self::Stamped(earliest) | Self::NotBefore(earliest) => *earliest,",
        "Self::Stamped(earliest) => Some(earliest.unwrap_or(0)),\n"
        "            Self::NotBefore(earliest) => *earliest,",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "a log that was retired before it signed says when",
        "src/ct.rs",
        "self.told.milliseconds.is_some_and(|signed| signed < since.saturating_mul(1_000))",
        "self.told.milliseconds.is_some_and(|signed| signed > 0 && since > 0)",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "lifetimes go by the shortest notBefore",
        "src/path/profile/certificate.rs",
        "LIFETIMES.iter().find(|(since, _)| from >= *since)?",
        "LIFETIMES.iter().rfind(|(since, _)| from >= *since)?",
        ("tests/test_profiles.py",),
    ),
    Mutant(
        "a root that a programme has removed is one of its roots",
        "src/store/programme/ccadb.rs",
        "                INCLUDED => alternatives",
        '                INCLUDED | "Removed" => alternatives',
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "a table that is cut off is the whole",
        "src/store/programme/ccadb.rs",
        ".is_multiple_of(2) {",
        ".is_multiple_of(1) {",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "a twin of a root passes for it",
        "src/path/openssl.rs",
        "let mimic = top_self_signed && top.certificate.der() != issuer.certificate.der();",
        "let mimic = top_self_signed && issuer.certificate.der().is_empty();",
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "key strength ignored",
        "src/path/checks.rs",
        "if strength.is_some_and(|strength| strength >= minimum) {",
        "if strength.is_some() {",
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "anybody is a CA",
        "src/path/checks.rs",
        "        if refused {\n            let extensions",
        "        if refused && depth > 99 {\n            let extensions",
        ("tests/test_rules.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "the name ignored",
        "src/path/checks/identity.rs",
        "        let matched = "
        "reference.matches(leaf, self.policy.hostname_checks_common_name, self.policy.openssl);",
        "        let matched = reference\n"
        "            .matches(leaf, self.policy.hostname_checks_common_name, self.policy.openssl)\n"
        "            .or(Some(NameBy::SanDns));",
        ("tests/test_parity.py", "tests/test_verifier.py"),
    ),
    Mutant(
        "a coordinate that is not below its prime makes a point",
        "src/signature/on_curve.rs",
        "if x >= *prime || y >= *prime {",
        "if x >= *prime {",
        (CARGO,),
    ),
    Mutant(
        "a point off its curve is a key",
        "src/signature/on_curve.rs",
        ".sub(&thrice).add(b) == y.square()",
        ".sub(&thrice).add(b) == y.square() || y == x",
        (CARGO,),
    ),
    Mutant(
        "rows of different names taken for equal",
        "src/batch.rs",
        "                && inquiry.name == known.name\n",
        "",
        ("tests/test_batch.py",),
        also=("inquiry.name.as_deref(), inquiry.stapled))", "inquiry.name.is_some(), inquiry.stapled))"),
    ),
    Mutant(
        "rows of different times taken for equal",
        "src/batch.rs",
        "if equal && window.contains(&time) {",
        "if equal {",
        ("tests/test_batch.py",),
    ),
    Mutant(
        "rows of different intermediates taken for equal",
        "src/batch.rs",
        "let equal = chain == known_chain\n",
        "let equal = chain.first() == known_chain.first()\n",
        ("tests/test_batch.py",),
    ),
    Mutant(
        "another row's time of judgement told",
        "src/batch/judging.rs",
        "if record.verdict.at != at && record.verdict.tells_time() {",
        "if record.verdict.at == at && record.verdict.tells_time() {",
        ("tests/test_batch.py",),
    ),
    Mutant(
        "remembered verdicts hold at any time",
        "src/batch/memory.rs",
        "(counts && seen.is(key) && seen.window.contains(&at))",
        "(counts && seen.is(key))",
        ("tests/test_batch.py",),
    ),
    Mutant(
        "remembered verdicts hold with other intermediates",
        "src/batch/memory.rs",
        "self.chain.iter().map(|der| Some(*der))",
        "self.chain.iter().take(1).map(|der| Some(*der))",
        ("tests/test_batch.py",),
    ),
    Mutant(
        "an issuer opened before stands in for one with the same end",
        "src/certificate/memo.rs",
        "self.known.get(&hash).filter(|known| known.der() == der)",
        "self.known.get(&hash).filter(|known| known.der().len() == der.len())",
        (CARGO,),
    ),
    Mutant(
        "a verdict's window ends too late",
        "src/verifier.rs",
        "window.end = window.end.min(moment);",
        "window.end = window.end.max(moment);",
        ("tests/test_batch.py",),
    ),
    Mutant(
        "a resumed scan repeats rows",
        "src/scan/intake.rs",
        "if is_last { (open.chunk.after(), 0) }",
        "if is_last { (open.chunk.start(), 0) }",
        ("tests/test_scan.py",),
    ),
    Mutant(
        "a resumed scan repeats the first pieces of a record",
        "src/scan/intake.rs",
        "open.taken <= done.1",
        "open.taken < done.1",
        ("tests/test_broken_runs.py",),
    ),
    Mutant(
        "what is left of a store loses its constraints",
        "src/store.rs",
        "builder.store.constrain(position, self.constraints(index));",
        "let _ = position;",
        ("tests/test_questions.py",),
    ),
    Mutant(
        "a graph believes names",
        "python/certpath/cli/graphing.py",
        "if not _has_signed(verifier, issuer, subject):",
        "if issuer is subject:",
        ("tests/test_questions.py",),
    ),
    Mutant(
        "names are syntax in DOT",
        "python/certpath/cli/graphing.py",
        '.replace("&", "&amp;")',
        "",
        ("tests/test_questions.py",),
    ),
    Mutant(
        "a comparison forgets the path of the roots that were taken",
        "src/scan/comparison.rs",
        "if first && (!second || self.has_taken(verdict)) {",
        "if first && !second {",
        ("tests/test_questions.py",),
    ),
    Mutant(
        "a step takes all that is there",
        "src/scan/intake.rs",
        "if rows >= STEP_ROWS || weight >= STEP_OCTETS || control.is_cancelled()",
        "if control.is_cancelled()",
        (CARGO,),
    ),
    Mutant(
        "a piece is a whole chunk",
        "src/ingest/chunk.rs",
        "if harvest.rows.len() >= PIECE_ROWS || weight >= PIECE_OCTETS {",
        "if harvest.rows.len() > PIECE_ROWS << 20 {",
        (CARGO,),
    ),
    Mutant(
        "any time of a scan is judged by",
        "src/ingest/limits.rs",
        "row.at.filter(|at| !EXPRESSIBLE.contains(at))",
        "row.at.filter(|_| false)",
        ("tests/test_bombs.py",),
    ),
    Mutant(
        "pages of Parquet may be as large as they like",
        "src/parquet/pages.rs",
        "        if unpacked > MAX_PAGE {",
        "        if unpacked > MAX_PAGE << 20 {",
        ("tests/test_bombs.py",),
        also=("        if largest > MAX_PAGES {", "        if largest > MAX_PAGES << 20 {"),
    ),
    Mutant(
        "rows of Parquet beyond those of the metadata are not missed",
        "src/parquet/pages.rs",
        "if u64::try_from(column.num_values()).ok() != Some(values) {",
        "if u64::try_from(column.num_values()).is_err() {",
        ("tests/test_broken_runs.py",),
    ),
    Mutant(
        "missing rows of Parquet are not missed",
        "src/parquet.rs",
        "(self.row != self.promised)",
        "(self.row > self.promised)",
        ("tests/test_broken_runs.py",),
    ),
    Mutant(
        "a panic of the Parquet library ends the reader",
        "src/panics.rs",
        "let outcome = catch_unwind(AssertUnwindSafe(work));",
        "let outcome: std::thread::Result<_> = Ok(AssertUnwindSafe(work)());",
        ("tests/test_broken_runs.py",),
    ),
    Mutant(
        "a part that is not what was written is taken",
        "src/output/parts.rs",
        "Ok(hex(summed.finish().as_ref()) == sum)",
        "Ok(hex(summed.finish().as_ref()).len() == sum.len())",
        ("tests/test_broken_runs.py",),
    ),
    Mutant(
        "two runs write to one target",
        "src/output/parts.rs",
        "Err(TryLockError::WouldBlock) => {",
        "Err(TryLockError::WouldBlock) if folder.as_os_str().is_empty() => {",
        ("tests/test_broken_runs.py",),
        also=(
            "if error.kind() == io::ErrorKind::Unsupported => None,",
            (
                "if error.kind() == io::ErrorKind::Unsupported => None,\n"
                "                Err(TryLockError::WouldBlock) => None,"
            ),
        ),
    ),
    Mutant(
        "JSON lines with characters that are not seen are not written once more",
        "src/output/text.rs",
        "let is_plain = written.is_ascii() && memchr(0x7f, written).is_none();",
        "let is_plain = written.is_ascii() || memchr(0x7f, written).is_none();",
        ("tests/test_kept_columns.py",),
    ),
    Mutant(
        "JSON lines lose the thousandths of a second",
        "src/arrow/as_text.rs",
        "            0 => String::new(),",
        "            0.. => String::new(),",
        ("tests/test_transparency.py",),
    ),
    Mutant(
        "links among the parts are followed",
        "src/output/parts.rs",
        "    OpenOptions::new().write(true).create_new(true).open(path)",
        "    OpenOptions::new().write(true).create(true).truncate(true).open(path)",
        ("tests/test_broken_runs.py",),
        also=(
            "    match fs::remove_file(path) {\n        Err(error) if error",
            "    match fs::metadata(path).map(drop) {\n        Err(error) if error",
        ),
    ),
    Mutant(
        "a reader waits for itself",
        "src/py/loan.rs",
        "                *place = Place::Lent;\n                Err(Missing::Lent)",
        "                *place = Place::Lent;\n"
        "                std::thread::park();\n"
        "                Err(Missing::Lent)",
        ("tests/test_reentry.py",),
        within=120,
    ),
    Mutant(
        "complaints without end are borne",
        "src/scan.rs",
        "let over = self.tally.complaints() > borne;",
        "let over = self.tally.complaints() > borne.saturating_mul(9);",
        ("tests/test_bombs.py",),
    ),
    Mutant(
        "the poison of precertificates ignored",
        "src/path/checks.rs",
        "                self.fail(Check::Precertificate, depth, facts);",
        "                if depth > 99 {\n"
        "                    self.fail(Check::Precertificate, depth, facts);\n"
        "                }",
        ("tests/test_precertificates.py",),
    ),
    Mutant(
        "a precertificate was valid once",
        "src/path/search.rs",
        "let acceptable = !self.leaf.is_poisoned();",
        "let acceptable = true;",
        ("tests/test_precertificates.py",),
    ),
    Mutant(
        "OCSP flags without effect",
        "src/path/checks/revoked.rs",
        "self.policy.has(flag::OCSP_RESP_CHECK) && self.policy.follows(Rule::OcspAsked);",
        "false && self.policy.has(flag::OCSP_RESP_CHECK) && self.policy.follows(Rule::OcspAsked);",
        ("tests/test_openssl_versions.py",),
    ),
    Mutant(
        "no CRL asked about a self-signed certificate, whatever the release",
        "src/path/checks/revoked.rs",
        "self.policy.follows(Rule::SelfSignedNotRevoked) && certificate.is_self_signed()",
        "certificate.is_self_signed()",
        ("tests/test_openssl_versions.py",),
    ),
    Mutant(
        "issuer and serial number of an authorityKeyIdentifier need not be a pair",
        "src/path/checks/strict.rs",
        "if identifier.names_issuer != identifier.serial.is_some() =>",
        "if false && identifier.names_issuer != identifier.serial.is_some() =>",
        ("tests/test_openssl_versions.py",),
    ),
    Mutant(
        "algorithms of CRLs that differ under newer OpenSSLs",
        "src/path/revocation.rs",
        "if self.policy.follows(Rule::CrlAlgorithmsCompared)",
        "if false && self.policy.follows(Rule::CrlAlgorithmsCompared)",
        ("tests/test_openssl_versions.py::TestRules",),
    ),
    Mutant(
        "an issuer that newer OpenSSLs read is passed over",
        "src/path/openssl.rs",
        "if self.is_read_otherwise(top.certificate) {",
        "if false && self.is_read_otherwise(top.certificate) {",
        ("tests/test_openssl_versions.py::TestRules",),
    ),
    Mutant(
        "an anchor that newer OpenSSLs cannot read",
        "src/path/openssl.rs",
        "anchor.has_too_short_time() && self.policy.follows(Rule::ShortTimesUnparseable)",
        "anchor.has_too_short_time() && self.policy.follows(Rule::ShortTimesUnparseable) && false",
        ("tests/test_openssl_versions.py::TestTimesOfAnchors",),
    ),
    Mutant(
        "a CRL that newer OpenSSLs cannot read",
        "src/verifier.rs",
        "crls.crls().iter().position(OwnedCrl::has_too_short_time)",
        "crls.crls().iter().position(|crl| crl.has_too_short_time() && false)",
        ("tests/test_openssl_versions.py::TestTimesOfLists",),
    ),
    Mutant(
        "an empty scope is obeyed, whatever the release",
        "src/path/revocation/choice.rs",
        "if crl.has_empty_scope() && inquiry.policy.follows(Rule::EmptyScopesUnusable)",
        "if false && crl.has_empty_scope() && inquiry.policy.follows(Rule::EmptyScopesUnusable)",
        ("tests/test_openssl_versions.py",),
    ),
    Mutant(
        "hosts of URIs found as OpenSSL 3.0 does, whatever the release",
        "src/path/name_constraints.rs",
        "By::OpenSsl(release) if release.follows(Rule::UrisParsed) =>",
        "By::OpenSsl(release) if false && release.follows(Rule::UrisParsed) =>",
        ("tests/test_openssl_versions.py",),
    ),
    Mutant(
        "users of URIs may come after a path",
        "src/path/name_constraints/openssl.rs",
        'if release.follows(Rule::UriUsersBounded) { find(rest, b"/?#") }',
        'if false && release.follows(Rule::UriUsersBounded) { find(rest, b"/?#") }',
        ("tests/test_openssl_versions.py",),
    ),
    Mutant(
        "a rule of some releases holds for all",
        "src/release.rs",
        "since.is_some_and(|since| self.patch >= since)",
        "since.is_some()",
        ("tests/test_openssl_versions.py",),
    ),
    Mutant(
        "delta CRLs ignored",
        "src/path/revocation.rs",
        "inquiry.run(true, issuers)? == Heard::CompleteCrls",
        "inquiry.run(false, issuers)? == Heard::CompleteCrls",
        ("tests/crosscheck/test_found.py",),
    ),
    Mutant(
        "a delta CRL is as good as a complete one",
        "src/path/revocation.rs",
        "heard = Heard::DeltaCrls;",
        "heard = Heard::CompleteCrls;",
        ("tests/crosscheck/test_found.py",),
    ),
    Mutant(
        "one CRL covers all reasons for revocation",
        "src/path/revocation.rs",
        "covered |= chosen.reasons;",
        "covered |= ALL_REASONS;",
        ("tests/crosscheck/test_found.py",),
    ),
    Mutant(
        "the end entity's key may be of any strength",
        "src/path/checks.rs",
        "            && let Some(facts) = too_weak(leaf, self.policy)\n",
        "            && let Some(facts) = too_weak(leaf, self.policy).filter(|_| self.built.len() > 99)\n",
        ("tests/test_parity.py", "tests/test_rules.py", "tests/test_context_handshakes.py"),
    ),
    Mutant(
        "an anchor counts for the first store only",
        "src/path/search/candidates.rs",
        "trusting.fold(0, |mask, (bit, _)| mask | 1 << bit)",
        "trusting.fold(0, |mask, (bit, _)| mask | 1 << bit.min(0))",
        ("tests/test_search.py",),
    ),
    Mutant(
        "ssl's verdict counts for the first store only",
        "src/path.rs",
        "trusting |= 1 << index;",
        "trusting |= 1;",
        ("tests/test_search.py",),
    ),
    Mutant(
        "negative ids are one and the same",
        "src/arrow/certificates.rs",
        "column.as_primitive::<$kind>().iter().map(|one| one.map(Number::from)).collect()",
        "column.as_primitive::<$kind>().iter().map(|one| one.map(|one| Number::from(one).max(-1))).collect()",
        ("tests/test_certificate_tables.py",),
    ),
    Mutant(
        "ids are told apart by their last 64 bits only",
        "src/arrow/certificates.rs",
        "column.as_primitive::<$kind>().iter().map(|one| one.map(Number::from)).collect()",
        "column.as_primitive::<$kind>().iter()"
        ".map(|one| one.map(|one| Number::from(one) & ((1 << 64) - 1))).collect()",
        ("tests/test_certificate_tables.py",),
    ),
    Mutant(
        "an id stands for the last of its certificates",
        "src/arrow/certificates.rs",
        "Entry::Occupied(entry) if self.get(*entry.get()) == self.get(row) => Ok(()),",
        "Entry::Occupied(mut entry) if self.get(row).is_some() => {\n"
        "                entry.insert(row);\n"
        "                Ok(())\n"
        "            }",
        ("tests/test_certificate_tables.py",),
    ),
    Mutant(
        "a fingerprint is what the table says",
        "src/arrow/certificates.rs",
        "let wanted = sha256(der);",
        "let wanted = <[u8; 32]>::try_from(hash).unwrap_or_else(|_| sha256(der));",
        ("tests/test_certificate_tables.py",),
    ),
    Mutant(
        "offsets may fall",
        "src/arrow/layout.rs",
        "            if offset < before {",
        "            if offset < before && offset < 0 {",
        ("tests/test_arrow_layouts.py",),
    ),
    Mutant(
        "offsets may go beyond the last of a part",
        "src/arrow/c_data.rs",
        "let spans = Spans::<O>::new(&offsets, self.start, count, Some(last))?;",
        "let spans = Spans::<O>::new(&offsets, self.start, count, None.or(Some(usize::MAX.max(last))))?;",
        ("tests/test_arrow_layouts.py",),
    ),
    Mutant(
        "children may be short",
        "src/arrow/c_data.rs",
        "    if window.end > length {",
        "    if window.end > length && length == usize::MAX {",
        ("tests/test_arrow_layouts.py",),
    ),
    Mutant(
        "nulls may be told of that are not there",
        "src/arrow/layout.rs",
        "Ok(told) if count == length || !has_bits => told == found,",
        "Ok(_) if count == length || !has_bits => true,",
        ("tests/test_arrow_layouts.py",),
    ),
    Mutant(
        "numbers of buffers may be anything",
        "src/arrow/c_data.rs",
        "found.filter(|found| (least..=most).contains(found))",
        "found.filter(|found| *found <= most.max(8)).filter(|_| least < usize::MAX)",
        ("tests/test_arrow_layouts.py",),
    ),
    Mutant(
        "an array may be taken twice",
        "src/arrow/c_data.rs",
        "    if array.release.is_none() {\n        return Err(LayoutError(",
        "    if array.release.is_none() && array.length < 0 {\n        return Err(LayoutError(",
        ("tests/test_arrow_layouts.py",),
    ),
    Mutant(
        "times without a year are judged",
        "src/batch.rs",
        "inquiry.at.filter(|at| !EXPRESSIBLE.contains(at))",
        "inquiry.at.filter(|at| *at == UnixSeconds::MIN)",
        ("tests/test_bad_rows.py",),
    ),
    Mutant(
        "an interrupt is about the row",
        "src/py/arguments.rs",
        "if is_of_the_world { Err(error) } else { Ok(error) }",
        "if is_of_the_world && error.is_instance_of::<PyMemoryError>(py) { Err(error) } else { Ok(error) }",
        ("tests/test_bad_rows.py",),
    ),
    Mutant(
        "whose entries of a CRL are is ignored",
        "src/path/revocation/entries.rs",
        "match current.and_then(|current| self.certificate_issuers.get(current)) {",
        "match None::<&(usize, GeneralNames<'_>)> {",
        ("tests/crosscheck/test_list_entries.py",),
    ),
    Mutant(
        "a certificateIssuer holds for its own entry only",
        "src/path/revocation/entries.rs",
        "self.certificate_issuers.partition_point(|(from, _)| *from <= start).checked_sub(1)",
        "self.certificate_issuers.iter().position(|(from, _)| *from == start)",
        ("tests/crosscheck/test_list_entries.py",),
    ),
    Mutant(
        "an extension of a CRL may stand twice",
        "src/path/revocation/entries.rs",
        "    if seen.contains(&oid) {",
        "    if seen.is_empty() && seen.contains(&oid) {",
        ("tests/crosscheck/test_list_entries.py",),
    ),
    Mutant(
        "reason codes may be padded",
        "src/path/revocation/entries.rs",
        "der::integer(Reader::new(value).read(tag::ENUMERATED)?)?;",
        "Reader::new(value).read(tag::ENUMERATED)?;",
        ("tests/crosscheck/test_list_entries.py",),
    ),
    Mutant(
        "versions of CRLs need not be numbers",
        "src/path/revocation/crl.rs",
        "if version.is_some_and(|version| der::integer(version).is_none()) {",
        "if version.is_none_or(|_| false) && version.is_some() {",
        ("tests/crosscheck/test_list_entries.py",),
    ),
    Mutant(
        "an entry that removes stands in front in a search",
        "src/path/revocation/entries.rs",
        "if first.removed && policy.searches() {",
        "if first.removed && !policy.searches() {",
        ("tests/crosscheck/test_list_entries.py",),
    ),
    Mutant(
        "a context passes over CRLs that it cannot read",
        "python/certpath/_trust_settings.py",
        "return [] if None in lost else [der for der in usable if _crl_issuer(der) not in lost]",
        "return usable",
        ("tests/crosscheck/test_list_entries.py",),
    ),
    Mutant(
        "nothing in the long form may come last",
        "src/der.rs",
        "            if body.is_empty() {",
        "            if body.is_empty() && octets.is_empty() {",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "primitive types may be constructed",
        "src/der.rs",
        "matches!(number, tag::BOOLEAN | tag::INTEGER | tag::NULL | tag::OID | tag::ENUMERATED)",
        "matches!(number, tag::BOOLEAN)",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "names may hold an ENUMERATED",
        "src/distinguished_name.rs",
        "        0x07..=0x09 | 0x0b | 0x0d",
        "        0x07..=0x0b | 0x0d",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "parameters of RSASSA-PSS keys may be anything",
        "src/certificate/key.rs",
        "if !matches!(parameters.first(), None | Some(&tag::SEQUENCE)) {",
        "if parameters.len() > 1_000 {",
        ("tests/crosscheck/test_encodings.py",),
        also=(
            "is_readable: parameters.is_empty() || PssParameters::parse(parameters).is_some(),",
            "is_readable: true,",
        ),
    ),
    Mutant(
        "parameters of RSASSA-PSS keys may be any SEQUENCE",
        "src/certificate/key.rs",
        "is_readable: parameters.is_empty() || PssParameters::parse(parameters).is_some(),",
        "is_readable: parameters.is_empty() || parameters.first() == Some(&tag::SEQUENCE),",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "qualifiers of policies need not decode",
        "src/path/policies/extensions.rs",
        "            check_qualifiers(qualifiers)?;",
        "            check_qualifiers(qualifiers).unwrap_or_default();",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "who signs a list needs no path",
        "src/path/revocation/rfc5280.rs",
        "Ok(()) if anchor.is_some_and(|anchor| issuers.is_vouched_for(signer, anchor)) => {",
        "Ok(()) if anchor.is_some() => {",
        ("tests/test_crls.py",),
    ),
    Mutant(
        "lists of others need not be indirect",
        "src/path/revocation/rfc5280.rs",
        "Some(names) => (own || scope.indirect) &&",
        "Some(names) =>",
        ("tests/test_crls.py",),
    ),
    Mutant(
        "a delta need not belong to the base",
        "src/path/revocation/rfc5280.rs",
        "&& magnitude(indicated) <= magnitude(number)",
        "&& magnitude(indicated) <= magnitude(own)",
        ("tests/test_crls.py",),
    ),
    Mutant(
        "a delta of another scope will do",
        "src/path/revocation/rfc5280.rs",
        "&& self.scope_value == base.scope_value",
        "&& self.tbs != base.tbs",
        ("tests/test_crls.py",),
    ),
    Mutant(
        "one usable list covers everything",
        "src/path/revocation/rfc5280.rs",
        "covered |= candidate.reasons;",
        "covered |= ALL_REASONS | candidate.reasons;",
        ("tests/test_crls.py",),
    ),
    Mutant(
        "what OpenSSL calls revoked is not asked",
        "src/path/revocation/rfc5280.rs",
        "    if !removed {\n",
        "    if false && !removed {\n",
        ("tests/test_crls.py",),
    ),
    Mutant(
        "an issuer of lists may be revoked",
        "src/path/search/crl_issuers.rs",
        "let flags = if policy.has(flag::CRL_CHECK_ALL) { policy.flags } else { 0 };",
        "let flags = if policy.has(flag::CRL_CHECK_ALL) { 0 } else { 0 };",
        ("tests/test_crls.py",),
    ),
    Mutant(
        "a name whose last label is a number is a host",
        "src/name/kinds.rs",
        "Kind::Host if looks_like_address(self.text.as_bytes()) => None,",
        "Kind::Host if self.text.is_empty() => None,",
        ("tests/test_addresses.py",),
    ),
    Mutant(
        "an address is whatever sscanf makes of it",
        "src/name.rs",
        "self.address.filter(|_| !self.is_loose)",
        "self.address",
        (CARGO,),
    ),
    Mutant(
        "numbers between dots are a name",
        "src/name/mistakes.rs",
        "text.split('.').all(|label| is_number(label.as_bytes())) && !is_canonical_address(text)",
        "text.is_empty() && !is_canonical_address(text) && is_number(text.as_bytes())",
        (CARGO,),
    ),
    Mutant(
        "digits beyond ASCII make an address",
        "src/name/mistakes.rs",
        '            return Some(("looks like an address in characters beyond ASCII", None));\n',
        "",
        ("tests/test_addresses.py",),
    ),
    Mutant(
        "server gated cryptography is for servers under any policy",
        "src/policy.rs",
        "Purpose::Server if self.searches() => key_purpose == oid::SERVER_AUTH,",
        "Purpose::Server if key_purpose.is_empty() => false,",
        ("tests/test_profiles.py",),
    ),
    Mutant(
        "constraints of anchors may have any syntax",
        "src/path/profile.rs",
        "names::constraints_syntax).and_anchors(),",
        "names::constraints_syntax),",
        ("tests/test_profiles.py", "tests/test_limbo.py"),
    ),
    Mutant(
        "keys of anchors are nobody's business",
        "src/path/profile.rs",
        "keys::modulus_size).and_anchors(),",
        "keys::modulus_size),",
        ("tests/test_profiles.py",),
    ),
    Mutant(
        "roots are asked nothing",
        "src/path/profile.rs",
        "extensions::subject_key_identifier).and_roots(),",
        "extensions::subject_key_identifier),",
        ("tests/test_profiles.py",),
    ),
    Mutant(
        "resources need not be equal",
        "src/path/checks/resources.rs",
        "claimed.kind == ResourceKind::Listed && claimed.value != listed.value",
        "claimed.kind == ResourceKind::Listed && claimed.value.is_empty()",
        ("tests/test_resources.py",),
    ),
    Mutant(
        "resources may have any form",
        "src/path/checks/resources.rs",
        "if !listed.is_canonical {",
        "if listed.value.is_empty() {",
        ("tests/test_resources.py",),
    ),
    Mutant(
        "an anchor inherits resources",
        "src/path/checks/resources.rs",
        "last.is_some_and(|last| last.kind == ResourceKind::Inherited)",
        "last.is_some_and(|last| last.value.is_empty())",
        ("tests/test_resources.py",),
    ),
    Mutant(
        "key identifiers are compared with certificates that nobody has looked into",
        "src/path/revocation/choice.rs",
        "if issuers.has_been_opened(position) {",
        "if issuers.has_been_opened(position) || position != usize::MAX {",
        ("tests/crosscheck/test_found.py",),
    ),
    Mutant(
        "certificates that were sent are never looked into",
        "src/path/openssl.rs",
        "&& (into_any || candidate.certificate.subject == subject.issuer)",
        "&& (into_any && candidate.certificate.subject == subject.issuer)",
        ("tests/crosscheck/test_found.py", "tests/crosscheck/test_extended_lists.py"),
    ),
    Mutant(
        "the path of an issuer of lists looks into nothing",
        "src/path/sent_issuers.rs",
        "(self.cost, self.opened) = (memory.work, memory.opened);",
        "self.cost = memory.work;",
        ("tests/crosscheck/test_extended_lists.py",),
    ),
    Mutant(
        "no release looks into what stands before an issuer",
        "src/path/openssl.rs",
        "let into_any = self.policy.follows(Rule::CandidatesComparedFirst)",
        "let into_any = self.steps.is_empty()",
        ("tests/test_openssl_versions.py",),
    ),
    Mutant(
        "a certificate without an issuer is looked up in CRLs where every response is wanted",
        "src/path/checks/revoked.rs",
        "|| (asks_all && has_no_issuer) {",
        "|| (asks_all && has_no_issuer && self.built.len() == 0) {",
        ("tests/crosscheck/test_found.py",),
    ),
    Mutant(
        "issuers of lists that were sent need no path",
        "src/path/sent_issuers.rs",
        "Some(finding) => Vouch::No(finding.detail()),",
        "Some(_) => Vouch::Yes,",
        ("tests/crosscheck/test_found.py",),
    ),
    Mutant(
        "issuers of lists that were sent may lead to any anchor",
        "src/path/sent_issuers.rs",
        "None if verdict.path.last().is_some_and(|last| last.sha256 == anchor.sha256()) => {",
        "None if verdict.path.last().is_some_and(|last| last.sha256 != [0; 32] || anchor.is_ca()) => {",
        ("tests/crosscheck/test_extended_lists.py",),
    ),
    Mutant(
        "what a delta lists beside its base is not revoked",
        "src/path/revocation.rs",
        "self.look_up(delta)",
        "self.look_up(crl).map(|_| delta.is_delta && false)",
        ("tests/crosscheck/test_found.py",),
    ),
    Mutant(
        "a list of other reasons covers all, under the flag",
        "src/path/revocation/choice.rs",
        "let reasons = limits(crl).unwrap_or(ALL_REASONS);",
        "let reasons = limits(crl).map_or(ALL_REASONS, |_| ALL_REASONS);",
        ("tests/crosscheck/test_extended_lists.py",),
    ),
    Mutant(
        "a digest that the library does not know says yes",
        "src/signature.rs",
        "Some(digest) => key.verify_digest_sig(&digest, signed.signature),",
        "Some(_) => Ok(()),",
        ("tests/test_signatures.py",),
    ),
    Mutant(
        "a list with a point of any name is in scope",
        "src/path/revocation/rfc5280.rs",
        "has_directory_name(names, Some(certificate.issuer.canonical())).then_some(all)",
        "Some(all).filter(|_| !names.is_empty())",
        ("tests/test_crls.py",),
    ),
    Mutant(
        "tries of signatures of lists cost nothing",
        "src/path/revocation/rfc5280.rs",
        "if !issuers.spend(SIGNATURE) {",
        "if !issuers.spend(0) {",
        ("tests/test_crls.py",),
    ),
    Mutant(
        "a policy that the path's CA does not state is one of the path",
        "src/path/policies.rs",
        "(false, false) => valid.retain(|policy| stated.binary_search(policy).is_ok()),",
        "(false, false) => {}",
        ("tests/test_policies.py",),
    ),
    Mutant(
        "policies limit a path only if somebody asks",
        "src/path/policies.rs",
        "    policy.processes_policies() || path.into_iter()"
        ".any(|certificate| certificate.extensions.limits_policies)",
        "    policy.processes_policies() || path.into_iter().any(|_| false)",
        ("tests/test_policies.py",),
    ),
    Mutant(
        "a path needs some explicit policy, not an acceptable one",
        "src/path/policies.rs",
        "if counters.explicit_policy == 0 && valid.is_empty() {",
        "if counters.explicit_policy == 0 && constrained.is_empty() {",
        ("tests/test_policies.py",),
    ),
    Mutant(
        "policies are mapped whatever inhibits it",
        "src/path/policies.rs",
        "graph.map(&read.mappings, counters.policy_mapping > 0);",
        "graph.map(&read.mappings, true);",
        ("tests/test_policies.py",),
    ),
    Mutant(
        "anyPolicy counts whatever inhibits it",
        "src/path/policies/graph.rs",
        "let any = any_allowed && asserts(oid::ANY_POLICY);",
        "let any = asserts(oid::ANY_POLICY);",
        ("tests/test_policies.py",),
    ),
    Mutant(
        "a pinned end entity has every policy",
        "src/path/policies.rs",
        "[only] if policy.searches() => std::slice::from_ref(only),",
        "[_] if policy.searches() => return Ok(vec![oid::ANY_POLICY.to_vec()]),",
        ("tests/test_policies.py",),
    ),
    Mutant(
        "versions that do not fit are high",
        "src/certificate.rs",
        "der::small_integer(version).unwrap_or(-1)",
        "der::small_integer(version).unwrap_or(i64::MAX)",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "extensions in BER are just malformed",
        "src/certificate/extensions.rs",
        "if der::may_be_ber(extension.value, context_tags(extension.oid)) {",
        "if der::may_be_ber(&[], context_tags(extension.oid)) {",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "keys in BER are just none",
        "src/certificate/key.rs",
        "if is_framed && kind.is_none() && KeyKind::may_be_ber(&algorithm, key) {",
        "if is_framed && kind.is_none() && KeyKind::may_be_ber(&algorithm, &[]) {",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "unused bits of keys that are set pass over the key",
        "src/certificate/key.rs",
        "            None if is_framed => return None,",
        "            None if is_framed && spki.whole.is_empty() => return None,",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "a curve that OpenSSL knows is unknown",
        "src/certificate/curve.rs",
        "    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 4],",
        "    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 99],",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "a signature algorithm that OpenSSL knows is unknown",
        "src/signature/scheme.rs",
        '    ("shaWithRSAEncryption", Sha0, Rsa, [0x2b, 14, 3, 2, 15]),',
        '    ("shaWithRSAEncryption", Sha0, Rsa, [0x2b, 14, 3, 2, 99]),',
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "a later OpenSSL knows no more signature algorithms",
        "src/path/openssl.rs",
        "if self.is_signed_otherwise(top.certificate) {",
        "if self.is_signed_otherwise(top.certificate) && false {",
        ("tests/test_openssl_versions.py",),
    ),
    Mutant(
        "keys at infinity are just none",
        "src/certificate/key.rs",
        "            KeyKind::Ec(_) if self.is_at_infinity() => true,",
        "            KeyKind::Ec(_) if self.is_at_infinity() => false,",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "an end entity's key may be at infinity",
        "src/certificate/key.rs",
        "            KeyKind::Ec(_) if self.is_at_infinity() => false,",
        "            KeyKind::Ec(_) if self.is_at_infinity() => true,",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "keys may have any header",
        "src/certificate/key.rs",
        "KeyKind::of(&algorithm, key).filter(|_| is_framed)",
        "KeyKind::of(&algorithm, key).filter(|_| is_framed || spki.whole.len() > 9)",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "a context passes over anchors that it cannot read",
        "src/path/openssl.rs",
        "if self.store.may_hide(&top.certificate.issuer) {",
        "if self.store.may_hide(&top.certificate.issuer) && self.steps.is_empty() {",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "names are judged by ssl's constraints alone",
        "src/path/name_constraints.rs",
        "        By::Rfc5280 => strict::check(certificate, subtrees, common_name),",
        "        By::Rfc5280 => Ok(()),",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "user information of URIs is passed over",
        "src/path/name_constraints/uri.rs",
        "    let (_, authority, _) = uri_parts(uri)?;",
        "    let (_, authority, _) = uri_parts(uri)?;\n"
        "    let authority = authority.split(|&octet| octet == b'@').next_back()?;",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "a final dot evades what excludes",
        "src/path/name_constraints/strict.rs",
        "        if constraint.excluded && within {",
        "        if constraint.excluded && within && !presented.is_dotted() {",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "a final dot is permitted",
        "src/path/name_constraints/strict.rs",
        "Some((within && !presented.is_dotted()) || permitted == Some(true))",
        "Some(within || permitted == Some(true))",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "bases that cannot be read are passed over",
        "src/path/name_constraints/strict.rs",
        "            let base = Some(text_of(&constraint.subtree.base));",
        "            if constraint.excluded {\n                continue;\n            }\n"
        "            let base = Some(text_of(&constraint.subtree.base));",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "names that cannot be read are passed over",
        "src/path/name_constraints/strict.rs",
        "            return fail(Check::UnsupportedNameSyntax);",
        "            continue;",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "common names are constrained if they look like hosts",
        "src/path/name_constraints/strict.rs",
        "            if name::may_be_matched_as_host(&text) {",
        "            if super::looks_like_host(text.as_bytes()) {",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "a wildcard reaches no excluded host",
        "src/path/name_constraints/strict.rs",
        "|| (excluded && host::wildcard_reaches(name, base))",
        "|| (excluded && host::wildcard_reaches(base, base))",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "a mailbox begins at its last at sign",
        "src/path/name_constraints/mailbox.rs",
        "    let mut halves = text.split(|&octet| octet == b'@');\n"
        "    let (local, host) = (halves.next()?, halves.next()?);",
        "    let mut halves = text.rsplit(|&octet| octet == b'@');\n"
        "    let (host, local) = (halves.next()?, halves.next()?);\n"
        "    let mut halves = halves.take(0);",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "directory names are compared by ASCII case",
        "src/distinguished_name/prepared.rs",
        ".flat_map(tables::case_fold_for_nfkc);",
        ".map(|character| character.to_ascii_lowercase());",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "directory names are not normalised",
        "src/distinguished_name/prepared.rs",
        "mapped.nfkc().collect();",
        "mapped.collect();",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "zero width counts in directory names",
        "src/distinguished_name/prepared.rs",
        "'\\u{200b}'..='\\u{200f}' | '\\u{202a}'",
        "'\\u{200e}'..='\\u{200f}' | '\\u{202a}'",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "octets beyond ASCII are read as Latin-1",
        "src/distinguished_name/prepared.rs",
        "            if ascii => {}",
        "            if ascii || !attribute.value.is_empty() => {}",
        ("tests/crosscheck/test_constraints.py",),
    ),
    Mutant(
        "a certificate or CRL glued to the one before it is lost",
        "src/bundle/pem.rs",
        "        if !is_blank(tail) {\n            let joined",
        "        if !is_blank(tail) && tail.len() > 1_000 {\n            let joined",
        ("tests/test_bundles.py",),
    ),
    Mutant(
        "a certificate or CRL behind a byte order mark or text is lost",
        "src/bundle/pem.rs",
        "            self.check_before(begin)?;\n",
        "            if self.check_before(begin).is_err() || "
        'self.rest(begin.saturating_sub(3)).starts_with(b"\\xef") {\n'
        "                self.position = begin + BEGIN.len();\n                continue;\n            }\n",
        ("tests/test_bundles.py",),
    ),
    Mutant(
        "a BEGIN that is drawn wrong is text",
        "src/bundle/seams.rs",
        "    let marks = [mark(text, true), stray(text), binary(text)];",
        "    let marks = [mark(text, true).filter(|_| text.is_empty()), None, binary(text)];",
        ("tests/test_bundles.py",),
    ),
    Mutant(
        "a certificate that begins in another block is lost",
        "src/bundle/pem.rs",
        "        if let Some(at) = begin_inside(body) {",
        "        if let Some(at) = begin_inside(body).filter(|_| kind == Kind::Crl) {",
        ("tests/test_bundles.py",),
    ),
    Mutant(
        "the CRLs of PKCS#7 are lost",
        "src/bundle.rs",
        "        self.crls.extend(bag.crls.iter().map(|der| der.to_vec()));",
        "        self.crls.extend(bag.crls.iter().skip(9).map(|der| der.to_vec()));",
        ("tests/test_bundles.py",),
    ),
    Mutant(
        "short elements are taken for wide text",
        "src/bundle.rs",
        "            && !is_pem\n",
        "            && !is_pem\n            && data.len() > 99\n",
        ("tests/test_bundles.py",),
    ),
    Mutant(
        "strings in pieces may have any contents",
        "src/der.rs",
        "                    && is_possible(number, &joined)\n",
        "",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "types that nobody knows are not values",
        "src/der.rs",
        "        if self.is_end_of_contents() {\n            return false;",
        "        if self.tag == 0 {\n            return false;",
        ("tests/crosscheck/test_encodings.py",),
    ),
    Mutant(
        "a CRL in a chain is passed over",
        "src/bundle.rs",
        "        if !self.crls.is_empty() {\n            return Err(BundleError::Misplaced",
        "        if self.crls.len() > 99 {\n            return Err(BundleError::Misplaced",
        ("tests/test_bundles.py",),
    ),
    Mutant(
        "the end entity of PKCS#7 is guessed",
        "src/bundle/pkcs7.rs",
        "        (Some(position), 0) => {",
        "        (Some(position), 0..9) => {",
        ("tests/test_bundles.py",),
    ),
    Mutant(
        "a rejected root of a TRUSTED CERTIFICATE block is trusted",
        "src/bundle.rs",
        "            self.trust_settings.push((self.certificates.len(), settings));",
        "            self.trust_settings.push((self.certificates.len() + 99, settings));",
        ("tests/test_bundles.py",),
    ),
    Mutant(
        "a context trusts what ssl does not read",
        "src/bundle/openssl.rs",
        '        if is_first && line.len() > 3 && line.starts_with(b"\\xef\\xbb\\xbf") {',
        '        if line.len() > 3 && line.starts_with(b"\\xef\\xbb\\xbf") {',
        ("tests/test_bundles.py",),
    ),
    Mutant(
        "what a programme says of an anchor is ignored in a search",
        "src/path/search/candidates.rs",
        "        if stores.iter().all(|store| !store.is_constrained()) {",
        "        if stores.iter().all(|store| !store.is_constrained()) || mask != 0 {",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "one store's conditions hold for all, or for none",
        "src/path/search/candidates.rs",
        "                    admission.mask |= 1 << bit;",
        "                    admission.mask |= mask;",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "what a programme says of an anchor is ignored under Policy.ssl",
        "src/path.rs",
        "        && question.assumed.is_empty()\n",
        "        && !question.assumed.is_empty()\n",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "a pinned end entity is asked nothing under Policy.ssl",
        "src/path.rs",
        "        return Some((0, position));",
        "        let _ = position;",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "a united store has the conditions of its first part alone",
        "src/store.rs",
        "                builder.store.constrain(position, other.constraints(index));",
        "                let _ = (position, index);",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "verdicts are remembered beyond the day on which an anchor is disabled",
        "src/verifier.rs",
        ".chain(sets).chain(programmes)",
        ".chain(sets).chain(programmes.filter(|_| false))",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "conditions for older browsers hold",
        "src/path/programme.rs",
        "    if let Some(version) = &conditions.max_version {",
        "    if let Some(version) = conditions.max_version.as_ref().filter(|_| false) {",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "a date in the wrong object of certdata.txt is passed over",
        "src/store/programme/certdata.rs",
        "            for object in [object, trust] {",
        "            for object in [object] {",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "a condition of Chrome's that is not known is passed over",
        "src/store/programme/chrome.rs",
        "            (name, _) => return Err(unknown(name, line)),",
        "            _ => {}",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "an entry of a list without its certificate is passed over",
        "src/store/programme.rs",
        '        let der = found.ok_or_else(|| failed("its certificate is not there".to_owned()))?;',
        "        let Some(der) = found else { continue };",
        ("tests/test_programmes.py",),
    ),
    Mutant(
        "of a block of RSA the end alone is compared",
        "src/signature/together.rs",
        "done && expected.is_some_and(|expected| expected == *power)",
        "done && expected.is_some_and(|block| block[size.octets() - 9..] == power[size.octets() - 9..])",
        (CARGO,),
    ),
    Mutant(
        "a number of ECDSA that is too long is cut off",
        "src/signature/together.rs",
        "    Some((number(magnitude, order)?, rest))",
        "    Some((leftmost(magnitude, order)?, rest))",
        (CARGO,),
    ),
    Mutant(
        "what was foretold answers for any edge",
        "src/signature/memo.rs",
        "foretold.filter(|one| one.id == id && self.counts(one.by_lane))",
        "foretold.filter(|one| self.counts(one.by_lane))",
        (CARGO,),
    ),
    Mutant(
        "nothing that a lane calls good is checked again",
        "src/signature/together.rs",
        "(!called_good || memo.is_sampled(&prepared.edge.id))",
        "!called_good",
        (CARGO,),
    ),
    Mutant(
        "a lane's no is not asked again",
        "src/signature/together.rs",
        "(prepared.alone() == Outcome::Valid) != called_good",
        "called_good && prepared.alone() != Outcome::Valid",
        (CARGO,),
    ),
    Mutant(
        "what lanes have said counts after they were found to be wrong",
        "src/signature/memo.rs",
        "!(by_lane && self.multibuffer.is_retired())",
        "!(by_lane && self.multibuffer.is_retired() && self.checked() == u64::MAX)",
        (CARGO,),
    ),
    Mutant(
        "a batch stands that a wrong lane was asked about",
        "src/batch.rs",
        "if was_trusted && multibuffer.is_retired() {",
        "if was_trusted && multibuffer.is_retired() && rows.is_empty() {",
        (CARGO,),
    ),
    Mutant(
        "a batch stands that a wrong lane came in the middle of",
        "src/batch.rs",
        "let was_trusted = !multibuffer.is_retired();",
        "let was_trusted = multibuffer.is_used();",
        (CARGO,),
    ),
    Mutant(
        "remembered chains that a wrong lane was asked about stand",
        "src/batch/memory.rs",
        "let counts = trusts_lanes || !by_lanes;",
        "let counts = trusts_lanes || !by_lanes || key.hash != u64::MAX;",
        (CARGO,),
    ),
    Mutant(
        "r and s of any size are asked of lanes",
        "src/signature/together.rs",
        "(value != [0; OCTETS] && value < *order).then_some(value)",
        "(value != [0; OCTETS] || value < *order).then_some(value)",
        (CARGO,),
    ),
    Mutant(
        "silence about a signature by multiples is a no",
        "src/signature/together.rs",
        "            None => others.push(task),\n        }\n    }\n    others",
        "            None => note(task.index, false),\n        }\n    }\n    others",
        (CARGO,),
    ),
    Mutant(
        "answers by multiples are given to other signatures",
        "src/signature/together.rs",
        "asked.into_iter().zip(answers)",
        "asked.into_iter().rev().zip(answers)",
        (CARGO,),
    ),
    Mutant(
        "as many keys as like have multiples",
        "src/signature/earned.rs",
        "(held < MOST).then_some(held + 1)",
        "(held < usize::MAX).then_some(held + 1)",
        (CARGO,),
    ),
    Mutant(
        "multiples count among those held for ever",
        "src/signature/earned.rs",
        "self.among.fetch_sub(1, Ordering::Relaxed);",
        "self.among.fetch_sub(0, Ordering::Relaxed);",
        (CARGO,),
    ),
    Mutant(
        "a modulus that is even is asked of lanes",
        "src/signature/key.rs",
        "*modulus.first()? >= 0x80 && *modulus.last()? % 2 == 1",
        "*modulus.first()? >= 0x80 && *modulus.last()? % 2 <= 1",
        (CARGO,),
    ),
)


CRATE = Path("src/lib.rs")


def switches() -> dict[Path, str]:
    """The sources with all mutants in them that can be switched."""
    changes: dict[str, list[Change]] = {}
    for number, one in enumerate(MUTANTS):
        if one.is_switched:
            changes.setdefault(one.file, []).extend(Change(number, *change) for change in one.changes)
    texts = {
        Path(file): switched((ROOT / file).read_text(encoding="utf-8"), some)
        for file, some in changes.items()
    }
    sound = texts.get(CRATE, (ROOT / CRATE).read_text(encoding="utf-8"))
    return texts | {CRATE: f"{sound}mod mutant;\n", Path("src/mutant.rs"): MODULE}


def write(file: Path, contents: bytes) -> None:
    """A file of the copy. One that is the same stays as it is: cargo goes by their times, and a file that
    took back its old time after a mutant would not be built again.
    """
    copy = SCRATCH / "copy" / file
    if not copy.exists() or copy.read_bytes() != contents:
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(contents)


def prepare() -> None:
    """A copy of what is needed, all mutants in it."""
    texts = switches()
    wanted = set(texts)
    for name in COPIED:
        source = ROOT / name
        for path in [source] if source.is_file() else sorted(source.rglob("*")):
            if path.is_dir() or path.suffix in {".so", ".pyc", ".pyd"}:
                continue
            file = path.relative_to(ROOT)
            wanted.add(file)
            if file not in texts:
                write(file, path.read_bytes())
    for file, text in texts.items():
        write(file, text.encode())
    for path in (SCRATCH / "copy").rglob("*"):
        if path.is_file() and path.relative_to(SCRATCH / "copy") not in wanted:
            path.unlink()
    # Recorded answers lie beside the repository.
    shared, beside = ROOT.parent / "shared", SCRATCH / "shared"
    if shared.exists() and not beside.exists():
        beside.symlink_to(shared.resolve())


def environment() -> dict[str, str]:
    """For cargo and pytest, both at work in the copy."""
    return os.environ | {
        "CARGO_TARGET_DIR": str(SCRATCH / "build"),
        "PYO3_BUILD_EXTENSION_MODULE": "1",
        "PYO3_PYTHON": sys.executable,
        "PYTHONPATH": str(SCRATCH / "copy" / "python"),
    }


def run(
    *command: str, more: Mapping[str, str] | None = None, within: int | None = None
) -> subprocess.CompletedProcess[str]:
    """What came of a command in the copy."""
    return subprocess.run(
        command,
        cwd=SCRATCH / "copy",
        env=environment() | dict(more or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=within,
    )


def build() -> None:
    """The extension module, where Python finds it."""
    built = run("cargo", "build", "--quiet", "--locked", "--package", "certpath-python", "--features", "abi3")
    if built.returncode != 0:
        sys.exit(f"a mutant does not build:\n{built.stderr}")
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    module = SCRATCH / f"copy/python/certpath/_certpath{suffix}"
    # Another file in its place: a program that has opened the old one keeps it.
    module.unlink(missing_ok=True)
    shutil.copy2(SCRATCH / "build/debug/lib_certpath.so", module)


def first_failure(tests: tuple[str, ...], number: int | None = None, within: int | None = None) -> str | None:
    """The name of the first test that fails, with this mutant at work; the files of those that do not end."""
    try:
        return first_failure_of(tests, number, within)
    except subprocess.TimeoutExpired:
        return " ".join(tests)


def first_failure_of(tests: tuple[str, ...], number: int | None, within: int | None) -> str | None:
    """The name of the first test that fails."""
    more = {} if number is None else {VARIABLE: str(number)}
    for_pytest = [test for test in tests if test != CARGO]
    if for_pytest:
        found = run(
            *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *for_pytest),
            more=more,
            within=within,
        )
        if found.returncode != 0:
            match = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - |$)", found.stdout, re.MULTILINE)
            if match:
                return match[1]
            # The process is dead, as may happen without a check of pointers: faulthandler names the test.
            death = re.search(r'File "[^"]*/(tests/[^"]+\.py)", line \d+ in (test_\w+)', found.stderr)
            if found.returncode < 0 and death:
                return f"{death[1]}::{death[2]}"
            sys.exit(f"pytest:\n{found.stdout}{found.stderr}")
    if CARGO in tests:
        found = run("cargo", "test", "--quiet", "--locked", "--lib", more=more, within=within)
        if found.returncode != 0:
            match = re.search(r"^---- (\S+) stdout", found.stdout, re.MULTILINE)
            return match[1] if match else sys.exit(f"cargo test:\n{found.stdout}{found.stderr}")
    return None


def first_failure_alone(one: Mutant) -> str | None:
    """The same of a mutant that is built alone."""
    file = Path(one.file)
    before = (SCRATCH / "copy" / file).read_bytes()
    write(file, one.broken((ROOT / file).read_text(encoding="utf-8")).encode())
    try:
        if file.suffix == ".rs":
            build()
        return first_failure(one.tests, within=one.within)
    finally:
        write(file, before)
        if file.suffix == ".rs":
            build()


class Results:
    """Who has noticed what, so far; told as it comes in."""

    def __init__(self, log: Path | None) -> None:
        self._log = log
        self._noticed_by: dict[str, str] = {}
        if log and log.exists():
            lines = log.read_text(encoding="utf-8").splitlines()
            self._noticed_by = dict(line.split("\t", 1) for line in lines)

    def __contains__(self, name: str) -> bool:
        return name in self._noticed_by

    def add(self, name: str, seconds: float, failed: str | None) -> None:
        """One more, and the line of the table for it."""
        self._noticed_by[name] = failed or SURVIVES
        print(f"{name:<56} {seconds:5.0f} s  {failed or SURVIVES}", flush=True)
        if self._log:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(f"{name}\t{failed or SURVIVES}\n")

    def tests(self) -> tuple[str, ...]:
        """The tests that have noticed something, whatever their parameters."""
        by = {one.partition("[")[0] for one in self._noticed_by.values() if one != SURVIVES}
        return tuple(sorted({test if ".py" in test else CARGO for one in by for test in one.split()}))

    def survivors(self, chosen: list[Mutant]) -> int:
        """How many of these are noticed by nobody."""
        return sum(self._noticed_by[one.name] == SURVIVES for one in chosen)


def judge(chosen: list[Mutant], results: Results, jobs: int) -> None:
    """Run the tests of each: those that can be switched side by side, what is left one after the other."""
    prepare()
    build()

    def is_noticed(one: Mutant) -> bool:
        began = time.monotonic()
        failed = first_failure(one.tests, MUTANTS.index(one), one.within)
        if failed:
            results.add(one.name, time.monotonic() - began, failed)
        return failed is not None

    together = [one for one in chosen if one.is_switched]
    with ThreadPoolExecutor(jobs) as pool:
        noticed = dict(zip(together, pool.map(is_noticed, together), strict=True))
    for one in chosen:
        if not noticed.get(one, False):
            began = time.monotonic()
            failed = first_failure_alone(one)
            results.add(one.name, time.monotonic() - began, failed)


def main() -> int:
    """Judge the mutants named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", metavar="NAME", nargs="*", choices=[*(one.name for one in MUTANTS), []])
    parser.add_argument("--check", action="store_true", help="only whether they fit the source")
    parser.add_argument("--list", action="store_true", help="print their names")
    parser.add_argument("--jobs", type=int, default=2, help="how many are at work side by side (default: 2)")
    parser.add_argument("--log", type=Path, help="where the results are kept, and known from the next time")
    options = parser.parse_args()
    if options.list:
        print(*(one.name for one in MUTANTS), sep="\n")
        return 0
    if problems := [problem for one in MUTANTS if (problem := one.problem())]:
        print(*problems, sep="\n")
        return 1
    if options.check:
        switches()
        together = sum(one.is_switched for one in MUTANTS)
        print(f"mutants: {len(MUTANTS)} fit the source, {together} of them in one build")
        return 0
    results = Results(options.log)
    chosen = [one for one in MUTANTS if not options.names or one.name in options.names]
    if left := [one for one in chosen if one.name not in results]:
        judge(left, results, options.jobs)
    if failed := first_failure(results.tests()):
        sys.exit(f"{failed} fails without any mutant, too")
    survivors = results.survivors(chosen)
    print(f"{len(chosen)} mutants, {survivors} survive")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
