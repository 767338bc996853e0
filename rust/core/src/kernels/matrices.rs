//! Functions of whole matrices, called for each element of a batch.

use crate::array::Array;
use crate::buffer::Locks;
use crate::dtype::Element;
use crate::parallel;
use std::sync::Mutex;

/// A batch of equal parts of contiguous memory.
struct Parts<T> {
    data: *mut T,
    size: usize,
}
// SAFETY: input parts are only read under locks, output parts belong to one batch element each.
unsafe impl<T> Sync for Parts<T> {}

impl<T> Parts<T> {
    fn new(array: &Array, batch: usize) -> Parts<T> {
        Parts { data: array.data().cast(), size: array.numel() / batch }
    }
}

/// Calls `work(inputs, outputs)` for each of `batch` elements with the slices that belong to it. All arrays are
/// contiguous, of `T`, with the batch first; outputs are fresh, so that nobody else sees them. Returns the first
/// batch element that failed, with its error.
pub fn each<T: Element, E: Send>(
    batch: usize,
    grain: usize,
    inputs: &[&Array],
    outputs: &[&Array],
    work: impl Fn(&[&[T]], &mut [&mut [T]]) -> Result<(), E> + Sync,
) -> Result<(), (usize, E)> {
    if batch == 0 {
        return Ok(());
    }
    let _locks = Locks::acquire(inputs.iter().map(|array| array.buffer()), None);
    let sources: Vec<Parts<T>> = inputs.iter().map(|array| Parts::new(array, batch)).collect();
    let targets: Vec<Parts<T>> = outputs.iter().map(|array| Parts::new(array, batch)).collect();
    let failed: Mutex<Option<(usize, E)>> = Mutex::new(None);
    parallel::ranges(batch, grain, |range| {
        for i in range {
            // SAFETY: part i lies inside the locked input; outputs are fresh and part i is touched only here.
            let from: Vec<&[T]> =
                sources.iter().map(|p| unsafe { std::slice::from_raw_parts(p.data.add(i * p.size), p.size) }).collect();
            let mut to: Vec<&mut [T]> = targets
                .iter()
                // SAFETY: as above.
                .map(|p| unsafe { std::slice::from_raw_parts_mut(p.data.add(i * p.size), p.size) })
                .collect();
            if let Err(error) = work(&from, &mut to) {
                let mut first = failed.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                if first.as_ref().is_none_or(|(earlier, _)| i < *earlier) {
                    *first = Some((i, error));
                }
                return;
            }
        }
    });
    match failed.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
