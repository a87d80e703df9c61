# SPDX-License-Identifier: Apache-2.0
"""What the tests of the command share: running `pt2`, samples, and archives made on the spot."""
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests/corpus"
MLP = str(CORPUS / "torch-2.15.0/mlp.pt2")
SEVERAL = str(CORPUS / "torch-2.15.0/multi_program.pt2")
OLD = str(CORPUS / "torch-2.1.2/mlp.pt2")
SAVED = str(CORPUS / "torch-save/burn-int8.pt")
PT2 = ""

# pt2: [FILE: ][WHERE: ]ID: message
LINE = re.compile(r"pt2: (?:(?P<where>.*?): )?(?P<id>PT2-[A-Z]\d{3}): (?P<message>[^\n]+)\n")


def read(path):
    return pathlib.Path(path).read_bytes()


class CommandTest(unittest.TestCase):
    """A test with a folder of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name, data=None):
        path = os.path.join(self.folder, name)
        if data is not None:
            pathlib.Path(path).write_bytes(data)
        return path

    def run_pt2(self, *words, stdin=b"", environment=None, stdout=subprocess.PIPE):
        return subprocess.run([PT2, *words], input=stdin, stdout=stdout, stderr=subprocess.PIPE, timeout=120,
                              env=dict(os.environ, **(environment or {})))

    def good(self, *words, status=0, **more):
        """Standard output of a run that has nothing to say on standard error."""
        answer = self.run_pt2(*words, **more)
        self.assertEqual((answer.returncode, answer.stderr.decode()), (status, ""), words)
        return answer.stdout

    def text(self, *words, **more):
        return self.good(*words, **more).decode()

    def json(self, *words, **more):
        return json.loads(self.good(*words, "--json", **more))

    def bad(self, *words, status=2, **more):
        """The error line of a run that prints nothing else: a match of LINE."""
        answer = self.run_pt2(*words, **more)
        error = answer.stderr.decode()
        self.assertEqual(answer.returncode, status, (words, error))
        match = LINE.fullmatch(error)
        self.assertIsNotNone(match, (words, error))
        return match

    def fails(self, error_id, *words, has="", **more):
        match = self.bad(*words, **more)
        self.assertEqual(match["id"], error_id, (words, match[0]))
        self.assertIn(has, match[0])
        return match

    def program(self, **changes):
        """mlp's program as JSON text, PyTorch's spelling, with some top fields changed."""
        text = json.loads(self.good("convert", MLP, "-", "--to=json"))
        text.update(changes)
        return json.dumps(text).encode()


def archive(records, root="r/"):
    """The bytes of a zip archive of stored records; a record may be (bytes, method)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in records.items():
            data, method = data if isinstance(data, tuple) else (data, zipfile.ZIP_STORED)
            made.writestr(zipfile.ZipInfo(root + name), data, method)
    return out.getvalue()


def pt2_archive(records):
    return archive({**records, "archive_format": b"pt2", "archive_version": b"0", ".data/version": b"6\n"})


def main():
    global PT2
    PT2 = sys.argv.pop(1)
    unittest.main(module="__main__", verbosity=0)
