//! What a file holds.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// What a file holds, or why it can't be read.
pub(crate) type Content = Result<Vec<u8>, String>;

/// Reads a file until two reads in a row agree, with a pause between them.
///
/// A file that is written in place is empty first and then grows, and what there is of it may be
/// valid all along: an empty one allows nobody, and one whose end is missing may allow more than it
/// was meant to.
pub(crate) fn settled(file: &Path, mut pause: impl FnMut()) -> Content {
    let mut last = read(file);
    for _ in 0..MOST_PAUSES {
        pause();
        let next = read(file);
        if next == last {
            return next;
        }
        last = next;
    }
    Err("it does not stop changing".to_owned())
}

fn read(file: &Path) -> Content {
    read_bounded(file).map_err(|error| error.to_string())
}

fn read_bounded(file: &Path) -> io::Result<Vec<u8>> {
    // Before it is opened: to open a pipe waits for somebody who writes into it.
    if !fs::metadata(file)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(file)?
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(io::Error::other("it is longer than 1 MB"));
    }
    Ok(bytes)
}

/// With the pauses of a server, ten seconds.
const MOST_PAUSES: u32 = 20;

/// A hundred times what a long policy needs.
const MOST_BYTES: u64 = 1_000_000;
