//! The model registry: fitted detectors by the hash of what they were fitted on.

use crate::detect::{OutOfFold, Stream};
use rusqlite::{Connection, Transaction, params};

/// A stored model.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) detector: String,
    pub(crate) version: i64,
    /// What the detector saved.
    pub(crate) model: Vec<u8>,
    /// Its out-of-fold training streams, see [`encode_streams`].
    pub(crate) out_of_fold: Vec<u8>,
}

/// The newest models of an equipment under `hash`.
pub(crate) fn find(connection: &Connection, equip_id: i64, hash: &str) -> rusqlite::Result<Vec<Entry>> {
    let mut statement = connection.prepare(
        "SELECT Detector, Version, Model, OutOfFold FROM ModelRegistry
         WHERE EquipID = ?1 AND FeatureHash = ?2
           AND Version = (SELECT MAX(Version) FROM ModelRegistry WHERE EquipID = ?1 AND FeatureHash = ?2)",
    )?;
    let rows = statement.query_map(params![equip_id, hash], |row| {
        Ok(Entry {
            detector: row.get(0)?,
            version: row.get(1)?,
            model: row.get(2)?,
            out_of_fold: row.get(3)?,
        })
    })?;
    rows.collect()
}

/// The version after the equipment's newest, from 1.
pub(crate) fn next_version(connection: &Connection, equip_id: i64) -> rusqlite::Result<i64> {
    connection.query_row(
        "SELECT COALESCE(MAX(Version), 0) + 1 FROM ModelRegistry WHERE EquipID = ?1",
        [equip_id],
        |row| row.get(0),
    )
}

pub(crate) fn insert(
    transaction: &Transaction<'_>,
    equip_id: i64,
    hash: &str,
    entry: &Entry,
) -> rusqlite::Result<()> {
    transaction.execute(
        "INSERT INTO ModelRegistry (EquipID, Detector, Version, FeatureHash, Model, OutOfFold)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![equip_id, entry.detector, entry.version, hash, entry.model, entry.out_of_fold],
    )?;
    Ok(())
}

/// The names streams have in memory; a stored name must be one of them.
const NAMES: [&str; 8] = ["ar1", "pca_spe", "pca_t2", "iforest", "gmm", "gmm_w16", "omr", "omr_w16"];

/// Streams as bytes: for each the number of its name, the number of its values (both little-endian `u32`), and the
/// values as little-endian `f64`, which keeps every bit.
pub(crate) fn encode_streams(streams: &OutOfFold) -> Vec<u8> {
    let mut bytes = Vec::new();
    for stream in &streams.streams {
        let Some(name) = NAMES.iter().position(|n| *n == stream.name) else { continue };
        bytes.extend((name as u32).to_le_bytes());
        bytes.extend((stream.values.len() as u32).to_le_bytes());
        for value in &stream.values {
            bytes.extend(value.to_le_bytes());
        }
    }
    bytes
}

/// What [`encode_streams`] wrote; `None` when the bytes are damaged or a stream does not have `rows` finite values.
pub(crate) fn decode_streams(mut bytes: &[u8], rows: usize) -> Option<OutOfFold> {
    let mut streams = Vec::new();
    while !bytes.is_empty() {
        let (name, rest) = bytes.split_first_chunk::<4>()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let name = NAMES.get(u32::from_le_bytes(*name) as usize)?;
        if u32::from_le_bytes(*count) as usize != rows || rest.len() < rows * 8 {
            return None;
        }
        let (values, rest) = rest.split_at(rows * 8);
        let values: Vec<f64> =
            values.chunks_exact(8).filter_map(|c| c.try_into().ok()).map(f64::from_le_bytes).collect();
        if !values.iter().all(|v| v.is_finite()) {
            return None;
        }
        streams.push(Stream { name, values });
        bytes = rest;
    }
    (!streams.is_empty()).then_some(OutOfFold { streams })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_come_back_bit_for_bit_and_damage_is_noticed() {
        let streams = OutOfFold {
            streams: vec![
                Stream { name: "gmm", values: vec![0.1, -0.0, 1e300] },
                Stream { name: "gmm_w16", values: vec![1.0, 2.0, 3.0] },
            ],
        };
        let bytes = encode_streams(&streams);
        let back = decode_streams(&bytes, 3).unwrap();
        for (a, b) in streams.streams.iter().zip(&back.streams) {
            assert_eq!(a.name, b.name);
            assert!(a.values.iter().zip(&b.values).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
        assert!(decode_streams(&bytes, 4).is_none(), "other number of rows");
        assert!(decode_streams(&bytes[..bytes.len() - 1], 3).is_none(), "cut off");
        assert!(decode_streams(&[], 3).is_none(), "empty");
        let mut damaged = bytes;
        damaged[0] = 99;
        assert!(decode_streams(&damaged, 3).is_none(), "unknown name");
    }
}
