//! One delivery engine for every signal: bounded queue, batch, retry, ledger
