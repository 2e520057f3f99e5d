//! `decide` allocates nothing, whatever the request holds.

mod support;

use cors_core::{Policy, PolicyErrors, Predicate};
use support::Request;

fn policy(with_credentials: bool) -> Result<Policy, PolicyErrors> {
    let exact = (0..1_000).map(|index| format!("https://app-{index}.example.com"));
    let builder = Policy::builder()
        .allow_origins(exact)
        .allow_origins([
            "https://*.example.org:*",
            "http://localhost:*",
            "http://[::1]:*",
        ])
        .allow_origin_predicate(
            Predicate::new(|query| query.header("x-tenant") == Some(b"blue")).reads(["x-tenant"]),
        )
        .allow_methods(["PUT", "DELETE"])
        .allow_headers(["content-type", "x-requested-with", "x-acme-*"])
        .expose_headers(["x-id", "x-acme-*"])
        .allow_private_network(true)
        .reject_disallowed_origins(true);
    #[cfg(feature = "regex")]
    let builder = builder.allow_origin_regexes([r"https://pr-\d+\.example\.net"]);
    if with_credentials {
        builder
            .allow_methods(["*"])
            .allow_headers(["*"])
            .allow_credentials(true)
            .build()
    } else {
        builder.build()
    }
}

fn requests() -> Vec<Request> {
    let origins: Vec<Vec<u8>> = vec![
        b"https://app-999.example.com".to_vec(),
        b"https://a.b.example.org:8443".to_vec(),
        b"http://localhost:5173".to_vec(),
        b"http://[::1]:5173".to_vec(),
        b"http://[0:0::1]".to_vec(),
        b"http://[::ffff:102:304]".to_vec(),
        b"https://pr-17.example.net".to_vec(),
        b"https://evil.example".to_vec(),
        b"http://evil.example".to_vec(),
        b"https://evil.com/.example.org".to_vec(),
        b"null".to_vec(),
        b"file://".to_vec(),
        b"".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        [
            b"https://".to_vec(),
            b"a.".repeat(120),
            b"example.org".to_vec(),
        ]
        .concat(),
        [
            b"https://".to_vec(),
            b"a.".repeat(2_000),
            b"example.org".to_vec(),
        ]
        .concat(),
        vec![b'a'; 65_536],
    ];
    let lists: Vec<Vec<u8>> = vec![
        b"content-type,x-requested-with".to_vec(),
        b" Content-Type ,,\tX-REQUESTED-WITH,".to_vec(),
        b"content-type,authorization,x-evil".to_vec(),
        b"".to_vec(),
        b"x\xff,\x00".to_vec(),
        vec![b','; 16_384],
        vec![b' '; 8_192],
        b"content-type,".repeat(600),
        (0..4_096)
            .flat_map(|index| format!("x{index},").into_bytes())
            .collect(),
    ];
    let mut requests = Vec::new();
    for origin in &origins {
        let actual = |method| {
            Request::new(method)
                .with("origin", origin)
                .with("host", "a.example")
        };
        requests.push(actual("GET"));
        requests.push(actual("POST").with("sec-fetch-site", "same-origin"));
        requests.push(actual("GET").with("x-tenant", "blue"));
        requests.push(actual("GET").with("origin", origin));
        for method in ["PUT", "POST", "PROPFIND", "TRACE", "", "a b"] {
            let preflight = actual("OPTIONS").with("access-control-request-method", method);
            requests.push(
                preflight
                    .clone()
                    .with("access-control-request-private-network", "true"),
            );
            for list in &lists {
                requests.push(preflight.clone().asking_for(list));
                requests.push(preflight.clone().asking_for(list).asking_for(list));
            }
        }
    }
    requests.push(Request::new("GET"));
    requests
}

#[test]
fn decide_allocates_nothing() -> Result<(), PolicyErrors> {
    let mut requests = requests();
    for list in ["x-acme-id,X-Acme-Two", "x-acme-id,x-acmex", "x-acme-"] {
        let preflight = Request::preflight("https://app-999.example.com", "PUT");
        requests.push(preflight.asking_for(list));
    }
    for policy in [policy(false)?, policy(true)?] {
        let (mut allowed, mut refused) = (0, 0);
        for request in &requests {
            let mut decision = None;
            let allocations = allocation_counter::measure(|| {
                decision = Some(policy.decide(request));
            });
            assert_eq!(allocations.count_total, 0, "{request:?}");
            // No asynchronous predicate, so nothing to wait for.
            let allocations = allocation_counter::measure(|| drop(policy.evaluate(request)));
            assert_eq!(allocations.count_total, 0, "{request:?}");
            allowed += usize::from(decision.is_some_and(cors_core::Decision::is_allowed));
            refused += usize::from(decision.is_some_and(|decision| decision.refusal().is_some()));
        }
        // The requests are worth measuring only if both ways were taken often.
        assert!(
            allowed > 30 && refused > 300,
            "{allowed} allowed, {refused} refused"
        );
    }
    Ok(())
}

/// Nor does the shadow, and what a listener is told of it.
#[test]
fn to_tell_of_a_shadow_allocates_nothing() -> Result<(), PolicyErrors> {
    use cors_core::adapter::{BoundDecision, Listeners, Shadow};

    let shadow = Shadow::new(policy(true)?);
    let policy = policy(false)?;
    let mut listeners = Listeners::default();
    listeners.add(|event| {
        std::hint::black_box(event.shadow_difference());
    });
    for request in requests() {
        let bound = BoundDecision::evaluate(policy.clone(), &request);
        let bound = support::block_on(bound);
        let allocations = allocation_counter::measure(|| {
            let bound = bound.beside_shadow(Some(&shadow), &request);
            bound.tell(&listeners, &request);
        });
        assert_eq!(allocations.count_total, 0);
    }
    Ok(())
}

/// The counter itself counts.
#[test]
fn an_allocation_would_be_seen() {
    let allocations = allocation_counter::measure(|| drop(std::hint::black_box(vec![1u8; 100])));
    assert_eq!(allocations.count_total, 1);
}

/// Which policy a request has costs no allocation either, by path or from a shared handle, once
/// what an adapter makes of it is made.
#[cfg(feature = "reload")]
#[test]
fn to_find_the_policy_of_a_request_allocates_nothing() -> Result<(), PolicyErrors> {
    use cors_core::adapter::{InstalledPolicy, PreparedPolicies};
    use cors_core::{PolicyMap, SharedPolicy};

    let map = PolicyMap::builder()
        .default_policy(policy(false)?)
        .path("/api/{version}/{kind}/{id}", policy(true)?)
        .path("/feeds/{*feed}", policy(false)?)
        .disable_path("/internal/{*rest}")
        .build()?;
    let shared = SharedPolicy::new(map.clone());
    for policies in [
        PreparedPolicies::new(map.clone(), InstalledPolicy::clone),
        PreparedPolicies::new(shared.clone(), InstalledPolicy::clone),
    ] {
        for path in [
            "/",
            "*",
            "/api/1/notes/7",
            "/feeds/news/today",
            "/internal/metrics",
            &"/api".repeat(1_000),
        ] {
            let mut request = Request::new("GET");
            request.path = path.to_owned();
            // The first look makes what a replaced policy needs.
            let _ = policies.get(&request);
            let allocations = allocation_counter::measure(|| drop(policies.get(&request)));
            assert_eq!(allocations.count_total, 0, "{path}");
        }
        shared.replace(map.clone());
    }
    Ok(())
}

/// Patterns of texts and names below each other, in as many ways as a file of this size has.
fn mixed_patterns(bytes: usize) -> Vec<String> {
    let mut state = 1u32;
    let mut below = |bound| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % bound
    };
    let (mut patterns, mut written) = (std::collections::BTreeSet::new(), 0);
    while written < bytes {
        let segments = 1 + below(64);
        let texts = ["/{name}", "/a", "/b", "/c"];
        let pattern: String = (0..segments).map(|_| texts[below(4) as usize]).collect();
        written += pattern.len();
        patterns.insert(pattern);
    }
    patterns.into_iter().collect()
}

#[test]
fn no_patterns_take_more_memory_than_a_map_may() -> Result<(), PolicyErrors> {
    const MEGABYTE: usize = 1024 * 1024;
    let policy = policy(false)?;
    let mut builder = cors_core::PolicyMap::builder();
    for pattern in mixed_patterns(MEGABYTE) {
        builder = builder.path(pattern, policy.clone());
    }
    let mut map = None;
    let allocations = allocation_counter::measure(|| map = Some(builder.build()));
    assert!(map.is_some_and(|map| map.is_ok()));
    assert!(
        allocations.bytes_max < 100 * MEGABYTE as u64,
        "{allocations:?}"
    );
    Ok(())
}
