//! Arithmetic modulo an odd number in eight lanes at once, with the 52-bit products of AVX-512 IFMA.
//!
//! A number has `LIMBS` limbs of 52 bits in each lane, the lowest first. One rule holds everywhere, and is what the proofs
//! below rest on: **every limb is below 2^52, and the number below twice the modulus**. [`Numbers::canonical`] makes it less than the
//! modulus. Products are Montgomery's, with R = 2^(52 LIMBS), which is at least sixteen times any modulus.

use std::arch::x86_64::{
    __m512i, __mmask8, _mm512_add_epi64, _mm512_and_si512, _mm512_cmpeq_epi64_mask, _mm512_cmplt_epi64_mask,
    _mm512_madd52hi_epu64, _mm512_madd52lo_epu64, _mm512_mask_blend_epi64, _mm512_set1_epi64,
    _mm512_setzero_si512, _mm512_srai_epi64, _mm512_srli_epi64, _mm512_sub_epi64,
};
use std::mem;

use crate::LANES;

/// Bits of a limb.
const BITS: u32 = 52;
const MASK: u64 = (1 << BITS) - 1;

/// A number as limbs, in no lane yet.
pub(crate) type Limbs<const LIMBS: usize> = [u64; LIMBS];

/// An odd modulus with what reckoning modulo it takes.
pub(crate) struct Modulus<const LIMBS: usize> {
    pub(crate) limbs: Limbs<LIMBS>,
    twice: Limbs<LIMBS>,
    /// Minus the inverse of the modulus, modulo 2^52.
    inverse: u64,
    /// R modulo the modulus, which is Montgomery's form of 1.
    pub(crate) one: Limbs<LIMBS>,
    /// R^2 modulo the modulus: a product with it brings a number into Montgomery's form.
    square: Limbs<LIMBS>,
}

impl<const LIMBS: usize> Modulus<LIMBS> {
    /// Of an odd number below 2^(52 LIMBS - 4), its lowest word first.
    pub(crate) const fn new(words: &[u64]) -> Self {
        let limbs = limbs::<LIMBS>(words);
        // Newton: each step doubles the bits that are right, of which an odd number gives three.
        let mut inverse = limbs[0];
        let mut step = 0;
        while step < 5 {
            inverse = inverse.wrapping_mul(2_u64.wrapping_sub(limbs[0].wrapping_mul(inverse)));
            step += 1;
        }
        let mut one = [0; LIMBS];
        one[0] = 1;
        let mut doubled = 0;
        while doubled < LIMBS * BITS as usize {
            one = twice_modulo(one, &limbs);
            doubled += 1;
        }
        let mut square = one;
        while doubled > 0 {
            square = twice_modulo(square, &limbs);
            doubled -= 1;
        }
        Self { limbs, twice: twice(&limbs), inverse: inverse.wrapping_neg() & MASK, one, square }
    }
}

/// The limbs of a number, from its words of 64 bits, the lowest first. What does not fit is left out.
pub(crate) const fn limbs<const LIMBS: usize>(words: &[u64]) -> Limbs<LIMBS> {
    let mut limbs = [0; LIMBS];
    let mut index = 0;
    while index < LIMBS {
        let bit = index * BITS as usize;
        let (word, shift) = (bit / 64, bit % 64);
        if word < words.len() {
            limbs[index] = words[word] >> shift;
            if shift > 0 && word + 1 < words.len() {
                limbs[index] |= words[word + 1] << (64 - shift);
            }
            limbs[index] &= MASK;
        }
        index += 1;
    }
    limbs
}

/// The sum, and whether it is too large for the limbs.
pub(crate) const fn sum<const LIMBS: usize>(
    one: &Limbs<LIMBS>,
    other: &Limbs<LIMBS>,
) -> (Limbs<LIMBS>, bool) {
    let mut sum = [0; LIMBS];
    let (mut carry, mut index) = (0, 0);
    while index < LIMBS {
        let limb = one[index] + other[index] + carry;
        sum[index] = limb & MASK;
        carry = limb >> BITS;
        index += 1;
    }
    (sum, carry > 0)
}

const fn twice<const LIMBS: usize>(limbs: &Limbs<LIMBS>) -> Limbs<LIMBS> {
    sum(limbs, limbs).0
}

/// Whether it is below the other.
pub(crate) const fn is_below<const LIMBS: usize>(one: &Limbs<LIMBS>, other: &Limbs<LIMBS>) -> bool {
    let mut index = LIMBS;
    while index > 0 {
        index -= 1;
        if one[index] != other[index] {
            return one[index] < other[index];
        }
    }
    false
}

/// Without the other, which is not larger.
pub(crate) const fn difference<const LIMBS: usize>(one: &Limbs<LIMBS>, other: &Limbs<LIMBS>) -> Limbs<LIMBS> {
    let mut difference = [0; LIMBS];
    let (mut borrow, mut index) = (0, 0);
    while index < LIMBS {
        let limb = one[index].wrapping_sub(other[index]).wrapping_sub(borrow);
        difference[index] = limb & MASK;
        borrow = limb >> 63;
        index += 1;
    }
    difference
}

const fn twice_modulo<const LIMBS: usize>(limbs: Limbs<LIMBS>, modulus: &Limbs<LIMBS>) -> Limbs<LIMBS> {
    let doubled = twice(&limbs);
    if is_below(&doubled, modulus) { doubled } else { difference(&doubled, modulus) }
}

/// Lanes of a yes or no, the first one's bit the lowest.
pub(crate) type Mask = __mmask8;

fn vector(lanes: [u64; LANES]) -> __m512i {
    // SAFETY: both are 64 octets, and any octets are a value of both.
    unsafe { mem::transmute::<[u64; LANES], __m512i>(lanes) }
}

fn lanes(vector: __m512i) -> [u64; LANES] {
    // SAFETY: both are 64 octets, and any octets are a value of both.
    unsafe { mem::transmute::<__m512i, [u64; LANES]>(vector) }
}

#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
fn everywhere(word: u64) -> __m512i {
    _mm512_set1_epi64(word.cast_signed())
}

/// One number in each lane.
#[derive(Clone, Copy)]
pub(crate) struct Numbers<const LIMBS: usize>([__m512i; LIMBS]);

impl<const LIMBS: usize> Numbers<LIMBS> {
    /// Those of the lanes, each below twice the modulus that they will be reckoned with.
    pub(crate) fn of_lanes(numbers: &[Limbs<LIMBS>; LANES]) -> Self {
        let mut transposed = [[0; LANES]; LIMBS];
        for (lane, number) in numbers.iter().enumerate() {
            for (limbs, limb) in transposed.iter_mut().zip(number) {
                limbs[lane] = *limb;
            }
        }
        Self(transposed.map(vector))
    }

    /// The same number in all lanes.
    #[target_feature(enable = "avx512f,avx512ifma")]
    #[inline]
    pub(crate) fn all(number: &Limbs<LIMBS>) -> Self {
        let mut all = [_mm512_setzero_si512(); LIMBS];
        for (vector, limb) in all.iter_mut().zip(number) {
            *vector = everywhere(*limb);
        }
        Self(all)
    }

    /// The limbs of each lane.
    pub(crate) fn to_lanes(self) -> [Limbs<LIMBS>; LANES] {
        let mut numbers = [[0; LIMBS]; LANES];
        for (index, vector) in self.0.into_iter().enumerate() {
            for (number, limb) in numbers.iter_mut().zip(lanes(vector)) {
                number[index] = limb;
            }
        }
        numbers
    }

    /// Montgomery's product: this by `other` by the inverse of R.
    ///
    /// Both are below 2m, what is added in the loop is below 2^52 m in every step, so that the sum is below
    /// (4 m^2 + R m) / R, which is below 2m, since 16 m is at most R. A vector of sums has less than 2^59 in each lane: of
    /// each step four products' halves, each below 2^52, and a carry.
    ///
    /// Not inlined: one point's addition has eleven, which together would not fit the cache for instructions.
    #[target_feature(enable = "avx512f,avx512ifma")]
    #[inline(never)]
    pub(crate) fn times(&self, other: &Self, modulus: &Modulus<LIMBS>) -> Self {
        let zero = _mm512_setzero_si512();
        let inverse = everywhere(modulus.inverse);
        let mut sums = [zero; LIMBS];
        for factor in &other.0 {
            for (sum, own) in sums.iter_mut().zip(&self.0) {
                *sum = _mm512_madd52lo_epu64(*sum, *own, *factor);
            }
            // So many moduli make the lowest limb 0.
            let moduli = _mm512_madd52lo_epu64(zero, sums[0], inverse);
            // One limb down each time; the halves that are there first go in first.
            let mut next = [zero; LIMBS];
            next[..LIMBS - 1].copy_from_slice(&sums[1..]);
            for (sum, own) in next.iter_mut().zip(&self.0) {
                *sum = _mm512_madd52hi_epu64(*sum, *own, *factor);
            }
            for (sum, limb) in next.iter_mut().zip(&modulus.limbs) {
                *sum = _mm512_madd52hi_epu64(*sum, everywhere(*limb), moduli);
            }
            for (sum, limb) in next.iter_mut().zip(&modulus.limbs[1..]) {
                *sum = _mm512_madd52lo_epu64(*sum, everywhere(*limb), moduli);
            }
            let lowest = _mm512_madd52lo_epu64(sums[0], everywhere(modulus.limbs[0]), moduli);
            next[0] = _mm512_add_epi64(next[0], _mm512_srli_epi64::<BITS>(lowest));
            sums = next;
        }
        carried(sums)
    }

    /// The square, as [`times`](Self::times).
    #[target_feature(enable = "avx512f,avx512ifma")]
    #[inline]
    pub(crate) fn squared(&self, modulus: &Modulus<LIMBS>) -> Self {
        self.times(self, modulus)
    }

    /// The difference, or 2m more where it is negative: both are below 2m.
    #[target_feature(enable = "avx512f,avx512ifma")]
    #[inline]
    pub(crate) fn minus(&self, other: &Self, modulus: &Modulus<LIMBS>) -> Self {
        let (mut less, mut more) = (self.0, self.0);
        for (((less, more), other), twice) in less.iter_mut().zip(&mut more).zip(&other.0).zip(&modulus.twice)
        {
            *less = _mm512_sub_epi64(*less, *other);
            *more = _mm512_add_epi64(*less, everywhere(*twice));
        }
        let (less, more) = (carried(less), carried(more));
        less.or(&more, less.are_negative())
    }

    /// The sum, or 2m less where it is not below 2m.
    #[target_feature(enable = "avx512f,avx512ifma")]
    #[inline]
    pub(crate) fn plus(&self, other: &Self, modulus: &Modulus<LIMBS>) -> Self {
        let mut sum = self.0;
        for (sum, other) in sum.iter_mut().zip(&other.0) {
            *sum = _mm512_add_epi64(*sum, *other);
        }
        Self(sum).without(&modulus.twice)
    }

    /// Twice this.
    #[target_feature(enable = "avx512f,avx512ifma")]
    #[inline]
    pub(crate) fn twice(&self, modulus: &Modulus<LIMBS>) -> Self {
        self.plus(self, modulus)
    }

    /// Below the modulus.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn canonical(&self, modulus: &Modulus<LIMBS>) -> Self {
        self.without(&modulus.limbs)
    }

    /// Without the number, where it is not below it. Limbs may be larger than 52 bits by a carry.
    #[target_feature(enable = "avx512f,avx512ifma")]
    #[inline]
    fn without(&self, number: &Limbs<LIMBS>) -> Self {
        let mut less = self.0;
        for (limb, number) in less.iter_mut().zip(number) {
            *limb = _mm512_sub_epi64(*limb, everywhere(*number));
        }
        let less = carried(less);
        less.or(&carried(self.0), less.are_negative())
    }

    /// In Montgomery's form.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn montgomery(&self, modulus: &Modulus<LIMBS>) -> Self {
        self.times(&Self::all(&modulus.square), modulus)
    }

    /// To the power of m - 2, m a prime: the inverse (Fermat), in Montgomery's form as this is; of 0 it is 0.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn inverse(&self, modulus: &Modulus<LIMBS>) -> Self {
        let mut two = [0; LIMBS];
        two[0] = 2;
        let exponent = difference(&modulus.limbs, &two);
        // Four bits at a time, the highest first: 52 is thirteen times four.
        let mut powers = [Self::all(&modulus.one); 16];
        for index in 1..powers.len() {
            powers[index] = powers[index - 1].times(self, modulus);
        }
        let mut power = powers[0];
        for limb in exponent.into_iter().rev() {
            for digit in (0..BITS).step_by(4).rev() {
                for _ in 0..4 {
                    power = power.squared(modulus);
                }
                power = power.times(&powers[(limb >> digit & 15) as usize], modulus);
            }
        }
        power
    }

    /// Which are 0 modulo the modulus: of what is below 2m, those are 0 and m.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn are_zero(&self, modulus: &Modulus<LIMBS>) -> Mask {
        let (mut zero, mut equal) = (Mask::MAX, Mask::MAX);
        for (own, limb) in self.0.iter().zip(&modulus.limbs) {
            zero &= _mm512_cmpeq_epi64_mask(*own, _mm512_setzero_si512());
            equal &= _mm512_cmpeq_epi64_mask(*own, everywhere(*limb));
        }
        zero | equal
    }

    /// Which are the same modulo the modulus.
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn are_equal(&self, other: &Self, modulus: &Modulus<LIMBS>) -> Mask {
        self.minus(other, modulus).are_zero(modulus)
    }

    /// The others in the lanes of the mask.
    #[target_feature(enable = "avx512f,avx512ifma")]
    #[inline]
    pub(crate) fn or(&self, others: &Self, mask: Mask) -> Self {
        let mut chosen = self.0;
        for (own, other) in chosen.iter_mut().zip(&others.0) {
            *own = _mm512_mask_blend_epi64(mask, *own, *other);
        }
        Self(chosen)
    }

    /// Of what was carried: the sign is in the highest limb.
    #[target_feature(enable = "avx512f,avx512ifma")]
    #[inline]
    fn are_negative(&self) -> Mask {
        _mm512_cmplt_epi64_mask(self.0[LIMBS - 1], _mm512_setzero_si512())
    }
}

/// Brings all limbs but the highest below 2^52; that one, too, where the number is not negative and fits.
#[target_feature(enable = "avx512f,avx512ifma")]
#[inline]
fn carried<const LIMBS: usize>(mut limbs: [__m512i; LIMBS]) -> Numbers<LIMBS> {
    let mask = everywhere(MASK);
    for index in 1..LIMBS {
        // The shift keeps the sign, so that a borrow is carried as one.
        let carry = _mm512_srai_epi64::<BITS>(limbs[index - 1]);
        limbs[index - 1] = _mm512_and_si512(limbs[index - 1], mask);
        limbs[index] = _mm512_add_epi64(limbs[index], carry);
    }
    Numbers(limbs)
}

#[cfg(test)]
mod tests {
    use num_bigint::BigUint;

    use super::*;
    use crate::multiples::{Able, P256, P384};

    fn number(limbs: &[u64]) -> BigUint {
        limbs.iter().rev().fold(BigUint::ZERO, |sum, &limb| (sum << BITS) + limb)
    }

    fn limbs_of<const LIMBS: usize>(number: &BigUint) -> Limbs<LIMBS> {
        limbs(&number.to_u64_digits())
    }

    /// Numbers below twice the modulus: at its edges, with limbs that are all zeros or all ones, and at random.
    fn numbers<const LIMBS: usize>(modulus: &Modulus<LIMBS>) -> Vec<Limbs<LIMBS>> {
        let m = number(&modulus.limbs);
        let twice = &m * 2_u8;
        let one = BigUint::from(1_u8);
        let mut all = vec![BigUint::ZERO, one.clone(), &m - 1_u8, m.clone(), &m + 1_u8, &twice - 1_u8];
        for limb in 0..LIMBS {
            let bit = &one << (52 * limb);
            all.extend([&bit - 1_u8, bit.clone(), ((&bit << 52_u32) - 1_u8) ^ (&bit - 1_u8), &twice - &bit]);
        }
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..100 {
            let random = (0..LIMBS).fold(BigUint::ZERO, |sum, _| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (sum << BITS) + (state >> 12)
            });
            all.push(random);
        }
        all.into_iter().map(|one| limbs_of(&(one % &twice))).collect()
    }

    /// Each pair of numbers, in whatever lane it comes to stand.
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn reckon<const LIMBS: usize>(modulus: &Modulus<LIMBS>) {
        let m = number(&modulus.limbs);
        let r = BigUint::from(1_u8) << (52 * LIMBS);
        assert!(&m * 16_u8 <= r, "what the proofs ask of a modulus");
        let numbers = numbers(modulus);
        let is_tight =
            |found: &Limbs<LIMBS>| found.iter().all(|&limb| limb <= MASK) && number(found) < &m * 2_u8;
        let pairs: Vec<_> = numbers.iter().flat_map(|a| numbers.iter().map(move |b| (*a, *b))).collect();
        for lanes in pairs.chunks_exact(LANES) {
            let (a, b): (Vec<_>, Vec<_>) = lanes.iter().copied().unzip();
            let (a, b): ([_; LANES], [_; LANES]) = (a.try_into().unwrap(), b.try_into().unwrap());
            let (own, other) = (Numbers::of_lanes(&a), Numbers::of_lanes(&b));
            assert_eq!(own.to_lanes(), a);
            let equal = own.are_equal(&other, modulus);
            let zero = own.are_zero(modulus);
            let found = [
                own.times(&other, modulus),
                own.squared(modulus),
                own.plus(&other, modulus),
                own.minus(&other, modulus),
                own.twice(modulus),
                own.montgomery(modulus),
                own.canonical(modulus),
                own.or(&other, 0b1010_0110),
            ]
            .map(Numbers::to_lanes);
            for lane in 0..LANES {
                let (a, b) = (number(&a[lane]), number(&b[lane]));
                for found in &found {
                    assert!(is_tight(&found[lane]), "{a} {b}");
                }
                let [product, square, sum, difference, twice, montgomery, canonical, chosen] =
                    found.map(|found| number(&found[lane]));
                assert_eq!(product * &r % &m, &a * &b % &m);
                assert_eq!(square * &r % &m, &a * &a % &m);
                assert_eq!(sum % &m, (&a + &b) % &m);
                assert_eq!(difference % &m, (&a + &m * 2_u8 - &b) % &m);
                assert_eq!(twice % &m, &a * 2_u8 % &m);
                assert_eq!(montgomery % &m, &a * &r % &m);
                assert_eq!(canonical, &a % &m);
                assert_eq!(&chosen, if 0b1010_0110 >> lane & 1 == 1 { &b } else { &a });
                assert_eq!(equal >> lane & 1 == 1, &a % &m == &b % &m);
                assert_eq!(zero >> lane & 1 == 1, &a % &m == BigUint::ZERO);
            }
        }
        for lanes in numbers.chunks_exact(LANES) {
            let own = Numbers::of_lanes(lanes.try_into().unwrap()).montgomery(modulus);
            for (found, number_) in own.inverse(modulus).times(&own, modulus).to_lanes().iter().zip(lanes) {
                let one = if number(number_) % &m == BigUint::ZERO { BigUint::ZERO } else { &r % &m };
                assert_eq!(number(found) % &m, one);
            }
        }
    }

    #[test]
    fn lanes_reckon_as_big_numbers_do() {
        if Able::here().is_none() {
            println!("skipped: this processor has no AVX-512 IFMA");
            return;
        }
        // SAFETY: the processor has both features.
        unsafe {
            reckon(&P256.prime);
            reckon(&P256.order);
            reckon(&P384.prime);
            reckon(&P384.order);
        }
    }

    #[test]
    fn a_modulus_knows_what_reckoning_modulo_it_takes() {
        fn check<const LIMBS: usize>(modulus: &Modulus<LIMBS>) {
            let (m, r) = (number(&modulus.limbs), BigUint::from(1_u8) << (52 * LIMBS));
            assert_eq!(number(&modulus.one), &r % &m);
            assert_eq!(number(&modulus.square), &r * &r % &m);
            assert_eq!(number(&modulus.twice), &m * 2_u8);
            assert_eq!(modulus.inverse.wrapping_mul(modulus.limbs[0]) & MASK, MASK);
        }
        check(&P256.prime);
        check(&P256.order);
        check(&P384.prime);
        check(&P384.order);
    }
}
