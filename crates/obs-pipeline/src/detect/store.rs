//! Models as bytes for the registry.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::ar1::Ar1;
use super::gmm::Gmm;
use super::iforest::IForest;
use super::omr::Omr;
use super::pca::Pca;
use super::windows::WithWindows;
use super::{DetectError, Detector, Kind};

/// Version of the layout; raised whenever an old model would be misread.
const FORMAT: u32 = 1;

/// A stored model around its kind's own part.
#[derive(Serialize, Deserialize)]
struct Stored<M> {
    format: u32,
    kind: String,
    model: M,
}

/// What can be checked of a model before its parts are relied upon.
pub(super) trait Sound {
    /// Whether the parts fit together and hold numbers only.
    fn is_sound(&self) -> bool;
}

/// Whether there are `count` values, all positive and finite.
pub(super) fn all_positive(values: &[f64], count: usize) -> bool {
    values.len() == count && values.iter().all(|v| *v > 0.0 && v.is_finite())
}

pub(super) fn encode(kind: Kind, model: &impl Serialize) -> Result<Vec<u8>, DetectError> {
    serde_json::to_vec(&Stored { format: FORMAT, kind: kind.name().to_owned(), model })
        .map_err(|source| DetectError::Encode { detector: kind.name(), source })
}

/// The detector that [`Detector::save`] wrote as `bytes`. It scores exactly as the saved one. Bytes that are damaged,
/// or of an unknown format or kind, are an error.
pub fn load(bytes: &[u8]) -> Result<Box<dyn Detector>, DetectError> {
    let header: Stored<serde::de::IgnoredAny> = serde_json::from_slice(bytes).map_err(DetectError::Decode)?;
    if header.format != FORMAT {
        return Err(DetectError::Unknown { what: "format", found: header.format.to_string(), accepted: "1" });
    }
    match Kind::from_name(&header.kind) {
        Some(Kind::Ar1) => decode::<Ar1>(bytes),
        Some(Kind::Pca) => decode::<Pca>(bytes),
        Some(Kind::IForest) => decode::<IForest>(bytes),
        Some(Kind::Gmm) => decode::<WithWindows<Gmm>>(bytes),
        Some(Kind::Omr) => decode::<WithWindows<Omr>>(bytes),
        None => Err(DetectError::Unknown {
            what: "kind",
            found: header.kind,
            accepted: "ar1, pca, iforest, gmm, omr",
        }),
    }
}

fn decode<M>(bytes: &[u8]) -> Result<Box<dyn Detector>, DetectError>
where
    M: Detector + Sound + DeserializeOwned + 'static,
{
    let stored: Stored<M> = serde_json::from_slice(bytes).map_err(DetectError::Decode)?;
    if stored.model.is_sound() {
        Ok(Box::new(stored.model))
    } else {
        Err(DetectError::Damaged { detector: stored.model.kind().name() })
    }
}
