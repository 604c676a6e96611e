//! A connection's bytes, whatever carries them.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How often more is taken from a connection that has ended.
const LAST_READS: usize = 16;

/// Anything that can be read and written, TLS for example.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

pub(crate) enum Stream {
    Tcp(TcpStream),
    /// On its way from the thread that shook hands to the shard.
    Detached(std::net::TcpStream),
    Other(Box<dyn Duplex>),
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Tcp(_) => "Tcp",
            Self::Detached(_) => "Detached",
            Self::Other(_) => "Other",
        })
    }
}

impl Stream {
    /// Puts a detached socket under the reactor of this thread.
    pub(crate) fn attach(self) -> io::Result<Self> {
        Ok(match self {
            Self::Detached(stream) => Self::Tcp(TcpStream::from_std(stream)?),
            attached => attached,
        })
    }

    fn duplex(&mut self) -> io::Result<Pin<&mut dyn Duplex>> {
        match self {
            Self::Tcp(stream) => Ok(Pin::new(stream)),
            Self::Other(stream) => Ok(Pin::new(stream)),
            Self::Detached(_) => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// Sends at once what fits, without asking the reactor. Only a plain TCP socket can: others answer `WouldBlock`.
    pub(crate) fn try_send(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => SockRef::from(stream).send(bytes),
            _ => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    /// Sends all of this at once, or as much as goes: true when it was all, and nothing from before is still on its way to
    /// a peer that does not take it. `cx` is for what is not a plain TCP socket.
    pub(crate) fn send_whole(&mut self, bytes: &[u8], cx: &mut Context<'_>) -> bool {
        if let Self::Tcp(stream) = self {
            return has_sent_all(stream) && matches!(self.try_send(bytes), Ok(sent) if sent == bytes.len());
        }
        matches!(self.poll_write(cx, &[IoSlice::new(bytes)]), Poll::Ready(Ok(sent)) if sent == bytes.len())
            && matches!(self.poll_flush(cx), Poll::Ready(Ok(())))
    }

    /// Forgets what the kernel still holds for the peer, and resets the connection when it is dropped: a peer that does
    /// not read would keep that memory for minutes.
    pub(crate) fn abort(&self) {
        if let Self::Tcp(stream) = self {
            let _ = SockRef::from(stream).set_linger(Some(std::time::Duration::ZERO));
        }
    }

    /// Ends our side, and takes what has come: what is not taken when the connection is dropped makes the system reset it,
    /// and the peer may then lose what was sent last.
    pub(crate) fn end(&self, scratch: &mut [u8]) {
        if let Self::Tcp(stream) = self {
            let _ = SockRef::from(stream).shutdown(std::net::Shutdown::Write);
        }
        for _ in 0..LAST_READS {
            if !matches!(self.try_recv(scratch), Ok(read) if read > 0) {
                return;
            }
        }
    }

    /// Takes at once what has come, without asking the reactor, which may not have looked yet. Only a plain TCP socket
    /// can: others answer `WouldBlock`.
    pub(crate) fn try_recv(&self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => io::Read::read(&mut &*SockRef::from(stream), into),
            _ => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut into = ReadBuf::new(into);
        ready!(self.duplex()?.poll_read(cx, &mut into))?;
        Poll::Ready(Ok(into.filled().len()))
    }

    pub(crate) fn poll_write(&mut self, cx: &mut Context<'_>, slices: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.duplex()?.poll_write_vectored(cx, slices)
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.duplex()?.poll_flush(cx)
    }
}

/// Whether the system holds nothing that it could not send to the peer yet. It changes the socket, which is to send one
/// last thing.
fn has_sent_all(stream: &TcpStream) -> bool {
    // With that bound the system calls a socket writable only when nothing of it is unsent.
    if SockRef::from(stream).set_tcp_notsent_lowat(1).is_err() {
        return true;
    }
    let mut asked = [PollFd::new(stream, PollFlags::OUT)];
    poll(&mut asked, Some(&Timespec::default())).is_ok() && asked[0].revents().contains(PollFlags::OUT)
}
