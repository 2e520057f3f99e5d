//! A narrower policy is tried in the shadow, and then promoted.

use super::*;

#[test]
fn a_shadow_is_watched_and_promoted() -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    let both = format!("allow_origins = [{OLD:?}, {NEW:?}]\n");
    write(&file, &both)?;
    let server = Server::follow(&file, FAST)?;

    // Tried: both are allowed as before, and whom it would refuse is counted.
    write(&file, &format!("{both}[shadow]\n{}", allowing(NEW)))?;
    server.report().expect("it is valid");
    for origin in [OLD, NEW, OLD] {
        assert!(server.allows(origin)?);
    }
    assert_eq!(server.differences.counts(), [0, 2, 0]);

    // Widened, since the old origin is in use: nothing is different any more.
    write(&file, &format!("{both}[shadow]\nallow_methods = []\n"))?;
    server.report().expect("it is valid");
    server.differences.begin_anew();
    for origin in [OLD, NEW] {
        assert!(server.allows(origin)?);
    }
    assert_eq!(server.differences.counts(), [0, 0, 0]);

    // Promoted.
    write(&file, &allowing(NEW))?;
    server.report().expect("it is valid");
    assert!(server.allows(NEW)?);
    assert!(!server.allows(OLD)?);
    assert_eq!(server.differences.counts(), [0, 0, 0]);
    Ok(())
}

/// What is wrong with the shadow is told as what is wrong with the rest of the file.
#[test]
fn a_mistake_in_the_shadow_leaves_the_policy() -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    write(&file, &allowing(OLD))?;
    let server = Server::follow(&file, FAST)?;
    write(
        &file,
        &format!(
            "{}[shadow]\nallow_origins = [\"https://new.example/\"]\n",
            allowing(NEW)
        ),
    )?;
    let mistake = server.mistake().to_string();
    assert!(mistake.contains("shadow.allow_origins[0]"), "{mistake}");
    assert!(server.allows(OLD)?);
    Ok(())
}
