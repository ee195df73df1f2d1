"""The client: what a program asks of AFAS Profit, in one class."""

from __future__ import annotations

import threading
from collections import Counter, deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pydantic import BaseModel, ValidationError

from afas_profit.call import Call
from afas_profit.caller import Caller
from afas_profit.classify import no_answer
from afas_profit.clock import SYSTEM_CLOCK, Clock
from afas_profit.edge import Edge, Timeouts
from afas_profit.elements import Element, WriteResult, body, delete_path, ids, segment
from afas_profit.environment import EnvironmentKind, base_url_of, checked_base_url
from afas_profit.errors import BadRequest, Refused
from afas_profit.files import File, ImageSize, file_call, image_call, read_file, subject_call
from afas_profit.filters import Filter, filter_query, pack_equals
from afas_profit.metainfo import GetConnectorInfo, MetaInfo, UpdateConnectorInfo
from afas_profit.questions import Question, most_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType

    import httpx

    from afas_profit.auth import Auth

MOST_CALLS = 5
_LANGUAGES = ("nl-nl", "nl-be", "en-us", "fr-fr", "de-de")
_DEFAULT_TIMEOUTS = Timeouts()

Model = TypeVar("Model", bound=BaseModel)
Parsed = TypeVar("Parsed")


class Afas:
    """One environment of AFAS Profit, seen by one app connector.

    Thread-safe: share one instance. At most `max_calls` calls are under way over all threads; further ones wait. Reads
    are repeated when that can help; writes only when it is known that nothing was done. What is raised: see `errors`.

    Args:
        base_url: such as `https://12345.rest.afas.online/ProfitRestServices`; see `for_environment`.
        auth: `ClassicToken` or `ClientCredentials`.
        language: of labels, messages and some values: `nl-nl`, `nl-be`, `en-us`, `fr-fr`, `de-de` and, from Profit 8,
            others. Always sent, as row values depend on it.
        integration_id: `12345_123456`; mandatory for AFAS partners.
        transport: replaces the network, for tests.
        clock: replaces time, for tests.
        max_calls: 1 to 5, AFAS's own limit (read-api 5.3).
        timeouts: seconds per kind of call.
        longest_wait: seconds that one call may wait for an AFAS that says when it is back, before `Unavailable`. A
            write is begun again within 25 s of its first try or not at all: AFAS's 900 s can be counted from there.

    Attributes:
        calls: how often each verb and endpoint was called, repeats included: `{"POST connectors/FbSales": 12}`.

    Raises:
        ValueError: a base URL, language or limit that can't be right.
    """

    def __init__(
        self,
        base_url: str,
        auth: Auth,
        *,
        language: str = "nl-nl",
        integration_id: str | None = None,
        transport: httpx.BaseTransport | None = None,
        clock: Clock = SYSTEM_CLOCK,
        max_calls: int = MOST_CALLS,
        timeouts: Timeouts = _DEFAULT_TIMEOUTS,
        longest_wait: float = 60.0,
    ) -> None:
        if not 1 <= max_calls <= MOST_CALLS:
            raise ValueError(f"max_calls is 1 to {MOST_CALLS}: AFAS takes no more at once")
        if len(language) != 5 or language[2] != "-" or not language.isascii():
            raise ValueError(f"language is a code such as {', '.join(_LANGUAGES)}")
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "Accept-Language": language.lower(),
        }
        if integration_id:
            headers["IntegrationId"] = integration_id
        self._max_calls = max_calls
        self._edge = Edge(
            checked_base_url(base_url),
            headers={**headers, "User-Agent": "afas-profit"},
            transport=transport,
            clock=clock,
            max_calls=max_calls,
            timeouts=timeouts,
        )
        self._caller = Caller(self._edge, auth, clock=clock, longest_wait=longest_wait)
        self._field_counts: dict[str, int] = {}
        self._lock = threading.Lock()

    @classmethod
    def for_environment(cls, code: str, auth: Auth, *, kind: EnvironmentKind | None = None, **options: Any) -> Self:
        """The client of an environment of AFAS Online.

        Args:
            code: `O12345AA`, `T12345AA`, `A12345AA`, or only the digits with `kind`.
            auth: as above.
            kind: `production` (the default for bare digits), `test`, `accept` or `course`.
            options: further arguments of the class.

        Raises:
            ValueError: not a code, or `kind` contradicts it.
        """
        return cls(base_url_of(code, kind), auth, **options)

    @property
    def calls(self) -> Counter[str]:
        """Calls made, by verb and endpoint."""
        return self._edge.calls

    def close(self) -> None:
        """Close the connections."""
        self._edge.close()

    def __enter__(self) -> Self:
        """Use as a context manager to close the connections at the end."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # Reading

    def rows(
        self,
        connector: str,
        where: Filter | None = None,
        *,
        order_by: Sequence[str],
        page_size: int | None = None,
        fields: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """All rows of a GetConnector, page by page.

        A row is as AFAS gives it: every field, empty ones as None, fractions as Decimal, times as local text (see
        `from_afas`). Pages have no snapshot: rows that move while paging can come twice or not at all, so read
        incrementally with an overlap, sorted by what doesn't change.

        Args:
            connector: id of the GetConnector.
            where: filter, or None for every row.
            order_by: a unique combination of field ids; `-` before one sorts it downwards. Without it AFAS's paging
                doubles and loses rows (read-api 2.3), so it is required.
            page_size: rows per call, at most what the number of fields allows.
            fields: number of fields of the connector, when you know it; else it is learnt from the first page, or from
                an earlier `get_metainfo`.

        Raises:
            ValueError: no sort, or a sort field AFAS can't sort on.
            FilterTooLong: the filter doesn't fit; see `rows_where_any`.
            AfasError: see `errors`. Raised while iterating.
        """
        _check_size(page_size)
        question = Question.of(connector, filter_query(where), order_by)
        question.check()
        return (row for page in self._pages(question, page_size, fields) for row in page)

    def page(
        self,
        connector: str,
        where: Filter | None = None,
        *,
        order_by: Sequence[str],
        skip: int,
        take: int,
        parse: Callable[[bytes], Parsed],
    ) -> Parsed:
        """One page of a GetConnector, read by a function of the caller: for programs that page themselves.

        Args:
            connector: id of the GetConnector.
            where: filter, or None for every row.
            order_by: as in `rows`.
            skip: rows to leave out, 0 or more.
            take: most rows to give, at least 1; see `most_rows`.
            parse: makes what is wanted of the answer's bytes (`{"skip":…,"take":…,"rows":[…]}`). It raises ValueError
                when they are not such an answer; the call is then repeated like any answer that was cut off.

        Raises:
            ValueError: as in `rows`, or a skip or take that can't be right.
            FilterTooLong: the filter doesn't fit.
            AfasError: see `errors`.
        """
        _check_size(take)
        if skip < 0:
            raise ValueError("skip is at least 0")
        result: Parsed = self._caller.perform(
            Question.of(connector, filter_query(where), order_by).call(skip, take), parse
        )
        return result

    def rows_where_any(
        self,
        connector: str,
        field: str | Sequence[str],
        values: Iterable[str],
        *,
        order_by: Sequence[str],
        page_size: int | None = None,
        fields: int | None = None,
    ) -> Iterator[dict[str, Any]]:
        """The rows in which a field equals one of many values, in as few calls as the length of a URL allows.

        AFAS compares without regard to case. Rows come in no particular order over the whole.

        Args:
            connector: id of the GetConnector.
            field: field id, or several: each value is looked for in each.
            values: the texts to find; doubles and empty texts are left out. None at all: no call, no rows.
            order_by: as in `rows`.
            page_size: as in `rows`.
            fields: as in `rows`.

        Yields:
            Each row that matches, once, also when several of its fields match.

        Raises:
            ValueError: as in `rows`.
            FilterTooLong: one value alone is too long.
            AfasError: see `errors`. Raised while iterating; queries not yet begun are then dropped.
        """
        _check_size(page_size)
        names = [field] if isinstance(field, str) else list(field)
        base = Question.of(connector, "", order_by)
        questions = [base.asking(text) for text, _ in pack_equals(names, values, base.room)]
        for question in questions:
            question.check()
        pages = self._at_once([_bind(self._all, question, page_size, fields) for question in questions])
        if len(names) == 1 or len(questions) == 1:
            return (row for page in pages for row in page)
        return _first_seen(pages)

    def metainfo(self) -> MetaInfo:
        """What the token may use, and which environment it belongs to."""
        return self._model(MetaInfo, Call("GET", "metainfo", "metainfo", connector="metainfo"))

    def get_metainfo(self, connector: str) -> GetConnectorInfo:
        """Definition of a GetConnector.

        Raises:
            ConnectorDenied: unknown, or not in the app connector.
            AfasError: see `errors`.
        """
        name = f"metainfo/get/{segment(connector)}"
        info = self._model(GetConnectorInfo, Call("GET", name, name, connector=connector))
        self._learn(connector, len(info.fields))
        return info

    def update_metainfo(self, connector: str) -> UpdateConnectorInfo:
        """Write schema of an UpdateConnector, free fields included.

        Raises:
            ConnectorDenied: unknown, or not in the app connector.
            AfasError: see `errors`.
        """
        name = f"metainfo/update/{segment(connector)}"
        return self._model(UpdateConnectorInfo, Call("GET", name, name, connector=connector))

    def image(self, image_id: int | str, size: ImageSize = "original") -> File | None:
        """An image by the id that a field of a connector gives; None when there is none.

        Raises:
            AfasError: see `errors`.
            ValueError: an empty id.
        """
        return self._file(image_call(image_id, size))

    def file(self, file_id: str, filename: str) -> File | None:
        """A file of a record, by the id and name that fields of a connector give; None when there is none.

        Raises:
            AfasError: see `errors`.
        """
        return self._file(file_call(file_id, filename))

    def subject_file(self, subject_id: int | str, file_id: str) -> File | None:
        """An attachment of a dossier item; None when it is missing, or the user may not see it (AFAS says 404 to both).

        Needs `AppConnectorSubject` in the app connector.

        Raises:
            AfasError: see `errors`.
            ValueError: an empty id.
        """
        return self._file(subject_call(subject_id, file_id))

    def version(self) -> str:
        """Version of Profit, such as `22.22.5`. Needs `AppConnectorVersion` in the app connector."""
        call = Call("GET", "ProfitVersion", "ProfitVersion", connector="AppConnectorVersion")
        answer = self._caller.perform(call)
        return str(answer.get("version", "")) if isinstance(answer, dict) else ""

    def server_now(self) -> datetime:
        """AFAS's own clock, in UTC: the `Date` of its last answer and the time gone since.

        Never later than its true clock by more than the way of an answer; up to a second earlier, as the header has
        whole seconds. Makes a call only when there was none before.

        Raises:
            AfasError: that call failed, or no answer carries a date.
        """
        if (now := self._edge.server_now()) is None:
            try:
                self.version()
            except Refused:
                now = self._edge.server_now()  # a refusal has a date too
                if now is None:
                    raise
            else:
                now = self._edge.server_now()
        if now is None:
            raise no_answer(Call("GET", "ProfitVersion", ""), "without a date")
        return now

    # Writing

    def insert(self, connector: str, element: Element | Sequence[Element]) -> WriteResult:
        """Insert one record, or several in one transaction, with their sub-objects.

        Nothing in AFAS is idempotent: a repeated insert makes a second record.

        Args:
            connector: id of the UpdateConnector.
            element: the record or records.

        Returns:
            The keys AFAS gave, for connectors that answer with any.

        Raises:
            InDoubt: AFAS may have done it.
            AfasError: see `errors`; its `write` says what is known.
            TypeError: a value AFAS has no form for, such as a float.
            ValueError: no record, or such a value.
        """
        return self._write("POST", connector, connector, element)

    def update(self, connector: str, element: Element | Sequence[Element]) -> WriteResult:
        """Change records; their keys are in the element. Raises and returns as `insert` does."""
        return self._write("PUT", connector, connector, element)

    def insert_sub(self, connector: str, sub_object: str, element: Element | Sequence[Element]) -> WriteResult:
        """Insert sub-records below an existing record.

        Args:
            connector: id of the UpdateConnector.
            sub_object: name of the sub-object, such as `FbSalesLines`.
            element: the whole body from the root, with the key of the main record and the new sub-records.

        Returns:
            As `insert` does; never the keys of lines.

        Raises:
            AfasError: as `insert` does.
        """
        return self._write("POST", f"{connector}/{segment(sub_object)}", connector, element)

    def delete(
        self,
        connector: str,
        keys: Mapping[str, str],
        *,
        main: str | None = None,
        sub: tuple[str, Mapping[str, str]] | None = None,
    ) -> None:
        """Delete a record, or one of its sub-records. Final.

        Args:
            connector: id of the UpdateConnector.
            keys: key codes and values of the main record: `{"OrNu": "60005490"}`.
            main: name of the main object, when it is not the root of the connector.
            sub: name and keys of the sub-record to delete instead of the main one.

        Raises:
            AfasError: as `insert` does.
            ValueError: a key that is missing, empty or can't be written in a path.
        """
        endpoint = f"connectors/{connector}" + (f"/{sub[0]}" if sub else "")
        target = delete_path(connector, keys, main, sub)
        self._caller.perform(Call("DELETE", endpoint, target, "write", connector=connector))

    # How

    def _write(self, verb: str, path: str, connector: str, element: Element | Sequence[Element]) -> WriteResult:
        target = f"connectors/{segment(connector)}{path[len(connector) :]}"
        call = Call(verb, f"connectors/{path}", target, "write", body(connector, element), connector)
        return WriteResult(ids(self._caller.perform(call)))

    def _pages(self, question: Question, page_size: int | None, fields: int | None) -> Iterator[list[dict[str, Any]]]:
        if fields is not None:
            self._learn(question.connector, fields)
        skip = 0
        while True:
            most = most_rows(self._field_counts.get(question.connector))
            take = min(page_size, most) if page_size else most
            call = question.call(skip, take)
            answer = self._caller.perform(call)
            page = answer.get("rows") if isinstance(answer, dict) else None
            if not isinstance(page, list):
                raise no_answer(call, "no rows in it")
            if page:
                self._learn(question.connector, len(page[0]))
                yield page
            # AFAS repeats `take` in its answer: should it ever serve less than was asked, that is the full page.
            told = answer.get("take")
            if len(page) < (min(take, told) if isinstance(told, int) and told > 0 else take):
                return
            skip += len(page)

    def _all(self, question: Question, page_size: int | None, fields: int | None) -> list[dict[str, Any]]:
        return [row for page in self._pages(question, page_size, fields) for row in page]

    def _at_once(self, tasks: Sequence[Callable[[], list[dict[str, Any]]]]) -> Iterator[list[dict[str, Any]]]:
        """Results in the order of the tasks; a few tasks ahead of the reader are under way."""
        if len(tasks) < 2 or self._max_calls == 1:
            yield from (task() for task in tasks)
            return
        waiting = iter(tasks)
        pool = ThreadPoolExecutor(min(len(tasks), self._max_calls), thread_name_prefix="afas-profit")
        running: deque[Future[list[dict[str, Any]]]] = deque()
        try:
            for task in waiting:
                running.append(pool.submit(task))
                if len(running) >= 2 * self._max_calls:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _file(self, call: Call) -> File | None:
        try:
            answer = self._caller.perform(call)
        except BadRequest as error:
            if error.status == 404:
                return None
            raise
        try:
            return read_file(answer)
        except ValueError as error:
            raise no_answer(call, str(error)) from None

    def _learn(self, connector: str, fields: int) -> None:
        if fields > 0:
            with self._lock:
                self._field_counts[connector] = fields

    def _model(self, model: type[Model], call: Call) -> Model:
        answer = self._caller.perform(call)
        try:
            return model.model_validate(answer)
        except ValidationError as error:
            raise no_answer(call, f"{error.error_count()} fields of an unknown shape") from None


def _check_size(page_size: int | None) -> None:
    if page_size is not None and page_size < 1:
        raise ValueError("page_size is at least 1")


def _bind(
    make: Callable[[Question, int | None, int | None], list[dict[str, Any]]],
    question: Question,
    page_size: int | None,
    fields: int | None,
) -> Callable[[], list[dict[str, Any]]]:
    return lambda: make(question, page_size, fields)


def _first_seen(pages: Iterable[list[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Rows without those that an earlier query brought too; equal rows within one query are all kept."""
    before: set[tuple[Any, ...]] = set()
    for page in pages:
        fresh = [row for row in page if tuple(row.values()) not in before]
        before.update(tuple(row.values()) for row in fresh)
        yield from fresh
