//! Findings for people: the lines of the file, with what is meant underlined.

use std::io;

use annotate_snippets::{AnnotationKind, Level as Title, Renderer, Snippet};
use anstream::{AutoStream, ColorChoice};

use crate::check::Checked;
use crate::finding::{Finding, Level};

pub(super) fn render(checked: &[Checked]) -> String {
    let renderer = match AutoStream::choice(&io::stdout()) {
        ColorChoice::Never => Renderer::plain(),
        _ => Renderer::styled(),
    };
    let mut text = String::new();
    for Checked { source, findings } in checked {
        for finding in findings {
            text += &snippet(&renderer, &source.name, &source.text, finding);
            text += "\n\n";
        }
        text += &summary(&source.name, findings);
    }
    text
}

fn snippet(renderer: &Renderer, name: &str, text: &str, finding: &Finding) -> String {
    let level = match finding.level {
        Level::Problem => Title::ERROR,
        Level::Warning => Title::WARNING,
    };
    let title = match &*finding.place {
        "" => finding.why.clone(),
        place => format!("{place}: {}", finding.why),
    };
    let span = finding.span.clone().unwrap_or(0..0);
    // These are two bytes each, as is what stands for them, so that places stay.
    let text = text.replace(|char| ('\u{80}'..='\u{9f}').contains(&char), "\u{b7}");
    let snippet = Snippet::source(text)
        .path(name)
        .annotation(AnnotationKind::Primary.span(span));
    let mut group = level
        .primary_title(title)
        .id(&finding.kind)
        .element(snippet);
    if !finding.remedy.is_empty() {
        group = group.element(Title::HELP.message(&finding.remedy));
    }
    renderer.render(&[group])
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
