"""The tasks of benchmarks/synthetic.py: each says how its sets are drawn and how a trained model is measured."""
