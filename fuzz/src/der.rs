//! DER as a tree to be pulled about: read where it can be read, written with fitting lengths.

/// One element.
#[derive(Clone, Debug)]
pub struct Node {
    pub tag: u8,
    pub body: Body,
    /// How the length is written if not as DER wants it.
    pub odd_length: Option<u8>,
}

/// What an element holds.
#[derive(Clone, Debug)]
pub enum Body {
    Octets(Vec<u8>),
    /// Elements, after the count of unused bits in the case of a BIT STRING.
    Nodes(Vec<u8>, Vec<Node>),
}

const MAX_DEPTH: usize = 24;

/// All of `data` as elements, or nothing.
pub fn read(data: &[u8]) -> Option<Vec<Node>> {
    read_at(data, 0)
}

fn read_at(data: &[u8], depth: usize) -> Option<Vec<Node>> {
    let mut nodes = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let (tag, contents, after) = element(rest)?;
        rest = after;
        let body = match tag {
            _ if depth >= MAX_DEPTH => None,
            tag if tag & 0x20 != 0 => {
                read_at(contents, depth + 1).map(|nodes| Body::Nodes(Vec::new(), nodes))
            }
            // Extension values and keys are DER inside of strings.
            0x04 => nested(contents, depth).map(|nodes| Body::Nodes(Vec::new(), nodes)),
            0x03 => match contents.split_first() {
                Some((0, inner)) => nested(inner, depth).map(|nodes| Body::Nodes(vec![0], nodes)),
                _ => None,
            },
            _ => None,
        };
        let body = body.unwrap_or_else(|| Body::Octets(contents.to_vec()));
        nodes.push(Node { tag, body, odd_length: None });
    }
    Some(nodes)
}

fn nested(contents: &[u8], depth: usize) -> Option<Vec<Node>> {
    matches!(contents.first(), Some(0x01..=0x06 | 0x0a | 0x0c | 0x16 | 0x30 | 0x31)).then_some(())?;
    read_at(contents, depth + 1)
}

/// The first element: tag, contents, what follows.
pub fn element(data: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = data.split_first()?;
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (&first, mut rest) = rest.split_first()?;
    let length = match first {
        0..=0x7f => usize::from(first),
        // As many octets as one likes, as BER has it; OpenSSL takes them so.
        0x81..=0xff => {
            let (octets, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
            rest = after;
            octets.iter().try_fold(0usize, |sum, &octet| sum.checked_mul(256)?.checked_add(octet.into()))?
        }
        0x80 => return None,
    };
    let (contents, after) = rest.split_at_checked(length)?;
    Some((tag, contents, after))
}

/// The elements of `data`, each with its header; what cannot be read is the last piece.
pub fn split(data: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = data;
    while !rest.is_empty() {
        let Some((_, _, after)) = element(rest) else {
            pieces.push(rest);
            break;
        };
        pieces.push(&rest[..rest.len() - after.len()]);
        rest = after;
    }
    pieces
}

/// The elements as octets again.
pub fn write(nodes: &[Node]) -> Vec<u8> {
    let mut out = Vec::new();
    for node in nodes {
        let contents = match &node.body {
            Body::Octets(octets) => octets.clone(),
            Body::Nodes(prefix, nodes) => [prefix.as_slice(), &write(nodes)].concat(),
        };
        match node.odd_length {
            None => push(&mut out, node.tag, &contents),
            Some(odd) => push_odd(&mut out, node.tag, &contents, odd),
        }
    }
    out
}

/// One element, as DER wants it.
pub fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(contents.len() + 6);
    push(&mut out, tag, contents);
    out
}

/// A SEQUENCE of what is already DER.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn push(out: &mut Vec<u8>, tag: u8, contents: &[u8]) {
    out.push(tag);
    if contents.len() < 0x80 {
        out.push(u8::try_from(contents.len()).unwrap());
    } else {
        let octets = contents.len().to_be_bytes();
        let octets = &octets[octets.iter().position(|&octet| octet != 0).unwrap()..];
        out.push(0x80 | u8::try_from(octets.len()).unwrap());
        out.extend(octets);
    }
    out.extend(contents);
}

fn push_odd(out: &mut Vec<u8>, tag: u8, contents: &[u8], odd: u8) {
    let length = u32::try_from(contents.len()).unwrap();
    out.push(tag);
    match odd % 6 {
        0 => out.extend([&[0x84], length.to_be_bytes().as_slice()].concat()),
        1 => out.extend([&[0x84], (length + 1).to_be_bytes().as_slice()].concat()),
        2 => out.extend([&[0x84], length.saturating_sub(1).to_be_bytes().as_slice()].concat()),
        3 => out.push(0x80),
        4 => out.extend([0x84, 0xff, 0xff, 0xff, 0xff]),
        _ => out.extend([&[0x88, 0, 0, 0, 0], length.to_be_bytes().as_slice()].concat()),
    }
    out.extend(contents);
}
