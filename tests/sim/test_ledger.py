import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.ledger import Ledger, OverdraftError, Owner, Purpose

ACCOUNTS = 4 + 3 + 2 + 1


@given(
    st.lists(
        st.tuples(
            st.integers(0, ACCOUNTS - 1), st.integers(0, ACCOUNTS - 1), st.integers(0, 10**9)
        ),
        max_size=40,
    )
)
def test_money_is_conserved_whatever_is_paid(payments) -> None:
    ledger = Ledger(consumers=3, merchants=2, couriers=1)
    for payer, payee, amount in payments:
        before = ledger.balance.copy()
        try:
            ledger.transfer(0, payer, payee, amount, Purpose.PAYMENT)
        except OverdraftError:
            np.testing.assert_array_equal(ledger.balance, before)
        assert ledger.total() == 0
        assert ledger.balance_of(Owner.CONSUMER).min() >= 0


def test_a_batch_in_which_one_cannot_pay_moves_nothing() -> None:
    ledger = Ledger(consumers=3, merchants=2, couriers=1)
    consumers = ledger.account(Owner.CONSUMER, np.arange(3))
    ledger.transfer(0, ledger.account(Owner.OUTSIDE), consumers, [100, 100, 0], Purpose.INCOME)
    before = ledger.balance.copy()
    with pytest.raises(OverdraftError, match="would be left with -50"):
        ledger.transfer(1, consumers, ledger.account(Owner.PLATFORM), 50, Purpose.PAYMENT)
    np.testing.assert_array_equal(ledger.balance, before)
    assert len(ledger.transfers) == 2


def test_a_merchant_may_owe() -> None:
    ledger = Ledger(consumers=1, merchants=1, couriers=0)
    merchant = ledger.account(Owner.MERCHANT, 0)
    ledger.transfer(0, merchant, ledger.account(Owner.TREASURY), 500, Purpose.FINE)
    assert ledger.balance_of(Owner.MERCHANT).tolist() == [-500]


@pytest.mark.parametrize("amount", [-1, 1.5])
def test_amounts_are_whole_cents_that_flow_forward(amount) -> None:
    ledger = Ledger(1, 1, 0)
    with pytest.raises(ValueError, match="amounts"):
        ledger.transfer(0, 0, 1, amount, Purpose.CAPITAL)


def test_accounts_opened_later_keep_the_others_numbers() -> None:
    ledger = Ledger(2, 2, 1)
    before = ledger.account(Owner.MERCHANT, [0, 1]).tolist()
    ledger.open_accounts(Owner.MERCHANT, 3)
    assert ledger.account(Owner.MERCHANT, [0, 1]).tolist() == before
    assert len(ledger.balance_of(Owner.MERCHANT)) == 5
