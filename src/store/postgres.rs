//! Opening a PostgreSQL database.

use std::str::FromStr;

use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use super::error::OpenError;
use super::limits;

/// How to connect: what the URL says, and that no statement waits for ever.
pub(super) fn options(url: &str) -> Result<PgConnectOptions, OpenError> {
    let wait = limits::LOCK_WAIT.as_millis().to_string();
    Ok(PgConnectOptions::from_str(url)
        .map_err(OpenError::Postgres)?
        .application_name("gifchat")
        .options([("lock_timeout", wait.as_str()), ("idle_in_transaction_session_timeout", "60000")])
        .disable_statement_logging())
}

pub(super) fn readers(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(limits::READERS)
        .acquire_timeout(limits::READER_WAIT)
        .connect_lazy_with(options)
}
