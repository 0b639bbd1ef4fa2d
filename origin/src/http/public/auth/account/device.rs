//! One of the places where a person is signed in, as the page shows it.

use sealgate_shared::id::SessionId;
use sealgate_shared::time::UnixMillis;

use super::moment::{tell_ago, tell_day, tell_minute};
use crate::iso8601;
use crate::session::{Channel, Session};

/// What the template shows of a device.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) id: SessionId,
    /// What the owner calls it; empty when nothing.
    pub(super) label: String,
    /// What it is, coarsely.
    pub(super) kind: String,
    pub(super) shape: Shape,
    pub(super) first_seen: Seen,
    pub(super) last_seen: Seen,
    last_seen_at: UnixMillis,
}

/// A time three times over: for machines, for a glance, and in full.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) machine: String,
    pub(super) short: String,
    pub(super) full: String,
}

/// Which picture is drawn beside the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Computer,
    Phone,
    App,
}

impl Device {
    pub(super) fn new(session: Session, now: UnixMillis) -> Self {
        let seen = |at, short| Seen { machine: iso8601::format(at), short, full: tell_minute(at) };
        let shape = Shape::of(&session);
        Self {
            id: session.id,
            label: session.label.unwrap_or_default(),
            kind: session.device_name.unwrap_or_else(|| shape.name().to_owned()),
            shape,
            first_seen: seen(session.created_at, tell_day(session.created_at)),
            last_seen: seen(session.last_seen_at, tell_ago(session.last_seen_at, now)),
            last_seen_at: session.last_seen_at,
        }
    }

    /// What the page calls it.
    pub(super) fn name(&self) -> &str {
        if self.label.is_empty() { &self.kind } else { &self.label }
    }

    /// The one used last comes first.
    pub(super) fn order(devices: &mut [Self]) {
        devices.sort_by_key(|device| std::cmp::Reverse(device.last_seen_at));
    }
}

impl Shape {
    fn of(session: &Session) -> Self {
        let name = session.device_name.as_deref().unwrap_or_default();
        if session.channel == Channel::Bearer {
            Self::App
        } else if ["iPhone", "iPad", "Android"].iter().any(|system| name.ends_with(system)) {
            Self::Phone
        } else {
            Self::Computer
        }
    }

    /// Its outline, in a square of 24 units.
    pub(super) const fn outline(self) -> &'static str {
        match self {
            Self::Computer => "M5 5.5h14v9.5H5zM2.5 18.5h19",
            Self::Phone => "M8 3h8a1 1 0 0 1 1 1v16a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM11 18h2",
            Self::App => "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::App => "An app",
            Self::Computer | Self::Phone => "A browser",
        }
    }
}
