#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 pickle`: what it lists of files of torch.save, of records, and of pickles that would run something.

    test_pickle.py PT2
"""
import io
import json
import os
import pickle
import pickletools
import zipfile

import command
from command import MLP, OLD, SAVED, CommandTest, archive, read

MODULE = str(command.CORPUS / "torch-save/pitloom-example-model.pt")
STREAM = str(command.CORPUS / "torch-save/burn-simple_legacy.pt")
PICKLED = str(command.CORPUS / "torch-2.8.0/mlp.pt2")


class Runs:
    """Pickles as a call; it is only ever pickled here."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch {self.mark}",)


class Pickle(CommandTest):
    def opcodes(self, data):
        return [(position, op.name) for op, _, position in pickletools.genops(data)]

    def test_saved(self):
        listed, = self.json("pickle", SAVED)
        name = next(name for name in zipfile.ZipFile(SAVED).namelist() if name.endswith("data.pkl"))
        data = zipfile.ZipFile(SAVED).read(name)
        self.assertEqual([(op["offset"], op["opcode"]) for op in listed["opcodes"]], self.opcodes(data))
        self.assertEqual((listed["record"], listed["protocol"], listed["would_run"]), ("data.pkl", 2, []))
        self.assertEqual([item["global"] for item in listed["globals"]],
                         ["torch._utils._rebuild_tensor_v2", "torch.CharStorage", "collections.OrderedDict"])
        self.assertEqual(listed["globals"][2],
                         {"global": "collections.OrderedDict", "built": True, "imported": 1, "called": 1,
                          "given_state": 0, "added_to": 0, "offset": 127})
        text = self.text("pickle", SAVED)
        self.assertRegex(text, r"\n +161  REDUCE +# calls torch\._utils\._rebuild_tensor_v2\n")
        self.assertIn("Unpickling it would run nothing: ", text)

    def test_every_opcode(self):
        """Offsets and names are those of Python's own disassembler, in every protocol that is read."""
        value = {"a": [1, -1, 70000, 2**70, 0.5, None, True, b"x" * 300, "y" * 300, (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
                 "b": {1}, "c": frozenset([2]), "d": bytearray(b"z"), "e": 1 + 2j, "f": list(range(1100))}
        for protocol in (2, 3, 4, 5):
            data = pickle.dumps(value, protocol)
            listed, = self.json("pickle", self.path(f"{protocol}.pkl", data))
            self.assertEqual([(op["offset"], op["opcode"]) for op in listed["opcodes"]], self.opcodes(data))
            self.assertEqual(sum(op["bytes"] for op in listed["opcodes"]), len(data))

    def test_nothing_runs(self):
        for protocol in (2, 4):
            mark = self.path("mark")
            path = self.path("bad.pkl", pickle.dumps([Runs(mark), 1], protocol))
            listed, = self.json("pickle", path)
            self.assertEqual(listed["would_run"], ["posix.system"])
            calls = [op for op in listed["opcodes"] if op.get("does") == "calls"]
            self.assertEqual([(op["opcode"], op["global"]) for op in calls], [("REDUCE", "posix.system")])
            text = self.text("pickle", path)
            self.assertIn("# calls posix.system\n", text)
            self.assertIn("Python would import these to unpickle it, and run what they do\n", text)
            self.assertIn("\\x1b[2J", self.text("pickle", self.path("esc.pkl", pickle.dumps("\x1b[2J", protocol))))
            self.assertFalse(os.path.exists(mark))

    def test_module(self):
        listed, = self.json("pickle", MODULE)
        self.assertEqual(listed["would_run"], ["torch.nn.modules.linear.Linear"])
        self.assertTrue(listed["complete"])
        self.assertRegex(self.text("pickle", MODULE), r"BUILD +# gives a state to torch\.nn\.modules\.linear\.Linear\n")

    def test_records(self):
        names = ["data/weights/model.pt", "data/constants/model.pt", "data/sample_inputs/model.pt"]
        self.assertEqual([listed["record"] for listed in self.json("pickle", PICKLED)], names)
        self.assertEqual([listed["record"] for listed in self.json("pickle", PICKLED, names[1])], names[1:2])
        self.assertEqual([listed["record"] for listed in self.json("pickle", MLP)], names[2:])
        self.assertEqual(self.json("pickle", OLD)[0]["record"], "serialized_state_dict.json")
        empty = self.path("empty.pt2", command.pt2_archive({"models/model.json": b"{}", "data/weights/model.pt": b""}))
        self.assertEqual(self.text("pickle", empty), "no pickles\n")
        self.assertEqual(self.json("pickle", empty), [])

    def test_stream(self):
        listed, = self.json("pickle", STREAM)
        self.assertEqual(sorted({op["pickle"] for op in listed["opcodes"]}), [0, 1, 2, 3, 4])
        self.assertIn("\n-- pickle 5 --\n", self.text("pickle", STREAM))
        self.assertEqual(self.text("pickle", "-", stdin=read(STREAM)), self.text("pickle", STREAM))

    def test_faults(self):
        """What can still be told is told, then the error."""
        def run(data, *words):
            answer = self.run_pt2("pickle", self.path("x", data), *words)
            self.assertEqual(answer.returncode, 2)
            return answer.stdout.decode(), answer.stderr.decode()

        out, error = run(b"\x80\x02Rcos\nsystem\n.")
        self.assertIn("# imports os.system\n", out)
        self.assertNotIn("would run nothing", out)
        self.assertIn("cannot be told", run(b"\x80\x02R.")[0])
        self.assertRegex(error, r"^pt2: \S+: @2: PT2-I005: ")
        out, error = run(b"\x80\x02N.\x80\x02cos\nsystem\n.", "--json")
        self.assertEqual(json.loads(out)[0]["would_run"], ["os.system"])
        self.assertFalse(json.loads(out)[0]["complete"])
        self.assertEqual(json.loads(error)["id"], "PT2-I012")
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as made:
            made.writestr("archive/data.pkl", b"\x80\x02cos\nsystem\n\xff")
        out, error = run(archive({"data/weights/model.pt": whole.getvalue(), "archive_format": b"pt2", "models/m.json": b"{}",
                                  "archive_version": b"0"}))
        self.assertIn("os.system", out)
        self.assertIn("archive/data.pkl@13: PT2-I003: in data/weights/model.pt: ", error)

    def test_not_pickles(self):
        self.fails("PT2-U005", "pickle", PICKLED, "nothing")
        self.fails("PT2-K004", "pickle", self.path("page.html", b"<!DOCTYPE html><html></html>"))
        self.fails("PT2-F001", "pickle", self.path("none"))
        self.fails("PT2-U002", "pickle")
        answer = self.run_pt2("pickle", PICKLED, "archive_format")
        self.assertEqual(answer.returncode, 2)
        self.assertIn("PT2-I001: in archive_format: ", answer.stderr.decode())


if __name__ == "__main__":
    command.main()
