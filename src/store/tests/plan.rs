//! How SQLite means to go about a statement.

use sqlx::{Connection, SqliteConnection};

/// A database with every table, and no rows.
pub(in crate::store) async fn empty() -> SqliteConnection {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::migrate!().run(&mut connection).await.unwrap();
    crate::store::index::make(&mut connection).await.unwrap();
    connection
}

/// The steps, as `EXPLAIN QUERY PLAN` tells them.
pub(in crate::store) async fn plan(connection: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let explain = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
    let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(connection).await.unwrap();
    rows.into_iter().map(|row| row.3).collect()
}
