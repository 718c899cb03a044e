//! Numbers in JSON without loss: the bits of each as hex digits, since decimal JSON readers may be off by the last
//! bit and cannot write infinities.

/// `Vec<f64>` as one string of 16 hex digits per number, for `#[serde(with = ...)]`.
pub(crate) mod f64s {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(values: &[f64], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&super::encode(values.iter().map(|v| v.to_bits()), 16))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<f64>, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        let bits = super::decode(&text, 16)
            .ok_or_else(|| D::Error::custom("not a string of 16-digit hex numbers"))?;
        Ok(bits.into_iter().map(f64::from_bits).collect())
    }
}

/// `Vec<f32>` as one string of 8 hex digits per number, for `#[serde(with = ...)]`.
pub(crate) mod f32s {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(values: &[f32], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&super::encode(values.iter().map(|v| u64::from(v.to_bits())), 8))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<f32>, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        let bits =
            super::decode(&text, 8).ok_or_else(|| D::Error::custom("not a string of 8-digit hex numbers"))?;
        Ok(bits.into_iter().map(|b| f32::from_bits(b as u32)).collect())
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn encode(values: impl Iterator<Item = u64>, digits: u32) -> String {
    values
        .flat_map(|v| (0..digits).rev().map(move |d| char::from(DIGITS[(v >> (4 * d) & 15) as usize])))
        .collect()
}

fn decode(text: &str, digits: usize) -> Option<Vec<u64>> {
    if !text.len().is_multiple_of(digits) {
        return None;
    }
    text.as_bytes()
        .chunks(digits)
        .map(|chunk| {
            chunk.iter().try_fold(0_u64, |bits, c| Some(bits << 4 | u64::from(char::from(*c).to_digit(16)?)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Both {
        #[serde(with = "super::f64s")]
        wide: Vec<f64>,
        #[serde(with = "super::f32s")]
        narrow: Vec<f32>,
    }

    proptest! {
        #[test]
        fn any_number_comes_back_to_the_last_bit(wide: Vec<u64>, narrow: Vec<u32>) {
            let both = Both {
                wide: wide.iter().map(|b| f64::from_bits(*b)).collect(),
                narrow: narrow.iter().map(|b| f32::from_bits(*b)).collect(),
            };
            let back: Both = serde_json::from_slice(&serde_json::to_vec(&both).unwrap()).unwrap();
            prop_assert_eq!(back.wide.iter().map(|v| v.to_bits()).collect::<Vec<_>>(), wide);
            prop_assert_eq!(back.narrow.iter().map(|v| v.to_bits()).collect::<Vec<_>>(), narrow);
        }
    }

    #[test]
    fn anything_but_hex_digits_of_full_length_is_refused() {
        for bad in ["", "0123456789abcde", "0123456789abcdeg", "+123456789abcdef"] {
            let json = format!(r#"{{"wide": "{bad}", "narrow": ""}}"#);
            assert_eq!(serde_json::from_str::<Both>(&json).is_ok(), bad.is_empty(), "{bad:?}");
        }
    }
}
