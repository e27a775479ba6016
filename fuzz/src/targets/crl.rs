//! Revocation: CRLs are opened without a panic, and no certificate is accepted that webpki finds on the list.
//!
//! Settings, the CRL, the end entity, its issuer. Everything but the octets themselves is signed again.

use std::sync::Arc;

use certpath::{CrlSet, OwnedCrl, Policy, TrustStore, Verifier};

use crate::{der, forge};

/// X509_V_FLAG_CRL_CHECK, as `ssl.VERIFY_CRL_CHECK_LEAF` has it.
const CRL_CHECK: u64 = 0x4;

pub(super) fn run(data: &[u8]) -> &'static str {
    let Some((&settings, body)) = data.split_first() else { return "nothing" };
    let pieces = der::split(body);
    let [crl, chain @ ..] = pieces.as_slice() else { return "nothing" };
    let _ = OwnedCrl::parse(crl);
    let chain = forge::seal(chain.get(..2).unwrap_or(chain), settings & 1 != 0);
    let [leaf, issuer] = chain.as_slice() else { return "no chain" };
    let name = if settings & 2 != 0 { forge::subject(issuer) } else { None };
    // Keys are numbered from 1: that of the issuer is the second.
    let Some(crl) = forge::seal_crl(crl, 2, name) else { return "no CRL" };
    let Ok(parsed) = OwnedCrl::parse(&crl) else { return "no CRL" };
    let Ok(store) = TrustStore::from_der([issuer.as_slice()], "fuzz") else { return "no store" };
    let mut policy = if settings & 4 != 0 { Policy::webpki() } else { Policy::ssl(0) };
    policy.flags |= CRL_CHECK;
    let verifier = Verifier::new(Arc::new(store), policy, CrlSet::new(vec![parsed]));
    let verdict = verifier.check(&[leaf], None, forge::AT);
    let listed = webpki_lists(&crl, leaf);
    match (verdict.is_ok(), listed) {
        (true, Some(true)) => panic!("accepted although webpki finds it on the list: {crl:02x?} {leaf:02x?}"),
        (true, Some(false)) => "accepted, not listed",
        (true, None) => "accepted, webpki does not open the CRL",
        (false, _) if verdict.revoked == Some(true) => "revoked",
        (false, _) => "refused",
    }
}

/// Whether webpki finds the certificate on the list; `None` if it does not open it.
fn webpki_lists(crl: &[u8], leaf: &[u8]) -> Option<bool> {
    let crl = webpki::BorrowedCertRevocationList::from_der(crl).ok()?;
    let crl = webpki::CertRevocationList::from(crl.to_owned().ok()?);
    let entry = crl.find_serial(forge::serial(leaf)?).ok()?;
    Some(entry.is_some())
}
