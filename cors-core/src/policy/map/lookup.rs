//! [`Lookup`]: from a path, in whatever spelling, to the index of its policy.

use super::matcher::Matcher;
use super::reading::{Marks, Reading};
use super::segments::Segments;

/// Finds the policy of a path: that of its plain path. Where the path has readings with other
/// policies, it finds the one that refuses.
#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) matcher: Matcher,
    /// The index of the policy of each pattern; `None` where it has none.
    pub(super) policies: Vec<Option<usize>>,
    pub(super) default: Option<usize>,
    /// Whether the policies reject disallowed origins, by index.
    pub(super) rejecting: Vec<bool>,
    /// The index of one policy for each list of hosts.
    pub(super) with_hosts: Vec<usize>,
    pub(super) ambiguous: Ambiguous,
}

/// The most lists of hosts that are looked at for one request: the work does not grow with the
/// number of patterns.
const MAX_HOST_LISTS: usize = 16;

/// The indices of the policies for paths that have no single one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ambiguous {
    pub(super) refuses: usize,
    /// The index of the one that rejects too, where one of the readings' policies does.
    pub(super) rejects: usize,
    /// The index of the one for paths whose readings are too many: any policy may be among theirs.
    pub(super) unread: usize,
    /// The index of the one for requests that one of the readings' policies rejects for their host.
    pub(super) foreign_host: usize,
}

/// Returns whether the policy with an index rejects a request for its host.
pub(super) type RejectsHost<'a> = &'a dyn Fn(usize) -> bool;

impl Lookup {
    /// Returns the index of a path's policy, for a request for some host.
    #[inline]
    pub(super) fn index_of(&self, path: &str, rejects_host: RejectsHost<'_>) -> Option<usize> {
        let path = path.as_bytes();
        if let Some(pattern) = self.matcher.find_whole(path) {
            self.policy_of(Some(pattern))
        } else if is_plain(path) {
            self.policy_of(self.matcher.find_plain(path))
        } else {
            self.index_of_spelling(path, rejects_host)
        }
    }

    /// Returns the index of the pattern whose policy a path has; `None` where it has the default
    /// policy, or none, or no single one.
    pub(super) fn pattern_of(&self, path: &str) -> Option<usize> {
        let Ambiguous {
            refuses, rejects, ..
        } = self.ambiguous;
        let policy = self.index_of(path, &|_| false)?;
        if policy == refuses || policy == rejects || !path.starts_with('/') {
            return None;
        }
        let segments = Segments::read(path.as_bytes(), Reading::Plain, self.matcher.literals())?;
        self.matcher.find(&segments)
    }

    /// Returns the index of the policy of a path that is not its own plain path.
    #[cold]
    #[inline(never)]
    fn index_of_spelling(&self, path: &[u8], rejects_host: RejectsHost<'_>) -> Option<usize> {
        if !path.starts_with(b"/") {
            // The target `*`, which is no path.
            return self.default;
        }
        let marks = Marks::of(path);
        let Some(readings) = marks.readings() else {
            return self.index_of_beginning(path, marks, rejects_host);
        };
        let mut policy = None;
        let mut differs = false;
        let mut rejects = false;
        let mut is_foreign = false;
        for reading in readings {
            let Some(segments) = Segments::read(path, *reading, self.matcher.literals()) else {
                return Some(self.index_of_unread(rejects_host));
            };
            let found = self.policy_of(self.matcher.find(&segments));
            differs |= *policy.get_or_insert(found) != found;
            rejects |= found.is_some_and(|index| self.rejects(index));
            is_foreign |= found.is_some_and(rejects_host);
        }
        if differs && is_foreign {
            Some(self.ambiguous.foreign_host)
        } else if differs {
            Some(self.ambiguous.index(rejects))
        } else {
            policy.flatten()
        }
    }

    /// Returns the index of the policy of a path with too many readings to go through: that of all
    /// paths that begin like it, if they have one.
    fn index_of_beginning(
        &self,
        path: &[u8],
        marks: Marks,
        rejects_host: RejectsHost<'_>,
    ) -> Option<usize> {
        let patterns = marks
            .keep_the_beginning()
            .then(|| Segments::before_marks(path, self.matcher.literals()))
            .flatten()
            .and_then(|beginning| self.matcher.find_all(&beginning));
        match patterns.map(|patterns| patterns.map(|pattern| self.policy_of(pattern))) {
            Some([policy, below]) if policy == below => policy,
            _ => Some(self.index_of_unread(rejects_host)),
        }
    }

    /// Returns the index of the policy of a path whose readings are too many. No browser sends one,
    /// so that it does not matter if all are rejected where there are many lists of hosts.
    fn index_of_unread(&self, rejects_host: RejectsHost<'_>) -> usize {
        let has_many = self.with_hosts.len() > MAX_HOST_LISTS;
        if has_many || self.with_hosts.iter().copied().any(rejects_host) {
            self.ambiguous.foreign_host
        } else {
            self.ambiguous.unread
        }
    }

    #[inline]
    fn policy_of(&self, pattern: Option<usize>) -> Option<usize> {
        let policy = pattern.and_then(|pattern| self.policies.get(pattern));
        policy.copied().unwrap_or(self.default)
    }

    fn rejects(&self, policy: usize) -> bool {
        self.rejecting.get(policy) == Some(&true)
    }
}

impl Ambiguous {
    const fn index(self, rejects: bool) -> usize {
        if rejects { self.rejects } else { self.refuses }
    }
}

/// Returns whether a path is its own plain path and has one reading, in one scan: it has no escape,
/// backslash or `;`, no empty segment and none that begins with a dot.
#[inline]
fn is_plain(path: &[u8]) -> bool {
    let [b'/', after @ ..] = path else {
        return false;
    };
    // Without a way out, so that many bytes are looked at at once.
    let marked = path
        .iter()
        .zip(after)
        .fold(false, |marked, (before, byte)| {
            let is_mark = (*byte == b'%') | (*byte == b'\\') | (*byte == b';');
            marked | is_mark | ((*before == b'/') & ((*byte == b'/') | (*byte == b'.')))
        });
    !marked && after.last() != Some(&b'/')
}
