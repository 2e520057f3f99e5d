//! [`List`]: a setting that is a list, in its compiled form.

use std::sync::Arc;

use super::hazard::{Beside, Hazard};
use super::problem::{Problem, ProblemKind, Problems};
use super::setting::{Setting, SettingLocation};

/// A setting that is a list. The policies of paths that inherit it share it, so it depends on no
/// other setting.
#[derive(Debug)]
pub(crate) struct List<T> {
    /// The items as they were written.
    pub(crate) written: Vec<String>,
    /// `*` is among the items.
    pub(crate) any: bool,
    /// The other items, ready for look-up.
    pub(crate) compiled: T,
    /// The header value that is made of the items; empty where none is.
    pub(crate) text: Arc<str>,
    pub(super) findings: Findings,
}

/// Changes the remedy of a text, if it is whole, to one that is right beside other settings.
type Settle = fn(&mut ProblemKind, Option<&str>, Beside<'_>);

/// What is wrong with the items of a list.
#[derive(Debug)]
pub(super) struct Findings {
    setting: Setting,
    /// What is wrong whatever the other settings are.
    faults: Problems,
    /// Leaves remedies that are right under the settings of a policy.
    settle: Option<Settle>,
    /// The positions of the items with each hazard.
    hazards: [Vec<usize>; Hazard::ALL.len()],
}

impl<T> List<T> {
    pub(super) const fn setting(&self) -> Setting {
        self.findings.setting
    }

    /// Reports what is wrong with the items beside these settings, in the order of the items.
    pub(super) fn report(&self, beside: Beside<'_>, problems: &mut Problems) {
        self.findings.report(&self.written, beside, problems);
    }

    /// Reports what is wrong with the items under the settings of a path and was not under those of
    /// the top, from which the path takes over the list.
    pub(super) fn report_inherited(
        &self,
        beside: Beside<'_>,
        of_top: Beside<'_>,
        problems: &mut Problems,
    ) {
        let findings = &self.findings;
        findings.report_inherited(&self.written, beside, of_top, problems);
    }
}

impl Findings {
    pub(super) fn of(setting: Setting) -> Self {
        Self {
            setting,
            faults: Problems::default(),
            settle: None,
            hazards: Default::default(),
        }
    }

    /// Has the remedies settled when they are reported.
    pub(super) fn settled_by(mut self, settle: Settle) -> Self {
        self.settle = Some(settle);
        self
    }

    /// Adds what is wrong with an item. The kind, with its remedy, is made only if it is kept.
    pub(super) fn fault(&mut self, index: usize, value: &str, kind: impl FnOnce() -> ProblemKind) {
        if self.faults.room() > 0 {
            let location = SettingLocation::at(self.setting, index);
            self.faults.add(location, value, kind());
        } else {
            self.faults.omit(1);
        }
    }

    pub(super) fn hazard(&mut self, index: usize, hazard: Hazard) {
        if let Some(items) = self.hazards.get_mut(hazard as usize) {
            items.push(index);
        }
    }
}

// Not for each sort of list, which would put as many copies of a sort into every program.
impl Findings {
    fn report(&self, written: &[String], beside: Beside<'_>, problems: &mut Problems) {
        let mut faults = self.faults.clone();
        if let Some(settle) = self.settle {
            faults.each_kind(|kind, text| settle(kind, text, beside));
        }
        let hazards = |hazard: Hazard| hazard.problem(beside);
        self.report_with(faults, written, beside, &hazards, problems);
    }

    fn report_inherited(
        &self,
        written: &[String],
        beside: Beside<'_>,
        of_top: Beside<'_>,
        problems: &mut Problems,
    ) {
        let hazards = |hazard: Hazard| {
            let problem = hazard.problem(beside)?;
            hazard.problem(of_top).is_none().then_some(problem)
        };
        self.report_with(Problems::default(), written, beside, &hazards, problems);
    }

    fn report_with(
        &self,
        faults: Problems,
        written: &[String],
        beside: Beside<'_>,
        problem: &dyn Fn(Hazard) -> Option<fn(&str) -> ProblemKind>,
        problems: &mut Problems,
    ) {
        // Of each sort no more are looked at than can be reported, however long the list is.
        let room = problems.room();
        let (mut found, mut omitted) = faults.into_parts();
        for (hazard, items) in Hazard::ALL.into_iter().zip(&self.hazards) {
            let Some(kind) = problem(hazard) else {
                continue;
            };
            let with_value = |&index: &usize| Some((index, written.get(index)?));
            let reported = items.iter().take(room).filter_map(with_value);
            found.extend(reported.map(|(index, value)| {
                let location = SettingLocation::at(self.setting, index);
                let problem = Problem::new(location, value, kind(value));
                match beside.credentials {
                    Some(credentials) => problem.with_credentials(credentials),
                    None => problem,
                }
            }));
            omitted += items.len().saturating_sub(room);
        }
        found.sort_by_key(|problem| problem.location().item());
        found.into_iter().for_each(|problem| problems.push(problem));
        problems.omit(omitted);
    }
}
