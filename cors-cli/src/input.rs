//! The text of a file, of a pipe or of stdin, in bounds.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// A hundred times what a long policy needs.
const MAX_BYTES: u64 = 1_000_000;

/// Reads a file, a pipe that somebody writes into, or stdin where the path is `-`.
///
/// A pipe without a byte is an error: a command that failed has written nothing, and no text at all
/// would be a policy that allows nobody.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    if is_stdin(path) {
        return filled(bounded(io::stdin().lock())?);
    }
    let file = open(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    let text = bounded(file)?;
    if is_pipe(kind) {
        filled(text)
    } else {
        Ok(text)
    }
}

/// Returns whether a path stands for stdin.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn bounded(source: impl Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other("it is longer than 1 MB"));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("it is no UTF-8"))
}

fn filled(text: String) -> io::Result<String> {
    if text.is_empty() {
        return Err(io::Error::other("nothing is written into it"));
    }
    Ok(text)
}

/// Opens a file. To open a pipe waits for somebody who writes into it, unless it is opened so that
/// nothing waits; to read it waits as long as there is somebody.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};

    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = rustix::fs::open(path, flags, Mode::empty())?;
    let set = rustix::fs::fcntl_getfl(&file)?;
    rustix::fs::fcntl_setfl(&file, set.difference(OFlags::NONBLOCK))?;
    Ok(file.into())
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(unix)]
fn is_pipe(kind: std::fs::FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;

    kind.is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_kind: std::fs::FileType) -> bool {
    false
}
