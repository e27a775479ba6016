//! Which columns of a table are meant. A column that was named and is not there is an error, and so is one that is
//! probably there under another name: names that are looked for in the wrong place are not checked at all.

use arrow_schema::{DataType, Schema};

use super::values::{self, ColumnError, Lists};

/// What a caller says of one column.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum WantedColumn {
    /// Nothing: the column of the usual name, if it is there.
    #[default]
    Usual,
    /// The column of this name.
    Named(String),
    /// There is not such a column.
    Absent,
}

/// What a caller says of all columns.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WantedColumns {
    /// See [`ColumnNames`].
    pub leaf: WantedColumn,
    /// See [`ColumnNames`].
    pub chain: WantedColumn,
    /// See [`ColumnNames`].
    pub ids: WantedColumn,
    /// See [`ColumnNames`].
    pub name: WantedColumn,
    /// See [`ColumnNames`].
    pub at: WantedColumn,
    /// See [`ColumnNames`].
    pub key: WantedColumn,
    /// See [`ColumnNames`].
    pub sct: WantedColumn,
    /// See [`ColumnNames`].
    pub ocsp: WantedColumn,
}

/// Which columns hold what; `None` for what no column holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ColumnNames {
    /// The end entity, if `chain` has only what follows it.
    pub leaf: Option<String>,
    /// The chain, or what follows the end entity.
    pub chain: Option<String>,
    /// Numbers or fingerprints of certificates in a table of their own.
    pub ids: Option<String>,
    /// The reference identity.
    pub name: Option<String>,
    /// The time of judgement.
    pub at: Option<String>,
    /// What the row is called.
    pub key: Option<String>,
    /// The SignedCertificateTimestampList of the TLS extension.
    pub sct: Option<String>,
    /// The OCSP response that came along.
    pub ocsp: Option<String>,
}

impl ColumnNames {
    /// Whether a column of this name is read and handed on in a column of verdicts of the same name.
    pub fn hand_on(&self, column: &str) -> bool {
        [(&self.name, "name"), (&self.at, "at"), (&self.key, "key")]
            .iter()
            .any(|(read, own)| read.as_deref() == Some(*own) && column == *own)
    }
}

/// A column by its usual name, what it is often called instead, and how callers spell the argument for it.
struct Role {
    usual: &'static str,
    argument: &'static str,
    /// In lower case, without what is neither letter nor digit.
    others: &'static [&'static str],
    fits: fn(&DataType) -> bool,
}

const LEAF: Role = Role {
    usual: "leaf",
    argument: "leaf",
    others: &[
        "leafcert",
        "leafcertificate",
        "leafder",
        "leafraw",
        "endentity",
        "ee",
        "eecert",
        "cert",
        "certificate",
        "servercert",
        "servercertificate",
        "peercert",
        "peercertificate",
        "der",
        "raw",
    ],
    fits: |kind| is_octets(kind) || is_text(kind),
};

const CHAIN: Role = Role {
    usual: "chain",
    argument: "chain",
    others: &[
        "chains",
        "certchain",
        "certificatechain",
        "chaincerts",
        "chainder",
        "cert",
        "certs",
        "certificate",
        "certificates",
        "certificatelist",
        "intermediate",
        "intermediates",
        "issuers",
        "rest",
        "presented",
        "presentedchain",
        "peerchain",
        "peercertificates",
        "cacerts",
    ],
    fits: Lists::is_list,
};

const IDS: Role = Role {
    usual: "ids",
    argument: "ids",
    others: &[
        "id",
        "certids",
        "certificateids",
        "chainids",
        "chain",
        "fingerprints",
        "sha256",
        "sha256s",
        "certs",
    ],
    fits: Lists::is_list,
};

const NAME: Role = Role {
    usual: "name",
    argument: "name",
    others: &[
        "names",
        "host",
        "hosts",
        "hostname",
        "hostnames",
        "domain",
        "domains",
        "domainname",
        "sni",
        "server",
        "servername",
        "fqdn",
        "dns",
        "dnsname",
        "target",
        "targetname",
        "site",
        "website",
        "url",
    ],
    fits: is_text,
};

const AT: Role = Role {
    usual: "at",
    argument: "time",
    others: &[
        "time",
        "times",
        "timestamp",
        "date",
        "datetime",
        "when",
        "capturedat",
        "captured",
        "scannedat",
        "seenat",
        "observedat",
        "scantime",
    ],
    fits: is_time,
};

const KEY: Role = Role { usual: "key", argument: "key", others: &["keys"], fits: is_text };

const SCT: Role = Role {
    usual: "sct",
    argument: "sct",
    others: &[
        "scts",
        "sctlist",
        "tlssct",
        "tlsscts",
        "signedcertificatetimestamp",
        "signedcertificatetimestamps",
        "signedcertificatetimestamplist",
    ],
    fits: is_octets,
};

const OCSP: Role = Role {
    usual: "ocsp",
    argument: "ocsp",
    others: &["ocspresponse", "ocspstaple", "ocspstapled", "stapledocsp", "stapledocspresponse", "staple"],
    fits: is_octets,
};

/// Those of one size are hashes and the like, and no certificates: they have to be named.
fn is_octets(kind: &DataType) -> bool {
    match kind {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => true,
        DataType::Dictionary(_, values) => is_octets(values),
        _ => false,
    }
}

fn is_text(kind: &DataType) -> bool {
    match kind {
        DataType::Dictionary(_, values) => is_text(values),
        plain => values::is_text(plain),
    }
}

fn is_time(kind: &DataType) -> bool {
    matches!(kind, DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64 | DataType::Int64)
}

impl Role {
    /// Whether a column of this name may be meant.
    fn resembles(&self, column: &str) -> bool {
        let column = plain(column);
        column == self.usual
            || self.others.contains(&column.as_str())
            || (self.usual.len() > 2 && is_one_slip(self.usual, &column))
    }
}

/// What the caller of a table has said, beside its columns.
pub struct Situation<'s> {
    /// Certificates are in a table of their own.
    pub has_table: bool,
    /// The time of judgement has been said for all rows.
    pub has_time: bool,
    /// The name has been said for all rows, or that there is none.
    pub has_name: bool,
    /// There is a list of logs, by which timestamps are looked at.
    pub has_logs: bool,
    /// What to do about a column, of an argument and a name, that may be meant.
    pub remedy: &'s dyn Fn(&str, &str) -> String,
}

impl WantedColumns {
    /// The columns of a table that are meant.
    ///
    /// # Errors
    ///
    /// If one that was named is not there, or one that was not is probably there under another name.
    pub fn of(&self, schema: &Schema, situation: &Situation<'_>) -> Result<ColumnNames, ColumnError> {
        let find = |role: &Role, wanted: &WantedColumn, minds: bool| {
            self.find(role, wanted, schema, situation, minds)
        };
        let Situation { has_table, has_time, has_name, has_logs, .. } = *situation;
        if let (WantedColumn::Named(column), false) = (&self.sct, has_logs) {
            return Err(ColumnError::Content(format!(
                "sct={column:?} needs a list of logs, by which timestamps are looked at: Verifier(…, ct_logs=…)"
            )));
        }
        for (role, wanted, is_read) in [(&LEAF, &self.leaf, !has_table), (&CHAIN, &self.chain, !has_table)] {
            if let (WantedColumn::Named(column), false) = (wanted, is_read) {
                return Err(ColumnError::Type(format!(
                    "{}={column:?} is not read where certificates are in a table of their own: the rows have ids",
                    role.argument
                )));
            }
        }
        if let (WantedColumn::Named(column), false) = (&self.ids, has_table) {
            return Err(ColumnError::Type(format!(
                "ids={column:?} needs certificates, the table that the ids are of"
            )));
        }
        let has = |role: &Role, wanted: &WantedColumn| match wanted {
            WantedColumn::Usual => schema.column_with_name(role.usual).is_some(),
            WantedColumn::Named(_) => true,
            WantedColumn::Absent => false,
        };
        let (leaf, chain, ids) = if has_table {
            (None, None, find(&IDS, &self.ids, false)?)
        } else {
            let leaf = find(&LEAF, &self.leaf, has(&CHAIN, &self.chain))?;
            (leaf, find(&CHAIN, &self.chain, has(&LEAF, &self.leaf))?, None)
        };
        if leaf.is_none() && chain.is_none() && ids.is_none() {
            let role = if has_table { &IDS } else { &CHAIN };
            return Err(missing(role, role.usual, schema, situation));
        }
        Ok(ColumnNames {
            leaf,
            chain,
            ids,
            name: find(&NAME, &self.name, !has_name)?,
            at: find(&AT, &self.at, !has_time)?,
            key: find(&KEY, &self.key, true)?,
            sct: if has_logs { find(&SCT, &self.sct, true)? } else { None },
            ocsp: find(&OCSP, &self.ocsp, true)?,
        })
    }

    /// The column of a role; `minds` if it is an error that one may be meant that is called something else.
    fn find(
        &self,
        role: &Role,
        wanted: &WantedColumn,
        schema: &Schema,
        situation: &Situation<'_>,
        minds: bool,
    ) -> Result<Option<String>, ColumnError> {
        let name = match wanted {
            WantedColumn::Absent => return Ok(None),
            WantedColumn::Named(name) => name.as_str(),
            WantedColumn::Usual => role.usual,
        };
        let count = schema.fields().iter().filter(|field| field.name() == name).count();
        match (count, wanted) {
            (1, _) => Ok(Some(name.to_owned())),
            (0, WantedColumn::Named(_)) => Err(missing(role, name, schema, situation)),
            (0, _) => match self.resembling(role, schema).filter(|_| minds) {
                None => Ok(None),
                Some(other) => Err(ColumnError::Type(format!(
                    "there is no column {name}, but {other}, which may be meant: {}",
                    (situation.remedy)(role.argument, other)
                ))),
            },
            _ => Err(ColumnError::Type(format!("there are {count} columns {name}: which one is meant?"))),
        }
    }

    /// A column that may be meant by a role, and that is not meant by another.
    fn resembling<'s>(&self, role: &Role, schema: &'s Schema) -> Option<&'s str> {
        let all = [
            (&LEAF, &self.leaf),
            (&CHAIN, &self.chain),
            (&IDS, &self.ids),
            (&NAME, &self.name),
            (&AT, &self.at),
            (&KEY, &self.key),
            (&SCT, &self.sct),
            (&OCSP, &self.ocsp),
        ];
        let is_taken = |column: &str| {
            all.iter().any(|(role, wanted)| match wanted {
                WantedColumn::Usual => column == role.usual,
                WantedColumn::Named(name) => column == name,
                WantedColumn::Absent => false,
            })
        };
        let fields = schema.fields().iter();
        let mut fit = fields.filter(|field| (role.fits)(field.data_type()) && role.resembles(field.name()));
        fit.find(|field| !is_taken(field.name())).map(|field| field.name().as_str())
    }
}

/// The complaint about a column that has to be there.
fn missing(role: &Role, name: &str, schema: &Schema, situation: &Situation<'_>) -> ColumnError {
    const SHOWN: usize = 40;
    let fields = schema.fields();
    let there: Vec<&str> = fields.iter().take(SHOWN).map(|field| field.name().as_str()).collect();
    let there = if there.is_empty() { "no columns".to_owned() } else { there.join(", ") };
    let more = fields.len().checked_sub(SHOWN).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    let fits = || fields.iter().filter(|field| (role.fits)(field.data_type()));
    let slip = fits().find(|field| is_one_slip(&plain(name), &plain(field.name())));
    let meant = slip.or_else(|| fits().find(|field| role.resembles(field.name())));
    let remedy = meant.map(|field| format!(": {}", (situation.remedy)(role.argument, field.name())));
    ColumnError::Type(format!(
        "there is no column {name} in the rows, which have {there}{more}{}",
        remedy.unwrap_or_default()
    ))
}

/// A name of a column without case and punctuation.
fn plain(name: &str) -> String {
    name.chars().filter(|one| one.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether two words differ by one slip of the pen at most: a letter too many, too few, another, or two swapped.
fn is_one_slip(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let (one, other) = (one.get(same..).unwrap_or_default(), other.get(same..).unwrap_or_default());
    match (one, other) {
        ([], [] | [_]) | ([_], []) => true,
        ([a, rest @ ..], [b, others @ ..]) => {
            rest == others
                || rest == other
                || one == others
                || matches!((rest, others), ([c, rest @ ..], [d, others @ ..]) if a == d && b == c && rest == others)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_schema::Field;
    use std::sync::Arc;

    fn schema(columns: &[(&str, DataType)]) -> Schema {
        Schema::new(
            columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>(),
        )
    }

    fn chain() -> DataType {
        DataType::List(Arc::new(Field::new("item", DataType::Binary, true)))
    }

    fn resolve(wanted: &WantedColumns, schema: &Schema) -> Result<ColumnNames, String> {
        let remedy = |argument: &str, column: &str| format!("say {argument}={column}");
        let situation =
            Situation { has_table: false, has_time: false, has_name: false, has_logs: true, remedy: &remedy };
        wanted.of(schema, &situation).map_err(|error| error.to_string())
    }

    #[test]
    fn a_column_that_may_be_meant_is_named() {
        for other in ["hostname", "host", "Domain", "server_name", "SNI", "Name", "nmae", "names", "nam"] {
            let there = schema(&[("chain", chain()), (other, DataType::Utf8)]);
            let said = resolve(&WantedColumns::default(), &there).unwrap_err();
            assert!(said.ends_with(&format!("say name={other}")), "{said}");
            let none = WantedColumns { name: WantedColumn::Absent, ..WantedColumns::default() };
            assert_eq!(resolve(&none, &there).unwrap().name, None);
        }
        for other in ["ip", "subject", "comment", "filename"] {
            let there = schema(&[("chain", chain()), (other, DataType::Utf8)]);
            assert_eq!(resolve(&WantedColumns::default(), &there).unwrap().name, None, "{other}");
        }
        let numbers = schema(&[("chain", chain()), ("host", DataType::Int32)]);
        assert!(resolve(&WantedColumns::default(), &numbers).is_ok());
    }

    #[test]
    fn a_named_column_has_to_be_there() {
        let there = schema(&[("chain", chain()), ("host", DataType::Utf8)]);
        let wanted = WantedColumns { name: WantedColumn::Named("hots".into()), ..WantedColumns::default() };
        let said = resolve(&wanted, &there).unwrap_err();
        assert_eq!(said, "there is no column hots in the rows, which have chain, host: say name=host");
        let wanted = WantedColumns { name: WantedColumn::Named("host".into()), ..WantedColumns::default() };
        assert_eq!(resolve(&wanted, &there).unwrap().name.as_deref(), Some("host"));
    }

    #[test]
    fn one_slip_is_seen() {
        for (one, other) in
            [("name", "name"), ("name", "nam"), ("name", "names"), ("name", "nmae"), ("name", "nane")]
        {
            assert!(is_one_slip(one, other) && is_one_slip(other, one), "{one} {other}");
        }
        for (one, other) in [("name", "na"), ("name", "enma"), ("name", "gaze")] {
            assert!(!is_one_slip(one, other) && !is_one_slip(other, one), "{one} {other}");
        }
    }
}
