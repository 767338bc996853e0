"""Tensor objects: their memory is used again, and what ends with one may ask for it once more."""

import gc
import sys
import weakref

import numpy as np
import pytest

import diffkit as dk

#: More objects than are kept for reuse.
MANY = 500


def test_a_weak_reference_ends_with_its_tensor():
    ended = []
    x = dk.ones(3)
    watched = weakref.ref(x, lambda _: ended.append("x"))
    del x
    y = dk.ones(3)  # the same memory, most likely
    assert watched() is None
    assert ended == ["x"]
    again = weakref.ref(y)
    assert again() is y
    assert weakref.getweakrefcount(y) == 1


def test_the_class_is_held_once_by_each_object():
    def references():
        return sys.getrefcount(dk.Tensor)

    before = references()
    for _ in range(3):
        held = [dk.ones(2) for _ in range(MANY)]
        assert references() == before + MANY
        del held
        assert references() == before


def test_values_of_objects_made_and_dropped_in_any_order():
    draw = np.random.default_rng(3)
    held = {}
    for i in range(20 * MANY):
        key = int(draw.integers(MANY))
        held.pop(key, None)
        if draw.random() < 0.7:
            held[key] = (i, dk.tensor([i, -i]))
    for i, tensor in held.values():
        assert tensor.tolist() == [i, -i]


def test_the_collector_frees_a_cycle_that_holds_tensors():
    class Holder:
        pass

    dk.ones(2)  # freed, and used again for the next
    holder = Holder()
    holder.self, holder.tensor = holder, dk.ones(2) + 1
    watched = weakref.ref(holder.tensor)
    del holder
    gc.collect()
    assert watched() is None


@pytest.mark.parametrize("is_view", [False, True], ids=["itself", "view"])
def test_code_that_runs_when_a_history_ends_may_ask_for_the_tensor(is_view):
    """A history that gives way to another can hold an array's last reference, whose end runs any code."""

    class Watched(np.ndarray):
        pass

    seen = []
    array = np.full(3, 2.0, dtype=np.float32).view(Watched)
    result = dk.ones(3, requires_grad=True) * dk.from_numpy(array)
    asked = result[:] if is_view else result
    weakref.finalize(array, lambda: seen.append(asked.is_leaf))
    del array
    result.copy_(dk.zeros(3, requires_grad=True))
    assert not asked.is_leaf  # a view's history follows its base's only now
    assert seen == [False]
