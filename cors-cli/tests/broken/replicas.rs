//! Servers of several replicas that take turns, one of which has other settings.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cors::{APP, POLICY, app, if_allowed, right};
use super::server::{Reply, Request, Server};
use crate::{Tested, kinds, probe};

/// A replica with other settings, and what is found besides that replicas differ.
type Replica = (fn(&Request) -> Reply, &'static [&'static str]);

#[test]
fn replicas_that_take_turns_are_told_as_such() -> Tested {
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(POLICY.as_bytes())?;
    let policy = file.path().to_str().ok_or("the path is UTF-8")?;
    let others: [Replica; 2] = [
        (app, &[]),
        (
            |request| if_allowed(request, !request.origin().is_empty()),
            &[
                "ForeignOriginAllowedWithCredentials",
                "NullAllowed",
                "RefusedOriginAllowed",
            ],
        ),
    ];
    let login = ["--header", "Authorization: Bearer 0123456789"];
    for (other, besides) in others {
        for replicas in 2..=4 {
            for number in 0..replicas {
                for arguments in [["--origin", APP], ["--policy", policy]] {
                    for login in [&[][..], &login] {
                        let count = AtomicUsize::new(0);
                        let server = Server::start(Box::new(move |request| {
                            match count.fetch_add(1, Ordering::Relaxed) % replicas {
                                turn if turn == number => other(request),
                                _ => right(request),
                            }
                        }))?;
                        let arguments = [&arguments, login].concat();
                        let (status, report) = probe(&server.url("/orders"), &arguments)?;
                        assert_eq!(status, Some(1), "{report:#}");
                        let mut kinds = kinds(&report);
                        assert!(
                            kinds.remove("AnswersDiffer"),
                            "{number} of {replicas}: {report:#}"
                        );
                        let besides = BTreeSet::from_iter(besides.iter().copied());
                        assert!(kinds.is_subset(&besides), "{report:#}");
                    }
                }
            }
        }
    }
    Ok(())
}
