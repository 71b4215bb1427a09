"""Clock work: what happens without anybody asking."""
