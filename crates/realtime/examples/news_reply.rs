//! News every three seconds, and replies to them: Socket.IO with a page to look at.
//!
//! `cargo run -p gifchat-realtime --example news_reply -- [--listen ADDRESS]`, then open the address that it prints, in
//! as many browsers as you like; `?transport=polling` or `?transport=websocket` uses that alone.

mod support;

use std::error::Error;
use std::time::Duration;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use gifchat_realtime::{Config, Namespace, Realtime, Socket};

const EVERY: Duration = Duration::from_secs(3);

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>News</title>
<style>
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
</style>
<h1>News</h1>
<p id="state" role="status">Connecting …</p>
<form id="form"><label>Reply <input id="text" autocomplete="off" maxlength="200"></label> <button>Send</button></form>
<ol id="news"></ol>
<script src="/socket.io/socket.io.min.js"></script>
<script>
  const transport = new URLSearchParams(location.search).get('transport');
  const socket = io(transport ? { transports: [transport] } : {});
  const say = (text) => { document.querySelector('#state').textContent = text; };
  socket.on('connect', () => say('Connected.'));
  socket.on('disconnect', (reason) => say(`Not connected: ${reason}.`));
  socket.on('news', (text) => {
    const item = document.createElement('li');
    item.textContent = text;
    document.querySelector('#news').prepend(item);
    socket.emit('reply', 'Hello Node.JS');
  });
  document.querySelector('#form').addEventListener('submit', (event) => {
    event.preventDefault();
    const field = document.querySelector('#text');
    if (field.value) socket.emit('reply', field.value);
    field.value = '';
  });
</script>
</html>
"#;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = support::options(&["listen"])?;
    let news = Namespace::new("/")
        .on_connected(|socket| async move {
            tokio::spawn(tell(socket));
        })
        .on("reply", |socket, event| async move {
            if let Some(text) = event.arg::<String>(0) {
                println!("{}: {text}", socket.id());
            }
        })
        .on_disconnect(|socket, reason| async move { println!("{}: gone, {reason}", socket.id()) });
    let realtime = Realtime::builder(Config::default()).namespace(news).build()?;
    let router = Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route_service("/socket.io/", realtime.service())
        .route_service("/socket.io/{file}", realtime.service());
    let listener = support::listen(&options).await?;
    realtime.serve(listener, router, support::asked_to_end()).await;
    Ok(())
}

async fn tell(socket: Socket) {
    loop {
        tokio::time::sleep(EVERY).await;
        if !socket.is_connected() || socket.emit("news", "Hello Socket.IO").is_err() {
            return;
        }
    }
}
