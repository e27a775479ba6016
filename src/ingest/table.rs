//! Rows of a table with certificates in binary columns.

use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::DataType;

use crate::arrow::{Columns, Situation, WantedColumns};
use crate::batch::{Inquiry, Refused, Rows};
use crate::row::{Presented, Row};

use super::{Field, NameSource, Options};

/// The rows of a batch; `place` says where a row stands.
///
/// # Errors
///
/// If a column is missing or of a wrong type.
pub(super) fn rows(
    batch: &RecordBatch,
    options: &Options,
    place: &dyn Fn(u64) -> String,
) -> Result<Vec<Row>, String> {
    let remedy = |argument: &str, column: &str| match argument {
        "name" => format!("rename {column}, or give --name or --names none"),
        "time" => format!("rename {column}, or give --at"),
        _ => format!("rename {column}"),
    };
    let situation = Situation {
        has_table: false,
        has_time: !options.captured,
        has_name: options.name.is_some() || options.names == NameSource::None,
        remedy: &remedy,
    };
    let names =
        WantedColumns::default().of(&batch.schema(), &situation).map_err(|error| error.to_string())?;
    let columns = Columns::new(batch, &names, None).map_err(|error| error.to_string())?;
    let kept = Kept::new(batch, &options.keep)?;
    let places: Vec<Field> = ["ip", "port", "domain"].into_iter().filter_map(Field::new).collect();
    // Columns of these names that hold something else are none of a place.
    let places = Kept::new(batch, &places).unwrap_or_default();
    let mut rows = Vec::with_capacity(batch.num_rows());
    for index in 0..batch.num_rows() {
        let mut chain = Vec::new();
        let Inquiry { name, at, problem } = columns.row(index, &mut chain);
        let mut row = Row { key: columns.key(index).map(str::to_owned), ..Row::default() };
        row.name = options.name(name.as_deref().filter(|_| options.names != NameSource::None));
        row.at = options.at(at);
        match problem {
            None => {
                row.chain = Presented::with_capacity(chain.iter().map(|der| der.len()).sum());
                for der in chain {
                    row.chain.push(der);
                }
            }
            Some(Refused::InputError(problem)) => {
                let row_number = u64::try_from(index).unwrap_or(u64::MAX);
                row.problem = Some(format!("{}: {problem}", place(row_number)));
            }
            Some(Refused::NoName(problem)) => row.name_problem = Some(problem),
            // Columns hold octets, which the verifier looks at.
            Some(Refused::Unparseable(_)) => {}
        }
        row.origin.kept = kept.of(index);
        if let [ip, port, domain] = &mut *places.of(index) {
            row.origin.ip = ip.take();
            row.origin.port = port.take().and_then(|port| port.parse().ok());
            row.origin.domain = domain.take();
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The columns that are copied.
#[derive(Default)]
struct Kept<'b>(Vec<Option<(&'b ArrayRef, ArrayFormatter<'b>)>>);

impl<'b> Kept<'b> {
    fn new(batch: &'b RecordBatch, fields: &[Field]) -> Result<Self, String> {
        const TIMES: FormatOptions<'static> =
            FormatOptions::new().with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%SZ"));
        let column = |field: &Field| {
            let column = batch.column_by_name(field.path());
            let with_text =
                |column: &'b ArrayRef| Some((column, ArrayFormatter::try_new(column, &TIMES).ok()?));
            match column.map(with_text) {
                Some(None) => Err(format!("--keep {}: a column of this type has no text", field.path())),
                found => Ok(found.flatten()),
            }
        };
        fields.iter().map(column).collect::<Result<_, _>>().map(Self)
    }

    fn of(&self, row: usize) -> Vec<Option<String>> {
        let value = |column: &Option<(&ArrayRef, ArrayFormatter<'_>)>| {
            let (column, text) = column.as_ref()?;
            let is_there = column.is_valid(row) && *column.data_type() != DataType::Null;
            is_there.then(|| text.value(row).to_string())
        };
        self.0.iter().map(value).collect()
    }
}
