#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 strip`: what goes, what stays, what it says of both.

    test_strip.py PT2
"""
import json
import os

import command
from command import CORPUS, MLP, OLD, SEVERAL, CommandTest

GPT = str(CORPUS / "torch-2.15.0/gpt_24l.pt2")
LEGACY = str(CORPUS / "torch-2.7.1/extra_files.pt2")
DEBUG = ("stack_trace", "nn_module_stack", "source_fn_stack", "source_fn", "torch_fn", "from_node", "custom")


def without_debug(value):
    """VALUE, a program's JSON, without what `strip --all-debug` takes out."""
    if isinstance(value, dict):
        if isinstance(value.get("metadata"), dict):
            value["metadata"] = {k: v for k, v in value["metadata"].items() if k not in DEBUG}
        return {k: without_debug(v) for k, v in value.items()}
    return [without_debug(v) for v in value] if isinstance(value, list) else value


def without_nulls(value):
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    return [without_nulls(v) for v in value] if isinstance(value, list) else value


class Strip(CommandTest):
    def program_of(self, path, *words):
        return json.loads(self.good("convert", path, "-", "--to=json", *words))

    def test_all_debug(self):
        for sample in (MLP, GPT, OLD, LEGACY):
            out = self.path("o.pt2")
            self.good("strip", "-q", "-f", "--all-debug", sample, out)
            self.assertEqual(self.program_of(out), without_debug(self.program_of(sample)))
            self.assertEqual(*[[(t["fqn"], t["sha256"]) for t in self.json("tensors", "--sha256", p)] for p in (sample, out)])
            info = self.json("info", out)
            self.assertEqual(info["extra"], [])
            inputs = [r for r in self.json("ls", out) if r["role"] == "sample-inputs"]
            self.assertEqual([r["bytes"] for r in inputs], [0] * len(inputs))

    def test_older_archives_stay_what_they_are(self):
        for sample in (OLD, LEGACY, str(CORPUS / "torch-2.8.0/mlp.pt2")):
            out = self.path("o.pt2")
            self.good("strip", "-q", "-f", "--stack-traces", sample, out)
            self.assertEqual(*[[r["name"] for r in self.json("ls", p)] for p in (sample, out)])

    def test_minify(self):
        """Another spelling: the same program, the names that a caller knows, and what we write of it is PyTorch's again."""
        for name in ("gpt_24l", "arguments", "cond_nested", "constants", "custom_op", "mutation", "preserved_calls", "symbolic", "tied_views",
                     "tree_inputs", "while_loop"):
            sample, out = str(CORPUS / f"torch-2.15.0/{name}.pt2"), self.path("o.pt2")
            self.good("strip", "-q", "-f", "--minify", sample, out)
            self.assertEqual(*[self.json("hash", p)["content"] for p in (sample, out)], name)
            self.assertEqual(*[self.run_pt2("verify", p).returncode for p in (sample, out)], name)
            text = self.good("cat", out, "models/model.json")
            spelled = self.run_pt2("convert", out, "-", "--to=json")
            self.assertIn("PT2-P001", spelled.stderr.decode())
            self.assertIn(b'"hint": ' if name == "symbolic" else b'"graph_module": {"graph": {', spelled.stdout)
            specs = [p["graph_module"]["signature"]["input_specs"] for p in (self.program_of(sample), json.loads(text))]
            self.assertEqual(*[[s for s in side if "user_input" in s] for side in without_nulls(specs)], name)

    def test_minify_size(self):
        self.good("strip", "-q", "-f", "--all-debug", "--minify", GPT, self.path("o.json"))
        before = len(self.good("cat", GPT, "models/model.json"))
        self.assertLessEqual(os.path.getsize(self.path("o.json")), 0.6 * before)

    def test_minify_refuses(self):
        self.fails("PT2-P002", "strip", "--minify", OLD, self.path("o.pt2"))
        self.fails("PT2-U002", "strip", "--minify", MLP)

    def test_minify_keeps_clear_of_kept_names(self):
        """An input that is called as the first short name, and one as a later."""
        program = self.program_of(MLP)
        text = json.dumps(program).replace('"x"', '"a"')
        path, out = self.path("p.json", text.encode()), self.path("o.json")
        self.good("strip", "-q", "-f", "--minify", path, out)
        names = [list(i.values())[0]["name"] for i in json.loads(command.read(out))["graph_module"]["graph"]["inputs"]]
        self.assertEqual(names, ["b", "c", "d", "e", "a"])

    def test_each_alone(self):
        out = self.path("o.pt2")
        for option, key in (("--stack-traces", "stack_trace"), ("--module-stack", "nn_module_stack"), ("--source", "torch_fn")):
            self.good("strip", "-q", "-f", option, MLP, out)
            got = json.dumps(self.program_of(out))
            for other in ("stack_trace", "nn_module_stack", "torch_fn"):
                self.assertEqual(f'"{other}"' in got, other != key, (option, other))
        self.good("strip", "-q", "-f", "--extra", LEGACY, out)
        self.assertEqual(self.json("info", out)["extra"], [])
        self.assertEqual(self.program_of(out), self.program_of(LEGACY))
        self.good("strip", "-q", "-f", "--sample-inputs", MLP, out)
        self.assertEqual(self.json("ls", out)[7]["bytes"], 0)

    def test_says_what_went(self):
        out = self.path("o.pt2")
        said = self.run_pt2("strip", "--all-debug", MLP, out).stderr.decode()
        self.assertRegex(said, r"taken out: 4 stack traces \(939 bytes\), 4 module stacks .*1 sample inputs \(1\.6 KiB\)\n")
        self.assertIn(f"{os.path.getsize(out)} bytes, {os.path.getsize(MLP) - os.path.getsize(out)} fewer", said)
        self.assertIn("nothing", self.run_pt2("strip", "--all-debug", out, self.path("p.pt2")).stderr.decode())
        told = self.json("strip", "-f", "--all-debug", MLP, out)
        self.assertEqual((told["bytes_before"], told["bytes_after"]), (os.path.getsize(MLP), os.path.getsize(out)))
        self.assertEqual(told["stripped"]["stack_traces"]["count"], 4)
        self.assertGreater(told["stripped"]["sample_inputs"]["bytes"], 1000)

    def test_programs_by_themselves(self):
        text, out, compact = self.path("a.json"), self.path("o.json"), self.path("o.thrift.zst")
        self.good("convert", MLP, text)
        want = without_debug(self.program_of(MLP))
        self.good("strip", "-q", "--all-debug", text, out)
        self.assertEqual(json.loads(command.read(out)), want)
        self.good("strip", "-q", "--all-debug", text, compact)
        self.assertEqual(self.program_of(compact), want)
        self.assertEqual(json.loads(self.good("strip", "-q", "--all-debug", "-", "-", stdin=command.read(text))), want)
        self.good("strip", "-q", "-f", "--all-debug", MLP, out)
        self.assertEqual(json.loads(command.read(out)), want)
        self.fails("PT2-U002", "strip", "--all-debug", text, self.path("o.pt2"), has="a program by itself")

    def test_several_programs(self):
        out, compact = self.path("o.pt2"), self.path("o.pt2c")
        self.good("strip", "-q", "--all-debug", SEVERAL, out)
        self.good("strip", "-q", "--all-debug", SEVERAL, compact)
        for model in self.json("info", "--model=plain", SEVERAL)["models"]:
            want = without_debug(self.program_of(SEVERAL, "--model", model))
            self.assertEqual(self.program_of(out, "--model", model), want)
            self.assertEqual(self.program_of(compact, "--model", model), want)
        self.assertEqual(self.json("info", "--model=plain", compact)["layout"], "pt2c")
        self.good("strip", "-q", "-f", "--all-debug", "--model=plain", SEVERAL, out)
        self.assertEqual(self.program_of(out, "--model=tied"), self.program_of(SEVERAL, "--model=tied"))
        self.assertNotEqual(self.program_of(out, "--model=plain"), self.program_of(SEVERAL, "--model=plain"))
        sizes = {r["name"]: r["bytes"] for r in self.json("ls", out) if r["role"] == "sample-inputs"}
        self.assertEqual([name for name, size in sizes.items() if size == 0], ["data/sample_inputs/plain.pt"])
        self.fails("PT2-U003", "strip", "--all-debug", "--model=none", SEVERAL, self.path("n.pt2"))

    def test_find_paths(self):
        shown = self.text("strip", "--find-paths", MLP, status=1)
        self.assertRegex(shown, r"path +/srv/py/gen/models\.py +\d+ +models/model\.json: graph_module\.graph\.nodes\[0\]")
        found = self.json("strip", "--find-paths", str(CORPUS / "torch-2.5.1/cond_old.pt2"), status=1)["found"]
        self.assertTrue(all(item["where"].startswith("serialized_exported_program.json@") for item in found))
        out = self.path("o.pt2")
        self.assertEqual(self.json("strip", "--all-debug", "--find-paths", MLP, out)["found"], [])
        self.assertEqual(self.text("strip", "--find-paths", out), "")
        text = self.program(torch_version="2.15 by ann@host.corp.example in /home" "/ann/\x1b[31mx").decode()
        path = self.path("p.json", text.encode())
        kinds = {(item["kind"], item["text"]): item["where"] for item in self.json("strip", "--find-paths", path, status=1)["found"]}
        self.assertEqual(kinds["user", "ann"], "torch_version")
        self.assertEqual(kinds["host", "host.corp.example"], "torch_version")
        self.assertNotIn("\x1b", self.text("strip", "--find-paths", path, status=1))

    def test_in_place(self):
        path = self.path("m.pt2", command.read(MLP))
        said = self.run_pt2("strip", "--all-debug", "-f", path, path).stderr.decode()
        self.assertIn(f"{os.path.getsize(path)} bytes, {os.path.getsize(MLP) - os.path.getsize(path)} fewer", said)
        self.path("m.pt2", command.read(MLP))
        told = self.json("strip", "--all-debug", "-f", path, path)
        self.assertEqual((told["bytes_before"], told["bytes_after"]), (os.path.getsize(MLP), os.path.getsize(path)))

    def test_refusals(self):
        out = self.path("o.pt2")
        self.fails("PT2-U002", "strip", MLP, out, has="--all-debug")
        self.fails("PT2-U002", "strip", MLP, has="OUT")
        self.fails("PT2-U002", "strip", "--all-debug", MLP, has="OUT")
        self.fails("PT2-U002", "strip", "--all-debug", "--find-paths", MLP, "-")
        self.fails("PT2-F001", "strip", "--all-debug", self.path("none"), out)
        self.fails("PT2-K015", "strip", "--all-debug", command.SAVED, out)
        self.path("o.pt2", b"x")
        self.fails("PT2-F003", "strip", "--all-debug", MLP, out)
        self.assertEqual(command.read(out), b"x")


if __name__ == "__main__":
    command.main()
