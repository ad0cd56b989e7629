#!/usr/bin/env python3
"""Writes common_passwords.txt: the 19,640 common passwords that Django refuses.

They are passwords from public leaks, the most common first, unhexed, lower-cased and without duplicates, compiled by
Royce Williams (https://gist.github.com/roycewilliams/226886fd01572964e1431ac8afc999ce). Django ships them as
django/contrib/auth/common-passwords.txt.gz, under the BSD license. To write the file anew:

    pip download --no-deps django==5.2
    unzip -p Django-5.2-*.whl django/contrib/auth/common-passwords.txt.gz | gunzip |
        shared/src/accounts/password/common_passwords.py > shared/src/accounts/password/common_passwords.txt

The output is front-coded: each line is the number of characters that the password shares with the one before, as one
base-36 digit, and the rest of the password. The passwords are sorted, which makes the file half as long.
"""

import os
import string
import sys

DIGITS = string.digits + string.ascii_lowercase

passwords = {line.strip().lower() for line in sys.stdin.buffer.read().decode().splitlines()} - {""}
previous = ""
for password in sorted(passwords):
    shared = len(os.path.commonprefix([previous, password])[: len(DIGITS) - 1])
    sys.stdout.buffer.write(f"{DIGITS[shared]}{password[shared:]}\n".encode())
    previous = password
