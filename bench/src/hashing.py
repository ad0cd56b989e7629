"""Prints how many nanoseconds each of some argon2id hashes takes with the reference implementation in C.

    hashing.py MEMORY_KIB PASSES LANES COUNT
"""

import sys
import time

from argon2.low_level import Type, hash_secret_raw

memory, passes, lanes, count = map(int, sys.argv[1:])
for _ in range(count):
    begin = time.perf_counter_ns()
    hash_secret_raw(b"correct-horse-9", b"0123456789abcdef", passes, memory, lanes, 32, Type.ID)
    print(time.perf_counter_ns() - begin)
