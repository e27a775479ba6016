//! Name constraints: settings, the value of the extension, that of a subjectAltName, and a subject.

use std::sync::Arc;

use certpath::{CrlSet, Policy, TrustStore, Verifier};

use crate::{der, forge, judge};

pub(super) fn run(data: &[u8]) -> &'static str {
    let Some((&settings, body)) = data.split_first() else { return "nothing" };
    let pieces = der::split(body);
    let [constraints, alternative, ..] = pieces.as_slice() else { return "nothing" };
    let subject = pieces.get(2).map_or_else(|| forge::name("www.example.test"), |piece| piece.to_vec());
    let of_ca = [forge::ca_extensions(), forge::id_ce(0x1e, true, constraints)].concat();
    let of_leaf = [forge::server_extensions(), forge::id_ce(0x11, false, alternative)].concat();
    let (root, ca) = (forge::name("root"), forge::name("CA"));
    let ca_subject = if settings & 8 != 0 { &root } else { &ca };
    // Constraints of the intermediate, of the anchor, or of both.
    let plain = forge::ca_extensions();
    let certificates = [
        forge::certificate(&subject, ca_subject, 1, &of_leaf),
        forge::certificate(ca_subject, &root, 2, if settings % 4 == 1 { &plain } else { &of_ca }),
        forge::certificate(&root, &root, 3, if settings % 4 == 0 { &plain } else { &of_ca }),
    ];
    let chain: Vec<&[u8]> = certificates.iter().map(Vec::as_slice).collect();
    let sealed = forge::seal(&chain, false);
    let sealed: Vec<&[u8]> = sealed.iter().map(Vec::as_slice).collect();
    let [presented @ .., anchor] = sealed.as_slice() else { return "nothing" };
    let Ok(store) = TrustStore::from_der([*anchor], "fuzz") else { return "no store" };
    let mut policy = if settings & 4 != 0 { Policy::webpki() } else { Policy::ssl(0) };
    policy.hostname_checks_common_name = settings & 0x10 != 0;
    let verifier = Verifier::new(Arc::new(store), policy, CrlSet::default());
    let verdict = verifier.check(presented, None, forge::AT);
    if verdict.is_ok() { judge::confirm(&verdict, &sealed, None, verifier.policy()) } else { "refused" }
}
