//! Energies: what a flow descends.
use crate::callback::{self, input, output, Points};
use crate::context::{size, Context, Handle};
use crate::error::{BoxError, Result};
use crate::kernel::Kernel;
use crate::measure::Measure;
use crate::sys;
use crate::target::Target;
use std::{os::raw::*, ptr};

/// A function of measures, with its first variation and the gradient of that.
pub struct Energy(pub(crate) Handle<sys::ift_energy>);

/// What a custom energy is asked for, at a measure.
pub struct Evaluation<'a> {
    /// F of the measure.
    pub value: Option<&'a mut f64>,
    /// g at the points, m numbers.
    pub first_variation: Option<&'a mut [f64]>,
    /// grad g there, m by d.
    pub gradient: Option<&'a mut [f64]>,
    /// Where; none if only the value is wanted.
    pub points: Points<'a>,
    pub positions: Points<'a>,
    pub weights: &'a [f64],
}

impl Energy {
    /// 1/2 MMD^2 to the target.
    pub fn mmd(context: &Context, kernel: &Kernel, target: &Target) -> Result<Self> {
        Handle::make(&context.shared, |out| unsafe {
            sys::ift_energy_mmd(context.shared.raw, out, kernel.0.raw, target.0.raw)
        })
        .map(Energy)
    }

    /// The Kullback-Leibler divergence from a density, smoothed by a Gaussian.
    pub fn kl(context: &Context, target: &Target, bandwidth: f64) -> Result<Self> {
        Handle::make(&context.shared, |out| unsafe {
            sys::ift_energy_kl(context.shared.raw, out, target.0.raw, bandwidth)
        })
        .map(Energy)
    }

    /// 1/2 of the double integral of a symmetric function, given as a kernel.
    pub fn interaction(context: &Context, dim: usize, kernel: &Kernel) -> Result<Self> {
        Handle::make(&context.shared, |out| unsafe {
            sys::ift_energy_interaction(context.shared.raw, out, size(dim), kernel.0.raw)
        })
        .map(Energy)
    }

    /// A weighted sum.
    pub fn sum(context: &Context, terms: &[(f64, &Energy)]) -> Result<Self> {
        let coefficients: Vec<f64> = terms.iter().map(|term| term.0).collect();
        let parts: Vec<*const sys::ift_energy> = terms.iter().map(|term| term.1 .0.raw as *const _).collect();
        let (c, e, count) = (coefficients.as_ptr(), parts.as_ptr(), size(terms.len()));
        Handle::make(&context.shared, |out| unsafe { sys::ift_energy_sum(context.shared.raw, out, c, e, count) })
            .map(Energy)
    }

    /// The integral of V in `dim` dimensions: the closure writes V(x_i) into its first argument, and where there is a
    /// second one grad V(x_i), n by d.
    pub fn potential<F>(context: &Context, dim: usize, potential: F) -> Result<Self>
    where
        F: FnMut(&mut [f64], Option<&mut [f64]>, Points<'_>) -> std::result::Result<(), BoxError> + Send + 'static,
    {
        unsafe extern "C" fn entry<F>(
            values: *mut f64,
            gradients: *mut f64,
            x: *const f64,
            n: i64,
            d: i64,
            user: *mut c_void,
        ) -> c_int
        where
            F: FnMut(&mut [f64], Option<&mut [f64]>, Points<'_>) -> std::result::Result<(), BoxError>,
        {
            callback::enter(user, |potential: &mut F| {
                let values = output(values, n).unwrap_or(&mut []);
                potential(values, output(gradients, n * d), Points::from_c(x, n, d)).map(|_| false)
            })
        }
        Handle::with_callback(context, potential, |out, user, destroy| unsafe {
            sys::ift_energy_potential(context.shared.raw, out, size(dim), entry::<F>, user, destroy)
        })
        .map(Energy)
    }

    /// An energy of your own in `dim` dimensions: the closure writes what is asked for. [`Energy::check`] tests it.
    pub fn custom<F>(context: &Context, dim: usize, evaluate: F) -> Result<Self>
    where
        F: FnMut(Evaluation<'_>) -> std::result::Result<(), BoxError> + Send + 'static,
    {
        unsafe extern "C" fn entry<F>(
            value: *mut f64,
            first_variation: *mut f64,
            gradient: *mut f64,
            points: *const f64,
            m: i64,
            positions: *const f64,
            weights: *const f64,
            n: i64,
            d: i64,
            user: *mut c_void,
        ) -> c_int
        where
            F: FnMut(Evaluation<'_>) -> std::result::Result<(), BoxError>,
        {
            callback::enter(user, |evaluate: &mut F| {
                evaluate(Evaluation {
                    value: output(value, 1).map(|value| &mut value[0]),
                    first_variation: output(first_variation, m),
                    gradient: output(gradient, m * d),
                    points: Points::from_c(points, m, d),
                    positions: Points::from_c(positions, n, d),
                    weights: input(weights, n),
                })
                .map(|_| false)
            })
        }
        Handle::with_callback(context, evaluate, |out, user, destroy| unsafe {
            sys::ift_energy_custom(context.shared.raw, out, size(dim), entry::<F>, user, destroy)
        })
        .map(Energy)
    }

    /// F(measure).
    pub fn value(&self, measure: &Measure) -> Result<f64> {
        self.0.number(|out| unsafe { sys::ift_energy_value(self.0.raw, out, measure.0.raw) })
    }

    /// g at points, or at the measure's particles.
    pub fn first_variation(&self, measure: &Measure, x: Option<Points<'_>>) -> Result<Vec<f64>> {
        let (from, n, d) = at(measure, x);
        self.0.numbers(n, |out| unsafe {
            sys::ift_energy_first_variation(self.0.raw, out, from, size(n), size(d), measure.0.raw)
        })
    }

    /// grad g at points, or at the measure's particles: n by d.
    pub fn gradient(&self, measure: &Measure, x: Option<Points<'_>>) -> Result<Vec<f64>> {
        let (from, n, d) = at(measure, x);
        self.0.numbers(n * d, |out| unsafe {
            sys::ift_energy_gradient(self.0.raw, out, from, size(n), size(d), measure.0.raw)
        })
    }

    /// Tests value, first variation and gradient against each other.
    pub fn check(&self, measure: &Measure, tolerance: f64) -> Result<()> {
        self.0.call(|| unsafe { sys::ift_energy_check(self.0.raw, measure.0.raw, tolerance) }).map(drop)
    }
}

fn at(measure: &Measure, x: Option<Points<'_>>) -> (*const f64, usize, usize) {
    match x {
        Some(x) => (x.data().as_ptr(), x.len(), x.dim()),
        None => (ptr::null(), measure.len(), measure.dim()),
    }
}
