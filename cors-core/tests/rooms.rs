//! The rooms of the crate keep to what they may import, and no file imports in a circle.
//!
//! The test reads imports. It does not see a method that is called on a value, wherever the method
//! stands.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Each room, and the rooms that it may import.
const MAY_IMPORT: [(&str, &[&str]); 7] = [
    ("protocol", &[]),
    ("policy", &["protocol"]),
    ("evaluate", &["policy", "protocol"]),
    ("browser", &["protocol"]),
    ("adapter", &["browser", "evaluate", "policy", "protocol"]),
    ("tell", &["adapter", "policy", "protocol"]),
    ("probe", &["browser", "policy", "protocol"]),
];

/// Returns the text of every file of `src` that is Rust, by its module's path; inline tests are left
/// out.
fn modules() -> BTreeMap<String, String> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules = BTreeMap::new();
    let mut folders = vec![src.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src can be read") {
            let path = entry.expect("src can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file is UTF-8");
                let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
                let module = path.strip_prefix(&src).expect("below src");
                let module = module.with_extension("").display().to_string();
                modules.insert(module.replace('/', "::"), text.to_owned());
            }
        }
    }
    modules
}

/// Returns the paths that a file imports or names: `crate::..`, `super::..` and `self::..`, each from
/// the crate's root, without comments.
fn imports(module: &str, text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join(" ");
    let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
    let mut found = BTreeSet::new();
    for (start, base) in [("crate::", ""), ("super::", parent), ("self::", module)] {
        for (index, _) in code.match_indices(start) {
            let whole_word =
                !code[..index].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
            if !whole_word {
                continue;
            }
            let rest = &code[index + start.len()..];
            for path in expand(rest) {
                let path = if base.is_empty() {
                    path
                } else {
                    format!("{base}::{path}")
                };
                found.insert(path);
            }
        }
    }
    found
}

/// Returns the paths of one import, whose last part may be a list in braces.
fn expand(text: &str) -> Vec<String> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let end = text.find(|c| !is_path(c)).unwrap_or(text.len());
    let (path, rest) = text.split_at(end);
    let Some(list) = rest
        .strip_prefix('{')
        .filter(|_| path.is_empty() || path.ends_with("::"))
    else {
        return vec![path.to_owned()];
    };
    items(list)
        .iter()
        .flat_map(|item| expand(item))
        .map(|item| format!("{path}{item}"))
        .collect()
}

/// Returns the items of a list up to its closing brace; a list may stand in an item.
fn items(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut items) = (0, 0, Vec::new());
    for (index, byte) in list.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b',' | b'}' if depth == 0 => {
                items.push(list[start..index].trim());
                start = index + 1;
                if byte == b'}' {
                    break;
                }
            }
            _ => {}
        }
    }
    items.retain(|item| !item.is_empty());
    items
}

/// Returns the file that holds a path: the longest module that it begins with.
fn file_of<'m>(path: &str, modules: &'m BTreeMap<String, String>) -> Option<&'m str> {
    modules
        .keys()
        .filter(|module| path == *module || path.starts_with(&format!("{module}::")))
        .max_by_key(|module| module.len())
        .map(String::as_str)
}

fn room(module: &str) -> &str {
    module.split("::").next().unwrap_or_default()
}

/// Returns which file imports which.
fn arrows(modules: &BTreeMap<String, String>) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut arrows = BTreeMap::new();
    for (module, text) in modules {
        // The root names everything, and everything may be named there.
        if module == "lib" {
            continue;
        }
        let targets: BTreeSet<_> = imports(module, text)
            .iter()
            .filter_map(|path| file_of(path, modules))
            .filter(|target| target != module)
            .collect();
        arrows.insert(module.as_str(), targets);
    }
    arrows
}

#[test]
fn a_room_imports_only_what_it_may() {
    let modules = modules();
    let arrows = arrows(&modules);
    let mut between_rooms = 0;
    for (module, targets) in &arrows {
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == room(module)) else {
            assert_eq!(room(module), "guide", "{module} stands in no room");
            continue;
        };
        for target in targets {
            let fits = room(target) == room(module) || allowed.contains(&room(target));
            assert!(fits, "{module} imports {target}");
            between_rooms += usize::from(room(target) != room(module));
        }
    }
    // The reading of the imports finds some.
    assert!(between_rooms > 40, "{between_rooms} imports");
}

/// What stands at the root comes from anywhere, so nothing in the crate imports it from there.
#[test]
fn nothing_is_imported_from_the_root() {
    let modules = modules();
    for (module, text) in modules.iter().filter(|(module, _)| *module != "lib") {
        for path in imports(module, text) {
            let known = file_of(&path, &modules).is_some();
            assert!(known, "{module} imports {path} from the root");
        }
    }
}

#[test]
fn no_file_imports_itself_by_way_of_others() {
    let modules = modules();
    let mut arrows = arrows(&modules);
    // A file is free once all that it imports is.
    while let Some(free) = arrows
        .iter()
        .find(|(_, targets)| targets.iter().all(|target| !arrows.contains_key(target)))
        .map(|(module, _)| *module)
    {
        arrows.remove(free);
    }
    assert!(arrows.is_empty(), "in circles, or above one: {arrows:#?}");
}

/// The public methods of a policy are listed in one file.
#[test]
fn the_methods_of_a_policy_stand_in_one_file() {
    let with_methods: Vec<_> = modules()
        .into_iter()
        .filter(|(_, text)| {
            let blocks = text.split("\nimpl ").skip(1);
            blocks
                .filter_map(|block| block.split("\n}").next())
                .filter_map(|block| block.split_once(" {\n"))
                .filter(|(of, _)| *of == "Policy" || of.ends_with("::Policy"))
                .any(|(_, block)| {
                    block.contains("    pub fn ") || block.contains("    pub const fn ")
                })
        })
        .map(|(module, _)| module)
        .collect();
    assert_eq!(with_methods, ["evaluate"]);
}

/// The tests above see what is wrong.
#[test]
fn an_import_is_read_however_it_is_written() {
    let text = "use crate::policy::{Policy, map::{PolicyMap, x}};\nuse super::origin;\n// use crate::no\nfn f(x: crate::browser::X) {}";
    let found = imports("protocol::host", text);
    for path in [
        "policy::Policy",
        "policy::map::PolicyMap",
        "policy::map::x",
        "protocol::origin",
        "browser::X",
    ] {
        assert!(found.contains(path), "{path}: {found:?}");
    }
    assert!(!found.iter().any(|path| path.contains("no")));
}

/// The diagram for people has each arrow that is allowed, and no other.
#[test]
fn the_diagram_of_the_architecture_has_what_is_allowed() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../ARCHITECTURE.md");
    let page = fs::read_to_string(page).expect("the page can be read");
    let diagram = page
        .split("```mermaid\n")
        .filter_map(|rest| rest.split("```").next())
        .find(|diagram| diagram.contains("    probe -->"))
        .expect("the page has the diagram");
    let drawn: BTreeMap<_, BTreeSet<_>> = diagram
        .lines()
        .filter_map(|line| line.split_once(" --> "))
        .map(|(from, to)| (from.trim(), to.split(" & ").collect()))
        .collect();
    let allowed = MAY_IMPORT
        .iter()
        .filter(|(_, to)| !to.is_empty())
        .map(|(from, to)| (*from, to.iter().copied().collect()));
    assert_eq!(drawn, allowed.collect());
}
