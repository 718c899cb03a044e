//! `OTEL_RESOURCE_ATTRIBUTES` and the identity that comes of it.

use super::*;

const VARIABLE: &str = "OTEL_RESOURCE_ATTRIBUTES";

fn attributes(text: &str) -> (Vec<(String, String)>, Vec<String>) {
    let loaded = load(&[], &[(VARIABLE, text)], None).unwrap();
    (loaded.config.resource_attributes, loaded.warnings)
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

#[test]
fn pairs_are_percent_decoded_and_the_last_of_a_key_counts() {
    let (found, warnings) = attributes("team=a%2Cb, site%3D1=Br%C3%BCnn ,team=x,empty=,");
    assert_eq!(found, [pair("site=1", "Brünn"), pair("team", "x"), pair("empty", "")]);
    assert_eq!(warnings, Vec::<String>::new());
}

#[test]
fn a_bad_pair_is_warned_of_by_itself_and_the_others_count() {
    let long = format!("k={}", "x".repeat(4097));
    for bad in ["novalue", "=x", "k=%zz", "k=%ff", "k=a%00b", "%0A=x", &long] {
        let (found, warnings) = attributes(&format!("a=1,{bad},b=2"));
        assert_eq!(found, [pair("a", "1"), pair("b", "2")], "{bad}");
        let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
        let shown = &bad[..bad.len().min(80)];
        assert!(
            warning.starts_with(&format!("{VARIABLE}: `{shown}` is not accepted: expected key=value")),
            "{warning}"
        );
    }
}

/// CFG-01
#[test]
fn the_service_in_resource_attributes_counts_where_its_own_settings_are_unset() {
    let text = "service.name=press-7,service.version=1.2,service.instance.id=i,deployment.environment.name=plant,x=y";
    let loaded = load(&[], &[(VARIABLE, text)], None).unwrap();
    assert_eq!(loaded.provenance("service.name"), Provenance::Environment(VARIABLE));
    let identity = loaded.config.identity();
    assert_eq!((identity.name.as_str(), identity.version.as_str()), ("press-7", "1.2"));
    assert_eq!((identity.instance.as_str(), identity.environment.as_str()), ("i", "plant"));
    assert_eq!(identity.attributes, [pair("x", "y")]);

    let env = [(VARIABLE, text), ("OTEL_SERVICE_NAME", "own"), ("OBS_ENVIRONMENT", "own")];
    let loaded = load(&[], &env, None).unwrap();
    assert_eq!((loaded.config.service_name.as_str(), loaded.config.environment.as_str()), ("own", "own"));
    assert_eq!(loaded.warnings, Vec::<String>::new());
}

#[test]
fn what_the_service_cannot_be_called_is_warned_of_and_the_default_stays() {
    let loaded = load(&[], &[(VARIABLE, &format!("service.name={}", "x".repeat(256)))], None).unwrap();
    assert_eq!(loaded.config.service_name, "acm");
    assert!(
        loaded.warnings[0].starts_with("OTEL_RESOURCE_ATTRIBUTES: service.name = `xxx"),
        "{:?}",
        loaded.warnings
    );
}

#[test]
fn what_the_library_says_of_itself_cannot_be_set() {
    let (found, warnings) = attributes("telemetry.sdk.name=other");
    assert_eq!(found, []);
    assert!(warnings[0].contains("telemetry.sdk.name is the library's own"), "{warnings:?}");
}

#[test]
fn detectors_are_a_list_of_names_or_none() {
    use crate::resource::Detector::{Host, Kubernetes};
    for (text, expected) in [("k8s, host", vec![Kubernetes, Host]), ("none", Vec::new())] {
        let loaded = load(&[], &[("OBS_RESOURCE_DETECTORS", text)], None).unwrap();
        assert_eq!(loaded.config.detectors, expected, "{text}");
    }
}
