#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where results go: files whole or not at all, pipes, terminals; colour; escaping.

    test_output.py PT2
"""
import itertools
import json
import os
import pathlib
import pty
import signal
import stat
import subprocess
import threading
import unittest

import command
from command import LINE, MLP, CommandTest, read


def on_terminal(*words, environment=None):
    """(status, what the terminal got, standard error) of a run whose standard output is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([command.PT2, *words], stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE,
                               env={**os.environ, "TERM": "xterm", **(environment or {})})
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    error = process.stderr.read().decode()
    process.stderr.close()
    return process.wait(), shown, error


class Files(CommandTest):
    def test_existing_is_kept(self):
        out = self.path("m.json", b"mine")
        self.fails("PT2-F003", "convert", MLP, out, has="give -f")
        self.assertEqual(read(out), b"mine")
        self.good("convert", "-f", MLP, out)
        self.assertEqual(read(out), self.program())
        self.assertEqual(os.listdir(self.folder), ["m.json"])
        os.symlink("nowhere", self.path("dangling.json"))
        self.fails("PT2-F003", "convert", MLP, self.path("dangling.json"))
        self.fails("PT2-F002", "convert", "-f", MLP, self.path("dangling.json"))
        self.assertTrue(os.path.islink(self.path("dangling.json")))
        self.assertEqual(sorted(os.listdir(self.folder)), ["dangling.json", "m.json"])

    def test_standard_output_may_be_closed(self):
        def without(*words):
            return subprocess.run(["bash", "-c", 'exec "$@" >&-', "bash", command.PT2, *words], stderr=subprocess.PIPE)
        done = without("convert", MLP, self.path("m.json"))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        done = without("info", MLP)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"PT2-F002", done.stderr)

    def test_modes_and_links(self):
        out = self.path("new.json")
        self.good("convert", MLP, out)
        mask = os.umask(0)
        os.umask(mask)
        self.assertEqual(stat.S_IMODE(os.stat(out).st_mode), 0o666 & ~mask)
        os.chmod(out, 0o640)
        os.symlink("new.json", self.path("link.json"))
        self.good("convert", "--force", MLP, self.path("link.json"), "--to=compact")
        self.assertTrue(os.path.islink(self.path("link.json")))
        self.assertEqual((read(out)[:1], stat.S_IMODE(os.stat(out).st_mode)), (b"\xac", 0o640))

    def test_input_may_be_the_output(self):
        both = self.path("m.thrift")
        self.good("convert", MLP, both)
        self.good("convert", "-f", both, both, "--to=json")
        self.assertEqual(read(both), self.program())

    def test_failure_leaves_nothing(self):
        self.fails("PT2-P002", "convert", "-f", command.OLD, self.path("o.thrift", b"mine"))
        self.assertEqual(read(self.path("o.thrift")), b"mine")
        for out in (self.path("no/such/folder.json"), MLP + "/o.json"):
            self.fails("PT2-F002", "convert", MLP, out)
        os.mkdir(self.path("folder.json"))
        self.fails("PT2-F002", "convert", "-f", MLP, self.path("folder.json"))
        self.assertEqual(sorted(os.listdir(self.folder)), ["folder.json", "o.thrift"])

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_unwritable_folder(self):
        os.mkdir(self.path("shut"), 0o500)
        self.fails("PT2-F002", "convert", MLP, self.path("shut/o.json"))
        self.assertEqual(os.listdir(self.path("shut")), [])

    def test_no_space(self):
        self.fails("PT2-F002", "convert", MLP, "/dev/full", "--to=json")
        with open("/dev/full", "wb") as full:
            for words in (["ops", MLP], ["convert", MLP, "-", "--to=json"], ["cat", MLP, "byteorder"], ["help"]):
                self.fails("PT2-F002", *words, stdout=full)
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/full").st_mode))

    def test_pipe_as_output(self):
        fifo = self.path("fifo.json")
        os.mkfifo(fifo)
        got = []
        reader = threading.Thread(target=lambda: got.append(read(fifo)))
        reader.start()
        self.good("convert", MLP, fifo)
        reader.join()
        self.assertEqual(got, [self.program()])

    def test_pipe_as_input(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        writer = threading.Thread(target=lambda: pathlib.Path(fifo).write_bytes(read(MLP)))
        writer.start()
        self.assertEqual(self.good("ops", fifo), self.good("ops", MLP))
        writer.join()

    def test_reader_that_goes_away(self):
        compact = self.path("m.thrift")
        self.good("convert", str(command.CORPUS / "torch-2.15.0/gpt_24l.pt2"), compact)
        for ignored, words in itertools.product((False, True), (["annotate", compact], ["convert", compact, "-", "--to=json"])):
            process = subprocess.Popen([command.PT2, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       restore_signals=not ignored)
            process.stdout.read(10)
            process.stdout.close()
            self.assertEqual(process.stderr.read(), b"")
            process.stderr.close()
            self.assertEqual(process.wait(), 2 if ignored else -signal.SIGPIPE)

    def shrink(self, path, *words):
        """The error of a run whose input shrinks while its output waits for a reader."""
        process = subprocess.Popen([command.PT2, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.read(1)
        os.truncate(path, 0)
        process.stdout.read()
        error = process.stderr.read().decode()
        process.stdout.close()
        process.stderr.close()
        self.assertEqual(process.wait(), 2, error)
        return error

    def test_input_that_shrinks(self):
        big = self.path("big.zip", command.archive({"zeros": bytes(8 << 20)}))
        self.assertEqual(LINE.fullmatch(self.shrink(big, "cat", big, "r/zeros"))["id"], "PT2-F005")
        compact = self.path("m.thrift")
        for options in ([], ["--json"]):
            self.good("convert", "-f", str(command.CORPUS / "torch-2.15.0/gpt_2l.pt2"), compact)
            error = self.shrink(compact, "annotate", compact, *options)
            self.assertEqual(json.loads(error)["id"] if options else LINE.fullmatch(error)["id"], "PT2-F005")

    def shrink_when_mapped(self, path, *words):
        """The run's outcome, and whether the file was cut while the run had it mapped."""
        process = subprocess.Popen([command.PT2, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        mapped = False
        while not mapped and process.poll() is None:
            with open(f"/proc/{process.pid}/maps") as maps:
                mapped = path in maps.read()
        os.truncate(path, 0)
        output, error = process.communicate()
        return mapped, process.returncode, output.decode(), error.decode()

    def test_one_of_many_that_shrinks(self):
        text = self.good("convert", MLP, "-", "--to=json") + b" " * (64 << 20)
        path = self.path("m.json")
        for verb in ("verify", "hash", "info"):
            for _ in range(100):
                with open(path, "wb") as out:
                    out.write(text)
                mapped, status, output, error = self.shrink_when_mapped(path, verb, path, MLP)
                if mapped and status != 0:
                    break
            self.assertEqual(status, 2, (verb, error))
            lines = [line for line in error.splitlines() if not line.startswith("pt2: 2 files")]
            self.assertEqual([line.split(": ")[1:3] for line in lines], [[path, "PT2-F005"]], error)
            self.assertIn(MLP, output)


class Terminal(CommandTest):
    def test_binary_is_held_back(self):
        for words in (["cat", MLP, "data/weights/weight_0"], ["convert", MLP, "-", "--to=compact"],
                      ["convert", MLP, "/dev/stdout", "--to=compact.zst"]):
            status, shown, error = on_terminal(*words)
            self.assertEqual((status, shown, LINE.fullmatch(error)["id"]), (2, b"", "PT2-F004"), words)
            status, shown, error = on_terminal(*words, "-f")
            self.assertEqual((status, bool(shown), error), (0, True, ""), words)

    def test_text_goes_through(self):
        status, shown, error = on_terminal("cat", MLP, "archive_format")
        self.assertEqual((status, shown, error), (0, b"pt2", ""))
        status, shown, error = on_terminal("convert", MLP, "-", "--to=json")
        self.assertEqual((status, shown, error), (0, self.program(), ""))

    def test_text_that_harms_is_held_back(self):
        for text in (b"\x1b[31m", "\u202e".encode(), b"\x7f"):
            made = self.path("a.zip", command.archive({"text": text}, root=""))
            self.assertEqual(LINE.fullmatch(on_terminal("cat", made, "text")[2])["id"], "PT2-F004")
            self.assertEqual(self.good("cat", made, "text"), text)

    def test_color(self):
        plain = self.good("info", MLP)
        self.assertEqual(on_terminal("info", MLP)[1].count(b"\x1b[1m"), 2)
        for words, environment in ((["--color=never"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})):
            with self.subTest(words=words, environment=environment):
                shown = on_terminal("info", MLP, *words, environment=environment)[1]
                self.assertEqual(shown.replace(b"\r\n", b"\n"), plain)
        self.assertIn(b"\x1b[1m", on_terminal("info", MLP, environment={"NO_COLOR": ""})[1])
        colored = self.good("info", MLP, "--color=always", environment={"NO_COLOR": "1"})
        self.assertIn(b"\x1b[1mOutputs\x1b[0m\n", colored)
        self.assertNotIn(b"\x1b", self.good("info", "--json", MLP, "--color=always"))
        self.assertIn(b"\x1b[31mPT2-F001\x1b[0m", self.run_pt2("info", "--color=always", self.path("nowhere")).stderr)


class Escaping(CommandTest):
    HOSTILE = "torch.\x1b[31m\n\t\\\u202eevil\u200b\x7f\u0085é漢\ufeff\U000e0041"
    SHOWN = r"torch.\x1b[31m\n\t\\\u202Eevil\u200B\x7f\u0085é漢\uFEFF\U000E0041"

    def hostile_program(self):
        program = json.loads(self.program())
        graph = program["graph_module"]["graph"]
        graph["nodes"][0]["target"] = self.HOSTILE
        graph["tensor_values"][self.HOSTILE] = graph["tensor_values"].pop("x")
        program["graph_module"]["signature"]["input_specs"][4] = {"user_input": {"arg": {"as_tensor": {"name": self.HOSTILE}}}}
        program["torch_version"] = self.HOSTILE
        program["opset_version"] = {self.HOSTILE: 1}
        program["range_constraints"] = {self.HOSTILE: {"min_val": 0, "max_val": 1}}
        return json.dumps(program).encode()

    def assertHarmless(self, data):
        for mark in ("\x1b", "\u202e", "\u200b", "\x7f", "\u0085", "\ufeff", "\U000e0041"):
            self.assertNotIn(mark.encode(), data)

    def test_programs(self):
        program = self.path("m.json", self.hostile_program())
        for verb in ("info", "ops", "sig"):
            shown = self.good(verb, program)
            self.assertHarmless(shown)
            self.assertIn(self.SHOWN, shown.decode())
            document = self.good(verb, "--json", program)
            self.assertHarmless(document)
            self.assertIn(self.HOSTILE, json.loads(document) if verb == "ops" else str_values(json.loads(document)))
        for words in (["annotate", program], ["annotate", "--json", program]):
            self.assertHarmless(self.good(*words))

    def test_records_and_files(self):
        name = "data/weights/weight_\u202egnp.é"
        made = self.path("a\u202e\x1b.pt2", command.pt2_archive({name: b"1", "models/m.json": self.program()}))
        shown = self.text("ls", made)
        self.assertHarmless(shown.encode())
        self.assertIn(r"data/weights/weight_\u202Egnp.é", shown)
        self.assertEqual(self.json("ls", made)[0]["name"], name)
        self.assertEqual(self.good("cat", made, name), b"1")
        match = self.fails("PT2-U005", "cat", made, "no\u202e")
        self.assertHarmless(match[0].encode())
        self.assertIn(r"a\u202E\x1b.pt2", match["where"])

    def test_one_wide_cell_pads_no_other_row(self):
        program = json.loads(self.program())
        ranges = program["range_constraints"] = {"s" * 20000: {"min_val": 0, "max_val": 9}}
        ranges.update({f"s{i}": {"min_val": 0, "max_val": 9} for i in range(500)})
        shown = self.good("sig", self.path("wide.json", json.dumps(program).encode()))
        self.assertLess(len(shown), 150000)

    def test_text_that_is_not_utf8(self):
        compact = self.good("convert", MLP, "-", "--to=compact").replace(b"aten.relu.default", b"aten.\xffelu.default")
        self.assertIn(r"torch.ops.aten.\xffelu.default", self.text("ops", "-", stdin=compact))
        self.assertIn("torch.ops.aten.\ufffdffelu.default", self.json("ops", "-", stdin=compact))


def str_values(value):
    """Every text in a JSON document, keys too."""
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in [key, *str_values(item)]]
    if isinstance(value, list):
        return [text for item in value for text in str_values(item)]
    return [value]


if __name__ == "__main__":
    command.main()
