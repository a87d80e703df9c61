# SPDX-License-Identifier: Apache-2.0
"""Single faults in good programs, each with the rules that must find it: what the faults_*.py add to FAULTS.

A fault is a function that changes a Case; it returns False where the case has nothing that it could change. Several
ids: any of them will do, since a fault may be seen from two sides.
"""
FAULTS = []


def fault(*ids, profile="strict"):
    def add(function):
        FAULTS.append((function.__name__, function, ids, profile))
        return function
    return add
