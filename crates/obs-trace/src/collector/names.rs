//! [`Known`]: what follows from the name of a span or the key of an attribute, worked out once for each.

use crate::literal;
use crate::otlp::write_attribute;
use crate::value::Value;
use obs_core::names::Names;
use obs_core::{ServiceIdentity, keys};
use obs_export::wire::Writer;
use std::collections::HashMap;

/// What follows from a span's name.
#[derive(Debug)]
pub(super) struct NameBytes {
    pub(super) name: String,
    /// How long the category is: the name's first part.
    category: usize,
    /// The field of the name, and the attributes that follow from it.
    pub(super) fields: Vec<u8>,
    /// The number of `Span.SpanKind`.
    pub(super) kind: u8,
}

impl NameBytes {
    pub(super) fn category(&self) -> &str {
        &self.name[..self.category]
    }
}

/// What follows from an attribute's key.
#[derive(Debug)]
struct KeyBytes {
    /// The field `key` of a `KeyValue`.
    field: Vec<u8>,
    /// The first number whose text is exported as the same key: `rows` and `acm.rows` are one.
    same_as: u32,
    /// Whether obs sets it by itself.
    is_automatic: bool,
    /// The list of attributes that had it last.
    list: u64,
}

/// Everything that was worked out so far, by the number of the text.
#[derive(Debug)]
pub(super) struct Known {
    names: Names,
    service: String,
    /// By number; the place of zero is never used.
    spans: Vec<Option<NameBytes>>,
    keys: Vec<KeyBytes>,
    /// The first number of each key, as it is exported.
    numbers: HashMap<Vec<u8>, u32>,
    /// Counts lists of attributes, so that a key knows whether it was in this one.
    list: u64,
}

impl Known {
    pub(super) fn new(names: Names, identity: &ServiceIdentity) -> Self {
        let nothing = KeyBytes { field: Vec::new(), same_as: 0, is_automatic: false, list: 0 };
        Self {
            names,
            service: identity.name.clone(),
            spans: vec![None],
            keys: vec![nothing],
            numbers: HashMap::new(),
            list: 0,
        }
    }

    /// Learns the texts that have got a number since.
    #[cold]
    fn learn(&mut self) {
        for text in literal::since(self.keys.len() - 1) {
            let number = self.keys.len() as u32;
            let field = self.key_of(text);
            let same_as = *self.numbers.entry(field.clone()).or_insert(number);
            let key = self.names.attribute_key(text);
            let is_automatic = keys::AUTOMATIC.contains(&&*key) || key.starts_with(keys::BAGGAGE_PREFIX);
            self.keys.push(KeyBytes { field, same_as, is_automatic, list: 0 });
            self.spans.push(None);
        }
    }

    /// The field `key` of a `KeyValue`: keys without a dot get the prefix.
    pub(super) fn key_of(&self, key: &str) -> Vec<u8> {
        let mut w = Writer::new();
        w.string(1, &self.names.attribute_key(key));
        w.into_vec()
    }

    /// The keys that come next are of another list of attributes.
    pub(super) fn begin_list(&mut self) {
        self.list += 1;
    }

    /// The field `key` of a text with a number, and whether its key is in this list already, or may be set by obs itself.
    #[inline]
    pub(super) fn key(&mut self, number: u32) -> (&[u8], bool) {
        if number as usize >= self.keys.len() {
            self.learn();
        }
        let Some(key) = self.keys.get(number as usize) else { return (&[], false) };
        let (same_as, is_automatic) = (key.same_as, key.is_automatic);
        let seen = self.keys.get_mut(same_as as usize).map(|k| std::mem::replace(&mut k.list, self.list));
        let is_double = is_automatic || seen == Some(self.list);
        (self.keys.get(number as usize).map_or(&[], |k| k.field.as_slice()), is_double)
    }

    #[inline]
    pub(super) fn name(&mut self, number: u32) -> Option<&NameBytes> {
        let at = number as usize;
        if self.spans.get(at).is_none_or(Option::is_none) {
            self.work_out(number);
        }
        self.spans.get(at)?.as_ref()
    }

    #[cold]
    fn work_out(&mut self, number: u32) {
        if number as usize >= self.spans.len() {
            self.learn();
        }
        let bytes = self.name_of(literal::text(number));
        if let Some(place) = self.spans.get_mut(number as usize) {
            *place = Some(bytes);
        }
    }

    /// What follows from any name.
    pub(super) fn name_of(&self, name: &str) -> NameBytes {
        let resolved = self.names.resolve(name);
        let mut w = Writer::new();
        w.string(5, &resolved.name);
        write_attribute(&mut w, 9, keys::CATEGORY, &Value::from(resolved.category));
        write_attribute(&mut w, 9, keys::SERVICE, &Value::from(self.service.as_str()));
        if let Some(phase) = resolved.phase {
            write_attribute(&mut w, 9, keys::PHASE, &Value::from(phase.as_str()));
        }
        NameBytes {
            category: resolved.category.len(),
            fields: w.into_vec(),
            kind: resolved.kind.otlp() as u8,
            name: resolved.name.into_owned(),
        }
    }
}
