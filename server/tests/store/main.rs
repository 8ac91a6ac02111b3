//! What the store promises, held against SQLite and PostgreSQL alike.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

/// Makes a test of each function for each database.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $name() {
                    super::$name(crate::place::Place::sqlite()).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $name() {
                    super::$name(crate::place::Place::postgres().await).await;
                }
            )+
        }
    };
}

mod accounts;
mod api_tokens;
mod epochs;
mod fields;
mod log;
mod mcp_servers;
mod oauth;
mod opening;
mod place;
mod races;
mod rows;
mod seals;
