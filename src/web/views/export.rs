//! A room as one page to keep: no script, no style but its own, nothing from elsewhere. It is rendered piece by piece; the
//! template has a block for each.

use askama::Template;

use crate::domain::{Content, Item, Lang, Member, Message, Notice, NoticeCode, Quote, Quoted, RoomSummary, Timestamp};
use crate::web::texts::{Texts, texts};

/// What all pieces know.
#[derive(Clone, Copy, Debug)]
pub struct ExportPage<'a> {
    pub lang: Lang,
    pub room: &'a RoomSummary,
    pub by: &'a Member,
    pub at: Timestamp,
    /// Scheme and authority of this server, for links to what is not in the page.
    pub site: &'a str,
}

#[derive(Template)]
#[template(path = "export.html", block = "beginning")]
struct Beginning<'a> {
    page: ExportPage<'a>,
}

#[derive(Template)]
#[template(path = "export.html", block = "entry")]
struct Entry<'a> {
    page: ExportPage<'a>,
    class: &'static str,
    member: Option<&'a Member>,
    to: Option<&'a Member>,
    at: Timestamp,
    edited: bool,
    quote: Option<(&'a str, String)>,
    body: Body<'a>,
    reactions: Vec<(&'a str, u32)>,
}

#[derive(Template)]
#[template(path = "export.html", block = "end")]
struct End<'a> {
    page: ExportPage<'a>,
}

enum Body<'a> {
    Text(&'a str),
    /// In the page itself.
    Gif {
        width: u32,
        height: u32,
    },
    /// Named only.
    Left {
        name: String,
        url: String,
        width: u32,
        height: u32,
    },
    Removed,
    Line(String),
}

/// What stands right before the place of a GIF's Base64. A `"` in it is the template's own: in texts it is escaped.
const BEFORE_GIF: &str = " src=\"data:image/gif;base64,";

impl ExportPage<'_> {
    /// # Errors
    /// None that could happen: a `String` takes everything.
    pub fn beginning(self) -> askama::Result<String> {
        Beginning { page: self }.render()
    }

    /// # Errors
    /// As [`ExportPage::beginning`].
    pub fn end(self) -> askama::Result<String> {
        End { page: self }.render()
    }

    /// A message, a line or a whisper. `embedded`: the GIF's Base64 is put where [`ExportPage::place_of_gif`] says.
    ///
    /// # Errors
    /// As [`ExportPage::beginning`].
    pub fn entry(self, item: &Item, embedded: bool) -> askama::Result<String> {
        let entry = match item {
            Item::Message(message) => self.message(message, embedded),
            Item::Whisper(whisper) => Entry {
                page: self,
                class: "whisper",
                member: Some(&whisper.from),
                to: Some(&whisper.to),
                at: whisper.created_at,
                edited: false,
                quote: None,
                body: Body::Text(whisper.text.as_str()),
                reactions: Vec::new(),
            },
        };
        entry.render()
    }

    pub fn place_of_gif(html: &str) -> Option<usize> {
        html.rfind(BEFORE_GIF).map(|at| at + BEFORE_GIF.len())
    }

    fn message<'m>(self, message: &'m Message, embedded: bool) -> Entry<'m>
    where
        Self: 'm,
    {
        let body = match &message.content {
            Content::Text(text) => Body::Text(text.as_str()),
            Content::Gif(gif) if embedded => Body::Gif { width: gif.width, height: gif.height },
            Content::Gif(gif) => {
                let name = gif.file_name();
                let url = format!("{}/gif/{name}", self.site);
                Body::Left { name, url, width: gif.width, height: gif.height }
            }
            Content::Notice(notice) => Body::Line(sentence(&message.member, notice, texts(self.lang))),
            _ => Body::Removed,
        };
        let is_line = matches!(body, Body::Line(_));
        Entry {
            page: self,
            class: if is_line { "line" } else { "said" },
            member: (!is_line).then_some(&message.member),
            to: None,
            at: message.created_at,
            edited: message.edited_at.is_some(),
            quote: message.reply.as_ref().map(|quote| self.quoted(quote)),
            body,
            reactions: message.reactions.iter().map(|one| (one.emoji.as_str(), one.count)).collect(),
        }
    }

    fn quoted(self, quote: &Quote) -> (&str, String) {
        let what = match &quote.content {
            Quoted::Text(text) => text.clone(),
            Quoted::Gif(_) => String::from("GIF"),
            Quoted::Removed => self.t("export.removed").to_owned(),
        };
        (&quote.name, what)
    }

    fn t<'k>(&self, key: &'k str) -> &'k str {
        texts(self.lang).text(key)
    }

    fn whispered(&self, to: &Member) -> String {
        texts(self.lang).fill("export.whisper", &[("name", &to.name)])
    }

    fn about(&self) -> String {
        texts(self.lang).fill("export.about", &[("name", &self.by.name), ("at", &moment(self.at))])
    }

    fn moment(&self, at: &Timestamp) -> String {
        moment(*at)
    }
}

/// `2026-11-21 14:05`, UTC: without a script a page cannot know where it is read.
fn moment(at: Timestamp) -> String {
    at.rfc3339().get(..16).unwrap_or_default().replace('T', " ")
}

fn sentence(member: &Member, notice: &Notice, texts: &Texts) -> String {
    let value = notice.value.as_deref().unwrap_or_default();
    let key = match notice.code {
        NoticeCode::Slow if value == "0" => String::from("notice.slow.off"),
        code => format!("notice.{code}"),
    };
    let preset = format!("preset.{value}");
    let value = if notice.code == NoticeCode::Preset { texts.find(&preset).unwrap_or(value) } else { value };
    let whom = notice.whom.as_ref().map_or("", |whom| &whom.name);
    texts.fill(&key, &[("member", &member.name), ("whom", &whom), ("value", &value)])
}
