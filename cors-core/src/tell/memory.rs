//! [`Memory`]: which refusals or differences a log has told, and how many it has not.

use std::collections::HashMap;
use std::mem;
use std::time::Duration;

use foldhash::fast::RandomState;

/// The most refusals that are told one by one in an [`INTERVAL`]. An origin is a client's choice,
/// so without a bound a client could fill a disk. More different ones than this within a minute are
/// not pages that somebody will mend.
pub(super) const MOST_TOLD: usize = 256;

/// The time for which a refusal that was told is not told again.
pub(super) const INTERVAL: Duration = Duration::from_secs(60);

/// The refusals of this interval and of the one before, each as a hash of origin and reason, with
/// the number of times that it came again and was not told. Its size is bounded.
#[derive(Default)]
pub(super) struct Memory {
    began: Duration,
    told: HashMap<u64, u64, RandomState>,
    before: HashMap<u64, u64, RandomState>,
    /// How many were not told in this interval since too many others were.
    omitted: u64,
}

/// What a log is to write about one refusal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Noted {
    /// The number of suppressed refusals that no later line will tell.
    pub(super) forgotten: u64,
    pub(super) line: Line,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// This one; it was suppressed so often since it was last told.
    One { suppressed: u64 },
    /// That from now on others are not told.
    Full,
    /// Nothing.
    Suppressed,
}

impl Memory {
    /// Notes a refusal, at a time that never goes back.
    pub(super) fn note(&mut self, refusal: u64, now: Duration) -> Noted {
        let forgotten = self.begin_interval(now);
        let line = if let Some(suppressed) = self.told.get_mut(&refusal) {
            *suppressed += 1;
            Line::Suppressed
        } else if self.told.len() < MOST_TOLD {
            self.told.insert(refusal, 0);
            let suppressed = self.before.remove(&refusal).unwrap_or_default();
            Line::One { suppressed }
        } else {
            self.omitted += 1;
            match self.omitted {
                1 => Line::Full,
                _ => Line::Suppressed,
            }
        };
        Noted { forgotten, line }
    }

    /// Begins the next interval if the last one is over, and returns how many suppressed refusals
    /// go out of memory by that.
    fn begin_interval(&mut self, now: Duration) -> u64 {
        if now.saturating_sub(self.began) < INTERVAL {
            return 0;
        }
        self.began = now;
        let forgotten = self.before.values().sum::<u64>() + mem::take(&mut self.omitted);
        self.before.clear();
        mem::swap(&mut self.told, &mut self.before);
        forgotten
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: Line = Line::One { suppressed: 0 };

    fn noted(memory: &mut Memory, refusal: u64, seconds: u64) -> (u64, Line) {
        let Noted { forgotten, line } = memory.note(refusal, Duration::from_secs(seconds));
        (forgotten, line)
    }

    #[test]
    fn a_refusal_is_told_once_an_interval_with_the_number_of_those_that_were_not() {
        let mut memory = Memory::default();
        assert_eq!(noted(&mut memory, 1, 0), (0, TOLD));
        assert_eq!(noted(&mut memory, 1, 1), (0, Line::Suppressed));
        assert_eq!(noted(&mut memory, 1, 59), (0, Line::Suppressed));
        assert_eq!(noted(&mut memory, 2, 59), (0, TOLD));
        let again = Line::One { suppressed: 2 };
        assert_eq!(noted(&mut memory, 1, 60), (0, again));
        assert_eq!(noted(&mut memory, 2, 61), (0, TOLD));
    }

    #[test]
    fn what_never_comes_again_is_counted_with_the_rest() {
        let mut memory = Memory::default();
        for refusal in [1, 1, 1, 2] {
            memory.note(refusal, Duration::ZERO);
        }
        assert_eq!(noted(&mut memory, 3, 60), (0, TOLD));
        assert_eq!(noted(&mut memory, 3, 120), (2, TOLD));
        assert_eq!(noted(&mut memory, 1, 180), (0, TOLD));
    }

    #[test]
    fn past_the_bound_one_line_says_so_and_the_others_are_counted() {
        let mut memory = Memory::default();
        let most = u64::try_from(MOST_TOLD).expect("it is small");
        for refusal in 0..most {
            assert_eq!(noted(&mut memory, refusal, 0), (0, TOLD));
        }
        assert_eq!(noted(&mut memory, most, 0), (0, Line::Full));
        assert_eq!(noted(&mut memory, most + 1, 0), (0, Line::Suppressed));
        assert_eq!(noted(&mut memory, most, 60), (2, TOLD));
    }
}
