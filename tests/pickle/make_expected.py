#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes made/*.pt and expected/*.json, once and by hand, with a Python that has PyTorch:

    make_expected.py

made/ holds torch.save files of every kind of value that the pickle reader builds; expected/ what
torch.load(weights_only=True) makes of them and of the corpus, in the words of dump_tensors.c.
Only files made here or in the corpus are loaded, and only in that mode.
"""
import collections
import hashlib
import json
import pathlib
import pickle

import torch

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parent / "corpus"
INT64 = range(-2**63, 2**63)


class Describer:
    """Values in the words of dump_tensors.c; storages are numbered in the order in which they are met."""

    def __init__(self):
        self.storages = {}

    def items(self, values):
        return [self.value(value) for value in values]

    def storage(self, storage):
        return self.storages.setdefault(storage._cdata, len(self.storages))

    def value(self, value):
        if isinstance(value, torch.Tensor):
            state = {key: item for key, item in value.__dict__.items()} if type(value) is torch.nn.Parameter else {}
            return {"tensor": self.tensor(value)} | ({"state": self.value(state)} if state else {})
        if isinstance(value, torch.storage.TypedStorage):
            value = value._untyped_storage
        if isinstance(value, torch.UntypedStorage):
            return {"storage": self.storage(value)}
        if isinstance(value, collections.abc.Mapping):
            kinds = {collections.OrderedDict: "collections.OrderedDict", collections.Counter: "collections.Counter"}
            made = {"dict": self.items(part for pair in value.items() for part in pair)}
            made |= {"type": kinds[type(value)]} if type(value) in kinds else {}
            return made | ({"state": self.value(value.__dict__)} if getattr(value, "__dict__", {}) else {})
        if isinstance(value, torch.Size):
            return {"tuple": self.items(value), "type": "torch.Size"}
        for kind in (tuple, list, set):
            if isinstance(value, kind):
                return {kind.__name__: self.items(sorted(value) if kind is set else value)}
        return self.plain(value)

    @staticmethod
    def plain(value):
        if value is None:
            return {"none": None}
        if isinstance(value, bool):
            return {"bool": value}
        if isinstance(value, int):
            if value in INT64:
                return {"int": value}
            return {"big-int": value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True).hex()}
        if isinstance(value, float):
            return {"float": format(value, ".17g")}
        if isinstance(value, complex):
            return {"complex": f"{value.real:.17g} {value.imag:.17g}"}
        if isinstance(value, str):
            return {"text": value}
        if isinstance(value, bytes):
            return {"bytes": value.hex()}
        if isinstance(value, bytearray):
            return {"bytes": value.hex(), "type": "bytearray"}
        for kind, name in ((torch.dtype, "dtype"), (torch.layout, "layout"), (torch.device, "device")):
            if isinstance(value, kind):
                return {name: str(value).removeprefix("torch.")}
        raise TypeError(type(value))

    def tensor(self, tensor):
        sparse = tensor.layout is not torch.strided
        made = {"form": 1 if tensor.is_quantized else 4 if sparse else 2 if tensor.is_meta else 0,
                "dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape),
                "stride": [] if sparse else list(tensor.stride()),
                "storage_offset": 0 if sparse else tensor.storage_offset(), "requires_grad": tensor.requires_grad,
                "parameter": isinstance(tensor, torch.nn.Parameter),
                "layout": str(tensor.layout).removeprefix("torch."), "subclass": "",
                "conjugate": tensor.is_conj(), "negative": tensor.is_neg()}
        if sparse:
            return made | {"parts": {"tuple": self.sparse(tensor)}}
        if tensor.is_meta:
            return made
        made |= {"storage": self.storage(tensor.untyped_storage()),
                 "storage_nbytes": tensor.untyped_storage().nbytes(), "device": str(tensor.device),
                 "sha256": hashlib.sha256(elements(tensor)).hexdigest()}
        if tensor.dtype in (torch.quint4x2, torch.quint2x4):
            del made["sha256"]  # several elements in a byte
        return made | ({"parts": {"tuple": self.quantizer(tensor)}} if tensor.is_quantized else {})

    def quantizer(self, tensor):
        # PyTorch writes per_channel_affine for both, and tells them apart by the type of the zero points.
        scheme = {"qscheme": str(tensor.qscheme()).removeprefix("torch.").removesuffix("_float_qparams")}
        if tensor.qscheme() is torch.per_tensor_affine:
            return [scheme, *self.items([tensor.q_scale(), tensor.q_zero_point()])]
        parts = [tensor.q_per_channel_scales(), tensor.q_per_channel_zero_points(), tensor.q_per_channel_axis()]
        return [scheme, *self.items(parts)]

    def sparse(self, tensor):
        if tensor.layout is torch.sparse_coo:
            parts = [tensor._indices(), tensor._values(), tensor.shape, tensor.is_coalesced()]
        else:
            parts = [tensor.crow_indices(), tensor.col_indices(), tensor.values(), tensor.shape]
        return self.items(parts)


def elements(tensor):
    """The bytes in row-major order, of what lies in the storage."""
    raw = bytes(tensor.untyped_storage().tolist()) if tensor.untyped_storage().nbytes() else b""
    size = tensor.element_size()
    places = [tensor.storage_offset()]
    for length, step in zip(tensor.shape, tensor.stride()):
        places = [place + i * step for place in places for i in range(length)]
    return b"".join(raw[place * size:(place + 1) * size] for place in places)


def tensors():
    torch.manual_seed(1)
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
    parameter = torch.nn.Parameter(base[1:3, 2:4], requires_grad=False)
    with_state = torch.nn.Parameter(torch.ones(2))
    with_state.note = "kept"
    return {
        "base": base, "columns": base[:, ::2], "transposed": base.t(), "row": base[2], "expanded": base[0, 0].expand(3, 2),
        "scalar": torch.tensor(3, dtype=torch.int64), "empty": torch.empty(0, 3), "parameter": parameter,
        "with_state": with_state, "requires_grad": torch.zeros(2, requires_grad=True),
        "conjugate": torch.tensor([1 + 2j, 3 - 4j]).conj(), "negative": torch.tensor([1 + 2j, 3 - 4j]).conj().imag,
        "coo": torch.sparse_coo_tensor([[0, 2], [1, 0]], [3.0, 4.0], (3, 3)).coalesce(),
        "csr": torch.sparse_csr_tensor([0, 1, 2], [1, 0], torch.tensor([5, 6]), (2, 2)),
        "quantized": torch.quantize_per_tensor(torch.tensor([0.5, 1.0]), 0.25, 3, torch.quint8),
        "channels": torch.quantize_per_channel(base, torch.full((4,), 0.5), torch.zeros(4), 0, torch.qint8),
        "half_bytes": torch.quantize_per_channel(base, torch.full((4,), 0.5), torch.zeros(4), 0, torch.quint4x2),
        "quarter_bytes": torch.quantize_per_channel(base, torch.full((4,), 0.5), torch.zeros(4), 0, torch.quint2x4),
        "meta": torch.empty(2, 3, device="meta"), "storage": torch.tensor([1, 2], dtype=torch.uint8).untyped_storage(),
    }


def dtypes():
    names = ("float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool complex128 complex64 complex32 uint16 "
             "uint32 uint64 float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu")
    raw = torch.arange(64, dtype=torch.uint8) % 2
    return {name: raw[:2 * getattr(torch, name).itemsize].clone().view(getattr(torch, name)) for name in names.split()}


def plain():
    ordered = collections.OrderedDict([("b", 1), ("a", 2)])
    ordered._metadata = collections.OrderedDict([("", {"version": 1})])
    shared = [1, 2]
    return {
        "ints": [0, 1, 255, 256, 65535, 65536, -1, 2**31 - 1, -2**31, 2**31, 2**63 - 1, -2**63, 2**63, -2**63 - 1,
                 2**200, -2**200], "floats": [0.0, -0.0, 0.1, 1e300, float("inf")], "complex": 1 - 2.5j,
        "texts": ["", "a", "ä€😀", "x" * 300, "line\nbreak"], "bytes": b"\0\xff\x80a", "bytearray": bytearray(b"\x80\0"),
        "none": None, "bools": (True, False), "tuples": ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)), "set": {1, 2, 3},
        "ordered": ordered, "counter": collections.Counter("aab"), "shared": [shared, shared], 7: "int key",
        "size": torch.Size([2, 3]), "dtype": torch.float8_e5m2, "device": torch.device("cuda", 1), "layout": torch.sparse_csr,
    }


def long():
    """More than one batch of items; and more values than a short memo index can name."""
    return {"many": list(range(1500)), "entries": {f"key{i}": i for i in range(1200)}}


def bare():
    """What needs no torch.load: layouts are saved by a function of PyTorch that it does not find again."""
    return {key: value for key, value in plain().items() if key != "layout"}


def save_made():
    folder = HERE / "made"
    folder.mkdir(exist_ok=True)
    for name, value in (("tensors", tensors()), ("dtypes", dtypes()), ("plain", plain()),
                        ("long", long())):
        torch.save(value, folder / f"{name}.pt")
    classic = {name: value for name, value in tensors().items() if name not in ("storage", "meta")}
    torch.save(classic, folder / "stream.pt", _use_new_zipfile_serialization=False)
    for protocol in (3, 4, 5):
        torch.save({"plain": plain(), "tensors": tensors()}, folder / f"protocol{protocol}.pt", pickle_protocol=protocol)
        (folder / f"bare{protocol}.pkl").write_bytes(pickle.dumps(bare(), protocol))


def load(path):
    """What a file holds: those of our own that the restricted mode does not know are what we saved."""
    if path.name.startswith("protocol"):
        return {"plain": plain(), "tensors": tensors()}
    if path.suffix == ".pkl":
        return bare()
    return torch.load(path, weights_only=True)


def main():
    save_made()
    folder = HERE / "expected"
    folder.mkdir(exist_ok=True)
    for path in sorted([*(CORPUS / "torch-save").iterdir(), *(HERE / "made").iterdir()]):
        try:
            value = load(path)
        except Exception as error:
            print(path.name, "is refused:", type(error).__name__)
            continue
        text = json.dumps(Describer().value(value), ensure_ascii=False, separators=(",", ":"))
        (folder / (path.name + ".json")).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
