use super::*;

/// Returns the message, the source and the summary of each event about policies.
fn told(events: &[Recorded]) -> Vec<[Option<&str>; 3]> {
    let of_policies = events.iter().filter(|event| event.target == "cors::policy");
    of_policies
        .map(|event| ["message", "source", "policy"].map(|name| event.field(name)))
        .collect()
}

#[test]
fn a_shadow_in_code_is_told_whether_it_comes_before_the_log_or_after() {
    let policies = [
        policy().policy().clone(),
        build(Policy::builder()).policy().clone(),
    ];
    let [deciding, shadow] = policies.each_ref();
    let summaries = policies.each_ref().map(|policy| format!("{policy:?}"));
    let in_use = [
        Some("CORS policy in use"),
        Some("policy"),
        Some(summaries[0].as_str()),
    ];
    let in_shadow = [
        Some("CORS policy in the shadow"),
        Some("policy"),
        Some(summaries[1].as_str()),
    ];
    for shadow_comes_first in [true, false] {
        let events = recorded(|| {
            let log = Log::new();
            for _worker in 0..2 {
                let mut options = AdapterOptions::default();
                if shadow_comes_first {
                    options.put_shadow(shadow.clone());
                }
                log.clone().start(&mut options, &deciding.clone().into());
                if !shadow_comes_first {
                    options.put_shadow(shadow.clone());
                }
                // Both logs tell it.
                Log::new().start(&mut options, &deciding.clone().into());
            }
        });
        let told = told(&events);
        assert_eq!(told.iter().filter(|event| **event == in_use).count(), 3);
        assert_eq!(told.iter().filter(|event| **event == in_shadow).count(), 3);
        assert_eq!(told.len(), 6, "{told:?}");
    }
}

/// Returns a policy with a shadow, and the same policy without.
#[cfg(feature = "serde")]
fn with_and_without_shadow() -> [PolicyMap; 2] {
    let with: PolicyMap = toml::from_str("[shadow]\nmax_age = 60").expect("the file is valid");
    let without = with.policy("/").expect("there is one").clone();
    [with, without.into()]
}

#[cfg(feature = "serde")]
#[test]
fn a_shadow_of_the_map_itself_is_told_with_it() {
    let events = recorded(|| {
        let log = Log::new();
        for map in with_and_without_shadow() {
            log.clone()
                .start(&mut AdapterOptions::default(), &map.into());
        }
    });
    let shadows: Vec<_> = told(&events)
        .into_iter()
        .map(|[.., summary]| summary.is_some_and(|summary| summary.contains("shadow: ")))
        .collect();
    assert_eq!(shadows, [true, false], "{events:#?}");
}

#[cfg(all(feature = "reload", feature = "serde"))]
#[test]
fn a_shadow_that_comes_or_goes_is_a_change() {
    let [with, without] = with_and_without_shadow();
    assert_eq!(with.changes_from(&without), "shadow added");
    assert_eq!(without.changes_from(&with), "shadow removed");
    assert_eq!(with.changes_from(&with.clone()), "nothing");
}

#[cfg(feature = "reload")]
#[test]
fn a_replacement_in_the_shadow_is_told_as_one() {
    use crate::policy::reload::SharedPolicy;

    let events = recorded(|| {
        let shadow = SharedPolicy::new(policy().policy().clone());
        let log = Log::new();
        let mut options = AdapterOptions::default();
        log.start(&mut options, &policy().policy().clone().into());
        options.put_shadow(shadow.clone());
        shadow.replace(
            build(Policy::builder().allow_null_origin(true))
                .policy()
                .clone(),
        );
    });
    let messages: Vec<_> = events
        .iter()
        .map(|event| ["message", "changed"].map(|name| event.field(name)))
        .collect();
    let changed = concat!(
        r#"allow_origins (removed "https://app.example.com"); "#,
        "allow_null_origin (false -> true)",
    );
    assert_eq!(
        messages,
        [
            [Some("CORS policy in use"), None],
            [Some("CORS policy in the shadow"), None],
            [Some("CORS policy in the shadow replaced"), Some(changed)],
        ]
    );
}

#[cfg(feature = "reload")]
#[test]
fn predicates_that_may_be_others_are_a_change() {
    let with = |count| {
        let policy = (0..count).fold(Policy::builder(), |policy, _| {
            policy.allow_origin_if(|_| false)
        });
        build(policy).policy().clone()
    };
    let map = |default: &Policy, path: &Policy| {
        let map = PolicyMap::builder().default_policy(default.clone());
        let map = map.path("/feed", path.clone());
        map.build().expect("the map is valid")
    };
    let [none, one, another, two] = [0, 1, 1, 2].map(with);
    let counted = "predicates (1 -> 2)";
    let unknown = "predicates (1, which can't be compared)";
    let of_path = |change: &str| format!("paths changed: \"/feed\" ({change})");
    for (old, new, change) in [
        ((&none, &none), (&with(0), &with(0)), "nothing".to_owned()),
        ((&one, &one), (&one, &one), "nothing".to_owned()),
        ((&none, &one), (&with(0), &one), "nothing".to_owned()),
        ((&one, &none), (&two, &none), counted.to_owned()),
        ((&one, &none), (&another, &none), unknown.to_owned()),
        ((&none, &one), (&none, &two), of_path(counted)),
        ((&none, &one), (&none, &another), of_path(unknown)),
        (
            (&none, &none),
            (&none, &one),
            of_path("predicates (0 -> 1)"),
        ),
        // What a path has in common with all others is told once.
        ((&one, &one), (&another, &another), unknown.to_owned()),
        ((&one, &one), (&one, &none), of_path("predicates (1 -> 0)")),
    ] {
        let changes = map(new.0, new.1).changes_from(&map(old.0, old.1));
        assert_eq!(changes, change);
    }
}
