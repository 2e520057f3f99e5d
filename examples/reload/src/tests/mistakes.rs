//! A mistake leaves the policy as it was, and the thread goes on.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::*;
use crate::reload::Follower;

#[test]
fn the_policy_is_that_of_the_file_and_mistakes_leave_it() -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    write(&file, &allowing(OLD))?;
    let server = Server::follow(&file, FAST)?;
    assert!(server.allows(OLD)?);
    assert!(!server.allows(NEW)?);

    write(&file, &allowing(NEW))?;
    server.report().expect("it is valid");
    assert!(!server.allows(OLD)?);
    assert!(server.allows(NEW)?);

    write(
        &file,
        r#"allow_origins = ["https://old.example/", "old.example"]"#,
    )?;
    let mistake = server.mistake();
    assert!(
        matches!(&mistake, Mistake::Policy(errors) if errors.problems().len() == 2),
        "{mistake}"
    );
    assert!(server.allows(NEW)?);

    write(&file, "allow_orgins = []")?;
    let mistake = server.mistake();
    assert!(mistake.to_string().contains("allow_orgins"), "{mistake}");
    assert!(server.allows(NEW)?);

    write(&file, PANICS)?;
    let mistake = server.mistake();
    assert!(matches!(mistake, Mistake::Panic), "{mistake}");
    assert!(server.allows(NEW)?);

    fs::remove_file(&file)?;
    let mistake = server.mistake();
    assert!(matches!(mistake, Mistake::File(_)), "{mistake}");
    assert!(server.allows(NEW)?);

    write(&file, &allowing(OLD))?;
    server.report().expect("it is valid");
    assert!(server.allows(OLD)?);
    Ok(())
}

type Make = fn(&Path) -> io::Result<()>;

/// What is no text of a policy: its name, words of the mistake, and how it is made.
const NO_TEXTS: [(&str, &str, Make); 6] = [
    ("a directory", "not a regular file", |file| {
        fs::create_dir(file)
    }),
    ("a pipe", "not a regular file", |file| {
        let status = Command::new("mkfifo").arg(file).status()?;
        assert!(status.success(), "there is mkfifo");
        Ok(())
    }),
    ("a device", "not a regular file", |file| {
        std::os::unix::fs::symlink("/dev/zero", file)
    }),
    ("a link to itself", "symbolic links", |file| {
        // Both are called so at last.
        std::os::unix::fs::symlink("cors.toml", file)
    }),
    ("a file without end", "longer than 1 MB", |file| {
        fs::File::create(file)?.set_len(1 << 30)
    }),
    ("a file that is not UTF-8", "utf-8", |file| {
        fs::write(file, b"# \xff\n")
    }),
];

#[test]
fn what_is_no_text_is_a_mistake_and_blocks_nothing() -> io::Result<()> {
    for (name, words, put) in NO_TEXTS {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("cors.toml");
        write(&file, &allowing(OLD))?;
        let server = Server::follow(&file, FAST)?;
        let beside = directory.path().join("beside");
        put(&beside)?;
        clear(&file)?;
        fs::rename(beside, &file)?;
        // The file may have been seen to be away.
        let mistake = std::iter::repeat_with(|| server.mistake().to_string())
            .find(|mistake| !mistake.contains("os error 2)"))
            .unwrap_or_default();
        assert!(mistake.contains(words), "{name}: {mistake}");
        assert!(server.allows(OLD)?, "{name}");

        clear(&file)?;
        write(&file, &allowing(NEW))?;
        while server.report().is_err() {}
        assert!(server.allows(NEW)?, "{name}");
    }
    Ok(())
}

/// What a replacement may be.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Replacement {
    Allows(&'static str),
    Text(&'static str),
    Directory,
    Nothing,
}

const REPLACEMENTS: [Replacement; 7] = [
    Replacement::Allows(OLD),
    Replacement::Allows(NEW),
    Replacement::Text("allow_origins = [\"new.example\"]"),
    Replacement::Text("allow_origins = [\"https://new.example\""),
    Replacement::Text(PANICS),
    Replacement::Directory,
    Replacement::Nothing,
];

#[test]
fn after_any_sequence_the_last_valid_policy_is_served() -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    let each = || REPLACEMENTS.into_iter();
    for first in each() {
        for sequence in each().flat_map(|second| each().map(move |third| [first, second, third])) {
            put(&file, Replacement::Allows(OLD))?;
            let start = Follower::start(file.clone(), build, || ());
            let mut follower = start.map_err(io::Error::other)?;
            let (mut before, mut valid) = (Replacement::Allows(OLD), OLD);
            for replacement in sequence {
                put(&file, replacement)?;
                let reloaded = follower.look(|| ());
                if let Replacement::Allows(origin) = replacement {
                    valid = origin;
                }
                let policy = follower.served().policy("/");
                let policy = policy.expect("every path has it");
                for origin in [OLD, NEW] {
                    assert_eq!(
                        policy.allows_origin(origin),
                        origin == valid,
                        "{sequence:?}"
                    );
                }
                let is_valid = matches!(replacement, Replacement::Allows(_));
                let expected = (replacement != before).then_some(is_valid);
                let was = reloaded.map(|reloaded| reloaded.is_ok());
                assert_eq!(was, expected, "{sequence:?}");
                before = replacement;
            }
        }
    }
    Ok(())
}

fn put(file: &Path, replacement: Replacement) -> io::Result<()> {
    clear(file)?;
    match replacement {
        Replacement::Allows(origin) => write(file, &allowing(origin)),
        Replacement::Text(text) => write(file, text),
        Replacement::Directory => fs::create_dir(file),
        Replacement::Nothing => Ok(()),
    }
}

fn clear(file: &Path) -> io::Result<()> {
    match fs::symlink_metadata(file) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir(file),
        Ok(_) => fs::remove_file(file),
        Err(_) => Ok(()),
    }
}
