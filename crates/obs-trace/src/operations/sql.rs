//! [`without_literals`]: a statement that shows its shape and none of its values.

mod dialect;
#[cfg(test)]
mod tests;

use dialect::{Dialect, Hash};

/// What stands for a literal, and for the rest of a statement that cannot be told apart.
const LITERAL: char = '?';

/// The statement with `?` in place of every string, number and binary literal, in the spelling of the product `system`
/// (`db.system.name`). Comments are left out, runs of white space become one space. Names stay, quoted ones as well, and so
/// do parameters (`$1`, `:id`, `@id`).
///
/// Where products disagree about what a literal is, and it matters, the rest of the statement becomes one `?`: a quote after
/// a backslash, comments within comments, quotes that are not closed. For a product that is not known, text in double quotes
/// counts as a literal.
///
/// ```
/// use obs_trace::operations::without_literals;
/// let sql = r#"SELECT "first name" FROM users -- Ada's
///     WHERE id = 42 AND name = N'O''Brien'"#;
/// let shape = r#"SELECT "first name" FROM users WHERE id = ? AND name = ?"#;
/// assert_eq!(without_literals(sql, "postgresql"), shape);
/// assert_eq!(without_literals(r"a = 'it\'s' AND b = 'x'", "mysql"), "a = ?");
/// ```
pub fn without_literals(sql: &str, system: &str) -> String {
    let mut reader =
        Reader { rest: sql, shape: String::with_capacity(sql.len()), dialect: Dialect::of(system) };
    while !reader.rest.is_empty() {
        if reader.token().is_none() {
            reader.shape.push(LITERAL);
            break;
        }
    }
    reader.shape.truncate(reader.shape.trim_end().len());
    reader.shape
}

struct Reader<'a> {
    rest: &'a str,
    shape: String,
    dialect: Dialect,
}

impl<'a> Reader<'a> {
    /// Reads one token; `None` when it could be several things.
    fn token(&mut self) -> Option<()> {
        let first = self.rest.chars().next()?;
        let second = self.rest[first.len_utf8()..].chars().next();
        match (first, second) {
            ('\'', _) => self.string('\''),
            ('"', _) if self.dialect.double_quotes_name => self.name('"'),
            ('"', _) => self.string('"'),
            ('`', _) => self.name('`'),
            ('[', _) => self.bracket(),
            ('-', Some('-')) => self.dashes(),
            ('#', _) => self.hash(),
            ('/', Some('*')) => self.comment(),
            ('$', _) => self.dollar(),
            ('.', Some('0'..='9')) if !self.shape.ends_with(is_part_of_name) => self.number(),
            ('0'..='9', _) => self.number(),
            _ if first.is_whitespace() => {
                self.rest = self.rest.trim_start();
                self.space();
                Some(())
            }
            _ if is_word(first) => self.word(),
            _ => self.keep(first.len_utf8()),
        }
    }

    fn keep(&mut self, bytes: usize) -> Option<()> {
        let (kept, rest) = self.rest.split_at_checked(bytes)?;
        self.shape.push_str(kept);
        self.rest = rest;
        Some(())
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.rest = self.rest.get(bytes..)?;
        Some(())
    }

    fn space(&mut self) {
        if !self.shape.is_empty() && !self.shape.ends_with(' ') {
            self.shape.push(' ');
        }
    }

    /// Leaves a comment out.
    fn leave_out(&mut self, bytes: usize) -> Option<()> {
        self.skip(bytes)?;
        self.space();
        Some(())
    }

    fn literal(&mut self, bytes: usize) -> Option<()> {
        self.skip(bytes)?;
        self.shape.push(LITERAL);
        Some(())
    }

    /// Bytes of what stands in quotes here, with them. `None` when it does not end, or a backslash before a quote makes it
    /// end elsewhere for some products.
    fn quoted(&self, close: char) -> Option<usize> {
        let mut end = 1;
        loop {
            let at = end + self.rest.get(end..)?.find(close)?;
            if self.rest[..at].ends_with('\\') {
                return None;
            }
            end = at + 1;
            if !self.rest[end..].starts_with(close) {
                return Some(end);
            }
            end += 1;
        }
    }

    fn string(&mut self, quote: char) -> Option<()> {
        let bytes = self.quoted(quote)?;
        // No product has a word or another string right behind: its quotes were not those that we saw.
        let next = self.rest[bytes..].chars().next();
        if next.is_some_and(|c| is_word(c) || c.is_ascii_digit() || matches!(c, '\'' | '"' | '\\')) {
            return None;
        }
        self.literal(bytes)
    }

    fn name(&mut self, close: char) -> Option<()> {
        self.keep(self.quoted(close)?)
    }

    fn bracket(&mut self) -> Option<()> {
        match self.dialect.brackets_name {
            Some(true) => return self.name(']'),
            Some(false) => {}
            // A name for some, an array for others: of no consequence without quotes or comments in it.
            None => {
                let within = &self.rest[..self.quoted(']')?];
                if within.contains(['\'', '"', '`', '#', '$'])
                    || within.contains("--")
                    || within.contains("/*")
                {
                    return None;
                }
            }
        }
        self.keep(1)
    }

    /// The rest of the line, which is a comment. `None` when not everyone sees its end there.
    fn line(&self) -> Option<&'a str> {
        let line = self.rest.split('\n').next().unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        (!line.contains('\r')).then_some(line)
    }

    fn dashes(&mut self) -> Option<()> {
        let line = self.line()?;
        let is_minus = line[2..].chars().next().is_some_and(|c| !c.is_whitespace() && !c.is_control());
        // For MySQL two dashes before something else are two signs.
        if is_minus && self.dialect.dashes_need_space && line.contains(['\'', '"', '`']) {
            return None;
        }
        self.leave_out(line.len())
    }

    fn hash(&mut self) -> Option<()> {
        match self.dialect.hash {
            Hash::Comment => {
                let line = self.line()?;
                self.leave_out(line.len())
            }
            Hash::Operator => self.keep(1),
            Hash::Unknown if self.line()?.contains(['\'', '"', '`']) => None,
            Hash::Name | Hash::Unknown => self.word(),
        }
    }

    fn comment(&mut self) -> Option<()> {
        let end = self.rest.find("*/")?;
        let within = self.rest.get(2..end)?;
        // MySQL runs some comments, and products disagree about where a comment with another one in it ends.
        if within.contains("/*") || within.starts_with('!') || within.starts_with("M!") {
            return None;
        }
        self.leave_out(end + 2)
    }

    fn dollar(&mut self) -> Option<()> {
        let behind = &self.rest[1..];
        if behind.starts_with(|c: char| c.is_ascii_digit()) {
            return if self.dialect.dollar_parameters {
                let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
                self.keep(1 + digits)
            } else {
                self.skip(1)?;
                self.number()
            };
        }
        let tag = behind.len() - behind.trim_start_matches(|c: char| c == '_' || c.is_alphanumeric()).len();
        if !behind[tag..].starts_with('$') {
            return self.keep(1);
        }
        let (delimiter, text) = self.rest.split_at(tag + 2);
        let end = text.find(delimiter)?;
        self.literal(delimiter.len() + end + delimiter.len())
    }

    fn number(&mut self) -> Option<()> {
        let is_hex = self.rest.starts_with("0x") || self.rest.starts_with("0X");
        let mut last = ' ';
        let is_in = |c: char| {
            let is_sign = matches!(c, '+' | '-') && matches!(last, 'e' | 'E') && !is_hex;
            last = c;
            is_sign || c == '.' || c == '_' || c.is_alphanumeric()
        };
        let rest = self.rest.trim_start_matches(is_in);
        self.literal(self.rest.len() - rest.len())
    }

    fn word(&mut self) -> Option<()> {
        let is_in = |c: char| is_word(c) || c.is_ascii_digit() || c == '$' || c == '#';
        let bytes = self.rest.len() - self.rest.trim_start_matches(is_in).len();
        let (word, behind) = self.rest.split_at(bytes);
        if !behind.starts_with('\'') {
            return self.keep(bytes);
        }
        match word.to_ascii_lowercase().as_str() {
            // The string's own sort: of national characters, bits, hexadecimal, with escapes.
            "n" | "b" | "x" | "e" => self.skip(bytes)?,
            // Oracle's quotes of one's own choice.
            "q" | "nq" => return None,
            _ => self.keep(bytes)?,
        }
        self.string('\'')
    }
}

/// Whether a word may begin with it.
fn is_word(c: char) -> bool {
    c == '_' || c == '@' || c.is_alphabetic()
}

/// Whether a dot behind it belongs to a name.
fn is_part_of_name(c: char) -> bool {
    is_word(c) || matches!(c, ']' | '"' | '`') || c.is_ascii_digit()
}
