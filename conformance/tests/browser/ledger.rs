//! Where browsers differ from the model, and so from the standard, and why. Whatever else differs
//! is a failure, and so is an entry that nothing needs, or that a case agrees with no more.

use std::fmt::Debug;

use conformance_browsers::Kind;

/// A difference that is the browser's own.
pub(crate) struct Deviation {
    pub(crate) why: &'static str,
    pub(crate) of: &'static [Kind],
    /// Cases, each by parts of its name.
    pub(crate) cases: &'static [&'static [&'static str]],
    /// The beginning of what the browser does in each of them.
    pub(crate) found: &'static str,
}

/// The cases of a test in one browser, so far.
#[must_use]
pub(crate) struct Ledger {
    kind: Kind,
    /// The deviations of this browser, by their cases, and whether one was met.
    entries: Vec<(&'static Deviation, &'static [&'static str], bool)>,
    count: usize,
    wrong: Vec<String>,
}

impl Ledger {
    pub(crate) fn new(kind: Kind, deviations: &'static [Deviation]) -> Self {
        let of_kind = deviations.iter().filter(|entry| entry.of.contains(&kind));
        let entries = of_kind.flat_map(|entry| entry.cases.iter().map(move |&case| (entry, case)));
        Self {
            kind,
            entries: entries.map(|(entry, case)| (entry, case, false)).collect(),
            count: 0,
            wrong: Vec::new(),
        }
    }

    /// Compares what the browser does in a case with what the model says.
    pub(crate) fn compare<T: Debug + PartialEq>(&mut self, case: &str, found: &T, model: &T) {
        self.count += 1;
        let of_case = |parts: &[&str]| parts.iter().all(|part| case.contains(part));
        let entry = self.entries.iter_mut().find(|entry| of_case(entry.1));
        let text = format!("{found:?}");
        let as_expected = match entry {
            Some((deviation, _, met)) => {
                *met = true;
                found != model && text.starts_with(deviation.found)
            }
            None => found == model,
        };
        if !as_expected {
            let kind = self.kind;
            self.wrong
                .push(format!("{case}\n    {kind:?} {text}\n    model {model:?}"));
        }
    }

    /// Fails if anything was not as expected.
    pub(crate) fn end(mut self) {
        for (deviation, case, _) in self.entries.iter().filter(|(_, _, met)| !met) {
            let why = deviation.why;
            self.wrong.push(format!("no case is {case:?}: {why}"));
        }
        assert!(
            self.wrong.is_empty(),
            "{} of {} cases:\n{}",
            self.wrong.len(),
            self.count,
            self.wrong.join("\n")
        );
    }
}
