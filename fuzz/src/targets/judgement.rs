//! Whole chains, webpki the judge: settings, then certificates, the end entity first, the trust anchor last.

use std::sync::Arc;

use certpath::{CrlSet, IntermediatePool, Policy, ReferenceIdentity, TrustStore, Verdict, Verifier};

use crate::{der, forge, judge};

/// More pieces make the run slow and find nothing new.
const MAX_CERTIFICATES: usize = 12;

/// X509_V_FLAG_X509_STRICT and X509_V_FLAG_PARTIAL_CHAIN.
const FLAGS: [u64; 4] = [0, 0x20, 0x8_0000, 0x8_0020];

/// What docs/limits.md allows a search.
const LIMITS: (usize, usize, usize) = (200_000, 100, 1 << 20);

pub(super) fn run(data: &[u8]) -> &'static str {
    let Some((&settings, body)) = data.split_first() else { return "nothing" };
    let mut pieces = der::split(body);
    pieces.truncate(MAX_CERTIFICATES);
    if pieces.len() < 2 {
        return "nothing";
    }
    // As they are, or with signatures that are good, with or without names that fit.
    let sealed = match settings >> 2 & 3 {
        0 => pieces.iter().map(|piece| piece.to_vec()).collect(),
        1 => forge::seal(&pieces, false),
        _ => forge::seal(&pieces, true),
    };
    let sealed: Vec<&[u8]> = sealed.iter().map(Vec::as_slice).collect();
    let [presented @ .., anchor] = sealed.as_slice() else { return "nothing" };
    let Ok(store) = TrustStore::from_der([*anchor], "fuzz") else { return "no store" };
    let mut policy = match settings & 3 {
        0 => Policy::ssl(FLAGS[usize::from(settings >> 6)]),
        1 => Policy::webpki(),
        2 => Policy::rfc5280(),
        _ => Policy::cabf(),
    };
    // Real chains are weak and old; here their structure counts.
    policy.security_level = if settings & 0x40 != 0 { 0 } else { policy.security_level };
    // Half of what is presented comes from a pool instead.
    let split = presented.len().div_ceil(2);
    let pool = (policy.searches() && settings & 0x20 != 0)
        .then(|| IntermediatePool::gather(presented[split..].iter().copied()).ok())
        .flatten();
    let chain = if pool.is_some() { &presented[..split] } else { presented };
    let verifier =
        Verifier::with_stores(vec![Arc::new(store)], pool.map(Arc::new), policy, CrlSet::default())
            .expect("one store, and a pool only where it is searched");
    let names =
        certpath::Certificate::parse(presented[0]).map(|leaf| leaf.alternative_names()).unwrap_or_default();
    let name = names.iter().find_map(|(_, text)| ReferenceIdentity::parse(text).ok());
    let name = name.filter(|_| settings & 0x10 != 0);
    let verdict = verifier.check(chain, name.as_ref(), forge::AT);
    let word = examine(&verdict, &sealed, name.as_ref(), verifier.policy());
    // Captured chains have their time behind them: asked again when the last of them became valid.
    match verdict.not_before {
        Some(at) if !verdict.is_ok() && verdict.time_ok == Some(false) => examine(
            &verifier.check_all_paths(chain, name.as_ref(), at),
            &sealed,
            name.as_ref(),
            verifier.policy(),
        ),
        _ => word,
    }
}

fn examine(
    verdict: &Verdict,
    certificates: &[&[u8]],
    name: Option<&ReferenceIdentity>,
    policy: &Policy,
) -> &'static str {
    assert_eq!(verdict.is_ok(), verdict.findings.is_empty(), "a refusal has a finding, an acceptance none");
    for finding in &verdict.findings {
        let _ = (finding.message(), finding.detail());
    }
    if let Some(search) = &verdict.search {
        let work = (search.edges_tried, search.signature_checks, search.name_comparisons);
        assert!(work.0 <= LIMITS.0 + 1 && work.1 <= LIMITS.1, "too much work: {work:?}");
    }
    if verdict.is_ok() { judge::confirm(verdict, certificates, name, policy) } else { verdict.status.name() }
}
