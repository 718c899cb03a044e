//! Maps and lists as carriers.

use super::*;

fn check(mut carrier: impl Extractor + Injector + FromIterator<(String, String)> + Extend<(String, String)>) {
    carrier.extend([("Traceparent".to_owned(), "1".to_owned()), ("other".to_owned(), "2".to_owned())]);
    assert_eq!(carrier.get("traceparent"), Some("1"), "names are found whatever their case");
    assert_eq!((carrier.get("missing"), carrier.get_all("missing").len()), (None, 0));

    carrier.extend([("TRACEPARENT".to_owned(), "0".to_owned())]);
    assert_eq!(carrier.get_all("traceparent").len(), 2, "several are all seen");

    carrier.set("traceparent", "3".to_owned());
    assert_eq!(carrier.get_all("TraceParent"), ["3"], "none of the old ones is left");
    carrier.remove("TRACEPARENT");
    assert_eq!((carrier.get("traceparent"), carrier.get("OTHER")), (None, Some("2")));
}

#[test]
fn maps_and_lists_find_set_and_remove_names_whatever_their_case() {
    check(HashMap::<String, String>::new());
    check(BTreeMap::<String, String>::new());
    check(Vec::<(String, String)>::new());
}

#[test]
fn several_values_of_a_list_keep_their_order_and_those_of_a_map_are_the_same_each_time() {
    let entries = [("b".to_owned(), "2".to_owned()), ("B".to_owned(), "1".to_owned())];
    assert_eq!(Vec::from(entries.clone()).get_all("b"), ["2", "1"]);
    for _ in 0..16 {
        assert_eq!(HashMap::<_, _>::from(entries.clone()).get_all("b"), ["1", "2"]);
    }
}
