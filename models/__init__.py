"""Learned models and their measures: arrays in, arrays out.

Nothing here knows of the marketplace. A model is told ids, labels and texts, and answers with
probabilities, rankings and scores, so that it can be tested, timed and replaced alone. The modules
are imported by name (`from models.recommender import NeuralRecommender`): importing this package
loads neither PyTorch nor the search library.
"""
