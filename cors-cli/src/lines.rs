//! [`Lines`]: where the lines of a text are.

use std::ops::Range;

/// The bytes between two places in a line whose columns are kept.
const STEP: usize = 512;

/// The most bytes of lines that are shown around a place.
const MAX_SHOWN: usize = 4096;

/// Where the lines of a text are, so that thousands of places are found without reading it again for
/// each.
#[derive(Debug)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    /// The beginnings of lines, and places in long ones.
    marks: Vec<Mark>,
}

/// A byte with its line and its column, both counted from 1.
#[derive(Clone, Copy, Debug)]
struct Mark {
    byte: usize,
    line: usize,
    column: usize,
}

impl<'t> Lines<'t> {
    pub(crate) fn of(text: &'t str) -> Self {
        let mut mark = Mark {
            byte: beginning(text),
            line: 1,
            column: 1,
        };
        let mut marks = vec![mark];
        let mut last = mark.byte;
        for char in text.get(last..).unwrap_or_default().chars() {
            mark.byte += char.len_utf8();
            if char == '\n' {
                (mark.line, mark.column) = (mark.line + 1, 1);
            } else {
                mark.column += 1;
            }
            if char == '\n' || mark.byte >= last + STEP {
                marks.push(mark);
                last = mark.byte;
            }
        }
        Self { text, marks }
    }

    /// Returns the line and the column of a byte, as [`position`](crate::place::position) does.
    pub(crate) fn position(&self, byte: usize) -> (usize, usize) {
        let after = self.marks.partition_point(|mark| mark.byte <= byte);
        let mark = self.marks.get(after.saturating_sub(1));
        let Some(Mark {
            byte: from,
            line,
            column,
        }) = mark.copied()
        else {
            return (1, 1);
        };
        let between = self.text.get(from..byte).unwrap_or_default();
        (line, column + between.chars().count())
    }

    /// Returns the bytes of the lines around a place, and the number of the first; of a place of many
    /// lines the first one's. `None` where a line is too long to be shown.
    pub(crate) fn around(&self, place: &Range<usize>) -> Option<(Range<usize>, usize)> {
        let before = self.text.get(..place.start)?;
        let after_break = before.len().saturating_sub(MAX_SHOWN);
        let start = before.as_bytes().get(after_break..)?;
        let start = match start.iter().rposition(|byte| *byte == b'\n') {
            Some(at) => after_break + at + 1,
            None if after_break == 0 => beginning(self.text).min(place.start),
            None => return None,
        };
        let end_of_line = |from: usize| {
            let bytes = self.text.as_bytes();
            let rest = bytes.get(from..bytes.len().min(start + MAX_SHOWN))?;
            let end = rest.iter().position(|byte| *byte == b'\n');
            match end {
                Some(end) => Some(from + end),
                None if from + rest.len() == bytes.len() => Some(bytes.len()),
                None => None,
            }
        };
        let end = end_of_line(place.end).or_else(|| end_of_line(place.start))?;
        let (line, _) = self.position(place.start);
        Some((start..end, line))
    }
}

/// Returns the byte after a byte order mark.
fn beginning(text: &str) -> usize {
    if text.starts_with('\u{feff}') { 3 } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::place::position;

    proptest! {
        /// What is read once finds the same as what reads the text for each place.
        #[test]
        fn every_place_is_found(
            parts in prop::collection::vec("\u{feff}|[a-z\u{fc}\u{1f4a9}]{0,8}|x{600}|\n|\r\n", 0..24)
        ) {
            let text = parts.concat();
            let lines = Lines::of(&text);
            for (byte, _) in text.char_indices().skip(usize::from(text.starts_with('\u{feff}'))) {
                prop_assert_eq!(lines.position(byte), position(&text, byte));
                if let Some((range, line)) = lines.around(&(byte..byte)) {
                    let whole = text.get(range.clone()).ok_or(TestCaseError::fail("a cut letter"))?;
                    prop_assert_eq!(whole.matches('\n').count(), 0);
                    prop_assert_eq!(position(&text, range.start), (line, 1));
                    prop_assert!((range.start..=range.end).contains(&byte));
                }
            }
        }
    }
}
