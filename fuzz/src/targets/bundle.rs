//! Files of certificates: what is read out was in there, once, and reads the same again.

use certpath::{Bundle, IntermediatePool, TrustStore};

pub(super) fn run(data: &[u8]) -> &'static str {
    let Ok(bundle) = Bundle::read(data) else {
        assert!(TrustStore::from_bundle(data, "fuzz").is_err(), "a store of a broken file");
        let _ = IntermediatePool::from_bundle(data);
        return "refused";
    };
    let read: usize = bundle.certificates.iter().chain(&bundle.crls).map(Vec::len).sum();
    assert!(read <= data.len(), "more read than there is");
    // Judged or refused as a chain and as CRLs: what is in it, no more.
    if let Ok(chain) = bundle.clone().into_chain() {
        assert!(chain.iter().all(|der| bundle.certificates.contains(der)), "a chain of something else");
    }
    let _ = bundle.clone().into_crls();
    let _ = IntermediatePool::from_bundle(data);
    if let Ok(store) = TrustStore::from_bundle(data, "fuzz") {
        for anchor in store.anchors() {
            let listed = bundle.certificates.iter().any(|der| der == anchor.der());
            assert!(listed, "an anchor that is not in the file");
        }
    }
    if bundle.certificates.is_empty() {
        return "no certificate";
    }
    // PEM blocks hold any octets; DER elements one after the other read as what they are. Where the first is shorter than a
    // certificate can be, and holds PEM, the whole is taken for text.
    let joined = bundle.certificates.concat();
    if !certpath::is_pem(data) && !certpath::is_pem(&joined) {
        let again = Bundle::read(&joined).expect("what was read reads again");
        assert_eq!(again.certificates, bundle.certificates);
    }
    "certificates"
}
