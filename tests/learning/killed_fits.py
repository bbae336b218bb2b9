"""Run by test_checkpoint.py: fits in forked processes that are killed again and again, and go on to the end.

``python killed_fits.py FOLDER KIND KILLS SEED`` prints, as JSON, how many were killed at which moment, and whether the
final bits are those of a fit that nobody killed.
"""

import json
import os
import signal
import sys
import time
import warnings
from pathlib import Path

import numpy as np
from sklearn.datasets import make_moons

import ketwise as kw
from ketwise.learning import checkpoint, optimizers
from ketwise.words import store

X, Y = make_moons(60, noise=0.2, random_state=0)
SHARED = {"layers": 2, "tol": 0.0, "preflight": False, "random_state": 5}
KINDS = {
    "adam": {"optimizer": "adam", "batch_size": 16, "max_iter": 40, "early_stopping": True, "n_iter_no_change": 40},
    "lbfgs": {"max_iter": 60},
    "spsa": {"optimizer": optimizers.SPSA(), "batch_size": 16, "max_iter": 30, "layerwise": 3},
    "simplex": {"optimizer": optimizers.SciPy("Nelder-Mead"), "max_iter": 150, "early_stopping": True},
}
MOMENTS = ("anywhere", "half a file", "before the rename", "after the rename")


def fit(kind, path=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kw.VariationalClassifier(checkpoint=path, **SHARED, **KINDS[kind]).fit(X, Y)


def bits(model):
    """Everything that a fit leaves, the generator too."""
    arrays = [model.params_, model.weights_, model.intercept_, *model.history_.values()]
    state = checkpoint.generator_state(model._rng)
    return checkpoint.digest(*arrays, np.frombuffer(json.dumps([state, model.converged_]).encode(), dtype=np.uint8))


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def arm(moment, writes):
    """Make this process kill itself inside the write after so many."""
    left = [writes]

    def over(then):
        def instead(*arguments):
            left[0] -= 1
            if left[0] <= 0:
                then(*arguments)
                die()
            return real(*arguments)

        return instead

    def half(path, content):
        with open(path, "xb") as file:
            file.write(content[: len(content) // 2])
            file.flush()
            os.fsync(file.fileno())

    if moment == "half a file":
        real = store._write_synced
        store._write_synced = over(half)
    elif moment == "before the rename":
        real = os.replace
        os.replace = over(lambda *_: None)
    elif moment == "after the rename":
        real = store._sync_folder
        store._sync_folder = over(lambda *_: None)


def attempt(kind, path, moment, writes, delay):
    """Fit in a process of its own that may be killed; return the bits it came to, or None."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        checkpoint.SHARE = 1.0  # write after every step
        arm(moment, writes)
        os.write(write, bits(fit(kind, path)).encode())
        os._exit(0)
    os.close(write)
    if moment == "anywhere":
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(read) as pipe:
        found = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return None
    assert status == 0, f"a fit failed with status {status}"
    return found


def main(folder, kind, kills, seed):
    rng = np.random.default_rng(seed)
    begun = time.monotonic()
    expected = bits(fit(kind))
    seconds = time.monotonic() - begun
    killed, runs, agree = dict.fromkeys(MOMENTS, 0), 0, True
    while sum(killed.values()) < kills:
        path = Path(folder) / f"run-{runs}.ketwise"
        found = None
        while found is None:
            enough = sum(killed.values()) >= kills
            moment = "never" if enough else MOMENTS[rng.integers(len(MOMENTS))]
            found = attempt(kind, path, moment, int(rng.integers(1, 6)), float(rng.uniform(0, seconds / 2)))
            if found is None:
                killed[moment] += 1
        agree = agree and found == expected
        # A fit that is done is done: fitting again reads it.
        agree = agree and bits(fit(kind, path)) == expected
        runs += 1
    left = [file.name for file in Path(folder).iterdir() if file.suffix == ".tmp"]
    print(json.dumps({"killed": killed, "runs": runs, "agree": agree, "left": left}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
