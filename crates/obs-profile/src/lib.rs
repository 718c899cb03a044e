//! CPU profiles whose samples carry run and span ids
