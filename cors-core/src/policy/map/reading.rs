//! [`Reading`]: a way in which a router, a file handler or a proxy may read a path; [`Marks`]: what
//! stands in a path that has more than one.

use super::escapes::{unescape, unescape_again};

/// A way to read a path. In all of them escapes are decoded once, and empty segments do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nothing more is done: the plain path.
    Plain,
    /// `.` and `..` are resolved, and an empty segment is one that `..` can remove
    /// ([path state](https://url.spec.whatwg.org/#path-state)).
    DotsResolved,
    /// Empty segments are dropped, and then `.` and `..` are resolved.
    EmptyDroppedDotsResolved,
    /// An escaped slash separates segments.
    EscapedSlash,
    /// A backslash separates segments.
    Backslash,
    /// A segment ends before its `;`.
    ParametersCut,
    /// Escapes are decoded twice.
    DecodedTwice,
}

/// The marks of a path by which its readings differ. Most paths have none: browsers resolve dot
/// segments and turn backslashes around, and few apps make paths with the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks(u16);

impl Marks {
    const NONE: Self = Self(0);
    const DOTS: Self = Self(1);
    const ESCAPED_DOTS: Self = Self(1 << 1);
    const ESCAPED_SLASH: Self = Self(1 << 2);
    const BACKSLASH: Self = Self(1 << 3);
    const ESCAPED_BACKSLASH: Self = Self(1 << 4);
    const PARAMETERS: Self = Self(1 << 5);
    const ESCAPED_PARAMETERS: Self = Self(1 << 6);
    const ESCAPES_IN_ESCAPES: Self = Self(1 << 7);
    /// Escaped twice, and not the only mark that is.
    const OTHERS_IN_ESCAPES: Self = Self(1 << 8);
    /// A `%` in the text. By itself it is no mark; where it is left, escapes are three deep.
    const PERCENT: Self = Self(1 << 9);
    /// The marks that can lead out of the segments before them, or hide one that does.
    const LEADING_ELSEWHERE: Self = Self::DOTS.with(Self::ESCAPED_DOTS).with(Self::PERCENT);

    /// Finds the marks of a path.
    pub(super) fn of(path: &[u8]) -> Self {
        let marks = Self::of_text(unescape(path));
        if !marks.has(Self::PERCENT) {
            return marks;
        }
        let marks = marks.without(Self::PERCENT);
        let twice = unescape_again(unescape(path));
        if !twice.clone().any(|(_, escaped)| escaped) {
            return marks;
        }
        let marks = marks.with(Self::ESCAPES_IN_ESCAPES);
        let mut others = Self::of_text(twice.clone());
        if !unescape_again(twice).any(|(_, escaped)| escaped) {
            others = others.without(Self::PERCENT);
        }
        let marks = marks.with(others.and(Self::LEADING_ELSEWHERE));
        match others {
            Self::NONE => marks,
            _ => marks.with(Self::OTHERS_IN_ESCAPES),
        }
    }

    /// Returns whether the segments before the first mark are the same in all readings.
    pub(super) const fn keep_the_beginning(self) -> bool {
        !self.has(Self::LEADING_ELSEWHERE)
    }

    /// Finds the marks of a decoded text. Of each byte it says whether it was escaped.
    fn of_text(text: impl Iterator<Item = (u8, bool)>) -> Self {
        let mut marks = Self::NONE;
        let mut segment = SegmentStart::default();
        for (byte, escaped) in text {
            let mark = match (byte, escaped) {
                (b'/', false) => Self::NONE,
                (b'/', true) => Self::ESCAPED_SLASH,
                (b'\\', false) => Self::BACKSLASH,
                (b'\\', true) => Self::ESCAPED_BACKSLASH,
                (b';', false) => Self::PARAMETERS,
                (b';', true) => Self::ESCAPED_PARAMETERS,
                (b'.', _) => {
                    segment = segment.with_dot(escaped);
                    continue;
                }
                (b'%', _) => {
                    segment = SegmentStart::Text;
                    marks = marks.with(Self::PERCENT);
                    continue;
                }
                _ => {
                    segment = SegmentStart::Text;
                    continue;
                }
            };
            // A dot segment is one for any reader, so it ends at whatever a reader may take for an
            // end. What follows a `;` begins no segment.
            marks = marks.with(mark).with(segment.mark());
            segment = match byte {
                b';' => SegmentStart::Text,
                _ => SegmentStart::Empty,
            };
        }
        marks.with(segment.mark())
    }

    /// Returns the readings of a path with these marks, the plain one first; `None` where the path
    /// has marks of several kinds, whose readings are too many to go through.
    pub(super) const fn readings(self) -> Option<&'static [Reading]> {
        use Reading as R;
        match self {
            Self::NONE => Some(&[R::Plain]),
            Self::DOTS | Self::ESCAPED_DOTS => {
                Some(&[R::Plain, R::DotsResolved, R::EmptyDroppedDotsResolved])
            }
            Self::ESCAPED_SLASH => Some(&[R::Plain, R::EscapedSlash]),
            Self::BACKSLASH | Self::ESCAPED_BACKSLASH => Some(&[R::Plain, R::Backslash]),
            Self::PARAMETERS | Self::ESCAPED_PARAMETERS => Some(&[R::Plain, R::ParametersCut]),
            Self::ESCAPES_IN_ESCAPES => Some(&[R::Plain, R::DecodedTwice]),
            _ => None,
        }
    }

    pub(super) const fn has_dots(self) -> bool {
        self.has(Self::DOTS) || self.has(Self::ESCAPED_DOTS)
    }

    const fn has(self, mark: Self) -> bool {
        self.0 & mark.0 != 0
    }

    const fn with(self, marks: Self) -> Self {
        Self(self.0 | marks.0)
    }

    const fn and(self, marks: Self) -> Self {
        Self(self.0 & marks.0)
    }

    const fn without(self, mark: Self) -> Self {
        Self(self.0 & !mark.0)
    }
}

/// What a segment is so far: nothing, dots, or a text that is no dot segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum SegmentStart {
    #[default]
    Empty,
    Dots {
        count: u8,
        escaped: bool,
    },
    Text,
}

impl SegmentStart {
    const fn with_dot(self, escaped: bool) -> Self {
        match self {
            Self::Empty => Self::Dots { count: 1, escaped },
            Self::Dots {
                count: 1,
                escaped: before,
            } => Self::Dots {
                count: 2,
                escaped: before || escaped,
            },
            Self::Dots { .. } | Self::Text => Self::Text,
        }
    }

    /// Returns the mark of a segment that ends here.
    const fn mark(self) -> Marks {
        match self {
            Self::Dots { escaped: false, .. } => Marks::DOTS,
            Self::Dots { escaped: true, .. } => Marks::ESCAPED_DOTS,
            Self::Empty | Self::Text => Marks::NONE,
        }
    }
}
