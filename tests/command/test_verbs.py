#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What each verb prints, as text and as JSON.

    test_verbs.py PT2
"""
import json
import os
import zipfile

import command
from command import CORPUS, MLP, OLD, SAVED, SEVERAL, CommandTest, read

OLD_SPECS = str(CORPUS / "torch-2.5.1/mlp.pt2")
MLP_SHAPES = [("PARAMETER", "p_a_weight", "a.weight", [16, 8]), ("PARAMETER", "p_a_bias", "a.bias", [16]),
              ("PARAMETER", "p_b_weight", "b.weight", [8, 16]), ("PARAMETER", "p_b_bias", "b.bias", [8]),
              ("USER_INPUT", "x", None, [3, 8])]
INFO_KEYS = ["kind", "layout", "archive_version", "byteorder", "models", "model", "schema_version", "torch_version",
             "opset_version", "nodes", "operators", "subgraphs", "inputs", "outputs", "range_constraints", "weights",
             "constants", "records", "bytes", "pickles", "native_code", "extra", "aot_inductor"]


def items(rows):
    return [dict(zip(("kind", "name", "target", "dtype", "shape"), (*row[:3], "float32", row[3]))) for row in rows]


class Info(CommandTest):
    def test_json(self):
        info = self.json("info", MLP)
        self.assertEqual(list(info), INFO_KEYS)
        self.assertEqual(info, {
            "kind": "exported-program", "layout": "pt2-archive", "archive_version": "0", "byteorder": "little",
            "models": ["model"], "model": "model", "schema_version": {"major": 8, "minor": 20},
            "torch_version": "2.15.0+cu132", "opset_version": {"aten": 10}, "nodes": 4, "operators": 3, "subgraphs": 0,
            "inputs": items(MLP_SHAPES), "outputs": items([("USER_OUTPUT", "linear_1", None, [3, 8])]),
            "range_constraints": {}, "weights": {"count": 4, "bytes": 1120, "stored_bytes": 1120},
            "constants": {"count": 0, "bytes": 0, "stored_bytes": 0}, "records": 13, "bytes": 13053,
            "pickles": ["data/sample_inputs/model.pt"], "native_code": [], "extra": [], "aot_inductor": []})

    def test_text(self):
        text = self.text("info", MLP)
        for line in ("kind          exported program, PT2 archive with raw payloads", "schema        8.20",
                     "graph         4 nodes, 3 operators, 0 subgraphs", "pickles       data/sample_inputs/model.pt",
                     "native code   none", "Inputs (1 of 5; `pt2 sig` shows all)", "  x  float32  [3, 8]"):
            self.assertIn(line + "\n", text)
        for sample in ("gpt_24l", "dtype_zoo", "symbolic"):
            self.assertLess(self.text("info", str(command.CORPUS / f"torch-2.15.0/{sample}.pt2")).count("\n"), 50)

    def test_old_major(self):
        info = self.json("info", OLD)
        self.assertEqual((info["layout"], info["schema_version"], info["torch_version"], info["nodes"]),
                         ("legacy", {"major": 1, "minor": 0}, None, 6))
        self.assertEqual(info["weights"]["count"], 4)

    def test_several(self):
        for model, nodes in (("plain", 1), ("doubled", 2)):
            info = self.json("info", SEVERAL, f"--model={model}")
            self.assertEqual((info["model"], info["models"]), (model, ["plain", "doubled", "tied"]))
            self.assertGreaterEqual(info["nodes"], nodes)
        self.assertIn("shown         tied\n", self.text("info", SEVERAL, "--model", "tied"))
        self.assertEqual(info["extra"], ["extra/notes.txt", "extra/nested/config.json", "extra/raw.bin"])

    def test_subgraphs_and_ranges(self):
        cond = self.json("info", str(command.CORPUS / "torch-2.15.0/cond_nested.pt2"))
        self.assertGreater(cond["subgraphs"], 1)
        dims = self.json("info", str(command.CORPUS / "torch-2.15.0/symbolic.pt2"))
        self.assertEqual(dims["inputs"][0]["shape"], ["s77", 3])
        self.assertEqual(dims["range_constraints"], {"s77": [2, 1024], "s94": [3, 64]})
        text = self.text("info", str(command.CORPUS / "torch-2.15.0/symbolic.pt2"))
        self.assertIn("  s77  2 … 1024\n", text)

    def test_pickled_payload_is_named(self):
        info = self.json("info", str(command.CORPUS / "torch-2.15.0/subclass_weight.pt2"))
        self.assertEqual(info["pickles"], ["data/weights/weight_0", "data/sample_inputs/model.pt"])
        program = self.good("convert", MLP, "-", "--to=json")
        saved = command.archive({"data.pkl": b"\x80\x02."})
        records = {"models/m.json": program, "data/weights/weight_0": (saved, zipfile.ZIP_DEFLATED),
                   "data/weights/weight_1": saved[1:], "data/constants/custom_obj_0": b"anything",
                   "data/constants/tensor_0": b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.",
                   "data/sample_inputs/m.pt": b""}
        info = self.json("info", self.path("p.pt2", command.pt2_archive(records)))
        self.assertEqual(info["pickles"], ["data/weights/weight_0", "data/constants/custom_obj_0", "data/constants/tensor_0"])

    def test_other_kinds(self):
        saved = self.json("info", SAVED)
        self.assertEqual(list(saved), INFO_KEYS)
        self.assertEqual((saved["kind"], saved["layout"], saved["nodes"], saved["inputs"], saved["model"]),
                         ("torch-save", None, None, None, None))
        self.assertIn("torch.save archive", self.text("info", SAVED))
        native = {"data/aotinductor/model/a.so": b"\x7fELF", "data/aotinductor/model/b.cpp": b"int x;"}
        package = self.path("aoti.pt2", command.pt2_archive(native))
        info = self.json("info", package)
        self.assertEqual((info["kind"], info["native_code"]), ("aot-inductor", ["data/aotinductor/model/a.so"]))
        self.assertIn("native code  data/aotinductor/model/a.so\n", self.text("info", package))
        for suffix, kind in (("json", "program-json"), ("thrift", "program-compact"), ("thrift.zst", "program-compact")):
            alone = self.path("mlp." + suffix)
            self.good("convert", MLP, alone)
            info = self.json("info", alone)
            self.assertEqual((info["kind"], info["layout"], info["models"], info["nodes"], info["records"]),
                             (kind, None, [], 4, 0))
            self.assertEqual(info["weights"], {"count": 4, "bytes": 1120, "stored_bytes": 0})
            self.assertIn("exported program by itself", self.text("info", alone))

    def test_many(self):
        folder = self.path("many")
        os.mkdir(folder)
        for name, data in (("a.pt2", read(MLP)), ("b.pt2", read(MLP)[:3000]), ("c.txt", b"nothing"), ("d\x1b[2J.pt", read(SAVED))):
            self.path(f"many/{name}", data)
        answer = self.run_pt2("info", "--threads=3", folder, OLD)
        self.assertEqual(answer.returncode, 2)
        self.assertEqual(sorted(answer.stdout.decode().splitlines()), sorted([
            f"{folder}/a.pt2: exported program, PT2 archive with raw payloads; 12.7 KiB; schema 8.20, PyTorch 2.15.0+cu132; 4 nodes, "
            "4 tensors of 1.1 KiB",
            f"{folder}/d\\x1b[2J.pt: torch.save archive: pickled objects, no exported program; {len(read(SAVED)) / 1024:.1f} KiB",
            f"{OLD}: exported program, legacy archive; {len(read(OLD)) / 1024:.1f} KiB; schema 1.0; 6 nodes, 4 tensors of 1.1 KiB"]))
        told = answer.stderr.decode().splitlines()
        self.assertEqual(told[-1], "pt2: 5 files: 3 read, 1 that could not be read, 1 of other kinds")
        self.assertEqual([line.split(": ")[1:4:2] for line in told[:-1]], [[f"{folder}/b.pt2", "PT2-K003"]])
        self.assertEqual(self.run_pt2("info", "-q", folder, OLD).stderr.count(b"\n"), 1)

    def test_many_in_json(self):
        several = self.json("info", MLP, OLD, "--threads=2")
        self.assertEqual(sorted(info["file"] for info in several), sorted([MLP, OLD]))
        for info in several:
            self.assertEqual(list(info), ["file", *INFO_KEYS])
            self.assertEqual({key: info[key] for key in INFO_KEYS}, self.json("info", info["file"]))
        self.fails("PT2-U002", "info", "--threads=257", MLP)

    def test_payload_sizes_cannot_overflow(self):
        program = json.loads(self.program())
        values = program["graph_module"]["graph"]["tensor_values"]
        values["p_a_weight"]["sizes"] = [{"as_int": 2**62}, {"as_int": 2**62}]
        values["p_b_weight"]["sizes"] = [{"as_int": -1}]
        info = self.json("info", "-", stdin=json.dumps(program).encode())
        self.assertEqual(info["weights"]["bytes"], 16 * 4 + 8 * 4)
        self.assertEqual(info["inputs"][0]["shape"], [2**62, 2**62])


class Records(CommandTest):
    def test_ls(self):
        rows = self.json("ls", MLP)
        with zipfile.ZipFile(MLP) as made:
            self.assertEqual([(r["name"], r["bytes"], r["crc32"]) for r in rows],
                             [(i.filename.partition("/")[2], i.file_size, i.CRC) for i in made.infolist()])
        self.assertEqual(rows[0], {"name": "data/weights/weight_0", "offset": 64, "bytes": 512, "stored_bytes": 512,
                                   "method": "stored", "crc32": 0x4ad340c5, "role": "weight"})
        lines = self.text("ls", MLP).splitlines()
        self.assertEqual(lines[0].split(), ["offset", "bytes", "stored", "method", "crc32", "role", "name"])
        self.assertEqual(lines[1], "    64    512     512  stored  4ad340c5  weight            data/weights/weight_0")
        self.assertEqual(len(lines), len(rows) + 1)

    def test_ls_of_any_zip(self):
        made = self.path("a.zip", command.archive({"one.txt": (b"1" * 100, zipfile.ZIP_DEFLATED)}, root=""))
        self.assertEqual([(r["name"], r["bytes"], r["method"]) for r in self.json("ls", made)], [("one.txt", 100, "deflated")])
        self.assertEqual(self.json("ls", SAVED)[0]["role"], "pickle")

    def test_cat(self):
        with zipfile.ZipFile(MLP) as made:
            for row in self.json("ls", MLP):
                self.assertEqual(self.good("cat", MLP, row["name"]), made.read("mlp/" + row["name"]))
        packed = self.path("a.zip", command.archive({"one.txt": (b"1" * 100, zipfile.ZIP_DEFLATED)}, root=""))
        self.assertEqual(self.good("cat", packed, "one.txt"), b"1" * 100)

    def test_errors(self):
        self.fails("PT2-U005", "cat", MLP, "data/weights/weight_9", has=": data/weights/weight_9: PT2-U005")
        program = self.path("m.json", self.program())
        self.fails("PT2-K019", "ls", program)
        half = self.path("half.pt2", read(MLP)[:6000])
        for verb in ("info", "ls", "ops", "sig", "annotate"):
            self.fails("PT2-K003", verb, half, has="cut short")
        damaged = bytearray(read(MLP))
        damaged[100] ^= 1
        self.fails("PT2-Z017", "cat", self.path("d.pt2", damaged), "data/weights/weight_0", has="data/weights/weight_0")


class Programs(CommandTest):
    def test_ops(self):
        self.assertEqual(list(self.json("ops", MLP).items()),
                         [("torch.ops.aten.linear.default", 2), ("torch.ops.aten.dropout.default", 1),
                          ("torch.ops.aten.relu.default", 1)])
        self.assertEqual(self.text("ops", MLP), "2  torch.ops.aten.linear.default\n1  torch.ops.aten.dropout.default\n"
                                                "1  torch.ops.aten.relu.default\n")
        self.assertEqual(sum(self.json("ops", OLD).values()), 6)

    def test_sig(self):
        sig = self.json("sig", MLP)
        self.assertEqual(list(sig), ["inputs", "outputs", "range_constraints", "in_spec", "out_spec", "in_tree", "out_tree",
                                     "module_calls"])
        self.assertEqual(sig["inputs"], [dict(i, persistent=None, constant=None) for i in items(MLP_SHAPES)])
        self.assertEqual(json.loads(sig["in_spec"])[0], 1)
        text = self.text("sig", MLP)
        self.assertIn("Inputs (5)\n  0  PARAMETER   p_a_weight  float32  [16, 8]  a.weight\n", text)
        self.assertIn("  4  USER_INPUT  x           float32  [3, 8]\nOutputs (1)\n", text)
        self.assertIn("What the caller passes\n  args     tuple\n  args[0]         x\n  kwargs   dict\n"
                      "What the caller gets\n  output  linear_1\n", text)

    def test_sig_unfolds_trees(self):
        tree = str(command.CORPUS / "torch-2.15.0/tree_inputs.pt2")
        sig = self.json("sig", tree)
        self.assertEqual([(n["path"], n["value"]) for n in sig["in_tree"] if n["value"]],
                         [("args[0]['p']", "a_p"), ("args[0]['q'][0]", "a_q_0"), ("args[1].left", "b_left"),
                          ("args[1].right", "b_right"), ("kwargs['k']", "k")])
        self.assertEqual(sig["out_tree"][0], {"path": "output", "type": "builtins.dict", "value": None})
        self.assertRegex(self.text("sig", tree), r"\n  args\[1\] +samples.Pt\n  args\[1\].left +b_left\n")
        calls = self.json("sig", str(command.CORPUS / "torch-2.15.0/preserved_calls.pt2"))["module_calls"]
        self.assertEqual([(c["fqn"], c["out_tree"][0]["value"]) for c in calls],
                         [("a", "linear_1"), ("b", "linear_3"), ("a@1", "linear_5")])
        self.assertIn("Inputs of the module a@1\n", self.text("sig", str(command.CORPUS / "torch-2.15.0/preserved_calls.pt2")))

    def test_sig_of_specs_that_cannot_be_read(self):
        program = json.loads(self.program())
        call = program["graph_module"]["module_call_graph"][0]["signature"]
        for spec, error_id in (("[2, null]", "PT2-P009"), ("[1, {}]\x1b", "PT2-J008"), ("[1, 2]", "PT2-P008")):
            call["in_spec"] = spec
            data = json.dumps(program).encode()
            self.assertIsNone(self.json("sig", "-", stdin=data)["in_tree"])
            text = self.text("sig", "-", stdin=data)
            self.assertIn(f"({error_id}: ", text)
            self.assertNotIn("\x1b", text)

    def test_sig_of_buffers_constants_and_symbols(self):
        sig = self.json("sig", str(command.CORPUS / "torch-2.15.0/tied_views.pt2"))
        self.assertIn(False, [i["persistent"] for i in sig["inputs"]])
        self.assertIn("(not persistent)", self.text("sig", str(command.CORPUS / "torch-2.15.0/tied_views.pt2")))
        symbolic = self.text("sig", str(command.CORPUS / "torch-2.15.0/symbolic.pt2"))
        self.assertIn("[3*s77]", symbolic)
        self.assertIn("Ranges\n  s77  2 … 1024\n", symbolic)
        none = self.json("sig", str(command.CORPUS / "torch-2.15.0/local_map_none.pt2"))
        expected = json.loads((command.CORPUS / "torch-2.15.0/local_map_none.expect.json").read_text())["outputs"]
        self.assertEqual([o["name"] for o in none["outputs"]], [name or None for _, name, _ in expected])

    def test_sig_shows_constants(self):
        """Arguments that were no tensors when the program was exported, and results that are none."""
        constants = {"as_bool": True, "as_float": 3.5, "as_int": -(2**63), "as_string": 'a "b"\x1b', "as_none": True}
        wanted = {"as_bool": "true", "as_float": "3.5", "as_int": "-9223372036854775808",
                  "as_string": '"a \\"b\\"\\u001b"', "as_none": "null"}
        for base in (json.loads(self.program()), json.loads(self.good("convert", OLD_SPECS, "-", "--to=json"))):
            signature = base["graph_module"]["signature"]
            for name, value in constants.items():
                signature["input_specs"].append({"constant_input": {"name": name, "value": {name: value}}})
                signature["output_specs"].append({"user_output": {"arg": {name: value}}})
            signature["output_specs"].append({"user_output": {"arg": {"as_sym_int": {"as_int": 7}}}})
            data = json.dumps(base).encode()
            sig = self.json("sig", "-", stdin=data)
            self.assertEqual({i["name"]: i["constant"] for i in sig["inputs"] if i["constant"]}, wanted)
            self.assertEqual([o["constant"] for o in sig["outputs"][-6:]], [*wanted.values(), "7"])
            self.assertRegex(self.text("sig", "-", stdin=data), r"USER_INPUT +as_float +3\.5\n")

    def test_symbols_in_odd_spelling(self):
        program = json.loads(self.program())
        spellings = {"Symbol('a', integer=True)": "a", "MySymbol('a')": "MySymbol('a')", "Symbol('')": "Symbol('')",
                     "Integer(-3)": "-3", "Integer(x)": "Integer(x)", "Symbol('a": "Symbol('a", "2*s0": "2*s0",
                     "Symbol('é\u202e')": "Symbol('é\u202e')", "Add(Symbol('b'), Integer(1))": "b + 1", "": "", "Integer(": "Integer("}
        sizes = [{"as_expr": {"expr_str": text, "hint": None}} for text in spellings]
        program["graph_module"]["graph"]["tensor_values"]["x"]["sizes"] = sizes
        shape = self.json("sig", "-", stdin=json.dumps(program).encode())["inputs"][4]["shape"]
        self.assertEqual(shape, list(spellings.values()))

    def test_numbers_beyond_double(self):
        ranges = {"s0": {"min_val": -2**63, "max_val": 2**63 - 1}, "s1": {"min_val": None, "max_val": 2**53 + 1}}
        text = self.good("info", "--json", "-", stdin=self.program(range_constraints=ranges)).decode()
        self.assertIn('"s0": [-9223372036854775808, 9223372036854775807]', text)
        self.assertIn('"s1": [null, 9007199254740993]', text)

    def test_limits(self):
        limits = self.json("limits", "--limit", "depth=7", "--limit=memory=2K")
        self.assertEqual((limits["depth"]["value"], limits["memory"]), (7, {
            "value": 2048, "unit": "bytes", "meaning": limits["memory"]["meaning"]}))
        self.assertRegex(self.text("limits"), r"(?m)^depth +1000  levels +nesting")


class Annotate(CommandTest):
    def pieces(self, *words, **more):
        made = self.json("annotate", *words, **more)
        self.assertEqual([list(p) for p in made], [["offset", "bytes", "path", "what", "type", "value"]] * len(made))
        return made

    def test_covers_every_byte(self):
        compact = self.path("m.thrift")
        self.good("convert", MLP, compact)
        data = read(compact)
        made, at = self.pieces(compact), 0
        for piece in made:
            self.assertEqual(piece["offset"], at)
            at += len(piece["bytes"]) // 2
        self.assertEqual(bytes.fromhex("".join(p["bytes"] for p in made)), data)
        self.assertIn({"path": "schema_version.minor", "value": "20"},
                      [{"path": p["path"], "value": p["value"]} for p in made])

    def test_text(self):
        compact = self.path("m.thrift")
        self.good("convert", MLP, compact)
        lines = self.text("annotate", compact).splitlines()
        self.assertEqual(lines[0].split(), "0 ac graph_module field header GraphModule id 10, struct".split())
        shown = "".join("".join(line[10:33].split()) for line in lines)
        self.assertEqual(bytes.fromhex(shown), read(compact))

    def test_other_forms_show_what_convert_writes(self):
        packed = self.path("m.thrift.zst")
        self.good("convert", MLP, packed)
        plain = self.text("annotate", "-", stdin=self.good("convert", MLP, "-", "--to=compact"))
        for source in (MLP, packed):
            self.assertEqual(self.text("annotate", source), plain)
            self.assertIn(b"convert --to=compact", self.run_pt2("annotate", "-v", source).stderr)

    def test_damage(self):
        data = self.good("convert", MLP, "-", "--to=compact")
        answer = self.run_pt2("annotate", "--json", self.path("cut.thrift", data[:-3]))
        self.assertEqual(answer.returncode, 2)
        self.assertGreater(len(json.loads(answer.stdout)), 100)
        self.assertEqual(json.loads(answer.stderr)["id"], "PT2-T001")
        self.fails("PT2-P002", "annotate", OLD)


class Convert(CommandTest):
    def test_round_trips(self):
        for sample in ("torch-2.15.0/mlp.pt2", "torch-2.8.0/cond_nested.pt2", "torch-2.6.0/sym_float_math.pt2",
                       "torch-2.15.0/dtype_zoo.pt2", "torch-2.7.1/scan.pt2", "brachml/conv_relu_pool.pt2"):
            source = command.CORPUS / sample
            text = self.good("convert", str(source), "-", "--to=json")
            for form in ("compact", "compact.zst"):
                made = self.good("convert", "-", "-", f"--to={form}", stdin=text)
                self.assertLess(len(made), len(text))
                self.assertEqual(self.good("convert", "--to", "json", "-", "-", stdin=made), text)
            made = self.good("convert", "-", "-", "--to=compact", stdin=text)
            self.assertEqual(self.good("convert", "-", "-", "--to=compact", stdin=made), made)

    def test_suffix_decides(self):
        for suffix, begins in ((".json", b'{"graph_module"'), (".thrift", b"\xac"), (".thrift.zst", b"\x28\xb5\x2f\xfd")):
            out = self.path("m" + suffix)
            self.good("convert", MLP, out)
            self.assertTrue(read(out).startswith(begins), suffix)
        self.good("convert", MLP, self.path("x.json"), "--to=compact")
        self.assertEqual(read(self.path("x.json"))[:1], b"\xac")

    def test_other_spelling_is_a_finding(self):
        odd = json.dumps(json.loads(self.program()), indent=1).encode()
        source = self.path("odd.json", odd)
        for out in ("new.json", "new.thrift"):
            self.fails("PT2-P001", "convert", source, self.path(out), status=1, has="odd.json: @")
        self.assertEqual(read(self.path("new.json")), self.program())
        self.assertEqual(self.good("convert", self.path("new.thrift"), "-", "--to=json"), self.program())
        self.assertEqual(self.good("convert", "-qf", source, self.path("new.json"), status=1), b"")
        answer = self.run_pt2("convert", "--json", "-f", source, self.path("new.json"))
        self.assertEqual((answer.returncode, json.loads(answer.stderr)["id"]), (1, "PT2-P001"))

    def test_old_major(self):
        with zipfile.ZipFile(OLD) as made:
            self.assertEqual(self.good("convert", OLD, "-", "--to=json"), made.read("serialized_exported_program.json"))
        self.fails("PT2-P002", "convert", OLD, self.path("old.thrift"))

    def test_forms_that_cannot_be_written(self):
        for out in ("m.onnx", "m"):
            self.fails("PT2-U007", "convert", MLP, self.path(out), has="forms: json, compact")
        self.fails("PT2-U007", "convert", MLP, self.path("m.json"), "--to=Json")
        self.fails("PT2-U002", "convert", MLP, "-", has="--to=FORM")

    def test_verbose(self):
        answer = self.run_pt2("convert", "-v", MLP, self.path("m.json"))
        self.assertEqual((answer.returncode, answer.stderr.decode()), (0, f"pt2: {self.path('m.json')}: 6561 bytes\n"))


if __name__ == "__main__":
    command.main()
