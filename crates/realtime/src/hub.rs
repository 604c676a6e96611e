//! Topics: who hears what, across all shards.
//!
//! A topic is a room of a namespace. It knows which shards have members in it; the members themselves are known to
//! their shard alone, so that delivering takes no lock.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::frame::Frame;
use crate::inbox::{Inbox, Item};

/// The name of the topic that every socket of a namespace is in.
pub(crate) const EVERYBODY: &str = "";

/// A shard's slot for a topic it has no members in.
pub(crate) const NO_SLOT: u32 = u32::MAX;

const STRIPES: usize = 16;

#[derive(Debug)]
pub(crate) struct Topic {
    name: Box<str>,
    /// Held while a frame is put into all inboxes: two publishers are seen in one order by every shard.
    order: Mutex<()>,
    shards: Box<[TopicShard]>,
}

#[derive(Debug)]
pub(crate) struct TopicShard {
    /// Members there, counted when they ask to join, before the shard knows of them.
    members: AtomicU32,
    /// Where the shard keeps its members. Written by the shard alone.
    pub(crate) slot: AtomicU32,
}

impl Topic {
    pub(crate) fn is_named(&self, namespace: &str, room: &str) -> bool {
        self.name.split_once('\0') == Some((namespace, room))
    }

    /// Whether it is that of all sockets of a namespace.
    pub(crate) fn is_everybody(&self) -> bool {
        self.name.ends_with('\0')
    }

    pub(crate) fn on(&self, shard: usize) -> &TopicShard {
        &self.shards[shard]
    }
}

type Stripe = Mutex<HashMap<Box<str>, Arc<Topic>>>;

#[derive(Debug)]
pub(crate) struct Hub {
    inboxes: Box<[Arc<Inbox>]>,
    stripes: [Stripe; STRIPES],
    hasher: RandomState,
}

impl Hub {
    pub(crate) fn new(inboxes: Box<[Arc<Inbox>]>) -> Self {
        Self { inboxes, stripes: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }

    pub(crate) fn inboxes(&self) -> &[Arc<Inbox>] {
        &self.inboxes
    }

    /// Returns while all shards keep up.
    pub(crate) async fn ready(&self) {
        for inbox in &self.inboxes {
            inbox.ready().await;
        }
    }

    fn stripe(&self, name: &str) -> &Stripe {
        &self.stripes[self.hasher.hash_one(name) as usize % STRIPES]
    }

    /// Counts a member in, so that everything published from now on is sent to its shard.
    pub(crate) fn join(&self, namespace: &str, room: &str, shard: usize) -> Arc<Topic> {
        let name = topic_name(namespace, room);
        let mut topics = self.stripe(&name).lock().unwrap_or_else(PoisonError::into_inner);
        let topic = topics.entry(name.into_boxed_str()).or_insert_with_key(|name| {
            let shard = |_| TopicShard { members: AtomicU32::new(0), slot: AtomicU32::new(NO_SLOT) };
            Arc::new(Topic {
                name: name.clone(),
                order: Mutex::default(),
                shards: (0..self.inboxes.len()).map(shard).collect(),
            })
        });
        topic.shards[shard].members.fetch_add(1, Ordering::Relaxed);
        Arc::clone(topic)
    }

    /// Counts a member out, and forgets the topic with its last one.
    pub(crate) fn leave(&self, topic: &Topic, shard: usize) {
        let mut topics = self.stripe(&topic.name).lock().unwrap_or_else(PoisonError::into_inner);
        topic.shards[shard].members.fetch_sub(1, Ordering::Relaxed);
        if topic.shards.iter().all(|shard| shard.members.load(Ordering::Relaxed) == 0) {
            topics.remove(&topic.name);
        }
    }

    fn topic(&self, namespace: &str, room: &str) -> Option<Arc<Topic>> {
        let name = topic_name(namespace, room);
        self.stripe(&name).lock().unwrap_or_else(PoisonError::into_inner).get(name.as_str()).cloned()
    }

    /// Rings each shard that has members in the room.
    pub(crate) fn publish(&self, namespace: &str, room: &str, frame: &Frame, except: &[Arc<str>], is_volatile: bool) {
        let Some(topic) = self.topic(namespace, room) else { return };
        let except: Option<Arc<[Arc<str>]>> = (!except.is_empty()).then(|| except.into());
        let _in_order = topic.order.lock().unwrap_or_else(PoisonError::into_inner);
        for (inbox, shard) in self.inboxes.iter().zip(&topic.shards) {
            let members = shard.members.load(Ordering::Relaxed);
            if members > 0 {
                let (topic, frame, except) = (Arc::clone(&topic), frame.clone(), except.clone());
                inbox.push(Item::Publish { topic, frame, except, is_volatile, members });
            }
        }
    }

    /// Finds the topics of a selection; those without members are nobody's.
    pub(crate) fn select(
        &self,
        namespace: &str,
        rooms: &[&str],
        except_rooms: &[&str],
        except: &[Arc<str>],
    ) -> Selection {
        let topics = |rooms: &[&str]| {
            let mut topics: Vec<_> = rooms.iter().filter_map(|room| self.topic(namespace, room)).collect();
            // One order for all who lock several.
            topics.sort_unstable_by_key(Arc::as_ptr);
            topics.dedup_by_key(|topic| Arc::as_ptr(topic));
            topics
        };
        Selection { topics: topics(rooms), except_topics: topics(except_rooms), except: except.into() }
    }

    /// Tells each shard that has members in one of the topics.
    pub(crate) fn tell(&self, selection: &Selection, mut item: impl FnMut() -> Item) {
        let topics = &selection.topics;
        let _in_order: Vec<_> =
            topics.iter().map(|topic| topic.order.lock().unwrap_or_else(PoisonError::into_inner)).collect();
        for (shard, inbox) in self.inboxes.iter().enumerate() {
            if topics.iter().any(|topic| topic.on(shard).members.load(Ordering::Relaxed) > 0) {
                inbox.push(item());
            }
        }
    }
}

/// Who is meant: everybody in one of the topics, once, but those in others or of these public ids.
#[derive(Debug)]
pub(crate) struct Selection {
    pub(crate) topics: Vec<Arc<Topic>>,
    pub(crate) except_topics: Vec<Arc<Topic>>,
    pub(crate) except: Box<[Arc<str>]>,
}

/// Namespaces hold no NUL (they are named by the server), so this cannot name two things.
fn topic_name(namespace: &str, room: &str) -> String {
    let mut name = String::with_capacity(namespace.len() + 1 + room.len());
    name.push_str(namespace);
    name.push('\0');
    name.push_str(room);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_lives_as_long_as_its_members() {
        let hub = Hub::new((0..2).map(|_| Arc::new(Inbox::default())).collect());
        let frame = Frame::packet(b"4");
        let backlog = |hub: &Hub| hub.inboxes().iter().map(|inbox| inbox.backlog()).collect::<Vec<_>>();

        hub.publish("/", "a", &frame, &[], false);
        assert_eq!(backlog(&hub), [0, 0]);

        let topic = hub.join("/", "a", 1);
        hub.publish("/", "a", &frame, &[], false);
        hub.publish("/", "b", &frame, &[], false);
        hub.publish("/x", "a", &frame, &[], false);
        assert_eq!(backlog(&hub), [0, 8]);

        assert!(Arc::ptr_eq(&topic, &hub.join("/", "a", 0)));
        hub.leave(&topic, 1);
        hub.publish("/", "a", &frame, &[], false);
        assert_eq!(backlog(&hub), [8, 8]);

        hub.leave(&topic, 0);
        assert!(hub.topic("/", "a").is_none());
    }
}
