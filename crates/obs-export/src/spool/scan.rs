//! [`Scan`]: reads a segment record by record and finds its way around damage.

use super::header::Mark;
use super::record::{HEAD, Head, MARKER};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

#[cfg(test)]
mod tests;

/// Bytes read at a time; more only for a record that is larger.
const CHUNK: u64 = 256 << 10;

/// Reads from one place of a segment to its end. Memory is bounded by [`CHUNK`] and by the largest record that fits
/// into the file, whatever the file says.
pub(super) struct Scan<'a> {
    file: &'a File,
    salt: u32,
    at: Mark,
    /// Where reading ends; less than the tail's offset if the file turns out to be shorter.
    end: u64,
    /// The end of the segment, where it is known.
    tail: Option<Mark>,
    window: Vec<u8>,
    /// Offset of the window's first byte.
    from: u64,
}

/// What comes next in a segment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    Record(Head, &'a [u8]),
    Damage(Damage),
}

/// Records that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damage {
    /// The number of the record, where only its payload is damaged.
    pub(super) item: Option<u64>,
    /// Items of the ledger lost, as far as is known; at least one for each record.
    pub(super) items: u64,
}

impl<'a> Scan<'a> {
    /// Reads a segment whose end is known.
    pub(super) fn within(file: &'a File, salt: u32, at: Mark, tail: Mark) -> Self {
        Self { file, salt, at, end: tail.offset, tail: Some(tail), window: Vec::new(), from: at.offset }
    }

    /// Reads a segment to the end of its file, `len`, to find out how many records there are.
    pub(super) fn to_end(file: &'a File, salt: u32, at: Mark, len: u64) -> Self {
        Self { file, salt, at, end: len, tail: None, window: Vec::new(), from: at.offset }
    }

    /// The place behind what was found last.
    pub(super) fn at(&self) -> Mark {
        self.at
    }

    /// What comes next; `None` at the end. An error means that the medium cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Option<Found<'_>>> {
        loop {
            let start = self.at.offset;
            if start >= self.end {
                return Ok(self.finish().map(Found::Damage));
            }
            self.fill(start, HEAD as u64)?;
            let Some(head) = self.head(start).filter(|head| head.sequence == self.at.records) else {
                if let Some(damage) = self.skip_to_next_head()? {
                    return Ok(Some(Found::Damage(damage)));
                }
                continue;
            };
            self.fill(start, head.size())?;
            let whole = head.size() <= self.end.saturating_sub(start);
            self.at = Mark {
                offset: if whole { start + head.size() } else { self.end },
                records: self.at.records + 1,
                items: self.at.items.saturating_add(u64::from(head.count)),
            };
            let damage = Damage { item: Some(head.item), items: u64::from(head.count) };
            if !whole {
                return Ok(Some(Found::Damage(damage)));
            }
            let payload = &self.window[(start - self.from) as usize + HEAD..][..head.len as usize];
            let intact = head.fits(payload, self.salt);
            return Ok(Some(if intact { Found::Record(head, payload) } else { Found::Damage(damage) }));
        }
    }

    /// The last thing to say: what the segment's end promises beyond what was found.
    fn finish(&mut self) -> Option<Damage> {
        let tail = self.tail?;
        let records = tail.records.saturating_sub(self.at.records);
        let items = tail.items.saturating_sub(self.at.items).max(records);
        self.at = tail;
        (items > 0).then_some(Damage { item: None, items })
    }

    /// Searches for the next head that can belong here. Says how many records are lost between; `None` if none is,
    /// or if [`Scan::finish`] knows better.
    fn skip_to_next_head(&mut self) -> io::Result<Option<Damage>> {
        let mut place = self.at.offset;
        loop {
            self.fill(place, HEAD as u64)?;
            let window = self.window.get((place - self.from) as usize..).unwrap_or_default();
            let candidates = (window.len() + 1).saturating_sub(HEAD);
            if candidates == 0 {
                break;
            }
            let Some(step) = window[..candidates].iter().position(|byte| *byte == MARKER[0]) else {
                place += candidates as u64;
                continue;
            };
            place += step as u64;
            if let Some(head) = self.head(place).filter(|head| self.may_follow(head)) {
                let lost = head.sequence - self.at.records;
                let items = self.at.items.saturating_add(lost);
                self.at = Mark { offset: place, records: head.sequence, items };
                return Ok((lost > 0).then_some(Damage { item: None, items: lost }));
            }
            place += 1;
        }
        self.at.offset = self.end;
        if self.tail.is_some() {
            return Ok(None);
        }
        self.at.records += 1;
        self.at.items = self.at.items.saturating_add(1);
        Ok(Some(Damage { item: None, items: 1 }))
    }

    /// Whether the record can be the next one, or one behind some that are lost.
    fn may_follow(&self, head: &Head) -> bool {
        let most = self.tail.map_or(self.end / HEAD as u64, |tail| tail.records);
        (self.at.records..most).contains(&head.sequence)
    }

    fn head(&self, place: u64) -> Option<Head> {
        Head::decode(self.window.get((place - self.from) as usize..)?, self.salt)
    }

    /// Reads on until the window holds `size` bytes from `place`, or all there are.
    fn fill(&mut self, place: u64, size: u64) -> io::Result<()> {
        let size = size.min(self.end.saturating_sub(place));
        let held = (self.from + self.window.len() as u64).saturating_sub(place);
        if place >= self.from && held >= size {
            return Ok(());
        }
        let begun = (place - self.from).min(self.window.len() as u64) as usize;
        self.window.drain(..begun);
        self.from = place;
        let mut have = self.window.len();
        let want = size.max(CHUNK).min(self.end.saturating_sub(place)) as usize;
        self.window.resize(want, 0);
        while have < want {
            match self.file.read_at(&mut self.window[have..], place + have as u64) {
                Ok(0) => {
                    self.window.truncate(have);
                    self.end = place + have as u64;
                    break;
                }
                Ok(n) => have += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}
