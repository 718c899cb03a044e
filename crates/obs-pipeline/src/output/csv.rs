//! `scores.csv` and `episodes.csv`.

use crate::report::{EpisodeReport, Scored};
use std::io::{self, Write};

/// The streams of `scores.csv`, in the order of its columns.
pub const SCORE_STREAMS: [&str; 6] = ["ar1", "pca_spe", "pca_t2", "iforest", "gmm", "omr"];

/// Writes `timestamp,ar1_z,pca_spe_z,pca_t2_z,iforest_z,gmm_z,omr_z,fused_z,episode`, one line per scored row. Numbers
/// have six decimals; a stream that does not exist is an empty cell; `episode` is 0 outside episodes.
pub fn write_scores(out: impl Write, scored: &Scored) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    let columns: Vec<Option<&Vec<f64>>> = SCORE_STREAMS
        .iter()
        .map(|name| scored.streams.iter().find(|(n, _)| n == name).map(|(_, z)| z))
        .collect();
    let header: Vec<String> = SCORE_STREAMS.iter().map(|n| format!("{n}_z")).collect();
    writeln!(out, "timestamp,{},fused_z,episode", header.join(","))?;
    for row in 0..scored.fused.len() {
        write!(out, "{}", scored.format_time(row))?;
        for column in &columns {
            match column {
                Some(z) => write!(out, ",{:.6}", z[row])?,
                None => write!(out, ",")?,
            }
        }
        writeln!(out, ",{:.6},{}", scored.fused[row], scored.episode[row])?;
    }
    out.flush()
}

/// Writes `start,end,onset,peak_z,mean_z,severity,unit,culprits`, one line per episode; culprits as `sensor (share)`
/// separated by `;`.
pub fn write_episodes(out: impl Write, episodes: &[EpisodeReport]) -> io::Result<()> {
    let mut out = ::csv::Writer::from_writer(out);
    out.write_record(["start", "end", "onset", "peak_z", "mean_z", "severity", "unit", "culprits"])?;
    for e in episodes {
        let culprits: Vec<String> =
            e.culprits.iter().map(|c| format!("{} ({:.3})", c.sensor, c.share)).collect();
        out.write_record([
            &e.start,
            &e.end,
            &e.onset,
            &format!("{:.6}", e.peak_z),
            &format!("{:.6}", e.mean_z),
            e.severity,
            e.unit.as_deref().unwrap_or_default(),
            &culprits.join(";"),
        ])?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::TimeAxis;
    use crate::report::CulpritReport;

    #[test]
    fn scores_have_the_documented_columns_and_an_empty_cell_for_a_missing_stream() {
        let scored = Scored {
            axis: Some(TimeAxis::Civil),
            time: vec![0, 1_800_000_000],
            streams: vec![("ar1", vec![0.5, 1.0]), ("gmm_w16", vec![9.0, 9.0])],
            fused: vec![0.25, 4.0],
            episode: vec![0, 1],
            ..Scored::default()
        };
        let mut out = Vec::new();
        write_scores(&mut out, &scored).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "timestamp,ar1_z,pca_spe_z,pca_t2_z,iforest_z,gmm_z,omr_z,fused_z,episode\n\
             1970-01-01T00:00:00,0.500000,,,,,,0.250000,0\n\
             1970-01-01T00:30:00,1.000000,,,,,,4.000000,1\n"
        );
    }

    #[test]
    fn hostile_sensor_names_are_quoted() {
        let episode = EpisodeReport {
            start: "a".into(),
            end: "b".into(),
            onset: "a".into(),
            peak_z: 3.0,
            mean_z: 2.0,
            severity: "info",
            unit: None,
            culprits: vec![CulpritReport { sensor: "x, \"y\"\n".into(), share: 0.5 }],
        };
        let mut out = Vec::new();
        write_episodes(&mut out, std::slice::from_ref(&episode)).unwrap();
        let mut reader = ::csv::Reader::from_reader(&out[..]);
        let record = reader.records().next().unwrap().unwrap();
        assert_eq!(&record[7], "x, \"y\"\n (0.500)");
    }
}
