//! What a listener is told: safe and short whatever a client sends, and without allocations.

mod support;

use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use cors_core::adapter::{BoundDecision, Listeners};
use cors_core::{
    AsyncPredicate, DecisionEvent, Explanation, ForeignText, Policy, PolicyErrors, PolicyMap,
    RequestKind,
};
use proptest::collection::vec;
use proptest::prelude::*;
use support::{Request, block_on};

/// Decides on a request, and calls the function with the event.
fn tell(
    policy: &Policy,
    request: &Request,
    hear: impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static,
) {
    let bound = block_on(BoundDecision::evaluate(policy.clone(), request));
    bound.tell(&listeners(hear), request);
}

/// Returns every text that a log may make of an event.
fn texts(event: &DecisionEvent<'_>) -> Vec<String> {
    let both = |text: ForeignText<'_>| [text.to_string(), format!("{text:?}")];
    let explanation: Explanation = event.explanation();
    let mut texts = vec![
        format!("{event:?}"),
        format!("{explanation:?}"),
        explanation.to_string(),
        explanation.reason().to_owned(),
        explanation.remedy().unwrap_or_default().to_owned(),
    ];
    texts.extend(both(event.method()));
    texts.extend(both(event.path()));
    texts.extend(event.host().into_iter().flat_map(both));
    texts.extend(event.origin().into_iter().flat_map(both));
    texts
}

/// Longer than any of the texts: five values of 120 bytes, each byte of which is escaped with six.
const SHORT: usize = 5 * 120 * 6;

fn assert_safe(policy: &Policy, request: &Request) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&heard);
    tell(policy, request, move |event| {
        hear.lock().expect("nobody panics").extend(texts(event));
    });
    let heard = heard.lock().expect("nobody panics");
    assert!(!heard.is_empty());
    for text in &*heard {
        assert!(text.len() < SHORT, "{} bytes: {}", text.len(), &text[..200]);
        let raw = text.bytes().find(|byte| !matches!(byte, b' '..=b'~'));
        assert_eq!(raw, None, "{text}");
    }
}

fn listeners(hear: impl Fn(&DecisionEvent<'_>) + Send + Sync + 'static) -> Listeners {
    let mut listeners = Listeners::default();
    listeners.add(hear);
    listeners
}

fn policies() -> Result<Vec<Policy>, PolicyErrors> {
    let strict = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(["PUT"])
        .allow_headers(["x-one"])
        .reject_disallowed_origins(true);
    let methods = (0..5_000).map(|index| format!("M{index}"));
    let long = Policy::builder()
        .allow_origins(["https://app.example.com"])
        .allow_methods(methods.collect::<Vec<_>>())
        .allow_headers(
            (0..5_000)
                .map(|index| format!("x-{index}"))
                .collect::<Vec<_>>(),
        );
    let failing = AsyncPredicate::new(|query: cors_core::OriginQuery<'static>| {
        let error = format!("{}\x1b]0;\u{202e}\n{}", query.path(), "e".repeat(1 << 20));
        std::future::ready(Err::<bool, _>(error))
    });
    let failing =
        Policy::builder().allow_origin_if_async(failing.timeout_with(std::future::pending));
    let any = Policy::builder().allow_origins(["*"]);
    [strict, long, failing, any]
        .map(cors_core::PolicyBuilder::build)
        .into_iter()
        .collect()
}

#[test]
fn every_text_of_an_event_is_short_and_visible() -> Result<(), PolicyErrors> {
    let hostile: [&[u8]; 9] = [
        b"{} {:?} {0} %s %n %x ${jndi:ldap://evil}",
        b"\x1b[2J\x1b]0;title\x07",
        b"one\r\nInjected: two\0",
        "\u{202e}\u{200b}\u{feff}b\u{fc}cher".as_bytes(),
        b"\xff\xfe\xc0\x80",
        b"\"quoted\" \\ \x7f",
        b"https://app.example.com\n",
        b"https://evil.example",
        b"null",
    ];
    for policy in policies()? {
        for text in hostile {
            for repeated in [1, (1 << 20) / text.len()] {
                let value = text.repeat(repeated);
                let name = String::from_utf8_lossy(&value).into_owned();
                let mut actual = Request::new(&name)
                    .with("origin", &value)
                    .with("host", &value);
                actual.path = format!("/{name}");
                assert_safe(&policy, &actual);
                let app = Request::preflight("https://app.example.com", &name);
                assert_safe(&policy, &app);
                let app = Request::preflight("https://app.example.com", "PUT").asking_for(&value);
                assert_safe(&policy, &app);
                assert_safe(&policy, &Request::preflight("https://evil.example", "PUT"));
                let mut asked = Request::get("https://evil.example");
                asked.path = format!("/{name}");
                assert_safe(&policy, &asked);
            }
        }
    }
    Ok(())
}

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| policies().expect("they are valid"));

proptest! {
    #[test]
    fn every_text_of_a_random_event_is_short_and_visible(
        method in "\\PC{0,300}|.{0,300}",
        path in ".{0,300}",
        origin in prop_oneof![vec(any::<u8>(), 0..400), Just(b"https://app.example.com".to_vec())],
        host in vec(any::<u8>(), 0..400),
        asked in vec(any::<u8>(), 0..400),
        is_preflight: bool,
    ) {
        let mut request = Request::new(if is_preflight { "OPTIONS" } else { &method })
            .with("origin", origin)
            .with("host", host)
            .asking_for(asked);
        request.path = path;
        if is_preflight {
            request = request.with("access-control-request-method", &method);
        }
        for policy in &*POLICIES {
            assert_safe(policy, &request);
        }
    }
}

/// A line of a log in a place of its own.
struct Line {
    bytes: [u8; 2_048],
    length: usize,
}

impl std::fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let end = self.length + text.len();
        let room = self
            .bytes
            .get_mut(self.length..end)
            .ok_or(std::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Shows that everything but the words is told without an allocation, and written into a log too.
#[test]
fn an_event_allocates_nothing() -> Result<(), PolicyErrors> {
    let policies = policies()?;
    let [strict, .., public] = policies.as_slice() else {
        panic!("there are several");
    };
    let mut foreign = Request::get("https://evil.example").with("host", "server.example");
    foreign.path = format!("/{}", "a;%2e/".repeat(1_000));
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    let listener = listeners(move |event| {
        let mut line = Line {
            bytes: [0; 2_048],
            length: 0,
        };
        let shown = write!(
            line,
            "{event:?} {} {} {:?} {:?} {} {}",
            event.method(),
            event.path(),
            event.host(),
            event.origin(),
            event.calls_app(),
            event.is_same_origin(),
        );
        shown.expect("there is room");
        count.fetch_add(line.length, Ordering::Relaxed);
    });
    for policy in [strict, public] {
        for request in [
            Request::new("GET"),
            foreign.clone(),
            Request::preflight("https://app.example.com", "PUT").asking_for("x-one"),
            Request::preflight("https://app.example.com", "DELETE"),
        ] {
            let bound = block_on(BoundDecision::evaluate(policy.clone(), &request));
            written.store(0, Ordering::Relaxed);
            let allocations = allocation_counter::measure(|| bound.tell(&listener, &request));
            assert_eq!(allocations.count_total, 0, "{request:?}");
            assert!(written.load(Ordering::Relaxed) > 100, "it was called");
        }
    }
    Ok(())
}

/// The event has the decision alone, and finds again what it was about.
#[test]
fn an_event_explains_as_the_policy_does() -> Result<(), PolicyErrors> {
    let app = "https://app.example.com";
    for policy in policies()? {
        for request in [
            Request::get("https://evil.example"),
            Request::preflight("https://evil.example", "PUT"),
            Request::preflight(app, "PURGE"),
            Request::preflight(app, "PUT").asking_for("x-one,x-two"),
            Request::preflight(app, "PUT").asking_for("x-one,x two"),
        ] {
            let heard = Arc::new(Mutex::new(None));
            let hear = Arc::clone(&heard);
            tell(&policy, &request, move |event| {
                let explanation = event.explanation().to_string();
                *hear.lock().expect("nobody panics") = Some(explanation);
            });
            let expected = block_on(policy.explain_async(&request)).to_string();
            let heard = heard.lock().expect("nobody panics").take();
            assert_eq!(heard, Some(expected), "{request:?}");
        }
    }
    Ok(())
}

#[test]
fn a_policy_by_itself_is_version_1_without_a_pattern() -> Result<(), PolicyErrors> {
    for policy in policies()? {
        tell(&policy, &Request::new("GET"), |event| {
            assert_eq!((event.version(), event.pattern()), (1, None));
            assert_eq!(event.decision().kind(), RequestKind::NotCors);
        });
    }
    Ok(())
}

#[test]
fn a_path_has_the_pattern_whose_policy_it_has() -> Result<(), PolicyErrors> {
    let policy = |origin| Policy::builder().allow_origins([origin]).build();
    let map = PolicyMap::builder()
        .default_policy(policy("https://app.example.com")?)
        .path("/feeds/{*feed}", policy("https://one.example.com")?)
        .path("/feeds/{id}", policy("https://two.example.com")?)
        .path("/feeds/news", policy("https://three.example.com")?)
        .disable_path("/internal/{*rest}")
        .build()?;
    for (path, expected) in [
        ("/", None),
        ("*", None),
        ("", None),
        ("/feed", None),
        ("/feeds", Some("/feeds/{*feed}")),
        ("/feeds/", Some("/feeds/{*feed}")),
        ("/feeds/7", Some("/feeds/{id}")),
        ("//f%65eds/7/", Some("/feeds/{id}")),
        ("/feeds/7/8", Some("/feeds/{*feed}")),
        ("/feeds/news", Some("/feeds/news")),
        ("/feeds/./news", None),
        ("/feeds/a/../news", None),
        ("/internal/x", None),
    ] {
        assert_eq!(map.pattern(path), expected, "{path}");
    }
    let fixed = PolicyMap::from(policy("https://app.example.com")?);
    assert_eq!(fixed.pattern("/feeds"), None);
    Ok(())
}
