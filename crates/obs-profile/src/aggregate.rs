//! [`Aggregate`]: merges alike samples until somebody takes them.

use crate::profile::Sample;
use crate::ring::RawSample;
use crate::symbols::{Module, module_of};
use obs_core::{SharedContext, SpanId, TraceId, context};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Distinct samples kept; at typical depths about 10 MB. What comes after is dropped and counted.
const MOST_SAMPLES: usize = 32_768;

type Key = (Vec<usize>, u128, u64, u64);

/// Samples by stack, trace, span and context.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aggregate {
    counts: HashMap<Key, u64>,
    /// Contexts by number, held so that they outlive the scopes they were sampled in.
    contexts: HashMap<u64, Option<Arc<SharedContext>>>,
    /// Periods that found no room.
    pub(crate) dropped: u64,
}

impl Aggregate {
    pub(crate) fn add(&mut self, mut sample: RawSample) {
        // A return address lies behind the call and may belong to the next function; its last byte does not.
        sample.stack.iter_mut().skip(1).for_each(|address| *address = address.saturating_sub(1));
        self.contexts
            .entry(sample.context_id)
            .or_insert_with(|| (sample.context_id != 0).then(|| context::by_id(sample.context_id)).flatten());
        let key = (sample.stack, sample.trace_id, sample.span_id, sample.context_id);
        if let Some(count) = self.counts.get_mut(&key) {
            *count += sample.weight;
        } else if self.counts.len() < MOST_SAMPLES {
            self.counts.insert(key, sample.weight);
        } else {
            self.dropped += sample.weight;
        }
    }

    /// The samples in a fixed order. Stacks end where they leave the known modules: what follows was no return address.
    pub(crate) fn into_samples(self, modules: &[Module]) -> Vec<Sample> {
        let mut sorted: BTreeMap<Key, u64> = BTreeMap::new();
        for ((mut stack, trace_id, span_id, context_id), count) in self.counts {
            if !modules.is_empty() {
                let known = stack.iter().skip(1).take_while(|a| module_of(modules, **a).is_some()).count();
                stack.truncate(1 + known);
            }
            *sorted.entry((stack, trace_id, span_id, context_id)).or_default() += count;
        }
        let contexts = self.contexts;
        sorted
            .into_iter()
            .map(|((stack, trace_id, span_id, context_id), count)| Sample {
                stack,
                count,
                trace_id: TraceId::new(trace_id),
                span_id: SpanId::new(span_id),
                context: contexts.get(&context_id).cloned().flatten(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use obs_core::RunContext;

    fn raw(stack: &[usize], span_id: u64, context_id: u64) -> RawSample {
        RawSample { stack: stack.to_vec(), weight: 2, trace_id: 7, span_id, context_id }
    }

    #[test]
    fn alike_samples_merge_and_others_stay_apart() {
        let run = RunContext { equip_id: Some(4), ..RunContext::default() }.share();
        let mut aggregate = Aggregate::default();
        for (stack, span, context) in
            [([10, 21], 1, run.id()), ([10, 21], 1, run.id()), ([10, 21], 2, 0), ([10, 31], 1, 0)]
        {
            aggregate.add(raw(&stack, span, context));
        }
        drop(run); // the aggregate keeps it
        let samples = aggregate.into_samples(&[]);
        let seen: Vec<_> = samples
            .iter()
            .map(|s| {
                (
                    s.stack.clone(),
                    s.span_id.unwrap().get(),
                    s.count,
                    s.context.as_ref().and_then(|c| c.equip_id),
                )
            })
            .collect();
        assert_eq!(
            seen,
            [(vec![10, 20], 1, 4, Some(4)), (vec![10, 20], 2, 2, None), (vec![10, 30], 1, 2, None)]
        );
    }

    #[test]
    fn stacks_end_where_they_leave_the_program() {
        let module = Module { start: 100, limit: 200, ..Module::default() };
        let mut aggregate = Aggregate::default();
        aggregate.add(raw(&[150, 161, 5, 171], 1, 0));
        aggregate.add(raw(&[150, 161, 6], 1, 0));
        aggregate.add(raw(&[5, 161], 1, 0));
        let samples = aggregate.into_samples(&[module]);
        let seen: Vec<_> = samples.iter().map(|s| (s.stack.clone(), s.count)).collect();
        assert_eq!(seen, [(vec![5, 160], 2), (vec![150, 160], 4)]);
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let mut aggregate = Aggregate::default();
        (0..MOST_SAMPLES + 3).for_each(|n| aggregate.add(raw(&[n], 1, 0)));
        aggregate.add(raw(&[0], 1, 0)); // known, so it still counts
        assert_eq!(aggregate.dropped, 6);
        assert_eq!(
            aggregate.into_samples(&[]).iter().map(|s| s.count).sum::<u64>(),
            2 * (MOST_SAMPLES as u64 + 1)
        );
    }
}
