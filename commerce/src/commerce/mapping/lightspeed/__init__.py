"""Orders and customers of Lightspeed eCom (C-Series), as tap-lightspeed emits them, in the terms of the contract.

What is said about the API here comes from recorded responses; what they leave open is decided per order by arithmetic
or is an option.
"""

from commerce.mapping.lightspeed.customers import customer
from commerce.mapping.lightspeed.documents import order
from commerce.mapping.lightspeed.feeds import feeds
from commerce.mapping.lightspeed.options import Options
from commerce.mapping.lightspeed.reading import key_of, source_line

__all__ = ["Options", "customer", "feeds", "key_of", "order", "source_line"]
