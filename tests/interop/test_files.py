"""`save` and `load`: what comes back, what others read, and files that are damaged or mean harm."""

import io
import json
import math
import pickle
import random
import struct
import sys
import zipfile

import numpy as np
import pytest

import diffkit
from diffkit.errors import ArgumentError, DiffkitError, DTypeError

NAMES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128"
DTYPES = [name for name in NAMES.split() if hasattr(diffkit, name)]


def safetensors():
    return pytest.importorskip("safetensors.numpy")


@pytest.fixture(params=["npz", "safetensors"])
def form(request):
    if request.param == "safetensors":
        safetensors()
    return request.param


def saved(obj, form="npz", **options):
    file = io.BytesIO()
    diffkit.save(obj, file, format=form, **options)
    return file.getvalue()


def loaded(content, **options):
    return diffkit.load(io.BytesIO(content), **options)


def there_and_back(obj, form):
    return loaded(saved(obj, form))


def sample(dtype, shape=(2, 3)):
    array = np.arange(math.prod(shape)).reshape(shape) % 5
    return (array * (1 + 2j) if dtype.startswith("complex") else array).astype(dtype)


# ---- what comes back ----


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0,), (2, 0, 3)])
@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_and_shapes(dtype, shape, form):
    if (dtype, form) == ("complex128", "safetensors"):
        with pytest.raises(DTypeError, match=r"'w' is complex128.*npz"):
            saved({"w": diffkit.tensor(sample(dtype, shape))}, form)
        return
    array = sample(dtype, shape)
    back = there_and_back(diffkit.tensor(array), form)
    assert (str(back.dtype), back.shape) == (f"diffkit.{dtype}", shape)
    assert back.tolist() == array.tolist()


def test_special_numbers(form):
    numbers = [math.nan, math.inf, -math.inf, -0.0, 5e-324]
    back = there_and_back(diffkit.tensor(numbers, dtype=diffkit.float64), form)
    assert np.array(back).tobytes() == np.array(numbers).tobytes()
    numbers = there_and_back(numbers, form)
    assert np.array(numbers).tobytes() == np.array(numbers).tobytes()
    assert there_and_back(2**80, form) == 2**80


def test_views_are_written_as_they_are_read(form):
    x = diffkit.arange(12.0).reshape(3, 4)
    for view in (x.T, x[::2, 1::2], x[:, -1], diffkit.flip(x, (0,)), x[0].expand(3, 4)):
        assert there_and_back(view, form).tolist() == view.tolist()


def test_containers(form):
    w = diffkit.ones(2)
    obj = {
        "layers": [{"w": w, "b": None}, (diffkit.zeros(1), "relu")],
        3: True,
        (1, "a"): [],
        "rate": 0.1,
        "empty": {},
        "z": 1 + 2j,
        "名": "值",
    }
    back = there_and_back(obj, form)
    assert repr(back) == repr(obj)
    assert [type(key) for key in back] == [type(key) for key in obj]
    assert isinstance(back["layers"][1], tuple)
    assert there_and_back(None, form) is None
    assert there_and_back(diffkit.tensor(2.5), form).item() == 2.5


def test_names_that_meet(form):
    obj = {
        "a.b": diffkit.tensor(1),
        "a": {"b": diffkit.tensor(2)},
        "a.b_2": diffkit.tensor(3),
        "file": diffkit.tensor(4),
        "allow_pickle": diffkit.tensor(5),
        "__metadata__": diffkit.tensor(6),
        "__diffkit__": diffkit.tensor(7),
        "": diffkit.tensor(8),
        "x.npy": diffkit.tensor(9),
        "../up/and away": diffkit.tensor(10),
        1: diffkit.tensor(11),
        "1": diffkit.tensor(12),
    }
    assert repr(there_and_back(obj, form)) == repr(obj)


def test_what_is_shared_stays_shared(form):
    w = diffkit.ones(1000)
    content = saved({"encoder": w, "decoder": w}, form)
    assert len(content) < 2 * 4000
    back = loaded(content)
    assert back["encoder"] is back["decoder"]


def test_leaves_keep_asking_for_gradients(form):
    leaf = diffkit.ones(2, requires_grad=True)
    (leaf * 3).sum().backward()
    a, b, c = there_and_back([leaf, leaf * 2, leaf.detach()], form)
    assert (a.requires_grad, b.requires_grad, c.requires_grad) == (True, False, False)
    assert a.is_leaf
    assert a.grad is None
    (a * 2).sum().backward()
    assert a.grad.tolist() == [2, 2]


def test_numbers_of_numpy_become_numbers_of_python(form):
    back = there_and_back([np.int64(3), np.float32(0.5), np.bool_(True)], form)
    assert back == [3, 0.5, True]
    assert [type(item) for item in back] == [int, float, bool]


def test_metadata(form):
    facts = {"author": "Ada", "note": "größer"}
    content = saved({"w": diffkit.ones(1)}, form, metadata=facts)
    obj, metadata = loaded(content, with_metadata=True)
    assert metadata == facts
    assert obj["w"].tolist() == [1]
    assert loaded(saved(1, form), with_metadata=True) == (1, {})
    for bad in ({"epoch": 3}, {3: "epoch"}, {"__diffkit__": "x"}):
        with pytest.raises(ArgumentError, match="metadata"):
            saved(1, form, metadata=bad)


# ---- files ----


def test_the_name_chooses_the_format_and_the_content_tells_it(tmp_path, form):
    path = tmp_path / f"model.{form}"
    diffkit.save({"w": diffkit.ones(2)}, path)
    assert path.read_bytes()[:2] == b"PK" if form == "npz" else path.read_bytes()[8:9] == b"{"
    other = tmp_path / "renamed.bin"
    path.rename(other)
    assert diffkit.load(str(other))["w"].tolist() == [1, 1]
    with open(other, "rb") as file:
        assert diffkit.load(file)["w"].tolist() == [1, 1]
    diffkit.save(1, tmp_path / "anything")
    assert (tmp_path / "anything").read_bytes()[:2] == b"PK"
    with pytest.raises(ArgumentError, match=r"'zip'.*npz"):
        diffkit.save(1, tmp_path / "x", format="zip")
    with pytest.raises(FileNotFoundError):
        diffkit.load(tmp_path / "nothing.npz")


def test_equal_objects_make_equal_files(form):
    obj = {"w": diffkit.arange(5.0), "n": [1, 2]}
    assert saved(obj, form) == saved(obj, form)


def test_a_refused_object_leaves_the_old_file(tmp_path, form):
    path = tmp_path / f"model.{form}"
    diffkit.save(diffkit.ones(1), path)
    with pytest.raises(ArgumentError, match=r"not set at a\.0"):
        diffkit.save({"a": [{1, 2}]}, path)
    assert diffkit.load(path).tolist() == [1]


def test_a_file_may_begin_anywhere_and_need_not_seek(form):
    file = io.BytesIO(b"header" + saved([1, diffkit.ones(2)], form))
    file.seek(6)
    assert diffkit.load(file)[1].tolist() == [1, 1]

    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def seek(self, *_):
            raise io.UnsupportedOperation("seek")

    assert diffkit.load(Pipe(saved(5, form))) == 5


def test_containers_that_contain_themselves(form):
    endless = []
    endless.append(endless)
    with pytest.raises(ArgumentError, match="contains itself"):
        saved(endless, form)


# ---- what others read and write ----


def test_numpy_reads_what_we_wrote():
    file = io.BytesIO(saved({"layer": {"w": diffkit.ones(2)}, "b": [diffkit.tensor([True])]}))
    with np.load(file, allow_pickle=False) as arrays:
        assert arrays["layer.w"].tolist() == [1, 1]
        assert arrays["layer.w"].dtype == np.float32
        assert arrays["b.0"].dtype == bool


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_we_read_what_numpy_wrote(save):
    file = io.BytesIO()
    save(file, np.eye(2), structure=np.arange(3), turned=np.asfortranarray(np.arange(6).reshape(2, 3)))
    back = loaded(file.getvalue())
    assert list(back) == ["structure", "turned", "arr_0"]
    assert back["arr_0"].tolist() == [[1, 0], [0, 1]]
    assert back["turned"].tolist() == [[0, 1, 2], [3, 4, 5]]
    file = io.BytesIO()
    np.save(file, np.arange(3.0))
    assert loaded(file.getvalue()).tolist() == [0, 1, 2]


def test_safetensors_both_ways(tmp_path):
    library = safetensors()
    state = {"layer.w": diffkit.arange(6.0).reshape(2, 3).T, "n": diffkit.tensor([1, 2])}
    path = tmp_path / "model.safetensors"
    diffkit.save(state, path, metadata={"format": "pt"})
    theirs = library.load_file(path)
    assert set(theirs) == set(state)
    for name, array in theirs.items():
        assert array.tolist() == state[name].tolist()
    content = library.save({"b": np.ones(2, "float32"), "a": np.arange(3)}, metadata={"k": "v"})
    back, metadata = loaded(content, with_metadata=True)
    assert {name: tensor.tolist() for name, tensor in back.items()} == {"a": [0, 1, 2], "b": [1, 1]}
    assert metadata == {"k": "v"}


def test_pytorch_reads_our_safetensors(tmp_path):
    torch = pytest.importorskip("torch")
    safetensors()
    from safetensors.torch import load_file, save_file

    path = tmp_path / "model.safetensors"
    diffkit.save({"w": diffkit.ones(2, 3)}, path)
    assert torch.equal(load_file(path)["w"], torch.ones(2, 3))
    for dtype in (torch.bfloat16, torch.float16, torch.float8_e4m3fn):
        save_file({"w": torch.arange(3), "half": torch.ones(2).to(dtype)}, path)
        with pytest.raises(DTypeError, match=r"half has elements of type .*16|half.*F8"):
            diffkit.load(path)
        with pytest.raises(DTypeError, match=r"has elements of type"):
            loaded(path.read_bytes())
    save_file({"w": torch.arange(3)}, path)
    assert diffkit.load(path)["w"].tolist() == [0, 1, 2]


def test_without_the_library_the_error_names_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    path = tmp_path / "model.safetensors"
    with pytest.raises(ImportError, match="pip install safetensors"):
        diffkit.save(diffkit.ones(1), path)
    assert not path.exists()
    path.write_bytes(struct.pack("<Q", 2) + b"{}")
    with pytest.raises(ImportError, match="pip install safetensors"):
        diffkit.load(path)


# ---- files that are damaged or mean harm ----


class Evil:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was run",))


def npz(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__dot__", "."), content)
    return file.getvalue()


def structured(text):
    array = io.BytesIO()
    np.save(array, np.frombuffer(text.encode(), "uint8"))
    return npz(__diffkit____dot__npy=array.getvalue())


def test_pickles_are_never_read():
    objects = io.BytesIO()
    np.savez(objects, a=np.array([Evil()], dtype=object))
    single = io.BytesIO()
    np.save(single, np.array([Evil()], dtype=object))
    for content in (objects.getvalue(), single.getvalue(), pickle.dumps(Evil())):
        with pytest.raises(ArgumentError, match=r"pickle|Object arrays"):
            loaded(content)
    with pytest.raises(ArgumentError, match=r"archive/data\.pkl.*safetensors"):
        loaded(npz(**{"archive/data.pkl": pickle.dumps(Evil())}))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"PK\x03\x04",
        b"hello world, this is text",
        b"\x93NUMPY",
        b"12345678{",
        npz(readme="text"),
        npz(),
    ],
)
def test_other_files(content):
    if content[8:9] == b"{":
        safetensors()
    with pytest.raises(ArgumentError, match="load"):
        loaded(content)


@pytest.mark.parametrize(
    "structure",
    [
        "",
        "[]",
        "3",
        '{"version": 1}',
        '{"version": 1, "structure": {"tensor": "absent", "requires_grad": false}, "metadata": {}}',
        '{"version": 1, "structure": {"dict": [[{"list": []}, {"value": 1}]]}, "metadata": {}}',
        '{"version": 1, "structure": {"eval": "1"}, "metadata": {}}',
        '{"version": 1, "structure": {"value": 1, "list": []}, "metadata": {}}',
        '{"version": 1, "structure": {"complex": [1, 2, 3]}, "metadata": {}}',
        '{"version": 1, "structure": {"value": 1}, "metadata": 3}',
        '{"version": 1, "structure": ' + '{"list": [' * 100_000 + "]}" * 100_000 + ', "metadata": {}}',
        '{"version": 2, "structure": {"value": 1}, "metadata": {}}',
    ],
)
def test_bad_structures(structure):
    with pytest.raises(ArgumentError, match="load"):
        loaded(structured(structure))


def test_a_newer_version_is_named():
    with pytest.raises(ArgumentError, match=r"version 7.*newer"):
        loaded(structured(json.dumps({"version": 7})))


def test_elements_that_tensors_cannot_hold():
    for array in (np.array(["text"]), np.zeros(2, "float16"), np.zeros(2, "M8[s]"), np.zeros(2, "i4,f8")):
        file = io.BytesIO()
        np.savez(file, odd=array)
        with pytest.raises(DTypeError, match="odd"):
            loaded(file.getvalue())


def test_a_header_that_promises_too_much():
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (2**58,)})
    for content in (header.getvalue(), npz(a__dot__npy=header.getvalue())):
        with pytest.raises((DiffkitError, MemoryError)):
            loaded(content)


@pytest.mark.parametrize("seed", range(4))
def test_damage_is_found(form, seed, tmp_path):
    """Every cut is an error; a changed byte is one too, or changes nothing (`.npz` has checksums)."""
    obj = {"w": diffkit.arange(20.0), "b": [diffkit.tensor([True, False]), 3]}
    content, draw = saved(obj, form), random.Random(seed)
    for _ in range(100):
        cut = content[: draw.randrange(len(content))]
        (tmp_path / "cut").write_bytes(cut)
        for read in (loaded, lambda _: diffkit.load(tmp_path / "cut")):
            with pytest.raises(DiffkitError):
                read(cut)
        place = draw.randrange(len(content))
        changed = bytearray(content)
        changed[place] ^= 1 << draw.randrange(8)
        try:
            back = loaded(bytes(changed))
        except DiffkitError:
            continue
        if form == "npz":
            assert repr(back) == repr(obj), f"byte {place}"
