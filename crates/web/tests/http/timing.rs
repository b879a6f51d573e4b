//! E13, E14: time tells nobody whether an account exists or which digit was wrong.
