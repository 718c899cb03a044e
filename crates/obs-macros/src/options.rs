//! What stands in the parentheses: [`TracedOptions`], [`TimedOptions`].

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, LitBool, LitStr, Path, Result, Token, parenthesized};

/// Options of `#[traced(…)]`.
#[derive(Default)]
pub(crate) struct TracedOptions {
    /// The span's name; the function's when it has none.
    pub(crate) name: Option<LitStr>,
    /// Arguments that are not recorded.
    pub(crate) skip: Vec<Ident>,
    /// Whether no argument is recorded.
    pub(crate) skip_all: bool,
    /// Attributes beside the arguments.
    pub(crate) fields: Vec<Field>,
    /// Whether an `Err` fails the span; `None` leaves it to the return type.
    pub(crate) err: Option<bool>,
    /// The variant of `SpanKind`.
    pub(crate) kind: Option<Ident>,
    /// The tracer; the process's when there is none.
    pub(crate) tracer: Option<Expr>,
    /// Path of `obs_trace`.
    pub(crate) krate: Option<Path>,
}

/// Options of `#[timed(…)]`.
#[derive(Default)]
pub(crate) struct TimedOptions {
    /// The value of the label `function`; the function's name when it has none.
    pub(crate) name: Option<LitStr>,
    /// The metrics; the process's when there are none.
    pub(crate) metrics: Option<Expr>,
    /// Path of `obs_metrics`.
    pub(crate) krate: Option<Path>,
}

/// `key = value` in `fields(…)`.
pub(crate) struct Field {
    pub(crate) key: LitStr,
    pub(crate) value: Expr,
}

impl Parse for TracedOptions {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut options = Self { name: leading_name(input)?, ..Self::default() };
        let named = options.name.is_some();
        each_option(input, named, |key, input| {
            match key.to_string().as_str() {
                "name" => options.name = Some(assigned(input)?),
                "skip" => options.skip = listed(input, Ident::parse_any)?.into_iter().collect(),
                "skip_all" => options.skip_all = true,
                "fields" => options.fields = listed(input, Field::parse)?.into_iter().collect(),
                "err" if input.peek(Token![=]) => options.err = Some(assigned::<LitBool>(input)?.value),
                "err" => options.err = Some(true),
                "kind" => options.kind = Some(kind(&assigned(input)?)?),
                "tracer" => options.tracer = Some(assigned(input)?),
                "crate" => options.krate = Some(assigned_path(input)?),
                _ => {
                    return Err(unknown(
                        key,
                        "traced",
                        "`name`, `skip`, `skip_all`, `fields`, `err`, `kind`, `tracer`, `crate`",
                    ));
                }
            }
            Ok(())
        })?;
        Ok(options)
    }
}

impl Parse for TimedOptions {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut options = Self { name: leading_name(input)?, ..Self::default() };
        let named = options.name.is_some();
        each_option(input, named, |key, input| {
            match key.to_string().as_str() {
                "name" => options.name = Some(assigned(input)?),
                "metrics" => options.metrics = Some(assigned(input)?),
                "crate" => options.krate = Some(assigned_path(input)?),
                _ => return Err(unknown(key, "timed", "`name`, `metrics`, `crate`")),
            }
            Ok(())
        })?;
        Ok(options)
    }
}

impl Field {
    fn parse(input: ParseStream) -> Result<Self> {
        let key = if input.peek(LitStr) {
            input.parse()?
        } else {
            let key = input.call(Ident::parse_any)?;
            LitStr::new(&key.unraw().to_string(), key.span())
        };
        Ok(Self { key, value: assigned(input)? })
    }
}

/// The name that comes first and without a key: `#[traced("fit.pca", …)]`.
fn leading_name(input: ParseStream) -> Result<Option<LitStr>> {
    if !input.peek(LitStr) {
        return Ok(None);
    }
    let name = input.parse()?;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    Ok(Some(name))
}

/// Calls `parse` at each key, of which none may come twice.
fn each_option(
    input: ParseStream,
    named: bool,
    mut parse: impl FnMut(&Ident, ParseStream) -> Result<()>,
) -> Result<()> {
    let mut seen: Vec<String> = Vec::new();
    if named {
        seen.push("name".to_owned());
    }
    while !input.is_empty() {
        if input.peek(LitStr) {
            return Err(input.error("the name comes first: `\"fit.pca\", skip(model)`"));
        }
        let key = input.call(Ident::parse_any)?;
        if seen.iter().any(|s| key == s) {
            return Err(Error::new(key.span(), format!("`{key}` is given twice")));
        }
        parse(&key, input)?;
        seen.push(key.to_string());
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// `= value`.
fn assigned<T: Parse>(input: ParseStream) -> Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// `= path::of::a_module`, `= crate::module`.
fn assigned_path(input: ParseStream) -> Result<Path> {
    input.parse::<Token![=]>()?;
    Path::parse_mod_style(input)
}

/// `(one, two)`.
fn listed<T>(input: ParseStream, parse: fn(ParseStream) -> Result<T>) -> Result<Punctuated<T, Token![,]>> {
    let content;
    parenthesized!(content in input);
    content.parse_terminated(parse, Token![,])
}

fn kind(kind: &Ident) -> Result<Ident> {
    let variant = match kind.to_string().as_str() {
        "client" => "Client",
        "server" => "Server",
        "producer" => "Producer",
        "consumer" => "Consumer",
        "internal" => "Internal",
        other => {
            return Err(Error::new(
                kind.span(),
                format!(
                    "`{other}` is no kind of span: it is `client`, `server`, `producer`, `consumer` or `internal`"
                ),
            ));
        }
    };
    Ok(Ident::new(variant, Span::mixed_site()))
}

fn unknown(key: &Ident, attribute: &str, accepted: &str) -> Error {
    Error::new(key.span(), format!("`{key}` is no option of `{attribute}`: it takes a name and {accepted}"))
}
