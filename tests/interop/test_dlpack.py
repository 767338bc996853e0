"""DLPack both ways: with NumPy, and with PyTorch and JAX where they are installed."""

import gc
import weakref

import numpy as np
import pytest

import diffkit

DTYPES = [
    str(dtype).removeprefix("diffkit.")
    for dtype in vars(diffkit._core).values()
    if isinstance(dtype, diffkit.dtype)
]
CPU = (1, 0)


def sample(dtype, shape=(2, 3)):
    return (np.arange(np.prod(shape, dtype=int)) % 5).reshape(shape).astype(dtype)


def capsule_name(capsule):
    return repr(capsule).split('"')[1]


# ---- with NumPy ----


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 1, 3), (0,), (2, 0)])
def test_round_trip(dtype, shape):
    array = sample(dtype, shape)
    tensor = diffkit.from_dlpack(array)
    assert (str(tensor.dtype), tensor.shape) == (f"diffkit.{dtype}", shape)
    assert tensor.tolist() == array.tolist()
    back = np.from_dlpack(tensor)
    assert (back.dtype, back.shape) == (array.dtype, shape)
    assert back.tolist() == array.tolist()
    assert array.size == 0 or back.ctypes.data == tensor.data_ptr() == array.ctypes.data


def test_writes_are_seen_on_both_sides():
    array = np.zeros((2, 3))
    tensor = diffkit.from_dlpack(array)
    array[0, 1] = 5
    tensor[1, 2] = 7
    assert tensor.tolist() == array.tolist() == [[0, 5, 0], [0, 0, 7]]
    ours = diffkit.zeros(3)
    theirs = np.from_dlpack(ours)
    theirs[0] = 1
    ours += 1
    assert theirs.tolist() == ours.tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a.T,
        lambda a: a[::2, 1::2],
        lambda a: a[::-1],
        lambda a: a[::-1, ::-2].T,
        lambda a: a[2],
        lambda a: a[1:, 3:],
        lambda a: a[:, None],
        lambda a: np.broadcast_to(a[0], (3, 6)),
    ],
)
def test_strides(view):
    base = np.arange(24.0).reshape(4, 6)
    array = view(base)
    tensor = diffkit.from_dlpack(array)
    assert tensor.tolist() == array.tolist()
    back = np.from_dlpack(tensor)
    assert back.tolist() == array.tolist()
    base += 100
    assert back.tolist() == tensor.tolist() == array.tolist()


def test_read_only_memory_stays_read_only():
    array = np.arange(3.0)
    array.flags.writeable = False
    tensor = diffkit.from_dlpack(array)
    with pytest.raises(ValueError, match="read-only"):
        tensor += 1
    assert not np.from_dlpack(tensor).flags.writeable
    with pytest.raises(BufferError, match="read-only"):
        tensor.__dlpack__()
    assert capsule_name(tensor.__dlpack__(copy=True)) == "dltensor"
    copy = diffkit.from_dlpack(array, copy=True)
    copy += 1
    assert copy.tolist() == [1, 2, 3]
    assert array.tolist() == [0, 1, 2]


def test_copies():
    array = np.arange(3.0)
    copy = diffkit.from_dlpack(array, copy=True)
    array[0] = 9
    assert copy.tolist() == [0, 1, 2]
    assert diffkit.from_dlpack(array, copy=False).data_ptr() == array.ctypes.data
    tensor = diffkit.arange(6.0).reshape(2, 3).T
    theirs = np.from_dlpack(tensor, copy=True)
    theirs[0, 0] = 9
    assert tensor.tolist() == [[0, 3], [1, 4], [2, 5]]
    assert theirs.tolist() == [[9, 3], [1, 4], [2, 5]]
    assert np.from_dlpack(tensor, copy=False).ctypes.data == tensor.data_ptr()


def test_memory_that_is_not_aligned_is_copied_or_refused():
    memory = bytearray(33)
    array = np.frombuffer(memory, "float64", offset=1).reshape(2, 2).T
    array[:] = [[1, 2], [3, 4]]
    tensor = diffkit.from_dlpack(array)
    assert tensor.data_ptr() % 8 == 0
    tensor += 1
    assert tensor.tolist() == [[2, 3], [4, 5]]
    assert array.tolist() == [[1, 2], [3, 4]]
    with pytest.raises(ValueError, match="aligned"):
        diffkit.from_dlpack(array, copy=False)


# ---- what a tensor offers ----


def test_export_arguments():
    tensor = diffkit.arange(3.0)
    assert tensor.__dlpack_device__() == CPU
    for version, name in {
        None: "dltensor",
        (0, 8): "dltensor",
        (1, 0): "dltensor_versioned",
        (1, 3): "dltensor_versioned",
        (2, 0): "dltensor_versioned",
    }.items():
        assert capsule_name(tensor.__dlpack__(max_version=version)) == name
    assert tensor.__dlpack__(dl_device=CPU, copy=False, stream=None) is not None
    for device in [(2, 0), (1, 1)]:
        with pytest.raises(BufferError, match="CPU"):
            tensor.__dlpack__(dl_device=device)
    with pytest.raises(ValueError, match="stream"):
        tensor.__dlpack__(stream=1)
    with pytest.raises(TypeError):
        tensor.__dlpack__(None)


def test_tensors_that_require_gradients_are_not_shared():
    leaf = diffkit.ones(2, requires_grad=True)
    for tensor in (leaf, leaf * 2):
        for copy in (None, True):
            with pytest.raises(diffkit.errors.AutogradError, match="detach"):
                tensor.__dlpack__(copy=copy)
        with pytest.raises(RuntimeError, match="detach"):
            np.from_dlpack(tensor)
    assert np.from_dlpack(leaf.detach()).tolist() == [1, 1]


def test_a_capsule_is_consumed_once():
    capsule = diffkit.arange(3.0).__dlpack__(max_version=(1, 0))
    tensor = diffkit.from_dlpack(capsule)
    assert capsule_name(capsule) == "used_dltensor_versioned"
    with pytest.raises(ValueError, match="consumed"):
        diffkit.from_dlpack(capsule)
    assert tensor.tolist() == [0, 1, 2]


# ---- lifetimes ----


class Watched(np.ndarray):
    """An array whose end can be watched."""


def watched():
    array = np.arange(4.0).view(Watched)
    return array, weakref.ref(array)


def test_the_producer_lives_as_long_as_a_tensor_over_its_memory():
    array, end = watched()
    tensor = diffkit.from_dlpack(array)
    part = tensor[1:]
    del array, tensor
    gc.collect()
    assert end() is not None
    assert part.tolist() == [1, 2, 3]
    del part
    gc.collect()
    assert end() is None


def test_a_tensor_lives_as_long_as_the_arrays_over_its_memory():
    array, end = watched()
    theirs = np.from_dlpack(diffkit.from_numpy(array))
    del array
    gc.collect()
    assert end() is not None
    assert theirs.tolist() == [0, 1, 2, 3]
    del theirs
    gc.collect()
    assert end() is None


@pytest.mark.parametrize("version", [None, (1, 0)])
def test_a_capsule_that_nobody_consumes_lets_go(version):
    array, end = watched()
    capsule = diffkit.from_numpy(array).__dlpack__(max_version=version)
    del array
    gc.collect()
    assert end() is not None
    assert "dltensor" in capsule_name(capsule)
    del capsule
    gc.collect()
    assert end() is None


@pytest.mark.parametrize("dtype", ["float16"])
def test_numpy_dtypes_without_a_tensor_dtype(dtype):
    with pytest.raises(diffkit.errors.DTypeError, match=dtype):
        diffkit.from_dlpack(np.zeros(2, dtype))


# ---- with PyTorch and JAX ----


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 0), (0,)])
def test_pytorch_both_ways(torch, dtype, shape):
    theirs = torch.from_numpy(sample(dtype, shape))
    ours = diffkit.from_dlpack(theirs)
    assert (str(ours.dtype), ours.shape) == (f"diffkit.{dtype}", shape)
    assert ours.tolist() == theirs.tolist()
    back = torch.from_dlpack(ours)
    assert (back.dtype, tuple(back.shape)) == (theirs.dtype, shape)
    assert back.tolist() == theirs.tolist()
    if 0 not in shape:
        assert back.data_ptr() == ours.data_ptr() == theirs.data_ptr()
        ours.fill_(1)
        assert theirs.tolist() == back.tolist() == ours.tolist()
    assert diffkit.tensor(theirs).tolist() == theirs.tolist()


def test_pytorch_views_and_lifetimes(torch):
    ours = diffkit.arange(12.0).reshape(3, 4)
    theirs = torch.from_dlpack(ours.T[1:, ::2])
    ours[0, 1] = 50
    assert theirs.tolist() == ours.T[1:, ::2].tolist()
    del ours
    gc.collect()
    assert theirs[0].tolist() == [50, 9]
    back = diffkit.from_dlpack(torch.arange(12.0).reshape(3, 4).t()[1:])
    gc.collect()
    assert back.tolist() == np.arange(12.0).reshape(3, 4).T[1:].tolist()


def test_pytorch_gradients_do_not_cross(torch):
    for share in (diffkit.from_dlpack, diffkit.tensor):
        with pytest.raises((BufferError, RuntimeError), match="grad"):
            share(torch.ones(2, requires_grad=True))
    with pytest.raises(RuntimeError, match="detach"):
        torch.from_dlpack(diffkit.ones(2, requires_grad=True))
    for dtype in (torch.float16, torch.bfloat16):
        for share in (diffkit.from_dlpack, diffkit.tensor):
            with pytest.raises(diffkit.errors.DTypeError, match="from_dlpack: elements of type"):
                share(torch.zeros(2, dtype=dtype))


@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 0)])
def test_jax_both_ways(shape):
    jax = pytest.importorskip("jax")
    theirs = jax.numpy.asarray(sample("float32", shape))
    ours = diffkit.from_dlpack(theirs)
    assert ours.tolist() == theirs.tolist()
    if 0 not in shape:
        with pytest.raises(ValueError, match="read-only"):
            ours.fill_(1)
    assert jax.dlpack.from_dlpack(ours.clone()).tolist() == theirs.tolist()
    assert diffkit.tensor(theirs).tolist() == theirs.tolist()
