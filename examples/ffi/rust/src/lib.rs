//! Gradient flows of measures: a safe interface to libift.
//!
//! ```no_run
//! # fn main() -> ift::Result<()> {
//! let context = ift::Context::new()?;
//! let points = ift::Measure::load(&context, "points.csv")?;
//! let kernel = ift::Kernel::gaussian(&context, points.bandwidth()?)?;
//! let target = ift::Target::samples(&context, &points)?;
//! let (few, mmd2) = ift::compress(&context, &kernel, &target, 25, "effort=high")?;
//! println!("{} particles, MMD^2 {mmd2}", few.len());
//! # Ok(())
//! # }
//! ```
//!
//! Objects keep what they need, and may be dropped in any order. They can be sent to another thread, and not be shared
//! between threads:
//!
//! ```compile_fail
//! fn shared<T: Sync>() {}
//! shared::<ift::Flow>();
//! ```
//!
//! What a flow's measure shows is gone with its next step, which the compiler knows:
//!
//! ```compile_fail
//! fn stale(flow: &mut ift::Flow) -> ift::Result<f64> {
//!     let now = flow.measure();
//!     flow.step(1)?;
//!     Ok(now.weights()[0])
//! }
//! ```
//!
//! Closures that the library calls may fail or panic: both come out of the call that led to them, as an
//! [`Error`] whose source is theirs, and as the panic.
#![warn(rust_2018_idioms)]

mod callback;
mod context;
mod energy;
mod error;
mod flow;
mod kernel;
mod measure;
mod options;
mod simplex;
pub mod sys;
mod target;

pub use callback::Points;
pub use context::{Borrowed, Context};
pub use energy::{Energy, Evaluation};
pub use error::{BoxError, Error, Kind, Outcome, Result};
pub use flow::{compress, Compression, Flow};
pub use kernel::Kernel;
pub use measure::Measure;
pub use options::{entries, kinds, Entry, KindEntry, Value};
pub use simplex::{cone_qp, simplex_project, simplex_qp, Method, Weights};
pub use target::{AtPoints, AtVectors, Density, Target};

/// The library's version: major * 10000 + minor * 100 + patch.
pub fn version() -> i32 {
    unsafe { sys::ift_version() }
}

/// How the library was built and what it runs on: lines of `name value`.
pub fn build_info() -> String {
    let mut out = vec![0u8; unsafe { sys::ift_build_info(std::ptr::null_mut(), 0) } as usize + 1];
    unsafe { sys::ift_build_info(out.as_mut_ptr().cast(), out.len() as i64) };
    out.pop();
    String::from_utf8_lossy(&out).into_owned()
}
