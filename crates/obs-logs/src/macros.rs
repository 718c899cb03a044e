//! The logging macros: slog's, with the level checked before any argument is evaluated.
//!
//! slog's own macros work too, on every logger; they evaluate the arguments of a record before its level is known.

use slog::{Drain, Level, Logger};

/// Whether `logger` wants a record of this level. Behind every macro; public only for them.
#[doc(hidden)]
#[inline]
pub fn enabled(logger: &Logger, level: Level) -> bool {
    logger.is_enabled(level)
}

/// Behind every macro of this crate.
#[doc(hidden)]
#[macro_export]
macro_rules! __log {
    (trace, $($rest:tt)+) => { $crate::__log!(@ $crate::slog::Level::Trace, $($rest)+) };
    (debug, $($rest:tt)+) => { $crate::__log!(@ $crate::slog::Level::Debug, $($rest)+) };
    (info, $($rest:tt)+) => { $crate::__log!(@ $crate::slog::Level::Info, $($rest)+) };
    (warn, $($rest:tt)+) => { $crate::__log!(@ $crate::slog::Level::Warning, $($rest)+) };
    (error, $($rest:tt)+) => { $crate::__log!(@ $crate::slog::Level::Error, $($rest)+) };
    (critical, $($rest:tt)+) => { $crate::__log!(@ $crate::slog::Level::Critical, $($rest)+) };
    (@ $level:expr, $tag:expr, $logger:expr, $($args:tt)+) => {{
        let logger: &$crate::slog::Logger = &$logger;
        if $crate::enabled(logger, $level) {
            $crate::slog::log!(logger, $level, $tag, $($args)+);
        }
    }};
}

macro_rules! level_macros {
    ($d:tt $($name:ident: $doc:literal,)*) => {
        $(
            #[doc = $doc]
            ///
            /// Takes a logger, a format string with its arguments, and after a `;` fields as slog takes them:
            /// `"rows" => 1500`, `"path" => %path.display()`, `"shape" => ?shape`.
            #[macro_export]
            macro_rules! $name {
                ($d logger:expr, $d($d args:tt)+) => { $crate::__log!($name, "", $d logger, $d($d args)+) };
            }
        )*
    };
}

level_macros! { $
    trace: "Logs a line of level TRACE.",
    debug: "Logs a line of level DEBUG.",
    info: "Logs a line of level INFO.",
    warn: "Logs a line of level WARN.",
    error: "Logs a line of level ERROR.",
    critical: "Logs a line of level CRITICAL.",
}

macro_rules! category_macros {
    ($d:tt $($name:ident = $category:ident: $doc:literal,)*) => {
        $(
            #[doc = $doc]
            ///
            /// At level INFO; another one goes before the logger:
            #[doc = concat!("`", stringify!($name), "!(warn: logger, \"message\"; \"key\" => value)`.")]
            #[macro_export]
            macro_rules! $name {
                ($d level:ident : $d logger:expr, $d($d args:tt)+) => {
                    $crate::__log!($d level, $crate::LogCategory::$category.as_str(), $d logger, $d($d args)+)
                };
                ($d logger:expr, $d($d args:tt)+) => {
                    $crate::__log!(info, $crate::LogCategory::$category.as_str(), $d logger, $d($d args)+)
                };
            }
        )*
    };
}

category_macros! { $
    run = Run: "Logs a line of category RUN: the run's own life.",
    cfg = Cfg: "Logs a line of category CFG: configuration.",
    data = Data: "Logs a line of category DATA: loading and validating data.",
    feat = Feat: "Logs a line of category FEAT: feature engineering.",
    model = Model: "Logs a line of category MODEL: training and caching of models.",
    score = Score: "Logs a line of category SCORE: scoring.",
    fuse = Fuse: "Logs a line of category FUSE: fusion and episodes.",
    perf = Perf: "Logs a line of category PERF: how long something took, `\"duration_ms\" => 234.5`.",
    health = Health: "Logs a line of category HEALTH: health of the equipment.",
    rul = Rul: "Logs a line of category RUL: remaining useful life.",
    forecast = Forecast: "Logs a line of category FORECAST: forecasts.",
    sql = Sql: "Logs a line of category SQL: the database.",
}
