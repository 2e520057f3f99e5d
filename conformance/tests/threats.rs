//! The guide names a test for each check, and each is there.

use std::{fs, io};

const GUIDE: &str = include_str!("../../cors-core/src/guide/threats.md");

/// Returns the texts between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_check_names_a_test_that_is_there() -> io::Result<()> {
    let rows = GUIDE.lines().filter(|line| line.starts_with("| "));
    let checks = rows.filter(|row| !row.starts_with("| check ") && !row.starts_with("| --- "));
    let mut checked = 0;
    for row in checks {
        let held_by = row.trim_end_matches(" |").rsplit(" | ").next();
        let held_by = held_by.expect("a row has cells");
        let mut file = String::new();
        let mut tests = 0;
        for name in quoted(held_by) {
            // A command, which has its own errors.
            if name.starts_with("cargo ") {
                tests += 1;
            } else if name.contains('/') {
                file = fs::read_to_string(format!("{}/../{name}", env!("CARGO_MANIFEST_DIR")))?;
            } else {
                assert!(
                    file.contains(&format!("fn {name}(")),
                    "no test {name}: {row}"
                );
                tests += 1;
            }
        }
        assert!(tests > 0, "no test: {row}");
        checked += 1;
    }
    assert!(checked > 30, "{checked} checks");
    Ok(())
}
