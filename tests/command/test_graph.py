#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 graph`: the code that PyTorch shows, and the way back to the same bytes, for every program of the corpus.

    test_graph.py PT2
"""
import json
import os
import re
import zipfile

import command
from command import MLP, OLD, CommandTest

NESTED = str(command.CORPUS / "torch-2.15.0/cond_nested.pt2")


def programs():
    """Path, name and JSON text of every program of schema major 8."""
    for path in sorted(command.CORPUS.glob("*/*.pt2")):
        with zipfile.ZipFile(path) as archive:
            for record in archive.namelist():
                found = re.fullmatch(r"[^/]+/models/(.+)\.json", record)
                if not found and record != "serialized_exported_program.json":
                    continue
                text = archive.read(record)
                version = json.loads(text).get("schema_version")
                if isinstance(version, dict) and version["major"] == 8:
                    yield path, found[1] if found else "model", text


class Graph(CommandTest):
    def test_code_is_that_of_torch(self):
        seen = 0
        for path in sorted(command.CORPUS.glob("*/*.expect.json")):
            expected = json.loads(path.read_text(encoding="utf-8")).get("fx_code")
            program = str(path).replace(".expect.json", ".pt2")
            if expected is not None and os.path.exists(program):
                self.assertEqual(self.json("graph", "--format=python", program), expected, program)
                seen += 1
        self.assertGreater(seen, 50)

    def test_text_shows_each_graph(self):
        code = self.json("graph", "--format=python", NESTED)
        text = self.text("graph", "--format=python", NESTED)
        for path, body in code.items():
            self.assertIn(body.strip(), text)
            self.assertIn(f"# self.{path}\n" if path else "def forward", text)
        self.assertEqual(list(code), ["", "true_graph_0", "true_graph_0.true_graph_0", "true_graph_0.false_graph_0",
                                      "false_graph_0", "true_graph_1", "false_graph_1"])

    def test_rebuilt_is_the_same(self):
        seen = 0
        for path, name, text in programs():
            self.assertEqual(self.good("graph", "--rebuild", f"--model={name}", str(path)), text, path)
            seen += 1
        self.assertGreater(seen, 100)

    def test_unknown_operators_have_no_schema(self):
        program = self.changed("torch.ops.aten.relu.default", "torch.ops.mine.relu.default")
        self.assertIn("relu = torch.ops.mine.relu.default(dropout);", self.text("graph", "--format=python", program))

    def changed(self, old, new):
        text = self.good("convert", MLP, "-", "--to=json")
        self.assertIn(old.encode(), text)
        return self.path("changed.json", text.replace(old.encode(), new.encode()))

    def test_names_cannot_harm_a_terminal(self):
        program = self.changed('"torch.ops.aten.relu.default"', '"torch.ops.\\u001b[31m.\\u202e"')
        text = self.text("graph", "--format=python", program)
        self.assertIn("torch.ops.\\x1b[31m.\\u202E(", text)

    def test_refusals(self):
        self.fails("PT2-P002", "graph", OLD)
        self.fails("PT2-U002", "graph", "--format=svg", MLP)
        broken = self.changed('"input", "arg": {"as_tensor": {"name": "x"', '"input", "arg": {"as_tensor": {"name": "y"')
        self.fails("PT2-G002", "graph", broken, has="y in linear (")


if __name__ == "__main__":
    command.main()
