//! What is exported, in the real proxies, in front of the test app.
//!
//! The proxies are those of the variables `ENVOY` and `NGINX`, or of the path.

mod configuration;
mod engine;
mod judge;
mod policies;

use std::error::Error;

use conformance_servers::Framework;
use conformance_servers::serve::Server;
use cors_core::probe::{Finding, FindingKind};
use cors_core::{PolicyMap, PolicyMapConfig};
use proptest::prelude::*;

use self::engine::{Engine, Kind, export, validate};
use self::policies::{CASES, Case, OF_NGINX};

type Tested = Result<(), Box<dyn Error>>;

/// The app stands behind the proxy without a policy of its own.
const NO_POLICY: &str = "[[paths]]\npath = \"/{*rest}\"\nenabled = false\n";

/// What a proxy, or the app, does in its own manner, with the reason. None of it gives a page anything.
fn reason(kind: Kind, policies: &PolicyMap, finding: &Finding) -> Option<&'static str> {
    use FindingKind as F;
    let is_preflight = finding.request().method() == "OPTIONS";
    let path = finding.request().path();
    let answers_any = policies.policy(path).is_some_and(|policy| {
        let config = policy.config();
        !config.allow_credentials && config.allow_origins.iter().any(|item| item == "*")
    });
    let lists_no_method = policies
        .policy(path)
        .is_some_and(|policy| policy.config().allow_methods.is_empty());
    match (kind, finding.kind()) {
        (Kind::Envoy, F::VaryLacking) if is_preflight => {
            Some("Envoy's filter writes no Vary, and the route's headers are not on its answers")
        }
        (Kind::Envoy, F::PreflightReachedTheApp) => Some(
            "Envoy's filter answers every preflight with 200; the judge sees that the app is not called",
        ),
        (_, F::ServerError) => Some("the app's own /boom"),
        (Kind::Envoy, F::StrayHeaders) if is_preflight => {
            Some("Envoy's filter leaves out nothing but the origin where that is refused")
        }
        (
            Kind::Envoy,
            F::OtherOrigin
            | F::NoHeaders
            | F::NoHeadersOnMissingRoute
            | F::NoHeadersOnServerError
            | F::NoHeadersOnRedirect,
        ) if answers_any => Some("Envoy's filter names the origin for \"*\", and needs one"),
        (Kind::Envoy, F::OtherPermissions) if is_preflight && lists_no_method => {
            Some("Envoy's filter has one list of methods for all that a preflight may ask for")
        }
        _ => None,
    }
}

/// Exports a policy, starts the proxy with it, and judges.
fn judge(kind: Kind, case: &Case) -> Tested {
    let config: PolicyMapConfig = toml::from_str(case.policy)?;
    let policies = config.build()?;
    let app = Server::start_toml(Framework::Hyper.app(), NO_POLICY)?;
    let exported = export(kind, case.policy, false)?;
    let engine = Engine::start(kind, &exported, app.address())?;
    let mut wrong: Vec<_> = judge::findings(&policies, engine.address)?
        .iter()
        .filter(|finding| reason(kind, &policies, finding).is_none())
        .map(ToString::to_string)
        .collect();
    let (count, otherwise) = judge::pages(&policies, case.origins, engine.address, app.address())?;
    // Paths that can be read in more ways than one have no permission at the proxy.
    let is_ambiguous = |path: &str| {
        path.contains([';', '\\'])
            || path.contains("%2F")
            || path.contains("%25")
            || path.contains("%3B")
            || path.contains("%5C")
    };
    let unexpected = otherwise.iter();
    let unexpected = unexpected.filter(|other| other.is_wider || !is_ambiguous(&other.path));
    wrong.extend(unexpected.map(|other| other.what.clone()));
    assert!(count > 100, "{}: {count} requests", case.name);
    assert!(
        wrong.is_empty(),
        "{kind:?}, {}: {} wrong\n{}\n{exported}",
        case.name,
        wrong.len(),
        wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n")
    );
    Ok(())
}

#[test]
#[ignore = "needs Envoy"]
fn envoy_holds_what_is_exported() -> Tested {
    CASES.iter().try_for_each(|case| judge(Kind::Envoy, case))
}

#[test]
#[ignore = "needs nginx"]
fn nginx_holds_what_is_exported() -> Tested {
    let mut cases = CASES.iter().chain(OF_NGINX);
    cases.try_for_each(|case| judge(Kind::Nginx, case))
}

/// A name with every character that names may have.
const NASTY: &str = "[a-z0-9!#$%&'*+.^_`|~-]{0,8}[a-z0-9!#$%&'+.^_`|~-]";

/// A policy file: whatever can be in one, and some of it that is hard to quote.
fn policy() -> impl Strategy<Value = String> {
    let origins = proptest::sample::subsequence(
        vec![
            "https://app.example.com",
            "http://localhost:*",
            "https://*.example.com:8000-9123",
            "web+app.x://a_b~c",
            "app://.",
            "http://10.*.*.*",
            "http://[::1]:*",
            "file://",
            "moz-extension://*:*",
            "*",
        ],
        0..6,
    );
    let regexes = proptest::sample::subsequence(
        vec![
            r"https://(?:a|b-\d+)\.example\.com",
            r"(?i)https://x\.example\.com",
            r"https://[^./]+\.example\.com(?::\d{4,5})?",
            r"(?-u:\w+)://local\.example\.com",
            r#"https://a[!-~&&[^"'$\\]]\.example\.com"#,
        ],
        0..4,
    );
    let names = || proptest::collection::vec(NASTY, 0..4);
    let paths = proptest::sample::subsequence(
        vec![
            "/api/{*rest}",
            "/api/{id}/x",
            "/a'$b|c",
            "/caf%C3%A9",
            "/%22%5E",
            "/{a}/{b}/{*c}",
            "/",
        ],
        0..4,
    );
    let switches = (
        any::<bool>(),
        any::<bool>(),
        proptest::option::of(0..86_400_u32),
    );
    (origins, regexes, names(), names(), names(), paths, switches).prop_map(
        |(origins, regexes, methods, headers, exposed, paths, (private, null, age))| {
            let mut table = toml::Table::new();
            let mut set = |key: &str, value: toml::Value| table.insert(key.to_owned(), value);
            set("allow_origins", origins.into());
            set("allow_origin_regexes", regexes.into());
            set("allow_methods", methods.into());
            set("allow_headers", headers.into());
            set("expose_headers", exposed.into());
            set("allow_private_network", private.into());
            set("allow_null_origin", null.into());
            if let Some(age) = age {
                set("max_age", i64::from(age).into());
            }
            let paths = paths.into_iter().map(|path| {
                let mut table = toml::Table::new();
                table.insert("path".to_owned(), path.into());
                table.insert("max_age".to_owned(), 1.into());
                toml::Value::Table(table)
            });
            set("paths", toml::Value::Array(paths.collect()));
            toml::to_string(&table).expect("it is TOML")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 20, ..ProptestConfig::default() })]

    /// No name and no origin breaks out of its quotes.
    #[test]
    #[ignore = "needs Envoy and nginx"]
    fn the_proxies_accept_what_is_exported(policy in policy()) {
        let config: PolicyMapConfig = toml::from_str(&policy).expect("it is a policy file");
        prop_assume!(config.build().is_ok());
        for kind in Kind::ALL {
            let exported = export(kind, &policy, true).expect("it is exported");
            if let Err(error) = validate(kind, &exported) {
                prop_assert!(false, "{}\n{}", error, policy);
            }
        }
    }
}
