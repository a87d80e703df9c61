# SPDX-License-Identifier: Apache-2.0
"""pt2 diff: what changed, all of it and nothing else, whatever the files' forms."""
import collections
import copy
import hashlib
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import time
import unittest
import zipfile

import command
from programs import Editor, graph_of, renamed

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))
from generate import write_program  # noqa: E402

GPT = str(command.CORPUS / "torch-2.15.0/gpt_2l.pt2")
CONDITION = str(command.CORPUS / "torch-2.15.0/cond_nested.pt2")
SYMBOLS = str(command.CORPUS / "torch-2.15.0/symbolic.pt2")


class DiffTest(command.CommandTest):
    def load(self, path):
        return json.loads(self.good("convert", path, "-", "--to=json"))

    def store(self, program, name="b.json"):
        return self.path(name, json.dumps(program).encode())

    def changes(self, old, new, *words):
        answer = self.run_pt2("diff", "--json", old, new, *words)
        self.assertEqual(answer.stderr, b"")
        report = json.loads(answer.stdout)
        self.assertEqual(answer.returncode, 1 if report["changes"] else 0)
        self.assertEqual(report["same"], not report["changes"])
        self.renamed_only = report["renamed_only"]
        return report["changes"]

    def only(self, old, new, *words):
        found = self.changes(old, new, *words)
        self.assertEqual(len(found), 1, found)
        return found[0]


class Same(DiffTest):
    def test_every_form(self):
        forms = [GPT] + [self.path("gpt" + suffix) for suffix in (".json", ".thrift", ".thrift.zst", ".pt2c")]
        for path in forms[1:]:
            self.good("convert", GPT, path)
        for path in forms:
            self.assertEqual(self.changes(GPT, path), [])
            self.assertEqual(self.text("diff", path, GPT), "")
            self.assertEqual(self.text("diff", "--stat", path, GPT), "")

    def test_every_major(self):
        for release in ("torch-2.1.2", "torch-2.2.2", "torch-2.5.1", "torch-2.6.0", "torch-2.8.0"):
            path = str(command.CORPUS / release / "mlp.pt2")
            self.assertEqual(self.changes(path, path), [], release)

    def test_spelling_is_no_difference(self):
        program = self.load(GPT)
        graph = graph_of(program)
        graph["tensor_values"] = dict(reversed(graph["tensor_values"].items()))
        del program["verifiers"], graph["custom_obj_values"]
        other = self.path("spelled.json", json.dumps(program, indent=1).encode())
        self.assertEqual([c["where"] for c in self.changes(GPT, other)], ["verifiers"])


class Nodes(DiffTest):
    def test_random_changes(self):
        text = self.path("dense.json")
        write_program("dense", 2000, text)
        program = json.loads(command.read(text))
        # Few changes in many nodes: where they crowd, one reading of them is as good as another.
        for seed in range(1 if os.environ.get("PT2_TEST_QUICK") else 4):
            editor = Editor(program, seed)
            for _ in range(50):
                editor.change()
            found = self.changes(text, self.store(editor.program))
            self.assertEqual(collections.Counter(c["what"] for c in found), collections.Counter(editor.log), seed)

    def test_ten_thousand_nodes(self):
        text = self.path("dense.json")
        write_program("dense", 10_000, text)
        editor = Editor(json.loads(command.read(text)), 7)
        for _ in range(50):
            editor.change()
        other = self.store(editor.program)
        begun = time.monotonic()
        found = self.changes(text, other)
        self.assertLess(time.monotonic() - begun, 30)  # a guard against what is not linear; tests/bench measures
        self.assertEqual(collections.Counter(c["what"] for c in found), collections.Counter(editor.log))

    def test_all_names_changed(self):
        program = self.load(GPT)
        names = list(graph_of(program)["tensor_values"])
        shuffled = names[:]
        random.Random(3).shuffle(shuffled)
        for new_name in (lambda name: "z_" + name[::-1], dict(zip(names, shuffled)).__getitem__):
            other = self.store(renamed(program, new_name, set(names)))
            kinds = collections.Counter(c["what"] for c in self.changes(GPT, other))
            self.assertEqual(set(kinds), {"node-renamed", "input-renamed"})
            self.assertTrue(self.renamed_only)
            self.assertEqual(self.changes(GPT, other, "--ignore=names"), [])
        self.assertIn("nothing but names differs", self.text("diff", GPT, other, status=1))

    def test_names_of_constant_inputs(self):
        program = json.loads(self.good("convert", GPT, "-", "--to=json"))
        specs = program["graph_module"]["signature"]["input_specs"]
        specs.append({"constant_input": {"name": "flag", "value": {"as_bool": True}}})
        program["graph_module"]["graph"]["inputs"].append({"as_bool": True})
        one = self.store(program, "a.json")
        specs[-1]["constant_input"]["name"] = "_c0"
        other = self.store(program)
        self.assertEqual(self.changes(one, other, "--ignore=names"), [])
        self.assertEqual(len(self.changes(one, other)), 1)
        specs[-1]["constant_input"]["value"] = {"as_bool": False}
        self.assertEqual(len(self.changes(one, self.store(program), "--ignore=names")), 1)

    def test_shifted_names(self):
        """A node is put in, and what comes after it is numbered on, as an exporter would do."""
        program = self.load(GPT)
        graph = graph_of(program)
        nodes = graph["nodes"]
        at = next(i for i, node in enumerate(nodes) if node["name"] == "add_1")
        old = copy.deepcopy(nodes[at])
        numbers = {f"add_{i}": f"add_{i + 1}" for i in range(2, 50)}
        program = renamed(program, lambda name: numbers.get(name, name), set(graph["tensor_values"]))
        graph = graph_of(program)
        new = dict(old, name="add_2", outputs=[{"as_tensor": {"name": "add_2"}}], metadata={})
        graph["nodes"].insert(at + 1, new)
        graph["tensor_values"]["add_2"] = graph["tensor_values"]["add_1"]
        for node in graph["nodes"]:
            node["name"] = numbers.get(node["name"], node["name"]) if node is not new else "add_2"
        kinds = collections.Counter(c["what"] for c in self.changes(GPT, self.store(program)))
        self.assertEqual(kinds["node-added"], 1)
        self.assertEqual(set(kinds), {"node-added", "node-renamed"})

    def test_argument_by_argument(self):
        program = self.load(command.MLP)
        node = graph_of(program)["nodes"][1]
        node["inputs"][1]["arg"] = {"as_float": 0.5}
        found = self.only(command.MLP, self.store(program))
        self.assertEqual(found, {"what": "node-changed", "where": "graph_module.graph.nodes[1].inputs[1].arg.as_float",
                                 "old": 0.1, "new": 0.5})
        node["inputs"][1]["arg"] = {"as_int": 1}
        self.assertEqual(self.only(command.MLP, self.store(program))["new"], {"as_int": 1})
        del node["inputs"][1]
        found = self.only(command.MLP, self.store(program))
        self.assertEqual((found["what"], found["old"]["name"], found["new"]), ("node-removed", "p", None))

    def test_order(self):
        program = self.load(GPT)
        nodes = graph_of(program)["nodes"]
        nodes.insert(0, nodes.pop(5))
        found = self.only(GPT, self.store(program))
        self.assertEqual((found["what"], found["where"], found["old_where"]),
                         ("node-moved", "graph_module.graph.nodes[0]", "graph_module.graph.nodes[5]"))
        self.assertEqual(self.changes(GPT, self.store(program), "--ignore=order"), [])

    def test_subgraphs(self):
        program = self.load(CONDITION)
        path = "graph_module.graph"
        graph = graph_of(program)
        while True:  # down to the innermost
            inner = [(i, j) for i, node in enumerate(graph["nodes"]) for j, item in enumerate(node["inputs"])
                     if "as_graph" in item["arg"]]
            if not inner:
                break
            i, j = inner[-1]
            path += f".nodes[{i}].inputs[{j}].arg.as_graph.graph"
            graph = graph["nodes"][i]["inputs"][j]["arg"]["as_graph"]["graph"]
        graph["nodes"][0]["target"] = "torch.ops.aten.neg.default"
        found = self.only(CONDITION, self.store(program))
        self.assertEqual(found["where"], path + ".nodes[0].target")
        self.assertIn("of " + path + " @@", self.text("diff", CONDITION, self.store(program), status=1))


class Around(DiffTest):
    def test_notes_and_devices(self):
        program = self.load(GPT)
        graph = graph_of(program)
        graph["nodes"][3]["metadata"]["stack_trace"] = "elsewhere"
        graph["nodes"][4]["metadata"]["custom"] = "{}"
        metas = list(graph["tensor_values"].values())
        for meta in metas:
            meta["device"] = {"type": "cuda", "index": 0}
        other = self.store(program)
        kinds = collections.Counter(c["what"] for c in self.changes(GPT, other))
        self.assertEqual(kinds, {"metadata-changed": 1, "metadata-added": 1, "value-changed": len(metas)})
        found = self.only(GPT, other, "--ignore=debug,device")
        self.assertEqual(found["where"], 'graph_module.graph.nodes[4].metadata["custom"]')

    def test_symbols(self):
        text = self.good("convert", SYMBOLS, "-", "--to=json").decode()
        symbol = next(iter(json.loads(text)["range_constraints"]))
        other = self.path("b.json", text.replace(f"'{symbol}'", "'s9999'").replace(f'"{symbol}"', '"s9999"').encode())
        found = self.only(SYMBOLS, other)
        self.assertEqual((found["what"], found["old"], found["new"]), ("symbol-renamed", symbol, "s9999"))
        self.assertEqual(self.changes(SYMBOLS, other, "--ignore=names"), [])
        program = json.loads(text)
        program["range_constraints"][symbol]["max_val"] = 77
        found = self.only(SYMBOLS, self.store(program))
        self.assertEqual((found["what"], found["where"], found["new"]),
                         ("range-changed", f'range_constraints["{symbol}"].max_val', 77))

    def test_signature(self):
        program = self.load(command.MLP)
        signature = program["graph_module"]["signature"]
        signature["input_specs"][0]["parameter"]["parameter_name"] = "other.weight"
        found = self.only(command.MLP, self.store(program))
        self.assertEqual((found["what"], found["new"]), ("input-changed", "other.weight"))
        signature["input_specs"].append({"user_input": {"arg": {"as_tensor": {"name": "z"}}}})
        graph_of(program)["inputs"].append({"as_tensor": {"name": "z"}})
        graph_of(program)["tensor_values"]["z"] = graph_of(program)["tensor_values"]["x"]
        found = self.changes(command.MLP, self.store(program))
        self.assertEqual([c["what"] for c in found], ["input-changed", "input-added"])

    def test_what_the_schema_does_not_know(self):
        program = self.load(command.MLP)
        program["graph_module"]["graph"]["nodes"][0]["later"] = {"a": [1, float("nan")]}
        found = self.only(command.MLP, self.store(program))
        self.assertEqual((found["where"], found["new"]), ("graph_module.graph.nodes[0].later", {"a": [1, "NaN"]}))
        compact = self.path("b.thrift")
        self.good("convert", self.store(program), compact)
        self.assertEqual(self.changes(self.store(program), compact), [])

    def test_versions_and_guards(self):
        program = self.load(command.MLP)
        program["torch_version"] = "9.9"
        program["guards_code"] = program["guards_code"] + ["L['x'].size()[0] >= 2"]
        program["opset_version"]["aten"] = 11
        kinds = sorted(c["what"] for c in self.changes(command.MLP, self.store(program)))
        self.assertEqual(kinds, ["guard-added", "version-changed", "version-changed"])

    def test_older_majors(self):
        program = self.load(command.OLD)
        graph = graph_of(program)
        graph["nodes"][0]["target"] = "torch.ops.aten.neg.default"
        removed = graph["nodes"].pop()
        found = self.changes(command.OLD, self.store(program))
        self.assertEqual([(c["what"], c["where"]) for c in found],
                         [("node-changed", "graph_module.graph.nodes[0].target"),
                          ("node-removed", f"graph_module.graph.nodes[{len(graph['nodes'])}]")])
        self.assertEqual(found[1]["old"], removed)
        self.assertIn("-  nodes[0].target", self.text("diff", command.OLD, self.store(program), status=1)
                      .replace("graph_module.graph.", ""))

    def test_minors_apart(self):
        """What 8.8 could not say, such as a node's own name, is no difference."""
        older = str(command.CORPUS / "torch-2.8.0/mlp.pt2")
        found = self.changes(older, command.MLP, "--ignore=debug")
        self.assertEqual([c["where"] for c in found], ["schema_version.minor", "torch_version", "layout"])
        program = self.load(command.MLP)
        graph_of(program)["nodes"][1]["name"] = None
        self.assertEqual(self.only(command.MLP, self.store(program))["what"], "node-renamed")

    def test_majors_apart(self):
        kinds = collections.Counter(c["what"] for c in self.changes(command.OLD, command.MLP, "--ignore=debug,names"))
        self.assertEqual(kinds["layout-changed"], 1)
        self.assertGreater(kinds["node-added"], 0)
        renamed_old = self.path("b.json", json.dumps(self.load(command.OLD)).replace("addmm", "other").encode())
        self.assertTrue(self.changes(command.OLD, renamed_old))
        self.assertEqual([c for c in self.changes(command.OLD, renamed_old, "--ignore=names")
                          if "target" not in c["where"]], [])
        self.assertIn(b"compared as what it is in schema 8",
                      self.run_pt2("diff", "-v", command.OLD, command.MLP).stderr)


class Archives(DiffTest):
    """Weights, records and layouts, told apart from the program."""

    def archive(self, name, records, changed=()):
        source = zipfile.ZipFile(command.MLP)
        contents = {entry.split("/", 1)[1]: source.read(entry) for entry in source.namelist()}
        contents.update(records)
        for record in changed:
            del contents[record]
        return self.path(name, command.archive(contents))

    def weight(self, *numbers):
        return struct.pack(f"<{len(numbers)}f", *numbers)

    def test_weights(self):
        bias = zipfile.ZipFile(command.MLP).read("mlp/data/weights/weight_3")
        numbers = list(struct.unpack("<8f", bias))
        numbers[2:4] = numbers[2] + 1, float("nan")
        other = self.archive("b.pt2", {"data/weights/weight_3": self.weight(*numbers)})
        found = self.only(command.MLP, other)
        self.assertEqual((found["what"], found["where"]), ("tensor-changed", 'tensors["b.bias"]'))
        for side, data in (("old", bias), ("new", self.weight(*numbers))):
            self.assertEqual(found[side]["sha256"], hashlib.sha256(data).hexdigest())
        self.assertNotIn("distance", found)
        distance = self.only(command.MLP, other, "--weights=values")["distance"]
        self.assertEqual([distance[key] for key in ("count", "different", "old_nan", "new_nan")], [8, 2, 0, 1])
        self.assertAlmostEqual(distance["most"], 1, places=6)
        self.assertEqual(distance["steps"][0], [0, 6])
        self.assertEqual(self.changes(command.MLP, other, "--weights=none"), [])
        text = self.text("diff", command.MLP, other, "--weights=values", status=1)
        self.assertIn("~    2 of 8 numbers differ, at most by 1, ", text)
        self.assertIn("~    NaN: 0 -> 1\n", text)
        self.assertEqual(self.text("diff", "--stat", command.MLP, other, status=1), "tensor  1 changed\n")

    def test_records(self):
        other = self.archive("b.pt2", {"extra/note.txt": b"a note", ".data/version": b"7\n"},
                             ["data/sample_inputs/model.pt"])
        found = {c["what"]: c for c in self.changes(command.MLP, other)}
        self.assertEqual(set(found), {"record-added", "record-changed", "record-removed"})
        self.assertEqual(found["record-added"]["new"], {"name": "extra/note.txt", "role": "extra", "bytes": 6})
        self.assertEqual(found["record-removed"]["where"], 'records["data/sample_inputs/model.pt"]')
        self.assertIn("+  extra/note.txt  extra  6 bytes", self.text("diff", command.MLP, other, status=1))

    def test_damaged_records(self):
        program = command.read(command.MLP)
        other = self.path("b.pt2", program.replace(zipfile.ZipFile(command.MLP).read("mlp/data/weights/weight_3"),
                                                   b"x" * 32))
        found = self.only(command.MLP, other)
        self.assertEqual(found["what"], "tensor-changed")
        other = self.archive("c.pt2", {}, ["data/weights/weight_3"])
        found = self.only(command.MLP, other)
        self.assertIn("missing", found["not_compared"])
        self.assertIn("not compared: PT2-W002", self.text("diff", command.MLP, other, status=1))

    def test_layouts(self):
        legacy = str(command.CORPUS / "torch-2.7.1/mlp.pt2")
        today = self.path("today.pt2")
        self.good("convert", legacy, today)
        found = self.only(legacy, today)
        self.assertEqual((found["what"], found["old"], found["new"]), ("layout-changed", "legacy", "raw"))

    def test_archive_and_program(self):
        program = self.path("mlp.json")
        self.good("convert", command.MLP, program)
        self.assertEqual(self.changes(command.MLP, program), [])
        answer = self.run_pt2("diff", "-v", command.MLP, program)
        self.assertIn(b"tensors and records were not compared", answer.stderr)

    def test_one_of_several(self):
        several = command.SEVERAL
        self.fails("PT2-U004", "diff", several, several)
        self.assertEqual(self.changes(several, several, "--model=plain"), [])


@unittest.skipUnless(shutil.which("git"), "git is not there")
class WithGit(DiffTest):
    """As git's textconv and as its difftool, with git itself."""

    def git(self, *words):
        environment = dict(os.environ, HOME=self.folder, GIT_CONFIG_NOSYSTEM="1", GIT_PAGER="cat")
        return subprocess.run(["git", "-C", self.folder, "-c", "user.name=a", "-c", "user.email=a@example.org",
                               *words], env=environment, capture_output=True, text=True, check=True).stdout

    def setUp(self):
        super().setUp()
        self.git("init", "-q", ".")
        self.path(".gitattributes", b"*.pt2 diff=pt2\n")
        self.path("model.pt2", command.read(command.MLP))
        self.git("add", ".")
        self.git("commit", "-qm", "first")
        self.path("model.pt2", command.read(str(command.CORPUS / "torch-2.15.0/mlp_decomp.pt2")))

    def test_textconv(self):
        self.git("config", "diff.pt2.textconv", f"'{os.path.abspath(command.PT2)}' diff --textconv")
        lines = self.git("diff").splitlines()
        self.assertIn("-  dropout = aten.dropout.default(input=linear, p=0.1, train=False)", lines)
        self.assertIn("+  addmm = aten.addmm.default(self=p_a_bias, mat1=x, mat2=permute)", lines)
        self.assertFalse([line for line in lines if line[0] in "+-" and "sha256" in line and "p_" in line])
        self.assertIn("dropout", self.git("log", "-p", "--", "model.pt2"))

    def test_difftool(self):
        self.git("config", "difftool.pt2.cmd", f"'{os.path.abspath(command.PT2)}' diff \"$LOCAL\" \"$REMOTE\"")
        shown = self.git("difftool", "--no-prompt", "--tool=pt2")
        self.assertIn("@@ nodes 0 to 4 @@", shown)

    def test_lines_of_every_kind(self):
        for path in (command.OLD, command.SEVERAL, CONDITION, str(command.CORPUS / "torch-2.15.0/constants.pt2")):
            text = self.text("diff", "--textconv", path)
            self.assertEqual(text, self.text("diff", "--textconv", path))
            self.assertIn("\nnodes\n", text)
        self.fails("PT2-U002", "diff", "--textconv", command.MLP, command.MLP)


class Shown(DiffTest):
    def edited(self):
        program = self.load(command.MLP)
        graph_of(program)["nodes"][1]["inputs"][1]["arg"] = {"as_float": 0.5}
        program["torch_version"] = "9\u202e\x1b"
        return self.store(program)

    def test_text(self):
        other = self.edited()
        text = self.text("diff", command.MLP, other, status=1)
        self.assertEqual(text.splitlines()[:8], [
            f"--- {command.MLP}", f"+++ {other}", "@@ nodes 0 to 3 @@",
            "   linear = aten.linear.default(input=x, weight=p_a_weight, bias=p_a_bias)",
            "-  dropout = aten.dropout.default(input=linear, p=0.1, train=False)",
            "+  dropout = aten.dropout.default(input=linear, p=0.5, train=False)",
            "~    inputs[1].arg.as_float: 0.1 -> 0.5",
            "   relu = aten.relu.default(self=dropout)"])
        self.assertIn('+  torch_version: "9\\u202e\\u001b"', text)
        self.assertIn("@@ node 1 @@", self.text("diff", "--context=0", command.MLP, other, status=1))
        self.assertIn("\x1b[32m+", self.text("diff", "--color=always", command.MLP, other, status=1))

    def test_stat(self):
        self.assertEqual(self.text("diff", "--stat", command.MLP, self.edited(), status=1),
                         "node     1 changed\nversion  1 changed\n")

    def test_refusals(self):
        self.fails("PT2-U002", "diff", "--ignore=everything", command.MLP, command.MLP, has="everything")
        self.fails("PT2-U002", "diff", "--context=few", command.MLP, command.MLP)
        self.fails("PT2-U002", "diff", command.MLP, has="two files")
        self.fails("PT2-U002", "diff", "--weights=some", command.MLP, command.MLP)
        self.fails("PT2-F001", "diff", command.MLP, self.path("missing"))
        self.fails("PT2-L003", "diff", "--limit", "memory=20K", GPT, command.MLP)


if __name__ == "__main__":
    command.main()
