//! A file is read when it no longer changes.

use std::fs::{self, File};

use super::*;
use crate::reload::Follower;

/// The file is valid after each line, and before the last one it lets in whom the whole rejects.
const LINES: [&str; 3] = [
    "allow_origins = [\"https://new.example\"]\n",
    "allow_headers = [\"authorization\"]\n",
    "reject_disallowed_origins = true\n",
];

#[test]
fn a_slow_writer_is_waited_for() -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    write(&file, &allowing(OLD))?;
    let start = Follower::start(file.clone(), build, || ());
    let mut follower = start.map_err(io::Error::other)?;
    let server = serve(follower.served())?;

    let mut writer = File::create(&file)?;
    let mut lines = LINES.into_iter();
    let reloaded = follower.look(|| {
        let line = lines.next().unwrap_or_default();
        writer
            .write_all(line.as_bytes())
            .expect("it can be written");
        assert!(allows(server, OLD).expect("it is served"), "{line}");
        assert!(!allows(server, NEW).expect("it is served"), "{line}");
    });
    assert!(matches!(reloaded, Some(Ok(()))), "{reloaded:?}");
    assert_eq!(lines.len(), 0);
    assert!(allows(server, NEW)?);
    let policy = follower.served().policy("/");
    let config = policy.expect("every path has it").config().clone();
    assert!(config.reject_disallowed_origins, "it is the whole file");
    Ok(())
}

#[test]
fn a_file_that_does_not_settle_is_reported_once_and_not_taken() -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    write(&file, &allowing(OLD))?;
    let start = Follower::start(file.clone(), build, || ());
    let mut follower = start.map_err(io::Error::other)?;
    let server = serve(follower.served())?;

    let mut text = allowing(NEW);
    let mut grow = || {
        text.push('\n');
        fs::write(&file, &text).expect("it can be written");
    };
    grow();
    let reloaded = follower.look(&mut grow);
    assert!(
        matches!(&reloaded, Some(Err(Mistake::File(error))) if error.contains("stop changing")),
        "{reloaded:?}"
    );
    let reloaded = follower.look(&mut grow);
    assert!(reloaded.is_none(), "{reloaded:?}");
    assert!(allows(server, OLD)?);
    assert!(!allows(server, NEW)?);

    let reloaded = follower.look(|| ());
    assert!(matches!(reloaded, Some(Ok(()))), "{reloaded:?}");
    assert!(allows(server, NEW)?);
    Ok(())
}
