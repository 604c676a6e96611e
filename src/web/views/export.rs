//! A room as one page to keep: no script, no style but its own, nothing from elsewhere. It is rendered piece by piece; the
//! template has a block for each.

use askama::Template;

use crate::domain::{
    AltText, Content, Item, Lang, Member, Message, Notice, NoticeCode, Quote, Quoted, RoomSummary, Timestamp,
};
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
        alt: &'a str,
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
            Content::Gif { gif, alt } if embedded => {
                let alt = alt.as_ref().map_or("GIF", AltText::as_str);
                Body::Gif { width: gif.width, height: gif.height, alt }
            }
            Content::Gif { gif, .. } => {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        AltText, ChatText, Color, Gif, GifHash, MemberId, MemberLimit, MessageId, Preset, RoomId, SessionId, Slow,
        Title,
    };

    fn member(name: &str) -> Member {
        Member { id: MemberId::from_bytes([1; 8]), name: name.to_owned(), color: Color::GREY }
    }

    fn room() -> RoomSummary {
        RoomSummary {
            id: RoomId::from_bytes([1; 12]),
            title: Title::parse("</title><script>alert(1)</script>").unwrap(),
            limit: MemberLimit::DEFAULT,
            owner: Color::GREY,
            owner_member: MemberId::from_bytes([1; 8]),
            locked: false,
            slow: Slow::OFF,
            preset: Preset::Open,
            raid: false,
            owner_name: String::new(),
            private: false,
            created_at: Timestamp(0),
            members: 1,
        }
    }

    fn said(name: &str, content: Content) -> Item {
        Item::Message(Message {
            id: MessageId::from_bytes([1; 12]),
            room: RoomId::from_bytes([1; 12]),
            seq: 1,
            session: SessionId::from_bytes([1; 16]),
            member: member(name),
            content,
            reply: None,
            mentions: Vec::new(),
            edited_at: None,
            reactions: Vec::new(),
            client_message_id: None,
            created_at: Timestamp(1_700_000_000_120),
        })
    }

    #[test]
    fn a_gif_stands_in_the_page_or_is_named_with_a_link() {
        let (room, by) = (room(), member("<b>"));
        let page =
            ExportPage { lang: Lang::En, room: &room, by: &by, at: Timestamp(0), site: "https://chat.example.org" };
        let hash = GifHash::from_bytes([0xcd; 32]);
        let gif =
            Gif { hash, width: 3, height: 2, frames: 1, duration_ms: 0, bytes: 9, color: Color::GREY, flashes: false };
        // Whoever calls themselves like the place of a GIF does not move it.
        let item = said(" src=\"data:image/gif;base64,", Content::Gif { gif, alt: None });
        let html = page.entry(&item, true).unwrap();
        let (before, after) = html.split_at(ExportPage::place_of_gif(&html).unwrap());
        assert!(before.ends_with("<img width=\"3\" height=\"2\" alt=\"GIF\" src=\"data:image/gif;base64,"), "{before}");
        assert!(after.starts_with("\"></p>"), "{after}");
        // Nor does what they say of it.
        let alt = AltText::parse("a \" src=\"data:image/gif;base64,").unwrap();
        let html = page.entry(&said("x", Content::Gif { gif, alt }), true).unwrap();
        let (before, after) = html.split_at(ExportPage::place_of_gif(&html).unwrap());
        assert!(before.contains("alt=\"a &#34; src=&#34;data:") && after.starts_with("\"></p>"), "{html}");
        let html = page.entry(&item, false).unwrap();
        assert_eq!(ExportPage::place_of_gif(&html), None);
        assert!(html.contains(&format!("<a href=\"https://chat.example.org/gif/{hash}.gif\" rel=")), "{html}");
        assert!(html.contains("(3 × 2)") && html.contains("2023-11-14 22:13"), "{html}");
    }

    #[test]
    fn no_text_becomes_markup() {
        let (room, by) = (room(), member("<b>"));
        let page = ExportPage { lang: Lang::Ko, room: &room, by: &by, at: Timestamp(0), site: "" };
        let text = Content::Text(ChatText::parse("<img src=x onerror=alert(1)>\n</style>").unwrap());
        let whole = [
            page.beginning().unwrap(),
            page.entry(&said("<i>", text), false).unwrap(),
            page.entry(&said("<i>", Content::Notice(Notice::new(NoticeCode::Title).value("<u>"))), false).unwrap(),
            page.end().unwrap(),
        ]
        .concat();
        for wrong in ["<script", "<img", "<i>", "<u>", "<b>&"] {
            assert!(!whole.contains(wrong), "{wrong}: {whole}");
        }
        assert_eq!((whole.matches("</style>").count(), whole.matches("</title>").count()), (1, 1));
        assert!(whole.starts_with("<!doctype html>") && whole.trim_end().ends_with("</html>"));
        assert!(whole.contains("<html lang=\"ko\">") && whole.contains("\n&#60;/style&#62;"), "{whole}");
    }
}
