//! Regular expressions are compiled once a file, however many paths have them.

use std::fmt::Write as _;

use super::run::{Tested, diff};

/// What became one policy of several is compared by itself. Compiled anew for each of the paths, the
/// expressions would take longer than a test may.
#[test]
fn expressions_that_many_paths_inherit_are_compared_as_far_as_is_bounded() -> Tested {
    let expressions =
        (1..=12).map(|n| format!("'https://(a|b){{1,{n}}}[a-z]{{1,60}}\\.x{n}\\.example'"));
    let expressions: Vec<_> = expressions.collect();
    let top = format!("allow_origin_regexes = [{}]\n", expressions.join(", "));
    let (mut apart, mut merged) = (top.clone(), top);
    for n in 0..700 {
        for (below, method) in [("a", "M"), ("b", "N")] {
            let _ = write!(
                apart,
                "[[paths]]\npath = \"/p{n}/{below}\"\nallow_methods = [\"{method}{n}\"]\n"
            );
        }
        let _ = write!(
            merged,
            "[[paths]]\npath = \"/p{n}/{{*rest}}\"\nallow_methods = [\"Q{n}\"]\n"
        );
    }
    assert!(diff(&apart, &merged)?.widens());
    Ok(())
}
