//! Features, models, and the detectors' own fitting and scoring.

use super::attribute::{Attribute, int, text};
use super::{SpanEntry, always, optional};

const ROWS: &[Attribute] = &[int("n_samples"), int("n_features")];
const FIT: &[Attribute] = &[text("detector"), int("n_samples"), int("n_features")];
const SCORE: &[Attribute] = &[
    text("detector"),
    int("n_samples"),
    int("n_features"),
    int("model_version").when("the model has a number in the database"),
];
const DETECTORS: &[Attribute] = &[int("n_detectors"), int("n_samples")];
const ONE_STEP: &str = "a program times this step on its own";
const MODEL: &[Attribute] = &[text("detector"), int("model_version")];

pub(super) const SPANS: &[SpanEntry] = &[
    always("features.build", "Features of training and scored rows", &[]),
    optional("features.compute", "rows are not split into training and scored", "Features of all rows", ROWS),
    always("features.compute.train", "Scaling learnt and applied to training rows", ROWS),
    always("features.compute.score", "Scaling applied to scored rows", ROWS),
    always("features.hash", "The hash that names the models of these features", &[text("hash")]),
    optional("features.impute", ONE_STEP, "Missing cells filled", ROWS),
    optional("features.normalize", ONE_STEP, "Columns brought to one scale", ROWS),
    optional("features.select", ONE_STEP, "Columns chosen", ROWS),
    always("models.load", "Stored models of the same features looked for", &[text("hash")]),
    always("models.fit", "All detectors fitted", DETECTORS),
    always("fit.ar1", "Autoregressive detector fitted", FIT),
    always("fit.pca", "Principal components fitted", FIT),
    always("fit.iforest", "Isolation forest fitted", FIT),
    always("fit.gmm", "Gaussian mixture fitted", FIT),
    always("fit.omr", "Overall model residual fitted", FIT),
    always(
        "models.save",
        "Fitted models stored",
        &[int("model_version").when("new models were stored in a database")],
    ),
    optional("models.validate", ONE_STEP, "A model tried on rows it has not seen", MODEL),
    optional("models.update", ONE_STEP, "A stored model fitted further", MODEL),
    optional("models.compare", ONE_STEP, "Two versions of a model on the same rows", MODEL),
    optional("models.delete", ONE_STEP, "Old versions of models removed", &[int("n_models")]),
    always("models.score", "All detectors applied to the scored rows", DETECTORS),
    always("score.ar1", "Rows scored by the autoregressive detector", SCORE),
    always("score.pca", "Rows scored by the principal components", SCORE),
    always("score.iforest", "Rows scored by the isolation forest", SCORE),
    always("score.gmm", "Rows scored by the Gaussian mixture", SCORE),
    always("score.omr", "Rows scored by the overall model residual", SCORE),
];
