"""DLPack capsules made by hand: every field, both forms, and contents that no tensor can be made of."""

import ctypes
import gc

import numpy as np
import pytest

import diffkit

CPU = (1, 0)


class DLTensor(ctypes.Structure):
    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device_type", ctypes.c_int32),
        ("device_id", ctypes.c_int32),
        ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


DELETER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Managed(ctypes.Structure):
    name = b"dltensor"
    _fields_ = (("tensor", DLTensor), ("context", ctypes.c_void_p), ("deleter", DELETER))


class ManagedVersioned(ctypes.Structure):
    name = b"dltensor_versioned"
    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("context", ctypes.c_void_p),
        ("deleter", DELETER),
        ("flags", ctypes.c_uint64),
        ("tensor", DLTensor),
    )


def integers(values):
    return None if values is None else (ctypes.c_int64 * len(values))(*values)


class Producer:
    """A library with 24 bytes of float32: 0, 1, 2, 3, 4, 5; any field can be set to something else."""

    def __init__(self, form=ManagedVersioned, shape=(2, 3), strides=(3, 1), **fields):
        self.memory = (ctypes.c_float * 6)(*range(6))
        self.lists = integers(shape), integers(strides)
        self.deleted = []
        self.deleter = DELETER(self.deleted.append)
        values = {
            "data": ctypes.addressof(self.memory),
            "device_type": 1,
            "ndim": 0 if shape is None else len(shape),
            "code": 2,
            "bits": 32,
            "lanes": 1,
            "byte_offset": 0,
        } | fields
        self.managed = form(deleter=self.deleter)
        if form is ManagedVersioned:
            self.managed.major = values.pop("major", 1)
            self.managed.flags = values.pop("flags", 0)
        for list_name, numbers in zip(("shape", "strides"), self.lists, strict=True):
            if numbers is not None:
                setattr(self.managed.tensor, list_name, numbers)
        for name, value in values.items():
            setattr(self.managed.tensor, name, value)

    def __dlpack__(self, **keywords):
        new = ctypes.pythonapi.PyCapsule_New
        new.restype = ctypes.py_object
        new.argtypes = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p
        return new(ctypes.addressof(self.managed), self.managed.name, None)

    def __dlpack_device__(self):
        return CPU


class OldProducer(Producer):
    def __dlpack__(self):
        return super().__dlpack__()


FORMS = [(Producer, ManagedVersioned), (Producer, Managed), (OldProducer, Managed)]


@pytest.mark.parametrize(("producer", "form"), FORMS)
def test_the_deleter_is_called_once(producer, form):
    library = producer(form)
    tensor = diffkit.from_dlpack(library)
    view = tensor.T
    assert view.tolist() == [[0, 3], [1, 4], [2, 5]]
    library.memory[0] = 9
    assert view[0, 0].item() == 9
    del tensor
    gc.collect()
    assert library.deleted == []
    del view
    gc.collect()
    assert library.deleted == [ctypes.addressof(library.managed)]


@pytest.mark.parametrize("fields", [{"copy": True}, {"shape": (0, 3)}])
def test_the_deleter_is_called_at_once_where_nothing_is_shared(fields):
    copy = fields.pop("copy", None)
    library = Producer(**fields)
    tensor = diffkit.from_dlpack(library, copy=copy)
    assert len(library.deleted) == 1
    del tensor
    gc.collect()
    assert len(library.deleted) == 1


def test_a_deleter_runs_cleanly_while_an_exception_is_raised():
    library = Producer()
    with pytest.raises(ZeroDivisionError):
        print(diffkit.from_dlpack(library), 1 / 0)
    gc.collect()
    assert len(library.deleted) == 1


def test_a_missing_deleter():
    library = Producer()
    library.managed.deleter = DELETER()
    assert diffkit.from_dlpack(library).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_offsets_and_absent_lists():
    assert diffkit.from_dlpack(Producer(strides=None)).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert diffkit.from_dlpack(Producer(shape=(2,), strides=(-3,), byte_offset=16)).tolist() == [4, 1]
    assert diffkit.from_dlpack(Producer(shape=None, strides=None, byte_offset=8)).item() == 2
    assert diffkit.from_dlpack(Producer(shape=(0,), strides=None, data=None)).shape == (0,)


def test_only_memory_that_says_so_is_written():
    for library in (Producer(flags=1), Producer(Managed), OldProducer(Managed)):
        with pytest.raises(ValueError, match="read-only"):
            diffkit.from_dlpack(library).zero_()
        diffkit.from_dlpack(library, copy=True).zero_()
        assert list(library.memory) == [0, 1, 2, 3, 4, 5]
    for flags in (0, 2):
        library = Producer(flags=flags)
        diffkit.from_dlpack(library).zero_()
        assert list(library.memory) == [0] * 6


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"bits": 16}, diffkit.errors.DTypeError, "float16"),
        ({"code": 4, "bits": 16}, diffkit.errors.DTypeError, "bfloat16"),
        ({"code": 5, "bits": 32}, diffkit.errors.DTypeError, "complex32"),
        ({"code": 0, "bits": 4}, diffkit.errors.DTypeError, "int4"),
        ({"code": 1, "bits": 128}, diffkit.errors.DTypeError, "uint128"),
        ({"code": 10, "bits": 8}, diffkit.errors.DTypeError, "not supported"),
        ({"code": 255, "bits": 0}, diffkit.errors.DTypeError, "not supported"),
        ({"lanes": 4}, diffkit.errors.DTypeError, "4 lanes"),
        ({"lanes": 0}, diffkit.errors.DTypeError, "0 lanes"),
        ({"device_type": 2, "device_id": 1}, diffkit.errors.ArgumentError, r"\(2, 1\).*CPU"),
        ({"major": 2}, diffkit.errors.ArgumentError, "DLPack 2.0"),
        ({"ndim": -1}, diffkit.errors.ArgumentError, "-1 axes"),
        ({"ndim": 65}, diffkit.errors.ArgumentError, "65 axes"),
        ({"shape": None, "ndim": 2}, diffkit.errors.ArgumentError, "2 axes"),
        ({"shape": (2, -3)}, diffkit.errors.ArgumentError, "negative"),
        ({"shape": (2**40, 2**40)}, MemoryError, "allocate"),
        ({"shape": (2**40, 2**40), "strides": None}, MemoryError, "allocate"),
        ({"strides": (2**62, 1)}, diffkit.errors.ArgumentError, "memory"),
        ({"strides": (-(2**62), 1)}, diffkit.errors.ArgumentError, "memory"),
        ({"strides": (-(2**63), 2**63 - 1), "byte_offset": 1}, diffkit.errors.ArgumentError, "memory"),
        ({"data": None}, diffkit.errors.ArgumentError, "no memory"),
    ],
)
def test_a_capsule_that_cannot_be_used_is_refused_and_given_back(fields, error, message):
    library = Producer(**fields)
    with pytest.raises(error, match=message):
        diffkit.from_dlpack(library)
    gc.collect()
    assert len(library.deleted) == 1


def test_objects_that_are_no_producers():
    for thing in ([1.0], 3, "abc", None):
        with pytest.raises(TypeError, match="__dlpack__"):
            diffkit.from_dlpack(thing)

    class Liar:
        def __dlpack__(self, **keywords):
            return 3

    with pytest.raises(TypeError, match="capsule"):
        diffkit.from_dlpack(Liar())

    class Broken:
        def __dlpack__(self, **keywords):
            raise BufferError("not today")

    with pytest.raises(BufferError, match="not today"):
        diffkit.from_dlpack(Broken())


def test_the_producer_hears_what_is_wanted():
    heard = []

    class Listener(Producer):
        def __dlpack__(self, **keywords):
            heard.append(keywords)
            return super().__dlpack__()

    library = Listener()
    diffkit.from_dlpack(library)
    diffkit.from_dlpack(library, device="cpu", copy=False)
    assert heard == [{"max_version": (1, 0)}, {"max_version": (1, 0), "dl_device": CPU, "copy": False}]
    with pytest.raises(ValueError, match="cpu"):
        diffkit.from_dlpack(library, device="cuda")


def test_tensor_copies_what_only_dlpack_offers():
    library = Producer()
    tensor = diffkit.tensor(library)
    library.memory[0] = 9
    assert tensor.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert diffkit.tensor(library, dtype=diffkit.int64).tolist() == [[9, 1, 2], [3, 4, 5]]

    class Converts(Producer):
        def __dlpack__(self, **keywords):
            raise BufferError("missing values")

        def __array__(self, dtype=None, copy=None):
            return np.array([1.0, np.nan])

    assert np.isnan(diffkit.tensor(Converts()).tolist()[1])
