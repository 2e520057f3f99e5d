//! The API: tasks in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

#[derive(Clone, Default)]
struct Tasks(Arc<Mutex<BTreeMap<u32, Task>>>);

#[derive(Clone, Deserialize, Serialize)]
struct Task {
    title: String,
    #[serde(default)]
    done: bool,
}

#[derive(Serialize)]
struct Entry {
    id: u32,
    #[serde(flatten)]
    task: Task,
}

impl Tasks {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Task>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn router() -> Router {
    Router::new()
        .route("/", get(list).post(create))
        .route("/{id}", put(replace).delete(remove))
        .with_state(Tasks::default())
}

async fn list(State(tasks): State<Tasks>) -> impl IntoResponse {
    let entries: Vec<Entry> = tasks
        .lock()
        .iter()
        .map(|(id, task)| Entry {
            id: *id,
            task: task.clone(),
        })
        .collect();
    (
        [("x-total-count", entries.len().to_string())],
        Json(entries),
    )
}

async fn create(State(tasks): State<Tasks>, Json(task): Json<Task>) -> impl IntoResponse {
    let mut tasks = tasks.lock();
    let id = tasks.keys().next_back().map_or(1, |last| last + 1);
    tasks.insert(id, task.clone());
    (StatusCode::CREATED, Json(Entry { id, task }))
}

async fn replace(
    State(tasks): State<Tasks>,
    Path(id): Path<u32>,
    Json(task): Json<Task>,
) -> StatusCode {
    match tasks.lock().get_mut(&id) {
        Some(slot) => {
            *slot = task;
            StatusCode::NO_CONTENT
        }
        None => StatusCode::NOT_FOUND,
    }
}

async fn remove(State(tasks): State<Tasks>, Path(id): Path<u32>) -> StatusCode {
    match tasks.lock().remove(&id) {
        Some(_) => StatusCode::NO_CONTENT,
        None => StatusCode::NOT_FOUND,
    }
}
