//! The data sets: where their files are, how they are read, which rows are healthy, which are faulty.

use std::fs;
use std::path::{Path, PathBuf};

use obs_pipeline::input::ReadOptions;
use obs_pipeline::{RunRequest, Train};
use tempfile::TempDir;

use super::Error;
use super::reference::{self, Reference};

/// A data set and its protocol.
#[derive(Clone, Copy)]
pub(super) struct Set {
    pub(super) title: &'static str,
    /// Files that must be there, relative to the data folder.
    pub(super) files: &'static [&'static str],
    /// The runs of the protocol; each is measured alone.
    pub(super) runs: fn(&Path) -> Result<Vec<Run>, Error>,
    pub(super) reference: &'static Reference,
}

/// One run and the truth about its scored rows.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) request: RunRequest,
    pub(super) truth: Truth,
    /// Holds files made for the run, as long as it lives.
    _made: Option<TempDir>,
}

/// Which rows are faulty.
#[derive(Clone, Debug)]
pub(super) enum Truth {
    /// None is.
    Healthy,
    /// Those over 0.5 in this label column.
    Column(&'static str),
    /// Those within one of these times, both ends inclusive, as `YYYY-MM-DDThh:mm:ss`.
    Windows(&'static [(&'static str, &'static str)]),
    /// Those from this scored row on.
    From(usize),
    /// Those of each unit with at most `limit` rows of life left; `after_last` is what is left after its last row.
    NearEnd { after_last: Vec<f64>, limit: f64 },
}

/// The data sets, in the order of the table.
pub(super) const ALL: [Set; 5] = [
    Set { title: "SKAB valve1", files: &VALVE1, runs: valve1, reference: &reference::VALVE1 },
    Set {
        title: "NAB machine_temperature",
        files: &["nab/machine_temperature_system_failure.csv"],
        runs: machine_temperature,
        reference: &reference::MACHINE_TEMPERATURE,
    },
    Set {
        title: "TEP fault 4",
        files: &["tep/d00.dat", "tep/d04_te.dat"],
        runs: tep,
        reference: &reference::TEP_4,
    },
    Set { title: "C-MAPSS FD001", files: &FD001, runs: fd001, reference: &reference::FD001 },
    Set {
        title: "SKAB anomaly-free",
        files: &["skab/anomaly-free/anomaly-free.csv"],
        runs: anomaly_free,
        reference: &reference::ANOMALY_FREE,
    },
];

const VALVE1: [&str; 16] = [
    "skab/valve1/0.csv",
    "skab/valve1/1.csv",
    "skab/valve1/2.csv",
    "skab/valve1/3.csv",
    "skab/valve1/4.csv",
    "skab/valve1/5.csv",
    "skab/valve1/6.csv",
    "skab/valve1/7.csv",
    "skab/valve1/8.csv",
    "skab/valve1/9.csv",
    "skab/valve1/10.csv",
    "skab/valve1/11.csv",
    "skab/valve1/12.csv",
    "skab/valve1/13.csv",
    "skab/valve1/14.csv",
    "skab/valve1/15.csv",
];

/// Training engines, test engines, and how long the latter live on.
pub(super) const FD001: [&str; 3] =
    ["cmapss_fd001/train_FD001.txt", "cmapss_fd001/test_FD001.txt", "cmapss_fd001/RUL_FD001.txt"];

/// NAB's labels of `machine_temperature_system_failure` (`labels/combined_windows.json` of the benchmark).
const MACHINE_TEMPERATURE: [(&str, &str); 4] = [
    ("2013-12-10T06:25:00", "2013-12-12T05:35:00"),
    ("2013-12-15T17:50:00", "2013-12-17T17:00:00"),
    ("2014-01-27T14:20:00", "2014-01-29T13:30:00"),
    ("2014-02-07T14:55:00", "2014-02-09T14:05:00"),
];

/// Cycles in which a training engine of FD001 counts as healthy.
const FD001_HEALTHY: f64 = 40.0;
/// Cycles before its end from which an engine of FD001 counts as faulty.
const FD001_FAULTY: f64 = 50.0;

/// The first of `files` that is not there.
pub(super) fn missing(folder: &Path, files: &[&str]) -> Option<PathBuf> {
    files.iter().map(|file| folder.join(file)).find(|path| !path.is_file())
}

fn run(input: PathBuf, read: ReadOptions, train: Train, truth: Truth) -> Run {
    let equipment = input.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let request = RunRequest { inputs: vec![input], read, train, equipment, ..RunRequest::default() };
    Run { request, truth, _made: None }
}

/// Each file alone: its first 400 rows are healthy.
#[expect(clippy::unnecessary_wraps, reason = "one signature for all data sets")]
fn valve1(folder: &Path) -> Result<Vec<Run>, Error> {
    let labels = ["anomaly", "changepoint"].map(str::to_owned).to_vec();
    let read = ReadOptions { label_columns: labels, ..ReadOptions::default() };
    let one = |file: &&str| run(folder.join(file), read.clone(), Train::Rows(400), Truth::Column("anomaly"));
    Ok(VALVE1.iter().map(one).collect())
}

/// One sensor, so the pipeline derives others from it; the first 750 rows are healthy.
#[expect(clippy::unnecessary_wraps, reason = "one signature for all data sets")]
fn machine_temperature(folder: &Path) -> Result<Vec<Run>, Error> {
    let input = folder.join("nab/machine_temperature_system_failure.csv");
    let read = ReadOptions { derive: true, ..ReadOptions::default() };
    Ok(vec![run(input, read, Train::Rows(750), Truth::Windows(&MACHINE_TEMPERATURE))])
}

/// The normal operation of `d00.dat`, stored a sensor on each line, is the baseline; the fault starts after 160 rows.
#[expect(clippy::unnecessary_wraps, reason = "one signature for all data sets")]
fn tep(folder: &Path) -> Result<Vec<Run>, Error> {
    let read = ReadOptions { no_header: true, ..ReadOptions::default() };
    let train = Train::Baseline { path: folder.join("tep/d00.dat"), transpose: true };
    Ok(vec![run(folder.join("tep/d04_te.dat"), read, train, Truth::From(160))])
}

/// The first cycles of the training engines are the baseline of all test engines.
fn fd001(folder: &Path) -> Result<Vec<Run>, Error> {
    let made = TempDir::new().map_err(|source| Error::Io {
        verb: "make a folder in",
        path: std::env::temp_dir(),
        source,
    })?;
    let path = made.path().join("baseline.txt");
    let whole = read_text(&folder.join(FD001[0]))?;
    let young = |line: &&str| {
        let cycle = line.split_whitespace().nth(1).and_then(|c| c.parse::<f64>().ok());
        cycle.is_some_and(|cycle| cycle <= FD001_HEALTHY)
    };
    let baseline: String = whole.lines().filter(young).flat_map(|line| [line, "\n"]).collect();
    fs::write(&path, baseline).map_err(|source| Error::Io { verb: "write", path: path.clone(), source })?;
    let truth = Truth::NearEnd { after_last: life_after_last(folder)?, limit: FD001_FAULTY };
    let train = Train::Baseline { path, transpose: false };
    Ok(vec![Run { _made: Some(made), ..run(folder.join(FD001[1]), fd001_columns(), train, truth) }])
}

/// Unit and cycle, and the three settings that are no sensors, in the first five columns.
pub(super) fn fd001_columns() -> ReadOptions {
    ReadOptions {
        no_header: true,
        unit_column: Some("c1".to_owned()),
        timestamp_column: Some("c2".to_owned()),
        label_columns: ["c3", "c4", "c5"].map(str::to_owned).to_vec(),
        ..ReadOptions::default()
    }
}

/// Cycles that each test engine of FD001 lived on after its last row.
pub(super) fn life_after_last(folder: &Path) -> Result<Vec<f64>, Error> {
    let path = folder.join(FD001[2]);
    let number = |text: &str| {
        text.parse().map_err(|_| Error::Data {
            set: "C-MAPSS FD001",
            what: format!("{}: `{text}` is not a number of cycles", path.display()),
        })
    };
    read_text(&path)?.split_whitespace().map(number).collect()
}

/// No fault in it: the first 4,700 rows, in which the motor warms up, are healthy, and so is the rest.
#[expect(clippy::unnecessary_wraps, reason = "one signature for all data sets")]
fn anomaly_free(folder: &Path) -> Result<Vec<Run>, Error> {
    let input = folder.join("skab/anomaly-free/anomaly-free.csv");
    Ok(vec![run(input, ReadOptions::default(), Train::Rows(4700), Truth::Healthy)])
}

fn read_text(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::Io { verb: "read", path: path.to_owned(), source })
}
