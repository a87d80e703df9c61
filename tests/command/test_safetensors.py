#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`convert` to safetensors and `convert --weights`: files read by the format's specification, on the whole corpus.

    test_safetensors.py PT2
"""
import hashlib
import json
import pathlib
import struct

import command
from command import CORPUS, MLP, SAVED, SEVERAL, CommandTest, read

TIED = str(CORPUS / "torch-2.15.0/tied_views.pt2")
ZOO = str(CORPUS / "torch-2.15.0/dtype_zoo.pt2")
PICKLED = str(CORPUS / "torch-2.6.0/mlp.pt2")
SUBCLASS = str(CORPUS / "torch-2.15.0/subclass_weight.pt2")


def load(data):
    """({name: entry}, metadata, {name: bytes}) of a safetensors file."""
    size, = struct.unpack_from("<Q", data)
    text = data[8:8 + size]
    assert size % 8 == 0 and text.startswith(b"{") and len(text) == size
    header = json.loads(text)
    metadata = header.pop("__metadata__")
    ends = [0]
    for entry in header.values():
        assert list(entry) == ["dtype", "shape", "data_offsets"] and entry["data_offsets"][0] == ends[-1]
        ends.append(entry["data_offsets"][1])
    assert ends[-1] == len(data) - 8 - size
    body = data[8 + size:]
    return header, metadata, {name: body[slice(*entry["data_offsets"])] for name, entry in header.items()}


def dump(entries, metadata=None):
    """A file of {name: (dtype, shape, bytes)}."""
    header, body = {} if metadata is None else {"__metadata__": metadata}, b""
    for name, (dtype, shape, data) in entries.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


class SafetensorsTest(CommandTest):
    def tensors(self, path, *words):
        return {t["fqn"]: t for t in self.json("tensors", "--sha256", path, *words)}


class Out(SafetensorsTest):
    def test_corpus(self):
        """Every tensor with elements is there, under its name or the one it is tied to, with the same SHA-256."""
        checked = tied = 0
        for path in sorted(CORPUS.glob("torch-2.*/*.pt2")):
            answer = self.run_pt2("convert", str(path), "-", "--to=safetensors")
            if answer.returncode == 2:
                self.assertRegex(answer.stderr.decode(), r": PT2-(U004|K\d{3}): ")
                continue
            _, metadata, data = load(answer.stdout)
            left_out = set()
            for name, tensor in self.tensors(str(path)).items():
                if tensor["sha256"] is None or tensor["dtype"] in ("complex32", "complex128"):
                    left_out.add(name)
                    self.assertNotIn(name, data)
                    continue
                tied += name not in data
                got = data[name] if name in data else data[metadata[name]]
                self.assertEqual(hashlib.sha256(got).hexdigest(), tensor["sha256"], (path, name))
                checked += 1
            self.assertEqual(answer.returncode, 1 if left_out else 0, (path, answer.stderr))
            self.assertLessEqual(set(data), set(self.tensors(str(path))))
        self.assertGreater(checked, 600)
        self.assertGreater(tied, 5)

    def test_tied(self):
        answer = self.run_pt2("convert", TIED, self.path("t.safetensors"))
        self.assertEqual((answer.returncode, answer.stdout), (0, b""))
        self.assertEqual(answer.stderr.decode(), "pt2: 1 tied tensor is written once, under the other name (the metadata "
                                                 "says which); --repeat writes each\n")
        header, metadata, _ = load(read(self.path("t.safetensors")))
        self.assertEqual(list(header), ["emb.weight", "np", "view", "view2"])
        self.good("convert", TIED, self.path("tied.json"))
        self.assertEqual(metadata, {"format": "pt", "torch_version": "2.15.0+cu132", "out.weight": "emb.weight",
                                    "content_id": self.good("hash", self.path("tied.json")).decode().split()[0]})
        self.assertEqual(header["view"], {"dtype": "F32", "shape": [4, 8], "data_offsets": [276, 404]})
        self.assertEqual(self.good("convert", "-q", TIED, self.path("q.safetensors")), b"")
        self.assertEqual(read(self.path("q.safetensors")), read(self.path("t.safetensors")))
        self.good("convert", "--repeat", TIED, self.path("r.safetensors"))
        header, metadata, data = load(read(self.path("r.safetensors")))
        self.assertEqual(data["out.weight"], data["emb.weight"])
        self.assertNotIn("out.weight", metadata)

    def test_left_out(self):
        answer = self.run_pt2("convert", ZOO, self.path("zoo.safetensors"))
        self.assertEqual(answer.returncode, 1)
        lines = answer.stderr.decode().splitlines()
        self.assertEqual([line.split(": ")[2:4] for line in lines],
                         [["b_complex32", "PT2-W023"], ["b_complex128", "PT2-W023"]])
        header, _, _ = load(read(self.path("zoo.safetensors")))
        self.assertEqual([header[name]["dtype"] for name in header],
                         ["U64", "I64", "F64", "C64", "F32", "F32", "F32", "U32", "I32", "BF16", "F16", "U16", "I16",
                          "F8_E5M2FNUZ", "F8_E4M3FNUZ", "F8_E8M0", "F8_E4M3", "F8_E5M2", "I8", "U8", "BOOL"])
        self.assertEqual((header["scalar"]["shape"], header["zero_size"]["shape"]), ([], [0, 4]))
        match = self.bad("convert", SUBCLASS, self.path("s.safetensors"), status=1)
        self.assertEqual(match["id"], "PT2-W013")

    def test_choices(self):
        self.fails("PT2-U004", "convert", SEVERAL, self.path("a.safetensors"))
        self.assertFalse(pathlib.Path(self.path("a.safetensors")).exists())
        self.good("convert", "--model=plain", SEVERAL, self.path("a.safetensors"))
        self.fails("PT2-F003", "convert", MLP, self.path("a.safetensors"))
        self.good("convert", "-f", MLP, self.path("a.safetensors"))
        self.assertEqual(self.good("convert", MLP, "-", "--to=safetensors"), read(self.path("a.safetensors")))
        self.fails("PT2-K019", "convert", self.path("p.json", self.program()), self.path("p.safetensors"))
        self.fails("PT2-U002", "convert", "--repeat", MLP, self.path("b.pt2"), has="--repeat goes with")

    def test_write_faults(self):
        with open("/dev/full", "wb") as full:
            answer = self.run_pt2("convert", MLP, "-", "--to=safetensors", stdout=full)
        self.assertEqual(answer.returncode, 2)
        self.assertIn(b"PT2-F002", answer.stderr)
        self.fails("PT2-F002", "convert", MLP, self.path("no/folder.safetensors"))


class In(SafetensorsTest):
    def test_back(self):
        """What was taken out and put back gives the same records."""
        for path in (MLP, TIED, ZOO):
            self.run_pt2("convert", "-f", path, self.path("w.safetensors"))
            self.run_pt2("convert", "-f", f"--weights={self.path('w.safetensors')}", path, self.path("new.pt2"))
            self.assertEqual(self.tensors(self.path("new.pt2")), self.tensors(path))
            records = self.json("ls", path)
            self.assertEqual([(r["name"], r["crc32"]) for r in self.json("ls", self.path("new.pt2"))[:-1]],
                             [(r["name"], r["crc32"]) for r in records[:-1]])

    def test_replaced(self):
        """A view of a larger storage: both change what they share, and the rest stays."""
        new = struct.pack("<32f", *range(32))
        weights = self.path("w.safetensors", dump({"view": ("F32", [4, 8], new)}))
        answer = self.run_pt2("convert", f"--weights={weights}", TIED, self.path("new.pt2"))
        self.assertEqual((answer.returncode, answer.stderr.decode()),
                         (0, "pt2: 3 of 5 tensors are not in the weights and stay as they are: emb.weight, out.weight, "
                             "np\n"))
        before, after = self.tensors(TIED), self.tensors(self.path("new.pt2"))
        self.assertEqual(after["view"]["sha256"], hashlib.sha256(new).hexdigest())
        # view is the transpose of elements 8 … 39 of the storage; view2 is elements 4, 6 … 18 of it.
        old, changed = (self.good("extract", path, "--tensor=view2", "--raw", "-") for path in (TIED, self.path("new.pt2")))
        flat = [new[4 * (8 * (i % 4) + i // 4):][:4] for i in range(32)]
        self.assertEqual(changed, old[:8] + b"".join(flat[0:12:2]))
        for name in ("emb.weight", "out.weight", "np"):
            self.assertEqual(after[name], before[name])
        self.assertEqual(self.good("cat", self.path("new.pt2"), "models/model.json"),
                         self.good("cat", TIED, "models/model.json"))

    def test_compact_archive(self):
        new = struct.pack("<8f", *range(8))
        weights = self.path("w.safetensors", dump({"b.bias": ("F32", [8], new)}))
        self.good("convert", "-q", f"--weights={weights}", MLP, self.path("new.pt2c"))
        self.good("convert", self.path("new.pt2c"), self.path("new.pt2"))
        for name in ("new.pt2c", "new.pt2"):
            self.assertEqual(self.tensors(self.path(name))["b.bias"]["sha256"], hashlib.sha256(new).hexdigest())
        self.good("convert", "-qf", f"--weights={weights}", self.path("new.pt2c"), self.path("again.pt2"))
        self.assertEqual(self.tensors(self.path("again.pt2")), self.tensors(self.path("new.pt2")))
        # By either way the archive has one id of its own, and the same bytes.
        self.good("convert", "-q", f"--weights={weights}", MLP, self.path("direct.pt2"))
        self.good("convert", "-q", f"--weights={weights}", MLP, self.path("direct.pt2c"))
        self.good("convert", "-q", self.path("direct.pt2c"), self.path("through.pt2"))
        number = self.good("cat", self.path("direct.pt2c"), ".data/serialization_id")
        self.assertRegex(number, rb"^\d{40}$")
        self.assertNotEqual(number, self.good("cat", MLP, ".data/serialization_id"))
        self.assertEqual(command.read(self.path("through.pt2")), command.read(self.path("direct.pt2")))

    def test_refused(self):
        bias = struct.pack("<8f", *range(8))
        rows = [("PT2-W014", MLP, {"c.bias": ("F32", [8], bias)}, "c.bias"),
                ("PT2-W025", MLP, {"b.bias": ("F32", [2, 4], bias)}, "[2, 4] instead of float32 [8]"),
                ("PT2-W025", MLP, {"b.bias": ("I32", [8], bias)}, "int32 [8]"),
                ("PT2-W027", PICKLED, {"b.bias": ("F32", [8], bias)}, "b.bias"),
                ("PT2-W026", TIED, {"emb.weight": ("F32", [11, 6], bytes(264)),
                                    "out.weight": ("F32", [11, 6], b"\1" * 264)}, "")]
        for identifier, archive, entries, has in rows:
            weights = self.path("w.safetensors", dump(entries))
            self.fails(identifier, "convert", f"--weights={weights}", archive, self.path("new.pt2"), has=has)
            self.assertFalse(pathlib.Path(self.path("new.pt2")).exists())
        for identifier, data in [("PT2-W017", b""), ("PT2-W017", read(SAVED)), ("PT2-W019", dump({})[:8] + b"[]"),
                                 ("PT2-W020", dump({}) + b"x"), ("PT2-W021", dump({"a": ("F32", [1], b"12345")})),
                                 ("PT2-W022", dump({}, {"a": 1})), ("PT2-W023", dump({"a": ("X1", [1], b"1")})),
                                 ("PT2-J012", struct.pack("<Q", 13) + b'{"a":1,"a":2}')]:
            weights = self.path("w.safetensors", data)
            self.fails(identifier, "convert", f"--weights={weights}", MLP, self.path("new.pt2"), has="w.safetensors")
        self.fails("PT2-F001", "convert", "--weights=nowhere", MLP, self.path("new.pt2"))
        for out in ("m.json", "m.safetensors"):
            self.fails("PT2-U002", "convert", "--weights=w", MLP, self.path(out), has="--weights goes with")

    def test_pipe(self):
        weights = dump({"b.bias": ("F32", [8], struct.pack("<8f", *range(8)))})
        answer = self.run_pt2("convert", "--weights=-", "-q", MLP, self.path("new.pt2"), stdin=weights)
        self.assertEqual((answer.returncode, answer.stderr), (0, b""))
        self.good("convert", "-q", f"--weights={self.path('w', weights)}", MLP, self.path("file.pt2"))
        self.assertEqual(read(self.path("new.pt2")), read(self.path("file.pt2")))


if __name__ == "__main__":
    command.main()
