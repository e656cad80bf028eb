"""What may leave the house: the gate, the questions to a person, the ledger of effects, and undo."""
