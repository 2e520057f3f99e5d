//! The program, with a policy file that has mistakes.

use std::error::Error;
use std::fs;
use std::process::Command;

#[test]
fn every_mistake_is_a_line_with_its_remedy() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("cors.toml");
    fs::write(
        &file,
        r#"allow_origins = ["https://app.example.com/", "app.example.com"]"#,
    )?;
    let output = Command::new(env!("CARGO_BIN_EXE_example-axum"))
        .arg(&file)
        .output()?;
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8(output.stderr)?;
    let lines: Vec<_> = complaint.lines().collect();
    let first = format!("{}: allow_origins[0]: ", file.display());
    assert!(lines[0].starts_with(&first), "{complaint}");
    assert!(
        lines[0].ends_with("write \"https://app.example.com\""),
        "{complaint}"
    );
    assert!(lines[1].starts_with("allow_origins[1]: "), "{complaint}");
    Ok(())
}
