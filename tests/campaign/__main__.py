"""A long campaign: `python -m tests.campaign --runs 10000 --seed 1`, on all cores.

Closes with one line of figures on standard output. Exit code 1 when a promise broke, when a fault never fired or when a
rule never ran; the stories of failing seeds go to standard error and into a file each, to be lived again (`--replay`).
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.campaign.goods_life import GoodsLife
from tests.campaign.goods_machine import Goods
from tests.campaign.goods_mutants import MUTANTS as GOODS_MUTANTS
from tests.campaign.life import Life
from tests.campaign.living import replay
from tests.campaign.machine import Machine, Orders, Tally, live, topped_up
from tests.campaign.mutants import MUTANTS

LIVES: dict[str, tuple[type[Machine], Any, Any]] = {
    "orders": (Orders, Life, MUTANTS),
    "goods": (Goods, GoodsLife, GOODS_MUTANTS),
}
"""By name: the machine, the life, and its mutants."""

PART = 20
"""Seeds that a process lives before it tells what came of them."""


def _campaign(kind: str, runs: int, seed: int, jobs: int, mutant: str) -> Tally:
    names = [f"{seed}/{number}" for number in range(runs)]
    parts = [names[at : at + PART] for at in range(0, runs, PART)]
    machine, _, _ = LIVES[kind]
    work = functools.partial(live, machine=machine, make=_make(kind, mutant))
    tally = Tally(machine.wanted)
    # Fresh processes: a fork would share what the plugins keep between runs.
    with multiprocessing.get_context("spawn").Pool(jobs, maxtasksperchild=20) as pool:
        for done in pool.imap_unordered(work, parts):
            for violations, story in done.failures:
                sys.stderr.write(f"\n{violations[0]}\n  its story: {_kept(story)}\n")
            tally.join(done)
            sys.stderr.write(f"\r{tally.line()}")
            sys.stderr.flush()
        pool.close()  # The plugins answer a SIGTERM, with which the pool would end them, in their own way.
        pool.join()
    sys.stderr.write("\n")
    return topped_up(tally, str(seed), machine)


def _make(kind: str, mutant: str) -> Any:
    """Makes a life, with one safeguard broken when a mutant is named."""
    _, life, mutants = LIVES[kind]
    return functools.partial(life, target=mutants[mutant][0]) if mutant else life


def _kept(story: str) -> Path:
    """Write a story into a file of its own."""
    with tempfile.NamedTemporaryFile("w", prefix="story-", suffix=".jsonl", delete=False, encoding="utf-8") as file:
        file.write(story + "\n")
    return Path(file.name)


def _replay(kind: str, file: Path, mutant: str) -> int:
    life = replay(file.read_text(encoding="utf-8"), _make(kind, mutant))
    for run in life.world.runs:
        said = "; ".join(f"{plugin} {code}: {run['last'].get(plugin, '')}" for plugin, code in run["exits"].items())
        sys.stdout.write(f"{run['number']:3} {run['begun'][:19]} {said}\n")
    for violation in life.violations:
        sys.stdout.write(f"{violation}\n")
    counts = ", ".join(f"{number} {name}" for name, number in life.figures().items())
    sys.stdout.write(f"{counts}, {len(life.violations)} violations\n")
    return int(bool(life.violations))


def main(arguments: list[str] | None = None) -> int:
    """Run a campaign, or replay a story; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaign", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000, help="how many seeds (default 1000)")
    parser.add_argument("--seed", type=int, default=1, help="chooses the lives; the same number, the same lives")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)")
    parser.add_argument("--life", choices=[*LIVES], default="orders", help="orders to AFAS, or goods into the shop")
    parser.add_argument(
        "--mutant", choices=[*MUTANTS, *GOODS_MUTANTS], default="", help="with one safeguard broken: this must fail"
    )
    parser.add_argument("--replay", type=Path, help="live a story again, as printed for a failing seed")
    asked = parser.parse_args(arguments)
    if asked.replay:
        return _replay(asked.life, asked.replay, asked.mutant)
    tally = _campaign(asked.life, asked.runs, asked.seed, asked.jobs, asked.mutant)
    if not tally.proven:
        sys.stderr.write(f"{tally.report()}\n")
    sys.stdout.write(f"campaign: {tally.line()}\n")
    return int(not tally.proven)


if __name__ == "__main__":
    sys.exit(main())
