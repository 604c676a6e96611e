//! The pages keep their promises: the hooks that other clients look for, no inline script or style, no markup from
//! strangers.

use askama::Template;

use super::*;
use crate::domain::{
    AltText, ChatText, ClientMessageId, Color, Content, Emoji, Gif, GifHash, Invalid, Item, Lang, Listed, Member,
    MemberId, MemberLimit, Message, MessageId, Notice, NoticeCode, Position, Quote, Quoted, Reaction, Refusal, RoomId,
    RoomSummary, SessionId, Timestamp, Title, Whisper,
};

fn member(n: u8) -> Member {
    Member { id: MemberId::from_bytes([n; 8]), name: format!("<u>{n}</u>"), color: color() }
}

fn color() -> Color {
    "#e8542f".parse().unwrap()
}

fn room() -> RoomSummary {
    RoomSummary {
        id: RoomId::from_bytes([1; 12]),
        title: Title::parse("<script>alert(1)</script> & \"점심\"").unwrap(),
        limit: MemberLimit::new(8, 100).unwrap(),
        owner: color(),
        owner_member: MemberId::from_bytes([0; 8]),
        locked: false,
        slow: crate::domain::Slow::default(),
        preset: crate::domain::Preset::default(),
        raid: false,
        owner_name: "<u>1</u>".to_owned(),
        private: true,
        created_at: Timestamp(0),
        members: 2,
    }
}

fn message(seq: i64, content: Content) -> Message {
    Message {
        id: MessageId::from_bytes([seq as u8; 12]),
        room: RoomId::from_bytes([1; 12]),
        seq,
        session: SessionId::from_bytes([9; 16]),
        member: member(1),
        content,
        reply: None,
        mentions: Vec::new(),
        edited_at: None,
        reactions: Vec::new(),
        client_message_id: None,
        created_at: Timestamp(seq * 1000),
    }
}

fn frame(me: &Member) -> Frame<'_> {
    Frame { lang: Lang::Ko, theme: Some(Theme::Dark), nonce: "abc123", path: "/", me }
}

fn no_inline(page: &str) {
    assert!(!page.contains("<script>") && !page.contains(" style="), "{page}");
    // What stands before the first is no handler.
    let handlers = page.split(" on").skip(1).filter_map(|rest| rest.split_once('=')).map(|(name, _)| name);
    assert!(handlers.into_iter().all(|name| name.contains(|c: char| !c.is_ascii_lowercase())), "{page}");
    assert!(!page.contains("<u>"), "a name became markup");
    let styles: Vec<_> = page.match_indices("<style").map(|(at, _)| &page[at..at + 22]).collect();
    assert!(styles.iter().all(|style| style.starts_with("<style nonce=\"abc123\"")), "{styles:?}");
}

fn lobby(error: Option<LobbyError>, rooms: &[RoomSummary]) -> String {
    let me = member(1);
    LobbyPage { frame: frame(&me), rooms, now: Timestamp(720_000), error, most_seats: 100 }.render().unwrap()
}

#[test]
fn the_lobby_has_the_hooks_of_the_contract() {
    let page = lobby(None, &[room()]);
    no_inline(&page);
    let id = room().id;
    for hook in [
        format!("<tr data-id=\"{id}\""),
        format!("data-id=\"{id}\" data-password=\"true\""),
        "class=\"join-btn\"".to_owned(),
        "href=\"/room\"".to_owned(),
        "비밀방".to_owned(),
        "입장".to_owned(),
        "12분째".to_owned(),
        ".u-e8542f{--u:#e8542f}".to_owned(),
        "action=\"/room\" method=\"post\"".to_owned(),
    ] {
        assert!(page.contains(&hook), "{hook} is not in {page}");
    }
    assert!(!page.contains("9090909090909090"), "a session is a secret");
}

#[test]
fn the_lobby_shows_an_error_as_text() {
    let page = lobby(Some(LobbyError::Other("<img src=x>".to_owned())), &[]);
    no_inline(&page);
    assert!(!page.contains("<img src=x>") && page.contains("img src=x"));
    assert!(lobby(Some(LobbyError::RoomFull), &[]).contains("자리가 다 찼어요"));
}

#[test]
fn a_history_names_what_its_reader_sent() {
    let (me, other) = (member(1), member(2));
    let sent = |seq, member: &Member, id: &str| Message {
        member: member.clone(),
        client_message_id: Some(ClientMessageId::parse(id).unwrap()),
        ..message(seq, Content::Text(ChatText::parse("x").unwrap()))
    };
    let items = [sent(1, &me, "mine\"1"), sent(2, &other, "other-2")].map(Item::Message);
    let page = RoomPage {
        most_seats: 100,
        frame: frame(&me),
        room: &room(),
        owner: me.id,
        members: &[],
        items: &items,
        whispers: 0,
        more: false,
        takes_offers: true,
        position: Position { epoch: 7, seq: 2 },
        now: Timestamp(0),
        provider: "",
        pictures: PictureLimits { bytes: 5 << 20, width: 2048, height: 2048 },
        link: "http://localhost:8005/room/x",
    }
    .render()
    .unwrap();
    no_inline(&page);
    assert_eq!(page.matches("data-client=").count(), 1, "{page}");
    assert!(page.contains("data-client=\"mine&#34;1\""), "{page}");
}

#[test]
fn a_room_has_the_hooks_of_the_contract() {
    let me = member(1);
    let gif = Gif {
        hash: GifHash::from_bytes([3; 32]),
        width: 498,
        height: 280,
        frames: 2,
        duration_ms: 200,
        bytes: 9,
        color: Color::GREY,
        flashes: true,
    };
    let items = [
        message(1, Content::Text(ChatText::parse("<b>안녕</b> https://a.example").unwrap())),
        message(2, Content::Gif { gif, alt: AltText::parse("otter \"dances\"").unwrap() }),
    ]
    .map(Item::Message);
    let page = RoomPage {
        most_seats: 100,
        frame: frame(&me),
        room: &room(),
        owner: me.id,
        members: &[Listed { member: member(2), is_owner: false, is_away: false, is_muted: false }],
        items: &items,
        whispers: 0,
        more: true,
        takes_offers: true,
        position: Position { epoch: 7, seq: 2 },
        now: Timestamp(720_000),
        provider: "",
        pictures: PictureLimits { bytes: 5 << 20, width: 2048, height: 2048 },
        link: "http://localhost:8005/room/x",
    }
    .render()
    .unwrap();
    no_inline(&page);
    for hook in [
        "<h1",
        "id=\"exit-btn\" href=\"/\"",
        "id=\"chat-list\"",
        "id=\"chat-form\"",
        "id=\"chat\" name=\"chat\"",
        "type=\"file\" id=\"gif\" name=\"gif\" accept=\"image/gif,image/png,image/jpeg,image/webp,.gif,.png,.apng,.jpg,.jpeg,.webp,video/mp4,video/webm,video/quicktime\"",
        "class=\"msg mine u u-e8542f followed\"",
        "class=\"msg mine u u-e8542f cont\"",
        "width=\"498\" height=\"280\"",
        "href=\"https://a.example\"",
        "data-epoch=\"7\" data-seq=\"2\"",
        "role=\"log\"",
        "<noscript>",
    ] {
        assert!(page.contains(hook), "{hook} is not in {page}");
    }
    assert!(!page.contains("<b>안녕"), "a message became markup");
}

/// The page of a room with this history, to its reader `me`.
fn room_page(me: &Member, items: &[Item]) -> String {
    RoomPage {
        frame: frame(me),
        room: &room(),
        owner: me.id,
        members: &[],
        items,
        whispers: 1,
        most_seats: 1000,
        more: false,
        takes_offers: true,
        position: Position { epoch: 7, seq: 9 },
        now: Timestamp(0),
        provider: "",
        pictures: PictureLimits { bytes: 5 << 20, width: 2048, height: 2048 },
        link: "http://localhost:8005/room/x",
    }
    .render()
    .unwrap()
}

#[test]
fn a_history_shows_what_has_become_of_messages() {
    let (me, other) = (member(1), member(2));
    let text = |text: &str| Content::Text(ChatText::parse(text).unwrap());
    let quote = Quote {
        seq: 2,
        member: other.id,
        name: "<q>".to_owned(),
        color: color(),
        content: Quoted::Text("<라멘>".to_owned()),
    };
    let items = [
        message(1, Content::Notice(Notice::new(NoticeCode::Joined))),
        Message {
            reply: Some(quote),
            edited_at: Some(Timestamp(9)),
            mentions: vec![me.id],
            reactions: vec![Reaction { emoji: Emoji::parse("🔥").unwrap(), count: 2, mine: true }],
            member: other.clone(),
            ..message(3, text("@<u>1</u> 갈까?"))
        },
        Message { member: other.clone(), ..message(4, Content::Removed) },
        message(5, Content::Purged),
        message(6, Content::Notice(Notice::new(NoticeCode::Kicked).whom(other.clone()))),
        message(7, Content::Notice(Notice::new(NoticeCode::Slow).value(0))),
    ]
    .map(Item::Message);
    let page = room_page(&me, &items);
    no_inline(&page);
    for part in [
        "data-seq=\"1\" data-kind=\"join\" data-member=\"0101010101010101\"",
        "<b>&#60;u&#62;1&#60;/u&#62;</b> 님이 들어왔어요",
        "msg other u u-e8542f to-me followed",
        "data-quote=\"2\" data-of=\"0202020202020202\"",
        "<b class=\"name\">&#60;q&#62;</b> <span class=\"quoted\">&#60;라멘&#62;</span></button>",
        "<mark>@&#60;u&#62;1&#60;/u&#62;</mark> 갈까?",
        "수정됨",
        "data-react=\"🔥\" data-count=\"2\" aria-pressed=\"true\"",
        "msg other u u-e8542f gone cont",
        "지운 메시지",
        "<b>&#60;u&#62;1&#60;/u&#62;</b> 님이 <b>&#60;u&#62;2&#60;/u&#62;</b> 님을 내보냈어요",
        "느린 대화를 껐어요",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(!page.contains("data-seq=\"5\""), "nothing is left of it");
}

#[test]
fn a_whisper_stands_apart_from_what_all_read() {
    let (me, other) = (member(1), member(2));
    let whisper = |number, from: &Member, to: &Member| {
        Item::Whisper(Whisper {
            id: MessageId::from_bytes([8; 12]),
            room: room().id,
            reader: SessionId::from_bytes([9; 16]),
            is_mine: from.id == me.id,
            number,
            after: 1,
            from: from.clone(),
            to: to.clone(),
            text: ChatText::parse("쉿").unwrap(),
            client_message_id: None,
            created_at: Timestamp(1000),
        })
    };
    let items = [
        Item::Message(message(1, Content::Text(ChatText::parse("안녕").unwrap()))),
        whisper(1, &me, &other),
        whisper(2, &other, &me),
    ];
    let page = room_page(&me, &items);
    no_inline(&page);
    assert!(page.contains("data-after=\"1\" data-number=\"1\" data-to=\"0202020202020202\""), "{page}");
    assert!(page.contains("data-after=\"1\" data-number=\"2\" data-to=\"\""), "{page}");
    assert!(page.contains("&#60;u&#62;2&#60;/u&#62; 님에게 귓속말") && page.contains("나에게만 온 귓속말"), "{page}");
    assert!(!page.contains("cont whisper") && !page.contains("u-e8542f followed"), "no group with what all read");
}

#[test]
fn the_form_keeps_what_was_sent_and_says_what_to_do() {
    let me = member(1);
    let invalid = [Invalid::TitleEmpty, Invalid::Limit { most: 100 }];
    let page = FormPage {
        frame: frame(&me),
        title: Some("\"><x>"),
        max: Some("2.5"),
        invalid: &invalid,
        refusal: None,
        most_seats: 100,
    }
    .render()
    .unwrap();
    no_inline(&page);
    assert!(page.contains("value=\"2.5\"") && !page.contains("<x>"));
    assert!(page.contains("방 이름을 한 글자 이상") && page.contains("2부터 100 사이") && page.contains("2군데"));
}

#[test]
fn the_password_page_never_repeats_a_password() {
    let me = member(2);
    let page =
        PasswordPage { frame: frame(&me), room: &room(), now: Timestamp(0), refusal: Some(&Refusal::WrongPassword) };
    let page = page.render().unwrap();
    no_inline(&page);
    assert!(page.contains(&format!("action=\"/room/{}/enter\" method=\"post\"", room().id)));
    assert!(page.contains("비밀번호가 달라요"));
}

#[test]
fn an_error_page_names_the_thing_and_the_way_on() {
    let me = member(1);
    let page = |code, retry_after| {
        let problem = ErrorPage { frame: frame(&me), code, title: "제목", detail: "자세히", retry_after };
        let page = problem.render().unwrap();
        no_inline(&page);
        page
    };
    let kicked = page("kicked", Some(600));
    assert!(kicked.contains("방장이 내보냈어요") && kicked.contains("10분 뒤에 다시 들어올 수 있어요."), "{kicked}");
    assert!(page("kicked", None).contains("조금 뒤에 다시 들어올 수 있어요."));
    let banned = page("banned", None);
    assert!(banned.contains("이 방이 없어질 때까지") && !banned.contains("다시 들어가 보기"), "{banned}");
    assert!(page("room-locked", None).contains("방이 잠겨 있어요"));
    assert!(page("room-full", None).contains("자리가 났는지 보기"));
    assert!(page("shutting-down", Some(5)).contains("5초쯤 뒤에 다시 열어 보세요"));
    let other = page("cross-origin", None);
    assert!(other.contains("제목") && other.contains("자세히"), "{other}");
    let arts: std::collections::HashSet<_> = ["kicked", "room-locked", "room-full", "busy", "cross-origin"]
        .map(|code| {
            page(code, None).split("<img class=\"torn\" src=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        })
        .into();
    assert!(arts.len() == 5 && arts.iter().all(|art| art.starts_with("/assets/")), "{arts:?}");
}
