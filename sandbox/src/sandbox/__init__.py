"""AFAS Profit and Lightspeed eCom C-Series as local servers, with seed data, faults and a clock."""
