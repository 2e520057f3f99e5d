//! Policy files of a megabyte that are as bad as they can be: each is built or refused within a
//! second and 100 MB.
//!
//! `cargo bench -p conformance --bench policy_files`, with a name or a part of one to run only some.
//! It ends with an error where a file breaks a bound.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allocation_counter::AllocationInfo;
use cors_core::PolicyMapConfig;
use cors_core::adapter::{Http1, Prepared, PreparedPolicies};

/// The bounds of the contract, for reading a file and building it.
const MAX_TIME: Duration = Duration::from_secs(1);
const MAX_PEAK: u64 = 100_000_000;

/// The size of a file.
const BYTES: usize = 1_000_000;

fn main() -> ExitCode {
    let wanted = std::env::args().skip(1).find(|arg| !arg.starts_with('-'));
    println!(
        "{:<44} {:>6} {:>8} {:>8} {:>8} {:>8} {:>8}  result",
        "file (bounds: 1000 ms, 100 MB)",
        "KB",
        "read ms",
        "build ms",
        "peak MB",
        "kept MB",
        "prep MB"
    );
    let mut broken = false;
    let files = files();
    let is_whole = files
        .iter()
        .any(|(name, _)| wanted.as_deref() == Some(name));
    for (name, file) in &files {
        let runs = match &wanted {
            None => true,
            Some(wanted) if is_whole => name == wanted,
            Some(part) => name.contains(part),
        };
        if runs {
            broken |= !measure(name, &file());
        }
    }
    if broken {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Reads a file and builds it, prints what that took, and returns whether it is within the bounds.
fn measure(name: &str, text: &str) -> bool {
    assert!(text.len() <= BYTES, "{name} has {} bytes", text.len());
    let mut read_time = Duration::ZERO;
    let mut build_time = Duration::ZERO;
    let mut built = None;
    let mut mistake = None;
    let mut result = String::new();
    let memory = allocation_counter::measure(|| {
        let start = Instant::now();
        let config = toml::from_str::<PolicyMapConfig>(text);
        read_time = start.elapsed();
        let start = Instant::now();
        match config.map(|config| config.build()) {
            Ok(Ok(map)) => {
                result.push_str("built");
                built = Some(map);
            }
            Ok(Err(errors)) => {
                let words = errors.to_string();
                result = format!("{} lines of problems", words.lines().count());
            }
            Err(error) => mistake = Some(error),
        }
        build_time = start.elapsed();
    });
    let is_unreadable = mistake.is_some();
    if let Some(error) = mistake {
        result = format!("{} bytes of a mistake", error.to_string().len());
    }
    // What an adapter makes of the policies is not part of building, and has no bound.
    let mut policies = None;
    let prepared = match built {
        Some(map) => allocation_counter::measure(|| {
            policies = Some(PreparedPolicies::prepare(map, Arc::<Prepared<Http1>>::new));
        }),
        None => AllocationInfo::default(),
    };
    // The memory that toml takes for a text before it refuses it is not the project's to bound.
    let within_peak = memory.bytes_max <= MAX_PEAK || is_unreadable;
    let within = read_time + build_time <= MAX_TIME && within_peak;
    println!(
        "{name:<44} {:>6} {:>8} {:>8} {:>8.1} {:>8.1} {:>8.1}  {result}{}",
        text.len() / 1_000,
        read_time.as_millis(),
        build_time.as_millis(),
        megabytes(memory.bytes_max),
        megabytes(u64::try_from(memory.bytes_current).unwrap_or_default()),
        megabytes(prepared.bytes_max),
        if within { "" } else { " BROKEN" },
    );
    within
}

fn megabytes(bytes: u64) -> f64 {
    // Exact enough to be printed.
    bytes as f64 / 1e6
}

type File = (&'static str, Box<dyn Fn() -> String>);

fn file(name: &'static str, text: impl Fn() -> String + 'static) -> File {
    (name, Box::new(text))
}

fn files() -> Vec<File> {
    vec![
        file("3,000 wrong origins, 3,000 paths", || {
            list("allow_origins", 3_000, |index| {
                format!("https://a{index}.example/")
            }) + &paths(3_000, "")
        }),
        file("2,000 expressions as origins, 200 paths", || {
            let item =
                |path, index| format!(r"'^https://(.*a.{{4}}){{2}}x{path}-{index}\.example$'");
            (0..200).fold(String::new(), |file, path| {
                let items: Vec<_> = (0..10).map(|index| item(path, index)).collect();
                let items = items.join(",");
                file + &format!("[[paths]]\npath = '/{path}'\nallow_origins = [{items}]\n")
            })
        }),
        file("3,000 origins, 3,000 paths", || {
            list("allow_origins", 3_000, origin) + &paths(3_000, "")
        }),
        file("3,000 origins, 3,000 paths with a key", || {
            list("allow_origins", 3_000, origin) + &paths(3_000, "max_age = 5\n")
        }),
        file("1,000 origins, 1,000 paths", || {
            list("allow_origins", 1_000, origin) + &paths(1_000, "")
        }),
        file("20,000 paths, origins", || {
            let paths = paths(20_000, "");
            full_list("allow_origins", &paths, origin)
        }),
        file("12,000 paths with a key, origins", || {
            let paths = paths(12_000, "max_age = 5\n");
            full_list("allow_origins", &paths, origin)
        }),
        file("8,000 paths with credentials, http origins", || {
            let paths = paths(8_000, "allow_credentials = true\n");
            full_list("allow_origins", &paths, |index| {
                format!("http://a{index}.example")
            })
        }),
        file("12,000 paths with a key, headers", || {
            let paths = paths(12_000, "max_age = 5\n");
            full_list("allow_headers", &paths, |index| format!("x-{index}"))
        }),
        file("12,000 paths with a key, exposed headers", || {
            let paths = paths(12_000, "max_age = 5\n");
            full_list("expose_headers", &paths, |index| format!("x-{index}"))
        }),
        file("12,000 paths with a key, methods", || {
            let paths = paths(12_000, "max_age = 5\n");
            full_list("allow_methods", &paths, |index| format!("M{index}"))
        }),
        file("paths", || {
            fill(|index| format!("[[paths]]\npath = \"/{index}\"\n"))
        }),
        file("paths with a key", || {
            fill(|index| format!("[[paths]]\npath = \"/{index}\"\nmax_age=5\n"))
        }),
        file("paths with a list each", || {
            fill(|index| format!("[[paths]]\npath = \"/{index}\"\nallow_headers=[\"a\"]\n"))
        }),
        file("paths with a long name each", || {
            let name = "x".repeat(250);
            fill(|index| format!("[[paths]]\npath = \"/{index}\"\nallow_headers=[\"{name}\"]\n"))
        }),
        file("disabled paths", || {
            fill(|index| format!("[[paths]]\npath=\"/{index}\"\nenabled=false\n"))
        }),
        file("disabled paths with a key", || {
            fill(|index| format!("[[paths]]\npath=\"/{index}\"\nenabled=false\nmax_age=1\n"))
        }),
        file("paths without a path", || {
            fill(|_| "[[paths]]\n".to_owned())
        }),
        file("wrong paths", || {
            fill(|index| format!("[[paths]]\npath=\"{index}\"\n"))
        }),
        file("origins", || full_list("allow_origins", "", origin)),
        file("short origins", || {
            full_list("allow_origins", "", |index| format!("a://{index:x}z"))
        }),
        file("subdomain patterns", || {
            full_list("allow_origins", "", |index| format!("a://*.{index:x}.z"))
        }),
        file("ports of one subdomain pattern", || {
            full_list("allow_origins", "", |index| {
                format!("a://*.b.z:{}", 65_535 - index % 65_535)
            })
        }),
        file("any-port origins", || {
            full_list("allow_origins", "", |index| format!("a://{index:x}z:*"))
        }),
        file("wrong origins", || {
            full_list("allow_origins", "", |_| "a".to_owned())
        }),
        file("wrong origins of a length", || {
            full_list("allow_origins", "", |index| {
                format!("https://a.example/{index:0800}")
            })
        }),
        file("any origin, many times", || {
            full_list("allow_origins", "", |_| "*".to_owned())
        }),
        file("hosts", || {
            full_list("allow_hosts", "", |index| format!("{index:x}z"))
        }),
        file("hosts below which all are meant", || {
            full_list("allow_hosts", "", |index| format!("*.{index:x}.z"))
        }),
        file("ports of one host", || {
            full_list("allow_hosts", "", |index| {
                format!("b.z:{}", 65_535 - index % 65_535)
            })
        }),
        file("wrong hosts", || {
            full_list("allow_hosts", "", |_| "a/".to_owned())
        }),
        file("a host of the whole file", || {
            list("allow_hosts", 1, |_| ".a:*".repeat((BYTES - 100) / 4))
        }),
        file("paths with a host each", || {
            fill(|index| format!("[[paths]]\npath = \"/{index}\"\nallow_hosts=[\"a{index}\"]\n"))
        }),
        file("paths with a host each, some with credentials", || {
            fill(|index| match index {
                0 => list("allow_credentials_from", 100, origin),
                _ => format!("[[paths]]\npath = \"/{index}\"\nallow_hosts=[\"a{index}\"]\n"),
            })
        }),
        file("origins with credentials", || {
            full_list("allow_credentials_from", "", origin)
        }),
        file("12,000 paths with a key, hosts", || {
            let paths = paths(12_000, "max_age = 5\n");
            full_list("allow_hosts", &paths, |index| format!("a{index}"))
        }),
        file("80,000 headers", || {
            list("allow_headers", 80_000, |index| format!("x-{index:05}"))
        }),
        file("headers", || {
            full_list("allow_headers", "", |index| format!("{index:x}"))
        }),
        file("headers, all the same", || {
            full_list("allow_headers", "", |_| "x".to_owned())
        }),
        file("exposed headers", || {
            full_list("expose_headers", "", |index| format!("{index:x}"))
        }),
        file("40,000 methods", || {
            list("allow_methods", 40_000, |index| {
                format!("METHOD-{index:05}")
            })
        }),
        file("methods", || {
            full_list("allow_methods", "", |index| format!("{index:X}"))
        }),
        file("wrong methods", || {
            full_list("allow_methods", "", |_| " ".to_owned())
        }),
        file("a header name of the whole file", || {
            list("allow_headers", 1, |_| "x".repeat(BYTES - 100))
        }),
        file("a method of the whole file", || {
            list("allow_methods", 1, |_| "M".repeat(BYTES - 100))
        }),
        file("an origin of the whole file", || {
            list("allow_origins", 1, |_| {
                format!("https://{}/", "a".repeat(BYTES - 100))
            })
        }),
        file("a path of the whole file", || {
            format!(
                "[[paths]]\npath = \"/{}\"\nenabled = false\n",
                "a".repeat(BYTES - 100)
            )
        }),
        file("short regular expressions", || {
            full_list("allow_origin_regexes", "", |index| format!("a://{index}"))
        }),
        file("regular expressions", || {
            full_list("allow_origin_regexes", "", |index| {
                format!(r"https://pr-\\d+\\.team-{index}\\.example\\.com")
            })
        }),
        file("wide regular expressions", || {
            full_list("allow_origin_regexes", "", |index| {
                format!(r"https://([a-z0-9-]{{1,63}}\\.){{1,3}}a{index}\\.com")
            })
        }),
        file("regular expressions of a kilobyte", || {
            full_list("allow_origin_regexes", "", |index| {
                let names: String = (0..60).map(|name| format!("a{index}b{name}.*c|")).collect();
                format!(r"https://({names}z)\\.com")
            })
        }),
        file("greedy regular expressions", || {
            full_list("allow_origin_regexes", "", |index| {
                format!("https://(.*a.{{20}}){{9}}b{index}")
            })
        }),
        file("nested regular expressions", || {
            full_list("allow_origin_regexes", "", |index| {
                format!("((a{{1000}}){{1000}}){{1000}}{index}")
            })
        }),
        file("classes in regular expressions", || {
            full_list("allow_origin_regexes", "", |index| {
                let classes: String = (0..60).map(|_| "(a?[b-z.]*)+[^a-y]").collect();
                format!("https://{classes}{index}")
            })
        }),
        file("regular expressions of many states", || {
            full_list("allow_origin_regexes", "", |index| {
                format!("https://a{index}(([a-z]*[0-9]?[-]*){{40}}[._:]*){{9}}")
            })
        }),
        file("regular expressions of many loops", || {
            let classes: String = ('b'..='z').map(|letter| format!("[{letter}-z]*")).collect();
            full_list("allow_origin_regexes", "", |index| {
                format!("https://a{index}({classes}){{40}}")
            })
        }),
        file("regular expressions of many words", || {
            let words: String = ('b'..='z')
                .map(|letter| format!("{letter}.|.{letter}|"))
                .collect();
            full_list("allow_origin_regexes", "", |index| {
                format!("https://a{index}({words}q)*.z")
            })
        }),
        file("regular expressions of many ranges", || {
            let ranges: String = ('b'..='z').map(|letter| format!("[{letter}-z]?")).collect();
            full_list("allow_origin_regexes", "", |index| {
                format!("https://a{index}({ranges}){{4}}")
            })
        }),
        file("regular expressions of paths", || {
            fill(|index| {
                format!(
                    "[[paths]]\npath = \"/{index}\"\nallow_origin_regexes = ['https://([a-z]{{1,20}}\\.){{1,9}}a{index}\\.com']\n"
                )
            })
        }),
        file("one regular expression in each path", || {
            fill(|index| {
                format!(
                    "[[paths]]\npath = \"/{index}\"\nallow_origin_regexes = ['https://[a-z]+\\.a\\.com']\n"
                )
            })
        }),
        file("unknown keys", || fill(|index| format!("a{index} = 1\n"))),
        file("an unknown key of the whole file", || {
            format!("{} = 1\n", "a".repeat(BYTES - 100))
        }),
        file("nesting", || {
            format!("allow_origins = {}", "[".repeat(BYTES - 100))
        }),
        file("nested tables", || {
            format!("[{}a]", "a.".repeat(BYTES / 2 - 100))
        }),
        file("numbers in place of texts", || {
            format!("allow_origins = [{}]", "1,".repeat(BYTES / 2 - 100))
        }),
    ]
}

fn origin(index: usize) -> String {
    format!("https://a{index}.example")
}

/// Returns a setting with so many items.
fn list(key: &str, count: usize, item: impl Fn(usize) -> String) -> String {
    let items: String = (0..count)
        .map(|index| format!("\"{}\",", item(index)))
        .collect();
    format!("{key} = [{items}]\n")
}

/// Returns a setting with as many items as the file has room for, and then the rest of the file.
fn full_list(key: &str, rest: &str, item: impl Fn(usize) -> String) -> String {
    let mut items = String::new();
    for index in 0.. {
        let item = format!("\"{}\",", item(index));
        if key.len() + items.len() + item.len() + rest.len() + " = []\n".len() > BYTES {
            break;
        }
        items.push_str(&item);
    }
    format!("{key} = [{items}]\n{rest}")
}

fn paths(count: usize, keys: &str) -> String {
    (0..count)
        .map(|index| format!("[[paths]]\npath = \"/{index}\"\n{keys}"))
        .collect()
}

/// Returns as many lines as the file has room for.
fn fill(part: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for index in 0.. {
        let part = part(index);
        if text.len() + part.len() > BYTES {
            break;
        }
        text.push_str(&part);
    }
    text
}
