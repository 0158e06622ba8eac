//! The optimization of weights by itself.
use crate::context::{c_text, size, Context};
use crate::error::{Outcome, Result};
use crate::measure::same_length;
use crate::sys;

/// What a quadratic program gives.
#[derive(Clone, Debug)]
pub struct Weights {
    pub weights: Vec<f64>,
    /// The objective is at most this above the minimum.
    pub gap: f64,
    pub iterations: i64,
    /// `Stalled` where the method ended above the tolerance.
    pub outcome: Outcome,
}

/// How it is to be solved.
#[derive(Clone, Copy, Debug)]
pub struct Method<'a> {
    pub name: &'a str,
    pub start: Option<&'a [f64]>,
    pub tolerance: f64,
}

impl Default for Method<'_> {
    fn default() -> Self {
        Method { name: "auto", start: None, tolerance: 0.0 }
    }
}

/// The minimum of 1/2 b'Kb - t'b over b >= 0 with sum b = mass; K is `gram`, t is `linear`.
pub fn simplex_qp(context: &Context, gram: &[f64], linear: &[f64], mass: f64, method: Method<'_>) -> Result<Weights> {
    program(context, gram, linear, Some(mass), method)
}

/// The same over b >= 0, of any mass.
pub fn cone_qp(context: &Context, gram: &[f64], linear: &[f64], method: Method<'_>) -> Result<Weights> {
    program(context, gram, linear, None, method)
}

fn program(context: &Context, gram: &[f64], linear: &[f64], mass: Option<f64>, method: Method<'_>) -> Result<Weights> {
    let n = linear.len();
    let matrix = same_length("gram", Some(gram), n * n)?;
    let start = same_length("start", method.start, n)?;
    let name = c_text(method.name)?;
    let (t, count, tolerance) = (linear.as_ptr(), size(n), method.tolerance);
    let (mut weights, mut gap, mut iterations) = (vec![0.0; n], 0.0, 0);
    let (b, g, i, c) = (weights.as_mut_ptr(), &mut gap, &mut iterations, context.shared.raw);
    let outcome = context.shared.call(|| unsafe {
        match mass {
            Some(mass) => sys::ift_simplex_qp(c, b, g, i, matrix, t, count, mass, start, name.as_ptr(), tolerance),
            None => sys::ift_cone_qp(c, b, g, i, matrix, t, count, start, name.as_ptr(), tolerance),
        }
    })?;
    Ok(Weights { weights, gap, iterations, outcome })
}

/// The point of {b >= 0, sum b = mass} nearest to `values`.
pub fn simplex_project(context: &Context, values: &[f64], mass: f64) -> Result<Vec<f64>> {
    let mut weights = vec![0.0; values.len()];
    let (b, v, n) = (weights.as_mut_ptr(), values.as_ptr(), size(values.len()));
    context.shared.call(|| unsafe { sys::ift_simplex_project(context.shared.raw, b, v, n, mass) })?;
    Ok(weights)
}
