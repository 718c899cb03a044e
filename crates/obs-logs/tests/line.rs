//! What a line looks like: keys, context, spans, hostile values.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail their test")]

use std::sync::{Arc, LazyLock, Mutex};

use obs_core::active::{ActiveSpan, attach_context, enter};
use obs_core::{Baggage, BaggagePolicy, Clock, RunContext, ServiceIdentity, SpanId, TraceId};
use obs_logs::{Level, LogLine, Logs, SCHEMA, slog};
use proptest::prelude::*;
use serde_json::{Value, json};
use slog::{Key, Record, Serializer, o};

static VALIDATOR: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap());

const NOW: u64 = 1_795_265_845_123_456_789;

/// Lines of one call; each has been validated against the schema.
fn lines(log: impl FnOnce(&Logs)) -> Vec<LogLine> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let output = Arc::clone(&lines);
    let logs = Logs::builder(&ServiceIdentity::default())
        .level(Level::Trace)
        .clock(Clock::manual(NOW))
        .build(move |line| output.lock().unwrap().push(line));
    log(&logs);
    let lines = std::mem::take(&mut *lines.lock().unwrap());
    for line in &lines {
        let value = parsed(line);
        let errors: Vec<_> = VALIDATOR.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?} in {}", line.json());
        assert!(!line.json().contains(['\n', '\r']));
    }
    lines
}

fn parsed(line: &LogLine) -> Value {
    serde_json::from_str(line.json()).unwrap()
}

fn span() -> ActiveSpan {
    ActiveSpan { trace_id: TraceId::new(0xab).unwrap(), span_id: SpanId::new(0xcd).unwrap(), sampled: true }
}

#[test]
fn the_schema_refuses_lines_that_break_it() {
    let lines = lines(|logs| obs_logs::info!(logs.root(), "good"));
    for (key, bad) in [
        ("timestamp", json!("2026-11-21 12:57:25")),
        ("level", json!("WARNING")),
        ("message", json!(1)),
        ("category", json!("run")),
        ("duration_ms", json!("1")),
        ("trace_id", json!("ab")),
        ("span_id", json!("00000000000000cd")),
        ("source", json!("line.rs")),
    ] {
        let mut line = parsed(&lines[0]);
        line[key] = bad;
        assert!(!VALIDATOR.is_valid(&line), "{line}");
    }
}

/// LOG-19, LOG-40, SB-12, CTX-01, CTX-04
#[test]
fn a_full_line_has_exactly_the_documented_keys_in_order() {
    let context = RunContext {
        run_id: Some("0190b6e4-5c1a-4d1e-9f3a-2b7c8d9e0f10".parse().unwrap()),
        equipment: Some("FD_FAN".into()),
        equip_id: Some(7),
        batch_num: Some(1),
        batch_total: Some(3),
        request_id: Some("r-1".into()),
        tenant_id: Some("t-1".into()),
        component: Some("overridden by the logger".into()),
        operation: Some("fit".into()),
        baggage: Baggage::new(),
        recorded_baggage: vec![("plant".into(), "north \"1\"".into())],
    };
    let lines = lines(|logs| {
        let _context = attach_context(Some(context.share()));
        let _span = enter(Some(span()));
        obs_logs::perf!(logs.logger("acm.Fit.PCA"), "fitted"; "duration_ms" => 1.5, "rows" => 1500, "job_id" => "j");
    });
    let line = lines[0].json();
    let (head, source) = line.split_once(",\"source\":\"").unwrap();
    let expected = concat!(
        r#"{"timestamp":"2026-11-21T12:57:25.123456Z","level":"INFO","message":"fitted","category":"PERF","#,
        r#""component":"pca","logger":"acm.Fit.PCA","service":"acm","environment":"development","#,
        r#""equipment":"FD_FAN","equip_id":7,"run_id":"0190b6e4-5c1a-4d1e-9f3a-2b7c8d9e0f10","batch_num":1,"#,
        r#""batch_total":3,"request_id":"r-1","tenant_id":"t-1","operation":"fit","duration_ms":1.5,"#,
        r#""baggage.plant":"north \"1\"","#,
        r#""trace_id":"000000000000000000000000000000ab","span_id":"00000000000000cd""#
    );
    assert_eq!(head, expected);
    let (source, fields) = source.split_once('"').unwrap();
    assert!(
        source
            .rsplit_once(':')
            .is_some_and(|(file, n)| file.ends_with("line.rs") && n.parse::<u32>().is_ok())
    );
    assert_eq!(fields, r#","rows":1500,"job_id":"j"}"#);
    assert_eq!((lines[0].equip_id(), lines[0].trace_id()), (Some(7), Some(span().trace_id)));
}

/// CTX-05: only what a policy names, and no key of the caller's can pass for it.
#[test]
fn allowed_baggage_is_on_each_line_and_the_rest_is_not() {
    let (baggage, _) = Baggage::parse("tenant=north,session=5f2c");
    let policy = BaggagePolicy { allow: vec!["tenant".into()] };
    let lines = lines(|logs| {
        let context = RunContext::default().with_baggage(baggage, &policy).share();
        let context = attach_context(Some(context));
        obs_logs::info!(logs.root(), "inside"; "baggage.tenant" => "south");
        drop(context);
        obs_logs::info!(logs.root(), "outside");
    });
    let line = parsed(&lines[0]);
    assert_eq!((&line["baggage.tenant"], &line["field_baggage.tenant"]), (&json!("north"), &json!("south")));
    assert!(!lines[0].json().contains("5f2c"));
    assert!(!lines[1].json().contains("baggage"));
}

#[test]
fn outside_of_spans_and_contexts_absent_keys_are_left_out() {
    let lines = lines(|logs| obs_logs::info!(logs.root(), "bare"));
    let keys: Vec<_> = lines[0].members().map(|(key, _)| key.into_owned()).collect();
    assert_eq!(keys, ["timestamp", "level", "message", "service", "environment", "source"]);
}

#[test]
fn the_component_is_the_last_part_of_the_name() {
    let lines = lines(|logs| {
        for name in ["", ".", "A", "a.B.", "a.b.C"] {
            obs_logs::info!(logs.logger(name), "x");
        }
    });
    let components: Vec<_> = lines.iter().map(|l| l.component().map(std::borrow::Cow::into_owned)).collect();
    assert_eq!(components, [None, None, Some("a"), Some("b"), Some("c")].map(|c| c.map(str::to_owned)));
    assert_eq!(parsed(&lines[3])["logger"], "a.B.");
    assert!(parsed(&lines[0]).get("logger").is_none());
}

#[test]
fn a_change_of_context_affects_later_lines_only() {
    let with = |n| RunContext { batch_num: Some(n), ..RunContext::default() }.share();
    let lines = lines(|logs| {
        for n in [1, 2] {
            let _context = attach_context(Some(with(n)));
            obs_logs::info!(logs.root(), "in");
        }
        obs_logs::info!(logs.root(), "out");
    });
    let batches: Vec<_> = lines.iter().map(|l| parsed(l)["batch_num"].clone()).collect();
    assert_eq!(batches, [json!(1), json!(2), Value::Null]);
}

#[test]
fn known_keys_fill_their_place_and_colliding_ones_are_renamed_and_counted() {
    let mut renamed = 0;
    let lines = lines(|logs| {
        let _context = attach_context(Some(
            RunContext { equipment: Some("A".into()), equip_id: Some(1), ..RunContext::default() }.share(),
        ));
        obs_logs::info!(logs.logger("a.b"), "x"; "equipment" => "B", "component" => "Fan", "equip_id" => 2,
            "operation" => "op", "message" => "mine", "level" => 3, "duration_ms" => "long", "run_id" => "seven",
            "field_message" => "also mine", "trace_id" => 1);
        renamed = logs.counts().renamed;
    });
    let line = parsed(&lines[0]);
    let expected = json!({
        "message": "x", "level": "INFO", "equipment": "B", "component": "fan", "equip_id": 2, "operation": "op",
        "field_message": "also mine", "field_field_message": "mine", "field_level": 3, "field_duration_ms": "long",
        "field_run_id": "seven", "field_trace_id": 1,
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&line[key], value, "{key} in {line}");
    }
    assert!(line.get("duration_ms").is_none() && line.get("run_id").is_none());
    assert_eq!((renamed, lines[0].equip_id(), lines[0].run_id()), (5, Some(2), None));
}

#[test]
fn of_two_values_for_a_key_the_one_nearer_to_the_record_wins() {
    let lines = lines(|logs| {
        let parent = logs.root().new(o!("job" => 1, "parent" => true, "component" => "p"));
        let child = parent.new(o!("job" => 2, "child" => true, "component" => "c"));
        obs_logs::info!(child, "x"; "own" => 1);
        obs_logs::info!(child, "x"; "job" => 3);
    });
    let fields = |line: &LogLine| line.fields().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>();
    assert_eq!(fields(&lines[0]), ["parent=true", "job=2", "child=true", "own=1"]);
    assert_eq!(fields(&lines[1]), ["parent=true", "child=true", "job=3"]);
    assert_eq!(lines[0].component().as_deref(), Some("c"));
}

#[test]
fn renamed_keys_override_each_other_as_others_do() {
    let lines = lines(|logs| {
        let parent = logs.root().new(o!("message" => 1, "field_level" => 2));
        obs_logs::info!(parent, "x"; "message" => 3, "level" => 4);
    });
    let fields: Vec<_> = lines[0].fields().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(fields, ["field_field_level=2", "field_message=3", "field_level=4"]);
}

/// LOG-01: numbers stay numbers
#[test]
fn values_keep_their_types() {
    let mut not_finite = 0;
    let lines = lines(|logs| {
        obs_logs::info!(logs.root(), "x"; "u64" => u64::MAX, "i64" => i64::MIN, "f32" => 0.1_f32, "f64" => 1e300,
            "tiny" => 5e-324, "u128" => u128::MAX, "i128" => i128::MIN, "small" => 5_u128, "neg" => -5_i128,
            "nan" => f64::NAN, "inf" => f64::NEG_INFINITY, "nan32" => f32::NAN, "t" => true, "c" => '"', "n" => (),
            "none" => None::<&str>, "bytes" => vec![0_u8, 255], "usize" => 3_usize, "i8" => -1_i8,
            "nested" => slog::Serde(json!({"a": [1, "\n", 1.5]})), "dbg" => ?Some("q"));
        not_finite = logs.counts().not_finite;
    });
    let expected = [
        ("u64", "18446744073709551615"),
        ("i64", "-9223372036854775808"),
        ("f32", "0.1"),
        ("f64", "1e300"),
        ("tiny", "5e-324"),
        ("u128", "\"340282366920938463463374607431768211455\""),
        ("i128", "\"-170141183460469231731687303715884105728\""),
        ("small", "5"),
        ("neg", "-5"),
        ("nan", "null"),
        ("inf", "null"),
        ("nan32", "null"),
        ("t", "true"),
        ("c", "\"\\\"\""),
        ("n", "null"),
        ("none", "null"),
        ("bytes", "\"00ff\""),
        ("usize", "3"),
        ("i8", "-1"),
        ("nested", "{\"a\":[1,\"\\n\",1.5]}"),
        ("dbg", "\"Some(\\\"q\\\")\""),
    ];
    let fields: Vec<_> = lines[0].fields().map(|(k, v)| (k.into_owned(), v.to_owned())).collect();
    assert_eq!(fields, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    assert_eq!(not_finite, 3);
}

#[test]
fn ten_megabytes_in_one_field_are_one_line() {
    let long = "a\n\"\0é".repeat(2 << 20);
    let lines = lines(|logs| {
        obs_logs::info!(logs.root(), "{long}"; "long" => &long);
        obs_logs::info!(logs.root(), "short");
    });
    assert_eq!(lines[0].message(), long);
    assert_eq!(parsed(&lines[0])["long"], long.as_str());
    assert!(lines[1].json().len() < 300);
}

#[derive(Clone, Debug)]
enum Given {
    Text(String),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Bool(bool),
    None,
}

/// Fields with keys made at run time.
struct Map(Vec<(&'static str, Given)>);

impl slog::KV for Map {
    fn serialize(&self, _: &Record<'_>, out: &mut dyn Serializer) -> slog::Result {
        for (name, given) in self.0.iter().rev() {
            let key = Key::from(*name);
            match given {
                Given::Text(text) => out.emit_str(key, text)?,
                Given::Unsigned(n) => out.emit_u64(key, *n)?,
                Given::Signed(n) => out.emit_i64(key, *n)?,
                Given::Float(x) => out.emit_f64(key, *x)?,
                Given::Bool(b) => out.emit_bool(key, *b)?,
                Given::None => out.emit_none(key)?,
            }
        }
        Ok(())
    }
}

/// Texts as people and attackers write them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[\\x00-\\x1f\"\\\\\u{7f}\u{2028}{}:,]{0,12}", "[a-z_]{1,12}"]
}

fn given() -> impl Strategy<Value = Given> {
    prop_oneof![
        text().prop_map(Given::Text),
        any::<u64>().prop_map(Given::Unsigned),
        any::<i64>().prop_map(Given::Signed),
        any::<f64>().prop_map(Given::Float),
        any::<bool>().prop_map(Given::Bool),
        Just(Given::None),
    ]
}

fn is_same(given: &Given, value: &str) -> bool {
    match given {
        Given::Text(text) => serde_json::from_str::<String>(value).unwrap() == *text,
        Given::Unsigned(n) => value.parse() == Ok(*n),
        Given::Signed(n) => value.parse() == Ok(*n),
        Given::Float(x) if x.is_finite() => value.parse::<f64>().is_ok_and(|y| y.to_bits() == x.to_bits()),
        Given::Bool(b) => value.parse() == Ok(*b),
        Given::Float(_) | Given::None => value == "null",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_field_map_gives_one_line_that_parses_back_to_the_same_values(
        message in text(),
        fields in proptest::collection::btree_map("[^a-z]\\PC{0,3}|[\\x00-\\x1f\"\\\\]{1,4}|x[a-z]{0,6}", given(), 0..12),
    ) {
        let map: Vec<_> = fields.iter().map(|(k, v)| (&*k.clone().leak(), v.clone())).collect();
        let lines = lines(|logs| obs_logs::info!(logs.root(), "{message}"; Map(map)));
        prop_assert_eq!(lines.len(), 1);
        prop_assert_eq!(lines[0].message(), message.as_str());
        let value = parsed(&lines[0]);
        prop_assert_eq!(value["message"].as_str(), Some(message.as_str()));
        prop_assert_eq!(value.as_object().unwrap().len(), 6 + fields.len());
        prop_assert_eq!(lines[0].fields().count(), fields.len());
        for ((key, given), (found, value)) in fields.iter().zip(lines[0].fields()) {
            prop_assert_eq!(key.as_str(), found.as_ref());
            prop_assert!(is_same(given, value), "{:?} became {}", given, value);
        }
    }
}
