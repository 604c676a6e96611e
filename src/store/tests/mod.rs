//! The contract of the store, kept by both databases: every test here runs on a real SQLite and a real PostgreSQL.

mod acts;
mod changes;
pub(super) mod disk;
mod doubt;
mod failures;
mod files;
mod gifs;
mod library;
mod messages;
mod migration;
mod model;
mod order;
mod place;
pub(super) mod plan;
mod postgres;
mod purges;
mod rooms;
mod search;
mod turns;
mod whispers;

/// Makes two tests of each promise, which is an `async fn(Place)`.
macro_rules! on_both {
    ($($promise:ident),+ $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise($crate::store::tests::place::Place::sqlite()).await;
            })+
        }

        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                super::$promise($crate::store::tests::place::Place::postgres().await).await;
            })+
        }
    };
}
use on_both;
