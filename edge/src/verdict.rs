//! What the gate answers, and how it is written: one short text, since every object that crosses from
//! WebAssembly to JavaScript costs more than the check itself.

use core::fmt;

use crate::errand::Errand;
use crate::forward::Forward;
use crate::refusal::{Denial, Refusal};

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on. Perhaps something should be fetched behind it, before the next one needs it.
    Forward(Forward, Option<Errand>),
    /// It is refused.
    Refuse(Denial),
    /// It cannot be decided before this errand is done.
    Need(Errand),
}

impl From<Refusal> for Verdict {
    fn from(why: Refusal) -> Self {
        Self::Refuse(why.into())
    }
}

/// The first line says what to do: `forward <where> <errand behind it>`, `refuse <denial>` or
/// `need <errand>`; a forward has its URL in the second line, and the headers to set in the others.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forward(forward, None) => write!(f, "forward {}\n{forward}", forward.to.label()),
            Self::Forward(forward, Some(errand)) => write!(f, "forward {} {errand}\n{forward}", forward.to.label()),
            Self::Refuse(denial) => write!(f, "refuse {denial}"),
            Self::Need(errand) => write!(f, "need {errand}"),
        }
    }
}
