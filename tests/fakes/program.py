"""A server that is a program of its own: begun, waited for until it says so, and ended with the block."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread


@contextmanager
def running(command: Sequence[str], *, ready: str) -> Iterator[None]:
    """Run it. :param ready: in the line that it writes when it is up; what it wrote is told where none is."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            said = []
            for line in process.stdout:
                said.append(line)
                if ready in line:
                    break
            else:
                raise AssertionError("".join(said))
            reader = Thread(target=process.stdout.read, daemon=True)  # it would stand still on a full pipe
            reader.start()
            try:
                yield
            finally:
                process.kill()
                reader.join(timeout=30)
        finally:
            process.kill()
