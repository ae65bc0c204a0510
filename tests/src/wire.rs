//! A client that says exactly the bytes it is told to: for what no well-behaved client sends.

#![expect(clippy::expect_used, reason = "a test cannot go on without")]

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::Lab;

/// A TLS connection to a host, through the laboratory's `CONNECT`.
#[derive(Debug)]
pub struct Wire {
    stream: StreamOwned<ClientConnection, TcpStream>,
    host: String,
}

/// An answer, taken apart.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The header lines, names in lower case, as one text.
    pub headers: String,
    /// The body, with chunks put together.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Opens a plain connection to the laboratory's port.
pub fn plain(lab: &Lab) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", lab.server.port())).expect("the port is open");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a timeout can be set");
    stream
}

/// Sends bytes over a plain connection and reads to its end.
pub fn say(lab: &Lab, bytes: &str) -> String {
    let mut stream = plain(lab);
    stream
        .write_all(bytes.as_bytes())
        .expect("bytes can be sent");
    let mut heard = String::new();
    stream
        .read_to_string(&mut heard)
        .expect("the answer can be read");
    heard
}

/// A value for an `Authorization` header.
pub fn basic(user_name: &str, password: &str) -> String {
    format!(
        "Basic {}",
        STANDARD.encode(format!("{user_name}:{password}"))
    )
}

/// A packet of git's protocol: its length in front.
pub fn packet(payload: &str) -> String {
    format!("{:04x}{payload}", payload.len() + 4)
}

/// The packets of a client that asks for the same object as many times. With 2000 a git is started before the rest comes.
pub fn wants(id: &str, times: usize) -> String {
    packet(&format!("want {id}\n")).repeat(times)
}

impl Wire {
    /// Connects to `host`, trusting the laboratory's CA alone.
    pub fn connect(lab: &Lab, host: &str) -> Self {
        Self::over(lab, host, tunnel(lab, host))
    }

    /// The same, and HTTP/2 is chosen in the handshake.
    pub fn connect_with_http_2(lab: &Lab, host: &str) -> Self {
        Self::speaking(lab, host, tunnel(lab, host), &[b"h2"])
    }

    /// TLS for `host` over a connection that is there already.
    pub fn over(lab: &Lab, host: &str, stream: TcpStream) -> Self {
        Self::speaking(lab, host, stream, &[])
    }

    fn speaking(lab: &Lab, host: &str, stream: TcpStream, protocols: &[&[u8]]) -> Self {
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_file(lab.server.ca_path()).expect("the CA is PEM");
        roots.add(ca).expect("the CA is a certificate");
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring has the default versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let name = ServerName::try_from(host.to_owned()).expect("a host name");
        let client = ClientConnection::new(Arc::new(config), name).expect("a TLS client");
        Self {
            stream: StreamOwned::new(client, stream),
            host: host.to_owned(),
        }
    }

    /// Sends raw bytes.
    pub fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("bytes can be sent");
        self.stream.flush().expect("bytes can be sent");
    }

    /// Sends raw bytes to a server that may have closed the connection.
    ///
    /// # Errors
    /// It has.
    pub fn try_send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// What is heard until the connection is closed, or cut.
    pub fn rest(&mut self) -> String {
        String::from_utf8_lossy(&self.rest_of_bytes()).into_owned()
    }

    /// The same, as bytes.
    pub fn rest_of_bytes(&mut self) -> Vec<u8> {
        let mut heard = Vec::new();
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = self.stream.read(&mut piece) {
            heard.extend_from_slice(&piece[..length]);
        }
        heard
    }

    /// Leaves, and waits until the server has seen it.
    pub fn leave(mut self) {
        let left = self.stream.sock.shutdown(Shutdown::Write);
        left.expect("the connection is open");
        self.rest_of_bytes();
    }

    /// Reads so many bytes of what comes next.
    pub fn read_some(&mut self, length: usize) {
        let read = self.stream.read_exact(&mut vec![0; length]);
        read.expect("the answer goes on");
    }

    /// Sends a request's head: the first line's method and target, and header lines.
    pub fn head(&mut self, request: &str, headers: &[(&str, &str)]) {
        let mut head = format!("{request} HTTP/1.1\r\nHost: {}\r\n", self.host);
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.send(head.as_bytes());
    }

    /// Asks for the advertisement of a repository, with an `Authorization` header if there is one.
    pub fn info_refs(&mut self, path: &str, authorization: Option<&str>) -> Answer {
        let request = format!("GET {path}/info/refs?service=git-upload-pack");
        match authorization {
            Some(value) => self.head(&request, &[("Authorization", value)]),
            None => self.head(&request, &[]),
        }
        self.answer()
    }

    /// Posts a body with a known length.
    pub fn post(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let length = body.len().to_string();
        let mut headers = headers.to_vec();
        headers.push(("Content-Length", &length));
        self.head(&format!("POST {path}"), &headers);
        self.send(body);
        self.answer()
    }

    /// Reads an answer.
    pub fn answer(&mut self) -> Answer {
        let head = read_head(&mut self.stream);
        let (first, headers) = head.split_once("\r\n").expect("a status line");
        let status = first
            .split(' ')
            .nth(1)
            .expect("a status")
            .parse()
            .expect("a number");
        let headers: String = headers
            .lines()
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                format!("{}:{value}\n", name.to_ascii_lowercase())
            })
            .collect();
        let length = headers
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map(|length| length.parse::<usize>().expect("a number"));
        let body = match length {
            Some(length) => {
                let mut body = vec![0; length];
                self.stream.read_exact(&mut body).expect("the whole body");
                body
            }
            None => self.chunks(),
        };
        Answer {
            status,
            headers,
            body,
        }
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = read_until(&mut self.stream, b"\r\n");
            let length = usize::from_str_radix(line.trim(), 16).expect("a chunk's length");
            let mut chunk = vec![0; length + 2];
            self.stream.read_exact(&mut chunk).expect("the whole chunk");
            chunk.truncate(length);
            body.extend(chunk);
            if length == 0 {
                return body;
            }
        }
    }
}

/// A connection for `host`, opened through the laboratory's proxy.
fn tunnel(lab: &Lab, host: &str) -> TcpStream {
    let mut tunnel = plain(lab);
    write!(
        tunnel,
        "CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n"
    )
    .expect("bytes can be sent");
    let heard = read_head(&mut tunnel);
    assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
    tunnel
}

fn read_head(stream: &mut impl std::io::Read) -> String {
    read_until(stream, b"\r\n\r\n")
}

fn read_until(stream: &mut impl std::io::Read, end: &[u8]) -> String {
    let mut heard = Vec::new();
    let mut byte = [0];
    while !heard.ends_with(end) {
        stream.read_exact(&mut byte).expect("the answer goes on");
        heard.push(byte[0]);
    }
    String::from_utf8_lossy(&heard).into_owned()
}
