//! Several `deskhand serve` processes on one database: what one is told holds for all, and for those that come after.

#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

/// Makes a test of each function for each database.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::installation::Installation::sqlite()).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    super::$name($crate::installation::Installation::postgres().await).await;
                }
            )+
        }
    };
}

mod administration;
mod crashes;
mod installation;
mod keys;
mod mcp_servers;
mod oauth;
mod starting;
