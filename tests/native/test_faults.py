"""The table of deliberate faults stays true: `make mutants` would build each of them."""

import pytest

from tests.house.sources import ROOT
from tests.native.faults.table import FAULTS


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.breaks)
def test_the_text_of_a_fault_stands_once_in_the_source(fault):
    source = (ROOT / "native" / fault.file).read_text("utf-8")
    assert source.count(fault.before) == 1
    assert source.replace(fault.before, fault.after) != source


def test_faults_are_many_and_named_apart():
    assert len(FAULTS) >= 80
    assert len({fault.breaks for fault in FAULTS}) == len(FAULTS)
    assert len({(fault.file, fault.before, fault.after) for fault in FAULTS}) == len(FAULTS)
