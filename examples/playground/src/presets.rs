//! Policies to begin with.

use serde::Serialize;

use crate::origins::PageOrigin;

/// A policy file, in which [`PAGE`] stands for the page's own origin.
struct Preset {
    name: &'static str,
    title: &'static str,
    text: &'static str,
}

/// What stands for the page's own origin, so that there is something to see.
const PAGE: &str = "http://localhost:PAGE";

const PRESETS: [Preset; 8] = [
    Preset {
        name: "cookies",
        title: "Single-page app with cookies",
        text: include_str!("../presets/cookies.toml"),
    },
    Preset {
        name: "public",
        title: "Public read-only API",
        text: include_str!("../presets/public.toml"),
    },
    Preset {
        name: "previews",
        title: "Previews on subdomains",
        text: include_str!("../presets/previews.toml"),
    },
    Preset {
        name: "desktop",
        title: "Desktop app (tauri://localhost)",
        text: include_str!("../presets/desktop.toml"),
    },
    Preset {
        name: "development",
        title: "Local development",
        text: include_str!("../presets/development.toml"),
    },
    Preset {
        name: "django",
        title: "From Python: django-cors-headers",
        text: include_str!("../../from-python/django.toml"),
    },
    Preset {
        name: "fastapi",
        title: "From Python: FastAPI",
        text: include_str!("../../from-python/fastapi.toml"),
    },
    Preset {
        name: "flask",
        title: "From Python: flask-cors",
        text: include_str!("../../from-python/flask.toml"),
    },
];

/// A preset for the page.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    name: &'static str,
    title: &'static str,
    text: String,
}

pub(crate) fn all(page: &str) -> Vec<Shown> {
    let of = |preset: &Preset| Shown {
        name: preset.name,
        title: preset.title,
        text: preset.text.replace(PAGE, page),
    };
    PRESETS.iter().map(of).collect()
}

/// Returns the preset that the servers start with.
pub(crate) fn first([page, ..]: &[PageOrigin; 4]) -> String {
    PRESETS[0].text.replace(PAGE, &page.origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_policy() {
        for preset in all("http://localhost:3000") {
            let built = crate::draft::build(&preset.text);
            assert!(built.is_ok(), "{}: {built:?}", preset.name);
            assert!(!preset.text.contains("PAGE"), "{}", preset.name);
        }
    }
}
