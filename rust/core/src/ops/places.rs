//! Reading, adding and writing at computed places, and the derivatives of the three: each is made of the others.

use super::{Arg, view};
use crate::array::Array;
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::{Context, Grads, Node, Rule, Saved};
use crate::kernels::index;
pub use crate::kernels::index::Places;
use crate::layout::Dims;
use crate::ops;
use crate::scalar::Scalar;
use crate::tensor::Tensor;
use smallvec::{SmallVec, smallvec};

/// Places kept for backward.
struct SavedPlaces {
    lead: usize,
    covered: usize,
    positions: Saved,
}

impl SavedPlaces {
    fn new(places: &Places) -> SavedPlaces {
        let positions = Saved::constant(&places.positions);
        SavedPlaces { lead: places.lead, covered: places.covered, positions }
    }
    fn unpack(&self, op: &'static str) -> Result<Places> {
        Ok(Places { lead: self.lead, covered: self.covered, positions: self.positions.array(op)? })
    }
}

struct Take {
    shape: Dims,
    places: SavedPlaces,
}

impl Rule for Take {
    fn name(&self) -> &'static str {
        "IndexBackward0"
    }
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        Ok(smallvec![Some(embed(cx.op(), &self.shape, &self.places.unpack(cx.op())?, g)?)])
    }
    fn release(&mut self) {
        self.places.positions.release();
    }
}

/// `x[places]`, a copy; the gradient adds up at repeated places.
pub fn take(op: &'static str, x: &Tensor, places: &Places) -> Result<Tensor> {
    let out = Array::uninit(op, &places.shape(x.shape()), x.dtype())?;
    index::take(x.array(), places, &out);
    let shape = || x.layout().dims();
    Ok(Tensor::record(out, smallvec![x.edge()], |_| Take { shape: shape(), places: SavedPlaces::new(places) }))
}

struct Embed {
    places: SavedPlaces,
}

impl Rule for Embed {
    fn name(&self) -> &'static str {
        "IndexAddBackward0"
    }
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        Ok(smallvec![Some(take(cx.op(), g, &self.places.unpack(cx.op())?)?)])
    }
    fn release(&mut self) {
        self.places.positions.release();
    }
}

/// Zeros of `shape` with `x` (of the places' shape) added at the places.
pub fn embed(op: &'static str, shape: &[usize], places: &Places, x: &Tensor) -> Result<Tensor> {
    let out = Array::zeros(op, shape, x.dtype())?;
    index::add_at(&out, places, &x.array().contiguous(op)?);
    Ok(Tensor::record(out, smallvec![x.edge()], |_| Embed { places: SavedPlaces::new(places) }))
}

/// Inputs are the tensor before the write, and what was written.
struct Put {
    places: SavedPlaces,
}

impl Rule for Put {
    fn name(&self) -> &'static str {
        "IndexPutBackward0"
    }
    /// What was overwritten gets zero; of what was written to one place, only the last has an effect.
    fn backward(&self, cx: &Context, g: &Tensor) -> Result<Grads> {
        let op = cx.op();
        let places = self.places.unpack(op)?;
        let mut grads: Grads = smallvec![None, None];
        if cx.needs(0) {
            let zero = Array::zeros(op, &[], g.dtype())?.into();
            grads[0] = Some(put(op, g, &places, &zero)?);
        }
        if cx.needs(1) {
            let winners = Tensor::from(index::winners(op, &places.positions, places.size(g.shape()))?);
            let rest = g.ndim() - places.lead - places.covered;
            let mut shape: SmallVec<[i64; 4]> = winners.shape().iter().map(|&s| s as i64).collect();
            shape.extend((0..rest).map(|_| 1));
            let taken = take(op, g, &places)?;
            let zero = Arg::Scalar(Scalar::Float(0.0));
            grads[1] = Some(ops::where_(&view::reshape(&winners, &shape)?, Arg::Tensor(&taken), zero)?);
        }
        Ok(grads)
    }
    fn release(&mut self) {
        self.places.positions.release();
    }
}

/// `value` in x's dtype, broadcast to the places' shape; as in PyTorch its leading axes of size 1 do not count.
fn spread(op: &'static str, x: &Tensor, places: &Places, value: &Tensor) -> Result<Tensor> {
    let value = ops::cast(value, x.dtype())?;
    let shape = places.shape(x.shape());
    let extra = value.ndim().saturating_sub(shape.len());
    if extra > 0 && value.shape()[..extra].iter().all(|&s| s == 1) {
        let axes: SmallVec<[i64; 4]> = (0..extra as i64).collect();
        return view::broadcast_to(op, &view::squeeze(&value, Some(&axes))?, &shape);
    }
    view::broadcast_to(op, &value, &shape)
}

/// The memory to write from: a single element, or contiguous elements apart from `target`'s memory.
fn source(op: &'static str, value: &Tensor, target: &Array) -> Result<Array> {
    let array = value.array();
    if array.numel() > 0 && array.layout().strides().iter().zip(array.shape()).all(|(&s, &n)| s == 0 || n == 1) {
        return array.view(crate::layout::Layout::contiguous(&[]).with_offset(array.layout().offset())).copy(op);
    }
    if array.buffer().may_overlap(target.buffer()) { array.copy(op) } else { array.contiguous(op) }
}

/// A copy of `x` with `x[places] = value`, where the value broadcasts; of repeated places the last wins.
pub fn put(op: &'static str, x: &Tensor, places: &Places, value: &Tensor) -> Result<Tensor> {
    let value = spread(op, x, places, value)?;
    let out = x.array().copy(op)?;
    index::put(&out, places, &source(op, &value, &out)?);
    let edges = smallvec![x.edge(), value.edge()];
    Ok(Tensor::record(out, edges, |_| Put { places: SavedPlaces::new(places) }))
}

/// `x[places] = value` in x's own memory and history.
pub fn put_in_place(op: &'static str, x: &Tensor, places: &Places, value: &Tensor) -> Result<()> {
    x.check_writable(op)?;
    let value = spread(op, x, places, value)?;
    let mut places = places.clone();
    if places.positions.buffer().may_overlap(x.array().buffer()) {
        places.positions = places.positions.copy(op)?;
    }
    let (old, new) = (x.edge(), value.edge());
    index::put(x.array(), &places, &source(op, &value, x.array())?);
    x.array().buffer().bump_version();
    let is_recorded = old.is_some() || new.is_some();
    let rule = Put { places: SavedPlaces::new(&places) };
    x.rebased(is_recorded.then(|| Node::record(rule, smallvec![old, new], x.array())));
    Ok(())
}

/// Row-major numbers of the true elements of a mask.
pub fn true_positions(op: &'static str, mask: &Tensor) -> Result<Array> {
    index::true_positions(op, &mask.array().cast(op, DType::Bool)?.contiguous(op)?)
}
