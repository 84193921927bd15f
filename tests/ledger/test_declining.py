"""A rule says no as a value; people are told by a refusal of the same code."""

from __future__ import annotations

import pytest

from ledger.declining import accepted
from ledger.refusals import Conflict, Forbidden, Invalid, Refusal
from ledger.rules.declined import declined
from server.answers import explain, status_of


@pytest.mark.parametrize(
    ("code", "family", "status"),
    [("transferOpen", Conflict, 409), ("sameBranch", Invalid, 422), ("notYourStep", Forbidden, 403), ("reasonMissing", Invalid, 422)],
)
def test_the_code_stays_and_the_family_becomes_a_class(code: str, family: type[Refusal], status: int) -> None:
    with pytest.raises(family) as told:
        accepted(declined(code))
    assert (told.value.code, status_of(told.value.code)) == (code, status)
    assert family.code != code  # of this one refusal, not of its class


def test_the_sentence_is_the_rule_s_own_with_its_numbers() -> None:
    with pytest.raises(Conflict) as told:
        accepted(declined("branchFull", limit=50))
    assert "50 members" in explain(told.value.code, told.value.params)["message"]["en"]
    assert accepted(7) == 7
