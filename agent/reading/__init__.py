"""Reading without a language model: everything said is quoted from an item or computed from one."""
