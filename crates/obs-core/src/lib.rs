//! Context, names, configuration and the loss ledger that every signal of obs shares
