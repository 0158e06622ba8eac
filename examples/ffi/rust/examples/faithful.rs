//! The Old Faithful data as 25 weighted particles: faithful FILE
use ift::{Context, Kernel, Measure, Points, Target};

/// 17 digits, the exponent as C writes it.
fn digits(value: f64) -> String {
    let text = format!("{value:.16e}");
    let (mantissa, exponent) = text.split_once('e').unwrap();
    format!("{mantissa}e{:+03}", exponent.parse::<i32>().unwrap())
}

fn main() -> ift::Result<()> {
    let context = Context::new()?;
    let data = Measure::load(&context, std::env::args().nth(1).unwrap_or_else(|| "-".into()))?;
    let (d, (mean, covariance)) = (data.dim(), data.moments()?);
    let standardized = |(i, value): (usize, &f64)| (value - mean[i % d]) / covariance[(d + 1) * (i % d)].sqrt();
    let x: Vec<f64> = data.positions().data().iter().enumerate().map(standardized).collect();
    let points = Measure::new(&context, Points::new(&x, d), None)?;
    let kernel = Kernel::gaussian(&context, points.bandwidth()?)?;
    let target = Target::samples(&context, &points)?;
    let (few, mmd2) = ift::compress(&context, &kernel, &target, 25, "seed=1")?;
    println!("mmd2 {}", digits(mmd2));
    for (at, &weight) in few.positions().iter().zip(few.weights()) {
        println!("{} {} {}", digits(at[0]), digits(at[1]), digits(weight));
    }
    Ok(())
}
