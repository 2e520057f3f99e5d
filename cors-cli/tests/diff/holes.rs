//! What a comparison of samples misses easily.

use super::paths::{OPEN, paths};
use super::run::{Tested, assert_wider, diff, text};

pub(crate) const OLD: &str = "\
allow_origins = [\"https://app.example.com\"]
allow_methods = [\"PUT\"]
allow_credentials = true
";

pub(crate) const APP: &str = "https://app.example.com";

fn with_origins(items: &str) -> String {
    format!("allow_origins = [{items}]\n")
}

#[test]
fn a_method_and_a_header_are_named_with_the_page_and_the_mode() -> Tested {
    let line = ["every path", APP, "send DELETE with credentials"];
    assert_wider(
        OLD,
        &OLD.replace("[\"PUT\"]", "[\"PUT\", \"DELETE\"]"),
        line,
    )?;
    let line = ["every path", APP, "set the header x-a with credentials"];
    assert_wider(OLD, &format!("{OLD}allow_headers = [\"x-a\"]"), line)?;
    let line = ["every path", APP, "read the header x-id with credentials"];
    assert_wider(OLD, &format!("{OLD}expose_headers = [\"x-id\"]"), line)
}

#[test]
fn a_new_page_gets_all_that_the_policy_allows() -> Tested {
    let new = OLD.replace("]\nallow_m", ", \"https://x.example\"]\nallow_m");
    assert_wider(
        OLD,
        &new,
        [
            "every path",
            "https://x.example",
            "read responses with credentials",
        ],
    )?;
    assert_wider(
        OLD,
        &new,
        [
            "every path",
            "https://x.example",
            "send PUT with credentials",
        ],
    )
}

#[test]
fn credentials_are_a_permission() -> Tested {
    let old = OLD.replace("credentials = true", "credentials = false");
    assert_wider(
        &old,
        OLD,
        ["every path", APP, "read responses with credentials"],
    )?;
    let own = format!(
        "{}allow_credentials_from = [\"{APP}\"]\n",
        with_origins("\"*\"")
    );
    let line = ["every path", APP, "read responses with credentials"];
    assert_wider(&with_origins("\"*\""), &own, line)
}

#[test]
fn ports_beyond_those_of_a_range_are_found() -> Tested {
    let range = with_origins("\"http://localhost:3000-3010\"");
    let who = "http://localhost:* (such as http://localhost:1)";
    let may = "read responses without credentials";
    assert_wider(
        &range,
        &with_origins("\"http://localhost:*\""),
        ["every path", who, may],
    )?;
    let gap = with_origins("\"http://localhost:1-79\", \"http://localhost:81-65535\"");
    let who = "http://localhost:* (such as http://localhost)";
    assert_wider(
        &gap,
        &with_origins("\"http://localhost:*\""),
        ["every path", who, may],
    )?;
    let gap = with_origins("\"http://localhost:*\", \"https://a.example:3000-3005\"");
    let gap = gap.replace(']', ", \"https://a.example:3007-3010\"]");
    let whole = gap
        .replace("3005\", \"https://a.example:3007", "")
        .replace("3000--", "3000-");
    let who = "https://a.example:3000-3010 (such as https://a.example:3006)";
    assert_wider(&gap, &whole, ["every path", who, may])
}

#[test]
fn a_wildcard_is_wider_than_what_is_listed_below_it() -> Tested {
    let listed = with_origins("\"https://a.x.example\", \"https://*.b.x.example:*\"");
    let all = with_origins("\"https://*.x.example\"");
    let may = "read responses without credentials";
    assert_wider(&listed, &all, ["every path", "https://*.x.example", may])?;
    let deeper = with_origins("\"https://*.x.example\", \"https://a.b.x.example\"");
    assert!(diff(&all, &deeper)?.is_empty());
    let network = with_origins("\"http://192.168.7.*\", \"http://192.168.254.*\"");
    let wider = with_origins("\"http://192.168.*.*\"");
    assert_wider(&network, &wider, ["every path", "http://192.168.*.*", may])?;
    let one = with_origins("\"app://.\"");
    assert_wider(
        &one,
        &with_origins("\"app://*\""),
        ["every path", "app://*", may],
    )
}

#[test]
fn any_page_is_named_so_and_null_beside_it() -> Tested {
    let may = "read responses without credentials";
    let old = with_origins("\"https://app.example.com\"");
    let new = with_origins("\"*\"");
    let others = "any page that is not listed";
    assert_wider(&old, &new, ["every path", others, may])?;
    assert_wider(&old, &new, ["every path", "pages of the origin null", may])?;
    assert_wider("", &new, ["every path", "any page", may])?;
    let null = format!("{old}allow_null_origin = true\n");
    assert_wider(&old, &null, ["every path", "pages of the origin null", may])?;
    let rejects = format!("{old}reject_disallowed_origins = true\n");
    assert_wider(
        &rejects,
        &old,
        ["every path", "any page that is not listed", "reach the app"],
    )
}

#[test]
fn methods_and_headers_that_neither_lists_are_tried() -> Tested {
    let new = OLD.replace("[\"PUT\"]", "[\"*\"]");
    let purge = "send any method that is not listed (such as PURGE) with credentials";
    assert_wider(OLD, &new, ["every path", APP, purge])?;
    let old = OLD.replace("[\"PUT\"]", "[\"PURGE\"]");
    let purge = "send any method that is not listed (such as PURGE1) with credentials";
    assert_wider(&old, &new, ["every path", APP, purge])?;
    let prefix = format!("{OLD}allow_headers = [\"x-a-*\"]\n");
    let names = "set the header x-a-* with credentials";
    assert_wider(OLD, &prefix, ["every path", APP, names])?;
    let listed = format!("{OLD}allow_headers = [\"x-a-other\", \"x-a-b-*\"]\n");
    assert_wider(&listed, &prefix, ["every path", APP, names])?;
    let unsafe_values = format!("{OLD}allow_headers = [\"accept\"]\n");
    let accept = "set the header accept to values that are not safelisted, with credentials";
    assert_wider(OLD, &unsafe_values, ["every path", APP, accept])
}

#[test]
fn headers_that_only_some_values_make_unsafe_are_tried() -> Tested {
    let new = format!("{OLD}allow_headers = [\"*\"]\n");
    for name in [
        "accept",
        "accept-language",
        "content-language",
        "content-type",
        "range",
    ] {
        let listed = format!("{OLD}allow_headers = [\"{name}\"]\n");
        for new in [&new, &listed] {
            let said = diff(OLD, new)?;
            let has_name = |line: &serde_json::Value| {
                let phrases = line["may"].as_array().into_iter().flatten();
                let phrases = phrases.filter_map(serde_json::Value::as_str);
                let names = phrases.filter_map(|phrase| phrase.strip_prefix("set the header "));
                let mut names = names.flat_map(|names| names.split([',', ' ']));
                names.any(|said| said == name)
            };
            assert!(
                said.list("wider").iter().any(has_name),
                "{name}\n{:#}",
                said.0
            );
        }
    }
    Ok(())
}

#[test]
fn a_star_does_not_cover_authorization_without_credentials() -> Tested {
    let old = format!("{}allow_headers = [\"*\"]\n", with_origins("\"*\""));
    let new = old.replace("[\"*\"]\n", "[\"*\", \"authorization\"]\n");
    let new = new.replacen("[\"*\", \"authorization\"]", "[\"*\"]", 1);
    let may = "set the header authorization without credentials";
    assert_wider(&old, &new, ["every path", "any page", may])?;
    let any = OLD.replace("[\"PUT\"]", "[\"PUT\"]\nallow_headers = [\"*\"]");
    let with = diff(OLD, &any)?.0.to_string();
    assert!(
        with.contains("set the header authorization with credentials"),
        "{with}"
    );
    Ok(())
}

#[test]
fn hosts_are_a_permission() -> Tested {
    let listed = format!("{OLD}allow_hosts = [\"api.example\"]\n");
    let who = "requests for any host that is not listed";
    assert_wider(&listed, OLD, ["every path", who, "reach the app"])?;
    let below = format!("{OLD}allow_hosts = [\"*.example\"]\n").replace("*.e", "*.a.e");
    assert_wider(
        &listed,
        &below,
        ["every path", "requests for *.a.example", "reach the app"],
    )?;
    let ports = format!("{OLD}allow_hosts = [\"api.example:443\", \"api.example:80\"]\n");
    let every = ["every path", "requests for api.example", "reach the app"];
    assert_wider(&ports, &listed, every)?;
    let port = format!("{OLD}allow_hosts = [\"api.example:8443\"]\n");
    assert_wider(
        &port,
        &listed,
        ["every path", "requests for api.example", "reach the app"],
    )
}

#[test]
fn what_is_written_in_another_way_is_the_same() -> Tested {
    for (old, new) in [
        (OLD.to_owned(), OLD.replace("\"PUT\"", "\"put\"")),
        (
            OLD.to_owned(),
            OLD.replace("https://app", "HTTPS://App")
                .replace("com\"", "com:443\""),
        ),
        (OLD.to_owned(), format!("{OLD}allow_hosts = [\"*\"]\n")),
        (OLD.to_owned(), OLD.replace("\"PUT\"", "\"PUT\", \"GET\"")),
        (paths(&[("/a/{x}", OPEN)]), paths(&[("/%61/{y}", OPEN)])),
    ] {
        let said = diff(&old, &new)?;
        assert!(said.is_empty(), "{new}\n{:#}", said.0);
    }
    Ok(())
}

#[test]
fn headers_that_every_page_reads_are_no_permission() -> Tested {
    let names = [
        "Cache-Control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    ];
    for name in names {
        let new = format!("{OLD}expose_headers = [\"{name}\"]\n");
        assert!(diff(OLD, &new)?.is_empty(), "{name}");
        assert!(diff(&new, OLD)?.is_empty(), "{name}");
    }
    Ok(())
}

#[test]
fn each_verb_has_a_line() -> Tested {
    let new = OLD.replace(
        "[\"PUT\"]",
        "[\"DELETE\"]\nexpose_headers = [\"x-id\", \"etag\"]",
    );
    let expected = format!(
        "every path\n\
         + {APP} may now\n\
         +   send DELETE with credentials\n\
         +   read the header etag, x-id with credentials\n\
         - {APP} may no longer send PUT with credentials\n\n\
         NEW is wider than OLD.\n"
    );
    let (_, said) = text(OLD, &new)?;
    assert_eq!(sorted(&said), sorted(&expected), "{said}");
    Ok(())
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn what_is_written_for_people_is_bounded() -> Tested {
    let file = |methods: &str| {
        let tables = (0..500)
            .map(|n| format!("[[paths]]\npath = \"/n{n}\"\nallow_methods = [\"M{n}\"{methods}]\n"));
        format!("{OLD}{}", tables.collect::<String>())
    };
    let (_, said) = text(&file(""), &file(", \"PUT\"").replace("[\"M", "[\"N"))?;
    assert!(said.lines().count() < 500, "{said}");
    assert!(said.contains("470 more groups of paths"), "{said}");
    Ok(())
}

#[test]
fn an_item_without_an_origin_is_no_matter_of_how_much_there_is() -> Tested {
    let label = "a".repeat(63);
    let base = format!("{label}.{label}.{label}.{}.example", "a".repeat(50));
    let new = with_origins(&format!("\"https://*.{base}\""));
    let (status, said) = text("", &new)?;
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.contains("no origin can be made") && !said.contains("too much"),
        "{said}"
    );
    Ok(())
}

#[test]
fn lines_are_grouped_and_counted() -> Tested {
    let items: Vec<_> = (0..12)
        .map(|n| format!("\"https://n{n:02}.example\""))
        .collect();
    let tables = [("/a", ""), ("/b", "")].map(|(path, _)| (path, "max_age = 5"));
    let old = format!(
        "{}{}",
        with_origins("\"https://n00.example\""),
        paths(&tables)
    );
    let new = format!("{}{}", with_origins(&items.join(", ")), paths(&tables));
    let shown: Vec<_> = (1..9).map(|n| format!("https://n{n:02}.example")).collect();
    let line = format!(
        "/a, /b, every other path\n+ {} and 3 more may now read responses without credentials\n",
        shown.join(", ")
    );
    let (status, said) = text(&old, &new)?;
    assert_eq!(
        (status, said.matches(&line).count()),
        (Some(1), 1),
        "{said}"
    );
    Ok(())
}
