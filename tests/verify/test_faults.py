#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`pt2 verify` finds each single fault of the faults_*.py in several good programs by the rule expected, and nothing in
the good programs themselves.

    test_faults.py PT2 [FAULT…]
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import cases
import faults
import faults_archive  # noqa: F401: they add to faults.FAULTS
import faults_graph  # noqa: F401
import faults_operators  # noqa: F401
import faults_signature  # noqa: F401

GOOD = [f"torch-2.15.0/{name}.pt2" for name in (
    "mlp", "mlp_train", "convnet", "gpt_2l", "derived_dims", "guards", "symbolic", "unbacked", "asserts", "sym_int_in",
    "mutation", "mutation_decomp", "cond_nested", "while_loop", "contexts", "map", "tree_inputs", "arguments", "constants",
    "preserved_calls", "quantized", "tied_views", "dtype_zoo")] + [
    "torch-2.8.0/mlp.pt2", "torch-2.8.0/scan.pt2", "torch-2.8.0/derived_dims.pt2",
    "torch-2.7.1/mlp.pt2", "torch-2.7.1/cond_nested.pt2", "torch-2.6.0/mlp.pt2", "torch-2.6.0/cond_nested.pt2",
    "extension/demo.pt2", "brachml/conv_relu_pool.pt2", "executorch/linear.pt2", "velox-torchwave/cat_dynamic_nd_test.pt2"]
MOST = 4  # programs for each fault
LEAST_FOUND = 0.98
GRAVE = ("warning", "error")


def verify(pt2, path, profile="strict"):
    """Exit status and findings of a file; a crash raises."""
    answer = subprocess.run([pt2, "verify", "--json", f"--profile={profile}", path], capture_output=True, timeout=60)
    if answer.returncode not in (0, 1):
        raise RuntimeError(f"status {answer.returncode}: {answer.stderr.decode()[:300]}")
    return answer.returncode, json.loads(answer.stdout)["findings"]


def run_fault(pt2, folder, good, function, ids, profile):
    """(programs that the fault was put into, those where it was missed)."""
    done, missed = 0, []
    for case in good:
        bad = case.copy()
        if done == MOST or function(bad) is False:
            continue
        done += 1
        path = os.path.join(folder, "bad.pt2")
        pathlib.Path(path).write_bytes(bad.write())
        status, findings = verify(pt2, path, profile)
        if status != 1 or not any(f["id"] in ids and f["severity"] in GRAVE for f in findings):
            missed.append((case.path, [f["id"] for f in findings if f["severity"] in GRAVE]))
    return done, missed


def main(pt2, *only):
    good = [cases.Case(str(cases.CORPUS / name)) for name in GOOD]
    passed = failed = total = found = 0
    with tempfile.TemporaryDirectory() as folder:
        for case in good:
            status, findings = verify(pt2, case.path)
            fine = status == 0
            passed, failed = passed + fine, failed + (not fine)
            if not fine:
                print(f"{case.path}: {[f for f in findings if f['severity'] in GRAVE][:3]}")
        for name, function, ids, profile in faults.FAULTS:
            if only and name not in only:
                continue
            done, missed = run_fault(pt2, folder, good, function, ids, profile)
            total, found = total + done, found + done - len(missed)
            fine = done > 0 and not missed
            passed, failed = passed + fine, failed + (not fine)
            if not fine:
                print(f"{name}: {ids} in {done} programs, missed {missed[:2]}")
    print(f"{len(faults.FAULTS)} kinds of faults, {found} of {total} found")
    if total and found < LEAST_FOUND * total:
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main(*sys.argv[1:]))
