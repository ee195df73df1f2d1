"""Orders of every kind that a shop meets: each a named function making a description.

What `POST /_sandbox/orders` takes. The text of each kind stands in its decorator.
"""

# ruff: noqa: D103
from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.seed import people
from sandbox.seed.catalogue import rate

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

Said = dict[str, Any]

HIGH, LOW, NONE = Decimal("0.21"), Decimal("0.09"), Decimal(0)


@dataclass(frozen=True, slots=True)
class Draw:
    """What a kind draws from: chance, a number that no other order has, the shop and what it sells."""

    chance: random.Random
    number: int
    basis: str
    skus: Sequence[str]

    def sku(self, vat: Decimal | None = None) -> str:
        """An article, of one Dutch VAT rate when asked."""
        fitting = [sku for sku in self.skus if vat is None or rate(int(sku[4:])) == vat]
        return self.chance.choice(fitting or self.skus)

    def lines(self, count: int | None = None) -> list[Said]:
        """Some lines of different articles."""
        wanted = count or self.chance.randint(1, 4)
        chosen = self.chance.sample(list(self.skus), min(wanted, len(self.skus)))
        return [{"sku": sku, "quantity": self.chance.choice((1, 1, 1, 2, 3))} for sku in chosen]

    def money(self, incl: str) -> Decimal:
        """An amount in the shop's basis, given including 21 % VAT."""
        amount = Decimal(incl)
        return amount if self.basis == "incl" else (amount / (1 + HIGH)).quantize(Decimal("0.01"))

    def order(self, country: str = "nl", **more: Any) -> Said:
        """A paid order of a registered consumer; `more` replaces parts of it."""
        who = people.person(self.chance, self.number, country)
        said: Said = {
            "customer": who,
            "billing": people.address(self.chance, who, country),
            "lines": self.lines(),
            "shipment": {"title": "PostNL", "price": self.money("6.95")},
            "payment": {"id": "mollie", "method": "ideal", "title": "iDEAL", "paid": True},
        }
        extra = more.pop("customer", {})
        return {**said, **more, "customer": {**who, **extra}}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: what it is about, and the function that draws one."""

    text: str
    draw: Callable[[Draw], Said]


KINDS: dict[str, Kind] = {}


def _kind(text: str) -> Callable[[Callable[[Draw], Said]], Callable[[Draw], Said]]:
    def add(function: Callable[[Draw], Said]) -> Callable[[Draw], Said]:
        KINDS[function.__name__] = Kind(text, function)
        return function

    return add


def describe(kind: str, chance: random.Random, number: int, basis: str, skus: Sequence[str]) -> Said:
    """A description of an order of a kind; key `after` holds steps to do once it is placed.

    Raises:
        KeyError: unknown kind.
    """
    return KINDS[kind].draw(Draw(chance, number, basis, skus))


@_kind("a few lines, paid, in the shop's own basis")
def plain(draw: Draw) -> Said:
    return draw.order()


@_kind("lines of 21, 9 and 0 % in one order")
def three_rates(draw: Draw) -> Said:
    return draw.order(lines=[{"sku": draw.sku(vat), "quantity": 2} for vat in (HIGH, LOW, NONE)])


@_kind("no VAT at all: an exempt sale")
def exempt(draw: Draw) -> Said:
    return draw.order(exempt=True)


@_kind("company with a VAT number in another EU country: reverse charge, isVatShifted on the invoice")
def reverse_charged(draw: Draw) -> Said:
    return draw.order("be", customer=people.company(draw.chance, draw.number, f"BE0{100_000_000 + draw.number}"))


@_kind("goods to Switzerland: export, 0 %")
def export_ch(draw: Draw) -> Said:
    return draw.order("ch")


@_kind("goods to the United States: export, 0 %")
def export_us(draw: Draw) -> Said:
    return draw.order("us")


@_kind("consumer in Belgium: Belgian rates (one-stop shop)")
def oss_be(draw: Draw) -> Said:
    return draw.order("be", lines=[{"sku": draw.sku(HIGH), "quantity": 2}, {"sku": draw.sku(LOW)}])


@_kind("consumer in Germany: German rates (one-stop shop)")
def oss_de(draw: Draw) -> Said:
    return draw.order("de", lines=[{"sku": draw.sku(HIGH), "quantity": 3}, {"sku": draw.sku(LOW)}])


@_kind("consumer in France: French rates (one-stop shop)")
def oss_fr(draw: Draw) -> Said:
    return draw.order("fr", lines=[{"sku": draw.sku(HIGH)}, {"sku": draw.sku(LOW), "quantity": 2}])


@_kind("coupon of a fixed amount over mixed rates")
def coupon(draw: Draw) -> Said:
    lines = [{"sku": draw.sku(HIGH), "quantity": 2}, {"sku": draw.sku(LOW), "quantity": 2}]
    return draw.order(lines=lines, discount={"amount": Decimal("2.50"), "code": "WELKOM"})


@_kind("coupon of 10 % over mixed rates")
def coupon_percentage(draw: Draw) -> Said:
    lines = [{"sku": draw.sku(HIGH), "quantity": 3}, {"sku": draw.sku(LOW)}, {"sku": draw.sku(NONE)}]
    return draw.order(lines=lines, discount={"percentage": Decimal("0.1"), "code": "TIEN"})


@_kind("one line below its list price")
def line_discount(draw: Draw) -> Said:
    lines = [{"sku": draw.sku(HIGH), "quantity": 3, "discount": Decimal("0.50")}, {"sku": draw.sku(LOW)}]
    return draw.order(lines=lines)


@_kind("discount on the shipment")
def shipping_discount(draw: Draw) -> Said:
    return draw.order(shipment={"title": "PostNL", "price": draw.money("6.95"), "discount": draw.money("3.00")})


@_kind("free shipment")
def free_shipping(draw: Draw) -> Said:
    return draw.order(shipment={"title": "Gratis verzending", "price": 0})


@_kind("a surcharge for the way of payment")
def payment_cost(draw: Draw) -> Said:
    payment = {"id": "mollie", "method": "klarna", "title": "Klarna", "price": draw.money("1.95"), "paid": True}
    return draw.order(payment=payment)


@_kind("part of it paid with a gift card: the total stays what it is")
def gift_card(draw: Draw) -> Said:
    return draw.order(gift_cards=[{"code": f"GIFT{draw.number:04}", "amount": Decimal("10.00")}])


@_kind("gift wrap as a line of its own item")
def gift_wrap(draw: Draw) -> Said:
    return draw.order(lines=[*draw.lines(2), {"sku": "INPAK", "quantity": 1}])


@_kind("guest without an account")
def guest(draw: Draw) -> Said:
    return draw.order(customer={"guest": True})


@_kind("Dutch company with its contact")
def company(draw: Draw) -> Said:
    return draw.order(customer=people.company(draw.chance, draw.number, f"NL{800_000_000 + draw.number}B01"))


@_kind("company name filled in, isCompany false")
def company_name_only(draw: Draw) -> Said:
    return draw.order(customer={"isCompany": False, "companyName": f"Atelier {draw.number}"})


@_kind("isCompany true, no company name")
def company_flag_only(draw: Draw) -> Said:
    return draw.order(customer={"isCompany": True, "companyName": ""})


@_kind("fetched in the shop")
def pick_up(draw: Draw) -> Said:
    return draw.order(shipment={"title": "Afhalen in de winkel", "price": 0, "pickup": True})


@_kind("the same SKU on two lines")
def same_sku_twice(draw: Draw) -> Said:
    sku = draw.sku(HIGH)
    return draw.order(lines=[{"sku": sku, "quantity": 1}, {"sku": sku, "quantity": 2}])


@_kind("a text of the shopper's own on a line, with a surcharge")
def custom_fields(draw: Draw) -> Said:
    own = [{"title": "Gravure", "value": "Voor altijd"}]
    return draw.order(lines=[{"sku": draw.sku(HIGH), "custom_fields": own, "custom": draw.money("2.50")}])


@_kind("the variant was deleted later: the line only has its copied SKU")
def deleted_variant(draw: Draw) -> Said:
    return draw.order(lines=[{"sku": draw.sku(), "deleted_variant": True}, {"sku": draw.sku()}])


@_kind("60 lines, more than an embedded list may show")
def sixty_lines(draw: Draw) -> Said:
    return draw.order(lines=draw.lines(60))


@_kind("everything for nothing: paid at once")
def zero_total(draw: Draw) -> Said:
    return draw.order(
        lines=draw.lines(1),
        shipment={"title": "Gratis verzending", "price": 0},
        discount={"percentage": Decimal(1), "code": "GRATIS"},
        payment={"id": "external", "title": "Geen betaling nodig"},
    )


@_kind("the total misses its own sum by one to four cents")
def off_by_cents(draw: Draw) -> Said:
    return draw.order(miss=Decimal(draw.chance.choice((-4, -2, -1, 1, 3, 4))) / 100)


_TYPED = (
    "Laan 1940-1945 3",
    "1e Kruisweg 36",
    "Plein 1944 12",
    "Dorpsstraat 23 - II",
    "Kade B 03",
    "16 april 1944 Pad 1",
    "Stationsplein 45 unit A4.004",
    "Nieuwezijds Voorburgwal 120-3hoog",
)


@_kind("the house number typed into the street")
def number_in_street(draw: Draw) -> Said:
    said = draw.order()
    typed = {"street": _TYPED[draw.number % len(_TYPED)], "number": "", "extension": ""}
    return {**said, "billing": {**said["billing"], **typed}}


@_kind("house number and extension in one field")
def extension_in_number(draw: Draw) -> Said:
    said = draw.order()
    return {**said, "billing": {**said["billing"], "number": "12-B", "extension": ""}}


@_kind("letters and signs from everywhere")
def unicode(draw: Draw) -> Said:
    said = draw.order(comment="Bedankt 😀 — graag vóór zaterdag, Ærø/Łódź, 北京 \u200b«ok»")
    said["customer"].update(firstname="Zoë", middlename="d'", lastname="Ångström-Øster")
    said["billing"].update(name="Zoë d'Ångström-Øster", street="Škodastraße", city="'s-Hertogenbosch")
    return said


@_kind("texts longer than most fields of an ERP")
def long_texts(draw: Draw) -> Said:
    said = draw.order(comment="Graag bellen voor levering. " * 150, memo="Klant belde. " * 80)
    said["billing"].update(street2="Derde etage achter het grote magazijn, ingang aan de zijkant, bel bij de conciërge")
    said["customer"].update(
        lastname="Van Heel Lange Achternaam Met Nog Veel Meer Woorden Erachter Tot Het Niet Meer Past"
    )
    return said


@_kind("delivered to another address than billed")
def other_address(draw: Draw) -> Said:
    receiver = people.person(draw.chance, draw.number + 500_000)
    return draw.order(shipping={**people.address(draw.chance, receiver), "company": "Bloemen & Zo"})


@_kind("a foreign telephone number and country, consumer")
def foreign_phone(draw: Draw) -> Said:
    said = draw.order(draw.chance.choice(("it", "gb", "de")))
    said["customer"]["mobile"] = "0039 333 123 4567"
    return said


@_kind("bank transfer that has not come in")
def unpaid_transfer(draw: Draw) -> Said:
    return draw.order(payment={"id": "banktransfer", "method": "banktransfer", "title": "Bankoverschrijving"})


@_kind("on account: unpaid, and that is fine")
def on_account(draw: Draw) -> Said:
    payment = {"id": "invoice", "method": "invoice", "title": "Op rekening", "post": True, "invoice_external": True}
    return draw.order(payment=payment, customer=people.company(draw.chance, draw.number))


@_kind("cancelled after it was placed")
def cancelled(draw: Draw) -> Said:
    said = draw.order(payment={"id": "banktransfer", "method": "banktransfer", "title": "Bankoverschrijving"})
    return {**said, "after": ("cancel",)}


@_kind("a customer who ordered before, with another case in the e-mail address")
def returning(draw: Draw) -> Said:
    return draw.order(customer={"email": "Vaste.Klant@Example.com", "firstname": "Vera", "lastname": "Klant"})


@_kind("PayPal, large quantities")
def many_pieces(draw: Draw) -> Said:
    payment = {"id": "paypal", "method": "paypal", "title": "PayPal", "paid": True}
    return draw.order(
        payment=payment, lines=[{"sku": draw.sku(), "quantity": 144}, {"sku": draw.sku(), "quantity": 12}]
    )


@_kind("shipped, with a tracking code")
def shipped(draw: Draw) -> Said:
    return {**draw.order(), "after": ("ship",)}


@_kind("another language than the shop's default, from a mobile telephone, to a day")
def english(draw: Draw) -> Said:
    return draw.order(language="en", channel="mobile", delivery_date="2026-12-05")
