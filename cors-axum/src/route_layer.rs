//! The search for axum's `route_layer`.

use std::backtrace::Backtrace;

use cors_core::adapter::{AdapterOptions, Mistake};

/// Tells that a layer is given to a `route_layer`.
///
/// `Router` and `MethodRouter` give a layer the same services from `layer` and from `route_layer`,
/// so the stack alone says which of the two has called. Where it has no names, as in a program
/// without symbols, nothing is found.
///
/// The layer of a route is meant to see that route alone.
pub(crate) fn check(options: &AdapterOptions) {
    if !options.for_route && options.mistakes.is_worth_a_look() && is_called_by_route_layer() {
        options.mistakes.tell(&Mistake::route_layer());
    }
}

fn is_called_by_route_layer() -> bool {
    let stack = Backtrace::force_capture().to_string();
    stack.lines().any(is_route_layer)
}

/// Returns whether a line of a backtrace names the function, or a closure of it: a router applies a
/// layer to a handler later than it is given.
fn is_route_layer(line: &str) -> bool {
    if !line.contains("axum::routing::") {
        return false;
    }
    // The type arguments of another function may name it as well.
    let mut depth = 0u32;
    let outside: String = line
        .chars()
        .filter(|char| {
            match char {
                '<' => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        })
        .collect();
    outside.contains("::route_layer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_function_itself_is_found() {
        for (line, expected) in [
            ("  12: axum::routing::Router<S>::route_layer", true),
            (
                "   9: axum::routing::method_routing::MethodRouter<S,E>::route_layer::{{closure}}",
                true,
            ),
            (
                "   9: <axum::routing::method_routing::MethodRouter<S, E>>::route_layer::<L, N>::{closure#0}",
                true,
            ),
            ("  12: axum::routing::Router<S>::layer", false),
            (
                "   7: <axum::boxed::Map<axum::routing::MethodRouter<S>::route_layer::{closure#0}> as L>::call",
                false,
            ),
            ("   5: my_app::route_layer", false),
        ] {
            assert_eq!(is_route_layer(line), expected, "{line}");
        }
    }
}
