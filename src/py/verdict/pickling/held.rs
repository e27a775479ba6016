//! The certificates that a verdict is about, picked out of its verifier's stores and pool.

use std::collections::HashMap;

use super::{PathState, StoreState, Verdict};
use crate::verdict::{PathMember, Source};
use crate::verifier::Verifier;

/// Where in a list each certificate is, by its fingerprint.
type Places<'v> = HashMap<&'v [u8; 32], usize, ahash::RandomState>;

/// What a verdict holds of the stores and of the pool: of a million certificates, those that it is about.
pub(super) struct Held<'v> {
    pub(super) anchors: Vec<&'v [u8]>,
    pub(super) stores: Vec<StoreState>,
    /// Where the certificates of each store begin, counted through the stores; and each one's place in it.
    places: Vec<(usize, Places<'v>)>,
    pub(super) pool: Vec<&'v [u8]>,
    in_pool: Places<'v>,
}

impl<'v> Held<'v> {
    pub(super) fn of(verdict: &'v Verdict, leaf: Option<&'v [u8; 32]>) -> Self {
        let verifier = &verdict.verifier;
        let found = verdict.inner.search.iter().flat_map(|search| &search.paths).flatten();
        let members = || verdict.inner.path.iter().chain(found.clone());
        let mut indices: Places<'_> = Places::default();
        let mut held = Self {
            anchors: Vec::new(),
            stores: Vec::with_capacity(verifier.stores().len()),
            places: Vec::with_capacity(verifier.stores().len()),
            pool: Vec::new(),
            in_pool: HashMap::default(),
        };
        let mut begin = 0;
        for store in verifier.stores() {
            let mut of_store = Vec::new();
            let mut places: Places<'_> = Places::default();
            // Which stores have an anchor or the end entity is told, wherever the path has it from.
            for sha256 in members().map(|member| &member.sha256).chain(leaf) {
                let Some(anchor) = store.position(sha256).and_then(|at| store.anchors().get(at)) else {
                    continue;
                };
                places.entry(sha256).or_insert_with(|| {
                    of_store.push(*indices.entry(sha256).or_insert_with(|| {
                        held.anchors.push(anchor.der());
                        held.anchors.len().saturating_sub(1)
                    }));
                    of_store.len().saturating_sub(1)
                });
            }
            held.places.push((begin, places));
            begin = begin.saturating_add(of_store.len());
            held.stores.push((store.name().to_owned(), of_store));
        }
        for member in members() {
            if let Source::Pool(position) = member.source
                && let Some(lent) = verifier.pool().and_then(|pool| pool.certificates().get(position))
            {
                held.in_pool.entry(&member.sha256).or_insert_with(|| {
                    held.pool.push(lent.der());
                    held.pool.len().saturating_sub(1)
                });
            }
        }
        held
    }

    pub(super) fn path(&self, verifier: &Verifier, path: &'v [PathMember]) -> PathState<&'v [u8]> {
        let member = |member: &'v PathMember| {
            let place = match member.source {
                Source::Presented(position) => Some(position),
                Source::Pool(_) => self.in_pool.get(&member.sha256).copied(),
                Source::Store(position) => verifier.anchor(position).and_then(|(store, _)| {
                    let (begin, places) = self.places.get(store)?;
                    Some(begin.saturating_add(*places.get(&member.sha256)?))
                }),
            };
            // What is held is found; a position beyond all is refused by whoever reads it.
            (member.source.name().to_owned(), place.unwrap_or(usize::MAX), member.sha256.as_slice())
        };
        path.iter().map(member).collect()
    }
}
