//! What goes in comes out, and the nouns compute what they should.
mod common;
use common::*;
use ift::*;

#[test]
fn measures() {
    let context = Context::new().unwrap();
    let x = [0.0, 0.0, 0.0, 0.0, 1.0, 2.0];
    let mut measure = Measure::new(&context, Points::new(&x, 2), Some(&[1.0, 2.0, 3.0])).unwrap();
    assert_eq!((measure.len(), measure.dim(), measure.mass()), (3, 2, 6.0));
    assert_eq!(measure.positions().data(), x);
    let (mean, covariance) = measure.moments().unwrap();
    assert_close(&mean, &[0.5, 1.0], 1e-15);
    assert_close(&covariance, &[0.25, 0.5, 0.5, 1.0], 1e-15);
    assert_eq!(measure.merge(0.0).unwrap().weights(), [3.0, 3.0]);
    assert_eq!(measure.prune(1.0).unwrap().len(), 2);
    assert_eq!(measure.resample(12).unwrap().len(), 12);
    assert_close(&[measure.effective_size()], &[36.0 / 14.0], 1e-15);
    let copy = measure.copy().unwrap();
    measure.normalize(1.0).unwrap();
    measure.set(Some(Points::new(&[1.0; 6], 2)), None).unwrap();
    assert_eq!((measure.mass(), copy.mass()), (1.0, 6.0));
    assert_eq!(measure.positions().data(), [1.0; 6]);
    assert_eq!(copy.positions().data(), x);
}

#[test]
fn files() {
    let context = Context::new().unwrap();
    let path = std::env::temp_dir().join(format!("ift-rust-{}.csv", std::process::id()));
    let measure = measure(&context, 5, 3);
    measure.save(&path).unwrap();
    let read = Measure::load(&context, &path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(read.positions().data(), measure.positions().data());
    assert_eq!(read.weights(), measure.weights());
    let error = Measure::load(&context, &path).err().unwrap();
    assert_eq!(error.kind(), Kind::File);
}

#[test]
fn kernels() {
    let context = Context::new().unwrap();
    let (x, y) = (cloud(4, 1), cloud(6, 2));
    let (x, y) = (Points::new(&x, 2), Points::new(&y, 2));
    let kernel = Kernel::parse(&context, "gaussian:1").unwrap();
    let expected: Vec<f64> =
        x.iter().flat_map(|a| y.iter().map(move |b| (-squared_distance(a, b) / 2.0).exp())).collect();
    assert_close(&kernel.gram(x, Some(y)).unwrap(), &expected, 1e-15);
    assert_eq!(kernel.gram(x, None).unwrap()[0], 1.0);
    let sums: Vec<f64> = expected.chunks(6).map(|row| row.iter().sum()).collect();
    assert_close(&kernel.sum_pairs(x, y, None).unwrap(), &sums, 1e-14);
    let own = gaussian(&context);
    own.check(x, 1e-6).unwrap();
    let w = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let gradients = [&kernel, &own].map(|kernel| kernel.sum_pairs_gradient(x, y, Some(&w)).unwrap());
    assert_close(&gradients[0], &gradients[1], 1e-13);
    let sum = Kernel::sum(&context, &[(2.0, &own), (0.5, &kernel)]).unwrap();
    let scaled: Vec<f64> = expected.iter().map(|value| 2.5 * value).collect();
    assert_close(&sum.gram(x, Some(y)).unwrap(), &scaled, 1e-14);
    let (a, b) = (measure(&context, 9, 4), measure(&context, 20, 5));
    let witness = kernel.witness(a.positions(), &a, &b).unwrap();
    let other = kernel.witness(b.positions(), &a, &b).unwrap();
    let mmd2 = witness.iter().sum::<f64>() / 9.0 - other.iter().sum::<f64>() / 20.0;
    assert_close(&[kernel.mmd2(&a, &b).unwrap()], &[mmd2], 1e-15);
    assert!(kernel.mmd2_standard_error(&a, &b).unwrap() > 0.0);
}

#[test]
fn energies() {
    let context = Context::new().unwrap();
    let mu = measure(&context, 6, 2);
    let energy = mmd(&context);
    energy.check(&mu, 1e-6).unwrap();
    let pull = Energy::interaction(&context, 2, &Kernel::parse(&context, "riesz:1").unwrap()).unwrap();
    let sum = Energy::sum(&context, &[(2.0, &energy), (-1.0, &pull)]).unwrap();
    let expected = 2.0 * energy.value(&mu).unwrap() - pull.value(&mu).unwrap();
    assert_close(&[sum.value(&mu).unwrap()], &[expected], 1e-15);
    let x = mu.positions();
    assert_eq!(energy.first_variation(&mu, None).unwrap(), energy.first_variation(&mu, Some(x)).unwrap());
    assert_eq!(energy.gradient(&mu, None).unwrap().len(), 12);
}

#[test]
fn targets() {
    let context = Context::new().unwrap();
    let mixture = Target::gaussian_mixture(&context, &[0.3, 0.7], Points::new(&[0.0, 4.0], 1), &[1.0, 0.25]).unwrap();
    let kernel = Kernel::gaussian(&context, 1.0).unwrap();
    let (few, mmd2) = compress(&context, &kernel, &mixture, 9, "effort=low").unwrap();
    assert!(mmd2 < 1e-4 && (few.moments().unwrap().0[0] - 2.8).abs() < 0.05);
    let normal = Density {
        log_density: Some(Box::new(|values, x| {
            for (value, at) in values.iter_mut().zip(x) {
                *value = -at.iter().map(|t| t * t).sum::<f64>() / 2.0;
            }
            Ok(())
        })),
        score: Some(Box::new(|scores, x| {
            for (score, t) in scores.iter_mut().zip(x.data()) {
                *score = -t;
            }
            Ok(())
        })),
        hessian: Some(Box::new(|products, _, u| {
            for (product, t) in products.iter_mut().zip(u.data()) {
                *product = -t;
            }
            Ok(())
        })),
    };
    let kl = Energy::kl(&context, &Target::density(&context, 2, normal).unwrap(), 0.3).unwrap();
    kl.check(&measure(&context, 5, 1), 1e-6).unwrap();
    let sampler = Target::sampler(&context, 2, |points, seed| {
        points.copy_from_slice(&cloud(points.len() / 2, seed | 1));
        Ok(())
    });
    let energy = Energy::mmd(&context, &kernel, &sampler.unwrap()).unwrap();
    let mut flow = Flow::new(&context, "spherical-ift", &energy, &measure(&context, 8, 2)).unwrap();
    flow.set("batch", 30).unwrap().set("tau", 0.1).unwrap().set("eta", 0.1).unwrap();
    assert_eq!(flow.step(5).unwrap(), Outcome::Done);
}

#[test]
fn custom_energies() {
    let context = Context::new().unwrap();
    let mean = |at: Points<'_>, a: &[f64]| {
        let mut mean = [0.0; 2];
        for (at, a) in at.iter().zip(a) {
            mean[0] += a * at[0];
            mean[1] += a * at[1];
        }
        mean
    };
    // |mean|^2 / 2
    let energy = Energy::custom(&context, 2, move |ask| {
        let mean = mean(ask.positions, ask.weights);
        if let Some(value) = ask.value {
            *value = (mean[0] * mean[0] + mean[1] * mean[1]) / 2.0;
        }
        for (g, at) in ask.first_variation.into_iter().flatten().zip(ask.points) {
            *g = at[0] * mean[0] + at[1] * mean[1];
        }
        for row in ask.gradient.into_iter().flat_map(|all| all.chunks_exact_mut(2)) {
            row.copy_from_slice(&mean);
        }
        Ok(())
    })
    .unwrap();
    energy.check(&measure(&context, 5, 1), 1e-6).unwrap();
    let quartic = Energy::potential(&context, 2, |values, gradients, x| {
        for (value, at) in values.iter_mut().zip(x) {
            *value = at[0].powi(4) + at[1].powi(2);
        }
        for (row, at) in gradients.into_iter().flat_map(|all| all.chunks_exact_mut(2)).zip(x) {
            row.copy_from_slice(&[4.0 * at[0].powi(3), 2.0 * at[1]]);
        }
        Ok(())
    })
    .unwrap();
    quartic.check(&measure(&context, 5, 1), 1e-6).unwrap();
}

#[test]
fn weights() {
    let context = Context::new().unwrap();
    let program = simplex_qp(&context, &[1.0, 0.0, 0.0, 1.0], &[0.5, 1.0], 1.0, Method::default()).unwrap();
    assert_close(&program.weights, &[0.25, 0.75], 1e-14);
    assert!(program.gap < 1e-13 && program.outcome == Outcome::Done);
    let cone = cone_qp(&context, &[1.0, 0.0, 0.0, 1.0], &[0.5, -1.0], Method::default()).unwrap();
    assert_close(&cone.weights, &[0.5, 0.0], 1e-14);
    assert_eq!(simplex_project(&context, &[0.5, 2.0, -1.0], 1.0).unwrap(), [0.0, 1.0, 0.0]);
}

#[test]
fn compressions() {
    let context = Context::new().unwrap();
    let points = measure(&context, 60, 1);
    let kernel = Kernel::gaussian(&context, points.bandwidth().unwrap()).unwrap();
    let target = Target::samples(&context, &points).unwrap();
    let mut search = Compression::new(&context, &kernel, &target, 5).unwrap();
    assert!(search.measure().is_none() && search.rows().is_none());
    search.set("points", "data").unwrap().set("effort", "low").unwrap();
    assert_eq!(search.run().unwrap(), Outcome::Done);
    let best = search.measure().unwrap();
    for (at, &row) in best.positions().iter().zip(search.rows().unwrap()) {
        assert_eq!(at, points.positions().iter().nth(row as usize).unwrap());
    }
    let mmd2 = search.real("mmd2").unwrap();
    assert_close(&[kernel.mmd2(&best, &points).unwrap()], &[mmd2], 1e-13);
}
