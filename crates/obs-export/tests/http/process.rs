//! Requests that depend on the environment, each from a process of its own: the tests, started again with other
//! variables.

use crate::server::*;
use obs_export::http::Endpoint;
use std::process::Command;

const TO: &str = "OBS_TEST_POST_TO";
const SAID: &str = "OBS_TEST_POST_SAID";

/// The other process: posts where it is told, and writes down what came of it.
#[test]
fn in_a_process_of_its_own() {
    let (Ok(to), Ok(said)) = (std::env::var(TO), std::env::var(SAID)) else { return };
    let to: Endpoint = to.parse().unwrap();
    std::fs::write(said, format!("{:?}", post(&to))).unwrap();
}

/// What came of posting to `to` with these variables.
pub(crate) fn posted(to: &str, variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let said = folder.path().join("said");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "process::in_a_process_of_its_own"]);
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    command.env(TO, to).env(SAID, &said).envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    std::fs::read_to_string(said).unwrap()
}
