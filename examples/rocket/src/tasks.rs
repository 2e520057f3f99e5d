//! The API: tasks in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rocket::http::Status;
use rocket::serde::json::Json;
use rocket::{Responder, Route, State, delete, get, post, put};
use serde::{Deserialize, Serialize};

#[derive(Default)]
pub(crate) struct Tasks(Mutex<BTreeMap<u32, Task>>);

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

pub(crate) fn routes() -> Vec<Route> {
    rocket::routes![list, create, replace, remove]
}

#[derive(Responder)]
struct Listed {
    entries: Json<Vec<Entry>>,
    total: Total,
}

/// `X-Total-Count`
struct Total(usize);

impl From<Total> for rocket::http::Header<'static> {
    fn from(Total(count): Total) -> Self {
        Self::new("x-total-count", count.to_string())
    }
}

#[get("/")]
fn list(tasks: &State<Tasks>) -> Listed {
    let entries: Vec<Entry> = tasks
        .lock()
        .iter()
        .map(|(id, task)| Entry {
            id: *id,
            task: task.clone(),
        })
        .collect();
    Listed {
        total: Total(entries.len()),
        entries: Json(entries),
    }
}

// Without `format`, Rocket takes JSON of any content type: any site could then send it as text/plain,
// for which browsers ask no preflight.
#[post("/", format = "json", data = "<task>")]
fn create(tasks: &State<Tasks>, task: Json<Task>) -> (Status, Json<Entry>) {
    let task = task.into_inner();
    let mut tasks = tasks.lock();
    let id = tasks.keys().next_back().map_or(1, |last| last + 1);
    tasks.insert(id, task.clone());
    (Status::Created, Json(Entry { id, task }))
}

#[put("/<id>", format = "json", data = "<task>")]
fn replace(tasks: &State<Tasks>, id: u32, task: Json<Task>) -> Status {
    match tasks.lock().get_mut(&id) {
        Some(slot) => {
            *slot = task.into_inner();
            Status::NoContent
        }
        None => Status::NotFound,
    }
}

#[delete("/<id>")]
fn remove(tasks: &State<Tasks>, id: u32) -> Status {
    match tasks.lock().remove(&id) {
        Some(_) => Status::NoContent,
        None => Status::NotFound,
    }
}
