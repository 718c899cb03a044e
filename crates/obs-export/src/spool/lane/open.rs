//! Opening a lane on the files that were taken over into its folder.

use super::super::batch::{Losses, Lost, Why};
use super::super::folder;
use super::super::header::Unusable;
use super::super::names::{LaneFile, SegmentName};
use super::super::process::Spool;
use super::super::segment::Segment;
use super::store::{SetAside, Store};
use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Arc;

impl Store {
    pub(super) fn open(spool: Arc<Spool>, dir: &Path) -> io::Result<Self> {
        let mut store = Self {
            spool,
            dir: dir.to_owned(),
            segments: VecDeque::new(),
            writing: false,
            set_aside: VecDeque::new(),
            losses: Losses::default(),
            ids: 0,
            created: 0,
            youngest: 0,
            new_files: true,
            buffer: Vec::new(),
        };
        for (file, _) in folder::list(dir)? {
            match LaneFile::parse(&file) {
                Some(LaneFile::Segment(name)) => store.load(name),
                Some(LaneFile::Corrupt(name)) => {
                    let len = dir.join(file).metadata().map_or(0, |m| m.len());
                    store.spool.budget.adopt(len);
                    store.set_aside.push_back(SetAside { name, len });
                }
                None => {}
            }
        }
        // The next process is not to have more than this one may.
        while store.spool.budget.used() > store.spool.budget.max() && store.drop_oldest() {}
        Ok(store)
    }

    fn remove(&self, path: &Path) {
        if let Err(e) = folder::missing_is_fine(std::fs::remove_file(path)) {
            self.spool.warn("remove", path, &e);
        }
    }

    fn load(&mut self, name: SegmentName) {
        let path = self.dir.join(name.to_string());
        let corrupt = |count| Lost { item: None, count, inherited: true, why: Why::Corrupt };
        match Segment::load(&self.dir, name, self.ids) {
            Ok((mut segment, torn)) => {
                self.losses.push(corrupt(torn));
                if segment.is_through() {
                    return self.remove(&path);
                }
                self.spool.budget.adopt(segment.len);
                self.ids += 1;
                self.youngest = self.youngest.max(name.created);
                // Most segments of a service have the same context.
                if let Some(last) = self.segments.back().filter(|last| last.context == segment.context) {
                    segment.context = Arc::clone(&last.context);
                }
                self.segments.push_back(segment);
            }
            Err(Unusable::Empty) => self.remove(&path),
            Err(Unusable::Corrupt(why)) => {
                let len = path.metadata().map_or(0, |m| m.len());
                self.spool.budget.adopt(len);
                self.losses.push(corrupt(1));
                self.set_aside(name, len, &why);
            }
            Err(Unusable::Io(e)) => self.spool.warn("read", &path, &e),
            Err(Unusable::Version(version)) => {
                let e = io::Error::other(format!("its format is version {version}"));
                self.spool.warn("read", &path, &e);
            }
        }
    }
}
