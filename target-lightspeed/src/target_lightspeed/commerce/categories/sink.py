"""The sink of `categories`: levels from the top down, then texts of further languages, then what goes, from below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from commerce.goods import Category
from target_lightspeed.commerce.approval import Approvals
from target_lightspeed.commerce.categories.port import PURPOSE, CategoryPort, category_id
from target_lightspeed.commerce.categories.wants import active, in_order, item_of, texts
from target_lightspeed.commerce.dry_run import DryRun, changes_of
from target_lightspeed.commerce.guard import Changes
from target_lightspeed.item import Item
from upsert.model import Document, Outcome
from upsert.singer import HeldSink, Incoming

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from target_lightspeed.session import Session
    from target_lightspeed.target import TargetLightspeed
    from upsert.kernel import Kernel


class CategorySink(HeldSink):
    """The tree as a whole: a parent may come after its child."""

    target: TargetLightspeed
    gathers: ClassVar[bool] = True

    def parse(self, record: dict[str, Any]) -> Category:
        """The record, checked."""
        return Category.model_validate(record)

    def load(self, batch: Sequence[Incoming]) -> Iterator[Outcome]:
        """Bring the tree, or what changed of it, into the shop."""
        streams: dict[str, list[Incoming]] = {}
        for one in batch:
            streams.setdefault(one.source.stream, []).append(one)
        self._look(streams)
        for stream, part in streams.items():
            yield from _tree(self.target, stream, part).load()

    def _look(self, streams: Mapping[str, Sequence[Incoming]]) -> None:
        """Rehearse the run, and stop before the first write when it would do more than the limits allow."""
        session = self.target.session
        limits, approvals = session.settings.categories.limits, Approvals.of(session)
        known = sum(bool(category_id(row)) for row in session.store.known(session.scope, PURPOSE))
        harmless = sum(map(len, streams.values())) <= limits.harmless and not approvals.pending(self.stream_name)
        first = not approvals.is_loaded(self.stream_name)
        if harmless or (first and limits.first_load == "allow"):
            return
        dry = DryRun(self.target)
        with dry as target:
            for stream, part in streams.items():
                for _ in _tree(target, stream, part).load():
                    pass
        names = {one.source: one.content.code or one.source.key for part in streams.values() for one in part}
        changes = changes_of(dry.plans, Changes(self.stream_name, known, first=first), names, (PURPOSE,))
        self.target.within(approvals.check, limits, changes)


def _tree(target: TargetLightspeed, stream: str, part: Sequence[Incoming]) -> Tree:
    return Tree(target.session, target.kernel(stream, scope=target.session.scope), part)


class Tree:
    """One run's categories of one source stream.

    Args:
        session: Client, settings, store.
        kernel: Of the stream.
        batch: Records; of several with one key the last counts.
    """

    def __init__(self, session: Session, kernel: Kernel, batch: Sequence[Incoming]) -> None:
        self.session, self.kernel = session, kernel
        self.settings = session.settings.categories
        self.records: dict[str, Incoming] = {one.content.key: one for one in batch}
        self.superseded = [one for one in batch if self.records[one.content.key] is not one]
        self.above = {key: parent for key, one in self.records.items() if (parent := _parent_key(one.content))}
        stored = session.store.rows(session.scope, PURPOSE, list({*self.records, *self.above.values()}))
        self.ids = {key: category_id(row) for key, row in stored.items()}
        self.port = CategoryPort(session)
        self.ports: dict[str, CategoryPort] = {}

    def load(self) -> Iterator[Outcome]:
        """Every record's outcomes."""
        yield from self._decided(
            Outcome(Document(one.content.key, one.source, None, {}), "skipped", reason="superseded")
            for one in self.superseded
        )
        self._name_what_is_left_out()
        inside = {key: parent for key, parent in self.above.items() if parent in self.records}
        levels, circle = in_order({key: one.content for key, one in self.records.items()}, inside)
        for level in levels:
            yield from self._level(level)
        yield from self._decided(self._waits(key, f"circle with {at}") for key, at in circle.items())
        if self.settings.inactive == "delete":
            for level in reversed(levels):
                yield from self._delete(level)

    def _level(self, keys: Sequence[str]) -> Iterator[Outcome]:
        documents: list[Document[Item]] = []
        early: list[Outcome] = []
        for key in keys:
            one, parent = self.records[key], self.above.get(key, "")
            if not active(one.content) and (self.settings.inactive != "hide" or not self.ids.get(key)):
                # What is to be deleted has its turn at the end, children first.
                if self.settings.inactive != "delete" or not self.ids.get(key):
                    early.append(self._outcome(key, "skipped", "inactive"))
            elif parent and not self.ids.get(parent):
                early.append(self._waits(key, parent))
            else:
                above = self.ids.get(parent, 0)
                item = item_of(one.content, self.session.settings.language, above, positions=self.settings.positions)
                documents.append(self.port.tree_document(one.source, key, item, self.ids.get(key, 0), above))
        yield from self._decided(early)
        more = {one.key for one in documents if one.content.texts}
        done = self._run(self.port, [one for one in documents if one.key not in more], last=True)
        done += self._run(self.port, [one for one in documents if one.key in more], last=False)
        for outcome in done:
            if outcome.action != "held" and outcome.ids.get("id"):
                self.ids[outcome.document.key] = int(outcome.ids["id"])
        yield from done
        yield from self._texts([one.document for one in done if one.action != "held"])

    def _texts(self, documents: Iterable[Document[Item]]) -> Iterator[Outcome]:
        """Texts in further languages, of what stands in the shop by now."""
        languages: dict[str, list[Document[Item]]] = {}
        for document in documents:
            for language in document.content.texts:
                languages.setdefault(language, []).append(document)
        for language, group in languages.items():
            port = self.ports.setdefault(language, CategoryPort(self.session, language))
            yield from self._run(
                port,
                [
                    port.tree_document(one.source, one.key, one.content.in_language(language), self.ids[one.key], 0)
                    for one in group
                ],
                last=True,
            )

    def _delete(self, keys: Sequence[str]) -> Iterator[Outcome]:
        gone = [key for key in keys if not active(self.records[key].content) and self.ids.get(key)]
        documents = [
            self.port.tree_document(self.records[key].source, key, Item(delete=True), self.ids[key], 0) for key in gone
        ]
        for outcome in self._run(self.port, documents, last=True):
            if outcome.action != "held":
                self.ids[outcome.document.key] = 0
            yield outcome

    def _run(self, port: CategoryPort, documents: Sequence[Document[Item]], *, last: bool) -> list[Outcome]:
        if not documents:
            return []
        port.finder.begin()
        return self.kernel.run(port, documents, last=last)

    # -- what needs no port -------------------------------------------------------------------------------------------

    def _waits(self, key: str, subject: str) -> Outcome:
        return self._outcome(key, "held", "waits_for_parent", subject)

    def _outcome(self, key: str, action: Any, reason: str, subject: str = "") -> Outcome:
        return Outcome(Document(key, self.records[key].source, None, {}), action, reason=reason, subject=subject)

    def _decided(self, outcomes: Iterable[Outcome]) -> list[Outcome]:
        made = list(outcomes)
        self.kernel.report(PURPOSE, made)
        return made

    def _name_what_is_left_out(self) -> None:
        roles = {role for one in self.records.values() for role in texts(one.content.texts)[1]}
        self.session.dropped("categories", "have no place in a category of the shop and are left out", roles)
        if any(one.content.image is not None for one in self.records.values()):
            self.session.dropped("categories", "are not written and are left out", ["image"])


def _parent_key(category: Category) -> str:
    """The key of the parent, or ""; a parent that is named by its code alone is of the same source."""
    if category.parent is None:
        return ""
    return category.parent.key or f"{category.key.rpartition(':')[0]}:{category.parent.code}"
