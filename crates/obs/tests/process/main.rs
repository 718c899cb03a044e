//! What a whole process shows that uses obs: the examples, run as children with an environment of their own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail their test")]

mod announced;
mod delivered;
mod disabled;
mod example;
mod examples;
mod logs_only;
