//! What webpki is asked, and how.

use std::time::Duration;

use pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{
    Cert, EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter, VerifiedPath,
};

use crate::oid;
use crate::policy::{Policy, Purpose};
use crate::signature::ProvenEdges;
use crate::time::UnixSeconds;

/// What webpki is asked.
pub(super) struct WebpkiQuestion<'q> {
    /// End entity first, without the anchor.
    pub(super) certificates: Vec<CertificateDer<'q>>,
    /// The contents of the anchor's name, key and nameConstraints.
    pub(super) anchor_name: &'q [u8],
    pub(super) anchor_key: &'q [u8],
    pub(super) anchor_constraints: Option<&'q [u8]>,
    pub(super) edges: ProvenEdges<'q>,
    pub(super) policy: &'q Policy,
    pub(super) time: UnixSeconds,
}

impl WebpkiQuestion<'_> {
    /// Whether webpki proves exactly this path.
    pub(super) fn ask(&self) -> Result<(), Error> {
        let (leaf, intermediates) = self.certificates.split_first().ok_or(Error::UnknownIssuer)?;
        let end_entity = EndEntityCert::try_from(leaf)?;
        // Made by hand: webpki's own parser refuses anchors for what it does not use of them.
        let anchors = [TrustAnchor {
            subject: self.anchor_name.into(),
            subject_public_key_info: self.anchor_key.into(),
            name_constraints: self.anchor_constraints.map(Into::into),
        }];
        let algorithms = self.edges.algorithms();
        let algorithms: Vec<&dyn SignatureVerificationAlgorithm> =
            algorithms.iter().map(|algorithm| algorithm as &dyn SignatureVerificationAlgorithm).collect();
        let seconds = u64::try_from(self.time).map_err(|_| Error::BadDerTime)?;
        let exact = |path: &VerifiedPath<'_>| {
            let proven = path.intermediate_certificates().map(Cert::der);
            if proven.eq(intermediates.iter().cloned()) { Ok(()) } else { Err(Error::UnknownIssuer) }
        };
        end_entity.verify_for_usage(
            &algorithms,
            &anchors,
            intermediates,
            UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            Usage(self.policy),
            None,
            Some(&exact),
        )?;
        Ok(())
    }
}

/// Which key purposes webpki is to accept: the same as the native model.
struct Usage<'p>(&'p Policy);

impl ExtendedKeyUsageValidator for Usage<'_> {
    #[expect(
        deprecated,
        reason = "the replacement names a KeyUsage, which webpki makes for static OIDs only"
    )]
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        let known: &[&[u8]] = match &self.0.purpose {
            Purpose::Server => &[oid::SERVER_AUTH, oid::MICROSOFT_SGC, oid::NETSCAPE_SGC],
            Purpose::Client => &[oid::CLIENT_AUTH],
            Purpose::Eku(oid) => &[oid],
            Purpose::Any => return Ok(()),
        };
        let wanted = || known.iter().filter(|one| self.0.takes(one));
        let mut absent = true;
        for purpose in purposes {
            absent = false;
            let purpose = purpose?;
            if wanted().any(|wanted| purpose == KeyPurposeId::new(wanted)) {
                return Ok(());
            }
        }
        if absent { Ok(()) } else { Err(Error::RequiredEkuNotFound) }
    }
}
