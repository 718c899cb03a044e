//! `process.*`: this process, but for its arguments, which may hold secrets.

use super::{Attribute, Surroundings, present};
use crate::keys;
use std::path::Path;

pub(super) fn detect(place: &Surroundings<'_>) -> Vec<Attribute> {
    present([
        (keys::PROCESS_PID, Some(std::process::id().to_string())),
        (keys::PROCESS_EXECUTABLE_NAME, executable(place)),
        (keys::PROCESS_RUNTIME_NAME, Some("rust".to_owned())),
    ])
}

/// The name of the program's file, without its folders.
fn executable(place: &Surroundings<'_>) -> Option<String> {
    let path = place.link("proc/self/exe").or_else(|| std::env::current_exe().ok())?;
    file_name(&path)
}

fn file_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy();
    // What Linux adds once the file was replaced by a newer one.
    Some(name.strip_suffix(" (deleted)").unwrap_or(&name).to_owned())
}
