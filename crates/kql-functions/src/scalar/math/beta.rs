//! `beta_cdf`, `beta_inv` and `beta_pdf`: the beta distribution on the interval from 0 to 1.

use crate::Type::Real;
use crate::column::{real_results, reals, result_rows};
use crate::definition::{Definition, Kernel};
use crate::signature::fixed;

/// Steps of bisection after which a real cannot come closer.
const BISECTIONS: usize = 200;
/// Terms of the continued fraction, which converges much earlier for sensible parameters.
const FRACTION_TERMS: usize = 10_000;
/// Below this a divisor of the continued fraction is taken for 0.
const TINY: f64 = 1e-300;

pub(super) static BETA_CDF: Definition = three("beta_cdf", |args, _, ctx| {
    let (values, alphas, betas) = (reals(&args[0]), reals(&args[1]), reals(&args[2]));
    real_results(result_rows(args, ctx), |row| Some(cdf(values.get(row)?, alphas.get(row)?, betas.get(row)?)))
});

pub(super) static BETA_INV: Definition = three("beta_inv", |args, _, ctx| {
    let (values, alphas, betas) = (reals(&args[0]), reals(&args[1]), reals(&args[2]));
    real_results(result_rows(args, ctx), |row| inverse(values.get(row)?, alphas.get(row)?, betas.get(row)?))
});

pub(super) static BETA_PDF: Definition = three("beta_pdf", |args, _, ctx| {
    let (values, alphas, betas) = (reals(&args[0]), reals(&args[1]), reals(&args[2]));
    real_results(result_rows(args, ctx), |row| Some(density(values.get(row)?, alphas.get(row)?, betas.get(row)?)))
});

const fn three(name: &'static str, kernel: Kernel) -> Definition {
    Definition::new(name, |args| fixed(args, &[Real, Real, Real], 3, Real), kernel)
}

/// NaN outside of the interval; a parameter that is not positive puts all weight on its end, as Kusto has it.
fn cdf(x: f64, alpha: f64, beta: f64) -> f64 {
    if !(0.0..=1.0).contains(&x) {
        f64::NAN
    } else if alpha <= 0.0 {
        1.0
    } else if beta <= 0.0 {
        0.0
    } else {
        regularized(x, alpha, beta)
    }
}

fn density(x: f64, alpha: f64, beta: f64) -> f64 {
    if !(0.0..=1.0).contains(&x) || alpha <= 0.0 || beta <= 0.0 {
        return f64::NAN;
    }
    x.powf(alpha - 1.0) * (1.0 - x).powf(beta - 1.0) * (-log_beta(alpha, beta)).exp()
}

/// Null where there is no such probability.
fn inverse(probability: f64, alpha: f64, beta: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&probability) {
        return None;
    }
    if alpha <= 0.0 || beta <= 0.0 {
        return Some(f64::NAN);
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if regularized(middle, alpha, beta) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(f64::midpoint(low, high))
}

fn log_beta(alpha: f64, beta: f64) -> f64 {
    libm::lgamma(alpha) + libm::lgamma(beta) - libm::lgamma(alpha + beta)
}

/// The regularized incomplete beta function (NIST Digital Library of Mathematical Functions, 8.17).
pub(super) fn regularized(x: f64, alpha: f64, beta: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    let front = (alpha * x.ln() + beta * (-x).ln_1p() - log_beta(alpha, beta)).exp();
    // The fraction converges quickly on one side of the mean only.
    if x < (alpha + 1.0) / (alpha + beta + 2.0) {
        front * fraction(x, alpha, beta) / alpha
    } else {
        1.0 - front * fraction(1.0 - x, beta, alpha) / beta
    }
}

/// The continued fraction 8.17.22, by Lentz's method.
fn fraction(x: f64, alpha: f64, beta: f64) -> f64 {
    let nonzero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - (alpha + beta) * x / (alpha + 1.0));
    let mut result = d;
    for term in 1..FRACTION_TERMS {
        let m = term as f64;
        let even = m * (beta - m) * x / ((alpha + 2.0 * m - 1.0) * (alpha + 2.0 * m));
        let odd = -(alpha + m) * (alpha + beta + m) * x / ((alpha + 2.0 * m) * (alpha + 2.0 * m + 1.0));
        for numerator in [even, odd] {
            d = 1.0 / nonzero(1.0 + numerator * d);
            c = nonzero(1.0 + numerator / c);
            result *= d * c;
        }
        if (d * c - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use crate::scalar::testing::check;
    use crate::{Type, Value, Value::Real};

    #[test]
    fn the_distribution_is_that_of_the_textbooks() {
        check("beta_cdf", &[Real(0.5), Real(2.0), Real(2.0)], Real(0.5));
        check("beta_cdf", &[Real(0.25), Real(1.0), Real(1.0)], Real(0.25));
        check("beta_cdf", &[Real(1.5), Real(1.0), Real(1.0)], Real(f64::NAN));
        check("beta_pdf", &[Real(0.5), Real(2.0), Real(2.0)], Real(1.5));
        check("beta_inv", &[Real(0.25), Real(1.0), Real(1.0)], Real(0.25));
        check("beta_inv", &[Real(1.5), Real(1.0), Real(1.0)], Value::Null(Type::Real));
        check("beta_inv", &[Real(0.5), Real(-1.0), Real(1.0)], Real(f64::NAN));
    }
}
