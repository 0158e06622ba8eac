//! What calls report.
use crate::sys;
use std::{error, ffi::CStr, fmt};

/// What a callback may answer with: any error, which comes out of the call that led to it as [`Error::source`].
pub type BoxError = Box<dyn error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Error>;

/// How a run ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    Done,
    /// The tolerance that was asked for is reached.
    Converged,
    /// Stopped by a monitor or a request; what was computed is kept.
    Stopped,
    /// No further progress is possible, or worth it by the option `stall`.
    Stalled,
}

impl Outcome {
    pub(crate) fn from(status: sys::Status) -> Self {
        match status {
            1 => Outcome::Converged,
            2 => Outcome::Stopped,
            3 => Outcome::Stalled,
            _ => Outcome::Done,
        }
    }
}

/// The kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    NoMemory,
    Argument,
    Dimension,
    Option,
    NotFinite,
    File,
    Format,
    Capability,
    Callback,
    Context,
    Busy,
    /// A status of a later release.
    Other,
}

const KINDS: [Kind; 11] = [
    Kind::NoMemory,
    Kind::Argument,
    Kind::Dimension,
    Kind::Option,
    Kind::NotFinite,
    Kind::File,
    Kind::Format,
    Kind::Capability,
    Kind::Callback,
    Kind::Context,
    Kind::Busy,
];

/// An error of the library, or of a callback.
#[derive(Debug)]
pub struct Error {
    status: sys::Status,
    message: String,
    source: Option<BoxError>,
}

impl Error {
    pub(crate) fn new(status: sys::Status, message: String) -> Self {
        Error { status, message, source: None }
    }

    pub(crate) fn argument(message: String) -> Self {
        Error::new(-2, message)
    }

    pub(crate) fn callback(source: BoxError) -> Self {
        Error { status: -9, message: source.to_string(), source: Some(source) }
    }

    pub fn kind(&self) -> Kind {
        let index = (-1 - i64::from(self.status)) as usize;
        KINDS.get(index).copied().unwrap_or(Kind::Other)
    }

    /// The number of the status, which is < 0.
    pub fn status(&self) -> i32 {
        self.status
    }

    /// The name of the status, such as "IFT_ERR_OPTION".
    pub fn name(&self) -> &'static str {
        unsafe { text(sys::ift_status_name(self.status)) }
    }

    /// What was wrong and what is allowed.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}

/// A text that the library keeps for ever.
pub(crate) unsafe fn text(from: *const std::os::raw::c_char) -> &'static str {
    if from.is_null() {
        return "";
    }
    CStr::from_ptr(from).to_str().unwrap_or("")
}
