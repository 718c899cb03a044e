//! [`Contexts`]: the attributes of each run context, encoded once.

use crate::otlp::write_attribute;
use crate::value::Value;
use obs_core::{SharedContext, keys};
use obs_export::wire::Writer;
use std::collections::HashMap;
use std::sync::Arc;

/// Contexts that are kept though no thread's last record was of them.
const KEPT: usize = 256;

/// A context, and its attributes as fields of a `Span`.
#[derive(Debug)]
pub(super) struct ContextBytes {
    shared: Arc<SharedContext>,
    pub(super) fields: Vec<u8>,
}

impl ContextBytes {
    pub(super) fn shared(&self) -> &Arc<SharedContext> {
        &self.shared
    }

    fn new(context: &Arc<SharedContext>) -> Self {
        let mut w = Writer::new();
        let run_id = context.run_id.map(|id| id.to_string());
        let texts = [
            (keys::RUN_ID, run_id.as_deref()),
            (keys::EQUIPMENT, context.equipment.as_deref()),
            (keys::REQUEST_ID, context.request_id.as_deref()),
            (keys::TENANT_ID, context.tenant_id.as_deref()),
            (keys::COMPONENT, context.component.as_deref()),
            (keys::OPERATION, context.operation.as_deref()),
        ];
        for (key, value) in texts {
            if let Some(value) = value {
                write_attribute(&mut w, 9, key, &Value::from(value));
            }
        }
        let numbers = [
            (keys::EQUIP_ID, context.equip_id),
            (keys::BATCH_NUM, context.batch_num.map(i64::from)),
            (keys::BATCH_TOTAL, context.batch_total.map(i64::from)),
        ];
        for (key, value) in numbers {
            if let Some(value) = value {
                write_attribute(&mut w, 9, key, &Value::I64(value));
            }
        }
        for (key, value) in &context.recorded_baggage {
            let key = [keys::BAGGAGE_PREFIX, key].concat();
            write_attribute(&mut w, 9, &key, &Value::from(value));
        }
        Self { shared: Arc::clone(context), fields: w.into_vec() }
    }
}

/// The contexts that records were of lately.
#[derive(Debug, Default)]
pub(super) struct Contexts(HashMap<u64, Arc<ContextBytes>>);

impl Contexts {
    pub(super) fn get(&mut self, context: &Arc<SharedContext>) -> Arc<ContextBytes> {
        if self.0.len() > KEPT {
            self.0.retain(|_, bytes| Arc::strong_count(bytes) > 1);
        }
        Arc::clone(self.0.entry(context.id()).or_insert_with(|| Arc::new(ContextBytes::new(context))))
    }
}
