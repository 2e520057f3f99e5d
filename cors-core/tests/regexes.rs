//! Which regular expressions make a policy, and what is said about the others. The expressions are
//! the commonest ones of public repositories, in the settings of django-cors-headers, Starlette,
//! flask-cors, nelmio/cors-bundle, fruitcake/laravel-cors, Spring and the `cors` of npm; domains of
//! one project are replaced by example.com.
#![cfg(feature = "regex")]

use cors_core::{Policy, PolicyBuilder, PolicyErrors, ProblemKind};

/// What is expected of an expression.
enum Verdict {
    /// It means what it says.
    Right,
    /// With credentials it is a problem, since all that it matches is plain http.
    Insecure,
    /// With credentials it is a problem where public suffixes are checked.
    PublicSuffix,
    AnyOrigin,
    Foreign,
    NoOrigin,
    /// The same, and what is left is an expression for origins.
    Trimmed(&'static str),
    Item(&'static str),
    Glob(&'static str),
    Dot(&'static str),
    Invalid,
}
use Verdict::*;

const EXPRESSIONS: &[(&str, Verdict, &str)] = &[
    // The own machine.
    (
        r"^https?://(localhost|127\.0\.0\.1)(:\d+)?$",
        Right,
        "loopback, any port",
    ),
    (
        r"^https?://(localhost|127\.0\.0\.1)(:[0-9]+)?$",
        Right,
        "the default of nelmio/cors-bundle",
    ),
    (
        r"https?://(?:localhost|127\.0\.0\.1)(?::\d+)?",
        Right,
        "the same without anchors",
    ),
    (
        r"^https?://(localhost|127[.]0[.]0[.]1)(:[0-9]+)?$",
        Right,
        "dots in classes",
    ),
    (
        r"http://(localhost|127\.0\.0\.1):\d+",
        Right,
        "plain http, but loopback",
    ),
    (
        r"^http://127\.0\.0\.1(:\d+)?$",
        Right,
        "plain http, but loopback",
    ),
    (r"http://localhost:\d+", Right, "any port"),
    (
        r"^http:\/\/localhost:*([0-9]+)?$",
        Right,
        "a colon too many is in no origin",
    ),
    (
        r"^(https?://)?localhost:?[\d]*?$",
        Right,
        "an origin without a scheme does not exist",
    ),
    (
        r"^https?://(localhost|127\.0\.0\.1):517[3-9]$",
        Right,
        "some ports",
    ),
    (
        r"^https?://(.*\.)?localhost(:\d+)?$",
        Right,
        "names below localhost",
    ),
    (
        r"^.*\.localhost:\d+$",
        Right,
        "any scheme, names below localhost",
    ),
    (
        r"^https?:\/\/(?:(?:[^:]+\.)?localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$",
        Right,
        "the default of Vite",
    ),
    (r"^localhost:\d+$", NoOrigin, "no scheme"),
    (
        "http://localhost:8000",
        Item("http://localhost:8000"),
        "an origin",
    ),
    (
        "^http://localhost:5173$",
        Item("http://localhost:5173"),
        "an origin between anchors",
    ),
    (
        "http://localhost:*",
        Item("http://localhost:*"),
        "a pattern: any number of colons",
    ),
    (
        "localhost:3000",
        Item("http://localhost:3000"),
        "an origin without its scheme",
    ),
    (
        r"^http://127.0.0.1:\d+$",
        Dot(r"^http://127\.0\.0\.1:\d+$"),
        "127a0b0c1 is a host too",
    ),
    (
        r"^(https?://)?127.0.0.1:?[\d]*?$",
        Dot(r"^(https?://)?127\.0\.0\.1:?[\d]*?$"),
        "the same",
    ),
    // The local network.
    (
        r"^http://192\.168\.\d{1,3}\.\d{1,3}(:\d+)?$",
        Insecure,
        "never served with credentials",
    ),
    (
        r"^http://10\.\d+\.\d+\.\d+$",
        Insecure,
        "never served with credentials",
    ),
    (
        r"^http://(192\.168|10)\.\d+\.\d+\.\d+(:\d+)?$",
        Insecure,
        "never served with credentials",
    ),
    (
        concat!(
            r"^https?://(localhost|127\.0\.0\.1|192\.168\.\d{1,3}\.\d{1,3}",
            r"|10\.\d{1,3}\.\d{1,3}\.\d{1,3}",
            r"|172\.(1[6-9]|2\d|3[0-1])\.\d{1,3}\.\d{1,3})(:\d+)?$",
        ),
        Right,
        "loopback and https are served with credentials",
    ),
    (
        "http://192.168.*",
        Item("http://192.168.*.*"),
        "http://192.168.notyours.com",
    ),
    // Hosters, where anybody gets a name.
    (
        r"https://.*\.vercel\.app",
        PublicSuffix,
        "every site of the hoster",
    ),
    (
        r"^https:\/\/.*\.vercel\.app$",
        PublicSuffix,
        "slashes need no escape, and may have one",
    ),
    (
        r"^https://\w+\.netlify\.app$",
        PublicSuffix,
        "every site of the hoster",
    ),
    (
        r"^https://.*\.github\.io$",
        PublicSuffix,
        "every site of the hoster",
    ),
    (
        r"^https://.*\.onrender\.com$",
        PublicSuffix,
        "every site of the hoster",
    ),
    (
        r"^https://([a-z0-9-]+\.)?vercel\.app$",
        PublicSuffix,
        "every site of the hoster",
    ),
    (
        r"^https://([a-z0-9-]+\.)?(netlify\.app|vercel\.app)$",
        PublicSuffix,
        "every site of two hosters",
    ),
    (
        r"https://.*\.vercel\.app|http://localhost:3000",
        PublicSuffix,
        "one of the alternatives is enough",
    ),
    (
        r"^https://my-app-[a-z0-9]+-my-team\.vercel\.app$",
        PublicSuffix,
        "anybody can register my-app-notyours-my-team",
    ),
    (
        r"^https://my-app.*\.vercel\.app$",
        PublicSuffix,
        "anybody can register my-app-notyours",
    ),
    (
        r"^https:\/\/my-app-pr-\d+\.herokuapp\.com$",
        PublicSuffix,
        "anybody can register my-app-pr-90417",
    ),
    (
        r"^https://([a-z0-9-]+\.)?my-app\.pages\.dev$",
        Right,
        "below a name that is registered",
    ),
    (
        r"https://[a-z0-9-]+.my-app.vercel.app",
        Dot(r"https://[a-z0-9-]+\.my-app\.vercel\.app"),
        "after the class, too, it stands for any character",
    ),
    (
        r"^https://.*\\.vercel\\.app$",
        NoOrigin,
        "escaped twice: a backslash is in no origin",
    ),
    // A domain.
    (
        r"^https://\w+\.example\.com$",
        Right,
        "the sample of django-cors-headers",
    ),
    (
        r"https://.*\.example\.com",
        Right,
        "the sample of Starlette",
    ),
    (r"^https://[a-z]+\.example\.com$", Right, "one label"),
    (
        r"^https:\/\/([a-z0-9-]+\.)*example\.com$",
        Right,
        "the domain and all below",
    ),
    (
        r"^https://(www\.)?example\.com$",
        Right,
        "with www or without",
    ),
    (
        r"^https://(?:[a-zA-Z0-9-]+\.)+example\.(dev|com)$",
        Right,
        "two domains",
    ),
    (
        r"^(https?://)?([\w\.-]*?)\.example\.com:?[\d]*?$",
        Right,
        "whatever is before the dot",
    ),
    (
        r"^https?:\/\/(localhost(:\d{4})?|app\.example\.com)$",
        Right,
        "two hosts",
    ),
    (
        r"^https://\d+\.labs\.example\.org$",
        Right,
        "numbered names below the own one",
    ),
    (
        r"^chrome-extension://.*$",
        Right,
        "ids are made anew per installation",
    ),
    (
        r"https://.*example\.com",
        Foreign,
        "https://notyoursexample.com",
    ),
    (
        r".*\.example\.com.*",
        Foreign,
        "https://a.example.com.notyours.com",
    ),
    (
        r"https://example.*\.com",
        Foreign,
        "https://examplenotyours.com",
    ),
    (r"https://example\..*", Foreign, "https://example.notyours"),
    (
        r"https://.*\.com",
        Foreign,
        "every site of a top-level domain",
    ),
    (
        r"https://[\w-]+\.co\.uk",
        Foreign,
        "every site of a country",
    ),
    (r"http://.*:3000", Foreign, "every site, at one port"),
    (
        "https://example.com",
        Item("https://example.com"),
        "an origin",
    ),
    (
        "^https://example.com/$",
        Item("https://example.com"),
        "a URL",
    ),
    (
        "https://*.example.com",
        Item("https://*.example.com"),
        "a pattern",
    ),
    (
        "*.example.com",
        Item("https://*.example.com"),
        "a pattern without its scheme",
    ),
    (
        "https://*.example.com/*",
        Item("https://*.example.com"),
        "a pattern with a path",
    ),
    (
        "https://my-app-*.example.com",
        Glob(r"https://my-app-[a-z0-9-]+\.example\.com"),
        "a glob: any number of hyphens",
    ),
    (
        "https?://*.example.com",
        Glob(r"https?://[a-z0-9-]+\.example\.com"),
        "a glob: any number of slashes",
    ),
    (
        r"^https?://example.com",
        Dot(r"^https?://example\.com"),
        "examplexcom is a host too",
    ),
    (
        r"^https://(?:\w+\.)*(?:example.com)(?::\d+)?$",
        Dot(r"^https://(?:\w+\.)*(?:example\.com)(?::\d+)?$"),
        "in a group",
    ),
    (
        r"https?://(?:.*.)?example.com",
        Dot(r"https?://(?:.*\.)?example\.com"),
        "at the end of a group",
    ),
    (
        r"https://.*.example\.com",
        Dot(r"https://.*\.example\.com"),
        "after a repeated one",
    ),
    (
        r"https://example\.com/",
        Trimmed(r"https://example\.com"),
        "a path",
    ),
    (
        r"^https://.*\.example\.com/.*$",
        Trimmed(r"https://.*\.example\.com"),
        "any path",
    ),
    (
        "https://pr-[0-9]+.example.com/",
        Dot(r"https://pr-[0-9]+\.example\.com"),
        "a dot and a path",
    ),
    (
        r"https://example\.com/api",
        NoOrigin,
        "a path that says more",
    ),
    (
        ".https://pr-*.example.com",
        NoOrigin,
        "a dot before the scheme, which a glob would keep",
    ),
    (
        r"https://.*\.example\.com:443",
        Trimmed(r"https://.*\.example\.com"),
        "the default port is not sent",
    ),
    (
        r"/^https:\/\/.*\.example\.com$/",
        Trimmed(r"https://.*\.example\.com"),
        "JavaScript's delimiters",
    ),
    (
        r"#^https://.*\.example\.com$#i",
        Trimmed(r"https://.*\.example\.com"),
        "PHP's delimiters",
    ),
    (r"^file://$", Item("file://"), "never asked about"),
    (r"^https://(?!www).*\.example\.com$", Invalid, "look-around"),
    // Anybody.
    (".*", AnyOrigin, "every origin"),
    ("^.*$", AnyOrigin, "every origin"),
    ("https?://.*", AnyOrigin, "every site"),
    ("https://.*", AnyOrigin, "every https site"),
    (r"^https?:\/\/[\w.-]+(:\d+)?$", AnyOrigin, "every site"),
    ("*", Item("*"), "no expression at all"),
];

fn build(
    expression: &str,
    settings: fn(PolicyBuilder) -> PolicyBuilder,
) -> Result<(), PolicyErrors> {
    let builder = Policy::builder().allow_origin_regexes([expression]);
    settings(builder).build().map(drop)
}

fn plain(builder: PolicyBuilder) -> PolicyBuilder {
    builder
}

fn credentials(builder: PolicyBuilder) -> PolicyBuilder {
    builder.allow_credentials(true)
}

fn checked(builder: PolicyBuilder) -> PolicyBuilder {
    credentials(builder).check_public_suffixes(cfg!(feature = "public-suffix"))
}

fn kinds(result: Result<(), PolicyErrors>) -> Vec<ProblemKind> {
    let errors = result.err().into_iter().flatten();
    errors.map(|problem| problem.kind().clone()).collect()
}

#[test]
fn the_commonest_expressions_mean_what_they_say_or_are_problems() {
    for (expression, verdict, why) in EXPRESSIONS {
        let found = kinds(build(expression, plain));
        let expected = match verdict {
            Right | Insecure | PublicSuffix => Vec::new(),
            AnyOrigin => vec![ProblemKind::RegexMatchesAnyOrigin],
            NoOrigin => vec![ProblemKind::RegexMatchesNoOrigin(None)],
            Trimmed(regex) => vec![ProblemKind::RegexMatchesNoOrigin(Some((*regex).to_owned()))],
            Item(item) => vec![ProblemKind::RegexIsItem(vec![(*item).to_owned()])],
            Glob(regex) => vec![ProblemKind::RegexIsGlob((*regex).to_owned())],
            Dot(regex) => vec![ProblemKind::RegexDotUnescaped(Some((*regex).to_owned()))],
            Foreign => {
                let [ProblemKind::RegexMatchesForeignOrigin(_)] = &found[..] else {
                    panic!("{expression}: {found:?}, but {why}");
                };
                continue;
            }
            Invalid => {
                let [ProblemKind::RegexInvalid(_)] = &found[..] else {
                    panic!("{expression}: {found:?}, but {why}");
                };
                continue;
            }
        };
        assert_eq!(found, expected, "{expression}: {why}");
    }
}

#[test]
fn with_credentials_some_are_problems() {
    for (expression, verdict, why) in EXPRESSIONS {
        let (with_credentials, when_checked) = match verdict {
            Right => (None, None),
            Insecure => {
                let problem = ProblemKind::InsecureOriginWithCredentials(None);
                (Some(problem.clone()), Some(problem))
            }
            PublicSuffix => {
                let problem = ProblemKind::PublicSuffixWithCredentials;
                (
                    None,
                    Some(problem).filter(|_| cfg!(feature = "public-suffix")),
                )
            }
            _ => continue,
        };
        let found = kinds(build(expression, credentials));
        assert_eq!(
            found,
            Vec::from_iter(with_credentials),
            "{expression}: {why}"
        );
        let found = kinds(build(expression, checked));
        assert_eq!(found, Vec::from_iter(when_checked), "{expression}: {why}");
    }
}

/// What `allow_origins` refuses under the settings is not to be put there.
#[test]
fn an_item_is_named_where_allow_origins_takes_it() {
    use ProblemKind as P;
    type Settings = fn(PolicyBuilder) -> PolicyBuilder;
    let any = |builder: PolicyBuilder| {
        credentials(builder).dangerously_allow_any_origin_with_credentials(true)
    };
    let suffix = Some(P::PublicSuffixWithCredentials).filter(|_| cfg!(feature = "public-suffix"));
    let is_suffix = suffix.is_some();
    let rows: [(&str, Settings, Option<&str>, Option<P>); 23] = [
        // Networks and addresses are those of allow_origins.
        ("192.168.0.0/16", plain, Some("http://192.168.*.*"), None),
        (
            "^10.0.0.0:3000/8$",
            plain,
            Some("http://10.*.*.*:3000"),
            None,
        ),
        ("192.168.1.x", plain, Some("http://192.168.1.*"), None),
        ("192.168.1.5", plain, Some("http://192.168.1.5"), None),
        (
            "192.168.1.5",
            credentials,
            Some("https://192.168.1.5"),
            None,
        ),
        ("http://192.168.1.5:3000", credentials, None, None),
        (
            "192.168.0.0/16",
            credentials,
            None,
            Some(P::PrivateNetworkWithCredentials),
        ),
        ("file://", plain, Some("file://"), None),
        ("^file:///.*$", plain, Some("file://"), None),
        (
            "file://",
            credentials,
            None,
            Some(P::NullOriginWithCredentials),
        ),
        ("*", plain, Some("*"), None),
        ("*", any, Some("*"), None),
        ("*", credentials, None, Some(P::AnyOriginWithCredentials)),
        ("moz-extension://*", plain, Some("moz-extension://*"), None),
        ("moz-extension://*", any, Some("moz-extension://*"), None),
        (
            "moz-extension://*",
            credentials,
            None,
            Some(P::AnyHostWithCredentials),
        ),
        (
            "https://*.github.io",
            plain,
            Some("https://*.github.io"),
            None,
        ),
        (
            "https://*.github.io",
            credentials,
            Some("https://*.github.io"),
            None,
        ),
        (
            "https://*.github.io",
            checked,
            Some("https://*.github.io").filter(|_| !is_suffix),
            suffix,
        ),
        ("http://a.example", plain, Some("http://a.example"), None),
        (
            "^http://a.example$",
            credentials,
            None,
            Some(P::InsecureOriginWithCredentials(None)),
        ),
        (
            "http://localhost:3000",
            credentials,
            Some("http://localhost:3000"),
            None,
        ),
        (
            "https://*.example.com",
            checked,
            Some("https://*.example.com"),
            None,
        ),
    ];
    for (written, settings, item, hazard) in rows {
        let items: Vec<_> = item.map(str::to_owned).into_iter().collect();
        let expected: Vec<_> = [P::RegexIsItem(items.clone())]
            .into_iter()
            .chain(hazard)
            .collect();
        assert_eq!(kinds(build(written, settings)), expected, "{written}");
        let moved = settings(Policy::builder()).allow_origins(&items).build();
        assert!(moved.is_ok(), "{written}: {moved:?}");
        let text = expected[0].to_string();
        let end = match item {
            Some(item) => format!("; write \"{item}\" in allow_origins"),
            None => "; leave it out, and list the origins in allow_origins".to_owned(),
        };
        // True of each: some are the same as an expression, some are none, some are others.
        let start = "an item of allow_origins says this without a regular expression; ";
        assert!(text.starts_with(start) && text.ends_with(&end), "{text}");
    }
}

/// What may be a network is no address, and a class of digits is no port.
#[test]
fn what_is_no_item_for_certain_is_not_named_as_one() {
    for expression in [
        "http://192.168.0.0/255.255.0.0",
        "10.0.0.0/9",
        "http://10.0.0.1:[3000]",
        "http://10.0.0.1:[1-9]",
    ] {
        for kind in kinds(build(expression, plain)) {
            assert!(
                !matches!(kind, ProblemKind::RegexIsItem(_)),
                "{expression}: {kind}"
            );
        }
    }
}

/// Shown with escapes, it would be another expression.
#[test]
fn an_expression_that_can_t_be_shown_is_not_named() {
    for expression in [
        "https://(b\u{fc}cher|app).example.com",
        "(?x)https://a[a-z] \t.example.com",
    ] {
        let found = kinds(build(expression, plain));
        assert_eq!(
            found,
            [ProblemKind::RegexDotUnescaped(None)],
            "{expression}"
        );
        let text = found[0].to_string();
        let (_, sample) = text.split_once(", as in \"").expect("a sample");
        let sample = sample.trim_end_matches('"').replace("\\\\", "\\");
        assert!(build(&sample, plain).is_ok(), "{text}");
    }
}

/// A remedy is the last thing that a problem says: it is read out of the text, as a user would.
#[cfg(feature = "serde")]
#[test]
fn a_remedy_is_accepted_as_it_stands_in_a_file() {
    use cors_core::PolicyConfig;

    let mut remedies = 0;
    for (expression, verdict, _) in EXPRESSIONS {
        if !matches!(verdict, Item(_) | Glob(_) | Dot(_)) {
            continue;
        }
        let text = build(expression, plain).expect_err(expression).to_string();
        let (_, remedy) = text.split_once("write ").expect("a remedy");
        let line = match remedy.split_once(" in allow_origins") {
            Some((item, "")) => format!("allow_origins = [{item}]"),
            _ => format!("allow_origin_regexes = [{remedy}]"),
        };
        let config: PolicyConfig = toml::from_str(&line).expect(&line);
        assert!(config.build().is_ok(), "{line}");
        remedies += 1;
    }
    assert!(remedies > 10);
}

#[test]
fn the_origin_that_anybody_can_have_is_matched() {
    for (expression, verdict, why) in EXPRESSIONS {
        let found = kinds(build(expression, plain));
        let (Foreign, [ProblemKind::RegexMatchesForeignOrigin(origin)]) = (verdict, &found[..])
        else {
            continue;
        };
        let regex = regex_automata::dfa::regex::Regex::new(&format!("^(?:{expression})$"));
        let regex = regex.expect(expression);
        assert!(
            regex.is_match(origin),
            "{expression}: {origin}, such as {why}"
        );
        assert!(
            cors_core::Origin::try_from(origin.as_str()).is_ok(),
            "{expression}: {origin}"
        );
    }
}

#[test]
fn the_origin_that_anybody_can_have_is_one_that_a_reader_understands() {
    for (expression, shown) in [
        (r"https://.*example\.com", "https://notyoursexample.com"),
        (r"https?://.*\.?example\.com", "http://notyoursexample.com"),
        (r"https://.*\.com", "https://notyours.com"),
        (
            r"https://.*example\.co\.uk",
            "https://notyoursexample.co.uk",
        ),
        (r"https://pr-\d+\.com", "https://pr-90417.com"),
    ] {
        let text = build(expression, plain).expect_err(expression).to_string();
        assert!(text.contains(&format!("such as \"{shown}\"")), "{text}");
    }
}

#[test]
fn a_long_remedy_is_written_as_a_whole() {
    let words: Vec<_> = (0..60).map(|index| format!("app-{index}")).collect();
    let expression = format!(r"https://({})\.example.com", words.join("|"));
    let text = build(&expression, plain).expect_err("a dot").to_string();
    assert!(text.ends_with("|app-59)\\\\.example\\\\.com\""), "{text}");
}

#[cfg(feature = "public-suffix")]
#[test]
fn a_public_suffix_is_found_before_any_port() {
    for expression in [
        r"https://.*\.github\.io(:\d+)?",
        r"https://.*\.github\.io:8443",
        r"https://.*\.github\.io:\d{4,5}",
        r"https://.*\.(github|gitlab)\.io",
    ] {
        let found = kinds(build(expression, checked));
        assert_eq!(
            found,
            [ProblemKind::PublicSuffixWithCredentials],
            "{expression}"
        );
    }
    for expression in [
        r"https://.*\.mine\.github\.io(:\d+)?",
        r"https://.*\.github\.example\.com",
    ] {
        assert_eq!(kinds(build(expression, checked)), [], "{expression}");
    }
}
