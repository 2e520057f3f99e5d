use super::*;
use crate::adapter::Shadow;

/// Has a listener told about a request, beside a policy in the shadow.
fn send_beside(shadow: &Policy, policy: &InstalledPolicy, log: &Log, head: &Head<'_>) {
    let listeners = listening(log.clone(), policy);
    let shadow = Shadow::new(shadow.clone());
    decide(policy, head)
        .beside_shadow(Some(&shadow), head)
        .tell(&listeners, head);
}

fn of_shadow(events: Vec<Recorded>) -> Vec<Recorded> {
    let of_shadow = |event: &Recorded| event.target == "cors::shadow";
    events.into_iter().filter(of_shadow).collect()
}

#[test]
fn a_difference_has_every_field() {
    let wide = build(Policy::builder().allow_origins(["https://*.example.com"]));
    let events = of_shadow(recorded(|| {
        let old = get("https://old.example.com");
        send_beside(policy().policy(), &wide, &Log::new(), &old);
    }));
    let [difference] = events.as_slice() else {
        panic!("{events:#?}");
    };
    assert_eq!(difference.level, "INFO");
    let in_guide = fields_of_guide("`cors::shadow`");
    assert_eq!(sorted(difference.declared.clone()), sorted(in_guide));
    let mut fields = difference.fields.clone();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "difference=would_refuse",
            "host=api.example",
            "kind=actual",
            "message=CORS: the policy in the shadow would refuse this actual request",
            "method=GET",
            "origin=https://old.example.com",
            "path=/notes",
            "reason=origin_not_allowed",
            "suppressed=0",
            "version=1",
        ]
    );
}

#[test]
fn a_difference_is_told_once_a_minute_and_nothing_of_the_servers_own_pages() {
    static SECONDS: AtomicU64 = AtomicU64::new(0);
    let wide = build(Policy::builder().allow_origins(["*"]));
    let narrow = policy();
    let events = of_shadow(recorded(|| {
        let now = || Duration::from_secs(SECONDS.load(Ordering::Relaxed));
        let log = Log::with_clock(Level::WARN, now);
        let send = |head| send_beside(narrow.policy(), &wide, &log, &head);
        for _ in 0..3 {
            send(get("https://a.example"));
        }
        send(get("https://b.example"));
        send(Head {
            method: "POST",
            ..get("https://api.example")
        });
        SECONDS.store(60, Ordering::Relaxed);
        send(get("https://a.example"));
    }));
    let told: Vec<_> = events
        .iter()
        .map(|event| ["origin", "suppressed"].map(|name| event.field(name)))
        .collect();
    assert_eq!(
        told,
        [
            [Some("https://a.example"), Some("0")],
            [Some("https://b.example"), Some("0")],
            [Some("https://a.example"), Some("2")],
        ]
    );
}

#[test]
fn nothing_is_told_where_the_shadow_agrees() {
    let events = of_shadow(recorded(|| {
        let policy = policy();
        let same = build(Policy::builder().allow_origins(["https://app.example.com"]));
        for origin in ["https://app.example.com", "https://evil.example"] {
            send_beside(same.policy(), &policy, &Log::new(), &get(origin));
        }
    }));
    assert_eq!(events.len(), 0);
}

#[cfg(all(feature = "reload", feature = "serde"))]
#[test]
fn a_replacement_of_the_shadow_is_told() {
    let map = |shadow: &str| -> PolicyMap {
        toml::from_str(&format!(
            "allow_origins = [\"https://a.example\"]\n{shadow}"
        ))
        .expect("the file is valid")
    };
    let [none, first, second] = [
        map(""),
        map("[shadow]\nmax_age = 60"),
        map("[shadow]\nmax_age = 61"),
    ];
    assert_eq!(first.changes_from(&none), "shadow added");
    assert_eq!(second.changes_from(&first), "shadow changed");
    assert_eq!(
        second.changes_from(&map("[shadow]\nmax_age = 61")),
        "nothing"
    );
    assert_eq!(none.changes_from(&second), "shadow removed");
}
