//! A TCP connection that can be cut, silenced and slowed down.

use std::fmt;
use std::future::Future as _;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use super::{Direction, Effect, Ending, Injected, plan};

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

/// What is done to a connection, from wherever it is decided. Clones are the same connection's.
#[derive(Clone, Default)]
pub(crate) struct WireControl(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// How it has ended.
    ended: Option<Ending>,
    connection_cut: Option<Limit>,
    /// That of the request which came last.
    request_cut: Option<Limit>,
    latency: Option<Latency>,
    bandwidth: Option<u64>,
    /// What is done to it, in words, for the exchanges on it.
    notes: Vec<String>,
    wakers: Vec<Waker>,
}

struct Limit {
    left: u64,
    direction: Direction,
    ending: Ending,
    fired: Box<dyn FnOnce() + Send>,
}

impl Limit {
    fn new(
        ending: Ending,
        after: u64,
        direction: Direction,
        fired: impl FnOnce() + Send + 'static,
    ) -> Self {
        Self {
            left: after,
            direction,
            ending,
            fired: Box::new(fired),
        }
    }
}

#[derive(Clone, Copy)]
struct Latency {
    latency: Duration,
    jitter: Duration,
    seed: u64,
}

/// What the bytes of a direction have to keep to.
#[derive(Clone, Copy)]
struct Bounds {
    /// How many are left until a cut.
    left: Option<u64>,
    bandwidth: Option<u64>,
}

impl Bounds {
    /// How many may pass at once, if not any number.
    fn most(self) -> Option<u64> {
        let piece = self.bandwidth.map(piece_of);
        self.left.into_iter().chain(piece).min()
    }
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

    /// What it keeps to in a direction, or how it has ended; registers the caller for the moment in which it does.
    fn bounds(
        &self,
        direction: Direction,
        context: &Context<'_>,
    ) -> Result<Bounds, Poll<io::Error>> {
        let mut state = self.control.lock();
        match state.ended {
            Some(Ending::Reset | Ending::Close) => Err(Poll::Ready(cut())),
            Some(Ending::Stall) => {
                state.listen(context);
                Err(Poll::Pending)
            }
            None => {
                state.listen(context);
                Ok(Bounds {
                    left: state.left(direction),
                    bandwidth: state.bandwidth,
                })
            }
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
        let bounds = match self.bounds(Direction::Answer, context) {
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
            return match self.bounds(Direction::Answer, context) {
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
            let latency = self.control.lock().latency;
            if let Some(latency) = latency {
                self.sleep = Some(Box::pin(tokio::time::sleep(latency.of_turn(self.turns))));
            }
        }
        poll_sleep(&mut self.sleep, context)
    }
}

/// Sleeps to the end, if there is something to sleep.
fn poll_sleep(sleep: &mut Option<Pin<Box<Sleep>>>, context: &mut Context<'_>) -> Poll<()> {
    if let Some(waiting) = sleep {
        ready!(waiting.as_mut().poll(context));
        *sleep = None;
    }
    Poll::Ready(())
}

/// A tenth of a second's worth at a time.
fn piece_of(a_second: u64) -> u64 {
    (a_second / 10).max(1)
}

/// Keeps bytes to so many a second. What is small is not waited for by itself: timers are coarse, and HTTP/2 writes
/// thousands of small pieces.
#[derive(Default)]
struct Pace {
    /// Until when the bytes that have passed take.
    until: Option<Instant>,
    sleep: Option<Pin<Box<Sleep>>>,
}

/// So much may come too early, and be made up for after a timer that was late.
const SLACK: Duration = Duration::from_millis(10);

impl Pace {
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<()> {
        poll_sleep(&mut self.sleep, context)
    }

    fn passed(&mut self, bytes: usize, a_second: u64) {
        let now = Instant::now();
        let from = self.until.map_or(now, |until| {
            until.max(now.checked_sub(SLACK).unwrap_or(now))
        });
        let until = from + Duration::from_secs_f64(bytes as f64 / a_second as f64);
        self.until = Some(until);
        if until > now + SLACK {
            self.sleep = Some(Box::pin(tokio::time::sleep_until(until)));
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let bounds = match self.bounds(Direction::Request, context) {
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
        if self.control.lock().ended == Some(Ending::Reset) {
            return Poll::Ready(Err(cut()));
        }
        self.stream()?.poll_shutdown(context)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let ended = self.control.lock().ended;
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

impl WireControl {
    /// Ends the connection, or silences it, at once.
    pub(crate) fn end(&self, ending: Ending) {
        let mut state = self.lock();
        state.ended = Some(ending);
        for waker in state.wakers.drain(..) {
            waker.wake();
        }
    }

    /// How it has ended, if it has.
    pub(crate) fn has_ended(&self) -> Option<Ending> {
        self.lock().ended
    }

    /// Does what a fault on connections does. `fired` is called when a connection is cut.
    pub(crate) fn inject(&self, injected: &Injected, fired: impl FnOnce() + Send + 'static) {
        match injected.effect {
            Effect::Refuse(ending) => {
                fired();
                self.end(ending);
            }
            Effect::Cut {
                ending,
                after,
                direction,
            } => {
                let limit = Limit::new(ending, after, direction, fired);
                self.lock().connection_cut = Some(limit);
            }
            Effect::Latency { latency, jitter } => {
                let mut state = self.lock();
                state.notes.push(injected.effect.to_string());
                state.latency = Some(Latency {
                    latency,
                    jitter,
                    seed: injected.draw,
                });
            }
            Effect::Bandwidth(bytes) => {
                let mut state = self.lock();
                state.notes.push(injected.effect.to_string());
                state.bandwidth = Some(bytes);
            }
            Effect::Tls(_)
            | Effect::Status { .. }
            | Effect::FirstByte(_)
            | Effect::Truncate(_)
            | Effect::Corrupt(_) => {}
        }
    }

    /// Cuts the connection after so many bytes from now, unless another request comes first.
    pub(crate) fn cut_request(
        &self,
        ending: Ending,
        after: u64,
        direction: Direction,
        fired: impl FnOnce() + Send + 'static,
    ) {
        self.lock().request_cut = Some(Limit::new(ending, after, direction, fired));
    }

    /// A new request has come: what was to happen to the one before it did not.
    pub(crate) fn next_request(&self) {
        self.lock().request_cut = None;
    }

    /// What is done to everything on this connection.
    pub(crate) fn notes(&self) -> Vec<String> {
        self.lock().notes.clone()
    }

    /// Counts bytes, and cuts where it is time to.
    fn count(&self, direction: Direction, bytes: u64) {
        let mut state = self.lock();
        let State {
            connection_cut,
            request_cut,
            ..
        } = &mut *state;
        let mut due = None;
        for cut in [connection_cut, request_cut] {
            if let Some(limit) = cut
                && limit.direction == direction
            {
                limit.left = limit.left.saturating_sub(bytes);
                if limit.left == 0 {
                    due = cut.take();
                }
            }
        }
        drop(state);
        if let Some(limit) = due {
            // Written down before the client can notice.
            (limit.fired)();
            self.end(limit.ending);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How many bytes are left until a cut.
    fn left(&self, direction: Direction) -> Option<u64> {
        let limits = [&self.connection_cut, &self.request_cut];
        let limits = limits.into_iter().flatten();
        limits
            .filter(|limit| limit.direction == direction)
            .map(|limit| limit.left)
            .min()
    }

    fn listen(&mut self, context: &Context<'_>) {
        if !self
            .wakers
            .iter()
            .any(|known| known.will_wake(context.waker()))
        {
            // A reader and a writer at most; more of them are of tasks that have moved on.
            if self.wakers.len() >= 4 {
                self.wakers.remove(0);
            }
            self.wakers.push(context.waker().clone());
        }
    }
}

impl Latency {
    /// Anywhere within the jitter, and the same in every run.
    fn of_turn(&self, turn: u64) -> Duration {
        let drawn = plan::fraction(self.seed, turn);
        (self.latency + self.jitter.mul_f64(2.0 * drawn)).saturating_sub(self.jitter)
    }
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "a fault was injected")
}

impl fmt::Debug for WireControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("WireControl")
            .field("ended", &state.ended)
            .field("notes", &state.notes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_within_its_bounds_and_is_the_same_in_every_run() {
        let latency = Latency {
            latency: Duration::from_millis(100),
            jitter: Duration::from_millis(20),
            seed: 7,
        };
        let turns: Vec<_> = (0..100).map(|turn| latency.of_turn(turn)).collect();
        let again: Vec<_> = (0..100).map(|turn| latency.of_turn(turn)).collect();
        assert_eq!(turns, again);
        let bounds = Duration::from_millis(80)..=Duration::from_millis(120);
        assert!(turns.iter().all(|turn| bounds.contains(turn)), "{turns:?}");
        assert!(turns.iter().any(|turn| *turn != turns[0]));
    }

    #[test]
    fn a_limit_counts_the_bytes_of_its_side_only() {
        let control = WireControl::default();
        control.cut_request(Ending::Reset, 10, Direction::Answer, || {});
        control.count(Direction::Request, 100);
        control.count(Direction::Answer, 9);
        assert_eq!(control.has_ended(), None);
        assert_eq!(control.lock().left(Direction::Answer), Some(1));
        control.count(Direction::Answer, 1);
        assert_eq!(control.has_ended(), Some(Ending::Reset));
    }

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
        slow.lock().bandwidth = Some(20);
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
