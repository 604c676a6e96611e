//! Events between the parts that make them true and the doors that tell people.
//!
//! A hint, never the truth: whoever needs to be sure reads the store.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::domain::Event;

/// What hears the events. It is called by whoever publishes, in order, and must neither block nor publish itself.
pub type Listener = Box<dyn Fn(&Event) + Send + Sync>;

/// The bus of one node. Several nodes will share one over Redis.
#[derive(Clone, Debug)]
pub enum Bus {
    Local(Local),
}

/// A direct call: within one process nothing lies between an event and its listener.
#[derive(Clone, Default)]
pub struct Local {
    listener: Arc<OnceLock<Listener>>,
}

impl Bus {
    pub fn local() -> Self {
        Self::Local(Local::default())
    }

    /// Registers the listener. There is one, for the whole life of the bus; a second one is not heard.
    ///
    /// # Errors
    /// The listener, when there was one already.
    pub fn listen(&self, listener: Listener) -> Result<(), Listener> {
        let Self::Local(local) = self;
        local.listener.set(listener)
    }

    /// Tells the listener. Never blocks, never fails; without a listener the event is gone.
    pub fn publish(&self, event: &Event) {
        let Self::Local(local) = self;
        if let Some(listener) = local.listener.get() {
            listener(event);
        }
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").field("listening", &self.listener.get().is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::domain::RoomId;

    #[test]
    fn the_one_listener_hears_everything_in_order() {
        let bus = Bus::local();
        let room = |byte| RoomId::from_bytes([byte; 12]);
        bus.publish(&Event::RoomRemoved(room(0)));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        let listener: Listener = Box::new(move |event| {
            if let Event::RoomRemoved(room) = event {
                ears.lock().unwrap().push(*room);
            }
        });
        assert!(bus.listen(listener).is_ok());
        assert!(bus.listen(Box::new(|_| panic!("a second listener is not heard"))).is_err());
        bus.clone().publish(&Event::RoomRemoved(room(1)));
        bus.publish(&Event::RoomRemoved(room(2)));
        assert_eq!(*heard.lock().unwrap(), [room(1), room(2)]);
    }
}
