#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets the safetensors library and PyTorch judge the safetensors files that `pt2` writes and reads.

    check_safetensors.py PT2 CORPUS

For every exported program that PyTorch loads:
  read     `convert IN OUT.safetensors`: the library loads it, and every tensor of the program is there, under its name or
           the one that the metadata gives, equal in type, shape and bits;
  bytes    the library's own save() of the same tensors and metadata gives the same bytes but for the order of the metadata;
  repeat   with --repeat every name is there;
  weights  what the library saves of changed tensors goes into the archive with `convert --weights`: PyTorch then loads those.
And files that the library refuses are refused, those that it reads are read (WRONG and RIGHT below).
Last line: `N passed, N failed, N skipped`; exit 1 if anything failed or nothing was tried.
"""
import json
import logging
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import safetensors  # noqa: E402
import safetensors.torch  # noqa: E402
import torch  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import check_json  # noqa: E402,F401  registers what some samples name

torch.set_num_threads(1)
TYPES = set(safetensors.torch._SIZE)


def run(pt2, *words):
    return subprocess.run([pt2, *words], capture_output=True, text=True)


def bits(tensor):
    return bytes(tensor.detach().contiguous().reshape(-1).view(torch.uint8).numpy()) if tensor.numel() else b""


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and bits(a) == bits(b)


def is_plain(tensor):
    return type(tensor) in (torch.Tensor, torch.nn.Parameter, torch.nn.Buffer) and tensor.layout == torch.strided and \
        not tensor.is_quantized and tensor.device.type != "meta" and tensor.dtype in TYPES


def tensors_of(program):
    """{name: tensor} of what a safetensors file can hold."""
    everything = {**program.state_dict, **program.constants}
    return {name: tensor for name, tensor in everything.items() if isinstance(tensor, torch.Tensor) and is_plain(tensor)}


def header_of(data):
    size, = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + size])
    return header.pop("__metadata__"), list(header.items()), data[8 + size:]


class Judge:
    def __init__(self, pt2, folder):
        self.pt2, self.folder = pt2, folder
        self.passed = self.failed = self.skipped = 0

    def check(self, what, good, detail=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {what} {detail}")

    def path(self, name):
        return os.path.join(self.folder, name)

    def written(self, path, *words):
        out = self.path("out.safetensors")
        answer = run(self.pt2, "convert", "-qf", *words, path, out)
        return (out, "") if answer.returncode in (0, 1) else (None, answer.stderr)

    def out(self, path, want):
        out, message = self.written(path)
        if out is None:
            return self.check(f"read {path}", False, message)
        got = safetensors.torch.load_file(out)
        with safetensors.safe_open(out, "pt") as opened:
            metadata = opened.metadata()
        wrong = [name for name, tensor in want.items()
                 if not same(tensor, got[name] if name in got else got[metadata[name]])]
        self.check(f"read {path}", not wrong and set(got) <= set(want), wrong)
        ours = header_of(pathlib.Path(out).read_bytes())
        theirs = header_of(safetensors.torch.save({name: want[name].detach().contiguous().clone() for name in got}, metadata))
        self.check(f"bytes {path}", ours == theirs)
        got = safetensors.torch.load_file(self.written(path, "--repeat")[0])
        self.check(f"repeat {path}", set(got) == set(want) and all(same(want[name], got[name]) for name in want))

    def back(self, path, want):
        """Other elements, one name of each storage only."""
        changed, storages = {}, set()
        for name, tensor in want.items():
            place = tensor.untyped_storage().data_ptr()
            if tensor.numel() and place not in storages and tensor.untyped_storage().nbytes() >= tensor.numel() * tensor.itemsize:
                raw = bytes(255 - byte for byte in bits(tensor)) if tensor.dtype != torch.bool else bytes(tensor.numel())
                changed[name] = torch.frombuffer(bytearray(raw), dtype=tensor.dtype).reshape(tensor.shape)
                storages.add(place)
        if not changed:
            self.skipped += 1
            return
        weights, new = self.path("weights.safetensors"), self.path("new.pt2")
        safetensors.torch.save_file(changed, weights)
        answer = run(self.pt2, "convert", "-qf", f"--weights={weights}", path, new)
        if answer.returncode != 0:
            return self.check(f"weights {path}", False, answer.stderr)
        got = tensors_of(torch.export.load(new))
        wrong = [name for name in changed if not same(changed[name], got[name])]
        wrong += [name for name in want if want[name].untyped_storage().data_ptr() not in storages and not same(want[name], got[name])]
        self.check(f"weights {path}", set(got) == set(want) and not wrong, wrong)

    def program(self, path):
        layout = json.loads(run(self.pt2, "info", "--json", str(path)).stdout)
        try:
            program = torch.export.load(str(path))
        except Exception:
            self.skipped += 1
            return
        want = tensors_of(program)
        self.out(str(path), want)
        records = {record["role"] for record in json.loads(run(self.pt2, "ls", "--json", str(path)).stdout)}
        if layout["schema_version"]["major"] == 8 and "weights-config" in records:
            self.back(str(path), want)

    def file(self, header, payload, right):
        data = struct.pack("<Q", len(header)) + header + bytes(payload)
        try:
            safetensors.deserialize(data)
            theirs = True
        except safetensors.SafetensorError:
            theirs = False
        path = self.path("case.safetensors")
        pathlib.Path(path).write_bytes(data)
        mlp = str(self.mlp)
        answer = run(self.pt2, "convert", "-qf", f"--weights={path}", mlp, self.path("case.pt2"))
        ours = answer.returncode == 0 or "PT2-W014" in answer.stderr
        self.check(f"file {header!r}", theirs == right and ours == right, (theirs, ours, answer.stderr))


ONE = b'{"dtype":"F32","shape":[1],"data_offsets":[%d,%d]}'
RIGHT = [(b"{}", 0), (b"{ }  ", 0), (b'{"__metadata__":{"a":"b"}}', 0), (b'{"b":' + ONE % (4, 8) + b',"a":' + ONE % (0, 4) + b"}", 8),
         (b'{"a":{"dtype":"F4","shape":[2,3],"data_offsets":[0,3]}}', 3),
         (b'{"a":{"dtype":"F6_E3M2","shape":[4],"data_offsets":[0,3]}}', 3),
         (b'{"a":{"dtype":"I64","shape":[0,7],"data_offsets":[0,0]},"b":' + ONE % (0, 4) + b"}", 4)]
WRONG = [(b"", 0), (b"[]", 0), (b"{", 0), (b'{"a":1}', 0), (b'{"a":' + ONE % (0, 4) + b"}", 3), (b'{"a":' + ONE % (0, 4) + b"}", 5),
         (b'{"a":' + ONE % (4, 8) + b"}", 8), (b'{"a":' + ONE % (0, 4) + b',"b":' + ONE % (0, 4) + b"}", 4),
         (b'{"a":' + ONE % (0, 4) + b',"b":' + ONE % (8, 12) + b"}", 12), (b'{"__metadata__":{"a":1}}', 0),
         (b'{"a":{"dtype":"X9","shape":[1],"data_offsets":[0,4]}}', 4), (b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', 4),
         (b'{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', 4), (b'{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4),
         (b'{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,1]}}', 1), (b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}', 4)]


def main():
    pt2, corpus = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(pt2, folder)
        judge.mlp = corpus / "torch-2.15.0/mlp.pt2"
        for path in sorted(corpus.glob("torch-2.*/*.pt2")):
            if run(pt2, "sig", str(path)).returncode == 0:
                judge.program(path)
        for right, cases in ((True, RIGHT), (False, WRONG)):
            for header, payload in cases:
                judge.file(header, payload, right)
    print(f"{judge.passed} passed, {judge.failed} failed, {judge.skipped} skipped")
    return 1 if judge.failed or not judge.passed else 0


if __name__ == "__main__":
    sys.exit(main())
