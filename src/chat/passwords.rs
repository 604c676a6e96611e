//! Room passwords: argon2id with the parameters OWASP recommends (19 MiB, two passes, one lane), off the threads that
//! serve everybody, a few at a time, with a short line in front.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use super::Error;
use crate::domain::Password;
use crate::env::Env;

/// Working and waiting; whoever comes then is told to come again.
const MOST: usize = 64;

#[derive(Clone, Debug)]
pub struct Passwords {
    env: Env,
    line: Arc<Semaphore>,
    work: Arc<Semaphore>,
}

impl Passwords {
    /// `at_once` are hashed at the same time: each takes 19 MiB and a core for some 20 ms.
    pub fn new(env: Env, at_once: usize) -> Self {
        Self { env, line: Arc::new(Semaphore::new(MOST)), work: Arc::new(Semaphore::new(at_once)) }
    }

    /// The PHC string to store.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait already.
    pub async fn hash(&self, password: Password) -> Result<String, Error> {
        let salt = self.env.random::<16>();
        self.off_thread(move || {
            let hash = argon2().hash_password_with_salt(password.expose().as_bytes(), &salt);
            hash.map(|hash: PasswordHash| hash.to_string())
                .map_err(|error| Error::unavailable("hash a password", error))
        })
        .await?
    }

    /// Whether it is the password that was hashed.
    ///
    /// # Errors
    /// [`Error::Busy`] when too many wait already.
    pub async fn verify(&self, password: Password, hash: String) -> Result<bool, Error> {
        self.off_thread(move || {
            let hash = PasswordHash::new(&hash).map_err(|error| Error::unavailable("read a stored hash", error))?;
            Ok(argon2().verify_password(password.expose().as_bytes(), &hash).is_ok())
        })
        .await?
    }

    async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let in_line = Arc::clone(&self.line).try_acquire_owned().map_err(|_| Error::Busy)?;
        let at_work = Arc::clone(&self.work).acquire_owned().await.map_err(|_| Error::Busy)?;
        // The permits move along: whoever hangs up does not make room for one more at work.
        let done = tokio::task::spawn_blocking(move || {
            let _permits = (in_line, at_work);
            work()
        });
        done.await.map_err(|error| Error::unavailable("hash a password", error))
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).expect("these parameters are within the bounds of argon2");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    fn password(text: &str) -> Password {
        Password::parse(text).unwrap().unwrap()
    }

    #[tokio::test]
    async fn only_the_same_password_opens() {
        let passwords = Passwords::new(Env::manual(Timestamp(0), 1), 2);
        let hash = passwords.hash(password("a&b+#%41 가")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify(password("a&b+#%41 가"), hash.clone()).await.unwrap());
        assert!(!passwords.verify(password("a&b+#A 가"), hash.clone()).await.unwrap());
        assert_ne!(passwords.hash(password("a&b+#%41 가")).await.unwrap(), hash, "each has its own salt");
    }

    #[tokio::test]
    async fn the_line_is_bounded() {
        let passwords = Passwords::new(Env::manual(Timestamp(0), 1), 2);
        let all = Arc::clone(&passwords.line).try_acquire_many_owned(u32::try_from(MOST).unwrap()).unwrap();
        assert!(matches!(passwords.hash(password("x")).await, Err(Error::Busy)));
        drop(all);
        assert!(passwords.hash(password("x")).await.is_ok());
    }
}
