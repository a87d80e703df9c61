/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the tests of one program: a table of functions, each once or over a range. */
#pragma once

#include <check.h>
#include <glib.h>

typedef struct
{
  const TTest *test;
  int n; /* runs with _i = 0 … n - 1 */
} TestCase;

static inline int
run_suite (const char *name, const TestCase *cases, size_t n)
{
  Suite *suite = suite_create (name);
  TCase *tests = tcase_create (name);
  tcase_set_timeout (tests, 240);
  for (size_t i = 0; i < n; i++)
    tcase_add_loop_test (tests, cases[i].test, 0, cases[i].n);
  suite_add_tcase (suite, tests);
  SRunner *runner = srunner_create (suite);
  srunner_run_all (runner, CK_ENV);
  int failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed != 0;
}
#define RUN_SUITE(name, cases) run_suite (name, cases, G_N_ELEMENTS (cases))
