//! Times signature verification with aws-lc-rs, ring and graviola on the same
//! keys, messages and signatures, and prints one Markdown table.

mod aws_lc;
mod graviola;
mod ring;
mod samples;
mod scheme;

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use rustls_pki_types::SignatureVerificationAlgorithm;

use crate::samples::{Case, Sample};
use crate::scheme::ParsedKey;

/// Turns every contender gets per case. Odd, so that the median is a measured
/// value.
const ROUNDS: usize = 101;

/// How long one turn lasts. Long enough to make the clock's resolution
/// irrelevant, short enough that a disturbance hits few turns.
const TURN: Duration = Duration::from_millis(3);

/// The size of a typical certificate, which is what a fingerprint covers.
const CERTIFICATE_LEN: usize = 1500;

const COLUMNS: [&str; 5] = [
    "aws-lc-rs",
    "aws-lc-rs, key parsed",
    "ring",
    "graviola",
    "graviola, key parsed",
];

/// Whether a column decodes the key each time. Ratios refer to the best of
/// these, since only they do the work a verifier has to do for a new key.
const FROM_BYTES: [bool; 5] = [true, false, true, true, false];

/// One operation on sample number `n`; returns whether it succeeded.
type Operation<'a> = Box<dyn Fn(usize) -> bool + 'a>;

type Digest = fn(&[u8]) -> [u8; 32];

/// One table row: an operation per column, `None` where a library lacks it.
struct Row<'a> {
    name: String,
    operations: [Option<Operation<'a>>; 5],
    samples: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let cases = samples::all()?;
    for case in &cases {
        check_correctness(case)?;
    }
    check_digests()?;

    let certificate = vec![0xa5; CERTIFICATE_LEN];
    let mut rows: Vec<Row> = cases.iter().map(verification_row).collect();
    rows.push(digest_row(&certificate));

    println!("| µs per operation | {} |", COLUMNS.join(" | "));
    println!("|:--|{}", "--:|".repeat(COLUMNS.len()));
    for row in &rows {
        println!("{}", format_row(&row.name, &measure(row)));
    }
    Ok(())
}

fn verification_row(case: &Case) -> Row<'_> {
    Row {
        name: case.name.to_owned(),
        operations: [
            aws_lc::algorithm(case.scheme).map(|algorithm| from_bytes(algorithm, &case.samples)),
            parsed(case, aws_lc::parse),
            ring::algorithm(case.scheme).map(|algorithm| from_bytes(algorithm, &case.samples)),
            graviola::algorithm(case.scheme).map(|algorithm| from_bytes(algorithm, &case.samples)),
            parsed(case, graviola::parse),
        ],
        samples: case.samples.len(),
    }
}

fn from_bytes(algorithm: Box<dyn SignatureVerificationAlgorithm>, samples: &[Sample]) -> Operation<'_> {
    Box::new(move |n| {
        let sample = &samples[n];
        algorithm
            .verify_signature(&sample.public_key, &sample.message, &sample.signature)
            .is_ok()
    })
}

type Parse = fn(scheme::Scheme, &[u8]) -> Option<ParsedKey>;

fn parsed(case: &Case, parse: Parse) -> Option<Operation<'_>> {
    let keys: Vec<ParsedKey> = case
        .samples
        .iter()
        .map(|sample| parse(case.scheme, &sample.public_key))
        .collect::<Option<_>>()?;
    Some(Box::new(move |n| {
        let sample = &case.samples[n];
        keys[n](&sample.message, &sample.signature)
    }))
}

fn digest_row(data: &[u8]) -> Row<'_> {
    let operation = |digest: Digest| -> Option<Operation<'_>> {
        Some(Box::new(move |_| {
            black_box(digest(black_box(data)));
            true
        }))
    };
    Row {
        name: format!("SHA-256 of {CERTIFICATE_LEN} bytes"),
        operations: [
            operation(aws_lc::sha256),
            None,
            operation(ring::sha256),
            operation(graviola::sha256),
            None,
        ],
        samples: 1,
    }
}

/// A fast answer is worthless if it is the wrong one: every contender has to
/// accept each sample and refuse it once a bit of it has changed.
fn check_correctness(case: &Case) -> Result<(), String> {
    let altered = |flip: fn(&mut Sample)| -> Case {
        let samples = case.samples.iter().map(|sample| {
            let mut sample = Sample {
                public_key: sample.public_key.clone(),
                message: sample.message.clone(),
                signature: sample.signature.clone(),
            };
            flip(&mut sample);
            sample
        });
        Case {
            name: case.name,
            scheme: case.scheme,
            samples: samples.collect(),
        }
    };
    // The last byte of a signature is part of a number in every encoding,
    // whereas the first may be a DER tag, whose change would be caught too early.
    let bad_signature = altered(|sample| {
        if let Some(byte) = sample.signature.last_mut() {
            *byte ^= 1;
        }
    });
    let bad_message = altered(|sample| sample.message[samples::MESSAGE_LEN / 2] ^= 1);

    for (variant, expected) in [(case, true), (&bad_signature, false), (&bad_message, false)] {
        let row = verification_row(variant);
        for (column, operation) in COLUMNS.iter().zip(&row.operations) {
            let Some(operation) = operation else { continue };
            if (0..row.samples).any(|n| operation(n) != expected) {
                return Err(format!("{column} is wrong about {}", case.name));
            }
        }
    }
    Ok(())
}

/// Compares with the one-block example of FIPS 180-4.
fn check_digests() -> Result<(), String> {
    const ABC: [u8; 32] = [
        0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23, 0xb0,
        0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
    ];
    let digests: [Digest; 3] = [aws_lc::sha256, ring::sha256, graviola::sha256];
    if digests.iter().any(|digest| digest(b"abc") != ABC) {
        return Err("a SHA-256 is wrong".to_owned());
    }
    Ok(())
}

/// The median nanoseconds per operation of each column. The contenders take
/// turns, so that a change of clock speed or a busy neighbour meets all alike.
fn measure(row: &Row) -> [Option<f64>; 5] {
    let passes = row.operations.each_ref().map(|operation| {
        operation
            .as_ref()
            .map(|operation| passes_per_turn(operation, row.samples))
    });
    let mut timings: [Vec<f64>; 5] = Default::default();
    for round in 0..ROUNDS {
        for turn in 0..COLUMNS.len() {
            // Start with another contender each round: nobody shall always
            // inherit the caches from the same predecessor.
            let column = (round + turn) % COLUMNS.len();
            if let (Some(operation), Some(passes)) = (&row.operations[column], passes[column]) {
                let elapsed = run(operation, row.samples, passes);
                let count = (passes * row.samples) as f64;
                timings[column].push(elapsed.as_nanos() as f64 / count);
            }
        }
    }
    timings.map(median)
}

/// How often to go through the samples to fill a turn.
fn passes_per_turn(operation: &Operation, samples: usize) -> usize {
    let mut passes = 1;
    loop {
        let elapsed = run(operation, samples, passes);
        if elapsed >= TURN / 2 {
            return passes;
        }
        passes *= 2;
    }
}

fn run(operation: &Operation, samples: usize, passes: usize) -> Duration {
    let start = Instant::now();
    for _ in 0..passes {
        for n in 0..samples {
            black_box(operation(black_box(n)));
        }
    }
    start.elapsed()
}

fn median(mut timings: Vec<f64>) -> Option<f64> {
    timings.sort_by(f64::total_cmp);
    timings.get(timings.len() / 2).copied()
}

fn format_row(name: &str, medians: &[Option<f64>; 5]) -> String {
    let best = medians
        .iter()
        .zip(FROM_BYTES)
        .filter(|(_, from_bytes)| *from_bytes)
        .filter_map(|(median, _)| *median)
        .fold(f64::INFINITY, f64::min);
    let cells = medians.map(|median| match median {
        Some(nanoseconds) => format!("{:.2} ({:.2})", nanoseconds / 1000.0, nanoseconds / best),
        None => "—".to_owned(),
    });
    format!("| {name} | {} |", cells.join(" | "))
}
