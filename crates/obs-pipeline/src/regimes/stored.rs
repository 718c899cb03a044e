//! [`Regimes`] as they are stored.

use serde::{Deserialize, Serialize};

use super::Regimes;
use crate::features::Standard;

/// [`Regimes`] before it is known whether their parts fit together. Numbers that labels depend on are kept to the
/// bit.
#[derive(Serialize, Deserialize)]
pub(super) struct Unchecked {
    silhouette: f64,
    occupancy: Vec<f64>,
    columns: Vec<usize>,
    standard: Standard,
    #[serde(with = "crate::detect::exact::f64s")]
    centres: Vec<f64>,
    #[serde(with = "crate::detect::exact::f64s")]
    reach: Vec<f64>,
    #[serde(with = "crate::detect::exact::f64s")]
    steady_step: Vec<f64>,
    smooth_rows: usize,
}

impl From<Regimes> for Unchecked {
    fn from(r: Regimes) -> Self {
        Self {
            silhouette: r.silhouette,
            occupancy: r.occupancy,
            columns: r.columns,
            standard: r.standard,
            centres: r.centres,
            reach: r.reach,
            steady_step: vec![r.steady_step],
            smooth_rows: r.smooth_rows,
        }
    }
}

impl TryFrom<Unchecked> for Regimes {
    type Error = &'static str;

    fn try_from(u: Unchecked) -> Result<Self, Self::Error> {
        let (count, d) = (u.reach.len(), u.columns.len());
        let fits = count > 0
            && d > 0
            && u.occupancy.len() == count
            && u.centres.len() == count * d
            && u.standard.is_sound(d)
            && u.smooth_rows % 2 == 1;
        match u.steady_step[..] {
            [steady_step] if fits => Ok(Self {
                count,
                silhouette: u.silhouette,
                occupancy: u.occupancy,
                columns: u.columns,
                standard: u.standard,
                centres: u.centres,
                reach: u.reach,
                steady_step,
                smooth_rows: u.smooth_rows,
            }),
            _ => Err("stored regimes are damaged: their parts do not fit together"),
        }
    }
}
