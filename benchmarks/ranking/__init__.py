"""How well suspects are ranked: fleets with an injected culprit, the benchmark, the fitting of the weights, and what each reason is worth."""
