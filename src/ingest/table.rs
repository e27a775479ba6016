//! Rows of a table with certificates in binary columns.

use arrow_array::RecordBatch;
use arrow_schema::Schema;

use crate::arrow::{AsText, Columns, Situation, WantedColumns};
use crate::batch::{Inquiry, Refused, Rows};
use crate::batch::{Presented, Row};
use crate::verifier::MAX_PRESENTED;

use super::limits::{MAX_CHAIN_OCTETS, MAX_OCSP_RESPONSE, MAX_SCT_LIST, bound, too_large};
use super::{Field, LONGEST_KEPT, NameSource, Options, shortened, shortened_kept};

/// The columns that are read of a table, without those that are kept.
const READ: [&str; 11] = ["leaf", "chain", "ids", "name", "at", "key", "sct", "ocsp", "ip", "port", "domain"];

/// Whether a column of this name is read.
pub(super) fn is_read(column: &str, options: &Options) -> bool {
    let is_usual = READ.contains(&column) && (column != "sct" || options.scts);
    is_usual || options.keep.iter().any(|field| field.path() == column)
}

/// Hands the rows of a batch from `start` on to `gather`, until that says that it has enough, and returns which is the
/// next; `place` says where a row stands. `schema` has all columns of the
/// table, also those that are not read: one of them may have been meant.
///
/// # Errors
///
/// If a column is missing or of a wrong type.
pub(super) fn rows(
    (batch, schema): (&RecordBatch, &Schema),
    start: usize,
    options: &Options,
    place: &dyn Fn(u64) -> String,
    gather: &mut impl FnMut(Row) -> bool,
) -> Result<usize, String> {
    let remedy = |argument: &str, column: &str| match argument {
        "name" => format!("rename {column}, or ask for one name, or for none"),
        "time" => format!("rename {column}, or ask for one time"),
        _ => format!("rename {column}"),
    };
    let situation = Situation {
        has_table: false,
        has_time: !options.captured,
        has_name: options.name.is_some() || options.names == NameSource::None,
        has_logs: options.scts,
        remedy: &remedy,
    };
    let names = WantedColumns::default().of(schema, &situation).map_err(|error| error.to_string())?;
    let columns = Columns::new(batch, &names, None).map_err(|error| error.to_string())?;
    let kept = Kept::new(batch, &options.keep)?;
    let fields: Vec<Field> = ["ip", "port", "domain"].into_iter().filter_map(Field::new).collect();
    // Columns of these names that hold something else do not tell a place.
    let places = Kept::new(batch, &fields).unwrap_or_default();
    for index in start..batch.num_rows() {
        let mut chain = Vec::new();
        let Inquiry { name, at, problem, stapled } = columns.row(index, &mut chain);
        let mut row = Row { key: columns.key(index).map(shortened), ..Row::default() };
        row.name = options.name(name.as_deref().filter(|_| options.names != NameSource::None));
        row.at = options.at(at);
        row.ocsp = stapled.ocsp.map(|ocsp| ocsp.get(..MAX_OCSP_RESPONSE).unwrap_or(ocsp).into());
        row.sct = stapled.scts.map(|scts| scts.get(..MAX_SCT_LIST).unwrap_or(scts).into());
        let problem = match problem {
            None => {
                // One more than is judged.
                chain.truncate(MAX_PRESENTED + 1);
                let octets = chain.iter().map(|der| der.len()).fold(0, usize::saturating_add);
                if octets > MAX_CHAIN_OCTETS {
                    Some(too_large(octets))
                } else {
                    row.chain = Presented::with_capacity(octets);
                    for der in chain {
                        row.chain.push(der);
                    }
                    None
                }
            }
            Some(Refused::InputError(problem)) => Some(problem),
            Some(Refused::NoName(problem)) => {
                row.name_problem = Some(problem);
                None
            }
            // Columns hold octets, which the verifier looks at.
            Some(Refused::Unparseable(_)) => None,
        };
        let number = u64::try_from(index).unwrap_or(u64::MAX);
        row.problem = problem;
        bound(&mut row);
        row.problem = row.problem.map(|problem| format!("{}: {problem}", place(number)));
        row.origin.kept = kept.of(index);
        if let [ip, port, domain] = &mut *places.of(index) {
            row.origin.ip = ip.take().as_deref().map(shortened);
            row.origin.port = port.take().and_then(|port| port.parse().ok());
            row.origin.domain = domain.take().as_deref().map(shortened);
        }
        if gather(row) {
            return Ok(index + 1);
        }
    }
    Ok(batch.num_rows())
}

/// The columns that are copied.
#[derive(Default)]
struct Kept<'b>(Vec<Option<AsText<'b>>>);

impl<'b> Kept<'b> {
    fn new(batch: &'b RecordBatch, fields: &[Field]) -> Result<Self, String> {
        let column = |field: &Field| {
            let Some(column) = batch.column_by_name(field.path()) else { return Ok(None) };
            // The type may be as long as whoever made the table likes.
            let complaint = || format!("{} cannot be kept: a column of this type has no text", field.path());
            AsText::new(column).map(Some).ok_or_else(complaint)
        };
        fields.iter().map(column).collect::<Result<_, _>>().map(Self)
    }

    fn of(&self, row: usize) -> Vec<Option<String>> {
        let value = |column: &Option<AsText<'_>>| {
            column.as_ref()?.text(row, LONGEST_KEPT).map(|text| shortened_kept(&text))
        };
        self.0.iter().map(value).collect()
    }
}
