//! The API: tasks in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use actix_web::{HttpResponse, Responder};
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

pub(crate) fn routes(app: &mut ServiceConfig) {
    app.service(
        web::resource("")
            .route(web::get().to(list))
            .route(web::post().to(create)),
    )
    .service(
        web::resource("/{id}")
            .route(web::put().to(replace))
            .route(web::delete().to(remove)),
    );
}

async fn list(tasks: Data<Tasks>) -> impl Responder {
    let entries: Vec<Entry> = tasks
        .lock()
        .iter()
        .map(|(id, task)| Entry {
            id: *id,
            task: task.clone(),
        })
        .collect();
    HttpResponse::Ok()
        .insert_header(("x-total-count", entries.len()))
        .json(entries)
}

async fn create(tasks: Data<Tasks>, Json(task): Json<Task>) -> impl Responder {
    let mut tasks = tasks.lock();
    let id = tasks.keys().next_back().map_or(1, |last| last + 1);
    tasks.insert(id, task.clone());
    HttpResponse::Created().json(Entry { id, task })
}

async fn replace(tasks: Data<Tasks>, id: Path<u32>, Json(task): Json<Task>) -> impl Responder {
    match tasks.lock().get_mut(&id) {
        Some(slot) => {
            *slot = task;
            HttpResponse::NoContent()
        }
        None => HttpResponse::NotFound(),
    }
}

async fn remove(tasks: Data<Tasks>, id: Path<u32>) -> impl Responder {
    match tasks.lock().remove(&id) {
        Some(_) => HttpResponse::NoContent(),
        None => HttpResponse::NotFound(),
    }
}
