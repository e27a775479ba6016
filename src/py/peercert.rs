//! The dictionary of `ssl.SSLSocket.getpeercert` (CPython's Modules/_ssl.c, `_decode_certificate`).

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyDict, PyString, PyTuple};

use crate::certificate::{Certificate, GeneralName};
use crate::der::{self, Element, tag};
use crate::distinguished_name::attribute_types;
use crate::distinguished_name::{self, AttributeValue, DistinguishedName};
use crate::time::{Time, civil};

pub(super) fn dictionary<'py>(
    py: Python<'py>,
    certificate: &Certificate<'_>,
) -> PyResult<Bound<'py, PyDict>> {
    let out = PyDict::new(py);
    out.set_item("subject", name(py, &certificate.subject)?)?;
    out.set_item("issuer", name(py, &certificate.issuer)?)?;
    out.set_item("version", certificate.version.saturating_add(1))?;
    out.set_item("serialNumber", serial_number(certificate.serial))?;
    out.set_item("notBefore", time(&certificate.not_before))?;
    out.set_item("notAfter", time(&certificate.not_after))?;
    if let Some(names) = &certificate.extensions.subject_alt_name {
        let names: Vec<_> = names.iter().map(|name| general_name(py, &name)).collect::<PyResult<_>>()?;
        out.set_item("subjectAltName", PyTuple::new(py, names)?)?;
    }
    let locations = [
        ("OCSP", certificate.ocsp_uris()),
        ("caIssuers", certificate.ca_issuer_uris()),
        ("crlDistributionPoints", certificate.crl_uris()),
    ];
    for (key, uris) in locations {
        if !uris.is_empty() {
            out.set_item(key, texts(py, &uris)?)?;
        }
    }
    Ok(out)
}

/// Octets as UTF-8, strictly: a UnicodeDecodeError otherwise, as in the stdlib.
fn text<'py>(py: Python<'py>, octets: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    PyBytes::new(py, octets).call_method1("decode", ("utf-8",))
}

fn texts<'py>(py: Python<'py>, all: &[&[u8]]) -> PyResult<Bound<'py, PyTuple>> {
    let all: Vec<_> = all.iter().map(|octets| text(py, octets)).collect::<PyResult<_>>()?;
    PyTuple::new(py, all)
}

/// A tuple of RDNs, each a tuple of (long name, value) pairs.
fn name<'py>(py: Python<'py>, name: &DistinguishedName<'_>) -> PyResult<Bound<'py, PyTuple>> {
    let rdns: Vec<_> = name.long_form().into_iter().map(|rdn| pairs(py, rdn)).collect::<PyResult<_>>()?;
    PyTuple::new(py, rdns)
}

fn pairs(py: Python<'_>, rdn: Vec<(String, Option<AttributeValue>)>) -> PyResult<Bound<'_, PyTuple>> {
    let mut out = Vec::with_capacity(rdn.len());
    for (attribute, value) in rdn {
        let value = match value {
            Some(AttributeValue::Text(text)) => PyString::new(py, &text).into_any(),
            // Where there are no octets the stdlib has no pointer to them.
            Some(AttributeValue::Bits(octets)) if octets.is_empty() => py.None().into_bound(py),
            Some(AttributeValue::Bits(octets)) => PyBytes::new(py, &octets).into_any(),
            None => {
                return Err(PyValueError::new_err(format!(
                    "attribute {attribute} is not a character string"
                )));
            }
        };
        out.push((attribute, value).into_pyobject(py)?);
    }
    PyTuple::new(py, out)
}

/// Upper-case hexadecimal of the magnitude, whole octets, with a minus sign.
fn serial_number(contents: &[u8]) -> String {
    let negative = der::is_negative(contents);
    let mut magnitude = contents.to_vec();
    if negative {
        // Two's complement: invert and add one, from the last octet on.
        let mut carry = true;
        for octet in magnitude.iter_mut().rev() {
            let (sum, overflow) = (!*octet).overflowing_add(u8::from(carry));
            *octet = sum;
            carry = overflow;
        }
    }
    let first = magnitude.iter().position(|&octet| octet != 0);
    let significant = first.and_then(|first| magnitude.get(first..)).unwrap_or(&[0]);
    // i2a_ASN1_INTEGER breaks the line after 35 octets, and the stdlib reads one line.
    let shown = significant.get(..35).unwrap_or(significant);
    let cut = if shown.len() < significant.len() { "\\\n" } else { "" };
    format!("{}{}{cut}", if negative { "-" } else { "" }, distinguished_name::hex(shown).to_uppercase())
}

/// ASN1_TIME_print: `Jan  1 00:00:00 2020 GMT`.
fn time(time: &Time<'_>) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let Some((seconds, fraction)) = time.lenient() else {
        return "Bad time value".to_owned();
    };
    let (year, month, day, hour, minute, second) = civil(seconds);
    let month = usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
    format!("{month} {day:2} {hour:02}:{minute:02}:{second:02}{fraction} {year} GMT")
}

fn general_name<'py>(py: Python<'py>, general: &GeneralName<'_>) -> PyResult<Bound<'py, PyTuple>> {
    let (kind, value) = match general {
        GeneralName::Directory(directory) => ("DirName", name(py, directory)?.into_any()),
        GeneralName::Email(value) => ("email", text(py, value)?),
        GeneralName::Dns(value) => ("DNS", text(py, value)?),
        GeneralName::Uri(value) => ("URI", text(py, value)?),
        GeneralName::RegisteredId(oid) => {
            ("Registered ID", PyString::new(py, &attribute_types::long_name(oid)).into_any())
        }
        GeneralName::Ip(octets) => ("IP Address", PyString::new(py, &ip_address(octets)).into_any()),
        // GENERAL_NAME_print's own words, cut at the colon.
        GeneralName::Other { type_id, value } => ("othername", other_name(py, type_id, value)?),
        GeneralName::X400 => ("X400Name", PyString::new(py, "<unsupported>").into_any()),
        GeneralName::EdiParty => ("EdiPartyName", PyString::new(py, "<unsupported>").into_any()),
    };
    (kind, value).into_pyobject(py)
}

/// The other names that GENERAL_NAME_print knows: OID, label, string type.
const OTHER_NAMES: [(&[u8], &str, u8); 5] = [
    (&[0x2b, 6, 1, 4, 1, 0x82, 0x37, 20, 2, 3], "UPN:", tag::UTF8_STRING),
    (&[0x2b, 6, 1, 5, 5, 7, 8, 9], "SmtpUTF8Mailbox:", tag::UTF8_STRING),
    (&[0x2b, 6, 1, 5, 5, 7, 8, 5], "XmppAddr:", tag::UTF8_STRING),
    (&[0x2b, 6, 1, 5, 5, 7, 8, 8], "NAIRealm:", tag::UTF8_STRING),
    (&[0x2b, 6, 1, 5, 5, 7, 8, 7], "SRVName:", tag::IA5_STRING),
];

fn other_name<'py>(py: Python<'py>, type_id: &[u8], value: &Element<'_>) -> PyResult<Bound<'py, PyAny>> {
    let known = OTHER_NAMES.iter().find(|(oid, _, string)| *oid == type_id && *string == value.tag);
    let Some((_, label, _)) = known else {
        return Ok(PyString::new(py, "<unsupported>").into_any());
    };
    // It is printed as a C string, and read back as one line.
    let shown = value.contents.split(|&octet| octet == 0).next().unwrap_or_default();
    let line = shown.split_inclusive(|&octet| octet == b'\n').next().unwrap_or_default();
    text(py, &[label.as_bytes(), line].concat())
}

fn ip_address(octets: &[u8]) -> String {
    match octets.len() {
        4 => octets.iter().map(ToString::to_string).collect::<Vec<_>>().join("."),
        16 => {
            let (groups, _) = octets.as_chunks::<2>();
            let groups: Vec<_> =
                groups.iter().map(|group| format!("{:X}", u16::from_be_bytes(*group))).collect();
            groups.join(":")
        }
        _ => "<invalid>".to_owned(),
    }
}
