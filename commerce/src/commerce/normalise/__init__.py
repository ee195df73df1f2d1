"""Pure functions that bring what people type into one form. All of them are idempotent and none raises on odd input.

No limit of a target stands here (lengths, numeric house numbers): that is the target's business.
"""

from commerce.normalise.addresses import Street, parse_street, split_house_number, split_street
from commerce.normalise.countries import EU, country_code
from commerce.normalise.emails import email_address
from commerce.normalise.names import company_name, full_name, initials, split_infix
from commerce.normalise.phones import phone_number
from commerce.normalise.postal_codes import postal_code

__all__ = [
    "EU",
    "Street",
    "company_name",
    "country_code",
    "email_address",
    "full_name",
    "initials",
    "parse_street",
    "phone_number",
    "postal_code",
    "split_house_number",
    "split_infix",
    "split_street",
]
