//! Measures: weighted particles.
use crate::callback::Points;
use crate::context::{c_text, size, Borrowed, Context, Handle};
use crate::error::{Error, Result};
use crate::sys;
use std::{path::Path, ptr, slice};

/// n particles in R^d with weights >= 0 of positive sum.
pub struct Measure(pub(crate) Handle<sys::ift_measure>);

impl Measure {
    /// A measure with weights that are not normalized, or 1/n each.
    pub fn new(context: &Context, positions: Points<'_>, weights: Option<&[f64]>) -> Result<Self> {
        let (n, d) = (size(positions.len()), size(positions.dim()));
        let a = same_length("weights", weights, positions.len())?;
        let x = positions.data().as_ptr();
        Handle::make(&context.shared, |out| unsafe { sys::ift_measure_create(context.shared.raw, out, x, n, d, a) })
            .map(Measure)
    }

    /// Reads a CSV or NPY file.
    pub fn load(context: &Context, path: impl AsRef<Path>) -> Result<Self> {
        let path = path_text(path.as_ref())?;
        Handle::make(&context.shared, |out| unsafe { sys::ift_measure_load(context.shared.raw, out, path.as_ptr()) })
            .map(Measure)
    }

    /// Writes NPY if the name ends in .npy, else CSV with 17 digits.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path_text(path.as_ref())?;
        self.0.call(|| unsafe { sys::ift_measure_save(self.0.raw, path.as_ptr()) }).map(drop)
    }

    pub fn len(&self) -> usize {
        self.0.shared.read(|| unsafe { sys::ift_measure_size(self.0.raw) as usize })
    }

    /// Never: a measure has particles.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn dim(&self) -> usize {
        self.0.shared.read(|| unsafe { sys::ift_measure_dim(self.0.raw) as usize })
    }

    /// The sum of the weights.
    pub fn mass(&self) -> f64 {
        self.0.shared.read(|| unsafe { sys::ift_measure_mass(self.0.raw) })
    }

    pub fn positions(&self) -> Points<'_> {
        let (count, dim) = (self.len() * self.dim(), self.dim());
        let data = self.0.shared.read(|| unsafe { sys::ift_measure_positions(self.0.raw) });
        Points::new(unsafe { slice::from_raw_parts(data, count) }, dim)
    }

    pub fn weights(&self) -> &[f64] {
        let data = self.0.shared.read(|| unsafe { sys::ift_measure_weights(self.0.raw) });
        unsafe { slice::from_raw_parts(data, self.len()) }
    }

    /// Replaces positions or weights; size and dimension stay.
    pub fn set(&mut self, positions: Option<Points<'_>>, weights: Option<&[f64]>) -> Result<()> {
        let count = self.len() * self.dim();
        let x = same_length("positions", positions.map(|points| points.data()), count)?;
        let a = same_length("weights", weights, self.len())?;
        self.0.call(|| unsafe { sys::ift_measure_set(self.0.raw, x, a) }).map(drop)
    }

    /// Scales the weights to a mass.
    pub fn normalize(&mut self, mass: f64) -> Result<()> {
        self.0.call(|| unsafe { sys::ift_measure_normalize(self.0.raw, mass) }).map(drop)
    }

    /// Weighted mean and covariance (d by d, divided by the mass).
    pub fn moments(&self) -> Result<(Vec<f64>, Vec<f64>)> {
        let d = self.dim();
        let (mut mean, mut covariance) = (vec![0.0; d], vec![0.0; d * d]);
        let (m, c) = (mean.as_mut_ptr(), covariance.as_mut_ptr());
        self.0.call(|| unsafe { sys::ift_measure_moments(self.0.raw, m, c) })?;
        Ok((mean, covariance))
    }

    /// (sum a)^2 / sum a^2.
    pub fn effective_size(&self) -> f64 {
        self.0.shared.read(|| unsafe { sys::ift_measure_effective_size(self.0.raw) })
    }

    /// The bandwidth of the median heuristic for a Gaussian kernel.
    pub fn bandwidth(&self) -> Result<f64> {
        self.0.number(|out| unsafe { sys::ift_bandwidth_median(self.0.raw, out) })
    }

    /// A copy.
    pub fn copy(&self) -> Result<Self> {
        self.derived(|out| unsafe { sys::ift_measure_clone(self.0.raw, out) })
    }

    /// Particles of equal weight, drawn with the context's seed.
    pub fn resample(&self, count: usize) -> Result<Self> {
        self.derived(|out| unsafe { sys::ift_measure_resample(self.0.raw, out, size(count)) })
    }

    /// Without the particles of weight <= threshold, the rest scaled up to the same mass.
    pub fn prune(&self, threshold: f64) -> Result<Self> {
        self.derived(|out| unsafe { sys::ift_measure_prune(self.0.raw, out, threshold) })
    }

    /// Particles within `distance` of an earlier one merged into it.
    pub fn merge(&self, distance: f64) -> Result<Self> {
        self.derived(|out| unsafe { sys::ift_measure_merge(self.0.raw, out, distance) })
    }

    fn derived(&self, function: impl FnOnce(*mut *mut sys::ift_measure) -> sys::Status) -> Result<Self> {
        Handle::make(&self.0.shared, function).map(Measure)
    }
}

/// What `ift_flow_measure` and its like give; None for NULL.
pub(crate) unsafe fn borrow<'a, T: crate::context::Noun>(
    owner: &'a Handle<T>,
    raw: *const sys::ift_measure,
) -> Option<Borrowed<'a, Measure>> {
    if raw.is_null() {
        return None;
    }
    Some(Borrowed::new(Measure(crate::context::alias(raw, &owner.shared))))
}

/// The address of an array of `count` numbers; NULL where there is none.
pub(crate) fn same_length(name: &str, array: Option<&[f64]>, count: usize) -> Result<*const f64> {
    match array {
        Some(array) if array.len() != count => {
            Err(Error::argument(format!("{name} has {} numbers; {count} are needed", array.len())))
        }
        Some(array) => Ok(array.as_ptr()),
        None => Ok(ptr::null()),
    }
}

fn path_text(path: &Path) -> Result<std::ffi::CString> {
    c_text(path.to_str().ok_or_else(|| Error::argument(format!("{path:?} is not UTF-8")))?)
}
