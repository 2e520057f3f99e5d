//! What is exported, in the real proxies, in front of the test app.
//!
//! The proxies are those of the variables `ENVOY` and `NGINX`, or of the path.

mod configuration;
mod engine;
mod hosts;
mod judge;
mod policies;
#[path = "../policy_files/mod.rs"]
mod policy_files;

use std::error::Error;

use conformance_servers::Framework;
use conformance_servers::serve::Server;
use cors_core::{PolicyMap, PolicyMapConfig};
use proptest::prelude::*;

use self::engine::{Engine, Kind, export, validate};
use self::judge::{Finding, Otherwise};
use self::policies::{CASES, Case, OF_NGINX};
use self::policy_files::check_some;

type Tested = Result<(), Box<dyn Error>>;

/// The app stands behind the proxy without a policy of its own.
const NO_POLICY: &str = "[[paths]]\npath = \"/{*rest}\"\nenabled = false\n";

/// What a proxy, or the app, does in its own manner, with the reason. None of it gives a page
/// anything.
fn reason(kind: Kind, policies: &PolicyMap, finding: &Finding) -> Option<&'static str> {
    let Finding {
        path, is_preflight, ..
    } = finding;
    let is_preflight = *is_preflight;
    let answers_any = policies.policy(path).is_some_and(|policy| {
        let config = policy.config();
        !config.allow_credentials && config.allow_origins.iter().any(|item| item == "*")
    });
    let passes_preflights = policies
        .policy(path)
        .is_some_and(|policy| policy.config().preflight_passthrough);
    let lists_no_method = policies
        .policy(path)
        .is_some_and(|policy| policy.config().allow_methods.is_empty());
    match (kind, &*finding.kind) {
        (Kind::Envoy, "VaryLacking") if is_preflight => {
            Some("Envoy's filter writes no Vary, and the route's headers are not on its answers")
        }
        (Kind::Envoy, "PreflightReachedTheApp" | "Unnoticed") => {
            Some("Envoy's filter answers every preflight with 200; the app is not called")
        }
        (Kind::Nginx, "BlockedAnyway") if passes_preflights => {
            Some("the app's own routes without OPTIONS, under preflight_passthrough")
        }
        (_, "ServerError") => Some("the app's own /boom"),
        (Kind::Envoy, "StrayHeaders") if is_preflight => {
            Some("Envoy's filter leaves out nothing but the origin where that is refused")
        }
        (
            Kind::Envoy,
            "OtherOrigin"
            | "NoHeaders"
            | "NoHeadersOnMissingRoute"
            | "NoHeadersOnServerError"
            | "NoHeadersOnRedirect",
        ) if answers_any => Some("Envoy's filter names the origin for \"*\", and needs one"),
        (Kind::Envoy, "OtherPermissions") if is_preflight && lists_no_method => {
            Some("Envoy's filter has one list of methods for all that a preflight may ask for")
        }
        _ => None,
    }
}

/// Returns whether a path can be read in more ways than one. It has no permission at the proxy.
fn is_ambiguous(path: &str) -> bool {
    let path = path.to_ascii_uppercase();
    let escapes = ["%2F", "%25", "%3B", "%5C"];
    path.contains([';', '\\']) || escapes.iter().any(|escape| path.contains(escape))
}

/// Exports a policy, starts the proxy with it, and judges.
fn judge(kind: Kind, case: &Case) -> Tested {
    let config: PolicyMapConfig = toml::from_str(case.policy)?;
    let policies = config.build()?;
    let app = Server::start_toml(Framework::Hyper.app(), NO_POLICY)?;
    let exported = export(kind, case.policy, false)?;
    let engine = Engine::start(kind, &exported, app.address())?;
    let mut wrong: Vec<_> = judge::findings(case.policy, &policies, engine.address)?
        .iter()
        .filter(|finding| reason(kind, &policies, finding).is_none())
        .map(|finding| finding.text.clone())
        .collect();
    let (count, otherwise) = judge::pages(&policies, case.origins, engine.address, app.address())?;
    let unexpected = otherwise.iter();
    // The proxies' own parsers refuse a method of such a name with 400.
    let is_known = |other: &&Otherwise| is_ambiguous(&other.path) || other.method == "*";
    let unexpected = unexpected.filter(|other| other.is_wider || !is_known(other));
    wrong.extend(unexpected.map(|other| other.what.clone()));
    wrong.extend(hosts::otherwise(&policies, engine.address)?);
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

/// No name and no origin breaks out of its quotes.
#[test]
#[ignore = "needs Envoy and nginx"]
fn the_proxies_accept_what_is_exported() -> Tested {
    check_some(40, |policy, _| {
        for kind in Kind::ALL {
            let exported = export(kind, policy, true).expect("it is exported");
            if let Err(error) = validate(kind, &exported) {
                prop_assert!(false, "{}\n{}", error, policy);
            }
        }
        Ok(())
    })
}
