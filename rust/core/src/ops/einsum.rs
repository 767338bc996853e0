//! Einstein's summation: products of tensors whose axes are named by letters.

use super::matmul::bmm;
use super::view;
use crate::error::{Error, Result, show_shape};
use crate::layout::Dims;
use crate::ops;
use crate::tensor::Tensor;
use std::collections::BTreeMap;

const OP: &str = "einsum";

/// A named axis: a letter, or the n-th axis of the ellipsis counted from its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Label {
    Ellipsis(usize),
    Letter(u8),
}

/// A tensor and the names of its axes, each once.
struct Term {
    tensor: Tensor,
    labels: Vec<Label>,
}

fn bad(equation: &str, why: impl std::fmt::Display) -> Error {
    Error::value(OP, format!("in the equation \"{equation}\", {why}"))
}

/// The names of one side's term; `None` marks where the ellipsis stands.
fn parse(equation: &str, term: &str) -> Result<Vec<Option<u8>>> {
    let mut labels = Vec::new();
    let mut rest = term.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        match first {
            b' ' => rest = tail,
            b'a'..=b'z' | b'A'..=b'Z' => {
                labels.push(Some(first));
                rest = tail;
            }
            b'.' if rest.starts_with(b"...") && !labels.contains(&None) => {
                labels.push(None);
                rest = &rest[3..];
            }
            b'.' => return Err(bad(equation, "dots stand three together, once a term: ...")),
            _ => {
                let found = term[term.len() - rest.len()..].chars().next().unwrap_or('?');
                return Err(bad(equation, format!("'{found}' is not a letter, a comma, an arrow or an ellipsis")));
            }
        }
    }
    Ok(labels)
}

/// The axes' names of an operand, the ellipsis spelt out.
fn spell(equation: &str, names: &[Option<u8>], tensor: &Tensor, number: usize) -> Result<Vec<Label>> {
    let letters = names.iter().flatten().count();
    let has_ellipsis = names.contains(&None);
    if letters > tensor.ndim() || (!has_ellipsis && letters != tensor.ndim()) {
        let why = format!(
            "operand {number} has shape {} but its term names {letters} axes{}",
            show_shape(tensor.shape()),
            if has_ellipsis { " beside the ellipsis" } else { "" }
        );
        return Err(bad(equation, why));
    }
    let extra = tensor.ndim() - letters;
    let spelt = names.iter().flat_map(|name| -> Vec<Label> {
        match name {
            Some(letter) => vec![Label::Letter(*letter)],
            None => (0..extra).rev().map(Label::Ellipsis).collect(),
        }
    });
    Ok(spelt.collect())
}

/// Takes the diagonal of axes with one name.
fn without_repeats(equation: &str, mut tensor: Tensor, mut labels: Vec<Label>) -> Result<Term> {
    while let Some((i, j)) = repeated(&labels) {
        if tensor.shape()[i] != tensor.shape()[j] {
            let why = format!("one letter names axes of sizes {} and {}", tensor.shape()[i], tensor.shape()[j]);
            return Err(bad(equation, why));
        }
        tensor = view::diagonal(&tensor, 0, i as i64, j as i64)?;
        let label = labels.remove(j);
        labels.remove(i);
        labels.push(label);
    }
    Ok(Term { tensor, labels })
}

fn repeated(labels: &[Label]) -> Option<(usize, usize)> {
    (0..labels.len()).find_map(|j| labels[..j].iter().position(|&l| l == labels[j]).map(|i| (i, j)))
}

/// The sizes of all names; size 1 goes with any other.
fn sizes(equation: &str, terms: &[Term]) -> Result<BTreeMap<Label, usize>> {
    let mut sizes = BTreeMap::new();
    for term in terms {
        for (&label, &size) in term.labels.iter().zip(term.tensor.shape()) {
            let known = sizes.entry(label).or_insert(size);
            if *known == 1 {
                *known = size;
            } else if size != 1 && size != *known {
                let name = match label {
                    Label::Letter(letter) => format!("'{}'", letter as char),
                    Label::Ellipsis(_) => "an axis of the ellipsis".into(),
                };
                return Err(bad(equation, format!("{name} has sizes {known} and {size}; they must be equal or 1")));
            }
        }
    }
    Ok(sizes)
}

fn output_labels(
    equation: &str,
    output: Option<&str>,
    sizes: &BTreeMap<Label, usize>,
    terms: &[Term],
    spelt: &[Vec<Label>],
) -> Result<Vec<Label>> {
    let ellipsis = sizes.keys().filter_map(|&l| if let Label::Ellipsis(i) = l { Some(i + 1) } else { None }).max();
    let ellipsis = (0..ellipsis.unwrap_or(0)).rev().map(Label::Ellipsis);
    let Some(output) = output else {
        // Unnamed output: the ellipsis, then the letters that occur once, in alphabetical order (capitals first).
        let once = |label: &&Label| spelt.iter().flatten().filter(|l| l == label).count() == 1;
        let letters = sizes.keys().filter(|l| matches!(l, Label::Letter(_))).filter(once).copied();
        return Ok(ellipsis.chain(letters).collect());
    };
    let mut labels = Vec::new();
    for name in parse(equation, output)? {
        match name {
            None => labels.extend(ellipsis.clone()),
            Some(letter) => labels.push(Label::Letter(letter)),
        }
    }
    if repeated(&labels).is_some() {
        return Err(bad(equation, "the output names an axis twice"));
    }
    match labels.iter().find(|label| !terms.iter().any(|term| term.labels.contains(label))) {
        Some(Label::Letter(letter)) => {
            Err(bad(equation, format!("the output names '{}', which no operand has", *letter as char)))
        }
        _ => Ok(labels),
    }
}

impl Term {
    fn size(&self, label: Label) -> usize {
        self.labels.iter().position(|&l| l == label).map_or(1, |axis| self.tensor.shape()[axis])
    }

    /// Without axes of size 1 whose name has another size elsewhere: they broadcast.
    fn squeezed(self, sizes: &BTreeMap<Label, usize>) -> Result<Term> {
        let broadcast = |axis: &usize| self.tensor.shape()[*axis] == 1 && sizes[&self.labels[*axis]] != 1;
        let axes: Vec<usize> = (0..self.labels.len()).filter(broadcast).collect();
        self.dropped(&axes, |tensor, axes| view::squeeze(tensor, Some(axes)))
    }

    /// Summed over the names that nobody else needs.
    fn summed(self, needed: impl Fn(Label) -> bool) -> Result<Term> {
        let axes: Vec<usize> = (0..self.labels.len()).filter(|&axis| !needed(self.labels[axis])).collect();
        let dtype = self.tensor.dtype();
        self.dropped(&axes, |tensor, axes| ops::sum(tensor, Some(axes), false, Some(dtype)))
    }

    fn dropped(self, axes: &[usize], drop: impl Fn(&Tensor, &[i64]) -> Result<Tensor>) -> Result<Term> {
        if axes.is_empty() {
            return Ok(self);
        }
        let signed: Vec<i64> = axes.iter().map(|&axis| axis as i64).collect();
        let labels = (0..self.labels.len()).filter(|axis| !axes.contains(axis)).map(|axis| self.labels[axis]).collect();
        Ok(Term { tensor: drop(&self.tensor, &signed)?, labels })
    }

    /// The axes in the order of `labels`, with size 1 for those that are missing.
    fn aligned(&self, labels: &[Label]) -> Result<Tensor> {
        let order: Vec<i64> = labels
            .iter()
            .filter_map(|label| self.labels.iter().position(|l| l == label))
            .map(|axis| axis as i64)
            .collect();
        let mut tensor = view::permute(&self.tensor, &order)?;
        for (axis, label) in labels.iter().enumerate() {
            if !self.labels.contains(label) {
                tensor = view::unsqueeze(&tensor, axis as i64)?;
            }
        }
        Ok(tensor)
    }

    /// As (batch, rows, columns): the axes of each group in order, flattened.
    fn stacked(&self, groups: [&[Label]; 3]) -> Result<Tensor> {
        let size = |group: &[Label]| group.iter().map(|&label| self.size(label)).product::<usize>() as i64;
        view::reshape(&self.aligned(&groups.concat())?, &groups.map(size))
    }
}

/// The product of two terms, summed over the names that are not needed afterwards.
fn contract(a: Term, b: Term, needed: impl Fn(Label) -> bool) -> Result<Term> {
    let a = {
        let b = &b;
        a.summed(|label| needed(label) || b.labels.contains(&label))?
    };
    let b = b.summed(|label| needed(label) || a.labels.contains(&label))?;
    let of = |term: &Term, keep: &dyn Fn(Label) -> bool| -> Vec<Label> {
        term.labels.iter().copied().filter(|&label| keep(label)).collect()
    };
    let batch = of(&a, &|label| b.labels.contains(&label) && needed(label));
    let inner = of(&a, &|label| b.labels.contains(&label) && !needed(label));
    let left = of(&a, &|label| !b.labels.contains(&label));
    let right = of(&b, &|label| !a.labels.contains(&label));
    let labels = [batch.as_slice(), &left, &right].concat();
    if inner.is_empty() {
        return Ok(Term { tensor: ops::mul(&a.aligned(&labels)?, &b.aligned(&labels)?)?, labels });
    }
    let product = bmm(&a.stacked([&batch, &left, &inner])?, &b.stacked([&batch, &inner, &right])?)?;
    let shape: Vec<i64> = batch
        .iter()
        .chain(&left)
        .map(|&label| a.size(label) as i64)
        .chain(right.iter().map(|&label| b.size(label) as i64))
        .collect();
    Ok(Term { tensor: view::reshape(&product, &shape)?, labels })
}

/// `einsum("ij,jk->ik", [a, b])`: operands multiplied, with axes matched by letter, and summed over the letters that
/// the output does not name. A letter twice in a term takes the diagonal; `...` stands for all other axes; without
/// `->` the output is the ellipsis and the letters that occur once, in alphabetical order. Operands are taken pair by
/// pair from the left, each pair as one matrix product.
pub fn einsum(equation: &str, operands: &[Tensor]) -> Result<Tensor> {
    let (inputs, output) = match equation.split_once("->") {
        Some((inputs, output)) => (inputs, Some(output)),
        None => (equation, None),
    };
    let names: Vec<&str> = inputs.split(',').collect();
    if names.len() != operands.len() || operands.is_empty() {
        return Err(bad(equation, format!("there are {} terms for {} operands", names.len(), operands.len())));
    }
    if let Some(other) = operands.iter().find(|t| t.dtype() != operands[0].dtype()) {
        let why = "all operands must have one dtype; convert with .to(dtype)";
        return Err(Error::dtype(OP, &[operands[0].dtype(), other.dtype()], why));
    }
    let (mut terms, mut spelt) = (Vec::new(), Vec::new());
    for (number, (names, tensor)) in names.iter().zip(operands).enumerate() {
        let labels = spell(equation, &parse(equation, names)?, tensor, number)?;
        spelt.push(labels.clone());
        terms.push(without_repeats(equation, tensor.clone(), labels)?);
    }
    let sizes = sizes(equation, &terms)?;
    let output = output_labels(equation, output, &sizes, &terms, &spelt)?;
    let mut waiting = terms.into_iter().map(|term| term.squeezed(&sizes)).collect::<Result<Vec<_>>>()?;
    let mut result = waiting.remove(0);
    while !waiting.is_empty() {
        let next = waiting.remove(0);
        let needed = |label| output.contains(&label) || waiting.iter().any(|term| term.labels.contains(&label));
        result = contract(result, next, needed)?;
    }
    let result = result.summed(|label| output.contains(&label))?;
    let tensor = result.aligned(&output)?;
    let shape: Dims = output.iter().map(|label| sizes[label]).collect();
    view::broadcast_to(OP, &tensor, &shape)
}
