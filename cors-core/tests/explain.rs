//! Explanations: one sentence a refusal, with the way out, and foreign text made harmless.

mod support;

use cors_core::{Policy, PolicyErrors, Refusal};
use support::Request;

type Result = std::result::Result<(), PolicyErrors>;

#[test]
fn each_refusal_says_what_failed_against_what_and_what_to_change() -> Result {
    let policy = Policy::builder()
        .allow_origins([
            "https://app.example.com",
            "https://*.example.org",
            "http://localhost:*",
        ])
        .allow_methods(["PUT", "PATCH"])
        .allow_headers(["content-type"])
        .build()?;
    let preflight = |method| Request::preflight("https://app.example.com", method);
    for (request, expected) in [
        (
            Request::get("https://evil.example"),
            "actual request refused: the policy allows no origin \"https://evil.example\". \
             To allow it, add \"https://evil.example\" to allow_origins.",
        ),
        (
            Request::get("http://a.example.org:8080"),
            "actual request refused: the policy allows no origin \"http://a.example.org:8080\" \
             (it allows \"https://a.example.org\"). \
             To allow it, add \"http://a.example.org:8080\" to allow_origins.",
        ),
        (
            Request::get("null"),
            "actual request refused: the policy does not allow the origin \"null\". \
             Any site can take this origin. To allow it all the same, write \
             allow_null_origin = true.",
        ),
        (
            Request::get("https://app.example.com/"),
            "actual request refused: Origin \"https://app.example.com/\" is not one serialized \
             origin: its host is not made of valid lower-case labels. \
             Browsers send no such value, and no policy takes it; correct the client.",
        ),
        (
            preflight("patch"),
            "preflight refused: the policy does not allow the method \"patch\" \
             (it lists PATCH; methods are case-sensitive). \
             Write it in upper case in the page.",
        ),
        (
            preflight("DELETE"),
            "preflight refused: the policy does not allow the method \"DELETE\" \
             (it lists \"PUT, PATCH\"). To allow it, add \"DELETE\" to allow_methods.",
        ),
        (
            preflight("PUT").asking_for("content-type, X-Token"),
            "preflight refused: the policy does not allow the request header \"X-Token\" \
             (it lists \"content-type\"). To allow it, add \"x-token\" to allow_headers.",
        ),
        (
            preflight("PUT"),
            "preflight allowed: allow_origins lists \"https://app.example.com\".",
        ),
        (
            Request::new("GET"),
            "not a CORS request: there is no Origin header, so the app answers as usual.",
        ),
    ] {
        assert_eq!(policy.explain(&request).to_string(), expected);
    }
    Ok(())
}

#[test]
fn a_wildcard_that_does_not_cover_authorization_says_so() -> Result {
    let policy = Policy::builder()
        .allow_origins(["*"])
        .allow_headers(["*"])
        .build()?;
    let request = Request::preflight("https://a.example", "GET").asking_for("authorization");
    let explanation = policy.explain(&request);
    assert_eq!(
        explanation.decision().refusal(),
        Some(Refusal::HeaderNotAllowed)
    );
    assert_eq!(explanation.value(), Some(&b"authorization"[..]));
    assert_eq!(
        explanation.reason(),
        "the policy does not allow the request header \"authorization\" (it lists \"*\", which \
         does not cover it)"
    );
    assert_eq!(
        explanation.remedy(),
        Some("To allow it, add \"authorization\" to allow_headers.")
    );
    Ok(())
}

/// No list can allow it: with credentials it would be repeated, and read as a wildcard.
#[test]
fn a_wildcard_that_is_asked_for_has_no_remedy_with_credentials() -> Result {
    let policy = Policy::builder()
        .allow_origins(["https://a.example"])
        .allow_methods(["*"])
        .allow_headers(["*"])
        .allow_credentials(true)
        .build()?;
    for request in [
        Request::preflight("https://a.example", "*"),
        Request::preflight("https://a.example", "GET").asking_for("*"),
    ] {
        let explanation = policy.explain(&request);
        assert_eq!(explanation.value(), Some(&b"*"[..]));
        let remedy = explanation.remedy().unwrap_or_default();
        assert!(remedy.starts_with("No policy with credentials"), "{remedy}");
    }
    Ok(())
}

#[test]
fn the_value_is_the_one_that_failed_or_nothing() -> Result {
    let policy = Policy::builder()
        .allow_origins(["https://a.example"])
        .allow_headers(["x-a"])
        .build()?;
    let preflight = |method| Request::preflight("https://a.example", method);
    let method = "access-control-request-method";
    for (request, value) in [
        (Request::get("https://b.example"), "https://b.example"),
        (
            Request::get("https://b.example").with("origin", "https://c.example"),
            "",
        ),
        (preflight("PUT"), "PUT"),
        (preflight("GET").with(method, "GET"), ""),
        (preflight("GET").asking_for("x-a, x-b"), "x-b"),
        (preflight("GET").asking_for("x-a".repeat(9_000)), ""),
        (
            preflight("GET").asking_for(format!("x-a{}", ",".repeat(100))),
            "",
        ),
    ] {
        let explanation = policy.explain(&request);
        assert_eq!(explanation.value(), Some(value.as_bytes()), "{explanation}");
    }
    assert_eq!(policy.explain(&preflight("GET")).value(), None);
    Ok(())
}

#[test]
fn the_way_out_is_one_that_a_policy_can_go() -> Result {
    let remedy = |credentials, origin: &str| {
        let policy = Policy::builder().allow_credentials(credentials).build()?;
        let explanation = policy.explain(&Request::get(origin));
        Ok::<_, PolicyErrors>(explanation.remedy().unwrap_or_default().to_owned())
    };
    let to_allow = |origin: &str, switch: &str| {
        format!("To allow it, add \"{origin}\" to allow_origins{switch}.")
    };
    let long = format!("https://{}example.com", "a.".repeat(100));
    for origin in ["https://a.example", "http://localhost:1", &long] {
        assert_eq!(remedy(true, origin)?, to_allow(origin, ""));
    }
    for (origin, switch) in [
        ("http://a.example", "insecure_origins"),
        ("http://192.168.1.5", "private_networks"),
        ("file://", "null_origin"),
    ] {
        let key = format!("dangerously_allow_{switch}_with_credentials");
        let and_switch = format!(", and write {key} = true");
        assert_eq!(remedy(false, origin)?, to_allow(origin, ""));
        assert_eq!(remedy(true, origin)?, to_allow(origin, &and_switch));
        // The item and the switch are all that is needed; with the switch on, the item is.
        let with = |insecure, private, null| {
            Policy::builder()
                .allow_credentials(true)
                .dangerously_allow_insecure_origins_with_credentials(insecure)
                .dangerously_allow_private_networks_with_credentials(private)
                .dangerously_allow_null_origin_with_credentials(null)
        };
        for switches in 0..8 {
            let [insecure, private, null] = [1, 2, 4].map(|bit| switches & bit != 0);
            let is_built = with(insecure, private, null)
                .allow_origins([origin])
                .build()
                .is_ok();
            let policy = with(insecure, private, null).build()?;
            let explanation = policy.explain(&Request::get(origin));
            let expected = to_allow(origin, if is_built { "" } else { &and_switch });
            assert_eq!(
                explanation.remedy(),
                Some(&*expected),
                "{origin} {switches}"
            );
        }
    }
    // No policy can list it.
    let websocket = remedy(false, "wss://a.example")?;
    assert!(websocket.ends_with("correct the client."), "{websocket}");
    Ok(())
}

#[test]
fn a_pattern_for_any_host_of_a_scheme_is_named() -> Result {
    let policy = Policy::builder()
        .allow_origins(["moz-extension://*"])
        .build()?;
    let explanation = policy.explain(&Request::get("moz-extension://6a1e"));
    let reason = "allow_origins has a pattern for any host, as in \"moz-extension://6a1e\"";
    assert_eq!(explanation.reason(), reason);
    let explanation = policy.explain(&Request::get("moz-extension://6a1e:80"));
    let near_miss = "(it allows \"moz-extension://6a1e\")";
    assert!(explanation.reason().ends_with(near_miss), "{explanation}");
    Ok(())
}

#[test]
fn a_same_origin_request_needs_no_permission() -> Result {
    let policy = Policy::builder().build()?;
    let post = Request::new("POST").with("origin", "https://a.example");
    let own = policy.explain(&post.clone().with("host", "a.example"));
    assert_eq!(
        own.remedy(),
        Some(
            "Nothing is to be changed: the page is of the server itself, and needs no permission."
        )
    );
    assert_eq!(
        own.to_string(),
        "actual request of the server's own page: the policy allows no origin \"https://a.example\". \
         Nothing is to be changed: the page is of the server itself, and needs no permission."
    );
    let other = policy.explain(&post.clone().with("host", "b.example"));
    assert!(
        other
            .remedy()
            .is_some_and(|it| it.starts_with("To allow it"))
    );
    // The browser knows better than a comparison of hosts.
    let from_http = post
        .with("host", "a.example")
        .with("sec-fetch-site", "cross-site");
    let remedy = policy.explain(&from_http).remedy().map(str::to_owned);
    assert!(remedy.is_some_and(|it| it.starts_with("To allow it")));
    Ok(())
}

#[test]
fn nothing_foreign_reaches_a_log_raw() -> Result {
    let policy = Policy::builder()
        .allow_origins(["https://a.example"])
        .build()?;
    let hostile = b"https://a\x1b[2J\n\xff\xe2\x80\xae\"/".repeat(1_000);
    for request in [
        Request::new("GET").with("origin", &hostile),
        Request::new("GET").with("origin", &hostile[..60]),
        Request::preflight("https://a.example", "GET").asking_for(&hostile[..4_000]),
        Request::new("OPTIONS")
            .with("origin", "https://a.example")
            .with("access-control-request-method", &hostile[..4_000]),
    ] {
        let text = policy.explain(&request).to_string();
        assert!(
            text.bytes().all(|byte| matches!(byte, b' '..=b'~')),
            "{text}"
        );
        assert!(text.len() < 1_200, "{} bytes", text.len());
    }
    Ok(())
}
