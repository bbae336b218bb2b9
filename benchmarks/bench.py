"""Speed: all scenarios in one table. A quick run takes some minutes; ``--full`` takes hours, for peers that compile.

    python benchmarks/bench.py [--full]

Each scenario is a script that runs by itself, with its goals standing in it.
"""

import sys

import iqp_kernel
import latency
import qnn_gradient
import reuploading
from runner import main

if __name__ == "__main__":
    sys.exit(main([qnn_gradient.cases, reuploading.cases, iqp_kernel.cases, latency.cases], __doc__))
