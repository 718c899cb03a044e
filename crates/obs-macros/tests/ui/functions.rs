//! The attributes go on functions that run while the program does, and have a body.

use obs_metrics::timed;
use obs_trace::traced;

#[traced]
struct NotAFunction;

#[timed]
const NOT_EITHER: u32 = 1;

#[traced]
const fn at_compile_time() -> u32 {
    1
}

#[timed]
const fn at_compile_time_too() {}

trait WithoutBody {
    #[traced]
    fn declared(&self);
}

fn main() {}
