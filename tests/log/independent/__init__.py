"""Programs that other people wrote check our log: Go's sumdb packages and Sigstore's verifier."""
