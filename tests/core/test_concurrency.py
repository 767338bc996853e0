"""Threads, forks and instruction sets: no crash, exact totals, and the same bits everywhere."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import diffkit as dk


def numbers(*shape, seed=0, dtype=np.float32):
    return dk.tensor(np.random.default_rng(seed).standard_normal(shape).astype(dtype))


def in_threads(work, count=4, seconds=1.5):
    """Calls `work(i)` over and over in each of `count` threads; returns how often in total."""
    end, calls, errors = time.monotonic() + seconds, [0] * count, []

    def loop(i):
        try:
            while time.monotonic() < end:
                work(i)
                calls[i] += 1
        except BaseException as error:
            errors.append(error)

    runners = [threading.Thread(target=loop, args=(i,)) for i in range(count)]
    for runner in runners:
        runner.start()
    for runner in runners:
        runner.join(60)
    assert not any(runner.is_alive() for runner in runners)
    assert errors == []
    return sum(calls)


def test_backward_on_shared_leaves_adds_up_exactly():
    leaves = [dk.ones(1000, dtype=dk.float64).requires_grad_() for _ in range(3)]

    def work(i):
        (leaves[0] * 2 + leaves[1] * leaves[2]).sum().backward()

    calls = in_threads(work)
    assert calls > 4
    assert leaves[0].grad.tolist() == [2.0 * calls] * 1000
    for other in leaves[1:]:
        assert other.grad.tolist() == [float(calls)] * 1000


def test_backward_through_one_graph():
    x = dk.ones(100, dtype=dk.float64).requires_grad_()
    shared = x.exp()

    def work(i):
        shared.sum().backward(retain_graph=True)

    calls = in_threads(work, seconds=0.7)
    np.testing.assert_allclose(x.grad.numpy(), calls * np.e, rtol=1e-10)


def test_a_graph_that_several_threads_free():
    leaf = dk.ones(50, dtype=dk.float64).requires_grad_()
    graphs = [(leaf.exp() * leaf).sin().sum() for _ in range(300)]
    passed = []

    def work(i):
        graph = graphs[len(passed) % len(graphs)]
        try:
            graph.backward()
        except dk.errors.AutogradError as error:
            assert "freed" in str(error)
        passed.append(i)

    in_threads(work, seconds=0.5)
    assert len(passed) > 10
    assert np.isfinite(leaf.grad.numpy()).all()


def test_objects_that_threads_make_and_drop():
    def work(number):
        tensors = [dk.full((2,), number) for _ in range(50)]
        assert all(tensor.tolist() == [number, number] for tensor in tensors)

    in_threads(work)


def test_writes_to_a_shared_buffer():
    shared, own = dk.zeros(4, 5000, dtype=dk.int64), [0] * 4

    def work(i):
        shared[i] += 1
        own[i] += 1
        shared.sum()

    in_threads(work)
    for i in range(4):
        assert shared[i].tolist() == [own[i]] * 5000


def test_racing_writes_do_not_crash():
    shared = dk.zeros(300_000)
    expected = {0.0, 1.0, 2.0, 3.0}

    def work(i):
        shared.fill_(float(i))
        shared.view(3, -1)[1].copy_(dk.full((100_000,), float(i)))
        assert set(np.unique(shared.clone().numpy())) <= expected

    in_threads(work, seconds=0.8)


def test_recording_is_switched_off_in_one_thread_only():
    x = dk.ones(2, requires_grad=True)

    def work(i):
        if i % 2:
            with dk.no_grad():
                assert not (x * 2).requires_grad
        else:
            assert (x * 2).requires_grad

    in_threads(work, seconds=0.3)


def perceptron_gradients():
    x, target = numbers(700, 64), dk.tensor(np.random.default_rng(9).integers(0, 10, 700))
    weights = [numbers(64, 128, seed=1), numbers(128, seed=2), numbers(128, 10, seed=3), numbers(10, seed=4)]
    w1, b1, w2, b2 = [w.requires_grad_() for w in weights]
    loss = dk.nn.functional.cross_entropy(dk.relu(x @ w1 + b1) @ w2 + b2, target)
    return [loss.detach(), *dk.autograd.grad(loss, [w1, b1, w2, b2])]


WORK = {
    "sum": lambda: [numbers(1_000_003).sum(), numbers(1000, 1001).sum(dim=0), numbers(1000, 1001).sum(dim=1)],
    "variance": lambda: [numbers(1_000_003).var(), numbers(999, 1001).std(dim=0)],
    "logsumexp": lambda: [dk.logsumexp(numbers(800, 999), 0), dk.logsumexp(numbers(999, 800), 1)],
    "matmul": lambda: [
        numbers(301, 257) @ numbers(257, 203, seed=1),
        numbers(1001, 700) @ numbers(700, 1003, seed=1),
        numbers(2, 77, 79) @ numbers(2, 79, 83, seed=1),
    ],
    "matrix by vector": lambda: [numbers(513, 511) @ numbers(511, seed=1)],
    "softmax": lambda: [dk.softmax(numbers(500, 999), 1), dk.softmax(numbers(500, 999), 0)],
    "elementwise": lambda: [numbers(400_001).exp().tanh() * numbers(400_001, seed=1)],
    "cumsum": lambda: [dk.cumsum(numbers(300_001), 0)],
    "gather": lambda: [dk.gather(numbers(700, 301), dim, numbers(600, 301).argsort(dim)) for dim in (0, 1)],
    "elimination": lambda: [dk.linalg.inv(numbers(300, 300)), *dk.linalg.lu(numbers(200, 333))],
    "eigenvectors": lambda: [*dk.linalg.eigh(numbers(300, 300))],
    "backward": perceptron_gradients,
}  # fmt: skip


@pytest.mark.parametrize("name", WORK)
def test_the_same_bits_on_any_number_of_threads(name, threads, same_bits):
    threads(1)
    alone = WORK[name]()
    for count in (2, 8):
        threads(count)
        assert dk.get_num_threads() == count
        for one, other in zip(alone, WORK[name](), strict=True):
            same_bits(one, other)


POOL_PLACES = """
import os
from pathlib import Path
import diffkit as dk

x = dk.rand(1_000_000)
for _ in range(50):
    x.exp().sum().item()
own = os.sched_getaffinity(0)
tasks = [task for task in Path("/proc/self/task").iterdir() if "diffkit" in (task / "comm").read_text()]
for task in tasks:
    print(len(own - os.sched_getaffinity(int(task.name))), len(os.sched_getaffinity(int(task.name)) - own))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system places threads")
def test_the_pool_keeps_off_the_processor_of_its_caller():
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("there is one processor only")
    ran = subprocess.run(
        [sys.executable, "-c", POOL_PLACES],
        env=os.environ | {"DIFFKIT_NUM_THREADS": "3"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split("\n")[:-1] == ["1 0", "1 0"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_fork_after_use(threads):
    threads(2)
    x = dk.ones(3_000_000)
    want = (x.exp().sum() + (numbers(300, 300) @ numbers(300, 300)).sum()).item()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            found = (x.exp().sum() + (numbers(300, 300) @ numbers(300, 300)).sum()).item()
            y = dk.ones(500_000, requires_grad=True)
            (y * y).sum().backward()
            code = 0 if found == want and y.grad[7].item() == 2 else 2
        finally:
            os._exit(code)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0
            break
        time.sleep(0.02)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        pytest.fail("the child hangs")
    assert x.sum().item() == 3_000_000


BITS = """
import hashlib
import numpy as np
import diffkit as dk
draw = np.random.default_rng(0)
for row in dk._core.element_op_table():
    for dtype in (np.float32, np.float64) if row["class"] != "bits" else (np.int64,):
        inputs = [dk.tensor(draw.uniform(*domain, 1003).astype(dtype)) for domain in row["domain"]]
        if row["class"] == "bits":
            inputs = [dk.abs(x) for x in inputs]
        made = [getattr(dk, row["name"])(*inputs)]
        if row["differentiable"]:
            leaves = [x.requires_grad_() for x in inputs]
            made += dk.autograd.grad(getattr(dk, row["name"])(*leaves).sum(), leaves)
        digest = hashlib.sha256(b"".join(np.ascontiguousarray(t.detach().numpy()).tobytes() for t in made))
        print(row["name"], np.dtype(dtype).name, digest.hexdigest()[:16])
for dtype in (np.float32, np.float64):
    x = dk.tensor(draw.standard_normal((301, 1003)).astype(dtype))
    for name in ("sum", "mean", "var", "prod", "amax", "logsumexp"):
        made = [getattr(dk, name)(x, dim=0), getattr(dk, name)(x, dim=1)]
        digest = hashlib.sha256(b"".join(t.numpy().tobytes() for t in made))
        print(name, np.dtype(dtype).name, digest.hexdigest()[:16])
print("isa", dk.isa())
"""


def bits(isa):
    environment = {key: value for key, value in os.environ.items() if key != "DIFFKIT_ISA"}
    if isa:
        environment["DIFFKIT_ISA"] = isa
    ran = subprocess.run(
        [sys.executable, "-c", BITS], env=environment, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.parametrize("isa", ["baseline", "avx2"])
def test_the_same_bits_on_every_instruction_set(isa):
    default, lower = bits(None), bits(isa)
    if isa == "baseline" or default[-1] == "isa avx512":
        assert lower[-1] == f"isa {isa}"
    assert len(default) > 150
    assert [line for line in lower[:-1] if line not in default] == []
