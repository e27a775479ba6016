//! Signatures of ECDSA by keys whose multiples are kept, eight at once.
//!
//! An issuer's key is the same for thousands of signatures. For each of its digits of seven bits a scalar finds its multiple
//! of the key in a table, so that a signature takes additions alone: a third of the time that it takes without (docs/signatures.md).
//!
//! Additions are those of a point in Jacobian coordinates and an affine one ("madd-2004-hmv" of the Explicit-Formulas Database).
//! They are right but for two points with the same x, where they give a Z that is 0. As each sum's Z is a multiple of
//! the Z before, it is 0 from there on, and at the end nothing is said of that lane.

use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
use std::ptr;

use crate::modular::{self, Limbs, Mask, Modulus, Numbers};
use crate::{EcdsaLane, LANES, Multiples, MultiplesLane};

/// Bits of a digit. With this many no carry is left at the end: 37 digits have 259 bits, 55 have 385.
const WINDOW: usize = 7;
/// Multiples kept for each digit: the negative ones are these with the other y.
const HALF: usize = 1 << (WINDOW - 1);

/// The processor can run what is here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Able(());

impl Able {
    pub(crate) fn here() -> Option<Self> {
        (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512ifma")).then_some(Self(()))
    }
}

/// A curve y^2 = x^3 - 3x + b of prime order (SEC 2).
pub(crate) struct Curve<const LIMBS: usize> {
    pub(crate) prime: Modulus<LIMBS>,
    pub(crate) order: Modulus<LIMBS>,
    generator: [Limbs<LIMBS>; 2],
    digits: usize,
}

/// SEC 2 2.4.2.
pub(crate) static P256: Curve<5> = Curve {
    prime: Modulus::new(&[0xffff_ffff_ffff_ffff, 0x0000_0000_ffff_ffff, 0, 0xffff_ffff_0000_0001]),
    order: Modulus::new(&[
        0xf3b9_cac2_fc63_2551,
        0xbce6_faad_a717_9e84,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_0000_0000,
    ]),
    generator: [
        modular::limbs(&[
            0xf4a1_3945_d898_c296,
            0x7703_7d81_2deb_33a0,
            0xf8bc_e6e5_63a4_40f2,
            0x6b17_d1f2_e12c_4247,
        ]),
        modular::limbs(&[
            0xcbb6_4068_37bf_51f5,
            0x2bce_3357_6b31_5ece,
            0x8ee7_eb4a_7c0f_9e16,
            0x4fe3_42e2_fe1a_7f9b,
        ]),
    ],
    digits: 37,
};

/// SEC 2 2.5.1.
pub(crate) static P384: Curve<8> = Curve {
    prime: Modulus::new(&[
        0x0000_0000_ffff_ffff,
        0xffff_ffff_0000_0000,
        0xffff_ffff_ffff_fffe,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_ffff_ffff,
    ]),
    order: Modulus::new(&[
        0xecec_196a_ccc5_2973,
        0x581a_0db2_48b0_a77a,
        0xc763_4d81_f437_2ddf,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_ffff_ffff,
    ]),
    generator: [
        modular::limbs(&[
            0x3a54_5e38_7276_0ab7,
            0x5502_f25d_bf55_296c,
            0x59f7_41e0_8254_2a38,
            0x6e1d_3b62_8ba7_9b98,
            0x8eb1_c71e_f320_ad74,
            0xaa87_ca22_be8b_0537,
        ]),
        modular::limbs(&[
            0x7a43_1d7c_90ea_0e5f,
            0x0a60_b1ce_1d7e_819d,
            0xe9da_3113_b5f0_b8c0,
            0xf8f4_1dbd_289a_147c,
            0x5d9e_98bf_9292_dc29,
            0x3617_de4a_9626_2c6f,
        ]),
    ],
    digits: 55,
};

/// Points in Jacobian coordinates, one in each lane.
#[derive(Clone, Copy)]
struct Points<const LIMBS: usize> {
    x: Numbers<LIMBS>,
    y: Numbers<LIMBS>,
    z: Numbers<LIMBS>,
}

impl<const LIMBS: usize> Points<LIMBS> {
    /// The sums with affine points that have another x each; of those with the same x, z is 0.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn plus(&self, x: &Numbers<LIMBS>, y: &Numbers<LIMBS>, prime: &Modulus<LIMBS>) -> Self {
        let square = self.z.squared(prime);
        let h = square.times(x, prime).minus(&self.x, prime);
        let r = square.times(&self.z, prime).times(y, prime).minus(&self.y, prime);
        let h_squared = h.squared(prime);
        let h_cubed = h_squared.times(&h, prime);
        let v = h_squared.times(&self.x, prime);
        let sum = r.squared(prime).minus(&v.twice(prime), prime).minus(&h_cubed, prime);
        Self {
            x: sum,
            y: v.minus(&sum, prime).times(&r, prime).minus(&h_cubed.times(&self.y, prime), prime),
            z: self.z.times(&h, prime),
        }
    }

    /// Twice the points, by "dbl-2001-b". No point of a curve of odd order is its own opposite.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn doubled(&self, prime: &Modulus<LIMBS>) -> Self {
        let delta = self.z.squared(prime);
        let gamma = self.y.squared(prime);
        let beta = self.x.times(&gamma, prime);
        let product = self.x.minus(&delta, prime).times(&self.x.plus(&delta, prime), prime);
        let alpha = product.twice(prime).plus(&product, prime);
        let four_beta = beta.twice(prime).twice(prime);
        let x = alpha.squared(prime).minus(&four_beta.twice(prime), prime);
        let eight_gamma_squared = gamma.squared(prime).twice(prime).twice(prime).twice(prime);
        Self {
            x,
            y: alpha.times(&four_beta.minus(&x, prime), prime).minus(&eight_gamma_squared, prime),
            z: self.y.plus(&self.z, prime).squared(prime).minus(&gamma, prime).minus(&delta, prime),
        }
    }

    #[target_feature(enable = "avx512f,avx512ifma")]
    #[inline]
    fn or(&self, others: &Self, mask: Mask) -> Self {
        Self { x: self.x.or(&others.x, mask), y: self.y.or(&others.y, mask), z: self.z.or(&others.z, mask) }
    }
}

/// The inverses of numbers none of which is 0, in the place of the numbers: one inversion for all of them (Montgomery).
#[target_feature(enable = "avx512f,avx512ifma")]
fn invert<const LIMBS: usize>(numbers: &mut [Numbers<LIMBS>], modulus: &Modulus<LIMBS>) {
    let mut product = Numbers::all(&modulus.one);
    let mut before = Vec::with_capacity(numbers.len());
    for number in numbers.iter() {
        before.push(product);
        product = product.times(number, modulus);
    }
    let mut inverse = product.inverse(modulus);
    for (number, before) in numbers.iter_mut().zip(before).rev() {
        let next = inverse.times(number, modulus);
        *number = inverse.times(&before, modulus);
        inverse = next;
    }
}

/// Those of a key, which is a point on the curve; its coordinates' words of 64 bits, the lowest first.
pub(crate) fn of_key<const LIMBS: usize>(
    _: Able,
    curve: &Curve<LIMBS>,
    x: &[u64],
    y: &[u64],
) -> Multiples<LIMBS> {
    // SAFETY: an `Able` is made where the processor has both features, and nowhere else.
    unsafe { Multiples::reckon(curve, &[modular::limbs(x), modular::limbs(y)]) }
}

/// Those of the curve's generator.
pub(crate) fn of_generator<const LIMBS: usize>(_: Able, curve: &Curve<LIMBS>) -> Multiples<LIMBS> {
    // SAFETY: as above.
    unsafe { Multiples::reckon(curve, &curve.generator) }
}

impl<const LIMBS: usize> Multiples<LIMBS> {
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn reckon(curve: &Curve<LIMBS>, [x, y]: &[Limbs<LIMBS>; 2]) -> Self {
        let prime = &curve.prime;
        let one = Numbers::all(&prime.one);
        let point = |limbs: &Limbs<LIMBS>| Numbers::of_lanes(&[*limbs; LANES]);
        // One point after the other, in all lanes alike; then eight digits at once.
        let mut place = Points { x: point(x).montgomery(prime), y: point(y).montgomery(prime), z: one };
        let coordinates = |place: &Points<LIMBS>| [place.x, place.y, place.z].map(|all| all.to_lanes()[0]);
        // Lanes without a digit keep the first one's point.
        let mut places = vec![[coordinates(&place); LANES]; curve.digits.div_ceil(LANES)];
        for digit in 0..curve.digits {
            places[digit / LANES][digit % LANES] = coordinates(&place);
            for _ in 0..WINDOW {
                place = place.doubled(prime);
            }
        }
        let mut inverses = Vec::with_capacity(places.len());
        for lanes in &places {
            inverses.push(Numbers::of_lanes(&lanes.map(|[_, _, z]| z)));
        }
        invert(&mut inverses, prime);
        let mut points = Vec::with_capacity(places.len() * HALF);
        for (lanes, inverse) in places.iter().zip(&inverses) {
            let jacobian = Points {
                x: Numbers::of_lanes(&lanes.map(|[x, _, _]| x)),
                y: Numbers::of_lanes(&lanes.map(|[_, y, _]| y)),
                z: one,
            };
            let (x, y) = affine(&jacobian, inverse, prime);
            // 1, 2, and from there on one more each time: a multiple below the order is not the point again.
            let mut multiple = Points { x, y, z: one };
            points.push(multiple);
            multiple = multiple.doubled(prime);
            points.push(multiple);
            for _ in 2..HALF {
                multiple = multiple.plus(&x, &y, prime);
                points.push(multiple);
            }
        }
        let mut inverses = Vec::with_capacity(points.len());
        for point in &points {
            inverses.push(point.z);
        }
        invert(&mut inverses, prime);
        let mut of_digits = vec![[[[0; LIMBS]; 2]; HALF]; curve.digits];
        for (index, (point, inverse)) in points.iter().zip(&inverses).enumerate() {
            let (x, y) = affine(point, inverse, prime);
            let (x, y) = (x.canonical(prime).to_lanes(), y.canonical(prime).to_lanes());
            let digits = of_digits.iter_mut().skip(index / HALF * LANES);
            for (digit, (x, y)) in digits.zip(x.into_iter().zip(y)) {
                digit[index % HALF] = [x, y];
            }
        }
        Self { of_digits }
    }
}

/// A multiple, and the digit that it is for: negative for its opposite. What is found for 0 is not used.
type Found<'m, const LIMBS: usize> = (&'m [Limbs<LIMBS>; 2], i8);

impl<const LIMBS: usize> Multiples<LIMBS> {
    fn find(&self, digit: usize, value: i8) -> Found<'_, LIMBS> {
        let Some(multiples) = self.of_digits.get(digit) else { return (&[[0; LIMBS]; 2], value) };
        let multiple = &multiples[usize::from(value.unsigned_abs()).saturating_sub(1)];
        let octets = size_of_val(multiple);
        for octet in [0, 64, octets - 1] {
            let address = ptr::from_ref(multiple).cast::<i8>().wrapping_add(octet);
            // SAFETY: a hint, which reads nothing that the program could notice; the address is within what is referred to.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(address) };
        }
        (multiple, value)
    }
}

/// The affine coordinates of a point whose z has this inverse.
#[target_feature(enable = "avx512f,avx512ifma")]
fn affine<const LIMBS: usize>(
    point: &Points<LIMBS>,
    inverse: &Numbers<LIMBS>,
    prime: &Modulus<LIMBS>,
) -> (Numbers<LIMBS>, Numbers<LIMBS>) {
    let square = inverse.squared(prime);
    (point.x.times(&square, prime), point.y.times(&square.times(inverse, prime), prime))
}

/// Verifies signatures by keys whose multiples are here: whether each is good, or nothing.
pub(crate) fn verify<const OCTETS: usize, const WORDS: usize, const LIMBS: usize>(
    _: Able,
    curve: &Curve<LIMBS>,
    generator: &Multiples<LIMBS>,
    asked: &[MultiplesLane<'_, OCTETS, WORDS, LIMBS>],
) -> Vec<Option<bool>> {
    // SAFETY: an `Able` is made where the processor has both features, and nowhere else.
    unsafe { verified(curve, generator, asked) }
}

/// Eight of the questions; lanes without one get the first one's.
struct Group<'q, const OCTETS: usize, const WORDS: usize, const LIMBS: usize>(
    [&'q MultiplesLane<'q, OCTETS, WORDS, LIMBS>; LANES],
);

#[target_feature(enable = "avx512f,avx512ifma")]
fn verified<const OCTETS: usize, const WORDS: usize, const LIMBS: usize>(
    curve: &Curve<LIMBS>,
    generator: &Multiples<LIMBS>,
    asked: &[MultiplesLane<'_, OCTETS, WORDS, LIMBS>],
) -> Vec<Option<bool>> {
    let order = &curve.order;
    let groups: Vec<_> = asked
        .chunks(LANES)
        .map(|asked| Group(std::array::from_fn(|lane| asked.get(lane).unwrap_or(&asked[0]))))
        .collect();
    // FIPS 186-5 6.4.2, steps 3 and 4: both scalars, divided by s. Of what is below the order, 0 alone has no inverse.
    let mut inverses = Vec::with_capacity(groups.len());
    for group in &groups {
        inverses.push(group.numbers(|lane| *lane.s).montgomery(order));
    }
    invert(&mut inverses, order);
    let mut answers = Vec::with_capacity(groups.len() * LANES);
    for (group, inverse) in groups.iter().zip(&inverses) {
        // One factor in Montgomery's form: the product is not.
        let of_generator = group.numbers(|lane| *lane.digest).times(inverse, order).canonical(order);
        let of_key = group.numbers(|lane| *lane.r).times(inverse, order).canonical(order);
        let (sum, some) = group.sum(curve, generator, &of_generator, &of_key);
        answers.extend(group.answers(curve, &sum, some));
    }
    answers.truncate(asked.len());
    answers
}

impl<const OCTETS: usize, const WORDS: usize, const LIMBS: usize> Group<'_, OCTETS, WORDS, LIMBS> {
    fn numbers(&self, get: impl Fn(&EcdsaLane<'_, OCTETS, WORDS>) -> [u8; OCTETS]) -> Numbers<LIMBS> {
        Numbers::of_lanes(&self.0.map(|asked| number(&get(&asked.lane))))
    }

    /// Step 5: the sum of both multiples, and in which lanes there is one at all.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn sum(
        &self,
        curve: &Curve<LIMBS>,
        generator: &Multiples<LIMBS>,
        of_generator: &Numbers<LIMBS>,
        of_key: &Numbers<LIMBS>,
    ) -> (Points<LIMBS>, Mask) {
        let prime = &curve.prime;
        let one = Numbers::all(&prime.one);
        let zero = Numbers::all(&[0; LIMBS]);
        let mut sum = Points { x: zero, y: zero, z: zero };
        let mut some: Mask = 0;
        let mut scalars = [digits(of_generator), digits(of_key)];
        let mut ahead = self.found(generator, &mut scalars, 0);
        for digit in 1..=curve.digits {
            let found = ahead;
            if digit < curve.digits {
                ahead = self.found(generator, &mut scalars, digit);
            }
            for found in found {
                let (mut x, mut y) = ([[0; LIMBS]; LANES], [[0; LIMBS]; LANES]);
                let (mut negative, mut chosen): (Mask, Mask) = (0, 0);
                for (lane, (multiple, value)) in found.into_iter().enumerate() {
                    [x[lane], y[lane]] = *multiple;
                    negative |= Mask::from(value < 0) << lane;
                    chosen |= Mask::from(value != 0) << lane;
                }
                let (x, y) = (Numbers::of_lanes(&x), Numbers::of_lanes(&y));
                let y = y.or(&zero.minus(&y, prime), negative);
                let next = sum.plus(&x, &y, prime);
                // What is added to nothing is the sum.
                sum = sum.or(&next, chosen & some).or(&Points { x, y, z: one }, chosen & !some);
                some |= chosen;
            }
        }
        (sum, some)
    }

    /// The multiples that the next digits of both scalars stand for, and the digits. The tables are larger than the fast
    /// caches: what is found is on its way by the time at which it is added.
    fn found<'g>(
        &'g self,
        generator: &'g Multiples<LIMBS>,
        scalars: &mut [[Digits<LIMBS>; LANES]; 2],
        digit: usize,
    ) -> [[Found<'g, LIMBS>; LANES]; 2] {
        let [of_generator, of_key] = scalars;
        let none: Found<'g, LIMBS> = (&[[0; LIMBS]; 2], 0);
        let mut found = [[none; LANES]; 2];
        for (lane, question) in self.0.iter().enumerate() {
            let [first, second] = &mut found;
            first[lane] = generator.find(digit, of_generator[lane].next());
            second[lane] = question.multiples.find(digit, of_key[lane].next());
        }
        found
    }

    /// Steps 6 and 7: whether the sum's x is r modulo the order. Nothing is said where there is no sum, or where z is 0.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn answers(&self, curve: &Curve<LIMBS>, sum: &Points<LIMBS>, some: Mask) -> [Option<bool>; LANES] {
        let prime = &curve.prime;
        let square = sum.z.squared(prime);
        let r = self.0.map(|asked| number::<OCTETS, LIMBS>(asked.lane.r));
        // The prime is less than twice the order: x may be r, or larger by the order.
        let larger = r.map(|r| {
            let (larger, too_large) = modular::sum(&r, &curve.order.limbs);
            if !too_large && modular::is_below(&larger, &prime.limbs) { larger } else { r }
        });
        let is_x = |candidate: &[Limbs<LIMBS>; LANES]| {
            let product = Numbers::of_lanes(candidate).montgomery(prime).times(&square, prime);
            product.are_equal(&sum.x, prime)
        };
        let good = is_x(&r) | is_x(&larger);
        let known = some & !sum.z.are_zero(prime);
        std::array::from_fn(|lane| {
            let has_all = self.0[lane].multiples.of_digits.len() == curve.digits;
            (has_all && known >> lane & 1 == 1).then_some(good >> lane & 1 == 1)
        })
    }
}

/// A number of octets, the highest first.
fn number<const OCTETS: usize, const LIMBS: usize>(octets: &[u8; OCTETS]) -> Limbs<LIMBS> {
    let mut words = [0; 6];
    for (word, octets) in words.iter_mut().zip(octets.rchunks(8)) {
        *word = octets.iter().fold(0, |word, &octet| word << 8 | u64::from(octet));
    }
    modular::limbs(&words)
}

/// The digits of a scalar, the lowest first: from -63 to 64.
struct Digits<const LIMBS: usize> {
    limbs: Limbs<LIMBS>,
    bit: usize,
    carry: u8,
}

fn digits<const LIMBS: usize>(scalars: &Numbers<LIMBS>) -> [Digits<LIMBS>; LANES] {
    scalars.to_lanes().map(|limbs| Digits { limbs, bit: 0, carry: 0 })
}

impl<const LIMBS: usize> Digits<LIMBS> {
    fn next(&mut self) -> i8 {
        let (limb, shift) = (self.bit / 52, self.bit % 52);
        let low = self.limbs[limb] >> shift;
        let high = self.limbs.get(limb + 1).map_or(0, |next| next << (52 - shift));
        self.bit += WINDOW;
        let digit = ((low | high) & 127) as u8 + self.carry;
        self.carry = u8::from(usize::from(digit) > HALF);
        digit.wrapping_sub(self.carry << WINDOW).cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;
    use crate::vectors;

    fn number(octets: &[u64], bits: u32) -> BigUint {
        octets.iter().rev().fold(BigUint::ZERO, |sum, &word| (sum << bits) + word)
    }

    type Point = (BigUint, BigUint);

    /// The sum of two points, by the formulas that schools teach (SEC 1 2.2.1); none at infinity.
    fn sum(one: &Point, other: &Point, prime: &BigUint) -> Point {
        let inverse = |number: BigUint| number.modpow(&(prime - 2_u8), prime);
        let less = |one: &BigUint, other: &BigUint| (one + prime - other) % prime;
        let slope = if one == other {
            (&one.0 * &one.0 * 3_u8 + prime - 3_u8) * inverse(&one.1 * 2_u8)
        } else {
            less(&other.1, &one.1) * inverse(less(&other.0, &one.0))
        } % prime;
        let x = less(&less(&(&slope * &slope % prime), &one.0), &other.0);
        let y = less(&(slope * less(&one.0, &x) % prime), &one.1);
        (x, y)
    }

    fn able() -> Option<Able> {
        let able = Able::here();
        if able.is_none() {
            println!("skipped: this processor has no AVX-512 IFMA");
        }
        able
    }

    fn tables<const LIMBS: usize>(curve: &Curve<LIMBS>) {
        let Some(able) = able() else { return };
        let prime = number(&curve.prime.limbs, 52);
        let inverse_of_r = (BigUint::from(1_u8) << (52 * LIMBS)).modpow(&(&prime - 2_u8), &prime);
        let multiples = of_generator(able, curve);
        assert_eq!(multiples.of_digits.len(), curve.digits);
        let generator = curve.generator.map(|limbs| number(&limbs, 52));
        let mut place: Point = generator.into();
        for digit in &multiples.of_digits {
            let mut multiple = place.clone();
            for (index, kept) in digit.iter().enumerate() {
                let [x, y] = kept.each_ref().map(|limbs| number(limbs, 52) * &inverse_of_r % &prime);
                assert!(kept.iter().all(|limbs| number(limbs, 52) < prime));
                assert_eq!((x, y), multiple, "{} times", index + 1);
                if index < HALF - 1 {
                    multiple = sum(&multiple, &place, &prime);
                }
            }
            // 64 times the point, and twice that: the next digit's place.
            place = sum(&multiple, &multiple, &prime);
        }
    }

    #[test]
    fn tables_hold_the_multiples_of_their_point() {
        tables(&P256);
        tables(&P384);
    }

    /// The known signature, good in some lanes and damaged in others, for any count of questions.
    fn signatures<const OCTETS: usize, const WORDS: usize, const LIMBS: usize>(
        curve: &Curve<LIMBS>,
        known: &vectors::Signature<OCTETS, WORDS>,
    ) {
        let Some(able) = able() else { return };
        let generator = of_generator(able, curve);
        let multiples = of_key(able, curve, &known.x, &known.y);
        let good = EcdsaLane { r: &known.r, s: &known.s, digest: &known.digest, x: &known.x, y: &known.y };
        let mut damaged = known.digest;
        damaged[5] ^= 0x10;
        for count in [1, 2, LANES - 1, LANES, LANES + 1, 5 * LANES + 3] {
            let is_good = |index: usize| index % 3 != 1;
            let asked: Vec<_> = (0..count)
                .map(|index| EcdsaLane {
                    digest: if is_good(index) { &known.digest } else { &damaged },
                    ..good
                })
                .map(|lane| MultiplesLane { lane, multiples: &multiples })
                .collect();
            let expected: Vec<_> = (0..count).map(|index| Some(is_good(index))).collect();
            assert_eq!(verify(able, curve, &generator, &asked), expected);
        }
        // Beside one whose key has no multiples.
        let none = Multiples::default();
        let asked = [&multiples, &none, &multiples].map(|multiples| MultiplesLane { lane: good, multiples });
        assert_eq!(verify(able, curve, &generator, &asked), [Some(true), None, Some(true)]);
        // The key is the generator, and both scalars are the same: the sum of a point and itself comes first.
        let words = |limbs: &Limbs<LIMBS>| number(limbs, 52).to_u64_digits();
        let own = of_key(able, curve, &words(&curve.generator[0]), &words(&curve.generator[1]));
        let same = EcdsaLane { digest: &known.r, ..good };
        let asked =
            [(&multiples, good), (&own, same)].map(|(multiples, lane)| MultiplesLane { lane, multiples });
        assert_eq!(verify(able, curve, &generator, &asked), [Some(true), None]);
    }

    #[test]
    fn signatures_are_told_apart_in_every_lane() {
        signatures(&P256, &vectors::P256);
        signatures(&P384, &vectors::P384);
    }

    #[test]
    fn digits_add_up_to_their_scalar() {
        let top = |bits: u32| (BigUint::from(1_u8) << bits) - 1_u8;
        let odd = BigUint::from(0x8040_2010_0804_0201_u64);
        for scalar in
            [BigUint::ZERO, BigUint::from(64_u8), BigUint::from(65_u8), top(384), top(383), &odd * &odd]
        {
            let limbs: Limbs<8> = modular::limbs(&scalar.to_u64_digits());
            let mut digits = Digits { limbs, bit: 0, carry: 0 };
            let (mut plus, mut minus) = (BigUint::ZERO, BigUint::ZERO);
            for digit in 0..55_usize {
                let value = digits.next();
                assert!((-63..=64).contains(&value));
                let place = BigUint::from(value.unsigned_abs()) << (WINDOW * digit);
                if value < 0 { minus += place } else { plus += place }
            }
            assert_eq!(digits.carry, 0);
            assert_eq!(plus - minus, scalar);
        }
    }
}
