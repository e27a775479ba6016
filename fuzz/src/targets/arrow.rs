//! Batches of Arrow's C data interface that lie: a batch is refused, or every layout of it is sound.
//!
//! The input is what decides: types, lengths, contents, and where to lie. Buffers are exactly as large as the structures say,
//! lies included, so that AddressSanitizer sees what is read beyond; what no consumer could see through (a buffer that
//! is shorter than its array) is not made.

use std::ffi::{CString, c_void};
use std::ptr;
use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::{Array, RecordBatch};
use certpath::{CertificateTable, Columns, Rows, Situation, WantedColumns, import_batch};

/// Decisions out of the input, none of them special once it has run out.
struct Decisions<'a>(&'a [u8]);

impl Decisions<'_> {
    fn octet(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0x80 };
        self.0 = rest;
        first
    }

    fn below(&mut self, n: usize) -> usize {
        usize::from(self.octet()) % n
    }

    fn lies(&mut self) -> bool {
        self.octet() < 6
    }

    /// The number, or now and then another, which is small or negative.
    fn number(&mut self, value: i64) -> i64 {
        if !self.lies() {
            return value;
        }
        match self.below(8) {
            0 => -1,
            1 => i64::MIN,
            2 => value + 1,
            3 => value - 1,
            4 => 0,
            5 => i64::from(i32::MIN),
            6 => -value,
            _ => i64::from(self.octet()),
        }
    }
}

/// What the structures point to.
#[derive(Default)]
struct Arena {
    buffers: Vec<Box<[u8]>>,
    pointers: Vec<Box<[*const c_void]>>,
    arrays: Vec<Box<[*mut FFI_ArrowArray]>>,
    schemas: Vec<Box<[*mut FFI_ArrowSchema]>>,
    texts: Vec<CString>,
}

impl Drop for Arena {
    fn drop(&mut self) {
        for array in self.arrays.iter().flatten().filter(|array| !array.is_null()) {
            // SAFETY: made by `Box::into_raw` in `finish`, and freed here only.
            drop(unsafe { Box::from_raw(*array) });
        }
        for schema in self.schemas.iter().flatten().filter(|schema| !schema.is_null()) {
            // SAFETY: as above.
            drop(unsafe { Box::from_raw(*schema) });
        }
    }
}

unsafe extern "C" fn release_array(array: *mut FFI_ArrowArray) {
    // SAFETY: called with a structure of ours.
    unsafe { (*array).release = None };
}

unsafe extern "C" fn release_schema(schema: *mut FFI_ArrowSchema) {
    // SAFETY: called with a structure of ours.
    unsafe { (*schema).release = None };
}

type Pair = (FFI_ArrowArray, FFI_ArrowSchema);

/// Rows of an array, of which the first are before its offset.
struct Extent {
    length: i64,
    offset: i64,
    /// Both, as far as they can be.
    total: usize,
}

const OCTETS: &[&str] = &["z", "Z", "vz", "w:3", "dz"];
const TEXTS: &[&str] = &["u", "U", "vu", "du"];
const LISTS: &[&str] = &["+l", "+L", "+vl", "+vL", "+w:2"];
const ANY: &[&str] = &[
    "n", "b", "c", "S", "l", "g", "tss:", "d:5,2", "z", "Z", "vz", "w:3", "w:0", "u", "U", "vu", "dz", "du",
    "dl", "+l", "+L", "+vl", "+vL", "+w:2", "+w:0", "+s", "+m", "+us:0,1", "+ud:0,1", "+r",
];
/// Types that no array here has. A sound type of another width would be a lie that nobody can see through.
const NONSENSE: &[&str] = &["", "+", "w:-1", "+w:-1", "+s", "+ud:", "+us:0,0", "d:1", "nonsense"];

impl Arena {
    fn buffer(&mut self, octets: Vec<u8>) -> *const c_void {
        self.buffers.push(octets.into_boxed_slice());
        self.buffers.last().map_or(ptr::null(), |octets| octets.as_ptr().cast())
    }

    /// A column for so many rows: an item of the kinds given, which a "d" before makes a dictionary.
    #[expect(clippy::too_many_lines, reason = "one arm for each layout")]
    fn column(
        &mut self,
        decide: &mut Decisions<'_>,
        name: &str,
        kinds: &[&str],
        rows: usize,
        depth: usize,
    ) -> Pair {
        let kinds = if depth > 3 { &ANY[..18] } else { kinds };
        let kind = kinds[decide.below(kinds.len())];
        let offset = decide.below(3);
        let length = decide.number(i64::try_from(rows).unwrap());
        let offset = if decide.lies() { i64::MAX } else { decide.number(i64::try_from(offset).unwrap()) };
        // What is longer than any list of lists here is a lie that `import_batch` has to see through by itself.
        let usable =
            |number: i64| usize::try_from(number).ok().filter(|number| *number < 1 << 20).unwrap_or(0);
        let extent = Extent { length, offset, total: usable(length) + usable(offset) };
        let total = extent.total;
        let mask: Vec<u8> = (0..total.div_ceil(8)).map(|_| decide.octet()).collect();
        let start = usable(offset);
        let nulls = (start..total).filter(|row| mask[row / 8] >> (row % 8) & 1 == 0).count();
        let (mask, nulls) = if decide.below(2) == 0 { (Some(mask), nulls) } else { (None, 0) };
        let nulls = if decide.below(2) == 0 { -1 } else { i64::try_from(nulls).unwrap() };
        let mut buffers: Vec<Option<Vec<u8>>> = vec![mask];
        let mut children: Vec<Pair> = Vec::new();
        let mut dictionary = None;
        let mut format = kind;
        match kind {
            "z" | "u" => buffers.extend(octets::<4>(decide, total)),
            "Z" | "U" => buffers.extend(octets::<8>(decide, total)),
            "vz" | "vu" => buffers.extend(views(decide, total)),
            "+l" | "+m" | "+L" => {
                let wide = kind == "+L";
                let (offsets, last) =
                    if wide { offsets::<8>(decide, total) } else { offsets::<4>(decide, total) };
                buffers.push(Some(offsets));
                let kinds = if kind == "+m" {
                    &["+s"][..]
                } else if name == "chain" {
                    OCTETS
                } else {
                    ANY
                };
                children.push(self.column(decide, "item", kinds, last, depth + 1));
            }
            "+vl" | "+vL" => {
                let items = decide.below(6);
                let one = |decide: &mut Decisions<'_>, most: usize| -> Vec<u8> {
                    let numbers = (0..total).map(|_| {
                        let number = i64::try_from(decide.below(most + 1)).unwrap();
                        decide.number(number)
                    });
                    let wide = kind == "+vL";
                    numbers
                        .flat_map(|number| if wide { number.to_ne_bytes().to_vec() } else { narrow(number) })
                        .collect()
                };
                let (starts, sizes) = (one(decide, items / 2), one(decide, items.div_ceil(2)));
                buffers.extend([Some(starts), Some(sizes)]);
                let kinds = if name == "chain" { OCTETS } else { ANY };
                children.push(self.column(decide, "item", kinds, items, depth + 1));
            }
            "+w:2" | "+w:0" => {
                let size = if kind == "+w:2" { 2 } else { 0 };
                let kinds = if name == "chain" { OCTETS } else { ANY };
                children.push(self.column(decide, "item", kinds, total * size, depth + 1));
            }
            "+s" => {
                let kinds = if name == "item" { &["u", "c"][..] } else { ANY };
                for name in ["key", "value"] {
                    children.push(self.column(decide, name, kinds, total, depth + 1));
                }
            }
            "+us:0,1" | "+ud:0,1" => {
                buffers.clear();
                buffers.push(Some((0..total).map(|_| narrow_octet(decide, 2)).collect()));
                let dense = kind == "+ud:0,1";
                if dense {
                    let numbers = (0..total).map(|row| decide.number(i64::try_from(row).unwrap() / 2));
                    buffers.push(Some(numbers.collect::<Vec<_>>().into_iter().flat_map(narrow).collect()));
                }
                for name in ["a", "b"] {
                    children.push(self.column(decide, name, ANY, total, depth + 1));
                }
            }
            "dz" | "du" | "dl" => {
                format = ["c", "C", "s", "I", "l"][decide.below(5)];
                let values = decide.below(4);
                let mut key = || {
                    let key = i64::try_from(decide.below(values.max(1))).unwrap();
                    decide.number(key)
                };
                let keys: Vec<i64> = (0..total).map(|_| key()).collect();
                let width = width(format);
                buffers.push(Some(keys.iter().flat_map(|key| key.to_le_bytes()[..width].to_vec()).collect()));
                let kinds = match kind {
                    "dz" => &["z", "Z", "vz", "w:3"][..],
                    "du" => &["u", "U", "vu"][..],
                    _ => &["l", "u", "+l"][..],
                };
                dictionary = Some(self.column(decide, "", kinds, values, depth + 1));
            }
            "+r" => {
                buffers.clear();
                let runs = decide.below(4);
                children.push(self.column(decide, "run_ends", &["i"], runs, depth + 1));
                children.push(self.column(decide, "values", ANY, runs, depth + 1));
            }
            "n" => buffers.clear(),
            "b" => buffers.push(Some((0..total.div_ceil(8)).map(|_| decide.octet()).collect())),
            "i" => {
                // Ends of runs, most of the time.
                let numbers: Vec<i64> =
                    (1..=total).map(|row| decide.number(4 * i64::try_from(row).unwrap())).collect();
                buffers[0] = None;
                buffers.push(Some(numbers.into_iter().flat_map(narrow).collect()));
            }
            other => buffers.push(Some((0..total * width(other)).map(|_| decide.octet()).collect())),
        }
        self.finish(decide, name, format, &extent, nulls, buffers, children, dictionary)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one structure")]
    fn finish(
        &mut self,
        decide: &mut Decisions<'_>,
        name: &str,
        format: &str,
        extent: &Extent,
        nulls: i64,
        buffers: Vec<Option<Vec<u8>>>,
        children: Vec<Pair>,
        dictionary: Option<Pair>,
    ) -> Pair {
        let n_buffers = decide.number(i64::try_from(buffers.len()).unwrap()).min(250);
        let mut pointers: Vec<*const c_void> = buffers
            .into_iter()
            .map(|octets| match octets {
                Some(octets) if !decide.lies() => self.buffer(octets),
                _ => ptr::null(),
            })
            .collect();
        // A count that is too large finds null pointers.
        pointers.resize(260, ptr::null());
        self.pointers.push(pointers.into_boxed_slice());
        let buffers = self.pointers.last_mut().unwrap().as_mut_ptr();
        let count = i64::try_from(children.len()).unwrap();
        let (mut arrays, mut schemas): (Vec<_>, Vec<_>) = children
            .into_iter()
            .map(|(array, schema)| (Box::into_raw(Box::new(array)), Box::into_raw(Box::new(schema))))
            .unzip();
        arrays.resize(260, ptr::null_mut());
        schemas.resize(260, ptr::null_mut());
        self.arrays.push(arrays.into_boxed_slice());
        self.schemas.push(schemas.into_boxed_slice());
        let (array, schema) = match dictionary {
            None => (ptr::null_mut(), ptr::null_mut()),
            Some((array, schema)) => {
                let pair = (Box::into_raw(Box::new(array)), Box::into_raw(Box::new(schema)));
                self.arrays.push(Box::new([pair.0]));
                self.schemas.push(Box::new([pair.1]));
                pair
            }
        };
        let format = if decide.octet() == 1 { NONSENSE[decide.below(NONSENSE.len())] } else { format };
        let mut text = |text: &str| {
            self.texts.push(CString::new(text).unwrap());
            self.texts.last().unwrap().as_ptr()
        };
        let (format, name) = (text(format), text(name));
        let mut made = FFI_ArrowArray::empty();
        made.length = extent.length;
        made.offset = extent.offset;
        made.null_count = decide.number(nulls);
        made.n_buffers = n_buffers;
        made.buffers = if decide.lies() { ptr::null_mut() } else { buffers };
        made.n_children = decide.number(count).min(250);
        made.children = if decide.lies() { ptr::null_mut() } else { self.arrays_of(dictionary_is(array)) };
        made.dictionary = if decide.lies() { ptr::null_mut() } else { array };
        made.release = if decide.lies() { None } else { Some(release_array) };
        let mut told = FFI_ArrowSchema::empty();
        told.format = if decide.octet() == 2 { ptr::null() } else { format };
        told.name = name;
        told.flags = if decide.below(8) == 0 { 0 } else { 2 };
        told.n_children = if decide.octet() == 3 { decide.number(count).min(250) } else { count };
        told.children = self.schemas_of(dictionary_is(array));
        told.dictionary = schema;
        told.release = Some(release_schema);
        (made, told)
    }

    /// The children that were pushed last, before a dictionary.
    fn arrays_of(&mut self, before: usize) -> *mut *mut FFI_ArrowArray {
        let at = self.arrays.len() - 1 - before;
        self.arrays[at].as_mut_ptr()
    }

    fn schemas_of(&mut self, before: usize) -> *mut *mut FFI_ArrowSchema {
        let at = self.schemas.len() - 1 - before;
        self.schemas[at].as_mut_ptr()
    }
}

fn dictionary_is(array: *mut FFI_ArrowArray) -> usize {
    usize::from(!array.is_null())
}

fn width(format: &str) -> usize {
    match format {
        "c" | "C" => 1,
        "s" | "S" => 2,
        "I" | "i" => 4,
        "w:3" => 3,
        "w:0" => 0,
        "d:5,2" => 16,
        _ => 8,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "on purpose")]
fn narrow(number: i64) -> Vec<u8> {
    (number as i32).to_ne_bytes().to_vec()
}

fn narrow_octet(decide: &mut Decisions<'_>, most: usize) -> u8 {
    let number = i64::try_from(decide.below(most)).unwrap();
    decide.number(number).to_le_bytes()[0]
}

/// Offsets of so many rows, and how many values the last one says there are.
fn offsets<const WIDTH: usize>(decide: &mut Decisions<'_>, total: usize) -> (Vec<u8>, usize) {
    let mut at = 0;
    let mut numbers = vec![0];
    for _ in 0..total {
        at += i64::try_from(decide.below(5)).unwrap();
        numbers.push(at);
    }
    for (index, number) in numbers.iter_mut().enumerate() {
        *number = decide.number(*number);
        // Only the last may not promise what there is not.
        if index < total && decide.octet() == 5 {
            *number = i64::from(i32::MAX);
        }
    }
    let last = numbers.last().copied().and_then(|last| usize::try_from(last).ok()).unwrap_or(0);
    let octets = numbers
        .into_iter()
        .flat_map(|number| if WIDTH == 8 { number.to_ne_bytes().to_vec() } else { narrow(number) });
    (octets.collect(), last)
}

fn octets<const WIDTH: usize>(decide: &mut Decisions<'_>, total: usize) -> [Option<Vec<u8>>; 2] {
    let (offsets, last) = offsets::<WIDTH>(decide, total);
    let values = (0..last).map(|_| if decide.octet() < 8 { 0xff } else { b'a' }).collect();
    [Some(offsets), Some(values)]
}

/// Views, two buffers and their lengths.
fn views(decide: &mut Decisions<'_>, total: usize) -> Vec<Option<Vec<u8>>> {
    let lengths = [decide.number(40), decide.number(20)];
    let buffers = lengths.map(|length| {
        let length = usize::try_from(length).unwrap_or(0);
        Some(vec![if decide.octet() < 8 { 0xff } else { b'a' }; length])
    });
    let mut views = Vec::new();
    for _ in 0..total {
        let long = decide.below(2) == 0;
        let length = i64::try_from(if long { 13 + decide.below(8) } else { decide.below(13) }).unwrap();
        views.extend(narrow(decide.number(length)));
        if long {
            views.extend(if decide.octet() < 4 { *b"nope" } else { *b"aaaa" });
            let (index, at) =
                (i64::try_from(decide.below(2)).unwrap(), i64::try_from(decide.below(8)).unwrap());
            views.extend(narrow(decide.number(index)));
            views.extend(narrow(decide.number(at)));
        } else {
            let length = usize::try_from(length).unwrap();
            views.extend(
                (0..12).map(|place| if place < length { b'a' } else { u8::from(decide.octet() == 1) }),
            );
        }
    }
    let [first, second] = buffers;
    let lengths = lengths.iter().flat_map(|length| length.to_ne_bytes()).collect();
    vec![Some(views), first, second, Some(lengths)]
}

/// Reads all that the judge of a batch would.
fn read(batch: &RecordBatch) -> &'static str {
    let remedy = |_: &str, column: &str| column.to_owned();
    let mut word = "sound, no chains";
    for start in [0, batch.num_rows() / 2] {
        let part = batch.slice(start, batch.num_rows() - start);
        let table = CertificateTable::new(&part.schema(), std::slice::from_ref(&part)).ok().map(Arc::new);
        for table in [None, table.as_ref()] {
            let situation = Situation {
                has_table: table.is_some(),
                has_time: true,
                has_name: true,
                has_logs: true,
                remedy: &remedy,
            };
            let Ok(names) = WantedColumns::default().of(&part.schema(), &situation) else { continue };
            let Ok(columns) = Columns::new(&part, &names, table) else { continue };
            let mut octets = 0_usize;
            for row in 0..columns.len() {
                let mut chain = Vec::new();
                let asked = columns.row(row, &mut chain);
                octets += chain
                    .iter()
                    .map(|der| der.iter().map(|octet| usize::from(*octet)).sum::<usize>())
                    .sum::<usize>();
                octets += asked.name.map_or(0, |name| name.chars().count());
                octets += columns.key(row).map_or(0, |key| key.chars().count());
            }
            octets += columns.names_to_encode().count();
            std::hint::black_box(octets);
            word = "sound, judged";
        }
    }
    word
}

pub(super) fn run(data: &[u8]) -> &'static str {
    let mut decide = Decisions(data);
    let mut arena = Arena::default();
    let rows = decide.below(6);
    let columns: Vec<Pair> = vec![
        arena.column(&mut decide, "chain", LISTS, rows, 1),
        arena.column(&mut decide, "name", TEXTS, rows, 1),
        arena.column(&mut decide, "key", TEXTS, rows, 1),
        arena.column(&mut decide, "at", &["tss:", "l", "n"], rows, 1),
        arena.column(&mut decide, "ids", LISTS, rows, 1),
        arena.column(&mut decide, "der", OCTETS, rows, 1),
        arena.column(&mut decide, "id", &["c", "S", "l", "dl"], rows, 1),
        arena.column(&mut decide, "kept", ANY, rows, 1),
    ];
    // The batch itself lies seldom: else nothing of the rest is seen.
    let length = i64::try_from(rows).unwrap();
    let extent = Extent {
        length: if decide.octet() == 4 { decide.number(length) } else { length },
        offset: 0,
        total: rows,
    };
    let mut honest = Decisions(&[]);
    let (array, schema) = arena.finish(&mut honest, "", "+s", &extent, 0, vec![None], columns, None);
    // SAFETY: `arena` has what the structures point to, and is dropped last.
    let Ok(batch) = (unsafe { import_batch(array, &schema) }) else { return "refused" };
    for column in batch.columns() {
        column.to_data().validate_full().expect("an array that was taken is sound");
    }
    // What is handed on is taken again.
    let data = arrow_array::StructArray::from(batch.clone()).to_data();
    let (array, schema) = arrow_array::ffi::to_ffi(&data).expect("a sound batch can be handed on");
    // SAFETY: of arrays that are sound.
    let again = unsafe { import_batch(array, &schema) }.expect("and taken again");
    assert_eq!(again.num_rows(), batch.num_rows(), "with all of its rows");
    let word = read(&batch);
    drop((again, batch));
    word
}
