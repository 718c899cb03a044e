//! [`DetectConfig`]: every number the detectors use, with its default and the reason for it.

use serde::{Deserialize, Serialize};

use super::DetectError;

/// Settings of all detectors. Serialised, it is part of the model cache key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DetectConfig {
    /// Start of every random sequence. Default 7.
    pub seed: u64,
    /// Training rows looked at; of longer trainings this many, evenly spread. Default 65,536: covariances are then
    /// good to half a percent, and the cost of fitting stops growing.
    pub fit_rows: usize,
    /// How residuals become comparable (ar1 and omr).
    pub residual: ResidualConfig,
    /// First-order autoregression.
    pub ar1: Ar1Config,
    /// Principal components.
    pub pca: PcaConfig,
    /// Isolation forest.
    pub iforest: IForestConfig,
    /// Gaussian mixture.
    pub gmm: GmmConfig,
    /// Overall model residual.
    pub omr: OmrConfig,
    /// The windowed streams of gmm and omr.
    pub windows: WindowConfig,
}

/// Settings of the residual scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResidualConfig {
    /// Least scale, as a share of the residuals' standard deviation. Default 0.05: a sensor that is silent most of
    /// the time has a median absolute deviation near 0, which would make its every move an alarm.
    pub sd_floor: f64,
}

/// Settings of [`Kind::Ar1`](super::Kind::Ar1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ar1Config {
    /// Largest coefficient in absolute value. Default 0.999: keeps the process stationary.
    pub phi_limit: f64,
}

/// Settings of [`Kind::Pca`](super::Kind::Pca).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PcaConfig {
    /// Components with a larger eigenvalue are kept. Default 1 (Kaiser): those that say more than a single sensor.
    pub eigenvalue: f64,
}

/// Settings of [`Kind::IForest`](super::Kind::IForest); the defaults are those of Liu, Ting and Zhou (2008).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IForestConfig {
    /// Number of trees. Default 100.
    pub trees: usize,
    /// Training rows per tree, drawn without replacement. Default 256.
    pub samples: usize,
}

/// Settings of [`Kind::Gmm`](super::Kind::Gmm).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GmmConfig {
    /// Most components tried, from 1 up. Default 5.
    pub max_components: usize,
    /// Taken when its BIC is as good as the best. Default 4.
    pub usual_components: usize,
    /// BIC differences below this are a tie. Default 2: "not worth more than a bare mention" (Kass and Raftery 1995).
    pub bic_tie: f64,
    /// Added to every variance. Default 1e-3.
    pub ridge: f64,
    /// EM stops when the mean log-likelihood gains less. Default 1e-4.
    pub tolerance: f64,
    /// EM stops after this many rounds. Default 100.
    pub iterations: usize,
    /// Rows EM works on; of longer trainings this many, evenly spread. Default 2,048: an EM round costs rows times
    /// sensors squared, and neighbouring rows say nearly the same.
    pub em_rows: usize,
    /// Rows the number of components is chosen on. Default 1,024; their likelihood stands for that of all `em_rows`.
    pub bic_rows: usize,
}

/// Settings of [`Kind::Omr`](super::Kind::Omr).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OmrConfig {
    /// Ridge of the regressions. Default 1.
    pub alpha: f64,
}

/// Settings of the windowed streams.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WindowConfig {
    /// Rows per window, at least 2. Default 16; the streams keep the names `gmm_w16` and `omr_w16` at other lengths.
    pub rows: usize,
    /// Fewest sensors for which the streams exist. Default 4.
    pub min_sensors: usize,
    /// Fewest training rows for which the streams exist. Default 400.
    pub min_train_rows: usize,
}

impl Default for DetectConfig {
    fn default() -> Self {
        Self {
            seed: 7,
            fit_rows: 65_536,
            residual: ResidualConfig::default(),
            ar1: Ar1Config::default(),
            pca: PcaConfig::default(),
            iforest: IForestConfig::default(),
            gmm: GmmConfig::default(),
            omr: OmrConfig::default(),
            windows: WindowConfig::default(),
        }
    }
}

impl Default for ResidualConfig {
    fn default() -> Self {
        Self { sd_floor: 0.05 }
    }
}

impl Default for Ar1Config {
    fn default() -> Self {
        Self { phi_limit: 0.999 }
    }
}

impl Default for PcaConfig {
    fn default() -> Self {
        Self { eigenvalue: 1.0 }
    }
}

impl Default for IForestConfig {
    fn default() -> Self {
        Self { trees: 100, samples: 256 }
    }
}

impl Default for GmmConfig {
    fn default() -> Self {
        Self {
            max_components: 5,
            usual_components: 4,
            bic_tie: 2.0,
            ridge: 1e-3,
            tolerance: 1e-4,
            iterations: 100,
            em_rows: 2048,
            bic_rows: 1024,
        }
    }
}

impl Default for OmrConfig {
    fn default() -> Self {
        Self { alpha: 1.0 }
    }
}

impl Default for WindowConfig {
    fn default() -> Self {
        Self { rows: 16, min_sensors: 4, min_train_rows: 400 }
    }
}

impl DetectConfig {
    /// Checks every range; the error names the first setting out of it.
    pub fn validate(&self) -> Result<(), DetectError> {
        let positive = "a finite number above 0";
        let counts = [
            ("fit_rows", self.fit_rows, 8, usize::MAX, "8 or more"),
            ("iforest.trees", self.iforest.trees, 1, 10_000, "1 to 10000"),
            ("iforest.samples", self.iforest.samples, 2, 32_768, "2 to 32768"),
            ("gmm.max_components", self.gmm.max_components, 1, 64, "1 to 64"),
            ("gmm.iterations", self.gmm.iterations, 1, usize::MAX, "1 or more"),
            ("gmm.em_rows", self.gmm.em_rows, 8, usize::MAX, "8 or more"),
            ("gmm.bic_rows", self.gmm.bic_rows, 8, usize::MAX, "8 or more"),
            ("windows.rows", self.windows.rows, 2, usize::MAX, "2 or more"),
        ];
        for (field, value, least, most, accepted) in counts {
            if !(least..=most).contains(&value) {
                return Err(DetectError::Config { field, value: value.to_string(), accepted });
            }
        }
        let numbers = [
            ("gmm.ridge", self.gmm.ridge, self.gmm.ridge > 0.0, positive),
            ("omr.alpha", self.omr.alpha, self.omr.alpha > 0.0, positive),
            ("gmm.tolerance", self.gmm.tolerance, self.gmm.tolerance >= 0.0, "a finite number, 0 or more"),
            ("gmm.bic_tie", self.gmm.bic_tie, self.gmm.bic_tie >= 0.0, "a finite number, 0 or more"),
            ("pca.eigenvalue", self.pca.eigenvalue, true, "a finite number"),
            ("ar1.phi_limit", self.ar1.phi_limit, (0.0..1.0).contains(&self.ar1.phi_limit), "0 to below 1"),
            (
                "residual.sd_floor",
                self.residual.sd_floor,
                (0.0..=1.0).contains(&self.residual.sd_floor),
                "0 to 1",
            ),
        ];
        for (field, value, within, accepted) in numbers {
            if !within || !value.is_finite() {
                return Err(DetectError::Config { field, value: value.to_string(), accepted });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_their_own_ranges() {
        DetectConfig::default().validate().unwrap();
    }

    #[test]
    fn a_setting_out_of_range_is_named_with_what_is_accepted() {
        let mut cfg = DetectConfig::default();
        cfg.gmm.ridge = f64::NAN;
        assert_eq!(
            cfg.validate().unwrap_err().to_string(),
            "detector setting gmm.ridge is NaN; accepted: a finite number above 0"
        );
        let mut cfg = DetectConfig::default();
        cfg.iforest.samples = 1;
        assert_eq!(
            cfg.validate().unwrap_err().to_string(),
            "detector setting iforest.samples is 1; accepted: 2 to 32768"
        );
    }

    #[test]
    fn settings_left_out_of_a_file_have_their_defaults_and_unknown_ones_are_refused() {
        let cfg: DetectConfig = serde_json::from_str(r#"{"gmm": {"max_components": 3}}"#).unwrap();
        assert_eq!(cfg.gmm.max_components, 3);
        assert_eq!(cfg.gmm.em_rows, GmmConfig::default().em_rows);
        assert!(serde_json::from_str::<DetectConfig>(r#"{"gmmm": {}}"#).is_err());
    }
}
