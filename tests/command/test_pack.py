#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pack`: what `extract --all` made comes back, changed files are taken, and nothing outside the folder is read.

    test_pack.py PT2
"""
import hashlib
import json
import os
import pathlib
import struct

import command
from command import CORPUS, MLP, OLD, SAVED, CommandTest, read

TIED = str(CORPUS / "torch-2.15.0/tied_views.pt2")


class PackTest(CommandTest):
    def extracted(self, path, *words, name="d"):
        folder = self.path(name)
        answer = self.run_pt2("extract", path, "--all", folder, *words)
        self.assertIn(answer.returncode, (0, 2))
        return pathlib.Path(folder)

    def records(self, path):
        return [(r["name"], r["bytes"], r["crc32"], r["role"]) for r in self.json("ls", str(path)) if not r["name"].endswith("/")]

    def changed(self, folder, change):
        path = folder / "manifest.json"
        manifest = json.loads(path.read_text())
        change(manifest)
        path.write_text(json.dumps(manifest))

    def refused(self, error_id, folder, has=""):
        self.fails(error_id, "pack", str(folder), self.path("no.pt2"), has=has)
        self.assertFalse(os.path.exists(self.path("no.pt2")))


class Back(PackTest):
    def test_corpus(self):
        """The same records; the same bytes, where PyTorch wrote today's layout."""
        n = 0
        for path in sorted(CORPUS.glob("*/*.pt2")):
            folder = self.extracted(str(path), name=f"d{n}")
            out = self.path(f"{n}.pt2")
            self.good("pack", str(folder), out)
            self.assertEqual(self.records(out), self.records(path), path)
            if path.parent.name in ("torch-2.15.0", "torch-2.8.0"):
                self.assertEqual(read(out), read(path), path)
            n += 1
        self.assertGreater(n, 100)

    def test_raw(self):
        for path in (MLP, TIED):
            folder = self.extracted(path, "--raw", name=os.path.basename(path))
            self.assertEqual(self.good("pack", str(folder), "-"), read(path))

    def test_other_kinds(self):
        for path in (OLD, SAVED):
            folder = self.extracted(path, name=os.path.basename(path))
            self.good("pack", str(folder), self.path("again"), "-f")
            self.assertEqual(self.records(self.path("again")), self.records(path))
            self.assertEqual(self.json("info", self.path("again"))["layout"], self.json("info", path)["layout"])

    def test_output(self):
        folder = self.extracted(MLP)
        out = self.path("out.pt2", b"mine")
        self.fails("PT2-F003", "pack", str(folder), out)
        self.assertEqual(read(out), b"mine")
        self.good("pack", "-f", str(folder), out)
        self.assertEqual(read(out), read(MLP))
        self.fails("PT2-F002", "pack", str(folder), self.path("no/where.pt2"))
        self.fails("PT2-U002", "pack", str(folder))


class Changed(PackTest):
    def test_elements(self):
        folder = self.extracted(MLP)
        path = folder / "tensors/a.bias.npy"
        data, new = path.read_bytes(), struct.pack("<16f", *range(16))
        path.write_bytes(data[:-64] + new)
        self.good("pack", str(folder), self.path("new.pt2"))
        before, after = ({t["fqn"]: t["sha256"] for t in self.json("tensors", "--sha256", p)} for p in (MLP, self.path("new.pt2")))
        self.assertEqual(after, {**before, "a.bias": hashlib.sha256(new).hexdigest()})

    def test_program(self):
        folder = self.extracted(MLP)
        text = (folder / "records/models/model.json").read_text()
        (folder / "records/models/model.json").write_text(text.replace('"2.15.0', '"2.15.1-longer'))
        self.good("pack", str(folder), self.path("new.pt2"))
        self.assertRegex(self.json("info", self.path("new.pt2"))["torch_version"], "^2.15.1-longer")

    def test_records(self):
        """Added, taken out, renamed: the manifest says what is in the archive."""
        folder = self.extracted(MLP)
        (folder / "note.txt").write_bytes(b"hello")

        def change(manifest):
            manifest["records"].insert(0, {"name": "extra/note", "file": "note.txt"})
            manifest["records"] = [r for r in manifest["records"] if r["name"] != ".data/serialization_id"]
            manifest["root"] = "other"
            manifest["more"] = [{"x": [1.5, None, {"y": "z"}]}]
        self.changed(folder, change)
        self.good("pack", str(folder), self.path("new.pt2"))
        self.assertEqual(self.good("cat", self.path("new.pt2"), "extra/note"), b"hello")
        self.assertIn(b"other/extra/note", read(self.path("new.pt2")))
        names = [r[0] for r in self.records(self.path("new.pt2"))]
        self.assertEqual(names, ["extra/note"] + [r[0] for r in self.records(MLP)][:-1])


class Refused(PackTest):
    def test_manifest(self):
        self.refused("PT2-F001", self.path("nowhere"))
        self.refused("PT2-F001", self.path("file", b""))
        folder = self.extracted(MLP)
        manifest = folder / "manifest.json"
        whole = manifest.read_text()
        rows = [("", "no JSON"), ("{", "no JSON"), (whole[:-3], "no JSON"), (whole + "x", "no JSON"), ("[]", "no JSON"),
                ("{}", "format"), (whole.replace('"pt2-folder"', '"zip"', 1), "format"),
                (whole.replace('"version": 1', '"version": 2', 1), "version"),
                (whole.replace('"root"', '"roots"', 1), "missing"), (whole.replace('"records"', '"r"', 1), "missing"),
                (whole.replace('"bytes": ', '"bytes": -', 1), "no JSON"), (whole.replace('"bytes": ', '"bytes": 1.', 1), "no JSON"),
                (whole.replace('"name"', '"n"', 1), "no JSON"), ('{"a": ' + "[" * 9999, "no JSON"),
                (whole.replace('"version": 1', '"version": 1, "a": ' + "[" * 17 + "]" * 17, 1), "no JSON")]
        for text, has in rows:
            self.assertNotEqual(text, whole)
            manifest.write_text(text)
            self.refused("PT2-R012", folder, has)
        manifest.unlink()
        self.refused("PT2-F001", folder, "manifest.json")

    def test_names(self):
        folder = self.extracted(MLP)
        keep = (folder / "manifest.json").read_text()
        rows = [("PT2-R012", 0, "file", None, "could not be extracted"), ("PT2-F001", 0, "file", "records/none", ""),
                ("PT2-Z011", 0, "name", "../up", ""), ("PT2-Z011", 0, "name", "/top", ""), ("PT2-Z011", 0, "name", "", ""),
                ("PT2-U008", 1, "name", "DATA/weights/WEIGHT_0", "")]
        rows += [("PT2-F001", 0, "file", path, "below the folder")
                 for path in ("", "/etc/passwd", "../d/manifest.json", "records/../manifest.json", "./manifest.json", "records//x",
                              "records/", "..")]
        for error_id, number, key, value, has in rows:
            (folder / "manifest.json").write_text(keep)
            self.changed(folder, lambda manifest: manifest["records"][number].update({key: value}))
            self.refused(error_id, folder, has)
        (folder / "manifest.json").write_text(keep)
        self.changed(folder, lambda manifest: manifest.update(root="a/b"))
        self.refused("PT2-Z011", folder)

    def test_links(self):
        folder = self.extracted(MLP)
        secret = self.path("secret", b"x" * 192)
        file = folder / "tensors/a.bias.npy"
        keep = file.read_bytes()
        file.unlink()
        file.symlink_to(secret)
        self.refused("PT2-F001", folder, "a link")
        file.unlink()
        os.mkfifo(file)
        self.refused("PT2-F001", folder, "regular")
        file.unlink()
        file.write_bytes(keep)
        (folder / "tensors").rename(self.path("elsewhere"))
        (folder / "tensors").symlink_to(self.path("elsewhere"))
        self.refused("PT2-F001", folder)

    def test_tensor_files(self):
        """Another array of as many bytes would be taken for one of this type, shape and order."""
        folder = self.extracted(MLP)
        file = folder / "tensors/a.weight.npy"
        whole = file.read_bytes()
        rows = [whole + b"x", whole[:-1], whole[:100], b"", whole.replace(b"'<f4'", b"'<i4'"), whole.replace(b"False", b"True "),
                whole.replace(b"(16, 8)", b"(8, 16)"), b"\x93NUMPY\2" + whole[7:]]
        for data in rows:
            self.assertNotEqual(data, whole)
            file.write_bytes(data)
            self.refused("PT2-R013", folder, "a.weight.npy")
        file.write_bytes(whole)
        self.changed(folder, lambda manifest: [t.update(dtype="float3") for t in manifest["tensors"]])
        self.refused("PT2-R013", folder, "not known")

    def test_limits(self):
        folder = self.extracted(MLP)
        self.fails("PT2-L008", "pack", "--limit", "program-size=100", str(folder), self.path("no.pt2"))


if __name__ == "__main__":
    command.main()
