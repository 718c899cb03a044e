//! [`Change`]: what an operation says about the run context, for itself and everything within it.

use obs_core::{RunContext, RunId, SharedContext, active};
use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

thread_local! {
    /// The last change of this thread, the number of the context it was made to, and what came of it: a service makes the
    /// same one again and again.
    static LAST: RefCell<Option<(Change, u64, Arc<SharedContext>)>> = const { RefCell::new(None) };
}

/// Fields of the run context that have another value within an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) run_id: Option<RunId>,
    pub(super) request_id: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) operation: Option<Cow<'static, str>>,
}

impl Change {
    /// The context that is active now, with the change. `None` when there is nothing to change.
    pub(super) fn apply(self) -> Option<Arc<SharedContext>> {
        let base = active::context_id();
        let last = LAST.try_with(|last| {
            let last = last.try_borrow().ok()?;
            let (change, of, context) = last.as_ref()?;
            (*of == base && *change == self).then(|| Arc::clone(context))
        });
        if let Ok(Some(context)) = last {
            return Some(context);
        }
        let before =
            active::context().map_or_else(RunContext::default, |context| RunContext::clone(&context));
        let after = self.changed(before.clone());
        if after == before {
            return None;
        }
        let context = after.share();
        let _ = LAST.try_with(|last| last.replace(Some((self, base, Arc::clone(&context)))));
        Some(context)
    }

    fn changed(&self, context: RunContext) -> RunContext {
        RunContext {
            run_id: self.run_id.or(context.run_id),
            request_id: self.request_id.clone().or(context.request_id),
            tenant_id: self.tenant_id.clone().or(context.tenant_id),
            operation: self.operation.as_deref().map(str::to_owned).or(context.operation),
            ..context
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> Change {
        Change { tenant_id: Some(name.to_owned()), ..Change::default() }
    }

    #[test]
    fn the_rest_of_the_context_stays() {
        let context = RunContext { equip_id: Some(7), ..RunContext::default() };
        let _context = active::attach_context(Some(context.share()));
        let changed = tenant("t1").apply().unwrap();
        assert_eq!((changed.equip_id, changed.tenant_id.as_deref()), (Some(7), Some("t1")));
    }

    #[test]
    fn what_is_so_already_makes_no_new_context() {
        let context = RunContext { tenant_id: Some("t1".into()), ..RunContext::default() };
        let _context = active::attach_context(Some(context.share()));
        assert!(tenant("t1").apply().is_none());
        assert!(Change::default().apply().is_none());
    }

    #[test]
    fn the_same_change_of_the_same_context_is_made_once() {
        let _context = active::attach_context(Some(RunContext::default().share()));
        let first = tenant("t1").apply().unwrap();
        assert_eq!(tenant("t1").apply().unwrap().id(), first.id());
        assert_ne!(tenant("t2").apply().unwrap().id(), first.id());
        let _other =
            active::attach_context(Some(RunContext { equip_id: Some(3), ..RunContext::default() }.share()));
        assert_eq!(tenant("t2").apply().unwrap().equip_id, Some(3));
    }
}
