"""What every store owes; `StoreContract` is run for each by a thin file beside this one."""

from dataclasses import replace

from syncd.domain.records import (
    SourceState,
)
from syncd.ports.store import Store
from tests.contract.store_contract_alerts import AlertContract
from tests.contract.store_contract_care import AnewContract, AuditContract, PurgeContract
from tests.contract.store_contract_columns import ColumnsContract
from tests.contract.store_contract_grids import GridsContract
from tests.contract.store_contract_held import HeldContract
from tests.contract.store_contract_locks import LockContract
from tests.contract.store_contract_measures import MeasureContract
from tests.contract.store_contract_narrow import NarrowContract
from tests.contract.store_contract_orders import OrderContract
from tests.contract.store_contract_pages import CataloguePageContract, DiaryPageContract, SalePageContract
from tests.contract.store_contract_plans import IntentContract, PlanContract
from tests.contract.store_contract_records import LedgerContract
from tests.contract.store_contract_rows import (
    ERP,
    listing_row,
    stock_row,
)
from tests.contract.store_contract_shares import ShareContract
from tests.contract.store_contract_stock import ListingContract, StockContract
from tests.contract.store_contract_tallies import TallyContract


class StoreContract(
    StockContract,
    ListingContract,
    ColumnsContract,
    GridsContract,
    NarrowContract,
    PlanContract,
    IntentContract,
    HeldContract,
    ShareContract,
    LockContract,
    OrderContract,
    MeasureContract,
    LedgerContract,
    PurgeContract,
    AnewContract,
    AuditContract,
    CataloguePageContract,
    DiaryPageContract,
    SalePageContract,
    AlertContract,
    TallyContract,
):
    """Everything that a store owes; a subclass brings the fixture `store`."""

    async def test_what_was_given_can_be_changed_afterwards(self, store: Store) -> None:
        rows = [listing_row()]
        await store.save_listings(rows)
        rows.clear()
        assert len(await store.listings()) == 1

    async def test_what_was_read_can_be_changed_afterwards(self, store: Store) -> None:
        await store.accept(replace(SourceState(name=ERP)), [stock_row()], None)
        list(await store.stock()).clear()
        assert len(await store.stock()) == 1
