//! The library itself, and every call of it.

use std::array;
use std::ffi::{CStr, c_char, c_int};
use std::fmt;
use std::path::PathBuf;
use std::ptr;

use libloading::os::unix;

use crate::multiples::{self, Able};
use crate::vectors;
use crate::{
    Abilities, EcdsaLane, LANES, MAX_RSA_OCTETS, Multiples, MultiplesLane, RsaLane, RsaSize, Unusable,
};

/// `mbx_status`: four bits for each lane, the first lane's lowest; 0 is well.
type Status = u32;

/// `mbxVersion`.
#[repr(C)]
struct Version {
    major: c_int,
    minor: c_int,
    patch: c_int,
    name: *const c_char,
    build_date: *const c_char,
    text: *const c_char,
}

/// `mbx_RSA_Method`, whose fields are the library's own business.
#[repr(C)]
struct RsaMethod {
    opaque: [u8; 0],
}

type GetVersion = unsafe extern "C" fn() -> *const Version;
type IsApplicable = unsafe extern "C" fn(u64) -> c_int;
type GetRsaMethod = unsafe extern "C" fn(c_int) -> *const RsaMethod;
type GetBufferSize = unsafe extern "C" fn(*const RsaMethod) -> c_int;
type RsaPublic = unsafe extern "C" fn(
    *const *const u8,
    *const *mut u8,
    *const *const u64,
    c_int,
    *const RsaMethod,
    *mut u8,
) -> Status;
type EcdsaVerify = unsafe extern "C" fn(
    *const *const u8,
    *const *const u8,
    *const *const u8,
    *const *const u64,
    *const *const u64,
    *const *const u64,
    *mut u8,
) -> Status;

/// Octets after each array: the width of a register of AVX-512.
const SPARE: usize = 64;
const SPARE_WORDS: usize = SPARE / 8;
const MAX_RSA_WORDS: usize = MAX_RSA_OCTETS / 8;
/// Scratch space for RSA. Measured: 25,480 octets for 4096 bits; a library that asks for more is not used.
const SCRATCH: usize = 32 << 10;

/// The versions that were tried (tests/multibuffer and docs/assurance.md), as `mbx_getversion` has them.
const TRIED: [(c_int, c_int); 1] = [(2, 3)];

/// The library, opened, its version and its answers to known questions found to be right. It stays open for as long as
/// the process lives.
pub struct Library {
    version: String,
    abilities: Abilities,
    rsa: [*const RsaMethod; 3],
    rsa_public: RsaPublic,
    p256_verify: EcdsaVerify,
    p384_verify: EcdsaVerify,
    generators: Option<Generators>,
}

/// The multiples of both curves' generators, where the processor can look scalars up in them.
struct Generators {
    able: Able,
    p256: Multiples<5>,
    p384: Multiples<8>,
}

// SAFETY: what it points to are functions and constant tables of a library that is never closed. The functions keep no
// state between calls: all that they read and write are their arguments and their stack.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

impl fmt::Debug for Library {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Library")
            .field("version", &self.version)
            .field("abilities", &self.abilities)
            .finish_non_exhaustive()
    }
}

impl Library {
    /// Opens it and asks it what is known. The files are what it needs, in the order in which that is opened, and itself at
    /// the end.
    ///
    /// # Errors
    ///
    /// If this processor cannot run it, a file cannot be opened, it is of another version than those that were tried, or
    /// it answers wrongly.
    pub fn open(files: &[PathBuf]) -> Result<Self, Unusable> {
        if Able::here().is_none() {
            // The library has code for AVX-IFMA, too, on processors without AVX-512.
            if !is_x86_feature_detected!("avxifma") {
                return Err(Unusable::Machine("neither AVX-512 IFMA nor AVX-IFMA"));
            }
        }
        let mut last = None;
        for file in files {
            // SAFETY: opening a library runs its initialisers. These are the files of two packages that the user has
            // installed on purpose; those of other packages that are imported run theirs as well.
            let opened = unsafe { unix::Library::open(Some(file), unix::RTLD_NOW | unix::RTLD_LOCAL) };
            let opened = opened.map_err(|error| Unusable::File(error.to_string()))?;
            // What it needs is found by name in what is open already, so that all of it has to stay open.
            last = Some(&*Box::leak(Box::new(opened)));
        }
        let library = last.ok_or_else(|| Unusable::File("no file of the library is known".to_owned()))?;
        // SAFETY: the types are those of the library's headers (crypto_mb/version.h, cpu_features.h, rsa.h,
        // ec_nistp256.h, ec_nistp384.h) of the versions in `TRIED`; that it is of one of them is the first thing asked,
        // by a function whose type has been the same in all of its versions.
        let library = unsafe { Self::bind(library) }?;
        library.tried()
    }

    /// # Safety
    ///
    /// The library has to be `libcrypto_mb`.
    unsafe fn bind(library: &'static unix::Library) -> Result<Self, Unusable> {
        // SAFETY: see above; the names are those of functions of these types.
        let (version, is_applicable, method, size, rsa_public, p256_verify, p384_verify) = unsafe {
            (
                get::<GetVersion>(library, c"mbx_getversion")?,
                get::<IsApplicable>(library, c"mbx_is_crypto_mb_applicable")?,
                get::<GetRsaMethod>(library, c"mbx_RSA_pub65537_Method")?,
                get::<GetBufferSize>(library, c"mbx_RSA_Method_BufSize")?,
                get::<RsaPublic>(library, c"mbx_rsa_public_mb8")?,
                get::<EcdsaVerify>(library, c"mbx_nistp256_ecdsa_verify_mb8")?,
                get::<EcdsaVerify>(library, c"mbx_nistp384_ecdsa_verify_mb8")?,
            )
        };
        // SAFETY: the function takes nothing and gives a pointer to a constant of the library, or null.
        let told = unsafe { version().as_ref() };
        let told = told.ok_or_else(|| Unusable::Version("a library without a version".to_owned()))?;
        // SAFETY: a constant text of the library that ends with a zero, or null.
        let text = unsafe { told.text.as_ref().map(|text| CStr::from_ptr(text)) };
        let version = text.map(|text| text.to_string_lossy().into_owned()).unwrap_or_default();
        if !TRIED.contains(&(told.major, told.minor)) {
            return Err(Unusable::Version(version));
        }
        // SAFETY: 0 means this processor; it is asked and nothing is changed.
        if unsafe { is_applicable(0) } != 1 {
            return Err(Unusable::Machine("not what the library needs, as it says"));
        }
        let mut rsa = [ptr::null(); 3];
        for (kept, size_of) in rsa.iter_mut().zip(RsaSize::ALL) {
            let bits = c_int::try_from(size_of.octets() * 8).unwrap_or(0);
            // SAFETY: any number may be asked for; the answer is a constant table of the library, or null.
            *kept = unsafe { method(bits) };
            // SAFETY: the table is one that the library has just given.
            let fits = !kept.is_null() && (1..=SCRATCH - SPARE).contains(&(unsafe { size(*kept) } as usize));
            if !fits {
                return Err(Unusable::Wrong("its own scratch space"));
            }
        }
        let generators = Able::here().map(|able| Generators {
            able,
            p256: multiples::of_generator(able, &multiples::P256),
            p384: multiples::of_generator(able, &multiples::P384),
        });
        let abilities = Abilities::default();
        Ok(Self { version, abilities, rsa, rsa_public, p256_verify, p384_verify, generators })
    }

    /// The same with what it is found to do rightly: right about signatures that are good, and about damaged ones.
    fn tried(mut self) -> Result<Self, Unusable> {
        self.abilities = vectors::tried(&self)?;
        Ok(self)
    }

    /// What it calls itself.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What it can do here.
    pub fn abilities(&self) -> Abilities {
        self.abilities
    }

    /// Raises each number to the power of 65537 modulo its modulus; the results, highest octet first, are in the first
    /// octets of `powers`. True for each lane that has one.
    ///
    /// Lanes that are not of this size have none. More than [`LANES`] are left out.
    pub fn rsa(
        &self,
        size: RsaSize,
        lanes: &[RsaLane<'_>],
        powers: &mut [[u8; MAX_RSA_OCTETS]; LANES],
    ) -> [bool; LANES] {
        let octets = size.octets();
        let mut done = [false; LANES];
        let mut moduli = [[0_u64; MAX_RSA_WORDS + SPARE_WORDS]; LANES];
        let mut numbers = [[0_u8; MAX_RSA_OCTETS + SPARE]; LANES];
        let mut results = [[0_u8; MAX_RSA_OCTETS + SPARE]; LANES];
        let mut scratch = [0_u8; SCRATCH];
        let fits = |lane: &RsaLane<'_>| lane.number.len() == octets && lane.modulus.len() * 8 == octets;
        let Some(first) = lanes.iter().find(|lane| fits(lane)) else { return done };
        // Lanes without a question get the first one's, so that no pointer is null and no number odd.
        for (index, (modulus, number)) in moduli.iter_mut().zip(&mut numbers).enumerate() {
            let own = lanes.get(index).filter(|lane| fits(lane));
            if let Some(done) = done.get_mut(index) {
                *done = own.is_some();
            }
            let lane = own.unwrap_or(first);
            for (to, from) in modulus.iter_mut().zip(lane.modulus) {
                *to = *from;
            }
            for (to, from) in number.iter_mut().zip(lane.number) {
                *to = *from;
            }
        }
        let number_pointers = numbers.each_ref().map(|number| number.as_ptr());
        let result_pointers = results.each_mut().map(|result| result.as_mut_ptr());
        let modulus_pointers = moduli.each_ref().map(|modulus| modulus.as_ptr());
        let method = self.rsa[size as usize];
        let bits = c_int::try_from(octets * 8).unwrap_or(0);
        // SAFETY: eight pointers each, to arrays that are longer than what a modulus of this size needs, live until
        // the function is back, and overlap nowhere; the results alone are written. The table is the library's own for
        // this size, and the scratch space larger than what the library says to need for it (`bind`). The function keeps
        // none of the pointers.
        let status = unsafe {
            (self.rsa_public)(
                number_pointers.as_ptr(),
                result_pointers.as_ptr(),
                modulus_pointers.as_ptr(),
                bits,
                method,
                scratch.as_mut_ptr(),
            )
        };
        for (lane, (power, result)) in powers.iter_mut().zip(&results).enumerate() {
            for (to, from) in power.iter_mut().zip(result) {
                *to = *from;
            }
            if let Some(done) = done.get_mut(lane) {
                *done &= is_well(status, lane);
            }
        }
        done
    }

    /// Verifies signatures over P-256; true for each that is good. More than [`LANES`] are left out.
    pub fn p256(&self, lanes: &[EcdsaLane<'_, 32, 4>]) -> [bool; LANES] {
        ecdsa(self.p256_verify, lanes)
    }

    /// Verifies signatures over P-384; true for each that is good. More than [`LANES`] are left out.
    pub fn p384(&self, lanes: &[EcdsaLane<'_, 48, 6>]) -> [bool; LANES] {
        ecdsa(self.p384_verify, lanes)
    }

    /// The multiples of a key of P-256, if the processor can verify with them. They take as long as they save in some 40 signatures.
    pub fn p256_multiples(&self, x: &[u64; 4], y: &[u64; 4]) -> Option<Multiples<5>> {
        self.generators.as_ref().map(|own| multiples::of_key(own.able, &multiples::P256, x, y))
    }

    /// The same of P-384.
    pub fn p384_multiples(&self, x: &[u64; 6], y: &[u64; 6]) -> Option<Multiples<8>> {
        self.generators.as_ref().map(|own| multiples::of_key(own.able, &multiples::P384, x, y))
    }

    /// Verifies signatures over P-256 by keys whose multiples are kept: for each whether it is good, or nothing where that
    /// cannot be told in this way.
    pub fn p256_by_multiples(&self, lanes: &[MultiplesLane<'_, 32, 4, 5>]) -> Vec<Option<bool>> {
        let verify = |own: &Generators| multiples::verify(own.able, &multiples::P256, &own.p256, lanes);
        self.generators.as_ref().map_or_else(|| vec![None; lanes.len()], verify)
    }

    /// The same of P-384.
    pub fn p384_by_multiples(&self, lanes: &[MultiplesLane<'_, 48, 6, 8>]) -> Vec<Option<bool>> {
        let verify = |own: &Generators| multiples::verify(own.able, &multiples::P384, &own.p384, lanes);
        self.generators.as_ref().map_or_else(|| vec![None; lanes.len()], verify)
    }
}

/// Numbers as the library reads them, with room behind each.
#[repr(C)]
#[derive(Clone, Copy)]
struct Padded<T: Copy, const LENGTH: usize> {
    value: [T; LENGTH],
    spare: [u8; SPARE],
}

impl<T: Copy, const LENGTH: usize> Padded<T, LENGTH> {
    fn of(value: &[T; LENGTH]) -> Self {
        Self { value: *value, spare: [0; SPARE] }
    }
}

/// Something of each lane; lanes without a question get the first one's.
fn of_each<L: Copy, T>(lanes: &[L], first: L, get: impl Fn(L) -> T) -> [T; LANES] {
    array::from_fn(|index| get(lanes.get(index).copied().unwrap_or(first)))
}

fn ecdsa<const OCTETS: usize, const WORDS: usize>(
    verify: EcdsaVerify,
    lanes: &[EcdsaLane<'_, OCTETS, WORDS>],
) -> [bool; LANES] {
    let Some(&first) = lanes.first() else { return [false; LANES] };
    let r = of_each(lanes, first, |lane| Padded::of(lane.r));
    let s = of_each(lanes, first, |lane| Padded::of(lane.s));
    let digests = of_each(lanes, first, |lane| Padded::of(lane.digest));
    let x = of_each(lanes, first, |lane| Padded::of(lane.x));
    let y = of_each(lanes, first, |lane| Padded::of(lane.y));
    // Of the whole, so that what is read behind the value belongs to what the pointer may reach.
    let octets =
        |all: &[Padded<u8, OCTETS>; LANES]| all.each_ref().map(|one| ptr::from_ref(one).cast::<u8>());
    let words =
        |all: &[Padded<u64, WORDS>; LANES]| all.each_ref().map(|one| ptr::from_ref(one).cast::<u64>());
    let (r_pointers, s_pointers, digest_pointers) = (octets(&r), octets(&s), octets(&digests));
    let (x_pointers, y_pointers) = (words(&x), words(&y));
    // SAFETY: eight pointers each, to values of the length that the curve has (the callers' types say so), which live
    // until the function is back and are only read. A null pointer for z says that the points are affine; the scratch
    // space is not used by this operation and may be null (crypto_mb/ec_nistp256.h, ec_nistp384.h).
    let status = unsafe {
        verify(
            r_pointers.as_ptr(),
            s_pointers.as_ptr(),
            digest_pointers.as_ptr(),
            x_pointers.as_ptr(),
            y_pointers.as_ptr(),
            ptr::null(),
            ptr::null_mut(),
        )
    };
    array::from_fn(|lane| lane < lanes.len() && is_well(status, lane))
}

fn is_well(status: Status, lane: usize) -> bool {
    (status >> (4 * lane)) & 0xf == 0
}

/// A function of the library.
///
/// # Safety
///
/// `F` has to be the function's type.
unsafe fn get<F: Copy>(library: &'static unix::Library, name: &'static CStr) -> Result<F, Unusable> {
    // SAFETY: the caller answers for the type; the library is never closed, so the function lives for ever.
    let found = unsafe { library.get::<F>(name.to_bytes_with_nul()) };
    found.map(|symbol| *symbol).map_err(|error| Unusable::File(error.to_string()))
}
