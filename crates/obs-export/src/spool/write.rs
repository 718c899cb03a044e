//! [`append_or_cut`]: bytes at the end of a file, all of them or none.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// What an append needs of a file.
pub(super) trait Medium {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    fn cut(&self, len: u64) -> io::Result<()>;
}

impl Medium for File {
    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        FileExt::write_all_at(self, bytes, offset)
    }

    fn cut(&self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }
}

/// An append that failed.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: io::Error,
    /// Whether the file is as it was before; if not, a part of the bytes is still behind its end.
    pub(super) cut: bool,
}

/// Writes `bytes` at the end of the file, `offset`. If that fails, cuts the file back to it.
pub(super) fn append_or_cut(file: &impl Medium, bytes: &[u8], offset: u64) -> Result<(), Failed> {
    file.write_all_at(bytes, offset).map_err(|error| Failed { error, cut: file.cut(offset).is_ok() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// A disk with room for so many bytes.
    struct Small {
        content: RefCell<Vec<u8>>,
        room: usize,
        can_cut: bool,
    }

    impl Medium for Small {
        fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
            let mut content = self.content.borrow_mut();
            content.truncate(offset as usize);
            let fits = bytes.len().min(self.room - content.len());
            content.extend_from_slice(&bytes[..fits]);
            if fits < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        }

        fn cut(&self, len: u64) -> io::Result<()> {
            if !self.can_cut {
                return Err(io::ErrorKind::Other.into());
            }
            self.content.borrow_mut().truncate(len as usize);
            Ok(())
        }
    }

    #[test]
    fn a_write_that_does_not_fit_leaves_nothing_behind() {
        let disk = Small { content: RefCell::default(), room: 5, can_cut: true };
        append_or_cut(&disk, b"abc", 0).unwrap();
        let failed = append_or_cut(&disk, b"def", 3).unwrap_err();
        assert_eq!((failed.error.kind(), failed.cut), (io::ErrorKind::StorageFull, true));
        assert_eq!(*disk.content.borrow(), b"abc");
        append_or_cut(&disk, b"de", 3).unwrap();
        assert_eq!(*disk.content.borrow(), b"abcde");
    }

    #[test]
    fn a_file_that_cannot_be_cut_back_is_told_of() {
        let disk = Small { content: RefCell::default(), room: 2, can_cut: false };
        assert!(!append_or_cut(&disk, b"abc", 0).unwrap_err().cut);
    }
}
