//! A connection whose reader must keep up: an answer that has not left within a deadline ends it.
//!
//! hyper puts no limit on this. Without one, a client that sends requests and reads no answers holds its
//! connection, and the answers in it, for ever.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// A stream with a deadline on what is written to it.
#[derive(Debug)]
pub(super) struct AnswerDeadline<S> {
    stream: S,
    limit: Duration,
    /// Runs from when the stream first would take no more, until everything has left. Not from progress to
    /// progress: a reader that takes a byte now and then is no better.
    running: Option<Pin<Box<Sleep>>>,
}

impl<S> AnswerDeadline<S> {
    pub(super) const fn new(stream: S, limit: Duration) -> Self {
        Self { stream, limit, running: None }
    }

    /// Progress counts as long as the deadline has not passed.
    fn judge<T>(&mut self, written: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() && !self.has_passed() { written } else { self.wait(context) }
    }

    /// What to answer when the stream takes nothing at the moment.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        let limit = self.limit;
        let deadline = self.running.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(deadline.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read its answer")))
    }

    fn has_passed(&self) -> bool {
        self.running.as_ref().is_some_and(|deadline| deadline.deadline() <= Instant::now())
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for AnswerDeadline<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.judge(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// hyper flushes when its own buffer is empty: the answer has left.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Poll::Ready(done) = Pin::new(&mut self.stream).poll_flush(context) else { return self.wait(context) };
        self.running = None;
        Poll::Ready(done)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_shutdown(context) {
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => self.wait(context),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for AnswerDeadline<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    const LIMIT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_is_given_up_at_the_deadline() {
        let (server, _client) = duplex(16);
        let started = Instant::now();
        let error = AnswerDeadline::new(server, LIMIT).write_all(&[0; 100]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(started.elapsed(), LIMIT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_dribbles_is_given_up_at_the_same_deadline() {
        for vectored in [false, true] {
            let (server, mut client) = duplex(16);
            tokio::spawn(async move {
                while client.read_u8().await.is_ok() {
                    sleep(Duration::from_secs(1)).await;
                }
            });
            let started = Instant::now();
            let mut server = AnswerDeadline::new(server, LIMIT);
            let error = loop {
                let bytes = [0; 100];
                let slices = [IoSlice::new(&bytes)];
                let written = if vectored { server.write_vectored(&slices).await } else { server.write(&bytes).await };
                if let Err(error) = written {
                    break error;
                }
            };
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            assert_eq!(started.elapsed(), LIMIT);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_answer_has_the_whole_time() {
        let (server, mut client) = duplex(16);
        tokio::spawn(async move {
            let mut buffer = [0; 16];
            while client.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                sleep(Duration::from_secs(1)).await;
            }
        });
        let mut server = AnswerDeadline::new(server, LIMIT);
        for _ in 0..20 {
            server.write_all(&[0; 100]).await.unwrap();
            server.flush().await.unwrap();
        }
    }
}
