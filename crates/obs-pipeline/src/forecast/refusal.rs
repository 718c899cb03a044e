//! [`Refusal`]: why there is no remaining life to report.

/// Why no remaining life is given; the message is a plain sentence for people.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Too little history since the last maintenance reset.
    #[error(
        "history is too sparse: {points} points of health since the last reset; a trend needs at least {needed}"
    )]
    Sparse {
        /// Points there are.
        points: usize,
        /// Points wanted.
        needed: usize,
    },
    /// Health does not fall.
    #[error(
        "health is flat: it {} by {:.1} over the last {points} points of history; a trend is a fall of at least {needed:.1}",
        if *fall <= -0.05 { "rose" } else { "fell" },
        fall.abs()
    )]
    Flat {
        /// Fall of the fitted line over the window; negative when health rose.
        fall: f64,
        /// Points in the window.
        points: usize,
        /// Fall wanted.
        needed: f64,
    },
    /// Health fell, but the model that forecasts it best no longer does.
    #[error(
        "health fell by {fall:.1} over the last {points} points of history but has settled since ({model} model)"
    )]
    Settled {
        /// Fall of the fitted line over the window.
        fall: f64,
        /// Points in the window.
        points: usize,
        /// The model that forecasts best.
        model: &'static str,
    },
    /// The fall could be chance.
    #[error(
        "history is too noisy: the fall of {fall:.1} is {t:.1} times its standard error; a trend needs {needed:.1}"
    )]
    Noisy {
        /// Fall of the fitted line over the window.
        fall: f64,
        /// The fall over its standard error.
        t: f64,
        /// Multiple wanted.
        needed: f64,
    },
    /// Nothing remains.
    #[error(
        "health is {health:.1}, already under the failure limit of {limit:.1}: nothing remains to forecast"
    )]
    AlreadyFailed {
        /// Health now.
        health: f64,
        /// The limit.
        limit: f64,
    },
    /// Failure lies beyond what the history supports.
    #[error(
        "health does not reach {limit:.1} within {hours:.0} hours in {share:.0} % of the simulated continuations"
    )]
    TooFar {
        /// The limit.
        limit: f64,
        /// How far the continuations went.
        hours: f64,
        /// Share of continuations that did not fail, in percent.
        share: f64,
    },
    /// The caller's cadence is no duration.
    #[error("row cadence is {hours} hours; a positive number is needed to express remaining life in hours")]
    Cadence {
        /// What was given.
        hours: f64,
    },
    /// The library of past histories holds nothing comparable.
    #[error("no past history is comparable: {histories} histories, none with {rows} rows before its end")]
    NoLibrary {
        /// Histories in the library.
        histories: usize,
        /// Rows a comparison needs.
        rows: usize,
    },
}
