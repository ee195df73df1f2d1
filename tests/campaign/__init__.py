"""The fault campaign: random lives of a coupled shop, and a checker that looks at nothing but what both sides kept."""
