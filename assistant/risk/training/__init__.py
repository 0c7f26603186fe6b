"""Training of the classifiers: data, five kinds of model, nested cross-validation, conformal sets, cards, plots and registration.

Nothing here is imported when a classifier serves. `python -m assistant.risk.training [task ...]` trains the house's own tasks;
`train_csv` is what `assistant risk train` calls for a user's file.
"""
