#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Archives inside archives and AOTInductor packages: `ls --nested`, `ls --sha256`, what `info` says of native code.

    test_nested.py PT2
"""
import hashlib
import json
import zipfile

import command
from command import CORPUS, MLP, SAVED, CommandTest, archive, pt2_archive, read

PICKLED = str(CORPUS / "torch-2.8.0/mlp.pt2")
KEYS = ["name", "offset", "bytes", "stored_bytes", "method", "crc32", "role"]


class Nested(CommandTest):
    def by_name(self, *words, **more):
        return {row["name"]: row for row in self.json("ls", *words, **more)}

    def test_only_if_asked(self):
        self.assertEqual([list(row) for row in self.json("ls", PICKLED)], [KEYS] * 9)
        self.assertNotIn("!", self.text("ls", PICKLED))

    def test_pickles(self):
        data, rows = read(PICKLED), self.by_name("--nested", PICKLED)
        weights = rows["data/weights/model.pt"]
        self.assertEqual(list(weights), KEYS + ["nested"])
        inner = {row["name"]: row for row in weights["nested"]}
        self.assertEqual((inner["data.pkl"]["role"], inner["data/1"]["bytes"]), ("pickle", 64))
        start = weights["offset"] + inner["data/1"]["offset"]  # a.bias: stored, twice
        want, = [t["sha256"] for t in self.json("tensors", "--sha256", PICKLED) if t["fqn"] == "a.bias"]
        self.assertEqual(hashlib.sha256(data[start:start + 64]).hexdigest(), want)
        self.assertNotIn("nested", rows["models/model.json"])
        self.assertRegex(self.text("ls", "--nested", PICKLED), r"\n +1600 +64 +64  stored +[0-9a-f]{8}  storage +"
                                                               r"data/weights/model\.pt!data/1\n")

    def test_extra_programs(self):
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            path = self.path("outer.pt2", pt2_archive({"models/model.json": self.program(), "extra/mlp.pt2": (read(MLP), method),
                                                       "extra/note": b"PK", "extra/empty": b""}))
            inner = self.by_name("--nested", "--sha256", path)["extra/mlp.pt2"]["nested"]
            self.assertEqual(inner, self.json("ls", "--sha256", "--nested", MLP))

    def test_depth(self):
        """Five archives in one: four levels are shown."""
        data = b"end"
        for _ in range(6):
            data = pt2_archive({"extra/inner.pt2": data})
        for words, levels in ((["--nested"], 4), ([], 0)):
            row, seen = self.by_name(self.path("deep.pt2", data), *words)["extra/inner.pt2"], 0
            while "nested" in row:
                row, seen = row["nested"][0], seen + 1
            self.assertEqual(seen, levels)
        self.assertIn("extra/inner.pt2!extra/inner.pt2!extra/inner.pt2!extra/inner.pt2!extra/inner.pt2\n",
                      self.text("ls", "--nested", self.path("deep.pt2")))

    def test_damaged(self):
        """A damaged archive inside is said once; the others are listed."""
        wrong = bytearray(read(MLP))
        wrong[-10] ^= 0xff
        path = self.path("outer.pt2", pt2_archive({"extra/a.pt2": read(MLP)[:3000], "extra/b.pt2": bytes(wrong),
                                                   "extra/c.pt2": read(MLP)}))
        answer = self.run_pt2("ls", "--nested", "--json", path)
        self.assertEqual(answer.returncode, 1)
        rows = {row["name"]: row for row in json.loads(answer.stdout)}
        errors = [json.loads(line) for line in answer.stderr.splitlines()]
        self.assertEqual([rows[name]["nested_fault"] for name in ("extra/a.pt2", "extra/b.pt2")], [e["id"] for e in errors])
        self.assertEqual((errors[0]["id"], errors[0]["where"]), ("PT2-K003", "extra/a.pt2@3000"))
        self.assertIn("nested", rows["extra/c.pt2"])
        self.good("ls", path)

    def test_bytes(self):
        """What inflates is counted over all levels: small archives of large ones, many times."""
        inner = archive({f"{i}": (bytes(1 << 20), zipfile.ZIP_STORED) for i in range(2)}, root="")
        path = self.path("bomb.pt2", pt2_archive({f"extra/{i}.pt2": (inner, zipfile.ZIP_DEFLATED) for i in range(8)}))
        words = ("ls", "--nested", "--limit", "inflated-size=20M", "--limit", "inflate-ratio=100000", path)
        self.good(*words)
        answer = self.run_pt2("ls", "--nested", "--limit", "inflated-size=17M", "--limit", "inflate-ratio=100000", path)
        self.assertEqual(answer.returncode, 0)  # 8 × 2 MiB
        deeper = pt2_archive({"extra/bomb.pt2": (read(path), zipfile.ZIP_DEFLATED)})
        answer = self.run_pt2("ls", "--nested", "--limit", "inflated-size=17M", "--limit", "inflate-ratio=100000",
                              self.path("deeper.pt2", archive({"a": (deeper, zipfile.ZIP_STORED),
                                                               "b": (deeper, zipfile.ZIP_STORED)}, root="")))
        self.assertEqual(answer.returncode, 1)
        self.assertIn(b"PT2-L006", answer.stderr)

    def test_other_kinds(self):
        self.assertTrue(self.json("ls", "--nested", SAVED))
        compact = self.path("mlp.pt2c")
        self.good("convert", PICKLED, compact)
        with_hashes = [{k: row[k] for k in ("name", "sha256")} for row in self.json("ls", "--sha256", PICKLED)]
        self.assertEqual([{k: row[k] for k in ("name", "sha256")} for row in self.json("ls", "--sha256", compact)], with_hashes)
        self.assertEqual([[r["name"] for r in row["nested"]] for row in self.json("ls", "--nested", compact) if "nested" in row],
                         [[r["name"] for r in row["nested"]] for row in self.json("ls", "--nested", PICKLED) if "nested" in row])


class Hashes(CommandTest):
    def test_sha256(self):
        path = self.path("a.pt2", pt2_archive({"extra/a": b"abc", "extra/b": (b"b" * 5000, zipfile.ZIP_DEFLATED), "extra/c": b""}))
        got = {row["name"]: row["sha256"] for row in self.json("ls", "--sha256", path)}
        for name, data in (("extra/a", b"abc"), ("extra/b", b"b" * 5000), ("extra/c", b""), ("archive_format", b"pt2")):
            self.assertEqual(got[name], hashlib.sha256(data).hexdigest())
        self.assertIn(hashlib.sha256(b"abc").hexdigest() + "  extra", self.text("ls", "--sha256", path))
        # `tensors` has an option of that name too: the verb decides, wherever it stands.
        for words in (["--sha256", "ls", path], ["--limit", "depth=99", "--sha256", "ls", path], ["--sha256", "--", "ls", path]):
            self.assertEqual(self.text(*words), self.text("ls", "--sha256", path))
        self.path("a.pt2", read(path).replace(b"abc", b"abd"))
        self.fails("PT2-Z017", "ls", "--sha256", path)
        self.good("ls", path)


class Compiled(CommandTest):
    def package(self, metadata, **more):
        return self.path("aoti.pt2", pt2_archive({
            "data/aotinductor/enc/a.wrapper.so": b"\x7fELF", "data/aotinductor/enc/a.wrapper.cpp": b"int x;",
            "data/aotinductor/enc/a.wrapper_metadata.json": metadata, **more}))

    def test_metadata(self):
        second = {"data/aotinductor/enc/a.kernel_metadata.json": b'{"AOTI_DEVICE_KEY": "cpu"}',
                  "data/aotinductor/dec/b_metadata.json": b'{"AOTI_DEVICE_KEY": "cuda", "n": 1}', "data/aotinductor/x_metadata.json": b"{}"}
        path = self.package(b'{"AOTI_DEVICE_KEY": "cpu"}', **second)
        info = self.json("info", path)
        self.assertEqual(info["native_code"], ["data/aotinductor/enc/a.wrapper.so"])
        self.assertEqual(info["aot_inductor"], [
            {"model": "enc", "record": "data/aotinductor/enc/a.wrapper_metadata.json", "metadata": {"AOTI_DEVICE_KEY": "cpu"}},
            {"model": "enc", "record": "data/aotinductor/enc/a.kernel_metadata.json", "metadata": {"AOTI_DEVICE_KEY": "cpu"}},
            {"model": "dec", "record": "data/aotinductor/dec/b_metadata.json", "metadata": {"AOTI_DEVICE_KEY": "cuda", "n": "1"}}])
        lines = [line for line in self.text("info", path).splitlines() if line.startswith("compiled")]
        self.assertEqual([line.split(None, 1)[1] for line in lines], ["enc: AOTI_DEVICE_KEY cpu", "dec: AOTI_DEVICE_KEY cuda, n 1"])
        roles = {row["name"]: row["role"] for row in self.json("ls", path)}
        self.assertEqual(roles["data/aotinductor/enc/a.wrapper.so"], "native-code")

    def test_metadata_that_cannot_be_read(self):
        for text in (b"", b"{", b"[]", b'{"a": {}}', b'{"a"}', b'{"a": "b",}', b"{} x", b'{"a": "\xff\x1b[2J"', b" " * (64 << 10) + b"{}"):
            path = self.package(text)
            self.assertEqual([m["metadata"] for m in self.json("info", path)["aot_inductor"]], [None])
            self.assertIn("enc: metadata that cannot be read", self.text("info", path))

    def test_hostile_texts(self):
        text = self.text("info", self.package('{"a\\u001b[2J": "\u202e"}'.encode()))
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\u202e", text)


if __name__ == "__main__":
    command.main()
