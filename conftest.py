"""Imports our packages first: pytest's importlib mode would take a folder of the same name for them."""

import gc
import logging
import shutil
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

import commerce  # noqa: F401
import sandbox  # noqa: F401
import upsert  # noqa: F401

# The cores are shared with other test runs: a slow example says nothing about the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


# Thousands of short-lived plugins: looking for cycles less often saves a tenth of the time.
gc.set_threshold(50_000, 20, 50)


_ENOUGH = 2_000_000_000


def pytest_configure(config: pytest.Config) -> None:
    """Temporary folders in memory, where there is such a place: thousands of small stores need no disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a place of the system, not a name of ours
    if config.option.basetemp is not None or not memory.is_dir() or shutil.disk_usage(memory).free < _ENOUGH:
        return
    folder = config.option.basetemp = Path(tempfile.mkdtemp(prefix="pytest-", dir=memory))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deal the long tests out to the workers, each to its beginning, so that the workers end together.

    Each worker gets an equal part of the list, in its order, and helps the others at the end.
    """
    workers = int(getattr(config, "workerinput", {}).get("workercount", 1))
    long: dict[object, list[pytest.Item]] = {}
    rest: list[pytest.Item] = []
    for one in items:
        if one.get_closest_marker("campaign"):
            long[one] = [one]
        elif one.get_closest_marker("meltano"):
            # Those of a file share what was made for them.
            long.setdefault(one.path, []).append(one)
        else:
            rest.append(one)
    hands = [list(chain(*list(long.values())[number::workers])) for number in range(workers)]
    for hand in hands[:-1]:
        short = max(0, len(items) // workers - len(hand))
        hand.extend(rest[:short])
        del rest[:short]
    items[:] = [*chain(*hands), *rest]


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An embedded PostgreSQL server; its address. On a busy machine it may need a second try."""
    pgserver = pytest.importorskip("pgserver", reason="pgserver is not installed")
    server, why = None, ""
    for _ in range(3):
        try:
            server = pgserver.get_server(tmp_path_factory.mktemp("postgres"))
            break
        except Exception as error:  # noqa: BLE001 - whatever it is, there is no server to test with
            said = getattr(error, "stderr", None) or getattr(error, "stdout", None) or error
            why = f"{type(error).__name__}: {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    if server is None:
        pytest.skip(f"the embedded PostgreSQL can't start here: {why[-300:]}")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(autouse=True)
def _loggers_speak() -> None:
    """Undo what a plugin that ran in this process, or a world that was silenced, did to logging."""
    for one in logging.getLogger().manager.loggerDict.values():
        if isinstance(one, logging.Logger):
            one.disabled = False
            if one.level == logging.CRITICAL:
                one.setLevel(logging.NOTSET)
    logging.getLogger().setLevel(logging.WARNING)
    for name in ("tap-afas", "tap-lightspeed", "mapper-commerce", "target-afas", "target-lightspeed"):
        logging.getLogger(name).propagate = True
        logging.getLogger(name).setLevel(logging.NOTSET)
