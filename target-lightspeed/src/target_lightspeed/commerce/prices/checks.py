"""What must be right before the first price is written: one error for each kind of mistake, not one per row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_lightspeed.failures import reading
from upsert.errors import ConfigurationError

if TYPE_CHECKING:
    from target_lightspeed.commerce.prices.choice import Choice
    from target_lightspeed.commerce.prices.settings import PriceSettings
    from target_lightspeed.session import Session

_SHOWN = 5


def check_settings(settings: PriceSettings) -> None:
    """Settings that can't be guessed.

    Raises:
        ConfigurationError: `basis` is missing.
    """
    if settings.basis is None:
        raise ConfigurationError(
            "prices: set `prices.basis` to excl or incl: whether the shop's prices are written without or with VAT is "
            "never guessed"
        )


def check_choice(choice: Choice, settings: PriceSettings) -> None:
    """What the rows themselves show.

    Raises:
        ConfigurationError: A list or group isn't mapped, rows are on the other basis, or there are too many of them.
    """
    if choice.unmapped:
        codes = sorted(choice.unmapped)
        raise ConfigurationError(
            f"prices: {len(codes)} price list{'s' if len(codes) > 1 else ''} or group{'s' if len(codes) > 1 else ''} "
            f"not named in the settings: {_some(codes)}. Map each in `prices.groups` to the title of a customer group "
            "of the shop, or to `ignore`; nothing is written before"
        )
    if choice.bases_of:
        ((basis, sku), *_) = sorted(choice.bases_of.items())
        raise ConfigurationError(
            f"prices: there are prices {basis}. VAT (such as that of {sku}), but the shop's are written on the other "
            f"basis: set `prices.basis` to {basis}, or `prices.convert` to true (it needs the items' VAT rates); "
            "nothing is written before"
        )
    if len(choice.discounts) > settings.max_group_rows:
        raise ConfigurationError(
            f"prices: {len(choice.discounts):,} tiers and group prices, one call each to write, are more than "
            f"`prices.max_group_rows` ({settings.max_group_rows:,}); the shop allows 12,000 calls a day. Ignore lists "
            "or tiers, give a group a percentage in the shop instead, or raise the limit; nothing is written before"
        )


def check_shop(session: Session, choice: Choice) -> dict[str, int]:
    """What only the shop knows: currency, business customers, groups.

    Args:
        session: Of the run.
        choice: What is to be written.

    Returns:
        Title -> id of the customer groups that are used.

    Raises:
        ConfigurationError: The shop can't take these prices.
        Outage: It doesn't answer.
    """
    with reading():
        shop = session.client.get("shop")
    currency = _currency(shop)
    wrong = {code: sku for code, sku in choice.currencies.items() if code != currency}
    if wrong:
        ((code, sku), *_) = sorted(wrong.items())
        raise ConfigurationError(
            f"prices: the shop's currency is {currency or 'unknown'}, but there are prices in {code} (such as that of "
            f"{sku}): choose another price list in `prices.list`, or ignore that one; nothing is written before"
        )
    titles = {one.group for one in choice.discounts} - {""}
    if not titles:
        return {}
    with reading():
        has_b2b = session.client.get("shop/limits").get("hasB2b")
    if not (shop.get("isB2b") and has_b2b):
        raise ConfigurationError(
            "prices: this shop has no prices for customer groups (they need its B2B function): switch that on in the "
            "back office, or set these lists to `ignore` in `prices.groups`; nothing is written before"
        )
    return group_ids(session, titles)


def group_ids(session: Session, titles: set[str]) -> dict[str, int]:
    """Title -> id of customer groups.

    Raises:
        ConfigurationError: The shop doesn't have one of them, or has it twice.
        Outage: It doesn't answer.
    """
    with reading():
        rows = session.lookups.all(session.resource("groups"), ("id", "title"), owner=None, fresh=False)
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(str(row.get("title") or "").strip(), []).append(row["id"])
    missing = sorted(title for title in titles if title not in found)
    if missing:
        raise ConfigurationError(
            f"prices: the shop has no customer group {_some(missing)}: make it in the back office, let the stream "
            "customer_groups make it, or correct `prices.groups`; nothing is written before"
        )
    if double := sorted(title for title in titles if len(found[title]) > 1):
        raise ConfigurationError(
            f"prices: the shop has more than one customer group {_some(double)}: rename one; nothing is written before"
        )
    return {title: found[title][0] for title in titles}


def _currency(shop: dict[str, Any]) -> str:
    currency = shop.get("currency")
    return str(currency.get("shortcode") or "").upper() if isinstance(currency, dict) else str(currency or "").upper()


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"`{name}`" for name in names[:_SHOWN]) + more
