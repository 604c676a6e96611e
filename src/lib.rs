pub mod domain;
pub mod env;
