//! A process for each candidate and round, the candidates in turn.

use super::group::Group;
use super::rows::Rows;
use super::sample::Sample;
use crate::Answer;
use std::path::Path;
use std::process::Command;

/// Measures every candidate once a round. Who goes first moves on by one from round to round.
pub(super) fn run(
    program: &Path,
    groups: &[&'static Group],
    rounds: u32,
    traces: u64,
) -> Answer<Vec<Rows<'static>>> {
    let mut all: Vec<Rows<'_>> = groups.iter().map(|group| Rows::new(group)).collect();
    for round in 0..rounds as usize {
        for rows in &mut all {
            let n = rows.group.candidates.len();
            for turn in 0..n {
                let index = (round + turn) % n;
                let sample = one(program, rows.group.name, rows.group.candidates[index].name, traces)?;
                rows.samples[index].push(sample);
            }
        }
    }
    Ok(all)
}

fn one(program: &Path, group: &str, candidate: &str, traces: u64) -> Answer<Sample> {
    let traces = traces.to_string();
    let output =
        Command::new(program).args(["span-candidate", group, candidate, "--traces", &traces]).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{group}, {candidate}: {}: {}", output.status, error.trim_end()).into());
    }
    let line = said.lines().next_back().unwrap_or_default();
    serde_json::from_str(line).map_err(|e| format!("{group}, {candidate} said `{line}`: {e}").into())
}
