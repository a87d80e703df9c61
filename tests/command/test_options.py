#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command line: options, help, exit statuses, errors.

    test_options.py PT2
"""
import json
import os
import re
import shutil
import subprocess
import tempfile

import command
from command import CORPUS, MLP, SEVERAL, CommandTest, read

COND = str(CORPUS / "torch-2.15.0/cond_nested.pt2")


class CommandLine(CommandTest):
    def test_options_stand_anywhere(self):
        want = self.good("info", "--json", SEVERAL, "--model=tied")
        for words in (["--json", "info", "--model", "tied", SEVERAL], ["--model", "tied", "--json", "info", SEVERAL],
                      ["info", SEVERAL, "--json", "--model=tied", "-q"], ["-qv", "info", "--json", "--model=tied", "--", SEVERAL],
                      ["--no-progress", "info", "--color=never", "--json", "--model=tied", SEVERAL]):
            self.assertEqual(self.good(*words), want, words)

    def test_two_dashes_end_options(self):
        dashed = self.path("--json", read(MLP))
        self.assertTrue(dashed.endswith("/--json"))
        self.fails("PT2-F001", "ops", "--", "--json", has="pt2: --json: PT2-F001")
        self.assertEqual(self.good("--", "ops", MLP), self.good("ops", MLP))

    def test_standard_input(self):
        data = read(MLP)
        for words in (["info"], ["ls"], ["ops"], ["sig"], ["annotate"]):
            self.assertEqual(self.good(*words, "-", stdin=data), self.good(*words, MLP))
        self.assertEqual(self.good("cat", "-", "archive_format", stdin=data), b"pt2")
        with open(MLP, "rb") as file:  # a file that is not read from its start
            file.read(10)
            answer = subprocess.run([command.PT2, "info", "-"], stdin=file, stderr=subprocess.PIPE)
        error = command.LINE.fullmatch(answer.stderr.decode())
        self.assertEqual(answer.returncode, 2)
        self.assertTrue(error["where"].startswith("standard input"), error)

    def test_wrong_use(self):
        for words, has in (([], "no verb was given"), (["info"], "was given 0 operands"), (["ls", MLP, MLP], "2 operands"),
                           (["cat", MLP], "`pt2 cat FILE RECORD` was given 1 operand;"), (["limits", "x"], "1 operand"),
                           (["info", "--nonsense", MLP], "no option --nonsense;"),
                           (["info", "--jso", MLP], "did you mean --json?"), (["info", "-x", MLP], "no option -x;"),
                           (["info", "-qx", MLP], "no option -qx;"), (["info", "--q", MLP], "no option --q;"),
                           (["info", "--model"], "--model needs a value: NAME"),
                           (["info", "--quiet=yes", MLP], "--quiet takes no value"),
                           (["info", "--color=pink", MLP], "auto, always or never"),
                           (["info", "--to=json", MLP], "`info` takes no --to"), (["info", "--=x", MLP], "no option --=x"),
                           (["strip", "--all-debug", MLP, "-", "--schema=8.5"], "`strip` takes no --schema"),
                           (["--weights=none", "--lossy", "diff", MLP, MLP], "`diff` takes no --lossy")):
            match = self.fails("PT2-U002", *words, has=has)
            self.assertIsNone(match["where"], words)
            verb = next((word for word in words if word in ("info", "ls", "cat", "limits", "strip", "diff")), "VERB")
            self.assertIn(f"`pt2 {verb} --help` shows how", match["message"])

    def test_unknown_verb(self):
        for word, guess in (("inf", "info"), ("lst", "ls"), ("convret", "convert"), ("anotate", "annotate")):
            self.fails("PT2-U001", word, has=f"did you mean `{guess}`?")
        for word in ("frobnicate", "", "x" * 1000, "\u202e\x1b[31m"):
            self.assertNotIn("did you mean", self.fails("PT2-U001", word)[0])
        self.fails("PT2-U001", "help", "inof", has="did you mean `info`?")

    def test_limits_are_heeded(self):
        text = self.path("m.json", self.program())
        for verb in (["info"], ["ops"], ["sig"], ["annotate"]):
            self.fails("PT2-L002", *verb, "--limit", "depth=3", text)
            self.fails("PT2-L003", *verb, "--limit=memory=1", text)
            self.fails("PT2-L004", *verb, "--limit=records=5", MLP)
        self.fails("PT2-L002", "convert", "--limit=depth=3", text, self.path("o.thrift"))
        self.fails("PT2-L004", "ls", "--limit=records=5", MLP)
        self.fails("PT2-L005", "cat", "--limit=name-length=5", MLP, "archive_format")
        for wrong in ("depth", "depth=", "depth=x", "depht=3", "=", "", "depth=99999999999999999999", "depth=-1"):
            self.fails("PT2-U006", "limits", "--limit", wrong)

    def test_models(self):
        for verb in ("info", "ops", "sig", "annotate"):
            self.fails("PT2-U003", verb, SEVERAL, "--model=nope", has='"plain", "doubled", "tied"')
            self.fails("PT2-U004", verb, SEVERAL, has='"plain", "doubled", "tied"')
        self.fails("PT2-U003", "convert", MLP, self.path("m.json"), "--model=nope", has='"model"')

    def test_unreadable(self):
        for path in (self.path("nowhere"), self.folder):
            for words in (["ls", path], ["cat", path, "x"], ["ops", path], ["sig", path], ["annotate", path],
                          ["convert", path, self.path("o.json")]):
                match = self.fails("PT2-F001", *words)
                self.assertEqual(match["where"], path)
        self.fails("PT2-F001", "info", self.path("nowhere"))
        self.fails("PT2-F001", "ops", "", has='pt2: "": PT2-F001')
        self.fails("PT2-K001", "info", self.path("empty", b""))
        self.fails("PT2-K004", "info", self.path("page", b"<!DOCTYPE html><html>"))

    def test_errors_as_json(self):
        answer = self.run_pt2("cat", "--json", MLP, "no/\u202esuch")
        self.assertEqual((answer.returncode, answer.stdout), (2, b""))
        error = json.loads(answer.stderr)
        self.assertEqual(sorted(error), ["file", "id", "message", "where"])
        self.assertEqual((error["file"], error["id"]), (MLP, "PT2-U005"))
        self.assertNotIn("\u202e".encode(), answer.stderr)
        for words in (["inof", "--json"], ["info", "--nonsense", "--json"], ["--json"]):
            line = self.run_pt2(*words).stderr
            self.assertEqual(line.count(b"\n"), 1)
            error = json.loads(line)
            self.assertEqual((error["file"], error["where"]), (None, None))
        truncated = json.loads(self.run_pt2("info", "--json", self.path("m.json", self.program()[:-10])).stderr)
        self.assertEqual(truncated["id"], "PT2-J001")
        self.assertIn("@", truncated["where"])


class Help(CommandTest):
    def verbs(self):
        return re.findall(r"^  ([a-z]+) ", self.text("-h"), re.M)

    def test_of_the_command(self):
        short, whole = self.text("-h"), self.text("--help")
        self.assertEqual(whole, self.text("help"))
        self.assertGreater(len(self.verbs()), 20)
        for verb in self.verbs():
            self.assertIn(f"\n  {verb} ", short)
            self.assertIn(f"\n  {verb} ", whole)
        self.assertIn("Examples\n  $ pt2 info model.pt2\n", whole)
        self.assertRegex(self.text("--version"), r"^pt2 \d+\.\d+\.\d+\n$")

    def test_of_each_verb(self):
        for verb in self.verbs():
            short, whole = self.text(verb, "-h"), self.text(verb, "--help")
            self.assertTrue(whole.startswith(short), verb)
            self.assertLess(len(short), len(whole))
            self.assertEqual(whole, self.text("help", verb))
            self.assertRegex(whole, rf"Examples\n(?:  \$ .*\n)*  \$ pt2 {verb}\b")
        self.assertIn("--to=FORM", self.text("convert", "-h"))

    def test_options_are_in_columns(self):
        for verb in self.verbs():
            columns = {re.match(r"  -\S+(?: -\S+)? +", line).end() for line in self.text(verb, "-h").splitlines()
                       if line.startswith("  -")}
            self.assertLessEqual(len(columns), 1, verb)

    def test_examples_are_taken(self):
        """Each example of each help, with stand-ins for its files: nothing in it is wrong use."""
        whole = {verb: self.text(verb, "--help") for verb in self.verbs() if verb not in ("serve", "call")}
        examples = [line for text in whole.values() for line in re.findall(r"^  \$ (.*)$", text, re.M)]
        shell = f"pt2() {{ '{command.PT2}' \"$@\"; }}; cd \"$1\"; {{ %s; }} > taken"
        for line in examples:
            folder = tempfile.mkdtemp(dir=self.folder)
            for name in re.findall(r"[\w.-]+\.(?:pt2?|txt|thrift|json|safetensors)\b", line):
                shutil.copy(SEVERAL if name == "pair.pt2" else COND, os.path.join(folder, name))
            answer = subprocess.run(["bash", "-c", shell % line, "bash", folder], capture_output=True, text=True)
            self.assertNotRegex(answer.stderr, r"PT2-U00[12]|PT2-U007|syntax error", line)

    def test_lines_fit_a_screen(self):
        for verb in self.verbs():
            for line in self.text("help", verb).splitlines():
                self.assertLessEqual(len(line), 110, line)


if __name__ == "__main__":
    command.main()
