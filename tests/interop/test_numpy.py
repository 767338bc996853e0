"""NumPy and tensors over one memory: `from_numpy`, `numpy()`, `__array__` and the buffer protocol."""

import array
import gc
import io
import weakref

import numpy as np
import pytest

import diffkit

DTYPES = {
    "bool": diffkit.bool,
    "uint8": diffkit.uint8,
    "int32": diffkit.int32,
    "int64": diffkit.int64,
    "float32": diffkit.float32,
    "float64": diffkit.float64,
}
FORMATS = {"bool": "?", "uint8": "B", "int32": "i", "int64": "l", "float32": "f", "float64": "d"}


def sample(dtype, shape=(2, 3)):
    return (np.arange(np.prod(shape, dtype=int)) % 5).reshape(shape).astype(dtype)


# ---- from NumPy ----


@pytest.mark.parametrize("dtype", DTYPES)
def test_from_numpy_shares_memory_both_ways(dtype):
    array = sample(dtype)
    tensor = diffkit.from_numpy(array)
    assert tensor.dtype == DTYPES[dtype]
    assert tensor.shape == (2, 3)
    assert tensor.data_ptr() == array.ctypes.data
    assert tensor.tolist() == array.tolist()
    array[0, 1] = 0
    assert tensor[0, 1].item() == 0
    tensor[1, 2] = 1
    assert array[1, 2] == 1


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a.T,
        lambda a: a[::2, 1::2],
        lambda a: a[::-1],
        lambda a: a[:, ::-1],
        lambda a: a[::-1, ::-2].T,
        lambda a: a[2],
        lambda a: a[1, 3],
        lambda a: a[:, None, :],
        lambda a: a[4:],
        lambda a: a[:, :0],
        lambda a: np.broadcast_to(a[0], (3, 6)),
    ],
)
def test_views_share_memory(view):
    base = np.arange(24.0).reshape(4, 6)
    array = np.asarray(view(base))
    tensor = diffkit.from_numpy(array)
    assert tensor.shape == array.shape
    assert tensor.tolist() == array.tolist()
    base += 100
    assert tensor.tolist() == array.tolist()
    assert np.array_equal(tensor.numpy(), array)


def test_a_write_through_negative_strides_lands_where_numpy_puts_it():
    array, expected = np.arange(12), np.arange(12)
    diffkit.from_numpy(array[::-3])[1:3] = 50
    expected[::-3][1:3] = 50
    assert array.tolist() == expected.tolist()


def test_zero_axes_and_no_elements():
    number = np.array(2.5)
    tensor = diffkit.from_numpy(number)
    tensor.fill_(7)
    assert tensor.shape == ()
    assert number == 7
    assert diffkit.from_numpy(np.zeros((0, 3), "int32")).shape == (0, 3)
    assert diffkit.from_numpy(np.zeros((2, 0), "int32")).numpy().shape == (2, 0)


def test_read_only_arrays_stay_read_only():
    array = np.arange(3.0)
    array.flags.writeable = False
    tensor = diffkit.from_numpy(array)
    assert (tensor + 1).tolist() == [1, 2, 3]
    for write in (lambda: tensor.fill_(1), lambda: tensor.__setitem__(0, 1), lambda: tensor.__iadd__(1)):
        with pytest.raises(ValueError, match="read-only"):
            write()
    assert not tensor.numpy().flags.writeable
    assert memoryview(tensor).readonly
    assert array.tolist() == [0, 1, 2]
    copy = diffkit.tensor(array)
    copy.fill_(1)
    assert copy.tolist() == [1, 1, 1]


def test_other_objects_with_the_buffer_protocol():
    numbers = array.array("d", [1, 2, 3])
    diffkit.from_numpy(numbers)[0] = 9
    assert numbers[0] == 9
    assert diffkit.from_numpy(b"\x01\x02").tolist() == [1, 2]
    grid = memoryview(bytearray(24)).cast("i", (2, 3))
    assert diffkit.from_numpy(grid).shape == (2, 3)
    with pytest.raises(TypeError):
        diffkit.from_numpy([1, 2])


@pytest.mark.parametrize(
    ("dtype", "name"),
    [
        ("float16", "float16"),
        ("object", "object"),
        ("S3", "S3"),
        ("U3", "U3"),
        ([("a", "f4"), ("b", "f4")], "'a'"),
        (np.dtype("float32").newbyteorder(), "f4"),
        (np.dtype("int64").newbyteorder(), "i8"),
    ],
)
def test_unsupported_dtypes_are_named(dtype, name):
    with pytest.raises(TypeError, match=f"type .*{name}.* are not supported.*convert"):
        diffkit.from_numpy(np.zeros(3, dtype))


def test_tensor_copies_and_brings_bytes_into_order():
    array = np.arange(3.0)
    tensor = diffkit.tensor(array)
    array[0] = 9
    assert tensor.tolist() == [0, 1, 2]
    swapped = np.array([1.5, 2.5]).astype(np.dtype("float64").newbyteorder())
    assert diffkit.tensor(swapped).tolist() == [1.5, 2.5]
    with pytest.raises(TypeError, match="float16"):
        diffkit.tensor(np.zeros(2, "float16"))


def test_memory_that_is_not_aligned():
    array = np.frombuffer(bytearray(13), "float32", offset=1)
    with pytest.raises(ValueError, match="aligned"):
        diffkit.from_numpy(array)
    array[:] = [1, 2, 3]
    assert diffkit.tensor(array).tolist() == [1, 2, 3]


def test_strides_that_are_not_whole_elements():
    field = np.zeros(3, np.dtype([("a", "f8"), ("b", "f4")]))["a"]
    assert field.strides == (12,)
    with pytest.raises(ValueError, match="strides"):
        diffkit.from_numpy(field)


# ---- to NumPy ----


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_shares_memory_both_ways(dtype):
    tensor = diffkit.from_numpy(sample(dtype)).clone()
    array = tensor.numpy()
    assert array.dtype == dtype
    assert array.flags.writeable
    assert array.ctypes.data == tensor.data_ptr()
    assert array.tolist() == tensor.tolist()
    array[0, 0] = 1
    assert tensor[0, 0].item() == 1
    tensor[1, 1] = 0
    assert array[1, 1] == 0


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x.swapaxes(0, 2) if isinstance(x, np.ndarray) else x.transpose(0, 2),
        lambda x: x[:, 1:, ::2],
        lambda x: x[1, 2],
        lambda x: x[0, 0, 0],
        lambda x: x[:, :0],
    ],
)
def test_numpy_of_views(view):
    base = np.arange(24.0).reshape(2, 3, 4)
    got, want = view(diffkit.tensor(base)).numpy(), np.asarray(view(base))
    assert got.shape == want.shape
    assert got.tolist() == want.tolist()
    assert want.size == 0 or got.strides == want.strides


def test_asarray_and_array():
    tensor = diffkit.tensor([[1.5, 2], [3, 4]])
    shared = np.asarray(tensor)
    assert np.shares_memory(shared, tensor.numpy())
    wide = np.asarray(tensor, dtype="float64")
    assert wide.dtype == np.float64
    assert wide.tolist() == [[1.5, 2], [3, 4]]
    assert np.asarray(tensor, dtype=int).tolist() == [[1, 2], [3, 4]]
    assert not np.shares_memory(np.array(tensor), shared)
    assert np.sin(tensor).tolist() == np.sin(shared).tolist()


def test_array_protocol_copies_as_it_is_told():
    tensor = diffkit.tensor([1.0, 2.0])
    address = tensor.data_ptr()
    assert tensor.__array__().ctypes.data == address
    assert tensor.__array__(copy=False).ctypes.data == address
    assert tensor.__array__(np.dtype("float32"), copy=False).ctypes.data == address
    assert tensor.__array__(copy=True).ctypes.data != address
    assert tensor.__array__("float64").dtype == np.float64
    assert tensor.__array__("float64", copy=True).dtype == np.float64
    with pytest.raises(ValueError, match="copy=False"):
        tensor.__array__("float64", copy=False)


def test_tensors_that_require_gradients_are_not_shared():
    tensor = diffkit.ones(2, requires_grad=True)
    for share in (lambda: tensor.numpy(), lambda: np.asarray(tensor), lambda: (tensor * 2).numpy()):
        with pytest.raises(RuntimeError, match="detach"):
            share()
    with pytest.raises(BufferError, match="detach"):
        memoryview(tensor)
    assert tensor.detach().numpy().tolist() == [1, 1]
    assert np.shares_memory(tensor.numpy(force=True), tensor.detach().numpy())


# ---- the buffer protocol ----


@pytest.mark.parametrize("dtype", DTYPES)
def test_memoryview(dtype):
    expected = memoryview(sample(dtype))
    view = memoryview(diffkit.tensor(sample(dtype)))
    assert view.format == expected.format == FORMATS[dtype]
    assert (view.itemsize, view.ndim, view.nbytes) == (expected.itemsize, 2, expected.nbytes)
    assert (view.shape, view.strides) == (expected.shape, expected.strides)
    assert not view.readonly
    assert view.c_contiguous
    assert view.tolist() == expected.tolist()


def test_memoryview_of_views():
    tensor = diffkit.tensor(np.arange(12.0).reshape(3, 4))
    turned = memoryview(tensor.T[1:])
    assert (turned.shape, turned.strides) == ((3, 3), (8, 32))
    assert turned.tolist() == tensor.T[1:].tolist()
    number = memoryview(tensor[1, 2])
    assert (number.shape, number.strides, number.ndim) == ((), (), 0)
    number[()] = 60.0
    assert tensor[1, 2].item() == 60
    assert memoryview(tensor[:0]).shape == (0, 4)


def test_bytes_need_contiguous_memory_unless_strides_are_understood():
    tensor = diffkit.tensor([[1, 2], [3, 4]], dtype=diffkit.uint8)
    assert bytes(memoryview(tensor)) == b"\x01\x02\x03\x04"
    assert bytes(memoryview(tensor.T)) == b"\x01\x03\x02\x04"
    with pytest.raises(BufferError, match="contiguous"):
        io.BytesIO().write(tensor.T)


def test_readers_of_bytes_write_into_writable_memory_only():
    tensor = diffkit.zeros(2, dtype=diffkit.float64)
    assert io.BytesIO(np.array([1.5, 2.5]).tobytes()).readinto(tensor) == 16
    assert tensor.tolist() == [1.5, 2.5]
    with pytest.raises((BufferError, TypeError)):
        io.BytesIO(b"abcd").readinto(diffkit.from_numpy(b"1234"))


# ---- lifetimes ----


class Counted(np.ndarray):
    """An array whose end can be watched."""


def test_the_array_lives_as_long_as_a_tensor_over_it():
    array = np.arange(4.0).view(Counted)
    end = weakref.ref(array)
    tensor = diffkit.from_numpy(array)
    part = tensor[1:]
    del array, tensor
    gc.collect()
    assert end() is not None
    assert part.tolist() == [1, 2, 3]
    del part
    gc.collect()
    assert end() is None


def test_the_tensor_memory_lives_as_long_as_an_array_over_it():
    tensor = diffkit.tensor(np.arange(1000.0))
    array, view = tensor.numpy()[10:], memoryview(tensor)
    del tensor
    gc.collect()
    others = [diffkit.zeros(1000, dtype=diffkit.float64) for _ in range(20)]
    assert array.tolist() == list(range(10, 1000))
    assert view[999] == 999
    assert len(others) == 20


def test_an_array_with_an_export_cannot_be_resized():
    numbers = bytearray(8)
    tensor = diffkit.from_numpy(numbers)
    with pytest.raises(BufferError):
        numbers.append(1)
    del tensor
    gc.collect()
    numbers.append(1)
