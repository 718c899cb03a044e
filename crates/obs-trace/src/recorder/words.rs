//! Words: text and bytes within a list of 64-bit words.

/// Words that so many bytes take.
pub(crate) const fn words_for(bytes: usize) -> usize {
    bytes.div_ceil(8)
}

/// Appends bytes, filled up to whole words with zeros.
#[inline]
pub(crate) fn push_bytes(words: &mut Vec<u64>, bytes: &[u8]) {
    let (chunks, rest) = bytes.as_chunks::<8>();
    words.extend(chunks.iter().map(|chunk| u64::from_le_bytes(*chunk)));
    if !rest.is_empty() {
        words.push(last_word(bytes, rest));
    }
}

/// The word of the last 1 to 7 bytes, put together in a register: bytes that are written to memory one by one and then read
/// as a word cost the time of a dozen instructions.
#[inline]
fn last_word(bytes: &[u8], rest: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk::<8>() {
        return u64::from_le_bytes(*last) >> (64 - 8 * rest.len());
    }
    if let (Some(first), Some(last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        let (first, last) = (u64::from(u32::from_le_bytes(*first)), u64::from(u32::from_le_bytes(*last)));
        return first | last << (8 * (rest.len() - 4));
    }
    rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Appends to `out` the bytes that [`push_bytes`] wrote.
#[inline]
pub(crate) fn copy_bytes(words: &[u64], length: usize, out: &mut Vec<u8>) {
    let at = out.len();
    for word in words.iter().take(words_for(length)) {
        out.extend_from_slice(&word.to_le_bytes());
    }
    out.truncate(at + length);
}

/// Takes words off the front.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u64]);

impl<'a> Reader<'a> {
    pub(crate) fn word(&mut self) -> Option<u64> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn words(&mut self, n: usize) -> Option<&'a [u64]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    /// The words of so many bytes.
    pub(crate) fn bytes(&mut self, length: usize) -> Option<Text<'a>> {
        Some(Text { words: self.words(words_for(length))?, length })
    }
}

/// Bytes within words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    words: &'a [u64],
    length: usize,
}

impl Text<'_> {
    pub(crate) fn len(self) -> usize {
        self.length
    }

    pub(crate) fn append_to(self, out: &mut Vec<u8>) {
        copy_bytes(self.words, self.length, out);
    }

    pub(crate) fn to_string_lossy(self) -> String {
        let mut bytes = Vec::with_capacity(self.length);
        self.append_to(&mut bytes);
        String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
    }

    pub(crate) fn is(self, bytes: &[u8]) -> bool {
        self.length == bytes.len()
            && self.words.iter().flat_map(|w| w.to_le_bytes()).take(self.length).eq(bytes.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        for length in 0..40 {
            let bytes: Vec<u8> = (0..length).map(|i| 200 + i).collect();
            let mut words = vec![7];
            push_bytes(&mut words, &bytes);
            words.push(9);
            let mut reader = Reader(&words[1..]);
            let text = reader.bytes(bytes.len()).unwrap();
            let mut out = vec![1];
            text.append_to(&mut out);
            assert_eq!(out[1..], bytes);
            assert!(text.is(&bytes) && (bytes.is_empty() || !text.is(&bytes[1..])));
            assert_eq!(reader.word(), Some(9));
            assert_eq!(reader.word(), None);
        }
    }
}
