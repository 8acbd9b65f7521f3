"""What the guard holds, as the API answers it."""

from syncd.console.api.words import Answer, Moment, Page


class Hold(Answer):
    """Why changes of a shop are held: the setting, its limit and the value that broke it."""

    direction: str
    setting: str
    limit: int
    value: int
    unit: str
    changes: int
    rejected: int
    message: str


class HeldShop(Answer):
    """What is held of one shop."""

    shop: str
    since: Moment | None
    holds: list[Hold]


class Plan(Answer):
    """What is held under a digest; one that does not stand is held no more."""

    digest: str
    stands: bool
    changes: int
    waiting: int
    rejected: int
    shops: list[HeldShop]


class Plans(Page):
    """What is held now: one plan or none."""

    items: list[Plan]


class HeldChange(Answer):
    """One change that is held."""

    shop: str
    listing: str
    sku: str
    direction: str
    kind: str
    old: int | None
    new: int
    cause: str
    rule: str
    setting: str
    rejected_by: str
    rejected_at: Moment | None


class HeldChanges(Page):
    """A page of the changes that are held."""

    items: list[HeldChange]


class WholePlan(Plan):
    """A plan with a page of its changes."""

    list: HeldChanges
