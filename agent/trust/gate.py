"""The last look before a write: only what passes here gets the permit that the ledger asks for."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from deskhand.agent.trust.policy import Facts, Policy, Verdict, judge
from deskhand.connectors.model import Label
from deskhand.connectors.operations import Operation


class NotPermitted(Exception):
    """A write came to the ledger that the gate did not let through: a defect of ours; nothing was done."""


@dataclass(frozen=True, slots=True)
class Permit:
    """That the gate let one exact write go ahead. Only `let_through` makes one (test_gate.py)."""

    key: str
    """The effect it is for: run, step and final arguments (`effect_key`)."""
    verdict: Verdict

    def check(self, key: str) -> None:
        """:raises NotPermitted: it is for another effect."""
        if not hmac.compare_digest(self.key, key):
            raise NotPermitted("This write is not the one that the policy let through; nothing was done.")


def let_through(
    operation: Operation,
    labels: Mapping[str, Label],
    facts: Facts,
    policy: Policy,
    *,
    key: str,
    agreed: bool,
) -> tuple[Verdict, Permit | None]:
    """Judge a write that is about to happen, on its final arguments.

    :param key: of the effect that it will be.
    :param agreed: a person said yes to exactly this write. What the policy denies does not happen even so.
    :returns: what the policy says, and the permit where the write may go ahead.
    """
    verdict = judge(operation, labels, facts, policy)
    may = verdict.outcome == "allow" or (verdict.outcome == "ask" and agreed)
    return verdict, Permit(key, verdict) if may else None
