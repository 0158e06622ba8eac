//! Kernels, their sums over pairs, and the MMD.
use crate::callback::{self, output, Points};
use crate::context::{c_text, size, Context, Handle};
use crate::error::{BoxError, Error, Result};
use crate::measure::{same_length, Measure};
use crate::sys;
use std::{os::raw::*, ptr};

/// A symmetric kernel k(x, y).
pub struct Kernel(pub(crate) Handle<sys::ift_kernel>);

impl Kernel {
    /// A kernel from text, "gaussian:0.5" and the like.
    pub fn parse(context: &Context, spec: &str) -> Result<Self> {
        let spec = c_text(spec)?;
        Handle::make(&context.shared, |out| unsafe { sys::ift_kernel_parse(context.shared.raw, out, spec.as_ptr()) })
            .map(Kernel)
    }

    /// exp(-r^2 / (2 sigma^2))
    pub fn gaussian(context: &Context, sigma: f64) -> Result<Self> {
        Handle::make(&context.shared, |out| unsafe { sys::ift_kernel_gaussian(context.shared.raw, out, sigma) })
            .map(Kernel)
    }

    /// A weighted sum.
    pub fn sum(context: &Context, terms: &[(f64, &Kernel)]) -> Result<Self> {
        let coefficients: Vec<f64> = terms.iter().map(|term| term.0).collect();
        let parts: Vec<*const sys::ift_kernel> = terms.iter().map(|term| term.1 .0.raw as *const _).collect();
        let (k, c, count) = (parts.as_ptr(), coefficients.as_ptr(), size(terms.len()));
        Handle::make(&context.shared, |out| unsafe { sys::ift_kernel_sum(context.shared.raw, out, k, c, count) })
            .map(Kernel)
    }

    /// A kernel of your own. The closure writes k(x_i, y_j) into its first argument (n by m), and where there is a
    /// second one the gradient in x_i (n by m by d). [`Kernel::check`] tests it.
    pub fn custom<F>(context: &Context, evaluate: F) -> Result<Self>
    where
        F: FnMut(&mut [f64], Option<&mut [f64]>, Points<'_>, Points<'_>) -> std::result::Result<(), BoxError>
            + Send
            + 'static,
    {
        unsafe extern "C" fn entry<F>(
            values: *mut f64,
            gradients: *mut f64,
            x: *const f64,
            n: i64,
            y: *const f64,
            m: i64,
            d: i64,
            user: *mut c_void,
        ) -> c_int
        where
            F: FnMut(&mut [f64], Option<&mut [f64]>, Points<'_>, Points<'_>) -> std::result::Result<(), BoxError>,
        {
            callback::enter(user, |evaluate: &mut F| {
                let values = output(values, n * m).unwrap_or(&mut []);
                let (x, y) = (Points::from_c(x, n, d), Points::from_c(y, m, d));
                evaluate(values, output(gradients, n * m * d), x, y).map(|_| false)
            })
        }
        Handle::with_callback(context, evaluate, |out, user, destroy| unsafe {
            sys::ift_kernel_custom(context.shared.raw, out, entry::<F>, user, destroy)
        })
        .map(Kernel)
    }

    /// k(x_i, y_j), n by m; without `y` that of x with itself.
    pub fn gram(&self, x: Points<'_>, y: Option<Points<'_>>) -> Result<Vec<f64>> {
        let other = y.unwrap_or(x);
        same_dimension(x, other)?;
        let to = y.map_or(ptr::null(), |y| y.data().as_ptr());
        let (from, n, d, m) = (x.data().as_ptr(), size(x.len()), size(x.dim()), size(other.len()));
        self.0.numbers(x.len() * other.len(), |out| unsafe { sys::ift_kernel_gram(self.0.raw, out, from, n, d, to, m) })
    }

    /// sum_j w_j k(x_i, y_j); without `w` all are 1.
    pub fn sum_pairs(&self, x: Points<'_>, y: Points<'_>, w: Option<&[f64]>) -> Result<Vec<f64>> {
        self.over_pairs(x.len(), x, y, w, |out| (out, ptr::null_mut()))
    }

    /// sum_j w_j grad k(x_i, y_j), the gradient in x_i: n by d.
    pub fn sum_pairs_gradient(&self, x: Points<'_>, y: Points<'_>, w: Option<&[f64]>) -> Result<Vec<f64>> {
        self.over_pairs(x.data().len(), x, y, w, |out| (ptr::null_mut(), out))
    }

    fn over_pairs(
        &self,
        count: usize,
        x: Points<'_>,
        y: Points<'_>,
        w: Option<&[f64]>,
        outputs: fn(*mut f64) -> (*mut f64, *mut f64),
    ) -> Result<Vec<f64>> {
        same_dimension(x, y)?;
        let w = same_length("w", w, y.len())?;
        let (from, n, d) = (x.data().as_ptr(), size(x.len()), size(x.dim()));
        let (to, m) = (y.data().as_ptr(), size(y.len()));
        self.0.numbers(count, |out| {
            let (value, gradient) = outputs(out);
            unsafe { sys::ift_kernel_sum_pairs(self.0.raw, value, gradient, from, n, d, to, m, w) }
        })
    }

    /// Tests symmetry, gradients and positive definiteness at points.
    pub fn check(&self, x: Points<'_>, tolerance: f64) -> Result<()> {
        let (from, n, d) = (x.data().as_ptr(), size(x.len()), size(x.dim()));
        self.0.call(|| unsafe { sys::ift_kernel_check(self.0.raw, from, n, d, tolerance) }).map(drop)
    }

    /// MMD^2 between two measures.
    pub fn mmd2(&self, a: &Measure, b: &Measure) -> Result<f64> {
        self.0.number(|out| unsafe { sys::ift_mmd2(self.0.raw, out, a.0.raw, b.0.raw) })
    }

    /// Standard error of mmd2(a, b) where b is an independent sample.
    pub fn mmd2_standard_error(&self, a: &Measure, b: &Measure) -> Result<f64> {
        self.0.number(|out| unsafe { sys::ift_mmd2_standard_error(self.0.raw, out, a.0.raw, b.0.raw) })
    }

    /// The witness function of a and b at points.
    pub fn witness(&self, x: Points<'_>, a: &Measure, b: &Measure) -> Result<Vec<f64>> {
        let (from, n, d) = (x.data().as_ptr(), size(x.len()), size(x.dim()));
        self.0.numbers(x.len(), |out| unsafe { sys::ift_witness(self.0.raw, out, from, n, d, a.0.raw, b.0.raw) })
    }
}

fn same_dimension(x: Points<'_>, y: Points<'_>) -> Result<()> {
    if x.dim() == y.dim() {
        return Ok(());
    }
    Err(Error::argument(format!("y has points of dimension {}, x of dimension {}", y.dim(), x.dim())))
}
