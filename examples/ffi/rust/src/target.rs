//! Targets: distributions to be approximated.
use crate::callback::{self, output, Points};
use crate::context::{size, Context, Handle};
use crate::error::{BoxError, Result};
use crate::measure::{same_length, Measure};
use crate::sys;
use std::os::raw::*;

/// A distribution.
pub struct Target(pub(crate) Handle<sys::ift_target>);

/// Writes into its first argument what belongs to the points.
pub type AtPoints = dyn FnMut(&mut [f64], Points<'_>) -> std::result::Result<(), BoxError> + Send;
/// The same for points and vectors there.
pub type AtVectors = dyn FnMut(&mut [f64], Points<'_>, Points<'_>) -> std::result::Result<(), BoxError> + Send;

/// The functions of a density; of the first two one at least.
#[derive(Default)]
pub struct Density {
    /// log pi(x_i), a constant may be missing.
    pub log_density: Option<Box<AtPoints>>,
    /// grad log pi(x_i), n by d.
    pub score: Option<Box<AtPoints>>,
    /// The Hessian of log pi at x_i times u_i, n by d.
    pub hessian: Option<Box<AtVectors>>,
}

impl Target {
    /// The weighted samples of a measure.
    pub fn samples(context: &Context, samples: &Measure) -> Result<Self> {
        Handle::make(&context.shared, |out| unsafe { sys::ift_target_samples(context.shared.raw, out, samples.0.raw) })
            .map(Target)
    }

    /// A mixture of Gaussians: weights of sum 1, means, covariances (d by d each, one after the other).
    pub fn gaussian_mixture(
        context: &Context,
        weights: &[f64],
        means: Points<'_>,
        covariances: &[f64],
    ) -> Result<Self> {
        let (k, d) = (means.len(), means.dim());
        let w = same_length("weights", Some(weights), k)?;
        let c = same_length("covariances", Some(covariances), k * d * d)?;
        let (m, k, d) = (means.data().as_ptr(), size(k), size(d));
        Handle::make(&context.shared, |out| unsafe {
            sys::ift_target_gaussian_mixture(context.shared.raw, out, k, d, w, m, c)
        })
        .map(Target)
    }

    /// A distribution in `dim` dimensions by functions of points.
    pub fn density(context: &Context, dim: usize, functions: Density) -> Result<Self> {
        let log_density = functions.log_density.as_ref().map(|_| log_density as sys::Points);
        let score = functions.score.as_ref().map(|_| score as sys::Points);
        let hessian = functions.hessian.as_ref().map(|_| hessian as sys::Hessian);
        Handle::with_callback(context, functions, |out, user, destroy| unsafe {
            sys::ift_target_density(context.shared.raw, out, size(dim), log_density, score, hessian, user, destroy)
        })
        .map(Target)
    }

    /// A distribution in `dim` dimensions that can be drawn from: the closure writes points made from the seed.
    pub fn sampler<F>(context: &Context, dim: usize, sample: F) -> Result<Self>
    where
        F: FnMut(&mut [f64], u64) -> std::result::Result<(), BoxError> + Send + 'static,
    {
        unsafe extern "C" fn entry<F>(points: *mut f64, n: i64, d: i64, seed: u64, user: *mut c_void) -> c_int
        where
            F: FnMut(&mut [f64], u64) -> std::result::Result<(), BoxError>,
        {
            callback::enter(user, |sample: &mut F| {
                sample(output(points, n * d).unwrap_or(&mut []), seed).map(|_| false)
            })
        }
        Handle::with_callback(context, sample, |out, user, destroy| unsafe {
            sys::ift_target_sampler(context.shared.raw, out, size(dim), entry::<F>, user, destroy)
        })
        .map(Target)
    }
}

const MISSING: &str = "a function of a density that was not given";

unsafe extern "C" fn log_density(values: *mut f64, x: *const f64, n: i64, d: i64, user: *mut c_void) -> c_int {
    callback::enter(user, |functions: &mut Density| {
        let function = functions.log_density.as_mut().ok_or(MISSING)?;
        function(output(values, n).unwrap_or(&mut []), Points::from_c(x, n, d)).map(|_| false)
    })
}

unsafe extern "C" fn score(scores: *mut f64, x: *const f64, n: i64, d: i64, user: *mut c_void) -> c_int {
    callback::enter(user, |functions: &mut Density| {
        let function = functions.score.as_mut().ok_or(MISSING)?;
        function(output(scores, n * d).unwrap_or(&mut []), Points::from_c(x, n, d)).map(|_| false)
    })
}

unsafe extern "C" fn hessian(
    products: *mut f64,
    x: *const f64,
    u: *const f64,
    n: i64,
    d: i64,
    user: *mut c_void,
) -> c_int {
    callback::enter(user, |functions: &mut Density| {
        let function = functions.hessian.as_mut().ok_or(MISSING)?;
        let (x, u) = (Points::from_c(x, n, d), Points::from_c(u, n, d));
        function(output(products, n * d).unwrap_or(&mut []), x, u).map(|_| false)
    })
}
