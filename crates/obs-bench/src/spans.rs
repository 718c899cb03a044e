//! What does a span cost beside other libraries?
//!
//! Every candidate of every group is measured in a process of its own, once a round; the rounds go through all candidates
//! in turn, so that a machine that slows down slows all of them. One trace is a root and ten children with two attributes
//! each, an integer and a short text.

mod bursts;
mod group;
mod groups;
mod library;
mod ours;
mod report;
mod rivals;
mod rounds;
mod rows;
mod sample;
mod traced;

use crate::{Answer, Findings};
use group::Group;
use std::path::{Path, PathBuf};

/// How much of what.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Rounds; each starts a process per candidate
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,
    /// Traces that a process times
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub traces: u64,
    /// Only these groups, separated by commas
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,
    /// Also writes the rows and bars to this file
    #[arg(long)]
    pub json: Option<PathBuf>,
}

/// Which candidate.
#[derive(Debug, clap::Args)]
pub struct CandidateArgs {
    /// Its group
    group: String,
    /// Its name
    candidate: String,
    /// Traces to time
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    traces: u64,
}

/// Measures it; `program` is the command `obs-bench`.
pub fn run(args: &Args, program: &Path) -> Answer {
    let groups = selected(&args.only)?;
    let rows = rounds::run(program, &groups, args.rounds, args.traces)?;
    let mut findings = Findings { text: report::table(args.rounds, &rows), ..Findings::default() };
    for rows in &rows {
        (rows.group.judge)(rows, &mut findings);
    }
    if let Some(file) = &args.json {
        std::fs::write(file, report::json(args.rounds, &rows, &findings)?)
            .map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(findings)
}

/// Measures one candidate in this process and prints a line that [`run`] reads.
pub fn run_candidate(args: &CandidateArgs) -> Answer {
    let group = group(&args.group)?;
    let names = || group.candidates.iter().map(|c| c.name).collect::<Vec<_>>().join(", ");
    let candidate = group
        .candidates
        .iter()
        .find(|c| c.name == args.candidate)
        .ok_or_else(|| format!("`{}` is no candidate of {}: {}", args.candidate, group.name, names()))?;
    let sample = (candidate.measure)(args.traces)?;
    Ok(Findings { text: serde_json::to_string(&sample)? + "\n", ..Findings::default() })
}

/// The groups with these names, or all.
fn selected(names: &[String]) -> Answer<Vec<&'static Group>> {
    if names.is_empty() {
        return Ok(groups::ALL.iter().collect());
    }
    names.iter().map(|name| group(name)).collect()
}

fn group(name: &str) -> Answer<&'static Group> {
    let names = || groups::ALL.iter().map(|g| g.name).collect::<Vec<_>>().join(", ");
    let found = groups::ALL.iter().find(|g| g.name == name);
    found.ok_or_else(|| format!("`{name}` is no group: {}", names()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_selected_by_name_and_an_unknown_one_is_named_with_those_there_are() {
        assert_eq!(selected(&[]).unwrap().len(), groups::ALL.len());
        assert_eq!(selected(&["off".to_owned()]).unwrap()[0].name, "off");
        let error = selected(&["offf".to_owned()]).unwrap_err().to_string();
        assert!(error.starts_with("`offf` is no group: sampled, "), "{error}");
    }

    #[test]
    fn every_group_is_measured_beside_one_of_its_candidates() {
        for group in groups::ALL {
            let named = |name: &str| group.candidates.iter().filter(|c| c.name == name).count();
            assert!(group.candidates.iter().all(|c| named(c.name) == 1), "{}", group.name);
            assert!(group.beside.is_none_or(|name| named(name) == 1), "{}", group.name);
        }
    }
}
