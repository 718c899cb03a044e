//! The files mapped into this process, from `/proc/self/maps` (`man 5 proc_pid_maps`).

use std::path::{Path, PathBuf};

/// A stretch of executable memory and the file behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Module {
    /// First address.
    pub start: usize,
    /// First address behind it.
    pub limit: usize,
    /// Where in the file it begins.
    pub offset: u64,
    /// The file, or a name in brackets such as `[vdso]`; empty for anonymous memory.
    pub path: PathBuf,
    /// Build id in lower-case hex; empty when the file has none.
    pub build_id: String,
}

impl Module {
    /// Its file name, as shown beside addresses without a symbol.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy();
        if name.is_empty() { "[anon]".to_owned() } else { name.into_owned() }
    }
}

/// The executable mappings of this process by address; empty where `/proc` is missing.
pub(super) fn executable_modules() -> Vec<Module> {
    let mut modules = parse(&std::fs::read_to_string("/proc/self/maps").unwrap_or_default());
    // A program replaced on disk while it runs is "(deleted)" in the list but still readable through this link.
    if let Ok(exe) = std::fs::read_link("/proc/self/exe")
        && !exe.exists()
    {
        modules.iter_mut().filter(|m| m.path == exe).for_each(|m| m.path = PathBuf::from("/proc/self/exe"));
    }
    modules
}

fn parse(maps: &str) -> Vec<Module> {
    let mut modules: Vec<Module> = maps.lines().filter_map(parse_line).collect();
    modules.sort_by_key(|m| m.start);
    modules
}

/// `start-limit perms offset dev inode path`, with blanks in the path kept; `None` unless executable.
fn parse_line(line: &str) -> Option<Module> {
    let mut rest = line;
    let mut field = || {
        let (word, tail) = rest.trim_start().split_once(' ').unwrap_or((rest.trim_start(), ""));
        rest = tail;
        word
    };
    let (range, permissions, offset) = (field(), field(), field());
    let _device_and_inode = (field(), field());
    let (start, limit) = range.split_once('-')?;
    permissions.contains('x').then_some(())?;
    Some(Module {
        start: usize::from_str_radix(start, 16).ok()?,
        limit: usize::from_str_radix(limit, 16).ok()?,
        offset: u64::from_str_radix(offset, 16).ok()?,
        path: Path::new(rest.trim_start()).to_path_buf(),
        build_id: String::new(),
    })
}

/// The module that holds an address.
pub(super) fn module_of(modules: &[Module], address: usize) -> Option<usize> {
    let index = modules.partition_point(|m| m.start <= address).checked_sub(1)?;
    (address < modules[index].limit).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPS: &str = "\
7f00-7f40 r-xp 00000100 08:01 12   /lib/libc.so.6
5500-5540 r--p 00000000 08:01 11                     /opt/my app/bin
5540-5580 r-xp 00000040 08:01 11                     /opt/my app/bin
7fff-8fff r-xp 00000000 00:00 0                      [vdso]
9000-9100 rwxp 00000000 00:00 0
nonsense
";

    #[test]
    fn executable_mappings_come_sorted_with_offset_and_path() {
        let modules = parse(MAPS);
        let names: Vec<_> = modules.iter().map(Module::name).collect();
        assert_eq!(names, ["bin", "libc.so.6", "[vdso]", "[anon]"]);
        assert_eq!((modules[0].start, modules[0].limit, modules[0].offset), (0x5540, 0x5580, 0x40));
        assert_eq!(modules[0].path, Path::new("/opt/my app/bin"));
    }

    #[test]
    fn an_address_belongs_to_the_module_around_it() {
        let modules = parse(MAPS);
        assert_eq!(module_of(&modules, 0x5540), Some(0));
        assert_eq!(module_of(&modules, 0x557f), Some(0));
        assert_eq!(module_of(&modules, 0x5580), None);
        assert_eq!(module_of(&modules, 0x10), None);
        assert_eq!(module_of(&[], 0x10), None);
    }

    #[test]
    fn this_program_is_among_its_own_modules() {
        let here = executable_modules as *const () as usize;
        let modules = executable_modules();
        let module = &modules[module_of(&modules, here).unwrap()];
        assert_eq!(module.path, std::env::current_exe().unwrap());
    }
}
