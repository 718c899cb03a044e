//! [`Segment`]: a stretch of words that one thread fills and another reads, and [`Segments`], where they come from.

use crate::sync::{Arc, AtomicBool, AtomicU64, AtomicUsize, Mutex, Ordering, lock};
use std::fmt;

/// Words that one thread appends, and another reads as far as they are committed.
pub(crate) struct Segment {
    words: Box<[AtomicU64]>,
    /// How many words are whole. Written by the producer alone.
    committed: AtomicUsize,
    /// Whether `next` is set; then nothing more is appended here.
    is_left: AtomicBool,
    next: Mutex<Option<Arc<Segment>>>,
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segment").field("words", &self.words.len()).finish_non_exhaustive()
    }
}

impl Segment {
    fn new(words: usize) -> Self {
        Self {
            words: (0..words).map(|_| AtomicU64::new(0)).collect(),
            committed: AtomicUsize::new(0),
            is_left: AtomicBool::new(false),
            next: Mutex::new(None),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// Writes words from `at` on; they are not to be read before they are committed. False if they don't fit.
    #[inline]
    pub(crate) fn write(&self, at: usize, words: &[u64]) -> bool {
        let Some(room) = self.words.get(at..at + words.len()) else { return false };
        for (place, word) in room.iter().zip(words) {
            place.store(*word, Ordering::Relaxed);
        }
        true
    }

    /// Everything before `end` may be read from now on.
    #[inline]
    pub(crate) fn commit(&self, end: usize) {
        self.committed.store(end, Ordering::Release);
    }

    /// How many words may be read.
    pub(crate) fn committed(&self) -> usize {
        self.committed.load(Ordering::Acquire)
    }

    /// Appends committed words to `out`.
    pub(crate) fn read(&self, from: usize, to: usize, out: &mut Vec<u64>) {
        if let Some(words) = self.words.get(from..to) {
            out.extend(words.iter().map(|w| w.load(Ordering::Relaxed)));
        }
    }

    /// The producer goes on in `next`.
    pub(crate) fn leave_for(&self, next: Arc<Self>) {
        *lock(&self.next) = Some(next);
        self.is_left.store(true, Ordering::Release);
    }

    /// Where the producer went on. Then [`Segment::committed`], asked afterwards, is final.
    pub(crate) fn next(&self) -> Option<Arc<Self>> {
        self.is_left.load(Ordering::Acquire).then(|| lock(&self.next).clone()).flatten()
    }
}

/// Where the segments of one tracer come from and go to: bounded, and reused.
#[derive(Debug)]
pub(crate) struct Segments {
    /// Words of a segment.
    size: usize,
    /// Words that all segments together may have.
    limit: usize,
    /// Words of all segments that are in use.
    used: AtomicUsize,
    free: Mutex<Vec<Arc<Segment>>>,
}

impl Segments {
    pub(crate) fn new(size: usize, limit: usize) -> Self {
        Self { size, limit, used: AtomicUsize::new(0), free: Mutex::new(Vec::new()) }
    }

    /// A segment for at least so many words; `None` when the limit is reached.
    pub(crate) fn take(&self, words: usize) -> Option<Arc<Segment>> {
        let size = words.max(self.size);
        let before = self.used.fetch_add(size, Ordering::Relaxed);
        if before + size > self.limit {
            self.used.fetch_sub(size, Ordering::Relaxed);
            return None;
        }
        let reused = if size == self.size { lock(&self.free).pop() } else { None };
        Some(reused.unwrap_or_else(|| Arc::new(Segment::new(size))))
    }

    /// Takes a segment back that neither side has in hand any longer.
    pub(crate) fn give_back(&self, segment: Arc<Segment>) {
        self.used.fetch_sub(segment.len(), Ordering::Relaxed);
        let mut segment = segment;
        if segment.len() == self.size
            && let Some(own) = Arc::get_mut(&mut segment)
        {
            own.committed = AtomicUsize::new(0);
            own.is_left = AtomicBool::new(false);
            own.next = Mutex::new(None);
            let mut free = lock(&self.free);
            // Enough for a burst to be over without an allocation in the next one; the rest goes back to the system.
            if free.len() < 64 {
                free.push(segment);
            }
        }
    }

    /// Whether more than a quarter of what may be in use is: time to read.
    pub(crate) fn is_filling(&self) -> bool {
        self.used.load(Ordering::Relaxed) > self.limit / 4
    }
}
