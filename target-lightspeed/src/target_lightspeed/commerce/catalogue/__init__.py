"""Products, variants, texts, images and what describes them."""
