//! Questions whose answers are known, asked before the library is believed anything.
//!
//! The powers were computed by Python's `pow`, the signatures made with pyca/cryptography by keys that nobody uses.

use std::array;

use crate::{
    Abilities, EcdsaLane, LANES, Library, MAX_RSA_OCTETS, Multiples, MultiplesLane, RsaLane, RsaSize,
    Unusable,
};

pub(crate) struct Signature<const OCTETS: usize, const WORDS: usize> {
    pub(crate) r: [u8; OCTETS],
    pub(crate) s: [u8; OCTETS],
    pub(crate) digest: [u8; OCTETS],
    pub(crate) x: [u64; WORDS],
    pub(crate) y: [u64; WORDS],
}

/// What the library does rightly.
pub(crate) fn tried(library: &Library) -> Result<Abilities, Unusable> {
    let sizes = [
        (RsaSize::Bits2048, POWER_2048.as_slice()),
        (RsaSize::Bits3072, POWER_3072.as_slice()),
        (RsaSize::Bits4096, POWER_4096.as_slice()),
    ];
    let mut rsa = true;
    for (size, power) in sizes {
        rsa &= knows_power(library, size, power).ok_or(Unusable::Wrong("RSA"))?;
    }
    let p256 = knows_signature(&P256, |lanes| library.p256(lanes)).ok_or(Unusable::Wrong("P-256"))?;
    let p384 = knows_signature(&P384, |lanes| library.p384(lanes)).ok_or(Unusable::Wrong("P-384"))?;
    let multiples = knows_multiples(library).ok_or(Unusable::Wrong("multiples of keys"))?;
    Ok(Abilities { rsa, p256, p384, multiples })
}

/// The same of signatures by keys whose multiples are kept, over both curves.
fn knows_multiples(library: &Library) -> Option<bool> {
    let (Some(p256), Some(p384)) =
        (library.p256_multiples(&P256.x, &P256.y), library.p384_multiples(&P384.x, &P384.y))
    else {
        return Some(false);
    };
    let p256 = knows_signature(&P256, |lanes| said(&library.p256_by_multiples(&by(lanes, &p256))));
    let p384 = knows_signature(&P384, |lanes| said(&library.p384_by_multiples(&by(lanes, &p384))));
    Some(p256? && p384?)
}

/// The same questions, of a key whose multiples are these.
fn by<'l, const OCTETS: usize, const WORDS: usize, const LIMBS: usize>(
    lanes: &[EcdsaLane<'l, OCTETS, WORDS>],
    multiples: &'l Multiples<LIMBS>,
) -> Vec<MultiplesLane<'l, OCTETS, WORDS, LIMBS>> {
    lanes.iter().map(|&lane| MultiplesLane { lane, multiples }).collect()
}

fn said(answers: &[Option<bool>]) -> [bool; LANES] {
    array::from_fn(|lane| answers.get(lane).copied().flatten() == Some(true))
}

/// Numbers that look like random ones: the sequence splitmix64.
fn words(seed: u64) -> impl Iterator<Item = u64> {
    let states = std::iter::successors(Some(seed), |state| Some(state.wrapping_add(0x9e37_79b9_7f4a_7c15)));
    states.skip(1).map(|state| {
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

fn octets(words: &[u64]) -> Vec<u8> {
    words.iter().rev().flat_map(|word| word.to_be_bytes()).collect()
}

/// Whether every lane raises a number as it should, and a lane with another number to another power; `None` if some
/// do and some do not.
fn knows_power(library: &Library, size: RsaSize, power: &[u64]) -> Option<bool> {
    let length = size.octets() / 8;
    let mut sequence = words(u64::try_from(size.octets() * 8).ok()?);
    let mut modulus: Vec<u64> = sequence.by_ref().take(length).collect();
    let mut number: Vec<u64> = sequence.take(length).collect();
    *modulus.first_mut()? |= 1;
    *modulus.last_mut()? |= 1 << 63;
    *number.last_mut()? &= u64::MAX >> 1;
    let expected = octets(power);
    let good = octets(&number);
    let mut other = good.clone();
    *other.last_mut()? ^= 1;
    let mut answered = 0;
    for odd_one_out in [None, Some(0), Some(3), Some(LANES - 1)] {
        let mut powers = [[0; MAX_RSA_OCTETS]; LANES];
        let lanes: Vec<_> = (0..LANES)
            .map(|lane| RsaLane {
                modulus: &modulus,
                number: if odd_one_out == Some(lane) { &other } else { &good },
            })
            .collect();
        let done = library.rsa(size, &lanes, &mut powers);
        answered += done.iter().filter(|&&done| done).count();
        for (lane, (power, done)) in powers.iter().zip(done).enumerate() {
            let right = power.get(..expected.len()) == Some(expected.as_slice());
            if done && right == (odd_one_out == Some(lane)) {
                return None;
            }
        }
    }
    all_or_none(answered, 4 * LANES)
}

/// Whether every lane takes a good signature and refuses a damaged one; `None` if some are right and some are not.
fn knows_signature<const OCTETS: usize, const WORDS: usize>(
    known: &Signature<OCTETS, WORDS>,
    verify: impl Fn(&[EcdsaLane<'_, OCTETS, WORDS>]) -> [bool; LANES],
) -> Option<bool> {
    let good = EcdsaLane { r: &known.r, s: &known.s, digest: &known.digest, x: &known.x, y: &known.y };
    let damaged = |octets: &[u8; OCTETS]| {
        let mut damaged = *octets;
        if let Some(last) = damaged.last_mut() {
            *last ^= 1;
        }
        damaged
    };
    let (r, s, digest) = (damaged(&known.r), damaged(&known.s), damaged(&known.digest));
    let bad =
        [EcdsaLane { r: &r, ..good }, EcdsaLane { s: &s, ..good }, EcdsaLane { digest: &digest, ..good }];
    let mut taken = 0;
    // Every lane is once good and once damaged.
    for parity in [0, 1] {
        let is_good = |lane: usize| lane % 2 == parity;
        let lanes: Vec<_> = (0..LANES)
            .map(|lane| if is_good(lane) { good } else { bad.get(lane % 3).copied().unwrap_or(good) })
            .collect();
        for (lane, valid) in verify(&lanes).into_iter().enumerate() {
            if valid && !is_good(lane) {
                return None;
            }
            taken += usize::from(valid);
        }
    }
    all_or_none(taken, LANES)
}

fn all_or_none(found: usize, all: usize) -> Option<bool> {
    match found {
        0 => Some(false),
        found if found == all => Some(true),
        _ => None,
    }
}

static POWER_2048: [u64; 32] = [
    0xd146ed7488539be5,
    0x3df2c34ade25c281,
    0x8b6bc39728b9537b,
    0x7a2d0939c412489c,
    0x02b41d9f0ddcab12,
    0x61e5f789e3fd88e6,
    0x2e6f1925aa5555ad,
    0xe4c9c5d82b1f646d,
    0xf553b8e889c1c8f3,
    0x8e0d9236232d6694,
    0x747e79c8b04597f1,
    0x17290c62f1c949fc,
    0xf43bd6cde9831783,
    0x290db675d897c0b1,
    0x572c669b1211a56e,
    0xf02f6f86342083c7,
    0x9bce811387e155be,
    0xa10bdf0fc194c3f2,
    0xde1475990795b13f,
    0xdd5bd52f04b60f01,
    0xb235d779aa9bddb1,
    0xbb953da7dee5075c,
    0x2023cec30bb24d83,
    0x652438673181043a,
    0x6734e1a31af764df,
    0x1edbd63b50322049,
    0xe4edce71c80ff4b0,
    0x08b64c3e24b35cce,
    0x4a2f49321d5f26de,
    0x74f2680316b80d63,
    0xc6c99f49b222933a,
    0xcdf6665c53c67de2,
];

static POWER_3072: [u64; 48] = [
    0x94f430139835501a,
    0x11594d4549dd276f,
    0xc78fd3dfe19a154c,
    0xc3755f5233782241,
    0x1ab0a0e65d137a5f,
    0xd67b4a37b737aed9,
    0x08cfd89576b09c4a,
    0x97910c1713c82b35,
    0xa41c042ef8113f36,
    0x1eae0fd85e9ae929,
    0xca3a5876707c0b88,
    0xd3c7657d68f0c6c7,
    0xf5968f094880d0cb,
    0x5a1bbd74dec08fd7,
    0x6fa49726a2506ccd,
    0x7996381a18d7d605,
    0xc8aa92a997fd7d94,
    0x64d10ee2275d4a46,
    0xd4d795d086625883,
    0x6925af6fa177e813,
    0xf31e59326640d944,
    0x95229e84e252f890,
    0x1f9913d1c0a77b3f,
    0x68ab1e6652052d44,
    0x2223464848d5035e,
    0xd489a5b6aef88e3e,
    0xbf90b680340c782c,
    0x04e33cfc1d859f1a,
    0xadabd20158238bea,
    0x4b980a13453ae462,
    0x05a73901660f9df2,
    0x4137fa9e569c89ce,
    0xb80b62584506c48a,
    0x389843719655ba38,
    0x5d0a50507c5e5461,
    0x866bd49aed5be292,
    0x57904fea1d5c01ab,
    0x6bc808c11e5ba152,
    0x234860cc95b91590,
    0xb9f4d5372a083199,
    0x7d4210fcf8ba5622,
    0x3b1c64709009d543,
    0x3e85d9abcaa2981f,
    0x7dc2a30cb2615418,
    0x42b61498a7bc8564,
    0x59d98097f1667dbc,
    0x3fe96e685684258d,
    0xb6a0da4195694849,
];

static POWER_4096: [u64; 64] = [
    0xe1a30c6f3bf27c10,
    0x4753367b0d5f428a,
    0x33f6eafc04edf6ab,
    0xad39c209c51bf6d7,
    0x8abf911618f870b4,
    0x2edec55e484616f6,
    0x8592793698d1efb2,
    0x6bff993f14cde715,
    0xac6ae92ffc5bf653,
    0xc68dbb8b56653243,
    0xee3d4c50277c588c,
    0x75e8f7fea73d1400,
    0x46dc891a069c9e3c,
    0xe40a82c252dfc61a,
    0x7801516710b96e33,
    0xa763a87a31b37495,
    0x19cfcd81482933f4,
    0xabf7c515000429b9,
    0x2bd5d864c4648870,
    0x02323d7d5fd18c1f,
    0xf83c617887a7dbf3,
    0xfaaab86c8b477c1f,
    0xb1005f7ba05f5009,
    0x7aed378504a1dc57,
    0xe660350f43af5608,
    0xe9eb11b4d9998b7c,
    0x91f799e09fdbaed6,
    0x9c2a29a354438ccc,
    0x420c9fa468cad649,
    0xc466828731b31391,
    0x13518c72e04b1c9c,
    0x0822014cc7913aac,
    0x38ec4a085333d3cd,
    0x7537265c8463ad17,
    0xe5f4626aad990724,
    0x9ca2f2cb152015c1,
    0xcbf15e870d4f26fa,
    0x34571d3f6525e073,
    0x3b8b8195d5b52ff9,
    0x49a78b5926846691,
    0x9f942e171fa6f353,
    0x82866dbb580f492e,
    0x5d0bb9ab3c94d641,
    0xc4313223dd043e6a,
    0xd9f43d8ec9c09add,
    0x45adf03d2feaf457,
    0x22a65037eb6752ec,
    0xbcd8a199f0a6b53f,
    0xcd796e9ec90cfc7d,
    0x295d94832e181351,
    0xec98fa26c9d36c59,
    0xf1f7c8e3a7ce8f88,
    0xcdc2679ac21856b3,
    0x62feed62b5f7e6b4,
    0xb92879bc6dcbb279,
    0xb3ce0bd254982ec5,
    0x447ab216ff1e0b65,
    0xf3ad1e07e2127646,
    0xa8b16403136b02ab,
    0xfebe1e84bac40012,
    0x0a53866f9a1003a7,
    0xeebba16ce215f752,
    0x0822c02956e768ec,
    0x55dde829699adb29,
];

pub(crate) static P256: Signature<32, 4> = Signature {
    r: [
        0xbe, 0x06, 0x07, 0x03, 0x36, 0x0f, 0xb4, 0xc8, 0x4c, 0x24, 0x76, 0x59, 0xd5, 0x17, 0x73, 0xe6, 0x7c,
        0x4f, 0x04, 0x02, 0x4c, 0x6d, 0xd1, 0x14, 0xe7, 0xfa, 0x7e, 0xe9, 0x5a, 0xa2, 0x9f, 0xb0,
    ],
    s: [
        0xab, 0x1c, 0x75, 0xfc, 0x8c, 0x5e, 0xc8, 0xbd, 0x60, 0xc2, 0x8a, 0x42, 0x53, 0x65, 0x63, 0x93, 0x7a,
        0x0f, 0xdb, 0x10, 0xc1, 0xf6, 0x08, 0x74, 0xa0, 0xa1, 0xfe, 0x94, 0xf7, 0x3d, 0x4f, 0x6b,
    ],
    digest: [
        0xe7, 0x4e, 0x48, 0xa2, 0x39, 0x25, 0xd9, 0xee, 0xc4, 0x74, 0xdf, 0x87, 0xbe, 0xd3, 0xe6, 0xb2, 0xd6,
        0x31, 0x56, 0x9a, 0xa2, 0x90, 0xdb, 0xca, 0x03, 0x51, 0xfb, 0xe4, 0xa4, 0x34, 0x4b, 0xd2,
    ],
    x: [0x7ff5d9078adec01d, 0x7540e7febae02794, 0x1399de3a892462b5, 0x11ff9bd5ffdaa4e2],
    y: [0x42ae1437e68d46af, 0xd23803dc889b15ef, 0x307195fe2cd3791c, 0x3fa0578fd17c0576],
};

pub(crate) static P384: Signature<48, 6> = Signature {
    r: [
        0x60, 0xe8, 0x91, 0xe6, 0x6d, 0x1c, 0xba, 0x35, 0x1f, 0xad, 0xb8, 0x78, 0x9c, 0x7b, 0xd2, 0xd2, 0x51,
        0x3a, 0x02, 0x91, 0x36, 0xe6, 0xa3, 0x07, 0xef, 0x63, 0xe8, 0x4a, 0x72, 0xc9, 0xd0, 0x71, 0x6b, 0xac,
        0x99, 0xb1, 0x9d, 0xfc, 0xf0, 0xd3, 0x4b, 0x53, 0xf3, 0x62, 0xb9, 0xfe, 0x4d, 0x2a,
    ],
    s: [
        0x63, 0x81, 0xf5, 0xea, 0x88, 0xd1, 0x0e, 0xba, 0xae, 0xfb, 0x82, 0x14, 0x88, 0xca, 0xc2, 0xb5, 0x31,
        0x3e, 0x52, 0xd6, 0x17, 0x2b, 0x31, 0x0f, 0xc6, 0xc2, 0x12, 0x48, 0xe7, 0x7e, 0xab, 0xbf, 0x1e, 0x01,
        0x9a, 0x33, 0xd9, 0xf1, 0x4c, 0xca, 0x33, 0xef, 0xb1, 0x4b, 0x13, 0x02, 0xf3, 0xc5,
    ],
    digest: [
        0x52, 0xc0, 0x4c, 0x26, 0x2c, 0x65, 0xc4, 0xf5, 0x1e, 0x0f, 0xe9, 0xef, 0xdc, 0x8a, 0x04, 0x00, 0x6c,
        0x96, 0xff, 0xb3, 0xb3, 0x1d, 0x0e, 0x52, 0xbc, 0x4c, 0x35, 0x64, 0x89, 0xf5, 0xf9, 0xa4, 0x88, 0x9b,
        0xd7, 0x15, 0x62, 0xf6, 0xd3, 0x51, 0x0a, 0x76, 0x0c, 0x67, 0x8b, 0xd6, 0x21, 0x0a,
    ],
    x: [
        0x9f28f54b76e5e397,
        0x38a90faf63720e96,
        0x4533c9defee28507,
        0x33ff4a1949c9c6df,
        0x1f8a0b89c2ae251f,
        0xc6859f1611e61210,
    ],
    y: [
        0x59083c40ab1acd8b,
        0xb93730c5825b8594,
        0x3f5cc14436195c94,
        0x1293b452f976de06,
        0x486170c8bf21927d,
        0xbc65081efa65acab,
    ],
};
