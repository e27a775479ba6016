//! Makes the filters of tests/crlite with the builder of the crate that reads them, in both forms:
//!
//!     cargo run --manifest-path fuzz/Cargo.toml --example filters tests/crlite
//!
//! Three issuers, whose keys have the hashes 1 1 1 …, 2 2 2 … and 3 3 3 …; their serial numbers are `1 0 0`, `1 0 1` and so
//! on. Of the first, every seventh of 3,000 is revoked; of the second, all but every fifth of 400, which is written inverted;
//! of the third, none of 50. The log 9 9 9 … is covered from 1,700,000,000,000 to 1,764,000,000,000 milliseconds.
//! src/revocation_set/crlite.rs asks about each.

use std::path::PathBuf;

use clubcard::builder::{ApproximateRibbon, ClubcardBuilder, ExactRibbon};
use clubcard_crlite::builder::CRLiteBuilderItem;
use clubcard_crlite::{CRLiteClubcard, CRLiteCoverage, CRLiteQuery, Encoding, IssuerSpkiHash};

/// The hash of a key, how many certificates, which are revoked, whether the others are written.
type Issuer = (u8, u16, fn(u16) -> bool, bool);

const ISSUERS: [Issuer; 3] = [
    (1, 3_000, |number| number % 7 == 0, false),
    (2, 400, |number| number % 5 != 0, true),
    (3, 50, |_| false, false),
];

const COVERAGE: &str = r#"[{"LogID": "CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=", "MinEntry": 1, "MMD": 86400,
    "MinTimestamp": 1699913600000, "MaxTimestamp": 1764086400000}]"#;

fn item(key: u8, number: u16, is_revoked: bool) -> CRLiteBuilderItem {
    let serial = [&[1][..], &number.to_be_bytes()].concat();
    let make = if is_revoked { CRLiteBuilderItem::revoked } else { CRLiteBuilderItem::not_revoked };
    make(IssuerSpkiHash([key; 32]), serial)
}

fn main() {
    let folder = PathBuf::from(std::env::args_os().nth(1).expect("a folder"));
    let mut builder = ClubcardBuilder::new();
    let mut ribbons = Vec::new();
    for (key, count, is_revoked, inverted) in ISSUERS {
        let mut ribbon = builder.new_approx_builder(&[key; 32]);
        ribbon.set_universe_size(count.into());
        ribbon.set_inverted(inverted);
        for number in (0..count).filter(|number| is_revoked(*number) != inverted) {
            ribbon.insert(item(key, number, !inverted));
        }
        ribbons.push(ApproximateRibbon::from(ribbon));
    }
    builder.collect_approx_ribbons(ribbons);
    let mut ribbons = Vec::new();
    for (key, count, is_revoked, _) in ISSUERS {
        let mut ribbon = builder.new_exact_builder(&[key; 32]);
        for number in 0..count {
            ribbon.insert(item(key, number, is_revoked(number)));
        }
        ribbons.push(ExactRibbon::from(ribbon));
    }
    builder.collect_exact_ribbons(ribbons);
    let coverage = CRLiteCoverage::from_mozilla_ct_logs_json(COVERAGE.as_bytes());
    let filter = CRLiteClubcard::from(builder.build::<CRLiteQuery>(coverage, ()));
    for (name, encoding) in [("form-3", Encoding::V3), ("form-4", Encoding::V4)] {
        let octets = filter.to_bytes(encoding).expect("what was built can be written");
        std::fs::write(folder.join(name), octets).expect("the folder can be written to");
    }
}
