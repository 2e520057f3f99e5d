//! The table in the README has the lists of the policies.

use std::error::Error;

use cors_axum::PolicyConfig;
use example_recipes::{
    connect, plain_hyper, query, reverse_proxy, signed_in, sse, telemetry, uploads,
};

/// Returns the cell of a list.
fn cell(list: &[String]) -> String {
    let items: Vec<_> = list.iter().map(|item| format!("`{item}`")).collect();
    items.join(", ")
}

#[test]
fn it_has_the_lists_of_each_recipe() -> Result<(), Box<dyn Error>> {
    let policies = [
        ("connect", connect::policy()?),
        ("plain_hyper", plain_hyper::policy()?),
        ("query", query::policy()?),
        ("reverse_proxy", reverse_proxy::policy()?),
        ("signed_in", signed_in::policy()?),
        ("sse", sse::policy()?),
        ("telemetry", telemetry::policy()?),
        ("uploads", uploads::policy()?),
    ];
    let readme = include_str!("../README.md");
    let rows: Vec<_> = readme
        .lines()
        .filter(|line| line.starts_with("| [`"))
        .collect();
    assert_eq!(rows.len(), policies.len());
    for (row, (name, policy)) in rows.into_iter().zip(policies) {
        let PolicyConfig {
            allow_methods,
            allow_headers,
            expose_headers,
            ..
        } = policy.config();
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let of_policy = [&allow_methods, &allow_headers, &expose_headers].map(|list| cell(list));
        assert_eq!(cells[1], format!("[`{name}`](src/{name}.rs)"));
        assert_eq!(cells[2..5], of_policy, "{name}");
    }
    Ok(())
}
