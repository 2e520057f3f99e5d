use tokio::task::{JoinSet, yield_now};

use super::*;

const BLUE: Option<&str> = Some("blue.localhost");
const BLUE_PAGE: &str = "https://app.blue.example";

#[tokio::test]
async fn origins_are_those_of_the_host_s_tenant() -> Result<(), Arc<Error>> {
    let store = Store::in_memory()?;
    for (host, origin, allowed) in [
        (BLUE, BLUE_PAGE, true),
        (BLUE, "http://localhost:5173", true),
        (BLUE, "https://app.green.example", false),
        (Some("BLUE.localhost:3000"), BLUE_PAGE, true),
        (Some("green.localhost"), BLUE_PAGE, false),
        (Some("green.localhost"), "https://app.green.example", true),
        (Some("red.localhost"), BLUE_PAGE, false),
        (Some("' OR 1 --"), BLUE_PAGE, false),
        (None, BLUE_PAGE, false),
    ] {
        let answer = store.allows_at(host, origin).await?;
        assert_eq!(answer, allowed, "{host:?} {origin}");
    }
    Ok(())
}

#[tokio::test]
async fn made_up_origins_do_not_reach_the_database() -> Result<(), Arc<Error>> {
    let store = Store::in_memory()?;
    for number in 0..1_000 {
        let origin = format!("https://{number}.example");
        assert!(!store.allows_at(BLUE, &origin).await?);
    }
    assert!(store.allows_at(BLUE, BLUE_PAGE).await?);
    assert_eq!(store.queries(), 1);
    Ok(())
}

#[tokio::test]
async fn a_made_up_host_is_one_query_and_what_is_no_host_none() -> Result<(), Arc<Error>> {
    let store = Store::in_memory()?;
    for number in 0..10 {
        let origin = format!("https://{number}.example");
        assert!(!store.allows_at(Some("red.localhost"), &origin).await?);
        assert!(!store.allows_at(Some("red localhost"), &origin).await?);
        assert!(!store.allows_at(None, &origin).await?);
    }
    assert_eq!(store.queries(), 1);
    Ok(())
}

#[tokio::test]
async fn of_all_that_ask_for_a_host_at_once_one_asks_the_database()
-> Result<(), Box<dyn std::error::Error>> {
    let store = Store::in_memory()?;
    let hanging = store.hang().await;
    let mut asking = JoinSet::new();
    for number in 0..20 {
        let store = store.clone();
        let origin = format!("https://{number}.example");
        asking.spawn(async move { store.allows_at(BLUE, &origin).await });
    }
    // All of them wait by now: the runtime has one thread.
    yield_now().await;
    drop(hanging);
    while let Some(answer) = asking.join_next().await {
        assert!(!answer??);
    }
    assert_eq!(store.queries(), 1);
    Ok(())
}

#[tokio::test]
async fn origins_are_kept_for_a_while() -> Result<(), Arc<Error>> {
    let store = Store::in_memory()?;
    let new = "https://new.blue.example";
    assert!(!store.allows_at(BLUE, new).await?);
    store
        .run(move |database| {
            database.execute("INSERT INTO origin VALUES ('blue.localhost', ?1)", [new])
        })
        .await?;
    assert!(!store.allows_at(BLUE, new).await?);
    store.origins.invalidate_all();
    assert!(store.allows_at(BLUE, new).await?);
    Ok(())
}

#[tokio::test]
async fn a_flood_of_made_up_hosts_is_bounded_and_leaves_the_one_in_use() -> Result<(), Arc<Error>> {
    let store = Store::in_memory()?;
    let hosts = MOST_HOSTS + 2_000;
    for number in 0..hosts {
        let host = format!("{number}.example");
        assert!(!store.allows_at(Some(&host), BLUE_PAGE).await?);
        assert!(store.allows_at(BLUE, BLUE_PAGE).await?);
    }
    store.origins.run_pending_tasks().await;
    assert!((1..=MOST_HOSTS).contains(&store.origins.entry_count()));
    assert_eq!(store.queries() as u64, hosts + 1);
    Ok(())
}

#[tokio::test]
async fn an_error_is_no_answer_and_is_not_kept() -> Result<(), Arc<Error>> {
    let store = Store::in_memory()?;
    store.break_down().await?;
    for _ in 0..2 {
        assert!(store.allows_at(BLUE, BLUE_PAGE).await.is_err());
    }
    store.origins.run_pending_tasks().await;
    assert_eq!((store.origins.entry_count(), store.queries()), (0, 3));
    Ok(())
}

#[tokio::test]
async fn a_database_is_made_once() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("tenants.sqlite");
    let note = NewNote {
        text: "tea".to_owned(),
    };
    let added = Store::open(&path)?.add(BLUE, note).await?;
    let notes = Store::open(&path)?.notes(BLUE).await?;
    assert_eq!(notes, Some(Vec::from_iter(added)));
    Ok(())
}

#[test]
fn a_file_that_is_no_database_is_an_error() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("tenants.sqlite");
    std::fs::write(&path, "allow_origins = []\n".repeat(100))?;
    assert!(Store::open(&path).is_err());
    Ok(())
}
