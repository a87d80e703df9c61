#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 convert --schema`: programs and archives that follow another version of the schema.

    test_schema.py PT2
"""
import json
import zipfile

import command
from command import MLP, SEVERAL, CommandTest

GUARDS = str(command.CORPUS / "torch-2.15.0/derived_dims.pt2")
DTYPES = str(command.CORPUS / "torch-2.15.0/dtype_zoo.pt2")
LEGACY = str(command.CORPUS / "torch-2.6.0/mlp.pt2")


class Convert(CommandTest):
    def version(self, data):
        return json.loads(data)["schema_version"]

    def test_each_form(self):
        for name in ("m.json", "m.thrift", "m.thrift.zst", "m.pt2", "m.pt2c"):
            out = self.path(name)
            self.good("convert", "--schema=8.8", MLP, out)
            text = self.good("convert", out, "-", "--to=json")
            self.assertEqual(self.version(text), {"major": 8, "minor": 8}, name)
            self.assertNotIn(b"guards_code", text)
            self.good("convert", "--schema=8.20", out, self.path("up-" + name))
            self.assertEqual(self.good("convert", self.path("up-" + name), "-", "--to=json"),
                             self.good("convert", MLP, "-", "--to=json"), name)

    def test_every_program_of_an_archive(self):
        self.good("convert", "--schema=8.10", SEVERAL, self.path("s.pt2"))
        with zipfile.ZipFile(self.path("s.pt2")) as archive:
            models = [name for name in archive.namelist() if "/models/" in name]
            self.assertGreater(len(models), 1)
            for name in models:
                self.assertEqual(self.version(archive.read(name)), {"major": 8, "minor": 10})

    def test_legacy_archives(self):
        self.good("convert", "--schema=8.20", LEGACY, self.path("today.pt2"))
        self.assertEqual(self.json("info", self.path("today.pt2"))["schema_version"], {"major": 8, "minor": 20})
        self.good("convert", "--schema=8.1", LEGACY, self.path("as-it-is.pt2c"))
        self.assertEqual(self.good("cat", self.path("as-it-is.pt2c"), "version"), b"8.1")

    def test_what_the_target_does_not_have(self):
        out = self.path("g.json")
        refused = self.fails("PT2-E001", "convert", "--schema=8.12", GUARDS, out, has="ExportedProgram.guards_code (since 8.14)")
        self.assertIn("guards_code: PT2-E001", refused[0])
        answer = self.run_pt2("convert", "--schema=8.12", "--lossy", GUARDS, out)
        self.assertEqual((answer.returncode, answer.stderr.decode()),
                         (0, "pt2: left out: ExportedProgram.guards_code (since 8.14) at guards_code\n"))
        self.assertNotIn(b"guards_code", command.read(out))
        self.good("convert", "-q", "-f", "--schema=8.12", "--lossy", GUARDS, out)
        # An element type has no stand-in.
        self.fails("PT2-E001", "convert", "--schema=8.19", "--lossy", DTYPES, out, has="nothing could stand in its place")

    def test_versions_that_are_none(self):
        for version in ("8.0", "8.21", "9.1", "8", "8.", "8.x", "8.-1", "7.3", "\x1b[31m"):
            self.fails("PT2-E002", "convert", "--schema=" + version, MLP, self.path("m.json"))
        self.fails("PT2-U002", "convert", "--lossy", MLP, self.path("m.json"), has="--lossy goes with --schema")
        self.fails("PT2-U002", "convert", "--schema=8.20", MLP, self.path("m.safetensors"), has="--schema goes with")


if __name__ == "__main__":
    command.main()
