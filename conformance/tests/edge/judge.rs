//! Every case through a proxy, beside the ledger.

use std::collections::BTreeSet;
use std::io;

use conformance::cases::{self, Case};
use conformance_client::http2;
use conformance_client::raw::{self, Response};
use conformance_servers::Framework;

use crate::ledger::{self, Entry};
use crate::proxy::Kind;
use crate::stack::Stack;

/// Runs all cases over HTTP/1.1, each on a connection of its own, and fails where the ledger is
/// wrong.
pub(crate) fn all_cases(kind: Kind) -> io::Result<()> {
    let mut judge = Judge::new(kind)?;
    judge.run(cases::all(), |stack, case| {
        Some(raw::exchange(stack.address(), &case.request))
    })?;
    for entry in &judge.entries {
        let unneeded = |part: &&&str| !entry.sometimes && !judge.needed.contains(**part);
        for part in entry.cases.iter().filter(unneeded) {
            let failure = format!("nothing differs in {part:?}, but {:?}", entry.why);
            judge.failures.push(failure);
        }
    }
    judge.end();
    Ok(())
}

/// Runs over HTTP/2 what it can express, on one connection.
pub(crate) fn all_cases_over_http2(kind: Kind) -> io::Result<()> {
    let mut judge = Judge::new(kind)?;
    let mut cases = cases::all();
    cases.retain(|case| !case.expected.framework_may_reject());
    let mut connection = http2::Connection::open(judge.stack.address())?;
    judge.run(cases, |_, case| connection.exchange(&case.request))?;
    judge.end();
    Ok(())
}

struct Judge {
    stack: Stack,
    entries: Vec<&'static Entry>,
    /// The parts of names that an entry of the ledger was needed for.
    needed: BTreeSet<&'static str>,
    failures: Vec<String>,
}

impl Judge {
    fn new(kind: Kind) -> io::Result<Self> {
        Ok(Self {
            stack: Stack::start(kind)?,
            entries: ledger::entries(kind)?,
            needed: BTreeSet::new(),
            failures: Vec::new(),
        })
    }

    /// Sends the cases, one policy after the other. `send` returns `None` where it can't.
    fn run(
        &mut self,
        mut cases: Vec<Case>,
        mut send: impl FnMut(&Stack, &Case) -> Option<io::Result<Response>>,
    ) -> io::Result<()> {
        cases.sort_by_key(|case| case.policy);
        for cases in cases.chunk_by(|one, other| one.policy == other.policy) {
            self.stack.replace(cases[0].policy)?;
            for case in cases {
                let Some(response) = send(&self.stack, case) else {
                    continue;
                };
                let calls = self.stack.handler_calls()?;
                self.judge(case, &response, calls);
            }
        }
        Ok(())
    }

    fn judge(&mut self, case: &Case, response: &io::Result<Response>, calls: u64) {
        let mut differences = match response {
            Ok(response) => case.expected.differences(Framework::Axum, response, calls),
            Err(error) => vec![format!("no response: {error}")],
        };
        if let Ok(response) = response {
            differences.retain(|difference| !self.is_explained(case, response, difference));
        }
        if !differences.is_empty() {
            let (name, differences) = (&case.name, differences.join("\n    "));
            let failure = format!("{name}\n    {:?}\n    {differences}", case.request);
            self.failures.push(failure);
        }
    }

    fn is_explained(&mut self, case: &Case, response: &Response, difference: &str) -> bool {
        let mut is_explained = false;
        for entry in &self.entries {
            let parts = entry.cases.iter();
            let mut parts = parts.filter(|part| case.name.contains(**part)).peekable();
            if parts.peek().is_some() && entry.explains(response, difference) {
                self.needed.extend(parts);
                is_explained = true;
            }
        }
        is_explained
    }

    fn end(self) {
        let failures = self.failures;
        assert!(
            failures.is_empty(),
            "{} fail:\n{}",
            failures.len(),
            failures.join("\n")
        );
    }
}
