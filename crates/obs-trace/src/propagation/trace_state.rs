//! [`TraceState`]: the `tracestate` header of W3C Trace Context, level 2, where tracing systems leave notes for
//! themselves.

mod member;
#[cfg(test)]
mod tests;

use super::TRACESTATE;
use super::error::PropagationError;
use member::Member;
use std::fmt;
use std::sync::Arc;

/// Most list-members that are kept; the specification allows no more.
const MAX_MEMBERS: usize = 32;
/// Most characters that are kept; the specification asks for no more.
const MAX_LENGTH: usize = 512;
/// When something must go, list-members longer than this go first.
const LONG_MEMBER: usize = 128;

/// Keys and values of tracing systems, the one that wrote last first. Empty by default.
///
/// At most 32 list-members and 512 characters are kept: when there are more, list-members of more than 128 characters
/// go first, then those at the end, always whole ones. A clone costs a counter; an empty one allocates nothing.
///
/// ```
/// use obs_trace::propagation::TraceState;
///
/// let mut state = TraceState::parse("rojo=00f067aa0ba902b7, congo=t61rcWkgMzE")?;
/// state.insert("congo", "ucfJifl5GOE")?;
/// assert_eq!(state.to_string(), "congo=ucfJifl5GOE,rojo=00f067aa0ba902b7");
/// # Ok::<(), obs_trace::propagation::PropagationError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TraceState(
    /// The header: valid, within the limits, without white space around list-members, never empty.
    Option<Arc<str>>,
);

impl TraceState {
    /// Without list-members.
    pub const EMPTY: Self = Self(None);

    /// Reads the value of a `tracestate` header. Of several list-members with one key the first is kept, as the newest.
    ///
    /// Fails when one of the first 32 list-members is not valid: then nothing of the header can be relied on. What
    /// comes after them is dropped unread.
    pub fn parse(header: &str) -> Result<Self, PropagationError> {
        let mut members: Vec<Member<'_>> = Vec::new();
        let present =
            header.split(',').map(|part| part.trim_matches([' ', '\t'])).filter(|part| !part.is_empty());
        for part in present.take(MAX_MEMBERS) {
            let member = Member::parse(part)?;
            if members.iter().all(|other| other.key != member.key) {
                members.push(member);
            }
        }
        Ok(Self::of(members, 0))
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(k, _)| *k == key).map(|(_, value)| value)
    }

    /// Keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members().map(|member| (member.key, member.value))
    }

    /// Puts `key` with `value` in front, instead of an earlier value of that key. Fails, and changes nothing, when
    /// either is not valid.
    ///
    /// A key begins with a lower-case letter or a digit, goes on with those and `_-*/@`, and has up to 256 characters.
    /// A value has 1 to 256 printable ASCII characters without `,` and `=`, and does not end with a space. Both
    /// together with the `=` between them have at most 512.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), PropagationError> {
        let mut members = vec![Member::new(key, value)?];
        members.extend(self.members().filter(|other| other.key != key));
        *self = Self::of(members, 1);
        Ok(())
    }

    /// Takes `key` out; whether it was there. Only keys of one's own should be taken out.
    pub fn remove(&mut self, key: &str) -> bool {
        let rest: Vec<Member<'_>> = self.members().filter(|member| member.key != key).collect();
        let removed = rest.len() < self.len();
        if removed {
            *self = Self::of(rest, 0);
        }
        removed
    }

    /// How many list-members there are.
    pub fn len(&self) -> usize {
        self.members().count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The value of a `tracestate` header; empty without list-members.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    fn members(&self) -> impl Iterator<Item = Member<'_>> {
        self.as_str().split(',').filter_map(Member::split)
    }

    /// What a header has more than was kept of it.
    fn cut(&self, header: &str) -> Option<String> {
        let present = header.split(',').filter(|part| !part.trim_matches([' ', '\t']).is_empty());
        let (present, kept) = (present.count(), self.len());
        (kept < present).then(|| format!("{kept} of {present} list-members were kept"))
    }

    /// Valid list-members, of which as many are kept as fit; the first `ours` stay in any case.
    fn of(mut members: Vec<Member<'_>>, ours: usize) -> Self {
        members.truncate(MAX_MEMBERS);
        let mut excess = (members.iter().map(|m| m.len() + 1).sum::<usize>()).saturating_sub(MAX_LENGTH + 1);
        for longer_than in [LONG_MEMBER, 0] {
            for at in (ours..members.len()).rev() {
                let length = members[at].len();
                if excess > 0 && length > longer_than {
                    members.remove(at);
                    excess = excess.saturating_sub(length + 1);
                }
            }
        }
        if members.is_empty() {
            return Self::EMPTY;
        }
        let text: Vec<String> = members.iter().map(ToString::to_string).collect();
        Self(Some(text.join(",").into()))
    }
}

impl fmt::Display for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Several headers are one, in their order (RFC 7230, section 3.2.2).
pub(super) fn parse_all(headers: &[&str]) -> (TraceState, Option<PropagationError>) {
    const ACCEPTED: &str = "at most 32 list-members of different keys, and 512 characters";
    let joined;
    let header = match headers {
        [] => return (TraceState::EMPTY, None),
        [one] => one,
        several => {
            joined = several.join(",");
            joined.as_str()
        }
    };
    match TraceState::parse(header) {
        Ok(state) => {
            let cut = state.cut(header).map(|cut| PropagationError::new(TRACESTATE, header, cut, ACCEPTED));
            (state, cut)
        }
        Err(error) => (TraceState::EMPTY, Some(error)),
    }
}
