"""What the flow keeps in the store beside the kernel's rows: which id stands for which key, and what hangs together.

All of it can be rebuilt: an empty store costs one listing of products and variants.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from target_lightspeed.failures import reading
from upsert.model import SourceKey
from upsert.store import State, StoredRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from target_lightspeed.session import Session
    from upsert.store import Store

PRODUCTS = "commerce.products"
"""Our key -> id; ``made`` beside it says that we made it."""
VARIANTS = "commerce.variants"
"""Our key of a variant (of a simple product: the product's) -> id and product."""
SHARED, VISIBILITY, SPECIFICATIONS, IMAGES, PLACEMENTS = (
    "commerce.shared",
    "commerce.visibility",
    "commerce.specifications",
    "commerce.images",
    "commerce.placements",
)
FAMILIES = "commerce.families"
"""Product -> keys of its variants; ``left`` beside those that are not wanted any more, and stay for want of another."""
PICTURES = "commerce.pictures"
"""Product -> hashes of the images that we uploaded, or were about to."""
OWNERS = "commerce.owners"
"""SKU -> our key of the variant that has it in the source."""
DEFAULTS = "commerce.defaults"
"""Product -> which variant takes over the one that the shop made by itself."""
FLOW = "commerce.catalogue"
"""Facts about the flow: ``listed`` once the shop was read; ``languages`` beside the default in which something was
written."""
LACKING = "commerce.lacking"
"""Product that lacks categories which the shop doesn't have (yet) -> stream and key of its record, and all it wants."""
WAITING = "commerce.waiting"
"""Product that is to be shown and is not yet -> stream and key of its record; ``ripe`` when it was seen complete."""


def standing(store: Store, scope: str, keys: Collection[str]) -> set[str]:
    """Of some keys those whose product or variant the flow has put into the shop, or has taken over there.

    Their stock and prices are kept right also while nobody wants them: whoever is shown again shows no old ones.
    """
    wanted = list(keys)
    found = (row for purpose in (PRODUCTS, VARIANTS) for row in store.rows(scope, purpose, wanted).values())
    return {row.key for row in found if row.ids.get("id")} if wanted else set()


class Memory:
    """The flow's rows, read once per run and key.

    Args:
        session: Client and store of the run.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._rows: dict[tuple[str, str], StoredRow | None] = {}
        self._made: dict[tuple[str, str], dict[str, str]] = {}
        self.made_now: set[str] = set()
        """Products made in this run: nothing stands under them but what we put there."""

    # -- rows ---------------------------------------------------------------------------------------------------------

    def load(self, purpose: str, keys: Iterable[str]) -> None:
        """Read the rows of some keys that were not read yet."""
        new = [key for key in dict.fromkeys(keys) if (purpose, key) not in self._rows]
        if new:
            found = self._session.store.rows(self._session.scope, purpose, new)
            self._rows |= {(purpose, key): found.get(key) for key in new}

    def ids(self, purpose: str, key: str) -> Mapping[str, str]:
        """What is remembered under a key; empty when nothing."""
        if (purpose, key) in self._made:
            return self._made[purpose, key]
        self.load(purpose, [key])
        row = self._rows[purpose, key]
        return row.ids if row is not None else {}

    def know(self, purpose: str, key: str, ids: Mapping[str, str]) -> None:
        """Something the kernel has recorded in this run."""
        self._made[purpose, key] = {**self.ids(purpose, key), **ids}

    def put(self, purpose: str, key: str, ids: Mapping[str, str]) -> None:
        """Remember something that is no document of the kernel; replaces what was remembered."""
        self.put_all(purpose, {key: ids})

    def put_all(self, purpose: str, rows: Mapping[str, Mapping[str, str]]) -> None:
        """The same for several keys, in one commit."""
        self.load(purpose, rows)
        new = {key: dict(ids) for key, ids in rows.items() if dict(self.ids(purpose, key)) != dict(ids)}
        if not new:
            return
        self._made |= {(purpose, key): ids for key, ids in new.items()}
        store, scope = self._session.store, self._session.scope
        with reading():
            now = self._session.client.server_now()
        seen = store.rows(scope, purpose, list(new))
        store.change_all(
            (
                seen.get(key),
                replace(seen[key], ids=ids, at=now)
                if key in seen
                else StoredRow(scope, purpose, key, State.DONE, now, "", {}, ids, 0, ""),
            )
            for key, ids in new.items()
        )

    def refresh(self, purpose: str, key: str) -> Mapping[str, str]:
        """What is remembered under a key now: another run may have added to it."""
        self._made.pop((purpose, key), None)
        self._rows.pop((purpose, key), None)
        return self.ids(purpose, key)

    def forget(self, purpose: str, keys: Collection[str]) -> None:
        """Nothing is known under these keys any more."""
        for key in keys:
            self._made[purpose, key] = {}
            self._rows[purpose, key] = None
        if keys:
            for row in self._session.store.rows(self._session.scope, purpose, list(keys)).values():
                self._session.store.withdraw(row, None)

    # -- meaning ------------------------------------------------------------------------------------------------------

    def product(self, key: str) -> int | None:
        """The id of a product."""
        return _id(self.ids(PRODUCTS, key))

    def variant(self, key: str) -> int | None:
        """The id of a variant."""
        return _id(self.ids(VARIANTS, key))

    def is_open(self, purpose: str, key: str) -> bool:
        """Whether a write was begun of which nobody knows what became of it."""
        row = self._session.store.row(self._session.scope, purpose, key)
        return row is not None and row.state is not State.DONE

    def made(self, key: str) -> bool:
        """Whether we made a product, in this run or an earlier one."""
        return key in self.made_now or bool(self.ids(PRODUCTS, key).get("made"))

    @property
    def listed(self) -> bool:
        """Whether the whole shop was looked at by an earlier run."""
        return bool(self.ids(FLOW, "listed"))

    def family(self, product: str) -> set[str]:
        """Keys of a product's variants, without those that are left."""
        return {key for key, left in self.ids(FAMILIES, product).items() if not left}

    def left(self, product: str) -> set[str]:
        """Keys of variants that a product still has, and should not: the shop doesn't give up the last one."""
        return {key for key, left in self.ids(FAMILIES, product).items() if left}

    def join(self, product: str, variants: Collection[str], *, left: bool = False) -> None:
        """Further variants of a product; or variants of it that are left."""
        known = self.refresh(FAMILIES, product)
        self.put(FAMILIES, product, {**known, **dict.fromkeys(variants, "left" if left else "")})

    @property
    def languages(self) -> list[str]:
        """Further languages in which something was written, in the order in which they came."""
        return list(self.ids(FLOW, "languages"))

    def write_in(self, language: str) -> None:
        """Something is written in a further language."""
        if language not in self.ids(FLOW, "languages"):
            known = self.refresh(FLOW, "languages")
            self.put(FLOW, "languages", {**known, language: "1"})

    def forget_variant(self, *variants: str) -> None:
        """What was written to variants that are gone, in all languages."""
        for purpose in (VARIANTS, SHARED, *(f"{VARIANTS}.{code}" for code in self.languages)):
            self.forget(purpose, variants)

    def forget_below(self, product: str, specifications: Iterable[str]) -> None:
        """What hung under a product that is gone from the shop is gone too.

        Args:
            product: Its key.
            specifications: Titles of those that it may have had.
        """
        self.forget_variant(product, *self.ids(FAMILIES, product))
        self.forget(IMAGES, [f"{product}#{digest}" for digest in self.ids(PICTURES, product)])
        titles = [f"{product}#{title}" for title in specifications]
        for code in ("", *(f".{one}" for one in self.languages)):
            self.forget(f"{SPECIFICATIONS}{code}", titles)
            if code:
                self.forget(f"{PRODUCTS}{code}", [product])
        for purpose in (PICTURES, FAMILIES, DEFAULTS, PLACEMENTS, VISIBILITY):
            self.forget(purpose, [product])
        self.stop_waiting([product])
        self.forget(LACKING, [product])

    def leave(self, product: str, variant: str) -> None:
        """A variant is gone."""
        known = self.refresh(FAMILIES, product)
        self.put(FAMILIES, product, {key: one for key, one in known.items() if key != variant})

    def lacking(self) -> dict[str, tuple[SourceKey, list[str]]]:
        """Products that lack categories, also from other runs: each with its record and keys of all that it wants."""
        found = self._session.store.known(self._session.scope, LACKING)
        return {row.key: (SourceKey(row.ids["stream"], row.ids["key"]), json.loads(row.ids["wanted"])) for row in found}

    def lack(self, products: Mapping[str, tuple[SourceKey, Sequence[str]]]) -> None:
        """These lack some of the categories that they want."""
        told = {
            key: {"stream": source.stream, "key": source.key, "wanted": json.dumps(wanted)}
            for key, (source, wanted) in products.items()
        }
        self.put_all(LACKING, told)

    def lacks_nothing(self, products: Iterable[str]) -> None:
        """These have all their categories, or want none any more."""
        wanted = list(products)
        self.load(LACKING, wanted)
        self.forget(LACKING, [key for key in wanted if self.ids(LACKING, key)])

    def is_waiting(self, product: str) -> bool:
        """Whether a product is to be shown, and is not yet."""
        return bool(self.ids(WAITING, product))

    def waiting(self) -> dict[str, SourceKey]:
        """All of those, also from other runs, each with the record under which it is reported."""
        found = self._session.store.known(self._session.scope, WAITING)
        return {row.key: SourceKey(row.ids["stream"], row.ids["key"]) for row in found}

    def wait(self, products: Mapping[str, SourceKey]) -> None:
        """These are to be shown when they are complete."""
        new = {key: source for key, source in products.items() if not self.is_waiting(key)}
        self.put_all(WAITING, {key: {"stream": source.stream, "key": source.key} for key, source in new.items()})

    def ripe(self) -> set[str]:
        """Those that were seen complete: their showing was begun, and may have failed."""
        found = self._session.store.known(self._session.scope, WAITING)
        return {row.key for row in found if row.ids.get("ripe")}

    def ripen(self, products: Iterable[str], *, ripe: bool = True) -> None:
        """These are complete, as far as they wait; or they turned out not to be."""
        known = {key: self.refresh(WAITING, key) for key in products if self.is_waiting(key)}
        self.put_all(WAITING, {key: {**ids, "ripe": "1" if ripe else ""} for key, ids in known.items() if ids})

    def stop_waiting(self, products: Collection[str]) -> None:
        """These are shown now, or not wanted any more."""
        self.forget(WAITING, products)


def _id(ids: Mapping[str, str]) -> int | None:
    text = ids.get("id", "")
    return int(text) if text.removeprefix("-").isdigit() else None
