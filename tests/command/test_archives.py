#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Archives written by `pt2 convert`: as pt2, as pt2c and back, to files, pipes and nowhere.

    test_archives.py PT2
"""
import io
import os
import pathlib
import signal
import subprocess
import unittest
import zipfile

import command
from command import CORPUS, MLP, OLD, SEVERAL, CommandTest, read

PICKLED = str(CORPUS / "torch-2.8.0/mlp.pt2")
LEGACY = str(CORPUS / "torch-2.7.1/extra_files.pt2")


def records(data):
    """Names without the root folder, and bytes."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    return {name.split("/", 1)[1]: archive.read(name) for name in archive.namelist()}


class Convert(CommandTest):
    def test_same_bytes(self):
        for sample in (MLP, SEVERAL):
            out, compact, back = self.path("o.pt2"), self.path("o.pt2c"), self.path("b.pt2")
            self.good("convert", "-f", sample, out)
            self.assertEqual(read(out), read(sample))
            self.good("convert", "-f", sample, compact)
            self.good("convert", "-f", compact, back)
            self.assertEqual(read(back), read(sample))
            self.assertLess(os.path.getsize(compact), os.path.getsize(sample))

    def test_older_layouts(self):
        for sample in (PICKLED, LEGACY):
            out = self.path("o.pt2")
            self.good("convert", "-f", sample, out)
            got = records(read(out))
            self.assertIn("data/weights/model_weights_config.json", got)
            self.assertIn("data/sample_inputs/model.pt", got)
            self.assertEqual(got["models/model.json"], self.good("convert", sample, "-", "--to=json"))
            tensors = [[(t["fqn"], t["sha256"]) for t in self.json("tensors", "--sha256", path)] for path in (sample, out)]
            self.assertEqual(*tensors)
        self.assertTrue(any(name.startswith("extra/") for name in got))

    def test_compact_is_read_by_all(self):
        compact = self.path("c.pt2c")
        for sample in (MLP, OLD, LEGACY):
            for payloads in ("stored", "zstd"):
                self.good("convert", "-f", f"--payloads={payloads}", sample, compact)
                self.assertEqual(self.json("info", compact)["layout"], "pt2c")
                for words in (("ops", "--json"), ("sig", "--json"), ("tensors", "--json", "--sha256"), ("convert", "--to=json")):
                    more = ["-"] if words[0] == "convert" else []
                    self.assertEqual(self.good(words[0], compact, *more, *words[1:]), self.good(words[0], sample, *more, *words[1:]))
                keys = ("name", "bytes", "crc32", "role")
                listed = [[tuple(r[k] for k in keys) for r in self.json("ls", path)] for path in (sample, compact)]
                self.assertEqual(*listed)
                for name, *_ in listed[0]:
                    self.assertEqual(self.good("cat", compact, name), self.good("cat", sample, name))

    def test_options(self):
        out = self.path("o.pt2c")
        self.fails("PT2-U002", "convert", "--payloads=gzip", MLP, out, has="stored or zstd")
        self.fails("PT2-U002", "convert", "--payloads=zstd", MLP, self.path("o.pt2"), has="pt2c")
        self.fails("PT2-U002", "convert", "--dictionary", MLP, self.path("o.json"), has="pt2c")
        self.fails("PT2-U002", "convert", "--model=model", SEVERAL, out, has="whole archive")
        self.fails("PT2-K019", "convert", self.path("m.json", self.program()), self.path("o.pt2"))
        self.assertEqual(os.listdir(self.folder), ["m.json"])

    def test_where_to(self):
        out = self.path("o.pt2", b"mine")
        self.fails("PT2-F003", "convert", MLP, out)
        self.assertEqual(read(out), b"mine")
        self.assertEqual(self.good("convert", MLP, "-", "--to=pt2"), read(MLP))
        self.assertEqual(self.good("convert", "-", "-", "--to=pt2", stdin=read(MLP)), read(MLP))
        both = self.path("both.pt2", read(MLP))
        self.good("convert", "-f", both, both)
        self.assertEqual(read(both), read(MLP))
        with open(self.path("appended"), "wb") as file:
            file.write(b"before")
            file.flush()
            self.good("convert", MLP, "-", "--to=pt2", stdout=file)
        self.assertEqual(read(self.path("appended")), b"before" + read(MLP))
        with open("/dev/full", "wb") as full:
            self.fails("PT2-F002", "convert", MLP, "-", "--to=pt2", stdout=full)

    def test_damaged_record(self):
        data = bytearray(read(MLP))
        at = data.index(read(MLP)[64:80])  # the first payload
        data[at] ^= 1
        self.fails("PT2-Z017", "convert", self.path("d.pt2", bytes(data)), self.path("o.pt2"), has="weight_0")
        self.assertEqual(os.listdir(self.folder), ["d.pt2"])


class Ended(CommandTest):
    """A command that is ended while it writes."""

    def large(self):
        """An archive of 600 MB, most of it holes that must be read all the same where it is compressed."""
        path = self.path("large.pt2")
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in records(read(MLP)).items():
                archive.writestr("m/" + name, data)
            with archive.open("m/data/weights/weight_9", "w", force_zip64=True) as record:
                block = os.urandom(1 << 20)
                for _ in range(600):
                    record.write(block)
        return path

    def test_signals(self):
        large = self.large()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
            for out in ("o.pt2", "o.pt2c"):
                path = self.path(out, b"mine")
                process = subprocess.Popen([command.PT2, "convert", "-f", large, path], stderr=subprocess.PIPE)
                try:
                    process.wait(0.15)
                except subprocess.TimeoutExpired:
                    process.send_signal(number)
                process.stderr.read()
                process.stderr.close()
                status = process.wait()
                if status != 0:
                    self.assertEqual((status, read(path)), (-number, b"mine"))
                self.assertEqual(sorted(os.listdir(self.folder)), ["large.pt2", out])
                os.unlink(path)

    def test_reader_that_goes_away(self):
        for ignored in (False, True):
            process = subprocess.Popen([command.PT2, "convert", str(CORPUS / "torch-2.15.0/gpt_24l.pt2"), "-", "--to=pt2"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, restore_signals=not ignored)
            process.stdout.read(10)
            process.stdout.close()
            self.assertEqual(process.stderr.read(), b"")
            process.stderr.close()
            self.assertEqual(process.wait(), 2 if ignored else -signal.SIGPIPE)


if __name__ == "__main__":
    command.main()
