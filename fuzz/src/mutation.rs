//! Mutations that know DER, PEM and JSON, from a seed: the same ones everywhere.

mod json;

use crate::der::{self, Body, Node};

/// xorshift64*: enough for choices.
pub struct Choices(u64);

impl Choices {
    pub fn new(seed: u64) -> Self {
        // Zero is the one state that stays.
        let mut choices = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        choices.number();
        choices
    }

    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    pub fn once_in(&mut self, n: u64) -> bool {
        self.number().is_multiple_of(n)
    }

    /// Less than `n`, which is not 0.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.number() % u64::try_from(n).unwrap()).unwrap()
    }

    pub fn octet(&mut self) -> u8 {
        self.number().to_le_bytes()[0]
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// No mutant grows beyond this: what large inputs cost is asked of tests/test_hostile.py.
pub const MAX_SIZE: usize = 1 << 16;

/// A changed copy of `seed`, with pieces of `others`. The first `header` octets are settings, no DER.
pub fn mutate(seed: &[u8], others: &[Vec<u8>], header: usize, choices: &mut Choices) -> Vec<u8> {
    let (settings, body) = seed.split_at(header.min(seed.len()));
    let mut settings = settings.to_vec();
    if !settings.is_empty() && choices.once_in(3) {
        let index = choices.below(settings.len());
        settings[index] = choices.octet();
    }
    let nodes = if choices.once_in(8) { None } else { der::read(body) };
    let mut body = match nodes {
        Some(mut nodes) if !nodes.is_empty() => {
            let donor = (!others.is_empty()).then(|| {
                let other = choices.of(others);
                der::read(other.get(header..).unwrap_or_default()).unwrap_or_default()
            });
            loop {
                change_tree(&mut nodes, donor.as_deref().unwrap_or_default(), choices);
                if nodes.is_empty() || choices.once_in(2) {
                    break;
                }
            }
            der::write(&nodes)
        }
        _ if json::is_json(body) && !choices.once_in(8) => {
            let other = if others.is_empty() { body } else { choices.of(others) };
            json::change(body, other.get(header..).unwrap_or_default(), choices)
        }
        _ if body.windows(5).any(|window| window == b"-----") => change_lines(body, choices),
        _ => body.to_vec(),
    };
    // Octets without regard to structure: rarely, or whenever there is no structure.
    if choices.once_in(6) || body == seed[header.min(seed.len())..] {
        change_octets(&mut body, choices);
    }
    settings.extend(body);
    settings.truncate(MAX_SIZE);
    settings
}

fn count(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| match &node.body {
            Body::Octets(_) => 1,
            Body::Nodes(_, inner) => 1 + count(inner),
        })
        .sum()
}

/// Calls `change` with the list that holds the node of this number, in order, and its place therein.
fn visit(nodes: &mut Vec<Node>, number: &mut usize, change: &mut dyn FnMut(&mut Vec<Node>, usize)) -> bool {
    for index in 0..nodes.len() {
        if *number == 0 {
            change(nodes, index);
            return true;
        }
        *number -= 1;
        if let Body::Nodes(_, inner) = &mut nodes[index].body
            && visit(inner, number, change)
        {
            return true;
        }
    }
    false
}

fn nth(nodes: &[Node], number: &mut usize, wanted: Option<u8>) -> Option<Node> {
    for node in nodes {
        if wanted.is_none_or(|tag| tag == node.tag) {
            if *number == 0 {
                return Some(node.clone());
            }
            *number -= 1;
        }
        if let Body::Nodes(_, inner) = &node.body
            && let Some(found) = nth(inner, number, wanted)
        {
            return Some(found);
        }
    }
    None
}

const TAGS: &[u8] = &[
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1c, 0x1e, 0x30, 0x31,
    0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0x1f,
];

/// Contents that decide something somewhere.
const CONTENTS: &[&[u8]] = &[
    b"",
    b"\x00",
    b"\xff",
    b"\x01",
    b"\x02",
    b"\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\x80\x00\x00\x00\x00\x00\x00\x00",
    b"\x00\x00",
    b"www.example.test",
    b"*.example.test",
    b".example.test",
    b"*",
    b"example.test",
    b"user@example.test",
    b"https://www.example.test/",
    b"\xc0\x00\x02\x01",
    b"\xc0\x00\x02\x00\xff\xff\xff\x00",
    b"\xc0\x00\x02\x00\xff\x00\xff\x00",
    b"49123123595959Z",
    b"200101000000Z",
    b"550100883619Z",
    b"500101000000Z",
    b"491231235959Z",
    b"99991231235959Z",
    b"20200101000000Z",
    b"\x55\x1d\x13",
    b"\x55\x1d\x0f",
    b"\x55\x1d\x11",
    b"\x55\x1d\x1e",
    b"\x55\x1d\x1f",
    b"\x55\x1d\x20",
    b"\x55\x1d\x23",
    b"\x55\x1d\x24",
    b"\x55\x1d\x25",
    b"\x55\x1d\x25\x00",
    b"\x55\x1d\x36",
    b"\x2b\x06\x01\x05\x05\x07\x03\x01",
    b"\x2b\x06\x01\x05\x05\x07\x03\x02",
    b"\x2b\x65\x70",
    b"\x05\xa0",
    b"\x01\x06",
    b"\x07\x80",
];

fn change_tree(nodes: &mut Vec<Node>, donor: &[Node], choices: &mut Choices) {
    let mut number = choices.below(count(nodes).max(1));
    // What breaks the structure comes seldom enough for the rest to be read.
    let operation = *choices.of(&[0, 1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8, 9, 9, 9, 10, 10, 10]);
    visit(nodes, &mut number, &mut |list, index| match operation {
        0 => {
            list.remove(index);
        }
        1 => {
            let copy = list[index].clone();
            let copies = if choices.once_in(20) { 40 } else { 1 };
            let at = choices.below(list.len() + 1);
            for _ in 0..copies {
                list.insert(at, copy.clone());
            }
        }
        2 => {
            let other = choices.below(list.len());
            list.swap(index, other);
        }
        3 | 4 => {
            let wanted = (!choices.once_in(3)).then_some(list[index].tag);
            let mut number = choices.below(count(donor).max(1));
            if let Some(found) = nth(donor, &mut number, wanted).or_else(|| nth(donor, &mut 0, wanted)) {
                list[index] = found;
            }
        }
        5 => list[index].tag = *choices.of(TAGS),
        6 => list[index].odd_length = Some(choices.octet()),
        7 => {
            let inner = list.remove(index);
            let body = Body::Nodes(Vec::new(), vec![inner]);
            list.insert(index, Node { tag: *choices.of(&[0x30, 0x31, 0xa0, 0x04]), body, odd_length: None });
        }
        8 => {
            if let Body::Nodes(_, inner) = list[index].body.clone() {
                list.splice(index..=index, inner);
            }
        }
        9 => list[index].body = Body::Octets(choices.of(CONTENTS).to_vec()),
        _ => match &mut list[index].body {
            Body::Octets(octets) => change_octets(octets, choices),
            Body::Nodes(_, inner) => inner.truncate(choices.below(inner.len() + 1)),
        },
    });
}

fn change_octets(octets: &mut Vec<u8>, choices: &mut Choices) {
    let at = choices.below(octets.len() + 1);
    match choices.below(7) {
        0 => octets.truncate(at),
        1 => octets.insert(at, choices.octet()),
        2 if at < octets.len() => {
            octets.remove(at);
        }
        3 if at < octets.len() => octets[at] = choices.octet(),
        4 if at < octets.len() => {
            let end = (at + 1 + choices.below(16)).min(octets.len());
            let piece = octets[at..end].to_vec();
            let to = choices.below(octets.len() + 1);
            octets.splice(to..to, piece);
        }
        5 => {
            let piece = *choices.of(CONTENTS);
            octets.splice(at..at, piece.iter().copied());
        }
        _ if at < octets.len() => octets[at] ^= 1 << choices.below(8),
        _ => octets.push(choices.octet()),
    }
}

/// PEM, line by line.
fn change_lines(text: &[u8], choices: &mut Choices) -> Vec<u8> {
    let mut lines: Vec<Vec<u8>> = text.split_inclusive(|&octet| octet == b'\n').map(<[u8]>::to_vec).collect();
    for _ in 0..=choices.below(3) {
        let index = choices.below(lines.len());
        let other = choices.below(lines.len());
        match choices.below(9) {
            0 if lines.len() > 1 => {
                lines.remove(index);
            }
            1 => lines.insert(other, lines[index].clone()),
            2 => lines.swap(index, other),
            3 => lines[index].insert(0, b' '),
            4 => {
                let at = lines[index].len().saturating_sub(1);
                lines[index].insert(at, b'\r');
            }
            5 => {
                lines[index].pop();
            }
            6 => {
                const LINES: &[&[u8]] = &[
                    b"-----BEGIN CERTIFICATE-----\n",
                    b"-----END CERTIFICATE-----\n",
                    b"-----BEGIN X509 CRL-----\n",
                    b"-----END X509 CRL-----\n",
                    b"-----BEGIN TRUSTED CERTIFICATE-----\n",
                    b"-----BEGIN PRIVATE KEY-----\n",
                    b"-----BEGIN -----\n",
                    b"-----",
                    b"\xef\xbb\xbf",
                    b"\0\n",
                    b"====\n",
                    b"# comment\n",
                ];
                lines.insert(other, choices.of(LINES).to_vec());
            }
            _ => change_octets(&mut lines[index], choices),
        }
    }
    lines.concat()
}
