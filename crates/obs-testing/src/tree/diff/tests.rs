//! What the diff of two trees says, line by line.

use super::super::checks::tests::span;
use super::*;
use crate::span_tree;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::trace::v1::Span;

fn with(mut span: Span, key: &str, value: Value) -> Span {
    let value = Some(AnyValue { value: Some(value) });
    span.attributes.push(KeyValue { key: key.to_owned(), value, ..KeyValue::default() });
    span
}

/// A run that loads and fits twice.
fn run() -> Vec<Span> {
    vec![
        span(1, 0, 1, "pipeline.run"),
        span(2, 1, 2, "load.data"),
        span(3, 1, 3, "models.fit"),
        with(span(4, 3, 4, "fit.pca"), "acm.n_samples", Value::IntValue(10)),
        with(span(5, 3, 5, "fit.gmm"), "acm.detector", Value::StringValue("gmm".to_owned())),
    ]
}

fn diff(expected: &ExpectedTree) -> Vec<String> {
    compare(&run(), expected).unwrap_err().lines
}

#[test]
fn the_same_tree_is_the_same_with_and_without_details() {
    let plain = span_tree! { "pipeline.run" { "load.data" "models.fit" { "fit.pca" "fit.gmm" } } };
    assert_eq!(compare(&run(), &plain), Ok(()));
    let detailed = span_tree! {
        "pipeline.run" [internal] {
            "load.data",
            "models.fit" {
                "fit.pca" [internal] (n_samples = 10, "acm.n_samples" = 10),
                "fit.gmm" (detector = "gmm"),
            },
        }
    };
    assert_eq!(compare(&run(), &detailed), Ok(()));
    assert_eq!(compare::<Span>(&[], &span_tree! {}), Ok(()));
}

#[test]
fn another_attribute_or_kind_shows_both_lines_and_goes_on_below() {
    let expected = span_tree! {
        "pipeline.run" {
            "load.data" [client]
            "models.fit" (rows = 1) { "fit.pca" (n_samples = 11, detector = "pca") "fit.gmm" }
        }
    };
    assert_eq!(
        diff(&expected),
        [
            "  pipeline.run",
            "-   load.data [client]",
            "+   load.data [internal]",
            "-   models.fit (rows = 1)",
            "+   models.fit",
            "-     fit.pca (n_samples = 11, detector = \"pca\")",
            "+     fit.pca (n_samples = 10)",
            "      fit.gmm",
        ]
    );
}

#[test]
fn what_is_missing_and_what_is_too_much_stand_where_they_belong_with_all_below() {
    let expected = span_tree! {
        "pipeline.run" { "load.data" { "sql.query" } "models.score" { "score.pca" } "persist.scores" }
    };
    assert_eq!(
        diff(&expected),
        [
            "  pipeline.run",
            "    load.data",
            "-     sql.query",
            "-   models.score",
            "-     score.pca",
            "-   persist.scores",
            "+   models.fit [internal]",
            "+     fit.pca [internal]",
            "+     fit.gmm [internal]",
        ]
    );
}

#[test]
fn another_order_is_a_difference() {
    let expected = span_tree! { "pipeline.run" { "models.fit" { "fit.pca" "fit.gmm" } "load.data" } };
    assert_eq!(
        diff(&expected),
        [
            "  pipeline.run",
            "-   models.fit",
            "-     fit.pca",
            "-     fit.gmm",
            "    load.data",
            "+   models.fit [internal]",
            "+     fit.pca [internal]",
            "+     fit.gmm [internal]",
        ]
    );
}

#[test]
fn two_dots_stand_for_others_at_any_place() {
    for expected in [
        span_tree! { .. },
        span_tree! { "pipeline.run" { .. } },
        span_tree! { "pipeline.run" { .. "models.fit" { "fit.gmm" .. } } },
        span_tree! { "pipeline.run" { "load.data" .. } },
    ] {
        assert_eq!(compare(&run(), &expected), Ok(()), "{expected:?}");
    }
    let expected = span_tree! { "pipeline.run" { .. "models.fit" { "fit.gmm" "fit.pca" .. } } };
    assert_eq!(
        diff(&expected),
        ["  pipeline.run", "    ..", "    models.fit", "-     fit.gmm", "      fit.pca", "      ..",]
    );
}

#[test]
fn among_spans_of_one_name_the_one_that_fits_is_meant() {
    let mut spans = run();
    spans.push(with(span(6, 3, 6, "fit.pca"), "acm.n_samples", Value::IntValue(20)));
    let expected = span_tree! { "pipeline.run" { .. "models.fit" { "fit.pca" (n_samples = 20) } } };
    let told = compare(&spans, &expected).unwrap_err().to_string();
    let expected = "the spans are not as expected (- expected, + got):\n  pipeline.run\n    ..\n    models.fit\n\
                    +     fit.pca [internal]\n+     fit.gmm [internal]\n      fit.pca (n_samples = 20)";
    assert_eq!(told, expected);
}

#[test]
fn an_orphan_is_never_the_span_that_was_expected() {
    let orphan = [span(2, 9, 1, "load.data")];
    let told = compare(&orphan, &span_tree! { "load.data" }).unwrap_err().lines;
    assert_eq!(told, ["- load.data", "+ load.data (orphan)"]);
    let continued = [Span { flags: 0x300, ..span(2, 9, 1, "load.data") }];
    assert_eq!(compare(&continued, &span_tree! { "load.data" }), Ok(()));
}

#[test]
fn values_are_compared_with_their_types() {
    let spans = [with(
        with(span(1, 0, 1, "drift"), "acm.x", Value::DoubleValue(f64::NAN)),
        "acm.n",
        Value::DoubleValue(1.0),
    )];
    assert_eq!(compare(&spans, &span_tree! { "drift" (x = f64::NAN, n = 1.0) }), Ok(()));
    let told = compare(&spans, &span_tree! { "drift" (n = 1, "n.m" = true) }).unwrap_err().lines;
    assert_eq!(told, ["- drift (n = 1, n.m = true)", "+ drift (n = 1.0)"]);
}
