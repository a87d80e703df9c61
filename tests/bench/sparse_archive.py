#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a large archive that takes hardly any disk: the weights are holes. A program with as many parameters goes with
it, so that what is measured is reading names, not weights.

    sparse_archive.py OUT.pt2 [--tensors 100000] [--bytes 1048576]

PyTorch's own layout (P2) and record order: stored, payloads at multiples of 64, ZIP64. CRCs of weights are 0, which is how
PyTorch writes archives without them.
"""
import argparse
import json
import struct
import zlib


def descriptor_end(data_at, size, wide):
    return data_at + size + ((24 if wide else 16) if size else 0)


WIDE = 0xFFFFFFFF  # numbers that do not fit stand in ZIP64 fields


class Sparse:
    """A zip in PyTorch's layout; a record without bytes is a hole."""

    def __init__(self, out, root):
        self.out, self.root, self.at, self.directory, self.n = out, root, 0, bytearray(), 0

    def add(self, name, data=None, size=None):
        full = (self.root + name).encode()
        size = len(data) if data is not None else size
        crc = zlib.crc32(data) if data is not None else 0
        header, flags = self.at, 0x800 | (8 if size else 0)
        large, far = size >= WIDE, self.at >= WIDE
        wide = large or far
        sizes = struct.pack("<QQ", size, size) if large else b""
        central = sizes + (struct.pack("<Q", header) if far else b"")
        central = struct.pack("<HH", 1, len(central)) + central if central else b""
        extra = central
        pad = -(header + 30 + len(full) + 4 + len(extra)) % 64
        extra += b"FB" + struct.pack("<H", pad) + b"Z" * pad
        self.out.seek(header)
        self.out.write(struct.pack("<IHHHHHIIIHH", 0x04034B50, 0, flags, 0, 0, 0, 0, 0, 0, len(full), len(extra)))
        self.out.write(full + extra)
        data_at = header + 30 + len(full) + len(extra)
        if data is not None:
            self.out.write(data)
        self.out.seek(data_at + size)
        if size:
            self.out.write(struct.pack("<IIQQ" if wide else "<IIII", 0x08074B50, crc, size, size))
        self.at = descriptor_end(data_at, size, wide)
        shown = min(size, WIDE)
        self.directory += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 0, 0, flags, 0, 0, 0, crc, shown, shown, len(full),
                                      len(central), 0, 0, 0, 0, min(header, WIDE)) + full + central
        self.n += 1

    def finish(self):
        self.out.seek(self.at)
        self.out.write(self.directory)
        end = self.at + len(self.directory)
        self.out.write(struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 0x031E, 0x2D, 0, 0, self.n, self.n,
                                   len(self.directory), self.at))
        self.out.write(struct.pack("<IIQI", 0x07064B50, 0, end, 1))
        self.out.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, min(self.n, 0xFFFF), min(self.n, 0xFFFF),
                                   min(len(self.directory), 0xFFFFFFFF), min(self.at, 0xFFFFFFFF), 0))


def tensor_meta(elements, requires_grad=True):
    return {"dtype": 7, "sizes": [{"as_int": elements}], "requires_grad": requires_grad,
            "device": {"type": "cpu", "index": None}, "strides": [{"as_int": 1}], "storage_offset": {"as_int": 0},
            "layout": 7}


def program(names, elements):
    """One addition of each of the first hundred parameters to the input."""
    values = {f"p_{i}": tensor_meta(elements) for i in range(len(names))}
    values["x"] = tensor_meta(elements, False)
    nodes, last = [], "x"
    for i in range(min(100, len(names))):
        arguments = [("self", last), ("other", f"p_{i}")]
        last = f"add_{i}"
        values[last] = tensor_meta(elements, False)
        nodes.append({"target": "torch.ops.aten.add.Tensor",
                      "inputs": [{"name": n, "arg": {"as_tensor": {"name": v}}, "kind": 1} for n, v in arguments],
                      "outputs": [{"as_tensor": {"name": last}}], "metadata": {}, "is_hop_single_tensor_return": None,
                      "name": last})
    inputs = [{"parameter": {"arg": {"name": f"p_{i}"}, "parameter_name": name}} for i, name in enumerate(names)]
    inputs.append({"user_input": {"arg": {"as_tensor": {"name": "x"}}}})
    graph = {"inputs": [{"as_tensor": {"name": f"p_{i}"}} for i in range(len(names))] + [{"as_tensor": {"name": "x"}}],
             "outputs": [{"as_tensor": {"name": last}}], "nodes": nodes, "tensor_values": values, "sym_int_values": {},
             "sym_bool_values": {}, "is_single_tensor_return": False, "custom_obj_values": {}, "sym_float_values": {}}
    signature = {"input_specs": inputs, "output_specs": [{"user_output": {"arg": {"as_tensor": {"name": last}}}}]}
    return {"graph_module": {"graph": graph, "signature": signature, "module_call_graph": [], "metadata": {},
                             "treespec_namedtuple_fields": {}},
            "opset_version": {"aten": 10}, "range_constraints": {}, "schema_version": {"major": 8, "minor": 20},
            "verifiers": ["TRAINING"], "torch_version": "2.15.0", "guards_code": []}


def write_archive(path, n_tensors, n_bytes, fill=None):
    """N_TENSORS weights of N_BYTES each; FILL: gives the bytes of one, else they are holes."""
    names = [f"layers.{i // 12}.block.{i % 12}.weight" for i in range(n_tensors)]
    elements = n_bytes // 4
    config = {name: {"path_name": f"weight_{i}", "is_param": True, "use_pickle": False,
                     "tensor_meta": tensor_meta(elements)} for i, name in enumerate(names)}
    with open(path, "wb") as out:
        made = Sparse(out, "sparse/")
        for i in range(n_tensors):
            made.add(f"data/weights/weight_{i}", fill(4 * elements) if fill else None, 4 * elements)
        made.add("data/weights/model_weights_config.json", json.dumps({"config": config}).encode())
        made.add("data/constants/model_constants_config.json", b'{"config": {}}')
        made.add("models/model.json", json.dumps(program(names, elements)).encode())
        made.add("data/sample_inputs/model.pt", b"")
        for name, data in (("archive_format", b"pt2"), ("archive_version", b"0"), (".data/version", b"6\n"),
                           ("byteorder", b"little"), (".data/serialization_id", b"0" * 40)):
            made.add(name, data)
        made.finish()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--tensors", type=int, default=100_000)
    parser.add_argument("--bytes", type=int, default=1 << 20)
    args = parser.parse_args()
    write_archive(args.out, args.tensors, args.bytes)


if __name__ == "__main__":
    main()
