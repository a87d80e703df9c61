#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pt2 ops --schemas: what operators take and give, built in or from a file.

    test_ops.py PT2
"""
import command
from command import MLP, CommandTest

SAMPLES = command.CORPUS / "torch-2.15.0"
TABLE = command.CORPUS.parents[1] / "lib/ops/operators.txt"
LINEAR = "aten::linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor"


class Schemas(CommandTest):
    def test_all(self):
        lines = TABLE.read_text(encoding="utf-8").splitlines()
        self.assertEqual(sorted(self.text("ops", "--schemas").splitlines()), sorted(lines))
        schemas = self.json("ops", "--schemas")
        self.assertEqual(len(schemas), len(lines))
        self.assertEqual(schemas["torch.ops.aten.linear.default"], LINEAR)

    def test_of_a_file(self):
        text = self.text("ops", "--schemas", MLP)
        self.assertEqual(text.splitlines()[0], f"2  {LINEAR}")
        cond = self.json("ops", "--schemas", str(SAMPLES / "cond_nested.pt2"))
        self.assertEqual(cond["torch.ops.higher_order.cond"],
                         {"count": 3, "kind": "higher-order operator", "schema": None})
        self.assertEqual(cond["_operator.gt"]["kind"], "symbolic operation")
        self.assertEqual(cond["torch.ops.aten.sin.default"],
                         {"count": 1, "kind": "operator", "schema": "aten::sin(Tensor self) -> Tensor"})

    def test_ones_own(self):
        sample = str(SAMPLES / "custom_op.pt2")
        target = "torch.ops.pt2samples.scale.default"
        self.assertEqual(self.json("ops", "--schemas", sample)[target]["kind"], "unknown operator")
        self.assertRegex(self.text("ops", "--schemas", sample), target + " +unknown operator\n")
        own = self.path("own.txt", b"# mine\npt2samples::scale(Tensor x,float factor = 2.) -> Tensor\n")
        more = self.path("more.txt", b"other::f() -> ()\n")
        self.assertEqual(self.json("ops", "--schemas", sample, f"--ops={own}", "--ops", more)[target]["schema"],
                         "pt2samples::scale(Tensor x, float factor=2.) -> Tensor")
        self.assertIn("other::f() -> ()\n", self.text("ops", "--schemas", "--ops", more))

    def test_extensions(self):
        sample = str(command.CORPUS / "extension/demo.pt2")
        self.assertEqual(self.json("ops", "--schemas", sample)["#demo:scale"],
                         {"count": 1, "kind": "extension", "schema": None})
        line = "#demo:scale(Tensor self, float factor, *, int[] dims=[]) -> Tensor"
        own = self.path("own.txt", f"# not this: demo:scale(\n#TODO: more\n{line}\n".encode())
        self.assertEqual(self.json("ops", "--schemas", sample, f"--ops={own}")["#demo:scale"]["schema"], line)
        self.assertIn(f"1  {line}\n", self.text("ops", "--schemas", sample, f"--ops={own}"))
        printed = self.path("printed.txt", self.good("ops", "--schemas", f"--ops={own}"))
        self.assertEqual(self.json("ops", "--schemas", sample, f"--ops={printed}")["#demo:scale"]["schema"], line)
        wrong = self.path("wrong.txt", b"#demo:scale(Tensor self)\n")
        self.fails("PT2-O001", "ops", "--schemas", f"--ops={wrong}", has="@24")

    def test_no_file_is_passed_over(self):
        sample = str(command.CORPUS / "extension/demo.pt2")
        for words in (["ops", sample], ["ops", "--schemas", sample], ["graph", "--rebuild", sample], ["verify", sample],
                      ["graph", sample], *(["graph", f"--format={form}", sample] for form in ("dot", "mermaid", "python"))):
            self.fails("PT2-F001", *words, "--ops=nowhere.txt", has="nowhere.txt")

    def test_trouble(self):
        self.fails("PT2-U002", "ops", has="only --schemas needs none")
        self.fails("PT2-F001", "ops", "--schemas", "--ops=nowhere.txt", has="nowhere.txt")
        wrong = self.path("wrong.txt", b"a::b() -> ()\na::c(int) -> ()\n")
        self.fails("PT2-O001", "ops", "--schemas", f"--ops={wrong}", has="@21")
        twice = self.path("twice.txt", b"a::b() -> ()\na::b(int x) -> ()\n")
        self.fails("PT2-O002", "ops", "--schemas", f"--ops={twice}", has="torch.ops.a.b.default")
        deep = self.path("deep.txt", b"a::b(int" + b"[]" * 600 + b" x) -> ()\n")
        self.fails("PT2-L002", "ops", "--schemas", f"--ops={deep}", "--limit", "depth=500")


if __name__ == "__main__":
    command.main()
