use std::time::Duration;

/// How much a client may ask of the server, and how long it may take. All times are the system's, whatever the server's
/// clock says: they guard the machine that the laboratory runs on.
///
/// The defaults are far above what Git clients do. A test that wants to see a limit lowers it:
///
/// ```
/// use std::time::Duration;
/// use codecommit_mock::{Limits, MockServer};
///
/// let limits = Limits { head_time: Duration::from_millis(50), ..Limits::default() };
/// let builder = MockServer::builder().limits(limits);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The request line and headers of a request, in bytes. More is answered with 431.
    pub head_bytes: usize,
    /// How long a client may take to say its first words: the TLS handshake, and a request's line and headers. Then 408.
    pub head_time: Duration,
    /// How long a client may be silent in the middle of a body (then 408), or not take what it is sent (then the connection
    /// is cut). Git is silent for as long as it compresses.
    pub silence: Duration,
    /// The same for a fetch or push that a git serves while others wait for their turn: it takes no further piece of its
    /// answer, of which one has 256 KiB at most.
    pub crowded_silence: Duration,
    /// A body that is not a pack, unpacked, in bytes: what a fetch wants and has. More is answered with 413.
    pub request_bytes: u64,
    /// How many times as large a gzip body may become when it is unpacked; it is counted from the first 16 MiB on. More is
    /// answered with 413.
    pub gzip_ratio: u64,
    /// How many fetches are served at a time, and how many pushes beside them. Others wait for their turn, in the order in
    /// which they came.
    pub children: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 64 * 1024,
            head_time: Duration::from_secs(30),
            silence: Duration::from_secs(300),
            crowded_silence: Duration::from_secs(10),
            request_bytes: 64 * 1024 * 1024,
            gzip_ratio: 100,
            children: 32,
        }
    }
}
