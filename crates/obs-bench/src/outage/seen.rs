//! [`Seen`]: what was seen of an outage, and whether that is good enough.

use super::Args;
use super::load::{self, Times};
use super::rig;
use crate::peer::Taken;
use crate::{Answer, Findings};
use obs_export::ShutdownReport;
use std::fmt::Write;
use std::time::Duration;

/// What memory may grow by beside the queues.
const BESIDE_QUEUES: u64 = 16_000_000;

/// What was seen.
pub(super) struct Seen {
    /// Calls before the outage.
    pub(super) calm: Times,
    /// Calls in the outage.
    pub(super) dark: Times,
    /// Memory before the outage, and the most from then on.
    pub(super) before: u64,
    pub(super) peak: u64,
    /// Bytes on disk at the end of the outage.
    pub(super) on_disk: u64,
    /// From the end of the load until all was delivered.
    pub(super) drained: Duration,
    /// Lines made, and as many spans.
    pub(super) made: u64,
    pub(super) taken: Taken,
    pub(super) report: ShutdownReport,
}

impl Seen {
    pub(super) fn findings(&self, args: &Args) -> Answer {
        let mut findings = Findings::default();
        self.print(args, &mut findings.text)?;
        self.judge(args, &mut findings);
        Ok(findings)
    }

    fn print(&self, args: &Args, text: &mut String) -> std::fmt::Result {
        let Self { calm, dark, made, taken, .. } = self;
        let (seconds, rate, burst) = (args.seconds, load::A_SECOND, load::BURST as usize);
        writeln!(
            text,
            "{seconds} s without an answer; {rate} lines and {rate} spans a second, in bursts of {burst}"
        )?;
        for (what, samples, step) in [
            ("log call, before", &calm.lines, 1),
            ("log call, outage", &dark.lines, 1),
            ("  first of a burst", &dark.lines, burst),
            ("span end, before", &calm.spans, 1),
            ("span end, outage", &dark.spans, 1),
            ("  first of a burst", &dark.spans, burst),
        ] {
            writeln!(text, "  {what:<20} {}", samples.summary(step))?;
        }
        let mb = |bytes: u64| bytes as f64 / 1e6;
        writeln!(
            text,
            "  memory               {:.1} MB before, {:.1} MB at its peak; the queues may hold {:.1} MB",
            mb(self.before),
            mb(self.peak),
            mb(rig::QUEUES),
        )?;
        writeln!(text, "  spool                {:.1} MB at the end of the outage", mb(self.on_disk))?;
        writeln!(text, "  all delivered        {:.2} s after the last was made", self.drained.as_secs_f64())?;
        for (what, seen) in [("lines", taken.lines), ("spans", taken.spans)] {
            writeln!(
                text,
                "  {what}                {made} made, {} arrived, {} again, {} after a younger one",
                seen.different, seen.again, seen.disordered
            )?;
        }
        Ok(())
    }

    fn judge(&self, args: &Args, findings: &mut Findings) {
        let Self { dark, made, taken, .. } = self;
        let bar = Duration::from_micros(args.p99_us);
        for (what, samples) in [("log call", &dark.lines), ("span end", &dark.spans)] {
            findings.bar(format!("{what}: p99 in the outage under {bar:?}"), samples.summary(1).p99 < bar);
        }
        let growth = self.peak - self.before;
        findings.bar("memory: grows by at most the queues and 16 MB", growth <= rig::QUEUES + BESIDE_QUEUES);
        for (what, seen) in [("lines", taken.lines), ("spans", taken.spans)] {
            findings.bar(format!("{what}: all delivered"), seen.different == *made);
            findings.bar(format!("{what}: the oldest first"), seen.disordered == 0);
        }
        findings
            .bar("ledger: balanced, nothing dropped or left on disk", rig::is_settled(&self.report, *made));
    }
}
