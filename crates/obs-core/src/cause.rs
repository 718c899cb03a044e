//! [`Cause`]: why a batch could not be delivered, as a class that reports, metrics and decisions share.

use std::fmt;

/// Why a batch did not arrive although it may arrive later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The host's name could not be resolved.
    Dns,
    /// Nothing listens there, or the network does not reach it.
    Connect,
    /// No trusted, encrypted connection came about: certificate, host name, protocol version.
    Tls,
    /// No connection, or no whole answer, in time.
    Timeout,
    /// The connection was closed before the answer.
    Closed,
    /// The answer is not one of the protocol.
    Protocol,
    /// The credentials are missing, wrong or insufficient (401, 403, 407).
    Credentials,
    /// The path or the method is wrong (404, 405), or the answer is a redirect, which is not followed.
    Path,
    /// The other side asks for fewer requests (429, or 503 with a wait).
    Throttled,
    /// The other side has a fault (5xx, 408).
    Server,
    /// A file, a database or a device is busy or full.
    Local,
}

impl Cause {
    /// Every cause, in the order of the enum.
    pub const ALL: [Self; 11] = [
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::Timeout,
        Self::Closed,
        Self::Protocol,
        Self::Credentials,
        Self::Path,
        Self::Throttled,
        Self::Server,
        Self::Local,
    ];

    /// The cause as reports and metrics write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::Protocol => "protocol",
            Self::Credentials => "credentials",
            Self::Path => "path",
            Self::Throttled => "throttled",
            Self::Server => "server",
            Self::Local => "local",
        }
    }

    /// Whether waiting alone does not help: somebody must change a setting on either side. With a spool such items are
    /// kept for that time; without one they are refused at once, so that they do not push out what could be delivered.
    pub const fn needs_operator(self) -> bool {
        matches!(self, Self::Credentials | Self::Path)
    }

    /// Whether it may pass within moments: the other side is there, and only did not take this request.
    pub const fn may_pass(self) -> bool {
        matches!(self, Self::Closed | Self::Throttled | Self::Server | Self::Local)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_holds_every_cause_in_order() {
        for (index, cause) in Cause::ALL.iter().enumerate() {
            assert_eq!(*cause as usize, index, "{cause}");
        }
    }
}
