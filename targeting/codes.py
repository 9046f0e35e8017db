"""A value as the snapshot's own columns hold it: found there, never typed by anybody."""

from typing import NewType

Code = NewType("Code", str)
