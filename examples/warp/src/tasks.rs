//! The API: tasks in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use warp::filters::BoxedFilter;
use warp::http::StatusCode;
use warp::reply::{Reply, Response};
use warp::{Filter, Rejection};

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

pub(crate) fn routes() -> BoxedFilter<(Response,)> {
    let tasks = Tasks::default();
    let tasks = warp::any().map(move || tasks.clone());
    let all = warp::path::end().and(tasks.clone());
    let one = warp::path::param().and(warp::path::end()).and(tasks);
    let list = all.clone().and(warp::get()).then(list);
    let create = all.and(warp::post()).and(body()).then(create);
    let replace = one.clone().and(warp::put()).and(body()).then(replace);
    let remove = one.and(warp::delete()).then(remove);
    list.or(create)
        .unify()
        .or(replace)
        .unify()
        .or(remove)
        .unify()
        .boxed()
}

fn body() -> impl Filter<Extract = (Task,), Error = Rejection> + Copy {
    // `warp::body::json` alone takes a body without a content type too: any site could then send it,
    // since browsers ask no preflight for that.
    warp::header::<String>("content-type")
        .and(warp::body::content_length_limit(LONGEST_BODY))
        .and(warp::body::json())
        .map(|_, task| task)
}

/// In bytes; warp itself has no bound.
const LONGEST_BODY: u64 = 16 << 10;

async fn list(tasks: Tasks) -> Response {
    let entries: Vec<Entry> = tasks
        .lock()
        .iter()
        .map(|(id, task)| Entry {
            id: *id,
            task: task.clone(),
        })
        .collect();
    let reply = warp::reply::json(&entries);
    warp::reply::with_header(reply, "x-total-count", entries.len()).into_response()
}

async fn create(tasks: Tasks, task: Task) -> Response {
    let mut tasks = tasks.lock();
    let id = tasks.keys().next_back().map_or(1, |last| last + 1);
    tasks.insert(id, task.clone());
    let reply = warp::reply::json(&Entry { id, task });
    warp::reply::with_status(reply, StatusCode::CREATED).into_response()
}

async fn replace(id: u32, tasks: Tasks, task: Task) -> Response {
    let status = match tasks.lock().get_mut(&id) {
        Some(slot) => {
            *slot = task;
            StatusCode::NO_CONTENT
        }
        None => StatusCode::NOT_FOUND,
    };
    status.into_response()
}

async fn remove(id: u32, tasks: Tasks) -> Response {
    let status = match tasks.lock().remove(&id) {
        Some(_) => StatusCode::NO_CONTENT,
        None => StatusCode::NOT_FOUND,
    };
    status.into_response()
}
