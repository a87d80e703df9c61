#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What PyTorch does with each single fault of tests/verify: in a program that it refuses, `pt2 verify --profile=load`
finds something from a warning upwards.

    check_verify.py PT2 CORPUS

Faults that would make PyTorch run something are left out: nothing of them is loaded.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "verify"))
import test_faults  # noqa: E402
import cases  # noqa: E402
import faults  # noqa: E402

# Faults that PyTorch would run, and one that it refuses only where there is no such device.
NOT_LOADED = ("runs", "calling", "evaluates", "class", "imports", "native", "payload_of_another_device")


def torch_loads(torch, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            torch.export.load(path)
            return True, ""
        except Exception as error:  # noqa: BLE001: whatever it raises, it refuses
            return False, f"{type(error).__name__}: {str(error)[:120]!r}"


def main(pt2, _corpus):
    import logging

    import torch
    logging.disable(logging.CRITICAL)
    names = [str(cases.CORPUS / name) for name in test_faults.GOOD if "torch-2.15.0" in name]
    good = [cases.Case(name) for name in names if torch_loads(torch, name)[0]]
    passed = failed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "case.pt2")
        for name, function, _, _ in faults.FAULTS:
            if any(word in name for word in NOT_LOADED):
                skipped += 1
                continue
            done = 0
            for case in good:
                bad = case.copy()
                if done == 2 or function(bad) is False:
                    continue
                done += 1
                pathlib.Path(path).write_bytes(bad.write())
                loads, why = torch_loads(torch, path)
                status, findings = test_faults.verify(pt2, path, "load")
                fine = loads or status == 1
                passed, failed = passed + fine, failed + (not fine)
                if not fine:
                    print(f"{name} in {os.path.basename(case.path)}: PyTorch refuses it ({why}), and nothing was found")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
