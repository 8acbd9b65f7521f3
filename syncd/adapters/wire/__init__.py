"""Wire formats that several channels share: signatures, envelopes and error tables."""
