//! Names for addresses: the symbol table of the file behind each, demangled, and kept for the next profile.

mod elf;
mod maps;

pub use maps::Module;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Bytes of names kept between profiles; beyond that the memory of the process matters more than a few milliseconds.
const CACHE_BYTES: usize = 4 << 20;

/// A function by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// For people: demangled, without hash; `file+0xaddress` without a symbol.
    pub name: Arc<str>,
    /// As the linker knows it; the same as `name` without a symbol.
    pub system_name: Arc<str>,
}

impl Function {
    fn from_symbol(symbol: &str) -> Self {
        let name = format!("{:#}", rustc_demangle::demangle(symbol));
        Self { name: name.into(), system_name: symbol.into() }
    }

    fn unnamed(module: &str, address: u64) -> Self {
        let name: Arc<str> = format!("{module}+{address:#x}").into();
        Self { name: Arc::clone(&name), system_name: name }
    }
}

/// The functions around a set of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Symbols {
    functions: BTreeMap<usize, Function>,
    build_ids: HashMap<PathBuf, String>,
}

impl Symbols {
    /// Names given by the caller: for profiles of other processes.
    pub fn from_names<N: AsRef<str>>(names: impl IntoIterator<Item = (usize, N)>) -> Self {
        let named = |(address, name): (usize, N)| (address, Function::from_symbol(name.as_ref()));
        Self { functions: names.into_iter().map(named).collect(), build_ids: HashMap::new() }
    }

    /// Looks addresses of this process up. Never fails: what has no symbol is named after its file and place in it.
    pub(crate) fn resolve(modules: &[Module], addresses: impl IntoIterator<Item = usize>) -> Self {
        // File → address in memory → where the module begins.
        let mut by_file: BTreeMap<&Path, BTreeMap<usize, &Module>> = BTreeMap::new();
        let mut symbols = Self::default();
        for address in addresses {
            match maps::module_of(modules, address).map(|i| &modules[i]) {
                Some(module) => {
                    by_file.entry(&module.path).or_default().insert(address, module);
                }
                None => {
                    symbols.functions.insert(address, Function::unnamed("[unknown]", address as u64));
                }
            }
        }
        let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
        for (path, addresses) in by_file {
            cache.file(path).resolve(path, &addresses, &mut symbols);
        }
        cache.shrink();
        symbols
    }

    /// The function around an address, if it was among those asked for.
    pub fn function(&self, address: usize) -> Option<&Function> {
        self.functions.get(&address)
    }

    /// Build id of a file, in lower-case hex; empty when unknown.
    pub(crate) fn build_id(&self, path: &Path) -> &str {
        self.build_ids.get(path).map_or("", String::as_str)
    }
}

static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Cache {
    files: HashMap<PathBuf, CachedFile>,
}

/// What is known of one file, by place in the file.
#[derive(Default)]
struct CachedFile {
    functions: HashMap<u64, Function>,
    build_id: String,
    bytes: usize,
}

impl Cache {
    fn file(&mut self, path: &Path) -> &mut CachedFile {
        self.files.entry(path.to_path_buf()).or_default()
    }

    fn shrink(&mut self) {
        if self.files.values().map(|f| f.bytes).sum::<usize>() > CACHE_BYTES {
            self.files.clear();
        }
    }
}

impl CachedFile {
    /// Names all `addresses` (of memory), which lie in the file `path`.
    fn resolve(&mut self, path: &Path, addresses: &BTreeMap<usize, &Module>, into: &mut Symbols) {
        let offset = |address: usize, module: &Module| (address - module.start) as u64 + module.offset;
        let unknown: Vec<u64> = addresses
            .iter()
            .map(|(address, module)| offset(*address, module))
            .filter(|offset| !self.functions.contains_key(offset))
            .collect();
        if let Some(module) = addresses.values().next().filter(|_| !unknown.is_empty()) {
            self.learn(path, &module.name(), &unknown);
        }
        for (address, module) in addresses {
            if let Some(function) = self.functions.get(&offset(*address, module)) {
                into.functions.insert(*address, function.clone());
            }
        }
        if !self.build_id.is_empty() {
            into.build_ids.insert(path.to_path_buf(), self.build_id.clone());
        }
    }

    /// Reads the names of these places in the file.
    fn learn(&mut self, path: &Path, module: &str, offsets: &[u64]) {
        let elf = elf::Elf::open(path).ok();
        if let Some(elf) = &elf {
            elf.build_id().clone_into(&mut self.build_id);
        }
        let address = |offset: &u64| elf.as_ref().and_then(|e| e.address_of(*offset)).unwrap_or(*offset);
        let mut places: Vec<(u64, u64)> = offsets.iter().map(|o| (address(o), *o)).collect();
        places.sort_unstable();
        places.dedup();
        let addresses: Vec<u64> = places.iter().map(|(address, _)| *address).collect();
        let names = elf.as_ref().and_then(|e| e.functions(&addresses).ok()).unwrap_or_default();
        let mut names = names.into_iter();
        for (address, offset) in places {
            let function = names
                .next()
                .flatten()
                .map_or_else(|| Function::unnamed(module, address), |symbol| Function::from_symbol(&symbol));
            self.bytes += 96 + function.name.len() + function.system_name.len();
            self.functions.insert(offset, function);
        }
    }
}

/// The executable mappings of this process.
pub(crate) fn modules() -> Vec<Module> {
    maps::executable_modules()
}

/// The module that holds an address.
pub(crate) fn module_of(modules: &[Module], address: usize) -> Option<usize> {
    maps::module_of(modules, address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_of_this_program_is_named_without_its_hash() {
        let here = maps::executable_modules as *const () as usize;
        for _first_from_file_then_from_cache in 0..2 {
            let symbols = Symbols::resolve(&modules(), [here, here + 1, 1]);
            let function = symbols.function(here).unwrap();
            assert_eq!(&*function.name, "obs_profile::symbols::maps::executable_modules");
            assert_ne!(function.name, function.system_name);
            assert_eq!(symbols.function(here + 1), Some(function));
            assert_eq!(&*symbols.function(1).unwrap().name, "[unknown]+0x1");
            assert_eq!(symbols.function(2), None);
        }
    }

    #[test]
    fn an_address_without_a_symbol_is_named_after_its_file() {
        let module =
            Module { start: 0x1000, limit: 0x2000, path: "/no/such/lib.so".into(), ..Module::default() };
        let symbols = Symbols::resolve(&[module], [0x1010]);
        assert_eq!(&*symbols.function(0x1010).unwrap().name, "lib.so+0x10");
    }

    #[test]
    fn names_of_the_caller_are_demangled() {
        let symbols = Symbols::from_names([(1, "_ZN3fit3gmm17h0123456789abcdefE"), (2, "main")]);
        assert_eq!(&*symbols.function(1).unwrap().name, "fit::gmm");
        assert_eq!(&*symbols.function(2).unwrap().name, "main");
    }
}
