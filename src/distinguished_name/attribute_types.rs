//! The names of attribute types in distinguished names: OpenSSL's long names, which
//! `ssl.SSLSocket.getpeercert` shows, and the short ones used in RFC 4514 text.

use std::borrow::Cow;

use crate::oid;

/// Those below id-at, 2.5.4 (X.520), which nearly all attributes are of: last arc, short name, long name; sorted by arc.
const ID_AT: &[(u8, &str, &str)] = &[
    (3, "CN", "commonName"),
    (4, "SN", "surname"),
    (5, "serialNumber", "serialNumber"),
    (6, "C", "countryName"),
    (7, "L", "localityName"),
    (8, "ST", "stateOrProvinceName"),
    (9, "street", "streetAddress"),
    (10, "O", "organizationName"),
    (11, "OU", "organizationalUnitName"),
    (12, "title", "title"),
    (13, "description", "description"),
    (14, "searchGuide", "searchGuide"),
    (15, "businessCategory", "businessCategory"),
    (16, "postalAddress", "postalAddress"),
    (17, "postalCode", "postalCode"),
    (18, "postOfficeBox", "postOfficeBox"),
    (19, "physicalDeliveryOfficeName", "physicalDeliveryOfficeName"),
    (20, "telephoneNumber", "telephoneNumber"),
    (21, "telexNumber", "telexNumber"),
    (22, "teletexTerminalIdentifier", "teletexTerminalIdentifier"),
    (23, "facsimileTelephoneNumber", "facsimileTelephoneNumber"),
    (24, "x121Address", "x121Address"),
    (25, "internationaliSDNNumber", "internationaliSDNNumber"),
    (26, "registeredAddress", "registeredAddress"),
    (27, "destinationIndicator", "destinationIndicator"),
    (28, "preferredDeliveryMethod", "preferredDeliveryMethod"),
    (29, "presentationAddress", "presentationAddress"),
    (30, "supportedApplicationContext", "supportedApplicationContext"),
    (31, "member", "member"),
    (32, "owner", "owner"),
    (33, "roleOccupant", "roleOccupant"),
    (34, "seeAlso", "seeAlso"),
    (35, "userPassword", "userPassword"),
    (36, "userCertificate", "userCertificate"),
    (37, "cACertificate", "cACertificate"),
    (38, "authorityRevocationList", "authorityRevocationList"),
    (39, "certificateRevocationList", "certificateRevocationList"),
    (40, "crossCertificatePair", "crossCertificatePair"),
    (41, "name", "name"),
    (42, "GN", "givenName"),
    (43, "initials", "initials"),
    (44, "generationQualifier", "generationQualifier"),
    (45, "x500UniqueIdentifier", "x500UniqueIdentifier"),
    (46, "dnQualifier", "dnQualifier"),
    (47, "enhancedSearchGuide", "enhancedSearchGuide"),
    (48, "protocolInformation", "protocolInformation"),
    (49, "distinguishedName", "distinguishedName"),
    (50, "uniqueMember", "uniqueMember"),
    (51, "houseIdentifier", "houseIdentifier"),
    (52, "supportedAlgorithms", "supportedAlgorithms"),
    (53, "deltaRevocationList", "deltaRevocationList"),
    (54, "dmdName", "dmdName"),
    (65, "pseudonym", "pseudonym"),
    (72, "role", "role"),
    (97, "organizationIdentifier", "organizationIdentifier"),
    (98, "c3", "countryCode3c"),
    (99, "n3", "countryCode3n"),
    (100, "dnsName", "dnsName"),
];

/// The others: dotted OID, short name, long name; sorted by OID arcs.
const OTHERS: &[(&str, &str, &str)] = &[
    ("0.9.2342.19200300.100.1.1", "UID", "userId"),
    ("0.9.2342.19200300.100.1.2", "textEncodedORAddress", "textEncodedORAddress"),
    ("0.9.2342.19200300.100.1.3", "mail", "rfc822Mailbox"),
    ("0.9.2342.19200300.100.1.4", "info", "info"),
    ("0.9.2342.19200300.100.1.5", "favouriteDrink", "favouriteDrink"),
    ("0.9.2342.19200300.100.1.6", "roomNumber", "roomNumber"),
    ("0.9.2342.19200300.100.1.7", "photo", "photo"),
    ("0.9.2342.19200300.100.1.8", "userClass", "userClass"),
    ("0.9.2342.19200300.100.1.9", "host", "host"),
    ("0.9.2342.19200300.100.1.10", "manager", "manager"),
    ("0.9.2342.19200300.100.1.11", "documentIdentifier", "documentIdentifier"),
    ("0.9.2342.19200300.100.1.12", "documentTitle", "documentTitle"),
    ("0.9.2342.19200300.100.1.13", "documentVersion", "documentVersion"),
    ("0.9.2342.19200300.100.1.14", "documentAuthor", "documentAuthor"),
    ("0.9.2342.19200300.100.1.15", "documentLocation", "documentLocation"),
    ("0.9.2342.19200300.100.1.20", "homeTelephoneNumber", "homeTelephoneNumber"),
    ("0.9.2342.19200300.100.1.21", "secretary", "secretary"),
    ("0.9.2342.19200300.100.1.22", "otherMailbox", "otherMailbox"),
    ("0.9.2342.19200300.100.1.23", "lastModifiedTime", "lastModifiedTime"),
    ("0.9.2342.19200300.100.1.24", "lastModifiedBy", "lastModifiedBy"),
    ("0.9.2342.19200300.100.1.25", "DC", "domainComponent"),
    ("0.9.2342.19200300.100.1.26", "aRecord", "aRecord"),
    ("0.9.2342.19200300.100.1.27", "pilotAttributeType27", "pilotAttributeType27"),
    ("0.9.2342.19200300.100.1.28", "mXRecord", "mXRecord"),
    ("0.9.2342.19200300.100.1.29", "nSRecord", "nSRecord"),
    ("0.9.2342.19200300.100.1.30", "sOARecord", "sOARecord"),
    ("0.9.2342.19200300.100.1.31", "cNAMERecord", "cNAMERecord"),
    ("0.9.2342.19200300.100.1.37", "associatedDomain", "associatedDomain"),
    ("0.9.2342.19200300.100.1.38", "associatedName", "associatedName"),
    ("0.9.2342.19200300.100.1.39", "homePostalAddress", "homePostalAddress"),
    ("0.9.2342.19200300.100.1.40", "personalTitle", "personalTitle"),
    ("0.9.2342.19200300.100.1.41", "mobileTelephoneNumber", "mobileTelephoneNumber"),
    ("0.9.2342.19200300.100.1.42", "pagerTelephoneNumber", "pagerTelephoneNumber"),
    ("0.9.2342.19200300.100.1.43", "friendlyCountryName", "friendlyCountryName"),
    ("0.9.2342.19200300.100.1.44", "uid", "uniqueIdentifier"),
    ("0.9.2342.19200300.100.1.45", "organizationalStatus", "organizationalStatus"),
    ("0.9.2342.19200300.100.1.46", "janetMailbox", "janetMailbox"),
    ("0.9.2342.19200300.100.1.47", "mailPreferenceOption", "mailPreferenceOption"),
    ("0.9.2342.19200300.100.1.48", "buildingName", "buildingName"),
    ("0.9.2342.19200300.100.1.49", "dSAQuality", "dSAQuality"),
    ("0.9.2342.19200300.100.1.50", "singleLevelQuality", "singleLevelQuality"),
    ("0.9.2342.19200300.100.1.51", "subtreeMinimumQuality", "subtreeMinimumQuality"),
    ("0.9.2342.19200300.100.1.52", "subtreeMaximumQuality", "subtreeMaximumQuality"),
    ("0.9.2342.19200300.100.1.53", "personalSignature", "personalSignature"),
    ("0.9.2342.19200300.100.1.54", "dITRedirect", "dITRedirect"),
    ("0.9.2342.19200300.100.1.55", "audio", "audio"),
    ("0.9.2342.19200300.100.1.56", "documentPublisher", "documentPublisher"),
    ("1.2.643.3.131.1.1", "INN", "INN"),
    ("1.2.643.100.1", "OGRN", "OGRN"),
    ("1.2.643.100.3", "SNILS", "SNILS"),
    ("1.2.643.100.5", "OGRNIP", "OGRNIP"),
    ("1.2.643.100.111", "subjectSignTool", "Signing Tool of Subject"),
    ("1.2.643.100.112", "issuerSignTool", "Signing Tool of Issuer"),
    ("1.2.840.113549.1.9.1", "emailAddress", "emailAddress"),
    ("1.2.840.113549.1.9.2", "unstructuredName", "unstructuredName"),
    ("1.2.840.113549.1.9.7", "challengePassword", "challengePassword"),
    ("1.2.840.113549.1.9.8", "unstructuredAddress", "unstructuredAddress"),
    ("1.2.840.113549.1.9.20", "friendlyName", "friendlyName"),
    ("1.3.6.1.4.1.311.17.1", "CSPName", "Microsoft CSP Name"),
    ("1.3.6.1.4.1.311.20.2.3", "msUPN", "Microsoft User Principal Name"),
    ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionL", "jurisdictionLocalityName"),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionST", "jurisdictionStateOrProvinceName"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionC", "jurisdictionCountryName"),
];

/// The long name of an attribute type, or its dotted OID if it has none.
pub(crate) fn long_name(oid: &[u8]) -> Cow<'static, str> {
    named(oid).map_or_else(|| oid::dotted(oid).into(), |(_, long)| long.into())
}

/// The short name of an attribute type, or its dotted OID if it has none.
pub(crate) fn short_name(oid: &[u8]) -> Cow<'static, str> {
    named(oid).map_or_else(|| oid::dotted(oid).into(), |(short, _)| short.into())
}

/// Short and long name of the type with these contents octets.
fn named(oid: &[u8]) -> Option<(&'static str, &'static str)> {
    if let &[0x55, 4, arc] = oid {
        let row = ID_AT.binary_search_by_key(&arc, |&(arc, _, _)| arc).ok()?;
        return ID_AT.get(row).map(|&(_, short, long)| (short, long));
    }
    let dotted = oid::dotted(oid);
    OTHERS.iter().find(|(known, _, _)| *known == dotted).map(|&(_, short, long)| (short, long))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_found_by_its_octets() {
        let found = |dotted: &str| named(&oid::from_dotted(dotted).unwrap());
        for &(arc, short, long) in ID_AT {
            assert_eq!(found(&format!("2.5.4.{arc}")), Some((short, long)));
        }
        for &(dotted, short, long) in OTHERS {
            assert_eq!(found(dotted), Some((short, long)));
        }
    }

    #[test]
    fn what_has_no_name_is_shown_dotted() {
        for dotted in ["2.5.4.2", "2.5.4.127", "2.5.4.200", "1.2.643.100.2"] {
            assert_eq!(short_name(&oid::from_dotted(dotted).unwrap()), dotted);
            assert_eq!(long_name(&oid::from_dotted(dotted).unwrap()), dotted);
        }
    }
}
