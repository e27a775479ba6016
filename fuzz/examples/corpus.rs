//! Writes the seed corpus that libFuzzer starts from.
//!
//!     cargo run --manifest-path fuzz/Cargo.toml --example corpus -- [FILE OR FOLDER …]
//!
//! Into fuzz/corpus/TARGET go the built-in seeds (Mozilla's roots, the examples), and whatever certificates
//! and CRLs are in the files named: /etc/ssl/certs, say, or the folder that
//! `pip download --no-deps cryptography_vectors` unpacks to.

use std::path::Path;

use certpath_fuzz::TARGETS;
use certpath_fuzz::seeds::Material;

fn main() {
    let mut material = Material::built_in();
    for path in std::env::args().skip(1) {
        material.add_path(Path::new(&path));
    }
    for target in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
        std::fs::create_dir_all(&folder).unwrap();
        let seeds = material.seeds(target.name);
        for (number, seed) in seeds.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:05}")), seed).unwrap();
        }
        println!("{}: {} seeds", target.name, seeds.len());
    }
}
