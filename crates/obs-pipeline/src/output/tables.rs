//! The result tables: their schema, and the rows of one run.

use crate::forecast::Rul;
use crate::input::quality::Quality;
use crate::report::{EpisodeReport, RunOutcome, RunReport, Scored};
use crate::thresholds::Thresholds;
use rusqlite::{Transaction, params};

/// Migrations in order; the version of the tables is their number. Never change one that was released; add another.
pub(super) const MIGRATIONS: [&str; 1] = [include_str!("tables.sql")];

/// Tables that hold rows by run, children before parents.
const BY_RUN: [&str; 10] = [
    "ACM_Scores_Wide",
    "ACM_EpisodeCulprits",
    "ACM_Episodes",
    "ACM_HealthTimeline",
    "ACM_RegimeTimeline",
    "ACM_RUL",
    "ACM_Thresholds",
    "ACM_DataQuality",
    "ACM_DriftSeries",
    "ACM_Runs",
];

/// The run that rows belong to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    pub(crate) run_id: &'a str,
    pub(crate) equip_id: i64,
    pub(crate) equipment: &'a str,
}

/// Removes what an earlier try of the same run left.
pub(crate) fn clear(t: &Transaction<'_>, owner: Owner<'_>) -> rusqlite::Result<()> {
    for table in BY_RUN {
        t.execute(&format!("DELETE FROM {table} WHERE RunID = ?1"), [owner.run_id])?;
    }
    Ok(())
}

pub(crate) fn insert_run(
    t: &Transaction<'_>,
    owner: Owner<'_>,
    report: &RunReport,
) -> rusqlite::Result<usize> {
    let (outcome, reason) = match &report.outcome {
        RunOutcome::Success => ("success", None),
        RunOutcome::Noop(reason) => ("noop", Some(reason.as_str())),
    };
    t.execute(
        "INSERT INTO ACM_Runs (RunID, EquipID, Equipment, Outcome, Reason, RowsRead, RowsTrain, RowsScored, RowsDropped,
                               Sensors, Episodes, Health, DriftState, FeatureHash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        params![
            owner.run_id,
            owner.equip_id,
            owner.equipment,
            outcome,
            reason,
            report.rows.read as i64,
            report.rows.train as i64,
            report.rows.scored as i64,
            report.rows.dropped as i64,
            report.sensors.len() as i64,
            report.episodes.len() as i64,
            report.health.map(|h| h.index),
            report.drift.as_str(),
            report.feature_hash,
        ],
    )
}

pub(crate) fn insert_scores(
    t: &Transaction<'_>,
    owner: Owner<'_>,
    scored: &Scored,
) -> rusqlite::Result<usize> {
    let mut statement = t.prepare(
        "INSERT INTO ACM_Scores_Wide (RunID, EquipID, RowNum, Timestamp, ar1_z, pca_spe_z, pca_t2_z, iforest_z, gmm_z,
                                      gmm_w16_z, omr_z, omr_w16_z, fused_z, threshold, episode)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?;
    let stream = |name: &str| scored.streams.iter().find(|(n, _)| *n == name).map(|(_, z)| z);
    let columns = ["ar1", "pca_spe", "pca_t2", "iforest", "gmm", "gmm_w16", "omr", "omr_w16"].map(stream);
    for row in 0..scored.fused.len() {
        let z = columns.map(|c| c.map(|z| z[row]));
        statement.execute(params![
            owner.run_id,
            owner.equip_id,
            row as i64,
            scored.format_time(row),
            z[0],
            z[1],
            z[2],
            z[3],
            z[4],
            z[5],
            z[6],
            z[7],
            scored.fused[row],
            scored.threshold[row],
            scored.episode[row],
        ])?;
    }
    Ok(scored.fused.len())
}

pub(crate) fn insert_episodes(
    t: &Transaction<'_>,
    owner: Owner<'_>,
    episodes: &[EpisodeReport],
) -> rusqlite::Result<usize> {
    let mut statement = t.prepare(
        "INSERT INTO ACM_Episodes (RunID, EquipID, EpisodeNum, StartTime, EndTime, OnsetTime, PeakZ, MeanZ, Severity, Unit)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let mut rows = 0;
    for (number, e) in (1_i64..).zip(episodes) {
        rows += statement.execute(params![
            owner.run_id,
            owner.equip_id,
            number,
            e.start,
            e.end,
            e.onset,
            e.peak_z,
            e.mean_z,
            e.severity,
            e.unit
        ])?;
    }
    Ok(rows)
}

pub(crate) fn insert_culprits(
    t: &Transaction<'_>,
    owner: Owner<'_>,
    episodes: &[EpisodeReport],
) -> rusqlite::Result<usize> {
    let mut statement = t.prepare(
        "INSERT INTO ACM_EpisodeCulprits (RunID, EquipID, EpisodeNum, Rank, Sensor, Share)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let mut rows = 0;
    for (number, episode) in (1_i64..).zip(episodes) {
        for (rank, c) in (1_i64..).zip(&episode.culprits) {
            rows +=
                statement.execute(params![owner.run_id, owner.equip_id, number, rank, c.sensor, c.share])?;
        }
    }
    Ok(rows)
}

/// Health of every scored row.
pub(crate) fn insert_health(
    t: &Transaction<'_>,
    owner: Owner<'_>,
    scored: &Scored,
) -> rusqlite::Result<usize> {
    let mut statement = t.prepare(
        "INSERT INTO ACM_HealthTimeline (RunID, EquipID, RowNum, Timestamp, Health) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut rows = 0;
    for (row, health) in scored.health.iter().enumerate() {
        let time = scored.format_time(row);
        rows += statement.execute(params![owner.run_id, owner.equip_id, row as i64, time, health])?;
    }
    Ok(rows)
}

/// The regime of the first scored row, and of every row where it changes: states last for hours.
pub(crate) fn insert_regimes(
    t: &Transaction<'_>,
    owner: Owner<'_>,
    scored: &Scored,
) -> rusqlite::Result<usize> {
    let mut statement = t.prepare(
        "INSERT INTO ACM_RegimeTimeline (RunID, EquipID, RowNum, Timestamp, Regime) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut rows = 0;
    for row in changes(&scored.regime) {
        let time = scored.format_time(row);
        rows +=
            statement.execute(params![owner.run_id, owner.equip_id, row as i64, time, scored.regime[row]])?;
    }
    Ok(rows)
}

/// The state of the drift chart at the first scored row, and at every row where it changes.
pub(crate) fn insert_drift(
    t: &Transaction<'_>,
    owner: Owner<'_>,
    scored: &Scored,
) -> rusqlite::Result<usize> {
    let mut statement = t.prepare(
        "INSERT INTO ACM_DriftSeries (RunID, EquipID, RowNum, Timestamp, State) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut rows = 0;
    for row in changes(&scored.drift) {
        let (time, state) = (scored.format_time(row), scored.drift[row].as_str());
        rows += statement.execute(params![owner.run_id, owner.equip_id, row as i64, time, state])?;
    }
    Ok(rows)
}

/// Row 0 and every row whose value differs from the one before.
fn changes<T: PartialEq>(values: &[T]) -> impl Iterator<Item = usize> {
    (0..values.len()).filter(|row| *row == 0 || values[*row] != values[*row - 1])
}

/// The threshold of all rows (no regime), and those of regimes that have their own.
pub(crate) fn insert_thresholds(
    t: &Transaction<'_>,
    owner: Owner<'_>,
    thresholds: &Thresholds,
) -> rusqlite::Result<usize> {
    let mut statement = t.prepare(
        "INSERT INTO ACM_Thresholds (RunID, EquipID, Regime, Threshold, TrainRows, FalseAlarmRate)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    let all = (None, thresholds.global, thresholds.train_rows);
    let regimes = thresholds.per_regime.iter().map(|r| (Some(r.regime), r.threshold, r.rows));
    let mut rows = 0;
    for (regime, threshold, train_rows) in std::iter::once(all).chain(regimes) {
        let rate = regime.is_none().then_some(thresholds.false_alarm_rate);
        rows += statement.execute(params![
            owner.run_id,
            owner.equip_id,
            regime,
            threshold,
            train_rows as i64,
            rate
        ])?;
    }
    Ok(rows)
}

pub(crate) fn insert_quality(
    t: &Transaction<'_>,
    owner: Owner<'_>,
    quality: &Quality,
) -> rusqlite::Result<usize> {
    let mut statement = t.prepare(
        "INSERT INTO ACM_DataQuality (RunID, EquipID, Sensor, Coverage, StuckShare, Mean, Sd, Usable)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let mut rows = 0;
    for (s, usable) in quality.sensors.iter().zip(&quality.usable) {
        rows += statement.execute(params![
            owner.run_id,
            owner.equip_id,
            s.name,
            s.coverage,
            s.stuck_share,
            s.mean,
            s.sd,
            usable
        ])?;
    }
    Ok(rows)
}

pub(crate) fn insert_rul(t: &Transaction<'_>, owner: Owner<'_>, rul: &Rul) -> rusqlite::Result<usize> {
    t.execute(
        "INSERT INTO ACM_RUL (RunID, EquipID, Hours, P10, P50, P90, Mean, FailureProbability, HorizonHours, Confidence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            owner.run_id,
            owner.equip_id,
            rul.hours,
            rul.p10,
            rul.p50,
            rul.p90,
            rul.mean,
            rul.failure_probability,
            rul.horizon_hours,
            rul.confidence
        ],
    )
}
