//! Paths, and patterns that overlap.

use std::ops::ControlFlow;

use cors_core::PolicyMapConfig;
use cors_core::adapter::{RequestField, RequestHead};

use super::holes::{APP, OLD};
use super::run::{Tested, assert_narrower, assert_wider, diff};

/// A file without a policy at the top, whose patterns are given each with a table.
pub(crate) fn paths(tables: &[(&str, &str)]) -> String {
    let of =
        |(path, settings): &(&str, &str)| format!("[[paths]]\npath = \"{path}\"\n{settings}\n");
    tables.iter().map(of).collect()
}

pub(crate) const OPEN: &str = "allow_origins = [\"https://a.example\"]";

#[test]
fn every_other_path_is_that_of_the_top_whatever_a_path_is_called() -> Tested {
    let old = format!("[[paths]]\npath = \"/{{any}}\"\n{OPEN}\n");
    let may = "read responses without credentials";
    let new = format!("{OPEN}\n{old}");
    assert_wider(&old, &new, ["every other path", "https://a.example", may])
}

#[test]
fn patterns_that_overlap_are_tried_where_they_do() -> Tested {
    let may = "read responses without credentials";
    // `/a/b` has the second policy, and then the one of `/a/{x}`.
    let old = paths(&[
        ("/{y}/b", "enabled = false"),
        ("/{y}/{z}", OPEN),
        ("/a/{x}", OPEN),
    ]);
    let old = old.replace("path = \"/a/{x}\"\n", "path = \"/a/b\"\nenabled = false\n");
    let old = old.replace(
        "enabled = false\nallow_origins = [\"https://a.example\"]",
        "enabled = false",
    );
    let new = old.replace(
        "\"/a/b\"\nenabled = false",
        &format!("\"/a/{{x}}\"\n{OPEN}"),
    );
    let path = "what is in /a/b and in /a/{x} (such as /a/b)";
    assert_wider(&old, &new, [path, "https://a.example", may])?;
    let first = paths(&[("/a/{x}", "enabled = false"), ("/{*rest}", OPEN)]);
    let second = paths(&[
        ("/{y}/b", OPEN),
        ("/a/{x}", "enabled = false"),
        ("/{*rest}", OPEN),
    ]);
    assert!(diff(&first, &second)?.is_empty());
    let third = paths(&[("/{y}/b", OPEN), ("/{*rest}", OPEN)]);
    let path = "what is in /a/{x} and in /{y}/b (such as /a/b)";
    assert_wider(&first, &third, [path, "https://a.example", may])
}

/// A request of `https://a.example`.
struct Get<'a>(&'a str);

impl RequestHead for Get<'_> {
    fn method(&self) -> &'static str {
        "GET"
    }

    fn path(&self) -> &str {
        self.0
    }

    fn authority(&self) -> Option<&str> {
        Some("server.example")
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        if matches!(field, RequestField::Origin) {
            let _ = visit(b"https://a.example");
        }
    }
}

/// What is refused since its readings have several policies is allowed where these become one.
#[test]
fn policies_that_become_one_allow_paths_that_were_refused() -> Tested {
    let both = "allow_origins = [\"https://a.example\", \"https://b.example\"]\n";
    let new = format!("{OPEN}\n");
    for pattern in ["/files/{name}", "/files/{*name}", "/files/a/b", "/files"] {
        let old = format!("{both}{}", paths(&[(pattern, OPEN)]));
        let said = diff(&old, &new)?;
        let line = &said.list("wider")[0];
        let path = line["path"][0].as_str().and_then(|words| {
            let path = words.strip_prefix("paths that can be read in several ways (such as ")?;
            path.strip_suffix(')')
        });
        let path = path.ok_or_else(|| format!("{:#}", said.0))?;
        assert_eq!(
            line["who"],
            serde_json::json!(["https://a.example"]),
            "{pattern}"
        );
        let allows = |text: &str| -> Result<bool, Box<dyn std::error::Error>> {
            let policies = toml::from_str::<PolicyMapConfig>(text)?.build()?;
            let policy = policies.policy(path).ok_or("it has a policy")?;
            Ok(policy.decide(&Get(path)).is_allowed())
        };
        assert_eq!(
            (allows(&old)?, allows(&new)?),
            (false, true),
            "{pattern} {path}"
        );
        let back = diff(&new, &old)?;
        assert_eq!(back.list("narrower"), said.list("wider"), "{pattern}");
    }
    let off = format!("{both}{}", paths(&[("/files/{name}", "enabled = false")]));
    assert!(diff(&off, &new)?.widens());
    // Two that write the same have one policy.
    let same = format!("{both}{}", paths(&[("/files/{name}", "")]));
    assert!(diff(&same, both)?.is_empty());
    Ok(())
}

#[test]
fn an_escape_in_a_pattern_is_the_letter_that_it_stands_for() -> Tested {
    let off = ("/%61/{x}", "enabled = false");
    let old = format!("{OPEN}\n{}", paths(&[off, ("/a/b", "enabled = false")]));
    let new = format!("{OPEN}\n{}", paths(&[off, ("/a/b", "")]));
    assert_wider(
        &old,
        &new,
        [
            "/a/b",
            "https://a.example",
            "read responses without credentials",
        ],
    )?;
    let said = diff(&old, &new)?;
    assert!(!said.0.to_string().contains("%61/{x}"), "{:#}", said.0);
    Ok(())
}

#[test]
fn the_path_itself_and_what_is_far_below_are_tried_too() -> Tested {
    let may = "read responses without credentials";
    let all = paths(&[("/api/{*rest}", OPEN)]);
    for (covered, path) in [
        ("/api", "/api/{*rest}"),
        ("/api/{one}", "/api/{*rest}"),
        ("/api/{one}/{two}", "/api/{*rest}"),
    ] {
        assert_wider(
            &paths(&[(covered, OPEN)]),
            &all,
            [path, "https://a.example", may],
        )?;
    }
    let three = paths(&[
        ("/api", OPEN),
        ("/api/{one}", OPEN),
        ("/api/{one}/{two}", OPEN),
    ]);
    assert_wider(&three, &all, ["/api/{*rest}", "https://a.example", may])
}

#[test]
fn a_path_that_writes_its_own_is_compared_where_the_top_stays() -> Tested {
    let old = format!(
        "{OLD}{}",
        paths(&[("/a", ""), ("/b", "allow_methods = []")])
    );
    let new = old.replace("allow_methods = []", "allow_methods = [\"PATCH\"]");
    assert_wider(&old, &new, ["/b", APP, "send PATCH with credentials"])?;
    let said = diff(&old, &new)?;
    assert_eq!(
        said.0["wider"][0]["path"],
        serde_json::json!(["/b"]),
        "{:#}",
        said.0
    );
    Ok(())
}

#[test]
fn a_path_without_a_policy_allows_nobody() -> Tested {
    let open = paths(&[("/a", OPEN)]);
    assert_narrower(&open, &open.replace(OPEN, "enabled = false"))
}
