#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The text of a double is Python's repr: 10^7 random ones, all powers of two and ten, and what stands beside those.

    check_number.py NUMBER_TEXTS

PT2_TEST_QUICK: a hundredth of the random ones.
"""
import array
import math
import os
import random
import struct
import subprocess
import sys

CHUNK = 1 << 18
SEED = 1


def bits_of(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def chosen():
    """Bit patterns where an algorithm may go wrong: powers and their neighbours, short decimals, edges."""
    values = [math.ldexp(1.0, exponent) for exponent in range(-1074, 1024)]
    values += [float(f"{digit}e{exponent}") for exponent in range(-330, 309) for digit in (1, 2, 5, 9)]
    values += [float(n) for n in range(2000)] + [n / 100 for n in range(2000)]
    values += [2.0 ** 53, 2.0 ** 63, 2.0 ** 64, 1e16, 1e15, 1e-4, 1e-5, 9007199254740993.0, 1.7976931348623157e308]
    values += [9.5367431640625e-07, 5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 8.41e21, 2.0 ** -1074 * 3]
    words = {(bits_of(value) + step) % 2 ** 64 for value in values for step in (-2, -1, 0, 1, 2)}
    words |= {word | 1 << 63 for word in words}
    return array.array("Q", sorted(words))


def shaped(generator, count):
    """Doubles as programs hold them: between 0 and 1, few digits, whole."""
    values = array.array("d")
    for _ in range(count // 3):
        values.append(generator.random())
        values.append(round(generator.uniform(-1e4, 1e4), generator.randrange(8)))
        values.append(float(generator.randrange(10 ** generator.randrange(1, 20))))
    return values.tobytes()


def check(program, data):
    """How many of the doubles in DATA have another text than repr."""
    values = array.array("d", data)
    run = subprocess.run([program], input=data, stdout=subprocess.PIPE, check=False)
    lines = run.stdout.decode("ascii").split("\n")[:-1]
    wanted = list(map(repr, values))
    if run.returncode == 0 and lines == wanted:
        return 0
    wrong = [pair for pair in zip(lines, wanted) if pair[0] != pair[1]]
    for line, text in wrong[:5]:
        print(f"wrote {line}, repr is {text}")
    if run.returncode != 0 or len(lines) != len(wanted):
        print(f"status {run.returncode} after {len(lines)} of {len(wanted)} numbers")
    return max(len(wrong), 1)


def main():
    program = sys.argv[1]
    generator = random.Random(SEED)
    count = 10 ** 5 if os.environ.get("PT2_TEST_QUICK") else 10 ** 7
    first = chosen()
    checked, failed = len(first), check(program, first.tobytes())
    data = shaped(generator, count // 50)
    checked, failed = checked + len(data) // 8, failed + check(program, data)
    while count > 0:
        part = min(count, CHUNK)
        checked, failed = checked + part, failed + check(program, generator.randbytes(8 * part))
        count -= part
    print(f"{checked} numbers of seed {SEED}")
    print(f"{int(failed == 0)} passed, {int(failed != 0)} failed")
    sys.exit(failed != 0)


main()
