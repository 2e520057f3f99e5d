//! Settings that can't be tried.

use super::run::{Said, Tested, diff};

const OLD: &str = "allow_origins = [\"https://app.example.com\"]\nallow_credentials = true\n";

fn has_setting(said: &Said, setting: &str) -> bool {
    said.list("settings")
        .iter()
        .any(|line| line["setting"] == setting)
}

/// Holds where a setting is named with both of its values, and counts as is said in both
/// directions.
fn assert_named(old: &str, new: &str, setting: [&str; 3], widens: [bool; 2]) -> Tested {
    let [key, before, after] = setting;
    for (said, values, widens) in [
        (diff(old, new)?, [before, after], widens[0]),
        (diff(new, old)?, [after, before], widens[1]),
    ] {
        let setting = format!("{key}: {} -> {}", values[0], values[1]);
        assert!(has_setting(&said, &setting), "{setting}\n{:#}", said.0);
        assert_eq!(said.widens(), widens, "{setting}\n{:#}", said.0);
    }
    Ok(())
}

#[test]
fn what_is_no_permission_is_named_and_counts_for_nothing() -> Tested {
    for [key, before, after] in [
        ["max_age", "none", "60"],
        ["preflight_status", "204", "200"],
        ["preflight_refusal_status", "403", "400"],
        ["check_public_suffixes", "false", "true"],
        [
            "dangerously_allow_insecure_origins_with_credentials",
            "false",
            "true",
        ],
    ] {
        let new = format!("{OLD}{key} = {after}\n");
        assert_named(OLD, &new, [key, before, after], [false, false])?;
    }
    let new = format!("{OLD}[shadow]\nallow_origins = [\"*\"]\nallow_credentials = false\n");
    let said = diff(OLD, &new)?;
    assert!(
        has_setting(&said, "shadow") && !said.widens(),
        "{:#}",
        said.0
    );
    Ok(())
}

#[test]
fn what_depends_on_the_app_or_on_the_browser_counts_as_wider() -> Tested {
    for (key, widens) in [
        ("allow_private_network", [true, false]),
        // The app's own headers may allow more, and less.
        ("keep_app_headers", [true, true]),
        // The app may fail preflights, and gets those of every page.
        ("preflight_passthrough", [true, true]),
    ] {
        let new = format!("{OLD}{key} = true\n");
        assert_named(OLD, &new, [key, "false", "true"], widens)?;
    }
    Ok(())
}

const REGEX: &str = "allow_origin_regexes = ['https://[a-z]+\\.preview\\.example']\n";

#[test]
fn regular_expressions_that_differ_count_as_wider() -> Tested {
    let old = format!("{OLD}{REGEX}");
    let other = old.replace("[a-z]+", "[a-c]+");
    for (old, new, widens) in [
        (&old[..], &other[..], true),
        (&other, &old, true),
        (OLD, &old, true),
        (&old, OLD, false),
    ] {
        let said = diff(old, new)?;
        assert_eq!(said.widens(), widens, "{:#}", said.0);
    }
    let who = "pages whose origin matches https://[a-z]+\\.preview\\.example";
    let may = "read responses with credentials";
    assert!(diff(OLD, &old)?.has("wider", ["every path", who, may]));
    Ok(())
}

#[test]
fn what_an_expression_allows_in_part_is_no_reason_to_call_a_pattern_the_same() -> Tested {
    let old = format!("{OLD}{REGEX}");
    let new = old.replace("com\"]", "com\", \"https://*.preview.example\"]");
    let line = [
        "every path",
        "https://*.preview.example",
        "read responses with credentials",
    ];
    let said = diff(&old, &new)?;
    assert!(said.widens() && said.has("wider", line), "{:#}", said.0);
    let one = old.replace("com\"]", "com\", \"https://a.preview.example\"]");
    assert!(diff(&old, &one)?.is_empty());
    Ok(())
}

#[test]
fn the_pages_of_an_expression_gain_what_all_others_do() -> Tested {
    let who = "pages whose origin matches https://[a-z]+\\.preview\\.example";
    let said = diff(REGEX, &format!("{REGEX}allow_methods = [\"PUT\"]\n"))?;
    assert!(said.has("wider", ["every path", who, "send PUT without credentials"]));
    let said = diff(REGEX, &format!("{REGEX}allow_credentials = true\n"))?;
    assert!(said.has(
        "wider",
        ["every path", who, "read responses with credentials"]
    ));
    assert!(!diff(&format!("{REGEX}allow_credentials = true\n"), REGEX)?.widens());
    Ok(())
}

/// Without credentials, expressions are for plain-http pages too.
#[test]
fn credentials_keep_plain_http_pages_out() -> Tested {
    let without = REGEX.replace("https:", "https?:");
    let with = format!("{without}allow_credentials = true\n");
    let who = "plain-http pages whose origin matches https?://[a-z]+\\.preview\\.example";
    let said = diff(&with, &without)?;
    let line = ["every path", who, "read responses without credentials"];
    assert!(said.widens() && said.has("wider", line), "{:#}", said.0);
    Ok(())
}

#[test]
fn a_dangerous_switch_beside_expressions_counts_as_wider() -> Tested {
    let old = format!("{OLD}{REGEX}");
    for key in [
        "insecure_origins",
        "private_networks",
        "any_origin",
        "null_origin",
    ] {
        let key = format!("dangerously_allow_{key}_with_credentials");
        let new = format!("{old}{key} = true\n");
        assert_named(&old, &new, [&key, "false", "true"], [true, false])?;
    }
    Ok(())
}

#[test]
fn an_expression_is_compared_with_an_item_however_it_is_written() -> Tested {
    let expression = r"allow_origin_regexes = ['https://a\.example\.com']";
    let written = |item: &str| format!("allow_origins = [\"{item}\"]");
    let items = ["https://a.example.com", "HTTPS://A.Example.com:443"].map(written);
    for said in [
        items.each_ref().map(|item| diff(expression, item)),
        items.each_ref().map(|item| diff(item, expression)),
    ] {
        let [plain, other] = said;
        assert_eq!(plain?, other?);
    }
    Ok(())
}
