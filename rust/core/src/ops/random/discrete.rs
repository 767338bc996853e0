//! Counts and categories.

use super::generator::{Generator, stream};
use super::{parameters, refused};
use crate::array::Array;
use crate::dispatch;
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::kernels::generate;
use crate::layout::{Dims, broadcast_shapes};
use crate::ops::create::sizes;
use crate::ops::derived::floats_only;
use crate::ops::view;
use crate::random::{AliasTable, Binomial, Multinomial, Poisson, WORDS_64, WORDS_SOURCE, fill, sample_each};
use crate::tensor::Tensor;

/// Draws that are worth a thread's attention.
const GRAIN: usize = 1 << 10;

/// How many of `trials` (whole numbers) succeed with probability `p`; both broadcast, the result has p's dtype.
pub fn binomial(trials: &Tensor, p: &Tensor, generator: Option<&Generator>) -> Result<Tensor> {
    const OP: &str = "binomial";
    floats_only(OP, p)?;
    let shape = broadcast_shapes(OP, trials.shape(), p.shape())?;
    let trials = view::broadcast_to(OP, &trials.detach(), &shape)?.array().to_vec::<f64>()?;
    let probabilities = parameters(OP, &view::broadcast_to(OP, &p.detach(), &shape)?)?;
    if let Some(bad) = trials.iter().find(|n| !(**n >= 0.0 && n.fract() == 0.0 && **n <= (1u64 << 53) as f64)) {
        return Err(Error::value(OP, format!("the number of trials must be whole and in [0, 2^53], got {bad}")));
    }
    let sampler = |i: usize| Binomial::new(trials[i] as u64, probabilities[i]);
    (0..trials.len()).try_for_each(|i| sampler(i).map(|_| ())).map_err(refused(OP))?;
    let out = Array::uninit(OP, &shape, p.dtype())?;
    let stream = stream(generator, out.numel(), WORDS_SOURCE);
    dispatch!(float, OP, out.dtype(), T => generate::parts::<T>(&out, 1, GRAIN, |first, part| {
        sample_each(&stream, first as u64, part, |i, source| {
            // All parameters were checked above.
            <T as Element>::from_f64(sampler(first + i).map_or(f64::NAN, |s| s.sample(source) as f64))
        });
    }));
    Ok(out.into())
}

/// How many events happen where `rate` of them are expected, in the rate's dtype.
pub fn poisson(rate: &Tensor, generator: Option<&Generator>) -> Result<Tensor> {
    const OP: &str = "poisson";
    let rates = parameters(OP, rate)?;
    let samplers: Vec<Poisson> =
        rates.iter().map(|&r| Poisson::new(r)).collect::<Result<_, _>>().map_err(refused(OP))?;
    let out = Array::uninit(OP, rate.shape(), rate.dtype())?;
    let stream = stream(generator, out.numel(), WORDS_SOURCE);
    dispatch!(float, OP, out.dtype(), T => generate::parts::<T>(&out, 1, GRAIN, |first, part| {
        sample_each(&stream, first as u64, part, |i, source| {
            <T as Element>::from_f64(samplers[first + i].sample(source) as f64)
        });
    }));
    Ok(out.into())
}

/// Rows of weights along the last axis: (batch shape, categories, all weights).
fn weight_rows(op: &'static str, probs: &Tensor) -> Result<(Dims, usize, Vec<f64>)> {
    let weights = parameters(op, probs)?;
    match probs.shape() {
        [batch @ .., categories] if *categories > 0 => Ok((Dims::from_slice(batch), *categories, weights)),
        _ => Err(Error::shape(op, &[probs.shape()], "takes weights along the last axis, at least one")),
    }
}

fn row_tables(op: &'static str, weights: &[f64], categories: usize) -> Result<Vec<AliasTable>> {
    let row =
        |(i, row): (usize, &[f64])| AliasTable::new(row).map_err(|error| Error::value(op, format!("row {i}: {error}")));
    weights.chunks(categories).enumerate().map(row).collect()
}

/// Category numbers drawn with probability proportional to the weights along the last axis, as int64 of shape
/// (draws, batch axes).
pub fn categorical(probs: &Tensor, draws: i64, generator: Option<&Generator>) -> Result<Tensor> {
    const OP: &str = "categorical";
    let (batch, categories, weights) = weight_rows(OP, probs)?;
    let tables = row_tables(OP, &weights, categories)?;
    let mut shape = sizes(OP, &[draws])?;
    shape.extend_from_slice(&batch);
    let out = Array::uninit(OP, &shape, DType::I64)?;
    let stream = stream(generator, out.numel(), WORDS_SOURCE);
    generate::parts::<i64>(&out, 1, GRAIN, |first, part| {
        sample_each(&stream, first as u64, part, |i, source| tables[(first + i) % tables.len()].sample(source) as i64);
    });
    Ok(out.into())
}

/// `num_samples` category numbers for each row of weights (one or two axes), as int64; without `replacement` no
/// category comes twice.
pub fn multinomial(
    probs: &Tensor,
    num_samples: i64,
    replacement: bool,
    generator: Option<&Generator>,
) -> Result<Tensor> {
    const OP: &str = "multinomial";
    if !(1..=2).contains(&probs.ndim()) {
        return Err(Error::shape(
            OP,
            &[probs.shape()],
            "takes a vector of weights, or a matrix with a row of them each",
        ));
    }
    if num_samples <= 0 {
        return Err(Error::value(OP, format!("num_samples must be positive, got {num_samples}")));
    }
    let (batch, categories, weights) = weight_rows(OP, probs)?;
    let tables = row_tables(OP, &weights, categories)?;
    let mut shape = batch;
    shape.extend(sizes(OP, &[num_samples])?);
    let n = num_samples as usize;
    if replacement {
        let out = Array::uninit(OP, &shape, DType::I64)?;
        let stream = stream(generator, out.numel(), WORDS_SOURCE);
        generate::parts::<i64>(&out, 1, GRAIN, |first, part| {
            sample_each(&stream, first as u64, part, |i, source| tables[(first + i) / n].sample(source) as i64);
        });
        return Ok(out.into());
    }
    for (i, row) in weights.chunks(categories).enumerate() {
        let possible = row.iter().filter(|w| **w > 0.0).count();
        if possible < n {
            let why = format!(
                "row {i} has {possible} categories of positive weight, fewer than the {n} to draw without \
                               replacement"
            );
            return Err(Error::value(OP, why));
        }
    }
    let out = Array::uninit(OP, &shape, DType::I64)?;
    let stream = stream(generator, weights.len(), WORDS_64);
    // A race: category i arrives after an exponential time of rate weight[i]; the first n are the draw.
    generate::parts::<i64>(&out, n, GRAIN / categories * n + 1, |first, part| {
        let mut times = vec![0.0; categories];
        for (row, chosen) in part.chunks_mut(n).enumerate() {
            let start = (first / n + row) * categories;
            fill::exponential_f64(&stream, start as u64, &mut times);
            times.iter_mut().zip(&weights[start..]).for_each(|(time, weight)| *time /= weight);
            let mut order: Vec<usize> = (0..categories).collect();
            order.sort_unstable_by(|&i, &j| times[i].total_cmp(&times[j]).then(i.cmp(&j)));
            chosen.iter_mut().zip(order).for_each(|(to, category)| *to = category as i64);
        }
    });
    Ok(out.into())
}

/// How many of `total` trials fall into each category, `draws` times for each row of weights: int64 of shape
/// (draws, batch axes, categories). The counts add up to `total`; a category of weight 0 has none.
pub fn multinomial_counts(total: i64, probs: &Tensor, draws: i64, generator: Option<&Generator>) -> Result<Tensor> {
    const OP: &str = "multinomial";
    let trials = u64::try_from(total).ok().filter(|&n| n <= 1 << 53);
    let trials =
        trials.ok_or_else(|| Error::value(OP, format!("the number of trials must be in [0, 2^53], got {total}")))?;
    let (batch, categories, weights) = weight_rows(OP, probs)?;
    let rows: Vec<Multinomial> = weights
        .chunks(categories)
        .enumerate()
        .map(|(i, row)| Multinomial::new(row).map_err(|error| Error::value(OP, format!("row {i}: {error}"))))
        .collect::<Result<_>>()?;
    let mut shape = sizes(OP, &[draws])?;
    shape.extend_from_slice(&batch);
    shape.push(categories);
    let out = Array::uninit(OP, &shape, DType::I64)?;
    let stream = stream(generator, out.numel(), WORDS_SOURCE);
    generate::parts::<i64>(&out, categories, GRAIN, |first, part| {
        let mut counts = vec![0; categories];
        for (row, chosen) in part.chunks_mut(categories).enumerate() {
            let start = first + row * categories;
            // The number of trials was checked above.
            let _ = rows[start / categories % rows.len()].sample(trials, &stream, start as u64, &mut counts);
            chosen.iter_mut().zip(&counts).for_each(|(to, &count)| *to = count as i64);
        }
    });
    Ok(out.into())
}
