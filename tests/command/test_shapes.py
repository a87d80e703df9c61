#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 shapes`: the contract as people and as programs read it, questions about it, and what it refuses.

    test_shapes.py PT2
"""
import json

import command
from command import MLP, OLD, CommandTest

NEW = command.CORPUS / "torch-2.15.0"
DERIVED, GUARDS, INTEGERS, UNBACKED = (str(NEW / f"{name}.pt2") for name in (
    "derived_dims", "guards", "sym_int_in", "unbacked"))

DERIVED_TEXT = """\
Inputs
  x  [2*s17, 3]
  y  [s17 ∈ 3…500, 3]
Outputs
  add    [s17, 3]
  add_1  2*s17 + 1
Symbols
  s17  3…500  traced with 6  y.shape[0]
Derived sizes
  2*s17      6…1000
  2*s17 + 1  7…1001
Guards
  y.shape[0] <= x.shape[0]
  x.shape[0] == (2*y.shape[0])
"""

DERIVED_ANSWER = """\
Inputs
  x  [12, 3]
  y  [7, 3]
Outputs
  add    [7, 3]
  add_1  15
Symbols
  s17  = 7  3…500  traced with 6  y.shape[0]
Derived sizes
  2*s17      = 14  6…1000
  2*s17 + 1  = 15  7…1001
Guards
  y.shape[0] <= x.shape[0]      holds
  x.shape[0] == (2*y.shape[0])  FAILS
Does not fit
  x.shape[0]: PT2-Y014: """


class Shapes(CommandTest):
    def test_contract_as_text(self):
        self.assertEqual(self.text("shapes", DERIVED), DERIVED_TEXT)
        text = self.text("shapes", UNBACKED)
        self.assertRegex(text, r"u1 +2…999 +from data: nonzero.shape\[0\]\n")
        self.assertIn("Assertions\n  u0 >= 2\n", text)
        self.assertIn("  n  s86 ∈ 0…9\n", self.text("shapes", INTEGERS))
        self.assertEqual(self.text("shapes", OLD), "Inputs\n  arg4_1  [3, 8]\nOutputs\n  addmm_1  [3, 8]\n")

    def test_contract_as_json(self):
        shapes = self.json("shapes", DERIVED)
        self.assertEqual(list(shapes), ["symbols", "sizes", "inputs", "outputs", "guards"])
        self.assertEqual(shapes["symbols"], {"s17": {
            "lower": 3, "upper": 500, "hint": 6, "kind": "input", "origin": "y.shape[0]"}})
        self.assertEqual(shapes["sizes"]["2*s17 + 1"], {"lower": 7, "upper": 1001})
        self.assertEqual(shapes["inputs"], {"x": ["2*s17", 3], "y": ["s17", 3]})
        self.assertEqual(shapes["outputs"], {"add": ["s17", 3], "add_1": "2*s17 + 1"})
        self.assertEqual(shapes["guards"][0], {"kind": "guard", "text": "y.shape[0] <= x.shape[0]",
                                               "where": "guards_code[0]", "checked": True})
        unbacked = self.json("shapes", UNBACKED)
        self.assertEqual(unbacked["symbols"]["u0"], {
            "lower": 2, "upper": 99, "hint": None, "kind": "data", "origin": "item"})
        self.assertEqual({g["kind"] for g in unbacked["guards"]}, {"assertion"})
        self.assertEqual(self.json("shapes", INTEGERS)["inputs"], {"x": [6, 9], "n": "s86", "f": None})
        self.assertEqual(self.json("shapes", str(NEW / "auto_dims.pt2"))["symbols"]["s77"]["upper"], None)

    def test_sizes_that_are_set(self):
        shapes = self.json("shapes", DERIVED, "--set=s17=7")
        self.assertEqual(shapes["inputs"], {"x": [14, 3], "y": [7, 3]})
        self.assertEqual(shapes["outputs"], {"add": [7, 3], "add_1": 15})
        self.assertEqual([g["holds"] for g in shapes["guards"]], [True, True])
        self.assertEqual((shapes["symbols"]["s17"]["value"], shapes["fits"], shapes["problems"]), (7, True, []))
        self.assertEqual(shapes["sizes"]["2*s17"]["value"], 14)
        large = self.json("shapes", DERIVED, f"--set=s17={2**70}", status=1)
        self.assertEqual(large["outputs"]["add_1"], 2**71 + 1)
        self.assertEqual(large["problems"][0]["id"], "PT2-Y015")
        above = self.json("shapes", DERIVED, "--set=s17=501", status=1)
        self.assertEqual([(p["id"], p["where"]) for p in above["problems"]], [("PT2-Y015", "2*s17"), ("PT2-Y015", "s17")])

    def test_sizes_that_are_given(self):
        shapes = self.json("shapes", DERIVED, "--input", "x=12,3")
        self.assertEqual((shapes["inputs"]["y"], shapes["outputs"]["add_1"], shapes["fits"]), ([6, 3], 13, True))
        shapes = self.json("shapes", UNBACKED, "--input=x=4", "--input=n=")
        self.assertEqual(shapes["inputs"], {"x": [4], "n": []})
        self.assertEqual(shapes["outputs"], {"zeros": ["u0"], "mul": ["u1", 1], "mul_1": 12})
        self.assertEqual({g["holds"] for g in shapes["guards"]}, {None})
        self.assertIn("u0 >= 2    not known\n", self.text("shapes", UNBACKED, "--input=x=4"))
        self.assertTrue(self.json("shapes", MLP, "--input=x=3,8")["fits"])

    def test_sizes_that_do_not_fit(self):
        text = self.text("shapes", DERIVED, "--input=x=12,3", "--input=y=7,3", status=1)
        self.assertTrue(text.startswith(DERIVED_ANSWER), text)
        self.assertIn("it is 12, but 2*s17 is 14, since s17 = 7 by y.shape[0]", text)
        for words, problem, where in [
                ([DERIVED, "--input=x=12"], "PT2-Y013", "x"),
                ([DERIVED, "--input=x=12,4"], "PT2-Y014", "x.shape[1]"),
                ([DERIVED, "--input=x=13,3"], "PT2-Y016", "x.shape[0]"),
                ([DERIVED, "--input=x=12,3", "--set=s17=5"], "PT2-Y014", "x.shape[0]"),
                ([GUARDS, "--input=x=129"], "PT2-Y015", "s77"),
                ([INTEGERS, "--input=n=9"], "PT2-Y017", "guards_code[3]"),
                ([GUARDS, "--input=x=5", "--input=y=9"], "PT2-Y018", "graph_module.graph.nodes[8]")]:
            answer = self.json("shapes", *words, status=1)
            self.assertFalse(answer["fits"])
            self.assertEqual([(p["id"], p["where"]) for p in answer["problems"]][0], (problem, where), words)

    def test_wrong_questions(self):
        self.fails("PT2-Y011", "shapes", DERIVED, "--set=s18=5", has="s18")
        self.fails("PT2-Y012", "shapes", DERIVED, "--input=z=5", has="z")
        self.fails("PT2-Y012", "shapes", DERIVED, "--input=x=5,3", "--input=x=5,3", has="twice")
        self.fails("PT2-Y012", "shapes", INTEGERS, "--input=f=5", has="f has no shape")
        self.fails("PT2-Y005", "shapes", DERIVED, "--set=s17=many")
        for word in ["--set=s17", "--set==5", "--input=x", "--input=x=4,", "--input=x=,4", "--input=x=4;8",
                     "--input=x= 4", "--input=x=4,,8", f"--input=x={2**63}", "--input=x=0x4", "--input==4"]:
            self.fails("PT2-U002", "shapes", DERIVED, word)
        self.fails("PT2-F001", "shapes", self.path("none.pt2"))

    def test_names_are_escaped(self):
        program = json.loads(self.program())
        graph = program["graph_module"]["graph"]
        name = "x\u202e\x1b[31m"
        graph["tensor_values"][name] = graph["tensor_values"].pop("x")
        graph["inputs"][4]["as_tensor"]["name"] = name
        program["graph_module"]["signature"]["input_specs"][4]["user_input"]["arg"]["as_tensor"]["name"] = name
        program["guards_code"] = ["L['\u202e'].stride()[0] == 1"]
        text = json.dumps(program).encode()
        for words in [[], ["--json"], [f"--input={name}=3"]]:
            shown = self.good("shapes", "-", *words, stdin=text, status=1 if words and "input" in words[0] else 0)
            self.assertNotIn("\u202e", shown.decode())
            self.assertNotIn(b"\x1b", shown)
        self.assertIn(name, self.json("shapes", "-", stdin=text)["inputs"])

    def test_values_that_are_given_out_twice(self):
        program = json.loads(self.program())
        graph = program["graph_module"]["graph"]
        signature = program["graph_module"]["signature"]
        graph["outputs"] *= 2
        signature["output_specs"] *= 2
        answer = self.good("shapes", "--json", "-", stdin=json.dumps(program).encode())
        keys = []
        json.loads(answer, object_pairs_hook=lambda pairs: keys.extend(k for k, _ in pairs) or dict(pairs))
        self.assertEqual(keys.count(graph["outputs"][0]["as_tensor"]["name"]), 1)


if __name__ == "__main__":
    command.main()
