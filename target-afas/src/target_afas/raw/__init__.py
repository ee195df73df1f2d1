"""Raw streams: a stream named after an UpdateConnector is written as it is, checked against the live metainfo."""
