//! [`Assembly`]: functions in what `rustc --emit asm` writes, comparable with each other.

use std::collections::HashMap;

/// Functions by their symbols.
#[derive(Debug)]
pub(super) struct Assembly {
    functions: HashMap<String, Vec<String>>,
    /// Symbols that are other names of functions: what the compiler makes of functions that are the same.
    others: HashMap<String, String>,
}

impl Assembly {
    pub(super) fn of(text: &str) -> Self {
        let mut this = Self { functions: HashMap::new(), others: HashMap::new() };
        let (mut label, mut current) = ("", None::<(String, Vec<String>)>);
        for line in text.lines().map(str::trim) {
            if line.starts_with(".cfi_endproc") || line.starts_with(".seh_endproc") {
                this.functions.extend(current.take().map(|(name, body)| (name, named_anew(&body))));
            } else if let Some((other, symbol)) = other_name(line) {
                this.others.insert(other.to_owned(), symbol.to_owned());
            } else if line.starts_with(".cfi_startproc") || line.starts_with(".seh_proc") {
                current = Some((label.to_owned(), Vec::new()));
            } else if let Some(symbol) = line.strip_suffix(':') {
                match &mut current {
                    Some((_, body)) if is_local(symbol) => body.push(line.to_owned()),
                    None if !is_local(symbol) => label = symbol,
                    _ => {}
                }
            } else if let Some((_, body)) = &mut current
                && !line.is_empty()
                && !line.starts_with('.')
            {
                body.push(line.to_owned());
            }
        }
        this
    }

    /// The instructions and labels of the function `name`, whatever its module: both manglings write a name with its length
    /// before it.
    pub(super) fn function(&self, name: &str) -> Option<&[String]> {
        let mangled = format!("{}{name}", name.len());
        let is_it = |symbol: &&String| {
            // `3bar` is also in `13bar`, and in `3bare`.
            symbol.find(&mangled).is_some_and(|at| {
                let (before, after) = (&symbol[..at], &symbol[at + mangled.len()..]);
                let ends = after.is_empty() || after.starts_with("17h");
                ends && !before.ends_with(|c: char| c.is_ascii_digit())
            })
        };
        let symbol = self.functions.keys().chain(self.others.keys()).find(is_it)?;
        let symbol = self.others.get(symbol).unwrap_or(symbol);
        self.functions.get(symbol).map(Vec::as_slice)
    }
}

/// `.set other, symbol` or `other = symbol`.
fn other_name(line: &str) -> Option<(&str, &str)> {
    let (other, symbol) = match line.strip_prefix(".set") {
        Some(names) => names.split_once(',')?,
        None => line.split_once(" = ")?,
    };
    Some((other.trim(), symbol.trim()))
}

/// Whether a symbol is one of a function's inside, or of a constant.
fn is_local(symbol: &str) -> bool {
    symbol.starts_with(".L") || symbol.starts_with("LBB") || symbol.starts_with("Lfunc_")
}

/// The body with local symbols numbered in the order in which they come, as the compiler counts them through all functions.
fn named_anew(body: &[String]) -> Vec<String> {
    let mut numbers = HashMap::new();
    let mut named = |symbol: &str| {
        let next = numbers.len();
        format!("L{}", numbers.entry(symbol.to_owned()).or_insert(next))
    };
    let mut line_named_anew = |line: &String| {
        let (mut new, mut rest) = (String::new(), line.as_str());
        while let Some(at) = rest.find(is_of_symbol) {
            let (between, from) = rest.split_at(at);
            let (symbol, after) = from.split_at(from.find(|c| !is_of_symbol(c)).unwrap_or(from.len()));
            new.push_str(between);
            new.push_str(&if is_local(symbol) { named(symbol) } else { symbol.to_owned() });
            rest = after;
        }
        new + rest
    };
    body.iter().map(&mut line_named_anew).collect()
}

fn is_of_symbol(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
\t.section\t.text.x
_ZN3off4bare17h0123456789abcdefE:
\t.cfi_startproc
\tmovq\t%rdi, %rax
.LBB3_1:
\tdecq\t%rdi
\tjne\t.LBB3_1
\tretq
.Lfunc_end3:
\t.size\tx, .Lfunc_end3-x
\t.cfi_endproc
GCC_except_table3:
	.byte	255
_RNvCs1_3off8in_spans:
.Lfunc_begin4:
	.cfi_startproc
\tmovq\t%rdi, %rax
.LBB4_7:
\tdecq\t%rdi
\tjne\t.LBB4_7
\tretq
\t.cfi_endproc
\t.set _RNvCs1_3off4same, _RNvCs1_3off8in_spans
";

    #[test]
    fn functions_are_found_in_both_manglings_and_by_other_names() {
        let assembly = Assembly::of(TEXT);
        let body = assembly.function("bare").unwrap();
        assert_eq!(body[..2], ["movq\t%rdi, %rax", "L0:"]);
        assert_eq!(body[3], "jne\tL0");
        assert_eq!(assembly.function("in_spans").unwrap()[1..4], body[1..4]);
        assert_eq!(assembly.function("same"), assembly.function("in_spans"));
    }

    #[test]
    fn a_part_of_a_name_is_not_found() {
        let assembly = Assembly::of(TEXT);
        assert_eq!((assembly.function("bar"), assembly.function("spans")), (None, None));
    }
}
