//! Objects and numbers that the tests share.
#![allow(dead_code)]
use ift::*;

/// n points in the plane that look random, the same ones each time.
pub fn cloud(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..2 * n).map(|_| uniform() + uniform() + uniform() + uniform() - 2.0).collect()
}

pub fn measure(context: &Context, n: usize, seed: u64) -> Measure {
    Measure::new(context, Points::new(&cloud(n, seed), 2), None).unwrap()
}

pub fn mmd(context: &Context) -> Energy {
    let kernel = Kernel::parse(context, "gaussian:1").unwrap();
    let target = Target::samples(context, &measure(context, 40, 1)).unwrap();
    Energy::mmd(context, &kernel, &target).unwrap()
}

pub fn flow(context: &Context) -> Flow {
    Flow::new(context, "spherical-ift", &mmd(context), &measure(context, 8, 2)).unwrap()
}

pub fn squared_distance(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| (a - b).powi(2)).sum()
}

/// exp(-r^2 / 2) as a closure.
pub fn gaussian(context: &Context) -> Kernel {
    Kernel::custom(context, |values, gradients, x, y| {
        let pairs = || x.iter().flat_map(move |a| y.iter().map(move |b| (a, b)));
        for (value, (a, b)) in values.iter_mut().zip(pairs()) {
            *value = (-squared_distance(a, b) / 2.0).exp();
        }
        if let Some(gradients) = gradients {
            for ((gradient, (a, b)), value) in gradients.chunks_exact_mut(x.dim()).zip(pairs()).zip(&*values) {
                for (slope, (a, b)) in gradient.iter_mut().zip(a.iter().zip(b)) {
                    *slope = (b - a) * value;
                }
            }
        }
        Ok(())
    })
    .unwrap()
}

pub fn assert_close(a: &[f64], b: &[f64], tolerance: f64) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() <= tolerance, "{a} is not {b}");
    }
}
