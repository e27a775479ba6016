//! Whether the point that a key is lies on its curve: for each new end entity, so that it has to be quick.

use aws_lc_rs::signature::{self as aws, ParsedPublicKey};
use crypto_bigint::modular::{ConstMontyForm, ConstMontyParams};
use crypto_bigint::{Encoding, U256, U384, Uint};
use pki_types::alg_id;

/// The primes of the curves (SEC 2 2.4.2 and 2.5.1).
mod prime {
    use crypto_bigint::{U256, U384, const_monty_params};

    const_monty_params!(
        P256,
        U256,
        "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
        "That of P-256."
    );
    const_monty_params!(
        P384,
        U384,
        "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe\
         ffffffff0000000000000000ffffffff",
        "That of P-384."
    );
}

/// The same documents' b: a point's coordinates fulfil y^2 = x^3 - 3x + b.
const P256_B: ConstMontyForm<prime::P256, { U256::LIMBS }> = ConstMontyForm::new(&U256::from_be_hex(
    "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
));
const P384_B: ConstMontyForm<prime::P384, { U384::LIMBS }> = ConstMontyForm::new(&U384::from_be_hex(
    "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a\
     c656398d8a2ed19d2a85c8edd3ec2aef",
));

/// Whether a SEC 1 point lies on the curve of this key AlgorithmIdentifier; `None` if nobody here knows the curve.
///
/// aws-lc-rs answers by making a key of it, which takes seven times as long as the equation (P-256). So it is asked about other
/// curves, and about points of another form than two coordinates.
pub(crate) fn is_on_curve(key_algorithm: &[u8], point: &[u8]) -> Option<bool> {
    let coordinates = match point {
        [4, coordinates @ ..] => coordinates,
        _ => &[],
    };
    let known = match key_algorithm {
        id if id == alg_id::ECDSA_P256.as_ref() => fulfils(coordinates, &P256_B),
        id if id == alg_id::ECDSA_P384.as_ref() => fulfils(coordinates, &P384_B),
        _ => None,
    };
    known.or_else(|| made_into_a_key(key_algorithm, point))
}

/// The equation, for two coordinates of the curve's size.
fn fulfils<P, const LIMBS: usize>(coordinates: &[u8], b: &ConstMontyForm<P, LIMBS>) -> Option<bool>
where
    P: ConstMontyParams<LIMBS>,
    Uint<LIMBS>: Encoding,
{
    let (x, y) = coordinates.split_at_checked(coordinates.len() / 2)?;
    let number = |octets: &[u8]| {
        let repr = <Uint<LIMBS> as Encoding>::Repr::try_from(octets).ok()?;
        Some(Uint::<LIMBS>::from_be_bytes(repr))
    };
    let (x, y) = (number(x)?, number(y)?);
    // SEC 1 2.3.5: each below the prime.
    let prime = P::PARAMS.modulus().as_ref();
    if x >= *prime || y >= *prime {
        return Some(false);
    }
    let (x, y) = (ConstMontyForm::<P, LIMBS>::new(&x), ConstMontyForm::<P, LIMBS>::new(&y));
    let thrice = x.double().add(&x);
    Some(x.square().mul(&x).sub(&thrice).add(b) == y.square())
}

/// What aws-lc-rs says.
fn made_into_a_key(key_algorithm: &[u8], point: &[u8]) -> Option<bool> {
    Some(ParsedPublicKey::new(curve(key_algorithm)?, point).is_ok())
}

/// Whether the library knows the curve of this key AlgorithmIdentifier.
pub(crate) fn has_curve(key_algorithm: &[u8]) -> bool {
    curve(key_algorithm).is_some()
}

/// Some way of checking signatures with keys on this curve.
fn curve(key_algorithm: &[u8]) -> Option<&'static dyn aws::VerificationAlgorithm> {
    Some(match key_algorithm {
        id if id == alg_id::ECDSA_P256.as_ref() => &super::P256_SHA256,
        id if id == alg_id::ECDSA_P384.as_ref() => &super::P384_SHA384,
        id if id == alg_id::ECDSA_P521.as_ref() => &super::P521_SHA512,
        id if id == alg_id::ECDSA_P256K1.as_ref() => &super::K256_SHA256,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
        KeyPair,
    };
    use num_bigint::BigUint;

    use super::*;

    struct Tried {
        id: &'static [u8],
        signing: &'static EcdsaSigningAlgorithm,
        /// The size of a coordinate.
        octets: usize,
        prime: BigUint,
        b: BigUint,
        /// The x of a point whose y is 1, so that y plus the prime can be written, too.
        of_one: BigUint,
    }

    impl Tried {
        fn point(&self, x: &BigUint, y: &BigUint) -> Option<Vec<u8>> {
            let mut point = vec![4];
            for number in [x, y] {
                let number = number.to_bytes_be();
                point.extend(vec![0; self.octets.checked_sub(number.len())?]);
                point.extend(number);
            }
            Some(point)
        }

        /// The point with this x, or one that is close to it if there is none; the prime is 3 modulo 4.
        fn with_x(&self, x: &BigUint) -> BigUint {
            let square = (x * x * x + (&self.prime - x) * 3_u8 + &self.b) % &self.prime;
            square.modpow(&((&self.prime + 1_u8) >> 2_u8), &self.prime)
        }

        /// Coordinates of points on the curve, of such as are close to it, and of others.
        fn coordinates(&self) -> Vec<(BigUint, BigUint)> {
            let one = BigUint::from(1_u8);
            let mut all = vec![(self.of_one.clone(), one.clone())];
            for small in 0_u32..300 {
                let x = BigUint::from(small);
                all.push((x.clone(), self.with_x(&x)));
            }
            for _ in 0..100 {
                let made = EcdsaKeyPair::generate(self.signing).unwrap();
                let (x, y) = made.public_key().as_ref()[1..].split_at(self.octets);
                all.push((BigUint::from_bytes_be(x), BigUint::from_bytes_be(y)));
            }
            let near: Vec<_> = all
                .iter()
                .flat_map(|(x, y)| {
                    [
                        (x.clone(), &self.prime - y),
                        (x.clone(), y ^ &one),
                        (x ^ &one, y.clone()),
                        (y.clone(), x.clone()),
                        // The same point modulo the prime.
                        (x + &self.prime, y.clone()),
                        (x.clone(), y + &self.prime),
                        (x + &self.prime, y + &self.prime),
                    ]
                })
                .collect();
            all.extend(near);
            let highest = (&one << (8 * self.octets)) - 1_u8;
            let edges =
                [BigUint::ZERO, one, &self.prime - 1_u8, self.prime.clone(), &self.prime + 1_u8, highest];
            all.extend(edges.iter().flat_map(|x| edges.iter().map(|y| (x.clone(), y.clone()))));
            all
        }

        /// How many points the library makes keys of; of all the equation says the same.
        fn compare(&self) -> usize {
            let mut accepted = 0;
            let mut same = |point: &[u8]| {
                let expected = made_into_a_key(self.id, point);
                assert_eq!(is_on_curve(self.id, point), expected, "{point:02x?}");
                accepted += usize::from(expected == Some(true));
            };
            for (x, y) in self.coordinates() {
                let Some(point) = self.point(&x, &y) else { continue };
                same(&point);
                same(&[point.as_slice(), &[0]].concat());
                same(&point[..point.len() - 2]);
                for form in [0, 2, 3, 5, 6, 7] {
                    same(&[&[form], &point[1..]].concat());
                    same(&[&[form], &point[1..=self.octets]].concat());
                }
            }
            for short in [&[][..], &[0], &[4], &[4, 0, 0]] {
                same(short);
            }
            accepted
        }
    }

    fn number(hexadecimal: &str) -> BigUint {
        BigUint::parse_bytes(hexadecimal.as_bytes(), 16).unwrap()
    }

    #[test]
    fn the_equation_says_of_every_point_what_the_library_says() {
        let p256 = Tried {
            id: alg_id::ECDSA_P256.as_ref(),
            signing: &ECDSA_P256_SHA256_ASN1_SIGNING,
            octets: 32,
            prime: number("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
            b: number("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
            of_one: number("8d0177ebab9c6e9e10db6dd095dbac0d6375e8a97b70f611875d877f0069d2c7"),
        };
        let p384 = Tried {
            id: alg_id::ECDSA_P384.as_ref(),
            signing: &ECDSA_P384_SHA384_ASN1_SIGNING,
            octets: 48,
            prime: number(
                "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe\
                 ffffffff0000000000000000ffffffff",
            ),
            b: number(
                "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875a\
                 c656398d8a2ed19d2a85c8edd3ec2aef",
            ),
            of_one: number(
                "2261b2bf605c22f2f3aef6338719b2c486388ad5240719a5257315969ef01ba2\
                 7f0a104c89704773a81fdabee6ab5c78",
            ),
        };
        for tried in [p256, p384] {
            // The points themselves, their opposites, and the compressed forms of both; some more by chance.
            assert!(tried.compare() > 800, "hardly a point is on the curve");
        }
    }
}
