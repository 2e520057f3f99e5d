//! What CORS adds to a user's build: crates, processor seconds, bytes of the program.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

pub const FRAMEWORKS: [&str; 4] = ["axum", "actix", "rocket", "warp"];
/// The first is what the others are compared with.
const KINDS: [&str; 3] = ["bare", "ours", "peer"];

/// Builds the small apps and prints what CORS adds to them.
///
/// # Errors
///
/// Fails if there is no cargo, or an app does not build.
pub fn print(frameworks: &[String]) -> io::Result<()> {
    println!(
        "| framework | CORS | crates | more than bare | build, CPU s | more | program, bytes | more |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
    for framework in frameworks {
        let mut bare = None;
        for kind in KINDS {
            let built = Built::of(&format!("footprint-{framework}-{kind}"))?;
            let base = bare.get_or_insert_with(|| built.clone());
            println!(
                "| {framework} | {kind} | {} | {} | {:.1} | {:.1} | {} | {} |",
                built.crates.len(),
                built.crates.difference(&base.crates).count(),
                built.seconds,
                built.seconds - base.seconds,
                built.bytes,
                built.bytes - base.bytes,
            );
        }
    }
    Ok(())
}

#[derive(Clone)]
struct Built {
    crates: BTreeSet<String>,
    seconds: f64,
    bytes: i64,
}

impl Built {
    fn of(package: &str) -> io::Result<Self> {
        let crates = crates(package)?;
        let target = std::env::temp_dir().join(package);
        let before = child_seconds()?;
        let status = cargo()
            .args([
                "build",
                "--quiet",
                "--locked",
                "--jobs=1",
                "--profile=footprint",
            ])
            .args(["--package", package])
            .arg("--target-dir")
            .arg(&target)
            .status()?;
        let seconds = child_seconds()? - before;
        if !status.success() {
            return Err(io::Error::other(format!("{package}: {status}")));
        }
        let bytes = fs::metadata(target.join("footprint").join(package))?.len();
        fs::remove_dir_all(&target)?;
        Ok(Self {
            crates,
            seconds,
            bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
        })
    }
}

/// Returns every crate, with its version, that the app depends on.
fn crates(package: &str) -> io::Result<BTreeSet<String>> {
    let output = cargo()
        .args([
            "tree",
            "--locked",
            "--prefix=none",
            "--edges=normal",
            "--format={p}",
        ])
        .args(["--package", package])
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let name_and_version = |line: &str| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?))
    };
    Ok(text
        .lines()
        .filter_map(name_and_version)
        .filter(|line| !line.starts_with(package))
        .collect())
}

/// Returns cargo as it is on the path. rustup has one toolchain for all crates.
fn cargo() -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    cargo
}

/// Returns the processor time of all child processes until now. On a machine with other work it
/// says more than a clock. Linux counts it in hundredths.
fn child_seconds() -> io::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    // cutime and cstime: fields 16 and 17, where the name is field 2.
    let ticks: f64 = after_name
        .split_ascii_whitespace()
        .skip(13)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    Ok(ticks / 100.0)
}
