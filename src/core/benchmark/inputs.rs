//! Columns as a call lends them, and the entity that they make: which rows of the cells are its types.

use super::chain::Case;
use super::columns::{Four, cell, entity};
use crate::core::error::{Error, InputError, Result};

/// Columns of a call; NaN is null.
#[derive(Clone)]
pub struct Inputs<'a> {
    /// Cells by place.
    pub cells: [Option<&'a [f64]>; cell::N],
    /// Entities by place.
    pub entities: [Option<&'a [f64]>; entity::N],
    /// Agreement starts, yyyymmdd or a year.
    pub starts: &'a [i64],
    /// Row of the cells for each entity and type; negative where there is none.
    pub slots: &'a [[i64; 4]],
}

impl Inputs<'_> {
    /// Checks that columns and slots fit each other.
    pub(super) fn check(&self) -> Result<()> {
        let rows = self.cells.iter().flatten().map(|c| c.len()).max().unwrap_or(0);
        let entities = self.slots.len();
        for (column, name) in self.cells.iter().zip(cell::COLUMNS) {
            if let Some(column) = column.filter(|c| c.len() != rows) {
                return Err(uneven(name, column.len(), rows));
            }
        }
        for (column, name) in self.entities.iter().zip(entity::COLUMNS) {
            if let Some(column) = column.filter(|c| c.len() != entities) {
                return Err(uneven(name, column.len(), entities));
            }
        }
        if self.starts.len() != entities {
            return Err(uneven("agreement_start", self.starts.len(), entities));
        }
        let beyond = self.slots.iter().flatten().any(|slot| usize::try_from(*slot).is_ok_and(|s| s >= rows));
        if beyond {
            let remedy = "Slots are rows of the cells, four for each entity, negative for none";
            return Err(InputError::column("slots", "point beyond the cells", remedy).into());
        }
        Ok(())
    }

    /// What is known of an entity. A type without a row has no person years.
    #[must_use]
    pub fn case(&self, at: usize) -> Case {
        let mut case = Case { cells: [[f64::NAN; 4]; cell::N], entity: [f64::NAN; entity::N], start: 0 };
        let slots = self.slots[at];
        // Cells in order lie side by side.
        let first = usize::try_from(slots[0]).ok().filter(|_| (1..4).all(|k| slots[k] == slots[0] + k as i64));
        for (column, four) in self.cells.iter().zip(&mut case.cells) {
            let Some(column) = column else { continue };
            if let Some(side_by_side) = first.and_then(|row| column.get(row..row + 4)) {
                four.copy_from_slice(side_by_side);
                continue;
            }
            for (slot, value) in slots.iter().zip(four) {
                if let Ok(row) = usize::try_from(*slot) {
                    *value = column[row];
                }
            }
        }
        for (k, slot) in slots.iter().enumerate() {
            if *slot < 0 {
                for place in [cell::PERSON_YEARS_BY3, cell::PERSON_YEARS_PY] {
                    case.cells[place][k] = 0.0;
                }
            }
        }
        for (column, value) in self.entities.iter().zip(&mut case.entity) {
            if let Some(column) = column {
                *value = column[at];
            }
        }
        case.start = as_date(self.starts[at]);
        case
    }

    /// Values by entity and type as values by row of the cells.
    #[must_use]
    pub fn to_cells(&self, values: Vec<Four>) -> Vec<f64> {
        let rows = self.cells.iter().flatten().map(|c| c.len()).max().unwrap_or(0);
        let in_order = |(at, slot): (usize, &i64)| usize::try_from(*slot) == Ok(at);
        if rows == 4 * self.slots.len() && self.slots.as_flattened().iter().enumerate().all(in_order) {
            return values.into_flattened();
        }
        let mut out = vec![f64::NAN; rows];
        for (slot, value) in self.slots.as_flattened().iter().zip(values.as_flattened()) {
            if let Some(place) = usize::try_from(*slot).ok().and_then(|row| out.get_mut(row)) {
                *place = *value;
            }
        }
        out
    }
}

/// A start as yyyymmdd; a year alone stands for its first of January.
pub(super) fn as_date(start: i64) -> i64 {
    if (0..10_000).contains(&start) { start * 10_000 + 101 } else { start }
}

fn uneven(name: &str, rows: usize, others: usize) -> Error {
    let problem = format!("has {rows} rows where another column has {others}");
    InputError::column(name, problem, "Give columns of one length").into()
}
