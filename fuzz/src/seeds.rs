//! What the mutators start from: the roots built into certpath, the examples of this repository, and any
//! other files one names; cut up into the form that each target takes.

mod beside;
mod scans;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use certpath::{Bundle, Certificate, TrustStore};

use crate::der::{sequence, tlv};
use crate::forge::{self, IMPOSSIBLE_DATES, with_octets};
use crate::mutation::Choices;

pub use beside::LOG_LIST;

/// Certificates and CRLs, and the chains that they came in.
#[derive(Default)]
pub struct Material {
    files: Vec<Vec<u8>>,
    chains: Vec<Vec<Vec<u8>>>,
    certificates: BTreeSet<Vec<u8>>,
    crls: BTreeSet<Vec<u8>>,
}

/// Larger files are bundles of what is there anyway.
const MAX_FILE: u64 = 1 << 16;

/// Seeds of one kind that are handed out; what comes later is much the same.
const MAX_SEEDS: usize = 3_000;

/// A list of each kind, small enough to be mutated a thousand times in a second.
fn lists() -> Vec<Vec<u8>> {
    let whole = |contents: &[u8]| sequence(&[contents]);
    let hex = "5e".repeat(32);
    let octal = |octets: &[u8]| {
        let digits = octets.iter().fold(String::new(), |text, octet| text + &format!("\\{octet:03o}"));
        format!("MULTILINE_OCTAL\n{digits}\nEND\n")
    };
    let chrome = format!(
        "version_major: 7\ntrust_anchors {{\n sha256_hex: \"{hex}\" ev_policy_oids: [\"2.23.140.1.1\"]\n constraints: {{ \
         sct_not_after_sec: 5 min_version: \"1\" permitted_dns_names: \"a.test\" }}\n constraints < max_version_exclusive: '1' \
         validity_starts_after_sec: -5 validity_starts_not_after_sec: 9 sct_all_after_sec: 4 >\n}}\nadditional_certs {{ \
         sha256_hex: \"{hex}\" tls_trust_anchor: true }} # end\n"
    );
    let (name, der) = (octal(b"\x30\x00"), b"\x30\x03\x02\x01\x01");
    let hash =
        octal(&aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, der).as_ref()[..20]);
    let certdata = format!(
        "BEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\nCKA_LABEL UTF8 \"A\"\nCKA_ISSUER {name}CKA_SERIAL_NUMBER {name}\
         CKA_VALUE {}CKA_NSS_SERVER_DISTRUST_AFTER {}CKA_CLASS CK_OBJECT_CLASS CKO_NSS_TRUST\nCKA_CERT_SHA1_HASH {hash}\
         CKA_ISSUER {name}CKA_SERIAL_NUMBER {name}CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_TRUSTED_DELEGATOR\n",
        octal(der),
        octal(b"200101000000Z"),
    );
    let observatory = format!(
        "platform: A\nversion: null\ndate_fetched: 2026-01-01\ntrusted_certificates_count: 1\ntrusted_certificates:\n- subject_name: \
         'A: b'\n  fingerprint: {hex}\nblocked_certificates_count: 0\nblocked_certificates: []\n"
    );
    let property = |number: u8, value: &[u8]| {
        let name = tlv(0x06, &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 11, number]);
        whole(&[name, tlv(0x31, &tlv(0x04, value))].concat())
    };
    let usages = whole(&tlv(0x06, &[0x2b, 6, 1, 5, 5, 7, 3, 1]));
    let said = [(9, &usages[..]), (104, &[5; 8]), (122, &usages), (126, b""), (127, &usages), (98, &[7; 32])];
    let said: Vec<u8> = said.iter().flat_map(|(number, value)| property(*number, value)).collect();
    let entry = whole(&[tlv(0x04, &[1; 20]), tlv(0x31, &said)].concat());
    let list = [
        whole(&tlv(0x06, &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 3, 9])),
        tlv(0x02, &[5]),
        tlv(0x17, b"261023231835Z"),
        whole(&tlv(0x06, &[0x2b, 14, 3, 2, 26])),
        whole(&entry),
    ];
    let content =
        [tlv(0x06, &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 1]), tlv(0xa0, &whole(&list.concat()))].concat();
    let signed = [tlv(0x02, &[1]), tlv(0x31, &[]), whole(&content), tlv(0x31, &[])].concat();
    let signed_data = tlv(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2]);
    let microsoft = whole(&[signed_data, tlv(0xa0, &whole(&signed))].concat());
    let ccadb = format!(
        "\"Certificate Name\",\"SHA-256 Fingerprint\",\"Apple Status\",\"Apple Trust Bits\",\"Google Chrome Status\",\"Microsoft \
         Status\",\"Microsoft EKUs\",\"Mozilla Status\",\"Mozilla Trust Bits\"\n\"A \"\"B\"\"\",{hex},Included,serverAuth;x,Included,\
         Disabled,\"Code Signing;\nSecure Email\",Included,Websites\nC,{hex},,,,,,,\n"
    );
    let texts = [chrome, certdata, observatory, ccadb];
    let mut seeds: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    seeds.push(microsoft);
    for seed in &seeds {
        assert!(
            matches!(certpath::read_any_list(seed), Some(Ok(anchors)) if !anchors.is_empty()),
            "a seed is a list"
        );
    }
    seeds
}

impl Material {
    /// What every clone has.
    pub fn built_in() -> Self {
        let mut material = Self::default();
        material.add_path(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples"));
        for anchor in TrustStore::mozilla().expect("the embedded roots parse").anchors() {
            material.certificates.insert(anchor.der().to_vec());
        }
        material
    }

    /// A file, or all files below a folder.
    pub fn add_path(&mut self, path: &Path) {
        let mut paths = vec![path.to_owned()];
        while let Some(path) = paths.pop() {
            if path.is_dir() {
                let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
                let mut entries: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
                entries.sort();
                entries.reverse();
                paths.extend(entries);
            } else if let Ok(data) = std::fs::read(&path) {
                self.add_file(data);
            }
        }
    }

    fn add_file(&mut self, data: Vec<u8>) {
        let Ok(bundle) = Bundle::read(&data) else { return };
        self.certificates.extend(bundle.certificates.iter().cloned());
        self.crls.extend(bundle.crls);
        if (2..=8).contains(&bundle.certificates.len()) {
            self.chains.push(bundle.certificates);
        }
        if u64::try_from(data.len()).is_ok_and(|size| size <= MAX_FILE) {
            self.files.push(data);
        }
    }

    /// The seeds of a target.
    pub fn seeds(&self, target: &str) -> Vec<Vec<u8>> {
        let mut seeds = match target {
            "certificate" => self.certificates.iter().cloned().collect(),
            "bundle" => self.bundles(),
            "crl" => self.crls(),
            "doors" => self.doors(),
            "lists" => lists(),
            "names" => self.names(),
            "name_constraints" => self.name_constraints(),
            "judgement" => self.judgements(),
            "translation" => self.translations(),
            "scan" => self.scans(),
            "beside" => beside::seeds(&self.chains),
            // Decisions of which none is special, and a few of each kind.
            "arrow" => (0..64).map(decisions).collect(),
            _ => Vec::new(),
        };
        let step = seeds.len().div_ceil(MAX_SEEDS).max(1);
        seeds = seeds.into_iter().step_by(step).collect();
        assert!(!seeds.is_empty(), "no seeds for {target}");
        seeds
    }

    fn bundles(&self) -> Vec<Vec<u8>> {
        // Elements so short that they look like something else.
        let short = [&[0x30, 0, 0x30, 0][..], &[0x30, 0, 0x30, 1, 2, 0x30, 0]].map(Vec::from);
        let chains = self.chains.iter().map(|chain| chain.concat());
        self.files.iter().cloned().chain(chains).chain(short).collect()
    }

    /// Settings, then what makes up a text: a chain, or a chain and CRLs, or CRLs alone.
    fn doors(&self) -> Vec<Vec<u8>> {
        let crl = forge::crl(&forge::name("CA"), &[5, 6, 7]);
        let mut seeds = Vec::new();
        for number in 0..=255u8 {
            let mut add = |pieces: &[u8]| seeds.push([&[number; 6], pieces].concat());
            add(&made(usize::from(number % 4)).concat());
            add(&[crl.as_slice(), &crl].concat());
            if let Some(chain) = self.chains.get(usize::from(number)) {
                add(&chain.concat());
                add(&[chain.concat(), crl.clone()].concat());
            }
        }
        seeds
    }

    fn values(&self, arc: u8) -> Vec<&[u8]> {
        let found: BTreeSet<&[u8]> =
            self.certificates.iter().filter_map(|one| forge::extension(one, &[0x55, 0x1d, arc])).collect();
        found.into_iter().collect()
    }

    fn crls(&self) -> Vec<Vec<u8>> {
        let issuer = forge::name("CA");
        let ca = forge::certificate(&issuer, &issuer, 2, &forge::ca_extensions());
        let leaf =
            |serial| forge::certificate(&forge::name("leaf"), &issuer, serial, &forge::server_extensions());
        let made = forge::crl(&issuer, &[5, 6, 7]);
        let mut seeds = Vec::new();
        for crl in self.crls.iter().chain([&made]) {
            for (settings, serial) in [(3, 5), (3, 9), (7, 5), (7, 9)] {
                seeds.push([&[settings], crl.as_slice(), &leaf(serial), &ca].concat());
            }
        }
        seeds
    }

    fn names(&self) -> Vec<Vec<u8>> {
        let mut seeds = Vec::new();
        let mut add = |text: &str, alternative: &[u8], subject: &[u8]| {
            for settings in [0, 1, 2, 0x10, 0x11] {
                seeds.push(
                    [&[settings], tlv(0x0c, text.as_bytes()).as_slice(), alternative, subject].concat(),
                );
            }
        };
        for der in &self.certificates {
            let Ok(certificate) = Certificate::parse(der) else { continue };
            let Some(alternative) = forge::extension(der, &[0x55, 0x1d, 0x11]) else { continue };
            for (_, text) in certificate.alternative_names().into_iter().take(4) {
                add(&text, alternative, certificate.subject().der());
                add(&text.replace('*', "www"), alternative, certificate.subject().der());
            }
        }
        let of = |form: u8, text: &[u8]| sequence(&[&tlv(form, text)]);
        let common = forge::name("www.example.test");
        for (text, form, presented) in [
            ("www.example.test", 0x82, b"*.example.test".as_slice()),
            ("www.example.test.", 0x82, b"www.example.test"),
            ("WWW.example.test", 0x82, b"www.EXAMPLE.test"),
            ("192.0.2.1", 0x87, &[192, 0, 2, 1]),
            ("::1", 0x87, &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            ("user@example.test", 0x81, b"user@example.test"),
            ("https://example.test/", 0x86, b"https://example.test/"),
            ("xn--bcher-kva.test", 0x82, b"*.test"),
            ("b\u{fc}cher.test", 0x82, b"xn--bcher-kva.test"),
            ("www.example.test", 0x86, b"https://www.example.test/"),
        ] {
            add(text, &of(form, presented), &common);
        }
        seeds
    }

    fn name_constraints(&self) -> Vec<Vec<u8>> {
        let subtree = |form: u8, base: &[u8]| sequence(&[&tlv(form, base)]);
        let bases: [(u8, &[u8]); 11] = [
            (0x82, b"example.test"),
            (0x82, b".example.test"),
            (0x82, b""),
            (0x81, b"example.test"),
            (0x81, b"user@example.test"),
            (0x86, b".example.test"),
            (0x87, &[192, 0, 2, 0, 255, 255, 255, 0]),
            (0x87, &[0; 32]),
            (0x86, b"www.example.test"),
            (0xa4, &forge::name("www.example.test")),
            (0xa4, &forge::name("WWW.\u{ff25}xample.test")),
        ];
        let mut constraints: Vec<Vec<u8>> = self.values(0x1e).iter().map(|value| value.to_vec()).collect();
        for (form, base) in bases {
            for tag in [0xa0, 0xa1] {
                constraints.push(sequence(&[&tlv(tag, &subtree(form, base))]));
            }
        }
        let all: Vec<u8> = bases.iter().flat_map(|(form, base)| subtree(*form, base)).collect();
        constraints.push(sequence(&[&tlv(0xa0, &all)]));
        let presented: [(u8, &[u8]); 9] = [
            (0x82, b"www.example.test"),
            (0x82, b"*.example.test"),
            (0x81, b"user@example.test"),
            (0x81, b"user@example.test."),
            (0x86, b"https://www.example.test/"),
            (0x86, b"https://other.test?.example.test"),
            (0x86, b"https://www.example.test:80@other.test/"),
            (0x87, &[192, 0, 2, 1]),
            (0xa4, &forge::name("www.example.test")),
        ];
        let one: Vec<u8> = presented.iter().flat_map(|(form, text)| tlv(*form, text)).collect();
        let mut names: Vec<Vec<u8>> =
            presented.iter().map(|(form, text)| sequence(&[&tlv(*form, text)])).collect();
        names.push(sequence(&[&one]));
        names.extend(self.values(0x11).into_iter().take(20).map(<[u8]>::to_vec));
        let mut seeds = Vec::new();
        for (number, constraint) in constraints.iter().enumerate() {
            for (other, name) in names.iter().enumerate() {
                let settings = u8::try_from((number * 7 + other) % 32).unwrap();
                seeds.push([&[settings], constraint.as_slice(), name].concat());
            }
        }
        seeds
    }

    fn scans(&self) -> Vec<Vec<u8>> {
        // Chains of small certificates leave the mutator more of the lines to change; and some real ones.
        let made = [made(0), made(1)];
        let real = self.chains.iter().step_by(self.chains.len().div_ceil(4).max(1));
        scans::of(&made.into_iter().chain(real.cloned()).collect::<Vec<_>>())
    }

    /// Which exceptions, settings, and a path.
    fn translations(&self) -> Vec<Vec<u8>> {
        let mut seeds = Vec::new();
        let mut add = |chain: &[Vec<u8>]| {
            let single = (0..14).map(|bit| 1u16 << bit);
            for (number, mask) in single.chain([0x3fff, 0x3fff, 0]).enumerate() {
                let [high, low] = mask.to_be_bytes();
                let settings = u8::try_from(number % 8).unwrap();
                seeds.push([&[high, low, settings], chain.concat().as_slice()].concat());
            }
        };
        let odd = unreadable();
        add(&odd);
        add(&odd[..3]);
        let older: Vec<Vec<u8>> =
            odd.iter().map(|der| with_octets(der, b"200101000000Z", b"550101000000Z")).collect();
        add(&older[..4]);
        for date in IMPOSSIBLE_DATES {
            let dated: Vec<_> = odd[..3].iter().map(|der| with_octets(der, b"200101000000Z", date)).collect();
            add(&dated);
        }
        let versions: Vec<Vec<u8>> = odd
            .iter()
            .zip([0u8, 1, 3, 4])
            .map(|(der, version)| with_octets(der, &[0xa0, 3, 2, 1, 2], &[0xa0, 3, 2, 1, version]))
            .collect();
        add(&versions);
        for depth in [0, 1, 3, 8] {
            add(&made(depth));
        }
        for chain in self.chains.iter().step_by(self.chains.len().div_ceil(20).max(1)) {
            add(chain);
        }
        seeds
    }

    fn judgements(&self) -> Vec<Vec<u8>> {
        let mut seeds = Vec::new();
        let anchors = TrustStore::mozilla().expect("the embedded roots parse");
        let mut add = |chain: &[Vec<u8>]| {
            for settings in [0x00, 0x18, 0x19, 0x1a, 0x1b, 0x08, 0x29, 0x49, 0x58, 0x98, 0xd8] {
                seeds.push([&[settings], chain.concat().as_slice()].concat());
            }
        };
        for chain in &self.chains {
            let mut chain = chain.clone();
            // The root that a captured chain wants, if it is one of Mozilla's.
            if let Some(last) = chain.last().and_then(|der| Certificate::parse(der).ok())
                && let Some(root) =
                    anchors.anchors().iter().find(|root| root.view().subject() == last.issuer())
            {
                chain.push(root.der().to_vec());
            }
            add(&chain);
        }
        for depth in 0..4 {
            add(&made(depth));
        }
        // Certificates that came alone stand for a whole chain, at every level.
        let roles = made(1);
        for der in self.certificates.iter().step_by(self.certificates.len().div_ceil(200).max(1)) {
            add(&[der.clone(), roles[1].clone(), roles[2].clone()]);
            add(&[roles[0].clone(), der.clone(), roles[2].clone()]);
            add(&[roles[0].clone(), roles[1].clone(), der.clone()]);
        }
        seeds
    }
}

/// Certificates that each have something of what webpki cannot read, one of them for each exception and all for all.
fn unreadable() -> Vec<Vec<u8>> {
    let subtree = |form: u8, base: &[u8], rest: &[u8]| sequence(&[&tlv(form, base), rest]);
    let constraints = sequence(&[
        &tlv(
            0xa0,
            &[
                subtree(0x82, b"example.test", &[0x80, 1, 0]),
                subtree(0x81, b"example.test", &[]),
                subtree(0x86, b"example.test", &[0x80, 1, 0]),
            ]
            .concat(),
        ),
        &tlv(0xa1, &subtree(0xa4, &forge::name("x"), &[])),
    ]);
    let any = sequence(&[&sequence(&[&tlv(6, &[0x55, 0x1d, 0x20, 0])])]);
    let limit = |number: &[u8]| sequence(&[&[1, 1, 0xff], &tlv(2, number)]);
    let names = sequence(&[&tlv(0x82, b"www.example.test"), &tlv(0x82, b"a b"), &tlv(0x87, &[192, 0, 2, 1])]);
    let leaf = [
        forge::server_extensions(),
        forge::id_ce(0x11, false, &names),
        forge::id_ce(0x13, true, &limit(&[0])),
    ];
    let ca = |number: &[u8]| {
        [
            forge::id_ce(0x13, true, &limit(number)),
            forge::id_ce(0x11, false, &names),
            forge::id_ce(0x1e, true, &constraints),
            forge::id_ce(0x20, true, &any),
        ]
        .concat()
    };
    let mut chain = vec![forge::certificate(&forge::name("leaf"), &forge::name("CA"), 1, &leaf.concat())];
    for (serial, number) in
        (2..).zip([&[0][..], &[1], &[5], &[1, 0], &[2, 0, 0, 0, 0, 0, 0, 0, 0], &[9], &[9], &[9]])
    {
        chain.push(forge::certificate(&forge::name("CA"), &forge::name("CA"), serial, &ca(number)));
    }
    chain
}

/// A sound chain with so many intermediates: end entity to anchor.
fn made(depth: usize) -> Vec<Vec<u8>> {
    let label = |level: usize| if level == 0 { "www.example.test".to_owned() } else { format!("CA {level}") };
    let names = sequence(&[
        &tlv(0x82, b"www.example.test"),
        &tlv(0x82, b"*.example.test"),
        &tlv(0x87, &[192, 0, 2, 1]),
    ]);
    let of_leaf = [forge::server_extensions(), forge::id_ce(0x11, false, &names)].concat();
    (0..=depth + 1)
        .map(|level| {
            let issuer = label((level + 1).min(depth + 1));
            let extensions = match level {
                0 => of_leaf.clone(),
                1 => [
                    forge::id_ce(0x13, true, &sequence(&[&[1, 1, 0xff], &[2, 1, 0]])),
                    forge::id_ce(0x0f, true, &[3, 2, 1, 0x06]),
                    forge::id_ce(0x25, false, &sequence(&[&tlv(6, &[0x2b, 6, 1, 5, 5, 7, 3, 1])])),
                ]
                .concat(),
                _ => forge::ca_extensions(),
            };
            forge::certificate(
                &forge::name(&label(level)),
                &forge::name(&issuer),
                u8::try_from(level).unwrap() + 1,
                &extensions,
            )
        })
        .collect()
}

/// Octets at random.
fn decisions(seed: u64) -> Vec<u8> {
    let mut choices = Choices::new(seed);
    // Large numbers lie seldom: half of the seeds have few others.
    (0..600).map(|_| choices.octet() | if seed.is_multiple_of(2) { 0x40 } else { 0 }).collect()
}
