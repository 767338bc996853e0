"""Draws what ``python benches/run.py --json FILE`` measured: ``python benches/plot.py FILE [--page DIRECTORY]``.

The pictures are written beside the JSON as SVG. With ``--page`` they go into that directory together with
``speed.md``, a page of the pictures and the tables. Only this needs matplotlib.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import fields
from itertools import groupby
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
from measure import Result
from page import page
from sweep import Sweep
from table import bars_apart, peers, ratio

REACHED, MISSED, UNJUDGED = "#2a7f62", "#c8553d", "#9a9a9a"
PEERS = {"torch": "#d1495b", "numpy": "#2e6f95", "jax": "#8a5fbf", "autograd": "#b08900"}
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "diffkit", "font.size": 9, "font.family": "sans-serif"}
