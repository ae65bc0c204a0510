//! A TCP connection that can be cut, silenced and slowed down.

mod control;
mod timing;

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

pub(crate) use self::control::WireControl;
use self::control::{Bounds, cut};
use self::timing::{Pace, poll_sleep};
use super::{Direction, Ending};

/// How long a connection that was closed early is listened to.
const FAREWELL: Duration = Duration::from_secs(1);

/// The connection itself. It obeys its [`WireControl`], and is as fast as without one while that asks for nothing.
pub(crate) struct Wire {
    /// Gone when it is dropped.
    stream: Option<TcpStream>,
    control: WireControl,
    /// What a delayed write waits for.
    sleep: Option<Pin<Box<Sleep>>>,
    /// How fast bytes come in and go out, each by itself as on a line.
    heard: Pace,
    said: Pace,
    /// Whether the client has said something since the last answer began.
    turn: bool,
    /// How many turns there were.
    turns: u64,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, control: WireControl) -> Self {
        Self {
            stream: Some(stream),
            control,
            sleep: None,
            heard: Pace::default(),
            said: Pace::default(),
            turn: false,
            turns: 0,
        }
    }

    /// Hears what a client says to a silent server, until it has enough of it.
    fn poll_gone(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut unheard = [0; 1024];
        loop {
            let mut piece = ReadBuf::new(&mut unheard);
            match self.stream()?.poll_read(context, &mut piece) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !piece.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(Err(cut())),
            }
        }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(cut)
    }

    /// Waits until the next byte may be said, and tells what it has to keep to.
    fn poll_may_say(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Bounds>> {
        let bounds = match self.control.bounds(Direction::Answer, context) {
            Ok(bounds) => bounds,
            Err(ended) => return ended.map(Err),
        };
        ready!(self.poll_latency(context));
        ready!(self.said.poll_ready(context));
        Poll::Ready(Ok(bounds))
    }

    /// Says what it may of `bytes`.
    fn poll_say(
        &mut self,
        context: &mut Context<'_>,
        bytes: &[u8],
        bounds: Bounds,
    ) -> Poll<io::Result<usize>> {
        if bounds.left == Some(0) && !bytes.is_empty() {
            self.control.count(Direction::Answer, 0);
            return match self.control.bounds(Direction::Answer, context) {
                Ok(_) => Poll::Pending,
                Err(ended) => ended.map(Err),
            };
        }
        let most = bounds.most().and_then(|most| usize::try_from(most).ok());
        let allowed = most.map_or(bytes.len(), |most| most.min(bytes.len()));
        let polled = self.stream()?.poll_write(context, &bytes[..allowed]);
        self.has_said(&polled, bounds);
        polled
    }

    fn has_said(&mut self, polled: &Poll<io::Result<usize>>, bounds: Bounds) {
        if let Poll::Ready(Ok(written)) = polled {
            if let Some(a_second) = bounds.bandwidth {
                self.said.passed(*written, a_second);
            }
            self.control.count(Direction::Answer, *written as u64);
        }
    }

    /// Waits as long as the first byte of a turn is late.
    fn poll_latency(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.turn {
            self.turn = false;
            self.turns += 1;
            if let Some(late) = self.control.latency_of(self.turns) {
                self.sleep = Some(Box::pin(tokio::time::sleep(late)));
            }
        }
        poll_sleep(&mut self.sleep, context)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let bounds = match self.control.bounds(Direction::Request, context) {
            Ok(bounds) => bounds,
            Err(Poll::Ready(error)) => return Poll::Ready(Err(error)),
            Err(Poll::Pending) => return self.poll_gone(context),
        };
        ready!(self.heard.poll_ready(context));
        let before = buffer.filled().len();
        let polled = match bounds.most() {
            None => self.stream()?.poll_read(context, buffer),
            Some(most) => {
                let size = buffer.remaining().min(8 * 1024);
                let mut piece =
                    vec![0; usize::try_from(most).unwrap_or(size).clamp(1, size.max(1))];
                let mut piece = ReadBuf::new(&mut piece);
                let polled = self.stream()?.poll_read(context, &mut piece);
                buffer.put_slice(piece.filled());
                polled
            }
        };
        let read = buffer.filled().len() - before;
        if read > 0 {
            self.turn = true;
            if let Some(a_second) = bounds.bandwidth {
                self.heard.passed(read, a_second);
            }
            self.control.count(Direction::Request, read as u64);
        }
        polled
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let bounds = ready!(self.poll_may_say(context))?;
        self.poll_say(context, bytes, bounds)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let bounds = ready!(self.poll_may_say(context))?;
        if bounds.most().is_some() {
            let piece = pieces.iter().find(|piece| !piece.is_empty());
            return self.poll_say(context, piece.map_or(&[], |piece| piece), bounds);
        }
        let polled = self.stream()?.poll_write_vectored(context, pieces);
        self.has_said(&polled, bounds);
        polled
    }

    fn is_write_vectored(&self) -> bool {
        let stream = self.stream.as_ref();
        stream.is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.control.has_ended() == Some(Ending::Reset) {
            return Poll::Ready(Err(cut()));
        }
        self.stream()?.poll_shutdown(context)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let ended = self.control.has_ended();
        let Some(stream) = self.stream.take() else {
            return;
        };
        match ended {
            Some(Ending::Reset) => {
                // A socket that refuses this is closed in the ordinary way.
                let _ = stream.set_zero_linger();
            }
            Some(Ending::Close) => {
                // What the client has said and nobody has read would turn the end into a reset.
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    runtime.spawn(tokio::time::timeout(FAREWELL, farewell(stream)));
                }
            }
            Some(Ending::Stall) | None => {}
        }
    }
}

async fn farewell(mut stream: TcpStream) -> io::Result<u64> {
    stream.shutdown().await?;
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::{Effect, Fault, Faults};

    #[tokio::test]
    async fn many_pieces_are_one_write_unless_a_fault_limits_them() {
        let pieces = [IoSlice::new(b""), IoSlice::new(b"abc"), IoSlice::new(b"de")];
        assert_eq!(wire(&WireControl::default()).await.say(&pieces).await, 5);

        let cut = WireControl::default();
        cut.cut_request(Ending::Stall, 4, Direction::Answer, || {});
        let mut wire_to_cut = wire(&cut).await;
        assert_eq!(wire_to_cut.say(&pieces).await, 3);
        assert_eq!(wire_to_cut.say(&pieces).await, 1);
        assert_eq!(cut.has_ended(), Some(Ending::Stall));

        let slow = WireControl::default();
        let faults = Faults::default();
        faults.add(Fault::new(Effect::Bandwidth(20)));
        slow.inject(&faults.on_connection(None)[0], || {});
        assert_eq!(wire(&slow).await.say(&pieces).await, 2);
    }

    /// A wire and the client at its other end.
    struct Pair {
        wire: Wire,
        _client: TcpStream,
    }

    async fn wire(control: &WireControl) -> Pair {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap());
        let (client, server) = tokio::join!(client, listener.accept());
        let wire = Wire::new(server.unwrap().0, control.clone());
        Pair {
            wire,
            _client: client.unwrap(),
        }
    }

    impl Pair {
        async fn say(&mut self, pieces: &[IoSlice<'_>]) -> usize {
            assert!(self.wire.is_write_vectored());
            self.wire.write_vectored(pieces).await.unwrap()
        }
    }
}
