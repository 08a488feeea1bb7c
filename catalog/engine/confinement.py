"""What a query worker can no longer do, however its SQL got past everything else.

Each wall is one that the system lets us build without rights: where it does not (an old kernel, a
container that forbids it), `confined` tells which are missing and the others stand all the same.
"""

import ctypes
import os
import resource
import signal
import struct
from collections.abc import Iterable
from contextlib import suppress

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000

# The same numbers on every architecture (Linux 5.13); libc has no names for them.
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_ADD_RULE = 445
_LANDLOCK_RESTRICT_SELF = 446
_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1
_READ_FILE = 1 << 2
_ACCESS_OF_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many kinds of access to files a version of Landlock knows; later ones know no more."""

_libc = ctypes.CDLL(None, use_errno=True)


def limit(memory: int) -> None:
    """Memory, no writing of files, no core, no new rights; the process dies with its parent."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (2048, 2048))


def leave_network() -> bool:
    """Move into a network of one's own that has no way out; False when the system does not allow it.

    Children inherit it. Call it while the process has one thread.
    """
    return any(
        _libc.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)
    )


def see_only(files: Iterable[str]) -> bool:
    """From now on these files can be opened for reading and nothing else (Landlock).

    False when the kernel has no Landlock. Files that are open already stay so.
    """
    version = _libc.syscall(_LANDLOCK_CREATE_RULESET, None, 0, _RULESET_VERSION)
    if version < 1:
        return False
    kinds = _ACCESS_OF_VERSION[min(version, max(_ACCESS_OF_VERSION))]
    handled = struct.pack("=Q", (1 << kinds) - 1)
    rules = _libc.syscall(_LANDLOCK_CREATE_RULESET, handled, len(handled), 0)
    if rules < 0:
        return False
    try:
        for file in files:
            _allow(rules, file)
        return bool(_libc.syscall(_LANDLOCK_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _allow(rules: int, file: str) -> None:
    with suppress(FileNotFoundError):  # The engine will say so, in its own words.
        place = os.open(file, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = struct.pack("=Qi", _READ_FILE, place)
            _libc.syscall(_LANDLOCK_ADD_RULE, rules, _RULE_PATH_BENEATH, rule, 0)
        finally:
            os.close(place)
