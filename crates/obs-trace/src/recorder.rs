//! The recorder: what a span costs its thread, and how finished spans get to the collector.
//!
//! A span at work is an [`OpenSpan`], reused from a pool of its thread, so that in the steady state nothing is allocated. When
//! it ends, its words are copied into the thread's [`ring`], from which the collector takes them: no lock is taken and no
//! other thread's memory is written to on the way.

pub(crate) mod attributes;
pub(crate) mod extra;
pub(crate) mod layout;
pub(crate) mod local;
pub(crate) mod open;
pub(crate) mod ring;
pub(crate) mod segment;
pub(crate) mod traces;
pub(crate) mod words;

pub(crate) use open::OpenSpan;
