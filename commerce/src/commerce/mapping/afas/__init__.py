"""AFAS Profit's own GetConnectors for web shops, as tap-afas emits their rows, in the terms of the contract.

Which connector serves which role, and what its fields are called, is configured; docs/afas-connectors.md describes the
ones that the defaults fit, ``connectors.json`` beside this module is the same for programs.
"""

from commerce.mapping.afas.feeds import feeds
from commerce.mapping.afas.options import Options

__all__ = ["Options", "feeds"]
