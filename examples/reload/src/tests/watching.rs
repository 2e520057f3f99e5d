//! The watch makes things quicker, and nothing depends on it.

use std::fs;

use super::*;
use crate::changes::Changes;

#[test]
fn what_the_watch_sees_is_seen_before_the_interval_is_over() -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    write(&file, &allowing(OLD))?;
    let pace = Pace {
        interval: NEVER,
        ..FAST
    };
    let server = Server::follow(&file, pace)?;
    for origin in [NEW, OLD, NEW] {
        write(&file, &allowing(origin))?;
        server.report().expect("it is valid");
        assert!(server.allows(origin)?);
    }
    Ok(())
}

#[test]
fn the_end_of_a_watch_is_reported_once_and_ends_nothing() -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    let own = directory.path().join("etc");
    let file = own.join("cors.toml");
    fs::create_dir(&own)?;
    write(&file, &allowing(OLD))?;
    let server = Server::follow(&file, FAST)?;
    fs::remove_dir_all(&own)?;
    let reports = [server.report(), server.report()];
    let is_watch = |report: &&Reloaded| matches!(report, Err(Mistake::Watch(_)));
    let is_file = |report: &&Reloaded| matches!(report, Err(Mistake::File(_)));
    assert_eq!(reports.iter().filter(is_watch).count(), 1, "{reports:?}");
    assert_eq!(reports.iter().filter(is_file).count(), 1, "{reports:?}");
    fs::create_dir(&own)?;
    write(&file, &allowing(NEW))?;
    server.report().expect("it is valid");
    assert!(server.allows(NEW)?);
    Ok(())
}

#[test]
fn a_watch_begins_anew_on_the_directory_that_has_the_name() -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    let own = directory.path().join("etc");
    let file = own.join("cors.toml");
    fs::create_dir(&own)?;
    let mut changes = Changes::around(&file);
    changes.watch().expect("it is there");
    fs::rename(&own, directory.path().join("before"))?;
    changes.watch().expect_err("it is away");
    changes.watch().expect("that is told once");
    fs::create_dir(&own)?;
    changes.watch().expect("it is there");
    // What the first watch saw.
    while changes.wait(Duration::ZERO) {}
    write(&file, "")?;
    assert!(changes.wait(Duration::from_secs(60)));
    Ok(())
}
