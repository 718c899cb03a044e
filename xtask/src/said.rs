//! [`Said`]: what a task that ran to its end has to say; [`counted`], for saying how many.

/// What a task prints, and whether what it looked at was as it should be.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) text: String,
    /// `false` ends the program with exit code 1.
    pub(crate) good: bool,
}

impl Said {
    /// All is as it should be.
    pub(crate) fn well(text: String) -> Self {
        Self { text, good: true }
    }
}

/// A number and its noun: `1 span`, `2 spans`.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
