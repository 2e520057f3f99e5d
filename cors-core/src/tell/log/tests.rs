mod policies;
mod shadow;

use std::fmt::Debug;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::subscriber::with_default;
use tracing_subscriber::layer::{Context as LayerContext, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use super::*;
use crate::adapter::MistakeKind;
use crate::adapter::{
    AdapterOptions, BoundDecision, InstalledPolicy, Listeners, RequestField, RequestHead,
};
use crate::policy::Policy;
use crate::policy::builder::PolicyBuilder;
use crate::policy::map::PolicyMap;

/// A request for `/notes` of `api.example`.
struct Head<'a> {
    method: &'a str,
    origin: Option<&'a str>,
    asked: Option<&'a str>,
}

impl RequestHead for Head<'_> {
    fn method(&self) -> &str {
        self.method
    }

    fn path(&self) -> &'static str {
        "/notes"
    }

    fn authority(&self) -> Option<&str> {
        Some("api.example")
    }

    fn each_line<'a>(
        &'a self,
        field: RequestField<'_>,
        visit: &mut dyn FnMut(&'a [u8]) -> ControlFlow<()>,
    ) {
        let line = match field {
            RequestField::Origin => self.origin,
            RequestField::AccessControlRequestMethod => self.asked,
            _ => None,
        };
        if let Some(line) = line {
            let _ = visit(line.as_bytes());
        }
    }
}

fn get(origin: &str) -> Head<'_> {
    Head {
        method: "GET",
        origin: Some(origin),
        asked: None,
    }
}

fn decide(policy: &InstalledPolicy, head: &Head<'_>) -> BoundDecision {
    let bound = pin!(BoundDecision::evaluate(policy.clone(), head));
    match bound.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(bound) => bound,
        Poll::Pending => panic!("no predicate waits"),
    }
}

/// Has a listener told about a request.
fn send(policy: &InstalledPolicy, listeners: &Listeners, head: &Head<'_>) {
    decide(policy, head).tell(listeners, head);
}

/// An event as it was recorded: the target, the level, the span, and each field as `name=value`.
#[derive(Clone, Debug, Default)]
struct Recorded {
    target: String,
    level: String,
    span: Option<&'static str>,
    fields: Vec<String>,
    /// The names of all fields that the event can have.
    declared: Vec<&'static str>,
}

impl Recorded {
    fn field(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}=");
        let mut fields = self.fields.iter();
        fields.find_map(|field| field.strip_prefix(&prefix))
    }
}

impl Visit for Recorded {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.push(format!("{}={value}", field.name()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.push(format!("{}={value:?}", field.name()));
    }
}

#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<Recorded>>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_event(&self, event: &tracing::Event<'_>, context: LayerContext<'_, S>) {
        let mut recorded = Recorded {
            target: event.metadata().target().to_owned(),
            level: event.metadata().level().to_string(),
            span: context.event_span(event).map(|span| span.name()),
            fields: Vec::new(),
            declared: event
                .metadata()
                .fields()
                .iter()
                .map(|field| field.name())
                .collect(),
        };
        event.record(&mut recorded);
        self.0.lock().expect("no test panicked").push(recorded);
    }
}

/// Returns the events that a function causes.
fn recorded(run: impl FnOnce()) -> Vec<Recorded> {
    let recorder = Recorder::default();
    with_default(Registry::default().with(recorder.clone()), run);
    let events = recorder.0.lock().expect("no test panicked");
    events.clone()
}

/// Returns the fields of a target in the table of the guide.
fn fields_of_guide(target: &str) -> Vec<&str> {
    let guide = include_str!("../../guide/what_is_told.md");
    let section = guide
        .split("\n## ")
        .find(|section| section.starts_with(target));
    let rows = section.expect("the guide has it").lines();
    rows.filter_map(|row| row.strip_prefix("| `")?.split('`').next())
        .collect()
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names
}

fn build(policy: PolicyBuilder) -> InstalledPolicy {
    policy.build().expect("the policy is valid").into()
}

fn policy() -> InstalledPolicy {
    build(Policy::builder().allow_origins(["https://app.example.com"]))
}

fn listening(log: Log, policy: &InstalledPolicy) -> Listeners {
    let mut options = AdapterOptions::default();
    log.start(&mut options, &policy.policy().clone().into());
    options.listeners
}

#[test]
fn a_refusal_has_every_field_in_the_span_of_its_request() {
    let policy = build(Policy::builder().reject_disallowed_origins(true));
    let events = recorded(|| {
        let listeners = listening(Log::at(Level::INFO), &policy);
        let _span = tracing::info_span!("request").entered();
        send(&policy, &listeners, &get("https://evil.example"));
    });
    let [start, refusal] = events.as_slice() else {
        panic!("{events:#?}");
    };
    assert_eq!(start.target, "cors::policy");
    assert_eq!(refusal.target, "cors::refusal");
    assert_eq!(
        (refusal.level.as_str(), refusal.span),
        ("INFO", Some("request"))
    );
    let in_guide = fields_of_guide("`cors::refusal`");
    assert_eq!(sorted(refusal.declared.clone()), sorted(in_guide));
    let (mut of_explanation, others): (Vec<_>, Vec<_>) = refusal
        .fields
        .iter()
        .map(String::as_str)
        .partition(|field| field.starts_with("message=") || field.starts_with("remedy="));
    assert_eq!(
        others,
        [
            "kind=actual",
            "reason=origin_not_allowed",
            "origin=https://evil.example",
            "method=GET",
            "path=/notes",
            "host=api.example",
            "rejected=true",
            "version=1",
            "suppressed=0",
        ]
    );
    let explanation = policy.explain(&get("https://evil.example"));
    let mut expected = [
        format!(
            "message=CORS: actual request refused: {}",
            explanation.reason()
        ),
        format!("remedy={}", explanation.remedy().expect("it is refused")),
    ];
    of_explanation.sort_unstable();
    expected.sort_unstable();
    assert_eq!(of_explanation, expected);
}

#[test]
fn a_log_without_a_level_warns() {
    let policy = policy();
    let events = recorded(|| {
        let listeners = listening(Log::new(), &policy);
        send(&policy, &listeners, &get("null"));
    });
    let levels: Vec<_> = events.iter().map(|event| event.level.as_str()).collect();
    assert_eq!(levels, ["INFO", "WARN"]);
}

#[test]
fn nothing_is_told_of_what_is_no_refusal() {
    let policy = policy();
    let events = recorded(|| {
        let listeners = listening(Log::new(), &policy);
        let allowed = get("https://app.example.com");
        let own = Head {
            method: "POST",
            ..get("https://api.example")
        };
        let not_cors = Head {
            origin: None,
            ..get("")
        };
        for head in [allowed, own, not_cors] {
            send(&policy, &listeners, &head);
        }
    });
    let targets: Vec<_> = events.iter().map(|event| event.target.as_str()).collect();
    assert_eq!(targets, ["cors::policy"]);
}

#[test]
fn a_refusal_is_told_once_a_minute_for_each_origin_and_reason() {
    static SECONDS: AtomicU64 = AtomicU64::new(0);
    let policy = build(Policy::builder().allow_origins(["https://app.example.com"]));
    let events = recorded(|| {
        let clock = || Duration::from_secs(SECONDS.load(Ordering::Relaxed));
        let listeners = listening(Log::with_clock(Level::WARN, clock), &policy);
        let evil = get("https://evil.example");
        let other = get("https://other.example");
        let put = Head {
            method: "OPTIONS",
            asked: Some("PUT"),
            ..get("https://app.example.com")
        };
        for head in [&evil, &evil, &other, &put, &evil, &put] {
            send(&policy, &listeners, head);
        }
        SECONDS.store(60, Ordering::Relaxed);
        send(&policy, &listeners, &evil);
    });
    let told: Vec<_> = events
        .iter()
        .filter(|event| event.target == "cors::refusal")
        .map(|event| ["origin", "reason", "suppressed"].map(|name| event.field(name)))
        .collect();
    let line = |origin, reason, suppressed| [Some(origin), Some(reason), Some(suppressed)];
    assert_eq!(
        told,
        [
            line("https://evil.example", "origin_not_allowed", "0"),
            line("https://other.example", "origin_not_allowed", "0"),
            line("https://app.example.com", "method_not_allowed", "0"),
            line("https://evil.example", "origin_not_allowed", "2"),
        ]
    );
}

#[test]
fn foreign_text_is_escaped_and_cut() {
    let policy = policy();
    let long = format!("https://{}", "a".repeat(9_000));
    let events = recorded(|| {
        let listeners = listening(Log::new(), &policy);
        for origin in [
            "https://x\n2026 ERROR forged\u{1b}[31m",
            "https://b\u{fc}cher.example",
            &long,
        ] {
            send(&policy, &listeners, &get(origin));
        }
    });
    let refusals = || {
        events
            .iter()
            .filter(|event| event.target == "cors::refusal")
    };
    assert_eq!(refusals().count(), 3);
    for field in refusals().flat_map(|event| &event.fields) {
        let is_visible = field.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        assert!(is_visible && field.len() < 1_000, "{field:?}");
    }
}

#[test]
fn policies_are_told_once_however_many_adapters_have_them() {
    let policy = policy();
    let map = PolicyMap::builder()
        .path("/feed", policy.policy().clone())
        .build()
        .expect("the map is valid");
    let events = recorded(|| {
        let log = Log::new();
        for _worker in 0..3 {
            for source in [policy.policy().clone().into(), map.clone().into()] {
                log.clone().start(&mut AdapterOptions::default(), &source);
            }
        }
    });
    let told: Vec<_> = events
        .iter()
        .map(|event| ["source", "version"].map(|name| event.field(name)))
        .collect();
    assert_eq!(
        told,
        [[Some("policy"), Some("1")], [Some("map"), Some("1")]]
    );
    let summary = events[0].field("policy").expect("the policy is told");
    assert_eq!(summary, format!("{:?}", policy.policy()));
}

#[cfg(feature = "reload")]
#[test]
fn a_replacement_is_told_with_what_it_changes() {
    use crate::policy::reload::SharedPolicy;

    let base = || Policy::builder().allow_origins(["https://app.example.com"]);
    let built = |policy: PolicyBuilder| policy.build().expect("the policy is valid");
    let old = PolicyMap::builder()
        .default_policy(built(base().allow_methods(["PUT"])))
        .path("/gone", built(base()))
        .path("/feed", built(base()))
        .path("/same", built(base().allow_methods(["PUT"])))
        .build()
        .expect("the map is valid");
    let new = PolicyMap::builder()
        .default_policy(built(
            Policy::builder()
                .allow_origins(["https://new.example.com"])
                .allow_methods(["PUT"])
                .allow_credentials(true)
                .max_age(Duration::from_secs(600)),
        ))
        .path("/feed", built(Policy::builder().allow_origins(["*"])))
        .path("/same", built(base().allow_methods(["PUT"])))
        .path("/fresh", built(base()))
        .build()
        .expect("the map is valid");
    let events = recorded(|| {
        let shared = SharedPolicy::new(old);
        let log = Log::new();
        let mut workers = [(); 2].map(|()| AdapterOptions::default());
        for options in &mut workers {
            log.clone().start(options, &shared.clone().into());
        }
        shared.replace(new.clone());
        shared.replace(new);
        drop((log, workers));
        shared.replace(built(base()));
    });
    let declared = events.get(1).map(|event| event.declared.clone());
    let in_guide = [fields_of_guide("`cors::policy`"), vec!["message"]].concat();
    assert_eq!(declared.map(sorted), Some(sorted(in_guide)));
    let told: Vec<_> = events
        .iter()
        .map(|event| ["message", "version", "changed"].map(|name| event.field(name)))
        .collect();
    let line = |message, version, changed| [Some(message), Some(version), changed];
    let changed = concat!(
        r#"allow_origins (added "https://new.example.com"; removed "https://app.example.com"); "#,
        r#"allow_credentials (false -> true); max_age (none -> 600s); paths added: "/fresh"; "#,
        r#"paths removed: "/gone"; paths changed: "/feed" (allow_origins)"#,
    );
    assert_eq!(
        told,
        [
            line("CORS policy in use", "1", None),
            line("CORS policy replaced", "2", Some(changed)),
            line("CORS policy replaced", "3", Some("nothing")),
        ]
    );
}

#[test]
fn what_is_not_told_allocates_nothing_and_what_is_allowed_reads_no_clock() {
    static READS: AtomicU64 = AtomicU64::new(0);
    let policy = policy();
    with_default(Registry::default().with(Counter::default()), || {
        let clock = || Duration::from_millis(READS.fetch_add(1, Ordering::Relaxed));
        let listeners = listening(Log::with_clock(Level::WARN, clock), &policy);
        for (head, reads) in [
            (get("https://app.example.com"), 0),
            (get("https://api.example"), 0),
            (get("https://evil.example"), 2),
        ] {
            let bound = decide(&policy, &head);
            bound.tell(&listeners, &head);
            let again = allocation_counter::measure(|| bound.tell(&listeners, &head));
            assert_eq!(again.count_total, 0, "{:?}", head.origin);
            assert_eq!(READS.load(Ordering::Relaxed), reads, "{:?}", head.origin);
        }
    });
}

/// Counts the events and keeps none.
#[derive(Clone, Default)]
struct Counter(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Counter {
    fn on_event(&self, _: &tracing::Event<'_>, _: LayerContext<'_, S>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_million_origins_take_bounded_memory_and_lines() {
    static MILLISECONDS: AtomicU64 = AtomicU64::new(0);
    const REQUESTS: u64 = 1_000_000;
    let policy = policy();
    let counter = Counter::default();
    let memory = with_default(Registry::default().with(counter.clone()), || {
        let clock = || Duration::from_millis(MILLISECONDS.fetch_add(1, Ordering::Relaxed));
        let listeners = listening(Log::with_clock(Level::WARN, clock), &policy);
        allocation_counter::measure(|| {
            for request in 0..REQUESTS {
                let origin = format!("https://site-{request}.example");
                send(&policy, &listeners, &get(&origin));
            }
        })
    });
    // Two maps of hashes and counts, and the words of one line.
    assert!(memory.bytes_max < 64 * 1024, "{memory:?}");
    // Each request takes a millisecond, and there is one line about the start.
    let intervals = usize::try_from(REQUESTS / 60_000 + 1).expect("it is small");
    let lines = counter.0.load(Ordering::Relaxed);
    let (least, most) = (intervals * MOST_TOLD, intervals * (MOST_TOLD + 2) + 1);
    assert!((least..=most).contains(&lines), "{lines} lines");
}

/// Tells a mistake by a log, and returns the events.
fn mistakes_of(log: Log) -> Vec<Recorded> {
    recorded(|| {
        let mut options = AdapterOptions::default();
        log.start(&mut options, &policy().policy().clone().into());
        options.mistakes.tell(&Mistake::route_layer());
        options.mistakes.tell(&Mistake::route_layer());
    })
}

#[test]
fn a_mistake_in_the_stack_is_told_once() {
    let events = mistakes_of(Log::new().with_mistakes());
    let of_mistakes = events
        .iter()
        .filter(|event| event.target == "cors::mistake");
    let of_mistakes: Vec<_> = of_mistakes.collect();
    let [event] = of_mistakes[..] else {
        panic!("{events:?}");
    };
    assert_eq!(event.level, "WARN");
    let remedy = Mistake::route_layer().remedy();
    assert_eq!(event.field("remedy"), Some(remedy));
    assert_eq!(event.field("kind"), Some("route_layer"));
    let kinds = [
        MistakeKind::ForeignHeaders,
        MistakeKind::TwoAdapters,
        MistakeKind::PreflightsElsewhere,
        MistakeKind::RouteLayer,
    ];
    let in_guide = sorted(fields_of_guide("`cors::mistake`"));
    let kinds = kinds.map(MistakeKind::code);
    assert_eq!(in_guide, sorted([&event.declared[..], &kinds].concat()));
}
