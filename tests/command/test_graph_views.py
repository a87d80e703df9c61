#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 graph` as a table, drawings and JSON: what is shown, selected, folded, escaped.

    test_graph_views.py PT2
"""
import json
import re
import shutil
import subprocess

import command
from command import MLP, CommandTest

SAMPLES = command.CORPUS / "torch-2.15.0"
NESTED = str(SAMPLES / "cond_nested.pt2")
GPT = str(SAMPLES / "gpt_2l.pt2")


class Views(CommandTest):
    def names(self, *words, **more):
        return {path: [n["name"] for n in nodes] for path, nodes in self.json("graph", *words, **more).items()}

    def hostile(self):
        """mlp's program with names that a terminal, Graphviz, Mermaid or a page would read as their own."""
        text = self.program().decode()
        name = json.dumps("\x1b[31m\"]\\n;<b>\u202e`#|")[1:-1]
        return text.replace('"relu"', f'"{name}"').replace("a,torch.nn", f"{name},torch.nn").encode()

    def test_table(self):
        lines = self.text("graph", NESTED).split("\n")
        self.assertRegex(lines[0], r"^node +operator +value +source +module *$")
        self.assertRegex(lines[1], r"^p_l_weight +parameter +float32 \[4, 4\] +l *$")
        rows = [line for line in lines if re.match("gt +_operator", line)]
        self.assertRegex(rows[0], r"^gt +_operator.gt +s77 > 4 +models.py:62 +\(Cond\)$")
        self.assertIn("Graph true_graph_0.false_graph_0", lines)
        self.assertRegex(self.text("graph", MLP), r"\nlinear +aten.linear.default +float32 \[3, 16\] +models.py:16 +a \(Linear\)\n")

    def test_json(self):
        graphs = self.json("graph", NESTED)
        self.assertEqual(list(graphs)[:3], ["", "true_graph_0", "true_graph_0.true_graph_0"])
        node = {n["name"]: n for n in graphs[""]}["getitem"]
        self.assertEqual(node, {"name": "getitem", "op": "getitem", "target": None, "inputs": ["cond"],
                                "value": "float32 [s77, 4]", "dtype": "float32", "shape": ["s77", 4], "module": "",
                                "module_type": "Cond", "source": "<eval_with_key>.13:11"})

    def test_selection(self):
        self.assertEqual(self.names(MLP, "--submodule=a"), {"": ["p_a_weight", "p_a_bias", "linear"]})
        self.assertEqual(self.names(MLP, "--op=aten.linear*"), {"": ["linear", "linear_1"]})
        self.assertEqual(self.names(MLP, "--op=torch.ops.aten.relu.default"), {"": ["relu"]})
        self.assertEqual(self.names(MLP, "--around=relu", "--hops=0"), {"": ["relu"]})
        self.assertEqual(self.names(MLP, "--around", "relu"), {"": ["dropout", "relu", "linear_1"]})
        self.assertEqual(self.names(MLP, "--around=relu", "--hops=2", "--op=*linear*"), {"": ["linear", "linear_1"]})
        near = self.names(NESTED, "--around=cond", "--hops=1")
        self.assertEqual(near["true_graph_0"], ["output"])
        for words in ("--submodule=c", "--submodule=a.b", "--op=relu", "--around=nothing"):
            self.fails("PT2-U009", "graph", MLP, words, has=words.split("=")[1])
        for words in ("--depth=0", "--depth=x", "--hops=-1", "--hops=", "--hops=99999999999", "--format=html"):
            self.fails("PT2-U002", "graph", MLP, words)
        for words in (["--rebuild", "--format=dot"], ["--rebuild", "--op=aten.relu*"], ["--format=python", "--around=relu"],
                      ["--format=python", "--depth=1"], ["--json", "--format=text"], ["--json", "--format=dot"], ["--hops=2"]):
            answer = self.run_pt2("graph", MLP, *words)
            self.assertEqual((answer.returncode, answer.stdout), (2, b""), words)
            self.assertIn(b"PT2-U002", answer.stderr, words)

    def test_drawings_have_every_node_once(self):
        for program in (MLP, NESTED, GPT):
            calls = sum(n["op"] != "getitem" for g in self.json("graph", program).values() for n in g)
            dot, mermaid = (self.text("graph", program, f"--format={form}") for form in ("dot", "mermaid"))
            self.assertEqual(len(re.findall(r"^n\d+ \[label=", dot, re.M)), calls)
            self.assertEqual(len(re.findall(r"^n\d+(?:\[|\(\[)\"", mermaid, re.M)), calls)
            self.assertEqual(len(re.findall("-->|-.->", mermaid)), dot.count(" -> "))
            self.assertEqual(dot.count("{\n"), dot.count("}\n"))
            self.assertEqual(len(re.findall("^subgraph ", mermaid, re.M)), len(re.findall("^end$", mermaid, re.M)))

    def test_edges_go_through_results_and_to_subgraphs(self):
        dot = self.text("graph", NESTED, "--format=dot")
        number = {m[2]: m[1] for m in re.finditer(r'^(n\d+) \[label="(\w+)', dot, re.M)}
        self.assertIn(f"{number['cond_1']} -> {number['add']}\n", dot)  # its getitem is not drawn
        self.assertEqual(dot.count("style=dashed"), 6)  # three conds with two graphs each
        self.assertIn('label="graph true_graph_0.true_graph_0"', dot)

    def test_folding(self):
        whole, folded = (self.text("graph", GPT, "--format=dot", *more) for more in ((), ("--depth=1",)))
        self.assertLess(folded.count(" -> "), whole.count(" -> "))
        boxes = dict(re.findall(r'label="([^"\\]+)\\n(\d+) nodes?"', folded))
        nodes = self.json("graph", GPT)[""]
        for module, n in boxes.items():
            inside = [m for m in nodes if m["op"] != "getitem" and m["module"].split(".")[0] == module]
            self.assertEqual(len(inside), int(n), module)
        self.assertGreater(len(boxes), 1)
        deep = self.text("graph", GPT, "--format=dot", "--depth=2")
        self.assertLess(folded.count("label="), deep.count("label="))

    def test_large_graphs_fold(self):
        """Without --depth a drawing has few boxes; what many boxes take of one is in their words, each once."""
        large = str(SAMPLES / "gpt_24l.pt2")
        dot, mermaid = (self.text("graph", large, f"--format={form}") for form in ("dot", "mermaid"))
        self.assertEqual(len(re.findall(r'^n\d+ \[label="bl\.\d+\\n27 nodes', dot, re.M)), 24)
        self.assertIn('label="734 nodes: modules at level 2 are one box each; --depth=N folds at another level"', dot)
        self.assertIn("%% 734 nodes: modules at level 2 are one box each", mermaid)
        number = re.search(r'^(n\d+) \[label="tril.*\\nfor 24 boxes"', dot, re.M)[1]
        self.assertEqual(dot.count(f"\n{number} -> "), 1)
        self.assertEqual(len(re.findall(r"takes tril, sym_size_int_2, sym_size_int_3", dot)), 23)
        self.assertEqual(len(re.findall(r"takes tril, sym_size_int_2, sym_size_int_3", mermaid)), 23)
        every = self.text("graph", large, "--format=dot", "--depth=99")
        self.assertGreater(len(re.findall(r"^n\d+ \[label=", every, re.M)), 600)
        self.assertNotIn("--depth=N", every)
        self.assertNotIn("takes", self.text("graph", MLP, "--format=dot"))
        if shutil.which("dot"):
            for text in (dot, every):
                subprocess.run(["dot", "-Tsvg"], input=text.encode(), check=True, capture_output=True, timeout=60)

    def test_hostile_names(self):
        program = self.hostile()
        for form in ("text", "dot", "mermaid", "json"):
            text = self.text("graph", "-", f"--format={form}", stdin=program)
            self.assertNotRegex(text, "[\x1b\u202e]")
        dot = self.text("graph", "-", "--format=dot", stdin=program)
        self.assertIn(r'[label="\\x1b[31m\"]\\\\n;<b>\\u202E`#|\naten.relu.default', dot)
        mermaid = self.text("graph", "-", "--format=mermaid", stdin=program)
        self.assertIn('["#92;x1b#91;31m#34;#93;#92;#92;n#59;#60;b#62;#92;u202E#96;#35;#124;<br/>aten', mermaid)
        if shutil.which("dot"):
            subprocess.run(["dot", "-Tcanon"], input=dot.encode(), check=True, capture_output=True, timeout=60)

    def test_deep_module_names(self):
        program = self.program().replace(b"a,torch.nn", b"a" + b".b" * 20000 + b",torch.nn")
        dot = self.text("graph", "-", "--format=dot", stdin=program)
        self.assertLessEqual(dot.count("subgraph cluster"), 30)
        self.assertIn("1 node", self.text("graph", "-", "--format=dot", "--depth=3", stdin=program))


if __name__ == "__main__":
    command.main()
