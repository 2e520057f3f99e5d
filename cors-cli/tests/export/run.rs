//! Runs of `cors export`.

use std::error::Error;
use std::fs;
use std::process::Command;

/// What the command wrote.
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Exports a policy in a directory of its own.
pub(crate) fn export(engine: &str, policy: &str, options: &[&str]) -> Result<Run, Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    fs::write(directory.path().join("cors.toml"), policy)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cors"));
    command.args(["export", engine, "cors.toml"]).args(options);
    let output = command.current_dir(directory.path()).output()?;
    Ok(Run {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}

/// The effect and the place of a difference.
pub(crate) type Named = (String, String);

/// Returns what a policy is exported to, and the effect and the place of each difference.
pub(crate) fn differences(
    engine: &str,
    policy: &str,
) -> Result<(String, Vec<Named>), Box<dyn Error>> {
    let strict = export(engine, policy, &[])?;
    let lossy = export(engine, policy, &["--lossy"])?;
    assert_eq!(lossy.status, Some(0), "{}", lossy.stderr);
    let lines = lossy
        .stdout
        .lines()
        .skip_while(|line| *line != "# What differs from the policy:");
    let lines = lines.skip(1).map_while(|line| line.strip_prefix("#   "));
    let found: Vec<_> = lines
        .filter_map(|line| {
            let mut parts = line.splitn(3, ": ");
            Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
        })
        .collect();
    // Lossy or not, the same is named.
    for (effect, place) in &found {
        let kind = match &**effect {
            "wider" => "ExportWider",
            "narrower" => "ExportNarrower",
            _ => "ExportOther",
        };
        let named = format!("error[{kind}]: {place}: ");
        assert!(
            strict.stderr.contains(&named),
            "{engine}: {named}\n{}",
            strict.stderr
        );
    }
    assert_eq!(
        strict.status,
        Some(i32::from(!found.is_empty())),
        "{}",
        strict.stderr
    );
    assert_eq!(
        strict.stdout.is_empty(),
        !found.is_empty(),
        "{engine}: {policy}"
    );
    Ok((lossy.stdout, found))
}
