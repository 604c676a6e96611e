//! Bytes inside arguments: they travel as attachments, and the JSON holds a placeholder for each (Socket.IO 5,
//! "Binary event").

use std::cell::RefCell;

use bytes::Bytes;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// Bytes as a part of an argument, at any depth.
///
/// ```
/// use gifchat_realtime::{Args, Binary};
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct File {
///     name: String,
///     content: Binary,
/// }
///
/// let file = File { name: "a.gif".into(), content: Binary(b"GIF89a".to_vec().into()) };
/// let args = Args::of(&file)?;
/// assert_eq!(args.raw(0), Some(r#"{"name":"a.gif","content":{"_placeholder":true,"num":0}}"#));
/// assert_eq!(args.get::<File>(0).unwrap().content.0, "GIF89a");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Binary(pub Bytes);

#[derive(Serialize, Deserialize)]
struct Placeholder {
    #[serde(rename = "_placeholder")]
    is_placeholder: bool,
    num: usize,
}

thread_local! {
    /// Where attachments go while an argument is being written; without it there is nobody to take them.
    static WRITTEN: RefCell<Option<Vec<Bytes>>> = const { RefCell::new(None) };
    /// Where they come from while one is being read.
    static READ: RefCell<Vec<Bytes>> = const { RefCell::new(Vec::new()) };
}

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let num = WRITTEN.with_borrow_mut(|written| {
            let written = written.as_mut()?;
            written.push(self.0.clone());
            Some(written.len() - 1)
        });
        let num = num.ok_or_else(|| S::Error::custom("attachments travel in arguments of events only"))?;
        Placeholder { is_placeholder: true, num }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let placeholder = Placeholder::deserialize(deserializer)?;
        READ.with_borrow(|read| read.get(placeholder.num).cloned())
            .filter(|_| placeholder.is_placeholder)
            .map(Self)
            .ok_or_else(|| D::Error::custom("a placeholder without its attachment"))
    }
}

/// Runs `write`, and adds the attachments it met to `attachments`.
pub(crate) fn writing<T>(attachments: &mut Vec<Bytes>, write: impl FnOnce() -> T) -> T {
    let outer = WRITTEN.replace(Some(std::mem::take(attachments)));
    let written = write();
    *attachments = WRITTEN.replace(outer).unwrap_or_default();
    written
}

/// Runs `read`, which finds the attachments.
fn reading<T>(attachments: &[Bytes], read: impl FnOnce() -> T) -> T {
    if attachments.is_empty() {
        return read();
    }
    let outer = READ.replace(attachments.to_vec());
    let done = read();
    READ.set(outer);
    done
}

/// The arguments of an event or of an acknowledgement: JSON values, and the attachments that belong to them.
///
/// ```
/// use gifchat_realtime::{Args, Binary, Config, Namespace, Realtime};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let files = Namespace::new("/").on("file", |socket, event| async move {
///     if let Some(Binary(content)) = event.arg(1) {
///         let stored = Args::of(&content.len()).and_then(|args| args.and(&Binary(content)));
///         let _ = stored.and_then(|args| socket.emit_with("stored", &args));
///     }
/// });
/// let realtime = Realtime::builder(Config::default()).namespace(files).build()?;
/// # use futures_util::{SinkExt, StreamExt};
/// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
/// # let url = format!("ws://{}/socket.io/?EIO=4&transport=websocket", listener.local_addr()?);
/// # let server = realtime.clone();
/// # tokio::spawn(async move { server.serve(listener, server.service(), std::future::pending()).await });
/// # let (mut client, _) = tokio_tungstenite::connect_async(url).await?;
/// # client.send("40".into()).await?;
/// # client.send(r#"451-["file","a.gif",{"_placeholder":true,"num":0}]"#.into()).await?;
/// # client.send(tokio_tungstenite::tungstenite::Message::binary(b"GIF89a".to_vec())).await?;
/// # let wanted = r#"451-["stored",6,{"_placeholder":true,"num":0}]"#;
/// # while client.next().await.ok_or("closed")??.to_text()? != wanted {}
/// # assert_eq!(client.next().await.ok_or("closed")??.into_data(), "GIF89a");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Args {
    pub(crate) values: Vec<Box<RawValue>>,
    pub(crate) attachments: Vec<Bytes>,
}

impl Args {
    /// No argument at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// One argument.
    ///
    /// # Errors
    /// When it does not become JSON.
    pub fn of<T: Serialize + ?Sized>(arg: &T) -> Result<Self, serde_json::Error> {
        Self::none().and(arg)
    }

    /// One more.
    ///
    /// # Errors
    /// When it does not become JSON.
    pub fn and<T: Serialize + ?Sized>(mut self, arg: &T) -> Result<Self, serde_json::Error> {
        let value = writing(&mut self.attachments, || serde_json::value::to_raw_value(arg))?;
        self.values.push(value);
        Ok(self)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// An argument; `None` when it is missing or of another shape.
    pub fn get<T: serde::de::DeserializeOwned>(&self, index: usize) -> Option<T> {
        let value = self.values.get(index)?;
        reading(&self.attachments, || serde_json::from_str(value.get()).ok())
    }

    /// An argument as JSON text, with placeholders for its attachments.
    pub fn raw(&self, index: usize) -> Option<&str> {
        self.values.get(index).map(|value| value.get())
    }

    /// What it holds in memory, roughly, for the bound on waiting packets.
    pub(crate) fn weight(&self) -> usize {
        self.values.iter().map(|value| value.get().len() + 16).sum::<usize>()
            + self.attachments.iter().map(|bytes| bytes.len() + 32).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_are_numbered_through_all_arguments() {
        let [one, two] = [Binary(Bytes::from_static(b"1")), Binary(Bytes::from_static(b"2"))];
        let args = Args::of(&one).unwrap().and("text").unwrap().and(&[&two, &one]).unwrap();
        assert_eq!((args.len(), args.attachments.len()), (3, 3));
        assert_eq!(args.raw(2), Some(r#"[{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}]"#));
        assert_eq!(args.get::<Vec<Binary>>(2), Some(vec![two, one]));
    }

    #[test]
    fn a_placeholder_without_attachment_is_no_value() {
        let args = Args::of(&serde_json::json!({"_placeholder": true, "num": 7})).unwrap();
        assert_eq!(args.get::<Binary>(0), None);
        assert!(serde_json::to_string(&Binary::default()).is_err());
    }
}
