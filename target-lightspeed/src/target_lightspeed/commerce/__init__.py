"""Commerce streams: records of the contract, reconciled with what the shop holds. One folder per flow.

A folder has its settings, pure functions that say what a record wants, the port or ports that bring it about on the
kernel, and the sink that puts them in order.
"""
