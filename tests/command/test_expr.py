#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 expr`: one expression, and a batch of them.

    test_expr.py PT2
"""
import json
import subprocess

import command
from command import CommandTest

SREPR = "Add(Mul(Integer(2), Symbol('s77', positive=True, integer=True)), Integer(1))"


class Expr(CommandTest):
    def batch(self, *lines):
        text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        return [json.loads(line) for line in self.good("expr", "--batch", stdin=text.encode()).splitlines()]

    def test_json(self):
        answer = self.json("expr", "2*s77 + 1", "--set=s77=4", "--range=s77=2:1024")
        self.assertEqual(answer, {"input": "2*s77 + 1", "normal": "2*s77 + 1", "free": ["s77"], "value": 9,
                                  "lower": 5, "upper": 2049})
        self.assertEqual(list(answer), ["input", "normal", "free", "value", "lower", "upper"])
        answer = self.json("expr", SREPR, "--range", "s77=2:oo")
        self.assertEqual((answer["normal"], answer["value"], answer["lower"], answer["upper"]), ("2*s77 + 1", None, 5, "oo"))

    def test_kinds_of_value(self):
        for text, value in (("3", 3), ("3.0", 3.0), ("2**100", 2**100), ("1/4", 0.25), ("1 < 2", True), ("1 > 2", False),
                            ("oo", "oo"), ("-oo", "-oo"), ("1/0", None), ("ToFloat(2)", 2.0), ("1e+300", 1e300)):
            got = self.json("expr", text)["value"] if text[0] != "-" else self.json("expr", "--", text)["value"]
            self.assertEqual((type(got), got), (type(value), value), text)

    def json(self, *words, **more):
        words = ("--json", *words)
        return json.loads(self.good(words[1], words[0], *words[2:], **more))

    def test_text(self):
        text = self.text("expr", "s0 % 3", "--set", "s0=7", "--range", "s0=0:oo")
        self.assertEqual(text, "normal   PythonMod(s0, 3)\nsymbols  s0\nvalue    1\nbounds   0 … 2\n")
        self.assertIn("value    none: a symbol has no value: s0", self.text("expr", "s0"))
        self.assertIn("symbols  none\n", self.text("expr", "1"))

    def test_batch(self):
        answers = self.batch({"expr": "s0 + 1", "set": {"s0": 2**70}}, {"expr": "foo(s0)"}, {"expr": "zf0", "set": {"zf0": 2.5}},
                             {"expr": "u0", "range": {"u0": [0, None]}}, {"expr": "b", "set": {"b": True}},
                             {"expr": "x", "set": {"x": "oo"}, "range": None}, {"expr": "s0 \u0394"}, {"expr": "s0\0"})
        self.assertEqual(answers[0]["value"], 2**70 + 1)
        self.assertEqual(answers[1]["input"], "foo(s0)")
        self.assertEqual((answers[1]["error"]["id"], answers[1]["error"]["where"]), ("PT2-Y002", "@0"))
        self.assertEqual(answers[2]["value"], 2.5)
        self.assertEqual((answers[3]["lower"], answers[3]["upper"]), (0, "oo"))
        self.assertIs(answers[4]["value"], True)
        self.assertEqual(answers[5]["value"], "oo")
        self.assertEqual([answer["input"] for answer in answers[6:]], ["s0 \u0394", "s0\0"])
        self.assertEqual({answer["error"]["id"] for answer in answers[6:]}, {"PT2-Y001"})

    def test_batch_goes_on_behind_a_bad_line(self):
        answers = self.batch("", "nonsense", '{"expr": 3}', '{"expr": "s0", "set": {"s0": x}}', '{"expr": "s0", "range": {"s0": [1]}}',
                             '{"expr": "s0"} more', '{"other": 1}', {"expr": "s0", "range": {"s0": [5, 3]}}, {"expr": "7"})
        self.assertEqual([("error" in answer) for answer in answers], [True] * 8 + [False])
        self.assertEqual(answers[7]["error"]["id"], "PT2-Y009")
        self.assertEqual(answers[8]["value"], 7)

    def test_batch_answers_at_once(self):
        with subprocess.Popen([command.PT2, "expr", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            for number in range(3):
                process.stdin.write(b'{"expr": "%d"}\n' % number)
                process.stdin.flush()
                self.assertEqual(json.loads(process.stdout.readline())["value"], number)
            process.stdin.close()
            self.assertEqual(process.wait(), 0)

    def test_refused(self):
        self.fails("PT2-Y001", "expr", "s0 +", has="@4")
        self.fails("PT2-Y004", "expr", "s0.__class__")
        self.fails("PT2-L012", "expr", "9**9**9**9")
        self.fails("PT2-L010", "expr", "((s0))", "--limit=expression-depth=1")
        self.fails("PT2-Y009", "expr", "s0", "--range=s0=3:2")
        for words in (["--set=s0", "s0"], ["--range=s0=3", "s0"], ["--range==1:2", "s0"], [], ["--batch", "s0"],
                      ["--batch", "--set=s0=1"]):
            self.fails("PT2-U002", "expr", *words)
        for words in (["--set=s0=x", "s0"], ["--range=s0=a:2", "s0"], ["--range=s0=1:", "s0"]):
            self.fails("PT2-Y005", "expr", *words)


if __name__ == "__main__":
    command.main()
