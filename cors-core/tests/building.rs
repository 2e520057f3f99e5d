//! Building costs what was written: lists are read once and kept once, a path costs what it has of
//! its own, and problems are counted rather than kept.

use cors_core::{Policy, PolicyConfig, PolicyErrors, Problem, ProblemKind};

#[test]
fn the_first_hundred_problems_are_kept_and_the_others_counted() {
    let build = |mistakes: usize| {
        let methods = (0..mistakes).map(|index| format!("not a method {index}"));
        let policy = Policy::builder().allow_methods(methods.collect::<Vec<_>>());
        policy.max_age(std::time::Duration::MAX).build()
    };
    for (mistakes, kept, last_line) in [
        (99, 100, None),
        (100, 100, Some("and 1 more problem")),
        (3_000, 100, Some("and 2901 more problems")),
    ] {
        let errors = build(mistakes).expect_err("mistakes");
        assert_eq!(errors.problems().len(), kept);
        assert_eq!(errors.omitted(), mistakes + 1 - kept);
        let text = errors.to_string();
        let last = text.lines().nth(100);
        assert_eq!(last, last_line, "{mistakes}");
        let first = &errors.problems()[0];
        assert_eq!(first.location().to_string(), "allow_methods[0]");
        assert_eq!(errors.into_iter().count(), kept);
    }
}

/// Two sorts of problems in one list: each is counted, and the first hundred are the first of both.
#[test]
fn the_first_hundred_are_the_first_ones_as_written() {
    let written = (0..150).flat_map(|_| ["http://a.example", "https://a.example/"]);
    let errors = Policy::builder()
        .allow_origins(written.collect::<Vec<_>>())
        .allow_credentials(true)
        .build()
        .expect_err("mistakes");
    let items: Vec<_> = errors
        .problems()
        .iter()
        .map(|problem| problem.location().item())
        .collect();
    assert_eq!(items, (0..100).map(Some).collect::<Vec<_>>());
    assert_eq!(errors.omitted(), 200);
}

#[test]
fn a_problem_keeps_the_beginning_of_a_long_value() {
    // The cut would be in the middle of a character.
    let long = format!("x{}", "\u{fc}".repeat(500_000));
    let errors = Policy::builder().allow_methods([&long]).build();
    let errors = errors.expect_err("the method is no token");
    let problem = &errors.problems()[0];
    assert!(problem.value().len() <= 2_048 && long.starts_with(problem.value()));
    let text = problem.to_string();
    assert!(text.contains(" and 999882 bytes more"), "{text}");
}

#[test]
fn names_have_a_longest_length() -> Result<(), PolicyErrors> {
    let longest = "x".repeat(256);
    let policy = Policy::builder()
        .allow_methods([&longest])
        .allow_headers([&longest])
        .expose_headers([&longest])
        .build()?;
    assert_eq!(policy.config().allow_headers, [longest.as_str()]);
    let longer = longest + "x";
    let errors = Policy::builder()
        .allow_methods([&longer])
        .allow_headers([&longer])
        .expose_headers([&longer])
        .build()
        .expect_err("three names are too long");
    let kinds: Vec<_> = errors.problems().iter().map(Problem::kind).collect();
    let header = &ProblemKind::HeaderNameTooLong;
    assert_eq!(kinds, [&ProblemKind::MethodTooLong, header, header]);
    Ok(())
}

/// What is too long is said to be that, whatever else is wrong with it.
#[test]
fn up_to_its_longest_length_a_name_with_an_asterisk_is_a_prefix_that_is_none() {
    for (length, expected) in [
        (256, ProblemKind::HeaderPrefixInvalid(Vec::new())),
        (257, ProblemKind::HeaderNameTooLong),
    ] {
        let item = format!("{}*x", "x".repeat(length - 2));
        let errors = Policy::builder().allow_headers([item]).build();
        let errors = errors.expect_err("an asterisk stands at the end alone");
        assert_eq!(errors.problems()[0].kind(), &expected, "{length} bytes");
    }
}

#[test]
fn a_list_in_one_string_is_taken_apart_up_to_2048_bytes() {
    let methods = || vec!["GET".to_owned(), "PUT".to_owned()];
    for (length, expected) in [
        (2_048, ProblemKind::SeveralInItem(methods())),
        (2_049, ProblemKind::MethodTooLong),
    ] {
        let item = format!("GET,{}PUT", " ".repeat(length - 7));
        let errors = Policy::builder().allow_methods([item]).build();
        let errors = errors.expect_err("a method has no comma");
        assert_eq!(errors.problems()[0].kind(), &expected, "{length} bytes");
    }
}

/// It is a sign of a token, and no list where there is one name.
#[test]
fn a_name_may_have_a_bar_that_parts_it_from_nothing() -> Result<(), PolicyErrors> {
    let policy = Policy::builder()
        .allow_methods(["PUSH|"])
        .allow_headers(["x-a|"])
        .build()?;
    assert_eq!(policy.config().allow_methods, ["PUSH|"]);
    assert_eq!(policy.config().allow_headers, ["x-a|"]);
    Ok(())
}

#[test]
fn what_is_meant_is_asked_of_the_variables_that_are_told_alone() {
    let read = |count: usize| {
        let names = (0..count).map(|index| format!("CORS_NO_SETTING_{index:05}"));
        let variables: Vec<_> = names.map(|name| (name, "x")).collect();
        let mut errors = None;
        let allocated = allocation_counter::measure(|| {
            errors = PolicyConfig::from_vars("CORS_", variables).err();
        });
        let errors = errors.expect("no setting has these names");
        assert_eq!(errors.problems().len() + errors.omitted(), count);
        allocated.bytes_total
    };
    // A name is compared with those of all settings, in some kilobytes.
    let (told, all) = (read(100), read(2_100));
    assert!(told > 100 * 4_000, "{told} bytes");
    assert!(all - told < 2_000 * 1_000, "{told} bytes, then {all}");
}

#[cfg(feature = "regex")]
mod regexes {
    use super::*;

    #[test]
    fn all_regular_expressions_together_have_a_bound() {
        let build = |count: usize| {
            let written = (0..count).map(|index| format!(r"https://pr-\d+\.team-{index}\.example"));
            let policy = Policy::builder().allow_origin_regexes(written.collect::<Vec<_>>());
            policy.build()
        };
        assert!(build(200).is_ok());
        let errors = build(3_000).expect_err("too many");
        let first = &errors.problems()[0];
        assert_eq!(first.kind(), &ProblemKind::RegexesTooLarge);
        // What is before the first problem could stand alone.
        let fitting = first.location().item().expect("an item of the list");
        assert!(build(fitting).is_ok());
        assert_eq!(errors.problems().len() + errors.omitted(), 3_000 - fitting);
    }

    #[test]
    fn a_repeated_expression_counts_once() -> Result<(), PolicyErrors> {
        let mut written = vec![r"https://pr-\d+\.example"; 20_000];
        written.push(r"https://b\d+\.example");
        let policy = Policy::builder().allow_origin_regexes(&written).build()?;
        assert!(policy.allows_origin("https://pr-7.example"));
        assert!(policy.allows_origin("https://b7.example"));
        assert_eq!(policy.config().allow_origin_regexes, written);
        Ok(())
    }
}

/// What is allocated for n and for 2n items: a cost that grows with the square of n would be four
/// times as high.
fn assert_linear(name: &str, build: impl Fn(usize)) {
    // Tables grow by doubling, so the larger list is twice the smaller one.
    const ITEMS: usize = 500;
    let bytes = |count| allocation_counter::measure(|| build(count)).bytes_total;
    let (some, twice) = (bytes(ITEMS), bytes(2 * ITEMS));
    assert!(some > 10_000, "{name}: {some} bytes, so nothing was built");
    assert!(twice < some * 5 / 2, "{name}: {some} bytes, then {twice}");
}

/// The text of the settings, and its copy among those that are looked up.
#[test]
fn an_origin_as_browsers_serialize_it_is_kept_twice_and_copied_no_more() {
    let build = |count: usize| {
        let written: Vec<_> = (0..count)
            .map(|index| format!("https://tenant-{index}.example.com:8443"))
            .collect();
        allocation_counter::measure(|| {
            assert!(Policy::builder().allow_origins(&written).build().is_ok());
        })
    };
    let (some, more) = (build(1_000), build(5_000));
    let each = (more.count_total - some.count_total) / 4_000;
    assert_eq!(each, 2, "{some:?}, then {more:?}");
}

/// Returns whether an item is built, and what is said to it, with credentials and without.
fn outcome(item: &str) -> Vec<Result<(), Vec<String>>> {
    let build = |credentials| {
        let policy = Policy::builder().allow_origins([item]);
        policy.allow_credentials(credentials).build()
    };
    let codes = |errors: PolicyErrors| {
        let problems = errors.problems().iter();
        problems
            .map(|problem| format!("{:?}", std::mem::discriminant(problem.kind())))
            .collect()
    };
    [false, true]
        .map(|credentials| build(credentials).map(drop).map_err(codes))
        .into()
}

proptest::proptest! {
    /// An item with a capital letter is read in full; the same without is perhaps taken as it is.
    #[test]
    fn an_origin_that_is_taken_as_it_stands_is_one_that_is_read(
        item in "(https?|ws|wss|file|app|ftp|null|a.b)://([a-z0-9._~*:\\[\\]-]{0,8}|([0-9]{1,3}\\.){1,3}(x|_|7-9|[0-9]{1,3})|\\[[0-9a-f:]{2,6}\\]|é)(:[0-9]{1,5})?",
    ) {
        let capital = item[..1].to_ascii_uppercase() + &item[1..];
        proptest::prop_assert_eq!(outcome(&item), outcome(&capital));
        let built = |written: &str| Policy::builder().allow_origins([written]).build().ok();
        if let (Some(policy), Some(in_full)) = (built(&item), built(&capital)) {
            for origin in [&*item, "https://a.com", "http://localhost"] {
                proptest::prop_assert_eq!(
                    policy.allows_origin(origin),
                    in_full.allows_origin(origin)
                );
            }
        }
    }
}

#[test]
fn a_list_is_linear() {
    let names = |count: usize| (0..count).map(|index| format!("x-{index:05}"));
    assert_linear("allow_origins", |count| {
        let origins = (0..count).map(|index| format!("https://a{index:05}.example"));
        let patterns = (0..count).map(|index| format!("https://*.a{index:05}.example"));
        let ports = (0..count).map(|index| format!("https://*.b.example:{}", 9_000 - index));
        let written: Vec<_> = origins.chain(patterns).chain(ports).collect();
        assert!(Policy::builder().allow_origins(written).build().is_ok());
    });
    assert_linear("allow_methods", |count| {
        let written: Vec<_> = names(count).collect();
        assert!(Policy::builder().allow_methods(written).build().is_ok());
    });
    assert_linear("allow_headers", |count| {
        let written: Vec<_> = names(count).collect();
        assert!(Policy::builder().allow_headers(written).build().is_ok());
    });
    assert_linear("expose_headers", |count| {
        let written: Vec<_> = names(count).collect();
        assert!(Policy::builder().expose_headers(written).build().is_ok());
    });
    assert_linear("allow_hosts", |count| {
        let hosts = (0..count).map(|index| format!("a{index:05}.example"));
        let below = (0..count).map(|index| format!("*.a{index:05}.example"));
        let ports = (0..count).map(|index| format!("b.example:{}", 9_000 - index));
        let written: Vec<_> = hosts.chain(below).chain(ports).collect();
        assert!(Policy::builder().allow_hosts(written).build().is_ok());
    });
}

#[cfg(all(feature = "paths", feature = "serde"))]
mod by_path {
    use std::fmt::Write as _;

    use cors_core::{Policy, PolicyConfig, PolicyMap, PolicyMapConfig, Problem};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use serde::Deserialize as _;
    use serde_json::{Map, Value, json};

    use super::assert_linear;

    /// A file whose top has `items` of every list, and so many paths that write one key.
    fn file(items: usize, paths: usize, key: &str) -> PolicyMapConfig {
        let list = |item: &dyn Fn(usize) -> String| {
            let items: Vec<_> = (0..items)
                .map(|index| format!("\"{}\"", item(index)))
                .collect();
            items.join(",")
        };
        let mut text = format!(
            "allow_origins = [{}]\nallow_methods = [{}]\nallow_headers = [{}]\nexpose_headers = [{}]\nallow_hosts = [{}]\n",
            list(&|index| format!("http://a{index}.example")),
            list(&|index| format!("M{index}")),
            list(&|index| format!("x-{index}")),
            list(&|index| format!("y-{index}")),
            list(&|index| format!("z{index}.example")),
        );
        for index in 0..paths {
            // Writing to a String can't fail.
            let _ = write!(text, "[[paths]]\npath = \"/{index}\"\n{key}\n");
        }
        toml::from_str(&text).expect("the file can be read")
    }

    /// An expression among the origins is compiled to see whether it may be the remedy.
    #[cfg(feature = "regex")]
    #[test]
    fn all_remedies_together_have_a_bound() {
        let build = |paths: usize| {
            let mut text = String::new();
            for path in 0..paths {
                let item = |index| format!(r"'^https://(.*a.{{4}}){{2}}x{path}-{index}\.example$'");
                let items: Vec<_> = (0..100).map(item).collect();
                let items = items.join(",");
                // Writing to a String can't fail.
                let _ = write!(
                    text,
                    "[[paths]]\npath = '/{path}'\nallow_origins = [{items}]\n"
                );
            }
            let config: PolicyMapConfig = toml::from_str(&text).expect("the file can be read");
            let errors = config.build().expect_err("no item is an origin");
            assert_eq!(errors.problems().len() + errors.omitted(), 100 * paths);
        };
        let bytes = |paths| allocation_counter::measure(|| build(paths)).bytes_total;
        let (one, eight) = (bytes(1), bytes(8));
        assert!(eight < 2 * one, "{one} bytes, then {eight}");
    }

    #[test]
    fn a_path_does_not_pay_for_what_it_inherits() {
        for (key, is_built) in [
            ("", true),
            ("max_age = 5", true),
            ("allow_methods = [\"PUT\"]", true),
            ("allow_credentials = true", false),
            ("max_age = 86401", false),
        ] {
            let config = |count| file(count, count, key);
            let [some, twice] = [config(500), config(1_000)];
            assert_linear(key, |count| {
                let config = if count == 500 { &some } else { &twice };
                let built = config.build();
                assert_eq!(built.is_ok(), is_built, "{key}");
                if let Ok(map) = built {
                    assert_eq!(map.config().build().is_ok(), is_built, "{key}");
                }
            });
        }
    }

    #[cfg(feature = "http")]
    #[test]
    fn an_adapter_does_not_pay_for_what_paths_inherit() {
        use std::sync::Arc;

        use cors_core::adapter::{Http1, Prepared, PreparedPolicies};

        for key in ["", "max_age = 5"] {
            let map = |count| file(count, count, key).build().expect("the file is right");
            let [some, twice] = [map(500), map(1_000)];
            assert_linear(key, |count| {
                let map = if count == 500 { &some } else { &twice };
                // Something that is made once a policy, whatever the key is.
                let policies = PreparedPolicies::prepare(map.clone(), Arc::<Prepared<Http1>>::new);
                drop((policies, vec![0_u8; count * 100]));
            });
        }
    }

    #[test]
    fn an_inherited_list_is_judged_under_the_settings_of_the_path() {
        let text = "allow_origins = [\"*\", \"http://a.example\", \"https://b.example/\"]\n\
                    expose_headers = [\"*\"]\n\
                    [[paths]]\npath = \"/a\"\nallow_credentials = true\n\
                    [[paths]]\npath = \"/b\"\nallow_credentials = true\n\
                    dangerously_allow_insecure_origins_with_credentials = true\n\
                    allow_origins = [\"http://c.example\"]\n\
                    [[paths]]\npath = \"/c\"\nmax_age = 5\n";
        let config: PolicyMapConfig = toml::from_str(text).expect("the file can be read");
        let errors = config.build().expect_err("the file has problems");
        let found: Vec<_> = errors
            .problems()
            .iter()
            .map(|problem| format!("{} {}", problem.location(), problem.value()))
            .collect();
        assert_eq!(
            found,
            [
                "allow_origins[2] https://b.example/",
                "paths[0].allow_origins[0] *",
                "paths[0].allow_origins[1] http://a.example",
                "paths[0].expose_headers[0] *",
                "paths[1].expose_headers[0] *",
            ]
        );
    }

    /// The lists of policies that were built one by one are compared by what is in them.
    #[test]
    fn equal_lists_are_written_down_once() -> Result<(), Box<dyn std::error::Error>> {
        let policy = || {
            Policy::builder()
                .allow_origins(["https://a.example"])
                .allow_methods(["PUT"])
        };
        let map = PolicyMap::builder()
            .default_policy(policy().build()?)
            .path("/a", policy().allow_headers(["x-a"]).build()?)
            .build()?;
        let text = toml::to_string(&map.config())?;
        for key in [
            "allow_origins = [\"",
            "allow_methods = [\"",
            "allow_headers = [\"",
        ] {
            assert_eq!(text.matches(key).count(), 1, "{text}");
        }
        Ok(())
    }

    /// Settings with right, wrong and dangerous items.
    fn settings() -> impl Strategy<Value = Map<String, Value>> {
        let list = |items: &'static [&'static str]| vec(select(items), 0..4);
        let origins = list(&[
            "*",
            "https://a.example",
            "http://a.example",
            "http://*.b.example",
            "file://",
            "https://a.example/",
            "null",
        ]);
        let names = list(&[
            "*",
            "x-a",
            "X-A",
            "authorization",
            "a b",
            "TRACE",
            "set-cookie",
            "host",
        ]);
        let hosts = list(&["*", "a.example", "*.b.example:80", "a.example/", ""]);
        let lists = (origins, names.clone(), names.clone(), names, hosts);
        let numbers = (select(vec![0, 600, 86_401]), select(vec![200, 204, 302]));
        let switches = vec(any::<bool>(), 9);
        (lists, numbers, switches).prop_map(
            |((origins, methods, headers, exposed, hosts), numbers, switches)| {
                let settings = json!({
                    "allow_origins": origins,
                    "allow_methods": methods,
                    "allow_headers": headers,
                    "expose_headers": exposed,
                    "allow_hosts": hosts,
                    "max_age": numbers.0,
                    "preflight_status": numbers.1,
                    "preflight_refusal_status": numbers.1,
                    "allow_null_origin": switches[0],
                    "allow_credentials": switches[1],
                    "allow_private_network": switches[2],
                    "keep_app_headers": switches[3],
                    "reject_disallowed_origins": switches[4],
                    "dangerously_allow_any_origin_with_credentials": switches[5],
                    "dangerously_allow_null_origin_with_credentials": switches[6],
                    "dangerously_allow_insecure_origins_with_credentials": switches[7],
                    "dangerously_allow_private_networks_with_credentials": switches[8],
                });
                settings
                    .as_object()
                    .expect("it is written as an object")
                    .clone()
            },
        )
    }

    fn policy(settings: &Map<String, Value>) -> Result<Policy, Vec<Problem>> {
        let config = PolicyConfig::deserialize(Value::from(settings.clone()));
        let built = config.expect("the settings can be read").build();
        built.map_err(|errors| errors.into_iter().collect())
    }

    proptest! {
        /// The twin merges the settings of the top into those of the path, and builds the result.
        #[test]
        fn a_path_is_as_if_it_had_written_all(
            top in settings(),
            other in settings(),
            written in vec(any::<bool>(), 16),
        ) {
            let written = other.into_iter().zip(written).filter(|(_, written)| *written);
            let own: Map<_, _> = written.map(|(setting, _)| setting).collect();
            let mut merged = top.clone();
            merged.extend(own.clone());
            // Where any origin is allowed nobody is rejected, and what is inherited is no mistake.
            let is_for_all = merged["allow_credentials"] == false
                && merged["allow_origins"].as_array().is_some_and(|items| items.contains(&"*".into()));
            if is_for_all && !own.contains_key("reject_disallowed_origins") {
                merged.insert("reject_disallowed_origins".to_owned(), false.into());
            }
            let mut path = own.clone();
            path.insert("path".to_owned(), "/a".into());
            let mut file = top.clone();
            file.insert("paths".to_owned(), json!([path]));
            let file = PolicyMapConfig::deserialize(Value::from(file));
            let built = file.expect("the file can be read").build();

            let (top, merged) = (policy(&top), policy(&merged));
            match (built, &top, merged) {
                (Ok(map), Ok(_), Ok(merged)) => {
                    let path = map.policy("/a").expect("the path has a policy");
                    prop_assert_eq!(path.config(), merged.config());
                    prop_assert_eq!(format!("{path:?}"), format!("{merged:?}"));
                    let again = map.config().build()?;
                    prop_assert_eq!(again.policy("/a").map(Policy::config), Some(merged.config()));
                }
                (Err(errors), top, merged) => {
                    let of_top = top.as_ref().err().cloned().unwrap_or_default();
                    let mut expected: Vec<_> = of_top.iter().map(Problem::to_string).collect();
                    for problem in merged.err().unwrap_or_default() {
                        let is_own = own.contains_key(problem.location().setting().name());
                        if is_own || !of_top.contains(&problem) {
                            expected.push(format!("paths[0].{problem}"));
                        }
                    }
                    let found: Vec<_> = errors.into_iter().map(|found| found.to_string()).collect();
                    prop_assert_eq!(found, expected);
                }
                (built, top, merged) => prop_assert!(false, "{:?} {:?} {:?}", built, top, merged),
            }
        }
    }
}
