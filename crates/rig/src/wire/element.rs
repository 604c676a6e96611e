//! What a list of messages, an event or an ack holds: entries of the order, and whispers.

use std::borrow::Cow;

use anyhow::{Context, ensure};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::history::{Change, Entry, Shown, What, Whisper, hash};

/// An element of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    Entry(i64, Entry),
    Whisper(Whisper),
    /// A system message that could not be stored: without a number.
    Passing {
        member: u64,
        here: Option<bool>,
    },
}

/// All that any of them has. Which fields there are depends on `kind`.
#[derive(Deserialize)]
pub(super) struct ElementJson<'a> {
    #[serde(borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(rename = "_id", borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(default)]
    seq: Option<i64>,
    /// An id, or a person.
    #[serde(borrow, default)]
    member: Option<&'a RawValue>,
    #[serde(borrow, default)]
    chat: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    gif: Option<Cow<'a, str>>,
    #[serde(default)]
    removed: bool,
    #[serde(borrow, default, rename = "clientMessageId")]
    client_message_id: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "editedAt")]
    edited_at: Option<Cow<'a, str>>,
    #[serde(default)]
    reactions: Vec<ReactionJson>,
    #[serde(default)]
    target: Option<i64>,
    #[serde(borrow, default)]
    emoji: Option<Cow<'a, str>>,
    #[serde(default)]
    on: bool,
    #[serde(default)]
    count: u32,
    #[serde(default)]
    number: i64,
    #[serde(borrow, default)]
    to: Option<PersonJson<'a>>,
    #[serde(borrow, default)]
    code: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    whom: Option<PersonJson<'a>>,
    #[serde(borrow, default)]
    value: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
pub(super) struct ReactionJson {
    count: u32,
}

#[derive(Deserialize)]
pub(super) struct PersonJson<'a> {
    #[serde(borrow)]
    pub id: Cow<'a, str>,
}

impl PersonJson<'_> {
    pub fn member(&self) -> anyhow::Result<u64> {
        u64::from_str_radix(&self.id, 16).context("a member is hexadecimal")
    }
}

impl ElementJson<'_> {
    /// The answer to a reaction that was so before.
    pub fn is_unchanged(&self) -> bool {
        self.seq.is_none() && self.kind.is_none() && self.id.is_none()
    }

    pub fn read(&self) -> anyhow::Result<Element> {
        let kind = self.kind.as_deref().unwrap_or("chat");
        if kind == "whisper" {
            return self.whisper().map(Element::Whisper);
        }
        let entry = match kind {
            "chat" => Entry::Said(self.shown()?),
            "edit" => self.change(What::Edit(hash(self.chat.as_deref().context("an edit has a text")?)))?,
            "remove" => self.change(What::Remove)?,
            "react" => {
                let emoji = hash(self.emoji.as_deref().context("a reaction has an emoji")?);
                self.change(What::React { emoji, on: self.on, count: self.count })?
            }
            "purge" => Entry::Purge,
            "purged" => Entry::Purged,
            _ => return self.notice(kind),
        };
        Ok(Element::Entry(self.seq()?, entry))
    }

    fn seq(&self) -> anyhow::Result<i64> {
        self.seq.filter(|seq| *seq >= 1).with_context(|| format!("an entry has the seq {:?}", self.seq))
    }

    fn id(&self) -> anyhow::Result<u128> {
        u128::from_str_radix(self.id.as_deref().unwrap_or_default(), 16).context("an _id is hexadecimal")
    }

    fn member(&self) -> anyhow::Result<u64> {
        let member = self.member.context("it says who")?.get();
        let person = if member.starts_with('{') {
            serde_json::from_str(member)?
        } else {
            PersonJson { id: serde_json::from_str::<Cow<'_, str>>(member)? }
        };
        person.member()
    }

    fn shown(&self) -> anyhow::Result<Shown> {
        let text = match self.chat.as_deref().or(self.gif.as_deref()) {
            Some(content) => hash(content),
            None => {
                ensure!(self.removed, "a message has a text or a GIF, or was removed");
                0
            }
        };
        Ok(Shown {
            id: self.id()?,
            member: self.member()?,
            client_message_id: self.client_message_id.as_deref().map_or(0, hash),
            text,
            edited: self.edited_at.is_some(),
            reactions: self.reactions.iter().map(|reaction| reaction.count).sum(),
        })
    }

    fn change(&self, what: What) -> anyhow::Result<Entry> {
        let target = self.target.context("a change has a target")?;
        Ok(Entry::Change(Change { target, member: self.member()?, what }))
    }

    fn notice(&self, kind: &str) -> anyhow::Result<Element> {
        let code = self.code.as_deref().with_context(|| format!("what is {kind}?"))?;
        let member = self.member()?;
        let here = match kind {
            "join" => Some(true),
            "exit" => Some(false),
            _ => None,
        };
        if self.seq.is_none() {
            return Ok(Element::Passing { member, here });
        }
        let whom = self.whom.as_ref().map_or("", |whom| &*whom.id);
        let value = self.value.as_deref().unwrap_or_default();
        let what = hash(&format!("{kind} {code} {member:x} {whom} {value}"));
        Ok(Element::Entry(self.seq()?, Entry::Notice { what, member, here }))
    }

    fn whisper(&self) -> anyhow::Result<Whisper> {
        ensure!(self.seq.is_none() && self.number >= 1, "a whisper has a number of its own");
        Ok(Whisper {
            id: self.id()?,
            number: self.number,
            from: self.member()?,
            to: self.to.as_ref().context("a whisper is to somebody")?.member()?,
            client_message_id: self.client_message_id.as_deref().map_or(0, hash),
            text: hash(self.chat.as_deref().context("a whisper has a text")?),
        })
    }
}

/// One of them.
///
/// # Errors
/// When it is none.
pub fn element(json: &str) -> anyhow::Result<Element> {
    let element: ElementJson<'_> = serde_json::from_str(json).with_context(|| format!("no element: {json:.300}"))?;
    element.read().with_context(|| format!("{json:.300}"))
}

/// A list, apart: entries by their numbers, and whispers.
#[derive(Clone, Debug, Default)]
pub struct Elements {
    pub entries: Vec<(i64, Entry)>,
    pub whispers: Vec<Whisper>,
}

pub(super) fn elements(list: &[ElementJson<'_>]) -> anyhow::Result<Elements> {
    let mut elements = Elements::default();
    for element in list {
        match element.read()? {
            Element::Entry(seq, entry) => elements.entries.push((seq, entry)),
            Element::Whisper(whisper) => elements.whispers.push(whisper),
            Element::Passing { .. } => anyhow::bail!("a list has an element without a number"),
        }
    }
    Ok(elements)
}
