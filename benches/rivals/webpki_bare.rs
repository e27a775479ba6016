//! webpki with its own signature algorithms as a rival: `benches/rivals.py` writes the file, starts this and takes turns.
//!
//! The file: a line of trust anchors, then a line for each question: the time in seconds, the name, and the chain,
//! end entity first, between tabs; certificates are hexadecimal, separated by commas. For each line on standard
//! input, THREADS and TIMES, every question is asked TIMES times on so many threads, from the octets, the anchors
//! made beforehand. The nanoseconds and the number of accepted chains are printed.
#![allow(clippy::print_stdout, reason = "a program")]

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, BufRead as _};
use std::thread;
use std::time::{Duration, Instant};

use pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};

struct Question {
    at: UnixTime,
    name: ServerName<'static>,
    chain: Vec<CertificateDer<'static>>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(file) = arguments.next() else {
        // `cargo bench` without a file: there is nothing to time.
        return Ok(());
    };
    let text = fs::read_to_string(file)?;
    let mut lines = text.lines();
    let roots = certificates(lines.next().ok_or("the file has no anchors")?)?;
    let anchors =
        roots.iter().map(|root| webpki::anchor_from_trusted_cert(root)).collect::<Result<Vec<_>, _>>()?;
    let questions = lines.map(question).collect::<Result<Vec<_>, _>>()?;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (threads, times) = line.split_once(' ').ok_or("an order is THREADS and TIMES")?;
        let (threads, times): (usize, usize) = (threads.parse()?, times.parse()?);
        let began = Instant::now();
        let good: usize = thread::scope(|scope| {
            let pieces = questions.chunks(questions.len().div_ceil(threads.max(1)).max(1));
            let workers: Vec<_> = pieces
                .map(|piece| {
                    let anchors = &anchors;
                    scope.spawn(move || {
                        (0..times).map(|_| piece.iter().filter(|one| accepts(one, anchors)).count()).sum()
                    })
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap_or(0)).sum()
        });
        println!("{} {good}", began.elapsed().as_nanos());
    }
    Ok(())
}

fn accepts(question: &Question, anchors: &[TrustAnchor<'_>]) -> bool {
    let Some((leaf, intermediates)) = question.chain.split_first() else { return false };
    webpki::EndEntityCert::try_from(leaf).is_ok_and(|leaf| {
        leaf.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            anchors,
            intermediates,
            question.at,
            webpki::KeyUsage::server_auth(),
            None,
            None,
        )
        .is_ok()
            && leaf.verify_is_valid_for_subject_name(&question.name).is_ok()
    })
}

fn question(line: &str) -> Result<Question, Box<dyn Error>> {
    let [at, name, chain] = *line.split('\t').collect::<Vec<_>>() else {
        return Err("a question has three fields".into());
    };
    Ok(Question {
        at: UnixTime::since_unix_epoch(Duration::from_secs(at.parse()?)),
        name: ServerName::try_from(name.to_owned())?,
        chain: certificates(chain)?,
    })
}

fn certificates(list: &str) -> Result<Vec<CertificateDer<'static>>, Box<dyn Error>> {
    list.split(',').map(|text| Ok(CertificateDer::from(octets(text)?))).collect()
}

fn octets(text: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    (0..text.len())
        .step_by(2)
        .map(|start| {
            let pair = text.get(start..start + 2).ok_or("half an octet")?;
            Ok(u8::from_str_radix(pair, 16)?)
        })
        .collect()
}
