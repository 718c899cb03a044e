//! Sensor tables as people have them: what is read from them, and what they are told when they cannot be read.

#![expect(clippy::unwrap_used, reason = "a helper of these tests that fails is a failed test")]

mod errors;
mod formats;
mod quality;
mod roundtrip;
mod rows;
mod timestamps;

use std::path::PathBuf;

use obs_pipeline::input::{InputError, Loaded, ReadOptions, read};

/// Files in a folder of their own, gone when this is dropped.
struct Files {
    dir: tempfile::TempDir,
    paths: Vec<PathBuf>,
}

impl Files {
    /// One file for each content, called `0.csv`, `1.csv` and so on.
    fn new(contents: &[&[u8]]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let write = |(i, content): (usize, &&[u8])| {
            let path = dir.path().join(format!("{i}.csv"));
            std::fs::write(&path, content).unwrap();
            path
        };
        let paths = contents.iter().enumerate().map(write).collect();
        Self { dir, paths }
    }

    fn read(&self, options: &ReadOptions) -> Result<Loaded, InputError> {
        read(&self.paths, options)
    }

    /// The message of the error that reading ends with, the folder cut off its paths.
    fn error(&self, options: &ReadOptions) -> String {
        let message = self.read(options).unwrap_err().to_string();
        assert!(!message.contains('\n'), "one line: {message}");
        message.replace(&format!("{}/", self.dir.path().display()), "")
    }
}

/// What is read from one file.
fn load(content: &str, options: &ReadOptions) -> Loaded {
    Files::new(&[content.as_bytes()]).read(options).unwrap()
}

/// [`load`] with everything detected.
fn detect(content: &str) -> Loaded {
    load(content, &ReadOptions::default())
}

/// The message that one file ends with.
fn error(content: &[u8], options: &ReadOptions) -> String {
    Files::new(&[content]).error(options)
}

/// Options for a table without header.
fn no_header() -> ReadOptions {
    ReadOptions { no_header: true, ..ReadOptions::default() }
}

/// Times of a frame in text.
fn times(loaded: &Loaded) -> Vec<String> {
    (0..loaded.frame.rows()).map(|row| loaded.frame.format_time(row)).collect()
}
