"""UIDs that Exchange writes: what is wrapped comes out again, and all occurrences of a meeting are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskhand.connectors._global_id import of_meeting, unwrapped, wrapped

OWN = "040000008200E00074C5B7101A82E008{day}0000000000000000000000000000000008000000{data}"
"""As Outlook makes them, with the day of an occurrence."""

uids = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@given(uids, st.booleans())
def test_a_foreign_uid_comes_out_as_it_went_in_and_any_other_stays(uid: str, lower: bool) -> None:
    written = wrapped(uid).lower() if lower else wrapped(uid)
    assert (unwrapped(written), of_meeting(written)) == (uid, uid)
    assert (unwrapped(uid), of_meeting(uid)) == (uid, uid)


@pytest.mark.parametrize("data", ["1122334455667788", b"vCal-Uid\x01\0\0\0\xff".hex(), "FFFF"])
def test_of_outlooks_own_only_the_day_of_an_occurrence_is_left_out(data: str) -> None:
    whole, one = (OWN.format(day=day, data=data.upper()) for day in ("00000000", "07EA0B18"))
    assert unwrapped(one) == one
    assert of_meeting(one) == of_meeting(one.lower()) == of_meeting(whole) == whole


@pytest.mark.parametrize("spoilt", [OWN[:32] + "zz", OWN.format(day="0" * 8, data="ABC"), OWN[:32]])
def test_what_is_spoilt_is_a_uid_like_any(spoilt: str) -> None:
    assert unwrapped(spoilt) == spoilt
