//! Eight public operations at once: RSA with the exponent 65537, ECDSA over P-256 and P-384, by the library
//! `libcrypto_mb` of Intel's Cryptography Primitives Library. It needs AVX-512 IFMA (or, for some of this, AVX-IFMA).
//!
//! Of keys that sign much the multiples are kept, and signatures checked with arithmetic of this crate's own: multiples.rs,
//! modular.rs.
//!
//! The library is opened when it is asked for ([`Library::open`]) and is not linked. Nothing here decides whether a
//! signature counts: certpath's src/signature/together.rs does, and says under which conditions.
//!
//! The only place with `unsafe` outside certpath's own doors. What the library is handed is copied into arrays of this
//! crate first, each longer than what the library reads by the width of its widest register: whatever it reads or writes
//! in excess stays inside of them.

use std::fmt;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "linux.rs"]
mod imp;
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
#[path = "elsewhere.rs"]
mod imp;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod modular;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod multiples;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod vectors;

pub use imp::Library;

/// Signatures that are checked at once.
pub const LANES: usize = 8;

/// Why the library is not used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Unusable {
    /// It is not made for this kind of machine, or the processor lacks what it needs.
    Machine(&'static str),
    /// A file cannot be opened, or lacks what should be in it.
    File(String),
    /// It is not of a version that this crate knows.
    Version(String),
    /// It gives a wrong answer to a question whose answer is known.
    Wrong(&'static str),
}

impl fmt::Display for Unusable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Machine(lack) => write!(formatter, "this machine has {lack}"),
            Self::File(problem) => formatter.write_str(problem),
            Self::Version(found) => write!(formatter, "{found} is not a version that was tried"),
            Self::Wrong(operation) => write!(formatter, "its answers about {operation} are wrong"),
        }
    }
}

impl std::error::Error for Unusable {}

/// The sizes of RSA moduli that it knows.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RsaSize {
    /// 2048 bits.
    Bits2048,
    /// 3072 bits.
    Bits3072,
    /// 4096 bits.
    Bits4096,
}

impl RsaSize {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Bits2048, Self::Bits3072, Self::Bits4096];

    /// The size of so many octets.
    pub fn of_octets(octets: usize) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.octets() == octets)
    }

    /// The octets of a modulus.
    pub const fn octets(self) -> usize {
        match self {
            Self::Bits2048 => 256,
            Self::Bits3072 => 384,
            Self::Bits4096 => 512,
        }
    }
}

/// The largest modulus in octets.
pub const MAX_RSA_OCTETS: usize = RsaSize::Bits4096.octets();

/// What one lane raises to the power of 65537.
#[derive(Clone, Copy, Debug)]
pub struct RsaLane<'a> {
    /// The modulus, odd, its highest bit set: words of 64 bits, the lowest first.
    pub modulus: &'a [u64],
    /// A number below the modulus, its highest octet first.
    pub number: &'a [u8],
}

/// What one lane verifies. `OCTETS` and `WORDS` are those of the curve: 32 and 4, or 48 and 6.
#[derive(Clone, Copy, Debug)]
pub struct EcdsaLane<'a, const OCTETS: usize, const WORDS: usize> {
    /// The signature's r, in 1 to n - 1, its highest octet first.
    pub r: &'a [u8; OCTETS],
    /// The signature's s, likewise.
    pub s: &'a [u8; OCTETS],
    /// The number that the digest is (SEC 1 4.1.4), below n.
    pub digest: &'a [u8; OCTETS],
    /// The point, which is on the curve: x, its lowest word first.
    pub x: &'a [u64; WORDS],
    /// And y.
    pub y: &'a [u64; WORDS],
}

/// The multiples of a point that scalars are looked up in: 450 kB of a key of P-384, 190 of P-256. Made by
/// [`Library::p256_multiples`] and [`Library::p384_multiples`]; without any nothing is said of a signature.
#[derive(Clone, Debug, Default)]
pub struct Multiples<const LIMBS: usize> {
    /// Of each digit, the lowest first: its place's power of two times 1 to 64 times the point, x and y each below the prime,
    /// in Montgomery's form.
    #[cfg_attr(
        not(all(target_os = "linux", target_arch = "x86_64")),
        allow(dead_code, reason = "no library")
    )]
    of_digits: Vec<[[[u64; LIMBS]; 2]; 64]>,
}

/// What one lane verifies by a key whose multiples are kept. `LIMBS` are those of the curve: 5 and 8.
#[derive(Clone, Copy, Debug)]
pub struct MultiplesLane<'a, const OCTETS: usize, const WORDS: usize, const LIMBS: usize> {
    /// The signature and the key.
    pub lane: EcdsaLane<'a, OCTETS, WORDS>,
    /// Of the key.
    pub multiples: &'a Multiples<LIMBS>,
}

/// What it can do on this machine.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Abilities {
    /// [`Library::rsa`].
    pub rsa: bool,
    /// [`Library::p256`].
    pub p256: bool,
    /// [`Library::p384`].
    pub p384: bool,
    /// [`Library::p256_multiples`], [`Library::p384_multiples`] and what is verified with them.
    pub multiples: bool,
}
