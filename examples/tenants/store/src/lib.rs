//! Tenants in a database: which pages may use each one's API, and the notes in it. Nothing in here
//! knows a web framework; the servers beside this crate are axum, actix-web, Rocket and warp.
//!
//! Nobody signs in, so anybody can read and write. CORS would not prevent that either: it is about
//! the pages that a browser shows, and a client that is not a browser can send any `Origin`.
//!
//! What such a client can make the database do is bounded. The origins of a host are read once and
//! kept for a minute, so made-up origins ask it nothing. A made-up host asks it once a minute, if it
//! has the form of a host name, and the memory of hosts has a bound. So many different ones are as
//! many queries, one after the other: what limits clients belongs in front of the server.

#![deny(missing_docs)]

#[cfg(feature = "check")]
pub mod check;
mod host;
mod store;

use std::time::Duration;

use cors_core::{AsyncPredicate, Policy, PolicyErrors};

pub use store::{Error, NewNote, Note, Store};

/// The database of the servers, in the current directory.
pub const DATABASE: &str = "tenants.sqlite";

/// The policy of all tenants: what each of them allows is asked in the store.
///
/// # Errors
///
/// Never, as the test below knows.
pub fn policy(store: Store) -> Result<Policy, PolicyErrors> {
    // The answer hangs on the host too, which needs no `reads`: it is part of the URL under which a
    // cache keeps an answer.
    let of_tenant = AsyncPredicate::new(move |query| {
        let store = store.clone();
        async move { store.allows(&query).await }
    });
    Policy::builder()
        .allow_headers(["content-type"])
        .allow_credentials(true)
        .max_age(Duration::from_secs(600))
        .allow_origin_if_async(of_tenant.timeout_with(|| tokio::time::sleep(LONGEST_WAIT)))
        .build()
}

/// How long a request waits to hear whether its origin is allowed, before that means no. A lookup
/// takes microseconds; this is for a disk that has stopped answering.
const LONGEST_WAIT: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use cors_core::Refusal;
    use http::Request;

    use super::*;

    async fn ask(policy: &Policy, host: &str, origin: &str) -> Option<Refusal> {
        let request = Request::get("/notes")
            .header("host", host)
            .header("origin", origin)
            .body(())
            .expect("the parts are valid");
        policy.evaluate(&request).await.refusal()
    }

    #[tokio::test]
    async fn a_tenant_s_pages_are_allowed_at_its_host_alone()
    -> Result<(), Box<dyn std::error::Error>> {
        let policy = policy(Store::in_memory()?)?;
        let blue = "https://app.blue.example";
        assert_eq!(ask(&policy, "blue.localhost", blue).await, None);
        assert_eq!(
            ask(&policy, "green.localhost", blue).await,
            Some(Refusal::OriginNotAllowed)
        );
        assert_eq!(
            ask(&policy, "red.localhost", blue).await,
            Some(Refusal::OriginNotAllowed)
        );
        Ok(())
    }

    #[tokio::test]
    async fn a_database_that_hangs_allows_nobody() -> Result<(), Box<dyn std::error::Error>> {
        let store = Store::in_memory()?;
        let policy = policy(store.clone())?;
        let hanging = store.hang().await;
        let (host, origin) = ("blue.localhost", "https://app.blue.example");
        assert_eq!(
            ask(&policy, host, origin).await,
            Some(Refusal::PredicateTimedOut)
        );
        drop(hanging);
        assert_eq!(ask(&policy, host, origin).await, None);
        Ok(())
    }

    #[tokio::test]
    async fn made_up_origins_keep_no_page_of_a_known_host_waiting()
    -> Result<(), Box<dyn std::error::Error>> {
        let store = Store::in_memory()?;
        let policy = policy(store.clone())?;
        let host = "blue.localhost";
        for number in 0..100 {
            assert_eq!(
                ask(&policy, host, &format!("https://{number}.example")).await,
                Some(Refusal::OriginNotAllowed)
            );
        }
        assert_eq!(store.queries(), 1);
        let _hanging = store.hang().await;
        assert_eq!(ask(&policy, host, "https://app.blue.example").await, None);
        Ok(())
    }

    #[tokio::test]
    async fn a_broken_database_allows_nobody() -> Result<(), Box<dyn std::error::Error>> {
        let store = Store::in_memory()?;
        let policy = policy(store.clone())?;
        store.break_down().await?;
        assert_eq!(
            ask(&policy, "blue.localhost", "https://app.blue.example").await,
            Some(Refusal::PredicateFailed)
        );
        Ok(())
    }
}
