//! Findings for people: the lines of the file, with what is meant underlined.

use std::io;

use annotate_snippets::{AnnotationKind, Level as Title, Origin, Renderer, Snippet};
use anstream::{AutoStream, ColorChoice};

use crate::check::Checked;
use crate::finding::{Finding, Level};
use crate::is_shown;
use crate::lines::Lines;
use crate::source::Source;

pub(super) fn render(checked: &[Checked]) -> String {
    let renderer = match AutoStream::choice(&io::stdout()) {
        ColorChoice::Never => Renderer::plain(),
        _ => Renderer::styled(),
    };
    let mut text = String::new();
    for Checked { source, findings } in checked {
        let lines = Lines::of(&source.text);
        for finding in findings {
            text += &snippet(&renderer, source, &lines, finding);
            text += "\n\n";
        }
        text += &summary(&source.name, findings);
    }
    text
}

fn snippet(
    renderer: &Renderer,
    Source { name, text }: &Source,
    lines: &Lines<'_>,
    finding: &Finding,
) -> String {
    let level = match finding.level {
        Level::Problem => Title::ERROR,
        Level::Warning => Title::WARNING,
    };
    let title = match &*finding.place {
        "" => finding.why.clone(),
        place => format!("{place}: {}", finding.why),
    };
    let group = level.primary_title(title).id(&finding.kind);
    let span = finding.span.clone().unwrap_or(0..0);
    let mut group = match lines.around(&span) {
        Some((range, line)) => {
            let start = span.start.saturating_sub(range.start);
            let end = span.end.min(range.end).saturating_sub(range.start);
            let snippet = Snippet::source(seen(text.get(range).unwrap_or_default()))
                .line_start(line)
                .path(name)
                .annotation(AnnotationKind::Primary.span(start..end.max(start)));
            group.element(snippet)
        }
        None => {
            let (line, column) = lines.position(span.start);
            group.element(Origin::path(name).line(line).char_column(column))
        }
    };
    if !finding.remedy.is_empty() {
        group = group.element(Title::HELP.message(&finding.remedy));
    }
    renderer.render(&[group])
}

/// Returns a text whose characters can all be seen, and take as many bytes, so that places stay.
/// C0 controls are seen to by the renderer.
fn seen(text: &str) -> String {
    let seen = text.chars().map(|char| match char.len_utf8() {
        _ if char.is_ascii() || is_shown(char) => char.to_string(),
        2 => "\u{b7}".to_owned(),
        3 => "\u{fffd}".to_owned(),
        _ => "\u{b7}\u{b7}".to_owned(),
    });
    seen.collect()
}

fn summary(name: &str, findings: &[Finding]) -> String {
    let count = |level| {
        findings
            .iter()
            .filter(|finding| finding.level == level)
            .count()
    };
    let counted = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        count => Some(format!("{count} {word}s")),
    };
    let counts = [
        counted(count(Level::Problem), "problem"),
        counted(count(Level::Warning), "warning"),
    ];
    let counts: Vec<_> = counts.into_iter().flatten().collect();
    match &counts[..] {
        [] => format!("{name}: right\n"),
        counts => format!("{name}: {}\n", counts.join(", ")),
    }
}
