//! Names: a reference identity, a subjectAltName and a subject; certpath finds no match that webpki does not
//! find, but for common names.

use std::sync::Arc;

use certpath::{CrlSet, Policy, ReferenceIdentity, TrustStore, Verifier};

use crate::{der, forge, judge};

pub(super) fn run(data: &[u8]) -> &'static str {
    let Some((&settings, body)) = data.split_first() else { return "nothing" };
    let pieces = der::split(body);
    let text = pieces.first().and_then(|piece| der::element(piece)).map_or(&[][..], |(_, text, _)| text);
    let Ok(text) = std::str::from_utf8(text) else { return "no text" };
    let Ok(name) = ReferenceIdentity::parse(text) else { return "no name" };
    let alternative = pieces.get(1).copied().unwrap_or(&[0x30, 0]);
    let subject = pieces.get(2).map_or_else(|| forge::name("fuzz"), |piece| piece.to_vec());
    let mut extensions = forge::server_extensions();
    extensions.extend(forge::id_ce(0x11, false, alternative));
    let (ca_name, own) = (forge::name("CA"), forge::ca_extensions());
    let leaf = forge::certificate(&subject, &ca_name, 1, &extensions);
    let ca = forge::certificate(&ca_name, &ca_name, 2, &own);
    let sealed = forge::seal(&[&leaf, &ca], false);
    let sealed: Vec<&[u8]> = sealed.iter().map(Vec::as_slice).collect();
    let [leaf, ca] = sealed.as_slice() else { return "nothing" };
    let store = TrustStore::from_der([*ca], "fuzz").expect("a sound CA");
    let mut policy = match settings % 3 {
        0 => Policy::ssl(0),
        1 => Policy::webpki(),
        _ => Policy::cabf(),
    };
    policy.hostname_checks_common_name = settings & 0x10 != 0;
    let verifier = Verifier::new(Arc::new(store), policy, CrlSet::default());
    let verdict = verifier.check(&[leaf], Some(&name), forge::AT);
    assert!(!verdict.is_ok() || verdict.name_by.is_some(), "accepted without a name");
    match (verdict.is_ok(), verdict.name_by) {
        (true, _) => judge::confirm(&verdict, &sealed, Some(&name), verifier.policy()),
        (false, Some(_)) => "a match, refused otherwise",
        (false, None) => "no match",
    }
}
