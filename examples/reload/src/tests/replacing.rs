//! Every way to replace a file is seen.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::*;

/// A way to lay out a policy file, and to replace it.
struct Way {
    name: &'static str,
    /// The path that the server is given.
    file: &'static str,
    lay_out: fn(&Path) -> io::Result<()>,
    replace: fn(&Path, &str) -> io::Result<()>,
}

const WAYS: [Way; 9] = [
    Way {
        name: "a new file is renamed over it",
        file: "cors.toml",
        lay_out: |at| fs::write(at.join("cors.toml"), allowing(OLD)),
        replace: |at, text| write(&at.join("cors.toml"), text),
    },
    Way {
        name: "it is written in place",
        file: "cors.toml",
        lay_out: |at| fs::write(at.join("cors.toml"), allowing(OLD)),
        replace: |at, text| fs::write(at.join("cors.toml"), text),
    },
    Way {
        name: "it is removed and made anew",
        file: "cors.toml",
        lay_out: |at| fs::write(at.join("cors.toml"), allowing(OLD)),
        replace: |at, text| {
            fs::remove_file(at.join("cors.toml"))?;
            fs::write(at.join("cors.toml"), text)
        },
    },
    Way {
        name: "it is a link, whose target is written in place",
        file: "etc/cors.toml",
        lay_out: |at| {
            fs::create_dir(at.join("etc"))?;
            fs::create_dir(at.join("elsewhere"))?;
            fs::write(at.join("elsewhere/policy.toml"), allowing(OLD))?;
            symlink("../elsewhere/policy.toml", at.join("etc/cors.toml"))
        },
        replace: |at, text| fs::write(at.join("elsewhere/policy.toml"), text),
    },
    Way {
        name: "it is a link to a link, whose target is renamed over",
        file: "etc/cors.toml",
        lay_out: |at| {
            fs::create_dir(at.join("etc"))?;
            fs::create_dir(at.join("elsewhere"))?;
            fs::write(at.join("elsewhere/policy.toml"), allowing(OLD))?;
            symlink("elsewhere/policy.toml", at.join("link.toml"))?;
            symlink("../link.toml", at.join("etc/cors.toml"))
        },
        replace: |at, text| write(&at.join("elsewhere/policy.toml"), text),
    },
    Way {
        name: "`current` points to another release",
        file: "current/cors.toml",
        lay_out: |at| {
            fs::create_dir(at.join("releases"))?;
            release(at, "current", &allowing(OLD))
        },
        replace: |at, text| release(at, "current", text),
    },
    Way {
        name: "`..data` of a Kubernetes volume points to another version",
        file: "cors.toml",
        lay_out: |at| {
            fs::create_dir(at.join("releases"))?;
            release(at, "..data", &allowing(OLD))?;
            symlink("..data/cors.toml", at.join("cors.toml"))
        },
        replace: |at, text| {
            let before = fs::read_link(at.join("..data"))?;
            release(at, "..data", text)?;
            fs::remove_dir_all(at.join(before))
        },
    },
    Way {
        name: "another directory takes the place of its own",
        file: "etc/cors.toml",
        lay_out: |at| {
            fs::create_dir(at.join("etc"))?;
            fs::write(at.join("etc/cors.toml"), allowing(OLD))
        },
        replace: |at, text| {
            let next = tempfile::tempdir_in(at)?.keep();
            fs::write(next.join("cors.toml"), text)?;
            fs::rename(at.join("etc"), next.with_extension("before"))?;
            fs::rename(next, at.join("etc"))
        },
    },
    Way {
        name: "its directory is removed and made anew",
        file: "etc/cors.toml",
        lay_out: |at| {
            fs::create_dir(at.join("etc"))?;
            fs::write(at.join("etc/cors.toml"), allowing(OLD))
        },
        replace: |at, text| {
            fs::remove_dir_all(at.join("etc"))?;
            fs::create_dir(at.join("etc"))?;
            fs::write(at.join("etc/cors.toml"), text)
        },
    },
];

/// Makes a directory of its own for a text, and lets a link point to it from one moment to the next.
fn release(at: &Path, link: &str, text: &str) -> io::Result<()> {
    let directory = tempfile::tempdir_in(at.join("releases"))?.keep();
    fs::write(directory.join("cors.toml"), text)?;
    let name = Path::new("releases").join(directory.file_name().unwrap_or_default());
    symlink(name, at.join("link"))?;
    fs::rename(at.join("link"), at.join(link))
}

#[test]
fn every_way_to_replace_a_file_is_seen() -> io::Result<()> {
    for way in WAYS {
        let directory = tempfile::tempdir()?;
        (way.lay_out)(directory.path())?;
        let server = Server::follow(&directory.path().join(way.file), FAST)?;
        assert!(server.allows(OLD)?, "{}", way.name);
        // Again and again: what ends a watch is seen at the next change.
        for (origin, other) in [(NEW, OLD), (OLD, NEW), (NEW, OLD)] {
            (way.replace)(directory.path(), &allowing(origin))?;
            // The file may have been seen to be empty, or away.
            while !server.allows(origin)? {
                let reloaded = server.report();
                let is_gap = matches!(reloaded, Ok(()) | Err(Mistake::File(_) | Mistake::Watch(_)));
                assert!(is_gap, "{}: {reloaded:?}", way.name);
            }
            assert!(!server.allows(other)?, "{}", way.name);
        }
    }
    Ok(())
}
