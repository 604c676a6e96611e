//! A room.

use askama::Template;

use super::frame::{Frame, color_class, color_rules};
use super::history::{Entry, history};
use super::line::LineView;
use super::message::{Body, MessageView, Place, QuoteView, ReactionView};
use super::pieces::Piece;
use crate::domain::{ChatText, Color, Content, Item, Listed, Member, MemberId, Position, RoomSummary, Timestamp};
use crate::web::qr;
use crate::web::texts::texts;

/// `GET /room/<id>` by somebody who may read it.
#[derive(Debug, Template)]
#[template(path = "room.html")]
pub struct RoomPage<'a> {
    pub frame: Frame<'a>,
    /// `members` counts those who are here now; the reader joins when the script runs.
    pub room: &'a RoomSummary,
    /// Most seats a room can have.
    pub most_seats: u32,
    /// The owner's public id.
    pub owner: MemberId,
    /// Who is here, the owner first.
    pub members: &'a [Listed],
    /// The newest page of history, oldest first, with the reader's own whispers.
    pub items: &'a [Item],
    /// Whether there are older messages.
    pub more: bool,
    /// Whether a GIF of the room can be offered to the server's library.
    pub takes_offers: bool,
    /// Where the history ends: the script joins from here.
    pub position: Position,
    /// The number of the reader's newest whisper.
    pub whispers: i64,
    pub now: Timestamp,
    /// How large a picture may be that is sent here.
    pub pictures: PictureLimits,
    /// Where GIFs are found beside this server's; empty when nowhere.
    pub provider: &'a str,
    /// The room's own absolute address, to be passed on.
    pub link: &'a str,
}

/// What is told before a picture is sent.
#[derive(Clone, Copy, Debug)]
pub struct PictureLimits {
    pub bytes: usize,
    /// Pixels.
    pub width: u32,
    pub height: u32,
}

/// One row of the list of people.
#[derive(Debug)]
struct Person {
    id: String,
    name: String,
    color: String,
    class: String,
    owner: bool,
    me: bool,
}

impl RoomPage<'_> {
    fn colors(&self) -> String {
        let said = self.items.iter().flat_map(colors_of);
        let here = self.members.iter().map(|listed| listed.member.color);
        color_rules(said.chain(here).chain([self.room.owner, self.frame.me.color]))
    }

    fn history(&self) -> Vec<Entry> {
        let here = self.members.iter().map(|listed| &listed.member);
        history(self.items, here, self.frame.me.id, self.frame.lang)
    }

    fn blank_line(&self) -> LineView {
        LineView::default()
    }

    fn blank_quote(&self) -> QuoteView {
        QuoteView { gif: Some(String::new()), ..QuoteView::default() }
    }

    fn blank_reaction(&self) -> ReactionView {
        ReactionView::default()
    }

    fn no_reactions(&self) -> [ReactionView; 0] {
        []
    }

    fn blank_text(&self) -> MessageView {
        MessageView::blank(Body::blank_text())
    }

    fn blank_gif(&self) -> MessageView {
        MessageView::blank(Body::blank_gif())
    }

    fn is_mine(&self) -> bool {
        self.owner == self.frame.me.id
    }

    /// Nobody else is here and nothing was said.
    fn is_alone(&self) -> bool {
        self.items.iter().all(Item::is_coming_or_going)
            && self.members.iter().all(|listed| listed.member.id == self.frame.me.id)
    }

    /// Those who are here and the reader, who is about to be: owner first, then the reader, then by arrival.
    fn people(&self) -> Vec<Person> {
        let me = self.frame.me;
        let others = self.members.iter().map(|listed| &listed.member).filter(|member| member.id != me.id);
        let mut people: Vec<_> =
            std::iter::once(me).chain(others).map(|member| self.person(&member.id, member)).collect();
        people.sort_by_key(|person| !person.owner);
        people
    }

    fn person(&self, id: &MemberId, member: &Member) -> Person {
        Person {
            id: id.to_string(),
            name: member.name.clone(),
            color: member.color.to_string(),
            class: color_class(member.color),
            owner: *id == self.owner,
            me: *id == self.frame.me.id,
        }
    }

    fn blank_person(&self) -> Person {
        Person {
            id: String::new(),
            name: String::new(),
            color: String::new(),
            class: String::new(),
            owner: true,
            me: true,
        }
    }

    /// The header's holes: everybody in their colour, then the free seats. More than 16 seats are only counted.
    fn seats(&self) -> Vec<String> {
        let max = self.room.limit.get() as usize;
        if max > 16 {
            return Vec::new();
        }
        let people = self.people();
        (0..max)
            .map(|seat| people.get(seat).map_or_else(|| "off".to_owned(), |p| format!("taken {}", p.class)))
            .collect()
    }

    fn here(&self) -> usize {
        self.people().len()
    }

    fn free(&self) -> usize {
        (self.room.limit.get() as usize).saturating_sub(self.here())
    }

    fn age(&self) -> String {
        texts(self.frame.lang).age(self.room.created_at, self.now)
    }

    fn created_at(&self) -> String {
        self.room.created_at.rfc3339()
    }

    fn qr(&self) -> String {
        qr::svg(self.link, self.frame.t("invite.qr"))
    }

    /// The link without its scheme, as people read it.
    fn short_link(&self) -> &str {
        self.link.split_once("://").map_or(self.link, |(_, rest)| rest)
    }

    fn owner_class(&self) -> String {
        color_class(self.owner_color())
    }

    fn owner_color(&self) -> Color {
        self.room.owner
    }

    /// Which pictures can be sent, in megabytes: never more than is true.
    fn limits(&self) -> String {
        let tenths = self.pictures.bytes.saturating_mul(10) / (1024 * 1024);
        let (whole, tenth) = (tenths / 10, tenths % 10);
        let most = if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") };
        self.frame.fill("gif.limits", "most", most)
    }

    fn most_text(&self) -> usize {
        ChatText::MOST
    }
}

/// The colours in which something stands on the page for an item.
fn colors_of(item: &Item) -> impl Iterator<Item = Color> + '_ {
    let message = match item {
        Item::Message(message) => Some(message),
        Item::Whisper(_) => None,
    };
    let quoted = message.and_then(|message| message.reply.as_ref()).map(|quote| quote.color);
    let whom = message.and_then(|message| match &message.content {
        Content::Notice(notice) => notice.whom.as_ref().map(|whom| whom.color),
        _ => None,
    });
    [Some(item.color()), quoted, whom].into_iter().flatten()
}
