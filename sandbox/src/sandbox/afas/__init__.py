"""AFAS Profit's REST API: GetConnectors, UpdateConnectors, metainfo and tokens over one set of tables."""
