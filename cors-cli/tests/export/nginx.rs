//! What is the case with nginx alone.

use std::error::Error;

use crate::Tested;
use crate::run::{differences, export};

/// nginx closes the connection to return some statuses, and makes 400 of others.
#[test]
fn a_status_that_nginx_does_not_return_is_named() -> Tested {
    for status in [408, 444, 494, 495, 496, 497, 499] {
        let policy = format!("preflight_refusal_status = {status}\n");
        let (text, found) = differences("nginx", &policy)?;
        let place = "preflight_refusal_status".to_owned();
        assert_eq!(found, [("other".to_owned(), place)], "{status}");
        assert!(!text.contains(&format!("return {status}")), "{text}");
    }
    Ok(())
}

/// nginx reads its configuration by 4096 bytes, and takes no longer word.
#[test]
fn a_word_that_is_too_long_for_nginx_is_named() -> Tested {
    let names: String = (0..300)
        .map(|of| format!("\"x-header-{of:05}\","))
        .collect();
    let path = format!("/a{}", ".".repeat(125)).repeat(16);
    let classes = r"\w[^.]".repeat(160);
    for (policy, effect, place) in [
        (
            format!("allow_methods = [{names}]"),
            "narrower",
            "allow_methods",
        ),
        (
            format!("allow_headers = [{names}]"),
            "narrower",
            "allow_headers",
        ),
        (
            format!("expose_headers = [{names}]"),
            "narrower",
            "expose_headers",
        ),
        (
            format!("allow_origin_regexes = ['https://{classes}\\.example']"),
            "narrower",
            "allow_origin_regexes",
        ),
        (
            format!("[[paths]]\npath = \"{path}\""),
            "wider",
            "paths[0].path",
        ),
    ] {
        let policy = format!("allow_origins = [\"https://a.example\"]\n{policy}\n");
        let (text, found) = differences("nginx", &policy)?;
        assert_eq!(found, [(effect.to_owned(), place.to_owned())]);
        let longest = text.split(' ').map(str::len).max();
        assert!(longest < Some(4096), "{place}: {longest:?}");
        assert!(text.lines().all(|line| line.len() < 4096), "{place}");
        assert_eq!(differences("envoy", &policy)?.1, [], "{place}");
    }
    Ok(())
}

/// Each part stands in a file of its own, and the two say what the whole says.
#[test]
fn the_parts_for_nginx_are_the_whole() -> Tested {
    let policy = "allow_origins = [\"https://a.example\"]\nexpose_headers = [\"x-$\"]\n";
    let text = |options: &[&str]| -> Result<String, Box<dyn Error>> {
        let run = export("nginx", policy, options)?;
        let (_, text) = run.stdout.split_once("\n\n").ok_or("there are comments")?;
        Ok(text.to_owned())
    };
    let http = text(&["--part", "http"])?;
    let server = text(&["--part", "server"])?;
    assert!(!http.contains("add_header") && !server.contains("map "));
    assert_eq!(text(&[])?, format!("{http}\n{server}"));
    let run = export("envoy", policy, &["--part", "http"])?;
    assert_eq!((run.status, &*run.stdout), (Some(2), ""));
    assert!(run.stderr.contains("--part"), "{}", run.stderr);
    Ok(())
}
