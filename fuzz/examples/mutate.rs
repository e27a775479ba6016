//! Feeds the fuzz targets with mutants, on any toolchain; the same seed makes the same mutants.
//!
//!     cargo run --release --manifest-path fuzz/Cargo.toml --example mutate -- [OPTIONS]
//!
//! --inputs N      mutants for each target (20,000)
//! --seconds S     feed each target for so long instead, however many mutants that makes
//! --minutes M     the same for all targets together
//! --threads T     so many targets at a time (1)
//! --seed S        another seed, other mutants (1)
//! --target NAME   that target alone; may be given more than once
//! --corpus DIR    more seeds, as the example `corpus` or libFuzzer left them: DIR/TARGET/*
//! --slow MS       an input that takes longer (three times over) is a failure too; 0 for never (0)
//! --replay FILE   runs one input, shrinks nothing, prints what came of it; wants one --target
//!
//! A failing input is shrunk and written to fuzz/artifacts/TARGET; the run ends with 1 after the last target.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use certpath_fuzz::seeds::Material;
use certpath_fuzz::{Choices, TARGETS, Target, mutate};

struct Options {
    inputs: u64,
    /// How long each target is fed, if not with so many inputs.
    time: Option<Duration>,
    threads: usize,
    seed: u64,
    targets: Vec<&'static Target>,
    corpus: Option<PathBuf>,
    slow: Duration,
    replay: Option<PathBuf>,
}

impl Options {
    fn read() -> Self {
        let mut options = Self {
            inputs: 20_000,
            time: None,
            threads: 1,
            seed: 1,
            targets: Vec::new(),
            corpus: None,
            slow: Duration::ZERO,
            replay: None,
        };
        let (mut seconds, mut minutes) = (None, None);
        let mut arguments = std::env::args().skip(1);
        while let Some(option) = arguments.next() {
            let value = arguments.next().unwrap_or_else(|| panic!("{option} wants a value"));
            let number =
                || value.replace(['_', ','], "").parse().unwrap_or_else(|_| panic!("{option} {value}"));
            match option.as_str() {
                "--inputs" => options.inputs = number(),
                "--seconds" => seconds = Some(Duration::from_secs(number())),
                "--minutes" => minutes = Some(number()),
                "--threads" => options.threads = usize::try_from(number()).unwrap().max(1),
                "--seed" => options.seed = number(),
                "--slow" => options.slow = Duration::from_millis(number()),
                "--target" => {
                    options.targets.push(Target::find(&value).unwrap_or_else(|| panic!("no target {value}")));
                }
                "--corpus" => options.corpus = Some(value.into()),
                "--replay" => options.replay = Some(value.into()),
                _ => panic!("no option {option}"),
            }
        }
        if options.targets.is_empty() {
            options.targets = TARGETS.iter().collect();
        }
        // So many targets take their turn on each thread.
        let turns: u32 = options.targets.len().div_ceil(options.threads).try_into().unwrap();
        options.time = seconds.or(minutes.map(|minutes| Duration::from_secs(60 * minutes) / turns));
        options
    }
}

/// What has come of a target so far.
#[derive(Default)]
struct Tally {
    inputs: u64,
    took: Duration,
    slowest: Duration,
    words: BTreeMap<&'static str, u64>,
    failures: Vec<PathBuf>,
}

struct Run {
    target: &'static Target,
    seeds: Vec<Vec<u8>>,
    choices: Choices,
    tally: Tally,
}

/// Failures of a target after which it is fed no more.
const ENOUGH: usize = 10;

impl Run {
    /// Feeds so many mutants, or for so long.
    fn feed(&mut self, options: &Options) {
        let began = Instant::now();
        let goes_on = |tally: &Tally| match options.time {
            Some(time) => began.elapsed() < time,
            None => tally.inputs < options.inputs,
        };
        // After so many failures a target has made its point.
        while self.tally.failures.len() < ENOUGH && goes_on(&self.tally) {
            self.feed_one(options.slow);
        }
        self.tally.took = began.elapsed();
    }

    fn feed_one(&mut self, slow: Duration) {
        let seed = &self.seeds[self.choices.below(self.seeds.len())];
        let input = mutate(seed, &self.seeds, self.target.header, &mut self.choices);
        self.tally.inputs += 1;
        let (word, took) = timed(self.target, &input);
        match word {
            Some(word) => *self.tally.words.entry(word).or_default() += 1,
            None => self.keep(&input, "panic", &|input| timed(self.target, input).0.is_none()),
        }
        if took > self.tally.slowest {
            // The scheduler may be to blame: the best of three counts.
            let best = (0..2).map(|_| timed(self.target, &input).1).min().unwrap_or(took).min(took);
            self.tally.slowest = self.tally.slowest.max(best);
            if !slow.is_zero() && best > slow {
                let stays_slow = |input: &[u8]| (0..3).all(|_| timed(self.target, input).1 > slow);
                self.keep(&input, "slow", &stays_slow);
            }
        }
    }

    fn keep(&mut self, input: &[u8], kind: &str, fails: &dyn Fn(&[u8]) -> bool) {
        let shrunk = shrink(input, fails);
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(self.target.name);
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{kind}-{}-{}", shrunk.len(), self.tally.inputs));
        std::fs::write(&path, &shrunk).unwrap();
        // Once more, aloud.
        eprintln!("{kind} of {}: {} octets in {}", self.target.name, shrunk.len(), path.display());
        ALOUD.set(true);
        let _ = catch_unwind(AssertUnwindSafe(|| (self.target.run)(&shrunk)));
        ALOUD.set(false);
        self.tally.failures.push(path);
    }
}

thread_local! {
    /// Whether panics of this thread are shown.
    static ALOUD: Cell<bool> = const { Cell::new(false) };
}

fn timed(target: &Target, input: &[u8]) -> (Option<&'static str>, Duration) {
    let began = Instant::now();
    let word = catch_unwind(AssertUnwindSafe(|| (target.run)(input))).ok();
    (word, began.elapsed())
}

/// Cuts pieces out for as long as the rest still fails.
fn shrink(input: &[u8], fails: &dyn Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut best = input.to_vec();
    let mut size = best.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at + size <= best.len() {
            let candidate = [&best[..at], &best[at + size..]].concat();
            if fails(&candidate) {
                best = candidate;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    best
}

fn main() -> ExitCode {
    let options = Options::read();
    if let Some(path) = &options.replay {
        let [target] = options.targets.as_slice() else { panic!("--replay wants one --target") };
        let input = std::fs::read(path).unwrap();
        let began = Instant::now();
        let word = (target.run)(&input);
        println!("{word} ({:.1} ms)", began.elapsed().as_secs_f64() * 1e3);
        return ExitCode::SUCCESS;
    }
    let material = Material::built_in();
    let runs: Vec<Run> = options
        .targets
        .iter()
        .map(|&target| {
            let mut seeds = material.seeds(target.name);
            if let Some(corpus) = &options.corpus {
                let entries = std::fs::read_dir(corpus.join(target.name)).into_iter().flatten().flatten();
                let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
                paths.sort();
                seeds.extend(paths.iter().map(|path| std::fs::read(path).unwrap()));
            }
            Run { target, seeds, choices: Choices::new(options.seed), tally: Tally::default() }
        })
        .collect();
    std::panic::set_hook(Box::new(|info| {
        if ALOUD.get() {
            eprintln!("    {}", info.to_string().chars().take(600).collect::<String>());
        }
    }));
    let runs: Vec<Mutex<Run>> = runs.into_iter().map(Mutex::new).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
            run.lock().unwrap_or_else(PoisonError::into_inner).feed(&options);
        }
    };
    std::thread::scope(|scope| (0..options.threads).for_each(|_| drop(scope.spawn(work))));
    let runs: Vec<Run> =
        runs.into_iter().map(|run| run.into_inner().unwrap_or_else(PoisonError::into_inner)).collect();
    println!(
        "{:<17} {:>10} {:>9} {:>11} {:>9}  came of it",
        "target", "inputs", "a second", "slowest", "failures"
    );
    for Run { target, tally, .. } in &runs {
        #[allow(clippy::cast_precision_loss, reason = "for show")]
        let rate = tally.inputs as f64 / tally.took.as_secs_f64();
        let mut words: Vec<_> = tally.words.iter().collect();
        words.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let words: Vec<_> = words.iter().map(|(word, count)| format!("{word}: {count}")).collect();
        println!(
            "{:<17} {:>10} {:>9.0} {:>8.1} ms {:>9}  {}",
            target.name,
            tally.inputs,
            rate,
            tally.slowest.as_secs_f64() * 1e3,
            tally.failures.len(),
            words.join("; ")
        );
    }
    let total: u64 = runs.iter().map(|run| run.tally.inputs).sum();
    let failures: usize = runs.iter().map(|run| run.tally.failures.len()).sum();
    println!("{total} inputs, {failures} failures");
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
