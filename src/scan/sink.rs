//! Where the verdicts of a scan go, and what writes them while others are being judged.

use arrow_array::RecordBatch;

use crate::batch::Control;
use crate::output::{Layout, Output, OutputError, Progress};

/// Where the verdicts go.
pub enum Sink {
    /// Nowhere: they are counted.
    Nowhere,
    /// To whoever takes the steps.
    Text(Layout),
    /// Into a file.
    File(Box<Output>),
}

/// The verdicts of one piece.
pub(super) struct VerdictTable {
    pub(super) batch: RecordBatch,
    /// If a part is complete with this piece, how far that is.
    pub(super) progress: Option<Progress>,
}

/// What writes, while others judge.
pub(super) struct Writer<'s> {
    pub(super) sink: &'s mut Sink,
    pub(super) written_header: &'s mut bool,
}

impl Writer<'_> {
    pub(super) fn write(
        &mut self,
        pieces: Vec<VerdictTable>,
        control: &Control,
    ) -> Result<Vec<u8>, OutputError> {
        let mut text = Vec::new();
        for VerdictTable { batch, progress } in pieces {
            if control.is_cancelled() {
                break;
            }
            match self.sink {
                Sink::Nowhere => {}
                Sink::Text(layout) => {
                    if !std::mem::replace(self.written_header, true) {
                        text.extend(layout.header(&batch.schema()));
                    }
                    text.extend(layout.text(&batch)?);
                }
                Sink::File(output) => {
                    if batch.num_rows() > 0 {
                        output.write(&batch)?;
                    }
                    if let Some(progress) = progress {
                        output.commit(&progress)?;
                    }
                }
            }
        }
        Ok(text)
    }
}
