//! `/openapi.json` says what the doors do: every route is in it, and real answers are as it says.

use std::collections::BTreeSet;

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RANGE};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use crate::support::schema::{assert_fits, misfit, resolved};
use crate::support::{GIF, Person, Server};

/// Described, and not there yet. To be emptied as they come.
const NOT_YET: &[(&str, &str)] = &[];
/// Files that pages are made of: nobody needs them described.
const OF_PAGES: &[&str] = &["/assets/{*path}", "/favicon.svg", "/manifest.webmanifest"];

type Doors = BTreeSet<(String, String)>;

fn door(path: &str, method: &str) -> (String, String) {
    (path.to_owned(), method.to_owned())
}

/// The routes that `src/web/router.rs` lists. A service answers several methods; which, it knows itself.
fn routes() -> (Doors, BTreeSet<String>) {
    let (mut routes, mut services) = (Doors::new(), BTreeSet::new());
    // What stands before the first is no route.
    for piece in include_str!("../../src/web/router.rs").split(".route").skip(1) {
        let path = piece.split('"').nth(1).unwrap_or_default().to_owned();
        if piece.starts_with("_service(") {
            services.insert(path);
            continue;
        }
        for method in ["get", "post", "put", "patch", "delete"] {
            if piece.contains(&format!(" {method}(")) || piece.contains(&format!(".{method}(")) {
                routes.insert((path.clone(), method.to_owned()));
            }
        }
    }
    assert!(routes.contains(&door("/room/{id}", "delete")) && services.contains("/socket.io/"), "{routes:?}");
    (routes, services)
}

/// The document, and what it says of each operation: its path, its method, and all else.
struct Described {
    document: Value,
}

impl Described {
    async fn by(person: &Person) -> Self {
        Self { document: person.get_json("/openapi.json").await }
    }

    fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        let paths = self.document["paths"].as_object().unwrap();
        paths.iter().flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        })
    }

    fn doors(&self) -> Doors {
        self.operations().map(|(path, method, _)| door(path, method)).collect()
    }

    fn operation(&self, id: &str) -> (&str, &str, &Value) {
        self.operations().find(|(_, _, operation)| operation["operationId"] == id).unwrap_or_else(|| panic!("no {id}"))
    }

    /// Whether an answer is as described: its status, its type, its fields, and what is in it.
    async fn check(&self, id: &str, response: Response) {
        let (_, _, operation) = self.operation(id);
        let status = response.status().as_u16().to_string();
        let described = &operation["responses"][&status];
        assert!(described.is_object(), "{id} answers {status}, which is not described");
        for (field, _) in described["headers"].as_object().into_iter().flatten() {
            assert!(field == "Retry-After" || response.headers().contains_key(field), "{id} {status} without {field}");
        }
        let kind = response.headers().get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap().to_owned());
        let Some(contents) = described["content"].as_object() else {
            assert!(response.bytes().await.unwrap().is_empty(), "{id} {status} has a body, which is not described");
            return;
        };
        let kind = kind.as_deref().unwrap_or_default().split(';').next().unwrap_or_default();
        let content = contents.get(kind).unwrap_or_else(|| panic!("{id} {status} is {kind}, which is not described"));
        if !kind.ends_with("json") {
            return;
        }
        let body: Value = response.json().await.unwrap();
        if id != "describeHttp" {
            assert_fits(&self.document, &content["schema"], &body);
        }
        if kind == "application/problem+json" {
            let code = body["type"].as_str().unwrap().strip_prefix("/problems/").unwrap();
            assert!(content["examples"][code].is_object(), "{id} {status} is {code}, which is not described");
        }
    }
}

#[tokio::test]
async fn every_route_is_described() {
    let server = Server::start().await;
    let described = Described::by(&Person::new(&server)).await.doors();
    let (routes, services) = routes();
    let missing: Vec<_> =
        routes.difference(&described).filter(|(path, _)| !OF_PAGES.contains(&path.as_str())).collect();
    assert!(missing.is_empty(), "not in the OpenAPI document (src/web/openapi.rs): {missing:?}");
    for path in &services {
        assert!(described.iter().any(|(described, _)| described == path), "{path} is not described");
    }
    for (path, method) in NOT_YET {
        assert!(described.contains(&door(path, method)), "{path} is described");
        let is_there = routes.contains(&door(path, method)) || services.contains(*path);
        assert!(!is_there, "{path} is there now: strike it from NOT_YET, and ask it something below");
    }
    let invented: Vec<_> = described
        .difference(&routes)
        .filter(|(path, method)| !services.contains(path) && !NOT_YET.contains(&(path.as_str(), method.as_str())))
        .collect();
    assert!(invented.is_empty(), "described, but no route: {invented:?}");
}

#[tokio::test]
async fn a_full_disk_is_described_wherever_a_gif_is_brought() {
    let (provider, _) = crate::provider::provider().await;
    let server = Server::start_with(|config| {
        config.provider_url = Some(provider.parse().unwrap());
        config.disk_reserve = usize::MAX;
    })
    .await;
    let person = Person::new(&server);
    let described = Described::by(&person).await;
    let room = person.make_room("t", 2, "").await;
    let _here = person.enter(&room).await;
    let remote = person.get_json("/provider/search?q=x").await["remotes"][0]["id"].clone();
    let shown = person.post(&format!("/room/{room}/provider"), &json!({"remote": remote})).await;
    for (id, answer) in [("postGif", person.send_gif(&room, GIF).await), ("postRemote", shown)] {
        assert_eq!(answer.status(), 507, "{id}");
        described.check(id, answer).await;
    }
}

#[tokio::test]
async fn answers_are_as_described() {
    let (provider, _) = crate::provider::provider().await;
    let server = Server::start_with(|config| {
        config.rooms_per_session = 2;
        config.provider_url = Some(provider.parse().unwrap());
        config.tenor_keys = vec![String::from("key-of-test")];
        config.library_offers = gifchat::config::Offers::Auto;
    })
    .await;
    let (owner, guest) = (Person::new(&server), Person::new(&server));
    let described = Described::by(&owner).await;
    let room = owner.make_room("점심", 2, "sesame").await;
    let _here = owner.enter(&room).await;
    let gif: Value = owner.send_gif(&room, GIF).await.json().await.unwrap();
    let at = |path: &str| path.replace("{id}", &room).replace("{name}", gif["gif"].as_str().unwrap());
    let remote = owner.get_json("/provider/search?q=x").await["remotes"][0].clone();
    let (looked_at, remote) = (remote["preview"].as_str().unwrap(), json!({"remote": remote["id"]}));
    let ask = |person: &Person, id: &str| -> RequestBuilder {
        let (id, query) = id.split_once('?').unwrap_or((id, ""));
        let (path, method, _) = described.operation(id);
        let path = at(path).replace("{tag}", "en").replace("{file}", "socket.io.js") + "?" + query;
        person.request(method.to_uppercase().parse().unwrap(), &path).header(ACCEPT, "application/json")
    };
    let elsewhere = |id: &str, path: &str| {
        let (_, method, _) = described.operation(id);
        guest.request(method.to_uppercase().parse().unwrap(), path).header(ACCEPT, "application/json")
    };
    let gif_form = |bytes: &'static [u8]| {
        reqwest::multipart::Form::new()
            .part("gif", reqwest::multipart::Part::bytes(bytes))
            .text("clientMessageId", "g-1")
    };
    let page_form = |person: &Person, path| person.request(Method::POST, path).header(ACCEPT, "text/html");
    let nowhere = "/room/000000000000000000000000";
    let long = "x".repeat(2001);
    let asked = [
        ("showLobby", ask(&guest, "showLobby"), 200),
        ("showRoomForm", ask(&guest, "showRoomForm"), 200),
        ("createRoom", ask(&owner, "createRoom").json(&json!({"title": "x", "max": 2, "password": null})), 201),
        ("createRoom", page_form(&guest, "/room").form(&[("title", "x")]), 303),
        ("createRoom", ask(&owner, "createRoom").json(&json!({"title": "y"})), 409),
        ("createRoom", ask(&owner, "createRoom").json(&json!({"title": ["y"]})), 422),
        ("createRoom", ask(&owner, "createRoom").header(CONTENT_TYPE, "application/json").body("{"), 400),
        ("createRoom", ask(&owner, "createRoom").body("title=x"), 415),
        ("createRoom", ask(&owner, "createRoom").json(&json!({"title": "x".repeat(70_000)})), 413),
        ("createRoom", ask(&owner, "createRoom").header("origin", "http://evil.example").form(&[("title", "x")]), 403),
        ("showRoom", ask(&guest, "showRoom"), 200),
        ("showRoom", elsewhere("showRoom", nowhere), 404),
        ("enterRoom", ask(&guest, "enterRoom").json(&json!({"password": "wrong"})), 403),
        ("listMessages", ask(&guest, "listMessages"), 403),
        ("listMembers", ask(&guest, "listMembers"), 403),
        ("enterRoom", ask(&guest, "enterRoom").json(&json!({"password": "sesame"})), 200),
        ("enterRoom", elsewhere("enterRoom", &format!("{nowhere}/enter")).json(&json!({})), 404),
        ("listMembers", ask(&guest, "listMembers"), 200),
        ("search", ask(&guest, "search?q=hi"), 200),
        ("search", ask(&guest, "search?q="), 422),
        ("search", ask(&guest, "search?q=hi&from=x"), 422),
        ("exportRoom", ask(&guest, "exportRoom"), 200),
        ("exportRoom", ask(&guest, "exportRoom?format=html"), 200),
        ("exportRoom", ask(&guest, "exportRoom?format=pdf"), 400),
        ("exportRoom", elsewhere("exportRoom", &format!("{nowhere}/export")), 404),
        ("postText", ask(&guest, "postText").json(&json!({"chat": "hi"})), 403),
        ("postText", ask(&owner, "postText").json(&json!({"chat": "hi", "clientMessageId": "c-1"})), 201),
        ("postText", ask(&owner, "postText").json(&json!({"chat": "/help"})), 200),
        ("postText", ask(&owner, "postText").json(&json!({"chat": "/dance"})), 422),
        ("postText", ask(&owner, "postText").json(&json!({"chat": long})), 422),
        ("postText", ask(&owner, "postText").json(&json!({"chat": "hi", "clientMessageId": ""})), 422),
        ("postText", elsewhere("postText", &format!("{nowhere}/chat")).json(&json!({"chat": "hi"})), 404),
        ("searchProvider", ask(&guest, "searchProvider?q=x"), 200),
        ("searchProvider", ask(&guest, &format!("searchProvider?q={}", "x".repeat(101))), 422),
        ("showRemote", elsewhere("showRemote", looked_at), 200),
        ("showRemote", elsewhere("showRemote", "/provider/x.gif"), 404),
        ("postRemote", ask(&owner, "postRemote").json(&remote), 201),
        ("postRemote", ask(&guest, "postRemote").json(&remote), 403),
        ("postRemote", ask(&owner, "postRemote").json(&json!({"remote": "0".repeat(24)})), 404),
        ("postRemote", ask(&owner, "postRemote").json(&json!({})), 422),
        ("postGif", ask(&owner, "postGif").multipart(gif_form(GIF)), 201),
        ("postGif", ask(&owner, "postGif").multipart(gif_form(b"no GIF")), 415),
        ("postGif", ask(&owner, "postGif").multipart(gif_form(&GIF[..20])), 422),
        ("postGif", ask(&owner, "postGif").multipart(reqwest::multipart::Form::new().text("x", "y")), 422),
        ("command", ask(&guest, "command").json(&json!({"type": "help"})), 403),
        ("command", ask(&owner, "command").json(&json!({"type": "nick", "name": "Whale"})), 200),
        ("command", ask(&owner, "command").json(&json!({"type": "members"})), 200),
        ("command", ask(&owner, "command").json(&json!({"type": "settings", "slow": 5})), 200),
        ("command", ask(&owner, "command").json(&json!({"type": "react", "target": 2, "emoji": "👍"})), 200),
        ("command", ask(&owner, "command").json(&json!({"type": "react", "target": 2, "emoji": "👍"})), 200),
        ("command", ask(&owner, "command").json(&json!({"type": "edit", "target": 3, "chat": "hey"})), 200),
        ("command", ask(&owner, "command").json(&json!({"type": "typing"})), 200),
        ("command", ask(&owner, "command").json(&json!({"type": "bans"})), 200),
        ("command", ask(&owner, "command").json(&json!({"type": "dance"})), 400),
        ("command", ask(&owner, "command").json(&json!({"type": "nick", "name": ""})), 422),
        ("command", ask(&owner, "command").json(&json!({"type": "react", "target": 1, "emoji": "x"})), 422),
        ("command", ask(&owner, "command").json(&json!({"type": "remove", "target": 999})), 404),
        ("command", ask(&owner, "command").json(&json!({"type": "away"})), 403),
        ("listMessages", ask(&guest, "listMessages?before=3&limit=2"), 200),
        ("listMessages", ask(&guest, "listMessages?before=x"), 422),
        ("showGif", ask(&guest, "showGif"), 200),
        ("showGif", ask(&guest, "showGif").header(RANGE, "bytes=0-3"), 206),
        ("showGif", ask(&guest, "showGif").header(RANGE, "bytes=9999-"), 416),
        ("showGif", ask(&guest, "showGif").header(IF_NONE_MATCH, "*"), 304),
        ("showGif", elsewhere("showGif", "/gif/x.gif"), 404),
        ("offerGif", ask(&owner, "offerGif").json(&json!({"room": room, "seq": gif["seq"], "tags": ["cat"]})), 201),
        ("offerGif", ask(&owner, "offerGif").form(&[("room", room.as_str()), ("seq", "2"), ("tags", "x y")]), 200),
        ("offerGif", ask(&guest, "offerGif").json(&json!({"room": room, "seq": 2})), 403),
        ("offerGif", ask(&owner, "offerGif").json(&json!({"room": room, "seq": 1})), 404),
        ("offerGif", ask(&owner, "offerGif").json(&json!({"room": room})), 422),
        ("listLibrary", ask(&guest, "listLibrary?q=cat"), 200),
        ("listLibrary", ask(&guest, "listLibrary?after=x"), 422),
        ("listLibraryTags", ask(&guest, "listLibraryTags?prefix=c"), 200),
        ("tenorSearch", ask(&guest, "tenorSearch?key=key-of-test&q=cat"), 200),
        ("tenorSearch", ask(&guest, "tenorSearch?key=key-of-test"), 400),
        ("tenorSearch", ask(&guest, "tenorSearch?q=cat"), 403),
        ("tenorFeatured", ask(&guest, "tenorFeatured?key=key-of-test"), 200),
        ("tenorAutocomplete", ask(&guest, "tenorAutocomplete?key=key-of-test&q=c"), 200),
        ("tenorPosts", ask(&guest, "tenorPosts?key=key-of-test&ids=1"), 200),
        ("showTenorGif", ask(&guest, "showTenorGif"), 200),
        ("showTenorGif", elsewhere("showTenorGif", "/tenor/media/x.gif"), 404),
        ("listen", ask(&owner, "listen"), 200),
        ("listen", ask(&owner, "listen").header("last-event-id", "x"), 422),
        ("listen", elsewhere("listen", &format!("{nowhere}/events")), 404),
        ("openWebSocket", ask(&guest, "openWebSocket"), 426),
        ("openWebSocket", ask(&guest, "openWebSocket").header("origin", "http://evil.example"), 403),
        ("openSocketIo", ask(&guest, "openSocketIo?EIO=4&transport=polling"), 200),
        ("openSocketIo", ask(&guest, "openSocketIo"), 400),
        ("sendSocketIo", ask(&guest, "sendSocketIo?EIO=4&transport=polling").body("x"), 400),
        ("showSocketIoClient", ask(&guest, "showSocketIoClient"), 200),
        ("chooseLanguage", ask(&guest, "chooseLanguage"), 303),
        ("chooseLanguage", elsewhere("chooseLanguage", "/lang/xx"), 404),
        ("isAlive", ask(&guest, "isAlive"), 200),
        ("isReady", ask(&guest, "isReady"), 200),
        ("describeHttp", ask(&guest, "describeHttp"), 200),
        ("describeEvents", ask(&guest, "describeEvents"), 200),
        ("deleteRoom", ask(&guest, "deleteRoom"), 403),
        ("deleteRoom", ask(&owner, "deleteRoom"), 204),
        ("deleteRoom", ask(&owner, "deleteRoom"), 404),
    ];
    let mut heard = Doors::new();
    for (id, request, status) in asked {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{id}");
        described.check(id, response).await;
        let (path, method, _) = described.operation(id);
        heard.insert(door(path, method));
    }
    let not_asked: Vec<_> = described
        .doors()
        .into_iter()
        .filter(|asked| !heard.contains(asked) && !NOT_YET.contains(&(asked.0.as_str(), asked.1.as_str())))
        .collect();
    assert!(not_asked.is_empty(), "ask these something, too: {not_asked:?}");
}

#[tokio::test]
async fn the_documents_examples_fit_its_schemas() {
    let server = Server::start().await;
    let described = Described::by(&Person::new(&server)).await;
    let mut examples = 0;
    let mut check = |content: &Value| {
        let single = content.get("example");
        let several = content["examples"].as_object().into_iter().flat_map(|all| all.values().map(|one| &one["value"]));
        for example in single.into_iter().chain(several) {
            assert_fits(&described.document, &content["schema"], example);
            examples += 1;
        }
    };
    for (_, _, operation) in described.operations() {
        let responses = operation["responses"].as_object().unwrap().values();
        for body in responses.chain([&operation["requestBody"]]) {
            body["content"].as_object().into_iter().flat_map(|kinds| kinds.values()).for_each(&mut check);
        }
    }
    assert!(examples > 40, "{examples} examples");
    for (name, schema) in described.document["components"]["schemas"].as_object().unwrap() {
        for example in schema["examples"].as_array().into_iter().flatten() {
            assert!(misfit(&described.document, schema, example).is_none(), "{name}: {example}");
        }
    }
    let new = resolved(&described.document, &json!({"$ref": "#/components/schemas/NewText"})).clone();
    for wrong in [json!({}), json!({"chat": ""}), json!({"chat": 5}), json!({"chat": "x", "clientMessageId": "a b"})] {
        assert!(misfit(&described.document, &new, &wrong).is_some(), "{wrong}");
    }
}

#[tokio::test]
async fn the_limits_it_names_are_the_defaults() {
    let server = Server::start().await;
    let described = Described::by(&Person::new(&server)).await;
    let config = gifchat::config::Config::default();
    let about = described.operation("postGif").2["description"].as_str().unwrap();
    let limits = [
        format!("{} MiB", config.gif_bytes >> 20),
        format!("{} x {} pixels", config.gif_width, config.gif_height),
        format!("{} frames", config.gif_frames),
        format!("{} million pixels", config.gif_pixels / 1_000_000),
        format!("{} minutes", config.gif_duration.as_secs() / 60),
    ];
    for limit in limits {
        assert!(about.contains(&limit), "{limit}: {about}");
    }
    let seats = &described.document["components"]["schemas"]["NewRoomForm"]["properties"]["max"];
    assert!(seats["description"].as_str().unwrap().contains(&config.members_per_room.to_string()), "{seats}");
    let polling = described.operation("sendSocketIo").2["responses"]["413"]["description"].as_str().unwrap();
    assert!(polling.contains(&format!("{} kB", config.polling_bytes / 1000)), "{polling}");

    let person = Person::new(&server);
    let room = person.make_room("t", 2, "").await;
    let _here = person.enter(&room).await;
    for number in 0..101 {
        assert_eq!(person.say(&room, &number.to_string()).await.status(), 201);
    }
    for (query, messages) in [("", 50), ("?limit=1000", 100), ("?limit=0", 1)] {
        let page = person.get_json(&format!("/room/{room}/messages{query}")).await;
        assert_eq!(page.as_array().unwrap().len(), messages, "{query}");
    }
    let limit = &described.operation("listMessages").2["parameters"][2];
    assert_eq!((&limit["name"], &limit["schema"]["maximum"]), (&json!("limit"), &json!(100)), "{limit}");
    assert!(limit["description"].as_str().unwrap().starts_with("How many at most; 50 when"), "{limit}");
}

#[tokio::test]
async fn both_documents_are_cached_as_files_are() {
    let server = Server::start().await;
    let person = Person::new(&server);
    for (path, kind) in [("/openapi.json", "application/json"), ("/asyncapi.yaml", "application/yaml")] {
        let first = person.get(path).await;
        assert_eq!((first.status().as_u16(), first.headers()[CONTENT_TYPE].to_str().unwrap()), (200, kind));
        assert_eq!(first.headers()["cache-control"], "public, max-age=3600");
        assert!(!first.headers().contains_key("set-cookie"), "who reads this is nobody yet");
        let etag = first.headers()[ETAG].clone();
        let again = person.request(Method::GET, path).header(IF_NONE_MATCH, &etag).send().await.unwrap();
        assert_eq!((again.status().as_u16(), &again.headers()[ETAG]), (304, &etag));
        assert!(again.bytes().await.unwrap().is_empty());
        let head = person.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(head.status(), 200);
    }
}
