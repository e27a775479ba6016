//! The library that checks eight signatures at once, and whether it is trusted.
//!
//! docs/assurance.md says why what it calls good may count. It is offered once in a process, and from the moment at which it
//! and aws-lc-rs disagree about a signature it is not asked any more, and what it has said before does not count.

use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use certpath_multibuffer::{
    Abilities, EcdsaLane, LANES, Library, MAX_RSA_OCTETS, Multiples, MultiplesLane, RsaLane, RsaSize,
};

/// What checks eight signatures at once; what it is not made for it calls good never.
pub(crate) trait Lanes: fmt::Debug + Send + Sync {
    fn version(&self) -> &str;
    fn abilities(&self) -> Abilities;

    fn rsa(&self, _: RsaSize, _: &[RsaLane<'_>], _: &mut [[u8; MAX_RSA_OCTETS]; LANES]) -> [bool; LANES] {
        [false; LANES]
    }

    fn p256(&self, _: &[EcdsaLane<'_, 32, 4>]) -> [bool; LANES] {
        [false; LANES]
    }

    fn p384(&self, _: &[EcdsaLane<'_, 48, 6>]) -> [bool; LANES] {
        [false; LANES]
    }

    fn p256_multiples(&self, _x: &[u64; 4], _y: &[u64; 4]) -> Option<Multiples<5>> {
        None
    }

    fn p384_multiples(&self, _x: &[u64; 6], _y: &[u64; 6]) -> Option<Multiples<8>> {
        None
    }

    /// An answer for each, or none where it cannot be told in this way.
    fn p256_by_multiples(&self, _: &[MultiplesLane<'_, 32, 4, 5>]) -> Vec<Option<bool>> {
        Vec::new()
    }

    fn p384_by_multiples(&self, _: &[MultiplesLane<'_, 48, 6, 8>]) -> Vec<Option<bool>> {
        Vec::new()
    }
}

impl Lanes for Library {
    fn version(&self) -> &str {
        Self::version(self)
    }

    fn abilities(&self) -> Abilities {
        Self::abilities(self)
    }

    fn rsa(
        &self,
        size: RsaSize,
        lanes: &[RsaLane<'_>],
        powers: &mut [[u8; MAX_RSA_OCTETS]; LANES],
    ) -> [bool; LANES] {
        Self::rsa(self, size, lanes, powers)
    }

    fn p256(&self, lanes: &[EcdsaLane<'_, 32, 4>]) -> [bool; LANES] {
        Self::p256(self, lanes)
    }

    fn p384(&self, lanes: &[EcdsaLane<'_, 48, 6>]) -> [bool; LANES] {
        Self::p384(self, lanes)
    }

    fn p256_multiples(&self, x: &[u64; 4], y: &[u64; 4]) -> Option<Multiples<5>> {
        Self::p256_multiples(self, x, y)
    }

    fn p384_multiples(&self, x: &[u64; 6], y: &[u64; 6]) -> Option<Multiples<8>> {
        Self::p384_multiples(self, x, y)
    }

    fn p256_by_multiples(&self, lanes: &[MultiplesLane<'_, 32, 4, 5>]) -> Vec<Option<bool>> {
        Self::p256_by_multiples(self, lanes)
    }

    fn p384_by_multiples(&self, lanes: &[MultiplesLane<'_, 48, 6, 8>]) -> Vec<Option<bool>> {
        Self::p384_by_multiples(self, lanes)
    }
}

/// The library if there is one, why not if not, and what ended its use.
pub struct Multibuffer {
    offered: OnceLock<Result<Box<dyn Lanes>, String>>,
    retired: OnceLock<String>,
    told: AtomicBool,
    /// Of so many signatures that it calls good one is checked again.
    sample: u64,
}

/// Few enough to cost nothing, and enough for a scan to notice a library that is wrong: of 10,000 wrong answers at least one
/// is noticed, but for one case in 22,000.
const SAMPLE: u64 = 1_000;

/// That of this process.
static OWN: Multibuffer = Multibuffer::none();

impl Multibuffer {
    const fn none() -> Self {
        Self {
            offered: OnceLock::new(),
            retired: OnceLock::new(),
            told: AtomicBool::new(false),
            sample: SAMPLE,
        }
    }

    /// That of this process. Nothing is in it before [`offer`](Self::offer).
    pub fn own() -> &'static Self {
        &OWN
    }

    /// With something else than the library, for tests.
    #[cfg(test)]
    pub(crate) fn with(lanes: Box<dyn Lanes>, sample: u64) -> &'static Self {
        Box::leak(Box::new(Self { offered: OnceLock::from(Ok(lanes)), sample, ..Self::none() }))
    }

    /// With nothing yet, until a test offers it.
    #[cfg(test)]
    pub(crate) fn to_come() -> &'static Self {
        Box::leak(Box::new(Self { sample: u64::MAX, ..Self::none() }))
    }

    #[cfg(test)]
    pub(crate) fn offer_lanes(&self, lanes: Box<dyn Lanes>) {
        let _ = self.offered.set(Ok(lanes));
    }

    /// Whether it was offered, or refused, before.
    pub fn is_decided(&self) -> bool {
        self.offered.get().is_some()
    }

    /// Opens the library, unless that was tried before. By two threads at once rather than under a lock, in which a child
    /// forked meanwhile would wait for a thread that it has not got.
    pub fn offer(&self, files: &[PathBuf]) {
        if !self.is_decided() {
            let opened = Library::open(files).map_err(|why| why.to_string());
            let _ = self.offered.set(opened.map(|library| -> Box<dyn Lanes> { Box::new(library) }));
        }
    }

    /// Does without the library in this process.
    pub fn refuse(&self, why: &str) {
        let _ = self.offered.set(Err(why.to_owned()));
    }

    /// What may be asked now.
    pub(super) fn lanes(&self) -> Option<&dyn Lanes> {
        let offered = self.offered.get()?.as_deref().ok()?;
        (!self.is_retired()).then_some(offered)
    }

    /// Of how many signatures that it calls good one is checked again.
    pub(super) fn sample(&self) -> u64 {
        self.sample
    }

    /// Whether it is asked.
    pub fn is_used(&self) -> bool {
        self.lanes().is_some()
    }

    /// Whether it and aws-lc-rs have disagreed.
    pub fn is_retired(&self) -> bool {
        self.retired.get().is_some()
    }

    /// Never to be asked again: it and aws-lc-rs disagree about this kind of signature.
    pub(crate) fn retire(&self, kind: &str) {
        let version =
            self.offered.get().and_then(|offered| offered.as_ref().ok()).map(|lanes| lanes.version());
        let _ = self.retired.set(format!(
            "{} and aws-lc-rs disagreed about a signature ({kind})",
            version.unwrap_or("the library")
        ));
    }

    /// What ended its use.
    pub fn retirement(&self) -> Option<&str> {
        self.retired.get().map(String::as_str)
    }

    /// The same, for the first who asks and nobody else.
    pub fn retirement_to_tell(&self) -> Option<&str> {
        let why = self.retirement()?;
        (!self.told.swap(true, Ordering::Relaxed)).then_some(why)
    }

    /// Its version, or why it is not used.
    ///
    /// # Errors
    ///
    /// The reason.
    pub fn state(&self) -> Result<&str, &str> {
        if let Some(why) = self.retirement() {
            return Err(why);
        }
        match self.offered.get() {
            None => Err("not asked for yet"),
            Some(Ok(lanes)) => Ok(lanes.version()),
            Some(Err(why)) => Err(why),
        }
    }
}

impl fmt::Debug for Multibuffer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Multibuffer").field("state", &self.state()).finish_non_exhaustive()
    }
}
