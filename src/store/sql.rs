//! One SQL text for two databases: everything that knows there are two is in this file.
//!
//! A statement is a constant text with `$1` parameters, its arguments are [`Arg`]s, and its rows are types that
//! implement [`Record`]. What runs it is a [`Sql`]: a borrowed connection to either database, alone or within a
//! transaction. `docs/decisions/0002-one-sql-two-databases.md` says what else was tried.

use std::path::PathBuf;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqlitePool, SqliteRow};
use sqlx::{Arguments, ConnectOptions, Connection, Encode, FromRow, Postgres, Sqlite, Transaction, Type};

use super::{Synchronous, sqlite};

/// A row that can be read from either database: `#[derive(sqlx::FromRow)]`, or a tuple.
pub(super) trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// A value for one `$n`.
#[derive(Clone, Debug)]
pub(super) enum Arg {
    Int(i64),
    Text(String),
    /// A text that may be NULL (PostgreSQL must know the type of a NULL).
    Maybe(Option<String>),
    /// An integer that may be NULL.
    MaybeInt(Option<i64>),
}

/// The arguments of a statement, each anything that becomes an [`Arg`].
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::sql::Arg::from($value)),*] };
}
pub(super) use args;

/// Turns arguments into what sqlx binds.
fn bind<A>(args: Vec<Arg>) -> Result<A, sqlx::Error>
where
    A: Arguments,
    i64: for<'t> Encode<'t, A::Database> + Type<A::Database>,
    String: for<'t> Encode<'t, A::Database> + Type<A::Database>,
    Option<String>: for<'t> Encode<'t, A::Database> + Type<A::Database>,
    Option<i64>: for<'t> Encode<'t, A::Database> + Type<A::Database>,
{
    let mut bound = A::default();
    bound.reserve(args.len(), 0);
    for arg in args {
        match arg {
            Arg::Int(value) => bound.add(value),
            Arg::Text(value) => bound.add(value),
            Arg::Maybe(value) => bound.add(value),
            Arg::MaybeInt(value) => bound.add(value),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(bound)
}

/// A statement of many parameters, each used once and in order. SQLite is given it with a bare `?` for each: to bind
/// `$n`, sqlx asks it for the name of every parameter, and SQLite goes through all of them to find one.
#[derive(Debug)]
pub(super) struct InOrder {
    sqlite: String,
    postgres: String,
}

impl InOrder {
    pub(super) fn new(sql: String) -> Self {
        let mut pieces = sql.split('$');
        let mut sqlite = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            sqlite.push('?');
            sqlite.push_str(piece.trim_start_matches(|digit: char| digit.is_ascii_digit()));
        }
        Self { sqlite, postgres: sql }
    }
}

/// A connection to either database.
#[derive(Debug)]
pub(super) enum Sql<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// The same body for either database. It calls the connection and the type of the arguments by the given names.
macro_rules! on_either {
    ($sql:expr, |$connection:ident, $arguments:ident| $body:expr) => {
        match $sql {
            Sql::Sqlite($connection) => {
                type $arguments = SqliteArguments;
                $body
            }
            Sql::Postgres($connection) => {
                type $arguments = PgArguments;
                $body
            }
        }
    };
}

impl Sql<'_> {
    /// For the few things that cannot be said to both.
    pub(super) const fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// All rows.
    pub(super) async fn all<T: Record>(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>, sqlx::Error> {
        on_either!(self, |connection, Bound| sqlx::query_as_with(sql, bind::<Bound>(args)?)
            .fetch_all(&mut **connection)
            .await)
    }

    /// The first row, if any.
    pub(super) async fn first<T: Record>(
        &mut self,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Option<T>, sqlx::Error> {
        on_either!(self, |connection, Bound| sqlx::query_as_with(sql, bind::<Bound>(args)?)
            .fetch_optional(&mut **connection)
            .await)
    }

    /// As [`Sql::run`], for a statement of many parameters.
    pub(super) async fn run_in_order(&mut self, sql: &'static InOrder, args: Vec<Arg>) -> Result<u64, sqlx::Error> {
        let text = match self {
            Self::Sqlite(_) => &sql.sqlite,
            Self::Postgres(_) => &sql.postgres,
        };
        self.run(text, args).await
    }

    /// How many rows were changed.
    pub(super) async fn run(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64, sqlx::Error> {
        on_either!(self, |connection, Bound| {
            Ok(sqlx::query_with(sql, bind::<Bound>(args)?).execute(&mut **connection).await?.rows_affected())
        })
    }
}

/// How to reach the database for writing, as often as need be.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Sqlite(PathBuf, Synchronous),
    Postgres(Box<PgConnectOptions>),
}

impl Target {
    pub(super) async fn connect(&self) -> Result<Link, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(path, synchronous) => Link::Sqlite(sqlite::options(path, *synchronous).connect().await?),
            Self::Postgres(options) => Link::Postgres(options.connect().await?),
        })
    }
}

/// A connection of one's own.
#[derive(Debug)]
pub(super) enum Link {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Link {
    /// Begins a transaction that may write. SQLite takes its write lock at once: a transaction that begins by reading
    /// could not be upgraded when a stranger has written since.
    pub(super) async fn begin(&mut self) -> Result<Tx<'_>, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(connection) => Tx::Sqlite(connection.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(connection) => Tx::Postgres(connection.begin().await?),
        })
    }

    /// Outside of a transaction.
    pub(super) fn sql(&mut self) -> Sql<'_> {
        match self {
            Self::Sqlite(connection) => Sql::Sqlite(connection),
            Self::Postgres(connection) => Sql::Postgres(connection),
        }
    }

    /// Takes leave. What goes wrong at that is of no interest any more.
    pub(super) async fn close(self) {
        let _ = match self {
            Self::Sqlite(connection) => connection.close().await,
            Self::Postgres(connection) => connection.close().await,
        };
    }
}

/// A transaction; it is undone unless it is committed.
#[derive(Debug)]
pub(super) enum Tx<'c> {
    Sqlite(Transaction<'c, Sqlite>),
    Postgres(Transaction<'c, Postgres>),
}

impl Tx<'_> {
    pub(super) fn sql(&mut self) -> Sql<'_> {
        match self {
            Self::Sqlite(tx) => Sql::Sqlite(tx),
            Self::Postgres(tx) => Sql::Postgres(tx),
        }
    }

    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }
}

/// Connections for reading.
#[derive(Clone, Debug)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Pool {
    pub(super) async fn acquire(&self) -> Result<Lease, sqlx::Error> {
        Ok(match self {
            Self::Sqlite(pool) => Lease::Sqlite(pool.acquire().await?),
            Self::Postgres(pool) => Lease::Postgres(pool.acquire().await?),
        })
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A connection lent by a [`Pool`].
#[derive(Debug)]
pub(super) enum Lease {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Lease {
    pub(super) fn sql(&mut self) -> Sql<'_> {
        match self {
            Self::Sqlite(connection) => Sql::Sqlite(connection),
            Self::Postgres(connection) => Sql::Postgres(connection),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_is_given_parameters_without_numbers() {
        let sql = InOrder::new("VALUES ($1, $2), ($10, $11)".to_owned());
        assert_eq!(sql.sqlite, "VALUES (?, ?), (?, ?)");
        assert_eq!(sql.postgres, "VALUES ($1, $2), ($10, $11)");
    }
}
