//! Every link of a page leads somewhere: in the repository, on a forge or in a clone, and in
//! rustdoc, which shows the pages of the guide.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use walkdir::WalkDir;

/// What stands before each page of the guide in rustdoc: see `cors-core/src/guide.rs`.
const DEFINITIONS: &str = "cors-core/src/guide/links.md";
const GUIDE: &str = "cors-core/src/guide";

/// The pages of the repository, by their paths in it.
type Pages = BTreeMap<PathBuf, String>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns every page, but for those in directories that builds and tools make.
fn pages() -> io::Result<Pages> {
    let root = root();
    let is_ours = |name: &str| {
        let is_hidden = name.starts_with('.') && !matches!(name, ".." | ".ci" | ".github");
        !is_hidden && !matches!(name, "target" | "node_modules")
    };
    let mut pages = Pages::new();
    let walk = WalkDir::new(&root).into_iter();
    for entry in walk.filter_entry(|entry| entry.file_name().to_str().is_some_and(is_ours)) {
        let path = entry?.into_path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = fs::read_to_string(&path)?;
            let name = path.strip_prefix(&root).map_err(io::Error::other)?;
            pages.insert(name.to_owned(), text);
        }
    }
    assert!(pages.len() > 20, "{} pages", pages.len());
    Ok(pages)
}

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

/// Returns where the links and the pictures of a page lead, and its links that have no definition.
fn destinations(text: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut undefined = BTreeSet::new();
    let missing = |link: pulldown_cmark::BrokenLink<'_>| {
        // A list in brackets is no link, and a link of rustdoc is one.
        let label = link.reference.trim_matches('`');
        if label.contains("::") || label.contains(".md") || label.contains(".rs") {
            undefined.insert(label.to_owned());
        }
        None
    };
    let parser = Parser::new_with_broken_link_callback(text, Options::ENABLE_TABLES, Some(missing));
    let destinations = parser
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                Some(dest_url.into_string())
            }
            _ => None,
        })
        .collect();
    (destinations, undefined)
}

/// Returns the anchors of a page's headings, which forges and rustdoc make alike.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut seen = HashMap::<String, usize>::new();
    let mut heading: Option<String> = None;
    for event in parser(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let heading = heading.take().unwrap_or_default();
                let anchor: String = heading
                    .chars()
                    .filter(|char| char.is_alphanumeric() || " -_".contains(*char))
                    .map(|char| if char == ' ' { '-' } else { char })
                    .flat_map(char::to_lowercase)
                    .collect();
                let count = seen.entry(anchor.clone()).or_default();
                *count += 1;
                anchors.insert(match *count - 1 {
                    0 => anchor,
                    before => format!("{anchor}-{before}"),
                });
            }
            _ => {}
        }
    }
    anchors
}

fn is_url(destination: &str) -> bool {
    ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| destination.starts_with(scheme))
}

/// Returns a path without `..`, as far as it stays in the repository.
fn plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => plain.push(name),
            Component::ParentDir if plain.pop() => {}
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(plain)
}

/// Returns why a link of a page leads nowhere in the repository.
fn broken(pages: &Pages, page: &Path, destination: &str) -> Option<&'static str> {
    let (file, anchor) = match destination.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (destination, None),
    };
    let target = if file.is_empty() {
        page.to_owned()
    } else {
        match plain(&page.parent()?.join(file)) {
            Some(target) => target,
            None => return Some("outside of the repository"),
        }
    };
    if !root().join(&target).exists() {
        return Some("no such file");
    }
    let anchor = anchor?;
    match pages.get(&target) {
        Some(text) if anchors(text).contains(anchor) => None,
        Some(_) => Some("no such heading"),
        None => Some("an anchor of what is no page"),
    }
}

#[test]
fn links_lead_somewhere_in_the_repository() -> io::Result<()> {
    let pages = pages()?;
    let mut wrong = Vec::new();
    let mut count = 0;
    for (page, text) in &pages {
        // It is read before other pages only.
        if page == Path::new(DEFINITIONS) {
            continue;
        }
        let (destinations, undefined) = destinations(text);
        wrong.extend(undefined.iter().map(|label| {
            let page = page.display();
            format!("{page}: [{label}]: no definition at the end of the page")
        }));
        for destination in destinations.iter().filter(|link| !is_url(link)) {
            count += 1;
            if let Some(why) = broken(&pages, page, destination) {
                wrong.push(format!("{}: {destination}: {why}", page.display()));
            }
        }
    }
    assert!(count > 100, "{count} links");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Returns the pages of the guide as rustdoc gets them, by their names.
fn rustdoc(pages: &Pages) -> BTreeMap<String, String> {
    let mut guide = BTreeMap::<String, String>::new();
    for (page, text) in pages {
        let Ok(page) = page.strip_prefix(GUIDE) else {
            continue;
        };
        // The pages of a folder are parts of the page beside it.
        let name = page.components().next();
        let name = name.map(|name| Path::new(name.as_os_str()).with_extension(""));
        let name = name.unwrap_or_default().display().to_string();
        let definitions = &pages[Path::new(DEFINITIONS)];
        let whole = guide.entry(name).or_insert_with(|| definitions.clone());
        whole.push_str("\n\n");
        whole.push_str(text);
    }
    guide
}

/// rustdoc itself checks what begins with `crate::`, but for anchors.
#[test]
fn links_of_the_guide_lead_somewhere_in_rustdoc() -> io::Result<()> {
    let guide = rustdoc(&pages()?);
    let mut wrong = Vec::new();
    for (name, text) in &guide {
        let (destinations, _) = destinations(text);
        for destination in destinations.iter().filter(|link| !is_url(link)) {
            let (target, anchor) = destination.split_once('#').unwrap_or((destination, ""));
            let target = match target.strip_prefix("crate::guide::") {
                Some(page) => guide.get(page),
                None if target.is_empty() => Some(text),
                None if target.starts_with("crate::") && anchor.is_empty() => continue,
                None => None,
            };
            match target {
                Some(text) if anchor.is_empty() || anchors(text).contains(anchor) => {}
                _ => wrong.push(format!("{name}: {destination}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Their code is left out where the guide itself is compiled.
#[test]
fn the_code_of_pages_on_adapters_is_compiled() -> io::Result<()> {
    let guide = fs::read_to_string(root().join(GUIDE).with_extension("rs"))?;
    let compiled = fs::read_to_string(root().join("conformance/src/lib.rs"))?;
    let (_, list) = guide
        .split_once("pages_with_code_of_adapters! {")
        .expect("the guide has such pages");
    for name in list
        .split('}')
        .next()
        .unwrap_or_default()
        .split_whitespace()
    {
        let page = format!("\"../../{GUIDE}/{name}.md\"");
        assert!(compiled.contains(&page), "{name} is not compiled");
    }
    Ok(())
}

/// A page that the index lacks is found by nobody.
#[test]
fn the_index_of_the_guide_has_every_page() -> io::Result<()> {
    let guide = rustdoc(&pages()?);
    let (indexed, _) = destinations(&guide["README"]);
    for name in guide
        .keys()
        .filter(|name| !matches!(name.as_str(), "README" | "links"))
    {
        let link = format!("crate::guide::{name}");
        assert!(indexed.contains(&link), "{name} is not in the index");
    }
    Ok(())
}
