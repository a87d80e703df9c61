#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`tensors` and `extract`: against what PyTorch said of the corpus, on broken archives, and on hostile names.

    test_tensors.py PT2
"""
import ast
import hashlib
import json
import os
import pathlib
import stat
import struct
import unittest
import zipfile

import command
from command import CORPUS, MLP, OLD, SAVED, SEVERAL, CommandTest, pt2_archive, read

TIED = str(CORPUS / "torch-2.15.0/tied_views.pt2")
ZOO = str(CORPUS / "torch-2.15.0/dtype_zoo.pt2")
SUBCLASS = str(CORPUS / "torch-2.15.0/subclass_weight.pt2")
KEYS = ["fqn", "role", "dtype", "shape", "stride", "storage_offset", "requires_grad", "persistent", "device", "layout",
        "record", "storage_bytes", "nbytes", "aliases", "form", "class", "pickled", "fault"]


def meta(sizes=(2,), strides=(1,), offset=0, dtype=7):
    return {"dtype": dtype, "sizes": [{"as_int": n} for n in sizes], "requires_grad": False,
            "device": {"type": "cpu", "index": None}, "strides": [{"as_int": n} for n in strides],
            "storage_offset": {"as_int": offset}, "layout": 7}


def entry(path, tensor_meta, pickle=False):
    return {"path_name": path, "is_param": False, "use_pickle": pickle, "tensor_meta": tensor_meta}


def load_npy(data):
    """(dtype, shape, elements) of a .npy file, by the specification."""
    assert data[:6] == b"\x93NUMPY"
    size, = struct.unpack_from("<H" if data[6] == 1 else "<I", data, 8)
    start = (10 if data[6] == 1 else 12) + size
    assert start % 64 == 0 and data[start - 1:start] == b"\n"
    header = ast.literal_eval(data[:start].decode("latin-1")[10 if data[6] == 1 else 12:])
    assert header.keys() == {"descr", "fortran_order", "shape"} and header["fortran_order"] is False
    return header["descr"], header["shape"], data[start:]


class TensorTest(CommandTest):
    def program(self, **changes):
        text = json.loads(super().program(**changes))
        text["graph_module"]["signature"]["input_specs"] = []
        return json.dumps(text).encode()

    def made(self, weights, records, **more):
        """An archive with a list of weights and some records."""
        base = {"data/weights/model_weights_config.json": json.dumps({"config": weights}).encode(),
                "data/constants/model_constants_config.json": b'{"config": {}}', "models/model.json": self.program(),
                "data/sample_inputs/model.pt": b"", "byteorder": b"little"}
        return self.path("made.pt2", pt2_archive({**records, **base, **more}))


class Tensors(TensorTest):
    def test_what_pytorch_says(self):
        checked = 0
        for path in sorted(CORPUS.glob("*/*.expect.json")):
            expect = json.loads(path.read_text())
            state, constants = expect.get("state_dict") or {}, expect.get("constants") or {}
            want = {**state, **{name: value for name, value in constants.items() if "dtype" in value}}
            archive = path.with_name(path.name.replace(".expect.json", ".pt2"))
            if not want or not archive.exists():
                continue
            got = {t["fqn"]: t for t in self.json("tensors", "--sha256", str(archive))}
            roles = {target: kind for kind, _, target in expect.get("inputs", []) if target}
            for name, value in want.items():
                tensor = got[name]
                self.assertEqual(tensor["persistent"], name in state)
                self.assertEqual(tensor["dtype"], value["dtype"].replace("torch.", ""))
                self.assertEqual((tensor["shape"], tensor["requires_grad"]), (value["shape"], value["requires_grad"]))
                if roles.get(name) in ("PARAMETER", "BUFFER"):
                    self.assertEqual(tensor["role"], roles[name].lower())
                if value.get("type"):  # a subclass: what its tensors are only its code knows
                    self.assertEqual((tensor["form"], tensor["sha256"]), ("subclass", None))
                    continue
                self.assertEqual(
                    (tensor["sha256"], tensor["stride"], tensor["storage_offset"], tensor["storage_bytes"], tensor["device"]),
                    (value["sha256"], value["stride"], value["storage_offset"], value["storage_nbytes"], value["device"]))
                checked += 1
        self.assertGreater(checked, 500)

    def test_json(self):
        tensors = self.json("tensors", TIED)
        self.assertEqual([list(t) for t in tensors], [KEYS] * 5)
        by_name = {t["fqn"]: t for t in tensors}
        self.assertEqual(by_name["emb.weight"]["aliases"], ["out.weight"])
        self.assertEqual(by_name["view2"], {
            "fqn": "view2", "role": "buffer", "dtype": "float32", "shape": [8], "stride": [2], "storage_offset": 4,
            "requires_grad": False, "persistent": True, "device": "cpu", "layout": "strided",
            "record": "data/weights/weight_1", "storage_bytes": 256, "nbytes": 32, "aliases": ["view"],
            "form": "strided", "class": None, "pickled": False, "fault": None})
        self.assertEqual((by_name["np"]["role"], by_name["np"]["persistent"]), ("buffer", False))

    def test_text(self):
        lines = self.text("tensors", TIED).splitlines()
        self.assertEqual(lines[0].split(), ["name", "role", "dtype", "shape", "bytes"])
        self.assertRegex(lines[3], r"^view +buffer +float32 +\[4, 8\] +128  stride \[1, 4\], shares with view2$")
        self.assertRegex(self.text("tensors", SUBCLASS), r"weight +parameter .*subclass, class torch\.testing\.")

    def test_threads(self):
        one = self.good("tensors", "--json", "--sha256", "--threads=1", ZOO)
        self.assertEqual(self.good("tensors", "--json", "--sha256", "--threads", "7", ZOO), one)
        for wrong in ("0", "257", "x", "-1"):
            self.fails("PT2-U002", "tensors", "--sha256", f"--threads={wrong}", MLP)

    def test_statistics(self):
        data = struct.pack("<6f", 1, -2, 0, float("inf"), float("nan"), 4)
        big = struct.pack("<2q", -2**63, 2**63 - 1)
        small = bytes([0x00, 0x38, 0xc0, 0x7f])  # float8_e4m3fn: 0, 1, -2, NaN
        path = self.made({"f": entry("weight_0", meta((6,))), "i": entry("weight_1", meta((2,), dtype=5)),
                          "e": entry("weight_2", meta((4,), dtype=29)), "c": entry("weight_3", meta((1,), dtype=10))},
                         {"data/weights/weight_0": data, "data/weights/weight_1": big, "data/weights/weight_2": small,
                          "data/weights/weight_3": bytes(8)})
        stat = {t["fqn"]: t["stat"] for t in self.json("tensors", "--stat", path)}
        std = stat["f"].pop("std")
        self.assertEqual(stat["f"], {"min": -2.0, "max": 4.0, "mean": 0.75, "zeros": 1, "nan": 1, "inf": 1})
        self.assertAlmostEqual(std, 2.165063509461097)
        self.assertEqual((stat["i"]["min"], stat["i"]["max"]), (-2**63, 2**63 - 1))
        self.assertEqual((stat["e"]["min"], stat["e"]["max"], stat["e"]["nan"], stat["e"]["zeros"]), (-2.0, 1.0, 1, 1))
        self.assertIsNone(stat["c"])
        self.assertIn("no number", self.text("tensors", "--stat", path))

    def test_several_programs(self):
        self.fails("PT2-U004", "tensors", SEVERAL)
        self.assertEqual([t["fqn"] for t in self.json("tensors", "--model=plain", SEVERAL)],
                         ["a.weight", "a.bias", "b.weight", "b.bias"])

    def test_no_program(self):
        self.fails("PT2-K015", "tensors", SAVED)
        self.fails("PT2-K019", "tensors", self.path("p.json", self.program()))

    def test_faults_hide_nothing(self):
        path = self.made({"a": entry("weight_0", meta((3,))), "b": entry("weight_0", meta()), "c": entry("gone", meta()),
                          "d": entry("../weight_0", meta((1,)))}, {"data/weights/weight_0": bytes(8)})
        answer = self.run_pt2("tensors", "--json", "--sha256", path)
        self.assertEqual(answer.returncode, 2)
        tensors = {t["fqn"]: t for t in json.loads(answer.stdout)}
        self.assertEqual([tensors[name]["fault"] for name in "abcd"], ["PT2-W004", None, "PT2-W002", "PT2-W001"])
        self.assertEqual(tensors["b"]["sha256"], hashlib.sha256(bytes(8)).hexdigest())
        self.assertEqual(tensors["c"]["shape"], [2])
        errors = [json.loads(line) for line in answer.stderr.decode().splitlines()]
        self.assertEqual([e["id"] for e in errors], ["PT2-W004", "PT2-W002", "PT2-W001"])
        self.assertEqual(errors[0]["where"], 'data/weights/model_weights_config.json config["a"]')
        self.assertIn("FAULT PT2-W004", self.run_pt2("tensors", path).stdout.decode())

    def test_lists_that_are_wrong(self):
        for text, error in ((b"{", "PT2-J001"), (b'{"config": []}', "PT2-J009"), (b"", "PT2-J001")):
            path = self.made({}, {}, **{"data/constants/model_constants_config.json": text})
            answer = self.run_pt2("tensors", path)
            self.assertEqual((answer.returncode, error in answer.stderr.decode()), (2, True), answer.stderr)

    def test_names_are_escaped(self):
        path = self.made({"a\x1b[31m\u202e": entry("weight_0", meta())}, {"data/weights/weight_0": bytes(8)})
        shown = self.text("tensors", path)
        self.assertNotIn("\x1b", shown)
        self.assertNotIn("\u202e", shown)
        self.assertEqual(self.json("tensors", path)[0]["fqn"], "a\x1b[31m\u202e")

    def test_expanded_beyond_the_limit(self):
        path = self.made({"e": entry("weight_0", meta((1 << 40,), (0,)))}, {"data/weights/weight_0": bytes(4)})
        self.assertEqual(self.json("tensors", path)[0]["nbytes"], 4 << 40)
        self.fails("PT2-L003", "tensors", "--sha256", path)
        self.fails("PT2-L003", "tensors", "--stat", path)

    def test_many_aliases(self):
        path = self.made({f"t{i}": entry("weight_0", meta()) for i in range(400)}, {"data/weights/weight_0": bytes(8)})
        tensors = self.json("tensors", path)
        self.assertEqual((len(tensors[5]["aliases"]), tensors[5]["aliases_left_out"]), (256, 143))


class Extract(TensorTest):
    def test_one(self):
        out = self.path("view.npy")
        self.good("extract", TIED, "--tensor=view", out)
        descr, shape, data = load_npy(read(out))
        wanted = {t["fqn"]: t["sha256"] for t in self.json("tensors", "--sha256", TIED)}
        self.assertEqual((descr, shape, hashlib.sha256(data).hexdigest()), ("<f4", (4, 8), wanted["view"]))
        self.assertEqual(self.good("extract", "--raw", "--tensor", "view", TIED, "-"), data)
        self.fails("PT2-F003", "extract", TIED, "--tensor=np", out)
        self.good("extract", "-f", TIED, "--tensor=np", out)
        self.assertEqual(load_npy(read(out))[1], (3,))
        self.assertEqual(os.listdir(self.folder), ["view.npy"])

    def test_types_that_numpy_has_not(self):
        for name, descr, shape in (("b_bfloat16", "<u2", (2, 3)), ("b_float8_e5m2", "|u1", (2, 3)),
                                   ("b_complex32", "<f2", (2, 3, 2))):
            answer = self.run_pt2("extract", ZOO, f"--tensor={name}", "-")
            self.assertEqual((answer.returncode, load_npy(answer.stdout)[:2]), (0, (descr, shape)))
            self.assertIn("NumPy has no", answer.stderr.decode())
            self.good("extract", "-q", ZOO, f"--tensor={name}", "-")
            self.good("extract", "--raw", ZOO, f"--tensor={name}", "-")

    def test_what_cannot_be_had(self):
        self.fails("PT2-W014", "extract", MLP, "--tensor=c.weight", self.path("x"))
        self.fails("PT2-W013", "extract", SUBCLASS, "--tensor=weight", self.path("x"), has="TwoTensor")
        path = self.made({"fake": entry("weight_0", meta()), "far": entry("weight_1", meta((9,)))},
                         {"data/weights/weight_0": b"", "data/weights/weight_1": bytes(8)})
        self.fails("PT2-W012", "extract", path, "--tensor=fake", self.path("x"))
        self.fails("PT2-W004", "extract", path, "--tensor=far", self.path("x"))
        self.assertNotIn("x", os.listdir(self.folder))

    def test_usage(self):
        for words in ((), ("--tensor=a",), ("--all=d", "out"), ("--all=d", "--tensor=a"), ("out",)):
            self.fails("PT2-U002", "extract", MLP, *words)

    def test_damaged_record(self):
        data = bytearray(read(MLP))
        at = next(r for r in self.json("ls", MLP) if r["name"] == "data/weights/weight_0")["offset"]
        data[at] ^= 1
        path = self.path("damaged.pt2", bytes(data))
        self.fails("PT2-Z017", "extract", path, "--tensor=a.weight", self.path("x"))
        self.good("extract", path, "--tensor=a.bias", self.path("x"))

    def check_folder(self, source, folder):
        """Everything of SOURCE is in FOLDER, by its manifest, each byte once where that can be."""
        manifest = json.loads(read(os.path.join(folder, "manifest.json")))
        self.assertEqual((manifest["format"], manifest["version"]), ("pt2-folder", 1))
        with zipfile.ZipFile(source) as made:
            names = made.namelist()
            root = "" if OLD == source else names[0].split("/")[0] + "/"
            self.assertEqual([root + r["name"] for r in manifest["records"]], names)
            for record in manifest["records"]:
                data = read(os.path.join(folder, record["file"]))[record["offset"]:]
                self.assertEqual(data, made.read(root + record["name"]))
        files = {str(p.relative_to(folder)) for p in pathlib.Path(folder).rglob("*") if p.is_file()}
        named = {r["file"] for r in manifest["records"]} | {t["file"] for t in manifest["tensors"] if t["file"]}
        self.assertEqual(files, named | {"manifest.json"})
        return manifest

    def test_all(self):
        for number, source in enumerate((MLP, TIED, ZOO, SUBCLASS, SEVERAL, OLD, SAVED,
                                         str(CORPUS / "torch-2.8.0/tied_views.pt2"))):
            for options in ((), ("--raw",)):
                folder = self.path(f"d{number}{''.join(options)}")
                self.good("extract", source, "--all", folder, *options)
                self.check_folder(source, folder)

    def test_all_shares(self):
        folder = self.path("d")
        self.good("extract", TIED, "--all", folder)
        manifest = self.check_folder(TIED, folder)
        tensors = {t["fqn"]: t for t in manifest["tensors"]}
        self.assertEqual(tensors["out.weight"]["file"], "tensors/emb.weight.npy")
        self.assertEqual([tensors[n]["is_record"] for n in ("emb.weight", "view", "view2", "np")], [True, False, False, True])
        self.assertFalse(os.path.exists(os.path.join(folder, "records/data/weights/weight_0")))

    def test_all_programs(self):
        folder = self.path("d")
        self.good("extract", SEVERAL, "--all", folder)
        self.assertEqual(sorted(os.listdir(os.path.join(folder, "tensors"))), ["doubled", "plain", "tied"])

    def test_existing_folder(self):
        folder = self.path("d")
        os.mkdir(folder)
        self.good("extract", MLP, "--all", folder)
        self.fails("PT2-F003", "extract", MLP, "--all", folder)
        kept = os.path.join(folder, "tensors/a.bias.npy")
        pathlib.Path(kept).write_bytes(b"mine")
        self.fails("PT2-F003", "extract", MLP, "--all", folder)
        self.assertEqual(read(kept), b"mine")
        self.good("extract", "-f", MLP, "--all", folder)
        self.check_folder(MLP, folder)
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual(stat.S_IMODE(os.stat(kept).st_mode), 0o666 & ~mask)

    def test_links_are_not_followed(self):
        folder, outside = self.path("d"), self.path("outside")
        os.mkdir(folder)
        os.mkdir(outside)
        os.symlink(outside, os.path.join(folder, "tensors"))
        answer = self.run_pt2("extract", "-f", MLP, "--all", folder)
        self.assertEqual(answer.returncode, 2)
        self.assertIn("PT2-F002", answer.stderr.decode())
        self.assertEqual(os.listdir(outside), [])
        # A link in a file's place is replaced, not written through.
        os.unlink(os.path.join(folder, "tensors"))
        os.mkdir(os.path.join(folder, "tensors"))
        target = self.path("target", b"mine")
        os.symlink(target, os.path.join(folder, "tensors/a.bias.npy"))
        self.good("extract", "-f", MLP, "--all", folder)
        self.assertEqual(read(target), b"mine")

    def test_hostile_names(self):
        names = ["../../up", "/abs", "..", ".", "", "a/b", "a\\b", "nul\0", "x" * 4000, "x" * 4001, "A", "a", "\x1b[0m",
                 "~", "c:d", "\u202egpj", "ä", "manifest.json"]
        data = {f"data/weights/weight_{i}": struct.pack("<2f", i, i) for i in range(len(names))}
        path = self.made({name: entry(f"weight_{i}", meta()) for i, name in enumerate(names)}, data)
        folder = self.path("d")
        self.good("extract", path, "--all", folder)
        manifest = self.check_folder(path, folder)
        self.assertEqual([t["fqn"] for t in manifest["tensors"]], names)
        for i, tensor in enumerate(manifest["tensors"]):
            self.assertRegex(tensor["file"], r"^tensors/[^/\\:\x00-\x1f]+\.npy$")
            self.assertEqual(load_npy(read(os.path.join(folder, tensor["file"])))[2], struct.pack("<2f", i, i))
        self.assertEqual(len({t["file"].lower() for t in manifest["tensors"]}), len(names))
        self.assertEqual(sorted(os.listdir(self.folder)), ["d", "made.pt2"])

    def test_faults_hide_nothing(self):
        path = self.made({"a": entry("weight_0", meta((3,))), "b": entry("weight_1", meta())},
                         {"data/weights/weight_0": bytes(8), "data/weights/weight_1": bytes(8)})
        folder = self.path("d")
        answer = self.run_pt2("extract", path, "--all", folder)
        self.assertEqual((answer.returncode, answer.stderr.decode().count("PT2-W004")), (2, 1))
        manifest = self.check_folder(path, folder)
        self.assertEqual([t["file"] for t in manifest["tensors"]], [None, "tensors/b.npy"])


class Info(TensorTest):
    def test_pickles_by_the_lists(self):
        """Payloads that a list tells about are not looked at."""
        zipped = b"PK\x03\x04" + bytes(4)
        path = self.made({"raw": entry("weight_0", meta()), "saved": entry("weight_1", meta(), True)},
                         {"data/weights/weight_0": zipped, "data/weights/weight_1": bytes(8),
                          "data/weights/weight_2": zipped})
        self.assertEqual(self.json("info", path)["pickles"], ["data/weights/weight_1", "data/weights/weight_2"])


if __name__ == "__main__":
    command.main()
