#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house tests and the counter see the faults they are made for."""
import json
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
import house  # noqa: E402
import check_layers  # noqa: E402
import check_readme  # noqa: E402
import check_symbols  # noqa: E402
import check_tree  # noqa: E402

sys.path.insert(0, str(house.ROOT / "tests"))
import count_results  # noqa: E402


def logged(result, stdout=""):
    return json.dumps({"result": result, "stdout": stdout})


class Counting(unittest.TestCase):
    def test_counts_what_the_runners_say(self):
        log = [logged("OK", "100%: Checks: 12, Failures: 0, Errors: 0\n"),
               logged("FAIL", "50%: Checks: 4, Failures: 1, Errors: 1\n"),
               logged("OK", "Ran 7 tests in 0.1s\n\nOK (skipped=2)\n"),
               logged("OK", "3 passed, 0 failed\n"), logged("OK")]
        self.assertEqual(count_results.count_log(log), (12 + 2 + 5 + 3 + 1, 2, 2))

    def test_a_failure_is_never_lost(self):
        self.assertEqual(count_results.count_log([logged("FAIL", "3 passed, 0 failed\n")]), (3, 1, 0))
        self.assertEqual(count_results.count_log([logged("TIMEOUT")]), (0, 1, 0))
        self.assertEqual(count_results.count_log([logged("OK", "0 passed, 0 failed\n")]), (0, 1, 0))
        self.assertEqual(count_results.count_log([]), (0, 1, 0))

    def test_a_skip_is_no_pass(self):
        self.assertEqual(count_results.count_log([logged("SKIP")]), (0, 0, 1))


class Layers(unittest.TestCase):
    home = {"pt2-types.h": "base", "codec.h": "codec", "zip.h": "zip"}

    def faults(self, room, text):
        return list(check_layers.check_room_file(room, "x.c", text, self.home))

    def test_downward_is_fine(self):
        self.assertEqual(self.faults("program", '#include "codec.h"\n#include "pt2-types.h"\n#include <gio/gio.h>\n'), [])

    def test_upward_sideways_unknown_and_gobject_are_faults(self):
        self.assertEqual(len(self.faults("base", '#include "codec.h"\n')), 1)
        self.assertEqual(len(self.faults("codec", '  # include "../zip/zip.h"\n')), 1)
        self.assertEqual(len(self.faults("zip", '#include "nobody.h"\n')), 1)
        self.assertEqual(len(self.faults("codec", "#include <glib-object.h>\n")), 1)

    def test_the_command_sees_public_headers_only(self):
        faults = list(check_layers.check_tool_file("x.c", '#include "pt2.h"\n#include "zip.h"\n', {"pt2.h"}, set()))
        self.assertEqual(len(faults), 1)

    def test_the_table_has_no_circle(self):
        for room in check_layers.BELOW:
            self.assertIn(room, check_layers.known(room))


class Others(unittest.TestCase):
    def test_symbols_of_a_header(self):
        text = ("/* PT2_API int no (void); */\n#define PT2_API extern\nPT2_API const char *\npt2_a (void);\n"
                "PT2_API extern const int pt2_b;\nint pt2_c (void);\n")
        self.assertEqual(check_symbols.declared_symbols(text), {"pt2_a", "pt2_b"})

    def test_tree(self):
        bad = "int a; \n" + "\n" * 600 + "/* /ho" + "me/me/x */"
        self.assertEqual(len(list(check_tree.check_text(pathlib.Path("a.c"), bad))), 5)
        self.assertEqual(list(check_tree.check_text(pathlib.Path("a.md"), "see ./home/x and https://a/home/b\n")), [])

    def test_readme_lines(self):
        self.assertTrue(check_readme.matches(["a", "…", "d"], ["a", "b", "c", "d"]))
        self.assertTrue(check_readme.matches(["…"], []))
        self.assertFalse(check_readme.matches(["a"], ["a", "b"]))


if __name__ == "__main__":
    unittest.main(verbosity=0)
