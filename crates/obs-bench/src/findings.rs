//! [`Findings`]: what was measured, and which bars it missed.

use std::fmt;

/// What was measured, and which bars it missed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a bar may be missed"]
pub struct Findings {
    /// The figures, for people.
    pub text: String,
    /// Each bar in words, and whether it was met.
    pub bars: Vec<(String, bool)>,
}

impl Findings {
    /// Adds a bar.
    pub(crate) fn bar(&mut self, what: impl Into<String>, met: bool) {
        self.bars.push((what.into(), met));
    }

    /// The bars that were missed.
    pub fn missed(&self) -> Vec<&str> {
        self.bars.iter().filter(|(_, met)| !met).map(|(what, _)| what.as_str()).collect()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        for (what, met) in &self.bars {
            writeln!(f, "{:<6} {what}", if *met { "met" } else { "MISSED" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_bar_is_printed_and_listed_as_missed() {
        let mut findings = Findings { text: "figures\n".to_owned(), bars: Vec::new() };
        findings.bar("fast", true);
        findings.bar("small", false);
        assert_eq!(findings.to_string(), "figures\nmet    fast\nMISSED small\n");
        assert_eq!(findings.missed(), ["small"]);
    }
}
