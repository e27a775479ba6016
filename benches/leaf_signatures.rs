//! The least that judging a scan can cost: its end entities' signatures, checked by the crypto library and
//! nothing else. `benches/bulk.py` writes the file, starts this and takes turns with it.
//!
//! The file: a u32 count of keys, each a u8 algorithm (its place in `ALGORITHMS`) and its octets; a u32 count of
//! signatures, each a u32 number of a key, the signed octets and the signature. Octets have a u32 length
//! before them; numbers are little-endian. For each line on standard input, all signatures are checked on
//! THREADS threads, and the nanoseconds are printed: `parsed` with keys decoded beforehand, `encoded`
//! with the key decoded for each signature.
#![allow(clippy::print_stdout, reason = "a program")]

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, BufRead};
use std::num::NonZero;
use std::thread;
use std::time::Instant;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    VerificationAlgorithm,
};

/// In the order of `BareSignatures` in benches/programs.py.
static ALGORITHMS: [&dyn VerificationAlgorithm; 7] = [
    &RSA_PKCS1_2048_8192_SHA256,
    &ECDSA_P256_SHA256_ASN1,
    &ECDSA_P384_SHA384_ASN1,
    &RSA_PKCS1_2048_8192_SHA384,
    &RSA_PKCS1_2048_8192_SHA512,
    &ECDSA_P256_SHA384_ASN1,
    &ECDSA_P384_SHA256_ASN1,
];

struct Key<'a> {
    algorithm: &'static dyn VerificationAlgorithm,
    octets: &'a [u8],
    parsed: ParsedPublicKey,
}

struct Signed<'a> {
    key: usize,
    message: &'a [u8],
    signature: &'a [u8],
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn number(&mut self) -> Result<usize, Box<dyn Error>> {
        let (number, rest) = self.0.split_first_chunk().ok_or("the file ends too early")?;
        self.0 = rest;
        Ok(usize::try_from(u32::from_le_bytes(*number))?)
    }

    fn octets(&mut self) -> Result<&'a [u8], Box<dyn Error>> {
        let length = self.number()?;
        let (octets, rest) = self.0.split_at_checked(length).ok_or("the file ends too early")?;
        self.0 = rest;
        Ok(octets)
    }

    fn key(&mut self) -> Result<Key<'a>, Box<dyn Error>> {
        let (&kind, rest) = self.0.split_first().ok_or("the file ends too early")?;
        self.0 = rest;
        let octets = self.octets()?;
        let algorithm = *ALGORITHMS.get(usize::from(kind)).ok_or_else(|| format!("algorithm {kind}"))?;
        Ok(Key { algorithm, octets, parsed: ParsedPublicKey::new(algorithm, octets)? })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(file) = arguments.next() else {
        // `cargo bench` without a file: there is nothing to time.
        return Ok(());
    };
    let threads: NonZero<usize> = arguments.next().ok_or("usage: leaf_signatures FILE THREADS")?.parse()?;
    let data = fs::read(file)?;
    let mut reader = Reader(&data);
    let keys = (0..reader.number()?).map(|_| reader.key()).collect::<Result<Vec<_>, _>>()?;
    let mut signed = Vec::new();
    for _ in 0..reader.number()? {
        signed.push(Signed { key: reader.number()?, message: reader.octets()?, signature: reader.octets()? });
    }
    for line in io::stdin().lock().lines() {
        let decode = match line?.as_str() {
            "parsed" => false,
            "encoded" => true,
            other => return Err(format!("{other:?} is neither `parsed` nor `encoded`").into()),
        };
        let began = Instant::now();
        let good = thread::scope(|scope| {
            let pieces = signed.chunks(signed.len().div_ceil(threads.get()).max(1));
            let workers: Vec<_> = pieces.map(|piece| scope.spawn(|| count(&keys, piece, decode))).collect();
            workers.into_iter().map(|worker| worker.join().unwrap_or(0)).sum::<usize>()
        });
        let elapsed = began.elapsed().as_nanos();
        if good != signed.len() {
            return Err(format!("{} of {} signatures are good", good, signed.len()).into());
        }
        println!("{elapsed}");
    }
    Ok(())
}

/// How many of the signatures are good.
fn count(keys: &[Key<'_>], signed: &[Signed<'_>], decode: bool) -> usize {
    let is_good = |one: &&Signed<'_>| {
        keys.get(one.key).is_some_and(|key| {
            if decode {
                key.algorithm.verify_sig(key.octets, one.message, one.signature).is_ok()
            } else {
                key.parsed.verify_sig(one.message, one.signature).is_ok()
            }
        })
    };
    signed.iter().filter(is_good).count()
}
