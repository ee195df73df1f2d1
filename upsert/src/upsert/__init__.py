"""How a record gets into a system once: kernel, intents, outcomes, held records and Singer bases. Knows no business.

Import from the modules: `upsert.model`, `upsert.port`, `upsert.errors`, `upsert.kernel`, `upsert.store`,
`upsert.merge`, `upsert.held`, `upsert.singer`. This one imports nothing, so that a tap starts fast.
"""
