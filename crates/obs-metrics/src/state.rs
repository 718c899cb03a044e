//! Label values that are known beforehand: [`Status`], [`RowState`], [`Severity`], [`DriftState`].

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? } $n:literal)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: [Self; $n] = [$(Self::$variant),+];

            /// As the label writes it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    )+};
}

states! {
    /// How a batch or a run ended.
    Status {
        /// It did what it should.
        Success = "success",
        /// It failed.
        Fail = "fail",
        /// There was nothing it could do.
        Noop = "noop",
        /// It was left out.
        Skip = "skip",
    } 4
    /// What became of a row.
    RowState {
        /// It was read.
        Read = "read",
        /// Detectors were trained on it.
        Train = "train",
        /// Detectors scored it.
        Scored = "scored",
        /// It was left out.
        Dropped = "dropped",
    } 4
    /// How bad an episode is.
    Severity {
        /// Worth knowing.
        Info = "info",
        /// Worth looking at.
        Warning = "warning",
        /// Worth acting on.
        Critical = "critical",
    } 3
    /// Whether the fused score drifts.
    DriftState {
        /// It does not.
        Stable = "stable",
        /// It moves away slowly.
        Drifting = "drifting",
        /// It has moved away.
        Fault = "fault",
    } 3
}
