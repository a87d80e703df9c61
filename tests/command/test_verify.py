#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 verify` from outside: its text and JSON, its statuses, files and folders, containers, what it notes.
Faults inside programs are tests/verify's.

    test_verify.py PT2
"""
import io
import json
import os
import zipfile

import command
from command import MLP, OLD, SAVED, SEVERAL, CommandTest, read

NEW = command.CORPUS / "torch-2.15.0"


def ids(report, *severities):
    return [f["id"] for f in report["findings"] if not severities or f["severity"] in severities]


class Answers(CommandTest):
    def verify(self, data, *words, status=0):
        return json.loads(self.good("verify", "--json", self.path("a.pt2", data), *words, status=status))

    def test_a_sound_file(self):
        report = self.json("verify", MLP)
        self.assertTrue(report["ok"])
        self.assertEqual(sorted(ids(report)), ["PT2-X101", "PT2-X109"])
        self.assertEqual({f["severity"] for f in report["findings"]}, {"note"})
        self.assertEqual(list(report["findings"][0]), ["id", "severity", "file", "where", "message"])
        self.assertEqual(report["checked"], ["container", "records", "graph", "signature", "symbols", "operators", "payloads",
                                             "security", "payload bytes"])
        self.assertEqual(report["not_checked"], [])
        self.assertTrue(self.text("verify", MLP).startswith(f"{MLP}: ok (2 notes)\n  note PT2-X109: graph_module.graph."))
        self.assertEqual(self.text("verify", "-q", MLP), "")

    def test_what_is_left_out_is_said(self):
        report = self.json("verify", MLP, "--no-payloads")
        self.assertEqual(report["not_checked"], ["payload bytes: left out as asked"])
        self.assertEqual(self.json("verify", OLD)["not_checked"], ["graph, signature, symbols: schema major 1"])
        program = self.path("p.json", self.program())
        self.assertEqual(self.json("verify", program)["not_checked"], ["payloads: the program is alone"])
        self.assertIn("program: there is none in the archive", self.json("verify", SAVED)["not_checked"])

    def test_old_programs_are_sent_to_the_upgrade(self):
        finding = self.json("verify", "--profile=load", OLD, status=1)["findings"][0]
        self.assertEqual(finding["id"], "PT2-P125")
        self.assertIn("`pt2 convert --schema=8.20 IN OUT`", finding["message"])

    def test_operators_of_ones_own(self):
        sample = str(command.CORPUS / "extension/demo.pt2")
        self.assertEqual(self.json("verify", sample)["not_checked"],
                         ["2 calls of operators without a known schema, such as #demo:scale"])
        own = self.path("own.txt", b"#demo:scale(Tensor self, float factor, *, int[] dims=[]) -> Tensor\n"
                                   b"#demo:halves(Tensor self) -> (Tensor, Tensor)\n")
        self.assertEqual(self.json("verify", sample, f"--ops={own}")["not_checked"], [])
        other = self.path("other.txt", b"#demo:scale(Tensor self, int factor) -> Tensor\n#demo:halves(Tensor self) -> Tensor\n")
        report = json.loads(self.good("verify", "--json", sample, f"--ops={other}", status=1))
        self.assertEqual(ids(report, "error"), ["PT2-O104", "PT2-O102", "PT2-O106"])

    def test_operators_of_an_extension_in_a_subgraph(self):
        program = json.loads(self.good("convert", str(NEW / "cond_nested.pt2"), "-", "--to=json"))
        program["verifiers"] = ["DEMO"]
        self.assertIn("PT2-P126", ids(self.verify(json.dumps(program).encode(), status=1)))
        call = next(n for n in program["graph_module"]["graph"]["nodes"] if n["target"].endswith(".cond"))
        branch = call["inputs"][-2]["arg"]["as_graph"]["graph"]
        branch["nodes"][-1]["target"] = "#demo:wave"
        self.assertNotIn("PT2-P126", ids(self.verify(json.dumps(program).encode())))

    def test_finding_and_trouble(self):
        bad = self.path("bad.json", self.program(guards_code=["__import__('os')"]))
        self.assertIn(f"{bad}: 1 error, ", self.text("verify", bad, status=1))
        self.assertIn("  error PT2-X107: guards_code[0]: ", self.text("verify", bad, status=1))
        self.fails("PT2-F001", "verify", self.path("missing"))
        self.fails("PT2-L003", "verify", MLP, "--limit", "memory=1000")
        self.fails("PT2-U003", "verify", MLP, "--model=other")
        self.fails("PT2-U002", "verify")
        self.fails("PT2-U002", "verify", MLP, "--profile=lax")
        self.fails("PT2-U002", "verify", MLP, "--threads=0")

    def test_what_the_library_refuses_is_a_finding(self):
        text = self.program()
        for data, expected in ((text[:-1], "PT2-J001"), (text + b"{}", "PT2-J008"), (b"", "PT2-K001"),
                               (text.replace(b'"minor"', b'"major"', 1), "PT2-J012"), (read(MLP)[:5000], "PT2-K003"),
                               (b"<html></html>", "PT2-K004")):
            self.assertEqual(ids(self.verify(data, status=1), "error"), [expected])
        compact = self.good("convert", MLP, "-", "--to=compact")
        self.assertEqual(ids(self.verify(compact)), ["PT2-X109"])
        self.assertEqual(ids(self.verify(compact + b"\0", status=1), "error"), ["PT2-T010"])

    def test_explain(self):
        self.assertEqual(self.text("verify", "--explain=P102").splitlines()[:2], [
            "PT2-P102: a value is used before it is defined", "  strict error, load error, untrusted error"])
        rule = json.loads(self.good("verify", "--explain", "PT2-X102", "--json"))
        self.assertEqual(rule["severity"], {"strict": "note", "load": "note", "untrusted": "warning"})
        self.assertIn("the CRC of a record is wrong", self.text("verify", "--explain", "Z017"))
        self.fails("PT2-U002", "verify", "--explain", "Q999")

    def test_profiles(self):
        self.good("verify", OLD)
        self.assertIn("PT2-P125", ids(json.loads(self.good("verify", "--json", OLD, "--profile=load", status=1)), "error"))
        junk = self.path("junk.pt2", read(MLP) + b"junk")
        self.good("verify", junk, "--profile=load")
        self.good("verify", junk, status=1)

    def test_several_programs(self):
        report = self.json("verify", SEVERAL)
        self.assertTrue(all(f["where"].startswith(("models/", "data/")) for f in report["findings"]))
        self.assertLess(len(self.json("verify", SEVERAL, "--model=plain")["findings"]), len(report["findings"]))

    def test_many_findings_of_a_kind_are_counted(self):
        names = {f"n{i}": {"as_int": i} for i in range(150)}
        program = json.loads(self.program())
        program["graph_module"]["graph"]["sym_int_values"] = names
        report = self.verify(json.dumps(program).encode(), status=1)
        found = [f for f in report["findings"] if f["id"] == "PT2-P106"]
        self.assertEqual((len(found), found[-1]["message"]), (101, "50 more of this kind"))

    def test_places_and_texts_are_escaped(self):
        program = self.program().replace(b'"name": "linear"', b'"name": "a\\u202e\\u001b[2J"')
        for line in self.text("verify", self.path("p.json", program), status=1).splitlines():
            self.assertNotIn("\x1b", line)
            self.assertNotIn("\u202e", line)


class Containers(CommandTest):
    """What PyTorch does not see, or does not mind."""

    def verify(self, data, status=1):
        return json.loads(self.good("verify", "--json", self.path("a.pt2", data), status=status))

    def records(self):
        with zipfile.ZipFile(MLP) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def archive(self, comment=b"", **options):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", **options) as made:
            for name, data in self.records().items():
                made.writestr(zipfile.ZipInfo(name), data, options.get("compression"))
            made.comment = comment
        return out.getvalue()

    def test_the_plain_archive_is_sound(self):
        self.assertEqual(ids(self.verify(self.archive(), 0), "warning", "error"), [])
        self.assertEqual(ids(self.verify(self.archive(compression=zipfile.ZIP_DEFLATED), 0), "warning", "error"), [])

    def test_bytes_before_behind_and_between(self):
        self.assertEqual(ids(self.verify(b"before" + self.archive()), "warning"), ["PT2-Z101"])
        self.assertEqual(ids(self.verify(read(MLP) + b"behind"), "warning"), ["PT2-Z103"])
        self.assertEqual(ids(self.verify(self.archive(b"a comment")), "warning"), ["PT2-Z104"])
        data = self.archive()
        second = zipfile.ZipFile(io.BytesIO(data)).infolist()[1].header_offset
        directory = int.from_bytes(data[-6:-2], "little")
        shifted = bytearray(data[:second] + b"hidden!!" + data[second:])
        at = directory + 8
        first = True
        while shifted[at:at + 4] == b"PK\1\2":
            if not first:
                offset = int.from_bytes(shifted[at + 42:at + 46], "little") + 8
                shifted[at + 42:at + 46] = offset.to_bytes(4, "little")
            first = False
            at += 46 + int.from_bytes(shifted[at + 28:at + 30], "little") + int.from_bytes(shifted[at + 30:at + 32], "little")
        shifted[-6:-2] = (directory + 8).to_bytes(4, "little")
        self.assertEqual(ids(self.verify(bytes(shifted)), "warning"), ["PT2-Z102"])

    def test_a_wrong_crc_and_none(self):
        data = bytearray(read(MLP))
        data[64] ^= 1
        report = self.verify(bytes(data))
        self.assertEqual(ids(report, "error"), ["PT2-Z017"])
        self.assertIn("data/weights/weight_0", report["findings"][-1]["where"])
        self.good("verify", "--no-payloads", self.path("b.pt2", bytes(data)))
        data = bytearray(self.archive())
        crc = data[14:18]
        while crc in data:
            at = data.index(crc)
            data[at:at + 4] = b"\0" * 4
        self.assertIn("PT2-Z105", ids(self.verify(bytes(data), 0), "note"))

    def test_what_is_noted(self):
        found = {f for name in ("arguments", "dtype_zoo", "multi_program") for f in ids(self.json("verify", str(NEW / f"{name}.pt2")))}
        found |= set(ids(self.json("verify", str(command.CORPUS / "torch-2.6.0/unbacked.pt2"))))
        self.assertLessEqual({"PT2-P109", "PT2-Y103", "PT2-X101", "PT2-X109"}, found)

    def test_weights_that_are_not_there(self):
        records = {name.split("/", 1)[1]: b"" if "/weight_" in name else data for name, data in self.records().items()}
        report = self.verify(command.archive(records), 0)
        self.assertIn("PT2-W108", ids(report, "note"))

    def test_programs_that_share_a_storage(self):
        records = {name.split("/", 1)[1]: data for name, data in self.records().items()}
        for name, data in list(records.items()):
            if "model" in name.split("/")[-1]:
                records[name.replace("/model", "/other").replace("models/model", "models/other")] = data
        records["models/other.json"] = records["models/model.json"]
        self.assertIn("PT2-W109", ids(self.verify(command.archive(records), 0), "note"))


class Folders(CommandTest):
    def fill(self):
        os.mkdir(self.path("sub"))
        self.path("a.pt2", read(MLP))
        self.path("sub/b.pt2", read(MLP)[:5000])
        self.path("sub/c.json", self.program())
        self.path("notes.txt", b"nothing to see")
        self.path("page.html", b"<html></html>")
        return self.folder

    def test_each_file_has_its_line(self):
        text = self.text("verify", self.fill(), status=1)
        self.assertIn("a.pt2: ok (2 notes)\n", text)
        self.assertIn("sub/b.pt2: 1 error\n  error PT2-K003: @5000: ", text)
        self.assertTrue(text.endswith("5 files: 2 sound, 1 with findings, 2 of other kinds\n"))

    def test_threads_say_the_same(self):
        folder = self.fill()
        one, four = (sorted(self.text("verify", folder, f"--threads={n}", status=1).splitlines()) for n in (1, 4))
        self.assertEqual(one, four)

    def test_one_that_cannot_be_read_hides_no_other(self):
        answer = self.run_pt2("verify", self.path("missing"), self.path("a.pt2", read(MLP)))
        self.assertEqual(answer.returncode, 2)
        self.assertIn("PT2-F001", answer.stderr.decode())
        self.assertTrue(answer.stdout.decode().endswith("2 files: 1 sound, 0 with findings, 1 that could not be checked\n"))

    def test_json_of_many(self):
        report = json.loads(self.good("verify", "--json", self.fill(), status=1))
        self.assertEqual([(os.path.basename(f["file"]), f["ok"]) for f in report["files"]],
                         [("a.pt2", True), ("b.pt2", False), ("c.json", True)])
        self.assertFalse(report["ok"])


if __name__ == "__main__":
    command.main()
