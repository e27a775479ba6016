//! What the target `beside` starts from.

use aws_lc_rs::digest;

use crate::der::{self, sequence, tlv};
use crate::forge;

/// Two logs; nobody has kept their keys, so that nothing is signed by them.
pub const LOG_LIST: &str = r#"{
 "version": "3.1",
 "log_list_timestamp": "2026-05-31T12:00:00Z",
 "operators": [
  {
   "name": "One",
   "email": [],
   "logs": [
    {
     "description": "A",
     "log_id": "rVlSb/w8LMNoVwEOkcYTtWuw1kPMcfJ3IntGYJkU2x0=",
     "key": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1yg6E+UhlpBDDHtHCVNRGDAm1LZ9qTqq1C84VcTc7LQe9ZZLFy1JdSzenXJr0OqypA41R1EQD/hzubVYHCzQCg==",
     "state": {
      "usable": {
       "timestamp": "2020-01-01T00:00:00Z"
      }
     },
     "temporal_interval": {
      "start_inclusive": "2026-01-01T00:00:00Z",
      "end_exclusive": "2050-01-01T00:00:00Z"
     }
    }
   ]
  },
  {
   "name": "Two",
   "email": [],
   "tiled_logs": [
    {
     "description": "B",
     "log_id": "gy0XrV+KmRRgCmEN8GmRcAReRTPt5uOz5h2+d6GzwPs=",
     "key": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEI2aFBajqOQyUy/UjqcI+OrWXKs7DFW9YCVassG4JtgBDrkRT4AlySXE2CwmXe+O521zTTe1MRUOvnzDe1XBI8Q==",
     "state": {
      "retired": {
       "timestamp": "2025-01-01T00:00:00Z"
      }
     },
     "previous_operators": [
      {
       "name": "Zero",
       "end_time": "2022-01-01T00:00:00Z"
      }
     ]
    }
   ]
  }
 ]
}"#;

/// The number of the first.
const LOG_ID: [u8; 32] = [
    0xad, 0x59, 0x52, 0x6f, 0xfc, 0x3c, 0x2c, 0xc3, 0x68, 0x57, 0x01, 0x0e, 0x91, 0xc6, 0x13, 0xb5, 0x6b,
    0xb0, 0xd6, 0x43, 0xcc, 0x71, 0xf2, 0x77, 0x22, 0x7b, 0x46, 0x60, 0x99, 0x14, 0xdb, 0x1d,
];

/// A list of timestamps of that log, with signatures of nobody.
fn timestamps(count: u8) -> Vec<u8> {
    let mut scts = Vec::new();
    for number in 0..count {
        let signature = tlv(0x30, &[tlv(2, &[1; 32]), tlv(2, &[number, 1])].concat());
        let length = u8::try_from(signature.len()).expect("a short signature");
        let head =
            [&[0][..], &LOG_ID, &1_700_000_000_123u64.to_be_bytes(), &[0, 0, 4, 3, 0, length]].concat();
        let sct = [head, signature].concat();
        scts.extend(u16::try_from(sct.len()).expect("a short timestamp").to_be_bytes());
        scts.extend(sct);
    }
    [&u16::try_from(scts.len()).expect("a short list").to_be_bytes()[..], &scts].concat()
}

/// What OCSP responses say of the end entity of a chain that will be sealed: signed by its issuer, and by somebody
/// whom that has told to.
fn responses(chain: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let (leaf, issuer) = (chain.first()?, forge::subject(chain.get(1)?)?);
    let key = forge::spki(forge::ISSUER);
    let key = der::element(der::split(der::element(&key)?.1).get(1)?)?.1.get(1..)?.to_vec();
    let hash = |octets: &[u8]| tlv(4, digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, octets).as_ref());
    let algorithm = sequence(&[&tlv(6, &[0x2b, 14, 3, 2, 26]), &[5, 0]]);
    let id = sequence(&[&algorithm, &hash(issuer), &hash(&key), &tlv(2, forge::serial(leaf)?)]);
    let time = |text: &[u8]| tlv(0x18, text);
    let revoked = tlv(0xa1, &[time(b"20260501000000Z"), tlv(0xa0, &[0x0a, 1, 1])].concat());
    let scts = tlv(6, &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 5]);
    let scts = tlv(0xa1, &sequence(&[&sequence(&[&scts, &tlv(4, &tlv(4, &timestamps(2)))])]));
    let until = tlv(0xa0, &time(b"20260607000000Z"));
    let single = |status: &[u8]| sequence(&[&id, status, &time(b"20260531000000Z"), &until, &scts]);
    let data = |responder: &[u8], status: &[u8]| {
        sequence(&[&tlv(0xa1, responder), &time(b"20260531000000Z"), &sequence(&[&single(status)])])
    };
    let purpose = sequence(&[&tlv(6, &[0x2b, 6, 1, 5, 5, 7, 3, 9])]);
    let name = forge::name("responder");
    let delegate = forge::certificate(&name, issuer, 7, &forge::id_ce(0x25, false, &purpose));
    let delegate = forge::seal(&[&delegate, chain.get(1)?], true).into_iter().next()?;
    let mut made = Vec::new();
    for status in [&[0x80, 0][..], &revoked, &[0x82, 0]] {
        made.push(forge::response(&data(issuer, status), forge::ISSUER, &[]));
        made.push(forge::response(&data(&name, status), 1, &delegate));
    }
    Some(made)
}

/// CRLite filters in both forms, each with a chain whose end entity has a timestamp of the log above: in one nothing is
/// revoked but this, in one everything but this; one has columns.
fn filters() -> Vec<Vec<u8>> {
    let list = tlv(6, &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2]);
    let list = sequence(&[&list, &tlv(4, &tlv(4, &timestamps(1)))]);
    let (leaf, issuer) = (forge::name("leaf"), forge::name("issuer"));
    let leaf = forge::certificate(&leaf, &issuer, 7, &[forge::server_extensions(), list].concat());
    let chain = [leaf, forge::certificate(&issuer, &issuer, 8, &forge::ca_extensions())].concat();
    let key = digest::digest(&digest::SHA256, &forge::spki(forge::ISSUER));
    let mut made = Vec::new();
    for is_wide in [true, false] {
        let number = |width: usize, value: u64| {
            if is_wide { value.to_le_bytes().to_vec() } else { value.to_be_bytes()[8 - width..].to_vec() }
        };
        let none = number(4, 0);
        for (inverted, columns) in [(1, 0), (0, 0), (0, 2)] {
            let (size, rank) = (number(4, 1), number(1, columns));
            let mut filter = vec![if is_wide { 3 } else { 4 }, 0];
            filter.extend([number(2, 1), LOG_ID.to_vec(), number(8, 1)].concat());
            filter.extend([number(8, 1_750_000_000_000), number(4, 1)].concat());
            filter.extend(if is_wide { number(4, 32) } else { Vec::new() });
            filter.extend(key.as_ref());
            filter.extend(if is_wide {
                [&size, &none, &rank, &none, &none].map(Vec::as_slice).concat()
            } else {
                [&size, &rank, &none, &none, &none].map(Vec::as_slice).concat()
            });
            filter.extend([vec![inverted], number(2, 1), number(1, 1), vec![7], number(1, columns)].concat());
            for _ in 0..columns {
                filter.extend([number(4, 1), number(8, 0x1234_5678_9abc_def0)].concat());
            }
            filter.extend(&none);
            made.push([&[7][..], &tlv(4, &filter), &chain].concat());
        }
    }
    made
}

/// A list of logs; lists of timestamps and OCSP responses, each with a chain; a set of each kind.
pub(super) fn seeds(chains: &[Vec<Vec<u8>>]) -> Vec<Vec<u8>> {
    let mut seeds = vec![[&[0], LOG_LIST.as_bytes()].concat()];
    for (number, chain) in (0..40u8).zip(chains.iter().cycle()) {
        seeds.push([vec![1], tlv(0x04, &timestamps(number)), chain.concat()].concat());
    }
    let several = chains.iter().filter(|chain| chain.len() > 1);
    for (number, chain) in several.step_by(4).take(20).enumerate() {
        for (way, made) in responses(chain).unwrap_or_default().into_iter().enumerate() {
            // As it is, or signed again by whoever has signed it.
            let choice = if number % 2 == 0 { 4 } else { 5 + u8::from(way % 2 == 1) };
            seeds.push([vec![choice], made, chain.iter().take(3).flatten().copied().collect()].concat());
        }
    }
    let hash = "A".repeat(43) + "=";
    let record = format!(
        r#"{{"issuerName":"MAA=","serialNumber":"AQ=="}},{{"subject":"MAA=","pubKeyHash":"{hash}"}}"#
    );
    seeds.push([&[2], format!(r#"{{"data":[{record}]}}"#).as_bytes()].concat());
    let header = format!(
        r#"{{"Version":0,"ContentType":"CRLSet","Sequence":9,"DeltaFrom":0,"NumParents":2,"BlockedSPKIs":["{hash}"],"LimitedSubjects":{{"{hash}":["{hash}"]}},"NotAfter":1782864000}}"#
    );
    let length = u16::try_from(header.len()).expect("a short header").to_le_bytes();
    let parent = |key: u8| [&[key; 32][..], &[2, 0, 0, 0, 1, 5, 2, 0, 6]].concat();
    seeds.push([&[3], &length[..], header.as_bytes(), &parent(1), &parent(2)].concat());
    seeds.extend(filters());
    seeds
}
