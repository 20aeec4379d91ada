"""What the platform keeps: account numbers for ever, or pseudonyms for a while."""

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from policies.privacy.keep_all import KeepAll
from policies.privacy.pseudonymise import Pseudonymise


def pseudonyms(**params: object) -> Pseudonymise:
    return Pseudonymise(Pseudonymise.Params(name="pseudonymise", **params))


def test_keeping_all_keeps_account_numbers_for_ever() -> None:
    policy = KeepAll(KeepAll.Params())
    keys = policy.keys(np.array([5, 2], dtype=np.int32), 9)
    assert keys.tolist() == [5, 2]
    assert keys.dtype == np.int64
    assert policy.retention_days() is None


def test_everybody_has_a_key_of_their_own_and_none_is_an_account_number() -> None:
    keys = pseudonyms().keys(np.arange(100_000), 0)
    assert len(np.unique(keys)) == 100_000
    assert keys.dtype == np.int64
    assert keys.min() >= 100_000


@given(st.lists(st.integers(0, 5_000), max_size=40))
def test_a_key_does_not_depend_on_who_else_comes(accounts: list[int]) -> None:
    whole = pseudonyms().keys(np.arange(5_001), 3)
    some = pseudonyms().keys(np.array(accounts, dtype=np.int64), 3)
    assert some.tolist() == whole[np.array(accounts, dtype=np.int64)].tolist()


def test_keys_hold_for_a_period_and_are_then_renewed() -> None:
    policy, accounts = pseudonyms(rotate_days=7), np.arange(50)
    first, same, renewed = (policy.keys(accounts, day).tolist() for day in (0, 6, 7))
    assert first == same
    assert not set(first) & set(renewed)
    assert policy.keys(accounts, 0).tolist() == first


def test_another_secret_gives_other_keys_at_once() -> None:
    policy, accounts = pseudonyms(), np.arange(50)
    before = policy.keys(accounts, 0)
    policy.params = Pseudonymise.Params(name="pseudonymise", secret="another")
    assert not np.isin(policy.keys(accounts, 0), before).any()


def test_keys_are_the_same_in_every_process() -> None:
    code = (
        "import numpy as np\n"
        "from policies.privacy.pseudonymise import Pseudonymise as P\n"
        "print(P(P.Params()).keys(np.arange(20), 40).tolist())"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": "77", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert printed.strip() == str(pseudonyms().keys(np.arange(20), 40).tolist())


def test_the_log_is_kept_for_as_long_as_the_parameters_say() -> None:
    assert pseudonyms(retention=5).retention_days() == 5
