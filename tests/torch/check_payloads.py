#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets PyTorch judge payloads that are more than plain tensors, once `pt2 convert` has taken them out of older layouts.

    check_payloads.py PT2 CORPUS

Archives of the layouts L and P1 are made around one program, with every value of VALUES in the weights and the constants, in
each protocol of pickle that PyTorch offers. What PyTorch's own reader of today's layout finds in the converted archive must be
what torch.load finds in the dictionaries that went in. Last line: `N passed, N failed, N skipped`; exit 1 if anything
failed or nothing was tried.
"""
import collections
import io
import logging
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings
import zipfile

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import torch  # noqa: E402
from torch.export.pt2_archive import _package  # noqa: E402

torch.set_num_threads(1)
PROTOCOLS = (2, 3, 4, 5)
Point = collections.namedtuple("Point", ["x", "y"])


class Kept(torch.Tensor):
    """A subclass that torch.save keeps with its attributes."""


def packed():
    """A script object: the weights of a quantised layer."""
    torch.backends.quantized.engine = next(name for name in torch.backends.quantized.supported_engines if name != "none")
    weight = torch.quantize_per_tensor(torch.arange(12.0).reshape(4, 3), 0.1, 0, torch.qint8)
    return torch.ops.quantized.linear_prepack(weight, torch.arange(4.0))


def attributed():
    value = torch.arange(3.0).as_subclass(Kept)
    value.note = "kept"
    return value


def values(prefix):
    """{PREFIX + name: value}: what a dictionary of payloads may hold besides plain tensors, and some of those between them."""
    shared, script = torch.arange(6.0), packed()
    everything = {
        "plain": torch.arange(4.0), "view": shared[2:], "coo": torch.eye(3).to_sparse(), "csr": torch.eye(4).to_sparse_csr(),
        "csc": torch.eye(2).to_sparse_csc(), "bsr": torch.eye(4).to_sparse_bsr((2, 2)), "empty.coo": torch.zeros(2, 0).to_sparse(),
        "parameter.coo": torch.nn.Parameter(torch.eye(2).to_sparse()), "conjugated": torch.ones(2, dtype=torch.complex64).conj(),
        "quantised": torch.quantize_per_tensor(torch.arange(3.0), 0.1, 1, torch.quint8),
        "subclass": attributed(), "subclass.again": attributed(), "storage.shared": shared[:2].as_subclass(Kept),
        "script": script, "script.same": script, "text": "é" * 300, "none": None, "number": 2**70, "bytes": b"\0" * 300,
        "list": [torch.ones(2), [1, 2.5]], "named": Point(1, torch.ones(1)), "set": {1, 2}, "frozen": frozenset({3}),
        "parameter": torch.nn.Parameter(torch.ones(2, 2)),
    }
    return {prefix + name: value for name, value in everything.items()}


def same_tensors(a, b):
    if a.layout != b.layout or a.dtype != b.dtype or a.shape != b.shape or a.requires_grad != b.requires_grad:
        return False
    if a.is_quantized:
        return a.qscheme() == b.qscheme() and torch.equal(a.int_repr(), b.int_repr())
    if a.layout != torch.strided:
        a, b = a.to_dense(), b.to_dense()
    return torch.equal(a, b) and getattr(a, "note", None) == getattr(b, "note", None)


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, torch.ScriptObject):
        return a._type() == b._type() and same(a.__getstate__(), b.__getstate__())
    if isinstance(a, torch.Tensor):
        return same_tensors(a, b)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def pickled(value, protocol):
    out = io.BytesIO()
    torch.save(value, out, pickle_protocol=protocol)
    return out.getvalue()


def records_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


def legacy(program, weights, constants):
    return {"serialized_exported_program.json": program, "serialized_state_dict.pt": weights, "serialized_constants.pt": constants,
            "serialized_example_inputs.pt": b"", "version": b"8.20"}


def p1(program, weights, constants):
    return {"a/models/model.json": program, "a/data/weights/model.pt": weights, "a/data/constants/model.pt": constants,
            "a/data/sample_inputs/model.pt": b"", "a/archive_format": b"pt2", "a/archive_version": b"0", "a/.data/version": b"6\n",
            "a/byteorder": b"little"}


def write(path, records):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in records.items():
            archive.writestr(name, data)


def differing(pt2, folder, records, wanted):
    """WANTED: weights, constants. The names whose values are not the same in the converted archive, or what PT2 or PyTorch said."""
    source, target = os.path.join(folder, "in.pt2"), os.path.join(folder, "out.pt2")
    write(source, records)
    done = subprocess.run([pt2, "convert", "-f", source, target], capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr
    with _package.PT2ArchiveReader(target) as reader:
        found = (_package._load_state_dict(reader, "model"), _package._load_constants(reader, "model"))
    names = [name for half, want in zip(found, wanted) for name in want
             if name not in half or not same(half[name], want[name])]
    return ", ".join(names) + (" and others" if any(len(half) != len(want) for half, want in zip(found, wanted)) else "")


def main():
    pt2, corpus = sys.argv[1:]
    program = records_of(pathlib.Path(corpus) / "torch-2.15.0" / "mlp.pt2")["models/model.json"]
    passed = failed = 0
    for protocol in PROTOCOLS:
        weights, constants = values("w."), values("c.")
        del constants["c.parameter"]  # PyTorch reads it back as a plain tensor, from archives of its own too
        halves = [pickled(half, protocol) for half in (weights, constants)]
        wanted = [torch.load(io.BytesIO(half), weights_only=False) for half in halves]
        for layout in (legacy, p1):
            with tempfile.TemporaryDirectory() as folder:
                wrong = differing(pt2, folder, layout(program, *halves), wanted)
            passed += not wrong
            failed += bool(wrong)
            if wrong:
                print(f"{layout.__name__}, protocol {protocol}: {wrong[:500]}")
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
