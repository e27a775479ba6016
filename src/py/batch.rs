//! `check_many` and `Verdicts`.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, DataType, FieldRef, Schema, SchemaRef};
use pyo3::exceptions::{PyIndexError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyCapsule, PyDict, PyList, PySlice, PyTuple};

use crate::arrow::{self, Columns};
use crate::batch::{Batch, Control, Inquiry, Judged, Refused, Rows, Workers};
use crate::ct::Stapled;
use crate::time::UnixSeconds;
use crate::verdict::Status;
use crate::verifier::Verifier as Core;

use super::arguments::Der;
use super::capsules::{agree, array_capsules, schema_capsule, stream_capsule};
use super::verdict::Verdict;
use super::{errors, multibuffer, views};

/// Rows that one step of a stream judges and holds in memory.
pub(super) const STEP_ROWS: usize = 1 << 16;
/// How often a waiting thread looks for Ctrl-C.
const TICK: Duration = Duration::from_millis(40);

/// One row of Python objects.
#[derive(Debug)]
pub(super) struct PyRow {
    pub(super) chain: Result<Arc<Vec<Der>>, Refused>,
    pub(super) name: Option<String>,
    pub(super) at: Option<UnixSeconds>,
    pub(super) sct: Option<Der>,
    pub(super) ocsp: Option<Der>,
}

/// Rows as Python gave them.
#[derive(Debug)]
pub(super) struct PyRows(pub(super) Vec<PyRow>);

impl Rows for PyRows {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn row<'r>(&'r self, index: usize, chain: &mut Vec<&'r [u8]>) -> Inquiry<'r> {
        let Some(row) = self.0.get(index) else { return Inquiry::default() };
        let problem = match &row.chain {
            Ok(presented) => {
                chain.extend(presented.iter().map(Der::as_slice));
                None
            }
            Err(refused) => Some(refused.clone()),
        };
        let octets = |one: &'r Option<Der>| one.as_ref().map(Der::as_slice);
        let stapled = Stapled { scts: octets(&row.sct), ocsp: octets(&row.ocsp) };
        Inquiry { name: row.name.as_deref().map(Into::into), at: row.at, problem, stapled }
    }
}

/// Where the presented certificates of verdicts are.
#[derive(Debug)]
pub(super) enum Chains {
    Objects(PyRows),
    Columns(Box<Columns>),
}

impl Chains {
    fn presented(&self, row: usize) -> Arc<Vec<Der>> {
        match self {
            Self::Objects(rows) => match rows.0.get(row).map(|row| &row.chain) {
                Some(Ok(presented)) => Arc::clone(presented),
                _ => Arc::default(),
            },
            Self::Columns(columns) => {
                let mut chain = Vec::new();
                let inquiry = columns.row(row, &mut chain);
                let chain = if inquiry.problem.is_some() { Vec::new() } else { chain };
                Arc::new(chain.into_iter().map(|der| Der::Copied(der.to_vec())).collect())
            }
        }
    }

    fn key(&self, row: usize) -> Option<&str> {
        match self {
            Self::Objects(_) => None,
            Self::Columns(columns) => columns.key(row),
        }
    }
}

/// What a batch is judged with.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchSettings {
    pub(super) at: UnixSeconds,
    /// 0: as many as there are cores.
    pub(super) threads: usize,
}

/// Runs `work` while this thread, without the GIL, looks after Ctrl-C and the progress callback. What
/// either raises cancels the work.
pub(super) fn attended<T: Send>(
    py: Python<'_>,
    total: Option<usize>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Control) -> Option<T> + Send,
) -> PyResult<T> {
    let control = Control::default();
    let finished = (Mutex::new(false), Condvar::new());
    let report = |done: usize| progress.map(|callback| callback.call1((done, total))).transpose();
    let outcome = std::thread::scope(|scope| {
        let (finished, control) = (&finished, &control);
        let worker = scope.spawn(move || {
            let outcome = work(control);
            *finished.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
            finished.1.notify_all();
            outcome
        });
        loop {
            let done = py.detach(|| {
                let guard = finished.0.lock().unwrap_or_else(PoisonError::into_inner);
                let waited = finished.1.wait_timeout_while(guard, TICK, |finished| !*finished);
                *waited.unwrap_or_else(PoisonError::into_inner).0
            });
            // A worker that has panicked never says that it is done.
            if done || worker.is_finished() {
                break;
            }
            if let Err(error) = py.check_signals().and_then(|()| report(control.done()).map(drop)) {
                control.cancel();
                let _ = py.detach(|| worker.join());
                return Err(error);
            }
        }
        let outcome = py.detach(|| worker.join());
        outcome.map_err(|_| PyRuntimeError::new_err("a thread of the batch has failed"))
    })?;
    py.check_signals()?;
    let outcome = outcome.ok_or_else(|| PyRuntimeError::new_err("the batch was cancelled"))?;
    report(total.unwrap_or_else(|| control.done()))?;
    Ok(outcome)
}

/// Judges rows on all cores.
pub(super) fn check_rows(
    py: Python<'_>,
    batch: &Arc<Batch>,
    rows: PyRows,
    settings: BatchSettings,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Verdicts> {
    let total = Some(rows.len());
    multibuffer::settle(py, total)?;
    let judged = attended(py, total, progress, |control| {
        batch.judge(&rows, settings.at, &Workers::new(settings.threads, rows.len()), control)
    })?;
    multibuffer::report(py)?;
    Ok(Verdicts::new(batch, judged, Chains::Objects(rows)))
}

#[doc = manual!("Verdicts")]
#[pyclass(frozen, sequence, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct Verdicts {
    pub(super) inner: Arc<Judgements>,
}

#[derive(Debug)]
pub(super) struct Judgements {
    verifier: Arc<Core>,
    pub(super) judged: Vec<Judged>,
    parts: Vec<Lot>,
    /// The number of the first row.
    first: usize,
    /// The columns of verdicts.
    own: SchemaRef,
    /// The same, then those that are kept of the input.
    schema: SchemaRef,
}

/// Rows that were judged together.
#[derive(Debug)]
struct Lot {
    /// Their positions among all rows.
    rows: std::ops::Range<usize>,
    /// What was presented.
    source: Chains,
    /// Columns of the input.
    kept: Vec<ArrayRef>,
}

impl Judgements {
    /// None yet; `kept` are the columns of the input that go along.
    pub(super) fn new(verifier: Arc<Core>, first: usize, kept: &[FieldRef]) -> Self {
        let own = arrow::schema(&verifier);
        let fields: Vec<FieldRef> = own.fields().iter().chain(kept).cloned().collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, own.metadata().clone()));
        Self { verifier, judged: Vec::new(), parts: Vec::new(), first, own, schema }
    }

    pub(super) fn extend(&mut self, judged: Vec<Judged>, source: Chains, kept: Vec<ArrayRef>) {
        let start = self.judged.len();
        self.judged.extend(judged);
        self.parts.push(Lot { rows: start..self.judged.len(), source, kept });
    }

    /// Where a row came from, and its position there.
    fn source(&self, row: usize) -> Option<(&Chains, usize)> {
        let part = self.parts.partition_point(|part| part.rows.start <= row).checked_sub(1)?;
        let part = self.parts.get(part)?;
        Some((&part.source, row - part.rows.start))
    }

    /// Some rows of a column that is kept; copied only where they come from several parts.
    fn kept(
        &self,
        index: usize,
        kind: &DataType,
        rows: &std::ops::Range<usize>,
    ) -> Result<ArrayRef, ArrowError> {
        let mut pieces = Vec::new();
        for part in &self.parts {
            let (start, end) = (rows.start.max(part.rows.start), rows.end.min(part.rows.end));
            if let Some(column) = part.kept.get(index).filter(|_| start < end) {
                pieces.push(column.slice(start - part.rows.start, end - start));
            }
        }
        match pieces.as_slice() {
            [] => Ok(arrow_array::new_empty_array(kind)),
            [one] => Ok(Arc::clone(one)),
            several => {
                let several: Vec<&dyn Array> = several.iter().map(AsRef::as_ref).collect();
                arrow_select::concat::concat(&several)
            }
        }
    }

    /// Some of the rows as columns.
    pub(super) fn record_batch(&self, rows: std::ops::Range<usize>) -> Result<RecordBatch, ArrowError> {
        let start = rows.start;
        let judged = self.judged.get(rows.clone()).unwrap_or_default();
        let key = |index: usize| self.source(start + index).and_then(|(source, row)| source.key(row));
        let made = arrow::record_batch(&self.own, &self.verifier, judged, self.first + start, key)?;
        let mut columns = made.columns().to_vec();
        let kept = self.schema.fields().iter().skip(columns.len());
        for (index, field) in kept.enumerate() {
            columns.push(self.kept(index, field.data_type(), &rows)?);
        }
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }

    fn verdict(&self, row: usize) -> Option<Verdict> {
        let judged = self.judged.get(row)?;
        // A row that was not a chain and a name has presented nothing.
        let source = self.source(row).filter(|_| judged.record.verdict.status != Status::InputError);
        let presented = source.map(|(source, row)| source.presented(row)).unwrap_or_default();
        Some(Verdict::new(judged.verdict(), presented, Arc::clone(&self.verifier)))
    }
}

impl Verdicts {
    fn new(batch: &Arc<Batch>, judged: Vec<Judged>, source: Chains) -> Self {
        let mut inner = Judgements::new(Arc::clone(batch.verifier()), 0, &[]);
        inner.extend(judged, source, Vec::new());
        Self { inner: Arc::new(inner) }
    }

    fn reader(&self) -> Box<dyn RecordBatchReader + Send> {
        Box::new(VerdictBatches { judgements: Arc::clone(&self.inner), next: 0 })
    }

    /// One dictionary for each row, made of its verdict.
    fn views<'py>(
        &self,
        py: Python<'py>,
        view: impl Fn(&Verdict) -> PyResult<Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyList>> {
        let rows = 0..self.inner.judged.len();
        let views = rows.filter_map(|row| self.inner.verdict(row)).map(|verdict| view(&verdict));
        PyList::new(py, views.collect::<PyResult<Vec<_>>>()?)
    }
}

/// The verdicts of a batch, one after the other.
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct VerdictIterator {
    judgements: Arc<Judgements>,
    next: AtomicUsize,
}

#[pymethods]
impl VerdictIterator {
    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self) -> Option<Verdict> {
        self.judgements.verdict(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// The columns of verdicts that are there already, a piece at a time.
struct VerdictBatches {
    judgements: Arc<Judgements>,
    next: usize,
}

impl Iterator for VerdictBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next;
        let end = self.judgements.judged.len().min(start + STEP_ROWS);
        self.next = end;
        (start < end).then(|| self.judgements.record_batch(start..end))
    }
}

impl RecordBatchReader for VerdictBatches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.judgements.schema)
    }
}

/// Verdicts as a stream and nothing else: polars takes what is a sequence, too, for a column of objects.
#[pyclass(frozen)]
struct Stream(Py<Verdicts>);

#[pymethods]
impl Stream {
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.0.bind(py).call_method1("__arrow_c_stream__", (requested_schema,))
    }
}

#[pymethods]
impl Verdicts {
    fn __len__(&self) -> usize {
        self.inner.judged.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let length = self.inner.judged.len();
        if let Ok(slice) = index.cast::<PySlice>() {
            let indices = slice.indices(isize::try_from(length)?)?;
            let mut chosen = Vec::new();
            let mut position = indices.start;
            for _ in 0..indices.slicelength {
                chosen.extend(usize::try_from(position).ok().and_then(|row| self.inner.verdict(row)));
                position += indices.step;
            }
            return Ok(PyList::new(py, chosen)?.into_any());
        }
        let index: isize = index.extract()?;
        let row = if index < 0 { index.checked_add_unsigned(length) } else { Some(index) };
        let verdict = row.and_then(|row| usize::try_from(row).ok()).and_then(|row| self.inner.verdict(row));
        let verdict = verdict.ok_or_else(|| PyIndexError::new_err("index of a verdict out of range"))?;
        Ok(Bound::new(py, verdict)?.into_any())
    }

    fn __iter__(&self) -> VerdictIterator {
        VerdictIterator { judgements: Arc::clone(&self.inner), next: AtomicUsize::new(0) }
    }

    #[doc = manual!("Verdicts.counts")]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let counts = PyDict::new(py);
        for status in Status::ALL {
            let count = self.inner.judged.iter().filter(|one| one.record.verdict.status == status).count();
            if count > 0 {
                counts.set_item(status.name(), count)?;
            }
        }
        Ok(counts)
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        schema_capsule(py, &self.inner.schema)
    }

    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        agree(&self.inner.schema, requested_schema)?;
        let batch = py.detach(|| self.inner.record_batch(0..self.inner.judged.len()));
        array_capsules(py, batch.map_err(errors::of_stream)?)
    }

    #[doc = manual!("Verdicts.__arrow_c_stream__")]
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        agree(&self.inner.schema, requested_schema)?;
        stream_capsule(py, self.reader())
    }

    #[doc = manual!("Verdicts.to_arrow")]
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        arrow_table(slf.as_any())
    }

    #[doc = manual!("Verdicts.to_pandas")]
    fn to_pandas<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        pandas_frame(slf.as_any())
    }

    #[doc = manual!("Verdicts.to_polars")]
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("polars")?.call_method1("DataFrame", (Stream(slf.clone().unbind()),))
    }

    #[doc = manual!("Verdicts.to_zgrab2")]
    fn to_zgrab2<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let zgrab2 = |judged: &Judged| {
            let verdict = &judged.record.verdict;
            views::zgrab2(py, verdict, verdict.is_trusted())
        };
        let views: Vec<_> = self.inner.judged.iter().map(zgrab2).collect::<PyResult<_>>()?;
        PyList::new(py, views)
    }

    #[doc = manual!("Verdicts.to_censys")]
    fn to_censys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        self.views(py, |verdict| verdict.to_censys(py))
    }

    fn __repr__(&self) -> String {
        let accepted = self.inner.judged.iter().filter(|one| one.record.verdict.is_ok()).count();
        format!("<Verdicts: {accepted} of {} ok>", self.inner.judged.len())
    }
}

/// What has Arrow's interface as a `pyarrow.Table`.
pub(super) fn arrow_table<'py>(columns: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    columns.py().import("pyarrow")?.call_method1("table", (columns,))
}

/// The same as a `pandas.DataFrame`.
pub(super) fn pandas_frame<'py>(columns: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = columns.py();
    // Arrow's own types: NumPy has none for lists of fingerprints, and its booleans cannot be null.
    let keywords = PyDict::new(py);
    keywords.set_item("types_mapper", py.import("pandas")?.getattr("ArrowDtype")?)?;
    arrow_table(columns)?.call_method("to_pandas", (), Some(&keywords))
}
