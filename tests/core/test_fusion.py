"""Large elementwise results wait until they are needed: nothing of it may show, whatever happens."""

import gc
import resource
import sys
import threading

import numpy as np
import pytest

import diffkit as dk

#: Above the size from which results wait, and no whole number of tiles.
N = 20_011


@pytest.fixture(autouse=True)
def fusion():
    """Every test starts with fusion on, and puts it back."""
    before = dk.get_fusion()
    dk.set_fusion(True)
    yield
    dk.set_fusion(before)


def numbers(*shape, seed=0, dtype=np.float32):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def at_once(compute):
    """What `compute` gives when each operation is computed when it is called."""
    dk.set_fusion(False)
    try:
        return compute()
    finally:
        dk.set_fusion(True)


def bits(*tensors):
    return [np.ascontiguousarray(tensor.detach().numpy()).tobytes() for tensor in tensors]


A, B = numbers(201, 101), numbers(201, 101, seed=1)
ROW, COLUMN = numbers(101, seed=2), numbers(201, 1, seed=3)
CHAINS = {
    "one operation": lambda x, y, row, column: x + y,
    "a chain": lambda x, y, row, column: (x * 2 + 1).exp().log1p() - y / 3,
    "shared steps": lambda x, y, row, column: (s := x.tanh() * y) * s + s,
    "rows and columns": lambda x, y, row, column: (x + row) * (y - column) + row * column,
    "strided": lambda x, y, row, column: (x.T + y.T * 2).T * x.flip(0) + x[:, :1] * y[:1],
    "numbers as tensors": lambda x, y, row, column: x * dk.tensor(2.0) + y[0, 0] - row[3:4],
    "masks": lambda x, y, row, column: dk.where((x > 0) & (y * 2 < 1), x.sqrt(), -y),
    "dtypes": lambda x, y, row, column: (x.double() * y).float() + (x > y) * 3 + x.to(dk.int32),
    "complex": lambda x, y, row, column: (dk.complex(x, y) * 2).exp().abs() + x,
    "maxima": lambda x, y, row, column: dk.maximum(x, y) - dk.minimum(x * 2, row) + x.clamp(-1, 1),
    "reshaped": lambda x, y, row, column: (x * 2).reshape(-1) + (y * 3).reshape(-1)[:],
    "part of a waiting result": lambda x, y, row, column: (x * 2)[:100] + (y + 1)[101:],
    "more steps than one pass takes": lambda x, y, row, column: sum((x * i + y for i in range(90)), row),
}


@pytest.mark.parametrize("name", CHAINS)
def test_the_bits_are_those_of_single_operations(name):
    def compute():
        return CHAINS[name](*map(dk.tensor, (A, B, ROW, COLUMN)))

    assert bits(compute()) == bits(at_once(compute))


@pytest.mark.parametrize("name", [name for name in CHAINS if name not in ("one operation",)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_have_the_bits_of_single_operations(name, dtype):
    def compute():
        leaves = [dk.tensor(value.astype(dtype)).requires_grad_() for value in (A, B, ROW, COLUMN)]
        result = CHAINS[name](*leaves).sum()
        result.backward()
        return [result, *(dk.zeros(1) if leaf.grad is None else leaf.grad for leaf in leaves)]

    assert bits(*compute()) == bits(*at_once(compute))


def test_second_derivatives_have_the_bits_of_single_operations():
    def compute():
        x = dk.tensor(numbers(N)).requires_grad_()
        (slope,) = dk.autograd.grad((x.sin() * (x / 2).exp()).sum(), [x], create_graph=True)
        (curvature,) = dk.autograd.grad((slope * slope).sum(), [x])
        return slope, curvature

    assert bits(*compute()) == bits(*at_once(compute))


WRITES = {
    "an element": lambda x: x.__setitem__(0, 100.0),
    "a slice": lambda x: x[10:20].zero_(),
    "all of it": lambda x: x.mul_(3),
    "fill": lambda x: x.fill_(7),
    "copy": lambda x: x.copy_(dk.ones(N)),
    "through a view": lambda x: x.reshape(-1)[5:].add_(1),
    "through a mask": lambda x: x.masked_fill_(x > 0, 9.0),
    "through places": lambda x: x.index_add_(0, dk.tensor([0, 1]), dk.ones(2)),
    "at random": lambda x: x.normal_(),
    "through NumPy": lambda x: x.numpy().__setitem__(slice(0, 5), 50.0),
    "through DLPack": lambda x: np.from_dlpack(x).__setitem__(slice(0, 5), 50.0),
    "through an exported address": lambda x: (x.data_ptr(), x.neg_()),
}


@pytest.mark.parametrize("write", WRITES)
def test_a_write_does_not_reach_results_that_came_before(write):
    values = numbers(N)
    x = dk.tensor(values)
    before = x * 2 + 1
    later = before + x
    WRITES[write](x)
    np.testing.assert_array_equal(before.numpy(), values * 2 + 1)
    np.testing.assert_array_equal(later.numpy(), (values * 2 + 1) + values)
    after = x * 2
    np.testing.assert_array_equal(after.numpy(), x.numpy() * 2)


def test_results_of_shared_memory_do_not_wait():
    array = numbers(N)
    values = array.copy()
    for x in (dk.from_numpy(array), dk.from_dlpack(array)):
        result = x * 2
        array[:] = 0
        np.testing.assert_array_equal(result.numpy(), values * 2)
        array[:] = values
    x = dk.tensor(values)
    shared = x.numpy()
    result = x + 1
    shared[:] = 0
    np.testing.assert_array_equal(result.numpy(), values + 1)


@pytest.mark.parametrize(
    "part", [slice(None, 10_000), slice(None, N - 1), slice(1, None), slice(None, None, 2)]
)
@pytest.mark.parametrize(
    "use", [lambda v: v + 1, lambda v: v.sum(), lambda v: v.exp().sum(), lambda v: v.mul_(2)]
)
def test_what_reads_a_part_leaves_the_whole_as_it_is(part, use):
    """A part that is computed must not pass for the whole, also where both begin at the same address."""
    x = numbers(N, dtype=np.float64)

    def compute():
        y = dk.tensor(x).exp()  # dear, and held: whoever computes it on the way writes it, too
        return [use(y[part]), y]

    assert bits(*compute()) == bits(*at_once(compute))


def test_a_waiting_result_of_other_elements_is_computed_first():
    x = numbers(N)

    def compute():
        pairs = dk.complex(dk.tensor(x), dk.tensor(x)).exp()
        return [dk.view_as_real(pairs) + 1, pairs]

    assert bits(*compute()) == bits(*at_once(compute))


IN_PLACE = {
    "a number": lambda y, x: y.add_(1),
    "itself": lambda y, x: y.mul_(y),
    "another result that waits": lambda y, x: y.add_(x * 3),
    "a result that reads it": lambda y, x: y.sub_(0.1 * y),
    "its transpose": lambda y, x: y.add_(y.T.reshape(y.shape)),
    "a row of it": lambda y, x: y.mul_(y[:1]),
    "another dtype": lambda y, x: y.add_((x > 0).to(dk.int8)),
    "new elements": lambda y, x: y.copy_(x),
    "a part": lambda y, x: y[5:].add_(1),
    "a part from the beginning": lambda y, x: y[:150].add_(1),
    "another shape": lambda y, x: y.reshape(-1).add_(x.reshape(-1)),
    "twice": lambda y, x: y.add_(1).mul_(x),
    "a fill, then more": lambda y, x: y.fill_(3).add_(x).zero_().sub_(x * 2),
    "two fills": lambda y, x: y.fill_(3).fill_(4),
    "a fill through a view": lambda y, x: y.reshape(-1).fill_(2).add_(x.reshape(-1)),
    "a fill that is summed": lambda y, x: x.add_(y.fill_(2).sum() + y.sum(1, keepdim=True) + y.max()),
    "a fill that is used often": lambda y, x: x.copy_(y.fill_(2) + 1).add_(y * y).add_(y.exp()),
    "a fill of a part": lambda y, x: y[:150].fill_(2),
    "a fill that is read": lambda y, x: x.copy_(y.fill_(2) + y * x),
    "a fill that is read in part": lambda y, x: x[:100].copy_(y.fill_(2)[:100] + 1),
}


@pytest.mark.parametrize("begin", [lambda x: x.exp(), lambda x: x * 2, lambda x: dk.zeros_like(x)])
@pytest.mark.parametrize("change", IN_PLACE)
def test_what_waits_can_be_changed_in_place(change, begin):
    def compute():
        x = dk.tensor(A)
        y = begin(x)
        held, part = y.reshape(-1), y[:100]
        seen = y + 1
        IN_PLACE[change](y, x)
        return [seen, held, y, part, x]

    assert bits(*compute()) == bits(*at_once(compute))
    assert bits(*compute()[::-1]) == bits(*at_once(compute)[::-1])


def test_a_fill_is_seen_by_all_who_know_the_memory():
    x = dk.tensor(A)
    view, shared = x[3:], x.numpy()
    x.zero_()
    assert not shared.any()  # NumPy had the address before
    x = dk.tensor(A)
    view = x[3:]
    x.fill_(5)
    assert view.min().item() == view.max().item() == 5
    x.fill_(6)
    shared = x.numpy()
    assert shared.min() == shared.max() == 6
    x.fill_(7)
    address = np.from_dlpack(x)
    assert address.min() == address.max() == 7


@pytest.mark.parametrize(
    "zero", [lambda grad: grad.zero_(), lambda grad: grad.mul_(0), lambda grad: grad.fill_(-0.0)]
)
def test_gradients_are_added_to_a_gradient_that_was_filled(zero):
    def compute():
        x = dk.tensor(A).requires_grad_()
        (x * -0.0).sum().backward()
        zero(x.grad)
        alias = x.grad
        (x * -0.0).sum().backward()
        (x.exp() * x).sum().backward()
        zero(x.grad)
        return [x.grad, alias]

    assert bits(*compute()) == bits(*at_once(compute))


def test_a_fill_counts_as_a_change():
    x = dk.tensor(A).requires_grad_()
    y = x.exp()
    z = y * y
    y.detach().zero_()
    with pytest.raises(RuntimeError, match="changed in place"):
        z.sum().backward()


STEPS = (
    lambda x, y, r: x + y,
    lambda x, y, r: (x * 0.5).sin(),
    lambda x, y, r: (x * 0.1).exp(),
    lambda x, y, r: x.fill_(r),
    lambda x, y, r: x.zero_(),
    lambda x, y, r: x.add_(y).mul_(0.5),
    lambda x, y, r: x.mul_(y.tanh()),
    lambda x, y, r: x.copy_(y),
    lambda x, y, r: x.sub_(0.1 * x),
    lambda x, y, r: x[:],
    lambda x, y, r: x.reshape(-1).reshape(90, 100),
    lambda x, y, r: x.T.reshape(90, 100),
    lambda x, y, r: x - y[:1],
    lambda x, y, r: dk.where(x > y, x, y * 0.5),
    lambda x, y, r: x[:50].add_(1),
    lambda x, y, r: x[:50].fill_(r),
    lambda x, y, r: x[:85] + 1,
    lambda x, y, r: x.reshape(-1)[3:].mean(),
    lambda x, y, r: x.sum(1),
    lambda x, y, r: x.sum(),
    lambda x, y, r: x.clone(),
    lambda x, y, r: dk.tensor(x.numpy()),
)


@pytest.mark.parametrize("seed", range(30))
def test_programs_at_random_have_the_bits_of_single_operations(seed):
    def compute():
        rng = np.random.default_rng(seed)
        given = [dk.tensor(numbers(90, 100, seed=i)) for i in range(3)]
        results = []
        for step in rng.integers(len(STEPS), size=1000):
            first, second, place = rng.integers(3, size=3)
            result = STEPS[step](given[first], given[second], float(rng.random()))
            if result.shape == given[0].shape and rng.random() < 0.7:
                given[place] = result
            elif len(results) < 100 or rng.random() < 0.1:
                results = [*results[-99:], result]
        return [*results, *given]

    assert bits(*compute()) == bits(*at_once(compute))


def test_many_fills_wait_and_end():
    tensors = [dk.ones(10_000) for _ in range(200)]
    for i, tensor in enumerate(tensors):
        tensor.fill_(i)
    del tensors[::3]
    gc.collect()
    assert [t[-1].item() for t in tensors] == [i for i in range(200) if i % 3]


def test_a_result_written_in_place_is_computed_first():
    values = numbers(N)
    x = dk.tensor(values)
    y = x * 2
    y += 1
    y[3:] *= y[3:]
    want = values * 2 + 1
    want[3:] *= want[3:]
    np.testing.assert_array_equal(y.numpy(), want)


def test_in_place_with_a_result_that_reads_the_same_memory():
    values = numbers(200, 200)
    x = dk.tensor(values)
    x -= 0.1 * x
    x += x.T * 2
    want = values - np.float32(0.1) * values
    want = want + want.T * 2
    np.testing.assert_array_equal(x.numpy(), want)


def test_saved_values_that_changed_are_still_noticed():
    x = dk.tensor(numbers(N)).requires_grad_()
    y = (x * 2).exp()
    y.detach().mul_(2)
    with pytest.raises(RuntimeError, match="changed in place"):
        y.sum().backward()


def test_a_graph_can_be_gone_through_again():
    x = dk.tensor(numbers(N)).requires_grad_()
    y = (x.tanh() * x.exp()).sum()
    y.backward(retain_graph=True)
    first = x.grad.clone()
    y.backward()
    np.testing.assert_array_equal(x.grad.numpy(), first.numpy() * 2)


def test_long_chains_end_and_are_dropped():
    x = dk.zeros(N)
    for _ in range(5_000):
        x = x + 1
    assert x[0].item() == x[-1].item() == 5_000
    for _ in range(5_000):
        x = x + 1
    del x
    gc.collect()


def test_inputs_may_go_before_the_result_is_computed():
    values = numbers(N)
    x = dk.tensor(values)
    y = x * 2
    z = y + 1
    del x, y
    gc.collect()
    np.testing.assert_array_equal(z.numpy(), values * 2 + 1)


def test_threads_share_waiting_results():
    values = numbers(300_007)
    for _ in range(20):
        x = dk.tensor(values)
        y = (x * 2).sin()
        z = y + x
        found = []
        start = threading.Barrier(4)

        def look(tensor, found=found, start=start):
            start.wait()
            found.append(tensor.sum().item())

        lookers = [threading.Thread(target=look, args=(tensor,)) for tensor in (y, z, y, z)]
        for looker in lookers:
            looker.start()
        for looker in lookers:
            looker.join()
        assert set(found) == {y.sum().item(), z.sum().item()}
        np.testing.assert_array_equal(z.numpy(), y.numpy() + values)


def test_threads_that_write_and_read_do_not_deadlock():
    x = dk.zeros(100_000)

    def work():
        for _ in range(200):
            y = x * 2
            x.add_(1)
            assert 0 <= y[0].item() <= 2 * 800

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert not any(worker.is_alive() for worker in workers)
    assert x.min().item() == x.max().item() == 800


def test_threads_that_fill_read_and_write_see_whole_steps():
    """Each step is one of a few numbers in all elements; whoever looks finds one of them, not a mixture."""
    x, y = dk.zeros(100_000), dk.zeros(100_000)
    mixtures, steps = (
        [],
        (lambda t: t.fill_(1), lambda t: t.zero_(), lambda t: t.add_(1), lambda t: t.copy_(y)),
    )

    def work(seed):
        rng = np.random.default_rng(seed)
        for _ in range(300):
            steps[rng.integers(len(steps))](x)
            copy = (x * 2).clone() if rng.integers(2) else x.clone()
            if copy.min().item() != copy.max().item():
                mixtures.append(copy)

    workers = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert not any(worker.is_alive() for worker in workers)
    assert not mixtures


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in kibibytes on Linux")
def test_intermediate_results_take_no_memory():
    n = 8_000_000
    x = dk.ones(n)
    (x + 1).data_ptr()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    y = x
    for _ in range(20):
        y = y * 1.5 + 0.5
    assert y.sum().item() > n
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < 3 * 4 * n


#: Results of so many float32 are past the caches' size, and no whole number of tiles.
FAR = (16 << 18) + 1001


@pytest.mark.parametrize("count", [1, 2])
def test_results_past_the_caches_are_all_there(count, threads):
    threads(count)
    x, y = numbers(FAR), numbers(FAR, seed=1)
    a, b = dk.tensor(x), dk.tensor(y)
    total = a + b  # held, and a step on the way to the next
    chain = (total * 2 - a) / 2
    np.testing.assert_array_equal(chain.numpy(), ((x + y) * np.float32(2) - x) / np.float32(2))
    np.testing.assert_array_equal(total.numpy(), x + y)
    np.testing.assert_array_equal((a > b).numpy(), x > y)
    np.testing.assert_array_equal((a.double() + b)[::7].numpy(), (x.astype(np.float64) + y)[::7])
    rest = a.clone()
    rest[1:] = b[1:] * 2  # begins at no multiple of a register
    rest += b
    np.testing.assert_array_equal(rest.numpy()[1:], y[1:] * 2 + y[1:])
    assert rest[0].item() == x[0] + y[0]
    table = a[: 3 * (FAR // 3)].reshape(-1, 3)
    assert (table + 1).sum(1).numpy() == pytest.approx((table.numpy() + 1).sum(1), abs=1e-5)
