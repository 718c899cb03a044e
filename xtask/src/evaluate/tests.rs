//! The task on folders small enough to make here.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::*;

fn args(folder: &Path, json: bool) -> Args {
    Args { folder: folder.to_owned(), json, trim: false, caution: None, quantile: None, regime_rows: None }
}

/// A small stand-in for TEP: three sensors that follow one another, 300 healthy rows, and 260 rows whose second sensor
/// jumps after row 160.
fn write_tep(folder: &Path) {
    let mut seed = 7_u64;
    let mut noise = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 40) as f64 / (1_u64 << 24) as f64 - 0.5
    };
    let mut row = |jump: f64| {
        let load = noise();
        [load + 0.1 * noise(), 2.0 * load + 0.1 * noise() + jump, -load + 0.1 * noise()]
    };
    let healthy: Vec<[f64; 3]> = (0..300).map(|_| row(0.0)).collect();
    let faulty: Vec<[f64; 3]> = (0..260).map(|r| row(if r < 160 { 0.0 } else { 3.0 })).collect();
    fs::create_dir_all(folder.join("tep")).unwrap();
    let mut turned = String::new();
    for sensor in 0..3 {
        for r in &healthy {
            let _ = write!(turned, " {:.6}", r[sensor]);
        }
        turned.push('\n');
    }
    fs::write(folder.join("tep/d00.dat"), turned).unwrap();
    let mut rows = String::new();
    for [a, b, c] in faulty {
        let _ = writeln!(rows, " {a:.6} {b:.6} {c:.6}");
    }
    fs::write(folder.join("tep/d04_te.dat"), rows).unwrap();
}

#[test]
fn a_folder_without_data_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = run(&args(folder.path(), false)).unwrap_err();
    assert!(matches!(error, Error::NoData(_)));
    assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
}

#[test]
fn what_is_there_is_measured_and_what_is_not_is_named() {
    let folder = tempfile::tempdir().unwrap();
    write_tep(folder.path());
    let said = run(&args(folder.path(), false)).unwrap();
    let ours = said.lines().find(|l| l.starts_with("TEP fault 4")).unwrap();
    assert!(ours.contains("ours") && ours.contains("1.000") && ours.contains("1 of 1"), "{said}");
    assert!(said.lines().any(|l| l.contains("reference") && l.contains("0.997")), "{said}");
    for missing in ["skab/valve1/0.csv", "nab/", "skab/anomaly-free", "cmapss_fd001/train_FD001.txt"] {
        let lines: Vec<&str> =
            said.lines().filter(|l| l.starts_with("skipped: ") && l.contains(missing)).collect();
        assert_eq!(lines.len(), 1, "{missing}: {said}");
        assert!(lines[0].ends_with(" not found"), "{said}");
    }
}

#[test]
fn json_holds_the_same_figures_as_numbers() {
    let folder = tempfile::tempdir().unwrap();
    write_tep(folder.path());
    let said = run(&args(folder.path(), true)).unwrap();
    let json: serde_json::Value = serde_json::from_str(&said).unwrap();
    let tep = &json["detection"][0];
    assert_eq!(tep["set"], "TEP fault 4");
    assert_eq!((tep["rows"].as_u64(), tep["touched"].as_u64()), (Some(260), Some(1)));
    assert!(tep["roc_auc"].as_f64().unwrap() > 0.99, "{said}");
    assert!(tep["false_alarm_rate"].as_f64().unwrap() < 0.2, "{said}");
    assert_eq!(tep["reference"]["f1"], 0.997);
    assert_eq!(json["remaining_life"], serde_json::Value::Null);
}
