//! What the page says about what was just done.

use axum::response::Redirect;

use crate::http::Problem;
use crate::http::extract::Parameters;

/// How a form went. It travels in the address of the page, as one of a few words: nobody else's text gets there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    Ended,
    EndedOthers,
    NoOthers,
    Labelled,
    Unlabelled,
    Gone,
}

impl Note {
    const ALL: [Self; 6] =
        [Self::Ended, Self::EndedOthers, Self::NoOthers, Self::Labelled, Self::Unlabelled, Self::Gone];

    const fn word(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::EndedOthers => "ended-others",
            Self::NoOthers => "no-others",
            Self::Labelled => "labelled",
            Self::Unlabelled => "unlabelled",
            Self::Gone => "gone",
        }
    }

    /// What people read and hear.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Ended => "Done: that device is signed out.",
            Self::EndedOthers => "Done: you are signed in nowhere but here.",
            Self::NoOthers => "You were signed in nowhere but here.",
            Self::Labelled => "Saved: the device has its new name.",
            Self::Unlabelled => "Saved: the device goes by its usual name again.",
            Self::Gone => "That device was signed out already. This is how things are now.",
        }
    }

    /// Whether it tells something that nobody asked for.
    pub(super) const fn is_news(self) -> bool {
        matches!(self, Self::NoOthers | Self::Gone)
    }

    /// Back to the page, which will say so. Reloading it repeats nothing.
    pub(super) fn back(self) -> Redirect {
        Redirect::to(&format!("/auth/account?note={}", self.word()))
    }

    /// The note in the address, if there is one that is known: addresses are copied and go out of date.
    pub(super) fn read(mut parameters: Parameters) -> Result<Option<Self>, Problem> {
        let word: Option<String> = parameters.optional("note")?;
        Ok(word.and_then(|word| Self::ALL.into_iter().find(|note| note.word() == word)))
    }
}
