#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 canon`: the same for what is the same, another for what is not.

    test_canon.py PT2
"""
import json
import os
import zipfile

import command
import shuffle_program
from command import CORPUS, MLP, OLD, SEVERAL, CommandTest

TEN = ("torch-2.15.0/gpt_2l.pt2", "torch-2.15.0/cond_nested.pt2", "torch-2.15.0/while_loop.pt2", "torch-2.15.0/mutation_decomp.pt2",
       "torch-2.15.0/convnet.pt2", "torch-2.15.0/symbolic.pt2", "torch-2.15.0/sym_int_in.pt2", "torch-2.7.1/tied_views.pt2",
       "torch-2.8.0/scan.pt2", "torch-2.7.1/unbacked.pt2")
SHUFFLES = 20 if os.environ.get("PT2_TEST_QUICK") else 1000
MUTATIONS = 48
AT_ONCE = 250


def node(target, inputs, name):
    """A call of TARGET; inputs are names of values, numbers or texts."""
    def argument(value):
        return {"as_tensor": {"name": value}} if isinstance(value, str) else {"as_int": value}

    return {"target": target, "inputs": [{"name": f"a{i}", "arg": argument(v), "kind": 1} for i, v in enumerate(inputs)],
            "outputs": [{"as_tensor": {"name": name}}], "metadata": {}, "is_hop_single_tensor_return": None, "name": name}


class Canon(CommandTest):
    def program_of(self, sample, *words):
        return json.loads(self.good("convert", str(CORPUS / sample), "-", "--to=json", *words))

    def canonical(self, program, *words):
        return self.good("canon", *words, "-", "-", stdin=json.dumps(program).encode())

    def canonical_all(self, programs):
        """The canonical text of each: as the programs of one archive, so that one process makes many."""
        path, out = self.path("all.pt2"), self.path("canonical.pt2")
        for start in range(0, len(programs), AT_ONCE):
            part = programs[start:start + AT_ONCE]
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("all/archive_format", "pt2")
                archive.writestr("all/archive_version", "0")
                for i, program in enumerate(part):
                    archive.writestr(f"all/models/m{i}.json", json.dumps(program))
            self.good("canon", "-f", path, out)
            with zipfile.ZipFile(out) as archive:
                root = archive.namelist()[0].split("/")[0]
                yield from (archive.read(f"{root}/models/m{i}.json") for i in range(len(part)))

    def check_same(self, name, program, n):
        want = self.canonical(program)
        self.assertEqual(self.good("canon", "-", "-", stdin=want), want, name)
        shuffles = [shuffle_program.shuffled(program, seed) for seed in range(n)]
        for seed, got in enumerate(self.canonical_all(shuffles)):
            self.assertEqual(got, want, (name, seed))

    def test_same(self):
        for sample in TEN:
            self.check_same(sample, self.program_of(sample), SHUFFLES)

    def test_different(self):
        for sample in TEN:
            program = self.program_of(sample)
            changes = [shuffle_program.mutated(program, seed) for seed in range(MUTATIONS)]
            changes = [(what, changed) for what, changed in changes if what is not None]
            self.assertGreater(len(changes), MUTATIONS // 2, sample)
            want = self.canonical(program)
            for (what, _), got in zip(changes, self.canonical_all([changed for _, changed in changes])):
                self.assertNotEqual(got, want, (sample, what))

    def made(self, *nodes, outputs):
        """A program of one input x and these nodes."""
        program = self.program_of("torch-2.15.0/mlp.pt2")
        module = program["graph_module"]
        graph, signature = module["graph"], module["signature"]
        x = next(i for i, spec in enumerate(signature["input_specs"]) if "user_input" in spec)
        meta = graph["tensor_values"]["x"]
        graph.update(inputs=[graph["inputs"][x]], nodes=list(nodes), outputs=[{"as_tensor": {"name": o}} for o in outputs],
                     tensor_values={name: meta for name in ["x"] + [n["name"] for n in nodes]})
        signature.update(input_specs=[signature["input_specs"][x]],
                         output_specs=[{"user_output": {"arg": {"as_tensor": {"name": o}}}} for o in outputs])
        for entry in module["module_call_graph"]:
            entry["signature"] = None
        return program

    def test_twins(self):
        """Nodes that nothing but their surroundings tells apart, down to those that only a choice does."""
        relu, exp, neg, add = (f"torch.ops.aten.{name}" for name in ("relu.default", "exp.default", "neg.default", "add.Tensor"))
        for name, nodes, outputs in (
                ("used differently", [node(relu, ["x"], "a"), node(relu, ["x"], "b"), node(neg, ["a"], "c"), node(exp, ["b"], "d")], "cd"),
                ("seen at a distance", [node(relu, ["x"], "a"), node(relu, ["x"], "b"), node(exp, ["a"], "c"), node(exp, ["b"], "d"),
                                        node(add, ["c", "d"], "e")], "e"),
                ("by immediates", [node(add, ["x", 1], "a"), node(add, ["x", 2], "b"), node(add, ["x", 1], "c")], "abc"),
                ("used by nobody", [node(relu, ["x"], c) for c in "abcdef"], "a"),
                ("in pairs", [node(relu, ["x"], "a"), node(relu, ["x"], "b"), node(exp, ["x"], "c"), node(exp, ["x"], "d"),
                              node(add, ["a", "d"], "e"), node(add, ["b", "c"], "f")], "x"),
                ("round a corner", [node(relu, ["x"], "a"), node(relu, ["x"], "b"), node(exp, ["x"], "c"), node(exp, ["x"], "d"),
                                    node(add, ["a", "d"], "e"), node(add, ["b", "c"], "f"), node(neg, ["b"], "g")], "g")):
            self.check_same(name, self.made(*nodes, outputs=outputs), 100)

    def test_order_of_effects(self):
        """What writes, and what draws random numbers, keeps its turn; the rest is sorted."""
        add, relu, drop = "torch.ops.aten.add_.Tensor", "torch.ops.aten.relu.default", "torch.ops.aten.rand_like.default"
        program = self.made(node(relu, ["x"], "z"), node(add, ["x", 1], "a"), node(relu, ["x"], "b"), node(drop, ["z"], "c"),
                            node(drop, ["x"], "d"), outputs="abcd")
        got = json.loads(self.canonical(program))
        targets = [n["target"].split(".")[3] for n in got["graph_module"]["graph"]["nodes"]]
        self.assertLess(targets.index("relu"), targets.index("add_"))
        self.assertLess(targets.index("add_"), len(targets) - 1 - targets[::-1].index("relu"))
        drawn = [n["inputs"][0]["arg"]["as_tensor"]["name"] for n in got["graph_module"]["graph"]["nodes"] if "rand" in n["target"]]
        self.assertNotEqual(drawn[0], "_0")
        self.assertEqual(drawn[1], "_0")

    def test_says_what_changed(self):
        out = self.path("o.json")
        said = self.run_pt2("canon", "-v", str(CORPUS / "torch-2.15.0/cond_nested.pt2"), out).stderr.decode()
        for line in ("pt2: input: l.bias from place 1 to 0", "pt2: value: x is now _2", "pt2: subgraph in subgraph 1: true_graph_0 is now _g0",
                     "pt2: metadata: "):
            self.assertIn(line, said)
        again = self.run_pt2("canon", "-v", out, self.path("p.json")).stderr.decode()
        self.assertEqual(again, "pt2: renamed 0, moved 0, sorted 0 tables, dropped 0 texts\n")

    def test_archives(self):
        out = self.path("o.pt2")
        self.good("canon", SEVERAL, out)
        for model in self.json("info", "--model=plain", SEVERAL)["models"]:
            self.assertEqual(self.program_of(out, "--model", model), json.loads(self.canonical(self.program_of(SEVERAL, "--model", model))))
        self.assertEqual([r["name"] for r in self.json("ls", out)], [r["name"] for r in self.json("ls", SEVERAL)])
        self.good("canon", "--keep-debug", "-f", MLP, out)
        self.assertIn("stack_trace", json.dumps(self.program_of(out)))
        self.good("canon", "-f", MLP, out)
        self.assertNotIn("stack_trace", json.dumps(self.program_of(out)))

    def test_refusals(self):
        out = self.path("o.json")
        self.fails("PT2-P002", "canon", OLD, self.path("o.pt2"))
        relu = "torch.ops.aten.relu.default"
        for fault, program in (
                ("PT2-C002", self.made(node(relu, ["y"], "a"), outputs="a")),
                ("PT2-C003", self.made(node(relu, ["x"], "a"), node(relu, ["x"], "a"), outputs="a")),
                ("PT2-C005", self.made(node(relu, ["b"], "a"), node(relu, ["a"], "b"), outputs="a"))):
            self.fails(fault, "canon", self.path("p.json", json.dumps(program).encode()), out)
        sound = self.made(node(relu, ["x"], "a"), outputs="a")
        for fault, change in (("PT2-C001", lambda m: m["signature"]["input_specs"].clear()),
                              ("PT2-C001", lambda m: m["graph"]["outputs"].clear()),
                              ("PT2-C004", lambda m: m["graph"]["tensor_values"].pop("a")),
                              ("PT2-C006", lambda m: m["graph"]["nodes"][0]["inputs"][0].update(arg={"as_news": 1})),
                              ("PT2-C006", lambda m: m["signature"]["input_specs"].__setitem__(0, {"news": {}})),
                              ("PT2-C007", lambda m: m["graph"]["tensor_values"].update(_7=m["graph"]["tensor_values"]["a"])),
                              ("PT2-C007", lambda m: m["graph"]["sym_int_values"].update(a={"as_int": 1}))):
            program = json.loads(json.dumps(sound))
            change(program["graph_module"])
            self.fails(fault, "canon", self.path("p.json", json.dumps(program).encode()), out)


if __name__ == "__main__":
    command.main()
