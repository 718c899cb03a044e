//! Read back with the official schema.

use super::*;
use crate::profile::Sample;
use crate::symbols::Symbols;
use ::pprof::protos::{self, Message};
use obs_core::{Ids, RunContext, SpanId, TraceId};
use std::io::Read;

/// Two spans of a run, one sample outside, in a program of one module and addresses outside it.
fn profile() -> Profile {
    let run = RunContext {
        run_id: Some(Ids::sequential().run_id()),
        equipment: Some("FD_FAN".to_owned()),
        equip_id: Some(7),
        ..RunContext::default()
    };
    let run = run.share();
    let sample = |stack: &[usize], count, span| Sample {
        stack: stack.to_vec(),
        count,
        trace_id: TraceId::new(0xab),
        span_id: SpanId::new(span),
        context: Some(std::sync::Arc::clone(&run)),
    };
    let outside = Sample { stack: vec![0x1030, 0x1000], count: 1, ..Sample::default() };
    let samples = vec![sample(&[0x1010, 0x1000], 30, 1), sample(&[0x1020, 0x1000], 12, 2), outside];
    let mut profile = Profile::new(10_000_000, samples).with_symbols(Symbols::from_names([
        (0x1000, "main"),
        (0x1010, "_ZN3fit3gmm17h0123456789abcdefE"),
        (0x1020, "_ZN3fit3gmm17h0123456789abcdefE"),
        (0x1030, "write"),
    ]));
    (profile.start_ns, profile.end_ns) = (1_700_000_000_123_456_789, 1_700_000_002_123_456_789);
    profile.modules = vec![Module {
        start: 0x1000,
        limit: 0x1030,
        offset: 0x40,
        path: "/opt/acm".into(),
        ..Module::default()
    }];
    profile
}

fn decoded() -> protos::Profile {
    let gzip = encode_gzip(&profile(), "acm-pipeline").unwrap();
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(gzip.as_slice()).read_to_end(&mut bytes).unwrap();
    protos::Profile::decode(bytes.as_slice()).unwrap()
}

fn text(profile: &protos::Profile, index: i64) -> &str {
    &profile.string_table[index as usize]
}

/// PRO-10
#[test]
fn types_times_and_period_are_those_of_a_cpu_profile() {
    let p = decoded();
    let types: Vec<_> = p.sample_type.iter().map(|t| (text(&p, t.ty), text(&p, t.unit))).collect();
    assert_eq!(types, [("samples", "count"), ("cpu", "nanoseconds")]);
    let period_type = p.period_type.as_ref().unwrap();
    assert_eq!(
        (text(&p, period_type.ty), text(&p, period_type.unit), p.period),
        ("cpu", "nanoseconds", 10_000_000)
    );
    assert_eq!((p.time_nanos, p.duration_nanos), (1_700_000_000_123_456_789, 2_000_000_000));
    assert_eq!(text(&p, p.default_sample_type), "cpu");
    assert_eq!(p.string_table[0], "");
}

/// PRO-08
#[test]
fn samples_of_a_run_carry_all_six_labels() {
    let p = decoded();
    let labels = |n: usize| -> Vec<_> {
        p.sample[n].label.iter().map(|l| (text(&p, l.key).to_owned(), text(&p, l.str).to_owned())).collect()
    };
    let expected = [
        ("trace_id", "000000000000000000000000000000ab"),
        ("span_id", "0000000000000001"),
        ("service_name", "acm-pipeline"),
        ("equipment", "FD_FAN"),
        ("equip_id", "7"),
        ("run_id", "00000000-0000-4000-8000-000000000001"),
    ];
    assert_eq!(labels(0), expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
    assert_eq!(labels(2), [("service_name".to_owned(), "acm-pipeline".to_owned())]);
}

#[test]
fn stacks_lead_to_functions_and_values_to_time() {
    let p = decoded();
    let stacks: Vec<Vec<&str>> = p
        .sample
        .iter()
        .map(|s| {
            s.location_id
                .iter()
                .map(|id| {
                    let location = p.location.iter().find(|l| l.id == *id).unwrap();
                    let function = p.function.iter().find(|f| f.id == location.line[0].function_id).unwrap();
                    text(&p, function.name)
                })
                .collect()
        })
        .collect();
    assert_eq!(stacks, [["fit::gmm", "main"], ["fit::gmm", "main"], ["write", "main"]]);
    let values: Vec<_> = p.sample.iter().map(|s| s.value.clone()).collect();
    assert_eq!(values, [[30, 300_000_000], [12, 120_000_000], [1, 10_000_000]]);
    assert_eq!(p.function.len(), 3, "functions are shared");
    assert_eq!(p.location.len(), 4, "locations are shared");
}

#[test]
fn locations_name_the_file_they_lie_in() {
    let p = decoded();
    assert_eq!(p.mapping.len(), 1);
    let mapping = &p.mapping[0];
    assert_eq!((mapping.memory_start, mapping.memory_limit, mapping.file_offset), (0x1000, 0x1030, 0x40));
    assert_eq!(text(&p, mapping.filename), "/opt/acm");
    let of = |address| p.location.iter().find(|l| l.address == address).unwrap().mapping_id;
    assert_eq!((of(0x1000), of(0x1020), of(0x1030)), (mapping.id, mapping.id, 0));
}

#[test]
fn the_same_profile_gives_the_same_bytes() {
    assert_eq!(encode_gzip(&profile(), "a").unwrap(), encode_gzip(&profile(), "a").unwrap());
}

#[test]
fn an_empty_profile_is_a_valid_one() {
    let p = protos::Profile::decode(encode(&Profile::default(), "").as_slice()).unwrap();
    assert!(p.sample.is_empty() && p.location.is_empty());
    assert_eq!(p.sample_type.len(), 2);
}
