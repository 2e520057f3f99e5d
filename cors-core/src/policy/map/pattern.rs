//! [`Pattern`]: a path pattern as it is written, and the check that it can be meant so.

use super::escapes::{is_encoded, unescape};
use super::foreign;
use super::reading::{Marks, Reading};
use crate::policy::problem::ProblemKind;

/// The most bytes of a pattern. Requests may have longer paths, but no route is written so.
const MAX_PATTERN_BYTES: usize = 2048;

/// The most segments of a pattern. A look-up keeps this many segments of a path.
pub(super) const MAX_SEGMENTS: usize = 64;

/// The most bytes of a segment of a pattern, as of a file name. A look-up decodes this many.
pub(super) const MAX_SEGMENT_BYTES: usize = 255;

/// A pattern that can be right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    pub(super) segments: Vec<Segment>,
    /// Whether it ends in `{*name}`.
    pub(super) has_rest: bool,
}

/// One segment of a pattern.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// This text, percent-decoded.
    Literal(Box<[u8]>),
    /// Any text: `{name}`.
    Name,
}

/// Makes a problem of the pattern that is to be written instead.
type WithRemedy = fn(String) -> ProblemKind;

impl Pattern {
    /// Reads a pattern. A slash at its end does not count, as in a path.
    pub(super) fn parse(written: &str) -> Result<Self, ProblemKind> {
        if is_too_long(written) {
            return Err(ProblemKind::PathTooLong);
        }
        Self::parse_strictly(written).map_err(|problem| {
            let remedy = foreign::translate(written);
            match Self::parse_strictly(&remedy) {
                // Escapes make a pattern longer.
                _ if is_too_long(&remedy) => ProblemKind::PathTooLong,
                Ok(_) => problem(remedy),
                Err(_) => ProblemKind::PathPatternInvalid,
            }
        })
    }

    fn parse_strictly(written: &str) -> Result<Self, WithRemedy> {
        if foreign::is_foreign(written) {
            return Err(ProblemKind::PathWildcardInvalid);
        }
        let Some(path) = written.strip_prefix('/') else {
            return Err(ProblemKind::PathNotAbsolute);
        };
        if path.contains(['?', '#']) {
            return Err(ProblemKind::PathHasQuery);
        }
        if path.contains(is_encoded) {
            return Err(ProblemKind::PathNotEncoded);
        }
        let marks = Marks::of(written.as_bytes());
        if marks.has_dots() {
            return Err(ProblemKind::PathHasDotSegment);
        }
        if marks.readings() != Some(&[Reading::Plain]) {
            return Err(ProblemKind::PathAmbiguous);
        }
        let mut pattern = Self {
            segments: Vec::new(),
            has_rest: false,
        };
        let path = path.strip_suffix('/').unwrap_or(path);
        if !path.is_empty() {
            path.split('/')
                .try_for_each(|segment| pattern.push(segment))?;
        }
        Ok(pattern)
    }

    fn push(&mut self, segment: &str) -> Result<(), WithRemedy> {
        if segment.is_empty() {
            return Err(ProblemKind::PathHasEmptySegment);
        }
        if self.has_rest {
            return Err(ProblemKind::PathWildcardInvalid);
        }
        if foreign::is_own_wildcard(segment) {
            if segment.starts_with("{*") {
                self.has_rest = true;
            } else {
                self.segments.push(Segment::Name);
            }
        } else if segment.contains(['{', '}']) {
            return Err(ProblemKind::PathWildcardInvalid);
        } else {
            let text = unescape(segment.as_bytes()).map(|(byte, _)| byte);
            self.segments.push(Segment::Literal(text.collect()));
        }
        Ok(())
    }
}

fn is_too_long(written: &str) -> bool {
    let mut segments = written.split('/');
    written.len() > MAX_PATTERN_BYTES
        || segments.clone().count() > MAX_SEGMENTS + 1
        || segments.any(|segment| segment.len() > MAX_SEGMENT_BYTES)
}
