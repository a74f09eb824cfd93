"""What ./dev bench measures, one file per group of names.

A group has MEASURES, a table of names and functions; each function is given the ground (ground.py:
Postgres, the server, the rows) and gives a Measure (measure.py): how to do ours once, how to do the
limit once, and in which unit they are told.

Postgres is started, and the server is spoken to, as the tests do it.
"""
import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("ENTREPOT_BINARY", str(ROOT / "build" / "entrepot"))
sys.path[:0] = [str(ROOT / "tests" / "http"), str(ROOT / "tests")]
