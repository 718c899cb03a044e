//! Work on rayon's threads stays work of the span that asked for it.

use obs_core::active;

/// Makes `f` run in the caller's span and run context on whatever thread it is called, so that stack samples and spans
/// of the workers belong where the time is spent. Costs some 20 ns a call: wrap chunks, not rows.
pub(crate) fn follow<A, R>(f: impl Fn(A) -> R + Sync + Send) -> impl Fn(A) -> R + Sync + Send {
    let here = active::capture();
    move |argument| {
        let _scope = here.attach();
        f(argument)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use obs_trace::{Tracer, span};
    use rayon::prelude::*;

    #[test]
    fn workers_are_in_the_span_of_their_caller() {
        let tracer = Tracer::for_tests();
        let span = span!(tracer, "fit.gmm");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        let work = follow(|_: u32| active::span().map(|s| s.span_id));
        let seen: Vec<_> = pool.install(|| (0..64_u32).into_par_iter().map(work).collect());
        assert!(seen.iter().all(|s| *s == span.span_id()), "{seen:?}");
    }
}
