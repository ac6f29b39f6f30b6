//! Borrowing what Python holds. Plain contiguous integers (64 bits; years of 32 or 16 bits too) are read where they
//! lie, everything else is copied and converted a tile at a time. Another thread may write to a numpy array while the interpreter lock is
//! released: that may spoil an answer but cannot break memory, as the call keeps the array object alive.

use crate::core::error::InputError;
use crate::core::kernel::{
    Borrowed, Column, Conversion, Element, Lanes, MISSING, NOT_FINITE, NOT_WHOLE, OVERFLOW, TILE, View, convert,
};
use numpy::{PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyTuple};
use std::ops::Range;

use super::errors::raise;

/// Element types that a column may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    /// Arrow `decimal128` as two 64-bit words a row, with this many digits after the point.
    Decimal(u32),
}

impl Type {
    const fn bytes(self) -> usize {
        match self {
            Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
            Self::Decimal(_) => 16,
        }
    }
}

/// Rows of one buffer.
#[derive(Clone, Copy)]
struct Piece {
    data: *const u8,
    stride: isize,
    rows: usize,
    of: Type,
    /// One byte a row, not zero where the row is null, and its stride.
    nulls: Option<(*const u8, isize)>,
}

/// A column as Python holds it: numpy arrays, masked arrays, chunks of either, or one number for all rows.
pub(super) struct PyColumn {
    pieces: Vec<Piece>,
    rows: usize,
    conversion: Conversion,
    /// Chunks of a list, which another thread may take out of it meanwhile.
    keep: Vec<Py<PyAny>>,
    /// The number that stands for all rows, where the column is one; read through its piece.
    _number: Option<Box<[i64; 1]>>,
}

// SAFETY: the pointers are only read, by value, and stay valid: the call holds the arrays, the column its number.
#[allow(unsafe_code)]
unsafe impl Send for PyColumn {}
// SAFETY: as above; reading needs no exclusive access.
#[allow(unsafe_code)]
unsafe impl Sync for PyColumn {}

impl PyColumn {
    /// Takes a column under `name`, which errors use.
    pub(super) fn new(name: &str, value: &Bound<'_, PyAny>, conversion: Conversion) -> PyResult<Self> {
        let mut column =
            Self { pieces: Vec::with_capacity(1), rows: 0, conversion, keep: Vec::new(), _number: None };
        if let Ok(array) = value.cast::<PyUntypedArray>() {
            if !value.is_exact_instance_of::<PyUntypedArray>() && value.hasattr("mask")? {
                let remedy = "Its mask would be lost: give the pair (array.data, array.mask)";
                return Err(raise(value.py(), InputError::column(name, "is a masked array", remedy).into()));
            }
            column.push(name, array, None, None)?;
        } else if let Some(masked) = masked(value) {
            column.push_masked(name, masked)?;
        } else if let Some(chunks) = value.cast::<PyList>().ok().filter(|l| l.iter().all(|c| masked(&c).is_some()))
        {
            for chunk in chunks {
                column.push_masked(name, chunk.cast::<PyTuple>()?)?;
                column.keep.push(chunk.unbind());
            }
        } else {
            let kind = value.get_type().qualname()?;
            let remedy = "Give a one-dimensional numpy array, or one number for all rows";
            return Err(raise(value.py(), InputError::column(name, format!("is a {kind}"), remedy).into()));
        }
        Ok(column)
    }

    /// One number for `rows` rows: an array of one element, owned here, read again and again.
    pub(super) fn constant(number: [i64; 1], rows: usize, conversion: Conversion) -> Self {
        let number = Box::new(number);
        let data = number.as_ptr().cast();
        let pieces = vec![Piece { data, stride: 0, rows, of: Type::I64, nulls: None }];
        Self { pieces, rows, conversion, keep: Vec::new(), _number: Some(number) }
    }

    fn push_masked(&mut self, name: &str, masked: &Bound<'_, PyTuple>) -> PyResult<()> {
        let values = masked.get_item(0)?;
        let nulls = masked.get_item(1)?;
        let scale = if masked.len() > 2 { Some(masked.get_item(2)?.extract::<u32>()?) } else { None };
        let nulls = if nulls.is_none() { None } else { Some(nulls.cast_into::<PyUntypedArray>()?) };
        self.push(name, values.cast::<PyUntypedArray>()?, nulls.as_ref(), scale)
    }

    fn push(
        &mut self,
        name: &str,
        array: &Bound<'_, PyUntypedArray>,
        nulls: Option<&Bound<'_, PyUntypedArray>>,
        decimals: Option<u32>,
    ) -> PyResult<()> {
        let py = array.py();
        let fail = |problem: String, remedy: &str| raise(py, InputError::column(name, problem, remedy).into());
        let wanted = if decimals.is_some() { 2 } else { 1 };
        if array.ndim() != wanted {
            let problem = format!("has {} dimensions", array.ndim());
            return Err(fail(problem, "Give a one-dimensional array; ravel() or a column of it"));
        }
        let of = match (decimals, element_type(array)) {
            (Some(scale), _) if scale > most_digits(self.conversion) => {
                let problem = format!("is a decimal with {scale} digits after the point");
                let remedy = format!("Cast to {} digits, deciding how to round", most_digits(self.conversion));
                return Err(fail(problem, &remedy));
            }
            (Some(scale), Some(Type::I64)) if is_pairs_of_words(array) => Type::Decimal(scale),
            (Some(_), _) => return Err(PyTypeError::new_err("a decimal is two adjacent 64-bit words a row")),
            (None, Some(of)) => of,
            (None, None) => {
                let problem = format!("has dtype {}", array.dtype());
                return Err(fail(problem, "Give integers, floats or booleans in native byte order"));
            }
        };
        let rows = array.shape()[0];
        let nulls = match nulls {
            Some(mask) if mask.ndim() == 1 && mask.shape()[0] == rows && mask.dtype().itemsize() == 1 => {
                Some((data_of(mask), mask.strides()[0]))
            }
            Some(_) => return Err(PyTypeError::new_err("a mask of nulls has one byte for each row")),
            None => None,
        };
        self.pieces.push(Piece { data: data_of(array), stride: array.strides()[0], rows, of, nulls });
        self.rows += rows;
        Ok(())
    }

    /// A row as the caller wrote it, where that is null or could not be converted.
    pub(super) fn unreadable(&self, row: usize) -> Option<String> {
        let (mut value, mut flags) = ([0], [0]);
        self.gather(row..row + 1, &mut value, &mut flags);
        let mut at = row;
        let piece = self.pieces.iter().find(|p| {
            let here = at < p.rows;
            at -= if here { 0 } else { p.rows };
            here
        })?;
        if flags[0] & MISSING != 0 {
            return Some("null".into());
        }
        (flags[0] & (NOT_FINITE | OVERFLOW | NOT_WHOLE) != 0).then(|| piece.text(at))
    }

    /// Whether any byte of the column or of its nulls lies in `[from, to)`.
    pub(super) fn touches(&self, from: *const u8, to: *const u8) -> bool {
        let spans = |first: *const u8, stride: isize, rows: usize, bytes: usize| {
            let last = first.wrapping_offset(stride * (rows as isize - 1));
            first.min(last) < to && from < first.max(last).wrapping_add(bytes)
        };
        self.pieces.iter().filter(|p| p.rows > 0).any(|p| {
            spans(p.data, p.stride, p.rows, p.of.bytes())
                || p.nulls.is_some_and(|(m, step)| spans(m, step, p.rows, 1))
        })
    }
}

/// Digits after the point that a decimal may have: cents of dollars, parts per billion of the rest.
const fn most_digits(conversion: Conversion) -> u32 {
    match conversion {
        Conversion::Dollars => 2,
        Conversion::Cents | Conversion::Whole | Conversion::Share => 9,
    }
}

fn is_pairs_of_words(array: &Bound<'_, PyUntypedArray>) -> bool {
    array.shape()[1] == 2 && (array.shape()[0] == 0 || array.strides()[1] == 8)
}

/// A column with its nulls apart: (values, nulls) or (words, nulls, digits after the point).
fn masked<'a, 'py>(value: &'a Bound<'py, PyAny>) -> Option<&'a Bound<'py, PyTuple>> {
    let pair = value.cast::<PyTuple>().ok().filter(|t| (2..=3).contains(&t.len()))?;
    let values = pair.get_borrowed_item(0).ok()?;
    values.cast::<PyUntypedArray>().is_ok().then_some(pair)
}

#[allow(unsafe_code)]
fn data_of(array: &Bound<'_, PyUntypedArray>) -> *const u8 {
    // SAFETY: any array has a data pointer, whatever its element type; it is read here, not followed.
    unsafe { array.cast_unchecked::<PyArrayDyn<u8>>() }.data().cast_const()
}

fn element_type(array: &Bound<'_, PyUntypedArray>) -> Option<Type> {
    let dtype = array.dtype();
    if dtype.is_native_byteorder() == Some(false) {
        return None;
    }
    Some(match (dtype.kind(), dtype.itemsize()) {
        (b'i', 8) => Type::I64,
        (b'i', 4) => Type::I32,
        (b'i', 2) => Type::I16,
        (b'i', 1) => Type::I8,
        (b'u', 8) => Type::U64,
        (b'u', 4) => Type::U32,
        (b'u', 2) => Type::U16,
        (b'u' | b'b', 1) => Type::U8,
        (b'f', 8) => Type::F64,
        (b'f', 4) => Type::F32,
        _ => return None,
    })
}

impl Piece {
    /// Copies rows by value and converts them.
    #[allow(unsafe_code)]
    fn gather(&self, from: usize, how: Conversion, out: &mut [i64], flags: &mut [u8]) -> bool {
        let mut any = match self.of {
            Type::I64 => self.typed::<i64>(from, how, out, flags),
            Type::I32 => self.typed::<i32>(from, how, out, flags),
            Type::I16 => self.typed::<i16>(from, how, out, flags),
            Type::I8 => self.typed::<i8>(from, how, out, flags),
            Type::U64 => self.typed::<u64>(from, how, out, flags),
            Type::U32 => self.typed::<u32>(from, how, out, flags),
            Type::U16 => self.typed::<u16>(from, how, out, flags),
            Type::U8 => self.typed::<u8>(from, how, out, flags),
            Type::F64 => self.typed::<f64>(from, how, out, flags),
            Type::F32 => self.typed::<f32>(from, how, out, flags),
            Type::Decimal(scale) => self.decimals(from, how, scale, out, flags),
        };
        if let Some((mask, stride)) = self.nulls {
            for (i, (out, flag)) in out.iter_mut().zip(flags).enumerate() {
                // SAFETY: the mask has a byte for each row of the piece.
                if unsafe { mask.offset((from + i) as isize * stride).read() } != 0 {
                    (*out, *flag, any) = (0, MISSING, true);
                }
            }
        }
        any
    }

    fn typed<T: Element + Default>(
        &self,
        from: usize,
        how: Conversion,
        out: &mut [i64],
        flags: &mut [u8],
    ) -> bool {
        let mut any = false;
        let mut scratch = [T::default(); TILE];
        for (block, (out, flags)) in out.chunks_mut(TILE).zip(flags.chunks_mut(TILE)).enumerate() {
            let values = &mut scratch[..out.len()];
            self.read(from + block * TILE, 0, values);
            any |= convert(values, how, out, flags);
        }
        any
    }

    /// Reads one element of each row, `offset` bytes into it.
    #[allow(unsafe_code)]
    fn read<T: Copy>(&self, from: usize, offset: usize, values: &mut [T]) {
        if offset == 0 && self.stride == size_of::<T>() as isize {
            let source = self.data.wrapping_add(from * size_of::<T>());
            // SAFETY: the rows belong to the array and `T` is its element type; `values` is ours.
            unsafe { std::ptr::copy_nonoverlapping(source, values.as_mut_ptr().cast(), size_of_val(values)) };
            return;
        }
        for (i, value) in values.iter_mut().enumerate() {
            let at = self.data.wrapping_offset((from + i) as isize * self.stride).wrapping_add(offset);
            // SAFETY: the row belongs to the array and `T` is its element type (or one word of it).
            *value = unsafe { at.cast::<T>().read_unaligned() };
        }
    }

    /// One row, unconverted, as text.
    fn text(&self, row: usize) -> String {
        match self.of {
            Type::I64 => self.one::<i64>(row, 0).to_string(),
            Type::I32 => self.one::<i32>(row, 0).to_string(),
            Type::I16 => self.one::<i16>(row, 0).to_string(),
            Type::I8 => self.one::<i8>(row, 0).to_string(),
            Type::U64 => self.one::<u64>(row, 0).to_string(),
            Type::U32 => self.one::<u32>(row, 0).to_string(),
            Type::U16 => self.one::<u16>(row, 0).to_string(),
            Type::U8 => self.one::<u8>(row, 0).to_string(),
            Type::F64 => self.one::<f64>(row, 0).to_string(),
            Type::F32 => self.one::<f32>(row, 0).to_string(),
            Type::Decimal(scale) => {
                let unscaled = i128::from(self.one::<i64>(row, 8)) << 64 | i128::from(self.one::<u64>(row, 0));
                let unit = 10_u128.pow(scale);
                let (sign, size) = (if unscaled < 0 { "-" } else { "" }, unscaled.unsigned_abs());
                match scale {
                    0 => format!("{sign}{size}"),
                    _ => format!("{sign}{}.{:0w$}", size / unit, size % unit, w = scale as usize),
                }
            }
        }
    }

    #[allow(unsafe_code)]
    fn one<T: Copy>(&self, row: usize, offset: usize) -> T {
        let at = self.data.wrapping_offset(row as isize * self.stride).wrapping_add(offset);
        // SAFETY: the row belongs to the array and `T` is its element type (or one word of it).
        unsafe { at.cast::<T>().read_unaligned() }
    }

    fn decimals(&self, from: usize, how: Conversion, scale: u32, out: &mut [i64], flags: &mut [u8]) -> bool {
        let mut any = false;
        let (mut low, mut high) = ([0_i64; TILE], [0_i64; TILE]);
        for (block, (out, flags)) in out.chunks_mut(TILE).zip(flags.chunks_mut(TILE)).enumerate() {
            let n = out.len();
            self.read(from + block * TILE, 0, &mut low[..n]);
            self.read(from + block * TILE, 8, &mut high[..n]);
            for i in 0..n {
                // Arrow holds the low word first, in two's complement; a value fits where the high word is its sign.
                let fits = high[i] == low[i] >> 63;
                let unit = 10_i64.pow(scale);
                let whole = match how {
                    Conversion::Dollars => low[i].checked_mul(10_i64.pow(2 - scale)).ok_or(OVERFLOW),
                    Conversion::Share => low[i].checked_mul(10_i64.pow(9 - scale)).ok_or(OVERFLOW),
                    Conversion::Cents | Conversion::Whole if low[i] % unit != 0 => Err(NOT_WHOLE),
                    Conversion::Cents | Conversion::Whole => Ok(low[i] / unit),
                };
                match if fits { whole } else { Err(OVERFLOW) } {
                    Ok(value) => out[i] = value,
                    Err(problem) => (out[i], flags[i], any) = (0, flags[i] | problem, true),
                }
            }
        }
        any
    }
}

impl Column for PyColumn {
    fn rows(&self) -> usize {
        self.rows
    }

    fn gather(&self, range: Range<usize>, out: &mut [i64], flags: &mut [u8]) -> bool {
        let (mut skip, mut done, mut any) = (range.start, 0, false);
        for piece in &self.pieces {
            if skip >= piece.rows {
                skip -= piece.rows;
                continue;
            }
            let take = (piece.rows - skip).min(range.len() - done);
            any |= piece.gather(skip, self.conversion, &mut out[done..done + take], &mut flags[done..done + take]);
            (done, skip) = (done + take, 0);
            if done == range.len() {
                break;
            }
        }
        any
    }

    fn borrow(&self, range: Range<usize>) -> Option<Borrowed<'_>> {
        let [piece] = self.pieces.as_slice() else { return None };
        let whole = matches!(self.conversion, Conversion::Cents | Conversion::Whole);
        if !whole || piece.nulls.is_some() || range.end > piece.rows {
            return None;
        }
        match piece.of {
            Type::I64 => piece.slice(range).map(Borrowed::I64),
            Type::I32 => piece.slice(range).map(Borrowed::I32),
            Type::I16 => piece.slice(range).map(Borrowed::I16),
            _ => None,
        }
    }

    fn view(&self, range: Range<usize>) -> Option<View<'_>> {
        let [piece] = self.pieces.as_slice() else { return None };
        if range.end > piece.rows {
            return None;
        }
        let scaled = matches!(self.conversion, Conversion::Dollars | Conversion::Share);
        let nulls = match piece.nulls {
            None => None,
            Some(mask) => Some(Piece::mask(mask, range.clone())?),
        };
        let lanes = match piece.of {
            Type::I64 if !scaled => piece.slice(range).map(Lanes::I64),
            Type::I32 if !scaled => piece.slice(range).map(Lanes::I32),
            Type::I16 if !scaled => piece.slice(range).map(Lanes::I16),
            Type::U8 if !scaled => piece.slice(range).map(Lanes::U8),
            Type::F64 if scaled => piece.slice(range).map(Lanes::F64),
            _ => None,
        };
        lanes.map(|lanes| View { lanes, nulls })
    }
}

impl Piece {
    /// Rows as a slice, where they are contiguous and aligned; `T` is the element type, `range` within the rows.
    #[allow(unsafe_code)]
    fn slice<T>(&self, range: Range<usize>) -> Option<&[T]> {
        let start = self.data.wrapping_add(range.start * size_of::<T>()).cast::<T>();
        if self.stride != size_of::<T>() as isize || !start.is_aligned() {
            return None;
        }
        // SAFETY: aligned, contiguous and inside an array that the call keeps alive. Another Python thread that
        // writes to it meanwhile races with this read, as it would with numpy's own: the answer may mix old and
        // new values, but kernels index nothing by what they read without a bound, so memory stays sound.
        Some(unsafe { std::slice::from_raw_parts(start, range.len()) })
    }

    /// A contiguous mask as a slice.
    #[allow(unsafe_code)]
    fn mask<'a>((data, stride): (*const u8, isize), range: Range<usize>) -> Option<&'a [u8]> {
        if stride != 1 {
            return None;
        }
        // SAFETY: the mask has a byte for each row of the piece, and the call keeps it alive; as for `slice`.
        Some(unsafe { std::slice::from_raw_parts(data.wrapping_add(range.start), range.len()) })
    }
}

/// A Python number for all rows, as the core's integer; nothing where the value is not a plain number.
pub(super) fn scalar(value: &Bound<'_, PyAny>, conversion: Conversion) -> PyResult<Option<[i64; 1]>> {
    let (mut out, mut flags) = ([0], [0]);
    if value.is_instance_of::<PyBool>() {
        out[0] = i64::from(value.extract::<bool>()?);
    } else if value.is_instance_of::<PyInt>() {
        convert(&[value.extract::<i64>()?], conversion, &mut out, &mut flags);
    } else if value.is_instance_of::<PyFloat>() {
        convert(&[value.extract::<f64>()?], conversion, &mut out, &mut flags);
    } else if value.cast::<PyUntypedArray>().is_err() && value.hasattr("__index__")? {
        convert(&[value.call_method0("__index__")?.extract::<i64>()?], conversion, &mut out, &mut flags);
    } else {
        return Ok(None);
    }
    Ok((flags[0] == 0).then_some(out))
}
