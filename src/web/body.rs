//! Reading bodies: never more than is allowed, never for longer than a working sender needs.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    body::{BodySize, BoxBody, MessageBody},
    dev::Payload,
    error::PayloadError,
    http::header,
    rt::time::timeout,
    web::Bytes,
};
use futures_util::{FutureExt, StreamExt, future::LocalBoxFuture};
use serde_json::Value;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::error::Problem;
use crate::storage::StorageError;

/// The longest body of most calls.
pub const MIB: usize = 1 << 20;

/// A body must make this progress within [`WINDOW`] of waiting for it.
const PROGRESS: usize = 10 * 1024;
const WINDOW: Duration = Duration::from_secs(10);

/// A body that is taken piece by piece. Only the time spent waiting for the sender counts against it.
pub struct Body {
    payload: Payload,
    request: HttpRequest,
    waited: Duration,
    received: usize,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes in this window)", self.received)
    }
}

/// A body that nobody will read. While it is kept until the answer is sent, actix closes the connection;
/// if it were dropped before, actix would go on reading a chunked body to its end, however long.
pub(super) struct Unread(#[allow(dead_code, reason = "kept, not read")] Box<Payload>);

impl Unread {
    /// An answer's body that keeps the request's as long as it lasts.
    pub fn beside(self, answer: BoxBody) -> BoxBody {
        BoxBody::new(Closing { answer, _unread: self })
    }
}

struct Closing {
    answer: BoxBody,
    _unread: Unread,
}

impl MessageBody for Closing {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().answer).poll_next(cx)
    }
}

impl Body {
    fn of(request: &HttpRequest, payload: &mut Payload) -> Self {
        Self { payload: payload.take(), request: request.clone(), waited: Duration::ZERO, received: 0 }
    }

    fn give_up(&mut self, problem: Problem) -> Problem {
        self.request
            .extensions_mut()
            .insert(Unread(Box::new(std::mem::replace(&mut self.payload, Payload::None))));
        problem
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// The sender is too slow (408), or the connection broke off (400).
    pub async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        // Nearly always it is there already, and needs no clock.
        if let Some(piece) = self.payload.next().now_or_never() {
            return self.take(piece);
        }
        let begun = Instant::now();
        let left = WINDOW.saturating_sub(self.waited);
        let piece = timeout(left, self.payload.next()).await;
        self.waited += begun.elapsed();
        match piece {
            Err(_) if self.received < PROGRESS => Err(self.give_up(Problem::too_slow())),
            Err(_) => {
                (self.waited, self.received) = (Duration::ZERO, 0);
                Box::pin(self.next()).await
            }
            Ok(piece) => self.take(piece),
        }
    }

    fn take(&mut self, piece: Option<Result<Bytes, PayloadError>>) -> Result<Option<Bytes>, Problem> {
        let Some(piece) = piece else { return Ok(None) };
        let bytes = piece.map_err(|error| Problem::bad_request(format!("the body broke off: {error}")))?;
        self.received += bytes.len();
        if self.waited >= WINDOW {
            if self.received < PROGRESS {
                return Err(self.give_up(Problem::too_slow()));
            }
            (self.waited, self.received) = (Duration::ZERO, 0);
        }
        Ok(Some(bytes))
    }

    /// Refuses what need not be read to know that it is too long, or packed.
    fn refuse_unread(&mut self, limit: usize) -> Result<(), Problem> {
        if declared(&self.request).is_some_and(|length| length > limit) {
            return Err(self.give_up(Problem::too_large(limit)));
        }
        packed(&self.request).map_or(Ok(()), |problem| Err(self.give_up(problem)))
    }

    /// The whole body, if it is not longer than that.
    ///
    /// # Errors
    /// As [`Body::next`], and 413.
    pub async fn whole(&mut self, limit: usize) -> Result<Vec<u8>, Problem> {
        let mut whole = Vec::new();
        while let Some(piece) = self.next().await? {
            if whole.len() + piece.len() > limit {
                return Err(self.give_up(Problem::too_large(limit)));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }
}

impl FromRequest for Body {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut body = Self::of(request, payload);
        std::future::ready(match packed(request) {
            Some(problem) => Err(body.give_up(problem)),
            None => Ok(body),
        })
    }
}

/// A JSON body of at most [`MIB`].
#[derive(Debug)]
pub struct Json(pub Value);

impl FromRequest for Json {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let whole = whole(request, payload, MIB);
        Box::pin(async move { Ok(Self(read(&whole.await?)?)) })
    }
}

/// So many bytes of long bodies are worked on at once: JSON takes many times its length while it is.
const LONG_BODIES: u32 = 16 << 20;

/// How long a long body waits for its turn, unread.
const TURN: Duration = Duration::from_secs(10);

/// How long it may take to arrive, as others wait for its turn to end.
const ARRIVES: Duration = Duration::from_mins(2);

static TURNS: Semaphore = Semaphore::const_new(LONG_BODIES as usize);

/// A JSON body of at most 16 MiB, still to be read as JSON, off the async threads. Until it is dropped, there is room for
/// others only up to that length together.
#[derive(Debug)]
pub struct LongJson {
    text: Vec<u8>,
    _turn: SemaphorePermit<'static>,
}

impl LongJson {
    /// Reads it.
    ///
    /// # Errors
    /// It is not JSON.
    pub fn read(&self) -> Result<Value, Problem> {
        read(&self.text)
    }
}

impl FromRequest for LongJson {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let length = declared(request).and_then(|length| u32::try_from(length).ok());
        let length = length.unwrap_or(LONG_BODIES).min(LONG_BODIES);
        let mut body = Body::of(request, payload);
        Box::pin(async move {
            body.refuse_unread(LONG_BODIES as usize)?;
            let Ok(Ok(turn)) = timeout(TURN, TURNS.acquire_many(length)).await else {
                return Err(body.give_up(StorageError::Busy.into()));
            };
            let Ok(text) = timeout(ARRIVES, body.whole(LONG_BODIES as usize)).await else {
                let mut problem = Problem::too_slow();
                "the body did not arrive within two minutes".clone_into(&mut problem.detail);
                return Err(body.give_up(problem));
            };
            Ok(Self { text: text?, _turn: turn })
        })
    }
}

fn read(text: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(text)
        .map_err(|error| Problem::bad_request(format!("the body is not JSON: {error}")))
}

fn declared(request: &HttpRequest) -> Option<usize> {
    request.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The whole body of a request, refused at once where its declared length is too much.
pub fn whole(
    request: &HttpRequest,
    payload: &mut Payload,
    limit: usize,
) -> impl Future<Output = Result<Vec<u8>, Problem>> + use<> {
    let mut body = Body::of(request, payload);
    async move {
        body.refuse_unread(limit)?;
        body.whole(limit).await
    }
}

/// Packed bodies are not unpacked: a small one may hold a very large one.
fn packed(request: &HttpRequest) -> Option<Problem> {
    let encoding = request.headers().get(header::CONTENT_ENCODING)?;
    (encoding != "identity").then(|| Problem::unsupported("send the body without Content-Encoding"))
}
