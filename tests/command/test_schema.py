#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 schema`, and `pt2 convert --schema`: programs and archives that follow another version of the schema.

    test_schema.py PT2
"""
import base64
import json
import re
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


class Show(CommandTest):
    def test_types(self):
        self.assertEqual(self.text("schema", "show", "SymBool"), "union SymBool\n  10: SymExpr as_expr\n  20: bool as_bool\n")
        self.assertEqual(self.text("schema", "show", "--at=torch-2.1", "SymBool"),
                         "union SymBool\n  10: string as_expr\n  20: bool as_bool\n")
        self.assertIn("  50: bool is_hop_single_tensor_return = null\n", self.text("schema", "show", "--at", "8.5", "Node"))
        self.assertNotIn("is_hop", self.text("schema", "show", "--at=8.2"))
        self.assertIn("(written [])", self.text("schema", "show", "--at=8.1", "Argument"))

    def test_json(self):
        shown = self.json("schema", "show", "--at=8.17", "RangeConstraint")
        self.assertEqual((shown["schema_version"], shown["torch"]), ({"major": 8, "minor": 17}, "2.11"))
        self.assertEqual(shown["types"][0]["fields"][0], {"name": "min_val", "id": 10, "type": "i64", "required": False,
                                                          "null_key": True, "unit": False, "default": None})
        self.assertIs(self.json("schema", "show", "--at=2", "Argument")["types"][0]["fields"][0]["unit"], True)
        self.assertEqual(self.json("schema", "show", "--at=torch-2.10")["schema_version"], {"major": 8, "minor": 15})
        layout = self.json("schema", "show", "Layout")["types"][0]
        self.assertEqual(layout["fields"][-1], {"name": "Strided", "value": 7})

    def test_a_file(self):
        mine = self.path("mine.thrift", b"struct Mine { 1: i64 a }")
        self.assertEqual(self.text("schema", "show", "--at", mine), "struct Mine\n  1: i64 a\n")
        wrong = self.path("wrong.thrift", b"struct Mine {\n 1: i64 }")
        self.fails("PT2-E003", "schema", "show", "--at", wrong, has="line 2: a name must stand instead of")

    def test_wrong_names(self):
        self.fails("PT2-E004", "schema", "show", "Nodes", has="8.20 has no Nodes")
        self.fails("PT2-E002", "schema", "show", "--at=7.9")
        self.fails("PT2-U002", "schema", "look", has="there are show")
        self.fails("PT2-U002", "schema", "audit", "8.1")


class History(CommandTest):
    def test_all(self):
        text = self.text("schema", "history")
        self.assertIn("8.16  known from neighbours\n  field-added-optional   Node.name: string\n", text)
        versions = self.json("schema", "history")
        self.assertEqual([v["version"] for v in versions][:4], ["1", "2", "3.1", "5.1"])
        self.assertEqual(versions[-1]["torch"], "2.12 2.13 2.14 2.15")

    def test_names(self):
        self.assertEqual(self.text("schema", "history", "ArgumentKind.POSITIONAL"), """\
8.5  known from neighbours
  type-added             ArgumentKind: enum
8.6  known from description
  value-renumbered       ArgumentKind.POSITIONAL: 0 -> 1
""")
        self.assertEqual(self.text("schema", "history", "dialect"), """\
2  torch 2.2  known from classes
  field-added-required   ExportedProgram.dialect: string
7.3  torch 2.5  known from classes
  field-removed-required ExportedProgram.dialect
""")
        self.fails("PT2-E004", "schema", "history", "no_such_thing")


class Audit(CommandTest):
    def test_real_pair(self):
        report = self.json("schema", "audit", "8.5", "8.6", status=1)
        self.assertEqual(len(report), 1)
        positional = [c for c in report[0]["changes"] if c["where"] == "ArgumentKind.POSITIONAL"][0]
        self.assertEqual((positional["rule"], positional["was"], positional["is"], positional["breaks"],
                          positional["json"]["backward"]), ("value-renumbered", "0", "1", "both", "misreads"))
        self.assertEqual(report[0]["demand"], "rejected")

    def test_directions(self):
        self.text("schema", "audit", "8.19", "8.20", "--direction=backward")
        text = self.text("schema", "audit", "8.19", "8.20", "--direction=forward", status=1)
        self.assertIn("ScalarType.UINT32: breaks JSON, value-added", text)
        self.assertTrue(text.endswith("8.19 -> 8.20: 2 changes, 2 of them breaking; PyTorch demands minor\n"), text)
        self.fails("PT2-U002", "schema", "audit", "8.19", "8.20", "--direction=up")

    def test_allowed(self):
        self.assertIn("(allowed)", self.text("schema", "audit", "8.19", "8.20", "--allow=value-added"))
        self.text("schema", "audit", "8.19", "8.20", "--allow=ScalarType")
        self.text("schema", "audit", "8.19", "8.20", "--allow=ScalarType.UINT32", status=1)
        self.text("schema", "audit", "8.19", "8.20", "--allow=Argument", status=1)
        # A field that is gone: a list of what was decided holds for other versions too.
        self.text("schema", "audit", "8.19", "8.20", "--allow=ExportedProgram.dialect", status=1)
        for word in ("zz", "Scalar", "ScalarType.NONE", "ScalarType.", "value_added", ""):
            self.fails("PT2-U002", "schema", "audit", "8.19", "8.20", "--allow=value-added", f"--allow={word}",
                       has="rules are type-added, type-removed, ")

    def test_places_of_files_are_allowed(self):
        old = self.path("old.thrift", b"struct A { 1: i64 x }")
        new = self.path("new.thrift", b"struct A { 1: i64 x 2: i64 y }")
        for place in ("A", "A.y"):
            self.assertIn("(allowed)", self.text("schema", "audit", old, new, f"--allow={place}"))

    def test_range(self):
        report = self.json("schema", "audit", "8.17", "8.20", "--transitive", status=1)
        self.assertEqual([pair["old"] for pair in report], ["8.17", "8.18", "8.19"])

    def test_files(self):
        old = self.path("old.yaml", b"A:\n  kind: struct\n  fields:\n    x:\n      type: int\nSCHEMA_VERSION:\n- 8\n- 9\n")
        new = self.path("new.thrift", b"struct A { 1: i64 x 2: optional string y (default = 'null') }")
        report = self.json("schema", "audit", old, new)
        self.assertEqual([(c["where"], c["rule"], c["breaks"]) for c in report[0]["changes"]],
                         [("A.y", "field-added-optional", "safe")])
        self.assertEqual(self.json("schema", "audit", "8.20", "8.20")[0]["changes"], [])


class Check(CommandTest):
    def test_answers(self):
        self.assertEqual(self.text("schema", "check", "--reader=8.20", MLP), "loads\n")
        self.assertEqual(self.text("schema", "check", "--reader=8.12", MLP, status=1),
                         "loses    Node.name: not known, passed over, in 4 places, first at graph_module.graph.nodes[0]\n"
                         "loses    ExportedProgram.guards_code: not known, passed over at the root\nloses\n")
        text = self.text("schema", "check", "--reader=torch-2.6", MLP, status=1)
        self.assertIn("breaks   NamedArgument.kind: not known, refused, in 10 places, first at graph_module.graph.nodes[0].inputs[0]\n", text)
        self.assertTrue(text.endswith("fails\n"))
        # 2.8 is the last to refuse keys.
        for version, answer in (("8.7", "fails\n"), ("torch-2.8", "fails\n"), ("torch-2.9", "loses\n")):
            self.assertTrue(self.text("schema", "check", "--reader=" + version, MLP, status=1).endswith(answer), version)
        self.assertIn("SchemaVersion: major 8, and the reader takes 7 only", self.text("schema", "check", "--reader=7.3", MLP, status=1))

    def test_values(self):
        answer = self.json("schema", "check", "--reader=8.17", DTYPES, status=1)
        self.assertEqual(answer["answer"], "fails")
        self.assertIn("ScalarType.UINT32: no value has the number 34", [f["what"] for f in answer["findings"]])
        # A program of 8.4 or 8.5 counts its kinds otherwise.
        older = self.path("older.json")
        self.good("convert", "--schema=8.5", MLP, older)
        found = self.json("schema", "check", "--reader=8.6", older, status=1)["findings"]
        self.assertIn(("misreads", "ArgumentKind.POSITIONAL: taken for UNKNOWN"), [(f["verdict"], f["what"]) for f in found])

    def test_real_programs_fit_their_own_version(self):
        checked = 0
        for folder in sorted(command.CORPUS.glob("torch-2*")):
            for path in sorted(folder.glob("*.pt2"))[::6]:
                info = self.run_pt2("info", "--json", path)
                if info.returncode != 0:
                    continue  # several programs, or none
                version = json.loads(info.stdout)["schema_version"]
                reader = f"--reader={version['major']}.{version['minor']}"
                self.assertEqual(self.text("schema", "check", reader, path), "loads\n", path)
                checked += 1
        self.assertGreater(checked, 20)

    def test_wrong_use(self):
        self.fails("PT2-U002", "schema", "check", MLP, has="--reader=8.7")
        self.fails("PT2-E002", "schema", "check", MLP, "--reader=8.99")


class Values(CommandTest):
    def test_text(self):
        self.assertIn("  Argument.as_complex    ", re.sub(" {4,}", "    ", self.text("schema", "values", "8.20")))
        self.assertNotIn("breaks", self.text("schema", "values", "8.20"))
        # As the writer spells them: whole unions in 2.2, no null in 2.6.
        self.assertIn('{"as_int": 1, "as_float": null, "as_bool": null}', self.text("schema", "values", "torch-2.2"))
        self.assertIn('{"as_none": []}', self.text("schema", "values", "8.1"))
        for version, device in (("torch-2.2", '{"type": "x", "index": null}'), ("8.2", '{"type": "x"}'), ("8.7", '{"type": "x", "index": null}')):
            self.assertIn(device, self.text("schema", "values", version))

    def test_json(self):
        found = self.json("schema", "values", "8.20", "torch-2.8")
        made = {(v["type"], v["field"], v["value"], "json" in v): v for v in found}
        self.assertEqual(len(made), len(found))
        wide = made["TensorMeta", "dtype", "UINT64", True]
        self.assertEqual((wide["json"]["dtype"], wide["verdict"]), (35, "breaks"))
        self.assertEqual(made["TensorMeta", "dtype", "UINT64", False]["verdict"], "loses")
        self.assertEqual(base64.b64decode(made["Device", "type", None, False]["compact"]), bytes([0xa8, 1, 120, 0]))

    def test_wrong_names(self):
        self.fails("PT2-E002", "schema", "values", "9.1")
        self.fails("PT2-E002", "schema", "values", "8.20", "9.1")
        self.fails("PT2-U002", "schema", "values")


class Matrix(CommandTest):
    def test_cells(self):
        cells = {(c["encoding"], c["writer"], c["reader"]): c for c in self.json("schema", "matrix", "8.5", "8.6", "8.19", "8.20")}
        self.assertEqual(len(cells), 32)
        for name in ("8.5", "8.6", "8.19", "8.20"):
            self.assertEqual({cells[e, name, name]["worst"] for e in ("json", "compact")}, {"safe"})
        self.assertEqual(cells["json", "8.20", "8.19"]["worst"], "breaks")
        self.assertEqual(cells["compact", "8.20", "8.19"]["worst"], "loses")
        self.assertEqual(cells["compact", "8.5", "8.6"]["where"], "NamedArgument.kind")

    def test_text_and_page(self):
        self.assertIn("compact: written with the row, read with the column\n", self.text("schema", "matrix", "8.19", "8.20"))
        mine = self.path("<b>.thrift", b"struct A { 1: i64 a }")
        page = self.text("schema", "matrix", "--html", mine, "8.20")
        self.assertIn("&lt;b&gt;.thrift", page)
        self.assertNotIn("<b>", page)

    def test_agrees_with_the_audit(self):
        """Where the audit of the newest minors finds a break forward, a value of the new one breaks the old one."""
        for old, new in (("8.8", "8.10"), ("8.14", "8.15"), ("8.15", "8.16"), ("8.16", "8.17"), ("8.18", "8.19"), ("8.19", "8.20")):
            changes = json.loads(self.run_pt2("schema", "audit", old, new, "--json").stdout)[0]["changes"]
            cells = {(c["encoding"], c["writer"], c["reader"]): c for c in self.json("schema", "matrix", old, new)}
            for encoding in ("json", "compact"):
                for way, writer, reader in (("backward", old, new), ("forward", new, old)):
                    said = {c[encoding][way] for c in changes if c["rule"] not in ("type-added", "type-removed")}
                    rank = ["safe", "loses", "breaks", "misreads"]
                    self.assertEqual(cells[encoding, writer, reader]["worst"], max(said | {"safe"}, key=rank.index),
                                     (old, new, encoding, way))


if __name__ == "__main__":
    command.main()
