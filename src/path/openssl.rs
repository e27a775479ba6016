//! OpenSSL's chain builder: deterministic, without a way back. See docs/parity.md for what
//! follows from that.

use crate::bundle::Decision;
use crate::certificate::Certificate;
use crate::policy::{Policy, flag};
use crate::release::Rule;
use crate::signature::Scheme;
use crate::store::TrustStore;
use crate::time::UnixSeconds;
use crate::verdict::{Check, PathMember, Source};

/// A certificate on the path and where it was taken from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathStep<'p> {
    pub(crate) certificate: &'p Certificate<'p>,
    pub(crate) source: Source,
}

/// What the builder came to.
#[derive(Debug)]
pub(crate) struct Built<'p> {
    /// End entity first; never empty.
    pub(crate) steps: Vec<PathStep<'p>>,
    /// Why the path leads nowhere, if it does.
    pub(crate) failure: Option<Check>,
}

impl<'p> Built<'p> {
    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(crate) fn certificates(
        &self,
    ) -> impl DoubleEndedIterator<Item = &'p Certificate<'p>> + ExactSizeIterator {
        self.steps.iter().map(|step| step.certificate)
    }

    /// The end entity.
    pub(crate) fn leaf(&self) -> Option<&'p Certificate<'p>> {
        self.steps.first().map(|step| step.certificate)
    }

    /// The path as verdicts tell it.
    pub(crate) fn members(&self) -> Vec<PathMember> {
        let member =
            |step: &PathStep<'_>| PathMember { source: step.source, sha256: step.certificate.sha256() };
        self.steps.iter().map(member).collect()
    }

    /// The last certificate.
    pub(crate) fn last(&self) -> Option<&'p Certificate<'p>> {
        self.steps.last().map(|step| step.certificate)
    }
}

/// Which of the certificates that were sent OpenSSL has looked into, by position. It reads extensions when it first needs them;
/// until then a certificate has neither key identifiers nor a keyUsage. Kept under EXTENDED_CRL_SUPPORT, where alone that tells.
#[derive(Debug, Default)]
pub(crate) struct Opened(Vec<bool>);

impl Opened {
    pub(crate) fn has(&self, position: usize) -> bool {
        self.0.get(position).copied().unwrap_or_default()
    }

    pub(crate) fn note(&mut self, position: usize) {
        if self.0.len() <= position {
            self.0.resize(position + 1, false);
        }
        if let Some(opened) = self.0.get_mut(position) {
            *opened = true;
        }
    }
}

/// The builder of X509_verify_cert (crypto/x509/x509_vfy.c of OpenSSL 3.0), with TRUSTED_FIRST,
/// which cannot be switched off through `ssl`: its default parameters put it back.
pub(crate) fn build<'p>(
    leaf: &'p Certificate<'p>,
    presented: &'p [&'p Certificate<'p>],
    store: &'p TrustStore,
    policy: &'p Policy,
    at: UnixSeconds,
    opened: &mut Opened,
) -> Built<'p> {
    let mut builder = Builder {
        store,
        // One certificate over the limit is built, to tell a chain too long from one that ends.
        max_steps: policy.max_depth + 1,
        partial: policy.has(flag::PARTIAL_CHAIN),
        policy,
        at: policy.checks_time().then_some(at),
        steps: vec![PathStep { certificate: leaf, source: Source::Presented(0) }],
        untrusted: 1,
        candidates: presented
            .iter()
            .enumerate()
            .map(|(index, &certificate)| PathStep { certificate, source: Source::Presented(index) })
            .collect(),
        opened: policy.has(flag::EXTENDED_CRL_SUPPORT).then_some(opened),
    };
    if let Some(opened) = &mut builder.opened {
        // The end entity of the connection, whoever is asked about.
        opened.note(0);
    }
    let failure = builder.run();
    Built { steps: builder.steps, failure }
}

struct Builder<'p, 'o> {
    store: &'p TrustStore,
    max_steps: usize,
    partial: bool,
    policy: &'p Policy,
    /// `None` if dates do not count.
    at: Option<UnixSeconds>,
    steps: Vec<PathStep<'p>>,
    /// How many of the steps come from the peer and are not trusted as such.
    untrusted: usize,
    /// What the peer sent and has not been used yet.
    candidates: Vec<PathStep<'p>>,
    /// Whom to tell of what has been looked into.
    opened: Option<&'o mut Opened>,
}

enum Search {
    TrustedThenPresented,
    TrustedOnly,
}

impl<'p> Builder<'p, '_> {
    fn run(&mut self) -> Option<Check> {
        let mut search = Search::TrustedThenPresented;
        loop {
            let top = *self.steps.last()?;
            if self.store.may_hide(&top.certificate.issuer) {
                return Some(Check::IssuerNotFound);
            }
            if self.is_read_otherwise(top.certificate) {
                return Some(Check::InvalidExtension);
            }
            if self.is_signed_otherwise(top.certificate) {
                return Some(Check::AlgorithmNotSupported);
            }
            if self.steps.len() <= self.max_steps
                && let Some(issuer) = self.trusted_issuer(top.certificate)
            {
                if !top.certificate.public_key.decodes() {
                    // X509_self_signed fails for want of a key, which ends verification.
                    return Some(Check::Unspecified);
                }
                let top_self_signed = top.certificate.is_self_signed();
                // A self-signed certificate must be in the store octet for octet: the same name is
                // not enough, or any twin of a root would do.
                let mimic = top_self_signed && top.certificate.der() != issuer.certificate.der();
                if !mimic {
                    if top_self_signed {
                        self.steps.pop();
                        self.untrusted -= 1;
                    }
                    self.steps.push(issuer);
                    search = Search::TrustedOnly;
                    match self.auxiliary_trust(issuer) {
                        Decision::Rejected => return Some(Check::Rejected),
                        Decision::Trusted => return None,
                        Decision::Unsaid => {}
                    }
                    // Without auxiliary trust settings, an anchor is one that is self-signed, or any
                    // certificate of the store if partial chains will do.
                    if issuer.certificate.is_self_signed() || self.partial {
                        return None;
                    }
                    continue;
                }
            }
            match search {
                Search::TrustedOnly => break,
                Search::TrustedThenPresented => {
                    let exhausted = top.certificate.is_self_signed() || self.steps.len() > self.max_steps;
                    let found = if exhausted { None } else { self.take_presented_issuer(top.certificate) };
                    match found {
                        Some(issuer) => {
                            self.steps.push(issuer);
                            self.untrusted += 1;
                        }
                        None => {
                            // The store has been asked for this certificate already.
                            break;
                        }
                    }
                }
            }
        }
        self.give_up()
    }

    /// The last resort, and the code if that fails too.
    fn give_up(&mut self) -> Option<Check> {
        let steps = self.steps.len();
        if steps <= self.max_steps && steps == self.untrusted && self.partial && self.pin_leaf() {
            let rejected =
                self.steps.first().is_some_and(|leaf| self.auxiliary_trust(*leaf) == Decision::Rejected);
            return rejected.then_some(Check::Rejected);
        }
        Some(if steps > self.max_steps {
            Check::ChainTooLong
        } else if self.steps.last().is_some_and(|last| {
            last.certificate.is_self_signed()
                && last.certificate.public_key.decodes()
                && !last.certificate.is_malformed()
        }) {
            if steps == 1 { Check::SelfSignedLeaf } else { Check::SelfSignedInChain }
        } else if self.untrusted < steps {
            Check::IssuerCertificateNotFound
        } else {
            Check::IssuerNotFound
        })
    }

    /// With partial chains, an end entity that is in the store octet for octet is trusted; what has
    /// been built above it stays and is checked all the same.
    fn pin_leaf(&mut self) -> bool {
        let Some(leaf) = self.steps.first_mut() else {
            return false;
        };
        match self.store.position(&leaf.certificate.sha256()) {
            Some(position) => {
                leaf.source = Source::Store(position);
                self.untrusted = 0;
                true
            }
            None => false,
        }
    }

    /// check_trust, as far as it asks for auxiliary settings.
    fn auxiliary_trust(&self, step: PathStep<'p>) -> Decision {
        let settings = match step.source {
            Source::Store(position) => self.store.auxiliary_trust(position),
            Source::Presented(_) | Source::Pool(_) => None,
        };
        settings.map_or(Decision::Unsaid, |settings| settings.decide(&self.policy.purpose))
    }

    fn is_current(&self, certificate: &Certificate<'_>) -> bool {
        let Some(at) = self.at else { return true };
        // X509_cmp_time counts the very second of notAfter as past (and that of notBefore as reached).
        certificate.not_before.seconds.is_some_and(|not_before| not_before <= at)
            && certificate.not_after.seconds.is_some_and(|not_after| at < not_after)
    }

    /// X509_STORE_CTX_get1_issuer: the first that fits and is current, else the one that expires last.
    fn trusted_issuer(&self, subject: &Certificate<'_>) -> Option<PathStep<'p>> {
        let store = self.store;
        let candidates = store.by_subject(&subject.issuer).map(|(position, anchor)| PathStep {
            certificate: anchor.view(),
            source: Source::Store(position),
        });
        self.best(candidates.filter(|candidate| {
            candidate.certificate.may_have_issued(subject) && !self.is_unreadable(candidate.certificate)
        }))
    }

    /// [`Rule::ShortTimesUnparseable`]: a context passes over anchors that it cannot read.
    fn is_unreadable(&self, anchor: &Certificate<'_>) -> bool {
        anchor.has_too_short_time() && self.policy.follows(Rule::ShortTimesUnparseable)
    }

    /// [`Rule::LongFormOfNothingRead`]: whether an extension decides about the issuer that OpenSSL may be able to read, and
    /// nothing here can: which certificate it goes on with cannot be told then.
    fn is_read_otherwise(&self, subject: &Certificate<'_>) -> bool {
        if !self.policy.follows(Rule::LongFormOfNothingRead) {
            return false;
        }
        let is_unclear = |certificate: &Certificate<'_>| certificate.extensions.read_otherwise;
        is_unclear(subject) || self.named_issuers(subject).any(is_unclear)
    }

    /// [`Rule::EcdsaWithSha3Known`], [`Rule::PostQuantumKnown`]: whether OpenSSL may know who made a signature of an algorithm
    /// that is not known here. To pass over that issuer could end in the trust that partial chains have in the end entity.
    fn is_signed_otherwise(&self, subject: &Certificate<'_>) -> bool {
        Scheme::known_later(subject.inner_algorithm.oid).is_some_and(|rule| self.policy.follows(rule))
            && self.named_issuers(subject).any(|issuer| issuer.der() != subject.der())
    }

    /// Whoever has the issuer's name, in the store and of what was sent and not used yet.
    fn named_issuers(&self, subject: &Certificate<'_>) -> impl Iterator<Item = &'p Certificate<'p>> {
        let trusted = self.store.by_subject(&subject.issuer).map(|(_, anchor)| anchor.view());
        let presented = self.candidates.iter().map(|step| step.certificate);
        trusted.chain(presented.filter(|one| one.subject == subject.issuer))
    }

    /// find_issuer among what the peer sent; the one found is not offered again.
    fn take_presented_issuer(&mut self, subject: &Certificate<'_>) -> Option<PathStep<'p>> {
        let reuse = subject.is_self_issued() && self.steps.len() == 1;
        let fits = self.candidates.iter().copied().filter(|candidate| {
            candidate.certificate.may_have_issued(subject) && (reuse || !self.contains(candidate.certificate))
        });
        let best = self.best(fits);
        self.note_opened(subject, best);
        let best = best?;
        self.candidates.retain(|candidate| candidate.source != best.source);
        Some(best)
    }

    /// ossl_x509_likely_issued looks into every candidate with the name, X509_cmp into any
    /// ([`Rule::CandidatesComparedFirst`]). The search ends at the first that will do.
    fn note_opened(&mut self, subject: &Certificate<'_>, best: Option<PathStep<'p>>) {
        if self.opened.is_none() {
            return;
        }
        let into_any = self.policy.follows(Rule::CandidatesComparedFirst)
            && !(subject.is_self_issued() && self.steps.len() == 1);
        let last = best.filter(|best| self.is_current(best.certificate)).map(|best| best.source);
        let Some(opened) = &mut self.opened else { return };
        for candidate in &self.candidates {
            if let Source::Presented(position) = candidate.source
                && (into_any || candidate.certificate.subject == subject.issuer)
            {
                opened.note(position);
            }
            if Some(candidate.source) == last {
                break;
            }
        }
    }

    fn contains(&self, certificate: &Certificate<'_>) -> bool {
        self.steps.iter().any(|step| step.certificate.der() == certificate.der())
    }

    fn best(&self, candidates: impl Iterator<Item = PathStep<'p>>) -> Option<PathStep<'p>> {
        let mut best: Option<PathStep<'p>> = None;
        for candidate in candidates {
            if self.is_current(candidate.certificate) {
                return Some(candidate);
            }
            // ASN1_TIME_compare reads times as leniently as it prints them; what it cannot read is not later.
            let until =
                |step: &PathStep<'_>| step.certificate.not_after.lenient().map(|(seconds, _)| seconds);
            let later = match &best {
                None => true,
                Some(best) => until(best).is_some_and(|earlier| until(&candidate) > Some(earlier)),
            };
            if later {
                best = Some(candidate);
            }
        }
        best
    }
}
