//! HTTP/1.1 byte by byte (RFC 9112), for what no proper client would send and no proper library would show.
//! Text is Latin-1 here: every byte is one character, so nothing is lost and nothing repaired.

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::wait::DEADLINE;

/// A request or an answer, as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The request line or the status line.
    pub first: String,
    /// Names as they were spelled, values without the white space around them.
    pub headers: Vec<(String, String)>,
    /// The body, chunks put together.
    pub body: Vec<u8>,
}

impl Message {
    /// The status of an answer.
    pub fn status(&self) -> u16 {
        let status = self.first.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.unwrap_or_else(|| panic!("not an answer: {self:?}"))
    }

    /// The target of a request.
    pub fn target(&self) -> &str {
        self.first.split(' ').nth(1).unwrap_or_else(|| panic!("not a request: {self:?}"))
    }

    /// All values of a header, whatever its case.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        latin1(&self.body)
    }
}

/// Sends bytes to a server (scheme, host and port), ends the sending side, and reads all the answers until the
/// server ends its own.
pub async fn send(server: &str, bytes: &[u8]) -> Vec<Message> {
    let talking = async {
        let mut connection = connect(server).await;
        // A server that has read enough may close before the last byte is sent.
        let _ = connection.write_all(bytes).await;
        let _ = connection.shutdown().await;
        let mut reader = BufReader::new(connection);
        let mut answers = Vec::new();
        while let Some(answer) = read_answer(&mut reader).await {
            answers.push(answer);
        }
        answers
    };
    tokio::time::timeout(DEADLINE, talking).await.expect("the server answers or closes")
}

/// Sends one request and reads its answer.
pub async fn exchange(server: &str, bytes: &[u8]) -> Message {
    let answers = send(server, bytes).await;
    <[Message; 1]>::try_from(answers).unwrap_or_else(|answers| panic!("{} for {}", answers.len(), latin1(bytes)))[0]
        .clone()
}

/// Opens a connection to a server (scheme, host and port).
pub async fn connect(server: &str) -> TcpStream {
    TcpStream::connect(server.strip_prefix("http://").unwrap()).await.unwrap()
}

/// Reads an answer with its body; `None` at the end of the connection.
pub async fn read_answer(reader: &mut (impl AsyncBufRead + Unpin)) -> Option<Message> {
    let mut answer = read_head(reader).await?;
    let has_body = !matches!(answer.status(), 100..200 | 204 | 304);
    answer.body = match framing(&answer) {
        _ if !has_body => Vec::new(),
        Some(framing) => read_body(reader, framing).await?,
        None => read_to_end(reader).await,
    };
    Some(answer)
}

/// Reads a request with its body; `None` at the end of the connection, or if it ends within the request.
pub async fn read_request(reader: &mut (impl AsyncBufRead + Unpin)) -> Option<Message> {
    let mut request = read_head(reader).await?;
    request.body = read_body(reader, framing(&request).unwrap_or(Framing::Length(0))).await?;
    Some(request)
}

/// Reads the first line and the headers.
pub async fn read_head(reader: &mut (impl AsyncBufRead + Unpin)) -> Option<Message> {
    let mut head = Message { first: read_line(reader).await?, ..Message::default() };
    loop {
        let line = read_line(reader).await?;
        if line.is_empty() {
            return Some(head);
        }
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("not a header: {line:?}"));
        head.headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

/// One character for each byte.
pub fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// The inverse of [`latin1`].
pub fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|char| u8::try_from(char).expect("only Latin-1 is sent")).collect()
}

#[derive(Clone, Copy)]
enum Framing {
    Length(usize),
    Chunked,
}

/// How long the body is. Panics if that can be told in two ways: this is the strict end of the line.
fn framing(message: &Message) -> Option<Framing> {
    match (&message.all("content-length")[..], &message.all("transfer-encoding")[..]) {
        ([], []) => None,
        ([length], []) => Some(Framing::Length(length.parse().unwrap())),
        ([], ["chunked"]) => Some(Framing::Chunked),
        _ => panic!("framed in two ways: {message:?}"),
    }
}

async fn read_body(reader: &mut (impl AsyncBufRead + Unpin), framing: Framing) -> Option<Vec<u8>> {
    match framing {
        Framing::Length(length) => read_exactly(reader, length).await,
        Framing::Chunked => {
            let mut body = Vec::new();
            loop {
                let length = usize::from_str_radix(&read_line(reader).await?, 16).expect("the length of a chunk");
                body.extend(read_exactly(reader, length).await?);
                assert_eq!(read_line(reader).await?, "", "a chunk or the body ends");
                if length == 0 {
                    return Some(body);
                }
            }
        }
    }
}

async fn read_exactly(reader: &mut (impl AsyncRead + Unpin), length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}

async fn read_to_end(reader: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = Vec::new();
    // However it ends, what came is what there is.
    let _ = reader.read_to_end(&mut bytes).await;
    bytes
}

/// A line without its end; `None` if the connection ends within it.
async fn read_line(reader: &mut (impl AsyncBufRead + Unpin)) -> Option<String> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).await.ok()?;
    Some(latin1(line.strip_suffix(b"\r\n")?))
}
