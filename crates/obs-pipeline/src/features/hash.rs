//! [`hash`]: a name for the content a model was trained on.

use xxhash_rust::xxh3::Xxh3;

use crate::Matrix;

/// XXH3 (64 bit) of the training values, sensor names and parameters: the key under which models are cached, equal
/// exactly when a stored model still fits. The same on every machine: bytes are little endian, every `NaN` counts as
/// one and the same, and -0.0 as 0.0. Shape and lengths are part of it, so no two inputs run together.
#[must_use]
pub fn hash(train: &Matrix, names: &[String], params: &str) -> u64 {
    let mut state = Xxh3::new();
    let mut text = |s: &str| {
        state.update(&(s.len() as u64).to_le_bytes());
        state.update(s.as_bytes());
    };
    text(params);
    for name in names {
        text(name);
    }
    state.update(&(train.rows as u64).to_le_bytes());
    state.update(&(train.cols as u64).to_le_bytes());
    let mut bytes = Vec::with_capacity(8 * train.cols.max(1) * 64);
    for rows in train.data.chunks(train.cols.max(1) * 64) {
        bytes.clear();
        bytes.extend(rows.iter().flat_map(|v| canonical(*v).to_le_bytes()));
        state.update(&bytes);
    }
    state.digest()
}

fn canonical(value: f64) -> u64 {
    if value.is_nan() {
        f64::NAN.to_bits() & !(1 << 63)
    } else if value == 0.0 {
        0
    } else {
        value.to_bits()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        vec!["temperature".into(), "flow".into()]
    }

    fn values() -> Matrix {
        Matrix { rows: 2, cols: 2, data: vec![1.5, -2.25, f64::NAN, 0.0] }
    }

    /// PIPE-12: a fixed input has a fixed hash, whatever machine or run computes it.
    #[test]
    fn the_hash_of_a_fixed_input_never_changes() {
        assert_eq!(format!("{:016x}", hash(&values(), &names(), "w=16")), "c30c46b09ec9ec81");
    }

    #[test]
    fn spellings_of_nan_and_zero_do_not_matter() {
        let mut other = values();
        other.data[2] = f64::from_bits(0xfff8_0000_0000_1234);
        other.data[3] = -0.0;
        assert!(other.data[2].is_nan());
        assert_eq!(hash(&values(), &names(), "w=16"), hash(&other, &names(), "w=16"));
    }

    #[test]
    fn every_part_of_the_input_changes_the_hash() {
        let base = hash(&values(), &names(), "w=16");
        let mut value = values();
        value.data[0] = f64::from_bits(value.data[0].to_bits() + 1);
        assert_ne!(base, hash(&value, &names(), "w=16"));
        assert_ne!(base, hash(&values(), &["temperatureflow".into(), String::new()], "w=16"));
        assert_ne!(base, hash(&values(), &names(), "w=17"));
        let reshaped = Matrix { rows: 1, cols: 4, data: values().data };
        assert_ne!(base, hash(&reshaped, &names(), "w=16"));
    }
}
