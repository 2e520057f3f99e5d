//! The tools: notes in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rmcp::handler::server::wrapper::Parameters;
use rmcp::schemars::{self, JsonSchema};
use rmcp::{tool, tool_router};
use serde::Deserialize;

/// Notes, which all clients share.
#[derive(Clone, Debug, Default)]
pub struct Notes(Arc<Mutex<Vec<String>>>);

#[derive(Deserialize, JsonSchema)]
struct Note {
    /// What to note.
    text: String,
}

#[tool_router(server_handler)]
impl Notes {
    /// Adds a note.
    #[tool]
    fn add_note(&self, Parameters(note): Parameters<Note>) -> String {
        self.add(note.text);
        "noted".to_owned()
    }

    /// Returns all notes, a line each.
    #[tool]
    fn list_notes(&self) -> String {
        self.text()
    }
}

impl Notes {
    /// Adds a note.
    pub fn add(&self, note: String) {
        self.lock().push(note);
    }

    /// Returns all notes, a line each.
    #[must_use]
    pub fn text(&self) -> String {
        self.lock().join("\n")
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
