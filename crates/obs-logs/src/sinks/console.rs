//! [`Format`]: a line as JSON, or as people read it.

use obs_export::Encoder;

use crate::level::Level;
use crate::line::LogLine;

/// How a line is written to a terminal or file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The JSON line itself; the default.
    #[default]
    Json,
    /// `2026-11-21 12:57:25.123 | INFO     | DATA     | loader - rows read rows=1500`: UTC time, level, category,
    /// component, message, then the caller's fields and `duration_ms`. The run context is left out: it is the same on
    /// every line. Control characters are shown as escapes, so that no line can move the cursor, colour the terminal,
    /// reorder text or pass for two lines.
    Console {
        /// Whether levels are coloured with ANSI escapes. Only for a terminal; the caller knows whether it is one.
        color: bool,
    },
}

const RESET: &str = "\u{1b}[0m";

impl Format {
    /// Appends the line and a line break.
    pub(crate) fn write(self, out: &mut Vec<u8>, line: &LogLine) {
        match self {
            Self::Json => {
                out.extend_from_slice(line.json().as_bytes());
                out.push(b'\n');
            }
            Self::Console { color } => {
                let mut text = String::new();
                console(&mut text, line, color);
                text.push('\n');
                out.extend_from_slice(text.as_bytes());
            }
        }
    }
}

/// A record is the line as it is written, with its line break.
impl Encoder<LogLine> for Format {
    fn encode(&self, line: &LogLine, record: &mut Vec<u8>) {
        self.write(record, line);
    }
}

fn color(level: Level) -> &'static str {
    match level {
        Level::Trace | Level::Debug => "\u{1b}[2m",
        Level::Info => "\u{1b}[32m",
        Level::Warn => "\u{1b}[33m",
        Level::Error => "\u{1b}[31m",
        Level::Critical => "\u{1b}[1;31m",
    }
}

fn console(out: &mut String, line: &LogLine, colored: bool) {
    let (date, time) = clock(line);
    out.extend([date, " ", time, " | "]);
    if colored {
        out.push_str(color(line.level()));
    }
    padded(out, line.level().as_str());
    if colored {
        out.push_str(RESET);
    }
    out.push_str(" | ");
    padded(out, line.category().map_or("-", crate::LogCategory::as_str));
    out.push_str(" | ");
    harmless(out, line.component().as_deref().unwrap_or("-"));
    out.push_str(" - ");
    harmless(out, &line.message());
    let duration = line.members().find(|(key, _)| key == "duration_ms");
    for (key, value) in line.fields().chain(duration) {
        out.push(' ');
        harmless(out, &key);
        out.push('=');
        field(out, value);
    }
}

/// Date, and time to the millisecond, as they stand in the line.
fn clock(line: &LogLine) -> (&str, &str) {
    let timestamp = line.members().next().map_or("", |(_, value)| value);
    (timestamp.get(1..11).unwrap_or_default(), timestamp.get(12..24).unwrap_or_default())
}

/// Levels and categories are at most eight letters long.
fn padded(out: &mut String, word: &str) {
    out.push_str(word);
    out.extend(std::iter::repeat_n(' ', 8_usize.saturating_sub(word.len())));
}

/// A plain word stands bare; any other string keeps its quotes, so that fields cannot be mistaken for each other.
fn field(out: &mut String, value: &str) {
    let bare = value.strip_prefix('"').and_then(|v| v.strip_suffix('"')).filter(|v| {
        !v.is_empty() && !v.contains(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\\'))
    });
    harmless(out, bare.unwrap_or(value));
}

/// Appends `text` with every character that a terminal would obey, or that reorders what is shown, as an escape.
fn harmless(out: &mut String, text: &str) {
    for c in text.chars() {
        let obeyed = c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if obeyed {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::lines;

    fn shown(format: Format, log: impl FnOnce(&crate::Logs)) -> String {
        let mut out = Vec::new();
        for line in lines(log) {
            format.write(&mut out, &line);
        }
        String::from_utf8(out).unwrap()
    }

    const PLAIN: Format = Format::Console { color: false };

    /// LOG-02
    #[test]
    fn people_read_columns_and_fields() {
        let text = shown(PLAIN, |logs| {
            let loader = logs.logger("acm.Loader");
            slog::info!(loader, # "DATA", "rows read"; "rows" => 1500, "file" => "fd fan.csv", "unit" => "mm", "gap" => None::<u8>);
            slog::warn!(loader, # "PERF", "detector.fit"; "duration_ms" => 234.5, "detector" => "pca");
            slog::error!(logs.root(), "failed: {}", 7);
        });
        let expected = "\
2026-11-21 12:57:25.123 | INFO     | DATA     | loader - rows read rows=1500 file=\"fd fan.csv\" unit=mm gap=null
2026-11-21 12:57:25.123 | WARN     | PERF     | loader - detector.fit detector=pca duration_ms=234.5
2026-11-21 12:57:25.123 | ERROR    | -        | - - failed: 7
";
        assert_eq!(text, expected);
    }

    #[test]
    fn colours_come_only_when_told() {
        let log = |logs: &crate::Logs| slog::error!(logs.root(), "x");
        assert!(!shown(PLAIN, log).contains('\u{1b}'));
        assert!(shown(Format::Console { color: true }, log).contains("\u{1b}[31mERROR   \u{1b}[0m"));
    }

    #[test]
    fn hostile_text_can_neither_move_the_cursor_nor_fake_a_line() {
        let text = shown(PLAIN, |logs| {
            slog::info!(logs.root(), "a\u{1b}[2J\nb\u{202e}c\u{9b}d\u{7f}"; "k" => "v w\r=\u{0}", "e" => "a=b", "n" => "");
        });
        let expected = "2026-11-21 12:57:25.123 | INFO     | -        | - - a\\u{1b}[2J\\nb\\u{202e}c\\u{9b}d\\u{7f} \
             k=\"v w\\r=\\u0000\" e=\"a=b\" n=\"\"\n";
        assert_eq!(text, expected);
    }
}
