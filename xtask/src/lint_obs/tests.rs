//! Tests of the lint on snippets, on sources meant to break it, and on this repository.

use std::fs;
use std::path::Path;

use super::files::File;
use super::*;

/// What is said about a file of this text: `line:column: severity: message`.
fn said(text: impl AsRef<[u8]>) -> Vec<String> {
    let file = File { path: "a.rs".to_owned(), bytes: text.as_ref().to_vec(), test: false };
    let findings = source::check(&file).findings;
    findings.iter().map(|finding| finding.to_string().trim_start_matches("a.rs:").to_owned()).collect()
}

/// The same for statements of a function.
fn said_in_a_function(statements: &str) -> Vec<String> {
    said(format!("fn f() {{\n{statements}\n}}\n"))
}

/// NAME-02: the two names that the rule was explained with.
#[test]
fn four_parts_are_an_error_and_the_name_to_use_instead_is_fine() {
    let deep = said_in_a_function(r#"let _s = span!("data.guardrails.data_quality.missing_values");"#);
    assert_eq!(
        deep,
        [
            "2:16: error: span name `data.guardrails.data_quality.missing_values`: a span name has at most three parts: \
          `data.validate.missing`, not `data.guardrails.data_quality.missing`"
        ]
    );
    assert!(said_in_a_function(r#"let _s = span!("data.validate.missing");"#).is_empty());
}

/// NAME-01
#[test]
fn upper_case_blanks_and_empty_parts_are_errors_that_say_what_is_accepted() {
    for (name, accepted) in [
        ("Fit.pca", "`fit.pca`, not `Fit.PCA` or `fit pca`"),
        ("fit pca", "lower-case letters, digits and `_`"),
        ("fit..pca", "no empty part"),
        ("", "no empty part"),
        ("fit.2k", "starts with a letter"),
    ] {
        let said = said_in_a_function(&format!("span!(\"{name}\");"));
        assert!(
            said.len() == 1 && said[0].starts_with("2:7: error: ") && said[0].contains(accepted),
            "{name}: {said:?}"
        );
    }
}

/// NAME-03, NAME-04, NAME-05
#[test]
fn what_is_against_the_convention_is_a_warning_that_says_what_is_in_it() {
    for (name, told) in [
        ("zzz.q", "unknown category `zzz`; known are agent, analysis, analytics, "),
        ("models.store", "`models.save` ends in a verb of the convention (train/score, load/save, "),
        ("load_data", "is an old one: `load.data` is its new name"),
        ("train.detector_fit", "is an old one: `models.fit` is its new name"),
    ] {
        let said = said_in_a_function(&format!("span!(\"{name}\");"));
        assert!(
            said.len() == 1 && said[0].starts_with("2:7: warning: ") && said[0].contains(told),
            "{name}: {said:?}"
        );
    }
    assert_eq!(said_in_a_function(r#"span!("zzz.store");"#).len(), 2, "category and verb");
}

/// SPAN-21, SPAN-25
#[test]
fn a_name_of_a_known_category_that_is_not_registered_is_a_note() {
    let said = said_in_a_function(r#"span!("fit.tea"); span!("detector.stale_index"); span!("cache.get");"#);
    assert_eq!(
        said,
        ["2:7: note: span name `fit.tea` is not registered; `cargo xtask spans` prints those that are"]
    );
}

#[test]
fn names_are_found_wherever_spans_and_timers_are_made() {
    for code in [
        r#"span!("X");"#,
        r#"span!("X", "db.system.name" = "sqlite");"#,
        r#"span!(self.tracer, "X", n = 1);"#,
        r##"span!(tracer(), r#"X"#);"##,
        r#"obs_trace::span!["X"];"#,
        r#"drop(span!(tracer, "X"));"#,
        r#"assert!(matches!(vec![span!("X")], _));"#,
        r#"tokio::select! { _ = a => { span!("X") } }"#,
        r#"tracer.start_named("X");"#,
        r#"Tracer::start_named(&tracer, "X");"#,
        r#"tracer.span("X").root().start();"#,
        r#"timer("X");"#,
        r#"let t = obs::timer("X",);"#,
        r#"#[traced("X")] fn g() {}"#,
        r#"#[obs::traced(name = "X", skip(a))] async fn g() {}"#,
        r#"#[timed("X")] fn g() {}"#,
        r#"#[cfg_attr(feature = "obs", traced("X"))] fn g() {}"#,
        r#"macro_rules! m { () => { span!($tracer, "X") } }"#,
    ] {
        let said = said_in_a_function(code);
        assert!(said.len() == 1 && said[0].contains("`X`"), "{code}: {said:?}");
    }
}

#[test]
fn what_only_looks_like_a_name_is_passed_over() {
    for code in [
        r#"// span!("X")"#,
        r##"let text = r#"span!("X")"#;"##,
        r#"span!(name); span!(tracer, name, "X" = 1); span!(tracer, format!("X"));"#,
        r#"span!(tracer, "fit.pca", "X");"#,
        r#"tracing::span!(tracing::Level::INFO, "X");"#,
        r#"fn timer(x: &str) {} other("X"); stopwatch.timer("X"); traced("X");"#,
        r#"row.span(1); line.span(b"X"); start_named("X");"#,
        r#"#[doc = "span!(\"X\")"] fn g() {}"#,
        r#"wingspan!("X"); lifespan.spans("X");"#,
    ] {
        assert_eq!(said_in_a_function(code), [""; 0], "{code}");
    }
}

/// NAME-31
#[test]
fn a_component_that_is_not_registered_is_a_warning() {
    let code = "logs.logger(\"acm.Pipeline\");\nobs::logger(\"acm.pipelin\");\n\
                info!(log, \"x\"; \"component\" => \"Tea\");\nlogs.logger(\"\");";
    let said = said_in_a_function(code);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("3:13: warning: unknown component `pipelin`; known are agent, "), "{said:?}");
    assert!(said[1].starts_with("4:32: warning: unknown component `tea`; "), "{said:?}");
}

#[test]
fn a_comment_with_a_reason_on_the_line_before_keeps_the_lint_quiet() {
    for code in [
        "// obs-lint: allow(kept for an old dashboard)\nspan!(\"Old Name\");",
        "//obs-lint: allow(kept for an old dashboard)\n  let s = span!(\n tracer,\n \"Old Name\"\n);",
        "let s = span!(\n tracer,\n // obs-lint: allow(kept for an old dashboard)\n \"Old Name\"\n);",
    ] {
        assert_eq!(said_in_a_function(code), [""; 0], "{code}");
    }
    for code in [
        "// obs-lint: allow(two lines before)\n\nspan!(\"Old Name\");",
        "span!(\"Old Name\"); // obs-lint: allow(behind)",
        "\"obs-lint: allow(in a text)\";\nspan!(\"Old Name\");",
    ] {
        let said = said_in_a_function(code);
        assert!(said.len() == 1 && said[0].contains("error"), "{code}: {said:?}");
    }
    for comment in ["// obs-lint: allow", "// obs-lint: allow()", "// obs-lint: allow( )"] {
        let said = said_in_a_function(&format!("{comment}\nspan!(\"Old Name\");"));
        assert!(said.len() == 1 && said[0].contains("warning: `obs-lint: allow` needs a reason"), "{said:?}");
    }
}

#[test]
fn code_for_tests_may_use_old_and_unknown_names_but_no_bad_ones() {
    let names = r#"{ span!("load_data"); span!("zzz.q"); span!("Bad Name"); }"#;
    for (head, only_errors) in [
        ("#[cfg(test)] mod tests", true),
        ("#[test] fn t()", true),
        ("#[cfg(all(test, unix))] #[allow(x)] pub mod t", true),
        ("#[tokio::test(flavor = \"x\")] async fn t()", true),
        ("#![cfg(test)] fn t()", true),
        ("#[cfg(not(test))] fn t()", false),
        ("#[cfg(any(test, feature = \"x\"))] fn t()", false),
        ("#[cfg(feature = \"test\")] fn t()", false),
        ("#[cfg(test)] use a::b; fn t()", false),
        ("#[cfg(test)] mod tests {} fn t()", false),
        ("struct S { #[cfg(test)] a: u8, b: u8 } fn t()", false),
    ] {
        let said = said(format!("{head} {names}"));
        assert_eq!(said.len(), if only_errors { 1 } else { 3 }, "{head}: {said:?}");
    }
}

#[test]
fn a_source_that_is_no_rust_is_one_error_with_its_place() {
    for (text, place) in [
        (&b"fn f() {\n    span!(\"Bad\";\n}\n"[..], "3:1: error: not Rust: a bracket, "),
        (b"fn fn f() {}", "1:4: error: not Rust: expected identifier"),
        (b"fn f() { \"never ends", "1:10: error: not Rust: "),
        (b"\0\0", "1:1: error: not Rust: "),
        (b"// fine\nfn f() { \"\xff\" }", "2:11: error: not UTF-8 text"),
        (b"\xff", "1:1: error: not UTF-8 text"),
        (b"<html>", "1:1: error: not Rust: "),
    ] {
        let said = said(text);
        assert!(said.len() == 1 && said[0].starts_with(place), "{said:?}");
    }
    for fine in ["", "\u{feff}fn f() {}", "#!/usr/bin/env run\nfn f() {}", "#![allow(x)]\n"] {
        assert!(said(fine).is_empty(), "{fine}");
    }
}

/// A parser that calls itself ends the process when its stack does.
#[test]
fn nesting_and_chains_without_end_are_refused_or_read_but_never_end_the_process() {
    let within = |chain: String| format!("fn f() {{ let _ = {chain}x; }}");
    for (text, told) in [
        (
            within("(".repeat(100_000) + &")".repeat(100_000)),
            "1:218: error: brackets nested more than 200 deep",
        ),
        (within("(".repeat(100_000)), "error: not Rust"),
        (within("!".repeat(100_000)), "error: more than 30000 tokens without a semicolon"),
        (
            within(("!".repeat(20_000) + "(").repeat(20) + "1" + &")".repeat(20)),
            "error: more than 30000 tokens",
        ),
        (within("||".repeat(100_000)), "error: more than 30000 tokens"),
        (
            format!("type T = {}u8{};", "A<".repeat(60_000), ">".repeat(60_000)),
            "error: more than 30000 tokens",
        ),
    ] {
        let said = said(text);
        assert!(said.len() == 1 && said[0].contains(told), "{said:?}");
    }
    for text in [
        within("!".repeat(29_000)),
        format!("type T = {}u8{};", "A<".repeat(7_000), ">".repeat(7_000)),
        format!("const TABLE: [u8; 50000] = [{}];", "1, ".repeat(50_000)),
    ] {
        assert_eq!(said(text), [""; 0]);
    }
}

#[test]
fn columns_are_counted_in_characters_from_one() {
    assert!(said("fn f() { (\"äöü\", span!(\"X\")); }")[0].starts_with("1:24: "));
}

fn lint(folder: &Path, strict: bool) -> Said {
    run(&Args { paths: vec![folder.to_owned()], strict }).unwrap()
}

#[test]
fn errors_fail_and_warnings_fail_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str| {
        let text = format!("fn f() {{ span!(\"{name}\"); }}");
        fs::write(folder.path().join("a.rs"), text).unwrap();
    };
    for (name, good, good_if_strict, summary) in [
        ("fit.pca", true, true, "1 name in 1 file: 0 errors, 0 warnings, 0 notes\n"),
        ("fit.tea", true, true, "0 errors, 0 warnings, 1 note\n"),
        ("zzz.q", true, false, "0 errors, 1 warning, 0 notes\n"),
        ("Bad", false, false, "1 error, 0 warnings, 0 notes\n"),
    ] {
        write(name);
        let (lax, strict) = (lint(folder.path(), false), lint(folder.path(), true));
        assert_eq!((lax.good, strict.good), (good, good_if_strict), "{}", lax.text);
        assert!(lax.text.ends_with(summary), "{}", lax.text);
    }
}

#[test]
fn folders_are_searched_for_sources_and_a_named_file_is_always_read() {
    let root = tempfile::tempdir().unwrap();
    for folder in ["src", "target", ".git", "tests/ui"] {
        fs::create_dir_all(root.path().join(folder)).unwrap();
    }
    let code = "fn f() { span!(\"zzz.q\"); span!(\"Bad\"); }";
    for file in [
        "src/b.rs",
        "src/a.rs",
        "src/tests.rs",
        "target/x.rs",
        ".git/y.rs",
        "tests/t.rs",
        "tests/ui/fail.rs",
        "a.txt",
    ] {
        fs::write(root.path().join(file), code).unwrap();
    }
    let text = lint(root.path(), false).text;
    let shown: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix(&format!("{}/", root.path().display())))
        .filter_map(|line| line.split(": ").take(2).map(str::to_owned).reduce(|a, b| format!("{a} {b}")))
        .collect();
    assert_eq!(
        shown,
        [
            "src/a.rs:1:16 warning",
            "src/a.rs:1:32 error",
            "src/b.rs:1:16 warning",
            "src/b.rs:1:32 error",
            "src/tests.rs:1:32 error",
            "tests/t.rs:1:32 error"
        ]
    );
    assert!(lint(&root.path().join("tests/ui/fail.rs"), false).text.contains("1 error, 1 warning"));
    let gone = run(&Args { paths: vec!["nowhere".into()], strict: false }).unwrap_err().to_string();
    assert_eq!(gone, "cannot read nowhere");
}

/// NAME-02, NAME-31, SPAN-22: what this repository records outside of tests is registered.
#[test]
fn this_repository_has_nothing_to_say() {
    let said = run(&Args { paths: Vec::new(), strict: true }).unwrap();
    assert!(said.good && said.text.ends_with(": 0 errors, 0 warnings, 0 notes\n"), "{}", said.text);
    assert_eq!(said.text.lines().count(), 1, "{}", said.text);
}
