"""A small language model, fine-tuned with few parameters: sentiment, and which texts go together.

Needs the extra `lm`. Texts in, arrays out; like all models it knows nothing of the simulation. An
adapter is what a training changes (LoRA's small matrices and a head, under a megabyte at the usual
rank); the language model below it stays as it came and is shared.
"""
