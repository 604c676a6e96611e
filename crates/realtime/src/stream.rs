//! A connection's bytes, whatever carries them.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

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
