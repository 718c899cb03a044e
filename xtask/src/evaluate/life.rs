//! Remaining life on C-MAPSS FD001 by similarity with the training engines.

use std::path::Path;

use obs_pipeline::evaluate::{phm08, rmse};
use obs_pipeline::forecast::similarity::{HealthIndex, Library, SimilarityConfig, remaining_rows};
use obs_pipeline::input::read;
use obs_pipeline::split::units;
use obs_pipeline::{Frame, Matrix};
use serde::Serialize;

use super::Error;
use super::reference::{LIFE, LifeReference};
use super::sets::{FD001, fd001_columns, life_after_last};

/// What is needed.
pub(super) const FILES: [&str; 3] = FD001;

const SET: &str = "C-MAPSS FD001";

/// Errors over the test engines, estimates and truth capped at 125 cycles.
#[derive(Debug, Serialize)]
pub(super) struct Measured {
    pub(super) engines: usize,
    pub(super) rmse: f64,
    pub(super) phm08: f64,
    pub(super) reference: &'static [LifeReference],
}

/// Learns from the training engines, which ran to failure, and estimates for the test engines, which were cut off.
pub(super) fn measure(folder: &Path) -> Result<Measured, Error> {
    let data = |what: String| Error::Data { set: SET, what };
    let load = |file: &str| {
        read(&[folder.join(file)], &fd001_columns())
            .map(|loaded| loaded.frame)
            .map_err(|source| Error::Run { set: SET, source: Box::new(source.into()) })
    };
    let (train, test) = (load(FD001[0])?, load(FD001[1])?);
    let common: Vec<String> = train.names.iter().filter(|n| test.names.contains(n)).cloned().collect();
    let (train, test) = (lives(&train, &common), lives(&test, &common));

    let config = SimilarityConfig::default();
    let index = HealthIndex::fit(&train, &config)
        .ok_or_else(|| data("no training engine is long enough to learn from".to_owned()))?;
    let library = Library { histories: train.iter().map(|life| index.apply(life)).collect() };
    let estimates: Vec<f64> = test
        .iter()
        .map(|life| {
            remaining_rows(&index.apply(life), &library, &config)
                .map(|left| left.rows.min(config.max_rows))
                .map_err(|refusal| data(format!("a test engine gets no estimate: {refusal}")))
        })
        .collect::<Result<_, _>>()?;
    let truth: Vec<f64> = life_after_last(folder)?.iter().map(|left| left.min(config.max_rows)).collect();
    if truth.len() != estimates.len() {
        return Err(data(format!("{} test engines, but {} remaining lives", estimates.len(), truth.len())));
    }
    let rmse = rmse(&estimates, &truth).ok_or_else(|| data("no test engine".to_owned()))?;
    Ok(Measured { engines: truth.len(), rmse, phm08: phm08(&estimates, &truth), reference: &LIFE })
}

/// A matrix for each unit.
fn lives(frame: &Frame, sensors: &[String]) -> Vec<Matrix> {
    let frame = frame.with_sensors(sensors);
    units(&frame).into_iter().map(|unit| Matrix::from_columns(&frame.slice(unit).columns)).collect()
}
