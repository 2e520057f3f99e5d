//! [`Same`]: policies of two files that are the same, found without looking at what they inherit.

use std::collections::HashMap;

use cors_core::{Policy, PolicyMap};
use serde_json::Value;

use super::pairs::Pair;

/// Policies of two files that are the same.
///
/// Paths have what they write themselves, and all else from the top. Where the tops are the same,
/// it is enough to compare the former: thousands of paths may inherit a long list.
#[derive(Debug, Default)]
pub(super) struct Same {
    /// By the place of a policy, what its path writes itself. Empty where the tops differ.
    own: [HashMap<usize, Value>; 2],
}

impl Same {
    pub(super) fn of(sides: [&PolicyMap; 2]) -> Self {
        let written = sides.map(|side| serde_json::to_value(side.config()).unwrap_or_default());
        let [old, new] = written.each_ref().map(top);
        if old.is_none() || old != new {
            return Self::default();
        }
        let mut same = Self::default();
        for ((side, written), own) in sides.into_iter().zip(&written).zip(&mut same.own) {
            let tables = written.get("paths").and_then(Value::as_array);
            let policies = side.paths().map(|(_, policy)| policy);
            for (table, policy) in tables.into_iter().flatten().zip(policies) {
                if let (Value::Object(table), Some(policy)) = (table, policy) {
                    let mut table = table.clone();
                    table.remove("path");
                    own.insert(place(policy), Value::Object(table));
                }
            }
            let nothing = Value::Object(serde_json::Map::new());
            own.extend(side.default_policy().map(|policy| (place(policy), nothing)));
        }
        same
    }

    /// Returns whether both policies of a path are known to be the same, or neither file has one.
    pub(super) fn has(&self, pair: Pair<'_>) -> bool {
        let [old_own, new_own] = &self.own;
        match pair {
            [None, None] => true,
            [Some(old), Some(new)] => old_own
                .get(&place(old))
                .zip(new_own.get(&place(new)))
                .is_some_and(|(old, new)| old == new),
            [Some(_), None] | [None, Some(_)] => false,
        }
    }
}

/// Returns the keys at the top.
fn top(written: &Value) -> Option<Value> {
    let mut top = written.as_object()?.clone();
    top.remove("paths");
    top.remove("shadow");
    Some(Value::Object(top))
}

/// Returns where a policy is: a map has each of its policies once.
pub(super) fn place(policy: &Policy) -> usize {
    std::ptr::from_ref(policy).addr()
}
