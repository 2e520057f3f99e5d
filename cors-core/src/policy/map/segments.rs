//! [`Segments`]: a path in one of its readings, as the literals of the patterns.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::escapes::{unescape, unescape_again};
use super::pattern::{MAX_SEGMENT_BYTES, MAX_SEGMENTS};
use super::reading::Reading;

/// The texts of all segments of all patterns, numbered.
#[derive(Debug, Default)]
pub(super) struct Literals {
    numbers: HashMap<Box<[u8]>, Literal, RandomState>,
    /// The length of the longest text. A longer one is not looked up.
    longest: usize,
}

/// The number of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Literal(u32);

impl Literal {
    /// A text that no pattern has.
    const OTHER: Self = Self(u32::MAX);
    /// A segment without text.
    const EMPTY: Self = Self(u32::MAX - 1);
}

impl Literals {
    /// Returns the number of a text, which gets one if it has none.
    pub(super) fn number(&mut self, text: Box<[u8]>) -> Literal {
        // A number is given to each segment of patterns in memory, of which there are fewer.
        let next = u32::try_from(self.numbers.len()).map_or(Literal::OTHER, Literal);
        self.longest = self.longest.max(text.len());
        *self.numbers.entry(text).or_insert(next)
    }

    #[inline]
    fn get(&self, text: &[u8]) -> Literal {
        if text.len() > self.longest {
            return Literal::OTHER;
        }
        self.numbers.get(text).copied().unwrap_or(Literal::OTHER)
    }
}

/// The segments of a path: the first of them as literals, and the number of all.
#[derive(Debug)]
pub(super) struct Segments {
    first: [Literal; MAX_SEGMENTS],
    count: usize,
}

impl Segments {
    /// Adds the segments of a path that is its own plain path. Those below `depth` count as one.
    #[inline]
    pub(super) fn push_plain(&mut self, path: &[u8], literals: &Literals, depth: usize) {
        let mut rest = path.strip_prefix(b"/").filter(|rest| !rest.is_empty());
        while let Some(path) = rest {
            if self.count == depth {
                self.count += 1;
                return;
            }
            let (segment, after) = split_segment(path);
            self.push(literals.get(segment));
            rest = after.strip_prefix(b"/");
        }
    }

    /// Reads a path, which begins with `/`; `None` where it has dot segments behind more others than
    /// are kept.
    pub(super) fn read(path: &[u8], reading: Reading, literals: &Literals) -> Option<Self> {
        match reading {
            Reading::DecodedTwice => {
                Self::read_text(unescape_again(unescape(path)), reading, literals)
            }
            _ => Self::read_text(unescape(path), reading, literals),
        }
    }

    /// Reads the segments of a path that stand before the first one with a mark.
    pub(super) fn before_marks(path: &[u8], literals: &Literals) -> Option<Self> {
        let mut segments = Self::new();
        let mut segment = SegmentText::new();
        for (byte, escaped) in unescape(path).skip(1) {
            match byte {
                b'/' if !escaped => segments.end(&mut segment, Reading::Plain, literals)?,
                b'/' | b'\\' | b';' | b'%' => break,
                _ => segment.push(byte),
            }
        }
        Some(segments)
    }

    /// Reads a decoded text. Of each byte it says whether it was escaped.
    fn read_text(
        text: impl Iterator<Item = (u8, bool)>,
        reading: Reading,
        literals: &Literals,
    ) -> Option<Self> {
        let mut segments = Self::new();
        let mut segment = SegmentText::new();
        // What stands before the first slash is no segment.
        for (byte, escaped) in text.skip(1) {
            match byte {
                b'/' if !escaped || reading == Reading::EscapedSlash => {}
                b'\\' if reading == Reading::Backslash => {}
                b';' if reading == Reading::ParametersCut => {
                    segment.ended = true;
                    continue;
                }
                _ => {
                    segment.push(byte);
                    continue;
                }
            }
            segments.end(&mut segment, reading, literals)?;
        }
        segments.end(&mut segment, reading, literals)?;
        match reading {
            Reading::DotsResolved => segments.without_empty(),
            _ => Some(segments),
        }
    }

    /// Ends a segment: adds or resolves it.
    fn end(
        &mut self,
        segment: &mut SegmentText,
        reading: Reading,
        literals: &Literals,
    ) -> Option<()> {
        let resolves = matches!(
            reading,
            Reading::DotsResolved | Reading::EmptyDroppedDotsResolved
        );
        match segment.text() {
            Some(b"") if reading == Reading::DotsResolved => self.push(Literal::EMPTY),
            Some(b"") => {}
            Some(b".") if resolves => {}
            Some(b"..") if resolves => self.pop()?,
            Some(text) => self.push(literals.get(text)),
            None => self.push(Literal::OTHER),
        }
        segment.clear();
        Some(())
    }

    pub(super) const fn new() -> Self {
        Self {
            first: [Literal::OTHER; MAX_SEGMENTS],
            count: 0,
        }
    }

    #[inline]
    fn push(&mut self, literal: Literal) {
        if let Some(slot) = self.first.get_mut(self.count) {
            *slot = literal;
        }
        self.count += 1;
    }

    /// Removes the last segment, if there is one.
    fn pop(&mut self) -> Option<()> {
        if self.count > MAX_SEGMENTS {
            return None;
        }
        self.count = self.count.saturating_sub(1);
        Some(())
    }

    /// Drops the empty segments.
    fn without_empty(self) -> Option<Self> {
        let mut segments = Self::new();
        let kept = self.first.get(..self.count)?;
        for literal in kept.iter().filter(|literal| **literal != Literal::EMPTY) {
            segments.push(*literal);
        }
        Some(segments)
    }

    /// Returns the number of segments.
    #[inline]
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Returns a segment, if it is a text that a pattern has.
    #[inline]
    pub(super) fn literal(&self, index: usize) -> Option<Literal> {
        let literal = self.first.get(index)?;
        (*literal != Literal::OTHER).then_some(*literal)
    }
}

/// Splits a path after its first segment.
#[inline]
fn split_segment(path: &[u8]) -> (&[u8], &[u8]) {
    let is_slash = |byte: &u8| *byte == b'/';
    let skipped = if path.len() > SHORT {
        without_slash(path)
    } else {
        0
    };
    let end = path.iter().skip(skipped).position(is_slash);
    path.split_at(end.map_or(path.len(), |end| skipped + end))
}

/// The most bytes of a path that is searched byte by byte.
const SHORT: usize = 256;

/// Returns the length of whole blocks at the beginning without a slash. They take less time than
/// single bytes.
#[inline(never)]
fn without_slash(path: &[u8]) -> usize {
    let blocks = path
        .chunks(SHORT)
        .take_while(|block| !block.contains(&b'/'));
    blocks.map(<[u8]>::len).sum()
}

/// The text of one segment, up to the length of the longest in a pattern.
struct SegmentText {
    bytes: [u8; MAX_SEGMENT_BYTES],
    length: usize,
    /// What follows does not belong to it.
    ended: bool,
}

impl SegmentText {
    const fn new() -> Self {
        Self {
            bytes: [0; MAX_SEGMENT_BYTES],
            length: 0,
            ended: false,
        }
    }

    #[inline]
    fn push(&mut self, byte: u8) {
        if self.ended {
            return;
        }
        if let Some(slot) = self.bytes.get_mut(self.length) {
            *slot = byte;
        }
        self.length += 1;
    }

    /// Returns the text; `None` where it is longer than any in a pattern.
    fn text(&self) -> Option<&[u8]> {
        self.bytes.get(..self.length)
    }

    const fn clear(&mut self) {
        self.length = 0;
        self.ended = false;
    }
}
