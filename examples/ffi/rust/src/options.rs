//! Options by name, and the tables that say which there are.
use crate::error::text;
use crate::sys;

/// What an option can be set to.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    Real(f64),
    Integer(i64),
    Text(&'a str),
}

impl From<f64> for Value<'_> {
    fn from(value: f64) -> Self {
        Value::Real(value)
    }
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

impl From<i32> for Value<'_> {
    fn from(value: i32) -> Self {
        Value::Integer(value.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Value::Text(value)
    }
}

/// The methods of what has options.
macro_rules! options {
    ($noun:ident, $set_real:ident, $set_int:ident, $set_text:ident, $get_real:ident, $get_int:ident, $get_text:ident) => {
        impl $noun {
            /// Sets an option; words are texts, "auto" included.
            pub fn set<'v>(
                &mut self,
                option: &str,
                value: impl Into<crate::options::Value<'v>>,
            ) -> crate::Result<&mut Self> {
                use crate::options::Value;
                let name = crate::context::c_text(option)?;
                match value.into() {
                    Value::Real(value) => self.0.call(|| unsafe { sys::$set_real(self.0.raw, name.as_ptr(), value) }),
                    Value::Integer(value) => self.0.call(|| unsafe { sys::$set_int(self.0.raw, name.as_ptr(), value) }),
                    Value::Text(value) => {
                        let value = crate::context::c_text(value)?;
                        self.0.call(|| unsafe { sys::$set_text(self.0.raw, name.as_ptr(), value.as_ptr()) })
                    }
                }?;
                Ok(self)
            }

            /// A real or integer option or quantity; NaN where it doesn't apply.
            pub fn real(&self, name: &str) -> crate::Result<f64> {
                let name = crate::context::c_text(name)?;
                self.0.number(|out| unsafe { sys::$get_real(self.0.raw, name.as_ptr(), out) })
            }

            /// An integer option or quantity.
            pub fn integer(&self, name: &str) -> crate::Result<i64> {
                let name = crate::context::c_text(name)?;
                let mut out = 0;
                self.0.call(|| unsafe { sys::$get_int(self.0.raw, name.as_ptr(), &mut out) })?;
                Ok(out)
            }

            /// Any option or quantity as text.
            pub fn text(&self, name: &str) -> crate::Result<String> {
                let name = crate::context::c_text(name)?;
                let mut out = [0u8; 64];
                self.0.call(|| unsafe { sys::$get_text(self.0.raw, name.as_ptr(), out.as_mut_ptr().cast(), 64) })?;
                let length = out.iter().position(|&byte| byte == 0).unwrap_or(64);
                Ok(String::from_utf8_lossy(&out[..length]).into_owned())
            }
        }
    };
}
pub(crate) use options;

/// An entry of the table of options and quantities.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// "context", "flow" or "compression"
    pub noun: &'static str,
    pub name: &'static str,
    /// "real", "integer" or "text"
    pub kind: &'static str,
    /// "option" (can be set) or "quantity" (read-only)
    pub access: &'static str,
    pub range: &'static str,
    pub default: &'static str,
    /// Geometries and modes that can use it, "" for all
    pub applies: &'static str,
    pub doc: &'static str,
}

/// The options and quantities of all nouns.
pub fn entries() -> impl Iterator<Item = Entry> {
    (0..unsafe { sys::ift_option_count() }).map(|index| unsafe {
        Entry {
            noun: text(sys::ift_option_noun(index)),
            name: text(sys::ift_option_name(index)),
            kind: text(sys::ift_option_type(index)),
            access: text(sys::ift_option_access(index)),
            range: text(sys::ift_option_range(index)),
            default: text(sys::ift_option_default(index)),
            applies: text(sys::ift_option_applies(index)),
            doc: text(sys::ift_option_doc(index)),
        }
    })
}

/// An entry of the table of kinds.
#[derive(Clone, Copy, Debug)]
pub struct KindEntry {
    /// "kernel", "target", "energy", "geometry" and so on
    pub noun: &'static str,
    pub name: &'static str,
    /// How it is written: "gaussian:SIGMA"
    pub spec: &'static str,
    pub doc: &'static str,
}

/// The kinds of all nouns.
pub fn kinds() -> impl Iterator<Item = KindEntry> {
    (0..unsafe { sys::ift_kind_count() }).map(|index| unsafe {
        KindEntry {
            noun: text(sys::ift_kind_noun(index)),
            name: text(sys::ift_kind_name(index)),
            spec: text(sys::ift_kind_spec(index)),
            doc: text(sys::ift_kind_doc(index)),
        }
    })
}
