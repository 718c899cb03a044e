//! [`Extractor`] and [`Injector`]: what headers are read from and written to; maps and lists of text are both.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

/// Something that headers are read from: those of an incoming request or message. Names are looked for whatever their
/// case.
pub trait Extractor {
    /// The first value of `name`. `None` when there is none, or none that is text.
    fn get(&self, name: &str) -> Option<&str>;

    /// Every value of `name`, in order. The default is for carriers that hold one at most.
    fn get_all(&self, name: &str) -> Vec<&str> {
        self.get(name).into_iter().collect()
    }
}

/// Something that headers are written to: those of an outgoing request or message.
pub trait Injector {
    /// Sets `name` to `value`, instead of whatever values it had. Names are lower case, names and values printable
    /// ASCII.
    fn set(&mut self, name: &str, value: String);

    /// Takes `name` out, so that what is there from another span does not go out with this one. The default, for
    /// carriers that begin empty, does nothing.
    fn remove(&mut self, name: &str) {
        let _ = name;
    }
}

impl<S: BuildHasher> Extractor for HashMap<String, String, S> {
    fn get(&self, name: &str) -> Option<&str> {
        // Nearly always the name is there as it is looked for, or not at all.
        HashMap::get(self, name).map(String::as_str).or_else(|| self.get_all(name).first().copied())
    }

    fn get_all(&self, name: &str) -> Vec<&str> {
        let mut found: Vec<(&String, &String)> =
            self.iter().filter(|(k, _)| k.eq_ignore_ascii_case(name)).collect();
        // A map has no order of its own: whatever the order in memory, the result is the same.
        found.sort_unstable();
        found.into_iter().map(|(_, value)| value.as_str()).collect()
    }
}

impl<S: BuildHasher> Injector for HashMap<String, String, S> {
    fn set(&mut self, name: &str, value: String) {
        Injector::remove(self, name);
        self.insert(name.to_owned(), value);
    }

    fn remove(&mut self, name: &str) {
        self.retain(|key, _| !key.eq_ignore_ascii_case(name));
    }
}

impl Extractor for BTreeMap<String, String> {
    fn get(&self, name: &str) -> Option<&str> {
        BTreeMap::get(self, name).map(String::as_str).or_else(|| self.get_all(name).first().copied())
    }

    fn get_all(&self, name: &str) -> Vec<&str> {
        let named = self.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }
}

impl Injector for BTreeMap<String, String> {
    fn set(&mut self, name: &str, value: String) {
        Injector::remove(self, name);
        self.insert(name.to_owned(), value);
    }

    fn remove(&mut self, name: &str) {
        self.retain(|key, _| !key.eq_ignore_ascii_case(name));
    }
}

impl Extractor for Vec<(String, String)> {
    fn get(&self, name: &str) -> Option<&str> {
        let named = self.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    fn get_all(&self, name: &str) -> Vec<&str> {
        let named = self.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }
}

impl Injector for Vec<(String, String)> {
    fn set(&mut self, name: &str, value: String) {
        Injector::remove(self, name);
        self.push((name.to_owned(), value));
    }

    fn remove(&mut self, name: &str) {
        self.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }
}
