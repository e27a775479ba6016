//! RSA keys that are weak by the way in which they were made.

use num_bigint::BigUint;

use crate::der::{Reader, tag};

use super::PublicKey;

/// Larger moduli are not looked at: whoever sends them would have us compute.
const MAX_BITS: u64 = 16_384;

/// Steps of Fermat's method: primes that differ by less than some 2^(n/4 + 5) are found.
const FERMAT_STEPS: usize = 100;

/// The primes by which the keys of ROCA (CVE-2017-15361) are told.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// The generator of the primes of ROCA.
const GENERATOR: u32 = 65_537;

/// What is wrong with an RSA key, in a fixed order; nothing is said of others.
pub(super) fn weaknesses(key: &PublicKey<'_>) -> Vec<&'static str> {
    let Some((modulus, exponent)) = numbers(key) else { return Vec::new() };
    let mut weak = Vec::new();
    if is_roca(&modulus) {
        weak.push("roca");
    }
    if has_close_primes(&modulus) {
        weak.push("close_primes");
    }
    // CA/B BR 6.1.6: odd, and should be above 2^16.
    if exponent < BigUint::from(GENERATOR) {
        weak.push("small_exponent");
    }
    if !exponent.bit(0) {
        weak.push("even_exponent");
    }
    weak
}

/// Modulus and exponent of an RSAPublicKey (RFC 8017 A.1.1).
fn numbers(key: &PublicKey<'_>) -> Option<(BigUint, BigUint)> {
    key.rsa_bits().filter(|bits| u64::from(*bits) <= MAX_BITS)?;
    let mut numbers = Reader::new(key.key).nested(tag::SEQUENCE)?;
    let modulus = BigUint::from_bytes_be(numbers.read(tag::INTEGER)?);
    let exponent = BigUint::from_bytes_be(numbers.read(tag::INTEGER)?);
    (exponent.bits() <= MAX_BITS).then_some((modulus, exponent))
}

/// Whether the modulus is a power of the generator modulo each of the primes, as both factors are: by chance one of a
/// hundred million is.
fn is_roca(modulus: &BigUint) -> bool {
    PRIMES.iter().all(|&prime| {
        let rest = remainder(modulus, prime);
        let step = GENERATOR % prime;
        let mut power = 1;
        for _ in 0..prime {
            if power == rest {
                return true;
            }
            power = power * step % prime;
        }
        false
    })
}

/// Fermat's method, some steps of it: the modulus is the difference of two squares close above its root.
fn has_close_primes(modulus: &BigUint) -> bool {
    // An even modulus is not an RSA key at all, and does not have such a difference.
    if !modulus.bit(0) {
        return false;
    }
    let mut root = modulus.sqrt();
    if &root * &root == *modulus {
        return true;
    }
    root += 1u32;
    let mut difference = &root * &root - modulus;
    for _ in 0..FERMAT_STEPS {
        if is_square(&difference) {
            return true;
        }
        difference += &root << 1u32;
        difference += 1u32;
        root += 1u32;
    }
    false
}

/// Whether it is the square of a number; what the rests by small numbers rule out costs no root.
fn is_square(number: &BigUint) -> bool {
    let is_possible = [64u32, 63, 65, 11].iter().all(|&by| {
        let rest = remainder(number, by);
        (0..by).any(|one| one * one % by == rest)
    });
    is_possible && {
        let root = number.sqrt();
        &root * &root == *number
    }
}

fn remainder(number: &BigUint, by: u32) -> u32 {
    (number % by).iter_u32_digits().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_told_from_others() {
        for number in 0..2_000u32 {
            let expected = (0..50).any(|one| one * one == number);
            assert_eq!(is_square(&BigUint::from(number)), expected, "{number}");
        }
    }

    #[test]
    fn close_primes_are_found_and_others_are_not() {
        // 2^127 - 1 and the primes next to 2^61: no closer than the method goes; 1,000,003 and 1,000,033.
        let product = |one: u128, other: u128| BigUint::from(one) * BigUint::from(other);
        assert!(has_close_primes(&product(1_000_003, 1_000_033)));
        assert!(has_close_primes(&product((1 << 61) - 1, (1 << 61) - 1)));
        assert!(!has_close_primes(&product((1 << 127) - 1, (1 << 61) - 1)));
        assert!(!has_close_primes(&BigUint::from(2u32 * 1_000_003)));
    }
}
