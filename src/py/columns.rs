//! `check_arrow` and `VerdictReader`.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, FieldRef, Schema, SchemaRef};
use pyo3::exceptions::{PyKeyError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyCapsule, PyString};

use crate::arrow::{self, CertificateTable, ColumnNames, Columns, Situation, WantedColumns};
use crate::batch::{Batch, Judged, Rows, Workers};
use crate::name;

use super::attached::attached;
use super::batch::{
    BatchSettings, Chains, Judgements, STEP_ROWS, Verdicts, arrow_table, attended, pandas_frame,
};
use super::capsules::{agree, reader, schema_capsule, stream_capsule};
use super::loan::{Lendable, Loan, Missing, at_work};
use super::{arguments, errors, multibuffer};

/// Rows of one record batch: enough for columns to pay, few enough to be made on all cores.
const ROWS_PER_RECORD_BATCH: usize = 1 << 13;
/// Which columns of the input go along with the verdicts.
#[derive(Clone, Debug)]
enum Keep {
    All,
    Some(Vec<String>),
}

/// Rows that have been judged together.
struct JudgedBatch {
    first: usize,
    judged: Vec<Judged>,
    columns: Columns,
    input: RecordBatch,
}

/// Batches of chains in, verdicts out, one step at a time.
struct Flow {
    batch: Arc<Batch>,
    input: Box<dyn RecordBatchReader + Send>,
    names: ColumnNames,
    table: Option<Arc<CertificateTable>>,
    /// Columns of the input that go along.
    keep: Vec<FieldRef>,
    settings: BatchSettings,
    /// What is left of the last batch that was read.
    rest: Option<RecordBatch>,
    /// Rows judged so far.
    rows: usize,
    /// The same, for whoever asks meanwhile.
    shown: Arc<AtomicUsize>,
}

impl Flow {
    /// The next rows, a step at the most.
    fn read(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        loop {
            let batch = match self.rest.take() {
                Some(batch) => batch,
                None => match self.input.next() {
                    Some(batch) => batch?,
                    None => return Ok(None),
                },
            };
            if batch.num_rows() > STEP_ROWS {
                self.rest = Some(batch.slice(STEP_ROWS, batch.num_rows() - STEP_ROWS));
                return Ok(Some(batch.slice(0, STEP_ROWS)));
            }
            if batch.num_rows() > 0 {
                return Ok(Some(batch));
            }
        }
    }

    /// Judges the next rows.
    fn step(&mut self, py: Python<'_>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<Option<JudgedBatch>> {
        // The stream's owner may want the GIL to give the next batch.
        let input = py.detach(|| self.read()).map_err(errors::of_stream)?;
        let Some(input) = input else { return Ok(None) };
        let mut columns = Columns::new(&input, &self.names, self.table.as_ref())?;
        encode_names(py, &mut columns, self.batch.verifier().policy().searches())?;
        let (batch, settings, first) = (&self.batch, self.settings, self.rows);
        multibuffer::settle(py, Some(columns.len()))?;
        let judged = attended(py, None, None, |control| {
            let workers = Workers::new(settings.threads, columns.len());
            batch.judge(&columns, settings.at, &workers, control)
        })?;
        multibuffer::report(py)?;
        self.rows += judged.len();
        self.shown.store(self.rows, Ordering::Relaxed);
        progress.map(|callback| callback.call1((self.rows, py.None()))).transpose()?;
        Ok(Some(JudgedBatch { first, judged, columns, input }))
    }

    /// No verdicts yet, the next of which is on row `first`.
    fn judgements(&self, first: usize) -> Judgements {
        Judgements::new(Arc::clone(self.batch.verifier()), first, &self.keep)
    }

    /// Adds the verdicts of a step and the columns that are kept.
    fn extend(&self, judgements: &mut Judgements, step: JudgedBatch) -> PyResult<()> {
        let kept = self.keep.iter().map(|field| {
            let column = step.input.column_by_name(field.name()).cloned();
            column.ok_or_else(|| PyValueError::new_err(format!("a batch has no column {}", field.name())))
        });
        let kept = kept.collect::<PyResult<_>>()?;
        judgements.extend(step.judged, Chains::Columns(Box::new(step.columns)), kept);
        Ok(())
    }

    fn judge(&mut self, py: Python<'_>, progress: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Verdicts>> {
        let Some(step) = self.step(py, progress)? else { return Ok(None) };
        let mut judgements = self.judgements(step.first);
        self.extend(&mut judgements, step)?;
        Ok(Some(Verdicts { inner: Arc::new(judgements) }))
    }

    /// Verdicts as record batches, with the columns that are kept.
    fn columns(&self, py: Python<'_>, step: JudgedBatch) -> PyResult<Vec<RecordBatch>> {
        let mut judgements = self.judgements(step.first);
        self.extend(&mut judgements, step)?;
        let settings = self.settings;
        let made = attended(py, None, None, |_| {
            let rows = judgements.judged.len();
            let starts: Vec<usize> = (0..rows).step_by(ROWS_PER_RECORD_BATCH).collect();
            let workers = Workers::new(settings.threads, rows);
            workers.map(starts.len(), |number| {
                let start = *starts.get(number)?;
                let end = rows.min(start + ROWS_PER_RECORD_BATCH);
                Some(judgements.record_batch(start..end))
            })
        })?;
        made.into_iter().collect::<Result<_, _>>().map_err(errors::of_stream)
    }
}

/// IDNA 2003 by Python's own codec for the names that need it.
fn encode_names(py: Python<'_>, columns: &mut Columns, searches: bool) -> PyResult<()> {
    let names: Vec<(usize, String)> =
        columns.names_to_encode().map(|(row, name)| (row, name.to_owned())).collect();
    for (row, name) in names {
        // Looked at before it is encoded: IDNA makes something of a URL, too.
        let mistake = Some(&name).filter(|_| searches).and_then(|name| name::mistake(name));
        let encoded = match mistake {
            Some(mistake) => Err(mistake),
            None => match arguments::name_text(py, &name) {
                Ok(encoded) => Ok(encoded),
                Err(error) => Err(arguments::input_error(py, error)?),
            },
        };
        columns.rename(row, encoded);
    }
    Ok(())
}

/// A stream of verdicts over a stream of chains. Whoever holds it may ask for the next batch while it is making
/// one: the consumer has no lock of its own.
struct VerdictStream {
    work: Lendable<(Flow, VecDeque<RecordBatch>)>,
    progress: Option<Py<PyAny>>,
    schema: SchemaRef,
}

impl VerdictStream {
    fn pull(&self, py: Python<'_>) -> PyResult<Option<RecordBatch>> {
        let mut work = self.work.lend().map_err(|_| at_work("this stream of verdicts"))?;
        let Some((flow, ready)) = work.as_mut() else { return Ok(None) };
        if ready.is_empty() {
            let progress = self.progress.as_ref().map(|progress| progress.bind(py));
            if let Some(step) = flow.step(py, progress)? {
                ready.extend(flow.columns(py, step)?);
            }
        }
        Ok(ready.pop_front())
    }
}

impl Iterator for VerdictStream {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let pulled = attached(|py| self.pull(py));
        pulled.map_err(|error| ArrowError::ExternalError(Box::new(error))).transpose()
    }
}

impl RecordBatchReader for VerdictStream {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

#[doc = manual!("VerdictReader")]
#[pyclass(frozen, module = "certpath._certpath")]
pub(super) struct VerdictReader {
    /// Gone once a stream has taken over.
    flow: Lendable<Flow>,
    progress: Option<Py<PyAny>>,
    schema: SchemaRef,
    /// Rows judged so far.
    shown: Arc<AtomicUsize>,
}

impl VerdictReader {
    /// Opens columns of chains; wrong columns are an error here and not after the first million rows.
    #[expect(clippy::too_many_arguments, reason = "the keyword arguments of check_arrow")]
    pub(super) fn open(
        batch: &Arc<Batch>,
        data: &Bound<'_, PyAny>,
        certificates: Option<&Bound<'_, PyAny>>,
        wanted: &WantedColumns,
        has_time: bool,
        keep: &Bound<'_, PyAny>,
        settings: BatchSettings,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let py = data.py();
        let input = reader(data, "data")?;
        let table = match certificates {
            None => None,
            Some(certificates) => {
                let input = reader(certificates, "certificates")?;
                let schema = input.schema();
                let batches = py.detach(|| input.collect::<Result<Vec<_>, _>>());
                let batches = batches.map_err(errors::of_stream)?;
                let table = py.detach(|| CertificateTable::new(&schema, &batches))?;
                Some(Arc::new(table))
            }
        };
        let given = input.schema();
        let remedy = |argument: &str, column: &str| {
            format!("say {argument}={column:?}, or {argument}=None if there is none")
        };
        let situation = Situation {
            has_table: table.is_some(),
            has_time,
            has_name: false,
            has_logs: batch.verifier().ct_logs().is_some(),
            remedy: &remedy,
        };
        let names = wanted.of(&given, &situation)?;
        Columns::new(&RecordBatch::new_empty(Arc::clone(&given)), &names, table.as_ref())?;
        let keep = match kept(keep)? {
            Keep::All => {
                given.fields().iter().filter(|field| !names.hand_on(field.name())).cloned().collect()
            }
            Keep::Some(names) => named(&given, &names)?,
        };
        let schema = with_kept(&arrow::schema(batch.verifier()), &keep)?;
        let shown = Arc::new(AtomicUsize::new(0));
        let flow = Flow {
            batch: Arc::clone(batch),
            input,
            names,
            table,
            keep,
            settings,
            rest: None,
            rows: 0,
            shown: Arc::clone(&shown),
        };
        Ok(Self { flow: Lendable::new(flow), progress, schema, shown })
    }

    fn lend(&self) -> PyResult<Loan<'_, Flow>> {
        self.flow.lend().map_err(refused)
    }

    fn take(&self) -> PyResult<Flow> {
        self.flow.take().map_err(refused)
    }
}

fn refused(missing: Missing) -> PyErr {
    match missing {
        Missing::Lent => at_work("this VerdictReader"),
        Missing::Gone => taken(),
    }
}

fn taken() -> PyErr {
    PyValueError::new_err("these verdicts have been taken already: they can be read once")
}

fn kept(keep: &Bound<'_, PyAny>) -> PyResult<Keep> {
    if let Ok(all) = keep.extract::<bool>() {
        return Ok(if all { Keep::All } else { Keep::Some(Vec::new()) });
    }
    if keep.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err("keep must be a bool or an iterable of column names, not str"));
    }
    Ok(Keep::Some(keep.try_iter()?.map(|name| name?.extract()).collect::<PyResult<_>>()?))
}

/// The columns of these names.
fn named(given: &SchemaRef, names: &[String]) -> PyResult<Vec<FieldRef>> {
    let find = |name: &String| {
        let found = given.fields().find(name).map(|(_, field)| Arc::clone(field));
        found.ok_or_else(|| PyKeyError::new_err(format!("keep: there is no column {name}")))
    };
    names.iter().map(find).collect()
}

/// The columns of verdicts, then those that are kept.
fn with_kept(own: &SchemaRef, keep: &[FieldRef]) -> PyResult<SchemaRef> {
    let mut fields: Vec<FieldRef> = own.fields().iter().cloned().collect();
    for field in keep {
        let name = field.name();
        if fields.iter().any(|known| known.name() == name) {
            return Err(PyValueError::new_err(format!(
                "keep: verdicts have a column {name} themselves; rename yours"
            )));
        }
        fields.push(Arc::clone(field));
    }
    Ok(Arc::new(Schema::new_with_metadata(fields, own.metadata().clone())))
}

#[pymethods]
impl VerdictReader {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Verdicts>> {
        let mut flow = self.lend()?;
        let progress = self.progress.as_ref().map(|progress| progress.bind(py));
        flow.as_mut().ok_or_else(taken)?.judge(py, progress)
    }

    #[doc = manual!("VerdictReader.read_all")]
    fn read_all(&self, py: Python<'_>) -> PyResult<Verdicts> {
        let mut flow = self.take()?;
        let progress = self.progress.as_ref().map(|progress| progress.bind(py));
        let mut all = flow.judgements(flow.rows);
        while let Some(step) = flow.step(py, progress)? {
            flow.extend(&mut all, step)?;
        }
        Ok(Verdicts { inner: Arc::new(all) })
    }

    #[doc = manual!("VerdictReader.to_arrow")]
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        arrow_table(slf.as_any())
    }

    #[doc = manual!("VerdictReader.to_pandas")]
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        pandas_frame(slf.as_any())
    }

    #[doc = manual!("VerdictReader.to_polars")]
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("polars")?.call_method1("DataFrame", (slf,))
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, &self.schema)
    }

    #[doc = manual!("VerdictReader.__arrow_c_stream__")]
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        agree(&self.schema, requested_schema)?;
        let progress = self.progress.as_ref().map(|progress| progress.clone_ref(py));
        let work = Lendable::new((self.take()?, VecDeque::new()));
        let schema = Arc::clone(&self.schema);
        stream_capsule(py, Box::new(VerdictStream { work, progress, schema }))
    }

    fn __repr__(&self) -> String {
        if self.flow.is_gone() {
            return "<VerdictReader: taken>".to_owned();
        }
        format!("<VerdictReader: {} rows so far>", self.shown.load(Ordering::Relaxed))
    }
}
