//! Tests of `delivery`.

use super::*;

#[test]
fn runs_are_found_and_the_oldest_comes_last() {
    let flags = [true, true, false, true, false, false, true];
    assert_eq!(runs(flags.into_iter()), [6..7, 3..4, 0..2]);
    assert_eq!(runs([false, false].into_iter()), Vec::<Range<usize>>::new());
}
