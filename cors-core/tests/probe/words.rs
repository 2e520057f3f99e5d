//! What a finding and a report say.

use cors_core::Policy;
use cors_core::probe::Probe;

use super::{APP, Result, config, is_preflight, kinds, run};

#[test]
fn a_finding_says_everything() -> Result {
    let policy = Policy::builder()
        .allow_origins([APP])
        .allow_methods(["PUT"])
        .build()?;
    let requests = Probe::of(policy).route("PUT", "/notes/1").requests()?;
    let mut requests = requests.iter().filter(|request| is_preflight(request));
    let request = requests.next().ok_or("a preflight")?;
    let [finding] = &request.judge(401, [("www-authenticate", "Bearer")])[..] else {
        return Err("one finding".into());
    };
    let expected = finding.expected();
    assert_eq!(expected.status(), 204);
    let allowed = expected.headers().get("access-control-allow-origin");
    assert_eq!(allowed.as_deref(), Some(APP.as_bytes()));
    assert_eq!(
        finding.to_string(),
        "preflight for PUT /notes/1 from https://app.example.com: a preflight needs a login\n  \
         sent:       OPTIONS /notes/1, accept: \"*/*\", access-control-request-method: \"PUT\", \
         origin: \"https://app.example.com\"\n  \
         came back:  401 without CORS headers\n  \
         the policy: 204, access-control-allow-origin: \"https://app.example.com\", \
         access-control-allow-methods: \"PUT\", \
         vary: \"Origin, Access-Control-Request-Method, Access-Control-Request-Headers\"\n  \
         a browser:  does not send the request: the response has no Access-Control-Allow-Origin\n  \
         remedy:     put the CORS layer around the login check: a preflight never has a login"
    );
    Ok(())
}

#[test]
fn a_report_has_each_kind_once_in_full() -> Result {
    let report = run(&config().build()?.into(), |_, right| {
        right.without("access-control-")
    })?;
    let text = report.to_string();
    assert!(report.iter().count() > kinds(&report).len() + 6);
    assert_eq!(
        text.matches("remedy:").count(),
        kinds(&report).len(),
        "{text}"
    );
    assert!(
        text.contains("\n  also:       PUT /notes/1 from https://app.example.com"),
        "{text}"
    );
    assert!(text.contains(" more"), "{text}");
    Ok(())
}

/// The browser model judges in the policy's credentials mode.
#[test]
fn a_browser_reads_the_response_as_the_policy_means_it() -> Result {
    let says = |credentials| -> Result<String> {
        let mut config = config();
        config.allow_credentials = credentials;
        let requests = Probe::of(config.build()?).requests()?;
        let request = requests.first().ok_or("a request")?;
        let findings = request.judge(200, [("access-control-allow-origin", "*")]);
        Ok(findings.first().ok_or("a finding")?.browser())
    };
    assert_eq!(says(false)?, "lets the page read the response");
    assert_eq!(
        says(true)?,
        "does not let the page read the response: Access-Control-Allow-Origin is *, which allows \
         no request with credentials"
    );
    Ok(())
}
