//! The strict profiles: what RFC 5280 and the CA/Browser Forum's Baseline Requirements ask of each
//! certificate of a path beyond what path validation needs. One rule, one function, one check.
//!
//! A rule judges one certificate in its place. An anchor is not part of the path (RFC 5280 6.1): of one that has
//! issued itself the rules ask what the Baseline Requirements ask of root certificates (7.1.2.1), as far as the roots in
//! use, which are older than most of the rules, have it; of any other, a cross-signed CA say, nothing but what is handed on
//! to the path: its key and its name constraints (RFC 5937).

mod certificate;
mod extensions;
mod keys;
mod names;

use crate::certificate::Certificate;
use crate::policy::Preset;
use crate::verdict::{Check, Fact};

use super::examination::Examination;
use super::memory::Place;

/// One certificate under a rule.
struct Subject<'e, 'p> {
    certificate: &'e Certificate<'p>,
    place: Place,
    /// The certificate above, if there is one.
    issuer: Option<&'e Certificate<'p>>,
}

impl Subject<'_, '_> {
    /// In a place where it signs certificates, or saying that it may.
    fn is_ca(&self) -> bool {
        self.place != Place::EndEntity || self.certificate.is_ca()
    }
}

/// What is wrong, with the facts.
type Broken = Option<Vec<(&'static str, Fact)>>;

/// Which profiles a rule belongs to.
#[derive(Clone, Copy)]
enum Of {
    Both,
    Rfc5280,
    Cabf,
}

impl Of {
    fn applies(self, preset: Preset) -> bool {
        match self {
            Self::Both => matches!(preset, Preset::Rfc5280 | Preset::Cabf),
            Self::Rfc5280 => preset == Preset::Rfc5280,
            Self::Cabf => preset == Preset::Cabf,
        }
    }
}

/// Which trust anchors a rule asks.
#[derive(Clone, Copy)]
enum Anchors {
    None,
    /// Those that have issued themselves.
    Roots,
    All,
}

struct Rule {
    of: Of,
    check: Check,
    broken: fn(&Subject<'_, '_>) -> Broken,
    anchors: Anchors,
}

/// A rule about the certificates of a path.
const fn rule(of: Of, check: Check, broken: fn(&Subject<'_, '_>) -> Broken) -> Rule {
    Rule { of, check, broken, anchors: Anchors::None }
}

impl Rule {
    /// The same rule about root certificates, too (CA/B BR 7.1.2.1).
    const fn and_roots(self) -> Self {
        Self { anchors: Anchors::Roots, ..self }
    }

    /// The same rule about whatever is a trust anchor.
    const fn and_anchors(self) -> Self {
        Self { anchors: Anchors::All, ..self }
    }

    /// What is wrong with a certificate by this rule, under the profile of this preset.
    fn broken(&self, subject: &Subject<'_, '_>, preset: Preset) -> Broken {
        let asked = match (subject.place, self.anchors) {
            (Place::EndEntity | Place::Intermediate, _) | (Place::Anchor, Anchors::All) => true,
            (Place::Anchor, Anchors::Roots) => subject.certificate.is_self_issued(),
            (Place::Anchor, Anchors::None) => false,
        };
        if asked && self.of.applies(preset) { (self.broken)(subject) } else { None }
    }
}

/// All rules, in the order of the documents.
static RULES: &[Rule] = &[
    rule(Of::Both, Check::VersionNotThree, certificate::version).and_roots(),
    rule(Of::Both, Check::SerialNotPositive, certificate::serial_positive),
    rule(Of::Both, Check::SerialTooLong, certificate::serial_length).and_roots(),
    rule(Of::Both, Check::SignatureAlgorithmMismatch, certificate::algorithms_agree).and_roots(),
    rule(Of::Both, Check::IssuerEmpty, certificate::issuer).and_roots(),
    rule(Of::Both, Check::SubjectEmpty, certificate::subject).and_roots(),
    rule(Of::Both, Check::NotBeforeEncoding, certificate::not_before_encoding),
    rule(Of::Both, Check::NotAfterEncoding, certificate::not_after_encoding),
    rule(Of::Cabf, Check::LifetimeTooLong, certificate::lifetime),
    rule(Of::Both, Check::UniqueIdentifiers, certificate::unique_identifiers),
    rule(Of::Both, Check::DuplicateExtension, extensions::duplicate).and_roots(),
    rule(Of::Both, Check::AuthorityKeyIdentifierMissing, extensions::authority_key_identifier).and_roots(),
    rule(Of::Both, Check::AuthorityKeyIdentifierCritical, extensions::authority_key_identifier_critical)
        .and_roots(),
    rule(Of::Both, Check::SubjectKeyIdentifierMissing, extensions::subject_key_identifier).and_roots(),
    rule(Of::Both, Check::SubjectKeyIdentifierCritical, extensions::subject_key_identifier_critical)
        .and_roots(),
    rule(Of::Both, Check::CaKeyUsageMissing, extensions::ca_key_usage),
    rule(Of::Both, Check::CertSignOnNonCa, extensions::cert_sign_on_non_ca).and_roots(),
    rule(Of::Both, Check::InvalidPolicyExtension, extensions::policies),
    rule(Of::Both, Check::PolicyConstraintsNotCritical, extensions::policy_constraints_critical),
    rule(Of::Both, Check::InhibitAnyPolicyNotCritical, extensions::inhibit_any_policy_critical),
    rule(Of::Both, Check::SubjectAltNameEmpty, names::alternative_names_empty),
    rule(Of::Both, Check::SubjectAltNameNotCritical, names::alternative_names_not_critical),
    rule(Of::Both, Check::SubjectAltNameSyntax, names::alternative_names_syntax),
    rule(Of::Both, Check::InvalidCa, extensions::ca_without_basic_constraints).and_roots(),
    rule(Of::Both, Check::BasicConstraintsNotCritical, extensions::basic_constraints_critical).and_roots(),
    rule(Of::Both, Check::PathLengthOnNonCa, extensions::path_length_on_non_ca),
    rule(Of::Both, Check::PathLengthWithoutCertSign, extensions::path_length_without_cert_sign),
    rule(Of::Both, Check::NameConstraintsOnNonCa, names::constraints_on_non_ca),
    rule(Of::Rfc5280, Check::NameConstraintsNotCritical, names::constraints_critical),
    rule(Of::Both, Check::NameConstraintsEmpty, names::constraints_empty).and_anchors(),
    rule(Of::Both, Check::SubtreeBounds, names::constraint_bounds).and_anchors(),
    rule(Of::Both, Check::NameConstraintSyntax, names::constraints_syntax).and_anchors(),
    rule(Of::Both, Check::ExtendedKeyUsageEmpty, extensions::extended_key_usage_empty),
    rule(Of::Both, Check::DistributionPointsEmpty, extensions::distribution_points_empty),
    rule(Of::Both, Check::InformationAccessSyntax, extensions::information_access),
    rule(Of::Cabf, Check::KeyNotPermitted, keys::permitted).and_anchors(),
    rule(Of::Cabf, Check::RsaModulusNotMultipleOf8, keys::modulus_size).and_anchors(),
    rule(Of::Cabf, Check::RsaExponentNotPermitted, keys::exponent).and_anchors(),
    rule(Of::Cabf, Check::SignatureAlgorithmNotPermitted, keys::signature_algorithm),
    rule(Of::Cabf, Check::AuthorityKeyIdentifierForm, extensions::authority_key_identifier_form).and_roots(),
    rule(Of::Cabf, Check::AuthorityKeyIdentifierMismatch, extensions::root_key_identifiers).and_roots(),
    rule(Of::Cabf, Check::ExtendedKeyUsageOnRoot, extensions::root_extended_key_usage).and_roots(),
    rule(Of::Cabf, Check::CaAsLeaf, extensions::end_entity_is_ca),
    rule(Of::Cabf, Check::CrlSignOnNonCa, extensions::crl_sign_on_non_ca),
    rule(Of::Cabf, Check::ExtendedKeyUsageMissing, extensions::extended_key_usage_missing),
    rule(Of::Cabf, Check::ExtendedKeyUsageAny, extensions::extended_key_usage_any),
    rule(Of::Cabf, Check::ExtendedKeyUsageCritical, extensions::extended_key_usage_critical),
    rule(Of::Cabf, Check::SubjectAltNameMissing, names::alternative_names_missing),
    rule(Of::Cabf, Check::SubjectAltNameCritical, names::alternative_names_critical),
    rule(Of::Cabf, Check::SubjectAltNameForm, names::alternative_names_form),
    rule(Of::Cabf, Check::CommonNameNotInSubjectAltName, names::common_name),
];

/// Applies the rules of the policy's profile, if it is a strict one, to every certificate.
pub(super) fn check(examination: &mut Examination<'_, '_>) {
    let preset = examination.policy.preset;
    if !matches!(preset, Preset::Rfc5280 | Preset::Cabf) {
        return;
    }
    let certificates: Vec<_> = examination.built.certificates().collect();
    let last = certificates.len().saturating_sub(1);
    let anchored = examination.built.failure.is_none();
    for (depth, certificate) in certificates.iter().enumerate() {
        let place = match depth {
            0 => Place::EndEntity,
            depth if depth == last && anchored => Place::Anchor,
            _ => Place::Intermediate,
        };
        let issuer = certificates.get(depth + 1).copied();
        let subject = Subject { certificate, place, issuer };
        let broken = examination.memory.rules(certificate, place, issuer, || {
            RULES.iter().filter_map(|rule| Some((rule.check, rule.broken(&subject, preset)?))).collect()
        });
        for (check, facts) in broken.iter() {
            // What the path validation itself has found here already is not said twice.
            let known = |found: &crate::verdict::Finding| found.check == *check && found.depth == Some(depth);
            if !examination.findings.iter().any(known) {
                examination.fail(*check, depth, facts.clone());
            }
        }
    }
}

fn broken_if(condition: bool) -> Broken {
    condition.then(Vec::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::TrustStore;

    /// What each root of Mozilla's list breaks, as a trust anchor.
    fn broken_roots(preset: Preset) -> Vec<(String, Vec<&'static str>)> {
        let store = TrustStore::mozilla().unwrap();
        let roots = store.anchors().iter().map(|root| {
            let subject = Subject { certificate: root.view(), place: Place::Anchor, issuer: None };
            let broken = RULES.iter().filter(|rule| rule.broken(&subject, preset).is_some());
            let broken = broken.map(|rule| rule.check.name());
            (root.view().subject.text(), broken.collect::<Vec<_>>())
        });
        roots.filter(|(_, broken)| !broken.is_empty()).collect()
    }

    #[test]
    fn the_roots_in_use_keep_the_rules_but_one() {
        for preset in [Preset::Rfc5280, Preset::Cabf] {
            let broken = broken_roots(preset);
            // Known for it: python/cpython issue 107361.
            let subject = "CN=TWCA Global Root CA,OU=Root CA,O=TAIWAN-CA,C=TW".to_owned();
            assert_eq!(broken, [(subject, vec!["subject_key_identifier_missing"])]);
        }
    }
}
