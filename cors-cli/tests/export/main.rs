//! `cors export`: what is an error, where it stands, and what comments say.

mod nginx;
mod run;

use std::error::Error;

use self::run::{differences, export};

type Tested = Result<(), Box<dyn Error>>;

/// What each program can't be told, of each setting: `-` where it can.
#[test]
fn a_setting_that_would_not_hold_is_named_with_what_comes_of_it() -> Tested {
    let table = [
        // (what is added to the policy, the place, Envoy, the Gateway API, nginx)
        (
            "allow_headers = [\"x-acme-*\"]",
            "allow_headers[0]",
            "narrower",
            "narrower",
            "narrower",
        ),
        (
            "expose_headers = [\"x-acme-*\"]",
            "expose_headers[0]",
            "narrower",
            "narrower",
            "narrower",
        ),
        (
            "allow_headers = [\"*\"]",
            "allow_headers[0]",
            "-",
            "narrower",
            "-",
        ),
        (
            "allow_methods = [\"PURGE\"]",
            "allow_methods[0]",
            "-",
            "narrower",
            "-",
        ),
        (
            "allow_origin_regexes = ['https://a[1-9]\\.example']",
            "allow_origin_regexes[0]",
            "-",
            "narrower",
            "-",
        ),
        (
            "allow_origin_regexes = ['https://a[1-9]\\.example|\\*']",
            "allow_origin_regexes[0]",
            "narrower",
            "narrower",
            "narrower",
        ),
        (
            "allow_origin_regexes = ['https://a[1-9]\\.example|null']",
            "allow_origin_regexes[0]",
            "narrower",
            "narrower",
            "narrower",
        ),
        (
            "allow_origin_regexes = ['https?://a[1-9]\\.example']\nallow_credentials = true",
            "allow_origin_regexes[0]",
            "narrower",
            "narrower",
            "narrower",
        ),
        (
            "allow_null_origin = true",
            "allow_null_origin",
            "-",
            "narrower",
            "-",
        ),
        (
            "allow_credentials_from = [\"https://b.example\"]",
            "allow_credentials_from",
            "-",
            "narrower",
            "-",
        ),
        ("max_age = 0", "max_age", "-", "wider", "-"),
        (
            "allow_private_network = true",
            "allow_private_network",
            "-",
            "narrower",
            "-",
        ),
        (
            "preflight_status = 202",
            "preflight_status",
            "other",
            "other",
            "-",
        ),
        ("preflight_status = 200", "preflight_status", "-", "-", "-"),
        (
            "preflight_refusal_status = 418",
            "preflight_refusal_status",
            "other",
            "other",
            "-",
        ),
        (
            "preflight_passthrough = true",
            "preflight_passthrough",
            "other",
            "other",
            "-",
        ),
        (
            "keep_app_headers = true",
            "keep_app_headers",
            "wider",
            "wider",
            "wider",
        ),
        (
            "reject_disallowed_origins = true",
            "reject_disallowed_origins",
            "wider",
            "wider",
            "-",
        ),
        (
            "allow_hosts = [\"api.example\"]",
            "allow_hosts",
            "-",
            "-",
            "-",
        ),
        (
            "allow_hosts = [\"api.example:8443\"]",
            "allow_hosts",
            "wider",
            "wider",
            "narrower",
        ),
        (
            "allow_hosts = [\"127.0.0.1\"]",
            "allow_hosts",
            "-",
            "wider",
            "-",
        ),
        (
            "check_public_suffixes = true",
            "check_public_suffixes",
            "-",
            "-",
            "-",
        ),
    ];
    for (added, place, envoy, gateway_api, nginx) in table {
        let policy = format!("allow_origins = [\"https://a.example\"]\n{added}\n");
        let engines = [
            ("envoy", envoy),
            ("gateway-api", gateway_api),
            ("nginx", nginx),
        ];
        for (engine, effect) in engines {
            let (_, found) = differences(engine, &policy)?;
            let is_at = |at: &str| at == place || at.strip_suffix("[0]") == Some(place);
            match effect {
                "-" => assert_eq!(found, [], "{engine}: {added}"),
                effect => {
                    let [(told, at)] = &found[..] else {
                        panic!("{engine}: {added}: {found:?}");
                    };
                    assert_eq!(told, effect, "{engine}: {added}");
                    assert!(is_at(at), "{engine}: {added}: {at}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn the_line_of_the_file_is_shown() -> Tested {
    let policy = "allow_origins = [\"https://a.example\"]\n\n\
                  [[paths]]\npath = \"/x\"\nkeep_app_headers = true\n";
    let run = export("envoy", policy, &[])?;
    assert_eq!(run.status, Some(1));
    assert!(
        run.stderr.contains("paths[0].keep_app_headers"),
        "{}",
        run.stderr
    );
    assert!(run.stderr.contains("cors.toml:5:20"), "{}", run.stderr);
    Ok(())
}

/// Implementations of the Gateway API need not have expressions for paths.
#[test]
fn a_parameter_of_a_path_is_wider_at_the_gateway_api() -> Tested {
    let policy = "allow_origins = [\"*\"]\n\n[[paths]]\npath = \"/x/{id}\"\nallow_origins = []\n";
    for (engine, effects) in [
        ("envoy", &[][..]),
        ("nginx", &[]),
        ("gateway-api", &["wider"]),
    ] {
        let (_, found) = differences(engine, policy)?;
        let told: Vec<_> = found.iter().map(|(effect, _)| effect.as_str()).collect();
        assert_eq!(told, effects, "{engine}");
    }
    Ok(())
}

/// A path without a policy is for every host, and takes nothing from those of the other paths.
#[test]
fn a_path_that_is_switched_off_keeps_the_hosts_of_the_others() -> Tested {
    let policy = "allow_origins = [\"https://a.example\"]\nallow_hosts = [\"api.example\"]\n\n\
                  [[paths]]\npath = \"/x\"\nenabled = false\n";
    for engine in ["envoy", "nginx"] {
        assert_eq!(differences(engine, policy)?.1, [], "{engine}");
    }
    let place = "paths[0].enabled".to_owned();
    let (_, found) = differences("gateway-api", policy)?;
    assert_eq!(found, [("narrower".to_owned(), place)]);
    Ok(())
}

/// What many paths take over from the top is one difference.
#[test]
fn what_paths_take_over_is_named_once() -> Tested {
    let policy = "allow_origins = [\"https://a.example\"]\nkeep_app_headers = true\n\n\
                  [[paths]]\npath = \"/x\"\n\n[[paths]]\npath = \"/y\"\nmax_age = 1\n";
    let (_, found) = differences("nginx", policy)?;
    assert_eq!(found, [("wider".to_owned(), "keep_app_headers".to_owned())]);
    Ok(())
}

#[test]
fn a_file_that_cannot_be_read_or_built_is_exit_status_2() -> Tested {
    for policy in [
        "allow_origins = [\"https://a.example/\"]\n",
        "allow_origins =",
        "wrong = 1\n",
    ] {
        let run = export("envoy", policy, &["--lossy"])?;
        assert_eq!((run.status, &*run.stdout), (Some(2), ""), "{policy}");
        assert!(run.stderr.contains("cors.toml"), "{}", run.stderr);
    }
    Ok(())
}

/// A file says in few words that many paths have the same long list.
#[test]
fn what_would_be_written_is_bounded() -> Tested {
    let origins: String = (0..5000)
        .map(|index| format!("\"https://a{index}.example\","))
        .collect();
    let paths: String = (0..200)
        .map(|index| format!("[[paths]]\npath = \"/p{index}\"\nmax_age = 1\n"))
        .collect();
    let policy = format!("allow_origins = [{origins}]\n{paths}");
    for engine in ["envoy", "gateway-api", "nginx"] {
        let run = export(engine, &policy, &[])?;
        assert_eq!((run.status, &*run.stdout), (Some(2), ""), "{engine}");
        assert!(run.stderr.contains("8 MB"), "{engine}: {}", run.stderr);
    }
    Ok(())
}

/// A comment ends with its line, and what a file says can't end it.
#[test]
fn nothing_of_the_file_breaks_out_of_a_comment() -> Tested {
    let policy = "allow_origins = [\"https://a.example\"]\n\
                  allow_origin_regexes = [\"https://a[1-9]\\\\.example|null|(?x)\\n evil: \\n\\u0007\"]\n";
    for engine in ["envoy", "gateway-api", "nginx"] {
        let (text, found) = differences(engine, policy)?;
        assert_eq!(found.len(), 1, "{engine}: {found:?}");
        assert!(!text.contains("evil") && !text.contains('\u{7}'), "{text}");
    }
    Ok(())
}

#[test]
fn requests_go_where_the_command_line_says() -> Tested {
    let policy = "allow_origins = [\"https://a.example\"]\n";
    for engine in ["envoy", "gateway-api"] {
        let run = export(engine, policy, &["--cluster", "orders: \"x\" #\n"])?;
        let value: serde_json::Value = serde_saphyr::from_str(&run.stdout)?;
        let found = value.to_string().contains(r#""orders: \"x\" #\n""#);
        assert!(found, "{engine}: {}", run.stdout);
    }
    Ok(())
}
