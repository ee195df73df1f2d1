"""Singer messages on standard output, written whole or not at all: what all taps here share."""

from upsert.singer.output import Output, _encoder

__all__ = ["Output", "_encoder"]
